"""Rows of a staff return held against each other and against the record.

Rows are judged in file order, and a row is held only against rows that were accepted: of two that
cannot both stand the later *in the file* is rejected, and a rejected row stands in nobody's way.
"""

from bisect import bisect_right, insort
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from transfer.core.employed import NotEmployed
from transfer.core.texts import caseless
from transfer.core.words import MAIN
from transfer.imports.staff_return.facts import same_name, services
from transfer.imports.staff_return.on_record import OnRecord
from transfer.imports.staff_return.people import PersonReturn, Rejection, ReturnRow, Warned
from transfer.imports.staff_return.rows import ReadRow


def _begins(row: ReturnRow) -> date:
    return row.in_post_from


def _in_order(row: ReturnRow) -> tuple[date, bool, str]:
    return row.in_post_from, row.assignment != MAIN, row.assignment


@dataclass(slots=True)
class _Person:
    """A person as accepted so far; the rows of each job are kept in order of their first day."""

    date_of_birth: date | None = None
    jobs: dict[str, list[ReturnRow]] = field(default_factory=dict)

    @property
    def rows(self) -> list[ReturnRow]:
        """The rows of every job in order of their first day, those of the main one first."""
        if len(self.jobs) == 1:
            return list(*self.jobs.values())
        return sorted((row for job in self.jobs.values() for row in job), key=_in_order)


class Together:
    """The second pass. `judge` first, then perhaps `withhold_what_follows`, then `people`.

    Staff numbers are compared without regard to case. Everywhere in what comes out they have the
    spelling of the record, or else that of the row in which the person first stands.
    """

    def __init__(
        self,
        rows: list[ReadRow],
        record: OnRecord,
        numbers: tuple[str, ...] = (),
        *,
        renewed: bool = False,
    ) -> None:
        """`numbers` are the edition's columns that name other people; in a `renewed` list people
        may be on record already."""
        self._numbers = numbers
        self.rejections: list[Rejection] = []
        self._record = record
        self._renewed = renewed
        self._spellings: dict[str, str] = {}
        self._known: dict[str, str | None] = {}
        for read in rows:
            if read.staff_number is not None:
                self._spell(read.staff_number)
        self._in_file = frozenset(self._spellings.values())
        self._rows = [self._as_spelled(read) for read in rows]
        self._people: dict[str, _Person] = {}
        self._spoilt: dict[str, int] = {}
        """Whose row was rejected, and its line; a row that is there twice spoils nobody."""

    # --- staff numbers, spelled in one way -----------------------------------------------------

    def _on_record(self, number: str) -> str | None:
        """How somebody is spelled on record, if they are there; the record is asked once."""
        key = caseless(number)
        if key not in self._known:
            self._known[key] = self._record.spelled(number)
        return self._known[key]

    def _spell(self, number: str) -> str:
        key = caseless(number)
        if key not in self._spellings:
            self._spellings[key] = self._on_record(number) or number
        return self._spellings[key]

    def _spelled(self, number: str) -> str:
        return self._spellings.get(caseless(number)) or self._on_record(number) or number

    def _as_spelled(self, read: ReadRow) -> ReadRow:
        number = None if read.staff_number is None else self._spell(read.staff_number)
        manager = None if read.line_manager is None else self._spelled(read.line_manager)
        row = read.row
        if row is not None:
            named = {
                column: self._spelled(row.evidence[column])
                for column in self._numbers
                if column in row.evidence
            }
            if named or manager != row.line_manager:
                row = replace(row, line_manager=manager, evidence={**row.evidence, **named})
        if (number, manager) == (read.staff_number, read.line_manager) and row is read.row:
            return read
        return replace(read, staff_number=number, line_manager=manager, row=row)

    # --- judging -------------------------------------------------------------------------------

    def judge(self) -> None:
        """Hold every row against the record and the rows above it."""
        for read in self._rows:
            good = self._judge_against_record(read) and read.row is not None
            number, row = read.staff_number, read.row
            if number is None:
                continue
            if good and row is not None:
                person = self._people.get(number)
                other = None if person is None else self._in_the_way(person, row)
                if other is not None:
                    self._reject_repeated(number, row, other)
                    if replace(row, line=other.line) == other:
                        continue
                    good = False
                elif person is not None:
                    good = self._agrees(person, read, row)
            if good and row is not None:
                self._accept(number, read, row)
            else:
                self._spoilt.setdefault(number, read.line)

    def withhold_what_follows(self) -> None:
        """Reject also what cannot stand once the rejected rows are left out (see `reader`)."""
        reports: defaultdict[str, list[tuple[str, str, ReturnRow]]] = defaultdict(list)
        for number, person in self._people.items():
            for row in person.rows:
                for column, named in self._named(row):
                    reports[named].append((number, column, row))
        withheld: set[int] = set()
        queue = deque(self._spoilt)
        while queue:
            spoilt = queue.popleft()
            cause = self._spoilt[spoilt]
            left = self._people.pop(spoilt, None)
            for row in left.rows if left is not None else ():
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
            PersonReturn(number, person.date_of_birth, tuple(person.rows))
            for number, person in self._people.items()
        )

    def is_known(self, staff_number: str) -> bool:
        """Whether one of these people is on record already."""
        return self._on_record(staff_number) is not None

    def warnings(self) -> Iterator[Warned]:
        """What ought to be looked at in the rows accepted."""
        for person in self.people():
            for row in person.periods:
                absent = self._absent_manager(row)
                if absent is not None:
                    reason = f"{row.line_manager} is {absent.reason}"
                    yield Warned(row.line, "line_manager", reason)
            for service in services(person):
                warning = service.warning()
                if warning is not None:
                    yield warning

    def _absent_manager(self, row: ReturnRow) -> NotEmployed | None:
        """Why the line manager of a row is not employed on its day; `None` where they are.

        Or where they begin while the row goes on: a list says who the manager is now, beside the
        day on which the person took up the post.
        """
        absent = self._not_employed(row)
        begins = None if absent is None else absent.begins_on
        if begins is not None and (row.in_post_to is None or begins < row.in_post_to):
            return None
        return absent

    def _not_employed(self, row: ReturnRow) -> NotEmployed | None:
        manager, on = row.line_manager, row.in_post_from
        if manager is None:
            return None
        in_file = self._people.get(manager)
        absent = None if in_file is None else _not_employed(in_file.rows, on)
        if (in_file is None or absent is not None) and self._on_record(manager) is not None:
            by_record = self._record.not_employed(manager, on)
            return by_record if in_file is None or by_record is None else absent
        return absent

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
        if number is not None and not self._renewed and self._on_record(number):
            reason = (
                f"{number!r} is already on record: record a change instead, or take the file as "
                "the next edition of a list with --renewed"
            )
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

    def _in_the_way(self, person: _Person, row: ReturnRow) -> ReturnRow | None:
        """The row of the same job, accepted before, that a row repeats or overlaps."""
        job = person.jobs.get(row.assignment, [])
        at = bisect_right(job, row.in_post_from, key=_begins)
        for other in job[max(at - 1, 0) : at + 1]:
            first, second = (other, row) if other.in_post_from <= row.in_post_from else (row, other)
            if first.in_post_to is None or first.in_post_to > second.in_post_from:
                return other
        return None

    def _reject_repeated(self, number: str, row: ReturnRow, other: ReturnRow) -> None:
        same = (row.in_post_from, row.in_post_to) == (other.in_post_from, other.in_post_to)
        advice = "; a second job at the same time has a name of its own in the column assignment"
        if same or row.in_post_to is other.in_post_to is None:
            reason = f"{number!r} has a row already, on line {other.line}{advice}"
            self._reject(row.line, "staff_number", reason)
        else:
            until = "on" if other.in_post_to is None else f"until {other.in_post_to}"
            reason = f"overlaps line {other.line} ({other.in_post_from} {until}), same person"
            self._reject(row.line, "in_post_from", f"{reason}{advice}")

    def _agrees(self, person: _Person, read: ReadRow, row: ReturnRow) -> bool:
        """Whether a further row says the same of the person; a blank says nothing."""
        good = True
        if None not in (read.date_of_birth, person.date_of_birth) and (
            read.date_of_birth != person.date_of_birth
        ):
            reason = "is not the date of birth in another row of the person"
            good = self._reject(read.line, "date_of_birth", reason)
        for other in person.rows:
            if other.in_post_from == row.in_post_from and not same_name(row.name, other.name):
                reason = f"is not the name on line {other.line}, which begins on the same day"
                good = self._reject(read.line, "name", reason)
                break
        return good

    def _accept(self, number: str, read: ReadRow, row: ReturnRow) -> None:
        person = self._people.setdefault(number, _Person())
        person.date_of_birth = person.date_of_birth or read.date_of_birth
        insort(person.jobs.setdefault(row.assignment, []), row, key=_begins)

    def _reject(self, line: int, field_name: str, reason: str) -> bool:
        """Reject; always `False`, to be read as "not good"."""
        self.rejections.append(Rejection(line, field_name, reason))
        return False


def _not_employed(rows: list[ReturnRow], on: date) -> NotEmployed | None:
    """Why somebody whose rows these are is not employed on a day; `None` where they are."""
    if any(
        row.in_post_from <= on and (row.in_post_to is None or on < row.in_post_to) for row in rows
    ):
        return None
    ended = [row.in_post_to for row in rows if row.in_post_to is not None and row.in_post_to <= on]
    coming = [row.in_post_from for row in rows if row.in_post_from > on]
    return NotEmployed(on, max(ended, default=None), min(coming, default=None))
