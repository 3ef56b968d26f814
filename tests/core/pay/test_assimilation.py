"""Assimilation to a scale, and an allowance both ways: the tables of cases."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.cases import cases
from transfer.core.pay.allowances import pro_rata
from transfer.core.pay.money import pounds, written
from transfer.core.pay.protecting import Point, assimilate
from transfer.core.refusals import Refused

TABLES = Path(__file__).parent / "cases" / "pay.md"
BAND = [Point(name=name, a_year=name) for name in ("28000", "26000", "27000")]


@pytest.mark.parametrize(
    ("salary", "hours", "equivalent", "point", "excess", "paid", "_why"),
    cases(TABLES, "Assimilation"),
)
def test_a_salary_is_assimilated(
    salary: str, hours: str, equivalent: str, point: str, excess: str, paid: str, _why: str
) -> None:
    found = assimilate(pounds(salary), hours=Decimal(hours), at_hours=Decimal(37), points=BAND)
    assert written(found.equivalent) == equivalent
    assert found.point.name == point
    assert (written(found.excess), written(found.total)) == (excess, paid)


def test_a_band_needs_points_and_a_week_hours() -> None:
    with pytest.raises(Refused, match="no pay points"):
        assimilate(Decimal(20_000), hours=Decimal(37), at_hours=Decimal(37), points=[])
    with pytest.raises(Refused, match="0 is not above 0"):
        assimilate(Decimal(20_000), hours=Decimal(0), at_hours=Decimal(37), points=BAND)


@pytest.mark.parametrize(
    ("month", "hours", "full", "days", "by_hours", "by_days", "_why"), cases(TABLES, "Allowances")
)
def test_an_allowance_is_shown_both_ways(
    month: str, hours: str, full: str, days: str, by_hours: str, by_days: str, _why: str
) -> None:
    found = pro_rata(
        Decimal(150),
        month=date.fromisoformat(month),
        hours=Decimal(hours),
        full_hours=Decimal(full),
        days=int(days),
    )
    assert (written(found.by_hours), written(found.by_days)) == (by_hours, by_days)


@pytest.mark.parametrize(
    ("hours", "full", "days", "why"),
    [
        ("161", "160", 30, "161 hours are not part of 160"),
        ("-1", "160", 30, "-1 hours are not part"),
        ("0", "0", 30, "0 hours are not part of 0"),
        ("160", "160", 31, "31 days are not of a month of 30"),
        ("160", "160", -1, "-1 days are not of a month"),
    ],
)
def test_more_than_the_whole_is_refused(hours: str, full: str, days: int, why: str) -> None:
    with pytest.raises(Refused, match=why):
        pro_rata(
            Decimal(150),
            month=date(2020, 4, 1),
            hours=Decimal(hours),
            full_hours=Decimal(full),
            days=days,
        )
