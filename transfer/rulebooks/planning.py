"""The collisions of a plan: dates that cannot both be kept, found before anything starts.

An HR team asks this before it sends a letter: does each window close before the milestone that it
feeds, would a panel that takes its whole time still be through by then, and is the notice as long
as its clause asks? Nothing here decides; it answers what collides, under which clause, for whom.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from transfer.core.words import MilestoneRole
from transfer.procedures.exercise.exercise_facts import Collision
from transfer.rulebooks.procedure import WindowRule
from transfer.rulebooks.terms import TermsOfExercise

_NOTHING: tuple[Collision, ...] = ()


def collisions(
    terms: TermsOfExercise,
    *,
    starts_on: date,
    letters_on: Mapping[str, date],
    milestones: Mapping[str, date],
) -> tuple[Collision, ...]:
    """Every collision of a plan, in order of path.

    `letters_on` is the letter date of each path; `milestones` the days as now announced.
    """
    found: list[Collision] = []
    for path, letter in letters_on.items():
        found += _letter(terms, path, letter, starts_on)
        for window in terms.rulebook.windows:
            found += _window(terms, path, letter, window, milestones)
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
            second=terms.rulebook.milestone_of(MilestoneRole.START) or "start",
            second_on=starts_on,
            clause=terms.rulebook.clause_for("opening"),
            who=path,
        )
    if not terms.calendar.is_working_day(letter):
        yield Collision(
            what="letters go out on a day that is not a working day",
            first="letters",
            first_on=letter,
            second="the next working day",
            second_on=terms.calendar.add_working_days(letter, 1),
            clause=terms.rulebook.clause_for("letter"),
            who=path,
        )


def _window(
    terms: TermsOfExercise,
    path: str,
    letter: date,
    window: WindowRule,
    milestones: Mapping[str, date],
) -> Iterator[Collision]:
    feeds = milestones.get(window.feeds) if window.feeds else None
    if feeds is None or window.feeds is None:
        return
    closes = terms.period(window.length.clause).due_after(letter, terms.calendar)
    ends = {window.length.clause: closes}
    if window.panel is not None:
        # The worst case is the one to plan for: an appeal that comes on the window's last day.
        panel = window.panel.length.clause
        ends[panel] = terms.period(panel).due_after(closes, terms.calendar)
    for clause, on in ends.items():
        if on > feeds:
            yield Collision(
                what="a window ends after the milestone that it feeds",
                first=terms.rulebook.clause(clause).title,
                first_on=on,
                second=window.feeds,
                second_on=feeds,
                clause=clause,
                who=path,
            )


def _notice(
    terms: TermsOfExercise, path: str, letter: date, milestones: Mapping[str, date]
) -> tuple[Collision, ...]:
    transfer = milestones.get(terms.rulebook.milestone_of(MilestoneRole.TRANSFER) or "")
    notice = terms.rulebook.under.notice
    if transfer is None or notice is None or not terms.knows(notice):
        return _NOTHING
    latest = terms.period(notice).latest_notice_of(transfer, terms.calendar)
    if letter <= latest:
        return _NOTHING
    return (
        Collision(
            what="the notice is too short for its clause",
            first="letters",
            first_on=letter,
            second="latest day to give notice of the transfer",
            second_on=latest,
            clause=notice,
            who=path,
        ),
    )


def latest_letters(
    terms: TermsOfExercise, path: str, milestones: Mapping[str, date], *, starts_on: date
) -> tuple[date | None, Collision | None]:
    """The latest working day on which a path's letters may go out without a collision, from the
    start on; and the collision that a later day would make.

    Where no day does, answers none and the collision of the first day. Where nothing ever
    collides, answers none and none: no day of the plan is fed by the letters.
    """
    last = max(milestones.values(), default=starts_on)
    day, first = terms.calendar.add_working_days(starts_on, 1), None
    if terms.calendar.is_working_day(starts_on):
        day = starts_on
    found: date | None = None
    while day <= last:
        colliding = collisions(
            terms, starts_on=starts_on, letters_on={path: day}, milestones=milestones
        )
        if colliding:
            first = colliding[0]
            break
        found = day
        day = terms.calendar.add_working_days(day, 1)
    return (found, first) if first is not None else (None, None)
