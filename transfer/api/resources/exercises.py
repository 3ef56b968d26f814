"""GET /v1/exercises/{id}: what an exercise has come to."""

import re
from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Query, Response

from projections.exercise import outcome as exercise_outcome
from projections.exercise import steps as exercise_steps
from projections.exercise.outcome import AppealCounts, Flow, MilestoneOutcome, RefusedStep
from transfer.access.identity import Role
from transfer.api.http.openapi import reads
from transfer.api.http_service import V1, HttpService
from transfer.api.parameters import Question
from transfer.core.dating.instants import Instant
from transfer.core.refusals import NotOnRecord
from transfer.core.words import ExerciseId
from transfer.questions.answer import Answer

_EXERCISE = re.compile(get_args(ExerciseId)[1].pattern)


class ExerciseAnswer(Answer):
    """One exercise as known at an instant: everybody in scope is in exactly one place.

    `discrepancies` says where the sums do not add up; empty is the proof that they do.
    """

    exercise: str
    known_at: Instant
    in_scope: int
    flows: tuple[Flow, ...]
    letters: int
    responses: dict[str, int]
    appeals: AppealCounts
    objections: int
    refused_steps: tuple[RefusedStep, ...]
    milestones: tuple[MilestoneOutcome, ...]
    discrepancies: tuple[str, ...]


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(
        prefix=V1,
        tags=["exercises"],
        dependencies=[
            Depends(service.allow(Role.ADMIN, Role.AUDIT)),
            Depends(service.up_to(exercise_steps.NAME)),
        ],
    )

    @router.get("/exercises/{exercise}", **reads(ExerciseAnswer, "not-on-record"))
    def read_outcome(exercise: str, asked: Annotated[Question, Query()]) -> Response:
        """What an exercise has come to: how many went where by which route, letters, responses,
        appeals, objections, what was refused and why, and the milestones with every day that they
        had."""
        if _EXERCISE.fullmatch(exercise) is None:
            raise NotOnRecord("no such exercise on record")
        with service.knowing(exercise_steps.NAME, asked) as (conn, known_at):
            found = exercise_outcome.outcome(conn, exercise, known_at)
        return service.answer(
            ExerciseAnswer(
                exercise=found.exercise,
                known_at=known_at,
                in_scope=found.in_scope,
                flows=found.flows,
                letters=found.letters,
                responses=dict(found.responses),
                appeals=found.appeals,
                objections=found.objections,
                refused_steps=found.refused_steps,
                milestones=found.milestones,
                discrepancies=exercise_outcome.discrepancies(found),
            )
        )

    return router
