"""The time for a claim as a kind of the engine: what it refuses, repeats and does to the windows.

What an official would ask is in the scenarios, and how a day is counted in `tests/core/dating`.
"""

from datetime import date
from typing import Any

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.refusals import AlreadyOnRecord, Refused
from transfer.procedures.claim_window import facts as f
from transfer.procedures.claim_window.answers import LastDayAnswered
from transfer.procedures.claim_window.kind import CLAIM_WINDOW
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

MATTER = "claim-window:S1.1"
EVENT = date(2016, 6, 20)
DAY_A, DAY_B = date(2016, 7, 22), date(2016, 8, 22)
AFTER = date(2016, 12, 1)
BOTH = ("the transferor", "the transferee")


@pytest.fixture
def office() -> Matters:
    return Matters((CLAIM_WINDOW,), binding(rulebook("tribunal-limits").with_values()))


def do(office: Matters, act: str, on: date = AFTER, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=on, person="S1", **inputs)


def begin(office: Matters, *respondents: str, claim: str = "unfair-dismissal") -> Asked:
    whom = respondents or BOTH
    return do(office, "begin", EVENT, claim=claim, event_on=EVENT, respondents=whom)


def last_day(office: Matters, on: date = AFTER) -> LastDayAnswered:
    found = office.answer(MATTER, "last-day", on)
    assert isinstance(found, LastDayAnswered)
    return found


def windows(office: Matters) -> dict[str, tuple[date | None, str]]:
    """Until when each claim can be made by the book, and how it stands on the day of Haque."""
    book, whom = office.state(MATTER, "S1").book, office.state(MATTER, "S1").whom
    return {d.slot.about: (d.when.on, book.state(d, date(2016, 10, 20))) for d in book.of(whom)}


def test_each_respondent_has_a_window_that_only_its_conciliation_moves(office: Matters) -> None:
    begin(office).then(f.ClaimWindowOpened).saying(respondents=BOTH)
    assert windows(office) == dict.fromkeys(BOTH, (date(2016, 9, 19), "lapsed"))
    do(office, "notify-conciliation", notified_on=DAY_A, respondents=BOTH[:1])
    do(office, "certify", respondent=BOTH[0], received_on=DAY_B)
    assert windows(office) == {
        BOTH[0]: (date(2016, 10, 20), "open"),
        BOTH[1]: (date(2016, 9, 19), "lapsed"),
    }


def test_a_certificate_that_came_early_makes_the_window_shorter(office: Matters) -> None:
    begin(office, "Luton")
    do(office, "notify-conciliation", notified_on=DAY_A)
    # The longest: to 21 August, and 14 days: 4 September; 44 days after 19 September.
    assert windows(office)["Luton"][0] == date(2016, 11, 2)
    do(office, "certify", respondent="Luton", received_on=DAY_B)
    assert windows(office)["Luton"][0] == date(2016, 10, 20)


def test_what_is_on_record_already_is_done(office: Matters) -> None:
    begin(office, "Luton")
    do(office, "recount").then_nothing()
    do(office, "notify-conciliation", notified_on=DAY_A).then(f.ConciliationAskedFor)
    do(office, "notify-conciliation", notified_on=DAY_A).then_nothing()
    do(office, "certify", respondent="Luton", received_on=DAY_B).then(f.ConciliationCertified)
    do(office, "certify", respondent="Luton", received_on=DAY_B).then_nothing()
    said: dict[str, Any] = {"respondent": "Luton", "notified_on": DAY_A, "counts": True}
    said["because"] = "it named it"
    do(office, "judge-conciliation", **said).then(f.ConciliationJudged)
    do(office, "judge-conciliation", **said).then_nothing()
    do(office, "present", presented_on=DAY_B).then(f.ClaimPresented).saying(too_late=())
    do(office, "present", presented_on=AFTER).then_nothing()
    do(office, "withdraw", withdrawn_on=AFTER).then(f.ClaimWithdrawn)
    do(office, "withdraw", withdrawn_on=AFTER).then_nothing()
    (luton,) = last_day(office).respondents
    assert (luton.presented_on, luton.withdrawn_on) == (DAY_B, AFTER)
    assert windows(office)["Luton"][1] == "met"


def test_what_cannot_be_is_refused(office: Matters) -> None:
    do(office, "present", presented_on=DAY_B).then_refused(because="has not begun")
    begin(office, "Luton", claim="libel").then_refused(because="it has unfair-dismissal")
    begin(office, "Luton")
    begin(office, "Luton").then_refused(because="is open already", kind=AlreadyOnRecord)
    do(office, "certify", respondent="Luton", received_on=DAY_B).then_refused(because="waits for")
    late = date(2017, 1, 1)
    do(office, "notify-conciliation", notified_on=late).then_refused(because="is after 2016-12-01")
    do(office, "withdraw", withdrawn_on=AFTER).then_refused(because="no claim was presented")
    do(office, "notify-conciliation", notified_on=DAY_B)
    said: dict[str, Any] = {"respondent": "Luton", "notified_on": DAY_B}
    do(office, "certify", **said, received_on=DAY_A).then_refused(because="cannot be received")
    said["notified_on"] = DAY_A
    do(office, "certify", **said, received_on=DAY_B).then_refused(because="was asked for on")
    refused = do(office, "judge-conciliation", **said, counts=False, because="it is another's")
    refused.then_refused(because="was asked for on")


def test_a_claim_that_came_too_late_is_on_record_as_that(office: Matters) -> None:
    begin(office, "Luton")
    late = do(office, "present", date(2016, 9, 20), presented_on=date(2016, 9, 20))
    late.then(f.ClaimPresented).saying(too_late=("Luton",))
    assert windows(office)["Luton"][1] == "lapsed"
    assert last_day(office).respondents[0].stands == "was made too late"


def test_nothing_is_answered_before_it_began(office: Matters) -> None:
    begin(office)
    with pytest.raises(Refused, match="had not begun"):
        last_day(office, date(2016, 6, 19))
