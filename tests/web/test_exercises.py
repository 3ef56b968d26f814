"""The pages of an exercise: where it stands, what is to be done, and whom it covers."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date

import pytest

from tests.support.asking import created
from tests.support.practised import (
    EXERCISE,
    PEOPLE,
    Practised,
    consult,
    to_the_letters,
)
from tests.web.visiting import Visitor, carried, sent, shown, text_of, title_of
from transfer.access.identity import Role
from transfer.questions.exercise_tasks import TaskName
from transfer.web.office import exercise_people
from transfer.web.office.wording import TASKS

pytestmark = pytest.mark.engines

LIST, PAGE = "/exercises", "/exercises/tr"
PEOPLE_PAGE = f"{PAGE}/people"
PAGES = (LIST, PAGE, PEOPLE_PAGE)


def tasks(visitor: Visitor, address: str = PAGE) -> dict[str, tuple[str, str]]:
    """Each task of the list by its title: what the page says of it, and its state."""
    page = visitor.get(address).text
    items = re.findall(r'<li class="govuk-task-list__item.*?</li>', page, re.DOTALL)
    found = {}
    for item in items:
        title, hint, state = (
            " ".join(html.unescape(re.sub(r"<[^>]*>", "", part)).split())
            for part in (
                item.partition("govuk-task-list__hint")[0].partition("govuk-task-list__status")[0],
                item.partition("govuk-task-list__hint")[2].partition("govuk-task-list__status")[0],
                item.partition("govuk-task-list__status")[2],
            )
        )
        found[_inner(title)] = (_inner(hint), _inner(state))
    return found


def _inner(text: str) -> str:
    """A text without the ends of the tags that it was cut out between."""
    return re.sub(r"<[^>]*$", "", re.sub(r"^[^>]*>", "", text)).strip()


def states(visitor: Visitor, address: str = PAGE) -> tuple[str, ...]:
    """The states of the tasks, in the order of the list."""
    return tuple(state for _, state in tasks(visitor, address).values())


def numbers(visitor: Visitor, address: str) -> list[str]:
    """The staff numbers on a page of people, in its order."""
    return re.findall(r'href="/staff/([^"]+)"', visitor.get(address).text)


DONE, UNDER_WAY, TO_DO, CANNOT = "Done", "Under way", "To do", "Cannot start yet"
NOT_NEEDED = "Not needed"


def test_nothing_is_under_way_until_an_exercise_is_opened(hr: Visitor, played: Practised) -> None:
    assert shown(hr, LIST).endswith(
        "No exercise is under way. Upload a staff return, then begin an exercise. "
        "Procedures of other kinds"
    )
    played.open()
    page = shown(hr, LIST)
    assert "1 exercise is under way; next, on 1 Apr 2014, it is checked whether" in page
    assert 'href="/exercises/tr"' in hr.get(LIST).text
    assert "tr-2013 Begun11 Nov 2013" in page
    assert "by the rules tr-2013, is under way and covers nobody yet" in shown(hr, PAGE)
    assert states(hr) == (
        *(DONE, "Optional", DONE, DONE, TO_DO, "Optional"),
        *(CANNOT, CANNOT, CANNOT, CANNOT, DONE, NOT_NEEDED, CANNOT, CANNOT),
    )
    assert "No people of tr." in shown(hr, PEOPLE_PAGE)


def test_the_tasks_follow_the_exercise_to_its_end(hr: Visitor, played: Practised) -> None:
    to_the_letters(played)
    consult(played)
    assert list(tasks(hr)) == list(TASKS.values())
    assert tasks(hr)[TASKS[TaskName.LETTERS]] == (
        "0 of 4 people have a letter. The next are to go out on 2 Dec 2013 (due in 19 days).",
        TO_DO,
    )
    assert "covers 4 people; next, on 2 Dec 2013, the letters go out. Go on: Letters" in shown(
        hr, PAGE
    )

    page = hr.get(PAGE).text
    assert 'href="/exercises/tr/letters"' in page.partition("Go on: Letters")[0].rpartition("<a")[2]

    played.to(date(2013, 12, 2))
    assert states(hr)[7:] == (DONE, UNDER_WAY, UNDER_WAY, DONE, NOT_NEEDED, CANNOT, CANNOT)
    created(played.act(EXERCISE, "record-answer", {"staff_number": "S1", "answer": "acknowledged"}))
    appeal = {"exercise": "tr", "staff_number": "S2", "grounds": "so"}
    lodged = created(played.begin("appeal", appeal))
    assert tasks(hr)[TASKS[TaskName.ANSWERS]] == (
        "1 of 4 people have answered. The last day is 9 Dec 2013.",
        UNDER_WAY,
    )
    assert tasks(hr)[TASKS[TaskName.APPEALS]][0].startswith(
        "1 made, 0 settled, 1 for a panel to decide."
    )
    played.to(date(2014, 1, 6))
    assert states(hr)[8:10] == (DONE, "Overdue")
    assert "Go on: Appeals" in shown(hr, PAGE)
    upheld = {"outcome": "upheld", "to": "NPS", "panel": "three members"}
    created(played.act(f"appeal/{lodged['id']}", "determine", upheld))
    played.to(date(2014, 1, 10))
    assert states(hr)[8:] == (DONE, DONE, DONE, NOT_NEEDED, TO_DO, CANNOT)

    played.to(date(2014, 6, 1))
    assert states(hr)[12:] == (DONE, UNDER_WAY)
    played.to(date(2014, 11, 2))
    assert set(states(hr)) == {DONE, "Optional", NOT_NEEDED}
    page = shown(hr, PAGE)
    assert "is completed; it covers 4 people." in page
    assert "Go on" not in page
    assert (
        "No exercise is under way. Upload a staff return, then begin an exercise. Ended"
        in shown(hr, LIST)
    )
    assert numbers(hr, f"{PEOPLE_PAGE}?state=CRC") == ["S1", "S3", "S4"]
    assert numbers(hr, f"{PEOPLE_PAGE}?destination=NPS") == ["S2"]

    # As it stood in between.
    then = f"{PAGE}?known_at=2013-12-05"
    assert "next, on 17 Dec 2013, the assignments become final" in shown(hr, then)
    assert "As the record stood at 5 Dec 2013, 23:59" in shown(hr, then)
    assert states(hr, then)[7:] == (DONE, UNDER_WAY, UNDER_WAY, DONE, NOT_NEEDED, CANNOT, CANNOT)
    assert "Not on record" in shown(hr, f"{PAGE}?known_at=2013-10-01", 404)


def test_the_consultation_is_begun_from_the_page_of_the_exercise(
    hr: Visitor, window: Callable[[], Visitor], played: Practised
) -> None:
    played.open()
    title = TASKS[TaskName.CONSULTATION]
    begin = "/procedures/consultation/begin?exercise=tr"
    assert tasks(hr)[title] == ("No step of these rules waits for it.", "Optional")
    assert f'href="{begin}"' in hr.get(PAGE).text
    auditor = window().sign_in(Role.AUDIT)
    assert title in tasks(auditor)
    assert "/procedures/" not in auditor.get(PAGE).text
    form = hr.get(begin).text
    assert re.search(r'type="radio" value="tr" checked', form)
    fields = {"exercise": "tr", "bodies": "NNC", "agreement": "framework"}
    check = sent(hr, begin, fields)
    sent(hr, begin, carried(check) | {"then": "do"})
    assert tasks(hr)[title][1] == DONE
    assert 'href="/procedures/consultation/tr"' in hr.get(PAGE).text


def test_an_abandoned_exercise_has_nothing_left_to_do(hr: Visitor, played: Practised) -> None:
    to_the_letters(played)
    created(played.act(EXERCISE, "abandon", {"reason": "the order was not made"}))
    assert set(states(hr)) == {DONE, "Optional", NOT_NEEDED}
    assert "is abandoned; it covers 4 people." in shown(hr, PAGE)
    assert "abandoned" in shown(hr, LIST)


def test_a_day_that_moved_keeps_its_first_day(hr: Visitor, played: Practised) -> None:
    to_the_letters(played)
    to = {"milestone": "transfer", "to": "2014-07-01", "document": "Letter of 20 November"}
    created(played.act(EXERCISE, "move-milestone", to))
    page = shown(hr, PAGE)
    assert "First planned1 Jun 2014 Moved to1 Jul 2014 (known on 13 Nov 2013)" in page
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in hr.get(PAGE).text


def test_what_the_rules_want_and_refuse_is_said_with_its_clause(
    hr: Visitor, played: Practised
) -> None:
    played.to(date(2026, 10, 1))
    for number in PEOPLE:
        played.register(number, employer="Woking Borough Council", unit="Housing")
    body = {"id": "su", "rulebook": "surrey-2027"}
    missing = played.begin("exercise", body, preview=True).json()["missing"]
    values = [
        {
            "clause": clause,
            "value": "0.5" if "share" in clause else "10wd",
            "document": "a minute",
        }
        for clause in sorted({clause for each in missing for clause in each["clauses"]})
    ]
    created(played.begin("exercise", body | {"values": values}))
    page = "/exercises/su"
    assert tasks(hr, page)[TASKS[TaskName.ON_RECORD]] == ("1 thing is missing.", TO_DO)
    lacks = "Letters What is missingno consultation was begun before letters ClauseTU-18"
    assert lacks in shown(hr, page)
    assert "What the rules refuse" not in shown(hr, page)
    created(played.act("exercise/su", "set-scope", {"criterion": "all"}))
    created(played.act("exercise/su", "propose", {"staff_numbers": PEOPLE, "seed": "1"}))
    group = {"group": "W", "staff_numbers": PEOPLE, "letters_on": "2026-10-05"}
    created(played.act("exercise/su", "form-group", group))
    played.to(date(2026, 10, 6))
    assert tasks(hr, page)[TASKS[TaskName.LETTERS]] == (
        "0 of 4 people have a letter. The next are to go out on 5 Oct 2026 (overdue by 1 day).",
        "Overdue",
    )
    assert "1 step waits for an approval or a decision" in shown(hr, page)
    assert states(hr, page)[10:] == (TO_DO, NOT_NEEDED, CANNOT, CANNOT)
    approved = {"group": "W", "step": "issue-letters"}
    created(played.act("exercise/su", "approve", approved, token=played.token("another")))
    played.to(date(2026, 10, 7))
    refused = "The letters go out People4 Whyno consultation was begun before letters ClauseTU-18"
    assert refused in shown(hr, page)
    assert "Refused: the letters go out: no consultation was begun" in shown(hr, f"{page}/people")
    assert "Refused by the rules: 1 step. 1 exercise is under way." in shown(hr, "/")
    assert "The rules refused a step, put it right" in shown(hr, "/work?kind=refused")


def flows(visitor: Visitor) -> set[tuple[str, ...]]:
    """From whom to whom how many people go, as the table of the picture says."""
    page = visitor.get(PAGE).text.partition('id="flows"')[2].partition("</table>")[0]
    rows = re.findall(r"<tr.*?</tr>", page.partition("<tbody")[2], re.DOTALL)
    cells = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows)
    return {tuple(re.sub(r"<span.*?</span>", "", cell).strip() for cell in row) for row in cells}


def test_it_is_shown_from_whom_to_whom_people_go_and_what_is_only_planned(
    hr: Visitor, played: Practised
) -> None:
    trust, crc = "London Probation Trust", "Community Rehabilitation Company"
    played.register("S5")
    to_the_letters(played)
    consult(played)
    assert flows(hr) == {
        ("in no group yet", "not proposed yet", "1"),
        (trust, f"{crc} (planned)", "4"),
    }
    played.to(date(2013, 12, 2))
    created(played.act(EXERCISE, "object", {"staff_number": "S1", "told_to": "transferor"}))
    assert (trust, "nowhere: they object", "1") in flows(hr)
    assert (trust, f"{crc} (planned)", "3") in flows(hr)
    played.to(date(2014, 6, 1))
    moved = flows(hr)
    (there,) = (target for _, target, people in moved if people == "3")
    assert "(planned)" not in there
    assert f"3 people from {trust} to {there}" in hr.get(PAGE).text


def test_people_are_read_fifty_at_a_time(
    hr: Visitor, played: Practised, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exercise_people, "ON_A_PAGE", 3)
    to_the_letters(played)
    page = hr.get(PEOPLE_PAGE)
    assert "3 people of tr: from S1 to S3." in text_of(page.text)
    assert numbers(hr, PEOPLE_PAGE) == ["S1", "S2", "S3"]
    found = re.search(r'href="(/exercises/tr/people\?[^"]*cursor=S3)"', page.text)
    assert found is not None
    following = html.unescape(found[1])
    # Whoever joins meanwhile is on no page: both are as known at one instant.
    played.to(date(2013, 11, 14))
    played.register("S5")
    created(played.act(EXERCISE, "join", {"staff_number": "S5"}))
    assert numbers(hr, following) == ["S4"]
    assert numbers(hr, f"{PEOPLE_PAGE}?cursor=S3") == ["S4", "S5"]
    assert "No more people of tr." in shown(hr, f"{PEOPLE_PAGE}?cursor=S5")
    filtered = f"{PEOPLE_PAGE}?state=with-transferor&route=&destination=CRC"
    assert "4 people of tr" not in shown(hr, filtered)
    assert "who are now: with the old employer, who are to go to: Community" in shown(hr, filtered)
    assert 'value="CRC" selected' in hr.get(filtered).text
    assert "No people of tr" in shown(hr, f"{PEOPLE_PAGE}?route=%3Cb%3E")


def test_whoever_is_shown_in_a_list_is_on_the_register(hr: Visitor, played: Practised) -> None:
    to_the_letters(played)
    assert hr.get(f"{PEOPLE_PAGE}?cursor=S2").status_code == 200
    assert hr.get(PAGE).status_code == 200
    read = [(number, played.service.register.of(number, limit=10)) for number in PEOPLE]
    assert [number for number, rows in read if rows] == ["S3", "S4"]
    (row,) = read[-1][1]
    assert (row.subject, row.what) == ("HR operations", "/exercises/{exercise}/people")


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/exercises/none", 404, "Not on record"),
        ("/exercises/none/people", 404, "Not on record"),
        ("/exercises/%00", 404, "Not on record"),
        ("/exercises/a%20b%2Fc", 404, ""),
        (f"{LIST}?known_at=31/02/2014", 422, "known_at"),
        (f"{PEOPLE_PAGE}?known_at=x", 422, "Enter a date"),
        (f"{PEOPLE_PAGE}?colour=red", 422, "there is no such question: colour"),
        (f"{PAGE}?state=CRC", 422, "there is no such question: state"),
    ],
)
def test_what_cannot_be_shown_is_said(
    hr: Visitor, played: Practised, address: str, status: int, says: str
) -> None:
    played.open()
    assert says.casefold() in shown(hr, address, status).casefold()


def test_pages_of_exercises_are_for_administrators_and_auditors(
    hr: Visitor, played: Practised
) -> None:
    to_the_letters(played)
    assert 'href="/exercises"' in hr.get("/").text
    titles = {title_of(hr.sign_in(Role.AUDIT, "auditor").get(page).text) for page in PAGES}
    assert titles == {
        "Exercises - transfer",
        "Exercise tr - transfer",
        "People of exercise tr - transfer",
    }
    for role in (Role.STAFF, Role.UNION, Role.DISPUTE):
        hr.sign_in(role, "S1")
        assert [hr.get(page).status_code for page in PAGES] == [403, 403, 403]
        assert 'href="/exercises"' not in hr.get("/").text
    hr.cookies.clear()
    assert [hr.get(page).status_code for page in PAGES] == [303, 303, 303]
