"""Small numbers are not shown, and not to be worked out."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer.questions.small_groups import GroupShown, Shown, Table, without_small_numbers

FEWER, WITHHELD = Shown.FEWER, Shown.WITHHELD


def _shown(table: Table[str]) -> dict[str, int | Shown]:
    return {each.group: each.shown if each.people is None else each.people for each in table.groups}


@pytest.mark.parametrize(
    ("counts", "shown", "total"),
    [
        ({}, {}, 0),
        ({"A": 5}, {"A": 5}, 5),
        ({"A": 5, "B": 0}, {"A": 5}, 5),
        ({"A": 4}, {"A": FEWER}, None),
        ({"A": 1, "B": 4}, {"A": FEWER, "B": FEWER}, None),
        # One further group goes with it: the smallest that is large enough, else the largest.
        ({"A": 4, "B": 900, "C": 8, "D": 7}, {"A": FEWER, "B": 900, "C": WITHHELD, "D": 7}, None),
        ({"A": 4, "B": 5, "C": 7}, {"A": FEWER, "B": 5, "C": WITHHELD}, None),
        ({"A": 4, "B": 1, "C": 20}, {"A": FEWER, "B": FEWER, "C": WITHHELD}, None),
    ],
)
def test_with_a_threshold_of_five(
    counts: dict[str, int], shown: dict[str, int | Shown], total: int | None
) -> None:
    table = without_small_numbers(counts, sum(counts.values()), 5)
    assert (_shown(table), table.total) == (shown, total)


def test_people_with_two_employers_count_once_in_the_total() -> None:
    assert without_small_numbers({"A": 6, "B": 7}, 9, 5).total == 9
    assert without_small_numbers({"A": 6, "B": 7}, 9, 10).total is None


def test_a_threshold_of_one_hides_nothing_and_none_is_refused() -> None:
    assert without_small_numbers({"A": 1, "B": 2}, 3, 1).total == 3
    with pytest.raises(ValueError, match="one or more"):
        without_small_numbers({"A": 1}, 1, 0)


THRESHOLD = st.integers(2, 6)
COUNTS = st.dictionaries(st.sampled_from("ABCDEF"), st.integers(1, 30), max_size=5)


@given(THRESHOLD, COUNTS)
def test_what_is_shown_is_the_same_whatever_the_small_numbers_are(
    threshold: int, counts: dict[str, int]
) -> None:
    """One who knows the rule and everything that is shown can exclude no number of any of them."""
    table = without_small_numbers(counts, sum(counts.values()), threshold)
    small = [each.group for each in table.groups if each.shown is FEWER]
    assert small == [group for group, number in counts.items() if number < threshold]
    for numbers in product(range(1, threshold), repeat=min(len(small), 3)):
        other = counts | dict(zip(small, numbers, strict=False))
        assert without_small_numbers(other, sum(other.values()), threshold) == table


@given(THRESHOLD, COUNTS)
def test_one_who_knows_the_total_besides_cannot_work_a_small_number_out(
    threshold: int, counts: dict[str, int]
) -> None:
    table = without_small_numbers(counts, sum(counts.values()), threshold)
    withheld = [each.group for each in table.groups if each.shown is WITHHELD]
    if not withheld or counts[withheld[0]] < 2 * (threshold - 1):
        return  # no group is large enough: see the module
    left = sum(counts.values()) - sum(each.people or 0 for each in table.groups)
    small = [each.group for each in table.groups if each.shown is FEWER]
    for number in range(1, threshold):
        assert _is_possible(small, number, left, threshold)


def _is_possible(small: list[str], of_the_first: int, left: int, threshold: int) -> bool:
    """Whether some numbers of the others add up to what is left: small ones are below the
    threshold, the one withheld is not."""
    most = (len(small) - 1) * (threshold - 1)
    return any(
        left - of_the_first - of_the_others >= threshold
        for of_the_others in range(len(small) - 1, most + 1)
    )


@given(COUNTS)
def test_nothing_else_is_hidden(counts: Mapping[str, int]) -> None:
    table = without_small_numbers(counts, sum(counts.values()), 5)
    assert [each.group for each in table.groups] == [*counts]
    for each in table.groups:
        if each.shown is Shown.EXACT:
            assert each == GroupShown(each.group, Shown.EXACT, counts[each.group])
    assert sum(each.shown is WITHHELD for each in table.groups) <= 1
