"""The liability information of an exercise by API: complete or not, by when, what has changed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Json, created, told
from tests.support.practised import Practised, practising, to_the_letters
from tests.support.surrey_scene import (
    DOCUMENTS,
    ELMBRIDGE,
    EXERCISE,
    OPENED,
    WOKING,
    file_documents,
    open_surrey,
    person,
)
from transfer.access.identity import Limits, Role
from transfer.app import Record

pytestmark = pytest.mark.engines

PATH = f"/procedures/{EXERCISE}/liability-information"


@pytest.fixture
def surrey(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """Three people of two councils, proposed on 1 October 2026."""
    with practising(record, folder, OPENED) as opened:
        open_surrey(opened)
        yield opened


def of_each(answer: Json) -> dict[str, Json]:
    """The people of an answer by their number."""
    return {each["staff_number"]: each for each in answer["items"]}


def test_by_when_it_is_due_and_what_is_missing_of_whom(surrey: Practised) -> None:
    found = surrey.read(PATH)
    assert (found["duty"], found["edition"], found["clause"]) == (
        "said",
        "surrey-2027.2",
        "TU-15",
    )
    assert (found["owner"], found["owed_to"]) == ("the old council", "the new council")
    (due,) = found["send_by"]
    assert "where circumstances are special" in due.pop("clause_says")
    assert due == {
        "transferors": [],
        "transfer_on": "2027-04-01",
        "length": "28d",
        "clause": "TU-16",
        "last_day": "2027-03-04",
        "safe_last_day": "2027-03-03",
        "as_at_from": "2027-02-18",
    }
    assert (found["effective_at"], found["given_until"]) == ("2026-10-01", "2026-10-15")
    counts = found["counts"]
    assert (counts["people"], counts["complete"], counts["others"]) == (3, 0, 0)
    flows = [(each["transferor"], each["transferee"], each["people"]) for each in counts["flows"]]
    assert flows == [(ELMBRIDGE, "east", 2), (WOKING, "west", 1)]
    missing = {d["datum"]: d["missing"] for item in counts["items"] for d in item["data"]}
    assert (missing["name"], missing["date-of-birth"], missing["pay-point"]) == (0, 1, 2)
    assert missing["claims-of-two-years"] == 3
    people = of_each(found)
    assert set(people) == {"E1", "E2", "W1"}
    documents = set(people["E1"]["missing"])
    assert set(people["E2"]["missing"]) - documents == {"date-of-birth", "pay-point"}
    assert set(people["W1"]["missing"]) - documents == {
        "workplace",
        "band",
        "pay-point",
        "terms-set",
    }
    hours = next(each for each in people["W1"]["data"] if each["datum"] == "hours")
    assert [(v["assignment"], v["value"]) for v in hours["values"]] == [
        ("evenings", "0.4"),
        ("main", "0.6"),
    ]
    born = next(each for each in people["E1"]["data"] if each["datum"] == "date-of-birth")
    assert born["values"][0]["value"] == "1980-02-29"


def test_a_document_that_is_filed_holds_what_the_record_cannot(surrey: Practised) -> None:
    before = surrey.read(PATH)
    surrey.to(date(2026, 10, 2))
    file_documents(surrey)
    found = surrey.read(PATH, since_known_at=before["known_at"])
    assert of_each(found)["E1"]["missing"] == []
    assert found["counts"]["complete"] == 1
    assert found["documents_since"] == list(DOCUMENTS)
    (agreements,) = next(
        each["data"] for each in found["counts"]["items"] if each["item"] == "collective-agreements"
    )
    assert (agreements["document"], agreements["document_title"]) == ("D000004", DOCUMENTS[3])
    assert of_each(surrey.read(PATH, known_at=before["known_at"]))["E1"]["missing"] != []


def test_what_has_changed_is_told_with_the_value_that_was(surrey: Practised) -> None:
    before = surrey.read(PATH)
    surrey.to(date(2026, 10, 5))
    entry = of_each(before)["E1"]["data"][4]["values"][0]["entry"]
    correction = {
        "of": entry,
        "effective_from": "2015-09-01",
        "changes": {"employer": ELMBRIDGE, "role": "Senior officer", "band": "6", "fte": "1"},
        "reason": "the letter of 2015",
    }
    created(surrey.api.post("/staff/E1/corrections", correction))
    created(surrey.act(EXERCISE, "object", {"staff_number": "E2", "told_to": "transferor"}))
    person(surrey, "E3", ELMBRIDGE)
    created(surrey.act(EXERCISE, "join", {"staff_number": "E3"}))
    found = surrey.read(PATH, since_known_at=before["known_at"])
    people = of_each(found)
    assert {number: each["since"] for number, each in people.items()} == {
        "E1": "changed",
        "E2": "gone",
        "E3": "joined",
        "W1": None,
    }
    changes = {each["datum"]: (each["was"], each["now"]) for each in people["E1"]["changes"]}
    assert changes["job"] == (["Housing officer"], ["Senior officer"])
    assert changes["workplace"] == (["Esher"], [])
    assert found["counts"]["since"] == {"joined": 1, "gone": 1, "changed": 1}
    assert (found["counts"]["people"], found["since_effective_at"]) == (3, "2026-10-05")
    # As it was asked before, it is answered as before.
    assert surrey.read(PATH, known_at=before["known_at"], effective_at="2026-10-01") == before


def test_somebody_who_begins_after_the_day_is_not_in_its_information(surrey: Practised) -> None:
    person(surrey, "E4", ELMBRIDGE, begins=date(2026, 9, 1))
    created(surrey.act(EXERCISE, "join", {"staff_number": "E4"}))
    before = surrey.read(PATH, effective_at="2026-08-31")
    assert "E4" in of_each(before)
    assert (of_each(before)["E4"]["is_employed"], of_each(before)["E4"]["data"]) == (False, [])
    assert (before["counts"]["people"], before["counts"]["others"]) == (3, 1)
    assert of_each(surrey.read(PATH, effective_at="2026-09-01"))["E4"]["is_employed"]
    assert "E4" not in surrey.api.get(f"{PATH}.csv", {"effective_at": "2026-08-31"}).text


def test_pages_join_and_the_counts_stand_on_the_first(surrey: Practised) -> None:
    first = surrey.read(PATH, limit=2)
    second = surrey.read(PATH, limit=2, cursor=first["next_cursor"])
    assert [*of_each(first), *of_each(second)] == ["E1", "E2", "W1"]
    assert first["counts"]["people"] == 3
    assert (second["counts"], second["next_cursor"]) == (None, None)


def test_as_a_file_with_a_row_for_each_value(surrey: Practised) -> None:
    answer = surrey.api.get(f"{PATH}.csv")
    assert "liability-information-of-surrey-as-at-2026-10-01" in str(answer.headers)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {each["staff_number"] for each in rows} == {"E1", "E2", "W1"}
    hours = [each for each in rows if each["staff_number"] == "W1" and each["datum"] == "hours"]
    assert [(each["assignment"], each["value"], each["held"]) for each in hours] == [
        ("evenings", "0.4", "true"),
        ("main", "0.6", "true"),
    ]
    (born,) = [e for e in rows if e["staff_number"] == "E2" and e["datum"] == "date-of-birth"]
    assert (born["held"], born["value"], born["document_needed"]) == (
        "false",
        "",
        "the staff return with the date of birth",
    )
    lines = surrey.api.get(f"{PATH}.ndjson").text.splitlines()
    assert len(lines) == len(rows)
    assert json.loads(lines[0])["staff_number"] == "E1"


def read_of(surrey: Practised, number: str) -> list[Json]:
    """The reads of this information that the register has of somebody."""
    found = surrey.read(f"/staff/{number}/reads")["items"]
    return [each for each in found if "liability-information" in each["what"]]


def test_each_person_shown_is_on_the_register_of_reads(surrey: Practised) -> None:
    surrey.read(PATH, limit=2)
    assert [each["effective_at"] for each in read_of(surrey, "E1")] == ["2026-10-01"]
    assert read_of(surrey, "W1") == []
    surrey.api.get(f"{PATH}.csv")
    (of_file,) = read_of(surrey, "W1")
    assert of_file["what"].endswith("liability-information.csv")
    assert len(read_of(surrey, "E1")) == 2


@pytest.mark.parametrize("path", [PATH, f"{PATH}.csv", f"{PATH}.ndjson"])
def test_it_is_for_the_office_and_the_audit_alone(surrey: Practised, path: str) -> None:
    for role, status in (
        (Role.ADMIN, 200),
        (Role.AUDIT, 200),
        (Role.UNION, 403),
        (Role.DISPUTE, 403),
        (Role.STAFF, 403),
    ):
        subject = "E1" if role is Role.STAFF else "somebody"
        answer = surrey.api.get(path, token=surrey.token(subject, role))
        assert answer.status_code == status, role


def test_limits_leave_people_out_of_the_counts_too(surrey: Practised) -> None:
    limits = Limits(employers=frozenset({WOKING}))
    token = surrey.api.identity.issue("west", Role.ADMIN, 600, limits=limits)
    found = surrey.api.get(PATH, token=token).json()
    assert list(of_each(found)) == ["W1"]
    assert found["counts"]["people"] == 1
    assert [each["transferor"] for each in found["counts"]["flows"]] == [WOKING]
    rows = csv.DictReader(io.StringIO(surrey.api.get(f"{PATH}.csv", token=token).text))
    assert {each["staff_number"] for each in rows} == {"W1"}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_no_day_is_too_early_or_too_late(surrey: Practised, day: str) -> None:
    found = surrey.read(PATH, effective_at=day)
    assert found["effective_at"] == day
    assert (found["given_until"] is None) == (day > "9999")
    since = {"since_known_at": "2020-01-01T00:00:00Z", "since_effective_at": day}
    assert surrey.read(PATH, **since)["counts"]["since"]["joined"] == 3


def test_what_cannot_be_asked_is_refused(surrey: Practised) -> None:
    told(surrey.api.get(PATH, cursor="x"), 422, "malformed")
    told(surrey.api.get(PATH, since_effective_at="2026-09-01"), 422, "malformed")
    told(surrey.api.get("/procedures/exercise/none/liability-information"), 404, "not-on-record")
    surrey.to(date(2026, 10, 2))
    later = {"known_at": "2026-10-01T23:00:00Z", "since_known_at": "2026-10-02T11:00:00Z"}
    told(surrey.api.get(PATH, later), 422, "malformed")


def test_of_an_edition_that_says_nothing_the_answer_says_so(
    record: Record, folder: DataFolder
) -> None:
    with practising(record, folder, date(2013, 11, 11)) as played:
        to_the_letters(played)
        path = "/procedures/exercise/tr/liability-information"
        found = played.read(path)
        assert (found["duty"], found["clause"], found["counts"]) == ("not-tupe", "TR-12", None)
        assert "it is not a TUPE transfer" in found["clause_says"]
        assert (found["items"], found["send_by"]) == ([], [])
        told(played.api.get(f"{path}.csv"), 404, "not-on-record")
