"""What one person's own procedure waits for, and when they go with their cohort again."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.cases import cases
from tests.support.scenario import Stream, given
from tests.support.tr_2013 import (
    APPEAL_DUE,
    CLOSED,
    PANEL_DUE,
    RESPONSE_DUE,
    RULES,
    TRANSFER,
    UP_TO_LETTER,
    accepted_late,
    appealed,
    cohort,
    confirmed,
    determined,
    extended,
    in_scope,
    letter,
    objected,
    overdue,
    participation,
    proposed,
    refused,
    refused_late,
    transferred,
)
from tests.support.words_2013 import Window
from transfer.core.words import AppealOutcome
from transfer.procedures.exercise import person as assignment
from transfer.procedures.exercise.exercise import CohortStep, Next
from transfer.procedures.exercise.facts import AssignmentFact
from transfer.procedures.exercise.next_for_person import (
    PersonStep,
    next_for_person,
    runs_on_their_own,
    window_due_for,
    windows_close_on,
)

OWN = Path(__file__).parent / "cases" / "own-procedure.md"
DAY = timedelta(days=1)

person = Stream(participation, assignment.evolve)

HISTORIES: dict[str, tuple[AssignmentFact, ...]] = {
    "in scope": (in_scope(),),
    "in scope, objection": (in_scope(), objected()),
    "letter": UP_TO_LETTER,
    "letter, objection": (*UP_TO_LETTER, objected()),
    "appeal": (*UP_TO_LETTER, appealed()),
    "appeal, panel overdue": (*UP_TO_LETTER, appealed(), overdue()),
    "appeal, objection": (*UP_TO_LETTER, appealed(), objected()),
    "appeal determined": (*UP_TO_LETTER, appealed(), determined(AppealOutcome.UPHELD)),
    "late appeal refused": (*UP_TO_LETTER, refused_late()),
    "late appeal accepted": (*UP_TO_LETTER, refused_late(), accepted_late()),
    "appeal window extended to 2014-01-15": (*UP_TO_LETTER, extended(date(2014, 1, 15))),
    "confirmed": (*UP_TO_LETTER, confirmed()),
    "transferred": (*UP_TO_LETTER, confirmed(), transferred()),
}
HISTORIES |= {
    "letter refused": (in_scope(), proposed(), refused("issue-letters")),
    "confirmed, transfer refused": (*UP_TO_LETTER, confirmed(), refused("transfer")),
    "letter, transfer refused": (*UP_TO_LETTER, refused("transfer")),
    "transfer refused, then transferred": (
        *UP_TO_LETTER,
        confirmed(),
        refused("transfer"),
        transferred(),
    ),
}
BEHIND = {
    "nothing": (),
    "letters": (CohortStep.ISSUE_LETTERS,),
    "windows": (CohortStep.ISSUE_LETTERS, CohortStep.CLOSE_WINDOWS),
    "transfer": (CohortStep.ISSUE_LETTERS, CohortStep.CLOSE_WINDOWS, CohortStep.TRANSFER),
}


@pytest.mark.parametrize(
    ("on_record", "behind", "step", "due_on"), cases(OWN, "What a person's own procedure")
)
def test_what_it_waits_for(on_record: str, behind: str, step: str, due_on: str) -> None:
    state = given(person, *HISTORIES[on_record]).state
    group = None if behind == "no cohort" else cohort(*BEHIND[behind])
    found = next_for_person(state, group, TRANSFER, RULES)
    if not step:
        assert found is None
    else:
        day = date.fromisoformat(due_on) if due_on != "a fact" else None
        assert found == Next(PersonStep(step), day)


@pytest.mark.parametrize(
    ("on_record", "on", "own"), cases(OWN, "Passed by when the cohort's windows close")
)
def test_whom_the_cohorts_step_passes_by(on_record: str, on: str, own: str) -> None:
    state = given(person, *HISTORIES[on_record]).state
    group = cohort(CohortStep.ISSUE_LETTERS)
    assert runs_on_their_own(state, group, RULES, on=date.fromisoformat(on)) is (own == "yes")


def test_nobody_loses_a_day_that_they_were_told_they_had() -> None:
    told = given(person, *UP_TO_LETTER).state
    assert window_due_for(told, cohort(), Window.APPEAL, RULES) == APPEAL_DUE
    assert window_due_for(told, cohort(), Window.RESPONSE, RULES) == RESPONSE_DUE
    assert windows_close_on(told, cohort(), RULES) == CLOSED

    later = date(2014, 1, 15)
    reset = cohort(reset={Window.APPEAL: later})
    assert window_due_for(told, reset, Window.APPEAL, RULES) == later
    longer = given(person, *UP_TO_LETTER, extended(later + 5 * DAY)).state
    assert window_due_for(longer, reset, Window.APPEAL, RULES) == later + 5 * DAY
    assert window_due_for(longer, reset, Window.RESPONSE, RULES) == RESPONSE_DUE
    assert windows_close_on(longer, reset, RULES) == later + 6 * DAY

    response, appeal = letter().windows
    longest = appeal.model_copy(update={"due_on": later + 9 * DAY})
    own_letter = letter().model_copy(update={"windows": (response, longest)})
    told_later = given(person, in_scope(), proposed(), own_letter).state
    assert window_due_for(told_later, reset, Window.APPEAL, RULES) == later + 9 * DAY


def test_who_is_to_be_reconsidered_waits_for_that_alone() -> None:
    waits = Next(PersonStep.AWAIT_RECONSIDERATION, None)
    for history in ((*UP_TO_LETTER, confirmed()), (*UP_TO_LETTER, appealed()), (objected(),)):
        state = given(person, *history).state
        assert next_for_person(state, cohort(), TRANSFER, RULES, reconsidered=True) == waits
    state = given(person, *UP_TO_LETTER, confirmed(), transferred()).state
    assert next_for_person(state, cohort(), TRANSFER, RULES, reconsidered=True) is None


def test_a_panels_day_is_the_one_the_appeal_was_lodged_with() -> None:
    state = given(person, *UP_TO_LETTER, appealed()).state
    assert state.open_appeal is not None
    assert state.open_appeal.panel_due_on == PANEL_DUE
