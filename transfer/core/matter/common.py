"""Acts that most kinds have alike; a kind lists those that it takes in its declaration.

Approvals among them: what ends employment, or lowers pay back in time, waits for the approval of
somebody other than whose act made it fall due. Until it is given, the step is due by law and not
yet recorded; once it is, the step takes effect on its lawful day.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from transfer.core.matter import facts as t
from transfer.core.matter.book import Due
from transfer.core.matter.deciding import Case, decide, require
from transfer.core.matter.folding import State
from transfer.core.matter.kind import Act, Several, Waits
from transfer.core.matter.reckoning import Reckoned, fixed
from transfer.core.matter.words import GroupName, JsonObject, Named, Nature, Over, Settlement
from transfer.core.refusals import Failure, Malformed, Refused
from transfer.core.words import Frozen, StaffNumber

ADMIN = ("admin",)


NOT_SAID = "no reason given"

Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Why something is done. It may be left out, and then the record says so; it may not be blank."""


class Reason(Frozen):
    """Why."""

    reason: Why = NOT_SAID


class ReasonForGroup(Reason):
    """Why, and for which group; for everybody where none is named."""

    group: Annotated[GroupName | None, Named.GROUP] = None


class Abandoning(Reason):
    """Why, and the people with steps that wait for an answer: by staff number, each such step and
    since when it has been due. They are read from the record; the caller does not give them."""

    people: dict[StaffNumber, dict[str, date]] = Field(default_factory=dict)


class NewDay(Frozen):
    """A milestone's day."""

    milestone: str
    on: date
    reason: str = ""
    clause: str = ""


class Longer(Frozen):
    """Until when a window is open now."""

    window: str
    until: date
    reason: Why = NOT_SAID
    clause: str = ""


class LongerForGroup(Longer):
    """Until when a window of a whole group is open now."""

    group: GroupName


class StepNamed(Frozen):
    """A step that waits for approval; `group` where it is due from a group as a whole."""

    step: Annotated[str, Named.STEP]
    about: str = ""
    group: Annotated[GroupName | None, Named.GROUP] = None


class StepDeclined(StepNamed):
    """A step that is not approved, and why."""

    reason: Why = NOT_SAID


class Settling(Frozen):
    """Which duty is settled, by the decision that it is about, and what becomes of that decision:
    it stands, is made again (`redo`), or goes back to those who decided (`review`)."""

    duty: Annotated[UUID, Named.DUTY]
    decision: Settlement
    reason: Why = NOT_SAID


# --- decisions ----------------------------------------------------------------------------------


def fix_day(case: Case, needs: NewDay) -> tuple[t.MatterFact, ...]:
    """Set a milestone, or move one that is set; the day it had stays on record."""
    before = case.state.milestone(needs.milestone)
    if before == needs.on:
        return ()
    stamp = case.stamp(*filter(None, [needs.clause]))
    when = fixed(needs.on, stamp["basis"])
    if before is None:
        return (t.DayFixed(**stamp, milestone=needs.milestone, when=when, owner=t.ADMINISTRATION),)
    return (
        t.DayMoved(
            **stamp, milestone=needs.milestone, before=before, when=when, reason=needs.reason
        ),
    )


def _longer(case: Case, needs: Longer, before: date | None) -> Reckoned | None:
    """The day that a window has from now on; `None` where it has that day already."""
    if before is None:
        raise Refused(f"no window {needs.window} is open")
    if needs.until == before:
        return None
    if needs.until < before:
        raise Refused(f"the window was published as closing on {before}: it cannot close earlier")
    basis = case.rules.basis(*filter(None, [needs.clause]))
    return fixed(needs.until, basis.resting_on(case.made.rests_on))


def extend_window(case: Case, needs: Longer) -> tuple[t.MatterFact, ...]:
    """Give one person longer; never shorter than was published to them."""
    before = case.state.last_day(needs.window)
    when = _longer(case, needs, before)
    if when is None:
        return ()
    return (
        t.WindowExtended(
            **case.stamp(*filter(None, [needs.clause])),
            window=needs.window,
            before=before,
            when=when,
            reason=needs.reason,
        ),
    )


def move_window(case: Case, needs: LongerForGroup) -> tuple[t.MatterFact, ...]:
    """Let a window of a whole group close later than was published."""
    whom = case.state.whom._replace(group=needs.group)
    due = case.state.book.due(whom, needs.window)
    before = None if due is None else case.state.book.last(due)
    when = _longer(case, needs, before)
    if when is None:
        return ()
    return (
        t.WindowMoved(
            **case.stamp(*filter(None, [needs.clause])),
            group=needs.group,
            window=needs.window,
            before=before,
            when=when,
            reason=needs.reason,
        ),
    )


def hold(case: Case, needs: ReasonForGroup) -> tuple[t.MatterFact, ...]:
    """Stop the clock's steps: everybody's, a group's or one person's."""
    if needs.group in case.state.mine.timing.held:
        return ()
    return (t.Held(**case.stamp(), group=needs.group, reason=needs.reason),)


def resume(case: Case, needs: ReasonForGroup) -> tuple[t.MatterFact, ...]:
    """Let them go on."""
    if needs.group not in case.state.mine.timing.held:
        return ()
    return (t.Resumed(**case.stamp(), group=needs.group, reason=needs.reason),)


def join(case: Case, needs: ReasonForGroup) -> tuple[t.MatterFact, ...]:
    """Bring somebody in."""
    return (t.Joined(**case.stamp(), group=needs.group),)


def take_out(case: Case, needs: Reason) -> tuple[t.MatterFact, ...]:
    """Take somebody out: nothing is due from them any more.

    What would end their employment by now, and waits for approval, is answered first: else it would
    be dropped without anybody having said so. Where it was not known that it waited, there is a
    duty to settle that they were taken out.
    """
    if case.state.is_over:
        return ()
    require(
        Failure(f"{step} has been due since {day} and waits for approval: approve or decline it")
        for step, day in _unanswered(case)
    )
    return (t.TakenOut(**case.stamp(), reason=needs.reason),)


def _unanswered(case: Case) -> Iterator[tuple[str, date]]:
    """The steps that are always approved first, are due by now, come to something, and were neither
    approved nor declined; and since when."""
    state = case.state
    for due in state.book.of(state.whom, Nature.ACT):
        step, day = state.kind.step(due.slot.what), state.book.days(due)[0]
        if step is None or step.waits is not Waits.FOR_APPROVAL or not due.is_open:
            continue
        if day is None or day > case.on or _is_answered(state, due):
            continue
        if _comes_to_something(case, due, day):
            yield step.name, day


def _is_answered(state: State, due: Due) -> bool:
    """Whether a step was approved or declined; an answer for a group is one for its people."""
    of = [(state.mine.timing, due.slot.group), (state.whole.timing, state.group)]
    for timing, group in of if state.group is not None else of[:1]:
        key = (due.slot.what, due.slot.about, group)
        if key in timing.approved or key in timing.declined:
            return True
    return False


def _comes_to_something(case: Case, due: Due, day: date) -> bool:
    """Whether there is anything to approve: nobody is asked where the step would state nothing."""
    step = due.slot.what
    made = case.made.model_copy(update={"act": step, "about": due.slot.about, "inputs": {}})
    try:
        return decide(replace(case, due_on=day, made=made), step, {}) != ()
    except Refused:
        return True


def waits_for_answer(case: Case) -> JsonObject | None:
    """The steps of one person that wait for an answer, and since when each has been due; `None`
    where there is none. `abandon` reads this of everybody."""
    found: JsonObject = {}
    for step, day in _unanswered(case):
        found[step] = min(day.isoformat(), found.get(step, day.isoformat()))
    return found or None


def abandon(case: Case, needs: Abandoning) -> tuple[t.MatterFact, ...]:
    """Let the whole matter go no further.

    What would end somebody's employment by now, and waits for approval, is answered first, as
    before anybody is taken out. Where it was not known that it waited, there is a duty to settle
    that the matter was abandoned.
    """
    if case.state.whole.timing.over:
        return ()
    require(_to_answer_first(needs.people))
    return (t.Abandoned(**case.stamp(), reason=needs.reason),)


_NAMED = 5
"""How many people a refusal names; of the others it says how many there are."""


def _to_answer_first(people: Mapping[str, Mapping[str, date]]) -> Iterator[Failure]:
    for number in sorted(people)[:_NAMED]:
        for step, day in sorted(people[number].items()):
            yield Failure(
                f"{step} of {number} has been due since {day} and waits for approval: approve or "
                "decline it first"
            )
    more = len(people) - _NAMED
    if more > 0:
        yield Failure(
            f"so it is for {more} more people, {len(people)} in all: approve or decline it for "
            "each of them first"
        )


def approve(case: Case, needs: StepNamed) -> tuple[t.MatterFact, ...]:
    """Approve a step that waits for it; by somebody other than whose act made it fall due.

    In an office of one person the same may do so, in an act of its own, and the fact says so.
    """
    if (needs.step, needs.about, needs.group) in case.state.mine.timing.approved:
        return ()
    proposal = _proposal(case, needs)
    same = proposal == case.by
    if same and not case.rules.office_of_one:
        raise Refused(f"{case.by} proposed it: somebody else has to approve it")
    return (
        t.ApprovalGiven(
            **case.stamp(),
            group=needs.group,
            step=needs.step,
            about=needs.about,
            approved_by=case.by,
            proposed_by=proposal,
            same_person=same,
        ),
    )


def decline(case: Case, needs: StepDeclined) -> tuple[t.MatterFact, ...]:
    """Do not approve it for now; it stays due by law, and not recorded."""
    _proposal(case, needs)
    return (
        t.ApprovalDeclined(
            **case.stamp(),
            group=needs.group,
            step=needs.step,
            about=needs.about,
            declined_by=case.by,
            reason=needs.reason,
        ),
    )


def settle(case: Case, needs: Settling) -> tuple[t.MatterFact, ...]:
    """Say what becomes of a decision that would state something else by now.

    What takes its place, and what follows from that, `late.settle` finds: it sees all of the
    person's decisions.
    """
    whom = case.state.whom._replace(group=case.group)
    due = case.state.book.due(whom, t.SETTLE, str(needs.duty))
    if due is None:
        raise Refused(f"no decision {needs.duty} is to be settled")
    if needs.decision is Settlement.MOOT:
        raise Malformed("the engine alone says that nothing differs any more", field="decision")
    return (
        t.DutySettled(
            **case.resting_on(due.when.basis),
            group=case.group,
            decision=needs.duty,
            how=needs.decision,
            reason=needs.reason,
            settled_by=case.by,
        ),
    )


def _proposal(case: Case, needs: StepNamed) -> str:
    """Whose act made the step fall due; raises `Refused` where it is not to be approved."""
    step = case.state.kind.step(needs.step)
    by_kind = step is not None and step.waits is Waits.FOR_APPROVAL
    waits = by_kind or case.rules.waits(needs.step)
    due = case.state.book.due(case.state.whom._replace(group=needs.group), needs.step, needs.about)
    require(
        [
            None if waits else Failure(f"{needs.step} waits for nobody's approval"),
            None if due and due.is_open else Failure(f"{needs.step} is not due"),
        ]
    )
    return due.proposed_by if due else ""


# --- the acts, for a kind to list ---------------------------------------------------------------

FIX_DAY = Act(
    name="fix-day",
    over=Over.MATTER,
    who=ADMIN,
    needs=NewDay,
    decide=fix_day,
    says="set or move a milestone",
    from_opening=True,
)
MOVE_WINDOW = Act(
    name="move-window",
    over=Over.MATTER,
    who=ADMIN,
    needs=LongerForGroup,
    decide=move_window,
    says="give a group longer",
    from_opening=True,
)
EXTEND_WINDOW = Act(
    "extend-window", Over.PERSON, ADMIN, Longer, extend_window, "give one person longer"
)
HOLD = Act(
    name="hold",
    over=Over.MATTER,
    who=ADMIN,
    needs=ReasonForGroup,
    decide=hold,
    says="stop the clock's steps",
    or_person=True,
    from_opening=True,
)
RESUME = Act("resume", Over.MATTER, ADMIN, ReasonForGroup, resume, "let them go on", or_person=True)
TAKE_OUT = Act("take-out", Over.PERSON, ADMIN, Reason, take_out, "take somebody out")
JOIN = Act("join", Over.PERSON, ADMIN, ReasonForGroup, join, "bring somebody in")
ABANDON = Act(
    name="abandon",
    over=Over.MATTER,
    who=ADMIN,
    needs=Abandoning,
    decide=abandon,
    says="let the matter go no further",
    several=Several(looks_at=waits_for_answer),
    asks=Reason,
)
APPROVE = Act("approve", Over.MATTER, ADMIN, StepNamed, approve, "approve a step", or_person=True)
SETTLE = Act(
    name=t.SETTLE,
    over=Over.MATTER,
    who=("admin", "panel"),
    needs=Settling,
    decide=settle,
    says="settle what was decided",
    or_person=True,
)
"""A kind may let others settle; what would end employment needs somebody other than who brought it
up besides (`late.settle`)."""
DECLINE = Act("decline", Over.MATTER, ADMIN, StepDeclined, decline, "not for now", or_person=True)
