"""One appeal: what is on record of it, and what may follow.

    came in time ───────────────┐
    came late ─► refused ─► admitted ─► (panel overdue) ─► determined: upheld or rejected
                                └─────► withdrawn; dropped where the person has left

One appeal is open at a time, and one letter is decided on once. Several appeals of one person are
several matters: whether there is another is read from the exercise, which hears of each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, TypedDict, cast

from transfer.core.employed import why_not_employed
from transfer.core.matter import facts as t
from transfer.core.matter.deciding import Case
from transfer.core.matter.folding import State
from transfer.core.matter.kind import NeedsNothing
from transfer.core.matter.reckoning import Reckoned, reckon
from transfer.core.matter.words import MatterName, Named, Outcome
from transfer.core.refusals import NotOnRecord, Refused
from transfer.core.rules import WindowInForce
from transfer.core.words import AppealOutcome, Basis, Destination, Frozen, Late, WindowKind
from transfer.procedures.appeal import facts as f
from transfer.procedures.appeal.rules import Assigned, RulesOfAppeals

WINDOW, CONFIRM = "appeal", "confirm"
"""What is due in the exercise: the right to appeal, and making the assignment final."""


@dataclass(slots=True)
class Appeal:
    """What is on record of one appeal; `panel_by` from when a panel has to hear it."""

    against: MatterName = ""
    lodged_on: date | None = None
    due_on: date | None = None
    panel_by: Reckoned | None = None
    out_of_time: bool = False
    overdue: bool = False
    outcome: AppealOutcome | None = None
    withdrawn: bool = False
    dropped: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the panel has still to decide."""
        over = self.outcome is not None or self.withdrawn or self.dropped
        return self.panel_by is not None and not over


def evolve(appeal: Appeal, fact: t.MatterFact) -> None:
    """Fold one fact into the appeal; total, and never judges."""
    match fact:
        case f.AppealLodged() | f.AppealRefusedOutOfTime():
            appeal.against, appeal.due_on = fact.against, fact.due_on
            appeal.lodged_on = fact.happened_on
            appeal.panel_by = fact.panel_by if isinstance(fact, f.AppealLodged) else None
        case f.AppealAcceptedOutOfTime():
            appeal.panel_by, appeal.out_of_time = fact.panel_by, True
        case f.PanelOverdue():
            appeal.overdue = True
        case f.AppealDetermined():
            appeal.outcome = fact.outcome
        case f.AppealWithdrawn():
            appeal.withdrawn = True
        case f.AppealDropped():
            appeal.dropped = True
        case _:
            pass


# --- what acts need ------------------------------------------------------------------------------


class Grounds(Frozen):
    """What is appealed against, and why."""

    against: MatterName
    grounds: str


class WhyAdmitted(Frozen):
    """Why an appeal that came late is heard after all."""

    reason: str


class Determination(Frozen):
    """What the panel decided, who sat on it and why; an appeal that is upheld names where the
    person goes instead (`to`)."""

    outcome: AppealOutcome
    to: Annotated[Destination | None, Named.DESTINATION] = None
    panel: str = ""
    reason: str = ""


# --- decisions -----------------------------------------------------------------------------------


def lodge(case: Case, needs: Grounds) -> tuple[t.MatterFact, ...]:
    """Take an appeal that is in time; one that is not is refused, and the refusal is on record.

    Raises `Refused` where there is nothing to appeal against, or an appeal is open. An edition that
    takes late appeals has them lodged like any other, unless the person has been moved meanwhile.
    """
    window = _window(case)
    exercise = case.others.get(needs.against)
    begun = None if exercise is None else exercise.whole.timing.begun
    if exercise is None or begun is None:
        raise NotOnRecord(f"{needs.against} has not begun")
    assigned, due_on = _assigned(exercise), exercise.last_day(WINDOW)
    if assigned.letter_issued_on is None or due_on is None:
        raise Refused("there is no assignment letter to appeal against", clause=window.clause)
    if case.on < assigned.letter_issued_on:
        raise Refused(
            f"an appeal cannot come before its letter, issued on {assigned.letter_issued_on}",
            clause=window.clause,
        )
    if any(each.lodged_on == case.on for each in assigned.appeals):
        return ()
    _require_none_open(assigned, window)
    came_on = _of(case.state).lodged_on
    if came_on is not None:
        raise Refused(f"this one came on {came_on}: another is a matter of its own")
    late = case.on > due_on and (window.late is not Late.ACCEPT or assigned.is_settled)
    if not late and any(each.outcome is not None for each in assigned.appeals):
        raise Refused("the appeal against this letter was determined already", clause=window.clause)
    length, against = window.length_clause, needs.against
    stamp = case.stamp(length) if late else case.stamp(window.clause, length, *_panel(window))
    begins = t.MatterBegun(
        **stamp,
        edition=begun.edition,
        digest=begun.digest,
        calendar=begun.calendar,
        against=against,
    )
    if late:
        lodged: f.AppealFact = f.AppealRefusedOutOfTime(
            **stamp, against=against, due_on=due_on, grounds=needs.grounds
        )
    else:
        lodged = f.AppealLodged(
            **stamp,
            against=against,
            due_on=due_on,
            grounds=needs.grounds,
            **_to_be_heard(case, exercise, stamp["basis"]),
        )
    return begins, lodged


def admit_late(case: Case, needs: WhyAdmitted) -> tuple[t.MatterFact, ...]:
    """Hear a late appeal after all, with a reason; the refusal stays on record beside it."""
    appeal, window = _of(case.state), _window(case)
    length = window.length_clause
    if window.late is Late.REFUSE:
        raise Refused("an appeal that came late is not heard", clause=length)
    if appeal.out_of_time:
        return ()
    if appeal.lodged_on is None or appeal.due_on is None or appeal.panel_by is not None:
        raise Refused("no appeal has been refused as out of time", clause=length)
    exercise = case.others[appeal.against]
    _require_none_open(_assigned(exercise), window)
    if not needs.reason.strip():
        raise Refused("accepting an appeal out of time needs a reason", clause=length)
    if _assigned(exercise).is_settled:
        raise Refused(
            "the person has transferred or left: the appeal has no object", clause=window.clause
        )
    stamp = case.stamp(length, *_panel(window))
    return (
        f.AppealAcceptedOutOfTime(
            **stamp,
            against=appeal.against,
            lodged_on=appeal.lodged_on,
            due_on=appeal.due_on,
            reason=needs.reason,
            **_to_be_heard(case, exercise, stamp["basis"]),
        ),
    )


def note_overdue(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    """Put on record that the panel's day passed without a decision; of somebody whom nobody
    employs any more, that there is nothing to decide."""
    appeal, window = _of(case.state), _window(case)
    last = appeal.panel_by.last if appeal.is_open and appeal.panel_by else None
    if appeal.overdue or last is None or case.on <= last:
        return ()
    stamp = case.stamp(*(_panel(window) or (window.clause,)))
    gone = why_not_employed(case.position.entries, case.on)
    if gone is not None:
        return (f.AppealDropped(**stamp, against=appeal.against, reason=gone.reason),)
    return (f.PanelOverdue(**stamp, against=appeal.against, panel_due_on=last),)


def determine(case: Case, needs: Determination) -> tuple[t.MatterFact, ...]:
    """Record the panel's decision; an upheld appeal names where the person goes instead."""
    appeal, window, rules = _of(case.state), _window(case), _rules(case)
    if needs.to is not None:
        rules.require_destination(needs.to)
    if appeal.outcome is needs.outcome:
        return ()
    if not appeal.is_open:
        raise Refused("no appeal is open for the panel to determine", clause=window.clause)
    standing = _assigned(case.others[appeal.against]).destination
    upheld = needs.outcome is AppealOutcome.UPHELD
    if upheld and needs.to in (None, standing):
        raise Refused("an upheld appeal names another destination", clause=window.clause)
    destination = needs.to if upheld else standing
    if standing is None or destination is None:
        proposal = rules.clause_for("proposal")
        raise Refused("there is no proposed assignment to determine", clause=proposal)
    return (
        f.AppealDetermined(
            **case.stamp(window.clause),
            against=appeal.against,
            outcome=needs.outcome,
            destination=destination,
            panel=needs.panel,
            reason=needs.reason,
        ),
    )


def withdraw(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    """The person no longer appeals: nothing of it is due any more."""
    appeal, window = _of(case.state), _window(case)
    if appeal.withdrawn:
        return ()
    if not appeal.is_open:
        raise Refused("no appeal is open to be withdrawn", clause=window.clause)
    return (f.AppealWithdrawn(**case.stamp(window.clause), against=appeal.against),)


# --- what they read ------------------------------------------------------------------------------


def _of(state: State) -> Appeal:
    return cast("Appeal", state.mine.substance)


def _assigned(exercise: State) -> Assigned:
    return cast("Assigned", exercise.mine.substance)


def _rules(case: Case) -> RulesOfAppeals:
    return cast("RulesOfAppeals", case.rules)


def _window(case: Case) -> WindowInForce:
    return _rules(case).window_of(WindowKind.APPEAL)


def _panel(window: WindowInForce) -> Sequence[str]:
    return () if window.panel_clause is None else (window.panel_clause,)


def _require_none_open(assigned: Assigned, window: WindowInForce) -> None:
    if any(each.is_open for each in assigned.appeals):
        raise Refused(
            "an appeal is open already: its panel has still to decide", clause=window.clause
        )


class _ToBeHeard(TypedDict):
    panel_by: Reckoned
    confirm_again: Reckoned | None


def _to_be_heard(case: Case, exercise: State, basis: Basis) -> _ToBeHeard:
    """The panel's last day, counted from today; and when to make the assignment final again."""
    reckoning = _rules(case).panel(_assigned(exercise).transferor)
    by = reckon(reckoning, case.on, calendar=case.rules.calendar, basis=basis)
    due = exercise.due(CONFIRM)
    was_final = due is not None and due.outcome is Outcome.MET
    return _ToBeHeard(panel_by=by, confirm_again=due.when if due and was_final else None)
