"""What is to be done, by whom and until when; who does it for somebody who is away?

The duties of every procedure (`projections.deadlines`), one line for all the people that a duty is
due of on one day: also steps that wait for approval, decisions to look at again, steps that the
rules refused, and appeals that a panel has to decide. Nothing is kept for the list.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from projections.deadlines import deadlines as projection
from projections.deadlines import work as lines_of_work
from projections.deadlines.deadlines import State
from projections.deadlines.work import Line
from projections.keeping_up.copying import Conn
from projections.keeping_up.cursors import malformed_cursor, read_cursor, write_cursor
from transfer.access.hand_overs import AFTER_ALL, HandOver, HandOvers, does_work_of
from transfer.core.dating.instants import Instant
from transfer.core.matter.book import REFUSED_STEP
from transfer.core.matter.facts import APPROVE, SETTLE
from transfer.core.refusals import Malformed
from transfer.procedures.appeal.kind import DETERMINATION
from transfer.questions.answer import Answer

SEEN_BY = projection.NAME
"""The read model that this answer rests on."""

MOST_LISTED = 1000
NAMED = 5
"""How many people of a line are named."""

_LONGEST_PLACE = 18


class WorkKind(StrEnum):
    """What sort of work it is. `refused`: a step that the rules refused, to be put right."""

    APPROVAL = "approval"
    DECISION = "decision"
    REFUSED = "refused"
    APPEAL = "appeal"
    DUTY = "duty"


class WorkState(StrEnum):
    """Whether its day has passed."""

    DUE = "due"
    OVERDUE = "overdue"


_KINDS = {
    APPROVE: WorkKind.APPROVAL,
    SETTLE: WorkKind.DECISION,
    REFUSED_STEP: WorkKind.REFUSED,
    DETERMINATION: WorkKind.APPEAL,
}
_STATES = {WorkState.DUE: State.OPEN, WorkState.OVERDUE: State.MISSED}


class SomebodyConcerned(Answer):
    """Somebody whom it is about."""

    staff_number: str


class StandsIn(Answer):
    """Who does the work of somebody who is away, until which day, that day included."""

    subject: str
    last_day: date


class WorkItem(Answer):
    """Something to do: what, about what, from whom, by which day (none: as soon as it can be), and
    since when it has been due.

    `procedure` is its `kind/id`, where it is of one procedure alone. `people` counts whom it is
    about; `whom` names the first five of them. `obligation_id` is one of the obligations of the
    line, about somebody within the caller's limits where there are any. `owed_to` is to whom it is
    owed, where that is said. `delegated_to` takes care of it, until `delegated_until` if that is
    set; else who began the procedure, or the exercise that it belongs to (`run_by`). `stands_in`
    does the work of that person while they are away. `excuse` says why it is not done.
    """

    obligation_id: UUID
    exercise: str
    procedure: str | None
    kind: WorkKind
    what: str
    about: str
    owner: str
    owed_to: str | None
    state: WorkState
    due_on: date | None
    since: Instant
    clause: str | None
    people: int
    whom: tuple[SomebodyConcerned, ...]
    run_by: str | None
    delegated_to: str | None
    delegated_until: date | None
    stands_in: StandsIn | None
    excuse: str | None
    excuse_document: str | None


class WorkFound(Answer):
    """A page of work, the earliest day first, what has no day last."""

    known_at: Instant
    items: tuple[WorkItem, ...]
    next_cursor: str | None


class HandOverShown(Answer):
    """`stands_in` does the work of `away` from `first_day` to `last_day`, both included; all
    subjects of tokens. `ended_at` and `ended_by`: it was ended before its last day."""

    id: UUID
    away: str
    stands_in: str
    first_day: date
    last_day: date
    recorded_at: Instant
    recorded_by: str
    ended_at: Instant | None
    ended_by: str | None

    @classmethod
    def of(cls, found: HandOver) -> Self:
        """The same from a row."""
        return cls(
            id=found.hand_over,
            away=found.away,
            stands_in=found.stands_in,
            first_day=found.first_day,
            last_day=found.last_day,
            recorded_at=found.recorded_at,
            recorded_by=found.recorded_by,
            ended_at=found.ended_at,
            ended_by=found.ended_by,
        )


class HandOversFound(Answer):
    """A page of hand-overs, the last recorded first."""

    known_at: Instant
    items: tuple[HandOverShown, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class WorkAsked:
    """Which work is asked about; what is left out does not matter.

    `of` keeps what somebody does: what was given to them, and what they run and nobody was given,
    unless they are away; and the same of whom they stand in for.
    """

    owner: str | None = None
    kind: WorkKind | None = None
    state: WorkState | None = None
    exercise: str | None = None
    due_before: date | None = None
    of: str | None = None


Within = Callable[[Collection[str]], frozenset[str]]
"""Which of these people are within the caller's limits."""


def work(
    conn: Conn,
    away: Mapping[str, HandOver],
    known_at: datetime,
    today: date,
    asked: WorkAsked,
    *,
    within: Within | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> WorkFound:
    """What is to be done, as known at K, on a day; `away` are the hand-overs that run on it.

    `within`: where there are limits, people out of them count for nothing, and a line about nobody
    else is left out. Raises `Malformed` for a limit or a cursor that is none.
    """
    if not 1 <= limit <= MOST_LISTED:
        raise Malformed(f"{limit} is not between 1 and {MOST_LISTED}", field="limit")
    exercises = None if asked.exercise is None else frozenset({asked.exercise})
    whats = [what for what, kind in _KINDS.items() if kind is asked.kind]
    found = lines_of_work.lines(
        conn,
        known_at,
        today,
        state=None if asked.state is None else _STATES[asked.state],
        owner=asked.owner,
        whats=whats,
        other_than=list(_KINDS) if asked.kind is WorkKind.DUTY else (),
        exercises=exercises,
        due_before=asked.due_before,
        done_by=None if asked.of is None else does_work_of(asked.of, away),
        by_person=within is not None,
        limit=limit + 1,
        cursor=cursor,
    )
    page = found[:limit]
    reached = None if within is None else within({n for each in page for n in each.staff_numbers})
    items = (_item(each, away, reached) for each in page)
    return WorkFound(
        known_at=known_at,
        items=tuple(each for each in items if each is not None),
        next_cursor=page[-1].cursor if len(found) > limit else None,
    )


def hand_overs(
    store: HandOvers, known_at: datetime, *, limit: int = 100, cursor: str | None = None
) -> HandOversFound:
    """Who does or did whose work. Raises `Malformed` for a cursor that is none."""
    before = AFTER_ALL
    if cursor is not None:
        (place,) = read_cursor(cursor, 1)
        if not (place.isascii() and place.isdigit() and len(place) <= _LONGEST_PLACE):
            raise malformed_cursor()
        before = int(place)
    found = store.found(known_at, limit=limit + 1, before=before)
    page = found[:limit]
    return HandOversFound(
        known_at=known_at,
        items=tuple(map(HandOverShown.of, page)),
        next_cursor=write_cursor([str(page[-1].place)]) if len(found) > limit else None,
    )


def kind_of_work(what: str) -> WorkKind:
    """What sort of work something is, by the name under which it is due."""
    return _KINDS.get(what, WorkKind.DUTY)


def _item(
    line: Line, away: Mapping[str, HandOver], reached: frozenset[str] | None
) -> WorkItem | None:
    people, obligation_id = line.staff_numbers, line.obligation_id
    if reached is not None:
        people = tuple(each for each in people if each in reached)
        if line.staff_numbers and not people:
            return None
        if people:
            obligation_id = line.obligation_of[people[0]]
    hand_over = None if line.done_by is None else away.get(line.done_by)
    return WorkItem(
        obligation_id=obligation_id,
        exercise=line.exercise,
        procedure=None if line.matter is None else line.matter.replace(":", "/", 1),
        kind=kind_of_work(line.what),
        what=line.what,
        about=line.about,
        owner=line.owner,
        owed_to=line.owed_to or None,
        state=WorkState.OVERDUE if line.state is State.MISSED else WorkState.DUE,
        due_on=line.due_on,
        since=line.since,
        clause=line.clause,
        people=len(people),
        whom=tuple(SomebodyConcerned(staff_number=each) for each in people[:NAMED]),
        run_by=line.run_by,
        delegated_to=line.delegated_to,
        delegated_until=line.delegated_until,
        stands_in=None
        if hand_over is None
        else StandsIn(subject=hand_over.stands_in, last_day=hand_over.last_day),
        excuse=line.excuse,
        excuse_document=line.excuse_document,
    )
