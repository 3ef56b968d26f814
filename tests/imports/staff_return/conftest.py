"""Tiny staff returns, written inline: a good row, and whatever a test changes in it."""

import csv
import io
from collections.abc import Callable

import pytest

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
