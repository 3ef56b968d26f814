"""Somebody who leaves: counted nowhere, warned of, and not employed again by an act over many."""

from __future__ import annotations

import pytest

from tests.support.asking import Api, Json, created, position, told, values

pytestmark = pytest.mark.engines

POSITION = {"employer": "LDN", "unit": "Croydon", "band": "4", "fte": "0.5", "line_manager": "S9"}


def leaves(start: str, **more: str | None) -> Json:
    return {"effective_from": start, "changes": {"employer": None, **more}, "reason": "resigned"}


def moved(number: str, **more: object) -> Json:
    change = {"effective_from": "2014-06-01", "changes": {"employer": "NPS"}, "reason": "transfer"}
    return {"staff_number": number, "change": change, **more}


@pytest.fixture
def two(api: Api) -> Api:
    """Two people, of whom S1 has left from 1 May 2014, the employer alone ended."""
    for number in ("S1", "S2"):
        api.register(number, position=dict(POSITION))
    return api


@pytest.mark.parametrize("facet", ["unit", "band", "fte", "line_manager", "employer"])
def test_who_has_left_is_counted_and_listed_by_no_facet(two: Api, facet: str) -> None:
    created(two.post("/staff/S1/changes", leaves("2014-05-01")))
    for day, who in (("2014-04-30", ["S1", "S2"]), ("2014-05-01", ["S2"])):
        counted = two.get("/workforce", by=facet, effective_at=day).json()
        assert [each["headcount"] for each in counted["groups"]] == [len(who)]
        assert counted["total"]["headcount"] == len(who)
        asked = {facet: POSITION[facet], "effective_at": day}
        listed = two.get("/workforce/members", asked).json()["items"]
        assert [each["staff_number"] for each in listed] == who


def test_a_leaving_is_answered_with_what_to_look_at(two: Api) -> None:
    two.change("S1", start="2014-06-01", employer="NPS")
    path, body = "/staff/S1/changes", leaves("2014-05-01")
    previewed = two.post(f"{path}?preview=true", body).json()["warnings"]
    key = "leaves"
    written = created(two.post(path, body, key=key))
    assert written["warnings"] == previewed
    assert len(previewed) == 2
    assert "from 2014-06-01 (NPS)" in previewed[1]
    two.change("S1", start="2014-07-01", employer="CRC")
    assert two.post(path, body, key=key).json() == written
    assert "warnings" not in created(two.post("/staff/S2/changes", leaves_whole("2014-05-01")))


def leaves_whole(start: str) -> Json:
    return leaves(start, **dict.fromkeys(facet for facet in POSITION if facet != "employer"))


def test_an_act_over_many_does_not_employ_a_leaver_again(two: Api) -> None:
    created(two.post("/staff/S1/changes", leaves("2014-05-01")))
    act = {"items": [moved("S1"), moved("S2")], "reason": "transfer"}
    refused = two.post("/bulk", act)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["index"], error["staff_number"]) == (0, "S1")
    assert "left with effect from 2014-05-01" in error["reason"]
    assert '"returns": true' in error["reason"]
    assert two.post("/bulk?preview=true", act).status_code == 422
    created(two.post("/bulk", act | {"items": [moved("S1", returns=True), moved("S2")]}))
    counted = two.get("/workforce", by="employer", effective_at="2014-06-01").json()
    assert counted["groups"] == [{"value": "NPS", "headcount": 2, "fte": "1"}]


def test_an_act_over_many_is_for_those_who_are_there(two: Api) -> None:
    created(two.post("/staff/S1/changes", leaves("2014-05-01")))
    two.register("S3", effective_from="2014-08-01", position=dict(POSITION))
    two.register("S4", position={"band": "4"})
    term = {"term": "pay protection", "value": "4", "effective_from": "2014-06-01", "reason": "r"}
    band = {"effective_from": "2014-06-01", "changes": {"band": "5"}, "reason": "r"}
    items = [
        {"staff_number": "S1", "term": term},
        {"staff_number": "S3", "change": band},
        {"staff_number": "S4", "change": band},  # of whom no employment was ever on record
        {"staff_number": "S2", "term": term},
    ]
    errors = two.post("/bulk", {"items": items, "reason": "r"}).json()["errors"]
    assert [each["staff_number"] for each in errors] == ["S1", "S3"]
    assert "begins on 2014-08-01" in errors[1]["reason"]
    created(two.post("/bulk", {"items": items[2:], "reason": "r"}))


# --- leaving as an act ---------------------------------------------------------------------------

LEAVING: Json = {"effective_from": "2014-05-01", "reason": "resigned"}
LEAVINGS = "/staff/S1/leavings"


def entries(api: Api, number: str = "S1") -> list[str]:
    return [each["type"] for each in api.get(f"/staff/{number}/history").json()["items"]]


def test_leaving_ends_every_facet_of_the_assignment(two: Api) -> None:
    second = {"effective_from": "2014-01-01", "changes": {"employer": "NPS"}, "reason": "r"}
    created(two.post("/staff/S2/changes", second | {"assignment": "evenings"}))
    written = created(two.post("/staff/S2/leavings", LEAVING))
    assert values(two, "S2", effective_at="2014-05-01") == {}
    assert values(two, "S2", effective_at="2014-04-30") == POSITION
    assert values(two, "S2", effective_at="2014-05-01", assignment="evenings") != {}
    assert written["later"] == []
    assert written["warnings"] == ["The person stays employed in evenings."]
    assert entries(two, "S2")[-1] == "staff-left.v1"
    created(two.post("/staff/S2/leavings", LEAVING | {"assignment": "evenings"}))
    counted = two.get("/workforce", by="employer", effective_at="2014-05-01").json()
    assert counted["total"]["headcount"] == 1


def test_what_would_bring_somebody_back_is_listed_and_a_choice_is_asked(two: Api) -> None:
    moved_on = two.change("S1", start="2014-06-01", employer="NPS", unit="Croydon")
    refused = told(two.post(LEAVINGS, LEAVING), 409, "conflict")
    (later,) = refused["later"]
    assert later == {
        "event_id": moved_on["event_id"],
        "employer": "NPS",
        "effective_from": "2014-06-01",
        "effective_to": None,
        "recorded_at": moved_on["recorded_at"],
        "corrected_by": None,
    }
    assert "NPS from 2014-06-01" in refused["detail"]
    assert len(entries(two)) == 2
    previewed = two.post(f"{LEAVINGS}?preview=true", LEAVING).json()
    assert previewed["later"] == [later]
    told(two.post(LEAVINGS, LEAVING | {"later": "perhaps"}), 422, "malformed")


def test_what_brings_somebody_back_is_annulled_in_the_same_command(two: Api) -> None:
    moved_on = two.change("S1", start="2014-06-01", employer="NPS")
    body = LEAVING | {"later": "annul"}
    previewed = two.post(f"{LEAVINGS}?preview=true", body).json()
    assert [each["became"] for each in previewed["later"]] == ["annulled"]
    assert len(entries(two)) == 2
    written = created(two.post(LEAVINGS, body, key="k"))
    assert written["later"] == previewed["later"]
    items = two.get("/staff/S1/history").json()["items"]
    assert [each["type"] for each in items[2:]] == ["staff-left.v1", "entry-annulled.v1"]
    assert items[1]["annulled_by"] == items[3]["event_id"]
    assert {each["command_id"] for each in items[2:]} == {items[2]["command_id"]}
    assert items[3]["of"] == moved_on["event_id"]
    assert values(two, effective_at="2014-06-01") == {}
    two.change("S1", start="2014-07-01", employer="CRC")
    assert two.post(LEAVINGS, body, key="k").json() == written, "as it was told the first time"


def test_what_brings_somebody_back_may_stand(two: Api) -> None:
    two.change("S1", start="2014-06-01", employer="NPS")
    written = created(two.post(LEAVINGS, LEAVING | {"later": "keep"}))
    assert [each["became"] for each in written["later"]] == ["kept"]
    assert "again from 2014-06-01 (NPS)" in written["warnings"][0]
    assert values(two, effective_at="2014-05-31") == {}
    assert values(two, effective_at="2014-06-01") == {"employer": "NPS"}


def test_a_secondment_that_began_before_is_cut_short(two: Api) -> None:
    two.change("S1", start="2014-03-01", end="2014-08-01", employer="NPS")
    assert told(two.post(LEAVINGS, LEAVING), 409, "conflict")["later"]
    written = created(two.post(LEAVINGS, LEAVING | {"later": "annul"}))
    assert [each["became"] for each in written["later"]] == ["cut short"]
    assert values(two, effective_at="2014-04-30")["employer"] == "NPS"
    assert values(two, effective_at="2014-05-01") == {}


def test_a_leaving_is_put_right_like_any_entry(two: Api) -> None:
    written = created(two.post(LEAVINGS, LEAVING, if_match="1"))
    told(two.post(LEAVINGS, LEAVING, if_match="1"), 412, "stale-version")
    told(two.post(f"{LEAVINGS}?preview=true", LEAVING, if_match="1"), 412, "stale-version")
    annulled = {"of": written["event_id"], "annul": True, "reason": "stays"}
    created(two.post("/staff/S1/corrections", annulled))
    assert values(two, effective_at="2014-06-01") == POSITION
    for nobody in (LEAVINGS.replace("S1", "S7"), f"{LEAVINGS}?preview=true".replace("S1", "S7")):
        assert two.post(nobody, LEAVING).status_code == 404


# --- line managers -------------------------------------------------------------------------------


@pytest.fixture
def managed(two: Api) -> Api:
    """S1 and S2 report to S9, and S9 to nobody; S3 will from June."""
    two.register("S9", position={"employer": "LDN", "band": "6"})
    two.register("S3", position=POSITION | {"line_manager": "S2"})
    two.change("S3", start="2014-06-01", line_manager="S9")
    return two


def without_manager(api: Api, day: str, known_at: str | None = None) -> dict[str, str]:
    answer = api.get("/workforce/without-manager", effective_at=day, known_at=known_at)
    assert answer.status_code == 200, answer.text
    return {each["staff_number"]: each["reason"] for each in answer.json()["items"]}


def test_whom_a_leaving_leaves_without_a_manager(managed: Api) -> None:
    nobody = {"S9": "no line manager is on record"}
    assert without_manager(managed, "2014-05-01") == nobody
    path = "/staff/S9/leavings"
    previewed = managed.post(f"{path}?preview=true", LEAVING).json()
    written = created(managed.post(path, LEAVING))
    assert written["without_manager"] == previewed["without_manager"]
    assert [
        (each["staff_number"], each["assignment"], each["effective_from"])
        for each in written["without_manager"]
    ] == [("S1", "main", "2014-05-01"), ("S2", "main", "2014-05-01"), ("S3", "main", "2014-06-01")]
    gone = "S9 is not employed on 2014-05-01: left with effect from 2014-05-01"
    assert without_manager(managed, "2014-05-01") == {"S1": gone, "S2": gone}
    assert without_manager(managed, "2014-04-30") == nobody
    before = position(managed, "S9", effective_at="2014-04-30")["position"]["band"]["recorded_at"]
    early = without_manager(managed, "2014-05-01", known_at=before)
    assert set(early) == {"S9"}, "S1 and S2, and nobody else, were known by then"


def test_who_stays_in_another_job_or_comes_back_goes_on_managing(managed: Api) -> None:
    second = {"effective_from": "2014-01-01", "changes": {"employer": "NPS"}, "reason": "r"}
    created(managed.post("/staff/S9/changes", second | {"assignment": "evenings"}))
    written = created(managed.post("/staff/S9/leavings", LEAVING))
    assert written["without_manager"] == []
    managed.change("S9", start="2014-06-01", employer="NPS")
    leaves_both = LEAVING | {"assignment": "evenings"}
    listed = created(managed.post("/staff/S9/leavings", leaves_both))["without_manager"]
    assert [each["staff_number"] for each in listed] == ["S1", "S2"]


def test_the_list_comes_page_by_page(managed: Api) -> None:
    created(managed.post("/staff/S9/leavings", LEAVING))
    found, cursor = [], None
    while True:
        asked = {"effective_at": "2014-06-01", "limit": 1, "cursor": cursor}
        page = managed.get("/workforce/without-manager", asked).json()
        found += [each["staff_number"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == ["S1", "S2", "S3"]
    told(managed.get("/workforce/without-manager", cursor="x"), 422, "malformed")


@pytest.mark.parametrize(
    ("manager", "said"),
    [
        ("S9", None),
        (
            "S8",
            "The line manager S8 is not employed on 2014-06-01: left with effect from 2014-05-01.",
        ),
        ("S7", "The line manager S7 is not employed on 2014-06-01: no employer is on record."),
        ("the director", "The line manager 'the director' is no staff number."),
    ],
)
def test_a_manager_who_is_not_employed_is_told_of(two: Api, manager: str, said: str | None) -> None:
    for number in ("S8", "S9"):
        two.register(number, position={"employer": "LDN"})
    created(two.post("/staff/S8/leavings", LEAVING))
    change = {"changes": {"line_manager": manager}, "effective_from": "2014-06-01", "reason": "r"}
    expected = [said] if said else None
    assert two.post("/staff/S1/changes?preview=true", change).json().get("warnings") == expected
    written = created(two.post("/staff/S1/changes", change, key="k"))
    assert written.get("warnings") == expected
    created(two.post("/staff/S9/leavings", LEAVING))
    assert two.post("/staff/S1/changes", change, key="k").json() == written
    correction = {"of": written["event_id"], **change}
    if manager != "S9":
        assert created(two.post("/staff/S1/corrections", correction))["warnings"] == expected
        begins = {"effective_from": "2014-06-01", "position": POSITION | {"line_manager": manager}}
        assert two.register("S4", **begins)["warnings"] == expected


def test_an_act_over_many_tells_of_managers_who_are_not_employed(two: Api) -> None:
    change = {"effective_from": "2014-06-01", "changes": {"line_manager": "S7"}, "reason": "r"}
    items = [{"staff_number": number, "change": change} for number in ("S1", "S2")]
    written = created(two.post("/bulk", {"items": items, "reason": "r"}, key="k"))
    assert written["warnings"] == [
        "The line manager S7 is not employed on 2014-06-01: no employer is on record."
    ]
    two.register("S7", position={"employer": "LDN"})
    assert two.post("/bulk", {"items": items, "reason": "r"}, key="k").json() == written
    assert "warnings" not in created(two.post("/bulk", {"items": items, "reason": "r"}))
