"""What happened to whom in an exercise, fact by fact: rows, fold, registration.

`outcome.py` says what it came to.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from psycopg.rows import tuple_row

from projections.keeping_up.copying import NULL, Conn, copy_lines, for_copy
from projections.keeping_up.runner import Page
from transfer.core.matter import facts as t
from transfer.core.matter.words import id_of
from transfer.core.record.staff import EntryAnnulled, EntryCorrected
from transfer.core.streams import matter_of, take_apart
from transfer.core.words import Facet
from transfer.log.envelope import Recorded
from transfer.procedures.appeal import facts as p
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as a
from transfer.procedures.facts import Fact

NAME = "exercise-outcome"


class StepKind(StrEnum):
    """What a step was; the stored word."""

    IN_SCOPE = "in-scope"
    PROPOSED = "proposed"
    LETTER = "letter"
    RESPONDED = "responded"
    APPEAL_LODGED = "appeal-lodged"
    APPEAL_REFUSED = "appeal-refused-out-of-time"
    APPEAL_ACCEPTED_LATE = "appeal-accepted-out-of-time"
    PANEL_OVERDUE = "panel-overdue"
    APPEAL_DETERMINED = "appeal-determined"
    APPEAL_WITHDRAWN = "appeal-withdrawn"
    OBJECTED = "objected"
    OBJECTION_WITHDRAWN = "objection-withdrawn"
    CONFIRMED = "confirmed"
    TRANSFERRED = "transferred"
    ENDED = "ended"
    REFUSED = "refused"
    LEFT = "left"
    CORRECTED = "corrected"
    ANNULLED = "annulled"
    UNDONE = "undone"
    MILESTONE_SET = "milestone-set"
    MILESTONE_MET = "milestone-met"
    MILESTONE_MISSED = "milestone-missed"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened; `staff_number` is `None` where it concerns the whole exercise.

    `appeal` is the appeal that a step is of, `happened_on` its day, and `panel_on` the last day
    by which a panel decides, where the step says so. A step of the exercise itself has none of
    them.
    """

    exercise: str
    staff_number: str | None
    kind: StepKind
    event_id: UUID
    about: str | None = None
    destination: str | None = None
    employer: str | None = None
    route: str | None = None
    due_on: date | None = None
    reason: str | None = None
    clauses: tuple[str, ...] = ()
    of: UUID | None = None
    appeal: str | None = None
    happened_on: date | None = None
    panel_on: date | None = None


BY_OBJECTION = "objection"
BY_DISSOLUTION = "dissolution"

_PERSON_FACTS: tuple[type[Fact], ...] = (
    a.BroughtIntoScope,
    a.AssignmentProposed,
    a.AssignmentLetterIssued,
    a.ResponseRecorded,
    p.AppealLodged,
    p.AppealRefusedOutOfTime,
    p.AppealAcceptedOutOfTime,
    p.PanelOverdue,
    p.AppealDetermined,
    p.AppealWithdrawn,
    p.AppealDropped,
    a.ObjectionRaised,
    a.ObjectionWithdrawn,
    a.AssignmentConfirmed,
    a.StaffTransferred,
    a.EmploymentEnded,
    t.StepRefused,
    a.LeaverPassedBy,
)
FACTS: tuple[type[Fact], ...] = (
    *_PERSON_FACTS,
    e.ScopeSet,
    e.MilestoneSet,
    e.MilestoneReset,
    e.MilestoneReached,
    EntryCorrected,
    EntryAnnulled,
    t.Undone,
)


def steps_of(recorded: Recorded[Fact], exercise_of: Mapping[UUID, str]) -> Iterable[Step]:
    """The steps that a fact is. `exercise_of` knows which exercise earlier events were of: the
    transfers and endings that can be corrected or annulled like any entry, and what is undone."""
    fact, event_id = recorded.fact, recorded.event_id
    match fact:
        case e.ScopeSet():
            for member in dict.fromkeys(fact.members):
                yield Step(id_of(fact.matter), member, StepKind.IN_SCOPE, event_id)
        case e.MilestoneSet() | e.MilestoneReset():
            yield Step(
                id_of(fact.matter),
                None,
                StepKind.MILESTONE_SET,
                event_id,
                about=fact.milestone,
                due_on=fact.when.on,
                clauses=_clauses(fact.basis.clause),
            )
        case e.MilestoneReached():
            kind = StepKind.MILESTONE_MET if fact.met else StepKind.MILESTONE_MISSED
            yield Step(
                id_of(fact.matter),
                None,
                kind,
                event_id,
                about=fact.milestone,
                due_on=fact.due_on,
                reason=None if fact.met else f"{fact.outstanding} outstanding",
            )
        case EntryCorrected() | EntryAnnulled():
            exercise = exercise_of.get(fact.of)
            if exercise is not None:
                corrects = isinstance(fact, EntryCorrected)
                yield Step(
                    exercise,
                    take_apart(recorded.stream)[1],
                    StepKind.CORRECTED if corrects else StepKind.ANNULLED,
                    event_id,
                    employer=fact.changes.get(Facet.EMPLOYER)
                    if isinstance(fact, EntryCorrected)
                    else None,
                    reason=fact.reason,
                    of=fact.of,
                )
        case t.MatterFact() if matter_of(recorded.stream) is None:
            staff = take_apart(recorded.stream)[1]
            yield from _undone(staff, event_id, fact, exercise_of)
            exercise = _exercise(fact)
            step = exercise and _of_person(exercise, staff, event_id, fact)
            if step:
                yield step
        case _:
            pass


def _undone(
    staff: str, event_id: UUID, fact: t.MatterFact, exercise_of: Mapping[UUID, str]
) -> Iterator[Step]:
    """What a fact takes the place of, or takes the effect from."""
    before = fact.facts if isinstance(fact, t.Undone) else (fact.made.replaces,)
    for each in before:
        exercise = each and (_exercise(fact) or exercise_of.get(each))
        if exercise:
            yield Step(exercise, staff, StepKind.UNDONE, event_id, of=each)


def _exercise(fact: t.MatterFact) -> str | None:
    """The exercise that a fact is of: an appeal's is the one that it is against. `None` where the
    fact itself does not say."""
    if isinstance(fact, p.AppealFact):
        return id_of(fact.against)
    return id_of(fact.matter) if fact.matter.startswith("exercise:") else None


def _of_person(exercise: str, staff: str, event_id: UUID, fact: t.MatterFact) -> Step | None:
    match fact:
        case a.BroughtIntoScope():
            return Step(exercise, staff, StepKind.IN_SCOPE, event_id)
        case a.AssignmentProposed():
            return Step(
                exercise,
                staff,
                StepKind.PROPOSED,
                event_id,
                destination=fact.destination,
                route=fact.route,
                reason=fact.reason,
                clauses=_clauses(fact.basis.clause),
            )
        case a.AssignmentLetterIssued():
            return Step(
                exercise,
                staff,
                StepKind.LETTER,
                event_id,
                about=fact.group,
                destination=fact.destination,
                due_on=max((each.when.on for each in fact.windows if each.when.on), default=None),
            )
        case a.ResponseRecorded():
            late = None if fact.in_time else "late"
            return Step(exercise, staff, StepKind.RESPONDED, event_id, fact.response, reason=late)
        case p.AppealFact():
            return _of_appeal(exercise, staff, event_id, fact)
        case a.ObjectionRaised():
            return Step(exercise, staff, StepKind.OBJECTED, event_id)
        case a.ObjectionWithdrawn():
            return Step(exercise, staff, StepKind.OBJECTION_WITHDRAWN, event_id)
        case a.AssignmentConfirmed():
            return Step(
                exercise,
                staff,
                StepKind.CONFIRMED,
                event_id,
                destination=fact.destination,
                route=fact.route,
            )
        case a.StaffTransferred():
            return Step(
                exercise,
                staff,
                StepKind.TRANSFERRED,
                event_id,
                destination=fact.destination,
                employer=fact.changes.get(Facet.EMPLOYER),
                clauses=_clauses(fact.basis.clause),
            )
        case a.EmploymentEnded():
            return Step(
                exercise,
                staff,
                StepKind.ENDED,
                event_id,
                about=BY_OBJECTION if fact.by_objection else BY_DISSOLUTION,
                reason=fact.reason,
                clauses=_clauses(fact.basis.clause),
            )
        case t.StepRefused():
            return Step(
                exercise,
                staff,
                StepKind.REFUSED,
                event_id,
                about=fact.step,
                reason="; ".join(fact.reasons),
                clauses=fact.clauses,
            )
        case a.LeaverPassedBy():
            return Step(
                exercise,
                staff,
                StepKind.LEFT,
                event_id,
                about=fact.step,
                due_on=fact.left_on,
                reason=fact.reason,
                clauses=_clauses(fact.basis.clause),
            )
        case _:
            return None


def _of_appeal(exercise: str, staff: str, event_id: UUID, fact: p.AppealFact) -> Step | None:
    kind = _APPEALS.get(type(fact))
    if kind is None:
        return None
    step = Step(
        exercise, staff, kind, event_id, appeal=id_of(fact.matter), happened_on=fact.happened_on
    )
    match fact:
        case p.AppealLodged():
            return replace(step, due_on=fact.due_on, panel_on=fact.panel_by.last)
        case p.AppealRefusedOutOfTime():
            return replace(step, due_on=fact.due_on)
        case p.AppealAcceptedOutOfTime():
            return replace(step, reason=fact.reason, panel_on=fact.panel_by.last)
        case p.AppealDetermined():
            return replace(
                step, about=fact.outcome, destination=fact.destination, reason=fact.reason
            )
        case _:
            return step


_APPEALS: Mapping[type[Fact], StepKind] = {
    p.AppealLodged: StepKind.APPEAL_LODGED,
    p.AppealRefusedOutOfTime: StepKind.APPEAL_REFUSED,
    p.AppealAcceptedOutOfTime: StepKind.APPEAL_ACCEPTED_LATE,
    p.PanelOverdue: StepKind.PANEL_OVERDUE,
    p.AppealDetermined: StepKind.APPEAL_DETERMINED,
    p.AppealWithdrawn: StepKind.APPEAL_WITHDRAWN,
    p.AppealDropped: StepKind.APPEAL_WITHDRAWN,
}


def _clauses(clause: str | None) -> tuple[str, ...]:
    return () if clause is None else (clause,)


# --- registration ------------------------------------------------------------------------------

_COLUMNS = (
    *("exercise", "staff_number", "place", "recorded_from", "event_id", "step", "about"),
    *("destination", "employer", "route", "due_on", "reason", "clauses", "of_event"),
    *("appeal", "happened_on", "panel_on"),
)
_EXERCISES = """
SELECT event_id, exercise FROM exercise_step
WHERE event_id = ANY(%s) AND step IN ('transferred', 'ended', 'corrected')
"""
_EXERCISES_OF_UNDONE = "SELECT event_id, exercise FROM exercise_step WHERE event_id = ANY(%s)"


class ExerciseOutcomeProjection:
    """Keeps the table of migrations 0013 and 0080."""

    name = NAME
    tables = ("exercise_step",)
    facts = FACTS

    def forget(self) -> None:
        """Nothing is kept in memory."""

    def apply(self, conn: Conn, page: Page) -> None:
        """See `Projection.apply`."""
        exercise_of = _read_exercises(conn, page)
        lines = []
        for event in page:
            where = f"{event.position}\t{event.recorded_at.isoformat()}"
            for step in steps_of(event, exercise_of):
                exercise_of[step.event_id] = step.exercise
                lines.append(_line(step, where))
        copy_lines(conn, "exercise_step", _COLUMNS, lines)


def _read_exercises(conn: Conn, page: Page) -> dict[UUID, str]:
    named = [
        event.fact.of for event in page if isinstance(event.fact, EntryCorrected | EntryAnnulled)
    ]
    undone = [
        each
        for event in page
        if isinstance(event.fact, t.Undone) and _exercise(event.fact) is None
        for each in event.fact.facts
    ]
    found: dict[UUID, str] = {}
    with conn.cursor(row_factory=tuple_row) as cursor:
        for statement, ids in ((_EXERCISES, named), (_EXERCISES_OF_UNDONE, undone)):
            if ids:
                found |= dict(cursor.execute(statement, (ids,)).fetchall())
    return found


def _line(step: Step, where: str) -> str:
    return "\t".join(
        (
            step.exercise,
            step.staff_number or NULL,
            where,
            step.event_id.hex,
            step.kind,
            _text(step.about),
            _text(step.destination),
            _text(step.employer),
            _text(step.route),
            _day(step.due_on),
            _text(step.reason),
            _text(" ".join(step.clauses)),
            NULL if step.of is None else step.of.hex,
            _text(step.appeal),
            _day(step.happened_on),
            _day(step.panel_on),
        )
    )


def _text(value: str | None) -> str:
    return NULL if value is None else for_copy(value)


def _day(value: date | None) -> str:
    return NULL if value is None else value.isoformat()
