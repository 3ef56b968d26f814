"""The pages of the work list: what is to be done, and who does it for somebody who is away."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.support.asking import created
from tests.support.practised import EXERCISE, PEOPLE, Practised, consult, to_the_letters
from tests.web.visiting import Visitor, form_token_of, shown, text_of, title_of
from transfer.access.identity import Role
from transfer.web.office import work

pytestmark = pytest.mark.engines

PAGE, HAND_OVERS = "/work", "/hand-overs"


def to_the_appeals(played: Practised) -> None:
    """Two appeals are with a panel, and one letter has come back."""
    to_the_letters(played)
    consult(played)
    played.to(date(2013, 12, 2))
    created(played.act(EXERCISE, "letter-returned", {"staff_number": "S3"}))
    for number in ("S1", "S2"):
        body = {"exercise": "tr", "staff_number": number, "grounds": "so"}
        created(played.begin("appeal", body))


def hand_over(hr: Visitor, stands_in: str, first: date, last: date, **more: str) -> str:
    """Send the form; what can be read on the page that follows."""
    page = hr.get(HAND_OVERS).text
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    fields = {"form_token": form_token_of(page), "key": key[1], "stands_in": stands_in, **more}
    for name, day in (("first_day", first), ("last_day", last)):
        parts = {"day": day.day, "month": day.month, "year": day.year}
        fields |= {f"{name}-{part}": str(value) for part, value in parts.items()}
    answer = hr.post(HAND_OVERS, fields)
    if answer.status_code != 303:
        assert answer.status_code == 422
        return text_of(answer.text)
    assert hr.post(HAND_OVERS, fields).status_code == 303  # sent twice, recorded once
    return shown(hr, answer.headers["location"])


def test_the_list_says_what_by_when_from_whom_and_about_whom(
    hr: Visitor, played: Practised, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown(hr, PAGE).startswith("Work Nothing is to be done.")
    to_the_appeals(played)
    page = shown(hr, PAGE)
    assert "To decide on an appeal" in page
    assert "From whomthe panel Give it to somebody" in page
    assert "Exercisetrrun by the administrator About whomS1, S2" in page
    assert "Letters to send again: assignment" in page
    assert 'href="/exercises/tr"' in hr.get(PAGE).text
    kept = shown(hr, f"{PAGE}?kind=appeal&state=due&owner=panel&exercise=tr&due_before=1/6/2014")
    assert kept.startswith("Work 1 thing that the filters keep is to be done, in time.")
    assert "Nothing that the filters keep is to be done." in shown(hr, f"{PAGE}?state=overdue")
    assert "Nothing that the filters keep" in shown(hr, f"{PAGE}?whose=mine")

    played.to(date(2014, 2, 3))
    late = shown(hr, f"{PAGE}?state=overdue&kind=appeal")
    assert "1 thing that the filters keep is to be done, overdue." in late
    assert "overdue by" in late
    assert "is to be done, in time" in shown(hr, f"{PAGE}?kind=appeal&known_at=5/12/2013")
    read = [each.what for each in played.service.register.of("S1", limit=50)]
    assert PAGE in read

    whole = len(re.findall("<tr", hr.get(PAGE).text)) - 1
    monkeypatch.setattr(work, "ON_A_PAGE", 1)
    address, seen = PAGE, 0
    while True:
        text = hr.get(address).text
        seen += len(re.findall("<tr", text)) - 1
        following = re.search(r'href="(/work\?[^"]*cursor=[^"]*)"', text)
        if following is None:
            break
        address = following[1].replace("&amp;", "&")
    assert seen == whole > 1


def test_work_is_handed_over_and_taken_back(hr: Visitor, played: Practised) -> None:
    to_the_appeals(played)
    assert "Everybody does their own work today." in shown(hr, HAND_OVERS)
    first, last = date(2013, 12, 2), date(2013, 12, 6)
    page = hand_over(hr, "B", first, last, away="the administrator")
    assert "1 person is away today, and somebody else does their work." in page
    assert page.count("2 Dec 2013 to 6 Dec 2013") == 2  # its row, and what is read aloud to end it
    said = "B for the administrator, while away until 6 Dec 2013"
    assert said in shown(hr, PAGE)
    assert said not in shown(hr, f"{PAGE}?known_at=20/11/2013")
    refused = hand_over(hr, "C", last, last, away="the administrator")
    assert "There is a problem The work of the administrator is handed over to B" in refused
    hr.sign_in(Role.ADMIN, "B")
    assert said in shown(hr, f"{PAGE}?whose=mine")

    page = hr.get(HAND_OVERS).text
    (made,) = re.findall(r'name="hand_over" value="([^"]+)"', page)
    fields = {"form_token": form_token_of(page), "hand_over": made}
    assert hr.post(f"{HAND_OVERS}/end", fields).status_code == 303
    assert "ended 2 Dec 2013, 12:00 by B" in shown(hr, HAND_OVERS)
    assert said not in shown(hr, PAGE)
    unknown = hr.post(f"{HAND_OVERS}/end", fields | {"hand_over": "x"})
    assert unknown.status_code == 404


def test_what_cannot_be_is_said_beside_its_field(hr: Visitor, played: Practised) -> None:
    today = played.today
    assert "Last day away: it is before the first day" in hand_over(
        hr, "B", today, date(2013, 11, 1)
    )
    assert "name somebody else than who is away" in hand_over(hr, "HR operations", today, today)
    assert "Fill in “Who does their work”" in hand_over(hr, "", today, today)
    token = form_token_of(hr.get(HAND_OVERS).text)
    wrong = {"form_token": token, "stands_in": "B", "first_day-day": "31", "first_day-month": "2"}
    page = hr.post(HAND_OVERS, wrong | {"first_day-year": "2013"})
    assert "First day away must be a real date, like 31 3 2014" in text_of(page.text)
    assert title_of(page.text).startswith("Error: ")
    forged = hr.post(HAND_OVERS, wrong | {"form_token": "0"})
    assert forged.status_code == 403
    for asked in ("kind=x", "state=x", "whose=yours", "due_before=x", "colour=red", "cursor=x"):
        assert hr.get(f"{PAGE}?{asked}").status_code == 422, asked


def test_the_list_is_for_administrators_and_auditors(hr: Visitor, played: Practised) -> None:
    to_the_appeals(played)
    hr.sign_in(Role.AUDIT, "auditor")
    assert {title_of(hr.get(each).text) for each in (PAGE, HAND_OVERS)} == {
        "Work - transfer",
        "Who does whose work - transfer",
    }
    assert "Hand over work" not in shown(hr, HAND_OVERS)
    for role in (Role.STAFF, Role.UNION, Role.DISPUTE):
        hr.sign_in(role, PEOPLE[0])
        assert [hr.get(each).status_code for each in (PAGE, HAND_OVERS)] == [403, 403]


DUTIES = r"/duties/[0-9a-f-]{36}/(?:give|excuse)"


def forms_of(hr: Visitor, what: str) -> dict[str, str]:
    """The addresses of the forms of the one line that says something, by what they do."""
    (row,) = (each for each in hr.get(PAGE).text.split("<tr")[1:] if what in each)
    return {each.rpartition("/")[2]: each for each in re.findall(DUTIES, row)}


def send(hr: Visitor, address: str, **typed: str) -> str:
    """Send a form twice; what can be read on the page that follows."""
    page = hr.get(address).text
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    fields = {"form_token": form_token_of(page), "key": key[1], **typed}
    answer = hr.post(address, fields)
    if answer.status_code != 303:
        assert answer.status_code == 422
        return text_of(answer.text)
    assert hr.post(address, fields).status_code == 303  # sent twice, recorded once
    return shown(hr, answer.headers["location"])


def test_a_line_is_given_to_somebody_and_taken_back(hr: Visitor, played: Practised) -> None:
    to_the_appeals(played)
    give = forms_of(hr, "To decide on an appeal")["give"]
    page = shown(hr, give)
    assert "To decide on an appeal Who takes care of it" in page
    assert "from the panel, and it is given to nobody." in page
    assert "About S1, S2. What you record holds for each of them." in page
    until = {"until-day": "20", "until-month": "12", "until-year": "2013"}
    listed = send(hr, give, to="HR operations, north", reason="it sits there", **until)
    assert "given to HR operations, north until 20 Dec 2013" in listed
    due = played.read("/deadlines", limit=1000, delegated_to="HR operations, north")["items"]
    assert sorted(each["staff_number"] for each in due) == ["S1", "S2"]
    give = forms_of(hr, "To decide on an appeal")["give"]
    assert "it is given to HR operations, north until 20 Dec 2013." in shown(hr, give)
    assert "given to HR" not in send(hr, give, reason="the north is closed")
    assert "Fill in “Who takes care of it”" in send(hr, give, reason="again")
    both = send(hr, give)
    assert "Fill in “Who takes care of it”" in both
    assert "Fill in “Reason”" in both


def test_a_line_is_excused_and_the_excuse_is_withdrawn(hr: Visitor, played: Practised) -> None:
    to_the_appeals(played)
    played.to(date(2014, 2, 3))
    excuse = forms_of(hr, "To decide on an appeal")["excuse"]
    said = {"reason": "Two members resigned.", "document": "minute 7"}
    listed = send(hr, excuse, **said)
    assert "Excused: Two members resigned. (minute 7)" in listed
    assert "overdue by" in listed
    excuse = forms_of(hr, "To decide on an appeal")["excuse"]
    assert "Its excuse, of 3 Feb 2014: Two members resigned." in shown(hr, excuse)
    assert "Excused" not in send(hr, excuse, reason="They had not.", withdrawn="yes")
    read = [each.what for each in played.service.register.of("S2", limit=50)]
    assert "/duties/{obligation_id}/excuse" in read


def test_what_is_wrong_with_these_forms_is_said_by_its_field(
    hr: Visitor, played: Practised
) -> None:
    to_the_appeals(played)
    forms = forms_of(hr, "To decide on an appeal")
    assert "Fill in" in send(hr, forms["give"], to="B")
    past = {"until-day": "1", "until-month": "12", "until-year": "2013"}
    assert "2013-12-01 is past" in send(hr, forms["give"], to="B", reason="so", **past)
    unknown = {"reason": "so", "document": "D000099"}
    assert "not in the register of documents" in send(hr, forms["excuse"], **unknown)
    no_such = forms["give"].replace(re.findall("[0-9a-f-]{36}", forms["give"])[0], "x")
    assert title_of(hr.get(no_such).text).startswith("Not")


def test_a_milestone_and_an_earlier_list_lead_to_no_form(hr: Visitor, played: Practised) -> None:
    to_the_appeals(played)
    assert "/duties/" in hr.get(PAGE).text
    assert "/duties/" not in hr.get(f"{PAGE}?known_at=5/12/2013").text
