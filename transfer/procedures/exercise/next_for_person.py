"""What one person's own procedure waits for, while something of their own runs.

Most people's dates are their cohort's. An appeal, an objection or an extension gives a person
dates of their own, and so does a step that the rules refused for them alone, which stays due; then
this file says what is next for them, until the cohort's procedure can take them along again or they
are settled.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from transfer.core.rules import RulesInForce
from transfer.core.words import WindowName
from transfer.procedures.exercise.exercise import (
    Cohort,
    CohortStep,
    Next,
    sent_on,
    window_due,
    windows_of,
)
from transfer.procedures.exercise.person import Participation

_NEXT_DAY = timedelta(days=1)


class PersonStep(StrEnum):
    """What is done for one person alone."""

    NOTE_PANEL_OVERDUE = "note-panel-overdue"
    AWAIT_DETERMINATION = "await-determination"
    ISSUE_LETTER = "issue-letter"
    CONFIRM = "confirm"
    TRANSFER = "transfer"
    END_BY_OBJECTION = "end-by-objection"
    AWAIT_REMEDY = "await-remedy"
    """A step was refused (`Next.about`), and would be again, until a fact changes that."""
    AWAIT_RECONSIDERATION = "await-reconsideration"
    """What was done to them by a plan that moved is to be settled first."""


COHORT_STEPS: Mapping[PersonStep, CohortStep] = {
    PersonStep.ISSUE_LETTER: CohortStep.ISSUE_LETTERS,
    PersonStep.CONFIRM: CohortStep.CLOSE_WINDOWS,
    PersonStep.TRANSFER: CohortStep.TRANSFER,
}
"""The cohort's steps that somebody may have to go through alone."""


def window_due_for(
    p: Participation, cohort: Cohort, window: WindowName, rules: RulesInForce
) -> date:
    """The last day of a window for one person: the latest of what was published to them.

    The letter's date, the cohort's as reset, and the person's own extension: nobody loses a day
    that they were told they had.
    """
    days = [window_due(cohort, window, rules)]
    if p.letter is not None and (by_letter := p.letter.due_on(window)) is not None:
        days.append(by_letter)
    if window in p.extended:
        days.append(p.extended[window])
    return max(days)


def windows_due_for(
    p: Participation, cohort: Cohort, rules: RulesInForce
) -> Mapping[WindowName, date]:
    """The last day of each of the person's windows."""
    names = windows_of(cohort, rules)
    return {window: window_due_for(p, cohort, window, rules) for window in names}


def windows_close_on(p: Participation, cohort: Cohort, rules: RulesInForce) -> date:
    """The first day on which none of the person's windows is open any more."""
    return max(windows_due_for(p, cohort, rules).values(), default=sent_on(cohort)) + _NEXT_DAY


def runs_on_their_own(p: Participation, cohort: Cohort, rules: RulesInForce, *, on: date) -> bool:
    """Whether the cohort's step passes this person by because something of their own runs."""
    return (
        p.objection is not None
        or p.open_appeal is not None
        or (p.confirmation is None and on < windows_close_on(p, cohort, rules))
    )


def next_for_person(
    p: Participation,
    cohort: Cohort | None,
    transfer_on: date | None,
    rules: RulesInForce,
    *,
    reconsidered: bool = False,
) -> Next | None:
    """What the person's own procedure waits for; `None` when they go with their cohort again.

    `cohort` is `None` for somebody who is in none yet: only an objection can run then.
    `transfer_on` is `None` while no transfer date is set: what hangs on it waits for that fact.
    `reconsidered`: a step reached them by a plan that then moved, and that is not settled yet.

    A refused step is answered with the day that it is due on, in the past as it may be. Whether it
    would be refused again is for whoever asks to find out.
    """
    if p.is_settled:
        return None
    if reconsidered:
        return Next(PersonStep.AWAIT_RECONSIDERATION, None)
    if p.objection is not None:
        return Next(PersonStep.END_BY_OBJECTION, transfer_on)
    if cohort is None:
        return None
    if p.letter is None:
        if CohortStep.ISSUE_LETTERS not in p.refused:
            return None
        return Next(PersonStep.ISSUE_LETTER, cohort.formed.letters_on)
    appeal = p.open_appeal
    if appeal is not None:
        if appeal.overdue:
            return Next(PersonStep.AWAIT_DETERMINATION, None)
        return Next(PersonStep.NOTE_PANEL_OVERDUE, appeal.panel_due_on + _NEXT_DAY)
    if p.confirmation is None:
        return Next(PersonStep.CONFIRM, windows_close_on(p, cohort, rules))
    if CohortStep.TRANSFER in cohort.taken or CohortStep.TRANSFER in p.refused:
        return Next(PersonStep.TRANSFER, transfer_on)
    return None
