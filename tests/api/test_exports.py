"""Exports: all rows at once in two forms, the same as page by page, each person on the register."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from httpx import Response

from deploy.data_folder import DataFolder
from tests.support.asking import Api, Json, created, told
from tests.support.practised import Practised, practising
from transfer.access.identity import Role
from transfer.api.http_service import HttpService
from transfer.app import Record
from transfer.core.words import Facet
from transfer.questions.table import lines
from transfer.questions.workforce import MemberRow, rows_of_members

pytestmark = pytest.mark.engines

MEMBERS = "/workforce/members"


def rows(answer: Response) -> list[Json]:
    """The rows of an export in either form."""
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"].startswith("text/csv"):
        return [*csv.DictReader(io.StringIO(answer.text, newline=""))]
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def as_csv(row: Json) -> Json:
    """A row of NDJSON as the CSV has it."""

    def cell(value: object) -> str:
        match value:
            case None:
                return ""
            case bool():
                return str(value).lower()
            case list():
                return "; ".join(value)
            case dict():
                return "; ".join(f"{name}: {each}" for name, each in value.items())
            case _:
                return str(value)

    return {name: cell(value) for name, value in row.items()}


@pytest.fixture
def five(api: Api) -> Api:
    """Five people on record, of whom one has two jobs, and one a unit that looks like a formula."""
    for n in range(5):
        position = {"employer": "HUM" if n == 3 else "LDN", "unit": f"={n}+1", "fte": "0.5"}
        api.register(f"S{n}", position=position)
    second = {"assignment": "second", "effective_from": "2014-01-01", "reason": "r"}
    created(api.post("/staff/S1/changes", {**second, "changes": {"employer": "LDN"}}))
    return api


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read two rows at a time."""
    monkeypatch.setattr("projections.position.queries.MOST_MEMBERS", 2)
    monkeypatch.setattr("transfer.questions.deadlines._PAGE", 2)
    monkeypatch.setattr("transfer.questions.procedures._ROWS", 2)


def test_a_row_of_a_member_has_every_facet() -> None:
    assert set(MemberRow.model_fields) == {
        "staff_number",
        "assignment",
        *(facet.value for facet in Facet),
        "effective_at",
        "known_at",
    }


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("asked", [{}, {"employer": "London"}, {"assignment": "second"}])
def test_members_are_those_of_the_pages(five: Api, asked: dict[str, object]) -> None:
    paged = five.get(MEMBERS, {"limit": 2, **asked}).json()
    asked = {"known_at": paged["known_at"], "effective_at": "2014-02-01", **asked}
    expected = []
    cursor = None
    while True:
        page = five.get(MEMBERS, {"limit": 2, "cursor": cursor, **asked}).json()
        expected += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    answer = five.get(f"{MEMBERS}.ndjson", asked)
    found = rows(answer)
    assert answer.headers["transfer-known-at"] == asked["known_at"]
    assert 'filename="members-2014-02-01.ndjson"' in answer.headers["content-disposition"]
    assert [
        {
            "staff_number": row["staff_number"],
            "assignment": row["assignment"],
            "position": {facet: row[facet] for facet in map(str, Facet) if row[facet] is not None},
        }
        for row in found
    ] == expected
    assert {row["known_at"] for row in found} == {asked["known_at"]}
    listed = rows(five.get(f"{MEMBERS}.csv", asked))
    for row in found:
        if row["unit"] is not None:
            row["unit"] = f"'{row['unit']}"
    assert listed == [as_csv(row) for row in found]


@pytest.mark.usefixtures("small_pages")
def test_an_export_is_a_read_of_each_person_in_it(five: Api, service: HttpService) -> None:
    headers = [*five.headers(), (b"Transfer-Reason", b"the audit of May")]
    path = f"/v1{MEMBERS}.csv"
    answer = five.client.request("GET", path, query={"employer": "LDN"}, headers=headers)
    assert answer.status_code == 200
    for n in range(5):
        reads = service.register.of(f"S{n}", limit=10)
        assert [(each.what, each.reason) for each in reads] == (
            [] if n == 3 else [("/v1/workforce/members.csv", "the audit of May")]
        )
        assert all(each.known_at is not None for each in reads)


def test_of_nobody_an_export_has_its_columns_alone(five: Api) -> None:
    answer = five.get(f"{MEMBERS}.csv", effective_at="2001-01-01")
    assert answer.text == ",".join(MemberRow.model_fields) + "\r\n"
    assert five.get(f"{MEMBERS}.ndjson", effective_at="2001-01-01").text == ""


@pytest.mark.parametrize("form", ["csv", "ndjson"])
@pytest.mark.parametrize(
    ("path", "asked"),
    [
        (MEMBERS, {"limit": "5"}),
        (MEMBERS, {"effective_at": "soon"}),
        ("/deadlines", {"cursor": "x"}),
        ("/deadlines", {"state": "late"}),
    ],
)
def test_what_is_wrong_is_a_problem_and_no_file(
    shared: Api, form: str, path: str, asked: dict[str, str]
) -> None:
    told(shared.get(f"{path}.{form}", asked), 422, "malformed")


@pytest.mark.parametrize("path", [MEMBERS, "/deadlines", "/procedures/exercise/tr/people"])
def test_who_may_export(shared: Api, path: str) -> None:
    for form in ("csv", "ndjson"):
        for role in (Role.STAFF, Role.UNION, Role.DISPUTE):
            answer = shared.get(f"{path}.{form}", token=shared.token_for(role, "S1"))
            if path == "/deadlines" and role is not Role.DISPUTE:
                told(answer, 422, "malformed")  # they have to say whose
            else:
                told(answer, 403, "not-allowed")
        status = 404 if "exercise" in path else 200
        audit = shared.token_for(Role.AUDIT)
        assert shared.get(f"{path}.{form}", token=audit).status_code == status


@pytest.mark.usefixtures("small_pages")
def test_rows_are_read_as_they_are_sent(five: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []

    def reading(*given: Any, **more: Any) -> Iterator[tuple[MemberRow, ...]]:
        for each in rows_of_members(*given, **more):
            events.append(f"read {len(each)}")
            yield each

    def writing(*given: Any) -> str:
        events.append(f"written {len(given[1])}")
        return lines(*given)

    monkeypatch.setattr("transfer.api.resources.workforce.rows_of_members", reading)
    monkeypatch.setattr("transfer.api.exports.lines", writing)
    assert five.get(f"{MEMBERS}.csv").status_code == 200
    assert events == ["read 2", "written 2"] * 3


# --- of an exercise ------------------------------------------------------------------------------


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """An exercise with four people in it, of 13 November 2013."""
    with practising(record, folder, date(2013, 11, 11)) as opened:
        for number in ("S1", "S2", "S3", "S4"):
            opened.register(number)
        opened.open()
        opened.to(date(2013, 11, 13))
        created(opened.act("exercise/tr", "set-scope", {"criterion": "all"}))
        yield opened


@pytest.mark.usefixtures("small_pages")
def test_deadlines_and_people_are_those_of_the_pages(played: Practised) -> None:
    api = played.api
    people = played.read("/procedures/exercise/tr/people")
    found = rows(api.get("/procedures/exercise/tr/people.ndjson"))
    shared_fields = [
        {**each, "exercise": "tr", "known_at": people["known_at"]} for each in people["items"]
    ]
    assert found == shared_fields
    assert len(found) == 4
    as_file = api.get("/procedures/exercise/tr/people.csv")
    # What rests on nothing contested says so in a file alone.
    assert rows(as_file) == [as_csv({"rests_on": None} | row) for row in found]
    # What comes from a practice is never taken for the real thing.
    assert 'filename="practice-people-of-tr.csv"' in as_file.headers["content-disposition"]
    due = played.read("/deadlines")
    listed = rows(api.get("/deadlines.ndjson"))
    assert len(listed) > 2
    for row, item in zip(listed, due["items"], strict=True):
        basis = item.pop("basis") or {}
        told_of = {name: basis.get(name) for name in ("rulebook", "clause", "document")}
        more = {"document_title": basis.get("document_title"), "known_at": due["known_at"]}
        excused = item.pop("excused")  # of which tests/api/test_duties.py has one
        assert excused is None
        of_excuse = ("excuse_reason", "excuse_document", "excused_on", "excuse_event_id")
        assert row == {**item, **told_of, **more, **dict.fromkeys(of_excuse)}
    assert rows(api.get("/deadlines.csv")) == [as_csv(row) for row in listed]
    open_ones = rows(api.get("/deadlines.csv", state="open", exercise="tr"))
    assert len(open_ones) == len([row for row in listed if row["state"] == "open"])
