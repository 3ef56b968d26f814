"""Redundancy: weeks of pay by scheme, and what was due beside what was paid."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.support.cases import cases
from transfer.core.dating.calendars import last_day_of_months_beginning_with
from transfer.core.pay.money import pounds, written
from transfer.core.redundancy import (
    PartYears,
    Scheme,
    Settlement,
    complete_months,
    entitlement,
    settle,
)
from transfer.core.refusals import Refused

D = date.fromisoformat
TABLES = Path(__file__).parent / "cases" / "redundancy.md"
PARTS = {"left out": PartYears.LEFT_OUT, "by months": PartYears.BY_MONTHS}


def scheme(text: str, part_years: str) -> Scheme:
    """`4.5 to 67.5`, or `2` without a most."""
    a_year, _, most = text.partition(" to ")
    return Scheme(
        weeks_a_year=Decimal(a_year),
        most_weeks=Decimal(most) if most else None,
        part_years=PARTS[part_years],
    )


@pytest.mark.parametrize(
    ("given_", "parts", "service", "last", "years", "months", "weeks", "capped", "_why"),
    cases(TABLES, "Weeks of pay"),
)
def test_weeks_of_pay(
    given_: str,
    parts: str,
    service: str,
    last: str,
    years: str,
    months: str,
    weeks: str,
    capped: str,
    _why: str,
) -> None:
    found = entitlement(scheme(given_, parts), service_from=D(service), last_day=D(last))
    assert (found.years, found.months) == (int(years), int(months))
    assert found.weeks == Decimal(weeks)
    assert found.capped == (capped == "yes") == (found.weeks < found.weeks_of_service)
    assert (found.service_from, found.last_day) == (D(service), D(last))


@pytest.mark.parametrize(
    ("given_", "parts", "service", "last", "weeks_pay", "due", "paid", "short", "_why"),
    cases(TABLES, "Due and paid"),
)
def test_what_is_due_beside_what_was_paid(
    given_: str,
    parts: str,
    service: str,
    last: str,
    weeks_pay: str,
    due: str,
    paid: str,
    short: str,
    _why: str,
) -> None:
    found = settle(
        scheme(given_, parts),
        service_from=D(service),
        last_day=D(last),
        weeks_pay=pounds(weeks_pay),
        paid=pounds(paid),
    )
    assert (written(found.due), written(found.short)) == (due, short)
    assert Settlement.model_validate_json(found.model_dump_json()) == found


@settings(derandomize=True, max_examples=200, deadline=None)
@given(service_from=st.dates(D("1970-01-01"), D("2020-12-31")), days=st.integers(0, 4_000))
def test_months_of_service_are_those_that_have_ended(service_from: date, days: int) -> None:
    last_day = service_from + timedelta(days=days)
    ended = 0
    while last_day_of_months_beginning_with(service_from, ended + 1).later <= last_day:
        ended += 1
    assert complete_months(service_from, last_day) == ended


def test_weeks_are_written_in_plain_digits() -> None:
    whole = scheme("2", "left out")
    found = entitlement(whole, service_from=D("1964-06-01"), last_day=D("2014-05-31"))
    assert str(found.weeks) == "100"


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(Refused, match="cannot end on 2014-05-31"):
        complete_months(D("2014-06-01"), D("2014-05-31"))
    with pytest.raises(ValidationError, match="greater than 0"):
        Scheme(weeks_a_year=Decimal(0))
