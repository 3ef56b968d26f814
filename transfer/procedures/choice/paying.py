"""What somebody is paid of a sum a month, and what follows where it was worked out too early.

    paid ─► days or hours turn out otherwise ─► the difference is to be settled
                                             ─► paid, or let stand for a reason

What was due when it was paid stays on record as it was believed then. Where the days on which it
was worked out were known too late, the decision itself is put up for settling as any other.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import wraps
from typing import TypeVar

from pydantic import BaseModel

from transfer.core.editions.rules import RulesOfEdition
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import MatterFact
from transfer.core.pay.allowances import pro_rata
from transfer.core.pay.money import Pounds
from transfer.core.refusals import NotOnRecord, Refused
from transfer.core.words import Frozen
from transfer.procedures.choice import facts as f
from transfer.procedures.choice.edition import Scheme
from transfer.procedures.choice.round import (
    Chooser,
    chooser_of,
    evolve_chooser,
    month_of,
    rules_of,
    scheme_of,
)

N = TypeVar("N", bound=BaseModel)

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Due:
    """What is due of a month: the days that count, those of leave, and the sum by both readings;
    by hours only where they were stated."""

    days: int
    days_of_leave: int
    by_days: Decimal
    by_hours: Decimal | None

    def by(self, reading: f.Reading) -> Decimal | None:
        """The sum by one of the readings; `None` by hours that nobody has stated."""
        if reading is f.Reading.HOURS and not self.days:
            return NOTHING
        return self.by_days if reading is f.Reading.DAYS else self.by_hours


def _terms_paid(scheme: Scheme) -> set[str]:
    """The terms that the sum is paid by."""
    grants = (grant for option in scheme.options for grant in option.grants)
    return {each.term for each in grants if each.clause == scheme.monthly}


def _days_of(month: date) -> Iterator[date]:
    """The days of the month that a day lies in."""
    first, after = month_of(month)
    return (first + timedelta(days=n) for n in range((after - first).days))


def due_of_month(rules: RulesOfEdition, scheme: Scheme, mine: Chooser, month: date) -> Due:
    """What is due of a month, from the days on which the sum is held and those of leave, by what is
    on record of the round. Sources: CV-02, CN-5: there is no least number of days."""
    terms = _terms_paid(scheme)
    paid = {
        day
        for day in _days_of(month)
        if any(each.term in terms and each.covers(day) for each in mine.held)
    }
    away = {day for day in _days_of(month) if any(each.covers(day) for each in mine.leaves)}
    days, hours = len(paid - away), mine.hours.get(month)
    worked = (1, 1) if hours is None else (hours.hours, hours.full_hours)
    found = pro_rata(
        rules.decimal(_monthly(scheme)),
        month=month,
        hours=Decimal(worked[0]),
        full_hours=Decimal(worked[1]),
        days=days,
    )
    return Due(
        days=days,
        days_of_leave=len(paid & away),
        by_days=found.by_days,
        by_hours=None if hours is None or not days else found.by_hours,
    )


# --- what acts need ------------------------------------------------------------------------------


class MonthToPay(Frozen):
    """What was paid for a month (by any of its days), and by which reading of pro rata it was
    worked out."""

    month: date
    goes_by: f.Reading = f.Reading.DAYS
    paid: Pounds


class Settles(StrEnum):
    """What becomes of a difference."""

    PAY = "pay"
    """It is paid."""
    STANDS = "stands"
    """What was paid stands, for the reason that is given."""


class DifferenceToSettle(Frozen):
    """The month whose payment differs, and what becomes of the difference."""

    month: date
    becomes: Settles


# --- decisions -----------------------------------------------------------------------------------


def pay_month(case: Case, needs: MonthToPay) -> tuple[MatterFact, ...]:
    """Put on record what was paid for a month, beside what was due by what was known then.

    Raises `Refused` where the scheme has no such sum, nobody has taken the offer in that month, or
    the hours are not known by which it goes; and for a second payment of one month.
    """
    scheme, mine, rules = scheme_of(case), chooser_of(case), rules_of(case)
    clause = _monthly(scheme)
    month, _ = month_of(needs.month)
    before = mine.paid.get(month)
    if before is not None:
        if (before.paid, before.goes_by) == (needs.paid, needs.goes_by):
            return ()
        raise Refused(
            f"{before.paid} pounds were paid for that month on {before.happened_on}: what differs "
            "is settled",
            clause=clause,
        )
    found = due_of_month(rules, scheme, mine, month)
    due = found.by(needs.goes_by)
    if due is None:
        raise Refused("the hours of that month are not on record", clause=clause)
    if not found.days and not found.days_of_leave:
        raise Refused("they had not taken the offer in that month", clause=clause)
    return (
        f.MonthPaid(
            **case.stamp(clause),
            month_from=month,
            goes_by=needs.goes_by,
            days=found.days,
            days_of_leave=found.days_of_leave,
            due=due,
            paid=needs.paid,
            difference=due - needs.paid,
        ),
    )


def settle_payment(case: Case, needs: DifferenceToSettle) -> tuple[MatterFact, ...]:
    """Pay what is missing of a month, or say why what was paid stands.

    Raises `Refused` where nothing differs, and where too much was paid: nothing that was paid is
    taken back here, and whether it may be is the edition's to know.
    """
    scheme, mine, rules = scheme_of(case), chooser_of(case), rules_of(case)
    month, _ = month_of(needs.month)
    payment = mine.paid.get(month)
    if payment is None:
        raise NotOnRecord(f"no payment of {month:%Y-%m} is on record")
    now = due_of_month(rules, scheme, mine, month).by(payment.goes_by)
    difference = NOTHING if now is None else now - mine.settled[month]
    if not difference:
        return ()
    if needs.becomes is Settles.PAY and difference < 0:
        if scheme.taken_back is not None:
            rules.value(scheme.taken_back)
        raise Refused(
            f"{-difference} pounds too much were paid: nothing is taken back by this",
            clause=scheme.taken_back,
        )
    if needs.becomes is Settles.STANDS and not case.made.reason:
        raise Refused("say why what was paid stands (reason)", clause=_monthly(scheme))
    return (
        f.MonthSettled(
            **case.stamp(_monthly(scheme)),
            month_from=month,
            difference=difference,
            paid=difference if needs.becomes is Settles.PAY else NOTHING,
        ),
    )


def _monthly(scheme: Scheme) -> str:
    if scheme.monthly is None:
        raise Refused(f"{scheme.id} pays no sum a month", clause=scheme.clause)
    return scheme.monthly


# --- what follows --------------------------------------------------------------------------------


def followed_up(
    decide: Callable[[Case, N], tuple[MatterFact, ...]],
) -> Callable[[Case, N], tuple[MatterFact, ...]]:
    """The same decision, and after it each month that was paid and is due otherwise because of it.

    Such a month is to be settled, in the command that changed what it is worked out from.
    """

    @wraps(decide)
    def decided(case: Case, needs: N) -> tuple[MatterFact, ...]:
        facts = decide(case, needs)
        return (*facts, *_differing(case, facts)) if facts else facts

    return decided


def _differing(case: Case, new: Iterable[MatterFact]) -> Iterator[MatterFact]:
    scheme, mine, rules = scheme_of(case), chooser_of(case), rules_of(case)
    if not mine.paid:
        return
    after = deepcopy(mine)
    for fact in new:
        evolve_chooser(after, fact)
    clauses = (_monthly(scheme), *dict.fromkeys(each.clause for each in scheme.leaves))
    for month, payment in sorted(mine.paid.items()):
        now = due_of_month(rules, scheme, after, month).by(payment.goes_by)
        settled = mine.settled.get(month, payment.paid)
        difference = NOTHING if now is None else now - settled
        if now is None or difference == mine.differs.get(month, NOTHING):
            continue
        yield f.MonthDiffers(
            **case.stamp(*clauses),
            month_from=month,
            believed=payment.due,
            due=now,
            difference=difference,
        )
