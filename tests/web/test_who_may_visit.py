"""Who may see which page, and how they sign in and out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from fastapi.routing import APIRoute

from tests.web.practised_pages import SECRET
from tests.web.visiting import Visitor, form_token_of, text_of
from transfer.access.identity import Role
from transfer.api.application import create_app
from transfer.api.http_service import HttpService, open_to_all
from transfer.commands import links_and_objections as commands
from transfer.commands.office import Act
from transfer.core.dating.calendars import in_london
from transfer.web.application import add_pages
from transfer.web.frame.pages import SignedIn

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("story")]

RECORD = "/staff/S10442?effective_at=2014-06-01"


def test_every_page_says_whom_it_serves(service: HttpService) -> None:
    app = create_app(service)
    known = list(app.routes)
    add_pages(app, service, SECRET)
    served: dict[str, object] = {}
    for route in app.routes:
        if route in known:
            continue
        assert isinstance(route, APIRoute)
        who = [d.call for d in route.dependant.dependencies if isinstance(d.call, SignedIn)]
        free = any(d.call is open_to_all for d in route.dependant.dependencies)
        assert bool(who) != free, route.path
        said = None if free else (who[0].roles, who[0].own_record)
        form = route.methods == {"POST"} and route.path in served and served[route.path] != said
        served[f"{route.path}, its form" if form else route.path] = said
    everything = frozenset({Role.ADMIN, Role.AUDIT})
    for path in ("/", "/staff"):
        assert served.pop(path) == (frozenset(), False)
    assert served.pop("/staff, its form") == (everything, False)
    for tab in ("", "/history", "/history.{form}", "/terms", "/compare", "/explain", "/contested"):
        assert served.pop(f"/staff/{{staff_number}}{tab}") == (everything, True)
    procedure = "/procedures/{kind}/{id}"
    acts = ("/procedures/{kind}/begin", procedure, f"{procedure}/acts/{{act}}")
    for path in (
        *acts,
        "/exercises/{id}/acts/{act}",
        *(f"/staff/{{staff_number}}/{each}" for each in ("change", "correct", "leave")),
        *(f"/staff/{{staff_number}}/terms/{each}" for each in ("grant", "vary", "end")),
        "/hand-overs, its form",
        "/notices, its form",
        "/hand-overs/end",
        "/duties/{obligation_id}/give",
        "/duties/{obligation_id}/excuse",
        "/upload",
        "/upload/check",
        "/questions-of-reads/{staff_number}/{read_id}",
    ):
        assert served.pop(path) == (frozenset({Role.ADMIN}), False)
    of_letters = ("", ".{form}", "/{staff_number}")
    for path in (
        *(f"/exercises/{{exercise}}/letters{each}" for each in of_letters),
        "/exercises",
        "/procedures",
        f"{procedure}/what-if",
        "/exercises/{exercise}",
        "/exercises/{exercise}/people",
        "/exercises/{exercise}/liability-information",
        "/exercises/{exercise}/liability-information.csv",
        "/exercises/{exercise}/appeals",
        "/appeals",
        "/reports",
        "/reports.csv",
        "/work",
        "/hand-overs",
        "/notices",
        "/questions-of-reads",
    ):
        assert served.pop(path) == (everything, False)
    mine = (
        "/my-record",
        "/my-record/challenge",
        "/who-could-read-my-record",
        "/who-read-my-record",
        "/who-read-my-record/question",
    )
    for path in (*mine, "/my-choices", "/my-choices/{act}"):
        assert served.pop(path) == (frozenset({Role.STAFF}), False)
    for path in ("/consultations", "/consultations/{id}/{act}"):
        assert served.pop(path) == (frozenset(), False)  # those of the body that one acts for
    for path in ("/consultations/{id}/totals", "/my-members/totals"):
        assert served.pop(path) == (frozenset(), False)  # each sees what is their body's or theirs
    for path in ("/my-cases", "/cases/{id}"):
        assert served.pop(path) == (frozenset(), False)  # whom a case lets read
    for path in ("/extracts", "/extracts/{reference}", "/extracts/{reference}.pdf"):
        assert served.pop(path) == (everything, True)
    assert served.pop("/my-members") == (frozenset(), False)  # each sees their own members
    assert served.pop("/glossary") is None
    assert served.pop("/sign-in") is None
    assert served.pop("/sign-in/as") is None
    assert served.pop("/sign-out") is None
    assert all(path.startswith("/assets/") for path in served)


def test_who_has_not_signed_in_is_asked_to_and_led_back(visitor: Visitor) -> None:
    answer = visitor.get(RECORD)
    assert answer.status_code == 303
    where = answer.headers["location"]
    assert where == "/sign-in?next=%2Fstaff%2FS10442%3Feffective_at%3D2014-06-01"
    page = visitor.get(where).text
    assert f'name="next" value="{RECORD}"' in page
    token = visitor.identity.issue("HR operations", Role.ADMIN, 600)
    answer = visitor.show_token(token, RECORD)
    assert (answer.status_code, answer.headers["location"]) == (303, RECORD)
    assert visitor.get(RECORD).status_code == 200
    assert visitor.get(where).headers["location"] == RECORD


def test_whoever_sends_a_form_too_late_comes_back_to_the_page_that_it_stood_on(
    visitor: Visitor,
) -> None:
    for referer, wanted in (
        ("http://test/my-record/challenge?of=1", "%2Fmy-record%2Fchallenge%3Fof%3D1"),
        ("https://evil.example/my-record", "%2F"),
        ("http://[", "%2F"),
        ("", "%2F"),
    ):
        answer = visitor.post("/my-record/challenge", {"reason": "x"}, Referer=referer)
        assert answer.headers["location"] == f"/sign-in?next={wanted}"


def test_the_token_is_not_kept_anywhere(visit: Callable[[], Visitor]) -> None:
    visitor = visit()
    token = visitor.identity.issue("HR operations", Role.ADMIN, 600)
    answer = visitor.show_token(token)
    for told in (answer.headers["location"], answer.headers["set-cookie"]):
        assert token not in told
        assert token.rpartition(".")[2] not in told
    refused = visit().show_token(f"{token}x")
    assert refused.status_code == 401
    assert "The token is not accepted" in text_of(refused.text)
    assert token not in refused.text


@pytest.mark.parametrize(
    ("token", "status", "told"),
    [
        ("", 422, "Enter a token"),
        ("nonsense", 401, "The token is not accepted"),
        ("é", 401, "The token is not accepted"),
        ("x" * 9_000, 401, "The token is not accepted"),
    ],
)
def test_a_token_that_is_none_is_refused_with_the_reason(
    visitor: Visitor, token: str, status: int, told: str
) -> None:
    answer = visitor.show_token(token)
    assert answer.status_code == status
    assert f"There is a problem {told}" in text_of(answer.text)
    assert visitor.get(RECORD).status_code == 303


def test_an_expired_token_says_so_and_ends_the_session(
    visitor: Visitor, service: HttpService
) -> None:
    visitor.sign_in()
    clock = service.clock
    service.clock = lambda: clock() + timedelta(seconds=601)
    assert visitor.get(RECORD).status_code == 303


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
        "/exercises//evil.example",
        "/v1/staff",
        "/sign-out",
        "",
    ],
)
def test_signing_in_leads_to_a_page_of_ours_alone(visitor: Visitor, wanted: str) -> None:
    token = visitor.identity.issue("HR operations", Role.ADMIN, 600)
    assert visitor.show_token(token, wanted).headers["location"] == "/"


@pytest.mark.parametrize(
    "wanted", ["/exercises/E1/people?state=moved", "/staff/S1/history", "/work"]
)
def test_signing_in_leads_back_to_whatever_page_was_asked_for(
    visitor: Visitor, wanted: str
) -> None:
    token = visitor.identity.issue("HR operations", Role.ADMIN, 600)
    assert visitor.show_token(token, wanted).headers["location"] == wanted


def test_a_form_from_elsewhere_is_refused(visit: Callable[[], Visitor]) -> None:
    visitor, other = visit(), visit()
    token = visitor.identity.issue("HR operations", Role.ADMIN, 600)
    foreign = form_token_of(other.get("/sign-in").text)
    own = form_token_of(visitor.get("/sign-in").text)
    for fields in ({"token": token}, {"token": token, "form_token": foreign}):
        assert visitor.post("/sign-in", fields).status_code == 403
    fields = {"token": token, "form_token": own}
    assert visitor.post("/sign-in", fields, Sec_Fetch_Site="cross-site").status_code == 403
    assert visitor.get(RECORD).status_code == 303
    assert visitor.post("/sign-in", fields, Sec_Fetch_Site="same-origin").status_code == 303
    # Another nonce since: a form from before signing in does not sign anybody out.
    assert visitor.post("/sign-out", {"form_token": own}).status_code == 403
    assert visitor.get(RECORD).status_code == 200


def test_a_form_that_is_none_of_ours_is_refused(visitor: Visitor) -> None:
    assert visitor.post("/sign-in", {"token": "x" * 20_000}).status_code == 413
    assert visitor.post("/sign-in", {f"f{n}": "" for n in range(20)}).status_code == 422


def test_who_signs_out_is_asked_to_sign_in_again(visitor: Visitor) -> None:
    visitor.sign_in()
    form_token = form_token_of(visitor.get("/").text)
    answer = visitor.post("/sign-out", {"form_token": form_token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert visitor.cookies == {}
    assert visitor.get(RECORD).status_code == 303


def test_a_copied_cookie_is_of_no_use_after_the_sign_out(
    visit: Callable[[], Visitor],
) -> None:
    visitor, thief = visit().sign_in(subject="Ann Owner"), visit()
    thief.cookies = dict(visitor.cookies)
    assert thief.get(RECORD).status_code == 200
    form_token = form_token_of(visitor.get("/").text)
    visitor.post("/sign-out", {"form_token": form_token})
    assert thief.get(RECORD).status_code == 303
    assert "Ann Owner" not in thief.get("/sign-in").text
    thief.cookies = dict(visit().sign_in().cookies)  # nobody else's session has ended
    assert thief.get(RECORD).status_code == 200


def test_a_session_has_a_new_id_after_signing_in_and_the_old_one_is_of_no_use(
    visit: Callable[[], Visitor],
) -> None:
    visitor, thief = visit(), visit()
    visitor.get("/sign-in")
    thief.cookies = dict(visitor.cookies)
    visitor.show_token(visitor.identity.issue("HR operations", Role.ADMIN, 600))
    assert visitor.cookies != thief.cookies
    assert thief.get(RECORD).status_code == 303
    # Whoever signs in again in the same browser ends the session before.
    thief.cookies = dict(visitor.cookies)
    form_token = form_token_of(visitor.get("/").text)
    token = visitor.identity.issue("S10442", Role.STAFF, 600)
    assert visitor.post("/sign-in", {"token": token, "form_token": form_token}).status_code == 303
    assert thief.get(RECORD).status_code == 303


def test_a_page_says_until_when_one_is_signed_in_and_warns_in_time(
    visitor: Visitor, service: HttpService
) -> None:
    begun = service.clock()
    visitor.show_token(visitor.identity.issue("HR operations", Role.ADMIN, 7200))
    page = visitor.get("/").text
    hour = [f"{in_london(begun + timedelta(hours=1, seconds=s)):%H:%M}" for s in (0, 30)]
    assert any(f"Signed in as HR operations, until {each}" in page for each in hour)
    assert "You will be signed out" not in page
    for minutes in (50, 100, 110):
        later = begun + timedelta(minutes=minutes)
        service.clock = partial(_same, later)
        page = visitor.get("/").text
    assert re.search(r"Signed in as HR operations, until (\d\d:\d\d)", page)
    ends = re.search(r"You will be signed out at (\d\d:\d\d)\.", page)
    hours = [f"{in_london(begun + timedelta(hours=2, seconds=s)):%H:%M}" for s in (-1, 30)]
    assert ends is not None
    assert ends[1] in hours
    assert f"until {ends[1]}" in page


def _same(instant: datetime) -> datetime:
    return instant


def test_who_comes_over_plain_http_from_elsewhere_cannot_sign_in(
    visit_from: Callable[[str], Visitor],
) -> None:
    for visitor, status in ((visit_from("192.0.2.7"), 403), (visit_from("127.0.0.1"), 200)):
        answer = visitor.get("/sign-in")
        assert answer.status_code == status
        assert ("Use an https address" in answer.text) is (status == 403)
    assert visit_from("192.0.2.7").post("/sign-in", {"token": "x"}).status_code == 403


def test_administrators_and_auditors_see_everybody(visit: Callable[[], Visitor]) -> None:
    for role in (Role.ADMIN, Role.AUDIT):
        visitor = visit().sign_in(role)
        assert visitor.get(RECORD).status_code == 200
        answer = visitor.get("/staff?staff_number=%20S10442%20")
        assert (answer.status_code, answer.headers["location"]) == (303, "/staff/S10442")


def test_a_member_of_staff_sees_their_own_record_alone(visitor: Visitor) -> None:
    visitor.sign_in(Role.STAFF, "S10442")
    assert visitor.get(RECORD).status_code == 200
    other = visitor.get("/staff/S10007")
    assert other.status_code == 404
    assert other.text == visitor.get("/staff/S99999").text
    # Neither does looking for a number tell whether it is on record.
    for number in ("S10007", "S99999"):
        answer = visitor.get(f"/staff?staff_number={number}")
        assert answer.status_code == 404
        assert f"{number} is not on record" in text_of(answer.text)


def test_a_number_that_is_linked_is_ones_own_as_well(
    visitor: Visitor, service: HttpService
) -> None:
    act = Act("hr", UUID(int=1))
    made = commands.link(
        service.office, act, staff_number="S1", other="S10442", reason="renumbered", basis=None
    )
    visitor.sign_in(Role.STAFF, "S1")
    assert visitor.get(RECORD).status_code == 200
    assert visitor.get("/staff?staff_number=S10442").headers["location"] == "/staff/S10442"
    assert visitor.get("/staff/S10007").status_code == 404
    undo = Act("hr", UUID(int=2))
    commands.unlink(
        service.office, undo, staff_number="S1", of=made.event_id, reason="not them", basis=None
    )
    assert visitor.get(RECORD).status_code == 404
    assert visitor.get("/staff?staff_number=S10442").status_code == 404


def test_a_representative_finds_nobody_who_has_not_appointed_them(visitor: Visitor) -> None:
    visitor.sign_in(Role.UNION, "N1")
    for number in ("S10442", "S99999"):
        assert visitor.get(f"/staff/{number}").status_code == 404
        assert visitor.get(f"/staff?staff_number={number}").status_code == 404


def test_a_panel_sees_no_page_of_a_record(visitor: Visitor) -> None:
    visitor.sign_in(Role.DISPUTE, "N1")
    assert visitor.get("/").headers["location"] == "/my-cases"
    refused = visitor.get(RECORD)
    assert refused.status_code == 403
    assert "open cases" in text_of(refused.text)


def test_whoever_sees_a_page_of_a_record_is_on_the_register(
    visitor: Visitor, service: HttpService
) -> None:
    visitor.sign_in(Role.AUDIT, "the auditors")
    assert visitor.get(RECORD).status_code == 200
    assert visitor.get("/staff/S10442?effective_at=never").status_code == 422
    assert visitor.get("/staff/S9").status_code == 404
    (read,) = service.register.of("S10442", limit=10)
    assert (read.subject, read.role, read.what) == (
        "the auditors",
        "audit",
        "/staff/{staff_number}",
    )
