"""People by group and by what became of them, in several tables that give no small number away.

Everybody counts once. A table has a row for each group of one sort (an employer, a band) and a
column for each thing that may have become of somebody. All tables are of the same people, so what
one of them hides must not be found by subtracting what another one shows:

    a column's total      as one line of a table (`small_groups.split`); if it is not shown, nobody
                          is shown in that column by any group
    a number in a row     the column's total is split among the groups of one sort, likewise
    a row of a sort that  split within the row that it lies in, as a unit lies in an employer; not
    lies in another       shown where that row's own number is not
    a row's total         shown where all of the row is
    a sum of reports      shown where the number is shown in each of them

So a number that is hidden is neither a difference of two that are shown, nor the rest of a sum.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeVar

from transfer.questions.small_groups import Shown, split

K = TypeVar("K", bound=Hashable)

Group = tuple[Hashable, ...]
"""A group: its name and before it, where it lies in another, the name of that one."""

_NOTHING_LIES_IN: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Counted:
    """One person: the column that they are in, and their group of each sort."""

    column: str
    groups: Mapping[str, Group]


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it may be shown; `people` is there where it is shown as it is."""

    shown: Shown
    people: int | None = None


NOBODY: Final = Number(Shown.EXACT, 0)
WITHHELD: Final = Number(Shown.WITHHELD)

Line = Mapping[str, Number]
"""A number for each column."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The columns' totals, and by sort the row of each group."""

    totals: Line
    sorts: Mapping[str, Mapping[Group, Line]]


def people_in(line: Line) -> int | None:
    """How many people a row has in all; `None`: a number of it is not shown."""
    numbers = [each.people for each in line.values()]
    return None if None in numbers else sum(each or 0 for each in numbers)


def tables_of(
    people: Sequence[Counted],
    columns: Sequence[str],
    sorts: Sequence[str],
    threshold: int,
    lies_in: Mapping[str, str] = _NOTHING_LIES_IN,
) -> Tables:
    """These people counted by each sort of group; `threshold` is the smallest number shown.

    `lies_in` names for a sort the one that it lies in, which stands before it in `sorts`; its
    groups begin with the name of the group that they lie in.
    """
    of_column = Counter(each.column for each in people)
    totals = _split({column: of_column[column] for column in columns}, threshold)
    found: dict[str, Mapping[Group, Line]] = {}
    for sort in sorts:
        counts = Counter((each.groups[sort], each.column) for each in people)
        groups = sorted({each.groups[sort] for each in people}, key=str)
        above = found.get(lies_in.get(sort, ""))
        rows: dict[Group, dict[str, Number]] = {group: {} for group in groups}
        for column in columns:
            for whole, among in _parts(groups, above, column, totals[column]):
                numbers = {group: counts[group, column] for group in among}
                shown = _split(numbers, threshold) if whole.shown is Shown.EXACT else {}
                for group in among:
                    rows[group][column] = shown.get(group, WITHHELD)
        found[sort] = rows
    return Tables(totals, found)


def _parts(
    groups: Sequence[Group], above: Mapping[Group, Line] | None, column: str, total: Number
) -> Iterable[tuple[Number, Sequence[Group]]]:
    """The numbers that are split among these groups, each with those that have a part of it."""
    if above is None:
        return [(total, groups)]
    return [
        (line[column], [each for each in groups if each[:-1] == group])
        for group, line in above.items()
    ]


def _split(counts: Mapping[K, int], threshold: int) -> dict[K, Number]:
    table = split(counts, threshold)
    return {each.group: Number(each.shown, each.people) for each in table.groups}


def added(several: Sequence[Tables], columns: Sequence[str], sorts: Sequence[str]) -> Tables:
    """The sum of several reports, which adds nothing to what they show themselves."""
    if len(several) == 1:
        return several[0]
    rows: dict[str, Mapping[Group, Line]] = {}
    for sort in sorts:
        groups = sorted({group for each in several for group in each.sorts[sort]}, key=str)
        rows[sort] = {
            group: _sum([each.sorts[sort].get(group, {}) for each in several], columns)
            for group in groups
        }
    return Tables(_sum([each.totals for each in several], columns), rows)


def _sum(lines: Sequence[Line], columns: Sequence[str]) -> Line:
    found = {}
    for column in columns:
        numbers = [line.get(column, NOBODY).people for line in lines]
        hidden = None in numbers
        found[column] = (
            WITHHELD if hidden else Number(Shown.EXACT, sum(each or 0 for each in numbers))
        )
    return found
