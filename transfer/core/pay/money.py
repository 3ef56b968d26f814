"""Sums of money in pounds sterling, exact to the penny; no floating number is one.

A sum is a `Decimal` with at most two places, written `1234.50`. What is worked out on the way to a
sum is a `Fraction`, and is rounded half up once, when it becomes a sum (CN-5).
"""

import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, PlainSerializer

from transfer.core.refusals import Malformed

_SUM = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,2})?", re.ASCII)
_NOT_A_SUM = "is not a sum of money in pounds, as in 1234.50"
_WANTED = f"this {_NOT_A_SUM}"


def pounds(text: str) -> Decimal:
    """A sum as it is written, with no more than two places; `Malformed` where it is not one."""
    if _SUM.fullmatch(text) is None:
        raise Malformed(f"{text!r} {_NOT_A_SUM}", field="sum")
    return Decimal(text)


def written(amount: Decimal) -> str:
    """A sum with both its places: `1234.50`."""
    return f"{amount:.2f}"


def to_the_penny(exact: Fraction) -> Decimal:
    """An exact amount of pounds as a sum: rounded half up, a negative one half down alike."""
    pence = int(abs(exact) * 100 + Fraction(1, 2))
    return Decimal(-pence if exact < 0 else pence).scaleb(-2)


def _a_sum(value: object) -> Decimal:
    if isinstance(value, bool | float) or not isinstance(value, str | int | Decimal):
        raise ValueError(_WANTED)
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    try:
        return pounds(text)
    except Malformed:
        raise ValueError(_WANTED) from None


Pounds = Annotated[
    Decimal,
    BeforeValidator(_a_sum),
    PlainSerializer(written, return_type=str, when_used="json"),
]
"""A sum of money in a model: pounds sterling, in JSON the text `1234.50`."""


def _more_than_nothing(amount: Decimal) -> Decimal:
    if amount <= 0:
        raise ValueError("this is not more than nothing")
    return amount


PoundsPaid = Annotated[Pounds, AfterValidator(_more_than_nothing)]
"""The same, of a sum that is paid: more than nothing. A bound of the number would stand beside a
text in the API's description."""
