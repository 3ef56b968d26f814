"""The plan of a rehearsal: which day what is done, from the rulebook's milestones and chronicle.

What the sources date is taken from the rulebook. What each Trust chose for itself is not sourced;
the plan's own choices are listed in `PLANNED`, and the report prints them as assumptions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from transfer.core.refusals import Refused
from transfer.core.words import MilestoneName
from transfer.procedures.exercise.exercise_facts import Collision
from transfer.rulebooks import TermsOfExercise
from transfer.rulebooks.planning import collisions

PROPOSALS_AFTER = 5
PANEL_DECISIONS_AFTER = 7
COHORTS_AFTER = 9
LETTERS_AFTER: Mapping[str, int] = {"automatic": 10, "sifted": 24, "drawn": 34}
WINDOW_RESET_BY = 3

PLANNED = (
    f"assignments are proposed {PROPOSALS_AFTER} working days after the start",
    *(
        f"letters of the {path} path go out {n} working days after the start"
        for path, n in LETTERS_AFTER.items()
    ),
    f"the sifted path's appeal window is reset once, {WINDOW_RESET_BY} working days later, while "
    "it is open",
)
"""What the plan assumes because no source dates it, in words."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The days of one rehearsal; all London dates."""

    recorded_on: date
    opens_on: date
    starts_on: date
    proposals_on: date
    panel_on: date
    cohorts_on: date
    letters_on: Mapping[str, date]
    milestones: Mapping[str, date]
    ends_on: date
    collisions: tuple[Collision, ...]


def make_plan(
    terms: TermsOfExercise, *, starts_on: date | None = None, until: date | None = None
) -> Plan:
    """Date a rehearsal that starts on a day (the rulebook's own unless given).

    Raises `Refused` where the start is not before the transfer or the end not after the start.
    """
    rulebook = terms.rulebook
    announced = {m.name: m for m in rulebook.milestones_announced_on(_first_announcement(terms))}
    start = starts_on or announced[MilestoneName.ASSIGNMENT_STARTS].on
    final = max(rulebook.milestones, key=lambda m: m.on).on
    milestones = {
        name: milestone.on for name, milestone in rulebook.milestones_known_on(start).items()
    } or {name: milestone.on for name, milestone in announced.items()}
    milestones[MilestoneName.ASSIGNMENT_STARTS] = start
    opens = min(start, rulebook.chronicle[0].on)
    transfer_on = max(m.on for m in rulebook.milestones if m.name == MilestoneName.TRANSFER)
    if start >= transfer_on:
        raise Refused(
            f"--from {start} is not before the transfer on {transfer_on}", clause="TR-03b"
        )
    if until is not None and until < start:
        raise Refused(f"--until {until} is before the start on {start}")
    calendar = terms.calendar
    letters = {path: calendar.add_working_days(start, n) for path, n in LETTERS_AFTER.items()}
    return Plan(
        recorded_on=calendar.not_less_than_working_days_before(opens, 1),
        opens_on=opens,
        starts_on=start,
        proposals_on=calendar.add_working_days(start, PROPOSALS_AFTER),
        panel_on=calendar.add_working_days(start, PANEL_DECISIONS_AFTER),
        cohorts_on=calendar.add_working_days(start, COHORTS_AFTER),
        letters_on=letters,
        milestones=milestones,
        ends_on=min(until, final) if until else final,
        collisions=collisions(terms, starts_on=start, letters_on=letters, milestones=milestones),
    )


def _first_announcement(terms: TermsOfExercise) -> date:
    return min(m.announced_on for m in terms.rulebook.milestones)
