"""Letters that go out after their day: the windows are counted from the day on which they did."""

from collections.abc import Mapping
from datetime import date

import pytest

from tests.support.tr_2013 import CLOSED, COHORT, EXERCISE, LETTERS, RULES, cohort_formed
from tests.support.words_2013 import Window
from transfer.procedures.exercise import exercise_facts as f
from transfer.procedures.exercise.exercise import Cohort, CohortStep, window_due


def _sent(on: date, *, reset: Mapping[Window, date] | None = None) -> Cohort:
    taken = f.CohortStepTaken(
        exercise=EXERCISE,
        cohort=COHORT,
        step=CohortStep.ISSUE_LETTERS,
        taken_on=on,
        done=2,
        left_to_their_own=0,
        refused=0,
    )
    return Cohort(
        cohort_formed(),
        reset={str(each): day for each, day in (reset or {}).items()},
        taken={CohortStep.ISSUE_LETTERS: taken},
    )


@pytest.mark.parametrize("window", list(Window))
def test_the_whole_cohort_has_the_days_that_its_letters_say(window: Window) -> None:
    clause = {Window.APPEAL: "TR-11b", Window.RESPONSE: "TR-10-response"}[window]
    late = date(2014, 1, 6)
    assert window_due(_sent(late), window, RULES) == RULES.period(clause).due_after(
        late, RULES.calendar
    )
    assert window_due(_sent(LETTERS), window, RULES) == RULES.period(clause).due_after(
        LETTERS, RULES.calendar
    )


def test_a_window_that_was_reset_before_late_letters_is_never_shorter_than_they_say() -> None:
    late = date(2014, 1, 6)
    reset = {Window.APPEAL: CLOSED}
    published = window_due(_sent(late), Window.APPEAL, RULES)
    assert window_due(_sent(late, reset=reset), Window.APPEAL, RULES) == published
    longer = {Window.APPEAL: date(2014, 3, 3)}
    assert window_due(_sent(late, reset=longer), Window.APPEAL, RULES) == date(2014, 3, 3)
