"""Which procedures a fact concerns, and which must be waiting by what is on record.

Read from the log and from the kinds' declarations alone, never from Temporal's own lists: what
Temporal knows can be lost. A fact of a whole matter or group concerns its procedure, and whoever
has something of their own. A fact about one person concerns that person's procedure where it gives
them something of their own, or changes it: a day that others do not have, a duty, a hold, a
refusal. What is done for everybody of a group alike, a letter, an answer, concerns nobody's.

What cannot be read is one matter's trouble and stops that matter alone. Every function here goes on
with the others, and says which it could not read and why. A database that does not answer is no
matter's trouble: its errors come through.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
from eventsourcing.persistence import PersistenceError

from transfer.commands.due_steps import DueSteps
from transfer.commands.matter_worlds import Loaded
from transfer.commands.office import Office
from transfer.core.matter import book as b
from transfer.core.matter import facts as t
from transfer.core.matter.folding import State
from transfer.core.matter.kind import Kind
from transfer.core.matter.reckoning import Reckoned
from transfer.core.matter.replaying import CLOCK, standing
from transfer.core.matter.words import Nature, Slot, Whom
from transfer.core.record import staff as s
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import matter_stream, staff_stream, take_apart
from transfer.log.envelope import ReadablePage, Recorded, Undecodable
from transfer.log.faults import is_lost_connection
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts
from workflows import troubles
from workflows.ids import actor, procedure_name, runs_in
from workflows.messages import Lane, Whose

OF_THE_RECORD: tuple[type[Fact], ...] = (
    s.PositionChanged,
    s.TermGranted,
    s.TermVaried,
    s.TermEnded,
    s.EntryCorrected,
    s.EntryAnnulled,
)
"""The facts that may make right for what a step was refused; read only where one was."""

_ALWAYS_OWN = (
    t.MatterBegun,
    t.Joined,
    t.TakenOut,
    t.NoticeReissued,
    t.Held,
    t.Resumed,
    t.StepRefused,
    t.ApprovalAsked,
    t.ApprovalGiven,
    t.ApprovalDeclined,
    t.DutyToSettleOpened,
    t.DutySettled,
    t.Undone,
)
"""What is somebody's own, whatever it does to what is due."""

_FOR_ALL = (
    t.MatterBegun,
    t.GroupFormed,
    t.Completed,
    t.Abandoned,
    t.Held,
    t.Resumed,
    t.ApprovalGiven,
    t.ApprovalDeclined,
    t.DutyToSettleOpened,
    t.DutySettled,
    t.Undone,
)
"""What concerns everybody in a matter, whatever it does to what is due."""

_OF_ITS_OWN_PROCEDURE = (t.StepRefused, t.ApprovalAsked)
"""What only says how far one procedure is."""

AWAY = (PersistenceError, psycopg.OperationalError)
"""The errors of a database that does not answer."""

_PAGE = 1_000
_AT_ONCE = 250


def names_of_matters(known: KnownFacts) -> tuple[str, ...]:
    """The stored names of the facts of every kind of procedure."""
    kinds = (name for kind in known.kinds for name in kind.facts.values())
    return (*t.STORED_NAMES.values(), *kinds)


@dataclass(frozen=True, slots=True)
class Concern:
    """A procedure that is to read again, because of a fact if there was one."""

    whose: Whose
    caused_by: UUID | None = None


@dataclass(slots=True)
class Found:
    """What was found in some of the log, or in all of it.

    `read` and `unreadable` name procedures, or the stream of an event that cannot be decoded.
    """

    concerns: list[Concern] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    unreadable: dict[str, Exception] = field(default_factory=dict)


class _Reading:
    """What is on record of matters as a whole, each read once while a page is looked at."""

    def __init__(self, due: DueSteps, beat: Callable[[], None] = lambda: None) -> None:
        self.due = due
        self.beat = beat
        self.known = due.worlds.known
        self._states: dict[str, State | None] = {}
        self._refused: dict[str, tuple[Whose, ...]] = {}
        self.waits: dict[tuple[str, str, UUID | None], bool | Exception] = {}
        self._natures = {kind.name: _natures(kind) for kind in self.known.kinds}

    def state(self, matter: str) -> State | None:
        """A matter as a whole; `None` for one that lies on one person's stream alone.

        Raises `NotOnRecord` for a kind that the program does not know.
        """
        if matter not in self._states:
            self._states[matter] = self._state(matter)
        return self._states[matter]

    def _state(self, matter: str) -> State | None:
        if self.due.worlds.kind(matter).lies_with_person:
            return None
        loaded = Loaded()
        try:
            world = self.due.worlds.world(loaded, matter, None)
        except NotOnRecord:
            if self.due.worlds.read(loaded, matter_stream(matter)):
                raise
            return None
        return standing(world)[matter]

    def matters_of(self, fact: t.MatterFact) -> tuple[str, ...]:
        """The matter of a fact, and those that take it into account."""
        heard = (kind.hears_in(fact) for kind in self.known.kinds)
        return tuple(dict.fromkeys((fact.matter, *(name for name in heard if name is not None))))

    def effects(self, fact: t.MatterFact, matter: str) -> tuple[b.Effect, ...]:
        """What a fact does to what is due in a matter."""
        kind = self.due.worlds.kind(matter)
        return tuple(kind.does(fact) if fact.matter == matter else kind.hears_of(fact))

    def is_own(self, fact: t.MatterFact, matter: str, person: str) -> bool:
        """Whether a fact about one person gives them something of their own, or changes it."""
        if fact.matter == matter and isinstance(fact, _ALWAYS_OWN):
            return True
        natures = self._natures[self.due.worlds.kind(matter).name]
        by_clock = fact.made.by == CLOCK
        for effect in self.effects(fact, matter):
            match effect:
                case b.Moves():
                    return True
                case b.Closes() if not by_clock and natures.get(effect.what) in _DONE_BY_SOMEBODY:
                    return True
                case b.Opens() if self._is_own_line(effect, matter, person, by_clock=by_clock):
                    return True
                case _:
                    pass
        return False

    def _is_own_line(self, effect: b.Opens, matter: str, person: str, *, by_clock: bool) -> bool:
        line = self._shared_line(matter, person, effect)
        if effect.nature is Nature.RIGHT:
            # A letter that says to each what their group was told opens nothing of their own.
            return line is not None and not _same_day(line.when, effect.when)
        if effect.nature is Nature.ACT and by_clock:
            return line is None or not _same_day(line.when, effect.when)
        return True

    def _shared_line(self, matter: str, person: str, effect: b.Opens) -> b.Due | None:
        state = self.state(matter)
        if state is None:
            return None
        for group in dict.fromkeys((state.whole.book.group(matter, person), None)):
            line = state.whole.book.own(Slot(matter, group, None, effect.what, effect.about))
            if line is not None and not line.once:
                return line
        return None

    def groups(self, matter: str) -> tuple[str, ...]:
        """The groups of a matter."""
        state = self.state(matter)
        of = {} if state is None else state.whole.book.group_of
        return tuple(sorted({group for (name, _), group in of.items() if name == matter}))

    def refused_over_several(self, matter: str) -> tuple[Whose, ...]:
        """The procedures that were refused a step that sees several people: what somebody does
        may make right for it. Looked for once, and not for each fact about somebody."""
        if matter not in self._refused:
            state = self.state(matter)
            self._refused[matter] = () if state is None else tuple(_refused_over_several(state))
        return self._refused[matter]


def _refused_over_several(state: State) -> Iterator[Whose]:
    for due in state.whole.book.everything():
        if due.slot.what == b.REFUSED_STEP and due.is_open:
            step = state.kind.step(due.slot.about)
            if step is not None and step.several is not None:
                yield Whose(matter=state.matter, group=due.slot.group)


_DONE_BY_SOMEBODY = (Nature.ACT, Nature.DUTY)


def _natures(kind: Kind) -> Mapping[str, Nature]:
    """What each thing that a kind opens is."""
    opened = (does for row in kind.obligations for does in row.does)
    return {does.what: does.nature for does in opened if does.nature is not None}


def _same_day(one: Reckoned, other: Reckoned) -> bool:
    return (one.on, one.later, one.hangs_on) == (other.on, other.later, other.hangs_on)


@dataclass(slots=True)
class _Own:
    """Who has, or had, something of their own: by matter; who was brought into one; and who was
    refused a step in which."""

    people: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    joined: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    refused: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    seen_to: int = 0

    def take(self, recorded: Recorded[Fact], reading: _Reading) -> None:
        """Note the next recorded fact."""
        fact = recorded.fact
        if not isinstance(fact, t.MatterFact):
            return
        person = _person(recorded)
        if person is None:
            if isinstance(fact, t.DutyToSettleOpened):
                self.people[fact.matter].update(fact.concerns)
            return
        if isinstance(fact, t.StepRefused):
            self.refused[person].add(fact.matter)
        if isinstance(fact, t.Joined):
            self.joined[fact.matter].add(person)
        for matter in reading.matters_of(fact):
            if person not in self.people[matter] and _is_own_or_unreadable(
                reading, fact, matter, person
            ):
                self.people[matter].add(person)

    def gather(self, office: Office, reading: _Reading) -> list[Undecodable]:
        """Read on to the end of the log; what of it could not be read."""
        # The head first: whatever is committed up to it is then in the pages, and seen.
        head = office.log.head().position
        names = names_of_matters(reading.known)
        undecodable: list[Undecodable] = []
        while self.seen_to < head:
            reading.beat()
            page = office.log.page_readable(self.seen_to, _PAGE, names)
            undecodable += page.undecodable
            self.take_page(page, head, reading)
        return undecodable

    def take_page(self, page: ReadablePage[Fact], head: int, reading: _Reading) -> None:
        """Note what is new in a page of the log; `head` was on record before it was read."""
        for recorded in page.facts:
            if recorded.position > self.seen_to:
                self.take(recorded, reading)
        self.seen_to = max(self.seen_to, page.last, head if page.is_last else 0)

    def among(self, matter: str, group: str | None, reading: _Reading) -> list[str]:
        """Who of a group (of the whole matter without one) has something of their own."""
        own = self.people[matter]
        state = None if group is None else reading.state(matter)
        if state is None:
            return sorted(own)
        of = state.whole.book.group_of
        joined = self.joined[matter]
        return sorted(who for who in own if who in joined or of.get((matter, who)) == group)


def _is_own_or_unreadable(reading: _Reading, fact: t.MatterFact, matter: str, person: str) -> bool:
    try:
        return reading.is_own(fact, matter, person)
    except Exception as error:
        # Who cannot be judged is told once that can be read again.
        if is_lost_connection(error):
            raise
        return reading.known.kind(matter) is not None


class Concerns:
    """The concerns of recorded facts, in the light of the whole log; used by one thread.

    `beat` is called as the work gets on, from that thread.
    """

    def __init__(
        self, office: Office, due: DueSteps, beat: Callable[[], None] = lambda: None
    ) -> None:
        self._beat = beat
        self._office = office
        self._due = due
        self._own = _Own()
        self._reading: _Reading | None = None
        self._in_trouble: set[str] = set()
        known = due.worlds.known
        self._names = names_of_matters(known)
        self._of_the_record = tuple(known.names[fact] for fact in OF_THE_RECORD)

    @property
    def names(self) -> tuple[str, ...]:
        """The stored names of the facts to read from here on.

        The record itself is read only where somebody was refused a step, so that an import of
        millions passes a service by in which nobody was. Whoever is refused in the page that is
        read next begins a procedure, which looks at the whole record itself.
        """
        self._own.gather(self._office, _Reading(self._due, self._beat))
        return self._names + self._of_the_record if self._own.refused else self._names

    def page(self, after: int, head: int, limit: int) -> ReadablePage[Fact]:
        """The next facts to look at behind a position; `head` is on record already.

        Nearly always it has nothing of any procedure. Then nobody has anything new in one either,
        and this one query has found that out.
        """
        own, log, reading = self._own, self._office.log, _Reading(self._due, self._beat)
        if own.seen_to < after:
            own.gather(self._office, reading)
        while True:
            is_refused = bool(own.refused)
            names = self._names + self._of_the_record if is_refused else self._names
            page = log.page_readable(after, limit, names)
            self._reading = _Reading(self._due, self._beat)
            own.take_page(page, head, self._reading)
            if is_refused or not own.refused:
                return page
            # The page had a refusal: read it again with the facts of the record that may end one.

    def of_page(
        self, page: Sequence[Recorded[Fact]], undecodable: Sequence[Undecodable] = ()
    ) -> Found:
        """The concerns of several facts, one a procedure.

        A matter that could not be read before and can be now concerns everybody in it: what they
        were to be told meanwhile is not known.
        """
        # What was looked at when the page was read is as new as its facts.
        reading, self._reading = self._reading or _Reading(self._due, self._beat), None
        found = Found(unreadable={each.stream: each.error for each in undecodable})
        facts: dict[str, list[Recorded[Fact]]] = defaultdict(list)
        if page and page[-1].position > self._own.seen_to:
            self._own.gather(self._office, reading)
        for recorded in page:
            if isinstance(recorded.fact, t.MatterFact):
                for matter in reading.matters_of(recorded.fact):
                    facts[matter].append(recorded)
            elif isinstance(recorded.fact, OF_THE_RECORD):
                for matter in self._own.refused.get(_person(recorded) or "", ()):
                    facts[matter].append(recorded)
        concerned: dict[Whose, Concern] = {}
        for matter, recorded_there in facts.items():
            names = {_name_of(matter, recorded) for recorded in recorded_there}
            try:
                reading.state(matter)
                concerns = [
                    each
                    for recorded in recorded_there
                    for each in self._told_of(recorded, matter, reading, found)
                ]
                if matter in self._in_trouble:
                    concerns += map(Concern, _must_wait_in(matter, self._own, reading, found))
            except Exception as error:
                if is_lost_connection(error):
                    raise
                self._in_trouble.add(matter)
                found.unreadable |= dict.fromkeys(names, error)
            else:
                self._in_trouble.discard(matter)
                found.read |= names
                for concern in concerns:
                    concerned[concern.whose] = concern
        found.concerns = list(concerned.values())
        return found

    def _told_of(
        self, recorded: Recorded[Fact], matter: str, reading: _Reading, found: Found
    ) -> Iterator[Concern]:
        for whose in self._of(recorded, matter, reading, found):
            if recorded.recorded_by != actor(whose):  # it knows what it has done itself
                yield Concern(whose, recorded.event_id)

    def _of(
        self, recorded: Recorded[Fact], matter: str, reading: _Reading, found: Found
    ) -> Iterator[Whose]:
        fact, person = recorded.fact, _person(recorded)
        if not isinstance(fact, t.MatterFact):
            yield Whose(matter=matter, staff_number=person)
        elif person is not None:
            if reading.is_own(fact, matter, person):
                yield Whose(matter=matter, staff_number=person)
            yield from reading.refused_over_several(matter)
        else:
            yield from self._of_whole(recorded, fact, matter, reading, found)

    def _of_whole(
        self,
        recorded: Recorded[Fact],
        fact: t.MatterFact,
        matter: str,
        reading: _Reading,
        found: Found,
    ) -> Iterator[Whose]:
        heard = fact.matter != matter
        group = fact.group if isinstance(fact, t.GroupFact) and not heard else None
        yield Whose(matter=matter, group=group)
        if isinstance(fact, _OF_ITS_OWN_PROCEDURE):
            return
        if group is None and not isinstance(fact, t.StepTaken):
            if not isinstance(fact, _FOR_ALL) and not reading.effects(fact, matter):
                return
            for name in reading.groups(matter):
                yield Whose(matter=matter, group=name)
        # Whoever was passed by as well: their own procedures may have ended meanwhile.
        own = self._own.among(matter, group, reading)
        # At the end of the matter whoever waited until then is told, so that they end as well.
        without = recorded.event_id if isinstance(fact, t.Completed | t.Abandoned) else None
        yield from _who_waits(matter, own, reading, found, without=without)


class Waiting:
    """Which procedures must be waiting, asked again and again: each time only what is new of the
    log is read for who has something of their own. Used by one thread at a time."""

    def __init__(self, office: Office, due: DueSteps) -> None:
        self._office = office
        self._due = due
        self._own = _Own()
        self._lanes: tuple[int, Mapping[Lane, Sequence[Whose]]] | None = None

    def found(self) -> Found:
        """Every procedure that has something to wait for, by the whole log as it stands: of each
        matter that has begun and is not over, its groups, and people with something of their own.
        """
        found, reading = Found(), _Reading(self._due)
        undecodable = self._own.gather(self._office, reading)
        known = self._due.worlds.known
        names = tuple(name for fact, name in known.names.items() if issubclass(fact, t.MatterBegun))
        at = 0
        while True:
            page = self._office.log.page_readable(at, _PAGE, names)
            undecodable += page.undecodable
            for recorded in page.facts:
                fact = recorded.fact
                if not isinstance(fact, t.MatterBegun):
                    continue
                name = _name_of(fact.matter, recorded)
                try:
                    waiting = list(_must_wait_in(fact.matter, self._own, reading, found))
                except Exception as error:
                    if is_lost_connection(error):
                        raise
                    found.unreadable[name] = error
                else:
                    found.read.add(name)
                    found.concerns += map(Concern, waiting)
            if page.is_last:
                break
            at = page.last
        found.unreadable |= {each.stream: each.error for each in undecodable}
        return found

    def note_stuck(self, queue: str, found: Mapping[str, str], among: set[str]) -> None:
        """Write down in whose steps the program fails, of those that it has looked at."""
        with self._office.log.connection() as connection:
            troubles.note(connection, queue, "stuck", found, among=among)

    def people_of(self, lane: Lane) -> tuple[Whose, ...]:
        """Everybody of a lane who has, or had, something of their own in a matter that is not over
        as a whole."""
        reading = _Reading(self._due)
        self._own.gather(self._office, reading)
        # All lanes ask in the same second, where a service begins or its clock is moved.
        if self._lanes is None or self._lanes[0] != self._own.seen_to:
            self._lanes = self._own.seen_to, self._by_lane(reading)
        return tuple(self._lanes[1].get(lane, ()))

    def _by_lane(self, reading: _Reading) -> dict[Lane, list[Whose]]:
        found: dict[Lane, list[Whose]] = defaultdict(list)
        for matter, people in self._own.people.items():
            for person in () if _is_over(matter, reading) else sorted(people):
                whose = Whose(matter=matter, staff_number=person)
                lane = runs_in(whose)
                if isinstance(lane, Lane):
                    found[lane].append(whose)
        return found


def _is_over(matter: str, reading: _Reading) -> bool:
    try:
        state = reading.state(matter)
    except Exception as error:
        if is_lost_connection(error):
            raise
        return False  # nobody knows
    return state is not None and state.is_over


def must_be_waiting(office: Office, due: DueSteps) -> Found:
    """The same, asked once."""
    return Waiting(office, due).found()


def _must_wait_in(matter: str, own: _Own, reading: _Reading, found: Found) -> Iterator[Whose]:
    if reading.state(matter) is not None:
        for group in (None, *reading.groups(matter)):
            if reading.due.waits(Whom(matter, group)):
                yield Whose(matter=matter, group=group)
    yield from _who_waits(matter, own.among(matter, None, reading), reading, found)


def _who_waits(
    matter: str,
    people: Sequence[str],
    reading: _Reading,
    found: Found,
    *,
    without: UUID | None = None,
) -> Iterator[Whose]:
    """Whose own procedure has something to wait for (or had, `without` a fact); who cannot be read
    is noted as such."""
    _look_at(matter, people, reading, without)
    for person in people:
        whose = Whose(matter=matter, staff_number=person)
        waits = reading.waits[matter, person, without]
        if isinstance(waits, Exception):
            found.unreadable[procedure_name(whose)] = waits
        else:
            found.read.add(procedure_name(whose))
            if waits:
                yield whose


def _look_at(matter: str, people: Sequence[str], reading: _Reading, without: UUID | None) -> None:
    """Find out, once while a page is looked at, whether each has something to wait for."""
    those = [each for each in people if (matter, each, without) not in reading.waits]
    for start in range(0, len(those), _AT_ONCE):
        reading.beat()
        some, loaded = those[start : start + _AT_ONCE], Loaded()
        read_together(some, loaded, reading.due)
        for person in some:
            whom = Whom(matter, None, person)
            try:
                found: bool | Exception = reading.due.waits(whom, loaded, without=without)
            except Exception as error:
                if is_lost_connection(error):
                    raise
                found = error  # whatever it is, it is theirs
            reading.waits[matter, person, without] = found


def read_together(people: Iterable[str], loaded: Loaded, due: DueSteps) -> None:
    """Read the records of some people in one query; where that fails, each is read alone later."""
    try:
        due.worlds.read_many(loaded, [staff_stream(person) for person in people])
    except Exception as error:
        if is_lost_connection(error):
            raise
        loaded.streams.clear()  # each is then read alone, and who cannot be is found


def _name_of(matter: str, recorded: Recorded[Fact]) -> str:
    """What a matter is called where it cannot be read: one that is one person's alone, after its
    person's procedure."""
    person = _person(recorded)
    its_own = person is not None and person in matter
    return procedure_name(Whose(matter=matter, staff_number=person if its_own else None))


def _person(recorded: Recorded[Fact]) -> str | None:
    kind, name = take_apart(recorded.stream)
    return name if kind == "staff" else None
