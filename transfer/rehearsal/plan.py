"""The plan of a rehearsal: which day what is done, from the rulebook's milestones and chronicle.

What the sources date is taken from the rulebook. What each transferor chooses for itself is not
sourced; the plan's own choices stand in `planned`, and the report prints them as assumptions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from transfer.core.dating.calendars import Calendar
from transfer.core.refusals import Refused
from transfer.core.words import MilestoneRole, WindowKind
from transfer.procedures.exercise.exercise_facts import Collision
from transfer.rulebooks import Rulebook, TermsOfExercise
from transfer.rulebooks.planning import collisions
from transfer.rulebooks.procedure import Path

PROPOSALS_AFTER = 5
PANEL_DECISIONS_AFTER = 7
COHORTS_AFTER = 9
WINDOW_RESET_BY = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """The days of one rehearsal; all London dates. `reset_path`: whose appeal window is reset."""

    recorded_on: date
    opens_on: date
    starts_on: date
    proposals_on: date
    panel_on: date
    cohorts_on: date
    letters_on: Mapping[str, date]
    milestones: Mapping[str, date]
    transfers_on: Mapping[str | None, date]
    ends_on: date
    reset_path: str | None
    planned: tuple[str, ...]
    collisions: tuple[Collision, ...]

    def transfer_on(self, transferor: str | None) -> date:
        """The day of transfer of a transferor, as last announced."""
        return self.transfers_on.get(transferor) or max(self.transfers_on.values())


def make_plan(
    terms: TermsOfExercise, *, starts_on: date | None = None, until: date | None = None
) -> Plan:
    """Date a rehearsal that starts on a day (the rulebook's own unless given).

    Raises `Refused` where the start is not before the transfer or the end not after the start. An
    edition of a transfer that nobody planned may start on its very day.
    """
    book = terms.rulebook
    first = min(m.announced_on for m in book.milestones)
    start = starts_on or min(
        m.on for m in book.milestones_announced_on(_announced_start(book)) if _starts(m.role)
    )
    final = max(book.milestones, key=lambda m: m.on).on
    known = book.milestones_known_on(start) or book.milestones_known_on(first)
    milestones = {name: milestone.on for name, milestone in known.items()}
    milestones |= {m.name: start for m in book.milestones if _starts(m.role)}
    opens = min([start, *(entry.on for entry in book.chronicle[:1])])
    transfers = _transfers(book)
    last = max(transfers.values())
    if start > last or (start == last and starts_on is not None):
        raise Refused(
            f"--from {start} is not before the transfer on {last}",
            clause=_transfer_clause(book),
        )
    if until is not None and until < start:
        raise Refused(f"--until {until} is before the start on {start}")
    calendar = terms.calendar
    letters = {path.id: _letters_on(path, start, calendar) for path in book.ways}
    before = calendar.working_days_between(start, min(letters.values()))
    proposals, panel, cohorts = (
        max(0, min(days, before - left))
        for days, left in ((PROPOSALS_AFTER, 3), (PANEL_DECISIONS_AFTER, 2), (COHORTS_AFTER, 1))
    )
    # One path is shown what it is like when a window moves; not where nobody can appeal.
    appeals = book.window_of(WindowKind.APPEAL)
    moved = book.panel_path if appeals is not None and book.paths else None
    ends = max(final, *transfers.values(), *letters.values()) + timedelta(days=1)
    if book.milestone_of(MilestoneRole.DISSOLUTION) is not None:
        ends = max(final, max(transfers.values()) + timedelta(days=1))
    return Plan(
        recorded_on=calendar.not_less_than_working_days_before(opens, 1),
        opens_on=opens,
        starts_on=start,
        proposals_on=calendar.add_working_days(start, proposals) if proposals else start,
        panel_on=calendar.add_working_days(start, panel) if panel else start,
        cohorts_on=calendar.add_working_days(start, cohorts) if cohorts else start,
        letters_on=letters,
        milestones=milestones,
        transfers_on=transfers,
        ends_on=min(until, ends) if until else ends,
        reset_path=None if moved is None else moved.id,
        planned=(
            f"assignments are proposed {proposals} working days after the start",
            *(
                f"letters of the {path.id} path go out {path.letters_after.words} after the start"
                for path in book.ways
            ),
            *_planned_reset(moved),
        ),
        collisions=collisions(terms, starts_on=start, letters_on=letters, milestones=milestones),
    )


def _planned_reset(moved: Path | None) -> tuple[str, ...]:
    if moved is None:
        return ()
    return (
        f"the {moved.id} path's appeal window is reset once, {WINDOW_RESET_BY} working days "
        "later, while it is open",
    )


def _starts(role: MilestoneRole | None) -> bool:
    return role is MilestoneRole.START


def _announced_start(book: Rulebook) -> date:
    return min(m.announced_on for m in book.milestones if _starts(m.role))


def _letters_on(path: Path, start: date, calendar: Calendar) -> date:
    day = path.letters_after.due_after(start, calendar)
    return day if calendar.is_working_day(day) else calendar.add_working_days(day, 1)


def _transfers(book: Rulebook) -> dict[str | None, date]:
    """The day of transfer of each transferor, and of whoever has none of their own (`None`)."""
    latest = sorted(book.milestones, key=lambda m: m.announced_on)
    found: dict[str | None, date] = {}
    for milestone in latest:
        if milestone.role is MilestoneRole.TRANSFER:
            for name in milestone.transferors or (None,):
                found[name and book.register.named(name)] = milestone.on
    return found


def _transfer_clause(book: Rulebook) -> str:
    of_role = [m for m in book.milestones if m.role is MilestoneRole.TRANSFER]
    return max(of_role, key=lambda m: m.announced_on).clause
