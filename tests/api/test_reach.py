"""Who is reached over HTTP: members by their representative, an office by its administrator.

Whoever is out of reach looks exactly like somebody who is not there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from fastapi import APIRouter, Depends
from fastapi.responses import PlainTextResponse
from httpx import Response

from deploy.data_folder import DataFolder
from tests.support.asking import Api, Client, Json, created, headers_of, told
from tests.support.practised import Practised, practising
from tests.support.reaching import without_the_role
from transfer.access.identity import Limits, Role
from transfer.api.application import create_app
from transfer.app import Record

pytestmark = pytest.mark.engines

RECORD = ("position", "timeline", "history", "differences", "objections", "reads")
REP = "rep-1"


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """A practised record of 11 November 2013, with two people."""
    with practising(record, folder, date(2013, 11, 11)) as opened:
        for number in ("S1", "S2"):
            opened.register(number)
        yield opened


def appoint(played: Practised, number: str = "S1", *scopes: str, **more: Any) -> Json:
    """Let somebody appoint the representative, from today on."""
    return played.appoint(number, *scopes, **{"representative": REP} | more)


def ask(played: Practised, path: str, token: str, **asked: object) -> Response:
    """Ask by a token."""
    if path.endswith("/differences"):
        asked |= {"known_from": "2013-11-11T00:00:00Z"}
    return played.api.get(path, asked, token=token)


def reached(played: Practised, token: str, number: str = "S1") -> set[str]:
    """Which parts of a record a token reaches; what it does not is as if nobody were there."""
    found = set()
    for what in RECORD:
        answer = ask(played, f"/staff/{number}/{what}", token)
        if answer.status_code == 200:
            found.add(what)
            continue
        nobody = ask(played, f"/staff/{'S9' if number == 'S1' else 'S8'}/{what}", token)
        assert (answer.status_code, answer.content) == (404, nobody.content)
        assert headers_of(answer) == headers_of(nobody)
    return found


def test_a_representative_reads_the_record_of_who_has_appointed_them(played: Practised) -> None:
    rep = played.token(REP, Role.UNION)
    assert reached(played, rep) == set()
    id_ = appoint(played)["id"]
    assert reached(played, rep) == set(RECORD)
    assert reached(played, rep, "S2") == set()
    assert reached(played, played.token("rep-2", Role.UNION)) == set()
    assert ask(played, "/staff/s1/position", rep).json()["staff_number"] == "S1"
    assert ask(played, "/staff/S1", rep).status_code == 200
    asked = ask(played, "/staff/S1/position", rep, effective_at="2012-01-01")
    assert asked.json()["position"]["band"]["value"] == "4"
    created(played.act(f"representation/{id_}", "dismiss", token=played.token("S1", Role.STAFF)))
    assert reached(played, rep) == set()


def test_an_appointment_reaches_on_its_days_alone(played: Practised) -> None:
    rep = played.token(REP, Role.UNION)
    appoint(played, effective_from="2013-11-12", effective_to="2013-11-14")
    days = {}
    for day in range(11, 15):
        played.to(date(2013, 11, day))
        days[day] = bool(reached(played, rep))
    assert days == {11: False, 12: True, 13: True, 14: False}


@pytest.mark.parametrize(
    ("scope", "of_record", "procedures"),
    [("record", True, False), ("procedures", False, True), ("everything", True, True)],
)
def test_an_appointment_reaches_what_it_is_for(
    played: Practised, scope: str, *, of_record: bool, procedures: bool
) -> None:
    rep = played.token(REP, Role.UNION)
    id_ = appoint(played, "S1", scope)["id"]
    assert reached(played, rep) == (set(RECORD) if of_record else set())
    for path in ("/deadlines", "/procedures"):
        assert ask(played, path, rep, staff="S1").status_code == (200 if procedures else 404), path
        told(ask(played, path, rep, staff="S2"), 404, "not-on-record")
        told(ask(played, path, rep), 422, "malformed")
    assert ask(played, "/staff/S1/appeals", rep).status_code == (200 if procedures else 404)
    assert ask(played, "/staff/S1", rep).status_code == (200 if of_record and procedures else 404)
    for part in ("", "/acts"):
        shown = ask(played, f"/procedures/representation/{id_}{part}", rep)
        assert shown.status_code == (200 if procedures else 404)


def test_what_is_not_theirs_is_as_if_it_were_not_there(played: Practised) -> None:
    rep, own = played.token(REP, Role.UNION), played.token("S1", Role.STAFF)
    appoint(played)
    played.open()
    theirs = appoint(played, "S2", representative="rep-2")["id"]
    for token in (rep, own):
        for part in ("", "/acts"):
            answer = ask(played, f"/procedures/representation/{theirs}{part}", token)
            nobody = ask(played, f"/procedures/representation/S3.1{part}", token)
            told(answer, 404, "not-on-record")
            assert answer.text.replace(theirs, "S3.1") == nobody.text
        for part in ("", "/acts", "/people", "/people.csv"):
            told(ask(played, f"/procedures/exercise/tr{part}", token), 403, "not-allowed")
    assert ask(played, "/procedures/representation/S1.1", own).status_code == 200


def test_readers_by_a_grant_are_refused_where_nothing_holds_them_to_it(played: Practised) -> None:
    rep, own = played.token(REP, Role.UNION), played.token("S1", Role.STAFF)
    appoint(played)
    played.to(date(2013, 11, 12))
    with without_the_role(played.record.database_url):
        for token in (rep, own):
            answer = ask(played, "/staff/S1/position", token)
            told(answer, 503, "unavailable")
            assert "cannot hold readers to their reach" in answer.json()["detail"]
        assert ask(played, "/staff/S1/position", played.token("hr")).status_code == 200
    assert {ask(played, "/staff/S1/position", t).status_code for t in (rep, own)} == {200}


def test_readers_by_a_grant_are_served_by_connections_that_are_held_to_it(
    played: Practised,
) -> None:
    appoint(played)
    service = played.service
    reader = Depends(service.reads(Role.ADMIN, own_record=True, granted=[Role.UNION]))
    router = APIRouter(dependencies=[reader])

    @router.get("/staff/{staff_number}/who")
    def who() -> PlainTextResponse:
        with service.office.log.connection() as conn:
            row = conn.execute("SELECT current_user AS it, reachable_people() AS of").fetchone()
        assert row is not None
        return PlainTextResponse(f"{row['it'] == 'transfer_restricted'} {row['of']}")

    app = create_app(service)
    app.router.routes.extend(router.routes)
    with start_blocking_portal() as portal:
        client = Client(portal, app)
        for token, answer in (
            (played.token(REP, Role.UNION), "True ['S1']"),
            (played.token("S1", Role.STAFF), "True ['S1']"),
            (played.token("hr"), "False []"),
        ):
            assert client.get("/staff/S1/who", played.api.headers(token)).text == answer


def test_the_register_of_reads_says_by_which_appointment(played: Practised) -> None:
    id_ = appoint(played)["id"]
    assert ask(played, "/staff/S1/position", played.token(REP, Role.UNION)).status_code == 200
    own = played.token("S1", Role.STAFF)
    (read,) = ask(played, "/staff/S1/reads", own).json()["items"]
    assert (read["read_by"], read["role"]) == (REP, "union")
    assert read["appointment"] == f"representation:{id_}"


# --- panels -------------------------------------------------------------------------------------

CASE = {
    "id": "ET-1",
    "people": ["S1"],
    "parties": [{"side": "claimant", "known_by": "staff-number", "party": "S1"}],
    "members": [{"subject": "judge-1"}, {"subject": "judge-2"}],
    "effective_between": ["2013-01-01", "2013-12-31"],
    "known_between": ["2013-11-11", None],
}


def test_a_panel_reads_the_people_and_days_of_its_open_case(played: Practised) -> None:
    judge, other = played.token("judge-1", Role.DISPUTE), played.token("judge-2", Role.DISPUTE)

    def position(token: str, number: str = "S1", **asked: object) -> int:
        answer = ask(played, f"/staff/{number}/position", token, **asked)
        if answer.status_code != 200:
            nobody = ask(played, "/staff/S9/position", token, **asked)
            assert answer.content == nobody.content
            assert headers_of(answer) == headers_of(nobody)
        return answer.status_code

    assert position(judge) == 404
    created(played.begin("dispute-case", CASE))
    assert [position(judge), position(judge, "s1"), position(judge, "S2")] == [200, 200, 404]
    assert position(played.token("judge-3", Role.DISPUTE)) == 404
    days = {day: position(judge, effective_at=day) for day in ("2012-12-31", "2013-01-01")}
    assert days == {"2012-12-31": 404, "2013-01-01": 200}
    assert position(judge, effective_at="2014-01-01") == 404
    assert position(judge, known_at="2013-11-10T23:59:59Z") == 404
    path = "/staff/S1/differences"
    assert ask(played, path, judge).status_code == 200
    told(ask(played, path, judge, every_day="true"), 404, "not-on-record")
    for what in ("timeline", "history", "objections", "reads"):
        told(ask(played, f"/staff/S1/{what}", judge), 403, "not-allowed")
    interest = {"subject": "judge-2", "interest": "other"}
    created(played.act("dispute-case/ET-1", "declare-interest", interest, token=other))
    assert [position(judge), position(other)] == [200, 404]
    (read, *_) = played.read("/staff/S1/reads")["items"]
    assert (read["read_by"], read["case"]) == ("judge-1", "dispute-case:ET-1")
    created(played.act("dispute-case/ET-1", "close"))
    assert position(judge) == 404


# --- administrators with limits ------------------------------------------------------------------


@pytest.fixture
def offices(api: Api) -> Api:
    """Two of London (one in Camden), one of Kent, one who moves from Kent to London in 2014."""
    for number, employer, unit in (
        ("L1", "London Probation Trust", "Camden"),
        ("L2", "LDN", "Brent"),
        ("K1", "Kent Probation Trust", "Camden"),
        ("K2", "Kent Probation Trust", "Camden"),
    ):
        api.register(
            number, position={"employer": employer, "unit": unit, "fte": "0.7", "band": "4"}
        )
    api.change("K2", start="2014-06-01", employer="London Probation Trust")
    return api


LONDON = Limits(employers=frozenset({"LDN"}))


def test_people_out_of_an_administrators_limits_are_not_there(offices: Api) -> None:
    token = offices.token_for(Role.ADMIN, limits=LONDON)
    for number, status in (("L1", 200), ("l2", 200), ("K1", 404), ("S9", 404)):
        for what in ("", "/position", "/timeline", "/history", "/reads", "/appeals"):
            answer = offices.get(f"/staff/{number}{what}", token=token)
            assert answer.status_code == status, (number, what)
    kent = offices.get("/staff/K1/position", token=token)
    assert kent.content == offices.get("/staff/K9/position", token=token).content
    for number in ("K1", "k1", "S9"):
        answer = offices.post(f"/staff/{number}/changes", {}, token=token)
        told(answer, 404, "not-on-record")
    assert offices.post("/staff/L1/changes", {}, token=token).status_code == 422


@pytest.mark.parametrize(
    ("employers", "units", "reaches"),
    [
        ({"LDN"}, set(), {"L1", "L2"}),
        ({"London Probation Trust"}, {"Camden"}, {"L1"}),
        (set(), {"Camden"}, {"L1", "K1", "K2"}),
        ({"LDN", "Kent Probation Trust"}, set(), {"L1", "L2", "K1", "K2"}),
        (set(), set(), {"L1", "L2", "K1", "K2"}),
        ({"Nowhere"}, set(), set()),
    ],
)
def test_lists_leave_out_who_is_out_of_the_limits(
    offices: Api, employers: set[str], units: set[str], reaches: set[str]
) -> None:
    token = offices.token_for(Role.ADMIN, limits=Limits(frozenset(employers), frozenset(units)))
    day = "2014-05-31"
    found = offices.get("/workforce/members", effective_at=day, token=token).json()
    assert {each["staff_number"] for each in found["items"]} == reaches
    exported = offices.get("/workforce/members.ndjson", effective_at=day, token=token).text
    assert {json.loads(each)["staff_number"] for each in exported.splitlines()} == reaches
    paged, cursor = set(), None
    while True:
        page = offices.get(
            "/workforce/members", effective_at=day, limit=1, cursor=cursor, token=token
        ).json()
        paged |= {each["staff_number"] for each in page["items"]}
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert paged == reaches
    without = offices.get("/workforce/without-manager", effective_at=day, token=token).json()
    assert {each["staff_number"] for each in without["items"]} == reaches
    counted = offices.get("/workforce", by="employer", effective_at=day, token=token).json()
    assert counted["total"]["headcount"] == len(reaches)
    assert {each["value"]: each["headcount"] for each in counted["groups"]} == {
        name: count
        for name, theirs in (("London Probation Trust", "L"), ("Kent Probation Trust", "K"))
        if (count := sum(number.startswith(theirs) for number in reaches))
    }
    # Who is left out is not read, and is not on the register.
    for number in ("L1", "L2", "K1", "K2"):
        reads = offices.get(f"/staff/{number}/reads").json()["items"]
        assert bool(reads) == (number in reaches), number


def test_the_day_that_is_asked_about_decides(offices: Api) -> None:
    token = offices.token_for(Role.ADMIN, limits=LONDON)
    for day, status in (("2014-05-31", 404), ("2014-06-01", 200)):
        answer = offices.get("/staff/K2/position", effective_at=day, token=token)
        assert answer.status_code == status
    # Who left London is London's still.
    left = {"effective_from": "2015-01-01", "reason": "Resigned"}
    created(offices.post("/staff/L1/leavings", left, token=token))
    assert offices.get("/staff/L1/history", token=token).status_code == 200
    assert offices.get("/staff/L1/position", effective_at="2009-01-01", token=token).is_success


def test_an_administrator_with_limits_enters_within_them(offices: Api) -> None:
    token = offices.token_for(Role.ADMIN, limits=LONDON)
    body = {"name": "A", "effective_from": "2014-01-01"}
    kent = {"staff_number": "K3", "position": {"employer": "Kent Probation Trust"}}
    nobody = {"staff_number": "K3", "position": {"band": "4"}}
    for given in (kent, nobody):
        told(offices.post("/staff", body | given, token=token), 403, "not-allowed")
    london = {"staff_number": "L3", "position": {"employer": "London"}}
    created(offices.post("/staff", body | london, token=token))
    assert offices.get("/staff/L3/position", token=token).status_code == 200
    change = {"effective_from": "2014-03-01", "changes": {"band": "5"}, "reason": "r"}
    items = [{"staff_number": number, "change": change} for number in ("L1", "K1", "K9")]
    refused = told(
        offices.post("/bulk", {"items": items, "reason": "r"}, token=token), 422, "items-refused"
    )
    assert [(each["index"], each["reason"]) for each in refused["errors"]] == [
        (1, "no such staff number on record"),
        (2, "no such staff number on record"),
    ]
    assert (
        offices.post("/bulk", {"items": items[:1], "reason": "r"}, token=token).status_code == 201
    )
    for number in ("K1", "K9"):
        link = {"other": number, "reason": "r"}
        told(offices.post("/staff/L1/links", link, token=token), 404, "not-on-record")
    for path in ("/rulebooks", "/procedures/exercise"):
        given = {"rulebook": "tr-2013"} if "proc" in path else {"text": "x"}
        told(offices.post(path, given, token=token), 403, "not-allowed")


def test_acts_of_a_procedure_are_for_people_within_the_limits(played: Practised) -> None:
    played.register("K1", employer="Kent Probation Trust")
    played.open()
    played.to(date(2013, 11, 13))
    created(played.act("exercise/tr", "set-scope", {"criterion": "all"}))
    token = played.api.token_for(Role.ADMIN, limits=LONDON)
    panel = {"to": "CRC", "panel": "the local panel"}
    for number in ("K1", "K9"):
        body = panel | {"staff_number": number}
        answer = played.act("exercise/tr", "decide-by-panel", body, token=token)
        assert (
            told(answer, 404, "not-on-record")["detail"] == "no such person or procedure on record"
        )
    created(
        played.act("exercise/tr", "decide-by-panel", panel | {"staff_number": "S1"}, token=token)
    )
    told(played.act("exercise/tr", "hold", {"reason": "r"}, token=token), 403, "not-allowed")
    people = ask(played, "/procedures/exercise/tr/people", token).json()["items"]
    assert {each["staff_number"] for each in people} == {"S1", "S2"}
    assert ask(played, "/procedures/exercise/tr", token).status_code == 200
