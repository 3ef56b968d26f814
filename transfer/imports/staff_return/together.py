"""Rows of a staff return held against each other and against the record.

Rows are judged in file order, and a row is held only against rows that were accepted: of two that
cannot both stand the later *in the file* is rejected, and a rejected row stands in nobody's way.
"""

from bisect import bisect_right, insort
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from transfer.core.record.terms import service_fault
from transfer.imports.staff_return.people import PersonReturn, Rejection, ReturnRow
from transfer.imports.staff_return.rows import ReadRow


def _begins(row: ReturnRow) -> date:
    return row.in_post_from


@dataclass(slots=True)
class _Person:
    """A person as accepted so far; `periods` are kept in order of their first day."""

    name: str
    date_of_birth: date | None = None
    continuous_service_from: date | None = None
    periods: list[ReturnRow] = field(default_factory=list)


class Together:
    """The second pass. `judge` first, then perhaps `withhold_what_follows`, then `people`."""

    def __init__(
        self,
        rows: list[ReadRow],
        on_record: Callable[[str], bool],
        numbers: tuple[str, ...] = (),
    ) -> None:
        """`numbers` are the edition's columns that name other people."""
        self._numbers = numbers
        self.rejections: list[Rejection] = []
        self._rows = rows
        self._on_record = on_record
        self._in_file = {row.staff_number for row in rows if row.staff_number is not None}
        self._people: dict[str, _Person] = {}
        self._spoilt: dict[str, int] = {}
        """Whose row was rejected, and its line; repeated and overlapping rows spoil nobody."""

    def judge(self) -> None:
        """Hold every row against the record and the rows above it."""
        for read in self._rows:
            good = self._judge_against_record(read) and read.row is not None
            number, row = read.staff_number, read.row
            if number is None:
                continue
            if good and row is not None:
                person = self._people.get(number)
                if person is not None and self._repeats(number, person, row):
                    continue
                good = person is None or self._agrees(person, read, row)
            if good and row is not None:
                self._accept(number, read, row)
            else:
                self._spoilt.setdefault(number, read.line)

    def withhold_what_follows(self) -> None:
        """Reject also what cannot stand once the rejected rows are left out (see `reader`)."""
        reports: defaultdict[str, list[tuple[str, str, ReturnRow]]] = defaultdict(list)
        for number, person in self._people.items():
            for row in person.periods:
                for column, named in self._named(row):
                    reports[named].append((number, column, row))
        withheld: set[int] = set()
        queue = deque(self._spoilt)
        while queue:
            spoilt = queue.popleft()
            cause = self._spoilt[spoilt]
            left = self._people.pop(spoilt, None)
            for row in left.periods if left is not None else ():
                if row.line not in withheld:
                    withheld.add(row.line)
                    reason = f"line {cause} of the same person is rejected; a person comes in whole"
                    self._reject(row.line, "staff_number", reason)
            if self._on_record(spoilt):
                continue
            for number, column, row in reports[spoilt]:
                if row.line not in withheld:
                    withheld.add(row.line)
                    reason = f"{spoilt!r} is not taken (line {cause}), so would not be on record"
                    self._reject(row.line, column, reason)
                    if number not in self._spoilt:
                        self._spoilt[number] = row.line
                        queue.append(number)

    def people(self) -> tuple[PersonReturn, ...]:
        """The people accepted, in the order of their first accepted rows."""
        return tuple(
            PersonReturn(
                staff_number=number,
                name=person.name,
                date_of_birth=person.date_of_birth,
                continuous_service_from=person.continuous_service_from,
                periods=tuple(person.periods),
            )
            for number, person in self._people.items()
        )

    def _named(self, row: ReturnRow) -> Iterator[tuple[str, str]]:
        """The columns of a row that name another person, each with the staff number."""
        if row.line_manager is not None:
            yield "line_manager", row.line_manager
        for column in self._numbers:
            if column in row.evidence:
                yield column, row.evidence[column]

    def _judge_against_record(self, read: ReadRow) -> bool:
        good = True
        number, manager = read.staff_number, read.line_manager
        if number is not None and self._on_record(number):
            reason = f"{number!r} is already on record: record a change instead"
            good = self._reject(read.line, "staff_number", reason)
        if manager is not None and manager not in self._in_file and not self._on_record(manager):
            reason = f"{manager!r} is neither in the file nor on record"
            good = self._reject(read.line, "line_manager", reason)
        evidence = read.row.evidence if read.row is not None else {}
        for column in self._numbers:
            named = evidence.get(column)
            if named is not None and named not in self._in_file and not self._on_record(named):
                reason = f"{named!r} is neither in the file nor on record"
                good = self._reject(read.line, column, reason)
        return good

    def _repeats(self, number: str, person: _Person, row: ReturnRow) -> bool:
        """Whether a row repeats or overlaps one accepted before it, and is rejected for that."""
        at = bisect_right(person.periods, row.in_post_from, key=_begins)
        for other in person.periods[max(at - 1, 0) : at + 1]:
            first, second = (other, row) if other.in_post_from <= row.in_post_from else (row, other)
            if first.in_post_to is not None and first.in_post_to <= second.in_post_from:
                continue
            same = (row.in_post_from, row.in_post_to) == (other.in_post_from, other.in_post_to)
            if same or row.in_post_to is other.in_post_to is None:
                reason = f"{number!r} has a row already, on line {other.line}"
                self._reject(row.line, "staff_number", reason)
            else:
                until = "on" if other.in_post_to is None else f"until {other.in_post_to}"
                reason = f"overlaps line {other.line} ({other.in_post_from} {until}), same person"
                self._reject(row.line, "in_post_from", reason)
            return True
        return False

    def _agrees(self, person: _Person, read: ReadRow, row: ReturnRow) -> bool:
        """Whether a further row says the same of the person; a blank says nothing."""
        good = True
        if read.name.casefold() != person.name.casefold():
            good = self._reject(read.line, "name", "is not the name in another row of the person")
        if None not in (read.date_of_birth, person.date_of_birth) and (
            read.date_of_birth != person.date_of_birth
        ):
            reason = "is not the date of birth in another row of the person"
            good = self._reject(read.line, "date_of_birth", reason)
        ours, theirs = read.continuous_service_from, person.continuous_service_from
        if ours is not None and theirs is not None and ours != theirs:
            reason = f"{ours} is not the {theirs} in another row of the person"
            good = self._reject(read.line, "continuous_service_from", reason)
        else:
            begins = min(row.in_post_from, person.periods[0].in_post_from)
            fault = service_fault(ours or theirs, begins, called="the person's first in_post_from")
            if fault is not None:
                good = self._reject(read.line, "continuous_service_from", fault)
        return good

    def _accept(self, number: str, read: ReadRow, row: ReturnRow) -> None:
        person = self._people.setdefault(number, _Person(read.name))
        person.date_of_birth = person.date_of_birth or read.date_of_birth
        person.continuous_service_from = (
            person.continuous_service_from or read.continuous_service_from
        )
        insort(person.periods, row, key=_begins)

    def _reject(self, line: int, field_name: str, reason: str) -> bool:
        """Reject; always `False`, to be read as "not good"."""
        self.rejections.append(Rejection(line, field_name, reason))
        return False
