"""The one-shot commands on a database from outside, in this process; then with their own engine."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deploy.data_folder import DataFolder
from tests.cli.conftest import Run
from transfer.app import open_record

pytestmark = pytest.mark.engines

HEADER = "staff_number,name,employer,unit,role,band,fte,in_post_from"
RETURN = f"""{HEADER}
S1,A. Example,London Probation Trust,North,Probation officer,4,1,2010-04-01
S2,B. Example,London Probation Trust,North,Probation officer,4,0.5,2011-04-01
"""


@pytest.fixture
def on(run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run commands on a database of this test's own."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    Path("staff.csv").write_text(RETURN)
    return run


def as_json(run: Run, *arguments: str, code: int = 0) -> Any:
    """The JSON document of a command that leaves with that code."""
    said = run(*arguments, "--json")
    assert said.code == code, said.err
    assert said.err == ""
    return json.loads(said.out)


def test_a_return_is_imported_once(on: Run) -> None:
    assert as_json(on, "import", "staff.csv", "--dry-run") == {
        "accepted": 2,
        "rejected": [],
        "staff": 2,
    }
    assert as_json(on, "as-of")["groups"] == []
    assert as_json(on, "import", "staff.csv")["accepted"] == 2
    again = on("import", "staff.csv")
    assert (again.code, "nothing was written" in again.out) == (0, True)
    assert len(as_json(on, "history", "S1")["items"]) == 1


def test_a_bad_row_is_told_and_nothing_written_unless_partial(on: Run) -> None:
    Path("bad.csv").write_text(RETURN + "S3,C,London Probation Trust,North,x,4,2,2011-04-01\n")
    said = as_json(on, "import", "bad.csv", code=1)
    assert [(each["line"], each["field"]) for each in said["rejected"]] == [(4, "fte")]
    assert set(said["rejected"][0]) == {"line", "field", "reason"}
    assert as_json(on, "as-of")["groups"] == []
    plain = on("import", "bad.csv")
    assert (plain.code, "fte" in plain.out) == (1, True)
    partial = as_json(on, "import", "bad.csv", "--partial")
    assert (partial["accepted"], len(partial["rejected"])) == (2, 1)
    # The same file again writes nothing, and tells what it told the first time.
    assert as_json(on, "import", "bad.csv", "--partial") == partial
    assert as_json(on, "import", "bad.csv", code=1) == partial
    assert len(as_json(on, "history", "S1")["items"]) == 1


def test_as_of_tells_one_person_or_counts_heads(on: Run) -> None:
    on("import", "staff.csv")
    found = as_json(on, "as-of", "S2", "--effective", "2014-06-01")
    assert found["effective_at"] == "2014-06-01"
    assert found["position"]["fte"]["value"] == "0.5"
    counted = as_json(on, "as-of", "--by", "unit", "--effective", "2014-06-01")
    assert counted["groups"] == [{"value": "North", "headcount": 2, "fte": "1.5"}]
    shown = on("as-of", "S2", "--effective", "2014-06-01").out
    assert "North" in shown
    assert found["position"]["unit"]["event_id"] in shown
    assert "2014-06-01" in on("as-of", "--effective", "2014-06-01").out
    before = on("as-of", "S2", "--known", "2014-06-01")
    assert (before.code, before.out) == (1, "")
    assert "S2 was not on record" in before.err
    assert on("as-of", "nobody at all").code == 1


def test_a_log_that_is_ahead_of_the_clock_is_told(on: Run, database_url: str) -> None:
    on("import", "staff.csv")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE log_head SET last_recorded_at = now() + interval '1 year'")
    said = on("as-of", "S2", "--effective", "2014-06-01")
    assert said.code == 0
    assert "carries an instant that is 36" in said.err


def test_a_history_tells_every_event(on: Run) -> None:
    on("import", "staff.csv")
    items = as_json(on, "history", "S1")["items"]
    assert [each["type"] for each in items] == ["staff-registered.v1"]
    shown = on("history", "S1").out
    assert items[0]["event_id"] in shown
    assert items[0]["recorded_at"] in shown
    assert on("history", "S9").code == 1


def test_a_history_is_a_block_an_event_with_old_and_new(on: Run) -> None:
    on("import", "staff.csv")
    long = "North by the river, where three offices were put together in one " * 3
    moved = {"unit": long.strip(), "employer": "NPS", "professional_supervisor": "S2"}
    change = {"effective_from": "2014-06-01", "changes": moved}
    items = [
        {"staff_number": "S1", "change": change},
        {
            "staff_number": "S1",
            "term": {"term": "vetting", "value": "on", "effective_from": "2014-06-01"},
        },
    ]
    Path("moves.ndjson").write_text("\n".join(map(json.dumps, items)))
    assert on("bulk", "moves.ndjson", "--reason", "the reason " * 20).code == 0
    shown = on("history", "S1").out
    assert max(map(len, shown.splitlines())) <= 80
    blocks = shown.split("\n\n")
    assert len(blocks) == 4
    words = " ".join(blocks[2].split())
    assert words.startswith(
        "2. Position changed employer London Probation Trust → NPS, from 2014-06-01"
        f" unit North → {long.strip()}, from 2014-06-01"
        " professional_supervisor no value → S2, from 2014-06-01"
    )
    assert "why the reason the reason" in words
    assert " ".join(blocks[3].split()).startswith(
        "3. Term granted vetting no value → on, from 2014-06-01"
    )
    last = as_json(on, "history", "S1")["items"][-1]
    assert last["changed"] == [
        {
            "term": "vetting",
            "effective_from": "2014-06-01",
            "effective_to": None,
            "before": None,
            "after": "on",
        }
    ]
    assert str(last["event_id"]) in blocks[3]


def test_a_staff_number_is_found_whatever_its_case(on: Run) -> None:
    Path("staff.csv").write_text(
        RETURN + "s3a,C. Example,London Probation Trust,North,Clerk,2,1,2011-04-01\n"
    )
    on("import", "staff.csv")
    for typed, spelled in (("s1", "S1"), ("S3A", "s3a"), ("s3a", "s3a")):
        assert as_json(on, "as-of", typed)["staff_number"] == spelled
        assert as_json(on, "history", typed)["staff_number"] == spelled
        differing = as_json(on, "differences", typed, "--known-from", "1/1/2014")
        assert differing["staff_number"] == spelled
    assert on("as-of", "s4").code == 1


def test_members_are_all_who_have_the_values_unless_limited(
    on: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"S{n},N{n},London Probation Trust,North,Clerk,{n % 2},1,2011-04-01" for n in range(9)]
    Path("staff.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    on("import", "staff.csv")
    monkeypatch.setattr("transfer.cli.members._PAGE", 2)

    def found(*asked: str) -> list[str]:
        answer = as_json(on, "members", *asked)
        return [each["staff_number"] for each in answer["items"]]

    assert found() == [f"S{n}" for n in range(9)]
    assert found("band=1", "unit=North") == ["S1", "S3", "S5", "S7"]
    assert found("band=1", "unit=South") == []
    assert found("--effective", "31/3/2011") == []
    assert found("--effective", "1/4/2011", "--known", "1/4/2011") == []
    limited = as_json(on, "members", "--limit", "3", "--effective", "1/6/2014")
    assert [each["staff_number"] for each in limited["items"]] == ["S0", "S1", "S2"]
    assert (limited["effective_at"], limited["next_cursor"] is None) == ("2014-06-01", False)
    assert as_json(on, "members", "--limit", "9")["next_cursor"] is None
    assert limited["items"][0]["position"]["unit"] == "North"
    shown = on("members", "--limit", "3").out
    assert "Members: 3, and more" in shown
    assert "S2" in shown
    assert "S3" not in shown


def test_differences_are_those_of_the_api(on: Run) -> None:
    on("import", "staff.csv")
    first = as_json(on, "history", "S1")["known_at"]
    change = {"effective_from": "2014-06-01", "changes": {"employer": "NPS"}}
    Path("moves.ndjson").write_text(json.dumps({"staff_number": "S1", "change": change}))
    on("bulk", "moves.ndjson", "--reason", "transfer")
    asked = ("differences", "s1", "--known-from", first, "--effective", "1/6/2014")
    found = as_json(on, *asked, "--every-day")
    assert (found["effective_at"], found["known_from"]) == ("2014-06-01", first)
    (employer,) = found["position"]
    assert (employer["facet"], employer["before"]["value"], employer["after"]["value"]) == (
        "employer",
        "London Probation Trust",
        "NPS",
    )
    assert [each["reason"] for each in employer["causes"]] == ["transfer"]
    (days,) = [each for each in found["days"]["position"] if "value" in each["changed"]]
    assert days["effective_from"] == "2014-06-01"
    shown = on(*asked, "--every-day").out
    assert "after       NPS, from 2014-06-01" in shown
    assert max(map(len, shown.splitlines())) <= 80
    same = on("differences", "S1", "--known-from", first, "--known-to", first)
    assert "reads the same" in same.out
    assert on("differences", "S9", "--known-from", "1/1/2014").code == 1


def test_a_rebuild_compares(on: Run, database_url: str, tmp_path: Path) -> None:
    on("import", "staff.csv")
    rebuilt = as_json(on, "rebuild")["projections"]
    assert all(each["same"] and each["swapped"] for each in rebuilt)
    assert len(rebuilt) >= 3
    assert rebuilt[0]["events"] == 2
    assert rebuilt[0]["digest_before"] == rebuilt[0]["digest_after"]
    assert rebuilt[0]["events_per_second"] > 0
    folder = DataFolder.open(tmp_path / ".transfer")
    with open_record(database_url, folder) as record, record.log.connection() as conn:
        conn.execute("UPDATE position_sheet SET unit = 'tampered' WHERE assignment <> ''")
    assert as_json(on, "as-of", "--by", "unit")["groups"][0]["value"] == "tampered"
    said = as_json(on, "rebuild", "position", code=1)["projections"]
    assert [(each["same"], each["swapped"]) for each in said] == [(False, False)]
    assert [each["table"] for each in said[0]["differences"]] == ["position_sheet"]
    assert "tampered" in said[0]["differences"][0]["only_before"][0]
    assert as_json(on, "as-of", "--by", "unit")["groups"][0]["value"] == "tampered"
    told = on("rebuild", "position", "--dry-run")
    assert (told.code, told.err) == (1, "")
    assert "DIFFERS" in told.out
    assert "only from the log:" in told.out
    accepted = as_json(on, "rebuild", "position", "--accept")["projections"]
    assert [(each["same"], each["swapped"]) for each in accepted] == [(False, True)]
    assert as_json(on, "as-of", "--by", "unit")["groups"][0]["value"] == "North"
    assert on("rebuild", "nothing").code == 2


def test_a_rehearsed_record_says_so(on: Run, database_url: str, tmp_path: Path) -> None:
    with open_record(database_url, DataFolder.open(tmp_path / ".transfer")) as record:
        record.log.mark_rehearsed("tr-2013", datetime(2014, 10, 31, tzinfo=UTC))
    on("import", "staff.csv")
    found = as_json(on, "as-of", "S1")
    assert (found["rehearsed"], found["effective_at"]) == ("tr-2013", "2014-10-31")
    assert as_json(on, "history", "S1")["rehearsed"] == "tr-2013"
    assert on("as-of").out.startswith("REHEARSED (tr-2013)")


def test_the_doctor_finds_all_well_and_what_is_not(
    on: Run, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    well = as_json(on, "doctor")
    assert well["ok"], well
    names = {each["name"] for each in well["checks"]}
    assert {"postgresql", "database", "schema", "log", "projection position"} <= names
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    unwell = as_json(on, "doctor", code=1)
    assert [each["name"] for each in unwell["checks"] if not each["ok"]] == ["schema"]
    assert "start the service" in on("doctor").out


def test_the_doctor_says_what_a_projection_stopped_at_and_what_to_do(
    on: Run, database_url: str, tmp_path: Path
) -> None:
    on("import", "staff.csv")
    folder = DataFolder.open(tmp_path / ".transfer")
    with open_record(database_url, folder) as record, record.log.connection() as conn:
        event_id = record.log.page(0, 1)[0].event_id
        conn.execute(
            "UPDATE projection_positions SET failed_event = %s, failure = 'ValueError: no',"
            " failed_at = '2026-02-01 08:00Z' WHERE name = 'position'",
            (event_id,),
        )
    checks = as_json(on, "doctor", code=1)["checks"]
    found = {each["name"]: each for each in checks}["projection position"]
    assert (
        found["says"] == f"stopped since 2026-02-01 08:00 UTC at event {event_id}: ValueError: no"
    )
    assert "transfer rebuild position" in found["mend"]
    done = as_json(on, "rebuild", "position")["projections"]
    assert [(each["same"], each["swapped"]) for each in done] == [(None, True)]
    assert "ValueError: no" in done[0]["not_compared"]
    assert as_json(on, "doctor")["ok"]


def test_a_database_that_is_away_is_exit_code_2(on: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/nothing")
    said = on("as-of")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("transfer: the database:")


@pytest.mark.thorough
def test_a_folder_of_its_own_with_its_own_engine(tmp_path: Path) -> None:
    (tmp_path / "staff.csv").write_text(RETURN)

    def transfer(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from transfer.cli import main; main()", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    imported = transfer("import", "staff.csv", "--json")
    assert (imported.returncode, imported.stderr) == (0, "")
    assert json.loads(imported.stdout)["staff"] == 2
    found = transfer("as-of", "S1", "--json")
    assert (found.returncode, found.stderr) == (0, "")
    assert json.loads(found.stdout)["position"]["unit"]["value"] == "North"
    with DataFolder.open(tmp_path / ".transfer").hold("a test"):
        taken = transfer("as-of", "S1")
    assert (taken.returncode, taken.stdout) == (1, "")
    assert "in use by process" in taken.stderr
    nowhere = transfer("as-of", "S1", "--data", "nowhere")
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert "there is no record in" in nowhere.stderr
    assert not (tmp_path / "nowhere").exists()
    assert (tmp_path / ".transfer").stat().st_mode & 0o777 == 0o700


LIST = "staff_number,name,employer,unit,role,band,fte,in_post_from,in_post_to\n"


def test_a_file_that_leaves_open_what_it_means_is_asked_about(on: Run) -> None:
    row = "S7,Ann,London,{unit},PO,4,1,{begins},{ends}\n"
    Path("ends.csv").write_text(
        LIST
        + row.format(unit="North", begins="2009-01-01", ends="2012-03-31")
        + row.format(unit="South", begins="2012-04-01", ends="9999-12-31")
    )
    said = as_json(on, "import", "ends.csv", "--partial", code=1)
    assert (said["accepted"], said["staff"]) == (0, 0)
    assert [each["options"][0] for each in said["asks"]] == [
        "--open-end 9999-12-31",
        "--last-day-included",
    ]
    assert [each["line"] for each in said["rejected"]] == [1, 1]
    settled = ("--last-day-included", "--open-end", "31/12/9999")
    assert as_json(on, "import", "ends.csv", *settled)["accepted"] == 2
    for day, unit in (("2012-03-31", "North"), ("2014-01-01", "South")):
        position = as_json(on, "as-of", "S7", "--effective", day)["position"]
        assert position["unit"]["value"] == unit
    wrong = on("import", "ends.csv", "--open-end", "never")
    assert (wrong.code, "--open-end" in wrong.err) == (2, True)


def test_the_next_edition_of_a_list_is_taken_as_one(on: Run) -> None:
    on("import", "staff.csv")
    Path("next.csv").write_text(
        LIST
        + "S1,A,London Probation Trust,South,x,4,1,2014-01-06,\n"
        + "S9,I,London Probation Trust,North,x,4,1,2014-01-13,\n"
    )
    said = as_json(on, "import", "next.csv", "--renewed")
    assert (said["changed"], said["left"], said["new"]) == (["S1"], [], ["S9"])
    assert said["missing"] == ["S2"]
    counted = as_json(on, "as-of", "--by", "unit", "--effective", "2014-06-01")
    heads = {each["value"]: each["headcount"] for each in counted["groups"]}
    assert heads == {"North": 2, "South": 1}
