"""What the log keeps beside a fact: which stream and version, when, by whom, and why.

The two clocks meet here. The fact says when it is *in force* (`effective_…`); the envelope says
when the record *learned* it (`recorded_at`): one instant for everything that one command writes,
later than that of every command before it.

`F` is the union of facts. Bare `Recorded` means `Recorded[Fact]`; tests of the log itself use
small facts of their own.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Generic, overload
from uuid import UUID, uuid5

from pydantic import BaseModel
from typing_extensions import TypeVar

from transfer.core.words import Attested

if TYPE_CHECKING:
    from transfer.procedures.facts import Fact

F = TypeVar("F", bound=BaseModel, default="Fact")

# Stands for "the same as command_id" in a signature that promises a UUID; replaced at once.
_OWN = UUID(int=0)

PRACTICE = "practice"
"""What answers from a practice say in place of the edition that was rehearsed."""

NOT_YET = datetime.max.replace(tzinfo=UTC)
"""The instant of a fact that is not on record yet: later than every recorded one."""


@dataclass(frozen=True, slots=True)
class Command:
    """Who asks for something to be recorded, under which id, and in what connection.

    `command_id` is the idempotency key: the same id and `request_hash` again writes nothing and
    gets the first answer. `at` is the instant of a simulated clock; `None` is the database's own.
    Commands of one larger act share a `correlation_id` (their own id unless given), and so do those
    of one request and of the steps to which it leads (`transfer.log.trace`); `causation_id` is the
    event that led to this one, e.g. the one a workflow acts on.
    """

    command_id: UUID
    recorded_by: str
    request_hash: bytes
    correlation_id: UUID = _OWN
    causation_id: UUID | None = None
    at: datetime | None = None
    attested: Attested | None = None

    def __post_init__(self) -> None:
        """Check the instant's offset, and let the correlation be the command's own by default.

        Raises `ValueError` for an `at` without an offset: it would be read as local time.
        """
        if self.correlation_id == _OWN:
            object.__setattr__(self, "correlation_id", self.command_id)
        if self.at is not None and self.at.tzinfo is None:
            raise ValueError("the instant of a command needs an offset")


def keyed_hash(key: bytes, request_hash: bytes) -> bytes:
    """What the log keeps of a request whose SHA-256 is given: its HMAC-SHA256 under a key."""
    return hmac.digest(key, request_hash, hashlib.sha256)


def event_id_of(command_id: UUID, index: int) -> UUID:
    """The id of a command's event number `index`, from 0: the same wherever the command is."""
    return uuid5(command_id, str(index))


@dataclass(frozen=True, slots=True)
class Pending(Generic[F]):
    """A fact on its way into the log, at the version that it expects to have.

    `attested` is this fact's own claim from an older system; `None` leaves it at the command's.
    """

    stream: str
    version: int
    event_id: UUID
    fact: F
    command: Command
    attested: Attested | None = None

    @property
    def originator_id(self) -> str:
        """The event library's word for the stream."""
        return self.stream

    @property
    def originator_version(self) -> int:
        """The event library's word for the version."""
        return self.version


@dataclass(frozen=True, slots=True)
class Recorded(Generic[F]):
    """A fact on record. `position` is its place in the whole log, from 1, without gaps."""

    stream: str
    version: int
    event_id: UUID
    position: int
    recorded_at: datetime
    recorded_by: str
    command_id: UUID
    causation_id: UUID | None
    correlation_id: UUID
    attested: Attested | None
    fact: F

    @property
    def originator_id(self) -> str:
        """The event library's word for the stream."""
        return self.stream

    @property
    def originator_version(self) -> int:
        """The event library's word for the version."""
        return self.version


def as_if_recorded(
    stream: str,
    version: int,
    event_id: UUID,
    fact: F,
    *,
    position: int = 0,
    recorded_at: datetime = NOT_YET,
    by: str = "",
    command_id: UUID = _OWN,
) -> Recorded[F]:
    """A fact as if it were on record, to find out what would follow from it.

    Facts of several commands need the `command_id` of each: what one command wrote is one decision.
    """
    return Recorded(
        stream=stream,
        version=version,
        event_id=event_id,
        position=position,
        recorded_at=recorded_at,
        recorded_by=by,
        command_id=command_id,
        causation_id=None,
        correlation_id=_OWN,
        attested=None,
        fact=fact,
    )


@dataclass(frozen=True, slots=True)
class EventRef:
    """Where one event is, without its content."""

    stream: str
    version: int
    event_id: UUID
    position: int
    recorded_at: datetime


WrittenEvent = tuple[str, int, UUID]
"""Stream, version and id of an event that was written."""

WrittenInBinary = tuple[bytes, int, bytes]
"""The same, as the log's rows have it: the stream in UTF-8, the 16 bytes of the id."""


class Written(Sequence[WrittenEvent]):
    """The events of a command, each made into text and UUID when somebody asks for it.

    Of a large append most callers ask for none.
    """

    def __init__(self, rows: Sequence[WrittenInBinary]) -> None:
        self._rows = rows

    @overload
    def __getitem__(self, index: int) -> WrittenEvent: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[WrittenEvent]: ...

    def __getitem__(self, index: int | slice) -> WrittenEvent | Sequence[WrittenEvent]:
        """One event, or some of them."""
        if isinstance(index, slice):
            return Written(self._rows[index])
        stream, version, event_id = self._rows[index]
        return stream.decode(), version, UUID(bytes=event_id)

    def __len__(self) -> int:
        """How many were written."""
        return len(self._rows)

    def __eq__(self, other: object) -> bool:
        """Whether the other sequence has the same events."""
        return isinstance(other, (Written, tuple)) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        """As of the tuple that it equals."""
        return hash(tuple(self))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a command wrote: (stream, version, event id) of each event, in order.

    `replayed` says that this delivery wrote nothing, because the command was on record already
    (from an earlier delivery, or an earlier attempt of this one whose answer was lost).
    """

    command_id: UUID
    recorded_at: datetime
    events: Sequence[WrittenEvent]
    replayed: bool
    last_position: int


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log: the last position (0: empty) and its instant (`None`: empty)."""

    position: int
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class RehearsalMark:
    """This log was recorded on simulated time: it is no evidence of anything.

    It is a rehearsal's, of that edition, whose clock stands still once it has ended; or a practice
    (`PRACTICE` in place of the edition), whose clock stands until somebody moves it.
    """

    edition: str
    clock_stopped_at: datetime | None
    is_practice: bool = False


@dataclass(frozen=True, slots=True)
class Undecodable:
    """An event that the program cannot read, and why."""

    stream: str
    error: Exception


@dataclass(frozen=True, slots=True)
class ReadablePage(Generic[F]):
    """Some of the log, up to a position (`last`); `is_last` if nothing more is there now."""

    facts: list[Recorded[F]]
    undecodable: list[Undecodable]
    last: int
    is_last: bool
