"""What is to be done, by whom and until when, over a practised exercise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Json, created, told
from tests.support.practised import (
    EXERCISE,
    PEOPLE,
    Practised,
    consult,
    practising,
    to_the_letters,
)
from transfer.access.identity import Limits, Role
from transfer.app import Record

pytestmark = pytest.mark.engines

ADMIN = "the administrator"


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """Two appeals are with a panel, one letter came back, and what is due is taken by the day."""
    with practising(record, folder, date(2013, 11, 11)) as opened:
        to_the_letters(opened)
        consult(opened)
        opened.to(date(2013, 12, 2))
        created(opened.act(EXERCISE, "letter-returned", {"staff_number": "S3"}))
        for number in ("S1", "S2"):
            appeal = {"exercise": "tr", "staff_number": number, "grounds": "so"}
            created(opened.begin("appeal", appeal))
        yield opened


def work(played: Practised, **asked: object) -> list[Json]:
    """The list of work."""
    items: list[Json] = played.read("/work", **asked)["items"]
    return items


def test_appeals_and_letters_wait_with_whom_they_are_about(played: Practised) -> None:
    lines = work(played)
    appeals = next(each for each in lines if each["kind"] == "appeal")
    assert [each["staff_number"] for each in appeals["whom"]] == ["S1", "S2"]
    assert (appeals["people"], appeals["owner"], appeals["state"]) == (2, "panel", "due")
    assert (appeals["exercise"], appeals["procedure"]) == ("tr", None)
    assert appeals["run_by"] == ADMIN
    again = next(each for each in lines if each["what"] == "send-again")
    assert (again["kind"], again["people"], again["owner"]) == ("duty", 1, "employer")
    days = [each["due_on"] or "9999" for each in lines]
    assert days == sorted(days)
    assert {each["what"] for each in lines}.isdisjoint({"response", "appeal", "milestone"})
    # Each is an obligation of `GET /deadlines`, by the same name.
    owed = played.read("/deadlines", limit=1000)["items"]
    assert {each["what"] for each in lines} <= {each["what"] for each in owed}


def test_a_day_that_passes_makes_it_overdue_and_what_is_done_leaves(played: Practised) -> None:
    due = next(each["due_on"] for each in work(played, kind="appeal"))
    played.to(date.fromisoformat(due))
    assert [each["state"] for each in work(played, kind="appeal")] == ["due"]
    played.to(date(2014, 2, 3))
    (late,) = work(played, kind="appeal", state="overdue")
    assert late["due_on"] == due
    assert work(played, kind="appeal", state="due") == []
    for each in played.read("/procedures", kind="appeal")["items"]:
        rejected = {"outcome": "rejected", "panel": "three members"}
        created(played.act(f"appeal/{each['id']}", "determine", rejected))
    assert work(played, kind="appeal") == []
    # As it stood then, for ever.
    assert work(played, kind="appeal", known_at="2013-12-05T12:00:00Z")[0]["state"] == "due"


KEPT: tuple[tuple[Json, set[str]], ...] = (
    ({"owner": "panel"}, {"determination"}),
    ({"owner": "nobody"}, set()),
    ({"kind": "appeal"}, {"determination"}),
    ({"kind": "approval"}, set()),
    ({"exercise": "tr", "kind": "appeal"}, {"determination"}),
    ({"exercise": "other"}, set()),
    ({"due_before": "2013-01-01"}, set()),
    ({"of": ADMIN, "kind": "appeal"}, {"determination"}),
    ({"of": "somebody else"}, set()),
)


def test_it_is_kept_by_what_is_asked_and_pages_join(played: Practised) -> None:
    for asked, kept in KEPT:
        assert {each["what"] for each in work(played, **asked)} == kept, asked
    whole = work(played)
    assert len(whole) > 1
    found, cursor = [], None
    while True:
        page = played.read("/work", limit=1, **({} if cursor is None else {"cursor": cursor}))
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == whole


def test_whoever_stands_in_is_said_and_has_the_work(played: Practised) -> None:
    given = {"stands_in": "B", "first_day": "2013-12-02", "last_day": "2013-12-06"}
    made = created(played.api.post("/hand-overs", given, key="k"))
    assert created(played.api.post("/hand-overs", given, key="k")) == made
    del made["rehearsed"]  # which every answer of a practice has
    assert (made["away"], made["recorded_by"]) == (ADMIN, ADMIN)
    stands_in = {"subject": "B", "last_day": "2013-12-06"}
    assert {str(each["stands_in"]) for each in work(played)} == {str(stands_in)}
    assert work(played, of=ADMIN) == []
    assert work(played, of="B") == work(played)
    told(played.api.post("/hand-overs", given | {"stands_in": "C"}), 409, "conflict")
    assert played.read("/hand-overs")["items"] == [made]

    ended = created(played.api.post(f"/hand-overs/{made['id']}/end", {}))
    del ended["rehearsed"]
    assert ended["ended_by"] == ADMIN
    assert work(played, of="B") == []
    assert work(played)[0]["stands_in"] is None

    created(played.api.post("/hand-overs", given | {"stands_in": "C"}))
    played.to(date(2013, 12, 7))
    assert {each["stands_in"] for each in work(played)} == {None}
    first = played.read("/hand-overs", limit=1)
    assert [each["stands_in"] for each in first["items"]] == ["C"]
    second = played.read("/hand-overs", limit=1, cursor=first["next_cursor"])
    assert (second["items"], second["next_cursor"]) == ([ended], None)


def test_what_cannot_be_handed_over_is_said_by_its_field(played: Practised) -> None:
    given = {"stands_in": "B", "first_day": "2013-12-02", "last_day": "2013-12-06"}
    for but, field in (
        ({"stands_in": ADMIN}, "stands_in"),
        ({"stands_in": " "}, "stands_in"),
        ({"stands_in": "B\x00"}, "stands_in"),
        ({"last_day": "2013-12-01"}, "last_day"),
        ({"first_day": "2 December"}, "first_day"),
    ):
        refused = told(played.api.post("/hand-overs", given | but), 422, "malformed")
        assert field in str(refused)
    told(played.api.post("/hand-overs", given, if_match='"1"'), 422, "malformed")
    told(played.api.post("/hand-overs/x/end", {}), 404, "not-on-record")
    told(played.api.get("/work", cursor="x"), 422, "malformed")
    told(played.api.get("/hand-overs", cursor="x"), 422, "malformed")


def test_people_out_of_limits_are_not_counted(played: Practised) -> None:
    limits = Limits(employers=frozenset({"London Probation Trust"}), units=frozenset({"Camden"}))
    inside = played.api.identity.issue("in", Role.ADMIN, 600, limits=limits)
    elsewhere = Limits(employers=frozenset({"Kent Probation Trust"}))
    outside = played.api.identity.issue("out", Role.ADMIN, 600, limits=elsewhere)
    assert played.api.get("/work", kind="appeal", token=inside).json()["items"][0]["people"] == 2
    assert played.api.get("/work", kind="appeal", token=outside).json()["items"] == []


def test_whoever_is_named_is_on_the_register(played: Practised) -> None:
    work(played, kind="appeal")
    read = {number: played.service.register.of(number, limit=10) for number in PEOPLE}
    whats = {number: [each.what for each in rows] for number, rows in read.items()}
    assert "/v1/work" in whats["S1"]
    assert "/v1/work" in whats["S2"]
    assert "/v1/work" not in whats["S4"]
