"""Why a value is what it is: the entry that it comes from, the correction in force, the basis.

Every "why" names the event, who recorded it when and for what reason, and the rulebook's clause,
document and confidence, as far as the record has them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from projections.history import HistoryItem
from projections.position_queries import Held
from transfer.core.facts import Fact, stored_name
from transfer.core.words import Basis
from transfer.log.envelope import Recorded
from transfer.web.texts import confidence_text, fact_text


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
class Why:
    """What supplies a value. `exercise` names the one whose collective term it is, if it is one."""

    origin: Attribution | None
    correction: Attribution | None
    basis: Basis | None
    confidence: str | None
    exercise: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an answer: a facet or term, its value, and why; and what stands beneath it."""

    name: str
    held: Held
    why: Why
    beneath: "Row | None" = None


class ReadsEvents(Protocol):
    """The part of the log that is needed here."""

    def get(self, event_id: UUID) -> Recorded[Fact] | None:
        """One event with its content."""


class Reasons:
    """Tells the why of one person's values; their own events are read already."""

    def __init__(self, log: ReadsEvents, items: Iterable[HistoryItem]) -> None:
        self._log = log
        self._found: dict[UUID, Attribution | None] = {
            item.event_id: Attribution(
                item.event_id,
                item.version,
                fact_text(item.type),
                item.recorded_at,
                item.recorded_by,
                item.reason,
            )
            for item in items
        }

    def of(self, name: str, held: Held, exercise: str | None = None) -> Row:
        """A value with its why, and what it overlays."""
        confidence = held.basis.confidence if held.basis else None
        return Row(
            name,
            held,
            Why(
                self.event(held.event_id),
                None if held.corrected_by is None else self.event(held.corrected_by),
                held.basis,
                None if confidence is None else confidence_text(confidence),
                exercise,
            ),
            None if held.standing is None else self.of(name, held.standing, exercise),
        )

    def event(self, event_id: UUID) -> Attribution | None:
        """Who recorded an event; one of another stream (a collective term's) is looked up."""
        if event_id not in self._found:
            self._found[event_id] = _elsewhere(self._log.get(event_id))
        return self._found[event_id]


def _elsewhere(event: Recorded[Fact] | None) -> Attribution | None:
    if event is None:
        return None
    return Attribution(
        event.event_id,
        None,
        fact_text(stored_name(event.fact)),
        event.recorded_at,
        event.recorded_by,
        getattr(event.fact, "reason", None),
    )
