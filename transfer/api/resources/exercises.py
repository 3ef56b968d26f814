"""GET /v1/exercises/{id}: what an exercise has come to."""

import re
from datetime import date
from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Query, Response

from projections.exercise import outcome as exercise_outcome
from projections.exercise import steps as exercise_steps
from projections.exercise.outcome import ExerciseOutcome, Place
from transfer.api.desk import V1, Desk
from transfer.api.http.instants import Instant
from transfer.api.http.openapi import reads
from transfer.api.questions import Question
from transfer.api.shapes.answers import Answer
from transfer.core.refusals import NotOnRecord
from transfer.core.words import ExerciseId
from transfer.identity import Role

_EXERCISE = re.compile(get_args(ExerciseId)[1].pattern)


class FlowTold(Answer):
    """How many came by a route to a place."""

    route: str | None
    place: Place
    employer: str | None
    headcount: int


class AppealsTold(Answer):
    """Appeals by how they came and what became of them."""

    lodged: int
    in_time: int
    refused_out_of_time: int
    accepted_late: int
    upheld: int
    rejected: int
    open: int
    panel_overdue: int


class RefusedStepTold(Answer):
    """A step that the rules refused to so many people, for one reason."""

    step: str
    clauses: tuple[str, ...]
    reason: str
    headcount: int


class MilestoneTold(Answer):
    """A milestone: every day it had in turn, and whether the last was kept."""

    milestone: str
    days: tuple[date, ...]
    met: bool | None
    note: str | None


class Outcome(Answer):
    """One exercise as known at an instant: everybody in scope is in exactly one place.

    `discrepancies` says where the sums do not add up; empty is the proof that they do.
    """

    exercise: str
    known_at: Instant
    in_scope: int
    flows: tuple[FlowTold, ...]
    letters: int
    responses: dict[str, int]
    appeals: AppealsTold
    objections: int
    refused_steps: tuple[RefusedStepTold, ...]
    milestones: tuple[MilestoneTold, ...]
    discrepancies: tuple[str, ...]


def routes(desk: Desk) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(
        prefix=V1,
        tags=["exercises"],
        dependencies=[
            Depends(desk.allow(Role.ADMIN, Role.AUDIT)),
            Depends(desk.up_to(exercise_steps.NAME)),
        ],
    )

    @router.get("/exercises/{exercise}", **reads(Outcome, "not-on-record"))
    def read_outcome(exercise: str, asked: Annotated[Question, Query()]) -> Response:
        """What an exercise has come to: how many went where by which route, letters, responses,
        appeals, objections, what was refused and why, and the milestones with every day that they
        had."""
        if _EXERCISE.fullmatch(exercise) is None:
            raise NotOnRecord("no such exercise on record")
        with desk.knowing(exercise_steps.NAME, asked) as (conn, known_at):
            found = exercise_outcome.outcome(conn, exercise, known_at)
        return desk.answer(_told(found, known_at))

    return router


def _told(found: ExerciseOutcome, known_at: Instant) -> Outcome:
    appeals = found.appeals
    return Outcome(
        exercise=found.exercise,
        known_at=known_at,
        in_scope=found.in_scope,
        flows=tuple(
            FlowTold(
                route=each.route,
                place=each.place,
                employer=each.employer,
                headcount=each.headcount,
            )
            for each in found.flows
        ),
        letters=found.letters,
        responses=dict(found.responses),
        appeals=AppealsTold(
            lodged=appeals.lodged,
            in_time=appeals.in_time,
            refused_out_of_time=appeals.refused_out_of_time,
            accepted_late=appeals.accepted_late,
            upheld=appeals.upheld,
            rejected=appeals.rejected,
            open=appeals.open,
            panel_overdue=appeals.panel_overdue,
        ),
        objections=found.objections,
        refused_steps=tuple(
            RefusedStepTold(
                step=each.step,
                clauses=each.clauses,
                reason=each.reason,
                headcount=each.headcount,
            )
            for each in found.refused_steps
        ),
        milestones=tuple(
            MilestoneTold(milestone=each.milestone, days=each.days, met=each.met, note=each.note)
            for each in found.milestones
        ),
        discrepancies=exercise_outcome.discrepancies(found),
    )
