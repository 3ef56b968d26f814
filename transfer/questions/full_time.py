"""What one person's concurrent jobs add up to, beside their position."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from pydantic import Field

from projections.position.queries import Held, PositionAt
from transfer.core.record.full_time import add_up, plain
from transfer.core.words import Facet
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.questions.answer import Answer, absent


class Part(Answer):
    """One of several jobs at once, and the part of a full time that it states."""

    assignment: str
    employer: str | None
    line_manager: str | None
    fte: str | None


class PartHeld(Part):
    """The same with the event that states the part; its reason, where the parts are too many."""

    event_id: UUID | None
    corrected_by: UUID | None = Field(None, exclude_if=absent)
    reason: str | None = Field(None, exclude_if=absent)


class FullTimeShown(Answer):
    """What somebody's jobs at once add up to.

    `over_one` says that it is more than a full time: then each part has the `reason` of the entry
    that states it. `unstated` are jobs without a part, which the `total` leaves out.
    """

    total: str
    over_one: bool
    unstated: tuple[str, ...] = Field((), exclude_if=absent)
    assignments: tuple[PartHeld, ...]


class Reads(Protocol):
    """The part of the log that is needed here."""

    def get(self, event_id: UUID) -> Recorded[Fact] | None:
        """One event."""


def full_time(
    log: Reads, found: PositionAt, position_at: Callable[[str, date, datetime, str], PositionAt]
) -> FullTimeShown | None:
    """What the person's jobs add up to on that day; `None` for who has no more than one.

    `position_at` finds one of the jobs as `found` was found: by number, day, instant and name. It
    is asked for each, for the event that states its part.
    """
    if not found.at_once:
        return None
    added = add_up({job.assignment: job.fte for job in found.at_once})
    parts = []
    for job in found.at_once:
        held = position_at(
            found.staff_number, found.effective_at, found.known_at, job.assignment
        ).position.get(Facet.FTE)
        parts.append(
            PartHeld(
                **job._asdict(),
                event_id=None if held is None else held.event_id,
                corrected_by=None if held is None else held.corrected_by,
                reason=_reason(log, held) if held is not None and added.over_one else None,
            )
        )
    return FullTimeShown(
        total=plain(added.total),
        over_one=added.over_one,
        unstated=added.unstated,
        assignments=tuple(parts),
    )


def _reason(log: Reads, held: Held) -> str | None:
    event = log.get(held.corrected_by or held.event_id)
    # Facts differ in whether they have one: a registration has none.
    reason = None if event is None else getattr(event.fact, "reason", None)
    return reason if isinstance(reason, str) else None
