"""What a rehearsal came to: the flows, the deadlines, the appeals, what was refused and why.

The figures are read from the projections at the rehearsal's last instant, like any other answer.
`discrepancies` is empty where everybody in scope is in exactly one place, with a route and a
reason; a rehearsal that does not add up says so and is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from projections.deadlines.deadlines import Tally, tally
from projections.exercise.outcome import (
    AppealCounts,
    Elsewhere,
    ExerciseOutcome,
    Flow,
    MilestoneOutcome,
    RefusedStep,
    discrepancies,
    outcome,
)
from projections.keeping_up.copying import Conn
from transfer.commands.exercises import LeftOut
from transfer.procedures.exercise.exercise_facts import Collision
from transfer.rehearsal.people import assumed_shares
from transfer.rehearsal.plan import Plan
from transfer.rulebooks import TermsOfExercise
from transfer.rulebooks.honoured import not_followed


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Everything in a rehearsal that no source gives, so that nobody takes it for evidence."""

    clauses: tuple[str, ...]
    plan: tuple[str, ...]
    shares: Mapping[str, float]
    published_rates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody who left before the exercise was through with them.

    `in_scope`: they left while it ran. Otherwise they were never part of it.
    """

    staff_number: str
    in_scope: bool
    reason: str


@dataclass(frozen=True, slots=True)
class RehearsalReport:
    """The end of a rehearsal. Days are London dates, `clock_stopped_at` is UTC.

    `left_out` are people of the return whom the scope leaves out, except for those who left: they
    are among the `leavers`.
    """

    exercise: str
    rulebook: str
    document: str
    seed: int
    played_from: date
    played_until: date
    clock_stopped_at: datetime
    assumptions: Assumptions
    collisions: tuple[Collision, ...]
    in_scope: int
    flows: tuple[Flow, ...]
    leavers: tuple[Leaver, ...]
    left_out: tuple[LeftOut, ...]
    letters: int
    responses: Mapping[str, int]
    appeals: AppealCounts
    objections: int
    refused_steps: tuple[RefusedStep, ...]
    milestones: tuple[MilestoneOutcome, ...]
    deadlines: tuple[Tally, ...]
    completed: bool
    discrepancies: tuple[str, ...]
    events: int
    seconds: float


def assumptions_of(terms: TermsOfExercise, plan: Plan) -> Assumptions:
    """What a rehearsal under these terms assumes."""
    return Assumptions(
        clauses=terms.assumptions,
        plan=(*plan.planned, *not_followed(terms.rulebook)),
        shares=dict(assumed_shares(terms)),
        published_rates=tuple(
            f"{rate.name}: {rate.count} in {rate.out_of} ({rate.clause}, {rate.confidence})"
            + (f"; {rate.caveat}" if rate.caveat else "")
            for rate in terms.rulebook.rates
        ),
    )


def report_on(
    conn: Conn,
    *,
    exercise: str,
    terms: TermsOfExercise,
    plan: Plan,
    document: str,
    seed: int,
    completed: bool,
    clock_stopped_at: datetime,
    left_out: tuple[LeftOut, ...],
    events: int,
    seconds: float,
) -> RehearsalReport:
    """Read what an exercise came to, from projections that have seen the whole log."""
    found = outcome(conn, exercise, clock_stopped_at)
    return RehearsalReport(
        exercise=exercise,
        rulebook=terms.edition,
        document=document,
        seed=seed,
        played_from=plan.opens_on,
        played_until=plan.ends_on,
        clock_stopped_at=clock_stopped_at,
        assumptions=assumptions_of(terms, plan),
        collisions=plan.collisions,
        in_scope=found.in_scope,
        flows=found.flows,
        leavers=_leavers(found, left_out),
        left_out=tuple(each for each in left_out if not each.has_left),
        letters=found.letters,
        responses=dict(found.responses),
        appeals=found.appeals,
        objections=found.objections,
        refused_steps=found.refused_steps,
        milestones=found.milestones,
        deadlines=tally(conn, exercise, clock_stopped_at),
        completed=completed,
        discrepancies=discrepancies(found),
        events=events,
        seconds=seconds,
    )


def _leavers(found: ExerciseOutcome, left_out: tuple[LeftOut, ...]) -> tuple[Leaver, ...]:
    before = [Leaver(each.staff_number, False, each.reason) for each in left_out if each.has_left]
    during = [
        Leaver(p.staff_number, True, p.left.reason or "")
        for p in found.participants
        if p.left is not None and p.place == Elsewhere.LEFT
    ]
    return tuple(sorted((*before, *during), key=lambda leaver: leaver.staff_number))
