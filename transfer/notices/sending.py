"""Finds what notices are owed, and sends those that wait.

Beside the record and never in its way: nothing is asked of an append, and what goes wrong here is
written down and tried again. Several services on one database share the work (`kept`).
"""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Final

import structlog

from projections.deadlines import work as lines_of_work
from projections.deadlines.closing import closing
from projections.deadlines.deadlines import NAME as DEADLINES
from projections.deadlines.deadlines import State
from projections.keeping_up.horizon import resolve_known_at
from transfer.access.hand_overs import HandOvers, done_by
from transfer.core.dating.calendars import date_in_london
from transfer.log.application import Log
from transfer.log.faults import is_lost_connection
from transfer.notices.addresses import AddressBook, AddressesRefused
from transfer.notices.couriers import Courier, Notice, Refused, TryLater
from transfer.notices.kept import Claimed, KeptNotices, NoticeState
from transfer.notices.owed import (
    FACTS,
    LINKS,
    SAYS,
    NoticeKind,
    Right,
    Work,
    owed_by,
    owed_by_days,
)
from transfer.procedures.facts import Fact

_logger = structlog.get_logger(__name__)

_AT_ONCE: Final = 500
_MOST_LINES: Final = 1000
_BY_DAYS: Final = (
    NoticeKind.WINDOW_CLOSING,
    NoticeKind.WORK_DUE,
    NoticeKind.WORK_OVERDUE,
)

# How long the thread waits for news of the log before it looks anyway, how long it rests while news
# comes all the time, how soon it sees that it is to stop, how often it asks what is due while the
# day is the same, and how long it leaves a courier alone that takes nothing now.
_LISTEN_SECONDS: Final = 5.0
_STOP_SECONDS: Final = 0.2
_PACE_SECONDS: Final = 1.0
_DAYS_SECONDS: Final = 600.0
_REST_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Sending:
    """What notices of one record are sent by.

    `clock` is the record's: it stands in a practice and after a rehearsal. `public_address` is what
    the address of a page begins with, "" where none is set. `within`: how long before a
    day its notice goes out.
    """

    log: Log[Fact]
    kept: KeptNotices
    courier: Courier
    addresses: AddressBook
    clock: Callable[[], datetime]
    public_address: str
    within: timedelta

    # --- what is owed ---------------------------------------------------------------------------

    def note_recorded(self) -> int:
        """Note what is owed by the facts since the last time; answers how many notices are new.

        What came from an older system had its notice from that one. A fact that cannot be read
        gives no notice; the read models say that it is there.
        """
        topics = self.log.known.names_of(FACTS)
        new = 0
        while True:
            head = self.log.head().position
            with self.kept.reading_on() as reading:
                if reading is None:
                    return new  # another sender is at it
                page = self.log.page_readable(reading.position, _AT_ONCE, topics)
                owed = (
                    owed_by(
                        each.fact,
                        stream=each.stream,
                        event_id=str(each.event_id),
                        command_id=str(each.command_id),
                    )
                    for each in page.facts
                    if each.attested is None
                )
                until = max(head, page.last) if page.is_last else page.last
                new += reading.note({each for each in owed if each is not None}, until)
            if page.is_last:
                return new

    def note_days(self) -> int:
        """Note what is owed because a day is near; answers how many notices are new."""
        today = date_in_london(self.clock())
        until = today + self.within
        with self.log.connection() as conn:
            known_at = resolve_known_at(conn, DEADLINES, None)
            rights = [
                Right(each.staff_number, each.last_day, date_in_london(each.published_at))
                for each in closing(conn, today, until, known_at)
            ]
        return self.kept.note_days(
            owed_by_days(rights, self._work(today, until), today=today, within=self.within),
            _BY_DAYS,
        )

    def _work(self, today: date, until: date) -> list[Work]:
        """What somebody has to do by a day, or as soon as it can be."""
        lines: list[lines_of_work.Line] = []
        cursor: str | None = None
        with self.log.connection() as conn:
            known_at = resolve_known_at(conn, DEADLINES, None)
            while True:
                found = lines_of_work.lines(conn, known_at, today, limit=_MOST_LINES, cursor=cursor)
                lines += [each for each in found if each.due_on is None or each.due_on <= until]
                if len(found) < _MOST_LINES:
                    break
                cursor = found[-1].cursor
        away = HandOvers(self.log.connection).on(today, self.clock())
        return [
            Work(
                done_by(each.done_by, away),
                each.due_on,
                date_in_london(each.since),
                given_by=each.delegated_by,
                is_overdue=each.state is State.MISSED,
                last_on=each.last_on,
                is_excused=each.excuse is not None,
            )
            for each in lines
            if each.done_by is not None
        ]

    # --- sending --------------------------------------------------------------------------------

    def send_waiting(self, is_to_stop: Callable[[], bool] = lambda: False) -> Counter[NoticeState]:
        """Send what is to be sent now; answers how many notices came to which state.

        Ends early where the courier takes nothing at the moment, or the address book cannot be
        used: the rest waits.
        """
        done: Counter[NoticeState] = Counter()
        while not is_to_stop() and (claimed := self.kept.claim()) is not None:
            state, goes_on = self._send(claimed)
            done[state] += 1
            if not goes_on:
                break
        return done

    def _send(self, claimed: Claimed) -> tuple[NoticeState, bool]:
        """What becomes of a notice now, and whether to go on with the next."""
        try:
            return self._taken(claimed), True
        except Refused as refused:
            self.kept.failed(claimed, refused.reason)
            _logger.warning("a notice was refused", reference=claimed.reference)
            return NoticeState.FAILED, True
        except TryLater as later:
            self.kept.later(claimed, later.reason, in_doubt=later.in_doubt)
        except AddressesRefused as refused:
            self.kept.later(claimed, str(refused), in_doubt=claimed.in_doubt)
        except Exception as error:
            if is_lost_connection(error):
                raise
            # A fault in the program: nobody knows how far it came.
            _logger.exception("a notice could not be sent", reference=claimed.reference)
            self.kept.later(claimed, f"a fault: {type(error).__name__}", in_doubt=True)
        return NoticeState.WAITING, False

    def _taken(self, claimed: Claimed) -> NoticeState:
        """Hand it to the courier, once. Raises what it raises."""
        if claimed.in_doubt and self.courier.was_taken(claimed.reference):
            self.kept.sent(claimed, self.courier.name)
            return NoticeState.SENT
        address = self.addresses.address_of(claimed.to) if self.courier.needs_address else None
        if address is None and self.courier.needs_address:
            self.kept.without_address(claimed)
            return NoticeState.NO_ADDRESS
        self.courier.take(self._notice(claimed), address)
        self.kept.sent(claimed, self.courier.name)
        return NoticeState.SENT

    def _notice(self, claimed: Claimed) -> Notice:
        link = f"{self.public_address.rstrip('/')}{LINKS[claimed.kind]}"
        return Notice(claimed.kind, claimed.reference, SAYS[claimed.kind], link)


class Sender:
    """Sends notices in a thread, from `start` to `stop`."""

    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="notices", daemon=True)
        self._looked_on: date | None = None
        self._look_at = 0.0
        self._send_at = 0.0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Let the notice under way be sent, and end."""
        self._stopping.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._stopping.is_set():
            head: int | None = None
            try:
                head = self._sending.log.head().position
                self._sending.note_recorded()
                self._look_at_days()
                if monotonic() >= self._send_at:
                    self._send()
            except Exception as error:
                # The record does not depend on it, and it is tried again.
                if not is_lost_connection(error):
                    _logger.exception("notices could not be looked after")
                self._stopping.wait(_LISTEN_SECONDS)
                continue
            if self._sending.log.wait_past(head, 0):
                self._stopping.wait(_PACE_SECONDS)  # others write meanwhile, and nothing is urgent
            else:
                self._wait_past(head)

    def _look_at_days(self) -> None:
        today = date_in_london(self._sending.clock())
        if today == self._looked_on and monotonic() < self._look_at:
            return
        self._sending.note_days()
        self._looked_on, self._look_at = today, monotonic() + _DAYS_SECONDS

    def _send(self) -> None:
        done = self._sending.send_waiting(self._stopping.is_set)
        if done[NoticeState.WAITING]:
            self._send_at = monotonic() + _REST_SECONDS

    def _wait_past(self, position: int) -> None:
        until = monotonic() + _LISTEN_SECONDS
        while not self._stopping.is_set() and (left := until - monotonic()) > 0:
            if self._sending.log.wait_past(position, min(_STOP_SECONDS, left)):
                return
