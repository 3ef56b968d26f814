"""What a staff return as a whole leaves open: found by looking at all of its dates together.

Only files that say one thing under one reading and nonsense under the other are asked about; what
the evidence is stands with each question below. Cells that cannot be read are passed over here:
they are rejected where rows are read.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from transfer.core.record.staff import END_OF_TIME
from transfer.core.texts import caseless
from transfer.imports.meaning import (
    Finding,
    Reading,
    last_day_finding,
    month_first_finding,
    open_end_finding,
)
from transfer.imports.staff_return.cells import CellFault, day_and_month, parse_date, parse_end
from transfer.imports.staff_return.sheet import RawRow

BEGINS, ENDS, SERVICE, BORN = (
    "in_post_from",
    "in_post_to",
    "continuous_service_from",
    "date_of_birth",
)
DATES = (BEGINS, ENDS, SERVICE, BORN)
"""The columns with dates that every return has."""

_ONE_DAY = timedelta(days=1)
_FEW = 3
"""Different dates of one month of one year are no chance any more."""


@dataclass(frozen=True, slots=True)
class _Row:
    """The dates of one row under one reading; `None` where there is none that can be read."""

    line: int
    begins: date | None
    ends: date | None
    service: date | None
    born: date | None

    def is_contradictory(self) -> bool:
        """Whether the dates cannot all be true of one position."""
        if self.begins is None:
            return False
        return (
            (self.ends is not None and self.ends < self.begins)
            or (self.service is not None and self.service > self.begins)
            or (self.born is not None and self.born >= self.begins)
        )


def what_is_open(
    names: Sequence[str], rows: Sequence[RawRow], dates: Sequence[str], reading: Reading
) -> tuple[Finding, ...]:
    """The questions that a file raises and the reading does not settle.

    `dates` are the columns with dates, those of an edition's evidence among them.
    """
    file = _File({name: at for at, name in enumerate(names) if name}, rows)
    month_first = reading.month_first
    found: list[Finding] = []
    if month_first is None:
        why = _why_month_first(file, dates)
        if why is not None:
            found.append(month_first_finding(BEGINS, why))
            month_first = True
    if next(file.texts(ENDS), None) is None:
        return tuple(found)
    positions = file.positions(month_first=bool(month_first))
    far = _far_ends(positions, reading)
    if far:
        found.append(open_end_finding(ENDS, far))
    if reading.last_day_included is None:
        gap = _last_day_gap(positions)
        if gap is not None:
            found.append(gap)
    return tuple(found)


class _File:
    """The cells of a file, by the names of their columns."""

    def __init__(self, at: Mapping[str, int], rows: Sequence[RawRow]) -> None:
        self._at = at
        self._rows = [row for row in rows if row.fault is None]

    def texts(self, column: str) -> Iterator[tuple[int, str]]:
        """The line and the text of every cell of a column that is not blank."""
        for row in self._rows:
            text = self._text(row, column)
            if text:
                yield row.line, text

    def _text(self, row: RawRow, column: str) -> str:
        at = self._at.get(column)
        return row.cells[at].strip() if at is not None and at < len(row.cells) else ""

    def positions(self, *, month_first: bool) -> list[list[_Row]]:
        """The rows of each assignment of each person, in order of their first days."""
        found: defaultdict[tuple[str, str], list[_Row]] = defaultdict(list)

        def day(row: RawRow, column: str) -> date | None:
            parse = parse_end if column == ENDS else parse_date
            try:
                return parse(self._text(row, column), month_first=month_first)
            except CellFault:
                return None

        for row in self._rows:
            job = (
                caseless(self._text(row, "staff_number")),
                caseless(self._text(row, "assignment")) or "main",
            )
            found[job].append(_Row(row.line, *(day(row, column) for column in DATES)))
        for job_rows in found.values():
            job_rows.sort(key=lambda each: each.begins or date.min)
        return list(found.values())


# --- the month first ---------------------------------------------------------------------------


def _why_month_first(file: _File, dates: Sequence[str]) -> str | None:
    """What speaks for dates that have the month first.

    A date that is a day only so (04/25/2009), where no more of them are days only the other way
    round; or dates of one row that contradict each other unless the month is first; or several
    dates that would all be of one January, and are first days of different months.
    """
    american: list[tuple[int, str]] = []
    british = 0
    either: set[tuple[int, int, int]] = set()
    for column in dates:
        for line, text in file.texts(column):
            parts = day_and_month(text)
            if parts is None:
                continue
            first, second, year = parts
            if first > 12 >= second:
                british += 1
            elif second > 12 >= first:
                american.append((line, "a date" if column == BORN else repr(text[:20])))
            elif column != BORN and first != second:
                either.add((first, second, year))
    if american and len(american) >= british:
        line, text = american[0]
        return f"{text} on line {line} is no day otherwise"
    if american or british or not either:
        return None
    as_day_first, as_month_first = (
        [row for job in file.positions(month_first=month) for row in job if row.is_contradictory()]
        for month in (False, True)
    )
    if as_day_first and not as_month_first:
        return f"the dates of line {as_day_first[0].line} contradict each other otherwise"
    months_otherwise = {(second, year) for _, second, year in either}
    if len(either) >= _FEW and {month for month, _ in months_otherwise} == {1}:
        return "all of them would be in January otherwise, and are first days of a month so"
    return None


# --- ends --------------------------------------------------------------------------------------


def _far_ends(positions: Sequence[Sequence[_Row]], reading: Reading) -> list[tuple[date, int]]:
    """Ends from the year 2200 on that the reading does not take for open, with their first line."""
    found: dict[date, int] = {}
    for row in sorted((row for job in positions for row in job), key=lambda each: each.line):
        if row.ends is not None and row.ends >= END_OF_TIME and not reading.is_open(row.ends):
            found.setdefault(row.ends, row.line)
    return sorted(found.items(), key=lambda each: each[1])


def _last_day_gap(positions: Sequence[Sequence[_Row]]) -> Finding | None:
    """Whether ends seem to be last days in post.

    Nobody leaves for one day: a gap of one day between two rows speaks for it, rows that touch
    speak against it, and a longer gap is a break under either reading. So it is asked where every
    gap is one day, or where more rows have that gap than touch.
    """
    gaps: Counter[timedelta] = Counter()
    example = ""
    for row, ends, following, begins in _meetings(positions):
        between = begins - ends
        if between == _ONE_DAY and not example:
            example = f"line {row.line} until {ends}, line {following.line} from {begins}"
        if between >= timedelta():
            gaps[between] += 1
    short, touching = gaps[_ONE_DAY], gaps[timedelta()]
    longer = gaps.total() - short - touching
    if not short or (longer and short <= touching):
        return None
    return last_day_finding(ENDS, short, example)


def _meetings(positions: Sequence[Sequence[_Row]]) -> Iterator[tuple[_Row, date, _Row, date]]:
    """Two rows of one assignment that follow each other: where one ends, where the next begins."""
    for job in positions:
        for row, following in pairwise(job):
            if row.begins and row.ends and following.begins:
                yield row, row.ends, following, following.begins
