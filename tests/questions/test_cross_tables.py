"""Several tables of the same people: what one hides, no other tells."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import pytest

from transfer.questions.cross_tables import (
    Counted,
    Group,
    Line,
    Number,
    added,
    people_in,
    tables_of,
)
from transfer.questions.small_groups import Shown, split

COLUMNS = ("upheld", "rejected")
SORTS = ("employer", "unit", "band")


def _people(*rows: tuple[int, str, str, str, str]) -> list[Counted]:
    """So many people of a column, an employer, a unit and a band, row by row."""
    return [
        Counted(column, {"employer": (employer,), "unit": (employer, unit), "band": (band,)})
        for number, column, employer, unit, band in rows
        for _ in range(number)
    ]


def _told(line: Line) -> list[int | str]:
    return [each.shown if each.people is None else each.people for each in line.values()]


def _tables(*rows: tuple[int, str, str, str, str]) -> Mapping[str, Mapping[Group, list[int | str]]]:
    found = tables_of(_people(*rows), COLUMNS, SORTS, 5, {"unit": "employer"})
    return {
        "all": {(): _told(found.totals)},
        **{s: {g: _told(line) for g, line in rows.items()} for s, rows in found.sorts.items()},
    }


def test_large_numbers_are_shown_and_rows_add_up() -> None:
    found = _tables((6, "upheld", "A", "x", "3"), (7, "rejected", "A", "y", "4"))
    assert found["all"] == {(): [6, 7]}
    assert found["employer"] == {("A",): [6, 7]}
    assert found["unit"] == {("A", "x"): [6, 0], ("A", "y"): [0, 7]}
    assert people_in({"upheld": Number(Shown.EXACT, 6), "rejected": Number(Shown.EXACT, 0)}) == 6


def test_a_column_whose_total_is_small_is_split_by_nothing() -> None:
    found = _tables((3, "upheld", "A", "x", "3"), (9, "rejected", "A", "x", "3"))
    assert found["all"] == {(): ["fewer", "withheld"]}
    assert found["employer"] == {("A",): ["withheld", "withheld"]}
    assert found["band"] == {("3",): ["withheld", "withheld"]}


def test_the_other_tables_do_not_give_a_small_group_away() -> None:
    """The total of a column is known from the table of bands: so a further employer is withheld."""
    found = _tables(
        (3, "upheld", "A", "x", "3"), (9, "upheld", "B", "x", "3"), (20, "upheld", "C", "x", "3")
    )
    assert found["band"] == {("3",): [32, 0]}
    assert found["employer"] == {
        ("A",): ["fewer", 0],
        ("B",): ["withheld", 0],
        ("C",): [20, 0],
    }


def test_the_units_of_an_employer_do_not_give_its_number_away() -> None:
    """All units of B together would be B's number, which is withheld for the sake of A."""
    found = _tables(
        (3, "upheld", "A", "x", "3"),
        (9, "upheld", "B", "y", "3"),
        (20, "upheld", "C", "z", "3"),
        (8, "upheld", "C", "w", "3"),
    )
    assert found["unit"] == {
        ("A", "x"): ["withheld", 0],
        ("B", "y"): ["withheld", 0],
        ("C", "w"): [8, 0],
        ("C", "z"): [20, 0],
    }


def test_where_no_group_is_large_enough_not_even_zeros_are_shown() -> None:
    found = split({"A": 1, "B": 5, "C": 0}, 5)
    assert {each.group: each.shown for each in found.groups} == dict.fromkeys("ABC", Shown.WITHHELD)
    assert found.total is None


@pytest.mark.parametrize(("threshold", "groups"), [(2, 4), (3, 4), (4, 3), (5, 2)])
def test_one_who_knows_the_total_can_exclude_no_small_number(threshold: int, groups: int) -> None:
    """Whatever is shown, each small group may have any small number; or nothing is shown at all."""
    for numbers in product(range(3 * threshold), repeat=groups):
        if sum(numbers) < threshold:
            continue  # such a total is not shown, and so it is not split
        shown = split(dict(enumerate(numbers)), threshold).groups
        few = sum(each.shown is Shown.FEWER for each in shown)
        beside = sum(each.shown is Shown.WITHHELD for each in shown)
        if not few:
            assert beside == (groups if any(0 < each < threshold for each in numbers) else 0)
            continue
        assert (few, beside) == (sum(0 < each < threshold for each in numbers), 1)
        left = sum(numbers) - sum(each.people or 0 for each in shown)
        # The other small ones have one at least, and the one beside them as many as are shown.
        assert (
            all(
                left - number - (few - 1) * (threshold - 1) >= threshold
                for number in range(1, threshold)
            )
            or few > 1
        )
        assert left - (threshold - 1) - (few - 1) >= threshold


def test_a_sum_of_reports_shows_what_each_of_them_shows() -> None:
    """Two reports and their sum: the second has a small number, which the sum would tell."""
    large = _people((20, "upheld", "A", "x", "3"), (30, "rejected", "B", "x", "3"))
    small = _people((2, "upheld", "A", "x", "3"), (30, "rejected", "B", "x", "3"))
    first, second = (
        tables_of(each, COLUMNS, SORTS, 5, {"unit": "employer"}) for each in (large, small)
    )
    whole = added([first, second], COLUMNS, SORTS)
    assert _told(whole.totals) == ["withheld", "withheld"]
    twice = added([first, first], COLUMNS, SORTS)
    assert _told(twice.totals) == [40, 60]
    assert _told(twice.sorts["employer"][("A",)]) == [40, 0]
    assert added([first], COLUMNS, SORTS) is first
    assert _told(added([], COLUMNS, SORTS).totals) == [0, 0]
