"""What would have come of a procedure under other rules: for the whole, by person, in total."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Json, created, told
from tests.support.practised import EXERCISE, Practised, practising, to_the_letters
from transfer.access.identity import Role
from transfer.app import Record

pytestmark = pytest.mark.engines

ASK = f"/procedures/{EXERCISE}/what-if"


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """Four people with letters of 2 December 2013; S1 appeals on the 20th, four days after the
    last day, within a window that was moved by what the union asserts."""
    with practising(record, folder, date(2013, 11, 13)) as opened:
        to_the_letters(opened)
        consulted = {"exercise": "tr", "bodies": ["UNISON"], "agreement": "framework"}
        created(opened.begin("consultation", consulted))
        opened.to(date(2013, 12, 2))
        opened.to(date(2013, 12, 12))
        contest = {
            "id": "post",
            "question": "On which day did the letters come?",
            "procedure": "exercise:tr",
            "unions": ["UNISON"],
        }
        created(opened.begin("assertion", contest))
        asserted = {"party": "UNISON", "side": "union", "value": "2013-12-11"}
        created(opened.act("assertion/post", "assert", asserted | {"statement": "not before"}))
        longer = {"group": "LDN", "window": "appeal", "until": "2014-01-10", "reason": "post"}
        created(opened.act(EXERCISE, "move-window", longer | {"rests_on": ["assertion:post/1"]}))
        opened.to(date(2013, 12, 20))
        appeal = {"exercise": "tr", "staff_number": "S1", "grounds": "the wrong day"}
        created(opened.begin("appeal", appeal, token=opened.token("S1", Role.STAFF)))
        opened.to(date(2014, 1, 20))
        yield opened


def acts(found: Json) -> dict[str, dict[str, tuple[list[str], list[str]]]]:
    """By person, each decision that would come out otherwise: as it is, and as supposed."""
    return {
        each["staff_number"]: {
            one["act"]: (one["now"], one["supposed"]) for one in each["decisions"]
        }
        for each in found["items"]
    }


def test_the_same_edition_and_values_come_to_the_same(played: Practised) -> None:
    found = played.read(ASK, rulebook="tr-2013")
    assert (found["decisions"], found["answers"], found["items"]) == ([], [], [])
    assert (found["judged"], found["differ"]) == (4, 0)


def test_a_longer_time_to_appeal_moves_what_follows_from_it(played: Practised) -> None:
    before = played.record.log.head()
    found = played.read(ASK, value="TR-11b=30wd")
    assert played.record.log.head() == before
    # Thirty working days after 2 December, without Christmas, Boxing Day and New Year's Day.
    letters = found["decisions"][0]
    assert letters["now"] == [
        "the letters of LDN are out; response until 2013-12-09; appeal until 2013-12-16"
    ]
    assert letters["supposed"] == [
        "the letters of LDN are out; response until 2013-12-09; appeal until 2014-01-16"
    ]
    # Nobody needed the window of 10 January then: it was open longer.
    assert [each["act"] for each in found["decisions"]] == ["open-windows", "move-window"]
    assert "was published as closing on 2014-01-16" in found["decisions"][1]["refused"]
    # Confirmed on 11 January, the day after the window; supposed, on the 17th.
    assert (found["judged"], found["differ"]) == (4, 4)
    assert {each["act"]: each["people"] for each in found["totals"]} == {
        "issue-letters": 4,
        "lodge": 1,
        "confirm": 3,
    }
    (lodged,) = [each for each in found["items"][0]["decisions"] if each["act"] == "lodge"]
    assert lodged["fields"] == [{"name": "due_on", "now": "2014-01-10", "supposed": "2014-01-16"}]
    assert set(acts(found)["S2"]) == {"issue-letters", "confirm"}


def test_without_what_the_union_asserts_the_appeal_is_late(played: Practised) -> None:
    found = played.read(ASK, without="assertion:post/1")
    (moved,) = found["decisions"]
    assert moved["act"] == "move-window"
    assert moved["refused"] == "assertion:post/1 is supposed not to hold"
    differing = acts(found)
    assert set(differing) == {"S1", "S2", "S3", "S4"}
    now, supposed = differing["S1"]["lodge"]
    assert now[-1] == "appeals; a panel decides by 2014-01-22"
    assert supposed[-1] == "appeals too late: the last day was 2013-12-16"
    totals = {each["act"]: each["people"] for each in found["totals"]}
    assert totals == {"lodge": 1, "confirm": 4}
    (confirmed,) = next(each for each in found["items"] if each["staff_number"] == "S2")[
        "decisions"
    ]
    assert (confirmed["decided_on"], confirmed["supposed_on"]) == ("2014-01-11", "2013-12-17")


def test_as_known_before_it_was_moved(played: Practised) -> None:
    found = played.read(ASK, without="assertion:post/1", known_at="2013-12-11T12:00:00Z")
    assert (found["decisions"], found["items"]) == ([], [])


def test_page_by_page(played: Practised) -> None:
    seen: list[str] = []
    cursor = None
    for _ in range(2):
        page = played.read(ASK, value="TR-11b=30wd", limit=2, cursor=cursor)
        assert page["judged"] == 2
        seen += [each["staff_number"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert (seen, cursor) == (["S1", "S2", "S3", "S4"], None)


def test_what_is_lacking_or_cannot_be_read_is_said(played: Practised) -> None:
    told(played.api.get(ASK, {}), 422, "malformed")
    told(played.api.get(ASK, {"value": "ten days"}), 422, "malformed")
    lacking = told(played.api.get(ASK, {"rulebook": "surrey-2027"}), 409, "refused")
    assert lacking["clauses"]
    told(played.api.get(ASK, {"rulebook": "nobodys"}), 409, "refused")
    other = ASK.replace("/tr/", "/not-there/")
    told(played.api.get(other, {"rulebook": "tr-2013.2"}), 404, "not-on-record")
    staff = played.token("S1", Role.STAFF)
    told(played.api.get(ASK, {"rulebook": "tr-2013.2"}, token=staff), 403, "not-allowed")


def test_another_length_of_conciliation_and_whose_claim_it_is(
    record: Record, folder: DataFolder
) -> None:
    with practising(record, folder, date(2025, 11, 10)) as opened:
        opened.register("S1", employer="Secretary of State for Justice")
        body = {
            "rulebook": "tribunal-limits",
            "staff_number": "S1",
            "claim": "unfair-dismissal",
            "event_on": "2025-11-10",
            "respondents": ["the company"],
        }
        created(opened.begin("claim-window", body))
        opened.to(date(2025, 12, 1))
        notified = {"notified_on": "2025-11-30", "respondents": ["the company"]}
        created(opened.act("claim-window/S1.1", "notify-conciliation", notified))
        opened.to(date(2025, 12, 2))
        ask = "/procedures/claim-window/S1.1/what-if"
        own = opened.token("S1", Role.STAFF)
        asked = {"value": "EC-02-six-weeks=12w"}
        found = opened.api.get(ask, asked, token=own).json()
        (one,) = found["items"]
        (answer,) = [each for each in one["answers"] if each["question"] == "last-day"]

        def last(shown: Json) -> str:
            (respondent,) = shown["respondents"]
            day: str = respondent["as_known_then"]["safe"]
            return day

        # Six weeks from 30 November end on 10 January, twelve on 21 February: 42 days more.
        assert (last(answer["now"]), last(answer["supposed"])) == ("2026-03-22", "2026-05-03")
        other = opened.token("S2", Role.STAFF)
        told(opened.api.get(ask, asked, token=other), 404, "not-on-record")
