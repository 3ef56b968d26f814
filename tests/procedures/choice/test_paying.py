"""A sum a month that is paid in part, and what follows once days or hours are put right: CV-02."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.procedures.choice.test_choice import MATTER, of_all, of_s1, office_of
from tests.support.matters import Matters
from transfer.core.matter import facts as t
from transfer.core.matter.words import Settlement
from transfer.core.refusals import NotOnRecord
from transfer.procedures.choice import facts as f
from transfer.procedures.choice.kind import SETTLE_PAYMENT

APRIL, LAST, LATER = date(2020, 4, 1), date(2020, 4, 30), date(2020, 5, 11)
ABSENT: dict[str, Any] = {"leave": "absence", "effective_from": date(2020, 4, 6)}
ABSENT |= {"effective_to": date(2020, 4, 18)}


@pytest.fixture
def office() -> Matters:
    found = office_of("covid-2020")
    place = {"establishment": "Sussex", "estate": "community"}
    of_all(found, "begin", date(2020, 3, 24), scheme="special-circumstances", **place)
    taking = {"option": "volunteer", "cohort": "volunteer", "agreed_by": "head of unit"}
    of_s1(found, "accept", APRIL, **taking).then(f.OptionAccepted)
    return found


def paid(office: Matters, pounds: str, on: date = LAST) -> None:
    of_s1(office, "pay-month", on, month=APRIL, paid=pounds).then(f.MonthPaid)


def open_of(office: Matters) -> list[str]:
    """The months whose payment is to be settled."""
    state = office.state(MATTER, "S1")
    open_ = (due for due in state.book.of(state.whom) if due.is_open)
    return [due.slot.about for due in open_ if due.slot.what == SETTLE_PAYMENT]


def test_a_month_is_paid_once_and_less_than_is_due_is_owed(office: Matters) -> None:
    paid(office, "140.00")
    of_s1(office, "pay-month", LATER, month=LAST, paid="140.00").then_nothing()
    of_s1(office, "pay-month", LATER, month=APRIL, paid="150.00").then_refused("CV-02")
    assert open_of(office) == ["2020-04"]
    settled = of_s1(office, "settle-payment", LATER, month=APRIL, becomes="pay")
    settled.then(f.MonthSettled).saying(paid=Decimal("10.00"))
    assert open_of(office) == []
    of_s1(office, "settle-payment", LATER, month=APRIL, becomes="pay").then_nothing()
    of_s1(office, "settle-payment", LATER, month=LATER, becomes="pay").then_refused(
        because="no payment of 2020-05", kind=NotOnRecord
    )


def test_what_ends_the_sum_within_a_paid_month_is_too_much_of_it(office: Matters) -> None:
    paid(office, "150.00")
    ended = of_s1(office, "stop", LATER, effective_from=date(2020, 4, 16))
    ended.then(f.AcceptanceEnded, f.MonthDiffers).saying(
        due=Decimal("75.00"), believed=Decimal("150.00"), difference=Decimal("-75.00")
    )
    found = office.answer(MATTER, "payment", LAST, known_on=LATER)
    assert (found.by_days, found.to_settle) == (Decimal("75.00"), Decimal("-75.00"))


def test_a_leave_that_is_another_one_is_held_on_the_same_days(office: Matters) -> None:
    of_s1(office, "record-leave", LAST, **ABSENT).then(f.LeaveRecorded)
    paid(office, "90.00")
    right = {"leave": "absence", "began": ABSENT["effective_from"], "leave_now": "special-leave"}
    # The days are as many: nothing differs of what was paid.
    of_s1(office, "correct-leave", LATER, **right).then(f.LeaveCorrected).saying(
        was="absence", was_term="counted_absence", effective_to=ABSENT["effective_to"]
    )
    of_s1(office, "correct-leave", LATER, **right).then_nothing()
    other = {"leave": "absence", "effective_from": LAST, "effective_to": date(2020, 5, 2)}
    of_s1(office, "record-leave", LATER, **other).then(f.LeaveRecorded, f.MonthDiffers)
    over = {"effective_from": date(2020, 4, 10), "effective_to": date(2020, 5, 2)}
    of_s1(office, "correct-leave", LATER, leave="absence", began=LAST, **over).then_refused(
        "CV-02", because="special-leave is on record from 2020-04-06"
    )
    # What is found to be none leaves nothing to settle.
    none = of_s1(office, "correct-leave", LATER, leave="absence", began=LAST)
    none.then(f.LeaveCorrected, f.MonthDiffers).saying(difference=Decimal(0))
    assert open_of(office) == []


def test_a_payment_that_stands_though_it_would_differ_can_still_be_settled(
    office: Matters,
) -> None:
    paid(office, "150.00")
    entered: dict[str, Any] = {"on": date(2020, 4, 20), "today": LATER, **ABSENT}
    of_s1(office, "record-leave", **entered).then(f.LeaveRecorded, t.DutyToSettleOpened)
    office.settle_everything(Settlement.STANDS, LATER)
    stands = {"month": APRIL, "becomes": "stands"}
    of_s1(office, "settle-payment", LATER, **stands).then_refused("CV-02", because="say why")
    of_s1(office, "settle-payment", LATER, month=APRIL, becomes="pay").then_refused(
        "CV-02-taken-back", because="policy on overpayments"
    )
