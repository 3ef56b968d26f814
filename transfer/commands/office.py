"""Load, decide, append: the one way in which anything is put on record.

An `Office` has the log and the vault; every command of this package takes it first and an `Act`
that says who acts, under which id and when. A command loads facts, folds them, lets the pure core
decide, and appends what it answers in one append. Somebody else's append in between makes the
command load and decide again, unless the caller named the version that it relied on.

What is put on people's own records goes through `Office.record`: where one of them is in a
procedure, whatever was decided there and rested on their record is considered again, and what is to
be settled for it is part of the same append.

A decision often rests on more than the stream that it writes to: on the exercise's plan, say. The
append then names that too (`reads`), and a plan that has moved makes the command decide again.
"""

import hashlib
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from transfer.commands.people_kept import KeptFolds
from transfer.core.dating.effective_dating import Entries, Kind
from transfer.core.matter.facts import MatterFact
from transfer.core.record import staff
from transfer.core.record.entries import EntryOnRecord
from transfer.core.record.entry_objections import ObjectionFact, Objections
from transfer.core.record.entry_objections import evolve as evolve_objections
from transfer.core.record.evidence import EvidenceReturned
from transfer.core.record.links import IdentityFact, Links
from transfer.core.record.links import evolve as evolve_links
from transfer.core.record.names import NameEntry, StaffNamed
from transfer.core.refusals import NotOnRecord, StaleRead, StaleVersion
from transfer.core.streams import staff_stream, take_apart
from transfer.core.words import is_staff_number
from transfer.log.appending import Alongside
from transfer.log.application import Log, Reads
from transfer.log.editions import Editions
from transfer.log.envelope import Command, Receipt, Recorded, as_if_recorded, event_id_of
from transfer.log.restriction import is_restricted
from transfer.log.trace import current_correlation
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts
from transfer.vault import Vault

T = TypeVar("T")

ATTEMPTS = 20
"""How often a command is decided again after somebody else wrote to its stream first. Those who
were overtaken take turns, so however many want to write at once, each has to stand back only behind
those who have just come (and behind other processes)."""

_TURNS = 64

_MOST_SPELLINGS = 200_000
"""Staff numbers whose spelling is remembered."""

_NAMESPACE = uuid5(NAMESPACE_URL, "transfer")


def key_id(*parts: str) -> UUID:
    """The id of a command that must happen once: the same for the same parts, wherever made."""
    return uuid5(_NAMESPACE, "\n".join(parts))


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts, under which id, and when.

    `at` is the instant of a simulated clock (`None`: the database's own). `expected_version` is
    the stream version that the caller relied on, `None` where they did not say. `request` is what
    was asked, for telling a repeated key from a reused one. Within a request, `correlation_id` is
    what the request is followed by (`transfer.log.trace`).
    """

    by: str
    command_id: UUID
    at: datetime | None = None
    correlation_id: UUID | None = field(default_factory=current_correlation)
    causation_id: UUID | None = None
    expected_version: int | None = None
    request: str = ""

    def command(self) -> Command:
        """The envelope that the log keeps."""
        return Command(
            command_id=self.command_id,
            recorded_by=self.by,
            request_hash=hashlib.sha256(self.request.encode()).digest(),
            correlation_id=self.correlation_id or self.command_id,
            causation_id=self.causation_id,
            at=self.at,
        )

    def part(self, *names: str) -> "Act":
        """The act of one piece of a larger one: its own id, the same correlation."""
        return Act(
            by=self.by,
            command_id=key_id(str(self.command_id), *names),
            at=self.at,
            correlation_id=self.correlation_id or self.command_id,
            causation_id=self.causation_id,
            request="\n".join((self.request, *names)),
        )


@dataclass(slots=True)
class Person:
    """One staff member as the decisions need to know them; `known` are the program's facts.

    `matters` are the procedures in which something of theirs is on record.
    """

    staff_number: str
    known: KnownFacts
    version: int = 0
    record: staff.StaffRecord = field(default_factory=staff.StaffRecord)
    entries: Entries = field(default_factory=Entries)
    links: Links = field(default_factory=Links)
    objections: Objections = field(default_factory=Objections)
    evidence: EvidenceReturned = field(default_factory=EvidenceReturned)
    names: list[NameEntry] = field(default_factory=list)
    matters: set[str] = field(default_factory=set)

    def take(self, recorded: Recorded[Fact]) -> None:
        """Fold the next recorded fact."""
        fact = recorded.fact
        self.version = recorded.version
        entry = self.known.entry_of(recorded.event_id, recorded.recorded_at, fact)
        if entry is not None:
            self.entries.add(entry)
        if isinstance(fact, staff.StaffFact):
            staff.evolve(self.record, recorded.event_id, fact)
            self._take_name(recorded.event_id, fact)
        elif isinstance(fact, IdentityFact):
            evolve_links(self.links, recorded.event_id, fact)
        elif isinstance(fact, ObjectionFact):
            evolve_objections(self.objections, recorded.event_id, fact)
        elif isinstance(fact, EvidenceReturned):
            self.evidence = fact
        elif isinstance(fact, MatterFact):
            self.matters.add(fact.matter)
            if entry is not None:
                entered = EntryOnRecord(is_annulment=entry.annuls, of=entry.of)
                staff.enter_on_record(self.record, recorded.event_id, entered)
                terms = (piece.key.name for piece in entry.content if piece.key.kind is Kind.TERM)
                staff.note_terms(self.record, terms)

    def copy(self) -> "Person":
        """The same person, who can be taken further by themselves."""
        return replace(
            self,
            record=self.record.copy(),
            entries=self.entries.copy(),
            links=replace(
                self.links, made=dict(self.links.made), standing=dict(self.links.standing)
            ),
            objections=Objections(dict(self.objections.made)),
            names=list(self.names),
            matters=set(self.matters),
        )

    def _take_name(self, event_id: UUID, fact: staff.StaffFact) -> None:
        if isinstance(fact, StaffNamed):
            self.names.append(NameEntry(event_id, fact.effective_from, fact.of))
        elif isinstance(fact, staff.EntryAnnulled):
            named = self.record.entries.get(fact.of)
            if named is not None and named.is_naming:
                self.names.append(NameEntry(event_id, None, fact.of))

    def require_version(self, expected: int | None) -> None:
        """Raise `StaleVersion` where a caller has relied on another version than is on record."""
        if expected is not None and self.version != expected:
            raise StaleVersion(
                f"{self.staff_number} is at version {self.version}, not {expected}: "
                "read it again and decide anew"
            )

    def require_registered(self) -> None:
        """Raise `NotOnRecord` unless the person's record has begun."""
        if not self.record.is_registered:
            raise NotOnRecord(f"no staff number {self.staff_number} on record")


New = tuple[str, int, Fact]
"""A fact to append: its stream, the version that this has, and the fact."""


@dataclass(frozen=True, slots=True)
class Following:
    """What follows in procedures from facts of people's records: more to append, and the streams
    that this rests on, each with its version."""

    new: Sequence[New] = ()
    reads: Mapping[str, int] = field(default_factory=dict)


class Reconsiders(Protocol):
    """Considers again what was decided of people in procedures and rested on their record."""

    def __call__(
        self, people: Sequence[Person], new: Sequence[Recorded[Fact]], act: "Act", /
    ) -> Following:
        """What is to be settled because of `new`, facts of the records of these people as they
        would be on record."""


def _nothing_follows(
    _people: Sequence[Person], _new: Sequence[Recorded[Fact]], _act: Act
) -> Following:
    """An office that runs no procedures."""
    return Following()


class Office:
    """The log, the vault and the loaders that every command shares; safe among threads.

    `reconsiders` is handed in by the composition root, where procedures are run on the record.
    """

    def __init__(self, log: Log[Fact], vault: Vault) -> None:
        self.log = log
        self.vault = vault
        self.reconsiders: Reconsiders = _nothing_follows
        self.editions = Editions(log.connection)
        self._spellings: dict[str, str] = {}
        self._people: KeptFolds[Person] = KeptFolds()
        # By stream, as near as makes no difference: two streams may share a turn.
        self._turns = tuple(threading.Lock() for _ in range(_TURNS))

    @property
    def known(self) -> KnownFacts:
        """The facts that the program has, as the log was opened with them."""
        return self.log.known

    # --- loading -------------------------------------------------------------------------------

    def person(self, staff_number: str) -> Person:
        """One staff member from the log, empty if nothing is on record."""
        stream = staff_stream(staff_number)
        # A view of the log shows something else, and so does a connection that is restricted.
        if type(self.log) is not Log or is_restricted():
            return self._person(staff_number, self.log.read(stream))
        person = self._people.find(stream) or Person(staff_number, self.known)
        new = self.log.read(stream, after=person.version)
        for recorded in new:
            person.take(recorded)
        if new:
            self._people.keep(stream, person)
        return person

    def person_at(self, staff_number: str, version: int) -> Person:
        """One staff member as they stood once their event of that version was on record."""
        return self._person(staff_number, self.log.read(staff_stream(staff_number))[:version])

    def person_known(self, staff_number: str, known_at: datetime | None) -> Person:
        """One staff member as the record knew them at an instant (`None`: knows them now), empty
        if it did not."""
        stream = staff_stream(staff_number)
        return self._person(staff_number, self.log.read(stream, up_to_recorded=known_at))

    def people(self, staff_numbers: Sequence[str]) -> list[Person]:
        """Several staff members in one query, in the order asked for."""
        found = self.log.read_many([staff_stream(number) for number in staff_numbers])
        return [self._person(number, found[staff_stream(number)]) for number in staff_numbers]

    def everybody(self) -> Sequence[str]:
        """Every staff number on record, in order."""
        return [take_apart(stream)[1] for stream in self.log.streams_under("staff:")]

    def spellings(self, staff_numbers: Collection[str]) -> list[str]:
        """How those of these numbers that are on record are spelled there, whatever their case."""
        streams = [staff_stream(each).lower() for each in staff_numbers if is_staff_number(each)]
        if not streams:
            return []
        with self.log.connection() as connection:
            rows = connection.execute(
                "SELECT originator_id FROM events"
                " WHERE originator_version = 1 AND lower(originator_id) = ANY(%s)",
                (streams,),
            ).fetchall()
        return [take_apart(row["originator_id"])[1] for row in rows]

    def spelled(self, staff_number: str) -> str:
        """How a staff number is spelled on record, however it was typed.

        Itself where it is spelled so, or nobody has it. A record never goes, so what was found once
        is remembered.
        """
        known = self._spellings.get(staff_number)
        if known is None:
            found = self.spellings([staff_number])
            if not found:
                return staff_number
            known = staff_number if staff_number in found else found[0]
            if len(self._spellings) < _MOST_SPELLINGS:
                self._spellings[staff_number] = known
        return known

    def _person(self, staff_number: str, events: Sequence[Recorded[Fact]]) -> Person:
        return person_of(staff_number, events, self.known)

    # --- deciding and appending ----------------------------------------------------------------

    def first_answer(self, act: Act) -> Receipt | None:
        """What a repeated command answered the first time; raises `KeyReused` for another one."""
        return self.log.first_answer(act.command())

    def record_person(
        self,
        staff_number: str,
        act: Act,
        decide: Callable[[Person], Sequence[Fact]],
        alongside: Alongside | None = None,
    ) -> Receipt | None:
        """Decide on one staff member and append; `None` where the step was already taken.

        Raises what the decision raises, and `StaleVersion` where the caller named a version.
        """
        stream = staff_stream(staff_number)

        def attempt() -> Receipt | None:
            person = self.person(staff_number)
            person.require_version(act.expected_version)
            new = [(stream, person.version, fact) for fact in decide(person)]
            return self.record([person], new, act, alongside)

        return self.persist(attempt, about=stream, once=act.expected_version is not None)

    def record(
        self,
        people: Sequence[Person],
        new: Sequence[New],
        act: Act,
        alongside: Alongside | None = None,
    ) -> Receipt | None:
        """Append facts of these people's own records, and then, in the same append, what is to be
        settled for them in the procedures that they are in; `None` where there is nothing.

        Whoever is in none costs nothing more.
        """
        concerned = [person for person in people if person.matters]
        if not new or not concerned:
            return self.append(new, act, alongside)
        following = self.reconsiders(concerned, _as_if_recorded(new, act), act)
        own = {stream for stream, _, _ in new}
        try:
            return self.append([*new, *following.new], act, alongside, reads=following.reads)
        except StaleVersion as stale:
            if stale.stream in own or not stale.stream:
                raise
            # A procedure went on meanwhile: nobody relied on its version, and it is decided anew.
            raise StaleRead(str(stale), stream=stale.stream) from stale

    def would_follow(self, people: Sequence[Person], new: Sequence[New], act: Act) -> Sequence[New]:
        """What else `record` would append: what would have to be settled in procedures."""
        concerned = [person for person in people if person.matters]
        if not new or not concerned:
            return ()
        return self.reconsiders(concerned, _as_if_recorded(new, act), act).new

    def append(
        self,
        new: Sequence[New],
        act: Act,
        alongside: Alongside | None = None,
        *,
        reads: Reads | None = None,
    ) -> Receipt | None:
        """Append what was decided, if what it rests on still holds; `None` where that is nothing.

        Raises `StaleRead` where one of the `reads` has moved.
        """
        if not new:
            return None
        return self.log.append(new, act.command(), alongside, reads=reads)

    def persist(self, attempt: Callable[[], T], *, about: str = "", once: bool = False) -> T:
        """Attempt again while somebody else keeps writing first; give up after `ATTEMPTS`.

        `about` names what is contended for: those who were overtaken there take turns. `once`: the
        caller relied on a version of what is written, so only what was read may have moved.
        """
        again = StaleRead if once else StaleVersion
        try:
            return attempt()
        except again:
            pass
        with self._turns[hash(about) % _TURNS]:
            for _ in range(ATTEMPTS - 2):
                try:
                    return attempt()
                except again:
                    continue
            return attempt()


def _as_if_recorded(new: Sequence[New], act: Act) -> list[Recorded[Fact]]:
    reached: dict[str, int] = {}
    recorded: list[Recorded[Fact]] = []
    for index, (stream, expected, fact) in enumerate(new):
        version = reached[stream] = reached.get(stream, expected) + 1
        event_id = event_id_of(act.command_id, index)
        event = as_if_recorded(
            stream, version, event_id, fact, by=act.by, command_id=act.command_id
        )
        recorded.append(event)
    return recorded


def person_of(staff_number: str, events: Iterable[Recorded[Fact]], known: KnownFacts) -> Person:
    """One staff member as the decisions need to know them, from their events."""
    person = Person(staff_number, known)
    for recorded in events:
        person.take(recorded)
    return person
