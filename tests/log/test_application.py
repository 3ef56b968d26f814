"""The log as others use it: append once, under one instant, never behind; read as of any time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import DictRow

from transfer.core.record.staff import StaffRegistered
from transfer.core.refusals import Conflict, KeyReused, StaleVersion
from transfer.core.words import Attested
from transfer.log.appending import COPY_FROM_EVENTS
from transfer.log.application import Log, New, open_log
from transfer.log.envelope import Command, EventRef, Head, RehearsalMark, event_id_of
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines

MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def log(database_url: str) -> Iterator[Log[Fact]]:
    opened = open_log(database_url)
    yield opened
    opened.close()


def fact(staff_number: str = "S1") -> StaffRegistered:
    return StaffRegistered(staff_number=staff_number, effective_from=date(2013, 11, 1))


def command(number: int, *, at: datetime | None = None, request: bytes = b"request") -> Command:
    return Command(UUID(int=number), "hr.administrator", request, at=at)


def test_what_is_appended_is_read_back(log: Log[Fact]) -> None:
    receipt = log.append([("staff:S1", 0, fact()), ("staff:S2", 0, fact("S2"))], command(1))

    assert receipt.events == (
        ("staff:S1", 1, event_id_of(UUID(int=1), 0)),
        ("staff:S2", 1, event_id_of(UUID(int=1), 1)),
    )
    assert (receipt.replayed, receipt.last_position) == (False, 2)
    (recorded,) = log.read("staff:S2")
    assert (recorded.position, recorded.version, recorded.fact) == (2, 1, fact("S2"))
    assert recorded.recorded_at == receipt.recorded_at
    assert recorded.recorded_at.tzinfo is UTC
    assert (recorded.recorded_by, recorded.command_id) == ("hr.administrator", UUID(int=1))
    assert log.head() == Head(2, receipt.recorded_at)


def test_many_facts_that_are_encoded_first_keep_nobody_waiting_meanwhile(log: Log[Fact]) -> None:
    class Meanwhile(list[New[Fact]]):
        """Facts, at the last of which somebody else records something."""

        def __iter__(self) -> Iterator[New[Fact]]:
            yield from self[:-1]
            log.append([("staff:S1", 0, fact())], command(2))
            yield self[-1]

    new = Meanwhile((f"staff:M{n}", 0, fact(f"M{n}")) for n in range(COPY_FROM_EVENTS))
    receipt = log.append(new, command(1), encode_first=True)
    assert log.read("staff:S1")[0].position == 1
    assert receipt.last_position == 1 + COPY_FROM_EVENTS
    assert len(receipt.events) == COPY_FROM_EVENTS
    (last,) = log.read(f"staff:M{COPY_FROM_EVENTS - 1}")
    assert (last.position, last.event_id) == (receipt.last_position, receipt.events[-1][2])


def test_an_empty_log_has_a_head_at_nothing(log: Log[Fact]) -> None:
    assert log.head() == Head(0, None)
    assert log.page(0, 10) == log.read("staff:S1") == []
    assert log.position_at(datetime(2030, 1, 1, tzinfo=UTC)) == 0


def test_several_facts_of_one_stream_follow_one_another(log: Log[Fact]) -> None:
    log.append([("staff:S1", 0, fact()), ("staff:S1", 0, fact())], command(1))
    log.append([("staff:S1", 2, fact()), ("staff:S1", 2, fact())], command(2))
    assert [each.version for each in log.read("staff:S1")] == [1, 2, 3, 4]
    with pytest.raises(ValueError, match="expected at version 4 and at 5"):
        log.append([("staff:S1", 4, fact()), ("staff:S1", 5, fact())], command(3))


def test_each_fact_may_bring_what_an_older_system_claims_about_it(log: Log[Fact]) -> None:
    of_command = Attested(source="the old system", recorded_on=date(2009, 4, 1))
    of_fact = Attested(source="the pay office", recorded_on=date(2011, 5, 6))
    log.append(
        [("staff:S1", 0, fact()), ("staff:S1", 0, fact(), of_fact), ("staff:S1", 0, fact(), None)],
        replace(command(1), attested=of_command),
    )
    assert [each.attested for each in log.read("staff:S1")] == [of_command, of_fact, of_command]


def test_nothing_to_record_is_a_mistake(log: Log[Fact]) -> None:
    with pytest.raises(ValueError, match="nothing to record"):
        log.append([], command(1))
    assert log.find_command(UUID(int=1)) is None


@pytest.mark.parametrize("expected", [0, 1, 3, 99])
def test_a_version_that_is_not_the_last_is_stale(log: Log[Fact], expected: int) -> None:
    log.append([("staff:S1", 0, fact()), ("staff:S1", 0, fact())], command(1))
    with pytest.raises(StaleVersion):
        log.append([("staff:S2", 0, fact()), ("staff:S1", expected, fact())], command(2))
    assert log.read("staff:S2") == []
    assert log.find_command(UUID(int=2)) is None
    assert log.append([("staff:S1", 2, fact())], command(2)).last_position == 3


def test_a_repeated_command_gets_its_first_receipt(log: Log[Fact]) -> None:
    first = log.append([("staff:S1", 0, fact())], command(1))
    log.append([("staff:S1", 1, fact())], command(2))
    again = log.append([("staff:S1", 2, fact()), ("staff:S9", 0, fact())], command(1))
    assert again.replayed
    assert (again.events, again.recorded_at, again.last_position) == (
        first.events,
        first.recorded_at,
        1,
    )
    assert log.find_command(UUID(int=1)) == again
    assert log.head().position == 2


def test_a_key_that_comes_back_with_another_request_is_refused(log: Log[Fact]) -> None:
    log.append([("staff:S1", 0, fact())], command(1))
    with pytest.raises(KeyReused):
        log.append([("staff:S2", 0, fact("S2"))], command(1, request=b"other"))
    assert log.head().position == 1


def test_a_command_can_be_asked_for_its_first_answer(log: Log[Fact]) -> None:
    assert log.first_answer(command(1)) is None
    receipt = log.append([("staff:S1", 0, fact())], command(1))
    first = log.first_answer(command(1))
    assert first is not None
    assert (first.events, first.recorded_at) == (receipt.events, receipt.recorded_at)
    with pytest.raises(KeyReused):
        log.first_answer(command(1, request=b"other"))


def test_instants_increase_strictly_and_never_step_back(log: Log[Fact]) -> None:
    log.clock.simulate()
    noon = datetime(2013, 11, 11, 12, tzinfo=UTC)
    instants = [
        log.append([(f"staff:S{n}", 0, fact()), (f"staff:T{n}", 0, fact())], command(n, at=at))
        for n, at in enumerate([noon, noon, noon - timedelta(days=1), noon + MICROSECOND], start=1)
    ]
    assert [each.recorded_at - noon for each in instants] == [n * MICROSECOND for n in range(4)]
    assert [each.recorded_at - noon for each in log.page(0, 10)] == [
        n * MICROSECOND for n in (0, 0, 1, 1, 2, 2, 3, 3)
    ]


def test_a_servers_clock_that_steps_back_is_not_followed(log: Log[Fact], database_url: str) -> None:
    ahead = datetime(2999, 1, 1, tzinfo=UTC)
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE log_head SET last_recorded_at = %s", (ahead,))
    for n in (1, 2):
        receipt = log.append([(f"staff:S{n}", 0, fact())], command(n))
        assert receipt.recorded_at == ahead + n * MICROSECOND


def test_reading_as_of_an_instant_includes_that_command_whole(log: Log[Fact]) -> None:
    streams = ["staff:S1", "staff:S2"]
    first = log.append([(stream, 0, fact()) for stream in streams], command(1))
    log.append([(stream, 1, fact()) for stream in streams], command(2))

    known = first.recorded_at
    assert [each.version for each in log.read("staff:S1", up_to_recorded=known)] == [1]
    assert log.read("staff:S1", up_to_recorded=known - MICROSECOND) == []
    assert [each.version for each in log.read("staff:S1", after=1)] == [2]
    assert (log.position_at(known), log.position_at(known - MICROSECOND)) == (2, 0)
    assert log.position_at(datetime(2999, 1, 1, tzinfo=UTC)) == 4

    found = log.read_many([*streams, "staff:nobody"])
    assert {stream: [each.version for each in facts] for stream, facts in found.items()} == {
        "staff:S1": [1, 2],
        "staff:S2": [1, 2],
        "staff:nobody": [],
    }
    assert [len(facts) for facts in log.read_many(streams, up_to_recorded=known).values()] == [1, 1]


def test_pages_follow_the_log(log: Log[Fact]) -> None:
    log.append([(f"staff:S{n}", 0, fact()) for n in range(5)], command(1))
    assert [each.position for each in log.page(2, 2)] == [3, 4]
    assert [each.position for each in log.page(0, 9, ["staff-registered.v1"])] == [1, 2, 3, 4, 5]
    assert log.page(0, 9, ["position-changed.v1"]) == []


def test_an_event_is_found_by_its_id(log: Log[Fact]) -> None:
    receipt = log.append([("staff:S1", 0, fact())], command(1))
    event_id = event_id_of(UUID(int=1), 0)
    assert log.find(event_id) == EventRef("staff:S1", 1, event_id, 1, receipt.recorded_at)
    assert log.get(event_id) == log.read("staff:S1")[0]
    assert log.find(UUID(int=7)) is None
    assert log.get(UUID(int=7)) is None


def test_what_is_written_alongside_stands_or_falls_with_the_append(
    log: Log[Fact], database_url: str
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE reserved (post text PRIMARY KEY)")

    def reserve(cursor: psycopg.Cursor[DictRow]) -> None:
        cursor.execute("INSERT INTO reserved VALUES ('P1')")

    log.append([("staff:S1", 0, fact())], command(1), alongside=reserve)
    # A replay does not write alongside again: this would violate the key.
    assert log.append([("staff:S1", 0, fact())], command(1), alongside=reserve).replayed

    with pytest.raises(Exception, match="reserved_pkey"):
        log.append([("staff:S2", 0, fact())], command(2), alongside=reserve)
    assert log.read("staff:S2") == []
    assert log.find_command(UUID(int=2)) is None

    # What was rolled back left no gap.
    assert log.append([("staff:S3", 0, fact())], command(3)).last_position == 2


def test_nothing_is_seen_before_the_commit_and_nobody_waits(log: Log[Fact]) -> None:
    log.append([("staff:S1", 0, fact())], command(1))
    seen = []

    def look(_: psycopg.Cursor[DictRow]) -> None:
        seen.append((log.head().position, len(log.page(0, 10)), log.find_command(UUID(int=2))))

    log.append([("staff:S2", 0, fact())], command(2), alongside=look)
    assert seen == [(1, 1, None)]


def test_a_broken_connection_is_tried_again(log: Log[Fact]) -> None:
    attempts = []

    def break_once(cursor: psycopg.Cursor[DictRow]) -> None:
        attempts.append(cursor)
        if len(attempts) == 1:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    receipt = log.append([("staff:S1", 0, fact())], command(1), alongside=break_once)
    assert (len(attempts), receipt.replayed, receipt.last_position) == (2, False, 1)


def test_a_rehearsal_is_marked_for_ever_and_its_clock_stays(log: Log[Fact]) -> None:
    assert log.rehearsal() is None
    log.mark_rehearsed("tr-2013")
    assert log.rehearsal() == RehearsalMark("tr-2013", None)

    start = datetime(2013, 11, 11, 9, tzinfo=UTC)
    end = datetime(2014, 10, 31, 17, tzinfo=UTC)
    log.append([("staff:S1", 0, fact())], command(1, at=start))
    # Under way and no instant given: not today's date in the middle of 2013.
    assert log.append([("staff:S2", 0, fact())], command(2)).recorded_at == start + MICROSECOND

    log.mark_rehearsed("tr-2013", end)
    assert log.rehearsal() == RehearsalMark("tr-2013", end)
    assert log.append([("staff:S3", 0, fact())], command(3)).recorded_at == end
    assert log.append([("staff:S4", 0, fact())], command(4)).recorded_at == end + MICROSECOND
    log.mark_rehearsed("tr-2013")
    assert log.rehearsal() == RehearsalMark("tr-2013", end)
    with pytest.raises(Conflict):
        log.mark_rehearsed("tr-2021")


def test_real_entries_cannot_become_a_rehearsal(log: Log[Fact]) -> None:
    log.append([("staff:S1", 0, fact())], command(1))
    with pytest.raises(Conflict):
        log.mark_rehearsed("tr-2013")
    assert log.rehearsal() is None


def test_a_real_record_takes_no_instant_from_outside(log: Log[Fact]) -> None:
    """However it is brought: alone, with others, by COPY. Nobody can date an entry back."""
    at = datetime(2013, 11, 11, 9, tzinfo=UTC)
    for number, facts in enumerate((1, 2, COPY_FROM_EVENTS), start=1):
        new = [(f"staff:S{n}", 0, fact(f"S{n}")) for n in range(facts)]
        with pytest.raises(Conflict, match="goes by its database's clock"):
            log.append(new, command(number, at=at))
    assert log.head().position == 0
    assert not log.clock.read().is_simulated
    log.append([("staff:S1", 0, fact())], command(9))
    with pytest.raises(Conflict):
        log.clock.simulate()
    with pytest.raises(Conflict):
        log.clock.stop(at)
    with pytest.raises(Conflict):
        log.clock.run(timedelta(days=1))
    with log.connection() as connection, pytest.raises(psycopg.IntegrityError):
        connection.execute("INSERT INTO simulated_clock (standing_at) VALUES (now())")


def test_a_simulated_clock_is_moved_and_never_taken_away(log: Log[Fact]) -> None:
    log.clock.simulate()
    at = datetime(2013, 11, 11, 9, tzinfo=UTC)
    log.clock.stop(at)
    assert log.append([("staff:S1", 0, fact())], command(1)).recorded_at == at
    log.clock.run(timedelta(days=-1))
    assert log.clock.read().ahead == timedelta(days=-1)
    log.clock.stop(at + timedelta(days=1))
    read = log.clock.read()
    assert (read.standing_at, read.ahead) == (at + timedelta(days=1), None)
    assert read.last_recorded_at == at
    for statement in ("DELETE FROM simulated_clock", "TRUNCATE simulated_clock"):
        with log.connection() as connection, pytest.raises(psycopg.IntegrityError):
            connection.execute(statement)


def test_a_practice_is_begun_once_and_goes_forward_only(log: Log[Fact]) -> None:
    at, later = datetime(2013, 11, 11, 9, tzinfo=UTC), datetime(2013, 12, 2, 9, tzinfo=UTC)
    log.begin_practice(at)
    first = log.append([("staff:S1", 0, fact())], command(1)).recorded_at
    second = log.append([("staff:S2", 0, fact("S2"))], command(2)).recorded_at
    assert (first, second) == (at, at + timedelta(microseconds=1))
    log.clock.advance(later)
    log.clock.advance(at)  # by somebody who was overtaken
    assert log.append([("staff:S3", 0, fact("S3"))], command(3)).recorded_at == later
    with pytest.raises(Conflict):
        log.begin_practice(later)
    for statement in (
        "UPDATE simulated_clock SET standing_at = '2013-11-30T09:00Z'",
        "UPDATE simulated_clock SET is_practice = false",
        "UPDATE simulated_clock SET standing_at = NULL, ahead = '1 day'",
        "DELETE FROM simulated_clock",
    ):
        with log.connection() as connection, pytest.raises(psycopg.IntegrityError):
            connection.execute(statement)


def test_a_practices_clock_is_on_its_way_to_one_day_at_a_time(log: Log[Fact]) -> None:
    one, other = date(2013, 12, 2), date(2013, 12, 3)
    assert not log.clock.ask_for(one)  # a real record
    log.begin_practice(datetime(2013, 11, 11, 9, tzinfo=UTC))
    assert log.clock.ask_for(one)
    assert not log.clock.ask_for(other)
    log.clock.arrive(other)  # somebody who was late: it is not on its way there
    assert log.clock.read().moving_to == one
    log.clock.arrive(one, "nothing moves")
    reading = log.clock.read()
    assert (reading.moving_to, reading.stopped_because) == (None, "nothing moves")
    assert log.clock.ask_for(other)
    assert log.clock.read().stopped_because is None


@pytest.mark.parametrize("what", ["real", "rehearsed"])
def test_what_is_on_record_never_becomes_a_practice(log: Log[Fact], what: str) -> None:
    if what == "real":
        log.append([("staff:S1", 0, fact())], command(1))
    else:
        log.mark_rehearsed("tr-2013", datetime(2013, 11, 11, 9, tzinfo=UTC))
        with log.connection() as connection, pytest.raises(psycopg.IntegrityError):
            connection.execute("UPDATE simulated_clock SET is_practice = true")
    with pytest.raises(Conflict):
        log.begin_practice(datetime(2013, 11, 11, 9, tzinfo=UTC))
    assert not log.clock.read().is_practice


def test_a_record_keeps_the_identity_that_it_was_given_first(log: Log[Fact]) -> None:
    assert log.identity() == log.identity()


def test_people_can_read_the_log_with_sql(log: Log[Fact]) -> None:
    log.append([("staff:S1", 0, fact())], command(1))
    with log.connection() as connection:
        row = connection.execute("SELECT * FROM readable_log").fetchone()
    assert row is not None
    assert (row["position"], row["fact_name"]) == (1, "staff-registered.v1")
    assert (row["state"]["by"], row["state"]["fact"]["staff_number"]) == ("hr.administrator", "S1")
