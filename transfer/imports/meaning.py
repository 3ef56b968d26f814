"""What a file means, where its cells alone do not say: asked of the file as a whole.

Three things cannot be told from one cell: whether the month or the day stands first in a date,
whether an end is the last day in post or the first day after it, and whether a date of the year
4712 is an end at all. A file that raises one of these questions is not read further: the import
stops with what was found (`Finding`) and the option that settles it (`Reading`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from transfer.core.record.staff import END_OF_TIME

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """How whoever imports a file has settled what it means; `None` where they said nothing.

    `open_end` are dates that stand for "still so". One from the year 2200 on stands for every later
    date too, since none of those can be the end of anything.
    """

    month_first: bool | None = None
    last_day_included: bool | None = None
    open_end: frozenset[date] = frozenset()

    def is_open(self, day: date) -> bool:
        """Whether an end date means that there is no end."""
        return day in self.open_end or any(END_OF_TIME <= each <= day for each in self.open_end)


AS_IT_STANDS = Reading()


@dataclass(frozen=True, slots=True)
class Finding:
    """A question that a file raises: about which column, what was found, and what settles it.

    `settled_by` says so in the words of the command line, `options` are its options.
    """

    field: str
    found: str
    settled_by: str
    options: tuple[str, ...]

    @property
    def reason(self) -> str:
        """What was found, and what settles it."""
        return f"{self.found}. {self.settled_by}"


def month_first_finding(field: str, why: str) -> Finding:
    """Dates of the file seem to have the month first."""
    return Finding(
        field,
        f"dates seem to have the month first: {why}",
        "Say which it is: --month-first or --day-first",
        ("--month-first", "--day-first"),
    )


def open_end_finding(field: str, far: Sequence[tuple[date, int]]) -> Finding:
    """Dates of the file stand for "still so"; each with the first line on which it stands."""
    shown = ", ".join(f"{day} (line {line})" for day, line in far[:_MOST_NAMED])
    more = f" and {len(far) - _MOST_NAMED} more" if len(far) > _MOST_NAMED else ""
    earliest = min(day for day, _ in far)
    return Finding(
        field,
        f"{shown}{more}: such a date stands for 'still so' and is no end",
        f"Leave the cells blank, or say --open-end {earliest}: that day, and every later one, is"
        " then read as no end",
        (f"--open-end {earliest}",),
    )


def last_day_finding(field: str, gaps: int, example: str) -> Finding:
    """Ends of the file seem to be last days in post."""
    how_many = "one gap" if gaps == 1 else f"{gaps} gaps"
    return Finding(
        field,
        f"{how_many} of one day between rows of one person ({example}): {field} seems to be the"
        " last day in post, and is read as the first day after it",
        "Say which it is: --last-day-included or --last-day-excluded",
        ("--last-day-included", "--last-day-excluded"),
    )
