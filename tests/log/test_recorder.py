"""Our recorder through the event library's own test cases.

Of the library's optional cases, subscriptions are left out: nothing here subscribes by the library,
whose listener can lose a notice on a busy machine and then waits for ever.

What is adapted, and why:

- ids of streams are text;
- a command id is made for appends that bring none, as the library's cases do;
- as an *aggregate* recorder it is wrapped to return no positions, because the library's case
  expects `None` from a recorder that has no log; the library's own PostgreSQL recorders differ
  between the two in the same way;
- the bulk case is run a second time with every append going by COPY.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4  # noqa: TID251 (the cases need ids and bring no command)

import psycopg
import pytest
from eventsourcing.persistence import (
    IntegrityError,
    ProgrammingError,
    StoredEvent,
    Tracking,
)
from eventsourcing.postgres import PostgresDatastore

# As a module: pytest would collect the abstract cases from this one's names.
from eventsourcing.tests import persistence as library
from psycopg.pq.abc import PGconn
from psycopg.sql import SQL

from transfer.log import appending
from transfer.log.answers import Begun
from transfer.log.application import open_datastore
from transfer.log.calls import Few, append_one
from transfer.log.envelope import Command
from transfer.log.recorder import LoggedEvent, LogRecorder

pytestmark = pytest.mark.engines

ORDER = SQL("notification_id")


@pytest.fixture
def datastore(database_url: str) -> Iterator[PostgresDatastore]:
    with open_datastore(database_url, pool_size=16) as opened:
        yield opened


Recorder = TypeVar("Recorder", bound=LogRecorder)


class _Closing:
    """Closes what it has been given when its test has ended."""

    @pytest.fixture(autouse=True)
    def _recorders(self, datastore: PostgresDatastore) -> Iterator[None]:
        self.datastore = datastore
        with ExitStack() as self.stack:
            yield

    def closed_later(self, recorder: Recorder) -> Recorder:
        recorder.create_table()
        self.stack.callback(recorder.appender.close)
        return recorder


@pytest.fixture
def recorder(datastore: PostgresDatastore) -> Iterator[LogRecorder]:
    made = LogRecorder(datastore)
    yield made
    made.appender.close()


class AsAggregateRecorder(LogRecorder):
    """A recorder that keeps its positions to itself."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        super().insert_events(stored_events, **kwargs)


class TestAsAggregateRecorder(_Closing, library.AggregateRecorderTestCase):
    def new_originator_id(self) -> str:
        return f"staff:{uuid4()}"

    def create_recorder(self) -> LogRecorder:
        return self.closed_later(AsAggregateRecorder(self.datastore, make_id=uuid4))


class TestAsApplicationRecorder(_Closing, library.ApplicationRecorderTestCase[LogRecorder]):
    def new_originator_id(self) -> str:
        return f"staff:{uuid4()}"

    def create_recorder(self) -> LogRecorder:
        return self.closed_later(LogRecorder(self.datastore, make_id=uuid4))


class TestByCopyAlone(TestAsApplicationRecorder):
    @pytest.fixture(autouse=True)
    def _always_copy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(appending, "COPY_FROM_EVENTS", 0)


def stored(stream: str, *versions: int) -> list[StoredEvent]:
    return [StoredEvent(stream, version, "noted.v1", b'{"by": "x"}') for version in versions]


def command(number: int) -> Command:
    return Command(UUID(int=number), "hr", b"request")


def test_a_database_without_migrations_is_refused(empty_database_url: str) -> None:
    with open_datastore(empty_database_url) as datastore:
        recorder = LogRecorder(datastore)
        with pytest.raises(ProgrammingError, match="migrations were not applied"):
            recorder.create_table()


def test_an_append_without_a_command_is_refused_unless_ids_can_be_made(
    datastore: PostgresDatastore,
) -> None:
    with pytest.raises(ValueError, match="needs its command"):
        LogRecorder(datastore).insert_events(stored("a", 1))


def test_positions_of_other_applications_are_not_for_this_log(
    datastore: PostgresDatastore,
) -> None:
    with pytest.raises(ProgrammingError, match="no other application"):
        LogRecorder(datastore).insert_events(stored("a", 1), tracking=Tracking("other", 1))


def test_a_logged_event_equals_what_was_stored_and_nothing_else() -> None:
    (event,) = stored("a", 1)
    logged = LoggedEvent(
        "a", 1, "noted.v1", b'{"by": "x"}', 9, datetime(2013, 11, 11, tzinfo=UTC), UUID(int=1)
    )
    assert logged == event
    assert logged != stored("a", 2)[0]
    assert logged != "a"
    assert hash(logged) == hash(
        LoggedEvent("a", 1, "noted.v1", event.state, 1, logged.recorded_at, UUID(int=2))
    )


@pytest.mark.parametrize("events", [3, 300])
def test_both_ways_of_appending_write_the_same(
    recorder: LogRecorder, monkeypatch: pytest.MonkeyPatch, events: int
) -> None:
    monkeypatch.setattr(appending, "COPY_FROM_EVENTS", 10**6)
    recorder.append(stored("by-insert", *range(1, events + 1)), command(1))
    monkeypatch.setattr(appending, "COPY_FROM_EVENTS", 0)
    recorder.append(stored("by-copy", *range(1, events + 1)), command(2))

    inserted = recorder.select([(SQL("originator_id = %b"), "by-insert")], ORDER)
    copied = recorder.select([(SQL("originator_id = %b"), "by-copy")], ORDER)
    assert [row[1:4] for row in inserted] == [row[1:4] for row in copied]
    assert [row[4] for row in inserted + copied] == list(range(1, 2 * events + 1))
    assert len({row[5] for row in inserted}) == len({row[5] for row in copied}) == 1
    assert inserted[0][5] < copied[0][5]


@pytest.mark.parametrize("copy_from", [0, 10**6])
def test_a_version_that_would_leave_a_hole_is_refused(
    recorder: LogRecorder, monkeypatch: pytest.MonkeyPatch, copy_from: int
) -> None:
    monkeypatch.setattr(appending, "COPY_FROM_EVENTS", copy_from)
    recorder.append(stored("a", 1, 2), command(1))
    for taken_or_hole in (2, 4):
        with pytest.raises(IntegrityError) as refusal:
            recorder.append(stored("a", taken_or_hole), command(taken_or_hole))
        assert appending.is_stale(refusal.value)
    assert recorder.append(stored("a", 3), command(9)).first_position == 3


def test_ones_own_success_is_told_from_a_conflict(
    recorder: LogRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection breaks after the commit and before the answer: nobody knows what holds."""
    attempts: list[int] = []

    def append_and_lose_the_answer(pgconn: PGconn, few: Few) -> Begun:
        append_one(pgconn, few)
        attempts.append(1)
        raise psycopg.OperationalError("the connection is lost")

    monkeypatch.setattr(appending, "append_one", append_and_lose_the_answer)
    begun = recorder.append(stored("a", 1), command(1))
    assert attempts == [1]
    assert (begun.replayed, list(begun.positions)) == (True, [1])
    assert recorder.max_notification_id() == 1
