"""The next edition of a list, held against the record of the people who are on it already.

A row that says what the record says of its first day is passed over. What differs becomes a change
from that day. A row with an end, and no later one, is a leaving. Nothing is ended because a cell is
blank, or because somebody is missing from the list.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

from transfer.commands.office import Person
from transfer.core.dating.effective_dating import Key, Kind, Period
from transfer.core.employed import employer_on
from transfer.core.record import staff
from transfer.core.record.entries import Change, Leaving, TermSet
from transfer.core.record.names import REGISTERED_NAME, name_of, name_periods
from transfer.core.record.terms import CONTINUOUS_SERVICE
from transfer.core.streams import staff_stream
from transfer.core.texts import caseless, folded
from transfer.core.words import Facet
from transfer.imports.staff_return.facts import (
    LATER_SERVICE,
    Stated,
    evidence_of,
    later_name,
    same_name,
)
from transfer.imports.staff_return.people import PersonReturn, Rejection, ReturnRow, Warned
from transfer.log.envelope import as_if_recorded
from transfer.procedures.facts import Fact
from transfer.rulebooks.organisations import Register

CHANGED = "renewed staff list: a change"
LEFT = "renewed staff list: the position ended"


@dataclass(slots=True)
class Renewal:
    """What a list says of one person on record that the record does not say yet.

    `version` is that of their record when it was compared. `left_on` is the first day without the
    position that has ended.
    """

    staff_number: str
    version: int
    stated: list[Stated] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    unchanged: int = 0
    left_on: date | None = None


class Renewing:
    """One person's rows, taken one by one against the record as the rows before leave it."""

    def __init__(
        self,
        person: Person,
        returned: PersonReturn,
        personal: Mapping[str, str] | None,
        employers: Register,
        new_id: Callable[[int], UUID],
    ) -> None:
        """`personal` is what the vault has of the person, `None` where they were erased: then what
        the list says of it is passed over. `new_id` makes ids for trying out."""
        self.found = Renewal(returned.staff_number, person.version)
        self._person = person
        self._returned = returned
        self._personal = personal
        self._employers = employers
        self._new_id = new_id

    def renew(self, document: str, edition: str) -> Renewal:
        """What is to be recorded, passed over, rejected or looked at."""
        self._compare_birth()
        for job in self._jobs():
            for row, following in zip(job, [*job[1:], None], strict=True):
                before = len(self.found.stated)
                self._take_row(row)
                self._take_end(row, following)
                self.found.unchanged += len(self.found.stated) == before
        evidence = evidence_of(self._returned, document, edition)
        held = self._person.evidence
        if evidence is not None and (
            (dict(held.values), dict(held.documents))
            != (dict(evidence.values), dict(evidence.documents))
        ):
            self._state([evidence])
        return self.found

    def _jobs(self) -> Iterable[list[ReturnRow]]:
        jobs: dict[str, list[ReturnRow]] = {}
        for row in self._returned.periods:
            jobs.setdefault(row.assignment, []).append(row)
        return jobs.values()

    # --- what a row says -----------------------------------------------------------------------

    def _take_row(self, row: ReturnRow) -> None:
        on = row.in_post_from
        changes: dict[Facet, str | None] = {
            facet: value
            for facet, value in row.facets().items()
            if not self._same(facet, value, self._held(row.assignment, facet, on))
        }
        if changes:
            self._warn_of_blanks(row)
            self._warn_of_replaced(row, changes)
            change = Change(
                effective_from=on, assignment=row.assignment, changes=changes, reason=CHANGED
            )
            self._state(staff.change(self._person.record, change))
        else:
            self._warn_of_an_end(row)
        self._warn_of_later_entries(row)
        self._take_service(row)
        self._take_name(row, is_new=bool(changes))

    def _take_service(self, row: ReturnRow) -> None:
        said = row.continuous_service_from
        held = self._value(Key(Kind.TERM, "", CONTINUOUS_SERVICE), row.in_post_from)
        if said is None or str(said) == held:
            return
        term = TermSet(
            term=CONTINUOUS_SERVICE,
            value=str(said),
            effective_from=row.in_post_from,
            reason=LATER_SERVICE,
        )
        self._state(staff.set_term(self._person.record, term))

    def _take_name(self, row: ReturnRow, *, is_new: bool) -> None:
        if self._personal is None:
            return
        held = (
            self._personal.get(REGISTERED_NAME if it.event_id is None else name_of(it.event_id), "")
            for it in name_periods(self._person.names)
            if it.effective_to is None or it.effective_to > row.in_post_from
        )
        # A list says what the person is called now, beside the day of the position.
        if any(same_name(name, row.name) for name in held):
            return
        if not is_new:
            reason = (
                "is not the name on record, and the row says of no day from which it is: nothing "
                "is recorded; record the name with its date"
            )
            self.found.warnings.append(Warned(row.line, "name", reason))
            return
        fact, name = later_name(row)
        self._take(fact)
        self.found.stated.append((fact, name))

    def _take_end(self, row: ReturnRow, following: ReturnRow | None) -> None:
        """The end of a row: of the position, unless another row goes on from that day."""
        ends = row.in_post_to
        if ends is None or (following is not None and following.in_post_from == ends):
            return
        entries = self._person.entries
        if employer_on(entries, ends, row.assignment) is None:
            return
        employer = Key(Kind.FACET, row.assignment, Facet.EMPLOYER)
        returns = [
            str(period.effective_from)
            for period in entries.timeline(employer).in_force
            if period.effective_from > ends
        ]
        if returns and following is None:
            reason = (
                f"{ends} is the end, and entries on record employ the person again from"
                f" {', '.join(returns)}: record the leaving by itself, and say what becomes of them"
            )
            self.found.rejected.append(Rejection(row.line, "in_post_to", reason))
            return
        leaving = Leaving(effective_from=ends, assignment=row.assignment, reason=LEFT)
        self._state(staff.leave(self._person.record, leaving))
        if following is None:
            self.found.left_on = ends

    def _compare_birth(self) -> None:
        line = self._returned.periods[0].line
        if self._personal is None:
            reason = "is passed over, as is a date of birth: the personal data was erased"
            self.found.warnings.append(Warned(line, "name", reason))
            return
        said, held = self._returned.date_of_birth, self._personal.get("date_of_birth")
        if said is None or held == said.isoformat():
            return
        if held is None:
            reason = "none is on record, and a renewed list adds none"
            self.found.warnings.append(Warned(line, "date_of_birth", reason))
            return
        reason = "is not the date of birth on record"
        self.found.rejected.append(Rejection(line, "date_of_birth", reason))

    # --- what ought to be looked at ------------------------------------------------------------

    def _warn_of_blanks(self, row: ReturnRow) -> None:
        """Values that stay because the changed row has nothing in their place."""
        said = row.facets()
        stays = [
            f"{facet} {held}"
            for facet in Facet
            if facet not in said
            and facet is not Facet.PAID_BAND
            and (held := self._held(row.assignment, facet, row.in_post_from)) is not None
        ]
        if stays:
            reason = f"a blank ends nothing, so this stays on record: {', '.join(stays)}"
            self.found.warnings.append(Warned(row.line, "row", reason))

    def _warn_of_replaced(self, row: ReturnRow, changes: Iterable[Facet]) -> None:
        """Values on record from the very day of the row, in whose place the row puts others."""
        replaced = [
            f"{facet} {period.value}"
            for facet in changes
            for period in self._periods(Key(Kind.FACET, row.assignment, facet))
            if period.effective_from == row.in_post_from and not period.temporary
        ]
        if replaced:
            reason = f"the record has had other values since that day: {', '.join(replaced)}"
            self.found.warnings.append(Warned(row.line, "in_post_from", reason))

    def _warn_of_an_end(self, row: ReturnRow) -> None:
        """An end on record of a position that the row takes to go on."""
        employments = self._periods(Key(Kind.FACET, row.assignment, Facet.EMPLOYER))
        ended = None if not employments else employments[-1].effective_to
        if ended is None or ended <= row.in_post_from:
            return
        if row.in_post_to is None or row.in_post_to > ended:
            reason = f"the record says that the position ended on {ended}: it stays ended"
            self.found.warnings.append(Warned(row.line, "in_post_to", reason))

    def _warn_of_later_entries(self, row: ReturnRow) -> None:
        """Values on record from later days, which a row that goes on says nothing of."""
        later = sorted(
            {
                period.effective_from
                for facet, value in row.facets().items()
                for period in self._periods(Key(Kind.FACET, row.assignment, facet))
                if not period.temporary
                and period.effective_from > row.in_post_from
                and (row.in_post_to is None or period.effective_from < row.in_post_to)
                and not self._same(facet, value, period.value)
                and not self._has_row_from(row.assignment, period.effective_from)
            }
        )
        if later:
            reason = f"the record has other values from {', '.join(map(str, later))}: they stay"
            self.found.warnings.append(Warned(row.line, "in_post_from", reason))

    def _has_row_from(self, assignment: str, day: date) -> bool:
        return any(
            row.assignment == assignment and row.in_post_from == day
            for row in self._returned.periods
        )

    # --- the record as the rows before leave it ------------------------------------------------

    def _same(self, facet: Facet, said: str, held: str | None) -> bool:
        """Whether two values of a facet say the same, however they are written."""
        if held is None:
            return False
        match facet:
            case Facet.EMPLOYER:
                said, held = self._employers.named(said), self._employers.named(held)
            case Facet.LINE_MANAGER:
                return caseless(said) == caseless(held)
            case Facet.FTE:
                try:
                    return Decimal(said) == Decimal(held)
                except InvalidOperation:
                    return False
            case _:
                pass
        return folded(said) == folded(held)

    def _held(self, assignment: str, facet: Facet, on: date) -> str | None:
        return self._value(Key(Kind.FACET, assignment, facet), on)

    def _value(self, key: Key, on: date) -> str | None:
        """The standing value of a day: a list says nothing of what is temporary."""
        timeline = self._person.entries.timeline(key)
        period = timeline.standing_at(on) or timeline.at(on)
        return None if period is None else period.value

    def _periods(self, key: Key) -> tuple[Period, ...]:
        return self._person.entries.timeline(key).in_force

    def _state(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            self._take(fact)
            self.found.stated.append((fact, None))

    def _take(self, fact: Fact) -> None:
        person = self._person
        event_id = self._new_id(len(self.found.stated))
        stream = staff_stream(person.staff_number)
        person.take(as_if_recorded(stream, person.version + 1, event_id, fact))


def employers_named(people: Iterable[PersonReturn], register: Register) -> frozenset[str]:
    """The employers that the rows of a list name, by their full names."""
    return frozenset(
        folded(register.named(row.employer)) for person in people for row in person.periods
    )


def employed_by(person: Person, on: date, register: Register) -> frozenset[str]:
    """Who employs somebody on a day in any of their jobs, by their full names."""
    employers = (
        employer_on(person.entries, on, key.assignment)
        for key in person.entries.stated_keys()
        if key.kind is Kind.FACET and key.name == Facet.EMPLOYER
    )
    return frozenset(folded(register.named(each)) for each in employers if each is not None)
