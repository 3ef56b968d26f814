"""The pages of a panel: their cases, what they ask, and the extract that is kept of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.support.asking import created
from tests.support.practised import Practised
from tests.web.visiting import Visitor, form_token_of, shown, text_of
from transfer.access.identity import Role

pytestmark = pytest.mark.engines

CASE: dict[str, Any] = {
    "id": "ET-1",
    "people": ["S1", "S2"],
    "parties": [
        {"side": "claimant", "known_by": "staff-number", "party": "S1"},
        {"side": "respondent", "known_by": "organisation", "party": "London Probation Trust"},
    ],
    "members": [{"subject": "clerk"}, {"subject": "judge-9", "staff_number": "S9"}],
    "effective_between": ["2013-01-01", "2013-12-31"],
    "known_between": ["2013-11-01", None],
}


@pytest.fixture
def clerk(played: Practised, window: Callable[[], Visitor]) -> Visitor:
    """The clerk's browser: on one case about S1 and S2; S9, who managed S1, is on its panel."""
    played.register("S9")
    played.register("S1", line_manager="S9")
    for number in ("S2", "S3"):
        played.register(number)
    created(played.begin("dispute-case", CASE))
    return window().sign_in(Role.DISPUTE, "clerk")


def asked(**instead: str) -> dict[str, str]:
    day = {"day": "1", "month": "6", "year": "2013"}
    fields = {f"effective_at-{part}": text for part, text in day.items()}
    return {"people-S1": "yes", **fields, **{k.replace("__", "-"): v for k, v in instead.items()}}


def ask(visitor: Visitor, fields: dict[str, str], key: str = "k") -> Any:
    token = form_token_of(visitor.get("/cases/ET-1").text)
    return visitor.post("/cases/ET-1", {"form_token": token, "key": key, **fields})


def test_a_clerk_begins_on_their_cases(clerk: Visitor, window: Callable[[], Visitor]) -> None:
    assert clerk.get("/").headers["location"] == "/my-cases"
    said = shown(clerk, "/my-cases")
    assert "You are on 1 open case." in said
    assert "from 1 Jan 2013 to 31 Dec 2013" in said
    other = window().sign_in(Role.DISPUTE, "other")
    assert "You are on no case yet." in shown(other, "/my-cases")
    assert other.get("/cases/ET-1").text == other.get("/cases/ET-7").text.replace("ET-7", "ET-1")


def test_a_case_says_who_is_in_it_and_what_is_declared(clerk: Visitor) -> None:
    said = shown(clerk, "/cases/ET-1")
    assert (
        "Case ET-1 is open. It is about 2 people, on days from 1 Jan 2013 to 31 Dec 2013." in said
    )
    assert "Claimantstaff number S1" in said
    assert "RespondentLondon Probation Trust" in said
    assert "judge-9They were the line manager (S1); they may not read the case." in said
    assert "clerkNo interest is declared or on record." in said
    assert "You have asked nothing in this case yet." in said


@pytest.mark.usefixtures("clerk")
def test_who_is_barred_learns_nothing_but_that(window: Callable[[], Visitor]) -> None:
    judge = window().sign_in(Role.DISPUTE, "judge-9")
    assert "You may not read it" in shown(judge, "/my-cases")
    said = shown(judge, "/cases/ET-1")
    assert "You may not read case ET-1" in said
    assert "London" not in said
    token = form_token_of(judge.get("/cases/ET-1").text)
    refused = judge.post("/cases/ET-1", {"form_token": token, **asked()})
    assert "location" not in refused.headers
    assert "S1" not in text_of(refused.text)


@pytest.mark.parametrize(
    ("fields", "name", "says"),
    [
        pytest.param({"people-S1": ""}, "people-S1", "Choose whom you ask about", id="nobody"),
        pytest.param(
            {"people-S3": "yes"},
            "people-S1",
            "S3 is not one of the people of this case",
            id="somebody-else",
        ),
        pytest.param(
            {"effective_at-year": "2014"},
            "effective_at-day",
            "In force on must be a day of the case: days from 1 Jan 2013 to 31 Dec 2013",
            id="a-day-outside",
        ),
        pytest.param(
            {"effective_at-day": "31"},
            "effective_at-day",
            "In force on must be a real date, like 31 3 2014",
            id="no-real-day",
        ),
        pytest.param(
            {"effective_at-month": ""},
            "effective_at-month",
            "In force on must include a month",
            id="half-a-day",
        ),
        pytest.param(
            {"known_at-day": "1", "known_at-month": "10", "known_at-year": "2013"},
            "known_at-day",
            "The case lets you ask as the record stood on days from 1 Nov 2013 on",
            id="known-before",
        ),
        pytest.param(
            {"compared_with-day": "1", "compared_with-month": "1", "compared_with-year": "2014"},
            "compared_with-day",
            "Compared with how it stood on must be today or an earlier day",
            id="known-later-than-today",
        ),
        pytest.param(
            {"known_at-day": "2", "known_at-month": "11", "known_at-year": "2013"},
            "known_at-day",
            "ask about a later day",
            id="not-on-record-then",
        ),
        pytest.param({"reason": "\0"}, "reason", "The reason cannot be kept", id="reason"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    clerk: Visitor, fields: dict[str, str], name: str, says: str
) -> None:
    answer = ask(clerk, asked() | fields)
    assert answer.status_code == 422
    assert f'href="#{name}"' in answer.text
    assert f'id="{name}"' in answer.text
    assert says in text_of(answer.text)
    assert text_of(answer.text).count(says) == 2
    assert "You have asked nothing in this case yet." in text_of(answer.text)


def test_the_answer_begins_with_one_sentence_and_reads_the_same_for_ever(
    clerk: Visitor, played: Practised
) -> None:
    answer = ask(clerk, asked(reason="the date is contested"))
    assert answer.status_code == 303
    address = answer.headers["location"]
    first = shown(clerk, address)
    assert (
        "On 1 Jun 2013, as the record stood on 11 Nov 2013 at 12:00, S1 worked for London "
        "Probation Trust in Camden as a Probation officer on band 4." in first
    )
    assert "the date is contested" in first
    assert "Entry 1" in first
    played.api.change("S1", start="2013-03-01", band="6")
    assert shown(clerk, address) == first
    assert clerk.get(f"{address}.pdf").content.startswith(b"%PDF-")
    # The same form sent twice has made one extract, another question another.
    assert ask(clerk, asked(reason="the date is contested")).headers["location"] == address
    assert ask(clerk, asked(reason="another")).headers["location"] != address
    reference = address.removeprefix("/extracts/")
    assert f"{reference}: S1 on 1 Jun 2013" in shown(clerk, "/cases/ET-1")
    found = clerk.get(f"/extracts?reference={reference.lower()}")
    assert found.headers["location"] == address


def test_what_the_record_said_then_and_says_now(clerk: Visitor, played: Practised) -> None:
    change = played.api.change("S1", start="2013-05-01", band="5")
    played.to(date(2013, 11, 20))
    correction = {"of": change["event_id"], "reason": "mistyped", "changes": {"band": "6"}}
    correction |= {"effective_from": "2013-05-01"}
    created(played.api.post("/staff/S1/corrections", correction))
    known = {"known_at-day": "11", "known_at-month": "11", "known_at-year": "2013"}
    now = {"compared_with-day": "20", "compared_with-month": "11", "compared_with-year": "2013"}
    said = shown(clerk, ask(clerk, asked() | known | now).headers["location"])
    assert (
        "On 1 Jun 2013, as the record stood on 11 Nov 2013, S1 worked for London Probation Trust "
        "in Camden as a Probation officer on band 5; as the record stood on 20 Nov 2013 at 12:00, "
        "S1 worked for London Probation Trust in Camden as a Probation officer on band 6." in said
    )
    assert "Band on 1 Jun 2013: 5" in said
    assert "mistyped" in said
    both = shown(clerk, ask(clerk, asked() | {"people-S2": "yes"}).headers["location"])
    assert "This is what the record says of S1 and S2 on 1 Jun 2013" in both


def test_an_answer_has_what_the_person_contests_and_the_clause_behind_a_value(
    clerk: Visitor, played: Practised
) -> None:
    clause = {"rulebook": "tr-2013", "clause": "TR-11b"}
    band: dict[str, Any] = {"effective_from": "2013-03-01", "changes": {"band": "5"}}
    band |= {"effective_to": "2013-09-01", "reason": "acting up", "basis": clause}
    change = created(played.api.post("/staff/S1/changes", band))
    objection = {"of": change["event_id"], "statement": "it was 6"}
    own = played.token("S1", Role.STAFF)
    created(played.api.post("/staff/S1/objections", objection, token=own))
    said = shown(clerk, ask(clerk, asked()).headers["location"])
    assert "from 1 Mar 2013 to the end of 31 Aug 2013; entry 2" in said
    assert "S1 objects to entry 2: “it was 6”. The objection is not answered yet." in said
    assert "Band: 4 → 5, from 1 Mar 2013 to the end of 31 Aug 2013" in said
    assert "“acting up”; Clause TR-11b of tr-2013" in said


def test_of_who_is_erased_only_the_number_is_left(clerk: Visitor, played: Practised) -> None:
    address = ask(clerk, asked()).headers["location"]
    played.record.vault.erase("S1")
    said = shown(clerk, address)
    assert "What was answered of S1 was erased with their personal data." in said
    assert "Probation officer" not in said


def test_reads_are_on_the_register_with_the_case_as_the_reason(
    clerk: Visitor, played: Practised
) -> None:
    address = ask(clerk, asked()).headers["location"]
    clerk.get(address)
    clerk.get(f"{address}.pdf")
    reads = played.service.register.of("S1", limit=3)
    assert [each.what for each in reads] == [
        "/extracts/{reference}.pdf",
        "/extracts/{reference}",
        "/cases/{id}",
    ]
    assert {(each.role, each.dispute_case, each.reason) for each in reads} == {
        ("dispute", "dispute-case:ET-1", "case ET-1")
    }
    assert played.service.register.of("S3", limit=9) == []


def test_once_a_case_is_closed_nothing_is_read_by_it(clerk: Visitor, played: Practised) -> None:
    address = ask(clerk, asked()).headers["location"]
    created(played.act("dispute-case/ET-1", "close", {"reason": "judgment"}))
    assert "You are on 0 open cases and 1 closed one." in shown(clerk, "/my-cases")
    assert "Case ET-1 was closed on 11 Nov 2013." in shown(clerk, "/cases/ET-1")
    assert "Not on record" in shown(clerk, address, 404)
    assert clerk.get(f"{address}.pdf").status_code == 404
    assert shown(clerk, f"/extracts?reference={address[10:]}", 422)


def test_an_extract_is_looked_up_by_its_reference(
    clerk: Visitor, hr: Visitor, window: Callable[[], Visitor]
) -> None:
    address = ask(clerk, asked()).headers["location"]
    assert "S1 worked for" in shown(hr, address)
    assert "Sixteen letters" in shown(clerk, "/extracts")
    for typed, says in (
        ("x", "A reference has sixteen letters and digits in fours"),
        ("AAAA-AAAA-AAAA-AAAA", "There is no extract AAAA-AAAA-AAAA-AAAA that you may read"),
    ):
        assert says in shown(clerk, f"/extracts?reference={typed}", 422)
    other = window().sign_in(Role.DISPUTE, "other")
    assert shown(other, address, 404) == shown(other, "/extracts/AAAA-AAAA-AAAA-AAAA", 404)
