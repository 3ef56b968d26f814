"""Pay month by month, back pay and arrears: the tables, and each day added up beside them."""

import re
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.support.cases import cases
from transfer.core.dating.calendars import months_after
from transfer.core.pay.money import pounds, to_the_penny, written
from transfer.core.pay.monthly import (
    Arrears,
    Rate,
    arrears,
    back_pay,
    back_pay_as_asserted,
    pay_by_month,
)
from transfer.core.pay.protecting import marking_time
from transfer.core.refusals import Refused

D = date.fromisoformat
TABLES = Path(__file__).parent / "cases" / "pay.md"
ONE_DAY = timedelta(days=1)


def rates(text: str) -> list[Rate]:
    """`24000 from 2021-01-01 at 0.6, 25200 from 2021-04-16`: each ends where the next begins."""
    found = re.findall(r"([0-9.]+) from ([0-9-]+)(?: at ([0-9.]+))?", text)
    ends: list[date | None] = [*(D(begins) for _, begins, _ in found[1:]), None]
    return [
        Rate(
            a_year=pounds(sum_),
            effective_from=D(begins),
            effective_to=end,
            fte=Decimal(fte or "1"),
        )
        for (sum_, begins, fte), end in zip(found, ends, strict=True)
    ]


@pytest.mark.parametrize(
    ("given_", "first", "to", "months", "total", "_why"), cases(TABLES, "Month by month")
)
def test_pay_month_by_month(
    given_: str, first: str, to: str, months: str, total: str, _why: str
) -> None:
    found = pay_by_month(rates(given_), D(first), D(to))
    assert ", ".join(written(month.pay) for month in found.months) == months
    assert written(found.total) == total
    assert found.months[0].first == D(first)
    assert found.months[-1].last == D(to) - ONE_DAY


@pytest.mark.parametrize(
    ("paid", "due", "to", "employer", "employers", "unions", "sum_of_unions", "_why"),
    cases(TABLES, "Back pay"),
)
def test_back_pay_from_the_day_that_each_side_asserts(
    paid: str,
    due: str,
    to: str,
    employer: str,
    employers: str,
    unions: str,
    sum_of_unions: str,
    _why: str,
) -> None:
    asserted = {"employer": D(employer), "unions": D(unions)}
    found = back_pay_as_asserted(rates(paid), rates(due), asserted=asserted, effective_to=D(to))
    assert [(each.by, each.effective_from, written(each.owed.total)) for each in found] == [
        ("employer", D(employer), employers),
        ("unions", D(unions), sum_of_unions),
    ]


@pytest.mark.parametrize(
    ("was", "now", "first", "to", "paid", "due", "between", "total", "_why"),
    cases(TABLES, "Arrears"),
)
def test_arrears_of_a_change_backwards(
    was: str,
    now: str,
    first: str,
    to: str,
    paid: str,
    due: str,
    between: str,
    total: str,
    _why: str,
) -> None:
    found = arrears(rates(was), rates(now), D(first), D(to))
    assert ", ".join(written(month.was) for month in found.months) == paid
    assert ", ".join(written(month.now) for month in found.months) == due
    assert ", ".join(written(month.difference) for month in found.months) == between
    assert written(found.total) == total
    assert Arrears.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize(("points", "protection", "paid", "_why"), cases(TABLES, "Marking time"))
def test_a_protected_salary_marks_time(points: str, protection: str, paid: str, _why: str) -> None:
    salary, _, first, _, to = protection.split(" ")
    found = marking_time(
        rates(points),
        pounds(salary),
        effective_from=D(first),
        effective_to=None if to == "never" else D(to),
    )
    assert list(found) == rates(paid)


# Each day added up ------------------------------------------------------------------------

DAYS = st.dates(D("2019-01-01"), D("2022-12-31"))
SUMS = st.integers(1_000_000, 9_999_999).map(lambda pence: Decimal(pence).scaleb(-2))
SHARES = st.sampled_from([Decimal(1), Decimal("0.6"), Decimal("0.333"), Decimal(0)])


@st.composite
def some_rates(draw: st.DrawFn) -> list[Rate]:
    """Rates that cover 2019 to 2022, one after another, in any order."""
    begin = [D("2018-12-01"), *sorted(draw(st.sets(DAYS, max_size=4)))]
    made = [
        Rate(a_year=draw(SUMS), effective_from=first, effective_to=to, fte=draw(SHARES))
        for first, to in zip(begin, [*begin[1:], None], strict=True)
    ]
    return draw(st.permutations(made))


def a_day(all_rates: list[Rate], day: date) -> Fraction:
    """What one day is paid: its part of a twelfth of the rate that holds on it."""
    [rate] = [each for each in all_rates if each.effective_from <= day < each.until]
    first = day.replace(day=1)
    return Fraction(rate.a_year) * Fraction(rate.fte) / 12 / (months_after(first, 1) - first).days


@settings(derandomize=True, max_examples=100, deadline=None)
@given(was=some_rates(), now=some_rates(), first=DAYS, days=st.integers(1, 120))
def test_each_day_added_up_comes_to_the_same(
    was: list[Rate], now: list[Rate], first: date, days: int
) -> None:
    to = min(first + timedelta(days=days), D("2023-01-01"))
    pay, owed = pay_by_month(now, first, to), back_pay(was, now, first, to)
    day = first
    for month, back in zip(pay.months, owed.months, strict=True):
        earned = more = Fraction(0)
        for _ in range(month.days):
            earned += a_day(now, day)
            more += a_day(now, day) - a_day(was, day)
            assert month.first <= day <= month.last
            day += ONE_DAY
        assert month.pay == to_the_penny(earned)
        assert back.pay == to_the_penny(more)
    assert day == to
    assert pay.total == sum(month.pay for month in pay.months)
    between = arrears(was, now, first, to)
    assert abs(between.total - owed.total) <= Decimal("0.01") * len(pay.months)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(points=some_rates(), protected=SUMS, first=DAYS, days=st.integers(1, 900), asked=DAYS)
def test_total_pay_is_the_higher_on_any_day(
    points: list[Rate], protected: Decimal, first: date, days: int, asked: date
) -> None:
    to = first + timedelta(days=days)
    [point] = [each for each in points if each.effective_from <= asked < each.until]
    paid = marking_time(points, protected, effective_from=first, effective_to=to)
    [on_that_day] = [each for each in paid if each.effective_from <= asked < each.until]
    held = first <= asked < to
    assert on_that_day.a_year == (max(protected, point.a_year) if held else point.a_year)
    assert on_that_day.fte == point.fte


# What is refused --------------------------------------------------------------------------


def test_days_without_a_rate_or_with_two_are_refused() -> None:
    [rate] = rates("24000 from 2021-06-10")
    with pytest.raises(Refused, match="no rate of pay is known for 2021-06-01"):
        pay_by_month([rate], D("2021-06-01"), D("2021-07-01"))
    ended = rate.model_copy(update={"effective_to": D("2021-06-20")})
    with pytest.raises(Refused, match="no rate of pay is known for 2021-06-20"):
        pay_by_month([ended], D("2021-06-10"), D("2021-07-01"))
    again = rate.model_copy(update={"effective_from": D("2021-06-25")})
    with pytest.raises(Refused, match="no rate of pay is known for 2021-06-20"):
        pay_by_month([again, ended], D("2021-06-10"), D("2021-07-01"))
    with pytest.raises(Refused, match="two rates of pay hold on 2021-06-25"):
        pay_by_month([rate, again], D("2021-06-10"), D("2021-07-01"))
    with pytest.raises(Refused, match="there is no day from 2021-07-01 up to 2021-07-01"):
        pay_by_month([rate], D("2021-07-01"), D("2021-07-01"))
    with pytest.raises(ValidationError, match="ends after that day"):
        Rate(a_year="24000", effective_from=D("2021-06-10"), effective_to=D("2021-06-10"))
