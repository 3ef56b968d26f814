"""The liability information of an exercise: is it complete, by when is it due, what has changed?

For each person who moves and each item of the edition: the value held on a day, with its entries,
or which document is needed. People are read from the read models many at a time; what is asked of
each is pure (`liability.py`).

Source: rules TU-15 and TU-16 (TUPE 2006, regulation 11).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final, cast
from uuid import UUID

from projections.exercise import steps as exercise_steps
from projections.exercise.outcome import Elsewhere, Participant
from projections.keeping_up.copying import Conn
from projections.keeping_up.cursors import read_cursor, write_cursor
from projections.links_and_objections import projection as links_and_objections
from projections.links_and_objections.projection import NOTHING
from projections.position import projection as position_projection
from projections.position import queries as position_queries
from projections.position.stored import Held
from transfer.commands.matter_worlds import Loaded
from transfer.core.dating.instants import Instant
from transfer.core.record.names import name_on, name_periods
from transfer.core.refusals import Malformed, NotOnRecord
from transfer.core.words import MAIN, Facet, MilestoneRole
from transfer.log.envelope import Recorded
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise.plan import Plan, plan_of
from transfer.procedures.facts import Fact
from transfer.procedures.liability_information.edition import LiabilityInformation, Personal
from transfer.questions.answer import Answer
from transfer.questions.appeals import undone_in
from transfer.questions.liability import (
    Counted,
    Counts,
    DatumHeld,
    Duty,
    Listed,
    OnThatDay,
    PersonsInformation,
    SendBy,
    ValueHeld,
    compared,
    counts_of,
    duty_of,
    given_until,
    gone,
    information_of,
    is_listed,
    send_by,
    standing_of,
)
from transfer.questions.names import field_of_name
from transfer.questions.procedures import Found, Looking, came_of
from transfer.questions.table import Row
from transfer.rulebooks.in_force import BindingRules

SEEN_BY: Final = (
    position_projection.NAME,
    links_and_objections.NAME,
    exercise_steps.NAME,
)
"""The read models that these answers rest on, beside the log."""

Reached = Callable[[Collection[str], date], Collection[str]]
"""Which of these people a reader may read about, by where they are on a day."""

_AT_ONCE = 500
_ONE_DAY = timedelta(days=1)


class LiabilityOfExercise(Answer):
    """The liability information of an exercise on a day, as known at an instant.

    `duty` says whether the edition has any. `owner` gives it to `owed_to`. `send_by` has a row for
    each day of transfer. Information as at `effective_at` may be given until `given_until`, by
    `as_at_clause`. `documents_since` are those filed since `since_known_at`. `counts` are of
    everybody, and null on the pages that follow the first. `items` is a page of people by staff
    number; `next_cursor` is null on the last.
    """

    exercise: str
    edition: str
    duty: Duty
    title: str | None
    clause: str
    clause_says: str
    owner: str | None
    owed_to: str | None
    known_at: Instant
    effective_at: date
    send_by: tuple[SendBy, ...]
    given_until: date | None
    as_at_clause: str | None
    since_known_at: Instant | None
    since_effective_at: date | None
    documents_since: tuple[str, ...]
    counts: Counts | None
    items: tuple[PersonsInformation, ...]
    next_cursor: str | None


class LiabilityRow(Row):
    """One value of one thing about one person; or that it is missing, and which document is needed.

    Somebody with two assignments has a row for each. `document` is the one in the register that
    holds what the record cannot.
    """

    exercise: str
    edition: str
    transferor: str | None
    transferee: str | None
    staff_number: str
    name: str | None
    item: str
    item_title: str
    clause: str
    datum: str
    title: str
    held: bool
    assignment: str | None
    value: str | None
    in_force_from: date | None
    temporary: bool | None
    entry: UUID | None
    corrected_by: UUID | None
    document: str | None
    document_needed: str | None
    effective_at: date
    known_at: Instant


@dataclass(frozen=True, slots=True)
class AsAt:
    """An earlier state to compare with: the day described, and as known at which instant."""

    known_at: datetime
    effective_at: date | None = None


def liability_information(
    looking: Looking,
    conn: Conn,
    id_: str,
    *,
    effective_at: date | None = None,
    since: AsAt | None = None,
    listed: Listed = Listed.ALL,
    reached: Reached | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> LiabilityOfExercise:
    """A page of the liability information of an exercise, and how complete all of it is.

    `effective_at` is today unless given, and the day before the transfer once that has come.
    `since` is an earlier state. `listed` says who is among the people, `reached` who is in the
    answer at all and counted.
    Raises `NotOnRecord` for an exercise that there is not, `Malformed` for a cursor, or where
    `since` is later than what is compared with it.
    """
    read = _Read.of(looking, id_)
    as_at = effective_at or read.usual_day(looking.today)
    before = _Before.of(read, since, conn, as_at)
    (after,) = ("",) if cursor is None else read_cursor(cursor, 1)
    people = read.people(conn)
    numbers = sorted({*people, *(before.people if before else ())})
    if reached is not None:
        kept = frozenset(reached(numbers, as_at))
        numbers = [each for each in numbers if each in kept]
    duty, book = read.duty, read.rules.rulebook
    told: list[Counted] = []
    page: list[PersonsInformation] = []
    following = [each for each in numbers if each > after]
    while following and duty is not None and (cursor is None or len(page) <= limit):
        some, following = following[:_AT_ONCE], following[_AT_ONCE:]
        known = read.known(conn, some, people, as_at)
        if before is None:
            standing = {n: standing_of(each, duty, read.filed, book) for n, each in known.items()}
            told += standing.values()
            # Only of those who are shown all the values are put together.
            of_page = [n for n, each in standing.items() if is_listed(each, listed)]
            page += read.told({n: known[n] for n in of_page[: limit + 1 - len(page)]})
        else:
            theirs = read.compared(known, before.told(conn, some))
            told += theirs
            page += (each for each in theirs if is_listed(each, listed))
    page = page[: limit + 1]
    counts = None
    if cursor is None and duty is not None:
        counts = counts_of(told, duty, read.filed)
    until = None if duty is None else given_until(duty, read.rules, as_at)
    return LiabilityOfExercise(
        exercise=id_,
        edition=read.rules.edition,
        duty=duty_of(read.rules.rulebook),
        title=None if duty is None else duty.title,
        clause=read.clause,
        clause_says=read.rules.rulebook.clause(read.clause).text,
        owner=None if duty is None else duty.owner,
        owed_to=None if duty is None else duty.owed_to,
        known_at=looking.known_at,
        effective_at=as_at,
        send_by=read.days,
        given_until=until,
        as_at_clause=duty.as_at_within.clause if duty and duty.as_at_within and until else None,
        since_known_at=before.known_at if before else None,
        since_effective_at=before.on if before else None,
        documents_since=tuple(each for each in read.filed if each not in before.filed)
        if before
        else (),
        counts=counts,
        items=tuple(page[:limit]),
        next_cursor=write_cursor([page[limit - 1].staff_number]) if len(page) > limit else None,
    )


def rows_of_liability_information(
    looking: Looking,
    connect: Callable[[], AbstractContextManager[Conn]],
    id_: str,
    *,
    effective_at: date | None = None,
    reached: Reached | None = None,
) -> tuple[date, Iterator[tuple[LiabilityRow, ...]]]:
    """Everything about everybody whom the transferors employ on the day, by staff number; with the
    day. Raises `NotOnRecord`, also where the edition has no items.

    A connection is held for one page at a time: the reader of the rows may be slow.
    """
    read = _Read.of(looking, id_)
    if read.duty is None:
        raise NotOnRecord(
            f"{read.rules.edition} says nothing about liability information: there is no file of it"
        )
    as_at = effective_at or read.usual_day(looking.today)
    with connect() as conn:
        people = read.people(conn)
    numbers = sorted(people)
    if reached is not None:
        kept = frozenset(reached(numbers, as_at))
        numbers = [each for each in numbers if each in kept]

    def pages() -> Iterator[tuple[LiabilityRow, ...]]:
        for start in range(0, len(numbers), _AT_ONCE):
            with connect() as conn:
                known = read.known(conn, numbers[start : start + _AT_ONCE], people, as_at)
            yield tuple(row for each in read.told(known) for row in read.rows(each, as_at))

    return as_at, pages()


# --- reading ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Read:
    """An exercise as it is read for its liability information, as known at an instant."""

    looking: Looking
    found: Found
    plan: Plan
    rules: BindingRules

    @classmethod
    def of(cls, looking: Looking, id_: str) -> "_Read":
        """The same by the exercise's id."""
        found = looking.find(looking.kind("exercise"), id_)
        rules = cast(BindingRules, looking.worlds.rules_of(Loaded(), found.matter))
        return cls(looking, found, plan_of(found.state), rules)

    @cached_property
    def duty(self) -> LiabilityInformation | None:
        """What the edition says of it."""
        return self.rules.rulebook.liability_information

    @property
    def clause(self) -> str:
        """The clause of the duty; of an edition without one, that which says what the move is."""
        book = self.rules.rulebook
        return book.mechanism_clause if self.duty is None else self.duty.clause

    @cached_property
    def filed(self) -> Mapping[str, str]:
        """The ids of the documents on file in the exercise, by their title."""
        return filed_in(self.found.events)

    @cached_property
    def days(self) -> tuple[SendBy, ...]:
        """By when it is given, for each day of transfer."""
        return () if self.duty is None else days_of_giving(self.duty, self.rules, self.plan)

    def usual_day(self, today: date) -> date:
        """The day that is described unless another is asked for: today, while nobody has moved."""
        moves = [
            each.when.on
            for each in self.plan.milestones.values()
            if each.role is MilestoneRole.TRANSFER and each.when.on is not None
        ]
        return min([today, *(day - _ONE_DAY for day in moves)])

    # --- people ------------------------------------------------------------------------------

    def people(self, conn: Conn) -> dict[str, Participant]:
        """Those who move or have moved, by number; not somebody who objects, has left or whose
        employment ends."""
        if self.duty is None:
            return {}
        came = came_of(conn, self.looking, self.found)
        if came is None:
            return {}
        return {each.staff_number: each for each in came.participants if moves(each)}

    @cached_property
    def _transferor_of(self) -> Mapping[str, str]:
        groups = self.plan.groups.values()
        return {number: group.transferor for group in groups for number in group.people}

    def told(self, known: Mapping[str, OnThatDay]) -> list[PersonsInformation]:
        """The information about these people, in their order."""
        duty, book = self.duty, self.rules.rulebook
        if duty is None:
            return []
        return [information_of(each, duty, self.filed, book) for each in known.values()]

    def compared(
        self, known: Mapping[str, OnThatDay], then: Mapping[str, PersonsInformation]
    ) -> list[PersonsInformation]:
        """The information about these people by number, with what became of it since `then`."""
        now = {each.staff_number: each for each in self.told(known)}
        left = {n: gone(each) for n, each in then.items() if n not in now and each.is_employed}
        found = left | {n: compared(each, then.get(n)) for n, each in now.items()}
        return [found[number] for number in sorted(found)]

    def known(
        self, conn: Conn, numbers: Sequence[str], people: Mapping[str, Participant], on: date
    ) -> dict[str, OnThatDay]:
        """What the record says of those of these numbers who move."""
        asked = [number for number in numbers if number in people]
        known_at = self.looking.known_at
        held = position_queries.positions(conn, asked, on, known_at)
        beside = links_and_objections.beside_each(conn, asked, known_at)
        personal = self.looking.office.vault.read_many(conn, asked)
        found = {}
        for number in asked:
            theirs = held.get(number)
            if theirs is None:
                continue  # not on record then
            entries = beside.get(number, NOTHING).names
            own = personal.get(number, {})
            found[number] = on_that_day(
                self.rules,
                number,
                theirs.jobs,
                transferor=self._transferor_of.get(number),
                to=people[number].confirmed or people[number].destination,
                name=own.get(field_of_name(entries, on)),
                name_entry=name_on(name_periods(entries), on),
                date_of_birth=own.get(Personal.DATE_OF_BIRTH),
                terms=theirs.terms,
            )
        return found

    def rows(self, told: PersonsInformation, on: date) -> Iterator[LiabilityRow]:
        """Somebody's information, a row for each value; none for who is not employed that day."""
        if self.duty is None:
            return
        for (item, datum), held in zip(self.duty.data(), told.data, strict=False):
            for value in held.values or (None,):
                yield LiabilityRow(
                    exercise=self.found.matter.partition(":")[2],
                    edition=self.rules.edition,
                    transferor=told.transferor,
                    transferee=told.transferee_name,
                    staff_number=told.staff_number,
                    name=told.name,
                    item=item.id,
                    item_title=item.title,
                    clause=item.clause,
                    datum=datum.id,
                    title=datum.title,
                    effective_at=on,
                    known_at=self.looking.known_at,
                    **_cells(held, value),
                )


@dataclass(frozen=True)
class _Before:
    """An earlier state that is compared with: as known when, and of which day.

    `read` is the exercise as it was known then; `None`: nothing was known of it.
    """

    known_at: datetime
    on: date
    read: _Read | None
    people: Mapping[str, Participant]

    @classmethod
    def of(cls, now: _Read, since: AsAt | None, conn: Conn, as_at: date) -> "_Before | None":
        """The state that is asked for; `None` where none is. Raises `Malformed` for a later one."""
        if since is None:
            return None
        if since.known_at > now.looking.known_at:
            raise Malformed("is later than the answer itself", field="since_known_at")
        on = since.effective_at or as_at
        looking = Looking(now.looking.office, now.looking.worlds, since.known_at)
        try:
            read = _Read.of(looking, now.found.matter.partition(":")[2])
        except NotOnRecord:
            return cls(since.known_at, on, None, {})
        return cls(since.known_at, on, read, read.people(conn))

    @property
    def filed(self) -> Mapping[str, str]:
        """The documents that were on file then."""
        return {} if self.read is None else self.read.filed

    def told(self, conn: Conn, numbers: Sequence[str]) -> dict[str, PersonsInformation]:
        """The information about these people as it was, by number."""
        if self.read is None:
            return {}
        told = self.read.told(self.read.known(conn, numbers, self.people, self.on))
        return {each.staff_number: each for each in told}


def filed_in(events: Sequence[Recorded[Fact]]) -> dict[str, str]:
    """The ids of the documents on file by the facts of an exercise, by their title."""
    undone = undone_in(events)
    return {
        each.fact.title: each.fact.basis.document or ""
        for each in events
        if isinstance(each.fact, e.DocumentFiled) and each.event_id not in undone
    }


def days_of_giving(
    duty: LiabilityInformation, rules: BindingRules, plan: Plan
) -> tuple[SendBy, ...]:
    """By when the information is given, for each day of transfer of a plan."""
    return tuple(
        send_by(duty, rules, each.when.on, each.transferors)
        for each in plan.milestones.values()
        if each.role is MilestoneRole.TRANSFER
    )


def _cells(held: DatumHeld, value: ValueHeld | None) -> dict[str, object]:
    """What a row says of one value; `None`: of what has none."""
    return {
        "held": held.held,
        "assignment": value and value.assignment,
        "value": value and value.value,
        "in_force_from": value and value.in_force_from,
        "temporary": value and value.temporary,
        "entry": value and value.entry,
        "corrected_by": value and value.corrected_by,
        "document": held.document,
        "document_needed": held.document_needed,
    }


def moves(person: Participant) -> bool:
    """Whether somebody goes over by an exercise, or has gone."""
    stays = person.objected or person.ended is not None or person.left is not None
    return person.in_scope and (
        person.place not in tuple(Elsewhere) or (person.transferred is None and not stays)
    )


def on_that_day(
    rules: BindingRules,
    number: str,
    jobs: Mapping[str, Mapping[Facet, Held]],
    *,
    transferor: str | None,
    **said: object,
) -> OnThatDay:
    """What the record says of somebody, with the assignments of their transferor alone: another
    employer's are not this one's to tell.

    `transferor` is whose they are by their group; else it is that of their first assignment.
    """
    whose = {job: _transferor(rules, facets) for job, facets in jobs.items()}
    if transferor is None:
        transferor = next((each for _, each in _main_first(whose) if each is not None), None)
    return OnThatDay(
        staff_number=number,
        transferor=transferor,
        jobs={
            job: facets
            for job, facets in jobs.items()
            if transferor is not None and whose[job] == transferor
        },
        **said,  # type: ignore[arg-type]  # its own fields, handed on
    )


def _main_first(whose: Mapping[str, str | None]) -> Iterable[tuple[str, str | None]]:
    return sorted(whose.items(), key=lambda each: (each[0] != MAIN, each[0]))


def _transferor(rules: BindingRules, facets: Mapping[Facet, Held]) -> str | None:
    return rules.transferor_of({facet: held.value for facet, held in facets.items()})
