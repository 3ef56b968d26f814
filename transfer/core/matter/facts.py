"""What every fact of a procedure carries, and the generic facts of timing.

Where the line lies: a fact is generic where all it says is *when* (a window moved, a hold) or how
the procedure itself went (a step refused, a duty to settle). What the office calls by a name of its
own, because it states something (an appeal lodged, an assignment confirmed, somebody transferred),
is a substance fact of its kind; the kind's declaration says what such a fact opens and closes.

A fact lies on the stream of the matter, or on a person's where it is about them alone.
"""

from datetime import date
from functools import cache
from typing import TypedDict
from uuid import UUID

from pydantic import Field

from transfer.core.matter import book as b
from transfer.core.matter.reckoning import Reckoned
from transfer.core.matter.words import (
    GroupName,
    JsonObject,
    Made,
    MatterName,
    Nature,
    Outcome,
    Settlement,
)
from transfer.core.words import Basis, Frozen, StaffNumber


class MatterFact(Frozen):
    """A fact of a procedure: the day on which it happened, and what made it.

    `learned_on` is the day on which the office learned of it, where that is another day. The
    instant of its record is on the log's envelope.
    """

    matter: MatterName
    happened_on: date
    learned_on: date | None = None
    made: Made
    basis: Basis


class GroupFact(MatterFact):
    """A fact about one group of a matter, or about the whole of it (`group=None`)."""

    group: GroupName | None = None


class Stamp(TypedDict):
    """The fields of `MatterFact`, as a decision fills them (`Case.stamp`)."""

    matter: MatterName
    happened_on: date
    learned_on: date | None
    made: Made
    basis: Basis


# --- the matter ---------------------------------------------------------------------------------


class MatterBegun(MatterFact):
    """A procedure begins under one frozen edition; `against` is the matter that it came out of."""

    edition: str
    digest: str
    calendar: str
    against: MatterName | None = None


class DayFixed(MatterFact):
    """A milestone of the plan has a day."""

    milestone: str
    when: Reckoned
    owner: str


class DayMoved(MatterFact):
    """A milestone moves; the day it had stays on record."""

    milestone: str
    before: date | None
    when: Reckoned
    reason: str


class GroupFormed(GroupFact):
    """People whose dates are the same are put together."""

    people: tuple[StaffNumber, ...]


class Abandoned(MatterFact):
    """The matter goes no further; nothing of it is due any more."""

    reason: str


class Completed(MatterFact):
    """The matter is through."""

    tally: dict[str, int] = Field(default_factory=dict)


# --- people in it -------------------------------------------------------------------------------


class Joined(GroupFact):
    """Somebody is brought into the matter, and into a group where one is named."""


class TakenOut(MatterFact):
    """Somebody is no longer concerned; nothing is due from them or to them any more."""

    reason: str


class NoticeGiven(GroupFact):
    """A letter, to a group or to one person, and the windows that it opens."""

    notice: str
    windows: dict[str, Reckoned] = Field(default_factory=dict)
    owner: str = ""


class NoticeReturned(MatterFact):
    """A letter came back: it did not reach the person."""

    notice: str
    reason: str


class NoticeReissued(MatterFact):
    """A letter goes out again, corrected; its windows run anew and are never shorter."""

    notice: str
    corrects: str
    windows: dict[str, Reckoned] = Field(default_factory=dict)


class WindowExtended(MatterFact):
    """One person is given longer; the group's day stays as it is."""

    window: str
    before: date | None
    when: Reckoned
    reason: str


class WindowMoved(GroupFact):
    """A window of a whole group closes later than was published."""

    window: str
    before: date | None
    when: Reckoned
    reason: str


class Held(GroupFact):
    """The clock's steps stop, for everybody, for a group or for one person."""

    reason: str


class Resumed(GroupFact):
    """They go on."""

    reason: str


# --- steps --------------------------------------------------------------------------------------


class StepTaken(GroupFact):
    """A step over a group or the whole matter is through, however it went for each person."""

    step: str
    due_on: date
    counts: dict[str, int] = Field(default_factory=dict)


class StepRefused(GroupFact):
    """A step could not be taken: it stays due, and is tried again when something changes.

    `group` where it is due from a group as a whole.
    """

    step: str
    about: str = ""
    due_on: date
    reasons: tuple[str, ...]
    clauses: tuple[str, ...]


class StepStopped(GroupFact):
    """The plan moved while a step ran; those not yet reached go by the new plan."""

    step: str
    reason: str
    done: tuple[StaffNumber, ...] = ()


# --- approvals ----------------------------------------------------------------------------------


class ApprovalAsked(GroupFact):
    """A step waits for the approval of somebody other than who proposed it."""

    step: str
    about: str = ""
    lawful_on: date
    proposed_by: str


class ApprovalGiven(GroupFact):
    """It may be taken. `same_person`: approved by who proposed it, in an office of one person."""

    step: str
    about: str = ""
    approved_by: str
    proposed_by: str
    same_person: bool = False


class ApprovalDeclined(GroupFact):
    """It is not taken for now, and stays due."""

    step: str
    about: str = ""
    declined_by: str
    reason: str


# --- late knowledge -----------------------------------------------------------------------------


class DutyToSettleOpened(GroupFact):
    """A decision would state something else, had everything been known on its day.

    `decision` is the first fact of the decision; `would_state` what it would state (nothing: it
    would not have been made), `inputs` with what. `concerns` names the people for whom a decision
    over several would come out otherwise.
    """

    decision: UUID
    step: str
    about: str = ""
    decided_on: date
    because_of: str
    would_state: tuple[JsonObject, ...]
    inputs: JsonObject = Field(default_factory=dict)
    concerns: tuple[StaffNumber, ...] = ()


class DutySettled(GroupFact):
    """What becomes of such a decision; `review` leaves it open with those who had decided."""

    decision: UUID
    how: Settlement
    reason: str
    settled_by: str


class Undone(GroupFact):
    """A decision has no effect any more: it would not have been made. It stays on record.

    `entry` is the one of its facts whose dated values go with it, where one stated any: as it was
    first recorded, so that nothing that stood in its place before comes back. A decision of several
    such facts is undone by as many of these.
    """

    decision: UUID
    facts: tuple[UUID, ...]
    entry: UUID | None = None
    reason: str


TimingFact = (
    MatterBegun
    | DayFixed
    | DayMoved
    | GroupFormed
    | Abandoned
    | Completed
    | Joined
    | TakenOut
    | NoticeGiven
    | NoticeReturned
    | NoticeReissued
    | WindowExtended
    | WindowMoved
    | Held
    | Resumed
    | StepTaken
    | StepRefused
    | StepStopped
    | ApprovalAsked
    | ApprovalGiven
    | ApprovalDeclined
    | DutyToSettleOpened
    | DutySettled
    | Undone
)

ABOUT_THE_RECORD: tuple[type[MatterFact], ...] = (
    StepTaken,
    StepRefused,
    StepStopped,
    ApprovalAsked,
    DutyToSettleOpened,
    DutySettled,
    Undone,
)
"""How the procedure itself went: kept, but never a decision that could have come out otherwise."""

STORED_NAMES: dict[type[MatterFact], str] = {
    MatterBegun: "matter-begun.v1",
    DayFixed: "day-fixed.v1",
    DayMoved: "day-moved.v1",
    GroupFormed: "group-formed.v1",
    Abandoned: "matter-abandoned.v1",
    Completed: "matter-completed.v1",
    Joined: "person-joined.v1",
    TakenOut: "person-taken-out.v1",
    NoticeGiven: "notice-given.v1",
    NoticeReturned: "notice-returned.v1",
    NoticeReissued: "notice-reissued.v1",
    WindowExtended: "window-extended-for-person.v1",
    WindowMoved: "window-moved.v1",
    Held: "procedure-held.v1",
    Resumed: "procedure-resumed.v1",
    StepTaken: "step-taken.v1",
    StepRefused: "step-not-taken.v1",
    StepStopped: "step-broken-off.v1",
    ApprovalAsked: "approval-asked.v1",
    ApprovalGiven: "approval-given.v1",
    ApprovalDeclined: "approval-declined.v1",
    DutyToSettleOpened: "duty-to-settle-opened.v1",
    DutySettled: "duty-settled.v1",
    Undone: "decision-undone.v1",
}

ADMINISTRATION = "employer"
"""From whom the engine's own duties are due, where no fact says otherwise."""

SETTLE, APPROVE = "settle", "approve"


@cache
def is_generic(fact_class: type[MatterFact]) -> bool:
    """Whether facts of a class may say something of timing. Most are substance facts alone, and are
    folded by the thousand: so it is found out once a class."""
    return issubclass(fact_class, tuple(STORED_NAMES))


@cache
def is_about_the_record(fact_class: type[MatterFact]) -> bool:
    """Whether facts of a class are no decisions (`ABOUT_THE_RECORD`); found out once a class."""
    return issubclass(fact_class, ABOUT_THE_RECORD)


def timing_effects(fact: MatterFact) -> tuple[b.Effect, ...]:
    """What a generic fact does to what is due; a substance fact does what its kind declares."""
    if not is_generic(type(fact)):
        return ()
    match fact:
        case DayFixed():
            return (b.Opens(b.MILESTONE, Nature.DUTY, fact.owner, fact.when, fact.milestone),)
        case DayMoved():
            return (b.Moves(b.MILESTONE, fact.when, fact.milestone),)
        case GroupFormed(group=str(group)):
            return (b.Forms(group, fact.people),)
        case NoticeGiven():
            return tuple(
                b.Opens(window, Nature.RIGHT, fact.owner or "staff", when)
                for window, when in fact.windows.items()
            )
        case NoticeReissued():
            # A right that was used stays used, and may be used again until the later day.
            return tuple(b.Moves(window, when) for window, when in fact.windows.items())
        case WindowExtended() | WindowMoved():
            return (b.Moves(fact.window, fact.when),)
        case StepTaken():
            return (b.Closes(fact.step, Outcome.MET, fact.due_on, about=fact.made.about),)
        case StepRefused():
            to_put_right = Reckoned(basis=fact.basis)
            return (_of_the_office(b.REFUSED_STEP, to_put_right, fact.step),)
        case ApprovalAsked():
            by = Reckoned(on=fact.lawful_on, basis=fact.basis)
            return (_of_the_office(APPROVE, by, fact.step),)
        case ApprovalGiven() | ApprovalDeclined():
            return (b.Closes(APPROVE, Outcome.MET, about=fact.step),)
        case DutyToSettleOpened():
            no_day = Reckoned(basis=fact.basis)
            return (_of_the_office(SETTLE, no_day, str(fact.decision)),)
        case DutySettled():
            if fact.how is Settlement.REVIEW:
                return ()
            outcome = Outcome.SUPERSEDED if fact.how is Settlement.MOOT else Outcome.MET
            return (b.Closes(SETTLE, outcome, about=str(fact.decision)),)
        case Abandoned() | TakenOut() | Completed():
            return (b.ClosesAll(),)
        case _:
            return ()


def _of_the_office(what: str, when: Reckoned, about: str) -> b.Opens:
    """A duty of the office's own: where it is about a group, one for the whole of it, and not one
    for each of its people."""
    return b.Opens(what, Nature.DUTY, ADMINISTRATION, when, about, once=True)
