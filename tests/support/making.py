"""Random histories of several people, aimed at the spots where a rule about dates goes wrong.

Everything comes from one `random.Random`: a seeded one for long runs, or Hypothesis's own, which
shrinks what fails. `tests/support/combinations.py` says what the worlds contain, and its test that
they do contain all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random  # noqa: TID251  # a test's draws come from a seed, which it prints
from uuid import UUID, uuid5

from tests.oracle import Name, Said
from tests.support.stamps import stamp
from tests.support.words_2013 import Destination
from tests.support.worlds import FIRST_DAY, SECOND_JOB, World, Written
from transfer.core.matter.facts import Undone
from transfer.core.record.staff import (
    EntryAnnulled,
    EntryCorrected,
    PositionChanged,
    StaffLeft,
    StaffRegistered,
    TermEnded,
    TermGranted,
    TermVaried,
)
from transfer.core.record.terms import CONTINUOUS_SERVICE
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import MAIN, Basis, Facet, Mechanism
from transfer.log.envelope import Command, event_id_of
from transfer.procedures.consultation.facts import (
    CollectiveTermGranted,
    OfferMadeConditional,
    OfferReferredToConciliation,
    OfferRestored,
    OfferWithdrawn,
)
from transfer.procedures.exercise.exercise_facts import ScopeSet
from transfer.procedures.exercise.facts import (
    BroughtIntoScope,
    EmploymentEnded,
    StaffTransferred,
    TermGivenByMove,
)
from transfer.procedures.facts import Fact

FIRST_INSTANT = datetime(2014, 1, 6, 9, tzinfo=UTC)
EXERCISES = ("tr-east", "tr-west")
_NAMESPACE = UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
_PAUSES = (
    timedelta(microseconds=1),
    timedelta(hours=5),
    timedelta(days=1),
    timedelta(days=2),
)
_VALUES: Mapping[Facet, Sequence[str]] = {
    Facet.EMPLOYER: ("LDN", "KNT", "NPS"),
    Facet.BAND: ("3", "4", "5"),
    Facet.LINE_MANAGER: ("S8", "S9"),
    Facet.FTE: ("1", "0.6", "0.5", "0.50"),
    Facet.UNIT: ("", "é\t\\N", "'; --"),
}
_OFTEN = (Facet.EMPLOYER, Facet.EMPLOYER, Facet.BAND, Facet.BAND, Facet.FTE, Facet.LINE_MANAGER)
_SERVICE: Name = ("term", "", CONTINUOUS_SERVICE)
_BASES = (
    Basis(clause="TR-06"),
    Basis(rulebook="tr-2013", clause="TR-01", document="letter"),
    Basis(clause="TR-11b", assumptions=("TR-11b=10wd",)),
)


@dataclass
class _Stream:
    """What the maker remembers of one stream, so that it can aim."""

    spots: list[date] = field(default_factory=list)
    nameable: list[tuple[UUID, Said]] = field(default_factory=list)
    of_registration: set[UUID] = field(default_factory=set)
    annulled: set[UUID] = field(default_factory=set)


class Maker:
    """Makes worlds. `plain` ones hold only what HTTP can write: one event of one person a command.

    `prefix` begins every staff number, so that several worlds can share a record. With `days`,
    which are in order, everything begins and ends on one of them.
    """

    def __init__(
        self,
        random: Random,
        *,
        people: int = 3,
        plain: bool = False,
        prefix: str = "S",
        days: Sequence[date] = (),
    ):
        self._random = random
        self._plain = plain
        self._days = days
        self._to_register = [f"{prefix}{n}" for n in range(1, people + 1)]
        self._people = list(self._to_register)
        self._streams: dict[str, _Stream] = {}
        self._moves: dict[UUID, str] = {}
        self._at = FIRST_INSTANT
        self._number = 0

    def world(self, commands: int) -> World:
        """Registrations, changes, terms, corrections, annulments and, unless plain, an exercise's
        scope, collective terms, transfers and endings."""
        world = World()
        for _ in range(commands):
            world.commands.append(self.command())
        return world

    def command(self) -> Written:
        """The next command."""
        command = self._begin()
        events: list[tuple[str, Fact, Said | None]] = []
        for _ in range(1 if self._plain else self._random.choice((1, 1, 1, 2, 3, 5))):
            events.append(self._event(event_id_of(command.command_id, len(events))))
        return Written(command, tuple(events))

    def command_of(self, *facts: tuple[str, Fact]) -> Written:
        """A command of facts that are given and state nothing dated, at the next instant."""
        return Written(self._begin(), tuple((stream, fact, None) for stream, fact in facts))

    def entries(self) -> dict[str, list[UUID]]:
        """The entries of every stream that can still be named."""
        return {
            name: [event_id for event_id, _ in stream.nameable]
            for name, stream in self._streams.items()
            if stream.nameable
        }

    def _begin(self) -> Command:
        self._number += 1
        self._at += self._random.choice(_PAUSES)
        command_id = uuid5(_NAMESPACE, f"{self._people[0]} {self._number}")
        return Command(command_id, "test", b"request", at=self._at)

    # --- one event -----------------------------------------------------------------------------

    def _event(self, event_id: UUID) -> tuple[str, Fact, Said | None]:
        registered = [each for each in self._people if each not in self._to_register]
        if self._to_register and (not registered or self._chance(0.3)):
            return self._register(event_id, self._to_register.pop(0))
        if not self._plain and self._chance(0.15):
            return self._collective(event_id)
        stream = staff_stream(self._random.choice(registered))
        nameable = self._of(stream).nameable
        roll = self._random.random()
        if nameable and roll < 0.25:
            return stream, *self._correct(event_id, stream)
        if nameable and roll < 0.36:
            return stream, *self._annul(event_id, stream)
        if roll < 0.55:
            return stream, *self._term(event_id, stream)
        if not self._plain and roll < 0.62:
            return stream, *self._moved(event_id, stream)
        return stream, *self._change(event_id, stream)

    def _register(self, event_id: UUID, staff_number: str) -> tuple[str, Fact, Said]:
        stream = staff_stream(staff_number)
        start, position, basis = self._day(stream), self._facets(fewest=0), self._basis()
        service_from = FIRST_DAY - timedelta(days=1000)
        counted = not self._plain and self._chance(0.3)
        fact = StaffRegistered(
            staff_number=staff_number,
            effective_from=start,
            continuous_service_from=service_from if counted else None,
            position=position,
            basis=basis,
        )
        values = _names(MAIN, position)
        if counted:
            values[_SERVICE] = service_from.isoformat()
        said = self._say(stream, event_id, values, start, None, basis)
        self._of(stream).of_registration.add(event_id)
        return stream, fact, said

    def _change(self, event_id: UUID, stream: str) -> tuple[Fact, Said]:
        start, job, changes, basis = self._day(stream), self._job(), self._facets(), self._basis()
        end = self._end(stream, start)
        fact = PositionChanged(
            effective_from=start,
            effective_to=end,
            assignment=job,
            changes=changes,
            reason="r",
            basis=basis,
        )
        return fact, self._say(stream, event_id, _names(job, changes), start, end, basis)

    def _term(self, event_id: UUID, stream: str) -> tuple[Fact, Said]:
        start, term, basis = self._day(stream), self._term_name(), self._basis()
        end, value = self._end(stream, start), self._random.choice(("yes", "no", None))
        fact: Fact
        if value is None:
            fact = TermEnded(
                term=term, effective_from=start, effective_to=end, reason="r", basis=basis
            )
        else:
            kind = self._random.choice((TermGranted, TermVaried))
            fact = kind(
                term=term,
                value=value,
                effective_from=start,
                effective_to=end,
                reason="r",
                basis=basis,
            )
        said = self._say(stream, event_id, {("term", "", term): value}, start, end, basis)
        return fact, said

    def _moved(self, event_id: UUID, stream: str) -> tuple[Fact, Said]:
        """A transfer, the end of an employment, a leaving: they are read as standing changes."""
        start, job, basis = self._day(stream), self._job(), self._random.choice(_BASES)
        exercise = self._random.choice(EXERCISES)
        if self._chance(0.2):
            return self._given_by_move(event_id, stream)
        if self._chance(0.5):
            self._moves[event_id] = f"exercise:{exercise}"
            changes = self._facets()
            transferred = StaffTransferred(
                **stamp(f"exercise:{exercise}", basis),
                mechanism=Mechanism.OMA_STS,
                destination=Destination.NPS,
                effective_from=start,
                assignment=job,
                changes=changes,
            )
            said = self._say(stream, event_id, _names(job, changes), start, None, basis)
            return transferred, said
        nothing = _names(job, dict.fromkeys(Facet))
        said = self._say(stream, event_id, nothing, start, None, basis)
        if self._chance(0.4):
            left = StaffLeft(effective_from=start, assignment=job, reason="r", basis=basis)
            return left, said
        self._moves[event_id] = f"exercise:{exercise}"
        ended = EmploymentEnded(
            **stamp(f"exercise:{exercise}", basis),
            effective_from=start,
            assignment=job,
            treated_as_dismissed=False,
            reason="r",
        )
        return ended, said

    def _given_by_move(self, event_id: UUID, stream: str) -> tuple[Fact, Said]:
        """A term that comes with a move."""
        start, basis = self._day(stream), self._random.choice(_BASES)
        matter = self._moves[event_id] = f"exercise:{self._random.choice(EXERCISES)}"
        term, end = self._term_name(), self._end(stream, start)
        given = TermGivenByMove(
            **stamp(matter, basis),
            term=term,
            value="yes",
            effective_from=start,
            effective_to=end,
            reason="r",
        )
        said = self._say(stream, event_id, {("term", "", term): "yes"}, start, end, basis)
        return given, said

    def _made_again(self, event_id: UUID, stream: str, of: UUID) -> tuple[Fact, Said]:
        """A decision of a move is made again, and is now a transfer."""
        start, job, basis = self._day(stream), self._job(), self._random.choice(_BASES)
        changes = self._facets()
        again = StaffTransferred(
            **stamp(self._moves[of], basis, replaces=of),
            mechanism=Mechanism.OMA_STS,
            destination=Destination.NPS,
            effective_from=start,
            assignment=job,
            changes=changes,
        )
        return again, self._say(stream, event_id, _names(job, changes), start, None, basis, of)

    def _correct(self, event_id: UUID, stream: str) -> tuple[Fact, Said]:
        of, named = self._named(stream)
        if of in self._moves and self._chance(0.4):
            return self._made_again(event_id, stream, of)
        start = named.effective_from if self._chance(0.4) else self._day(stream)
        end = self._end(stream, start)
        if of in self._of(stream).of_registration:
            self._of(stream).of_registration.add(event_id)
            end = None
        jobs = [job for kind, job, _ in named.values if kind == "facet"]
        job = jobs[0] if jobs and self._chance(0.8) else self._job()
        changes, basis = self._facets(fewest=0), self._basis()
        terms: dict[str, str | None] = {}
        if self._chance(0.3):
            terms[self._term_name()] = self._random.choice(("yes", "no", None))
            if self._plain:
                # Over HTTP a correction is about facets or about a term.
                changes = {}
        if of in self._of(stream).of_registration and _SERVICE in named.values:
            # As the decision has it: what the named entry itself says of it is kept.
            terms.setdefault(CONTINUOUS_SERVICE, named.values[_SERVICE])
        fact = EntryCorrected(
            of=of,
            effective_from=start,
            effective_to=end,
            assignment=job,
            changes=changes,
            terms=terms,
            reason="r",
            basis=basis,
        )
        values = _names(job, changes)
        values |= {("term", "", term): value for term, value in terms.items()}
        return fact, self._say(stream, event_id, values, start, end, basis, of)

    def _annul(self, event_id: UUID, stream: str) -> tuple[Fact, Said]:
        of, named = self._named(stream)
        corrections = [each for each in self._of(stream).nameable if each[1].of is not None]
        if corrections and self._chance(0.3):
            of, named = self._random.choice(corrections)
        self._of(stream).nameable.remove((of, named))
        self._of(stream).annulled.add(of)
        fact: Fact = EntryAnnulled(of=of, reason="r")
        if of in self._moves and self._chance(0.5):
            matter = self._moves[of]
            fact = Undone(**stamp(matter), decision=of, facts=(of,), entry=of, reason="r")
        return fact, Said(event_id, self._at, of=of, annuls=True)

    def _collective(self, event_id: UUID) -> tuple[str, Fact, Said | None]:
        """Somebody comes into scope, or the sides grant, withdraw or restore a term."""
        exercise = self._random.choice(EXERCISES)
        matter, basis = f"consultation:{exercise}", self._random.choice(_BASES)
        stream = matter_stream(matter)
        start = self._day(stream)
        roll = self._random.random()
        if roll < 0.2:
            people = self._random.sample(
                self._people, self._random.randrange(1, len(self._people) + 1)
            )
            scope = ScopeSet(
                **stamp(f"exercise:{exercise}", basis),
                criterion="c",
                effective_from=start,
                members=tuple(people),
            )
            return matter_stream(f"exercise:{exercise}"), scope, None
        registered = [each for each in self._people if each not in self._to_register]
        if roll < 0.45:
            brought = BroughtIntoScope(**stamp(f"exercise:{exercise}", basis), effective_from=start)
            return staff_stream(self._random.choice(registered)), brought, None
        term, value = self._term_name(), self._random.choice(("on", "off"))
        end = self._end(stream, start) if roll < 0.75 else None
        fact: Fact
        if roll < 0.75:
            employed_on = self._day(stream) if self._chance(0.4) else None
            fact = CollectiveTermGranted(
                **stamp(matter, basis),
                term=term,
                value=value,
                effective_from=start,
                effective_to=end,
                employed_on=employed_on,
            )
        else:
            employed_on = None
            fact = self._offer(matter, term, value, start, basis)
        said = self._say(stream, event_id, {("term", "", term): value}, start, end, basis)
        return stream, fact, replace(said, employed_on=employed_on)

    def _offer(self, matter: str, term: str, value: str, start: date, basis: Basis) -> Fact:
        """One of the facts that say what has become of a collective offer."""
        if self._chance(0.25):
            return OfferMadeConditional(
                **stamp(matter, basis),
                term=term,
                value=value,
                condition="c",
                effective_from=start,
            )
        if self._chance(0.25):
            return OfferReferredToConciliation(
                **stamp(matter, basis),
                term=term,
                value=value,
                conciliator="c",
                effective_from=start,
            )
        kind = self._random.choice((OfferWithdrawn, OfferRestored))
        return kind(**stamp(matter, basis), term=term, value=value, effective_from=start)

    def _say(
        self,
        stream: str,
        event_id: UUID,
        values: dict[Name, str | None],
        start: date,
        end: date | None,
        basis: Basis | None,
        of: UUID | None = None,
    ) -> Said:
        said = Said(event_id, self._at, values, start, end, of, basis=basis)
        memory = self._of(stream)
        memory.spots += [day for day in (start, end) if day is not None]
        memory.nameable.append((event_id, said))
        return said

    # --- aiming --------------------------------------------------------------------------------

    def _of(self, stream: str) -> _Stream:
        return self._streams.setdefault(stream, _Stream())

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _day(self, stream: str) -> date:
        """Mostly a day that was mentioned before, the day before it, or the day after."""
        if self._days:
            return self._random.choice(self._days)
        spots = self._of(stream).spots
        if spots and self._chance(0.7):
            return self._random.choice(spots) + timedelta(days=self._random.choice((-1, 0, 0, 1)))
        return FIRST_DAY + timedelta(days=self._random.randrange(0, 16))

    def _end(self, stream: str, start: date) -> date | None:
        """None, the next day, a day on which something else begins or ends, or any."""
        roll = self._random.random()
        if roll < 0.5 or (self._days and start == self._days[-1]):
            return None
        if self._days:
            return self._random.choice([day for day in self._days if day > start])
        later = [day for day in self._of(stream).spots if day > start]
        if later and roll < 0.8:
            return self._random.choice(later)
        return start + timedelta(days=1 if roll < 0.87 else self._random.randrange(1, 9))

    def _job(self) -> str:
        return self._random.choice((MAIN, MAIN, MAIN, SECOND_JOB))

    def _term_name(self) -> str:
        return self._random.choice(("evr", "evr", "pay protection"))

    def _basis(self) -> Basis | None:
        # What rests on an assumption comes from a rehearsal, never by HTTP.
        bases = _BASES[:2] if self._plain else _BASES
        return self._random.choice(bases) if self._chance(0.7) else None

    def _facets(self, fewest: int = 1) -> dict[Facet, str | None]:
        found: dict[Facet, str | None] = {}
        for _ in range(max(fewest, self._random.choice((0, 1, 1, 2, 3)))):
            facet = self._random.choice(list(Facet) if self._chance(0.1) else _OFTEN)
            values = _VALUES.get(facet, ("v", "w"))
            found[facet] = None if self._chance(0.15) else self._random.choice(values)
        return found

    def _named(self, stream: str) -> tuple[UUID, Said]:
        """An entry to correct or annul: often the last, which may be a correction itself, or one
        whose ancestor was annulled."""
        memory = self._of(stream)
        if self._chance(0.4):
            return memory.nameable[-1]
        beneath = [each for each in memory.nameable if each[1].of in memory.annulled]
        if beneath and self._chance(0.4):
            return self._random.choice(beneath)
        return self._random.choice(memory.nameable)


def _names(job: str, values: Mapping[Facet, str | None]) -> dict[Name, str | None]:
    """Facet values under the names by which the oracle knows them."""
    return {("facet", job, facet.value): value for facet, value in values.items()}
