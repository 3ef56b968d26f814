"""A history put on record: whole or not at all, gone on with after a stop, the same file once."""

import csv
import fcntl
import io
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from transfer.commands.office import Act, Office
from transfer.core.record.staff import EntryCorrected, PositionChanged, StaffRegistered
from transfer.core.refusals import Conflict
from transfer.core.words import Attested
from transfer.imports.history import import_history as histories
from transfer.imports.history import judging as history_judging
from transfer.imports.history import spool as history_spool
from transfer.imports.history.import_history import HistoryOutcome, import_history
from transfer.imports.history.lines import Layout
from transfer.imports.history.sample import as_csv, as_ndjson, sample_history
from transfer.imports.history.spool import Spool, layout_of
from transfer.imports.meaning import Reading
from transfer.kinds import KNOWN
from transfer.log.application import Log, open_log
from transfer.log.envelope import Command
from transfer.procedures.facts import Fact
from transfer.vault import Vault

pytestmark = pytest.mark.engines

TODAY = date(2014, 6, 1)
ANN = {"staff_number": "S1", "act": "registration", "recorded_on": "2001-01-10", "name": "Ann"}
FILE = [
    {"staff_number": "S1", "act": "change", "recorded_on": "2003-05-01", "band": "5"},
    ANN | {"effective_from": "2001-01-01", "employer": "London", "ref": "1"},
    {**ANN, "staff_number": "S2", "name": "Ben", "effective_from": "2002-01-01", "band": "3"},
    {"staff_number": "S1", "act": "correction", "recorded_on": "2002-01-01", "of": "1"},
]
FILE[0]["effective_from"] = FILE[3]["effective_from"] = "2001-02-01"

Import = Callable[..., HistoryOutcome]


@pytest.fixture
def log(database_url: str) -> Iterator[Log[Fact]]:
    opened = open_log(database_url, known=KNOWN)
    yield opened
    opened.close()


@pytest.fixture
def office(log: Log[Fact]) -> Office:
    return Office(log, Vault(log.connection, bytes(32)))


@pytest.fixture
def take(office: Office, tmp_path: Path) -> Import:
    """Import these lines, or this file."""

    def take_it(lines: list[dict[str, str]] | Path, **how: object) -> HistoryOutcome:
        path = tmp_path / "history.ndjson"
        if isinstance(lines, Path):
            path = lines
        else:
            path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        settings = {"source": "old system", "folder": tmp_path / "imports", "today": TODAY, **how}
        # The keywords are the function's own; a wrong one is its TypeError.
        return import_history(office, Act("hr", UUID(int=1)), path, **settings)  # type: ignore[arg-type]

    return take_it


def rows_of(log: Log[Fact], table: str) -> int:
    with log.connection() as connection:
        found = connection.execute(f"SELECT count(*) AS n FROM {table}").fetchone()
    assert found is not None
    return int(found["n"])


def test_lines_go_on_record_person_by_person_with_what_their_source_claims(
    take: Import, log: Log[Fact], office: Office, tmp_path: Path
) -> None:
    outcome = take(FILE)

    assert (outcome.accepted, outcome.rejections, outcome.staff) == (4, 0, 2)
    ann = log.read("staff:S1")
    assert [type(each.fact) for each in ann] == [StaffRegistered, EntryCorrected, PositionChanged]
    assert [each.attested for each in ann] == [
        Attested(source="old system", recorded_on=date(*day), ref=ref)
        for ref, day in [("1", (2001, 1, 10)), (None, (2002, 1, 1)), (None, (2003, 5, 1))]
    ]
    corrected = ann[1].fact
    assert isinstance(corrected, EntryCorrected)
    assert corrected.of == ann[0].event_id
    assert len({each.recorded_at for each in ann + log.read("staff:S2")}) == 1
    assert office.vault.get_many(["S1", "S2"]) == {"S1": {"name": "Ann"}, "S2": {"name": "Ben"}}
    assert b"Ann" not in b"".join(
        path.read_bytes() for path in (tmp_path / "imports").rglob("*") if path.is_file()
    )
    assert rows_of(log, "import_person_keys") == rows_of(log, "import_person_fields") == 0


def test_no_line_brings_personal_data_of_who_was_erased(
    take: Import, log: Log[Fact], office: Office
) -> None:
    # Only a registration has such data: one that comes again is passed over with what it says, and
    # another one is refused, as for everybody on record.
    take(FILE)
    office.vault.erase("S1")
    later = FILE[0] | {"recorded_on": "2004-05-01", "effective_from": "2004-02-01"}
    outcome = take([*FILE, later])
    assert (outcome.accepted, outcome.passed_over, outcome.rejections) == (1, 4, 0)
    assert len(log.read("staff:S1")) == 4
    assert office.vault.get_many(["S1", "S2"]) == {"S2": {"name": "Ben"}}
    other = take([FILE[1] | {"ref": "9", "effective_from": "2001-03-01"}])
    assert [each.field for each in other.rejected] == ["act"]


def test_the_same_file_again_writes_nothing_and_says_so(take: Import, log: Log[Fact]) -> None:
    first = take(FILE)
    again = take(FILE)
    assert (again.already, again.accepted, again.staff) == (True, 4, 2)
    assert first.written is not None
    assert again.written is not None
    assert again.written.recorded_at == first.written.recorded_at
    assert log.head().position == 4


def test_one_bad_line_keeps_everything_out(take: Import, log: Log[Fact], tmp_path: Path) -> None:
    outcome = take([*FILE, {"staff_number": "S2", "act": "change", "recorded_on": "2003-05-01"}])
    assert [(each.line, each.field) for each in outcome.rejected] == [(5, "effective_from")]
    assert (outcome.rejections, outcome.written) == (1, None)
    assert log.head().position == 0
    assert list((tmp_path / "imports").iterdir()) == []


def test_a_line_that_cannot_be_read_hides_no_other(take: Import) -> None:
    change = {"staff_number": "S3", "act": "change", "effective_from": "2002-01-01", "band": "4"}
    outcome = take(
        [
            {**FILE[1], "staff_number": "S3"},
            {**change, "recorded_on": "2002-01-01", "ref": "1"},
            {**change, "recorded_on": "2099-01-01"},
            {**change, "recorded_on": "2003-01-01", "act": "correction", "of": "zz"},
        ]
    )
    assert [(each.line, each.field) for each in outcome.rejected] == [
        (2, "ref"),
        (3, "recorded_on"),
        (4, "of"),
    ]


def test_partial_takes_whole_people_and_says_who_is_left_out(take: Import, log: Log[Fact]) -> None:
    bad = {**FILE[0], "recorded_on": "2099-01-01"}
    outcome = take([bad, *FILE[1:]], partial=True)
    assert [(each.line, each.field) for each in outcome.rejected] == [
        (1, "recorded_on"),
        (2, "staff_number"),
        (4, "staff_number"),
    ]
    assert "left out whole, for what is wrong on line 1" in outcome.rejected[1].reason
    assert (outcome.accepted, outcome.staff) == (1, 1)
    assert log.read("staff:S1") == []
    assert len(log.read("staff:S2")) == 1


def test_a_dry_run_judges_and_writes_nothing(take: Import, log: Log[Fact], tmp_path: Path) -> None:
    outcome = take(FILE, dry_run=True)
    assert (outcome.accepted, outcome.staff, outcome.written) == (4, 2, None)
    assert log.head().position == 0
    assert list((tmp_path / "imports").iterdir()) == []
    assert take(FILE).written is not None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04....", "spreadsheet workbook"),
        (b"act,recorded_on\n", "does not name staff_number"),
        (b"{\0", "NUL"),
        (b"staff_number,act,recorded_on\n", "the file has no lines"),
        (b"staff_number,act,recorded_on\n\n,,\n", "the file has no lines"),
    ],
)
def test_a_fault_of_the_whole_file_is_one_rejection_on_line_1(
    take: Import, tmp_path: Path, content: bytes, reason: str
) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    outcome = take(file)
    ((line, told),) = [(each.line, each.reason) for each in outcome.rejected]
    assert line == 1
    assert reason in told


def test_more_is_recorded_of_people_on_record_already(take: Import, log: Log[Fact]) -> None:
    take(FILE)
    later = {"staff_number": "S2", "act": "change", "recorded_on": "2004-01-01"}
    outcome = take([later | {"effective_from": "2004-01-01", "band": "4"}])
    assert (outcome.accepted, outcome.rejections) == (1, 0)
    assert [each.version for each in log.read("staff:S2")] == [1, 2]
    again = take([FILE[2] | {"effective_from": "2003-01-01"}])
    assert [(each.field, each.line) for each in again.rejected] == [("act", 1)]


def test_a_record_that_moves_on_while_a_file_waits_is_not_overwritten(
    take: Import, log: Log[Fact], office: Office
) -> None:
    def registers_ann(what: str, _done: int, _of: int) -> None:
        if what == "lines staged":
            fact = StaffRegistered(staff_number="S1", effective_from=date(2014, 1, 1))
            log.append([("staff:S1", 0, fact)], Command(UUID(int=9), "somebody", b""))

    with pytest.raises(Conflict, match="run the import again"):
        take(FILE, progress=registers_ann)
    assert log.head().position == 1
    assert office.vault.get("S2") is None
    assert rows_of(log, "import_batches") == rows_of(log, "import_person_keys") == 0
    refused = [(each.line, each.field) for each in take(FILE).rejected]
    assert refused == [(2, "act"), (4, "of")]


@pytest.fixture
def in_many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_spool, "BYTES_A_PART", 4_000)
    monkeypatch.setattr(history_judging, "_PIECE", 20)


class Stopped(Exception):  # noqa: N818 - what happened
    """The run ends here."""


@pytest.mark.usefixtures("in_many_parts")
@pytest.mark.parametrize("phase", ["lines read", "lines judged", "lines staged"])
@pytest.mark.parametrize("partial", [False, True])
def test_a_run_that_was_stopped_is_gone_on_with(
    take: Import, log: Log[Fact], office: Office, tmp_path: Path, phase: str, partial: bool
) -> None:
    history = tmp_path / "sample.csv"
    rows = list(as_csv(sample_history(50, 8, seed=5)))
    history.write_text("".join([*rows, "H000003,change,2001-01-01\n"] if partial else rows))
    seen = 0

    def stops(what: str, _done: int, _of: int) -> None:
        nonlocal seen
        seen += what == phase
        if seen == (1 if phase == "lines read" else 3):
            raise Stopped

    with pytest.raises(Stopped):
        take(history, source=None, partial=partial, progress=stops, processes=1)
    told: list[tuple[str, int]] = []

    outcome = take(
        history,
        source=None,
        partial=partial,
        processes=1,
        progress=lambda what, done, _: told.append((what, done)),
    )

    people = 49 if partial else 50
    assert (outcome.accepted, outcome.staff) == (people * 8, people)
    if phase != "lines read":
        assert "lines read" not in [what for what, _ in told]
    if phase == "lines staged":
        assert "lines judged" not in [what for what, _ in told]
    assert log.head().position == people * 8
    expected = {
        number: [
            row
            for row in csv.DictReader(io.StringIO("".join(rows)))
            if row["staff_number"] == number
        ]
        for number in ("H000000", "H000049")
    }
    for number, lines in expected.items():
        recorded = log.read(f"staff:{number}")
        assert [each.attested and str(each.attested.recorded_on) for each in recorded] == [
            line["recorded_on"] for line in lines
        ]
        assert office.vault.get(number) == {
            "name": lines[0]["name"],
            "date_of_birth": lines[0]["date_of_birth"],
        }
    assert list((tmp_path / "imports").iterdir()) == []


@pytest.mark.usefixtures("in_many_parts")
@pytest.mark.parametrize("harm", ["changed", "cut short", "emptied", "gone"])
def test_a_file_that_a_disk_has_spoilt_is_noticed_and_made_again(
    take: Import, log: Log[Fact], office: Office, tmp_path: Path, harm: str
) -> None:
    history = tmp_path / "sample.csv"
    history.write_text("".join(as_csv(sample_history(50, 8, seed=5))))

    def spoil(what: str, _done: int, _of: int) -> None:
        if what == "lines being recorded":
            (events,) = (tmp_path / "imports").glob("*/events-0")
            stored = bytearray(events.read_bytes())
            match harm:
                case "changed":
                    stored[len(stored) // 2] ^= 1
                case "cut short":
                    del stored[-1]
                case _:
                    stored.clear()
            events.unlink() if harm == "gone" else events.write_bytes(stored)

    with pytest.raises(Conflict, match="events-0 is not as it was written; nothing was written"):
        take(history, source=None, processes=1, progress=spoil)
    assert log.head().position == 0
    assert office.vault.get("H000000") is None
    assert rows_of(log, "import_batches") == rows_of(log, "import_person_keys") == 0
    assert list((tmp_path / "imports").iterdir()) == []
    assert take(history, source=None, processes=1).accepted == 400


@pytest.mark.usefixtures("in_many_parts")
def test_a_part_that_is_judged_again_loses_what_was_staged_of_it(
    take: Import, office: Office, tmp_path: Path
) -> None:
    history = tmp_path / "sample.csv"
    history.write_text("".join(as_csv(sample_history(50, 8, seed=5))))

    def stops(what: str, _done: int, _of: int) -> None:
        if what == "lines being recorded":
            raise Stopped

    with pytest.raises(Stopped):
        take(history, source=None, processes=1, progress=stops)
    # The machine stopped, and the disk had not kept this.
    (judged,) = (tmp_path / "imports").glob("*/judged-1.json")
    judged.unlink()
    told: list[str] = []
    outcome = take(
        history, source=None, processes=1, progress=lambda what, _done, _of: told.append(what)
    )
    assert outcome.accepted == 400
    assert "lines read" not in told
    assert told.count("lines judged") == 1
    assert told.count("lines staged") > told.count("lines judged")
    assert set(office.vault.get("H000000") or {}) == {"name", "date_of_birth"}


@pytest.mark.usefixtures("in_many_parts")
def test_a_dry_run_gives_up_what_a_stopped_run_left(
    take: Import, log: Log[Fact], tmp_path: Path
) -> None:
    def stops(what: str, _done: int, _of: int) -> None:
        if what == "lines staged":
            raise Stopped

    with pytest.raises(Stopped):
        take(FILE, progress=stops)
    assert rows_of(log, "import_batches") == 1
    take(FILE, dry_run=True)
    assert rows_of(log, "import_batches") == rows_of(log, "import_person_keys") == 0
    assert list((tmp_path / "imports").iterdir()) == []


def test_one_process_at_a_time_is_at_a_file(take: Import) -> None:
    def takes_it_too(what: str, _done: int, _of: int) -> None:
        if what == "lines staged":
            take(FILE)

    with pytest.raises(Conflict, match="another process is importing this file"):
        take(FILE, progress=takes_it_too)
    assert take(FILE).accepted == 4


@pytest.mark.usefixtures("in_many_parts")
def test_several_processes_judge_as_one_does(take: Import, log: Log[Fact], tmp_path: Path) -> None:
    history = tmp_path / "sample.ndjson"
    history.write_text("".join(as_ndjson(sample_history(30, 6, seed=6))))
    outcome = take(history, source=None, processes=2)
    assert (outcome.accepted, outcome.staff, outcome.rejections) == (180, 30, 0)
    assert log.head().position == 180


@pytest.mark.usefixtures("in_many_parts")
def test_of_very_many_bad_lines_the_first_are_told_and_all_are_counted(
    take: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histories, "MOST_TOLD", 5)
    bad = [{**FILE[0], "staff_number": f"S{n}", "fte": "7"} for n in range(400)]
    outcome = take(bad, processes=1)
    assert [each.line for each in outcome.rejected] == [1, 2, 3, 4, 5]
    assert outcome.rejections == 400


def test_two_that_come_by_a_pipe_at_once_are_kept_apart(tmp_path: Path) -> None:
    left = tmp_path / "standard-input-of-a-killed-run"
    left.write_bytes(b"half")
    one, other = io.BytesIO(b"one"), io.BytesIO(b"another")
    with history_spool.kept_input(one, tmp_path) as first:
        with history_spool.kept_input(other, tmp_path) as second:
            assert (first.read_bytes(), second.read_bytes()) == (b"one", b"another")
        assert list(tmp_path.iterdir()) == [first]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_written_to_while_it_is_read_is_not_taken(
    take: Import, log: Log[Fact], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "growing.ndjson"
    lines = [json.dumps(line) + "\n" for line in FILE]
    file.write_text("".join(lines[:3]))

    def grows(path: Path, *, source: str | None, ignore_unknown: bool, reading: Reading) -> Layout:
        path.write_text("".join(lines))
        return layout_of(path, source=source, ignore_unknown=ignore_unknown, reading=reading)

    monkeypatch.setattr(histories, "layout_of", grows)
    with pytest.raises(Conflict, match="written to while it was read"):
        take(file)
    assert log.head().position == 0
    assert list((tmp_path / "imports").iterdir()) == []
    assert take(file).accepted == 4


def test_a_lock_that_went_while_it_was_waited_for_is_nobodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first leaves and a third comes just after the second has opened the first one's file."""
    spool = Spool(tmp_path / "imports" / "digest")
    lock = fcntl.flock
    with ExitStack() as third, ExitStack() as first:
        first.enter_context(spool.held())

        def overtaken(file: int, operation: int) -> None:
            monkeypatch.setattr(fcntl, "flock", lock)
            first.close()
            third.enter_context(spool.held())
            lock(file, operation)

        monkeypatch.setattr(fcntl, "flock", overtaken)
        with pytest.raises(Conflict, match="another process"), spool.held():
            pass
        with pytest.raises(Conflict, match="another process"), spool.held():
            pass
    with spool.held():
        pass
    assert list((tmp_path / "imports").iterdir()) == []
