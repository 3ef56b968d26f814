"""What was recorded, command by command: as facts for the log, and as the oracle hears them.

`tests/support/making.py` makes worlds at random.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from tests.oracle import Said
from transfer.core.matter.words import id_of
from transfer.core.record.staff import StaffRegistered
from transfer.core.words import MAIN
from transfer.log.envelope import Command, event_id_of
from transfer.procedures.exercise.exercise_facts import ScopeSet
from transfer.procedures.exercise.facts import BroughtIntoScope
from transfer.procedures.facts import Fact

FIRST_DAY = date(2014, 1, 1)
SECOND_JOB = "evenings"
JOBS = (MAIN, SECOND_JOB)


@dataclass(frozen=True)
class Written:
    """One command: its instant, and its events in order with what each says to the rule."""

    command: Command
    events: tuple[tuple[str, Fact, Said | None], ...]
    """Stream, fact, and (but for a fact that states nothing dated) what it says."""

    @property
    def recorded_at(self) -> datetime:
        """The instant of everything in it."""
        assert self.command.at is not None
        return self.command.at

    def event_ids(self) -> list[UUID]:
        """The ids that the log gives its events."""
        return [event_id_of(self.command.command_id, n) for n in range(len(self.events))]


@dataclass(frozen=True)
class InScope:
    """Somebody came within an exercise's scope from a day, as recorded at an instant."""

    staff_number: str
    exercise: str
    effective_from: date
    recorded_at: datetime


@dataclass
class World:
    """Everything that was recorded, oldest first."""

    commands: list[Written] = field(default_factory=list)

    @property
    def instants(self) -> list[datetime]:
        """Every instant at which the record learned something."""
        return [each.recorded_at for each in self.commands]

    def events(self) -> Iterator[tuple[Written, str, Fact, Said | None]]:
        """Every event in the log's order."""
        for written in self.commands:
            for stream, fact, said in written.events:
                yield written, stream, fact, said

    def said(self) -> dict[str, list[Said]]:
        """What was said of every stream."""
        found: dict[str, list[Said]] = {}
        for _, stream, _, said in self.events():
            if said is not None:
                found.setdefault(stream, []).append(said)
        return found

    def registered(self) -> dict[str, datetime]:
        """Since when the record knows each person, by staff number."""
        return {
            fact.staff_number: written.recorded_at
            for written, _, fact, _ in self.events()
            if isinstance(fact, StaffRegistered)
        }

    def scope(self) -> list[InScope]:
        """Everybody who ever came within an exercise's scope."""
        found = []
        for written, stream, fact, _ in self.events():
            if isinstance(fact, BroughtIntoScope):
                members: Sequence[str] = (stream.removeprefix("staff:"),)
            elif isinstance(fact, ScopeSet):
                members = fact.members
            else:
                continue
            found += [
                InScope(each, id_of(fact.matter), fact.effective_from, written.recorded_at)
                for each in members
            ]
        return found

    def days(self) -> list[date]:
        """Every day that was mentioned."""
        said = [s for _, _, _, s in self.events() if s is not None and not s.annuls]
        days = {s.effective_from for s in said}
        days |= {s.effective_to for s in said if s.effective_to is not None}
        return sorted(days | {each.effective_from for each in self.scope()})
