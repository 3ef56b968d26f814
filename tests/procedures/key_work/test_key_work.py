"""Key work in one establishment as a kind of the engine: hours, people, and what its plan lacks.

Without engines, under the program's own edition. The figures are those of the rules catalogue:
600 prisoners are 450 hours a week (OM-01) and 100 key workers (OM-02).
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.matter.words import Nature
from transfer.core.refusals import Malformed, Refused
from transfer.procedures.key_work import facts as f
from transfer.procedures.key_work.decisions import KeyWorkStart, Met, Staffing
from transfer.procedures.key_work.kind import IN_PLAN, KEY_WORK
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

MATTER = "key-work:HMP-Moorland"
BEGUN, LATER = date(2018, 10, 22), date(2018, 11, 5)
NEEDED = ("regime-management-plan", "safe-systems-of-work", "risk-assessments", "contingency-plans")


@pytest.fixture
def office() -> Matters:
    return Matters((KEY_WORK,), binding(rulebook("omic-2018").with_values()))


def do(office: Matters, act: str, on: date = BEGUN, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=on, **inputs)


def begin(office: Matters, estate: str = "male closed") -> Asked:
    return do(office, "begin", establishment="HMP Moorland", estate=estate)


def staffing(office: Matters, on: date = LATER) -> Staffing:
    found = office.answer(MATTER, "staffing", on)
    assert isinstance(found, Staffing)
    return found


def owed(office: Matters) -> list[str]:
    state = office.state(MATTER)
    return [
        due.slot.about
        for due in state.book.of(state.whom)
        if due.slot.what == IN_PLAN and due.nature is Nature.DUTY and due.is_open
    ]


def test_it_begins_under_an_edition_and_owes_what_the_plan_must_have(office: Matters) -> None:
    asked = begin(office)
    asked.then(f.KeyWorkBegun).saying(edition="omic-2018", estate="male closed", needed=NEEDED)
    assert owed(office) == list(NEEDED)


@pytest.mark.parametrize(
    ("prisoners", "hours", "exact", "people"),
    [
        (600, "450.00", "100.00", 100),
        (601, "450.75", "100.17", 101),
        (1, "0.75", "0.17", 1),
        (0, "0.00", "0.00", 0),
    ],
)
def test_hours_and_people_follow_from_operational_capacity(
    office: Matters, prisoners: int, hours: str, exact: str, people: int
) -> None:
    begin(office)
    do(office, "state-capacity", prisoners=prisoners)
    found = staffing(office)
    assert (found.hours, found.key_workers) == (Decimal(hours), Decimal(exact))
    assert (found.people, found.short_of) == (people, None)


def test_what_holds_on_a_day_is_what_was_stated_last_by_then(office: Matters) -> None:
    begin(office)
    do(office, "state-capacity", prisoners=600)
    do(office, "state-capacity", prisoners=540, effective_from=LATER)
    do(office, "state-key-workers", key_workers=95)
    assert (staffing(office, BEGUN).people, staffing(office, BEGUN).short_of) == (100, 5)
    assert (staffing(office, LATER).people, staffing(office, LATER).short_of) == (90, 0)


def test_an_open_prison_is_not_given_the_time(office: Matters) -> None:
    begin(office, estate="open")
    assert not staffing(office).is_resourced
    assert [each.clause for each in staffing(office).basis] == ["OM-01", "OM-02", "OM-01-estates"]


def test_what_is_taken_from_the_plan_is_owed_again(office: Matters) -> None:
    begin(office)
    do(office, "put-in-plan", what="risk-assessments").then(f.PutInPlan)
    do(office, "put-in-plan", what="risk-assessments").then_nothing()
    assert "risk-assessments" not in owed(office)
    do(office, "take-from-plan", LATER, what="risk-assessments").then(f.TakenFromPlan)
    do(office, "take-from-plan", LATER, what="risk-assessments").then_nothing()
    assert "risk-assessments" in owed(office)


def test_what_the_edition_does_not_ask_for_is_refused(office: Matters) -> None:
    begin(office)
    do(office, "put-in-plan", what="a fence").then_refused(because="it asks for regime-management")


def test_nothing_is_answered_of_a_day_before_it_began(office: Matters) -> None:
    begin(office)
    with pytest.raises(Refused, match="had not begun"):
        staffing(office, date(2018, 10, 21))


def band_3(office: Matters, in_post: int, trained: int, on: date = BEGUN) -> Asked:
    return do(office, "state-band-3", on, in_post=in_post, benchmark=90, trained=trained)


def start(office: Matters, on: date = LATER) -> KeyWorkStart:
    found = office.answer(MATTER, "start", on)
    assert isinstance(found, KeyWorkStart)
    return found


@pytest.mark.parametrize(
    ("in_post", "trained", "condition", "lacking"),
    [
        (91, 91, Met.MET, 0),
        (90, 90, Met.NOT_MET, 1),
        (91, 90, Met.NOT_MET, 1),
        (80, 79, Met.NOT_MET, 2),
    ],
)
def test_when_it_may_begin_by_the_unions_account(
    office: Matters, in_post: int, trained: int, condition: Met, lacking: int
) -> None:
    begin(office)
    band_3(office, in_post, trained).then(f.Band3Stated)
    band_3(office, in_post, trained).then_nothing()
    found = start(office)
    assert (found.condition, len(found.lacking)) == (condition, lacking)
    assert found.may_begin == (condition is Met.MET)
    assert [each.clause for each in found.not_known] == ["OM-03-employer"]


def test_nobody_knows_whether_it_may_begin_before_the_numbers_are_stated(office: Matters) -> None:
    begin(office)
    assert (start(office).condition, start(office).may_begin) == (Met.NOT_STATED, None)
    band_3(office, 95, 95, LATER)
    assert start(office, BEGUN).may_begin is None


@pytest.mark.parametrize(("estate", "instead"), [("open", "personal"), ("women's", "nothing")])
def test_an_estate_without_the_time_does_not_begin(
    office: Matters, estate: str, instead: str
) -> None:
    begin(office, estate)
    band_3(office, 95, 95)
    found = start(office)
    assert (found.condition, found.may_begin) == (Met.MET, False)
    assert instead in (found.instead or "")
    assert "OM-04" in [each.clause for each in found.basis]


def test_no_more_are_trained_than_are_in_post(office: Matters) -> None:
    begin(office)
    band_3(office, 90, 91).then_refused(because="no more officers", kind=Malformed)
