"""An invented service of any size: everybody registered, then reorganised every half year.

A registration states ten facets and each reorganisation changes five of them. On two clocks that
is ten periods and ten more for every change: what was expected to last for ever now ends, and what
follows begins. That is the size that a population is named by ("rows of position"). They lie in
fewer and wider rows, sheets: one of the person, one of the registration, two for every change. The
same people come out every time; nothing is drawn.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_OID, UUID, uuid5

from projections.keeping_up.runner import Runner
from tests.support.projecting import positions_of
from transfer.app import projections_of
from transfer.core.record.staff import PositionChanged, StaffRegistered
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.log.application import Log, New
from transfer.log.envelope import Command
from transfer.procedures.facts import Fact

HALF_YEAR = timedelta(days=182)
_BEGINNING = date(2010, 1, 1)
_EMPLOYERS = 35
_IN_A_COMMAND = 500
_PERIODS_OF_A_STEP = 10


@dataclass(frozen=True, slots=True)
class Population:
    """So many people, each changed so many times."""

    people: int
    changes: int

    @property
    def rows(self) -> int:
        """The periods of facets on two clocks that they make."""
        return self.people * _PERIODS_OF_A_STEP * (1 + self.changes)

    @property
    def sheets(self) -> int:
        """The rows in which those lie."""
        return self.people * (2 + 2 * self.changes)

    @property
    def events(self) -> int:
        """The facts that they make."""
        return self.people * (1 + self.changes)

    def effective_from(self, turn: int) -> date:
        """The day from which the change of that turn (0: the registration) holds."""
        return _BEGINNING + turn * HALF_YEAR

    def effective_at(self, turn: int) -> date:
        """A later day on which it holds."""
        return self.effective_from(turn) + timedelta(days=90)

    def known_at(self, turn: int) -> datetime:
        """An instant at which the changes up to that turn are on record, and no later one."""
        return midnight(self.effective_at(turn))

    def record(self, log: Log[Fact]) -> None:
        """Put everybody on an empty log, some hundred facts a command, on a simulated clock."""
        log.clock.simulate()
        for turn in range(1 + self.changes):
            day = self.effective_from(turn)
            for first in range(0, self.people, _IN_A_COMMAND):
                people = range(first, min(first + _IN_A_COMMAND, self.people))
                new: list[New[Fact]] = [
                    (staff_stream(staff_number(n)), turn, fact_of(n, turn)) for n in people
                ]
                at = midnight(day) + timedelta(seconds=first // _IN_A_COMMAND)
                log.append(new, command_of(f"{turn} {first}", at))

    def project(self, log: Log[Fact]) -> None:
        """Bring the positions up with the log, and the other read models, which find nothing.

        Everybody is changed before anybody is changed again, so whoever is forgotten in between is
        read anew each time: here everybody is kept.
        """
        positions = positions_of(log, keep=self.people)
        others = [each for each in projections_of(log) if each.name != positions.name]
        Runner(log, [positions, *others]).catch_up()


def staff_number(n: int) -> str:
    """The staff number of person n."""
    return f"S{n:07}"


def fact_of(n: int, turn: int) -> Fact:
    """What is recorded of person n at a turn."""
    moved: dict[Facet, str | None] = {
        Facet.EMPLOYER: f"employer {(n * 7919 + turn) % _EMPLOYERS}",
        Facet.UNIT: f"unit {(n * 31 + turn) % 400}",
        Facet.ROLE: f"role {(n + turn) % 20}",
        Facet.BAND: str(1 + (n + turn) % 9),
        Facet.WORKPLACE: f"office {(n * 17 + turn) % 250}",
    }
    day = _BEGINNING + turn * HALF_YEAR
    if turn:
        return PositionChanged(effective_from=day, changes=moved, reason="reorganised")
    return StaffRegistered(
        staff_number=staff_number(n),
        effective_from=day,
        position={
            **moved,
            Facet.POST: f"post {n}",
            Facet.PAY_POINT: str(n % 12),
            Facet.TERMS_SET: "NNC",
            Facet.FTE: "1" if n % 4 else "0.6",
            Facet.LINE_MANAGER: staff_number(n // 12),
        },
    )


def command_of(name: str, at: datetime | None = None) -> Command:
    """A command with an id made from a name, at a simulated instant if one is given."""
    return Command(uuid5(NAMESPACE_OID, name), "benchmark", b"benchmark", at=at)


def registrations(names: Iterator[str]) -> list[New[Fact]]:
    """The registrations of new people under those names, ready to be appended."""
    return [
        (
            staff_stream(name),
            0,
            StaffRegistered.model_validate(
                {**fact_of(n, 0).model_dump(), "staff_number": name},
            ),
        )
        for n, name in enumerate(names)
    ]


def id_of(n: int) -> UUID:
    """An id, the same for the same number."""
    return uuid5(NAMESPACE_OID, str(n))


def midnight(day: date) -> datetime:
    """The instant at which a day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
