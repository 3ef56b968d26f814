"""An office that records commands hour by hour into a real log, with projections beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID, uuid5

from projections.keeping_up.runner import Projection, Runner
from projections.position.projection import PositionProjection
from tests.support.histories import instant
from transfer.core.record.staff import StaffRegistered
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.log.application import Log
from transfer.log.envelope import Command
from transfer.procedures.facts import Fact

_NAMESPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


def command_id(number: int) -> UUID:
    """The id of an office's command by its place, from 0."""
    return uuid5(_NAMESPACE, str(number))


def positions_of(log: Log[Fact], *, keep: int = 10_000) -> PositionProjection:
    """The positions of a log, filled by helpers that know the program's kinds of procedure."""
    return PositionProjection(
        log.read_many, log.known, keep=keep, helpers_begin_at="transfer.position_helper"
    )


class Office:
    """Records commands and keeps projections (that of positions, unless others are given) up."""

    def __init__(self, log: Log[Fact], projections: Sequence[Projection] = ()) -> None:
        self.log = log
        log.clock.simulate()
        self.hours = 0
        self.versions: dict[str, int] = {}
        self.projection = positions_of(log)
        self.runner = Runner(log, projections or [self.projection])

    def record(self, *facts: tuple[str, Fact], by: str = "test") -> datetime:
        """One command; answers its instant."""
        at = instant(self.hours)
        command = Command(command_id(self.hours), by, b"", at=at)
        first = dict(self.versions)
        new = [(stream, first.get(stream, 0), fact) for stream, fact in facts]
        for stream, _, _ in new:
            self.versions[stream] = self.versions.get(stream, 0) + 1
        self.hours += 1
        return self.log.append(new, command).recorded_at

    def register(self, staff: str, **position: str) -> datetime:
        """One registration, of 1 January 2014."""
        return self.record((staff_stream(staff), registered(staff, **position)))


def registered(staff: str, **position: str) -> StaffRegistered:
    """The fact of a registration, of 1 January 2014."""
    values: dict[Facet, str | None] = {Facet(name): value for name, value in position.items()}
    return StaffRegistered(staff_number=staff, effective_from=date(2014, 1, 1), position=values)
