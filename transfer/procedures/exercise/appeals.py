"""Appeals against an assignment: lodged, refused as late, heard after all, determined (TR-11).

Decisions alone; what they read and the facts they make are those of `person.py`.
"""

from datetime import date

from transfer.core.refusals import Refused
from transfer.core.rules import RulesInForce
from transfer.core.words import AppealOutcome, Destination
from transfer.procedures.exercise import facts as f
from transfer.procedures.exercise.person import Participation


def lodge_appeal(
    p: Participation, *, on: date, grounds: str, due_on: date, rules: RulesInForce
) -> tuple[f.AppealLodged | f.AppealRefusedOutOfTime, ...]:
    """Take an appeal that is in time; one that is not is refused, and the refusal is on record.

    `due_on` is the last day of the window as it now stands for this person. Raises `Refused` where
    there is nothing to appeal against (TR-11), an appeal is open, or the assignment is confirmed.
    """
    if p.letter is None:
        raise Refused("there is no assignment letter to appeal against", clause="TR-11")
    if on < p.letter.issued_on:
        raise Refused(
            f"an appeal cannot come before its letter, issued on {p.letter.issued_on}",
            clause="TR-11",
        )
    if any(appeal.lodged_on == on for appeal in p.appeals):
        return ()
    if p.open_appeal is not None:
        raise Refused("an appeal is open already: its panel has still to decide", clause="TR-11")
    if on > due_on:
        if p.refused_appeal is not None and p.refused_appeal.lodged_on == on:
            return ()
        return (
            f.AppealRefusedOutOfTime(
                exercise=p.exercise,
                lodged_on=on,
                due_on=due_on,
                grounds=grounds,
                basis=rules.basis("TR-11b"),
            ),
        )
    if any(not appeal.is_open for appeal in p.appeals):
        raise Refused("the appeal against this letter was determined already", clause="TR-11")
    panel = rules.period("TR-11b-panel")
    panel_due_on = panel.due_after(on, rules.calendar)
    return (
        f.AppealLodged(
            exercise=p.exercise,
            lodged_on=on,
            due_on=due_on,
            grounds=grounds,
            panel_due_on=panel_due_on,
            calendar=panel.calendar_of(on, panel_due_on, rules.calendar),
            basis=rules.basis("TR-11", "TR-11b", "TR-11b-panel"),
        ),
    )


def accept_out_of_time(
    p: Participation, *, on: date, reason: str, rules: RulesInForce
) -> tuple[f.AppealAcceptedOutOfTime, ...]:
    """Hear a late appeal after all, with a reason; the refusal stays on record beside it."""
    if p.refused_appeal is None:
        if p.appeals and p.appeals[-1].out_of_time:
            return ()
        raise Refused("no appeal has been refused as out of time", clause="TR-11b")
    if p.open_appeal is not None:
        raise Refused("an appeal is open already: its panel has still to decide", clause="TR-11")
    if not reason.strip():
        raise Refused("accepting an appeal out of time needs a reason", clause="TR-11b")
    if p.is_settled:
        raise Refused(
            "the person has transferred or left: the appeal has no object", clause="TR-11"
        )
    late = p.refused_appeal
    panel = rules.period("TR-11b-panel")
    panel_due_on = panel.due_after(on, rules.calendar)
    return (
        f.AppealAcceptedOutOfTime(
            exercise=p.exercise,
            lodged_on=late.lodged_on,
            due_on=late.due_on,
            accepted_on=on,
            reason=reason,
            panel_due_on=panel_due_on,
            calendar=panel.calendar_of(on, panel_due_on, rules.calendar),
            basis=rules.basis("TR-11b", "TR-11b-panel"),
        ),
    )


def note_panel_overdue(
    p: Participation, *, on: date, rules: RulesInForce
) -> tuple[f.PanelOverdue, ...]:
    """Put on record that the panel's day passed without a determination."""
    appeal = p.open_appeal
    if appeal is None or appeal.overdue or on <= appeal.panel_due_on:
        return ()
    return (
        f.PanelOverdue(
            exercise=p.exercise,
            panel_due_on=appeal.panel_due_on,
            basis=rules.basis("TR-11b-panel"),
        ),
    )


def determine_appeal(
    p: Participation,
    *,
    on: date,
    outcome: AppealOutcome,
    destination: Destination | None,
    reason: str,
    rules: RulesInForce,
) -> tuple[f.AppealDetermined, ...]:
    """Record the panel's decision (TR-11); an upheld appeal names where the person goes instead."""
    appeal = p.open_appeal
    if appeal is None:
        decided = p.appeals[-1] if p.appeals else None
        if decided is not None and decided.outcome is outcome:
            return ()
        raise Refused("no appeal is open for the panel to determine", clause="TR-11")
    if on < appeal.lodged_on:
        raise Refused("an appeal cannot be determined before it was lodged", clause="TR-11")
    standing = p.destination
    if outcome is AppealOutcome.UPHELD and (destination is None or destination is standing):
        raise Refused("an upheld appeal names another destination", clause="TR-11")
    if standing is None:
        raise Refused("there is no proposed assignment to determine", clause="TR-08")
    return (
        f.AppealDetermined(
            exercise=p.exercise,
            determined_on=on,
            outcome=outcome,
            destination=(destination or standing) if outcome is AppealOutcome.UPHELD else standing,
            reason=reason,
            basis=rules.basis("TR-11"),
        ),
    )
