"""/my-members: whom a representative acts for, what is due about them, what has changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest

from tests.support.asking import created
from tests.support.practised import Practised, consult, to_the_letters
from tests.web.visiting import Visitor, shown, text_of, title_of
from transfer.access.identity import Role
from transfer.web.union import my_members

pytestmark = pytest.mark.engines

MEMBERS = "/my-members"


@pytest.fixture
def rep(window: Callable[[], Visitor]) -> Visitor:
    """The representative's browser."""
    return window().sign_in(Role.UNION, "rep")


def appoint(played: Practised, number: str, *scope: str, **more: object) -> str:
    """A member of staff appoints the representative; the procedure's id."""
    return str(played.appoint(number, *scope, representative="rep", **more)["id"])


def dismiss(played: Practised, number: str, id_: str) -> None:
    """The member takes it back."""
    own = played.token(number, Role.STAFF)
    created(played.act(f"representation/{id_}", "dismiss", token=own))


def row_of(page: str, number: str) -> str:
    """What a page of members says of one of them."""
    rows = page.partition("<tbody")[2].partition("</tbody>")[0].split("<tr ")
    (found,) = [each for each in rows if re.search(rf"\b{number}\b", each)]
    return text_of(f"<main>{found}</main>")


def test_it_is_for_representatives_alone(played: Practised, window: Callable[[], Visitor]) -> None:
    played.register("S1")
    assert window().get(MEMBERS).status_code == 303
    for role in (Role.ADMIN, Role.AUDIT, Role.STAFF, Role.DISPUTE):
        assert window().sign_in(role, "rep").get(MEMBERS).status_code == 403
    rep = window().sign_in(Role.UNION, "rep")
    assert rep.get("/").headers["location"] == MEMBERS
    page = shown(rep, MEMBERS)
    assert "On 11 Nov 2013, nobody has appointed you." in page
    assert "They need the name by which you sign in here: rep." in page
    assert title_of(rep.get(MEMBERS).text).startswith("My members")


def test_it_shows_of_each_member_what_the_appointment_is_for(
    played: Practised, rep: Visitor
) -> None:
    to_the_letters(played)
    consult(played)
    played.to(date(2013, 12, 2))
    by = appoint(played, "S1", "everything", effective_to="2014-02-01")
    appoint(played, "S2", "procedures")
    appoint(played, "S3", "record")
    name = played.read("/staff/S1")["name"]
    page = rep.get(MEMBERS).text
    whole, procedures, record = (row_of(page, number) for number in ("S1", "S2", "S3"))
    assert "On 2 Dec 2013, you act for 3 members." in text_of(page)
    for says in (
        name,
        "Probation officer, Camden, London Probation Trust",
        "For the record and procedures and their deadlines, from 2 Dec 2013 to the end of "
        "31 Jan 2014",
        "The member may answer the letter: by the end of 9 Dec 2013 (exercise tr)",
        "Staff registered",
    ):
        assert says in whole
    assert "until they say otherwise" in procedures
    assert "The member may answer the letter" in procedures
    assert "the record is not in your appointment" in procedures
    assert "Camden" not in procedures
    assert "/staff/S2/" not in page
    assert "not in your appointment" in record
    assert "The member may answer" not in record
    assert "S4" not in text_of(page)
    reads = played.service.register.of("S1", limit=9)
    assert (reads[0].what, reads[0].subject, reads[0].role, reads[0].appointment) == (
        MEMBERS,
        "rep",
        "union",
        f"representation:{by}",
    )
    assert played.service.register.of("S4", limit=9) == []


def test_it_shows_what_was_recorded_since_a_day(played: Practised, rep: Visitor) -> None:
    played.register("S1")
    appoint(played, "S1", "record")
    played.to(date(2013, 12, 20))
    change = {"effective_from": "2014-02-01", "changes": {"band": "5"}, "reason": "Promoted"}
    created(played.api.post("/staff/S1/changes", change))
    told = "Band: 4 → 5, from 1 Feb 2014 onward"
    by_default = row_of(rep.get(MEMBERS).text, "S1")
    assert told in by_default
    assert "Changed since 20 Nov 2013" in by_default
    # Registered on 11 November: that is before.
    assert "Staff registered" not in by_default
    sent = {"since-day": "11", "since-month": "11", "since-year": "2013"}
    answer = rep.get(f"{MEMBERS}?" + "&".join(f"{name}={text}" for name, text in sent.items()))
    assert answer.headers["location"] == f"{MEMBERS}?since=2013-11-11"
    since = row_of(rep.get(answer.headers["location"]).text, "S1")
    assert told in since
    assert "Staff registered" in since
    played.to(date(2013, 12, 21))
    later = row_of(rep.get(f"{MEMBERS}?since=2013-12-21").text, "S1")
    assert later.endswith("nothing")


def test_a_day_that_is_none_is_refused_with_the_rule(rep: Visitor) -> None:
    for query, says in (
        ("since-day=31&since-month=2&since-year=2013", "Changed since must be a real date"),
        ("since-day=1", "Changed since must include a month and a year"),
        ("since=2013-11-12", "Changed since must be today or a day before it"),
        ("since=never", "Enter a date"),
        ("until=2013-11-11", "there is no such question: until"),
    ):
        assert says in shown(rep, f"{MEMBERS}?{query}", 422)
    assert "On 11 Nov 2013" in shown(rep, f"{MEMBERS}?since=0001-01-01")


def test_who_has_withdrawn_stays_listed_by_number_alone(played: Practised, rep: Visitor) -> None:
    for number in ("S1", "S2", "S3", "S4"):
        played.register(number)
    first = appoint(played, "S1", "everything")
    appoint(played, "S2", "everything", effective_to="2013-11-20")
    appoint(played, "S3", "everything", effective_from="2013-12-24")
    again = appoint(played, "S4", "everything")
    played.to(date(2013, 11, 25))
    dismiss(played, "S1", first)
    dismiss(played, "S4", again)
    appoint(played, "S4", "everything")
    page = shown(rep, MEMBERS)
    assert "On 25 Nov 2013, you act for 1 member." in page
    assert "Not yet S3, from 24 Dec 2013 No longer" in page
    over = page.partition("No longer")[2]
    assert "S1, from 11 Nov 2013, withdrawn on 25 Nov 2013" in over
    assert "S2, from 11 Nov 2013 to the end of 19 Nov 2013" in over
    assert "S4" not in over
    assert page.count(played.read("/staff/S1")["name"]) == 1  # that of S4, who has the same
    assert all(each.subject != "rep" for each in played.service.register.of("S1", limit=9))
    assert rep.get("/staff/S1/history").status_code == 404


def test_many_members_stand_on_several_pages(
    played: Practised, rep: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(my_members, "ON_A_PAGE", 1)
    for number in ("S1", "S2"):
        played.register(number)
        appoint(played, number, "everything")
    first = rep.get(MEMBERS).text
    assert "you act for 2 members; 1 of them on this page" in text_of(first)
    assert "/staff/S2/" not in first
    where = first.partition(f'href="{MEMBERS}?')[2].partition('"')[0].replace("&amp;", "&")
    second = rep.get(f"{MEMBERS}?{where}").text
    assert "/staff/S2/history" in second
    assert "/staff/S1/" not in second
    assert "Back to the first members" in second


@pytest.mark.parametrize(
    ("form", "begins", "media_type"),
    [("pdf", b"%PDF-", "application/pdf"), ("json", b"{", "application/json")],
)
def test_the_history_is_there_as_a_file_for_whom_it_reaches(
    played: Practised, window: Callable[[], Visitor], form: str, begins: bytes, media_type: str
) -> None:
    played.register("S1")
    appoint(played, "S1", "record")
    rep, address = window().sign_in(Role.UNION, "rep"), f"/staff/S1/history.{form}"
    assert f'href="{address}"' in rep.get("/staff/S1/history").text
    answer = rep.get(address)
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert answer.headers["content-type"].startswith(media_type)
    assert f"history-of-S1.{form}" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    (read, *_) = played.service.register.of("S1", limit=2)
    assert (read.what, read.role) == ("/staff/{staff_number}/history.{form}", "union")
    assert window().sign_in(Role.UNION, "other").get(address).status_code == 404
    assert rep.get(f"{address}?known_at=2012-01-01").status_code == 404
    assert rep.get(f"{address}?known_at=never").status_code == 422
