"""What is due: how facts open, meet, miss and move obligations. Pure; `deadlines.py` stores it.

    opened ─► met (in time or late)            a duty whose day passes unmet is missed, a right
       │  └─► missed ─► met late               lapses: that is read off its day, not recorded,
       └────► superseded, another opened       except where a fact says so itself

An obligation is found again by its slot: which exercise, whom it concerns, what is due, about what.
At most one of a slot is current; a day that moves supersedes it and opens the next.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, assert_never
from uuid import UUID, uuid5

from transfer.core.streams import take_apart
from transfer.core.words import Basis, MilestoneName, MilestoneRole, WindowKind, WindowName
from transfer.log.envelope import Recorded
from transfer.procedures.consultation import facts as c
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as a
from transfer.procedures.facts import Fact


class Owner(StrEnum):
    """From whom something is due; the bodies are the unions' and the employers' sides."""

    EMPLOYER = "employer"
    STAFF = "staff"
    PANEL = "panel"
    BODIES = "bodies"


class What(StrEnum):
    """What is due."""

    RESPONSE = "response"
    APPEAL = "appeal"
    CHOICE = "choice"
    REVIEW = "review"
    DETERMINATION = "determination"
    END_OF_EMPLOYMENT = "end-of-employment"
    REFUSED_STEP = "refused-step"
    RECONSIDER = "reconsider"
    MILESTONE = "milestone"
    MEETING = "meeting"


RIGHTS = frozenset({What.RESPONSE, What.APPEAL, What.CHOICE, What.REVIEW})
"""What somebody may do; everything else they must."""

OWNERS: Mapping[What, Owner] = {
    What.RESPONSE: Owner.STAFF,
    What.APPEAL: Owner.STAFF,
    What.CHOICE: Owner.STAFF,
    What.REVIEW: Owner.STAFF,
    What.DETERMINATION: Owner.PANEL,
    What.END_OF_EMPLOYMENT: Owner.EMPLOYER,
    What.REFUSED_STEP: Owner.EMPLOYER,
    What.RECONSIDER: Owner.EMPLOYER,
    What.MILESTONE: Owner.EMPLOYER,
    What.MEETING: Owner.BODIES,
}

WINDOWS: Mapping[WindowKind, What] = {
    WindowKind.RESPONSE: What.RESPONSE,
    WindowKind.APPEAL: What.APPEAL,
    WindowKind.CHOICE: What.CHOICE,
    WindowKind.REVIEW: What.REVIEW,
}

# The steps that a refusal leaves to be put right, as the procedures name them.
_PROPOSE, _LETTER, _CONFIRM, _TRANSFER = "propose", "issue-letters", "close-windows", "transfer"
_DISSOLVE = "dissolve"
_STEPS = (_PROPOSE, _LETTER, _CONFIRM, _TRANSFER, _DISSOLVE)


class Outcome(StrEnum):
    """What became of an obligation, by a fact."""

    MET = "met"
    MISSED = "missed"
    SUPERSEDED = "superseded"


class Slot(NamedTuple):
    """What one obligation after another may be about; no staff number: the whole exercise's."""

    exercise: str
    staff_number: str | None
    what: What
    about: str = ""


# --- effects of one fact -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    """Something is due. `with_milestone`: on the day of that milestone, whenever that is.

    `window` is the one that a letter opens. `endings`: of a day of transfer, about what are the
    ends of employment that fall on it (`_about`).
    """

    slot: Slot
    basis: Basis
    due_on: date | None = None
    calendar: str | None = None
    with_milestone: MilestoneName | None = None
    cohort: str | None = None
    window: WindowName | None = None
    endings: str | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """What is due in a slot was done, was not, or need not be any more."""

    slot: Slot
    outcome: Outcome
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """What is due in a slot is due on another day."""

    slot: Slot
    due_on: date
    basis: Basis
    endings: str | None = None


@dataclass(frozen=True, slots=True)
class CohortFormed:
    """Whom a window moved for the cohort reaches."""

    exercise: str
    cohort: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CohortMoved:
    """A window of a whole cohort closes on another day, for whom that day is the later one."""

    exercise: str
    cohort: str
    window: WindowName
    kind: WindowKind
    due_on: date
    basis: Basis


Effect = Opened | Closed | Moved | CohortFormed | CohortMoved

FACTS: tuple[type[Fact], ...] = (
    a.AssignmentProposed,
    a.AssignmentLetterIssued,
    a.ResponseRecorded,
    a.WindowExtended,
    a.AppealLodged,
    a.AppealAcceptedOutOfTime,
    a.PanelOverdue,
    a.AppealDetermined,
    a.ObjectionRaised,
    a.AssignmentConfirmed,
    a.StaffTransferred,
    a.EmploymentEnded,
    a.StepRefused,
    a.LeaverPassedBy,
    e.MilestoneSet,
    e.MilestoneReset,
    e.MilestoneReached,
    e.CohortFormed,
    e.WindowReset,
    e.StepStopped,
    c.MeetingCalled,
    c.MeetingHeld,
    c.OutcomeMissing,
)


def effects(recorded: Recorded[Fact]) -> tuple[Effect, ...]:
    """What a fact does to what is due; nothing, for a fact that is none of `FACTS`."""
    fact = recorded.fact
    match fact:
        case e.MilestoneSet():
            return (Opened(_milestone(fact), fact.basis, fact.due_on, endings=_endings(fact)),)
        case e.MilestoneReset():
            return (Moved(_milestone(fact), fact.due_on, fact.basis, _endings(fact)),)
        case e.MilestoneReached():
            outcome = Outcome.MET if fact.met else Outcome.MISSED
            return (Closed(_milestone(fact), outcome, fact.due_on if fact.met else None),)
        case e.CohortFormed():
            return (CohortFormed(fact.exercise, fact.cohort, fact.members),)
        case e.WindowReset():
            return (
                CohortMoved(
                    fact.exercise, fact.cohort, fact.window, fact.kind, fact.due_on, fact.basis
                ),
            )
        case e.StepStopped():
            return tuple(
                Opened(Slot(fact.exercise, number, What.RECONSIDER, fact.step), fact.basis)
                for number in fact.done
            )
        case c.MeetingCalled():
            return (Opened(_meeting(fact), fact.basis, fact.meeting_on),)
        case c.MeetingHeld():
            return (Closed(_meeting(fact), Outcome.MET, fact.meeting_on),)
        case c.OutcomeMissing():
            return (Closed(_meeting(fact), Outcome.MISSED),)
        case (
            a.AssignmentProposed()
            | a.AssignmentLetterIssued()
            | a.ResponseRecorded()
            | a.WindowExtended()
            | a.AppealLodged()
            | a.AppealAcceptedOutOfTime()
            | a.PanelOverdue()
            | a.AppealDetermined()
            | a.ObjectionRaised()
            | a.AssignmentConfirmed()
            | a.StaffTransferred()
            | a.EmploymentEnded()
            | a.StepRefused()
            | a.LeaverPassedBy()
        ):
            return _of_person(take_apart(recorded.stream)[1], fact)
        case _:
            return ()


_PersonFact = (
    a.AssignmentProposed
    | a.AssignmentLetterIssued
    | a.ResponseRecorded
    | a.WindowExtended
    | a.AppealLodged
    | a.AppealAcceptedOutOfTime
    | a.PanelOverdue
    | a.AppealDetermined
    | a.ObjectionRaised
    | a.AssignmentConfirmed
    | a.StaffTransferred
    | a.EmploymentEnded
    | a.StepRefused
    | a.LeaverPassedBy
)


def _of_person(staff_number: str, fact: _PersonFact) -> tuple[Effect, ...]:
    def slot(what: What, about: str = "") -> Slot:
        return Slot(fact.exercise, staff_number, what, about)

    def put_right(step: str, on: date) -> Closed:
        return Closed(slot(What.REFUSED_STEP, step), Outcome.MET, on)

    match fact:
        case a.AssignmentProposed():
            return (put_right(_PROPOSE, fact.proposed_on),)
        case a.AssignmentLetterIssued():
            return (
                put_right(_LETTER, fact.issued_on),
                *(
                    Opened(
                        slot(WINDOWS[each.kind]),
                        each.basis,
                        each.due_on,
                        each.calendar or fact.calendar,
                        cohort=fact.cohort,
                        window=each.window,
                    )
                    for each in fact.windows
                ),
            )
        case a.ResponseRecorded():
            return (Closed(slot(WINDOWS[fact.kind]), Outcome.MET, fact.responded_on),)
        case a.WindowExtended():
            return (Moved(slot(WINDOWS[fact.kind]), fact.due_on, fact.basis),)
        case a.AppealLodged() | a.AppealAcceptedOutOfTime():
            return (
                Closed(slot(What.APPEAL), Outcome.MET, fact.lodged_on),
                Opened(slot(What.DETERMINATION), fact.basis, fact.panel_due_on, fact.calendar),
            )
        case a.PanelOverdue():
            return (Closed(slot(What.DETERMINATION), Outcome.MISSED),)
        case a.AppealDetermined():
            return (Closed(slot(What.DETERMINATION), Outcome.MET, fact.determined_on),)
        case a.ObjectionRaised():
            return (
                Opened(
                    slot(What.END_OF_EMPLOYMENT, fact.milestone if fact.transferors else ""),
                    fact.basis,
                    with_milestone=fact.milestone,
                ),
            )
        case a.AssignmentConfirmed():
            return (put_right(_CONFIRM, fact.confirmed_on),)
        case a.StaffTransferred():
            moot = (Closed(slot(What.REFUSED_STEP, step), Outcome.SUPERSEDED) for step in _STEPS)
            return (put_right(_TRANSFER, fact.effective_from), *moot)
        case a.EmploymentEnded():
            moot = (Closed(slot(What.REFUSED_STEP, step), Outcome.SUPERSEDED) for step in _STEPS)
            ended = (
                Closed(slot(What.END_OF_EMPLOYMENT, about), Outcome.MET, fact.effective_from)
                for about in dict.fromkeys(("", fact.milestone or ""))
            )
            return (*ended, *moot)
        case a.StepRefused():
            return (Opened(slot(What.REFUSED_STEP, fact.step), fact.basis),)
        case a.LeaverPassedBy():
            # Whatever was due of somebody who has left is due no more.
            own = (What.RESPONSE, What.APPEAL, What.DETERMINATION, What.END_OF_EMPLOYMENT)
            moot = (Closed(slot(what), Outcome.SUPERSEDED) for what in own)
            refused = (Closed(slot(What.REFUSED_STEP, step), Outcome.SUPERSEDED) for step in _STEPS)
            return (*moot, *refused)
        case _:
            assert_never(fact)


def _milestone(fact: e.MilestoneSet | e.MilestoneReset | e.MilestoneReached) -> Slot:
    return Slot(fact.exercise, None, What.MILESTONE, fact.milestone)


def _endings(fact: e.MilestoneSet | e.MilestoneReset) -> str | None:
    """About what the ends of employment are that fall on a day of transfer: the day's own name
    where it is that of some transferors alone; `None` for any other day."""
    if fact.role is not MilestoneRole.TRANSFER:
        return None
    return fact.milestone if fact.transferors else ""


def _meeting(fact: c.MeetingCalled | c.MeetingHeld | c.OutcomeMissing) -> Slot:
    return Slot(fact.exercise, None, What.MEETING, fact.meeting_on.isoformat())


# --- the book ----------------------------------------------------------------------------------


@dataclass(slots=True)
class Current:
    """The obligation that a slot has now, and what became of it so far."""

    obligation_id: UUID
    due_on: date | None
    calendar: str | None
    basis: Basis
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class ObligationRow:
    """Something that became due."""

    obligation_id: UUID
    slot: Slot
    due_on: date | None
    calendar: str | None
    basis: Basis
    opened_by: UUID
    recorded_from: datetime
    place: int


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """What became of it."""

    obligation_id: UUID
    outcome: Outcome
    outcome_on: date | None
    event_id: UUID
    recorded_from: datetime
    place: int


@dataclass(slots=True)
class Book:
    """What is current, cohorts, and the rows that came of it. It may know only the slots that the
    next events touch: `deadlines.py` reads those."""

    current: dict[Slot, Current] = field(default_factory=dict)
    members: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    resets: dict[tuple[str, str, WindowName], date] = field(default_factory=dict)
    opened: list[ObligationRow] = field(default_factory=list)
    outcomes: list[OutcomeRow] = field(default_factory=list)

    def enter(self, recorded: Recorded[Fact], of_fact: Iterable[Effect]) -> None:
        """Take one event's effects, in log order."""
        for effect in of_fact:
            match effect:
                case Opened():
                    self._open(recorded, effect)
                case Closed():
                    self._close(recorded, effect.slot, effect.outcome, effect.on)
                case Moved():
                    self._move(recorded, effect.slot, effect.due_on, effect.basis)
                    self._move_what_hangs_on(recorded, effect, effect.due_on)
                case CohortFormed():
                    self.members[effect.exercise, effect.cohort] = effect.members
                case CohortMoved():
                    self._move_cohort(recorded, effect)

    def _open(self, recorded: Recorded[Fact], effect: Opened) -> None:
        slot = effect.slot
        due_on = effect.due_on
        if effect.with_milestone is not None:
            day = self.current.get(Slot(slot.exercise, None, What.MILESTONE, effect.with_milestone))
            due_on = day.due_on if day is not None else None
        if effect.cohort is not None and effect.window is not None and due_on is not None:
            # Reset before the letter: the letter's day or that one, whichever is later.
            reset = self.resets.get((slot.exercise, effect.cohort, effect.window), due_on)
            due_on = max(due_on, reset)
        self._supersede(recorded, slot)
        self._write(recorded, slot, due_on, effect.calendar, effect.basis)
        if due_on is not None:
            self._move_what_hangs_on(recorded, effect, due_on)

    def _close(
        self, recorded: Recorded[Fact], slot: Slot, outcome: Outcome, on: date | None
    ) -> None:
        current = self.current.get(slot)
        if current is None or current.outcome in (Outcome.MET, outcome):
            return
        current.outcome = outcome
        self.outcomes.append(
            OutcomeRow(
                current.obligation_id,
                outcome,
                on,
                recorded.event_id,
                recorded.recorded_at,
                recorded.position,
            )
        )

    def _move(self, recorded: Recorded[Fact], slot: Slot, due_on: date, basis: Basis) -> None:
        current = self.current.get(slot)
        if current is None or current.due_on == due_on:
            return
        if current.outcome in (Outcome.MET, Outcome.SUPERSEDED):
            return  # what nobody owes any more does not come back because its day moves
        calendar = current.calendar
        self._supersede(recorded, slot)
        self._write(recorded, slot, due_on, calendar, basis)

    def _move_what_hangs_on(
        self, recorded: Recorded[Fact], day: Opened | Moved, due_on: date
    ) -> None:
        """Employment ends with the transfer date, also where that moves."""
        if day.endings is None:
            return
        for slot, current in list(self.current.items()):
            ends = slot.what is What.END_OF_EMPLOYMENT and slot.about == day.endings
            if ends and slot.exercise == day.slot.exercise:
                self._move(recorded, slot, due_on, current.basis)

    def _move_cohort(self, recorded: Recorded[Fact], effect: CohortMoved) -> None:
        self.resets[effect.exercise, effect.cohort, effect.window] = effect.due_on
        for staff_number in self.members.get((effect.exercise, effect.cohort), ()):
            slot = Slot(effect.exercise, staff_number, WINDOWS[effect.kind])
            current = self.current.get(slot)
            # Nobody loses a day that they were told they had: an extension may be the later one.
            if current and (current.due_on is None or current.due_on < effect.due_on):
                self._move(recorded, slot, effect.due_on, effect.basis)

    def _supersede(self, recorded: Recorded[Fact], slot: Slot) -> None:
        self._close(recorded, slot, Outcome.SUPERSEDED, None)

    def _write(
        self,
        recorded: Recorded[Fact],
        slot: Slot,
        due_on: date | None,
        calendar: str | None,
        basis: Basis,
    ) -> None:
        obligation_id = uuid5(recorded.event_id, "/".join(map(str, slot)))
        self.current[slot] = Current(obligation_id, due_on, calendar, basis)
        self.opened.append(
            ObligationRow(
                obligation_id,
                slot,
                due_on,
                calendar,
                basis,
                recorded.event_id,
                recorded.recorded_at,
                recorded.position,
            )
        )
