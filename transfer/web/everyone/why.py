"""Origin a value is what it is: the entry that it comes from, the correction in force, the basis.

Every "why" names the event, who recorded it when and for what reason, and the rulebook's clause,
document and confidence, as far as the record has them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from projections.position.queries import Held, PositionAt
from transfer.core.words import Basis, Facet
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts
from transfer.questions.differences import Item
from transfer.questions.links_and_objections import LinksAndObjectionsShown, ObjectionShown
from transfer.questions.values import Why as Explained
from transfer.questions.why import Reasons as Explanations
from transfer.web.frame.glossary import word_of
from transfer.web.frame.wording import confidence_text, facet_text, fact_text


@dataclass(frozen=True, slots=True)
class Attribution:
    """One event: what it is, who recorded it, when and for what reason.

    `entry` is its number on this person's record; `None` if it is on another stream.
    """

    event_id: UUID
    entry: int | None
    what: str
    recorded_at: datetime
    recorded_by: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class ObjectionLine:
    """The person's own objection to an entry, and what puts it right, if anything does."""

    told: ObjectionShown
    put_right_by: Attribution | None


@dataclass(frozen=True, slots=True)
class Origin:
    """What supplies a value. `exercise` names the one whose collective term it is, if it is one.

    `brought_by` are the events since which the record says so, where they are not the content's
    own (an annulment that brought it back). `replaced` is what the record said of the day until
    `known_since`, `preceded_by` what is in force until the period begins; `None`: nothing.
    """

    origin: Attribution | None
    correction: Attribution | None
    basis: Basis | None
    confidence: str | None
    exercise: str | None
    known_since: datetime
    brought_by: tuple[Attribution, ...]
    replaced: str | None
    preceded_by: str | None
    objections: tuple[ObjectionLine, ...]


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One line of an answer: a facet or term, its value, and why; what stands beneath it; and the
    word of the glossary that its name is."""

    name: str
    held: Held
    why: Origin
    beneath: "ValueRow | None" = None
    word: str | None = None

    @property
    def corrected(self) -> bool:
        """Whether a correction changed the value that the record had said."""
        replaced = self.why.replaced
        return self.why.correction is not None and replaced not in (None, self.held.value)


class ReadsEvents(Protocol):
    """The part of the log that is needed here."""

    @property
    def known(self) -> KnownFacts:
        """The facts that the program has."""

    def get(self, event_id: UUID) -> Recorded[Fact] | None:
        """One event with its content."""


class Events:
    """Tells who recorded an event; those on the person's own record are read already."""

    def __init__(
        self,
        log: ReadsEvents,
        events: Iterable[Recorded[Fact]],
        beside: LinksAndObjectionsShown,
    ) -> None:
        self._log = log
        self._beside = beside
        self._found: dict[UUID, Attribution | None] = {
            each.event_id: _attribution(each, each.version, log.known) for each in events
        }

    def event(self, event_id: UUID) -> Attribution | None:
        """Who recorded an event; one of another stream (a collective term's) is looked up."""
        if event_id not in self._found:
            self._found[event_id] = _elsewhere(self._log.get(event_id), self._log.known)
        return self._found[event_id]

    def objections(self, *entries: UUID | None) -> tuple[ObjectionLine, ...]:
        """The objections to any of these entries."""
        return tuple(
            ObjectionLine(
                told, None if told.put_right_by is None else self.event(told.put_right_by)
            )
            for told in self._beside.to(*entries)
        )

    def why(self, held: Held, explained: Explained, exercise: str | None) -> Origin:
        """What supplies a value."""
        confidence = held.basis.confidence if held.basis else None
        brought = (
            self.event(each.event_id)
            for each in explained.brought_by
            if each.event_id != explained.event_id
        )
        return Origin(
            origin=self.event(held.event_id),
            correction=None if held.corrected_by is None else self.event(held.corrected_by),
            basis=held.basis,
            confidence=None if confidence is None else confidence_text(confidence),
            exercise=exercise,
            known_since=explained.known_since,
            brought_by=tuple(each for each in brought if each is not None),
            replaced=explained.replaced.value if explained.replaced else None,
            preceded_by=explained.preceded_by.value if explained.preceded_by else None,
            objections=self.objections(held.event_id, held.corrected_by),
        )


class ExplainedPosition:
    """The rows of one position, each with its why."""

    def __init__(self, events: Events, explanations: Explanations, found: PositionAt) -> None:
        self._events = events
        self._explanations = explanations
        self._found = found

    def position(self) -> list[ValueRow]:
        """Every facet that has a value, in the order in which the office lists them."""
        job, held = self._found.assignment, self._found.position
        return [self._row(Item(job, facet), held[facet]) for facet in Facet if facet in held]

    def terms(self) -> list[ValueRow]:
        """Every term that is held."""
        return [self._row(Item(None, t.term, t.exercise), t.held) for t in self._found.terms]

    def _row(self, item: Item, held: Held) -> ValueRow:
        on, exercise = self._found.effective_at, item.exercise
        name = facet_text(item.name)
        beneath = None
        if held.standing is not None:
            explained = self._explanations.of_standing(item, held.standing, on)
            beneath = ValueRow(
                name, held.standing, self._events.why(held.standing, explained, exercise)
            )
        explained = self._explanations.of(item, held, on)
        why = self._events.why(held, explained, exercise)
        return ValueRow(name, held, why, beneath, word_of(item.name))


def items_of(found: PositionAt) -> list[Item]:
    """Everything of a position that has a why."""
    return [
        *(Item(found.assignment, facet) for facet in found.position),
        *(Item(None, each.term, each.exercise) for each in found.terms),
    ]


def _elsewhere(event: Recorded[Fact] | None, known: KnownFacts) -> Attribution | None:
    return None if event is None else _attribution(event, None, known)


def _attribution(event: Recorded[Fact], entry: int | None, known: KnownFacts) -> Attribution:
    return Attribution(
        event.event_id,
        entry,
        fact_text(known.stored_name(event.fact)),
        event.recorded_at,
        event.recorded_by,
        getattr(event.fact, "reason", None),
    )
