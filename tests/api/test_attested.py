"""Questions by the attested clock, over HTTP and on a history that was imported."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from tests.support.asking import Api
from transfer.app import Record
from transfer.commands.office import Act
from transfer.imports.history.import_history import import_history

pytestmark = pytest.mark.engines

HISTORY = [
    {"act": "registration", "recorded_on": "2001-01-10", "effective_from": "2001-01-01", "ref": "r"}
    | {"name": "Ann", "employer": "London", "band": "3"},
    {"act": "change", "recorded_on": "2003-07-01", "effective_from": "2003-06-01", "band": "4"}
    | {"ref": "c"},
    {"act": "correction", "recorded_on": "2004-01-05", "effective_from": "2003-04-01", "band": "4"}
    | {"of": "c", "reason": "two months early"},
    {"act": "term", "recorded_on": "2004-02-01", "effective_from": "2004-02-01"}
    | {"term": "pay protection", "value": "100"},
]


@pytest.fixture
def imported(api: Api, record: Record, tmp_path: Path) -> Api:
    """The API of a record into which S1's history came, and a change was made since."""
    file = tmp_path / "history.ndjson"
    file.write_text("".join(json.dumps({"staff_number": "S1", **it}) + "\n" for it in HISTORY))
    import_history(
        record.office,
        Act("hr", UUID(int=1)),
        file,
        folder=tmp_path / "imports",
        today=date(2026, 1, 1),
        source="old system",
    )
    change = {"effective_from": "2010-01-01", "changes": {"band": "5"}, "reason": "promotion"}
    assert api.post("/staff/S1/changes", change).status_code == 201
    return api


def band(api: Api, effective_at: str, known_at: str | None, clock: str = "attested") -> str | None:
    found = api.get(
        "/staff/S1/position", effective_at=effective_at, known_at=known_at, clock=clock
    ).json()
    assert found["clock"] == clock
    held = found["position"].get("band")
    return held and str(held["value"])


def test_each_clock_says_when_it_knew(imported: Api) -> None:
    # Recorded on 1 July in London: known from the last microsecond of that day, in UTC 22:59.
    assert band(imported, "2003-06-15", "2003-07-01T22:59:59.999998Z") == "3"
    assert band(imported, "2003-06-15", "2003-07-01T22:59:59.999999Z") == "4"
    assert band(imported, "2003-05-01", "2003-12-31T00:00:00Z") == "3"
    assert band(imported, "2003-05-01", "2004-01-06T00:00:00Z") == "4"
    # What has no claim counts as by the log.
    assert band(imported, "2012-01-01", "2020-01-01T00:00:00Z") == "4"
    assert band(imported, "2012-01-01", None) == band(imported, "2012-01-01", None, "log") == "5"
    before = imported.get("/staff/S1/position", known_at="2004-01-06T00:00:00Z")
    assert before.status_code == 404


def test_nobody_is_known_before_their_first_attested_instant(imported: Api) -> None:
    for path in ("position", "timeline", "history"):
        ask = f"/staff/S1/{path}"
        early = imported.get(ask, clock="attested", known_at="2001-01-10T12:00:00Z")
        assert early.status_code == 404
        assert "not on record" in early.json()["detail"]
        found = imported.get(ask, clock="attested", known_at="2001-01-11T12:00:00Z")
        assert found.status_code == 200
    assert imported.get("/staff/S2/position", clock="attested").status_code == 404


def test_an_answer_tells_its_clock_and_how_far_the_log_was_read(imported: Api) -> None:
    for path in ("position", "timeline", "history"):
        by_log = imported.get(f"/staff/S1/{path}").json()
        assert by_log["clock"] == "log"
        assert "known_to_log_at" not in by_log
        asked = {"clock": "attested", "known_at": "2004-01-06T00:00:00Z"}
        by_attested = imported.get(f"/staff/S1/{path}", **asked).json()
        assert by_attested["clock"] == "attested"
        assert by_attested["known_to_log_at"] == by_log["known_at"]
        assert by_attested["known_at"] == "2004-01-06T00:00:00.000000Z"


def test_instants_of_an_answer_are_its_clocks(imported: Api) -> None:
    asked = {"clock": "attested", "known_at": "2004-03-01T00:00:00Z"}
    found = imported.get("/staff/S1/position", effective_at="2004-03-01", why="true", **asked)
    held = found.json()["position"]["band"]
    assert held["recorded_at"] == "2004-01-05T23:59:59.999999Z"
    assert held["why"]["known_since"] == held["recorded_at"]
    (term,) = found.json()["terms"]
    assert (term["term"], term["value"]) == ("pay protection", "100")
    items = imported.get("/staff/S1/history", **asked).json()["items"]
    assert [each["recorded_at"] for each in items][:2] == [
        "2001-01-10T23:59:59.999999Z",
        "2003-07-01T22:59:59.999999Z",
    ]
    assert len({each["recorded_on_log_at"] for each in items}) == 1
    claim = {"source": "old system", "recorded_on": "2001-01-10"}
    assert items[0]["attested"] == {**claim, "ref": "r"}
    assert items[3]["attested"] == {**claim, "recorded_on": "2004-02-01"}


def test_periods_are_those_of_the_clock(imported: Api) -> None:
    asked = {"clock": "attested", "known_at": "2003-08-01T00:00:00Z", "why": "true"}
    found = imported.get("/staff/S1/timeline", **asked).json()
    (bands,) = [each for each in found["facets"] if each["facet"] == "band"]
    assert [(each["value"], each["effective_from"]) for each in bands["periods"]] == [
        ("3", "2001-01-01"),
        ("4", "2003-06-01"),
    ]
    assert found["terms"] == []


def test_another_word_for_a_clock_is_refused(imported: Api) -> None:
    assert imported.get("/staff/S1/position", clock="wall").status_code == 422
    assert imported.get("/deadlines", clock="attested").status_code == 422


@pytest.mark.parametrize("path", ["", "/members", "/over-full-time"])
def test_everybody_is_counted_and_listed_by_the_log_alone(imported: Api, path: str) -> None:
    asked = {} if path else {"by": "band"}
    assert "clock" not in imported.get(f"/workforce{path}", **asked).json()
    refused = imported.get(f"/workforce{path}", clock="attested", **asked)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "clock"


def test_jobs_at_once_add_up_by_the_clock_asked(imported: Api) -> None:
    main = {"effective_from": "2003-01-01", "changes": {"fte": "0.5"}, "reason": "r"}
    second = main | {"assignment": "evenings", "changes": {"fte": "0.4", "employer": "Essex"}}
    for change in (main, second):
        assert imported.post("/staff/S1/changes", change).status_code == 201
    asked = {"effective_at": "2012-01-01", "clock": "attested"}
    now = imported.get("/staff/S1/position", **asked).json()
    assert now["full_time"]["total"] == "0.9"
    assert [each["assignment"] for each in now["full_time"]["assignments"]] == ["evenings", "main"]
    then = imported.get("/staff/S1/position", known_at="2010-01-01T00:00:00Z", **asked).json()
    assert "full_time" not in then
