"""Appeals against an assignment: lodged, refused as late, heard after all, determined.

Decisions alone; what they read and the facts they make are those of `person.py`.
"""

from datetime import date

from transfer.core.refusals import Refused
from transfer.core.rules import RulesInForce, WindowInForce
from transfer.core.words import AppealOutcome, Destination, Late, WindowKind
from transfer.procedures.exercise import facts as f
from transfer.procedures.exercise.person import Participation


def lodge_appeal(
    p: Participation, *, on: date, grounds: str, due_on: date, rules: RulesInForce
) -> tuple[f.AppealLodged | f.AppealRefusedOutOfTime, ...]:
    """Take an appeal that is in time; one that is not is refused, and the refusal is on record.

    `due_on` is the last day of the window as it now stands for this person. Raises `Refused` where
    there is nothing to appeal against, or an appeal is open. An edition that takes late appeals has
    them lodged like any other, unless the person has been moved meanwhile.
    """
    window = rules.window_of(WindowKind.APPEAL)
    if p.letter is None:
        raise Refused("there is no assignment letter to appeal against", clause=window.clause)
    if on < p.letter.issued_on:
        raise Refused(
            f"an appeal cannot come before its letter, issued on {p.letter.issued_on}",
            clause=window.clause,
        )
    if any(appeal.lodged_on == on for appeal in p.appeals):
        return ()
    if p.open_appeal is not None:
        raise Refused(
            "an appeal is open already: its panel has still to decide", clause=window.clause
        )
    if on > due_on and (window.late is not Late.ACCEPT or p.is_settled):
        if p.refused_appeal is not None and p.refused_appeal.lodged_on == on:
            return ()
        return (
            f.AppealRefusedOutOfTime(
                exercise=p.exercise,
                lodged_on=on,
                due_on=due_on,
                grounds=grounds,
                basis=rules.basis(window.length_clause),
            ),
        )
    if any(not appeal.is_open for appeal in p.appeals):
        raise Refused("the appeal against this letter was determined already", clause=window.clause)
    panel_due_on, calendar = _panel_due_on(p, on, rules)
    return (
        f.AppealLodged(
            exercise=p.exercise,
            lodged_on=on,
            due_on=due_on,
            grounds=grounds,
            panel_due_on=panel_due_on,
            calendar=calendar,
            basis=rules.basis(window.clause, window.length_clause, *_panel(window)),
        ),
    )


def accept_out_of_time(
    p: Participation, *, on: date, reason: str, rules: RulesInForce
) -> tuple[f.AppealAcceptedOutOfTime, ...]:
    """Hear a late appeal after all, with a reason; the refusal stays on record beside it."""
    window = rules.window_of(WindowKind.APPEAL)
    if window.late is Late.REFUSE:
        raise Refused("an appeal that came late is not heard", clause=window.length_clause)
    if p.refused_appeal is None:
        if p.appeals and p.appeals[-1].out_of_time:
            return ()
        raise Refused("no appeal has been refused as out of time", clause=window.length_clause)
    if p.open_appeal is not None:
        raise Refused(
            "an appeal is open already: its panel has still to decide", clause=window.clause
        )
    if not reason.strip():
        raise Refused("accepting an appeal out of time needs a reason", clause=window.length_clause)
    if p.is_settled:
        raise Refused(
            "the person has transferred or left: the appeal has no object", clause=window.clause
        )
    late = p.refused_appeal
    panel_due_on, calendar = _panel_due_on(p, on, rules)
    return (
        f.AppealAcceptedOutOfTime(
            exercise=p.exercise,
            lodged_on=late.lodged_on,
            due_on=late.due_on,
            accepted_on=on,
            reason=reason,
            panel_due_on=panel_due_on,
            calendar=calendar,
            basis=rules.basis(window.length_clause, *_panel(window)),
        ),
    )


def note_panel_overdue(
    p: Participation, *, on: date, rules: RulesInForce
) -> tuple[f.PanelOverdue, ...]:
    """Put on record that the panel's day passed without a determination."""
    window = rules.window_of(WindowKind.APPEAL)
    appeal = p.open_appeal
    if appeal is None or appeal.overdue or on <= appeal.panel_due_on:
        return ()
    return (
        f.PanelOverdue(
            exercise=p.exercise,
            panel_due_on=appeal.panel_due_on,
            basis=rules.basis(*(_panel(window) or (window.clause,))),
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
    """Record the panel's decision; an upheld appeal names where the person goes instead."""
    window = rules.window_of(WindowKind.APPEAL)
    if destination is not None:
        rules.require_destination(destination)
    appeal = p.open_appeal
    if appeal is None:
        decided = p.appeals[-1] if p.appeals else None
        if decided is not None and decided.outcome is outcome:
            return ()
        raise Refused("no appeal is open for the panel to determine", clause=window.clause)
    if on < appeal.lodged_on:
        raise Refused("an appeal cannot be determined before it was lodged", clause=window.clause)
    standing = p.destination
    if outcome is AppealOutcome.UPHELD and (destination is None or destination == standing):
        raise Refused("an upheld appeal names another destination", clause=window.clause)
    if standing is None:
        raise Refused(
            "there is no proposed assignment to determine", clause=rules.clause_for("proposal")
        )
    return (
        f.AppealDetermined(
            exercise=p.exercise,
            determined_on=on,
            outcome=outcome,
            destination=(destination or standing) if outcome is AppealOutcome.UPHELD else standing,
            reason=reason,
            basis=rules.basis(window.clause),
        ),
    )


def _panel(window: WindowInForce) -> tuple[str, ...]:
    return () if window.panel_clause is None else (window.panel_clause,)


def _panel_due_on(p: Participation, on: date, rules: RulesInForce) -> tuple[date, str]:
    """The panel's last day, and the calendar that it was counted with."""
    window = rules.window_of(WindowKind.APPEAL)
    if window.panel_clause is None:
        raise AssertionError("an appeal has a panel: the edition was checked for that")
    length = rules.period(window.panel_clause, p.transferor)
    due_on = length.due_after(on, rules.calendar)
    return due_on, length.calendar_of(on, due_on, rules.calendar)
