"""The letters of an exercise: to whom, what each has to say, what is missing, what came of it?

For the office: to write them (a merge file, and each on paper) and to follow them. What the people
themselves see of theirs is in `letters.py`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, cast

from projections.exercise import outcome as exercise_outcome
from projections.exercise import steps as exercise_steps
from projections.keeping_up.copying import Conn
from projections.keeping_up.cursors import read_cursor, write_cursor
from projections.links_and_objections import projection as links_and_objections
from projections.links_and_objections.projection import NOTHING
from projections.position import projection as position_projection
from projections.position import queries as position_queries
from transfer.commands.matter_worlds import Loaded
from transfer.core.dating.instants import Instant
from transfer.core.matter.facts import NoticeReissued, NoticeReturned
from transfer.core.matter.folding import State
from transfer.core.matter.replaying import on_top
from transfer.core.matter.words import Whom
from transfer.core.refusals import NotOnRecord
from transfer.core.rules import LettersInForce
from transfer.core.streams import staff_stream
from transfer.core.words import MAIN, Facet
from transfer.procedures.exercise.participation import Participation, participation_of
from transfer.procedures.exercise.plan import Plan, plan_of
from transfer.questions.answer import Answer
from transfer.questions.names import field_of_name
from transfer.questions.procedures import Found, Looking
from transfer.questions.table import Row
from transfer.rulebooks.in_force import BindingRules

SEEN_BY: Final = (position_projection.NAME, links_and_objections.NAME, exercise_steps.NAME)
"""The read models that these answers rest on, beside the log."""

_ROWS = 200


class LetterState(StrEnum):
    """Where a letter stands. `sent-again`: it had come back, or was put right."""

    TO_SEND = "to-send"
    SENT = "sent"
    RETURNED = "returned"
    SENT_AGAIN = "sent-again"


class LetterRow(Row):
    """One letter to one person: all that is needed to write it, and what came of it.

    `name`, `employer` and `unit` are those of the day asked about; `transferor` is whose the person
    was when the exercise began to cover them. `contents` are what the edition wants the letter to
    say. `missing` is what the record lacks for it. `last_days` has the last day of what the letter
    lets the person do, once it is sent. `goes_out_on` is as planned.
    """

    exercise: str
    edition: str
    staff_number: str
    name: str | None
    employer: str | None
    unit: str | None
    transferor: str | None
    group: str
    letters: tuple[str, ...]
    clause: str | None
    state: LetterState
    goes_out_on: date | None
    sent_on: date | None
    returned_on: date | None
    sent_again_on: date | None
    destination: str | None
    destination_name: str | None
    route: str | None
    route_title: str | None
    because: str | None
    may: tuple[str, ...]
    last_days: dict[str, date | None]
    answers: tuple[str, ...]
    contents: tuple[str, ...]
    missing: tuple[str, ...]
    known_at: Instant


class LettersOfExercise(Answer):
    """A page of letters by staff number; `next_cursor` is null on the last."""

    known_at: Instant
    items: tuple[LetterRow, ...]
    next_cursor: str | None


def letters_of_exercise(
    looking: Looking,
    conn: Conn,
    id_: str,
    *,
    group: str | None = None,
    state: LetterState | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> LettersOfExercise:
    """A page of the letters of an exercise, those of people in its groups.

    Raises `NotOnRecord` for an exercise or a group that there is not, `Malformed` for a cursor.
    """
    read = _Read.of(looking, id_)
    (after,) = ("",) if cursor is None else read_cursor(cursor, 1)
    people = [n for n in read.may_be(conn, state, read.people(group)) if n > after]
    found: list[LetterRow] = []
    while people and len(found) <= limit:
        some, people = people[: limit + 1], people[limit + 1 :]
        found += (each for each in read.rows(conn, some) if state in (None, each.state))
    return LettersOfExercise(
        known_at=looking.known_at,
        items=tuple(found[:limit]),
        next_cursor=write_cursor([found[limit - 1].staff_number]) if len(found) > limit else None,
    )


def rows_of_letters(
    looking: Looking,
    connect: Callable[[], AbstractContextManager[Conn]],
    id_: str,
    *,
    group: str | None = None,
    state: LetterState | None = None,
) -> Iterator[tuple[LetterRow, ...]]:
    """All the letters, by staff number, page by page; raises as `letters_of_exercise`.

    A connection is held for one page at a time: the reader of the rows may be slow.
    """
    read = _Read.of(looking, id_)
    with connect() as conn:
        people = read.may_be(conn, state, read.people(group))
    for start in range(0, len(people), _ROWS):
        with connect() as conn:
            rows = read.rows(conn, people[start : start + _ROWS])
        yield tuple(each for each in rows if state in (None, each.state))


def letter_to(looking: Looking, conn: Conn, id_: str, staff_number: str) -> LetterRow:
    """The letter to one person. Raises `NotOnRecord` where they are in no group of the exercise."""
    read = _Read.of(looking, id_)
    if staff_number not in read.group_of:
        raise NotOnRecord(f"no letter of {id_} to that staff number on record")
    (row,) = read.rows(conn, [staff_number])
    return row


@dataclass(frozen=True, slots=True)
class _Read:
    """An exercise as it is read for its letters."""

    looking: Looking
    found: Found
    plan: Plan
    rules: BindingRules
    group_of: Mapping[str, str]
    letters_of: Mapping[str, LettersInForce]
    goes_out_on: Mapping[str, date | None]

    @classmethod
    def of(cls, looking: Looking, id_: str) -> "_Read":
        """The same by the exercise's id."""
        found = looking.find(looking.kind("exercise"), id_)
        rules = cast(BindingRules, looking.worlds.rules_of(Loaded(), found.matter))
        plan = plan_of(found.state)
        book = found.state.book
        dues = {name: book.due(Whom(found.matter, name), "issue-letters") for name in plan.groups}
        return cls(
            looking,
            found,
            plan,
            rules,
            group_of={n: each.group for each in plan.groups.values() for n in each.people},
            letters_of={name: rules.letters(each.path) for name, each in plan.groups.items()},
            goes_out_on={n: None if due is None else book.days(due)[0] for n, due in dues.items()},
        )

    def people(self, group: str | None) -> list[str]:
        """Everybody to whom a letter goes, by staff number."""
        if group is not None and group not in self.plan.groups:
            raise NotOnRecord(f"no group {group} in this exercise")
        return sorted(n for n, of in self.group_of.items() if group in (None, of))

    def may_be(self, conn: Conn, state: LetterState | None, people: Sequence[str]) -> Sequence[str]:
        """These people without most of those whose letters are in another state, so that not
        everybody has to be read. Nobody whose letter is in the state is left out."""
        if state is None:
            return people
        exercise = self.found.matter.partition(":")[2]
        sent, undone = exercise_outcome.may_have_letters(conn, exercise, self.looking.known_at)
        if state is LetterState.TO_SEND:
            return [number for number in people if number not in sent or number in undone]
        may_be = sent
        if state is not LetterState.SENT:
            kind = NoticeReturned if state is LetterState.RETURNED else NoticeReissued
            having = self.looking.worlds.people_having(self.found.matter, kind)
            may_be = sent.intersection(having)
        return [number for number in people if number in may_be]

    def rows(self, conn: Conn, people: Sequence[str]) -> list[LetterRow]:
        """The letters to these people, in their order."""
        looking, loaded = self.looking, Loaded()
        streams = [staff_stream(number) for number in people]
        for stream, events in looking.office.log.read_many(streams).items():
            loaded.take(stream, events)
        jobs = position_queries.jobs(conn, people, looking.today, looking.known_at)
        beside = links_and_objections.beside_each(conn, people, looking.known_at)
        personal = looking.office.vault.read_many(conn, people)
        whole = looking.worlds.levels(loaded, self.found.matter)
        rows = []
        for number in people:
            world = looking.worlds.world(loaded, self.found.matter, number)
            state = on_top(world, whole)[self.found.matter]
            entries = beside.get(number, NOTHING).names
            name = personal.get(number, {}).get(field_of_name(entries, looking.today))
            own = [job for job in jobs.get(number, ()) if job.position.get(Facet.EMPLOYER)]
            main = next((job for job in own if job.assignment == MAIN), own[0] if own else None)
            position = {} if main is None else main.position
            rows.append(self._row(number, state, name, position))
        return rows

    def _row(
        self, number: str, state: State, name: str | None, position: Mapping[Facet, str | None]
    ) -> LetterRow:
        own, rules = participation_of(state), self.rules
        group = self.group_of[number]
        letters = self.letters_of[group]
        book = rules.rulebook
        going = own.proposal is not None or own.destination is not None
        to = book.transferees.get(own.destination) if own.destination else None
        windows = {each.id: each.title or each.id for each in book.windows}
        opened = own.letter.windows if own.letter else ()
        last_days = {windows[each.window]: state.last_day(each.kind) for each in opened}
        titles = {each.id: each.title or each.id for each in book.letters}
        names = own.letter.letters if own.letter else letters.names
        contents = own.letter.contents if own.letter else letters.contents
        route = own.proposal.route if own.proposal else None
        return LetterRow(
            exercise=self.found.matter.partition(":")[2],
            edition=rules.edition,
            staff_number=number,
            name=name,
            employer=position.get(Facet.EMPLOYER),
            unit=position.get(Facet.UNIT),
            transferor=own.transferor,
            group=group,
            letters=tuple(titles.get(each, each) for each in names),
            clause=letters.basis.clause,
            state=_state(own),
            goes_out_on=None if own.letter else self.goes_out_on[group],
            sent_on=own.letter_issued_on,
            returned_on=max((each.happened_on for each in own.returned.values()), default=None),
            sent_again_on=max((each.happened_on for each in own.reissued.values()), default=None),
            destination=own.destination,
            destination_name=to.name if to else own.destination,
            route=route,
            route_title=next((e.title or e.id for e in book.routes if e.id == route), None),
            because=own.proposal.reason if own.proposal else None,
            may=tuple(windows[each.name] for each in letters.windows),
            last_days=last_days,
            answers=tuple(each.response for each in own.responses.values()),
            contents=contents,
            missing=tuple(_missing(name, going, own, last_days)),
            known_at=self.looking.known_at,
        )


def _state(own: Participation) -> LetterState:
    if own.letter is None:
        return LetterState.TO_SEND
    if own.returned:
        return LetterState.RETURNED
    return LetterState.SENT_AGAIN if own.reissued else LetterState.SENT


def _missing(
    name: str | None, going: bool, own: Participation, last_days: Mapping[str, date | None]
) -> Iterator[str]:
    """What a letter cannot be written without, and the record does not have."""
    if name is None:
        yield "the name"
    if not going:
        yield "where they go, and why"
    if own.transferor is None:
        yield "whose they were"
    for title, day in last_days.items():
        if day is None:
            yield f"the last day: {title}"
