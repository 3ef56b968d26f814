"""The days that hang on somebody's periods: statements of change, ends of protected pay."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from transfer.core.dating.effective_dating import Key, Kind, Period
from transfer.core.record.particulars import change_days, ends, is_pay_protection, statement_due_on


def period(value: str, start: date, end: date | None) -> Period:
    """A period of some key."""
    at = datetime(2014, 1, 1, tzinfo=UTC)
    key = Key(Kind.FACET, "main", "band")
    return Period(key, value, start, end, UUID(int=1), None, at, None, temporary=False)


A, B, C, D = (date(2014, month, 1) for month in (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("changed_on", "due_on"),
    [
        (date(2014, 6, 1), date(2014, 7, 1)),
        (date(2015, 1, 31), date(2015, 2, 28)),
        (date(9999, 12, 31), date.max),
    ],
)
def test_a_statement_of_change_is_due_a_month_later(changed_on: date, due_on: date) -> None:
    assert statement_due_on(changed_on) == due_on


def test_a_change_is_one_value_after_another_without_a_gap() -> None:
    assert list(change_days([period("4", A, B), period("5", B, None)])) == [B]
    assert list(change_days([period("4", A, B), period("4", B, None)])) == []
    assert list(change_days([period("4", A, B), period("5", C, None)])) == []
    assert list(change_days([])) == []


def test_what_is_held_ends_where_no_period_follows() -> None:
    assert ends([period("4", A, B), period("5", B, C)]) == {C}
    assert ends([period("4", A, B), period("5", C, D)]) == {B, D}
    assert ends([period("4", A, None)]) == {None}
    assert ends([]) == frozenset()


@pytest.mark.parametrize(
    "name", ["pay protection", "Pay-Protection", "protected_pay", "pay_protection"]
)
def test_pay_protection_is_known_by_its_name(name: str) -> None:
    assert is_pay_protection(name)


@pytest.mark.parametrize("name", ["pension protection", "evr", "continuity", "pay point"])
def test_other_terms_are_not(name: str) -> None:
    assert not is_pay_protection(name)
