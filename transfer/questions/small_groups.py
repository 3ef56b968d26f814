"""Numbers of people by group, shown so that nobody learns how many are in a small group.

    nobody is in a small group      every number is shown, and the total
    else    a small group           "fewer than 5", the threshold being 5
            one further group       not shown: a reader who knows the total could subtract the
                                    other groups from it and be left with the small one
            the total               not shown, for the same reason

What is shown of a table with small groups is the same whatever their numbers are, from one to one
less than the threshold; so it says no more about them. The further group is the smallest with at
least twice as many people as the largest small group may have, so that a known total leaves every
one of these numbers possible; where there is none, the largest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

G = TypeVar("G")


class Shown(StrEnum):
    """How a number is shown: as it is, as fewer than the threshold, or not at all, for the sake of
    others."""

    EXACT = "exact"
    FEWER = "fewer"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class GroupShown(Generic[G]):
    """A group and how its number is shown; `people` is there where it is shown as it is."""

    group: G
    shown: Shown
    people: int | None = None


@dataclass(frozen=True, slots=True)
class Table(Generic[G]):
    """The groups in their order, and the total; `None`: it is not shown."""

    groups: tuple[GroupShown[G], ...]
    total: int | None


def without_small_numbers(counts: Mapping[G, int], total: int, threshold: int) -> Table[G]:
    """Numbers of people by group as they may be shown; `threshold` is the smallest number that is.

    Groups of nobody are left out. Raises `ValueError` for a threshold below one.
    """
    if threshold < 1:
        raise ValueError(f"a threshold is one or more: {threshold}")
    people = {group: number for group, number in counts.items() if number > 0}
    small = {group for group, number in people.items() if number < threshold}
    if not small:
        shown = (GroupShown(group, Shown.EXACT, number) for group, number in people.items())
        return Table(tuple(shown), total)
    beside = _beside(people, small, 2 * (threshold - 1))
    return Table(
        tuple(
            GroupShown(group, Shown.FEWER)
            if group in small
            else GroupShown(group, Shown.WITHHELD)
            if group == beside
            else GroupShown(group, Shown.EXACT, number)
            for group, number in people.items()
        ),
        None,
    )


def split(counts: Mapping[G, int], threshold: int) -> Table[G]:
    """A number that is shown, split among groups: who reads the split knows the total.

    As `without_small_numbers`; but where a group is small and none is large enough to stand beside
    it, no number of any group is shown, not even of one that has nobody: the total would tell too
    much otherwise. Groups of nobody stay in.
    """
    table = without_small_numbers(counts, sum(counts.values()), threshold)
    shown = {each.group: each for each in table.groups}
    if table.total is None and max(counts.values()) < 2 * (threshold - 1):
        return Table(tuple(GroupShown(group, Shown.WITHHELD) for group in counts), None)
    nobody = {group: GroupShown(group, Shown.EXACT, 0) for group in counts}
    return Table(tuple((nobody | shown)[group] for group in counts), table.total)


def _beside(people: Mapping[G, int], small: set[G], enough: int) -> G | None:
    """The further group that is not shown; `None`: there is none but small ones."""
    others = [group for group in people if group not in small]
    large = [group for group in others if people[group] >= enough]
    if large:
        return min(large, key=people.__getitem__)
    return max(others, key=people.__getitem__, default=None)
