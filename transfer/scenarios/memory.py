"""A log in memory, for a scenario that is played without engines.

Streams are appended and read under the very rules of the real log: versions are checked, a command
has one instant, later than that of every command before it, and is recorded once. Facts are stored
and read in their stored form. It keeps no tables: what is asked of it is answered from facts.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import psycopg
from psycopg.rows import DictRow

from transfer.commands.matter_people import MatterPeople
from transfer.core.matter import facts as t
from transfer.core.refusals import KeyReused, StaleRead, StaleVersion
from transfer.core.streams import take_apart
from transfer.log.appending import Alongside
from transfer.log.application import Log, New, Reads
from transfer.log.editions import Editions
from transfer.log.envelope import Command, Head, ReadablePage, Receipt, Recorded, event_id_of
from transfer.log.mapper import mapper_of_facts
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts
from transfer.rulebooks import Rulebook, rulebook, shipped
from transfer.vault import People, Sealed, Vault

_MOMENT = timedelta(microseconds=1)


class MemoryLog(Log[Fact]):
    """As much of a log as commands need: append, read and page. For one thread."""

    def __init__(self, known: KnownFacts) -> None:
        # Not the log's own, which opens a database.
        self.known = known
        self._mapper = mapper_of_facts(known)
        self._streams: dict[str, list[Recorded[Fact]]] = defaultdict(list)
        self._receipts: dict[UUID, tuple[bytes, Receipt]] = {}
        self.recorded: list[Recorded[Fact]] = []
        """Everything on record, in the order of the log."""

    def append(
        self,
        new: Sequence[New[Fact]],
        command: Command,
        alongside: Alongside | None = None,  # noqa: ARG002 - rows of tables, of which there are none
        *,
        reads: Reads | None = None,
        encode_first: bool = False,  # noqa: ARG002 - there is no lock
    ) -> Receipt:
        """See `Log.append`."""
        first = self.first_answer(command)
        if first is not None:
            return first
        self._require_versions({stream: expected for stream, expected, *_ in new}, reads or {})
        at = self._instant(command)
        for index, (stream, _, fact, *_) in enumerate(new):
            event_id = event_id_of(command.command_id, index)
            name, state = self._mapper.stored_form(fact, command, None)
            version, position = len(self._streams[stream]) + 1, len(self.recorded) + 1
            stored = self._mapper.decode(
                stream, version, name.decode(), state, position, at, event_id
            )
            self._streams[stream].append(stored)
            self.recorded.append(stored)
        written = self.recorded[-len(new) :]
        receipt = Receipt(
            command_id=command.command_id,
            recorded_at=at,
            events=tuple((each.stream, each.version, each.event_id) for each in written),
            replayed=False,
            last_position=len(self.recorded),
        )
        self._receipts[command.command_id] = (command.request_hash, receipt)
        return receipt

    def _require_versions(self, written: Mapping[str, int], reads: Reads) -> None:
        for stream, expected in written.items():
            if len(self._streams[stream]) != expected:
                raise StaleVersion(f"{stream} has moved past version {expected}", stream=stream)
        for stream, expected in reads.items():
            if len(self._streams[stream]) != expected:
                raise StaleRead(f"{stream} has moved since this was decided", stream=stream)

    def _instant(self, command: Command) -> datetime:
        if command.at is None:
            raise ValueError("a scenario's acts bring their instants")
        at = command.at.astimezone(UTC)
        return max(at, self.recorded[-1].recorded_at + _MOMENT) if self.recorded else at

    def first_answer(self, command: Command) -> Receipt | None:
        """See `Log.first_answer`."""
        if command.command_id not in self._receipts:
            return None
        request_hash, receipt = self._receipts[command.command_id]
        if request_hash != command.request_hash:
            raise KeyReused("this key was used before, with another request")
        return receipt

    def read(
        self, stream: str, *, after: int = 0, up_to_recorded: datetime | None = None
    ) -> list[Recorded[Fact]]:
        """See `Log.read`."""
        return [
            each
            for each in self._streams.get(stream, [])[after:]
            if up_to_recorded is None or each.recorded_at <= up_to_recorded
        ]

    def read_many(
        self, streams: Sequence[str], *, up_to_recorded: datetime | None = None
    ) -> dict[str, list[Recorded[Fact]]]:
        """See `Log.read_many`."""
        return {stream: self.read(stream, up_to_recorded=up_to_recorded) for stream in streams}

    def read_new(self, known: Mapping[str, int]) -> dict[str, list[Recorded[Fact]]]:
        """See `Log.read_new`."""
        return {stream: self.read(stream, after=version) for stream, version in known.items()}

    def page_readable(
        self, after_position: int, limit: int, topics: Sequence[str]
    ) -> ReadablePage[Fact]:
        """See `Log.page_readable`."""
        asked, names = frozenset(topics), self.known.names
        left = self.recorded[after_position:]
        found = [each for each in left if names[type(each.fact)] in asked][:limit]
        last = found[-1].position if found else after_position
        return ReadablePage(found, [], last, is_last=len(found) < limit)

    def streams_under(self, prefix: str) -> list[str]:
        """See `Log.streams_under`."""
        return sorted(name for name, of in self._streams.items() if of and name.startswith(prefix))

    def last_stream(self, kind: str) -> str | None:
        """See `Log.last_stream`."""
        return max(self.streams_under(f"{kind}:"), default=None)

    def until(self, instant: datetime) -> "MemoryLog":
        """The log as it was at an instant, itself included."""
        earlier = MemoryLog(self.known)
        earlier.recorded = [each for each in self.recorded if each.recorded_at <= instant]
        for each in earlier.recorded:
            earlier._streams[each.stream].append(each)
        return earlier

    def head(self) -> Head:
        """See `Log.head`."""
        return Head(len(self.recorded), self.recorded[-1].recorded_at if self.recorded else None)

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[DictRow]]:
        """There is no database: raises `LookupError`."""
        none: tuple[psycopg.Connection[DictRow], ...] = ()
        yield from none
        raise LookupError("a scenario without engines keeps no tables")


class PeopleInMemory(MatterPeople):
    """Who has something on record in which matter, read off a log in memory."""

    def __init__(self, log: MemoryLog) -> None:
        super().__init__(log, log.known)
        self._recorded = log.recorded

    def of(self, matter: str, *, since: date | None = None) -> tuple[str, ...]:
        """See `MatterPeople.of`."""
        found = (
            who
            for who, fact in self._facts_of(matter)
            if since is None or fact.happened_on >= since
        )
        return tuple(sorted(set(found)))

    def joined(self, matter: str) -> tuple[str, ...]:
        """See `MatterPeople.joined`."""
        found = {who for who, fact in self._facts_of(matter) if isinstance(fact, t.Joined)}
        _, known = self._joined.get(matter, (0, ()))
        if len(found) != len(known):
            known = tuple(sorted(found))
            self._joined[matter] = (len(self._recorded), known)
        return known

    def matters(self, kind: str, staff_number: str | None = None) -> tuple[tuple[str, str], ...]:
        """See `MatterPeople.matters`."""
        found = {
            (fact.matter, who)
            for who, fact in self._facts()
            if fact.matter.startswith(f"{kind}:") and staff_number in (None, who)
        }
        return tuple(sorted(found))

    def _facts_of(self, matter: str) -> Iterator[tuple[str, t.MatterFact]]:
        return ((who, fact) for who, fact in self._facts() if fact.matter == matter)

    def _facts(self) -> Iterator[tuple[str, t.MatterFact]]:
        for each in self._recorded:
            kind, number = take_apart(each.stream)
            if kind == "staff" and isinstance(each.fact, t.MatterFact):
                yield number, each.fact


class OneEdition(Editions):
    """The editions of a record that has the program's own, and the one that is played."""

    def __init__(self, book: Rulebook) -> None:
        # Not the record's own, which are kept in a database.
        self._book = book

    def find(self, edition: str) -> Rulebook:
        """See `Editions.find`."""
        return self._book if edition == self._book.edition else rulebook(edition)

    def by_digest(self, digest: str) -> Rulebook | None:
        """See `Editions.by_digest`."""
        books = (self._book, *shipped().values())
        return next((book for book in books if book.digest() == digest), None)


class NoVault(Vault):
    """A vault that keeps nothing: the people of a scenario are invented."""

    def __init__(self) -> None:
        """There is no key, and nothing to lock up."""

    def seal(self, people: People) -> Sealed:  # noqa: ARG002 - nothing of it is kept
        """See `Vault.seal`."""
        return Sealed((), ())
