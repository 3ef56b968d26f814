"""The log looked at in another way: as it was at an instant, or as it would be after a command.

    LogAt(log, known_at)     only what was on record then
    TrialLog(log)            what is appended is kept in memory and read back, and never recorded

Commands and folds work on either as on the log itself, so that a preview decides by the very code
that would record.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel

from transfer.log.appending import Alongside
from transfer.log.application import Log, New, Reads
from transfer.log.envelope import NOT_YET, Command, Receipt, Recorded, as_if_recorded, event_id_of

F = TypeVar("F", bound=BaseModel)


class _View(Log[F]):
    """Shares everything with the log beneath it, its connections too."""

    def __init__(self, log: Log[F]) -> None:
        self.__dict__.update(log.__dict__)

    def close(self) -> None:
        """The log beneath is closed by whoever opened it."""


class LogAt(_View[F]):
    """The log as it was at an instant, itself included. Do not append to it."""

    def __init__(self, log: Log[F], known_at: datetime) -> None:
        super().__init__(log)
        self._known_at = known_at

    def read(
        self, stream: str, *, after: int = 0, up_to_recorded: datetime | None = None
    ) -> list[Recorded[F]]:
        """See `Log.read`."""
        return super().read(stream, after=after, up_to_recorded=self._until(up_to_recorded))

    def read_many(
        self, streams: Sequence[str], *, up_to_recorded: datetime | None = None
    ) -> dict[str, list[Recorded[F]]]:
        """See `Log.read_many`."""
        return super().read_many(streams, up_to_recorded=self._until(up_to_recorded))

    def read_new(self, known: Mapping[str, int]) -> dict[str, list[Recorded[F]]]:
        """See `Log.read_new`."""
        return {stream: self.read(stream, after=version) for stream, version in known.items()}

    def _until(self, asked: datetime | None) -> datetime:
        return self._known_at if asked is None else min(asked, self._known_at)


class TrialLog(_View[F]):
    """The log as it would be. `tried` are the facts that would be on record, in order."""

    def __init__(self, log: Log[F]) -> None:
        super().__init__(log)
        self.tried: list[Recorded[F]] = []
        self._by_stream: dict[str, list[Recorded[F]]] = {}
        self._last = log.head().position

    def read(
        self, stream: str, *, after: int = 0, up_to_recorded: datetime | None = None
    ) -> list[Recorded[F]]:
        """See `Log.read`."""
        found = super().read(stream, after=after, up_to_recorded=up_to_recorded)
        return found + self._more(stream, after, up_to_recorded)

    def read_many(
        self, streams: Sequence[str], *, up_to_recorded: datetime | None = None
    ) -> dict[str, list[Recorded[F]]]:
        """See `Log.read_many`."""
        found = super().read_many(streams, up_to_recorded=up_to_recorded)
        return {
            stream: events + self._more(stream, 0, up_to_recorded)
            for stream, events in found.items()
        }

    def read_new(self, known: Mapping[str, int]) -> dict[str, list[Recorded[F]]]:
        """See `Log.read_new`."""
        found = super().read_new(known)
        return {
            stream: events + self._more(stream, known[stream], None)
            for stream, events in found.items()
        }

    def _more(self, stream: str, after: int, until: datetime | None) -> list[Recorded[F]]:
        if until is not None:
            return []
        return [each for each in self._by_stream.get(stream, ()) if each.version > after]

    def append(
        self,
        new: Sequence[New[F]],
        command: Command,
        alongside: Alongside | None = None,  # noqa: ARG002 - nothing is written beside it either
        *,
        reads: Reads | None = None,  # noqa: ARG002 - nobody else writes in between
        encode_first: bool = False,  # noqa: ARG002 - nothing is encoded
    ) -> Receipt:
        """Keep the facts as if they were on record."""
        written: list[tuple[str, int, UUID]] = []
        reached: dict[str, int] = {}
        for index, (stream, expected, fact, *_) in enumerate(new):
            version = reached[stream] = reached.get(stream, expected) + 1
            event_id = event_id_of(command.command_id, index)
            self._last += 1
            event = as_if_recorded(
                stream,
                version,
                event_id,
                fact,
                position=self._last,
                by=command.recorded_by,
                command_id=command.command_id,
            )
            self.tried.append(event)
            self._by_stream.setdefault(stream, []).append(event)
            written.append((stream, version, event_id))
        return Receipt(command.command_id, NOT_YET, tuple(written), False, self._last)

    def first_answer(self, command: Command) -> Receipt | None:  # noqa: ARG002 - see below
        """Nothing was tried before: a preview answers what the act would do now."""
        return None

    def people_in(self, matter: str) -> Mapping[str, list[Recorded[F]]]:
        """By staff number, the facts of a matter that would be on somebody's stream."""
        found: dict[str, list[Recorded[F]]] = {}
        for each in self.tried:
            kind, _, number = each.stream.partition(":")
            if kind == "staff" and getattr(each.fact, "matter", None) == matter:
                found.setdefault(number, []).append(each)
        return found
