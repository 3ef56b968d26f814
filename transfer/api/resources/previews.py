"""`?preview=true`: what would read differently if an entry were recorded; nothing is written."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from projections.deadlines.deadlines import Deadline, State
from projections.keeping_up.horizon import BehindError
from projections.position.queries import Held
from transfer.api.bodies import B, Submitted
from transfer.api.http.problems import not_available
from transfer.api.http_service import HttpService
from transfer.commands.office import Act, Office, Person, person_of
from transfer.commands.record import warnings_of_managers
from transfer.core.employed import warnings_of
from transfer.core.record import particulars, staff
from transfer.core.record.entries import NewEntry
from transfer.core.record.staff import EntryCorrected, PositionChanged
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.procedures.facts import Fact
from transfer.questions.answer import Answer, absent
from transfer.questions.differences import Item
from transfer.questions.preview import (
    DeadlineChanged,
    Deciding,
    Events,
    WouldRead,
    would_read,
)
from transfer.questions.procedures import ToSettle, duties_left
from transfer.questions.values import Stretch

NOT_RECORDED = UUID(int=0)
"""The id that an entry has in its preview: it will have another one."""


Suppose = Callable[[Sequence[str], Deciding], list[WouldRead]]
"""Asks what would read differently of people."""


class EntryQuestion(BaseModel):
    """The query parameters of a write that can be previewed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    preview: bool = Field(
        False,
        description="Write nothing; answer (200) every period, term, deadline, notice and end of "
        "protected pay that would read differently.",
    )


class ValueDifference(Answer):
    """Days on which a facet would read differently; null: it has no value then."""

    assignment: str
    facet: Facet
    effective_from: date
    effective_to: date | None
    before: str | None
    after: str | None


class TermDifference(Answer):
    """Days on which a term would read differently; null: it is not held then."""

    term: str
    exercise: str | None = Field(None, exclude_if=absent)
    effective_from: date
    effective_to: date | None
    before: str | None
    after: str | None


class PeriodsDifference(Answer):
    """The periods in force of one facet or term, where any of them would read differently in
    anything: value, dates, entry, correction or basis. Those that stay are left out.

    What is not recorded yet has the event id 00000000-0000-0000-0000-000000000000 (in a bulk act,
    ending in its item's index)."""

    assignment: str | None = Field(None, exclude_if=absent)
    facet: Facet | None = Field(None, exclude_if=absent)
    term: str | None = Field(None, exclude_if=absent)
    before: tuple[Stretch, ...]
    after: tuple[Stretch, ...]


class DeadlineReads(Answer):
    """How something due reads."""

    due_on: date | None
    state: State
    met_on: date | None


class DeadlineDifference(Answer):
    """Something due that would read differently; null: there is no such obligation."""

    obligation_id: UUID
    exercise: str
    what: str
    about: str
    owner: str
    before: DeadlineReads | None
    after: DeadlineReads | None

    @classmethod
    def of(cls, found: DeadlineChanged) -> Self:
        """The same from what the projection found."""
        either = found.after or found.before
        if either is None:
            raise ValueError("a deadline that there is on neither side")
        return cls(
            obligation_id=either.obligation_id,
            exercise=either.exercise,
            what=either.what,
            about=either.about,
            owner=either.owner,
            before=_reads(found.before),
            after=_reads(found.after),
        )


class NoticeDifference(Answer):
    """A written statement of a change of particulars (Employment Rights Act 1996, s.4).

    It is due one month after the change of this facet; `before` or `after` null: there is no such
    change on that day."""

    what: str
    clause: str
    assignment: str
    facet: Facet
    changed_on: date
    before: date | None
    after: date | None


class ProtectedPayDifference(Answer):
    """The days from which a term of pay protection is no longer held; null among them: it is
    held without an end. None at all: it is not held."""

    term: str
    before: tuple[date | None, ...]
    after: tuple[date | None, ...]


class Preview(Answer):
    """What an entry would change; nothing was written.

    `position` and `terms` are the days on which a value would be another. `deadlines` are the
    obligations that would read differently (those of `GET /v1/deadlines`), `notices` and
    `protected_pay_ends` the days that follow from the periods. `of` is the entry that a correction
    names. `warnings` are those that the entry would be answered with."""

    staff_number: str
    of: UUID | None = Field(None, exclude_if=absent)
    version: int
    warnings: tuple[str, ...] = Field((), exclude_if=absent)
    position: tuple[ValueDifference, ...]
    terms: tuple[TermDifference, ...]
    periods: tuple[PeriodsDifference, ...]
    deadlines: tuple[DeadlineDifference, ...]
    notices: tuple[NoticeDifference, ...]
    protected_pay_ends: tuple[ProtectedPayDifference, ...]
    to_settle: tuple[ToSettle, ...] = Field(
        (),
        exclude_if=absent,
        description="Decisions in procedures that would state something else.",
    )


def preview(
    service: HttpService, number: str, sent: Submitted[B], entry: NewEntry, of: UUID | None = None
) -> Preview:
    """What would read differently if this entry were recorded.

    Raises what deciding on it raises, `StaleVersion` for another version than was relied on, and
    `Problem` (503) where the read model lags.
    """

    warnings: list[str] = []
    to_settle: list[ToSettle] = []

    def decide(
        people: Mapping[str, Events],
    ) -> dict[str, list[tuple[UUID, Fact]]]:
        person = person_of(number, people[number], service.office.known)
        person.require_version(sent.expected_version)
        facts = staff.enter(person.record, entry)
        warnings[:] = _warnings(service, person, facts)
        to_settle[:] = would_settle(service.office, person, facts)
        return {number: [(NOT_RECORDED, fact) for fact in facts]}

    (found,) = would_read_of(service, [number], decide)
    return preview_of(found, of).model_copy(
        update={"warnings": tuple(warnings), "to_settle": tuple(to_settle)}
    )


def would_settle(office: Office, person: Person, facts: Iterable[Fact]) -> Iterator[ToSettle]:
    """What would have to be settled in procedures, were these facts of somebody on record."""
    stream = staff_stream(person.staff_number)
    new = [(stream, person.version, fact) for fact in facts]
    act = Act(by="a preview", command_id=NOT_RECORDED)
    following = office.would_follow([person], new, act)
    yield from duties_left((of, fact) for of, _, fact in following)


def _warnings(service: HttpService, person: Person, facts: Iterable[Fact]) -> Iterator[str]:
    for fact in facts:
        if isinstance(fact, PositionChanged | EntryCorrected):
            yield from warnings_of(
                person.entries, fact.changes, fact.assignment, fact.effective_from
            )
            yield from warnings_of_managers(service.office, fact.changes, fact.effective_from)


def would_read_of(
    service: HttpService, numbers: Sequence[str], decide: Deciding
) -> list[WouldRead]:
    """What would read differently of these people; `Problem` (503) where the read model lags."""
    try:
        return would_read(service.office.log, numbers, decide, not_before=service.now())
    except BehindError as error:
        raise not_available(str(error)) from error


def preview_of(found: WouldRead, of: UUID | None = None) -> Preview:
    """The same as it is answered."""
    return Preview(
        staff_number=found.staff_number,
        of=of,
        version=found.version,
        position=tuple(_values(found)),
        terms=tuple(_terms(found)),
        periods=tuple(_periods(found)),
        deadlines=tuple(map(DeadlineDifference.of, found.deadlines)),
        notices=tuple(_notices(found)),
        protected_pay_ends=tuple(_protected_pay_ends(found)),
    )


def _values(found: WouldRead) -> Iterator[ValueDifference]:
    for item in sorted(item for item in found.values if item.assignment is not None):
        for each in found.values[item]:
            yield ValueDifference(
                assignment=item.assignment or "",
                facet=Facet(item.name),
                effective_from=each.effective_from,
                effective_to=each.effective_to,
                before=each.before.value if each.before else None,
                after=each.after.value if each.after else None,
            )


def _terms(found: WouldRead) -> Iterator[TermDifference]:
    of_terms = (item for item in found.values if item.assignment is None)
    for item in sorted(of_terms, key=lambda each: (each.name, each.exercise or "")):
        for each in found.values[item]:
            yield TermDifference(
                term=item.name,
                exercise=item.exercise,
                effective_from=each.effective_from,
                effective_to=each.effective_to,
                before=each.before.value if each.before else None,
                after=each.after.value if each.after else None,
            )


def _both(found: WouldRead) -> Iterator[tuple[Item, Sequence[Held], Sequence[Held]]]:
    """Every item whose periods differ, facets first, with those before and after."""
    items = found.before.keys() | found.after.keys()
    for item in sorted(items, key=lambda each: (each.assignment is None, *map(str, each))):
        yield item, found.before.get(item, ()), found.after.get(item, ())


def _periods(found: WouldRead) -> Iterator[PeriodsDifference]:
    for item, before, after in _both(found):
        gone = tuple(Stretch.model_validate(each) for each in before if each not in after)
        come = tuple(Stretch.model_validate(each) for each in after if each not in before)
        if gone or come:
            yield PeriodsDifference(
                assignment=item.assignment,
                facet=None if item.assignment is None else Facet(item.name),
                term=item.name if item.assignment is None else None,
                before=gone,
                after=come,
            )


def _notices(found: WouldRead) -> Iterator[NoticeDifference]:
    for item, before, after in _both(found):
        if item.assignment is None or item.name not in particulars.PARTICULARS:
            continue
        was, would_be = (set(particulars.change_days(each)) for each in (before, after))
        for day in sorted(was ^ would_be):
            due_on = particulars.statement_due_on(day)
            yield NoticeDifference(
                what=particulars.STATEMENT_OF_CHANGE,
                clause=particulars.STATEMENT_CLAUSE,
                assignment=item.assignment,
                facet=Facet(item.name),
                changed_on=day,
                before=due_on if day in was else None,
                after=due_on if day in would_be else None,
            )


def _protected_pay_ends(found: WouldRead) -> Iterator[ProtectedPayDifference]:
    for item, before, after in _both(found):
        if item.assignment is None and particulars.is_pay_protection(item.name):
            was, would_be = particulars.ends(before), particulars.ends(after)
            if was != would_be:
                yield ProtectedPayDifference(
                    term=item.name, before=_in_order(was), after=_in_order(would_be)
                )


def _in_order(days: Iterable[date | None]) -> tuple[date | None, ...]:
    return tuple(sorted(days, key=lambda day: day or date.max))


def _reads(deadline: Deadline | None) -> DeadlineReads | None:
    if deadline is None:
        return None
    return DeadlineReads(due_on=deadline.due_on, state=deadline.state, met_on=deadline.met_on)
