"""Tiny staff returns, written inline: a good row, and whatever a test changes in it."""

import csv
import io
from collections.abc import Callable
from datetime import date

import pytest

from transfer.core.employed import NotEmployed
from transfer.core.texts import caseless

GOOD: dict[str, str] = {
    "staff_number": "S1",
    "name": "Ann Example",
    "employer": "London",
    "unit": "Lambeth",
    "role": "Probation officer",
    "band": "4",
    "fte": "1",
    "in_post_from": "2009-04-01",
}


@pytest.fixture
def make_return() -> Callable[..., bytes]:
    """Rows given as what differs from the good one; every column that any row names is there."""

    def make(*rows: dict[str, str]) -> bytes:
        text = io.StringIO(newline="")
        names = [*GOOD, *sorted({name for row in rows for name in row} - set(GOOD))]
        writer = csv.DictWriter(text, names)
        writer.writeheader()
        writer.writerows(GOOD | row for row in rows)
        return text.getvalue().encode()

    return make


class Recorded:
    """A record on which some people are, and some of them left on a day."""

    def __init__(self, *numbers: str, left: dict[str, date] | None = None) -> None:
        self._spellings = {caseless(number): number for number in numbers}
        self._left = left or {}
        self.asked: list[str] = []

    def spelled(self, staff_number: str) -> str | None:
        self.asked.append(staff_number)
        return self._spellings.get(caseless(staff_number))

    def not_employed(self, staff_number: str, on: date) -> NotEmployed | None:
        left = self._left.get(staff_number)
        return None if left is None or on < left else NotEmployed(on, left)


@pytest.fixture
def recorded() -> type[Recorded]:
    """Makes a record on which the people named are."""
    return Recorded
