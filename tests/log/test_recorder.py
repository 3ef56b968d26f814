"""Our recorder through the event library's own test cases.

What is adapted, and why (nothing is skipped):

- ids of streams are text;
- a command id is made for appends that bring none, as the library's cases do;
- as an *aggregate* recorder it is wrapped to return no positions, because the library's case
  expects `None` from a recorder that has no log; the library's own PostgreSQL recorders differ
  between the two in the same way;
- the bulk case is run a second time with every append going by COPY.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4  # noqa: TID251 (the cases need ids and bring no command)

import pytest
from eventsourcing.persistence import (
    IntegrityError,
    OperationalError,
    ProgrammingError,
    StoredEvent,
    Tracking,
)
from eventsourcing.postgres import PostgresDatastore

# As a module: pytest would collect the abstract cases from this one's names.
from eventsourcing.tests import persistence as library
from psycopg.sql import SQL

from transfer.log import recorder as recorder_module
from transfer.log.application import open_datastore
from transfer.log.envelope import Command
from transfer.log.recorder import Alongside, Begun, LoggedEvent, LogRecorder

pytestmark = pytest.mark.engines

ORDER = SQL("notification_id")


@pytest.fixture
def datastore(database_url: str) -> Iterator[PostgresDatastore]:
    with open_datastore(database_url, pool_size=16) as opened:
        yield opened


class AsAggregateRecorder(LogRecorder):
    """A recorder that keeps its positions to itself."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        super().insert_events(stored_events, **kwargs)


class TestAsAggregateRecorder(library.AggregateRecorderTestCase):
    @pytest.fixture(autouse=True)
    def _datastore(self, datastore: PostgresDatastore) -> None:
        self.datastore = datastore

    def new_originator_id(self) -> str:
        return f"staff:{uuid4()}"

    def create_recorder(self) -> LogRecorder:
        recorder = AsAggregateRecorder(self.datastore, make_id=uuid4)
        recorder.create_table()
        return recorder


class TestAsApplicationRecorder(library.ApplicationRecorderTestCase[LogRecorder]):
    @pytest.fixture(autouse=True)
    def _datastore(self, datastore: PostgresDatastore) -> None:
        self.datastore = datastore

    def new_originator_id(self) -> str:
        return f"staff:{uuid4()}"

    def create_recorder(self) -> LogRecorder:
        recorder = LogRecorder(self.datastore, make_id=uuid4)
        recorder.create_table()
        return recorder

    def test_insert_subscribe(self) -> None:
        # The library leaves this one to recorders that can; ours can.
        self.optional_test_insert_subscribe()


class TestByCopyAlone(TestAsApplicationRecorder):
    @pytest.fixture(autouse=True)
    def _always_copy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(recorder_module, "COPY_FROM_EVENTS", 0)


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
    datastore: PostgresDatastore, monkeypatch: pytest.MonkeyPatch, events: int
) -> None:
    recorder = LogRecorder(datastore)
    monkeypatch.setattr(recorder_module, "COPY_FROM_EVENTS", 10**6)
    recorder.append(stored("by-insert", *range(1, events + 1)), command(1))
    monkeypatch.setattr(recorder_module, "COPY_FROM_EVENTS", 0)
    recorder.append(stored("by-copy", *range(1, events + 1)), command(2))

    inserted = recorder.select([(SQL("originator_id = %b"), "by-insert")], ORDER)
    copied = recorder.select([(SQL("originator_id = %b"), "by-copy")], ORDER)
    assert [row[1:4] for row in inserted] == [row[1:4] for row in copied]
    assert [row[4] for row in inserted + copied] == list(range(1, 2 * events + 1))
    assert len({row[5] for row in inserted}) == len({row[5] for row in copied}) == 1
    assert inserted[0][5] < copied[0][5]


@pytest.mark.parametrize("copy_from", [0, 10**6])
def test_a_version_that_would_leave_a_hole_is_refused(
    datastore: PostgresDatastore, monkeypatch: pytest.MonkeyPatch, copy_from: int
) -> None:
    monkeypatch.setattr(recorder_module, "COPY_FROM_EVENTS", copy_from)
    recorder = LogRecorder(datastore)
    recorder.append(stored("a", 1, 2), command(1))
    for taken_or_hole in (2, 4):
        with pytest.raises(IntegrityError) as refusal:
            recorder.append(stored("a", taken_or_hole), command(taken_or_hole))
        assert recorder_module.is_stale(refusal.value)
    assert recorder.append(stored("a", 3), command(9)).first_position == 3


class LosesItsFirstAnswer(LogRecorder):
    """The connection breaks after the commit and before the answer: nobody knows what holds."""

    attempts = 0

    def _in_one_transaction(
        self, write: Any, alongside: Alongside | None, *, several: bool = False
    ) -> Begun:
        begun = super()._in_one_transaction(write, alongside, several=several)
        self.attempts += 1
        if self.attempts == 1:
            raise OperationalError("the connection is lost")
        return begun


def test_ones_own_success_is_told_from_a_conflict(datastore: PostgresDatastore) -> None:
    recorder = LosesItsFirstAnswer(datastore)
    begun = recorder.append(stored("a", 1, 2), command(1))
    assert recorder.attempts == 2
    assert (begun.replayed, list(begun.positions)) == (True, [1, 2])
    assert recorder.max_notification_id() == 2
