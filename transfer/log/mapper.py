"""Facts to stored events and back: stable literal names, readable JSON.

A stored event's `topic` is the fact's stored name; its `state` is one JSON object:

    {"by": …, "command": …, "causation": …, "correlation": …, "attested": …, "fact": {…}}

Stream, version, position, instant and event id are columns of the table, not repeated in it.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Generic, cast
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent
from pydantic import BaseModel, TypeAdapter
from pydantic_core import from_json, to_json
from typing_extensions import TypedDict

from transfer.core.words import Attested
from transfer.log.decoded import Decoded
from transfer.log.envelope import Command, F, Pending, Recorded
from transfer.log.recorder import LoggedEvent, PendingEvent
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import NO_KINDS, KnownFacts

LoadFact = Callable[[str, dict[str, Any]], F]
"""Makes a fact of a stored name and its parsed JSON, old versions brought up to date."""


class StoredState(TypedDict, Generic[F]):
    """The JSON object of one stored event."""

    by: str
    command: UUID
    causation: UUID | None
    correlation: UUID
    attested: Attested | None
    fact: F


class FactMapper(Mapper[str], Generic[F]):
    """The event library's mapper, for `Pending` in and `Recorded` out.

    `names` gives each current fact its stored name; a stored name that is not among them is an
    old one, and goes through `load`.
    """

    def __init__(self, names: Mapping[type[F], str], load: LoadFact[F]) -> None:
        super().__init__(transcoder=JSONTranscoder())
        self._stored_names = {fact_class: name.encode() for fact_class, name in names.items()}
        self._load = load
        self._classes = {name: fact_class for fact_class, name in names.items()}
        self._shape: TypeAdapter[StoredState[BaseModel]] = TypeAdapter(StoredState[BaseModel])
        self._last_beginning: tuple[Command | None, bytes] = (None, b"")
        self._decoded: Decoded[StoredState[F]] = Decoded()

    def encode(self, pending: Pending[F]) -> PendingEvent:
        """The stored form of a fact on its way in. Raises `KeyError` for an unnamed fact."""
        name, state = self.stored_form(pending.fact, pending.command, pending.attested)
        return PendingEvent(
            originator_id=pending.stream,
            originator_version=pending.version,
            topic=name.decode(),
            state=state,
            event_id=pending.event_id,
        )

    def stored_form(
        self, fact: F, command: Command, attested: Attested | None
    ) -> tuple[bytes, bytes]:
        """A fact's stored name and its state. Raises `KeyError` for an unnamed fact.

        `attested` is the fact's own claim; `None` leaves it at the command's.
        """
        fact_class = type(fact)
        return self._stored_names[fact_class], b'%b%b,"fact":%b}' % (
            self._beginning(command),
            _attested_json(attested or command.attested),
            # What model_dump_json gives, without a str in between.
            fact_class.__pydantic_serializer__.to_json(fact),
        )

    def decode(
        self,
        stream: str,
        version: int,
        name: str,
        state: bytes,
        position: int,
        recorded_at: datetime,
        event_id: UUID,
    ) -> Recorded[F]:
        """A fact on record, from the columns of its row.

        Raises `pydantic.ValidationError` where the JSON does not fit the fact of that name, and
        `KeyError` for a name that no version of this program ever wrote.
        """
        stored = self._decoded.find(name, state)
        if stored is None:
            stored = self._state_of(name, state)
            self._decoded.keep(name, state, stored)
        return Recorded(
            stream,
            version,
            event_id,
            position,
            recorded_at.astimezone(UTC),
            stored["by"],
            stored["command"],
            stored["causation"],
            stored["correlation"],
            stored["attested"],
            stored["fact"],
        )

    def correlation_in(self, state: bytes) -> UUID:
        """The correlation id of a stored event, whatever its fact is."""
        return UUID(from_json(state)["correlation"])

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        """The library's way in to `encode`."""
        return self.encode(cast(Pending[F], domain_event))

    def to_domain_event(self, stored_event: StoredEvent) -> Recorded[F]:
        """The library's way in to `decode`."""
        logged = cast(LoggedEvent, stored_event)
        return self.decode(
            str(logged.originator_id),
            logged.originator_version,
            logged.topic,
            logged.state,
            logged.id,
            logged.recorded_at,
            logged.event_id,
        )

    def _beginning(self, command: Command) -> bytes:
        # All events of a command begin alike. Pair and swap: another thread's command can only
        # cost a miss.
        last, beginning = self._last_beginning
        if last is not command:
            beginning = (
                to_json(
                    {
                        "by": command.recorded_by,
                        "command": command.command_id,
                        "causation": command.causation_id,
                        "correlation": command.correlation_id,
                    }
                )[:-1]
                + b',"attested":'
            )
            self._last_beginning = (command, beginning)
        return beginning

    def _state_of(self, name: str, state: bytes) -> StoredState[F]:
        fact_class = self._classes.get(name)
        if fact_class is None:
            return self._decode_old(name, state)
        return _adapter_for(fact_class).validate_json(state)

    def _decode_old(self, name: str, state: bytes) -> StoredState[F]:
        parsed = from_json(state)
        fact = self._load(name, parsed["fact"])
        # The rest is checked as for any other; the fact has been, by `load`.
        rest = self._shape.validate_json(to_json({**parsed, "fact": {}}))
        return {
            "by": rest["by"],
            "command": rest["command"],
            "causation": rest["causation"],
            "correlation": rest["correlation"],
            "attested": rest["attested"],
            "fact": fact,
        }


def _attested_json(attested: Attested | None) -> bytes:
    return b"null" if attested is None else attested.model_dump_json().encode()


@cache
def _adapter_for(fact_class: type[F]) -> TypeAdapter[StoredState[F]]:
    """The adapter of one class of facts, made when the first of them is read: most programs read
    few classes."""
    # Only a type checker minds a class that is known at run time alone.
    return TypeAdapter(StoredState[fact_class])  # type: ignore[valid-type]


def mapper_of_facts(known: KnownFacts = NO_KINDS) -> FactMapper[Fact]:
    """The mapper for every fact that a program knows."""
    return FactMapper(known.names, known.load)
