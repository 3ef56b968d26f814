"""The pages for members of staff: their record, what they may do, who has read it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.support.asking import created
from tests.support.practised import EXERCISE, Practised, consult, to_the_letters
from tests.web.visiting import Visitor, form_token_of, shown, text_of, title_of
from transfer.access.identity import Role

pytestmark = pytest.mark.engines

RECORD, CHALLENGE, READS = "/my-record", "/my-record/challenge", "/who-read-my-record"
CHOICES = "/my-choices"
APPEAL = f"{CHOICES}/appeal?exercise=tr"
PAGES = (RECORD, CHALLENGE, READS, CHOICES, f"{CHOICES}/appoint")
LETTER = date(2013, 12, 2)


def sent(visitor: Visitor, address: str, **fields: str) -> tuple[int, str]:
    """What a form leads to: its status, and what can be read or where it leads."""
    token = form_token_of(visitor.get(address).text)
    answer = visitor.post(address, {"form_token": token, **fields})
    return answer.status_code, answer.headers.get("location") or text_of(answer.text)


def test_each_page_is_for_members_of_staff_alone(
    played: Practised, window: Callable[[], Visitor]
) -> None:
    played.register("S1")
    for page in PAGES:
        assert window().get(page).status_code == 303
        for role in (Role.ADMIN, Role.AUDIT, Role.UNION, Role.DISPUTE):
            assert window().sign_in(role).get(page).status_code == 403
        mine = window().sign_in(Role.STAFF, "S1").get(page)
        assert mine.status_code == 200
        assert "S1" not in title_of(mine.text)
        nobody = window().sign_in(Role.STAFF, "S9").get(page)
        assert nobody.status_code == 404
        assert "Nothing is on record under your staff number, S9." in text_of(nobody.text)


def test_my_record_says_where_i_work_under_what_terms_and_until_when(
    played: Practised, member: Visitor
) -> None:
    played.register("S1", fte="0.8", line_manager="S7")
    term = {"term": "pay protection", "value": "36 months", "effective_from": "2013-10-01"}
    created(played.api.post("/staff/S1/terms", {**term, "reason": "agreed"}))
    change = {"effective_from": "2014-02-01", "changes": {"band": "5"}, "reason": "Promoted"}
    created(played.api.post("/staff/S1/changes", change))
    leaving = {"effective_from": "2015-01-01", "reason": "Resigned"}
    created(played.api.post("/staff/S1/leavings", leaving))
    page = shown(member, RECORD)
    for says in (
        "On 11 Nov 2013, you work for London Probation Trust, in Camden, as a Probation officer "
        "on band 4.",
        "You work 0.8 of full time.",
        "Your line manager has the staff number S7.",
        "Something changes on 1 Feb 2014.",
        "From 1 Feb 2014, your band is 5.",
        "nobody employs you any more: 31 Dec 2014 is the last day",
        "Pay protection is 36 months, from 1 Oct 2013 onward.",
        "You have no deadline now.",
        "No exercise covers you, so there is no letter.",
    ):
        assert says in page
    assert "00:00" not in page


def test_my_record_has_my_letters_and_my_next_deadline(played: Practised, member: Visitor) -> None:
    to_the_letters(played)
    consult(played)
    assert "No letter has been sent to you yet." in shown(member, RECORD)
    played.to(LETTER)
    page = shown(member, RECORD)
    assert "You may answer your letter until the end of 9 Dec 2013 (7 days left)." in page
    assert "It becomes final on 17 Dec 2013. You are to move on 1 Jun 2014." in page
    assert "Letter of assignment, sent on 2 Dec 2013: you are to go to" in page
    own = played.token("S1", Role.STAFF)
    reply = {"staff_number": "S1", "answer": "acknowledged"}
    created(played.act(EXERCISE, "record-answer", reply, token=own))
    appeal = {"exercise": "tr", "staff_number": "S1", "grounds": "so"}
    created(played.begin("appeal", appeal, token=own))
    page = shown(member, RECORD)
    assert "You have no deadline now." in page
    assert "A panel has to decide on your appeal, by the end of 2 Jan 2014." in page


def test_an_entry_is_challenged_checked_and_recorded_once(
    played: Practised, member: Visitor
) -> None:
    played.register("S1")
    (entry,) = (each["event_id"] for each in played.read("/staff/S1/history")["items"])
    assert "Entry 1: Staff registered" in shown(member, CHALLENGE)
    status, page = sent(member, CHALLENGE, of="", statement=" ")
    assert status == 422
    assert "There is a problem Choose the entry that you challenge" in page
    assert "Say what is wrong with the entry" in page
    assert sent(member, CHALLENGE, of=entry, statement="x" * 4_001)[0] == 422
    assert sent(member, CHALLENGE, of=entry, statement="a\x00b")[0] == 422
    typed = {"of": entry, "statement": "I am on band 5"}
    status, page = sent(member, CHALLENGE, **typed)
    assert (status, "Nothing is recorded yet." in page) == (200, True)
    assert played.read("/staff/S1/objections")["items"] == []
    status, page = sent(member, CHALLENGE, **typed, then="change")
    assert "Which entry is wrong?" in page
    for _ in range(2):  # pressed twice
        status, where = sent(member, CHALLENGE, **typed, then="record", key="k1")
        assert (status, where) == (303, "/my-record?done=challenged")
    (found,) = played.read("/staff/S1/objections")["items"]
    assert (found["of"], found["statement"], found["recorded_by"]) == (
        entry,
        "I am on band 5",
        "S1",
    )
    page = shown(member, where)
    assert "Your challenge is on record." in page
    assert "“I am on band 5” Your employer has not answered yet." in page
    answer = {"outcome": "maintained", "reason": "the panel looked"}
    created(played.api.post(f"/staff/S1/objections/{found['event_id']}/answer", answer))
    assert "the entry stays, “the panel looked”." in shown(member, RECORD)


def test_nobody_elses_entry_can_be_challenged(played: Practised, member: Visitor) -> None:
    played.register("S1")
    played.register("S2")
    (other,) = (each["event_id"] for each in played.read("/staff/S2/history")["items"])
    assert sent(member, CHALLENGE, of=other, statement="so", then="record")[0] == 422
    fields = {"form_token": "0" * 64, "of": other, "statement": "so", "then": "record"}
    assert member.post(CHALLENGE, fields).status_code == 403
    assert played.read("/staff/S2/objections")["items"] == []


def test_who_has_read_my_record_when_which_dates_and_why(
    played: Practised, member: Visitor, window: Callable[[], Visitor]
) -> None:
    played.register("S1")
    assert "Nobody has read your record since" in shown(member, READS)
    shown(member, RECORD)
    assert "it was you who read your record." in shown(member, READS)
    answer = played.api.get("/staff/S1/position", {"effective_at": "2013-01-01"})
    assert answer.status_code == 200
    window().sign_in(Role.AUDIT, "the auditors").get("/staff/S1")
    page = shown(member, READS)
    assert "Somebody else last read your record on" in page
    assert ": the auditors, as an auditor." in page
    assert "your position and terms" in page
    assert "on 1 Jan 2013, as known at" in page
    assert "no reason given" in page


def test_a_read_is_questioned_and_the_answer_stands_beside_it(
    played: Practised, member: Visitor, window: Callable[[], Visitor]
) -> None:
    played.register("S1")
    shown(member, RECORD)
    assert "Question it" not in shown(member, READS)  # nobody else has read it
    window().sign_in(Role.AUDIT, "the auditors").get("/staff/S1")
    page = member.get(READS).text
    where = page.partition('href="/who-read-my-record/question?read=')[2].partition('"')[0]
    question = f"{READS}/question?read={where}"
    assert "the auditors (an auditor), your whole record, on a page" in shown(member, question)
    for typed, wrong in (
        (" ", "Say what you want to know"),
        ("x" * 4_001, "Say it in 4,000 characters or fewer"),
        ("a\x00b", "holds a character that cannot be kept"),
    ):
        status, page = sent(member, question, statement=typed)
        assert (status, wrong in page) == (422, True)
    for _ in range(2):  # pressed twice
        token = form_token_of(member.get(RECORD).text)
        done = member.post(question, {"form_token": token, "statement": "Why?"})
        assert done.headers["location"] == "/who-read-my-record?done=questioned"
    assert "“Why?”. Not answered yet." in shown(member, f"{READS}?done=questioned")
    answer = {"answer": "A yearly check."}
    created(played.api.post(f"/staff/S1/reads/{where}/answer", answer))
    assert "“A yearly check.”" in shown(member, READS)
    assert "You have asked about this read already." in shown(member, question)
    other = window().sign_in(Role.STAFF, "S1")
    assert other.get(f"{READS}/question?read=999999").status_code == 404
    assert other.get(f"{READS}/question?read={2**70}").status_code == 404


def test_the_reads_come_a_page_at_a_time(
    played: Practised, member: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transfer.web.staff.who_read.ON_A_PAGE", 2)
    played.register("S1")
    for _ in range(3):
        shown(member, RECORD)
    first = member.get(READS).text
    assert first.count("the page “My record”") == 2
    where = first.partition('href="/who-read-my-record?')[2].partition('"')[0]
    second = member.get(f"{READS}?{where}").text
    assert second.count("the page “My record”") == 1
    assert "Earlier reads" not in second
    assert member.get(f"{READS}?cursor=x").status_code == 422


# --- choices --------------------------------------------------------------------------------------


def letters_out(played: Practised) -> None:
    """The letters of 2 December 2013 have gone out."""
    to_the_letters(played)
    consult(played)
    played.to(LETTER)


def test_my_choices_say_until_when_and_what_happens_if_i_do_nothing(
    played: Practised, member: Visitor
) -> None:
    played.register("S5")
    to_the_letters(played)
    consult(played)
    assert "No letter has been sent to you yet." in shown(member, CHOICES)
    played.to(LETTER)
    page = shown(member, CHOICES)
    for says in (
        "You may answer your letter until the end of 9 Dec 2013 (7 days left).",
        "Appeal against where you are to go Last day16 Dec 2013 If I do nothingIt becomes final "
        "that you go to Community Rehabilitation Company, and you move on 1 Jun 2014. "
        "Where it stands14 days left Appeal",
        "Object to the transfer Last daybefore 1 Jun 2014",
        "Nobody acts for you.",
    ):
        assert says in page
    played.to(date(2013, 12, 3))
    longer = {"group": "LDN", "window": "appeal", "until": "2013-12-20", "reason": "late post"}
    created(played.act(EXERCISE, "move-window", longer))
    page = shown(member, CHOICES)
    assert "20 Dec 2013 16 Dec 2013, by the letter, known 2 Dec 2013, 12:00" in page
    assert "20 Dec 2013, moved for your group, known 3 Dec 2013, 12:00" in page


def test_an_appeal_is_asked_for_checked_and_lodged_once(played: Practised, member: Visitor) -> None:
    letters_out(played)
    assert "A panel decides on your appeal." in shown(member, APPEAL)
    status, page = sent(member, APPEAL, then="check", grounds=" ")
    assert (status, "There is a problem Fill in “Grounds of the appeal”" in page) == (422, True)
    grounds = "The caseload was counted on the wrong day"
    status, page = sent(member, APPEAL, then="check", grounds=grounds)
    assert status == 200
    assert "Nothing is recorded yet." in page
    assert grounds in page
    assert "Appeals; a panel decides by 2 Jan 2014" in page
    assert played.read("/staff/S1/appeals")["items"] == []
    for _ in range(2):  # pressed twice
        done = sent(member, APPEAL, then="do", grounds=grounds, key="k1")
        assert done == (303, "/my-choices?done=appeal")
    (appeal,) = played.read("/staff/S1/appeals")["items"]
    assert (appeal["treatment"], appeal["lodged_on"]) == ("lodged", "2013-12-02")
    page = shown(member, "/my-choices?done=appeal")
    assert "Your appeal is lodged. A panel decides by 2 Jan 2014." in page
    assert "You appealed on 2 Dec 2013: a panel decides by the end of 2 Jan 2014." in page
    second = sent(member, APPEAL, then="check", grounds="again")
    assert "This is on record already: nothing more would be recorded." in second[1]
    withdraw = f"{CHOICES}/withdraw-appeal?id=tr.S1.1"
    assert "Check before you confirm" in shown(member, withdraw)
    assert sent(member, withdraw, then="do", key="k2") == (
        303,
        "/my-choices?done=withdraw-appeal",
    )
    assert "You appealed on 2 Dec 2013: you withdrew it." in shown(member, CHOICES)


def test_an_appeal_that_comes_late_is_said_to_be_late(played: Practised, member: Visitor) -> None:
    letters_out(played)
    played.to(date(2013, 12, 20))
    page = shown(member, CHOICES)
    assert "The last day has passed Appeal all the same, late" in page
    _, page = sent(member, APPEAL, then="check", grounds="so")
    assert "Appeals too late: the last day was 16 Dec 2013" in page
    sent(member, APPEAL, then="do", grounds="so", key="k1")
    page = shown(member, "/my-choices?done=appeal")
    assert "Your appeal came after the last day and was refused for that" in page


def test_a_letter_is_answered_in_the_words_of_its_rules(played: Practised, member: Visitor) -> None:
    letters_out(played)
    answer = f"{CHOICES}/answer?exercise=tr&window=response"
    assert "I have received the letter, and reserve my rights" in shown(member, answer)
    assert sent(member, answer, then="check")[0] == 422
    assert sent(member, answer, then="check", answer="accept")[0] == 422
    done = sent(member, answer, then="do", answer="rights-reserved", key="k")
    assert done == (303, "/my-choices?done=answer")
    page = shown(member, CHOICES)
    assert "You did on 2 Dec 2013: I have received the letter, and reserve my rights" in page


def test_who_objects_is_warned_and_may_withdraw(played: Practised, member: Visitor) -> None:
    letters_out(played)
    object_ = f"{CHOICES}/object?exercise=tr"
    assert "Your employment ends with the day of the transfer" in shown(member, object_)
    sent(member, object_, then="do", told_to="transferor", key="k")
    page = shown(member, CHOICES)
    assert (
        "your employment ends on 1 Jun 2014, the day of the transfer, unless you withdraw" in page
    )
    back = f"{CHOICES}/withdraw-objection?exercise=tr"
    sent(member, back, then="do", told_to="transferor", key="k")
    assert "You have not objected" in shown(member, CHOICES)


def test_a_representative_is_appointed_and_dismissed(played: Practised, member: Visitor) -> None:
    played.register("S1")
    appoint = f"{CHOICES}/appoint"
    status, page = sent(member, appoint, then="check", representative="rep-1")
    assert (status, "Choose an answer for “What they may do”" in page) == (422, True)
    typed = {
        "representative": "rep-1",
        "scope-record": "yes",
        "scope-procedures": "yes",
        "effective_from-day": "11",
        "effective_from-month": "11",
        "effective_from-year": "2013",
    }
    status, page = sent(member, appoint, then="check", **typed)
    assert status == 200
    assert "What they may do Read my record Act in procedures, such as an appeal" in page
    assert "First day 11 Nov 2013" in page
    assert sent(member, appoint, then="do", key="k", **typed)[0] == 303
    assert (
        "rep-1, from 11 Nov 2013 onward: read my record, act in procedures, such as an appeal."
        in shown(member, CHOICES)
    )
    early = {**typed, "representative": "rep-2", "effective_from-year": "2012"}
    status, page = sent(member, appoint, then="check", **early)
    assert (status, "This cannot be done" in page) == (409, True)
    assert "is 11 Nov 2012: nobody is appointed for days before the appointment" in page
    dismiss = f"{CHOICES}/dismiss?id=S1.1"
    sent(member, dismiss, then="do", key="k")
    assert "You dismissed them on 11 Nov 2013." in shown(member, CHOICES)


def test_nobody_acts_for_somebody_else(
    played: Practised, member: Visitor, window: Callable[[], Visitor]
) -> None:
    letters_out(played)
    other = window().sign_in(Role.STAFF, "S2")
    sent(other, APPEAL, then="do", grounds="so", key="k")
    assert member.get(f"{CHOICES}/withdraw-appeal?id=tr.S2.1").status_code == 404
    # Whom it is for is no field of the form: what is sent of it counts for nothing.
    sent(member, APPEAL, then="do", grounds="so", key="k", staff_number="S2", exercise="other")
    assert len(played.read("/staff/S2/appeals")["items"]) == 1
    assert len(played.read("/staff/S1/appeals")["items"]) == 1
    for address in ("/my-choices/become-director", "/my-choices/answer?exercise=tr&window=none"):
        assert member.get(address).status_code == 404
    assert member.get(f"{APPEAL}&staff_number=S2").status_code == 422
    assert member.get("/my-choices/appeal?exercise=none").status_code == 200
    assert sent(member, "/my-choices/appeal?exercise=none", then="check", grounds="so")[0] == 404


def test_the_person_sees_whom_something_on_record_let_in_on_a_day(
    played: Practised, member: Visitor
) -> None:
    played.register("S1")
    could = "/who-could-read-my-record"
    assert f'href="{could}"' in member.get(READS).text
    assert "nobody was appointed for you" in shown(member, could)
    id_ = played.appoint("S1", "record", representative="rep-1")["id"]
    page = shown(member, could)
    assert "1 representative or member of a panel could read your record; none of them did" in page
    assert f"Reference {id_}" in page
    assert "your appointment, from 11 Nov 2013 onward" in page
    before = member.get(f"{could}?on-day=10&on-month=11&on-year=2013")
    assert before.headers["location"] == f"{could}?on=2013-11-10"
    assert "On 10 Nov 2013, nobody" in shown(member, f"{could}?on=2013-11-10")
    late = member.get(f"{could}?on=2013-11-12")
    assert (late.status_code, "On must be today or a day before it" in late.text) == (422, True)
    assert member.get(f"{could}?when=2013-11-12").status_code == 422
