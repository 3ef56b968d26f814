"""Which appeals of an exercise are open, came late or are decided, at an instant."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import psycopg
import pytest

from projections.exercise.appeals import Appeal, Stands, appeals, appeals_of
from projections.exercise.outcome import outcome_of
from projections.exercise.steps import ExerciseOutcomeProjection, steps_of
from tests.support.due import (
    ACCEPTED_LATE,
    DEC_4,
    DEC_11,
    DEC_18,
    DETERMINED,
    JUNE_1,
    LETTER,
    LODGED,
    MATTER,
    REFUSED_LATE,
    RESPONDED,
    S1,
    X,
    appeal,
    at,
)
from tests.support.histories import event_id, instant, recorded
from tests.support.projecting import Office
from transfer.core.matter import facts as t
from transfer.core.matter.words import Made
from transfer.core.words import AppealOutcome
from transfer.log.application import Log
from transfer.procedures.appeal import facts as p
from transfer.procedures.facts import Fact

OVERDUE = p.PanelOverdue(**appeal(JUNE_1), against=MATTER, panel_due_on=DEC_18)
WITHDRAWN = p.AppealWithdrawn(**appeal(DEC_11), against=MATTER)
REJECTED = DETERMINED.model_copy(update={"outcome": AppealOutcome.REJECTED})


def _fold(*facts: Fact) -> tuple[Appeal, ...]:
    exercise_of = {event_id(n): X for n in range(1, 100)}
    steps = [
        step
        for number, fact in enumerate(facts)
        for step in steps_of(
            recorded(S1, number + 1, number + 1, instant(number), fact), exercise_of
        )
    ]
    found = appeals_of(steps)
    counts = outcome_of(X, steps).appeals
    stands = [each.stands for each in found]
    assert counts.open == stands.count(Stands.OPEN)
    assert counts.refused_out_of_time == stands.count(Stands.LATE)
    assert counts.withdrawn == stands.count(Stands.WITHDRAWN)
    return found


@pytest.mark.parametrize(
    ("facts", "stands", "panel_on"),
    [
        ((LODGED,), Stands.OPEN, DEC_18),
        ((LODGED, OVERDUE), Stands.OPEN, DEC_18),
        ((LODGED, DETERMINED), Stands.UPHELD, DEC_18),
        ((LODGED, OVERDUE, REJECTED), Stands.REJECTED, DEC_18),
        ((LODGED, WITHDRAWN), Stands.WITHDRAWN, DEC_18),
        ((REFUSED_LATE,), Stands.LATE, None),
        ((REFUSED_LATE, ACCEPTED_LATE), Stands.OPEN, JUNE_1),
        ((REFUSED_LATE, ACCEPTED_LATE, DETERMINED), Stands.UPHELD, JUNE_1),
    ],
)
def test_an_appeal_from_its_coming_to_its_end(
    facts: tuple[Fact, ...], stands: Stands, panel_on: date | None
) -> None:
    (found,) = _fold(LETTER, *facts, RESPONDED)
    assert (found.exercise, found.staff_number, found.appeal) == (X, "S1", f"{X}.S1.1")
    assert (found.stands, found.panel_on) == (stands, panel_on)
    assert found.is_overdue is (OVERDUE in facts)
    late = REFUSED_LATE in facts
    assert found.came_late is late
    assert (found.lodged_on, found.due_on) == (DEC_11 if late else DEC_4, DEC_4)


def test_several_appeals_of_one_person_are_kept_apart() -> None:
    second = LODGED.model_copy(update={"matter": f"appeal:{X}.S1.2"})
    found = _fold(REFUSED_LATE, second, WITHDRAWN.model_copy(update={"matter": second.matter}))
    assert [(each.appeal, each.stands) for each in found] == [
        (f"{X}.S1.1", Stands.LATE),
        (f"{X}.S1.2", Stands.WITHDRAWN),
    ]


def test_what_was_undone_or_made_again_counts_as_it_is_now() -> None:
    again = LODGED.model_copy(update={"made": Made(by="HR", act="lodge", replaces=event_id(1))})
    (found,) = _fold(REFUSED_LATE, again)
    assert (found.stands, found.came_late) == (Stands.OPEN, False)
    undone = t.Undone(**at(JUNE_1), decision=event_id(2), facts=(event_id(2),), reason="r")
    (found,) = _fold(LODGED, DETERMINED, undone)
    assert found.stands is Stands.OPEN
    undone = undone.model_copy(update={"decision": event_id(1), "facts": (event_id(1),)})
    assert _fold(LODGED, undone) == ()


@pytest.mark.engines
def test_they_are_those_of_the_instant_and_of_the_exercise_asked_for(
    log: Log[Fact], conn: psycopg.Connection
) -> None:
    office = Office(log, [ExerciseOutcomeProjection()])
    office.register("S1")
    facts = (LETTER, REFUSED_LATE, ACCEPTED_LATE, DETERMINED)
    instants = [office.record((S1, fact)) for fact in facts]
    office.runner.catch_up()
    stood = [tuple(each.stands for each in appeals(conn, X, instant)) for instant in instants]
    assert stood == [(), (Stands.LATE,), (Stands.OPEN,), (Stands.UPHELD,)]
    assert all(before != after for before, after in pairwise(stood))
    assert appeals(conn, None, instants[-1]) == appeals(conn, X, instants[-1])
    assert appeals(conn, "another", instants[-1]) == ()
