"""One person's way through one exercise: what is on record of it, and what may follow.

State and fold first, then decisions; those about appeals are in `appeals.py`. A step that is
already taken answers `()`, so that a retry is safe; a rule that says no raises `Refused` with
every failing clause.

    in scope ─► proposed ─► letter ─► (response) ─► confirmed ─► transferred
                              │                        ▲             ▲
                              ├─► appeal ─► determined ┘             │ not if an objection stands:
                              └─► objection ─────────────────────────┴─► employment ended

Who is not employed on the day of a step is passed by (`transfer.core.employed`): they have left.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import assert_never

from transfer.core.employed import NotEmployed
from transfer.core.refusals import Failure, Refused
from transfer.core.rules import RulesInForce, WindowInForce
from transfer.core.words import (
    Answer,
    AppealOutcome,
    Basis,
    Destination,
    Facet,
    Late,
    Mechanism,
    MilestoneName,
    Side,
    WindowKind,
    WindowName,
)
from transfer.procedures.exercise import facts as f
from transfer.procedures.exercise.exercise import CohortStep, ExerciseStep
from transfer.procedures.exercise.routes import Choice

PROPOSE = "propose"
"""The step of finding a route; refused where none resolves somebody's place."""

# --- state and fold ----------------------------------------------------------------------------


@dataclass(slots=True)
class Appeal:
    """An appeal that is being or has been heard; at most one is open at a time."""

    lodged_on: date
    panel_due_on: date
    out_of_time: bool = False
    overdue: bool = False
    outcome: AppealOutcome | None = None
    destination: Destination | None = None

    @property
    def is_open(self) -> bool:
        """Whether the panel has still to determine it."""
        return self.outcome is None


@dataclass(slots=True)
class Participation:
    """What is on record of one person in one exercise."""

    exercise: str
    in_scope_from: date | None = None
    transferor: str | None = None
    proposal: f.AssignmentProposed | None = None
    letter: f.AssignmentLetterIssued | None = None
    response: f.ResponseRecorded | None = None
    responses: dict[WindowName, f.ResponseRecorded] = field(default_factory=dict)
    extended: dict[WindowName, date] = field(default_factory=dict)
    appeals: list[Appeal] = field(default_factory=list)
    refused_appeal: f.AppealRefusedOutOfTime | None = None
    objection: f.ObjectionRaised | None = None
    confirmation: f.AssignmentConfirmed | None = None
    transfer: f.StaffTransferred | None = None
    ending: f.EmploymentEnded | None = None
    passed_by: f.LeaverPassedBy | None = None
    refused: dict[str, f.StepRefused] = field(default_factory=dict)
    """The steps that the rules refuse for this person and that are still due, by the last word."""

    @property
    def open_appeal(self) -> Appeal | None:
        """The appeal that awaits its panel, if any."""
        return next((appeal for appeal in self.appeals if appeal.is_open), None)

    @property
    def destination(self) -> Destination | None:
        """Where the person goes as things stand: by the last upheld appeal, else as proposed."""
        for appeal in reversed(self.appeals):
            if appeal.outcome is AppealOutcome.UPHELD:
                return appeal.destination
        return self.proposal.destination if self.proposal else None

    @property
    def is_settled(self) -> bool:
        """Whether the exercise has nothing left to do for this person, as things stand."""
        return self.is_moved_or_ended or self.passed_by is not None

    @property
    def is_moved_or_ended(self) -> bool:
        """Whether the person was transferred, or the exercise ended their employment."""
        return self.transfer is not None or self.ending is not None


def evolve(p: Participation, fact: f.AssignmentFact) -> None:
    """Fold one fact of this exercise into the participation; total, and never judges."""
    match fact:
        case f.EvidenceReturned():
            pass
        case f.BroughtIntoScope():
            p.in_scope_from, p.transferor = fact.effective_from, fact.transferor
        case f.AssignmentProposed():
            p.proposal = fact
            p.refused.pop(PROPOSE, None)
        case f.AssignmentLetterIssued():
            p.letter, p.passed_by = fact, None
            p.refused.pop(CohortStep.ISSUE_LETTERS, None)
        case f.ResponseRecorded():
            p.response = p.responses[fact.window] = fact
        case f.WindowExtended():
            p.extended[fact.window] = fact.due_on
        case f.AppealLodged():
            p.appeals.append(Appeal(fact.lodged_on, fact.panel_due_on))
            p.confirmation = None  # where the edition takes late appeals, it may have been final
        case f.AppealRefusedOutOfTime():
            p.refused_appeal = fact
        case f.AppealAcceptedOutOfTime():
            p.appeals.append(Appeal(fact.lodged_on, fact.panel_due_on, out_of_time=True))
            p.refused_appeal = None
            p.confirmation = None  # what was final is open again until the panel has decided
        case f.PanelOverdue():
            for appeal in p.appeals:
                appeal.overdue = appeal.overdue or appeal.is_open
        case f.AppealDetermined():
            for appeal in p.appeals:
                if appeal.is_open:
                    appeal.outcome, appeal.destination = fact.outcome, fact.destination
        case f.ObjectionRaised():
            p.objection = fact
        case f.AssignmentConfirmed():
            p.confirmation, p.passed_by = fact, None
            p.refused.pop(CohortStep.CLOSE_WINDOWS, None)
        case f.StaffTransferred():
            p.transfer, p.passed_by = fact, None
            p.refused.clear()
        case f.EmploymentEnded():
            p.ending, p.passed_by = fact, None
            p.refused.clear()
        case f.StepRefused():
            p.refused[fact.step] = fact
        case f.LeaverPassedBy():
            p.passed_by = fact
            p.refused.clear()  # what could not be done for a leaver need not be done
        case _:
            assert_never(fact)


# --- decisions ---------------------------------------------------------------------------------


def bring_into_scope(
    p: Participation, *, on: date, transferor: str | None = None, rules: RulesInForce
) -> tuple[f.BroughtIntoScope, ...]:
    """The exercise covers this person, who is the transferor's, from a day."""
    if p.in_scope_from is not None:
        return ()
    return (
        f.BroughtIntoScope(
            exercise=p.exercise,
            effective_from=on,
            transferor=transferor,
            basis=rules.basis_for("scope"),
        ),
    )


def propose(
    p: Participation, choice: Choice, *, on: date, rules: RulesInForce
) -> tuple[f.AssignmentProposed, ...]:
    """Put a route's outcome on record as the proposed assignment."""
    if p.proposal is not None:
        return ()
    _require(_in_scope(p, rules))
    rules.require_destination(choice.destination)
    return (
        f.AssignmentProposed(
            exercise=p.exercise,
            route=choice.route,
            destination=choice.destination,
            proposed_on=on,
            reason=choice.reason,
            evidence=choice.evidence,
            basis=choice.basis,
        ),
    )


def issue_letter(
    p: Participation, *, cohort: str, path: str, transferor: str, on: date, rules: RulesInForce
) -> tuple[f.AssignmentLetterIssued, ...]:
    """Send the letters of the person's path, which publish their windows to the person.

    The last day of each window is counted from the day after the letter, in the calendar edition
    of the exercise, by the time that the edition gives the person's transferor.
    """
    if p.letter is not None:
        return ()
    if p.proposal is None:
        raise Refused(
            "there is no proposed assignment to write about", clause=rules.clause_for("proposal")
        )
    sent = rules.letters(path)
    return (
        f.AssignmentLetterIssued(
            exercise=p.exercise,
            cohort=cohort,
            letters=sent.names,
            contents=sent.contents,
            issued_on=on,
            destination=p.proposal.destination,
            windows=tuple(_opened(each, transferor, on, rules) for each in sent.windows),
            calendar=rules.calendar.edition,
            basis=sent.basis,
        ),
    )


def _opened(
    window: WindowInForce, transferor: str, on: date, rules: RulesInForce
) -> f.WindowOpened:
    length, calendar = rules.period(window.length_clause, transferor), rules.calendar
    due_on = length.due_after(on, calendar)
    counted_with = length.calendar_of(on, due_on, calendar)
    return f.WindowOpened(
        window=window.name,
        kind=window.kind,
        due_on=due_on,
        calendar=None if counted_with == calendar.edition else counted_with,
        basis=rules.basis(window.length_clause),
    )


def record_response(
    p: Participation,
    *,
    on: date,
    response: Answer,
    window: WindowName,
    due_on: date,
    rules: RulesInForce,
    admitted_because: str | None = None,
) -> tuple[f.ResponseRecorded, ...]:
    """Keep what the person answered; only the same answer of the same day is already so.

    What becomes of a late answer is the window's to say: it is taken and marked, or refused, or
    taken for a stated reason.
    """
    named = rules.window(window)
    clause = rules.clause_for("response")
    if p.letter is None:
        raise Refused("no letter has been issued to answer", clause=clause)
    if p.letter.due_on(window) is None:
        raise Refused(f"their letter opened no {window} window", clause=clause)
    if named.answers and response not in named.answers:
        raise Refused(
            f"{response} is none of the answers of the {window} window: {', '.join(named.answers)}",
            clause=clause,
        )
    if on < p.letter.issued_on:
        raise Refused(
            f"an answer cannot come before its letter, issued on {p.letter.issued_on}",
            clause=clause,
        )
    before = p.responses.get(window)
    if before is not None and (before.responded_on, before.response) == (on, response):
        return ()
    if on > due_on:
        _require_late(named, due_on, admitted_because)
    return (
        f.ResponseRecorded(
            exercise=p.exercise,
            window=window,
            kind=named.kind,
            responded_on=on,
            response=response,
            in_time=on <= due_on,
            admitted_because=admitted_because if on > due_on else None,
            basis=rules.basis(clause),
        ),
    )


def _require_late(window: WindowInForce, due_on: date, admitted_because: str | None) -> None:
    if window.late is Late.REFUSE:
        raise Refused(
            f"the {window.name} window closed on {due_on}, and what comes late is refused",
            clause=window.length_clause,
        )
    if window.late is Late.ADMIT and not (admitted_because or "").strip():
        raise Refused(
            f"the {window.name} window closed on {due_on}: to take it late after all, say why",
            clause=window.length_clause,
        )


def extend_window(
    p: Participation,
    *,
    window: WindowName,
    due_on_before: date,
    due_on: date,
    reason: str,
    rules: RulesInForce,
) -> tuple[f.WindowExtended, ...]:
    """Give one person longer; a window is never shortened for somebody who was told a later day."""
    named = rules.window(window)
    if p.letter is None:
        raise Refused(
            "no window is open: no letter has been issued", clause=rules.clause_for("letter")
        )
    if p.confirmation is not None:
        raise Refused(
            "the assignment is confirmed: its windows have closed", clause=named.length_clause
        )
    if due_on == due_on_before:
        return ()
    if due_on < due_on_before:
        raise Refused(
            f"the window was published as closing on {due_on_before}: it cannot close earlier",
            clause=named.length_clause,
        )
    return (
        f.WindowExtended(
            exercise=p.exercise,
            window=window,
            kind=named.kind,
            due_on_before=due_on_before,
            due_on=due_on,
            reason=reason,
            basis=rules.basis(named.length_clause),
        ),
    )


def raise_objection(
    p: Participation,
    *,
    on: date,
    told_to: Side,
    learned_on: date,
    milestone: MilestoneName,
    rules: RulesInForce,
) -> tuple[f.ObjectionRaised, ...]:
    """Record an objection to the transfer, where the edition gives a right to object.

    `milestone` is the day of the plan with which employment then ends.
    """
    if p.objection is not None:
        return ()
    clause = rules.clause_for("objection")
    if not rules.allows("objection"):
        raise Refused("these rules give nobody a right to object to the transfer", clause=clause)
    _require(_in_scope(p, rules))
    if p.is_settled:
        raise Refused("the transfer has happened: there is nothing to object to", clause=clause)
    return (
        f.ObjectionRaised(
            exercise=p.exercise,
            raised_on=on,
            told_to=told_to,
            milestone=milestone,
            transferors=rules.milestone_role(milestone)[1],
            learned_on=learned_on,
            basis=rules.basis(clause),
        ),
    )


def confirm(
    p: Participation, *, on: date, due: Mapping[WindowName, date], rules: RulesInForce
) -> tuple[f.AssignmentConfirmed, ...]:
    """Make the assignment final; never before its windows have closed.

    `due` are the last days of the windows as they now stand for this person.
    """
    if p.confirmation is not None:
        return ()
    if p.letter is None or p.proposal is None or p.destination is None:
        raise Refused("no assignment letter has been issued", clause=rules.clause_for("letter"))
    windows = [rules.window(name) for name in due]
    failures = [
        Failure(f"the {window.name} window is open until {due[window.name]}", window.length_clause)
        for window in windows
        if on <= due[window.name]
    ]
    if p.open_appeal is not None:
        failures.append(Failure("an appeal awaits its panel", _appeal_clause(rules)))
    _require(failures)
    lengths = (window.length_clause for window in windows)
    return (
        f.AssignmentConfirmed(
            exercise=p.exercise,
            confirmed_on=on,
            destination=p.destination,
            route=p.proposal.route,
            windows_closed_on=max(due.values(), default=p.letter.issued_on),
            basis=rules.basis(rules.clause_for("proposal"), *lengths),
        ),
    )


def transfer(
    p: Participation,
    *,
    on: date,
    transfer_on: date,
    mechanism: Mechanism,
    changes: Mapping[Facet, str | None],
    rules: RulesInForce,
) -> tuple[f.StaffTransferred, ...]:
    """Make the move on the transfer date, of exactly what the edition says that it changes.

    `on` is today, `transfer_on` the milestone: a transfer takes effect on its date even where it
    is recorded later, never before.
    """
    if p.is_moved_or_ended:
        return ()
    failures = []
    clause = rules.clause_for("transfer")
    if on < transfer_on:
        failures.append(Failure(f"the transfer date is {transfer_on}", clause))
    if p.objection is not None:
        objects = rules.clause_for("objection")
        failures.append(Failure("an objection stands: the person does not transfer", objects))
    if p.confirmation is None:
        why = "an appeal awaits its panel" if p.open_appeal else "its windows have not closed"
        failures.append(Failure(f"the assignment is not confirmed: {why}", _appeal_clause(rules)))
    _require(failures)
    if p.confirmation is None:
        raise AssertionError("a missing confirmation was refused above")
    return (
        f.StaffTransferred(
            exercise=p.exercise,
            mechanism=mechanism,
            destination=p.confirmation.destination,
            effective_from=transfer_on,
            changes=dict(changes),
            basis=rules.basis(clause, *_lengths_of(rules, WindowKind.APPEAL)),
        ),
    )


def end_by_objection(
    p: Participation, *, on: date, transfer_on: date, rules: RulesInForce
) -> tuple[f.EmploymentEnded, ...]:
    """End the contract immediately before the transfer date; it is no dismissal."""
    if p.is_moved_or_ended:
        return ()
    if p.objection is None:
        raise Refused("no objection is on record", clause=rules.clause_for("objection"))
    if on < transfer_on:
        raise Refused(f"the transfer date is {transfer_on}", clause=rules.clause_for("objection"))
    return (
        f.EmploymentEnded(
            exercise=p.exercise,
            effective_from=transfer_on,
            treated_as_dismissed=False,
            milestone=p.objection.milestone,
            reason="objected to the transfer",
            basis=rules.basis_for("objection"),
        ),
    )


def end_by_dissolution(
    p: Participation, *, dissolved_on: date, rules: RulesInForce
) -> tuple[f.EmploymentEnded, ...]:
    """End the contract of somebody whom no scheme carried over, as the body ceases.

    Where the edition has no such rule, nothing ends. Raises `Refused` for somebody whom a step was
    refused that is still due: it may be the record that is wrong, and nobody is dismissed for that.
    """
    if p.is_moved_or_ended or not rules.allows("left_behind"):
        return ()
    clause = rules.clause_for("left_behind")
    _require(
        [
            Failure(f"{step} was refused and is still due: {'; '.join(refused.reasons)}", clause)
            for step, refused in p.refused.items()
            if step != ExerciseStep.DISSOLVE
        ]
    )
    return (
        f.EmploymentEnded(
            exercise=p.exercise,
            effective_from=dissolved_on,
            treated_as_dismissed=True,
            reason="not transferred by a scheme before the body was dissolved",
            basis=rules.basis(clause),
        ),
    )


def refuse_step(
    p: Participation, *, step: str, on: date, refusal: Refused, basis: Basis
) -> tuple[f.StepRefused, ...]:
    """Keep on record that a step could not be taken for this person, and why.

    It stays due. The same reasons once more are nothing new; other reasons are, so that the present
    ones can always be read.
    """
    if is_refused_so(p, step, refusal):
        return ()
    return (
        f.StepRefused(
            exercise=p.exercise,
            step=step,
            refused_on=on,
            reasons=tuple(failure.reason for failure in refusal.failures),
            clauses=tuple(failure.clause for failure in refusal.failures if failure.clause),
            basis=basis,
        ),
    )


def is_refused_so(p: Participation, step: str, refusal: Refused) -> bool:
    """Whether this step's refusal, for these reasons, is the last word on record."""
    before = p.refused.get(step)
    reasons = tuple(failure.reason for failure in refusal.failures)
    return before is not None and before.reasons == reasons


def pass_by(
    p: Participation, *, step: str, on: date, found: NotEmployed, basis: Basis
) -> tuple[f.LeaverPassedBy, ...]:
    """Keep on record that a step passed somebody by whom nobody employs on its day."""
    if p.is_moved_or_ended or (p.passed_by is not None and p.passed_by.left_on == found.left_on):
        return ()
    return (
        f.LeaverPassedBy(
            exercise=p.exercise,
            step=step,
            noted_on=on,
            left_on=found.left_on,
            reason=found.reason,
            basis=basis,
        ),
    )


def _in_scope(p: Participation, rules: RulesInForce) -> list[Failure]:
    if p.in_scope_from:
        return []
    return [Failure("the exercise does not cover this person", rules.clause_for("scope"))]


def _lengths_of(rules: RulesInForce, kind: WindowKind) -> tuple[str, ...]:
    return tuple(each.length_clause for each in rules.windows if each.kind is kind)


def _appeal_clause(rules: RulesInForce) -> str:
    given = [each.clause for each in rules.windows if each.kind is WindowKind.APPEAL]
    return given[0] if given else rules.clause_for("appeal")


def _require(failures: list[Failure]) -> None:
    if failures:
        raise Refused.all_of(tuple(failures))
