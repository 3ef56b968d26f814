"""What the pages show, and how they tell what cannot be shown."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from tests.support.asking import Api, created
from tests.support.stamps import stamp
from tests.web.scene import CRC, LETTER, NPS, TRUST
from tests.web.visiting import Visitor, shown, text_of, title_of
from transfer.access.identity import Role
from transfer.api.http_service import HttpService
from transfer.app import Record
from transfer.commands import record as on_record
from transfer.commands.names import name
from transfer.commands.office import Act
from transfer.core.record.entries import Naming, Registration
from transfer.core.record.staff import PositionChanged, StaffRegistered
from transfer.core.words import (
    Basis,
    Facet,
    WindowKind,
)
from transfer.log.envelope import Command, RehearsalMark
from transfer.log.restorations import Restoration
from transfer.procedures.exercise.facts import ResponseRecorded

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("story")]


@pytest.fixture
def admin(visitor: Visitor) -> Visitor:
    """An administrator, signed in."""
    return visitor.sign_in()


def section(page: str, start: str, end: str) -> str:
    """What stands between two headings."""
    assert start in page, page
    return page.partition(start)[2].partition(end)[0]


# --- one person --------------------------------------------------------------------------------


def test_the_first_sentence_answers_the_question(admin: Visitor) -> None:
    for query, says in (
        (
            "effective_at=2014-03-31&known_at=2014-06-05",
            f"On 31 Mar 2014, as the record stood on 5 Jun 2014, S10442 worked for {TRUST} in "
            "Bournemouth as a Probation officer on band 4.",
        ),
        (
            "effective_at=2014-06-01&known_at=2014-06-10T14:02:00Z",
            f"On 1 Jun 2014, as the record stood on 10 Jun 2014 at 15:02, S10442 worked for {NPS}",
        ),
        (
            "effective_at=2014-06-01",
            f"On 1 Jun 2014, as the record stands now, S10442 worked for {NPS} in Bournemouth",
        ),
        (
            "effective_at=2999-06-01&known_at=2999-06-05",
            f"On 1 Jun 2999, as the record stands now, S10442 is to work for {NPS} in Bournemouth",
        ),
        (
            "effective_at=2008-01-01",
            "On 1 Jan 2008, as the record stands now, nobody employed S10442.",
        ),
    ):
        assert says in shown(admin, f"/staff/S10442?{query}")


def test_every_value_has_its_why_beside_it(admin: Visitor) -> None:
    page = shown(admin, "/staff/S10442?effective_at=1/6/2014&known_at=5+June+2014")
    position = page.partition("Position on 1 Jun 2014")[2]
    assert CRC in position
    assert "Entry 2: position changed, recorded 9 Jan 2014, 12:30 by HR operations" in position
    assert "“Assigned to the CRC”" in position
    assert "Put right by Entry 3: entry corrected, recorded 28 Jan 2014, 10:00" in position
    assert "“The transfer date was reset to 1 June 2014”" in position
    assert "Clause TR-03b of tr-2013 (read in a source)" in position
    assert "Document: Staff return of 30 October 2013" in position
    assert NPS not in position


def test_under_a_temporary_value_the_standing_one_is_shown(admin: Visitor) -> None:
    page = shown(admin, "/staff/S10442?effective_at=2014-06-01&known_at=2014-06-05")
    paid = section(page, "Paid band 5", "FTE")
    assert "from 1 Feb 2014 to the end of 30 Jun 2014, temporary, over a standing value" in paid
    assert "Paid band, standing beneath it 4" in paid


def test_terms_have_their_confidence(admin: Visitor) -> None:
    terms = shown(admin, "/staff/S10442/terms?effective_at=2014-06-01")
    assert "Pay protection" in terms
    assert "36 months" in terms
    assert "Clause TR-20 of tr-2013 (general knowledge, not read in a source)" in terms
    assert "No terms on that day." in shown(admin, "/staff/S10442/terms?effective_at=2013-06-01")


def test_a_later_correction_is_known_later_only(admin: Visitor) -> None:
    address = "/staff/S10442?effective_at=2014-06-01&known_at="
    before = section(shown(admin, f"{address}2014-06-10T14:01:59Z"), "Employer", "Unit")
    after = section(shown(admin, f"{address}2014-06-10T14:02:00Z"), "Employer", "Unit")
    assert before.startswith(f" {CRC} ")
    assert NPS not in before
    assert after.startswith(f" {NPS} ")
    assert f"Corrected: {CRC} → {NPS}, known since 10 Jun 2014, 15:02" in after
    assert f"Until 10 Jun 2014, 15:02 the record said: {CRC}" in after
    assert f"Before 1 Jun 2014: {TRUST}" in after


def test_corrected_stands_beside_a_value_that_a_correction_changed_alone(admin: Visitor) -> None:
    """The correction of 28 January moved the day; on 1 June its value is what it was."""
    query = "effective_at=2014-06-01&known_at=2014-06-05"
    assert "Corrected:" not in shown(admin, f"/staff/S10442?{query}")
    page = shown(admin, "/staff/S10442?effective_at=2014-06-01")
    assert page.count("Corrected:") == 1


def test_what_an_annulment_brought_back_says_so(admin: Visitor) -> None:
    page = shown(admin, "/staff/S10442?effective_at=2014-10-01")
    fte = section(page, "FTE", "Line manager")
    assert fte.startswith(" 1 ")
    assert "In force again. Entry 8: entry cancelled" in fte
    assert "“Entered for the wrong person”" in fte
    assert "Until 2 Sep 2014, 09:05 the record said: 0.6" in fte


def test_objections_stand_beside_what_they_are_to(admin: Visitor) -> None:
    as_admin = Api(admin.client, admin.identity, admin.identity.issue("HR", Role.ADMIN, 600))
    own = as_admin.token_for(Role.STAFF, "S10442")
    [entry] = [
        item["event_id"]
        for item in as_admin.get("/staff/S10442/history").json()["items"]
        if item["version"] == 4
    ]
    body = {"of": entry, "statement": "I was promised band 6"}
    objected = created(as_admin.post("/staff/S10442/objections", body, token=own))
    address = "/staff/S10442?effective_at=2014-06-01"
    paid = section(shown(admin, address), "Paid band 5", "standing beneath it")
    assert "Objected to" in paid
    assert "“I was promised band 6”. Not answered yet." in paid
    answered = as_admin.post(
        f"/staff/S10442/objections/{objected['event_id']}/answer",
        {"outcome": "maintained", "reason": "The panel offered band 5"},
    )
    assert answered.status_code == 201, answered.text
    paid = section(shown(admin, address), "Paid band 5", "standing beneath it")
    assert "Maintained" in paid
    assert "“The panel offered band 5”" in paid


def test_another_number_of_the_same_person_is_one_step_away(admin: Visitor) -> None:
    as_admin = Api(admin.client, admin.identity, admin.identity.issue("HR", Role.ADMIN, 600))
    body = {"other": "S10007", "reason": "Registered twice in 2013"}
    created(as_admin.post("/staff/S10442/links", body))
    answer = admin.get("/staff/S10442?effective_at=2014-06-01")
    assert "The same person is on record as S10007" in text_of(answer.text)
    assert "“Registered twice in 2013”" in text_of(answer.text)
    assert 'href="/staff/S10007?effective_at=2014-06-01"' in answer.text


def test_differences_name_their_causes(admin: Visitor) -> None:
    address = "/staff/S10442/compare?effective_at=2014-06-01"
    for known, compared in (("2014-06-05", "2014-06-20"), ("2014-06-20", "2014-06-05")):
        page = shown(admin, f"{address}&known_at={known}&compared_with={compared}")
        found = section(page, "of every assignment.", "Link to exactly")
        assert "Employer" in found
        assert "Band" not in found
        assert found.index(CRC) < found.index(NPS)
        assert "Entry 6: entry corrected, recorded 10 Jun 2014, 15:02 by HR operations" in found
        assert "“Appeal upheld by the panel of 9 June 2014”; it corrects Entry 2" in found
        assert "document: Panel decision D-17" in found


def test_where_nothing_differs_it_says_so(admin: Visitor) -> None:
    address = "/staff/S10442/compare?effective_at=2010-01-01"
    known = "known_at=2014-06-05&compared_with=2014-06-20"
    assert "Nothing reads differently." in shown(admin, f"{address}&{known}")
    assert "Give another day" in shown(admin, address)
    assert "Every value is the same on both days." in shown(admin, f"{address}&and_on=2010-02-01")


def test_two_days_are_compared_as_the_record_stood_then(admin: Visitor) -> None:
    address = "/staff/S10442/compare?effective_at=2014-01-01&and_on=2014-06-01"
    page = section(shown(admin, f"{address}&known_at=2014-06-05"), "Jun 2014 Employer", "Link to")
    assert f"{TRUST} 1 Jun 2014{CRC}" in page
    assert "Paid band 1 Jan 20144 1 Jun 20145" in page
    assert "Pay protection 1 Jan 2014no value 1 Jun 201436 months" in page
    assert "Unit" not in page


def test_the_picture_has_its_table_and_marks_the_area_that_was_asked_about(admin: Visitor) -> None:
    answer = admin.get("/staff/S10442/explain?effective_at=2014-06-01&known_at=2014-06-05")
    assert answer.text.count("<svg") == 1
    assert "Employer of S10442 on the two clocks" in answer.text
    areas = section(text_of(answer.text), "The same as a table", "Link to exactly")
    assert areas.count(TRUST) == 3
    assert f"{CRC} asked" in areas
    assert "until 28 Jan 2014, 10:00, when it was corrected" in areas


def test_the_picture_can_be_of_any_facet_or_term(admin: Visitor) -> None:
    page = admin.get("/staff/S10442/explain?picture=fte").text
    areas = section(text_of(page), "The same as a table", "Link to exactly")
    assert "0.6" in areas
    assert "until 2 Sep 2014, 09:05, when it was corrected" in areas
    page = admin.get("/staff/S10442/explain?picture=term%3Apay+protection").text
    assert "The two clocks: Pay protection" in text_of(page)
    assert re.search(r'<option value="term:pay protection" selected>', page)


def test_the_history_is_told_in_sentences_the_newest_first(admin: Visitor) -> None:
    page = shown(admin, "/staff/S10442/history")
    assert "As the record stands now, there are 8 entries about S10442; the newest first." in page
    last, sixth = page.index("Entry cancelled"), page.index("Employer: Dorset, Devon")
    assert last < sixth
    assert f"Employer: {CRC} → {NPS}, from 1 Jun 2014 onward" in page
    assert "Recorded 10 Jun 2014, 15:02 by HR operations" in page
    assert "Why: “Appeal upheld by the panel of 9 June 2014”" in page
    assert "It is about Entry 2." in page
    assert "Cancelled by Entry 8." in page
    assert "Document: Panel decision D-17" in page


def test_the_history_has_a_picture_with_a_lane_for_each_entry_that_is_shown(admin: Visitor) -> None:
    page = admin.get("/staff/S10442/history").text
    drawn = page.partition("<svg")[2].partition("</svg>")[0]
    assert "8 recorded changes, the newest first." in drawn
    assert "Employer: NPS South West and South Central" in drawn


def test_the_history_as_it_stood_has_nothing_that_came_later(admin: Visitor) -> None:
    page = shown(admin, "/staff/S10442/history?known_at=2014-06-05")
    assert "As the record stood on 5 Jun 2014, there are 5 entries about S10442" in page
    assert "Corrected by Entry 3." in page
    assert NPS not in page
    assert "Entered for the wrong person" not in page


def test_a_long_history_is_shown_a_page_at_a_time(admin: Visitor, record: Record) -> None:
    facts = [
        PositionChanged(
            effective_from=date(2017, 1, 1) + timedelta(days=n),
            changes={Facet.BAND: str(n), Facet.UNIT: "Bournemouth and Poole"},
            reason="The grading panel of Dorset Probation Trust looked at the post again",
            basis=LETTER,
        )
        for n in range(1499)
    ]
    for n in range(0, len(facts), 100):
        some = [("staff:S1", n + 1, fact) for fact in facts[n : n + 100]]
        record.log.append(some, Command(UUID(int=100 + n), "HR", b""))
    record.runner.catch_up()
    newest = admin.get("/staff/S1/history")
    assert "there are 1500 entries" in text_of(newest.text)
    assert 'id="entry-1500"' in newest.text
    assert 'id="entry-1451"' in newest.text
    assert 'id="entry-1450"' not in newest.text
    older = re.search(r'rel="next" href="([^"]+)"|href="([^"]+)" rel="next"', newest.text)
    assert older is not None
    page = admin.get((older[1] or older[2]).replace("&amp;", "&"))
    assert 'id="entry-1450"' in page.text
    assert 'rel="prev"' in page.text
    assert 'id="entry-1"' in admin.get("/staff/S1/history?entry=20").text
    for tab in ("", "/history", "/terms", "/compare?compared_with=2014-01-01", "/explain"):
        size = len(admin.get(f"/staff/S1{tab}").content)
        assert size < 300_000, (tab, size)
    assert "There is no such entry." not in text_of(newest.text)


@pytest.mark.parametrize("tab", ["", "/history", "/terms", "/compare", "/explain", "/contested"])
def test_three_inputs_of_a_day_lead_to_its_address(admin: Visitor, tab: str) -> None:
    parts = "known_at-day=5&known_at-month=6&known_at-year=2014"
    answer = admin.get(f"/staff/S10442{tab}?{parts}")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/staff/S10442{tab}?known_at=2014-06-05"
    wrong = admin.get(f"/staff/S10442{tab}?known_at-day=31&known_at-month=2&known_at-year=2014")
    assert wrong.status_code == 422
    says = "There is a problem As the record stood on must be a real date, like 31 3 2014"
    assert says in text_of(wrong.text)
    assert 'href="#known_at-day"' in wrong.text
    assert re.search(r'id="known_at-day"[^>]* value="31"', wrong.text)


def test_an_entry_that_states_no_value_says_what_it_holds(admin: Visitor, record: Record) -> None:
    fact = ResponseRecorded(
        **stamp("exercise:tr-2013.dorset", Basis(clause="TR-10"), date(2013, 12, 27)),
        window="response",
        kind=WindowKind.RESPONSE,
        response="rights-reserved",
        in_time=True,
    )
    command = Command(UUID(int=2), "HR operations", b"")
    record.log.append([("staff:S1", 1, fact)], command)
    record.runner.catch_up()
    entries = section(shown(admin, "/staff/S1/history"), "and says so.", "Staff registered")
    assert "Response recorded" in entries
    assert "answered: rights reserved" in entries
    assert "Clause TR-10" in entries


def test_a_long_table_is_folded(admin: Visitor, record: Record) -> None:
    for n in range(12):
        fact = PositionChanged(
            effective_from=date(2017, 1, 1) + timedelta(days=n),
            changes={Facet.BAND: str(n)},
            reason="r",
        )
        record.log.append([("staff:S1", n + 1, fact)], Command(UUID(int=100 + n), "HR", b""))
    record.runner.catch_up()
    page = admin.get("/staff/S1/explain?picture=band").text
    assert "The same as a table: 23 areas" in page
    assert "areas</span>" not in admin.get("/staff/S1/explain?picture=unit").text


def test_several_jobs_are_shown_one_at_a_time(admin: Visitor) -> None:
    assert "One of several jobs" not in shown(admin, "/staff/S10442")
    main = shown(admin, "/staff/S10007?effective_at=2014-06-01")
    other = shown(admin, "/staff/S10007?effective_at=2014-06-01&assignment=evening-court")
    assert TRUST in section(main, "Employer", "Unit")
    assert CRC in section(other, "Employer", "FTE")


def test_the_link_to_exactly_this_answer_stays_true(admin: Visitor) -> None:
    page = admin.get("/staff/S10007").text
    found = re.search(r'href="([^"]*)">Link to exactly this answer', page)
    assert found is not None
    address = found[1].replace("&amp;", "&")
    assert re.search(r"known_at=2016-03-01T09%3A00%3A00.000000Z", address)
    assert admin.get(address).status_code == 200


def test_a_day_before_the_first_has_no_position(admin: Visitor) -> None:
    assert "No position on that day." in shown(admin, "/staff/S10442?effective_at=2008-01-01")


def test_a_value_is_text_whatever_is_in_it(admin: Visitor, record: Record) -> None:
    hostile = "<script>alert(1)</script>"
    fact = StaffRegistered(
        staff_number="S666",
        effective_from=datetime(2014, 1, 1, tzinfo=UTC).date(),
        position={Facet.EMPLOYER: hostile, Facet.UNIT: '"><img src=x>'},
    )
    record.log.append([("staff:S666", 0, fact)], Command(UUID(int=1), hostile, b""))
    record.runner.catch_up()
    page = admin.get("/staff/S666").text
    assert "<script" not in page
    assert "<img" not in page
    assert hostile in text_of(page)


# --- what cannot be shown ----------------------------------------------------------------------


def test_a_date_that_is_none_is_told_beside_its_field(admin: Visitor) -> None:
    answer = admin.get("/staff/S10442?effective_at=31/02/2014&known_at=yesterday")
    assert answer.status_code == 422
    page = text_of(answer.text)
    assert page.startswith(
        "There is a problem In force on must be a real date, like 31 3 2014 "
        "As the record stood on must be a real date"
    )
    assert 'href="#effective_at-day"' in answer.text
    assert title_of(answer.text) == "Error: S10442 - transfer"
    assert "Position on" not in page


@pytest.mark.parametrize(
    "query", ["efective_at=2014-06-01", "known_at=2014-01-01&known_at=2015-01-01"]
)
def test_an_address_that_nobody_could_mean_is_refused(admin: Visitor, query: str) -> None:
    answer = admin.get(f"/staff/S10442?{query}")
    assert answer.status_code == 422
    assert "The address asks for something that cannot be" in text_of(answer.text)


@pytest.mark.parametrize("query", ["picture=salary", "picture=%EF%BF%BD", "assignment=%21"])
def test_a_choice_that_is_not_on_the_list_is_told_beside_it(admin: Visitor, query: str) -> None:
    assert "There is a problem Choose one of" in shown(admin, f"/staff/S10442/explain?{query}", 422)


def test_a_person_who_is_not_on_record(admin: Visitor) -> None:
    assert "S9 is not on record: check the staff number" in shown(admin, "/staff/S9", 404)
    assert "Not on record" in shown(admin, "/staff/%21", 404)
    page = shown(admin, "/staff?staff_number=S9", 404)
    assert "There is a problem S9 is not on record" in page
    assert "There is a problem Enter a staff number" in shown(admin, "/staff?staff_number=", 422)
    assert "is not on record" in shown(admin, "/staff?staff_number=no%20such%20number", 404)


def test_a_person_whom_the_record_did_not_know_yet(admin: Visitor) -> None:
    page = shown(admin, "/staff/S1?known_at=2014-01-01", 404)
    assert "Not on record then" in page
    assert "the first entry was recorded at 1 Mar 2016, 09:00" in page
    assert "Position on" not in page


def test_an_unknown_address_is_a_page_for_a_browser_and_a_problem_for_a_program(
    admin: Visitor,
) -> None:
    assert "There is no such page" in shown(admin, "/nowhere", 404)
    for address, accept in (("/nowhere", "*/*"), ("/v1/nowhere", "text/html")):
        answer = admin.get(address, accept)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


def test_an_address_that_only_takes_forms_is_no_fault(
    admin: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    answer = admin.get("/sign-out")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert "There is no page at this address" in text_of(answer.text)
    assert "a fault" not in caplog.text


def test_a_read_model_that_has_stopped_is_told_with_the_way_on(
    admin: Visitor, service: HttpService, record: Record
) -> None:
    with record.log.connection() as conn:
        conn.execute(
            "UPDATE projection_positions SET failed_event = %s, failure = 'x',"
            " recorded_at = '2014-01-01' WHERE name = 'position'",
            (UUID(int=1),),
        )
    service.acknowledge(datetime(2016, 3, 1, 9, tzinfo=UTC))
    answer = admin.get("/staff/S10442")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert "Nothing is lost. Wait a few seconds" in text_of(answer.text)


def test_a_fault_is_told_without_its_inside(
    admin: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def burst(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr("transfer.web.everyone.record.rectangles", burst)
    answer = admin.get("/staff/S10442/explain")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Something went wrong here" in text_of(answer.text)
    assert "a secret of the inside" in caplog.text


def test_the_name_is_that_of_the_day_and_stands_in_no_title(
    admin: Visitor, service: HttpService, record: Record
) -> None:
    registration = Registration(
        staff_number="S77", effective_from=date(2014, 1, 1), position={Facet.EMPLOYER: TRUST}
    )
    office = service.office
    on_record.register(
        office, Act("hr", UUID(int=71)), registration, personal={"name": "Ann Marsh"}
    )
    married = Naming(effective_from=date(2014, 6, 1), reason="deed poll")
    name(office, Act("hr", UUID(int=72)), "S77", married, "Ann Otzi")
    record.runner.catch_up()
    before = shown(admin, "/staff/S77?effective_at=2014-05-31")
    assert "Name on that day: Ann Marsh" in before
    entries = shown(admin, "/staff/S77/history")
    assert "Name: Ann Otzi" in section(entries, "Staff named", "Staff registered")
    assert "Commitment" not in entries
    after = admin.get("/staff/S77?effective_at=2014-06-01")
    assert "Name on that day: Ann Otzi" in text_of(after.text)
    assert title_of(after.text) == "S77 - transfer"


# --- every page --------------------------------------------------------------------------------

PAGES = {
    "/": 200,
    "/staff/S10442": 200,
    "/staff/S9": 404,
    "/nowhere": 404,
    "/staff?staff_number=": 422,
}


def test_no_page_needs_a_script_and_none_may_be_framed_or_kept(admin: Visitor) -> None:
    for address, status in PAGES.items():
        answer = admin.get(address)
        assert answer.status_code == status
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "script" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"<script|\sstyle=|\son[a-z]+=", answer.text)


def test_what_pages_refer_to_is_there_and_may_be_kept(visitor: Visitor) -> None:
    page = visitor.get("/sign-in").text
    found = re.findall(r'<link rel="\w+" href="(/assets/[^"]+)"', page)
    assert len(found) == 2
    for address in found:
        answer = visitor.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert "set-cookie" not in answer.headers


def test_a_rehearsed_record_says_so_on_every_page(admin: Visitor, service: HttpService) -> None:
    assert "Rehearsed" not in admin.get("/").text
    service.rehearsal = RehearsalMark("tr-2013", datetime(2014, 10, 31, tzinfo=UTC))
    for address, status in PAGES.items():
        answer = admin.get(address)
        assert answer.status_code == status
        assert "Rehearsed (tr-2013): simulated, and no evidence of anything." in answer.text
    assert "On 31 Oct 2014" in text_of(admin.get("/staff/S10442").text)


def test_a_page_of_what_a_restoration_lost_says_so(admin: Visitor, service: HttpService) -> None:
    lost = Restoration(
        restored_at=datetime(2014, 6, 20, 9, tzinfo=UTC),
        backup="20140601T020000Z-5",
        position=5,
        known_at=datetime(2014, 6, 5, 11, 30, tzinfo=UTC),
        lost_events=None,
        lost_until=None,
    )
    says = (
        "The record was restored from a backup on 20 Jun 2014, 10:00, to its state of 5 Jun 2014, "
        "12:30. Anything recorded in between is lost, and this page may have shown more."
    )
    person = "/staff/S10442"
    for restorations, query, is_said in (
        ((), "?known_at=2014-06-10", False),
        ((lost,), "?known_at=2014-06-10", True),
        ((lost,), "?known_at=2014-06-04", False),
        ((lost,), "?known_at=2014-06-30", False),
        ((lost,), "/compare?known_at=2014-06-30&compared_with=2014-06-10T14:02:00Z", True),
        ((lost,), "", False),
        ((replace(lost, known_at=None),), "?known_at=2014-06-04", None),
    ):
        service.restorations = restorations
        page = " ".join(admin.get(f"{person}{query}").text.split())
        assert (says in page) is bool(is_said)
        if is_said is None:
            assert "20 Jun 2014, 10:00, to its beginning. Anything recorded in between" in page
    # Nothing was recorded since the restoration: what is known now is what was restored.
    service.restorations = (replace(lost, restored_at=datetime(2099, 6, 20, 9, tzinfo=UTC)),)
    for query, is_said in (
        ("", True),
        ("/history", True),
        ("?known_at=2014-06-04", False),
        ("?known_at=2099-06-20", True),  # the end of that day
        ("?known_at=2099-06-19", True),
    ):
        page = " ".join(admin.get(f"{person}{query}").text.split())
        assert ("was restored from a backup on 20 Jun 2099" in page) is is_said


def test_titles_hold_ids_alone(admin: Visitor) -> None:
    assert title_of(admin.get("/").text) == "Home - transfer"
    assert title_of(admin.get("/staff").text) == "Find a person - transfer"
    assert title_of(admin.get("/staff/S10442").text) == "S10442 - transfer"


def test_a_member_of_staff_reads_on_their_page_what_an_administrator_reads(
    visitor: Visitor,
) -> None:
    address = "/staff/S10442?effective_at=2014-06-01"
    own = shown(visitor.sign_in(Role.STAFF, "S10442"), address)
    theirs = shown(visitor.sign_in(Role.ADMIN), address)
    may_enter = "Change Correct Record a leaving Grant, vary or end a term "
    assert may_enter in theirs
    assert own == theirs.replace(may_enter, "")
