"""Sums of money: read, written and rounded."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from transfer.core.pay.money import Pounds, pounds, to_the_penny, written
from transfer.core.refusals import Malformed

SUM = TypeAdapter(Pounds)


@pytest.mark.parametrize(
    ("text", "as_written"),
    [("0", "0.00"), ("1234.5", "1234.50"), ("-6916.72", "-6916.72"), ("999999999", "999999999.00")],
)
def test_a_sum_is_written_with_both_its_places(text: str, as_written: str) -> None:
    assert written(pounds(text)) == as_written
    json = SUM.dump_json(SUM.validate_python(text))
    assert json == f'"{as_written}"'.encode()
    assert SUM.validate_json(json) == pounds(text)


@pytest.mark.parametrize(
    "text", ["", "1.234", "1,234", "£1", "1e3", "NaN", "٣", " 1", "1000000000"]
)
def test_what_is_no_sum_is_malformed(text: str) -> None:
    with pytest.raises(Malformed, match="is not a sum of money"):
        pounds(text)
    with pytest.raises(ValidationError, match="is not a sum of money"):
        SUM.validate_python(text)


@pytest.mark.parametrize("value", [1.5, True, None, Decimal("0.001"), Decimal("Infinity")])
def test_what_is_not_exact_is_no_sum(value: object) -> None:
    with pytest.raises(ValidationError, match="is not a sum of money"):
        SUM.validate_python(value)


def test_whole_pounds_and_decimals_of_an_edition_are_sums() -> None:
    assert [SUM.validate_python(value) for value in (150, Decimal("1E+3"))] == [150, 1000]


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.decimals("-999999", "999999", places=4))
def test_rounding_is_half_up(exact: Decimal) -> None:
    rounded = exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    assert to_the_penny(Fraction(exact)) == rounded
    assert written(to_the_penny(Fraction(exact))) == written(rounded + 0)
