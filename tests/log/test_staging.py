"""Large imports: resumable piece by piece, visible all at once or not at all."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import DictRow

from transfer.core.record.staff import PositionChanged, StaffRegistered
from transfer.core.refusals import Conflict, KeyReused, NotOnRecord, StaleVersion
from transfer.core.words import Attested, Facet
from transfer.log.application import Log, New, open_log
from transfer.log.envelope import Command, Pending, event_id_of
from transfer.log.mapper import mapper_of_facts
from transfer.log.recorder import entry_of
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines

BATCH, IMPORT, FILE = UUID(int=1), UUID(int=2), b"digest of the file"
COMMAND = Command(IMPORT, "hr", b"request", at=datetime(2013, 11, 1, 9, tzinfo=UTC))


@pytest.fixture
def log(database_url: str) -> Iterator[Log[Fact]]:
    opened = open_log(database_url)
    opened.clock.simulate()
    yield opened
    opened.close()


def people(first: int, last: int) -> list[New[Fact]]:
    return [
        (
            f"staff:S{n}",
            0,
            StaffRegistered(staff_number=f"S{n}", effective_from=date(2013, 11, 1)),
        )
        for n in range(first, last + 1)
    ]


def staged_pieces(log: Log[Fact]) -> int:
    with log.connection() as connection:
        row = connection.execute("SELECT count(*) AS n FROM import_pieces").fetchone()
    assert row is not None
    count: int = row["n"]
    return count


def test_pieces_are_seen_all_at_once_in_their_order(log: Log[Fact]) -> None:
    log.append(people(100, 101), Command(UUID(int=9), "hr", b""))
    batch = log.open_import(BATCH, FILE, COMMAND, 5)
    assert log.stage(batch, 0, people(1, 2), COMMAND) == 2
    assert log.stage(batch, 2, people(3, 5), COMMAND) == 5
    assert log.head().position == 2
    assert log.read("staff:S1") == []

    receipt = log.commit_import(batch, COMMAND)

    assert receipt.events == tuple(
        (f"staff:S{n}", 1, event_id_of(IMPORT, n - 1)) for n in range(1, 6)
    )
    assert (receipt.replayed, receipt.last_position) == (False, 7)
    recorded = log.page(2, 10)
    assert [each.stream for each in recorded] == [f"staff:S{n}" for n in range(1, 6)]
    assert {each.recorded_at for each in recorded} == {receipt.recorded_at}
    assert {each.command_id for each in recorded} == {IMPORT}
    assert staged_pieces(log) == 0


def test_a_staged_fact_keeps_what_an_older_system_claims_about_it(log: Log[Fact]) -> None:
    claim = Attested(source="the old system", recorded_on=date(2009, 4, 1))
    batch = log.open_import(BATCH, FILE, COMMAND, 1)
    stream, expected, fact, *_ = people(1, 1)[0]
    log.stage(batch, 0, [(stream, expected, fact, claim)], COMMAND)
    log.commit_import(batch, COMMAND)
    assert [each.attested for each in log.read("staff:S1")] == [claim]


def test_a_large_import_is_encoded_elsewhere_and_answered_by_its_place(log: Log[Fact]) -> None:
    log.append(people(100, 101), Command(UUID(int=9), "hr", b""))
    batch = log.open_import(BATCH, FILE, COMMAND, 2)
    mapper = mapper_of_facts()
    encoded = [
        entry_of(mapper.encode(Pending(new[0], 1, event_id_of(IMPORT, n), new[2], COMMAND)))
        for n, new in enumerate(people(1, 2))
    ]
    assert log.first_place(COMMAND) is None
    assert log.stage_encoded(batch, 0, encoded[:1]) == 1
    with pytest.raises(Conflict):
        log.stage_encoded(batch, 0, encoded[:1])
    assert log.stage_encoded(batch, 1, encoded[1:]) == 2

    begun = log.commit_large_import(batch, COMMAND)

    assert (begun.replayed, begun.positions) == (False, range(3, 5))
    again = log.first_place(COMMAND)
    assert again is not None
    assert (again.replayed, again.positions, again.recorded_at) == (
        True,
        begun.positions,
        begun.recorded_at,
    )
    assert [each.event_id for each in log.read("staff:S2")] == [event_id_of(IMPORT, 1)]
    with pytest.raises(KeyReused):
        log.first_place(Command(IMPORT, "hr", b"another request"))


def test_staged_and_appended_facts_are_stored_alike(log: Log[Fact]) -> None:
    batch = log.open_import(BATCH, FILE, COMMAND, 1)
    log.stage(batch, 0, people(1, 1), COMMAND)
    log.commit_import(batch, COMMAND)
    (staged,) = log.read("staff:S1")
    other = Command(UUID(int=3), "hr", b"", at=COMMAND.at)
    log.append(people(2, 2), other)
    (appended,) = log.read("staff:S2")
    assert (staged.recorded_by, staged.version) == (appended.recorded_by, appended.version)
    assert staged.fact == people(1, 1)[0][2]


def test_a_stopped_import_goes_on_where_it_was(log: Log[Fact], database_url: str) -> None:
    log.stage(log.open_import(BATCH, FILE, COMMAND, 4), 0, people(1, 3), COMMAND)

    later = open_log(database_url)
    batch = later.open_import(UUID(int=77), FILE, COMMAND, 4)
    assert (batch.batch_id, batch.staged_to, batch.is_committed) == (BATCH, 3, False)
    with pytest.raises(Conflict, match="only 3 of 4"):
        later.commit_import(batch, COMMAND)
    for misplaced in (0, 2, 4):
        with pytest.raises(Conflict, match="not waiting"):
            later.stage(batch, misplaced, people(4, 4), COMMAND)
    with pytest.raises(Conflict, match="not waiting"):
        later.stage(batch, 3, people(4, 5), COMMAND)
    later.stage(batch, 3, people(4, 4), COMMAND)
    assert later.commit_import(batch, COMMAND).last_position == 4
    later.close()


def test_the_same_file_again_gets_the_first_receipt(log: Log[Fact]) -> None:
    batch = log.open_import(BATCH, FILE, COMMAND, 1)
    log.stage(batch, 0, people(1, 1), COMMAND)
    first = log.commit_import(batch, COMMAND)

    again = log.open_import(UUID(int=77), FILE, COMMAND, 1)
    assert again.is_committed
    receipt = log.commit_import(again, COMMAND)
    assert receipt.replayed
    assert (receipt.events, receipt.recorded_at) == (first.events, first.recorded_at)
    with pytest.raises(KeyReused):
        log.commit_import(again, Command(IMPORT, "hr", b"another request"))
    with pytest.raises(Conflict, match="stays there"):
        log.discard_import(again)
    assert log.find_import(FILE) == again


def test_a_person_registered_meanwhile_stops_the_whole(log: Log[Fact]) -> None:
    batch = log.open_import(BATCH, FILE, COMMAND, 3)
    log.stage(batch, 0, people(1, 3), COMMAND)
    log.append(people(2, 2), Command(UUID(int=9), "hr", b""))
    with pytest.raises(StaleVersion):
        log.commit_import(batch, COMMAND)
    assert log.head().position == 1
    assert log.find_import(FILE) == log.open_import(BATCH, FILE, COMMAND, 3)


def test_a_staged_hole_stops_the_whole(log: Log[Fact]) -> None:
    batch = log.open_import(BATCH, FILE, COMMAND, 1)
    log.stage(batch, 0, [("staff:S1", 4, people(1, 1)[0][2])], COMMAND)
    with pytest.raises(StaleVersion):
        log.commit_import(batch, COMMAND)
    assert log.head().position == 0


def test_an_import_of_several_blocks_is_on_record_in_its_order(log: Log[Fact]) -> None:
    # More than the events of one block (1,000), and an odd number of them; some follow others of
    # their own stream: in their own block, in the one before, or on record.
    log.append(people(1, 1), Command(UUID(int=9), "hr", b""))
    day = date(2013, 11, 1)

    def change(n: int, expected: int) -> New[Fact]:
        fact = PositionChanged(effective_from=day, changes={Facet.UNIT: "U"}, reason="moved")
        return (f"staff:S{n}", expected, fact)

    batch = log.open_import(BATCH, FILE, COMMAND, 2_501)
    assert log.stage(batch, 0, [change(1, 1), *people(2, 2_400)], COMMAND) == 2_400
    later = [change(1, 2), change(2, 1), change(2, 1), *people(2_401, 2_498)]
    assert log.stage(batch, 2_400, later, COMMAND) == 2_501
    receipt = log.commit_import(batch, COMMAND)

    assert len(receipt.events) == 2_501
    assert receipt.events[0] == ("staff:S1", 2, event_id_of(IMPORT, 0))
    assert [each[:2] for each in receipt.events[2_400:2_403]] == [
        ("staff:S1", 3),
        ("staff:S2", 2),
        ("staff:S2", 3),
    ]
    recorded = log.page(0, 3_000)
    assert [each.position for each in recorded] == list(range(1, 2_503))
    assert [each.event_id for each in recorded[1:]] == [
        event_id_of(IMPORT, n) for n in range(2_501)
    ]
    assert len({each.recorded_at for each in recorded}) == 2
    assert staged_pieces(log) == 0


def test_a_hole_between_two_pieces_stops_the_whole(log: Log[Fact]) -> None:
    batch = log.open_import(BATCH, FILE, COMMAND, 2)
    log.stage(batch, 0, people(1, 1), COMMAND)
    log.stage(batch, 1, [("staff:S1", 2, people(1, 1)[0][2])], COMMAND)
    with pytest.raises(StaleVersion):
        log.commit_import(batch, COMMAND)
    assert log.head().position == 0


def test_a_piece_of_another_size_than_was_said_is_not_taken(log: Log[Fact]) -> None:
    staging = log._staging
    batch = log.open_import(BATCH, FILE, COMMAND, 2)
    with pytest.raises(ValueError, match="1 events, where 2"):
        staging.stage(batch.batch_id, 0, 2, [(b"staff:S1", 1, b"f.v1", b"{}", bytes(16))])
    assert log.find_import(FILE) == batch
    assert staged_pieces(log) == 0


def test_what_is_written_alongside_falls_with_the_import(log: Log[Fact]) -> None:
    batch = log.open_import(BATCH, FILE, COMMAND, 1)
    log.stage(batch, 0, people(1, 1), COMMAND)

    def fail(cursor: psycopg.Cursor[DictRow]) -> None:
        cursor.execute("SELECT 1 / 0")

    with pytest.raises(Exception, match="division by zero"):
        log.commit_import(batch, COMMAND, alongside=fail)
    assert log.head().position == 0
    assert log.commit_import(batch, COMMAND).last_position == 1


def test_another_import_under_way_keeps_its_pieces(log: Log[Fact], database_url: str) -> None:
    other = Command(UUID(int=3), "hr", b"request")
    waiting = log.open_import(UUID(int=30), b"another file", other, 2)
    log.stage(waiting, 0, people(1, 1), other)
    batch = log.open_import(BATCH, FILE, COMMAND, 1)
    log.stage(batch, 0, people(5, 5), COMMAND)
    assert log.commit_import(batch, COMMAND).last_position == 1
    assert staged_pieces(log) == 1
    log.stage(waiting, 1, people(2, 2), other)

    with psycopg.connect(database_url) as staging:
        # Somebody else's piece is being written just now.
        staging.execute("LOCK TABLE import_pieces IN ROW EXCLUSIVE MODE")
        assert log.commit_import(waiting, other).last_position == 3
    assert staged_pieces(log) == 0


def test_a_discarded_import_leaves_nothing(log: Log[Fact]) -> None:
    batch = log.open_import(BATCH, FILE, COMMAND, 2)
    log.stage(batch, 0, people(1, 1), COMMAND)
    log.discard_import(batch)
    log.discard_import(batch)
    assert log.find_import(FILE) is None
    with pytest.raises(NotOnRecord):
        log.commit_import(batch, COMMAND)


def test_a_file_is_imported_as_one_command_of_one_size(log: Log[Fact]) -> None:
    log.open_import(BATCH, FILE, COMMAND, 2)
    with pytest.raises(Conflict, match="another command"):
        log.open_import(BATCH, FILE, Command(UUID(int=5), "hr", b""), 2)
    with pytest.raises(Conflict, match="2 events, not 3"):
        log.open_import(BATCH, FILE, COMMAND, 3)
