"""What one entry changes of one key's days, without working all of them out anew.

An entry states one piece of a key, in its original's place (rule 3). By rules 1 and 2 it bears on
the days of its own content and of the content that it takes the place of: a temporary piece on its
days, a standing one until the next standing piece. Only those days are read, before and after.
"""

from bisect import bisect_left, bisect_right, insort
from datetime import date
from uuid import UUID

from transfer.core.dating.differences import Days, Stretch, stretches, value_of
from transfer.core.dating.effective_dating import (
    Period,
    Statement,
    period_of,
    stretches_in_force,
)


class Changing:
    """What is stated of one key, in the order of its days."""

    def __init__(self) -> None:
        self._by_original: dict[UUID, Statement] = {}
        self._standing: list[Statement] = []
        self._temporary: dict[UUID, Statement] = {}

    def put(self, original: UUID, statement: Statement | None) -> list[Stretch[Period]]:
        """Let this be what is stated in the place of an original; `None`: nothing is any more.

        Answers the days on which the key has another value for it, oldest first.
        """
        gone = self._by_original.pop(original, None)
        come = [each for each in (gone, statement) if each is not None]
        if not come:
            return []
        if gone is not None:
            self._remove(original, gone)
        start = min(each.effective_from for each in come)
        ends = [self._bears_until(each) for each in come]
        end = None if None in ends else max(day for day in ends if day is not None)
        if gone is not None:
            self._add(original, gone)
        before = self._read(start, end)
        if gone is not None:
            self._remove(original, gone)
        if statement is not None:
            self._by_original[original] = statement
            self._add(original, statement)
        return stretches(before, self._read(start, end), value_of)

    def _add(self, original: UUID, statement: Statement) -> None:
        if statement.effective_to is None:
            insort(self._standing, statement, key=_place)
        else:
            self._temporary[original] = statement

    def _remove(self, original: UUID, statement: Statement) -> None:
        if statement.effective_to is None:
            del self._standing[bisect_left(self._standing, _place(statement), key=_place)]
        else:
            del self._temporary[original]

    def _bears_until(self, statement: Statement) -> date | None:
        """The first day after those that a statement bears on, which is not among these now."""
        if statement.effective_to is not None:
            return statement.effective_to
        following = bisect_right(self._standing, statement.effective_from, key=_day)
        if following == len(self._standing):
            return None
        return self._standing[following].effective_from

    def _read(self, start: date, end: date | None) -> list[Days[Period]]:
        """What holds on these days."""
        first = max(bisect_right(self._standing, start, key=_day) - 1, 0)
        last = None if end is None else bisect_left(self._standing, end, key=_day)
        bearing = self._standing[first:last]
        bearing += [
            each
            for each in self._temporary.values()
            if (end is None or each.effective_from < end)
            and (each.effective_to is None or start < each.effective_to)
        ]
        found = []
        for said, since, until in stretches_in_force(bearing):
            begins = max(since, start)
            ends = until if end is None else end if until is None else min(until, end)
            if said.piece.value is not None and (ends is None or begins < ends):
                found.append((begins, ends, period_of(said, begins, ends)))
        return found


def _place(statement: Statement) -> tuple[date, int]:
    """Of two of one day, the one recorded last is the later."""
    return statement.effective_from, statement.order


def _day(statement: Statement) -> date:
    return statement.effective_from
