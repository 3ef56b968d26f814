"""The collisions of a plan: dates that cannot both be kept, found before anything starts.

An HR team asks this before it sends a letter: does each window close before the milestone that it
feeds, would a panel that takes its whole time still be through by then, and is the notice as long
as its clause asks? Nothing here decides; it answers what collides, under which clause, for whom.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from transfer.core.words import MilestoneName
from transfer.procedures.exercise.exercise_facts import Collision
from transfer.rulebooks.model import TermsOfExercise
from transfer.rulebooks.parts import Step, StepStart

APPEAL_WINDOW = "TR-11b"
NOTICE_OF_TRANSFER = "TR-12-notice"

_NOTHING: tuple[Collision, ...] = ()


def collisions(
    terms: TermsOfExercise,
    *,
    starts_on: date,
    letters_on: Mapping[str, date],
    milestones: Mapping[MilestoneName, date],
) -> tuple[Collision, ...]:
    """Every collision of a plan, in order of path.

    `letters_on` is the letter date of each path; `milestones` the days as now announced.
    """
    found: list[Collision] = []
    for path, letter in letters_on.items():
        found += _letter(terms, path, letter, starts_on)
        for step in terms.rulebook.steps:
            found += _window(terms, path, letter, step, milestones)
        found += _notice(terms, path, letter, milestones)
    return tuple(found)


def _letter(
    terms: TermsOfExercise, path: str, letter: date, starts_on: date
) -> Iterator[Collision]:
    if letter < starts_on:
        yield Collision(
            what="letters go out before the assignment starts",
            first="letters",
            first_on=letter,
            second=MilestoneName.ASSIGNMENT_STARTS,
            second_on=starts_on,
            clause="TR-01",
            who=path,
        )
    if not terms.calendar.is_working_day(letter):
        yield Collision(
            what="letters go out on a day that is not a working day",
            first="letters",
            first_on=letter,
            second="the next working day",
            second_on=terms.calendar.add_working_days(letter, 1),
            clause="TR-10",
            who=path,
        )


def _window(
    terms: TermsOfExercise,
    path: str,
    letter: date,
    step: Step,
    milestones: Mapping[MilestoneName, date],
) -> tuple[Collision, ...]:
    feeds = milestones.get(step.feeds)
    if feeds is None:
        return _NOTHING
    begins = letter
    if step.starts_with is StepStart.APPEAL_LODGED:
        # The worst case is the one to plan for: an appeal that comes on the window's last day.
        begins = terms.period(APPEAL_WINDOW).due_after(letter, terms.calendar)
    ends = terms.period(step.clause).due_after(begins, terms.calendar)
    if ends <= feeds:
        return _NOTHING
    return (
        Collision(
            what="a window ends after the milestone that it feeds",
            first=terms.rulebook.clause(step.clause).title,
            first_on=ends,
            second=step.feeds,
            second_on=feeds,
            clause=step.clause,
            who=path,
        ),
    )


def _notice(
    terms: TermsOfExercise, path: str, letter: date, milestones: Mapping[MilestoneName, date]
) -> tuple[Collision, ...]:
    transfer = milestones.get(MilestoneName.TRANSFER)
    if transfer is None or not terms.knows(NOTICE_OF_TRANSFER):
        return _NOTHING
    latest = terms.period(NOTICE_OF_TRANSFER).latest_notice_of(transfer, terms.calendar)
    if letter <= latest:
        return _NOTHING
    return (
        Collision(
            what="the notice is too short for its clause",
            first="letters",
            first_on=letter,
            second="latest day to give notice of the transfer",
            second_on=latest,
            clause=NOTICE_OF_TRANSFER,
            who=path,
        ),
    )
