"""What a command would put on record, found by running it on a log that keeps nothing.

    trial = Trial(office, worlds)
    record.enter(trial.office, act, "S10442", change)       or trial.matters.do(…)
    trial.facts()                                           what would be on record, with its duties

The very commands decide, so a preview and the act cannot differ.
"""

from collections.abc import Iterator
from datetime import date

from transfer.commands.exercises import Exercises
from transfer.commands.matter_people import MatterPeople
from transfer.commands.matter_worlds import Worlds
from transfer.commands.matters import Matters
from transfer.commands.office import Office
from transfer.commands.records_in_matters import RecordsInMatters
from transfer.core.matter import facts as t
from transfer.log.envelope import Recorded
from transfer.log.views import TrialLog
from transfer.procedures.facts import Fact


class _TrialPeople(MatterPeople):
    """Who has something in which matter, by the log and by what is tried."""

    def __init__(self, log: TrialLog[Fact], office: Office) -> None:
        super().__init__(log, office.known)
        self._tried = log

    def of(self, matter: str, *, since: date | None = None) -> tuple[str, ...]:
        """See `MatterPeople.of`."""
        more = {
            number
            for number, events in self._tried.people_in(matter).items()
            if since is None or any(_day(event) >= since for event in events)
        }
        return tuple(sorted(more.union(super().of(matter, since=since))))

    def joined(self, matter: str) -> tuple[str, ...]:
        """See `MatterPeople.joined`."""
        more = {
            number
            for number, events in self._tried.people_in(matter).items()
            if any(isinstance(event.fact, t.Joined) for event in events)
        }
        return tuple(sorted(more.union(super().joined(matter))))


def _day(event: Recorded[Fact]) -> date:
    return event.fact.happened_on if isinstance(event.fact, t.MatterFact) else date.min


class Trial:
    """An office of its own on top of another, for one command; not safe among threads."""

    def __init__(self, office: Office, worlds: Worlds) -> None:
        self.log: TrialLog[Fact] = TrialLog(office.log)
        self.office = Office(self.log, office.vault)
        self.worlds = Worlds(self.office, worlds.rules, _TrialPeople(self.log, office))
        self.office.reconsiders = RecordsInMatters(self.office, self.worlds)
        self.matters = Matters(self.office, self.worlds)
        self.exercises = Exercises(self.office, self.matters, self.worlds)

    def facts(self) -> Iterator[Recorded[Fact]]:
        """What would be on record, in order."""
        yield from self.log.tried
