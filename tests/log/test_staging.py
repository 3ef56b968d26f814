"""Large imports: prepared piece by piece, on the log all at once or not at all."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import DictRow

from transfer.core.record.staff import PositionChanged, StaffRegistered
from transfer.core.refusals import Conflict, KeyReused, NotOnRecord, StaleVersion
from transfer.core.words import Attested, Facet
from transfer.log import appending
from transfer.log.application import Log, New, open_log
from transfer.log.envelope import Command, Pending, event_id_of
from transfer.log.mapper import mapper_of_facts
from transfer.log.packing import Block, blocks_of, entries_of
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


def blocks(
    new: list[New[Fact]], most: int = 1_000, command: Command = COMMAND
) -> Callable[[], list[Block]]:
    """Facts as other processes pack them: blocks of so many events at most."""
    mapper = mapper_of_facts()
    reached: dict[str, int] = {}
    entries = []
    for index, (stream, expected, fact, *claim) in enumerate(new):
        version = reached[stream] = reached.get(stream, expected) + 1
        event_id = event_id_of(command.command_id, index)
        pending = Pending(stream, version, event_id, fact, command, *claim)
        entries.append(entry_of(mapper.encode(pending)))
    made = list(blocks_of(entries, most))
    return lambda: made


def test_an_import_is_seen_all_at_once_in_its_order(log: Log[Fact]) -> None:
    log.append(people(100, 101), Command(UUID(int=9), "hr", b""))
    batch = log.open_import(BATCH, FILE, COMMAND, 5)
    assert log.stage(batch, 0, 2) == 2
    assert log.stage(batch, 2, 3) == 5
    assert log.first_place(COMMAND) is None
    seen: list[int] = []

    def packed() -> Iterator[Block]:
        for block in blocks(people(1, 5), most=2)():
            seen.append(log.head().position)
            assert log.read("staff:S1") == []
            yield block

    begun = log.commit_import(batch, COMMAND, packed)

    assert seen == [2, 2, 2]
    assert (begun.replayed, begun.positions) == (False, range(3, 8))
    recorded = log.page(2, 10)
    assert [each.stream for each in recorded] == [f"staff:S{n}" for n in range(1, 6)]
    assert [each.event_id for each in recorded] == [event_id_of(IMPORT, n) for n in range(5)]
    assert {each.recorded_at for each in recorded} == {begun.recorded_at}
    assert {each.command_id for each in recorded} == {IMPORT}
    again = log.first_place(COMMAND)
    assert again is not None
    assert (again.positions, again.recorded_at) == (begun.positions, begun.recorded_at)
    with pytest.raises(KeyReused):
        log.first_place(Command(IMPORT, "hr", b"another request"))


def test_an_imported_fact_keeps_what_an_older_system_claims_about_it(log: Log[Fact]) -> None:
    claim = Attested(source="the old system", recorded_on=date(2009, 4, 1))
    batch = log.open_import(BATCH, FILE, COMMAND, 1)
    log.stage(batch, 0, 1)
    stream, expected, fact, *_ = people(1, 1)[0]
    log.commit_import(batch, COMMAND, blocks([(stream, expected, fact, claim)]))
    assert [each.attested for each in log.read("staff:S1")] == [claim]


def test_imported_and_appended_facts_are_stored_alike(log: Log[Fact]) -> None:
    batch = log.open_import(BATCH, FILE, COMMAND, 1)
    log.stage(batch, 0, 1)
    log.commit_import(batch, COMMAND, blocks(people(1, 1)))
    (imported,) = log.read("staff:S1")
    other = Command(UUID(int=3), "hr", b"", at=COMMAND.at)
    log.append(people(2, 2), other)
    (appended,) = log.read("staff:S2")
    assert (imported.recorded_by, imported.version) == (appended.recorded_by, appended.version)
    assert imported.fact == people(1, 1)[0][2]


def test_what_follows_from_an_import_is_recorded_after_it(log: Log[Fact]) -> None:
    batch = log.open_import(BATCH, FILE, COMMAND, 2)
    log.stage(batch, 0, 2)
    begun = log.commit_import(batch, COMMAND, blocks(people(1, 2)), people(7, 8))
    assert begun.event_count == 4
    recorded = log.page(0, 10)
    assert [each.stream for each in recorded] == [f"staff:S{n}" for n in (1, 2, 7, 8)]
    assert [each.event_id for each in recorded] == [event_id_of(IMPORT, n) for n in range(4)]


def test_a_stopped_import_goes_on_where_it_was(log: Log[Fact], database_url: str) -> None:
    log.stage(log.open_import(BATCH, FILE, COMMAND, 4), 0, 3)

    later = open_log(database_url)
    batch = later.open_import(UUID(int=77), FILE, COMMAND, 4)
    assert (batch.batch_id, batch.staged_to, batch.is_committed) == (BATCH, 3, False)
    with pytest.raises(Conflict, match="only 3 of 4"):
        later.commit_import(batch, COMMAND, blocks(people(1, 4)))
    for misplaced in (0, 2, 4):
        with pytest.raises(Conflict, match="not waiting"):
            later.stage(batch, misplaced, 1)
    with pytest.raises(Conflict, match="not waiting"):
        later.stage(batch, 3, 2)
    later.stage(batch, 3, 1)
    assert later.commit_import(batch, COMMAND, blocks(people(1, 4))).positions == range(1, 5)
    later.close()


def test_what_is_staged_with_a_piece_falls_with_it(log: Log[Fact]) -> None:
    def fail(cursor: psycopg.Cursor[DictRow]) -> None:
        cursor.execute("SELECT 1 / 0")

    batch = log.open_import(BATCH, FILE, COMMAND, 1)
    with pytest.raises(Exception, match="division by zero"):
        log.stage(batch, 0, 1, fail)
    assert log.find_import(FILE) == batch


def test_the_same_file_again_gets_the_first_answer(log: Log[Fact]) -> None:
    batch = log.open_import(BATCH, FILE, COMMAND, 1)
    log.stage(batch, 0, 1)
    first = log.commit_import(batch, COMMAND, blocks(people(1, 1)))

    again = log.open_import(UUID(int=77), FILE, COMMAND, 1)
    assert again.is_committed
    begun = log.commit_import(again, COMMAND, blocks(people(1, 1)))
    assert begun.replayed
    assert (begun.positions, begun.recorded_at) == (first.positions, first.recorded_at)
    with pytest.raises(KeyReused):
        log.commit_import(again, Command(IMPORT, "hr", b"another request"), blocks([]))
    with pytest.raises(Conflict, match="stays there"):
        log.discard_import(again)
    assert log.find_import(FILE) == again


def test_a_person_registered_meanwhile_stops_the_whole(log: Log[Fact]) -> None:
    batch = log.open_import(BATCH, FILE, COMMAND, 3)
    log.stage(batch, 0, 3)
    log.append(people(2, 2), Command(UUID(int=9), "hr", b""))
    with pytest.raises(StaleVersion):
        log.commit_import(batch, COMMAND, blocks(people(1, 3)))
    assert log.head().position == 1
    assert log.find_import(FILE) == log.open_import(BATCH, FILE, COMMAND, 3)


def changed(n: int, expected: int) -> New[Fact]:
    fact = PositionChanged(
        effective_from=date(2013, 11, 1), changes={Facet.UNIT: "U"}, reason="moved"
    )
    return (f"staff:S{n}", expected, fact)


@pytest.mark.parametrize("checked_at_once", [0, 10_000])
@pytest.mark.parametrize("new", [[changed(1, 4)], [*people(1, 1), changed(9, 1), changed(1, 1)]])
def test_a_hole_stops_the_whole(
    log: Log[Fact], monkeypatch: pytest.MonkeyPatch, new: list[New[Fact]], checked_at_once: int
) -> None:
    monkeypatch.setattr(appending, "_CHECKED_AT_ONCE", checked_at_once)
    batch = log.open_import(BATCH, FILE, COMMAND, len(new))
    log.stage(batch, 0, len(new))
    with pytest.raises(StaleVersion):
        log.commit_import(batch, COMMAND, blocks(new, most=1))
    assert log.head().position == 0


@pytest.mark.parametrize("checked_at_once", [0, 10_000])
def test_an_import_of_several_blocks_is_on_record_in_its_order(
    log: Log[Fact], monkeypatch: pytest.MonkeyPatch, checked_at_once: int
) -> None:
    # Some are not the first of their stream: the one before is in the same block, in an earlier
    # block, or on record already.
    monkeypatch.setattr(appending, "_CHECKED_AT_ONCE", checked_at_once)
    log.append(people(1, 1), Command(UUID(int=9), "hr", b""))
    new = [changed(1, 1), *people(2, 50), changed(1, 2), changed(2, 1), changed(2, 2)]
    new += people(51, 61)
    batch = log.open_import(BATCH, FILE, COMMAND, len(new))
    log.stage(batch, 0, len(new))
    packed = blocks(new, most=7)
    log.commit_import(batch, COMMAND, packed)

    recorded = log.page(0, 100)
    assert [each.position for each in recorded] == list(range(1, len(new) + 2))
    assert [(each.stream, each.version, each.event_id) for each in recorded[1:]] == [
        (stream, expected + 1, event_id_of(IMPORT, n))
        for n, (stream, expected, *_) in enumerate(new)
    ]
    assert len({each.recorded_at for each in recorded}) == 2
    assert [entry[0].decode() for block in packed() for entry in entries_of(block)] == [
        stream for stream, *_ in new
    ]


@pytest.mark.parametrize("last", [1, 3])
def test_blocks_of_another_number_of_events_are_not_taken(log: Log[Fact], last: int) -> None:
    batch = log.open_import(BATCH, FILE, COMMAND, 2)
    log.stage(batch, 0, 2)
    with pytest.raises(ValueError, match=f"{last} events, where 2"):
        log.commit_import(batch, COMMAND, blocks(people(1, last)))
    assert log.head().position == 0
    assert log.commit_import(batch, COMMAND, blocks(people(1, 2))).positions == range(1, 3)


def test_what_is_written_alongside_falls_with_the_import(log: Log[Fact]) -> None:
    batch = log.open_import(BATCH, FILE, COMMAND, 1)
    log.stage(batch, 0, 1)

    def fail(cursor: psycopg.Cursor[DictRow]) -> None:
        cursor.execute("SELECT 1 / 0")

    with pytest.raises(Exception, match="division by zero"):
        log.commit_import(batch, COMMAND, blocks(people(1, 1)), alongside=fail)
    assert log.head().position == 0
    begun = log.commit_import(batch, COMMAND, blocks(people(1, 1)))
    assert begun.positions == range(1, 2)


def test_an_import_that_is_discarded_while_it_is_recorded_leaves_nothing(log: Log[Fact]) -> None:
    batch = log.open_import(BATCH, FILE, COMMAND, 1)
    log.stage(batch, 0, 1)

    def meanwhile() -> list[Block]:
        log.discard_import(batch)
        return blocks(people(1, 1))()

    with pytest.raises(Conflict, match="discarded in the same moment"):
        log.commit_import(batch, COMMAND, meanwhile)
    assert log.head().position == 0


def test_a_discarded_import_leaves_nothing(log: Log[Fact]) -> None:
    batch = log.open_import(BATCH, FILE, COMMAND, 2)
    log.stage(batch, 0, 1)
    log.discard_import(batch)
    log.discard_import(batch)
    assert log.find_import(FILE) is None
    with pytest.raises(NotOnRecord):
        log.commit_import(batch, COMMAND, blocks(people(1, 2)))


def test_a_file_is_imported_as_one_command_of_one_size(log: Log[Fact]) -> None:
    log.open_import(BATCH, FILE, COMMAND, 2)
    with pytest.raises(Conflict, match="another command"):
        log.open_import(BATCH, FILE, Command(UUID(int=5), "hr", b""), 2)
    with pytest.raises(Conflict, match="2 events, not 3"):
        log.open_import(BATCH, FILE, COMMAND, 3)
