"""People in numbers: a representative's own members; those of a consultation, no small number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.support.asking import created, told
from tests.support.practised import EXERCISE, Practised
from tests.web.visiting import Visitor, shown
from transfer.access.identity import Role

pytestmark = pytest.mark.engines

MEMBERS, CONSULTED = "/my-members/totals", "/consultations/tr/totals"
LONDON, DORSET = "London Probation Trust", "Dorset Probation Trust"


def test_a_representative_counts_their_own_members(
    played: Practised, window: Callable[[], Visitor]
) -> None:
    rep = window().sign_in(Role.UNION, "rep")
    assert "Nobody has appointed you, so there is nobody to count." in shown(rep, MEMBERS)
    for number in ("S1", "S2", "S3", "S4"):
        played.register(number, **({"employer": DORSET} if number == "S3" else {}))
    played.open()
    played.to(date(2013, 11, 13))
    created(played.act(EXERCISE, "set-scope", {"criterion": "all"}))
    for number, scope in (("S1", "everything"), ("S2", "procedures"), ("S3", "record")):
        played.appoint(number, scope, representative="rep")
    page = shown(rep, MEMBERS)
    assert "Of 3 members, 2 have 2 employers on 13 Nov 2013." in page
    assert "1 member has not appointed you for the record" in page
    assert f"{DORSET} People1" in page
    assert f"{LONDON} People1" in page
    assert "tr: with the old employer People2" in page
    assert f'href="{MEMBERS}"' in rep.get("/my-members").text
    read = {n: [r.what for r in played.service.register.of(n, limit=9)] for n in ("S1", "S4")}
    assert "/my-members/totals" in read["S1"]
    assert read["S4"] == []

    token = played.token("rep", Role.UNION)
    found = played.api.get("/my/members/totals", token=token).json()
    assert (found["members"], found["without_record"], found["employed"]) == (3, 1, 2)
    assert found["exercises"] == [{"exercise": "tr", "state": "with-transferor", "people": 2}]
    early = played.api.get("/my/members/totals", {"effective_at": "2009-01-01"}, token=token)
    assert early.json()["employers"] == [{"employer": None, "people": 2}]
    assert "nobody employs them People2" in shown(rep, f"{MEMBERS}?effective_at=2009-01-01")


def test_a_body_sees_no_small_number_and_nothing_to_work_one_out_from(
    played: Practised, window: Callable[[], Visitor]
) -> None:
    employers = [LONDON] * 9 + [DORSET] * 2 + ["Essex Probation Trust"] * 6
    for number, employer in enumerate(employers):
        played.register(f"S{number}", employer=employer)
    played.open()
    consultation = {"exercise": "tr", "bodies": ["Union A"], "agreement": "the framework"}
    created(played.begin("consultation", consultation))
    rep = window().sign_in(Role.UNION, "rep", body="Union A")
    assert "The exercise tr covers nobody yet." in shown(rep, CONSULTED)
    played.to(date(2013, 11, 13))
    created(played.act(EXERCISE, "set-scope", {"criterion": "all"}))
    page = shown(rep, CONSULTED)
    assert "a group of fewer than 5 is not given as a number, and so there is no total." in page
    assert f"{DORSET} Peoplefewer than 5" in page
    assert f"{LONDON} Peoplenot shown" in page
    assert "Essex Probation Trust People6" in page
    assert "One further number is not shown" in page
    assert "17" not in page.replace("2017", "")
    assert f'href="{CONSULTED}"' in rep.get("/consultations").text

    token = played.api.identity.issue("rep", Role.UNION, 600, body="Union A")
    found = played.api.get("/my/consultations/tr/totals", token=token).json()
    assert found["total"] is None
    assert [(g["employer"], g["shown"], g["people"]) for g in found["groups"]] == [
        (DORSET, "fewer", None),
        ("Essex Probation Trust", "exact", 6),
        (LONDON, "withheld", None),
    ]
    played.service.small_group = 2
    assert played.api.get("/my/consultations/tr/totals", token=token).json()["total"] == 17
    assert "tr covers 17 people, in 3 groups by employer" in shown(rep, CONSULTED)


def test_who_takes_no_part_learns_nothing_and_what_cannot_be_is_said(
    played: Practised, window: Callable[[], Visitor]
) -> None:
    played.open()
    consultation = {"exercise": "tr", "bodies": ["Union A"], "agreement": "the framework"}
    created(played.begin("consultation", consultation))
    other = window().sign_in(Role.UNION, "rep", body="Union B")
    for address in (CONSULTED, "/consultations/none/totals"):
        shown(other, address, 404)
    token = played.api.identity.issue("rep", Role.UNION, 600, body="Union B")
    told(played.api.get("/my/consultations/tr/totals", token=token), 404, "not-on-record")
    for role in (Role.ADMIN, Role.AUDIT, Role.STAFF, Role.DISPUTE):
        person = window().sign_in(role, "S1")
        assert {person.get(each).status_code for each in (MEMBERS, CONSULTED)} == {403}
    shown(other, f"{MEMBERS}?colour=red", 422)
    wrong = shown(other, f"{MEMBERS}?effective_at=31/2/2014", 422)
    assert "In force on must be a real date" in wrong
    parts = "effective_at-day=1&effective_at-month=6&effective_at-year=2014"
    assert (
        other.get(f"{MEMBERS}?{parts}").headers["location"] == f"{MEMBERS}?effective_at=2014-06-01"
    )
