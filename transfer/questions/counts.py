"""What reports in numbers have in common: their answer, its rows as a table, and the file of
protected characteristics that one run of a report may be given.

The record has no protected characteristics. Those who keep them give a file of them to one run of a
report, which counts by them and keeps nothing (decision 49).
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from transfer.core.dating.instants import Instant
from transfer.core.refusals import Malformed
from transfer.core.texts import caseless, folded
from transfer.core.words import is_staff_number
from transfer.questions.answer import Answer
from transfer.questions.cross_tables import Group, Line, Tables, people_in
from transfer.questions.small_groups import Shown
from transfer.questions.table import Row

Characteristics = Mapping[str, Mapping[str, str]]
"""By characteristic, the value of each staff number that has one, without regard to case."""

CHARACTERISTIC: Final = "characteristic:"
"""What the sort of a group by a characteristic begins with."""

FILE: Final = "--characteristics"
"""The option that names the file."""

_NUMBER: Final = "staff_number"
_MOST: Final = 10
"""So many characteristics are counted in one run."""


class CountedPeople(Answer):
    """Of how many people something (`what`) holds. `people` is null where they are fewer than the
    threshold, or where the number is withheld, because others could be worked out from it."""

    what: str
    shown: Shown
    people: int | None


class CountedGroup(Answer):
    """A group in numbers. `by` says what people are grouped by, `group` the value (null: they have
    none), `within` the group that it lies in. `people` is how many it has in all: null where one of
    its numbers is not shown."""

    by: str
    within: str | None
    group: str | None
    numbers: tuple[CountedPeople, ...]
    people: int | None


class Counts(Answer):
    """People in numbers, on a day as known at an instant. Nobody is named, and no number of fewer
    than `threshold` people is shown, nor one from which such a number could be worked out."""

    effective_at: date
    known_at: Instant
    threshold: int
    numbers: tuple[CountedPeople, ...]
    people: int | None
    groups: tuple[CountedGroup, ...]


class CountRow(Row):
    """One number of a report, as a row. `by` is `all` where it is of everybody."""

    by: str
    within: str | None
    group: str | None
    what: str
    shown: Shown
    people: int | None
    threshold: int
    effective_at: date
    known_at: Instant


def numbers_of(line: Line) -> tuple[CountedPeople, ...]:
    """The numbers of a row, in the order of its columns."""
    return tuple(
        CountedPeople(what=column, shown=number.shown, people=number.people)
        for column, number in line.items()
    )


def groups_of(tables: Tables) -> tuple[CountedGroup, ...]:
    """The rows of every table, table by table."""
    return tuple(
        CountedGroup(
            by=sort,
            within=_text(group[-2]) if len(group) > 1 else None,
            group=_text(group[-1]),
            numbers=numbers_of(line),
            people=people_in(line),
        )
        for sort, rows in tables.sorts.items()
        for group, line in rows.items()
    )


def _text(name: object) -> str | None:
    return None if name is None else str(name)


def rows_of(found: Counts) -> Iterator[Sequence[CountRow]]:
    """The numbers of a report one by one, those of everybody first."""
    lines: list[tuple[str, str | None, str | None, tuple[CountedPeople, ...]]] = [
        ("all", None, None, found.numbers)
    ]
    lines += [(each.by, each.within, each.group, each.numbers) for each in found.groups]
    yield [
        CountRow(
            by=by,
            within=within,
            group=group,
            what=number.what,
            shown=number.shown,
            people=number.people,
            threshold=found.threshold,
            effective_at=found.effective_at,
            known_at=found.known_at,
        )
        for by, within, group, numbers in lines
        for number in numbers
    ]


# --- protected characteristics -------------------------------------------------------------------


def by_characteristics(given: Characteristics, staff_number: str) -> dict[str, Group]:
    """Somebody's group by each characteristic; of one that is not given for them, `None`."""
    return {
        f"{CHARACTERISTIC}{name}": (values.get(caseless(staff_number)),)
        for name, values in given.items()
    }


def read_characteristics(text: str) -> Characteristics:
    """The characteristics of a CSV file: the column `staff_number`, and one for each.

    Raises `Malformed` with the line for a file that cannot be read so: the message has no value of
    the file.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        # Two columns of one name, or of names that differ in blanks alone, would become one.
        columns = [folded(name) for name in reader.fieldnames or ()]
        reader.fieldnames = columns
        names = [name for name in columns if name != _NUMBER]
        is_distinct = len({*columns}) == len(columns)
        if _NUMBER not in columns or not names or not is_distinct or "" in names:
            raise _wrong(
                "give the column staff_number, and one for each characteristic, which has a name "
                "that no other column has"
            )
        if len(names) > _MOST:
            raise _wrong(f"more than {_MOST} characteristics in one run")
        found: dict[str, dict[str, str]] = {name: {} for name in names}
        seen: set[str] = set()
        for row in reader:
            number = (row.pop(_NUMBER) or "").strip()
            if None in row or not is_staff_number(number) or caseless(number) in seen:
                raise _wrong(f"line {reader.line_num}: one row for each staff number")
            seen.add(caseless(number))
            for name, value in row.items():
                if value and value.strip():
                    found[name][caseless(number)] = value.strip()
    except csv.Error:
        raise _wrong(f"line {reader.line_num}: it cannot be read as CSV") from None
    return found


def _wrong(says: str) -> Malformed:
    return Malformed(says, field=FILE)
