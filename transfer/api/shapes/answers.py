"""What is answered: the contract's shapes, each made of what a projection or command found."""

from datetime import date, datetime
from typing import Self, TypedDict
from uuid import UUID

from pydantic import BaseModel, Field

from projections.position.queries import Group, Held, HeldTerm, Lane, Member
from transfer.api.full_time import FullTimeTold
from transfer.api.http.instants import Instant
from transfer.api.shapes.answer import Answer as Answer
from transfer.api.shapes.answer import BasisTold as BasisTold
from transfer.api.shapes.answer import absent as absent
from transfer.api.shapes.beside import Beside, LinkTold, Objections
from transfer.core.dating.clocks import Clock
from transfer.core.dating.effective_dating import Period
from transfer.core.words import Facet
from transfer.questions.attested import AttestedLog
from transfer.questions.why import Explained, Recording


class Clocked(Answer):
    """An answer by one of the two clocks.

    By the attested one, instants are those of that clock; `known_to_log_at` is how far the log
    itself was read, since a history that is imported later changes what that clock says.
    """

    clock: Clock = Clock.LOG
    known_to_log_at: Instant | None = Field(None, exclude_if=absent)


class ByClock(TypedDict):
    """The fields of `Clocked`."""

    clock: Clock
    known_to_log_at: datetime | None


def by_clock(log: AttestedLog | None) -> ByClock:
    """Which clock an answer is by: the attested one where it was read by that, else the log's."""
    if log is None:
        return {"clock": Clock.LOG, "known_to_log_at": None}
    return {"clock": Clock.ATTESTED, "known_to_log_at": log.known_to_log_at}


class Written(Answer):
    """What a write answers: its first event, and the stream's version after that event.

    `recorded_at` can be used as `known_at`: an answer at that instant includes the whole command
    and nothing after it.
    """

    staff_number: str
    event_id: UUID
    version: int
    recorded_at: Instant


class Supplied(Answer):
    """A value, and the period for which one event supplies it.

    `event_id` is the registration or change that it comes from, `corrected_by` the correction in
    force if any, `recorded_at` when that content was recorded. `effective_to` is excluded; null is
    open.
    """

    value: str
    effective_from: date
    effective_to: date | None
    event_id: UUID
    corrected_by: UUID | None
    recorded_at: Instant
    basis: BasisTold | None

    @classmethod
    def of(cls, held: Held | Period) -> Self:
        """The same from what the projection found."""
        return cls(
            value=held.value,
            effective_from=held.effective_from,
            effective_to=held.effective_to,
            event_id=held.event_id,
            corrected_by=held.corrected_by,
            recorded_at=held.recorded_at,
            basis=BasisTold.of(held.basis),
        )


class EventTold(Answer):
    """An event: what kind it is, when it was recorded, by whom, for what reason and on what."""

    event_id: UUID
    type: str
    recorded_at: Instant
    recorded_by: str
    reason: str | None
    basis: BasisTold | None

    @classmethod
    def of(cls, event: Recording) -> Self:
        """The same from what the log says."""
        return cls(
            event_id=event.event_id,
            type=event.type,
            recorded_at=event.recorded_at,
            recorded_by=event.recorded_by,
            reason=event.reason,
            basis=BasisTold.of(event.basis),
        )


class Why(EventTold):
    """Why a value is what it is on a day: the event whose content is in force, and its past.

    `original` is the entry that this event corrects, null where it corrects none. The record has
    said this of the day since `known_since`, by the events `brought_by`: as a rule this very event;
    an annulment, where that brought an older content back. `replaced` is what the record said of
    the day until then, `preceded_by` the value in force on the day before the period begins; null:
    no value.
    """

    original: EventTold | None
    known_since: Instant
    brought_by: tuple[EventTold, ...]
    replaced: Supplied | None
    preceded_by: Supplied | None

    @classmethod
    def explaining(cls, found: Explained) -> Self:
        """The same from what the log says."""
        return cls(
            **dict(EventTold.of(found.content)),
            original=found.original and EventTold.of(found.original),
            known_since=found.known_since,
            brought_by=tuple(map(EventTold.of, found.brought_by)),
            replaced=found.replaced and Supplied.of(found.replaced),
            preceded_by=found.preceded_by and Supplied.of(found.preceded_by),
        )


class Explicable(Supplied):
    """A value that says why it is what it is, if that was asked for (`why=true`).

    `objections` are the person's own to either of its events; they change no value.
    """

    why: Why | None = Field(None, exclude_if=absent)
    objections: Objections = Field((), exclude_if=absent)

    def with_objections(self, beside: Beside) -> Self:
        """The same, with what the person says of it."""
        objections = beside.to(self.event_id, self.corrected_by)
        return self.model_copy(update={"objections": objections}) if objections else self


class InForce(Explicable):
    """A facet's value in force; under a temporary one, the standing one beneath it."""

    standing: Explicable | None = Field(None, exclude_if=absent)

    def with_objections(self, beside: Beside) -> Self:
        """The same, with what the person says of it and of what it overlays."""
        told = super().with_objections(beside)
        if told.standing is None:
            return told
        return told.model_copy(update={"standing": told.standing.with_objections(beside)})

    @classmethod
    def of(cls, held: Held | Period) -> Self:
        """The same from what the projection found."""
        told = super().of(held)
        if isinstance(held, Period) or held.standing is None:
            return told
        return told.model_copy(update={"standing": Explicable.of(held.standing)})


class TermInForce(Answer):
    """A term held; `exercise` names the one in whose scope they have it, if it is collective."""

    term: str
    value: str
    effective_from: date
    effective_to: date | None
    event_id: UUID
    basis: BasisTold | None
    confidence: str | None
    corrected_by: UUID | None
    recorded_at: Instant
    exercise: str | None = Field(None, exclude_if=absent)
    why: Why | None = Field(None, exclude_if=absent)
    objections: Objections = Field((), exclude_if=absent)

    def with_objections(self, beside: Beside) -> Self:
        """The same, with what the person says of it."""
        objections = beside.to(self.event_id, self.corrected_by)
        return self.model_copy(update={"objections": objections}) if objections else self

    @classmethod
    def of(cls, term: HeldTerm) -> Self:
        """The same from what the projection found."""
        held = term.held
        return cls(
            term=term.term,
            value=held.value,
            effective_from=held.effective_from,
            effective_to=held.effective_to,
            event_id=held.event_id,
            basis=BasisTold.of(held.basis),
            confidence=held.basis.confidence if held.basis else None,
            corrected_by=held.corrected_by,
            recorded_at=held.recorded_at,
            exercise=term.exercise,
        )


class Position(Clocked):
    """Where one person is and under what terms, on a day, as known at an instant.

    `linked` names the other staff numbers of the same person, where there are any. `full_time` is
    there for who has several jobs on that day: what their parts of a full time add up to.
    """

    staff_number: str
    effective_at: date
    known_at: Instant
    assignment: str
    position: dict[Facet, InForce]
    terms: tuple[TermInForce, ...]
    full_time: FullTimeTold | None = Field(None, exclude_if=absent)
    linked: tuple[LinkTold, ...] = Field((), exclude_if=absent)


class Stretch(Explicable):
    """A period on a timeline; `temporary` where it overlays a standing value."""

    temporary: bool

    @classmethod
    def of(cls, held: Held | Period) -> Self:
        """The same from what the projection found."""
        return cls(
            value=held.value,
            effective_from=held.effective_from,
            effective_to=held.effective_to,
            event_id=held.event_id,
            corrected_by=held.corrected_by,
            recorded_at=held.recorded_at,
            basis=BasisTold.of(held.basis),
            temporary=held.temporary,
        )


class FacetPeriods(Answer):
    """The periods of one facet, oldest first; `beneath`, the standing ones that are overlaid.

    A temporary `null` is a gap between periods, and puts none beneath it.
    """

    assignment: str
    facet: Facet
    periods: tuple[Stretch, ...]
    beneath: tuple[Stretch, ...]

    @classmethod
    def of(cls, lane: Lane, beside: Beside) -> Self:
        """The same from what the projection found."""
        return cls(
            assignment=lane.assignment or "",
            facet=Facet(lane.name),
            periods=tuple(Stretch.of(held).with_objections(beside) for held in lane.in_force),
            beneath=tuple(Stretch.of(held).with_objections(beside) for held in lane.beneath),
        )


class TermPeriods(Answer):
    """The periods of one term, oldest first."""

    term: str
    exercise: str | None = Field(None, exclude_if=absent)
    periods: tuple[Stretch, ...]
    beneath: tuple[Stretch, ...]

    @classmethod
    def of(cls, lane: Lane, beside: Beside) -> Self:
        """The same from what the projection found."""
        return cls(
            term=lane.name,
            exercise=lane.exercise,
            periods=tuple(Stretch.of(held).with_objections(beside) for held in lane.in_force),
            beneath=tuple(Stretch.of(held).with_objections(beside) for held in lane.beneath),
        )


class Timeline(Clocked):
    """Every period of one person's facets and terms, as known at an instant."""

    staff_number: str
    known_at: Instant
    facets: tuple[FacetPeriods, ...]
    terms: tuple[TermPeriods, ...]
    linked: tuple[LinkTold, ...] = Field((), exclude_if=absent)


class GroupCounted(Answer):
    """How many people have one value; `fte` is the sum of their parts of a full time."""

    value: str
    headcount: int
    fte: str

    @classmethod
    def of(cls, group: Group) -> Self:
        """The same from what the projection found."""
        return cls(value=group.value, headcount=group.headcount, fte=f"{group.fte:f}")


class Workforce(Answer):
    """Head counts by the values of one facet, on a day, as known at an instant."""

    by: Facet
    effective_at: date
    known_at: Instant
    groups: tuple[GroupCounted, ...]


class MemberFound(Answer):
    """One assignment of one person, with every facet of it that has a value then."""

    staff_number: str
    assignment: str
    position: dict[Facet, str]

    @classmethod
    def of(cls, member: Member) -> Self:
        """The same from what the projection found."""
        return cls(
            staff_number=member.staff_number,
            assignment=member.assignment,
            position=dict(member.position),
        )


class MembersFound(Answer):
    """A page of members in order of staff number; `next_cursor` is null on the last."""

    effective_at: date
    known_at: Instant
    items: tuple[MemberFound, ...]
    next_cursor: str | None


class ProblemTold(BaseModel):
    """RFC 9457. `clause` where a rule refused; `errors` for each field, `failures` for each rule
    that fails."""

    type: str
    title: str
    status: int
    detail: str
    clause: str | None = None
