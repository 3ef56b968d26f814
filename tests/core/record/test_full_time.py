"""What concurrent jobs add up to, by the table of cases."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.cases import cases
from transfer.core.record.full_time import add_up, plain

ROWS = cases(Path(__file__).parent / "cases" / "full-time.md", "What the parts add up to")


@pytest.mark.parametrize(("parts", "total", "over", "left_out"), ROWS)
def test_what_parts_add_up_to(parts: str, total: str, over: str, left_out: str) -> None:
    stated = dict(part.split(" ") for part in parts.split(", "))
    found = add_up({job: None if fte == "-" else fte for job, fte in stated.items()})
    assert plain(found.total) == total
    assert found.over_one == (over == "yes")
    assert found.unstated == tuple(filter(None, left_out.split(", ")))


@pytest.mark.parametrize("fte", ["", "much", "NaN", "-1", "0", "2", "Infinity"])
def test_what_is_no_part_of_a_full_time_is_left_out(fte: str) -> None:
    assert add_up({"main": "1", "evenings": fte}).unstated == ("evenings",)


def test_a_sum_is_written_in_plain_digits() -> None:
    assert [plain(Decimal(text)) for text in ("1.20", "1", "10", "0.0", "1E+1")] == [
        *("1.2", "1", "10", "0", "10")
    ]
