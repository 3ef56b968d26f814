"""What an exercise came to at an instant: everybody in scope in exactly one place, and why.

    in scope = with each transferee + ended by objection + ended by dissolution + left
               + still with the transferor

The fold is pure; `outcome` reads the steps of `steps.py` and folds them; `participants` does so for
one page of people alone. `discrepancies` says where the sums do not add up: an empty answer is the
proof that they do.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg.rows import tuple_row

from projections.exercise.steps import BY_OBJECTION, Step, StepKind
from projections.keeping_up.copying import Conn, from_text, to_text
from projections.keeping_up.runner import BEFORE_ANYTHING
from transfer.core.dating.effective_dating import Entries, Entry, Key, Kind, Piece
from transfer.core.refusals import NotOnRecord
from transfer.core.words import AppealOutcome


class Elsewhere(StrEnum):
    """Where somebody is who was not moved to a transferee."""

    ENDED_BY_OBJECTION = "ended-by-objection"
    ENDED_BY_DISSOLUTION = "ended-by-dissolution"
    LEFT = "left"
    WITH_TRANSFEROR = "with-transferor"


Place = str
"""Where somebody ended up: the id of a transferee of the edition, or one of `Elsewhere`."""


@dataclass(slots=True)
class Participant:
    """One person's way through the exercise, as far as it was known."""

    staff_number: str
    in_scope: bool = False
    route: str | None = None
    destination: str | None = None
    reason: str | None = None
    clauses: tuple[str, ...] = ()
    letter: bool = False
    response: str | None = None
    lodged_in_time: int = 0
    refused_out_of_time: int = 0
    accepted_late: int = 0
    upheld: int = 0
    rejected: int = 0
    withdrawn: int = 0
    panel_overdue: bool = False
    objected: bool = False
    confirmed: str | None = None
    transferred: Step | None = None
    ended: Step | None = None
    left: Step | None = None
    employer: str | None = None
    refused_steps: dict[str, Step] = field(default_factory=dict)
    acts: list[Step] = field(default_factory=list)

    @property
    def open_appeals(self) -> int:
        """Appeals that await their panel."""
        heard = self.lodged_in_time + self.accepted_late
        return heard - self.upheld - self.rejected - self.withdrawn

    @property
    def is_away(self) -> bool:
        """Whether the exercise has nothing more to do for them: moved, ended, or left before."""
        return self.transferred is not None or self.ended is not None or self.left is not None

    @property
    def place(self) -> Place:
        """Where the person is, by what is on record."""
        if self.transferred is not None:
            return self.transferred.destination or Elsewhere.WITH_TRANSFEROR
        if self.ended is not None:
            objected = self.ended.about == BY_OBJECTION
            return Elsewhere.ENDED_BY_OBJECTION if objected else Elsewhere.ENDED_BY_DISSOLUTION
        return Elsewhere.WITH_TRANSFEROR if self.left is None else Elsewhere.LEFT


@dataclass(frozen=True, slots=True)
class Flow:
    """How many came by a route to a place, and who employs them there where the move says so."""

    route: str | None
    place: Place
    employer: str | None
    headcount: int


@dataclass(frozen=True, slots=True)
class AppealCounts:
    """Appeals by how they came and what became of them.

    `lodged` counts every appeal that arrived; `refused_out_of_time` those whose refusal stands;
    `withdrawn` those that need no decision any more, also because nobody employs the person.
    """

    lodged: int
    in_time: int
    refused_out_of_time: int
    accepted_late: int
    upheld: int
    rejected: int
    withdrawn: int
    open: int
    panel_overdue: int


@dataclass(frozen=True, slots=True)
class RefusedStep:
    """A step that the rules refused to so many people, for one reason."""

    step: str
    clauses: tuple[str, ...]
    reason: str
    headcount: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Of how many people something holds.

    `away`: the exercise has nothing more to do for them, they moved, ended, or left before.
    `proposed_or_away`, `letters_or_away`: either holds. `panels_overdue`: an appeal of theirs is
    open, and its panel is late. `refused_steps` are those that were neither taken since nor became
    needless.
    """

    proposed: int
    answered: int
    confirmed: int
    transferred: int
    ended: int
    left: int
    away: int
    proposed_or_away: int
    letters_or_away: int
    panels_overdue: int
    refused_steps: tuple[RefusedStep, ...]


@dataclass(frozen=True, slots=True)
class MilestoneOutcome:
    """A milestone: every day it had in turn, and whether the last was kept."""

    milestone: str
    days: tuple[date, ...]
    met: bool | None
    note: str | None


@dataclass(frozen=True, slots=True)
class ExerciseOutcome:
    """One exercise as known at K."""

    exercise: str
    in_scope: int
    flows: tuple[Flow, ...]
    letters: int
    responses: Mapping[str, int]
    appeals: AppealCounts
    objections: int
    refused_steps: tuple[RefusedStep, ...]
    milestones: tuple[MilestoneOutcome, ...]
    participants: tuple[Participant, ...]
    tally: Tally


# --- fold --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fold:
    """Steps folded: everybody's way through an exercise, by staff number, and its milestones; to
    be read and never changed."""

    people: Mapping[str, Participant]
    milestones: Mapping[str, MilestoneOutcome]

    def outcome(self, exercise: str) -> ExerciseOutcome:
        """What it came to."""
        everybody = tuple(self.people[staff] for staff in sorted(self.people))
        return ExerciseOutcome(
            exercise=exercise,
            in_scope=sum(p.in_scope for p in everybody),
            flows=_flows(everybody),
            letters=sum(p.letter for p in everybody),
            responses=Counter(p.response for p in everybody if p.response is not None),
            appeals=_appeals(everybody),
            objections=sum(p.objected for p in everybody),
            refused_steps=_refused(everybody),
            milestones=tuple(self.milestones.values()),
            participants=everybody,
            tally=_tally(everybody),
        )


def outcome_of(exercise: str, steps: Iterable[Step]) -> ExerciseOutcome:
    """What these steps, in log order, came to."""
    return fold(steps).outcome(exercise)


def fold(steps: Iterable[Step]) -> Fold:
    """Fold steps in log order. Nobody's way rests on another's: the steps of some people alone come
    to the same for these."""
    people: dict[str, Participant] = {}
    milestones: dict[str, MilestoneOutcome] = {}
    root: dict[UUID, UUID] = {}
    steps = list(steps)
    undone = undone_by(steps)
    for step in steps:
        if step.kind is StepKind.UNDONE or step.event_id in undone:
            continue
        if step.staff_number is None:
            _take_milestone(milestones, step)
        else:
            person = people.get(step.staff_number)
            if person is None:
                person = people[step.staff_number] = Participant(step.staff_number)
            _take(person, step, root)
    return Fold(people, milestones)


def undone_by(steps: Iterable[Step]) -> set[UUID]:
    """The events that have no effect any more. What takes a decision's place names the decision as
    it was first recorded, however often it was made again: the last to name it is the one that
    counts."""
    found: set[UUID] = set()
    last: dict[UUID, UUID] = {}
    for step in steps:
        if step.kind is StepKind.UNDONE and step.of is not None:
            found |= {step.of, last.get(step.of, step.of)}
            last[step.of] = step.event_id
    return found


def _take(p: Participant, step: Step, root: dict[UUID, UUID]) -> None:
    match step.kind:
        case StepKind.IN_SCOPE:
            p.in_scope = True
        case StepKind.PROPOSED:
            p.route, p.destination = step.route, step.destination
            p.reason, p.clauses = step.reason, step.clauses
        case StepKind.LETTER:
            p.letter, p.left = True, None
        case StepKind.RESPONDED:
            p.response = step.about
        case StepKind.APPEAL_LODGED:
            p.lodged_in_time += 1
        case StepKind.APPEAL_REFUSED:
            p.refused_out_of_time += 1
        case StepKind.APPEAL_ACCEPTED_LATE:
            p.refused_out_of_time -= 1
            p.accepted_late += 1
        case StepKind.PANEL_OVERDUE:
            p.panel_overdue = True
        case StepKind.APPEAL_DETERMINED:
            if step.about == AppealOutcome.UPHELD:
                p.upheld += 1
                p.destination = step.destination
            else:
                p.rejected += 1
        case StepKind.APPEAL_WITHDRAWN:
            p.withdrawn += 1
        case StepKind.OBJECTED:
            p.objected = True
        case StepKind.OBJECTION_WITHDRAWN:
            p.objected = False
        case StepKind.CONFIRMED:
            p.confirmed, p.left = step.destination, None
        case StepKind.TRANSFERRED:
            p.transferred, p.employer = step, step.employer
            p.acts.append(step)
        case StepKind.ENDED:
            p.ended = step
            p.acts.append(step)
        case StepKind.REFUSED:
            p.refused_steps[step.about or ""] = step  # the last word says why it is refused now
        case StepKind.LEFT:
            p.left = step
        case StepKind.CORRECTED | StepKind.ANNULLED:
            _take_correction(p, step, root)
        case (
            StepKind.MILESTONE_SET
            | StepKind.MILESTONE_MET
            | StepKind.MILESTONE_MISSED
            | StepKind.UNDONE
        ):
            pass


def _take_correction(p: Participant, step: Step, root: dict[UUID, UUID]) -> None:
    """Transfers and endings are entries: they are corrected and annulled as any other (rule 3)."""
    if step.of is None:
        return
    named = root[step.event_id] = root.get(step.of, step.of)
    p.acts.append(step)
    entries = Entries(_entry(act, root.get(act.event_id, act.event_id)) for act in p.acts)
    stands = entries.timeline(_key(named)).in_force
    if p.transferred is not None and p.transferred.event_id == named:
        p.employer = stands[0].value or None if stands else None
        if not stands:
            p.transferred = None
    elif p.ended is not None and p.ended.event_id == named and not stands:
        p.ended = None


def _entry(act: Step, named: UUID) -> Entry:
    annuls = act.kind is StepKind.ANNULLED
    content = () if annuls else (Piece(_key(named), act.employer or "", date.min),)
    # Which instant does not matter here: order does.
    return Entry(act.event_id, BEFORE_ANYTHING, content, act.of, annuls)


def _key(named: UUID) -> Key:
    return Key(Kind.FACET, "", named.hex)


def _take_milestone(milestones: dict[str, MilestoneOutcome], step: Step) -> None:
    name = step.about or ""
    before = milestones.get(name, MilestoneOutcome(name, (), None, None))
    if step.kind is StepKind.MILESTONE_SET:
        days = before.days if step.due_on is None else (*before.days, step.due_on)
        milestones[name] = MilestoneOutcome(name, days, None, None)
    else:
        met = step.kind is StepKind.MILESTONE_MET
        milestones[name] = MilestoneOutcome(name, before.days, met, step.reason)


def _flows(everybody: Iterable[Participant]) -> tuple[Flow, ...]:
    counted = Counter((p.route, p.place, p.employer) for p in everybody if p.in_scope)
    return tuple(
        Flow(route, place, employer, headcount)
        for (route, place, employer), headcount in sorted(
            counted.items(), key=lambda each: tuple(part or "" for part in each[0])
        )
    )


def _appeals(everybody: Iterable[Participant]) -> AppealCounts:
    people = list(everybody)
    in_time = sum(p.lodged_in_time for p in people)
    refused = sum(p.refused_out_of_time for p in people)
    late = sum(p.accepted_late for p in people)
    return AppealCounts(
        lodged=in_time + refused + late,
        in_time=in_time,
        refused_out_of_time=refused,
        accepted_late=late,
        upheld=sum(p.upheld for p in people),
        rejected=sum(p.rejected for p in people),
        withdrawn=sum(p.withdrawn for p in people),
        open=sum(p.open_appeals for p in people),
        panel_overdue=sum(p.panel_overdue for p in people),
    )


def _refused(everybody: Iterable[Participant], *, still: bool = False) -> tuple[RefusedStep, ...]:
    """Steps that were refused; with `still` those alone that have to be taken yet."""
    counted = Counter(
        (step, refused.clauses, refused.reason or "")
        for p in everybody
        for step, refused in p.refused_steps.items()
        if not (still and _is_overcome(p, step))
    )
    return tuple(
        RefusedStep(step, clauses, reason, headcount)
        for (step, clauses, reason), headcount in sorted(counted.items())
    )


def _is_overcome(person: Participant, step: str) -> bool:
    """Whether a step that was refused to somebody has been taken since, or need not be."""
    if person.is_away:
        return True
    return {
        "propose": person.destination is not None,
        "issue-letters": person.letter,
        "confirm": person.confirmed is not None,
    }.get(step, False)


def _tally(everybody: Sequence[Participant]) -> Tally:
    return Tally(
        proposed=sum(p.destination is not None for p in everybody),
        answered=sum(p.response is not None for p in everybody),
        confirmed=sum(p.confirmed is not None for p in everybody),
        transferred=sum(p.transferred is not None for p in everybody),
        ended=sum(p.ended is not None for p in everybody),
        left=sum(p.left is not None for p in everybody),
        away=sum(p.is_away for p in everybody),
        proposed_or_away=sum(p.destination is not None or p.is_away for p in everybody),
        letters_or_away=sum(p.letter or p.is_away for p in everybody),
        panels_overdue=sum(p.panel_overdue and p.open_appeals != 0 for p in everybody),
        refused_steps=_refused(everybody, still=True),
    )


def discrepancies(found: ExerciseOutcome) -> tuple[str, ...]:
    """Where the outcome does not add up, a sentence each; none, if it does."""
    said = []
    placed = sum(flow.headcount for flow in found.flows)
    if placed != found.in_scope:
        said.append(f"{placed} people have a place, {found.in_scope} are in scope")
    heard = found.appeals.in_time + found.appeals.accepted_late
    appeals = found.appeals
    settled = appeals.upheld + appeals.rejected + appeals.withdrawn + appeals.open
    if heard != settled:
        said.append(
            f"{heard} appeals were heard, {settled} are upheld, rejected, withdrawn or open"
        )
    for p in found.participants:
        said += (f"{p.staff_number}: {problem}" for problem in _problems(p))
    return tuple(said)


def _problems(p: Participant) -> Iterable[str]:
    if not p.in_scope:
        yield "has steps in an exercise that does not cover them"
    if p.transferred is not None and p.ended is not None:
        yield "both transferred and left: two places"
    if p.transferred is not None and p.objected:
        yield "transferred although an objection stands"
    if p.transferred is not None and p.transferred.destination != p.confirmed:
        yield f"transferred to {p.transferred.destination}, confirmed for {p.confirmed}"
    if p.transferred is not None and p.route is None:
        yield "transferred without a route"
    if p.open_appeals < 0:
        yield "more appeals determined than were heard"
    if p.refused_out_of_time < 0:
        yield "an appeal accepted out of time that was not refused"


NOBODY: Final = _tally(())
"""The tally of an exercise of which nothing is on record yet."""


# --- the question ------------------------------------------------------------------------------

_STEPS = """
SELECT staff_number, step, event_id, about, destination, employer, route, due_on, reason, clauses,
       of_event
FROM exercise_step WHERE exercise = %s AND recorded_from <= %s ORDER BY place
"""
_STEPS_SINCE = """
SELECT staff_number, step, event_id, about, destination, employer, route, due_on, reason, clauses,
       of_event
FROM exercise_step WHERE exercise = %s AND recorded_from > %s AND recorded_from <= %s ORDER BY place
"""
_STEPS_OF_PEOPLE = """
SELECT staff_number, step, event_id, about, destination, employer, route, due_on, reason, clauses,
       of_event
FROM exercise_step WHERE exercise = %s AND recorded_from <= %s AND staff_number = ANY(%s)
ORDER BY place
"""
_STEPS_OF_WHOLE = """
SELECT staff_number, step, event_id, about, destination, employer, route, due_on, reason, clauses,
       of_event
FROM exercise_step WHERE exercise = %s AND recorded_from <= %s AND staff_number IS NULL
ORDER BY place
"""

_WITH_LETTERS = """
SELECT staff_number, bool_or(step = 'letter'), bool_or(step = 'undone') FROM exercise_step
WHERE exercise = %s AND recorded_from <= %s AND step IN ('letter', 'undone')
  AND staff_number IS NOT NULL
GROUP BY staff_number
"""

_CANDIDATES = """
SELECT staff_number FROM exercise_step
WHERE exercise = %(exercise)s AND recorded_from <= %(known_at)s AND staff_number > %(after)s
GROUP BY staff_number
HAVING (%(route)s::text IS NULL OR bool_or(step = 'proposed' AND route = %(route)s))
   AND (%(destination)s::text IS NULL
        OR bool_or(step IN ('proposed', 'appeal-determined') AND destination = %(destination)s))
   AND CASE
       WHEN %(place)s::text IS NULL THEN true
       WHEN %(place)s = 'left' THEN bool_or(step = 'left')
       WHEN %(place)s IN ('ended-by-objection', 'ended-by-dissolution') THEN bool_or(step = 'ended')
       WHEN %(place)s = 'with-transferor' THEN
            bool_or(step IN ('corrected', 'annulled', 'undone'))
            OR NOT bool_or(step IN ('transferred', 'ended', 'left'))
            OR bool_or(step = 'transferred' AND destination IS NULL)
            OR bool_or(step = 'left') AND bool_or(step IN ('letter', 'confirmed'))
       ELSE bool_or(step = 'transferred' AND destination = %(place)s)
   END
ORDER BY staff_number LIMIT %(limit)s
"""
"""Who may be meant. A later step can take an earlier one back, so the fold has the last word: this
leaves nobody out whom the fold would keep."""

_LEAST_AT_ONCE = 200


def outcome(conn: Conn, exercise: str, known_at: datetime) -> ExerciseOutcome:
    """What an exercise came to, as known at K (resolved before).

    Raises `NotOnRecord` for an exercise of which nothing was known.
    """
    steps = steps_of_exercise(conn, exercise, known_at)
    if not steps:
        raise NotOnRecord(f"nothing of exercise {exercise} was on record then")
    return outcome_of(exercise, steps)


def steps_of_exercise(conn: Conn, exercise: str, known_at: datetime) -> list[Step]:
    """Every step of an exercise, in log order, as known at K (resolved before)."""
    return _steps(conn, exercise, _STEPS, known_at)


def steps_since(conn: Conn, exercise: str, since: datetime, known_at: datetime) -> list[Step]:
    """Those of them that were recorded after an instant."""
    return _steps(conn, exercise, _STEPS_SINCE, since, known_at)


def steps_of_people(
    conn: Conn, exercise: str, known_at: datetime, people: Sequence[str] | None
) -> list[Step]:
    """Those of them that are about these people; `None`: about the exercise as a whole."""
    if people is None:
        return _steps(conn, exercise, _STEPS_OF_WHOLE, known_at)
    return _steps(conn, exercise, _STEPS_OF_PEOPLE, known_at, list(people))


def _steps(conn: Conn, exercise: str, statement: LiteralString, *values: object) -> list[Step]:
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(statement, (exercise, *values)).fetchall()
    return [_step(exercise, row) for row in rows]


def may_have_letters(
    conn: Conn, exercise: str, known_at: datetime
) -> tuple[frozenset[str], frozenset[str]]:
    """Who was sent a letter by K (resolved before); and of whom something has been undone since,
    which may be that letter."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_WITH_LETTERS, (exercise, known_at)).fetchall()
    return (
        frozenset(number for number, has_letter, _ in rows if has_letter),
        frozenset(number for number, _, is_undone in rows if is_undone),
    )


def participants(
    conn: Conn,
    exercise: str,
    known_at: datetime,
    *,
    place: Place | None = None,
    route: str | None = None,
    destination: str | None = None,
    after: str = "",
    limit: int = 100,
) -> tuple[Participant, ...]:
    """The first people of an exercise, by staff number, as known at K (resolved before).

    The same as those of `outcome`, without folding everybody: those after the number `after`, in
    this place, by this route and to this destination, where one is given; at most `limit`.
    """
    # Without a filter the fold keeps nearly everybody who may be meant.
    filtered = any(each is not None for each in (place, route, destination))
    at_once = max(limit, _LEAST_AT_ONCE) if filtered else limit
    values: dict[str, object] = {
        "exercise": exercise,
        "known_at": known_at,
        "place": None if place is None else to_text(place),
        "route": None if route is None else to_text(route),
        "destination": None if destination is None else to_text(destination),
        "limit": at_once,
    }
    found: list[Participant] = []
    while len(found) < limit:
        with conn.cursor(row_factory=tuple_row) as cursor:
            rows = cursor.execute(_CANDIDATES, values | {"after": to_text(after)}).fetchall()
        people = [staff_number for (staff_number,) in rows]
        folded = fold(steps_of_people(conn, exercise, known_at, people)).people
        found += (
            each
            for each in (folded[number] for number in sorted(folded))
            if place in (None, each.place)
            and route in (None, each.route)
            and destination in (None, each.destination)
        )
        if len(people) < at_once:
            break
        after = people[-1]
    return tuple(found[:limit])


def _step(exercise: str, row: Sequence[Any]) -> Step:
    """The step of a row of `_STEPS`."""
    (
        staff_number,
        kind,
        event_id,
        about,
        destination,
        employer,
        route,
        due_on,
        reason,
        clauses,
        of_event,
    ) = row
    return Step(
        exercise=exercise,
        staff_number=staff_number,
        kind=StepKind(kind),
        event_id=event_id,
        about=_text(about),
        destination=destination,
        employer=_text(employer),
        route=route,
        due_on=due_on,
        reason=_text(reason),
        clauses=tuple((clauses or "").split()),
        of=of_event,
    )


def _text(stored: str | None) -> str | None:
    return None if stored is None else from_text(stored)
