"""What does a leaving come to: what would bring the person back, and whom it leaves without a
manager?"""

from datetime import date
from typing import Self
from uuid import UUID

from pydantic import Field

from projections.keeping_up.copying import Conn
from projections.keeping_up.horizon import wait_for
from projections.keeping_up.runner import resolve_known_at
from transfer.commands.leaving import Left
from transfer.core.dating.effective_dating import Entries
from transfer.core.dating.instants import Instant
from transfer.core.record.entries import Leaving
from transfer.core.record.leaving import Became, Later, LaterEntry
from transfer.log.application import Log
from transfer.procedures.facts import Fact
from transfer.questions.answer import Answer, absent
from transfer.questions.managers import SEEN_BY, LeftWithoutManager, left_without_manager

WAIT_SECONDS = 5.0
"""How long an answer waits for the read model to have the leaving."""


class LaterShown(Answer):
    """An entry on record that employs the person on or after the day of a leaving.

    `became` says what became of it: `kept`, `annulled`, or `cut short` where it was temporary and
    began before; it is left out where nobody has chosen yet.
    """

    event_id: UUID
    employer: str
    effective_from: date
    effective_to: date | None
    recorded_at: Instant
    corrected_by: UUID | None
    became: Became | None = Field(None, exclude_if=absent)

    @classmethod
    def of(cls, found: LaterEntry, became: Became | None = None) -> Self:
        """The same from what the record has."""
        return cls(
            event_id=found.event_id,
            employer=found.employer,
            effective_from=found.effective_from,
            effective_to=found.effective_to,
            recorded_at=found.recorded_at,
            corrected_by=found.corrected_by,
            became=became,
        )


def later_shown(
    back: tuple[LaterEntry, ...], leaving: Leaving, later: Later | None
) -> tuple[LaterShown, ...]:
    """What would bring the person back, each with what becomes of it, where that was chosen."""
    return tuple(
        LaterShown.of(each, None if later is None else each.becomes(leaving, later))
        for each in back
    )


def left_by(log: Log[Fact], left: Left, leaves_on: date) -> tuple[LeftWithoutManager, ...] | None:
    """Whom a leaving that is on record left without a manager, as known at its instant.

    `None` where the read model does not have it within `WAIT_SECONDS`.
    """
    entered = left.entered
    found = log.find(entered.event_id)
    with log.connection() as conn:
        if found is None or not wait_for(conn, SEEN_BY, found.position, WAIT_SECONDS):
            return None
        return left_without_manager(
            conn, entered.staff_number, left.after, leaves_on, entered.recorded_at
        )


def would_leave(
    conn: Conn, staff_number: str, after: Entries, leaves_on: date
) -> tuple[LeftWithoutManager, ...]:
    """Whom a leaving would leave without a manager, by all that the read model has seen."""
    known_at = resolve_known_at(conn, SEEN_BY, None)
    return left_without_manager(conn, staff_number, after, leaves_on, known_at)
