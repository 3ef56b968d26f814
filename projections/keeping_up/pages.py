"""The log, cut into pages that a read model can take one at a time.

A page is made of whole commands. Only a command that is larger than a page is cut, and only where
no stream has events on both sides: one stream's events of one command are always in one page. What
a reader may ask for is a state between commands, so a page says up to which instant it is complete.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from projections.keeping_up.collector import collector_paused
from transfer.log.application import Log
from transfer.log.envelope import Recorded
from transfer.log.faults import is_lost_connection, kept
from transfer.procedures.facts import Fact

Page = Sequence[Recorded[Fact]]
"""Events in the log's order."""


@dataclass(frozen=True, slots=True)
class LogPiece:
    """Events that are taken together; never none.

    `complete_at` is the instant of the last command that ends with or within them, `None` where
    they are all inside one that goes on.
    """

    events: Page
    complete_at: datetime | None

    def commands(self) -> list["LogPiece"]:
        """The same, one command (or what there is of it) at a time."""
        found: list[list[Recorded[Fact]]] = []
        for event in self.events:
            if found and found[-1][0].recorded_at == event.recorded_at:
                found[-1].append(event)
            else:
                found.append([event])
        return [LogPiece(each, self._whole(each[0].recorded_at)) for each in found]

    def _whole(self, instant: datetime) -> datetime | None:
        return instant if self.complete_at is not None and instant <= self.complete_at else None


class UnreadableEventError(Exception):
    """An event of the log cannot be read: this program does not know its fact, or it is damaged."""

    def __init__(self, position: int, event_id: UUID, error: Exception) -> None:
        super().__init__(f"event {event_id} cannot be read: {kept(error)}")
        self.position = position
        self.event_id = event_id


def read_piece(
    log: Log[Fact], after: int, limit: int, stop_at: int | None = None
) -> LogPiece | None:
    """What follows a position: about `limit` events, at most twice as many; `None` at the end.

    More only where the streams of one command are so entangled that it cannot be cut before. None
    beyond `stop_at`, unless that is inside a command. Raises `UnreadableEventError` where the next
    command has an event that cannot be read.
    """
    try:
        with collector_paused():
            return _read(log, after, limit, stop_at)
    except Exception as error:
        if is_lost_connection(error):
            raise
        return _read_up_to_unreadable(log, after, limit, error)


def _read(log: Log[Fact], after: int, limit: int, stop_at: int | None) -> LogPiece | None:
    wanted = limit if stop_at is None else min(limit, stop_at - after)
    events = log.page(after, wanted)
    if not events:
        return None
    if len(events) < wanted:
        return LogPiece(events, events[-1].recorded_at)
    instant = events[-1].recorded_at
    end = log.position_at(instant)
    rest = end - events[-1].position
    if rest > limit:
        # A large command: on to where no stream has events on both sides.
        last = events
        while (tied_to := _last_of_streams(log, last)) > events[-1].position:
            # Those before are whole with these; only what comes with them can have more.
            last = log.page(events[-1].position, tied_to - events[-1].position)
            events += last
    elif rest > 0:
        events += log.page(events[-1].position, rest)
    if events[-1].position == end:
        return LogPiece(events, instant)
    before = next((e.recorded_at for e in reversed(events) if e.recorded_at != instant), None)
    return LogPiece(events, before)


_LAST_OF_STREAMS = """
SELECT max(later.notification_id)
FROM unnest(%(streams)s::text[], %(versions)s::bigint[]) AS seen (stream, version)
JOIN events AS next ON next.originator_id = seen.stream
     AND next.originator_version = seen.version + 1 AND next.recorded_at = %(instant)s
JOIN events AS later ON later.originator_id = seen.stream
     AND later.originator_version > seen.version AND later.recorded_at = %(instant)s
"""


def _last_of_streams(log: Log[Fact], events: Page) -> int:
    """The last position of the last command's events on streams that it has been seen on."""
    instant = events[-1].recorded_at
    seen: dict[str, int] = {}
    for event in reversed(events):
        if event.recorded_at != instant:
            break
        seen.setdefault(event.stream, event.version)
    values = {"streams": list(seen), "versions": list(seen.values()), "instant": instant}
    with log.connection() as conn:
        row = conn.execute(_LAST_OF_STREAMS, values).fetchone()
    last: int | None = row["max"] if row else None
    return last or events[-1].position


def _read_up_to_unreadable(
    log: Log[Fact], after: int, limit: int, error: Exception
) -> LogPiece | None:
    """The whole commands before the first event that cannot be read."""
    readable, unreadable = 0, 2 * limit
    while _is_readable(log, after, unreadable):
        if after + unreadable > log.head().position:
            raise error
        readable, unreadable = unreadable, 2 * unreadable
    while unreadable - readable > 1:
        middle = (readable + unreadable) // 2
        if _is_readable(log, after, middle):
            readable = middle
        else:
            unreadable = middle
    with log.connection() as conn:
        row = conn.execute(
            "SELECT event_id, recorded_at FROM events WHERE notification_id = %s",
            (after + unreadable,),
        ).fetchone()
    if row is None:
        raise error
    events = log.page(after, readable) if readable else []
    whole = [event for event in events if event.recorded_at < row["recorded_at"]]
    if not whole:
        raise UnreadableEventError(after + unreadable, row["event_id"], error) from error
    return LogPiece(whole, whole[-1].recorded_at)


def _is_readable(log: Log[Fact], after: int, limit: int) -> bool:
    try:
        log.page(after, limit)
    except Exception as error:
        if is_lost_connection(error):
            raise
        return False
    return True
