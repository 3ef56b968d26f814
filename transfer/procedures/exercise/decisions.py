"""Decisions on one person in an exercise, until their assignment is final.

A step that is taken already answers `()`; a rule that says no raises `Refused` with every failing
clause. Who is not employed on the day of a step is passed by (`transfer.core.employed`).
"""

from datetime import date
from typing import Annotated, Self

from pydantic import StringConstraints, model_validator

from transfer.core.employed import why_not_employed
from transfer.core.matter import facts as t
from transfer.core.matter.common import NOT_SAID, Why
from transfer.core.matter.deciding import Case, require
from transfer.core.matter.kind import NeedsNothing
from transfer.core.matter.reckoning import Reckoned, fixed
from transfer.core.matter.words import Named
from transfer.core.refusals import Failure, Refused
from transfer.core.rules import WindowInForce
from transfer.core.words import (
    Answer,
    Destination,
    Facet,
    Frozen,
    Late,
    MilestoneRole,
    Side,
    WindowKind,
    WindowName,
)
from transfer.procedures.exercise import facts as f
from transfer.procedures.exercise.exercise_facts import CohortFormed
from transfer.procedures.exercise.participation import Participation, participation
from transfer.procedures.exercise.plan import plan, shut_gates
from transfer.procedures.exercise.planning import windows_of
from transfer.procedures.exercise.rules import Choice, OnePerson, RulesOfExercise, rules_of

PROPOSE = "propose"
"""The act of finding a route; put on record as refused where none resolves somebody's place."""

# --- what the acts need -------------------------------------------------------------------------

Text = Annotated[str, StringConstraints(strip_whitespace=True)]
"""What somebody may say or leave out: blanks say nothing."""


class Seed(Frozen):
    """The seed of a draw, which is recorded with it."""

    seed: str


class PanelDecision(Frozen):
    """Where a panel sends somebody, who sat on it, and why. One of the last two is needed."""

    to: Annotated[Destination, Named.DESTINATION]
    panel: Text = ""
    reason: Text = ""

    @model_validator(mode="after")
    def _says_who_or_why(self) -> Self:
        if not (self.panel or self.reason):
            raise ValueError("say who sat on the panel, or why it decided so")
        return self


class LetterBack(Frozen):
    """Which letter came back, and why: the one that was sent, unless it is named."""

    letter: Annotated[str, Named.LETTER] = ""
    reason: Why = NOT_SAID


class LetterAgain(Frozen):
    """Which letter goes out again, and what it puts right: the one that came back, or else the
    first that was sent, unless it is named."""

    letter: Annotated[str, Named.LETTER] = ""
    corrects: Text = ""


class ReplyToLetter(Frozen):
    """What somebody answered; `window` is the one for responses unless another is named."""

    answer: Annotated[Answer, Named.ANSWER]
    window: Annotated[WindowName | None, Named.WINDOW] = None
    admitted_because: str | None = None


class LongerForOne(Frozen):
    """Until when a window of one person is open now."""

    window: Annotated[WindowName, Named.WINDOW]
    until: date
    reason: Why = NOT_SAID


class Told(Frozen):
    """Who was told."""

    told_to: Side


class Objecting(Told):
    """Who was told; and which change for the worse somebody objects to, in their words, if one."""

    detriment: Text = ""


# --- into the exercise --------------------------------------------------------------------------


def person_on(case: Case, day: date) -> OnePerson:
    """The person as the edition's conditions see them on a day."""
    return OnePerson(
        staff_number=case.state.person or "",
        facets={facet: case.position.on(facet, day) for facet in Facet},
        evidence=case.position.evidence,
        on=day,
    )


def join(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    """The exercise covers this person, who is the transferor's, from a day."""
    if participation(case).scope is not None:
        return ()
    rules = rules_of(case)
    whose = rules.transferor_of(person_on(case, case.on).facets)
    stamp = case.stamp(rules.clause_for("scope"))
    return (f.BroughtIntoScope(**stamp, effective_from=case.on, transferor=whose),)


def propose(case: Case, needs: Seed) -> tuple[t.MatterFact, ...]:
    """Try the routes, in order, and put the outcome on record as the proposed assignment.

    Whom no route reaches has that on record, as a step to be put right by a panel.
    """
    rules = rules_of(case)
    if participation(case).proposal is not None:
        return ()
    _require_in_scope(case)
    gone = passed_by(case, PROPOSE, case.on)
    if gone is not None:
        return gone
    try:
        choice = _allocated(case) or rules.choose(person_on(case, case.on), needs.seed)
    except Refused as refusal:
        return (
            t.StepRefused(
                **case.stamp(rules.clause_for("proposal")),
                step=PROPOSE,
                due_on=case.on,
                reasons=tuple(failure.reason for failure in refusal.failures),
                clauses=tuple(each.clause for each in refusal.failures if each.clause),
            ),
        )
    return _proposed(case, choice)


def _allocated(case: Case) -> Choice | None:
    """What came of looking at everybody together; `None` where nobody did."""
    found = plan(case).allocated.get(case.state.person or "")
    if found is None:
        return None
    if found.route is None or found.destination is None:
        raise Refused(found.reason, clause=found.basis.clause)
    return Choice(found.route, found.destination, found.reason, found.evidence, found.basis)


def decide_by_panel(case: Case, needs: PanelDecision) -> tuple[t.MatterFact, ...]:
    """A panel's own decision, where no route resolved it.

    Raises `Refused` where another assignment is proposed already: an appeal may change it.
    """
    rules, person = rules_of(case), person_on(case, case.on)
    proposed = participation(case).proposal
    if proposed is not None and proposed.destination != needs.to:
        raise Refused(
            f"{proposed.destination} is proposed already, by {proposed.route}: an appeal may "
            "change it, a panel does not",
            clause=rules.clause_for("proposal"),
        )
    if proposed is not None:
        return ()
    _require_in_scope(case)
    held = {facet.value: person.facets[facet] for facet in (Facet.ROLE, Facet.BAND)}
    saw = {name: value for name, value in held.items() if value} | dict(person.evidence)
    return _proposed(
        case,
        Choice(
            route=rules.panel_route,
            destination=needs.to,
            reason=needs.reason or f"decided by a panel: {needs.panel}",
            evidence=f.Evidence(saw=saw),
            basis=rules.basis_for("proposal"),
        ),
        needs.panel,
    )


def _proposed(case: Case, choice: Choice, panel: str = "") -> tuple[t.MatterFact, ...]:
    rules_of(case).require_destination(choice.destination)
    return (
        f.AssignmentProposed(
            **case.resting_on(choice.basis),
            route=choice.route,
            destination=choice.destination,
            reason=choice.reason,
            evidence=choice.evidence,
            panel=panel,
        ),
    )


# --- letters and answers ------------------------------------------------------------------------


def issue_letters(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    """Send the letters of the person's path, which publish their windows to the person."""
    own, rules, group = participation(case), rules_of(case), _group(case)
    if own.letter is not None or own.is_moved_or_ended:
        return ()
    _require_going_on(case)
    gone = passed_by(case, "issue-letters", case.on)
    if gone is not None:
        return gone
    require(shut_gates(case, "letters"))
    if own.proposal is None:
        raise Refused(
            "there is no proposed assignment to write about", clause=rules.clause_for("proposal")
        )
    sent = rules.letters(group.path)
    windows = windows_of(case, group, case.on)
    return (
        f.AssignmentLetterIssued(
            **case.resting_on(sent.basis),
            group=group.group,
            letters=sent.names,
            contents=sent.contents,
            destination=own.proposal.destination,
            windows=tuple(
                f.WindowOpened(window=name, kind=rules.window(name).kind, when=when)
                for name, when in windows.items()
            ),
        ),
    )


def letter_returned(case: Case, needs: LetterBack) -> tuple[t.MatterFact, ...]:
    """Put on record that a letter did not reach the person: it is owed to them again, and their
    assignment is not made final before it has gone out."""
    sent, own = _letter_sent(case, needs.letter), participation(case)
    _require_on_their_way(case)
    if sent in own.returned:
        return ()
    stamp = case.stamp(rules_of(case).clause_for("letter"))
    return (t.NoticeReturned(**stamp, notice=sent, reason=needs.reason),)


def reissue_letter(case: Case, needs: LetterAgain) -> tuple[t.MatterFact, ...]:
    """Send a letter again. Its windows run anew from that day, and are never shorter than before.

    Once the assignment is final its windows have closed: a letter that came back is sent again
    without them, and any other raises `Refused` (what is to be put right then is a correction of
    the record). Nobody is written to whom nobody employs any more.
    """
    own = participation(case)
    sent = _letter_sent(case, needs.letter or next(iter(own.returned), ""))
    _require_on_their_way(case)
    came_back, clause = sent in own.returned, rules_of(case).clause_for("letter")
    before = own.reissued.get(sent)
    sent_today = before is not None and before.happened_on == case.on and not came_back
    if before is not None and sent_today and needs.corrects in ("", before.corrects):
        return ()
    gone = why_not_employed(case.position.entries, case.on)
    is_final = own.confirmation is not None
    require(
        [
            None if gone is None else Failure(f"nobody is written to: {gone.reason}", clause),
            Failure("the assignment is confirmed: its windows have closed", clause)
            if is_final and not came_back
            else None,
        ]
    )
    return (
        t.NoticeReissued(
            **case.stamp(clause),
            notice=sent,
            corrects=needs.corrects or ("it came back" if came_back else "sent again"),
            windows={} if is_final else _longer_windows(case),
        ),
    )


def not_sent_again(case: Case) -> tuple[Failure, ...]:
    """Each letter that came back and has not been sent again."""
    clause = rules_of(case).clause_for("letter")
    return tuple(
        Failure(f"the letter '{each}' came back and has not been sent again", clause)
        for each in participation(case).returned
    )


def _longer_windows(case: Case) -> dict[str, Reckoned]:
    """The windows of the person's letter as they run from today on, where that is longer than what
    the person has."""
    windows = windows_of(case, _group(case), case.on)
    anew = {rules_of(case).window(name).kind: when for name, when in windows.items()}
    return {
        kind: when
        for kind, when in anew.items()
        if when.last is not None and when.last > (case.state.last_day(kind) or date.min)
    }


def _letter_sent(case: Case, named: str) -> str:
    own = participation(case)
    if own.letter is None:
        clause = rules_of(case).clause_for("letter")
        raise Refused("no letter has been issued to them", clause=clause)
    if named and named not in own.letter.letters:
        raise Refused(f"{named} was not sent to them: {', '.join(own.letter.letters)} was")
    return named or own.letter.letters[0]


def _require_on_their_way(case: Case) -> None:
    """Raise `Refused` once they were moved or their employment ended: no letter goes out then."""
    _require_going_on(case)
    if participation(case).is_moved_or_ended:
        clause = rules_of(case).clause_for("letter")
        raise Refused("they have transferred, or their employment has ended", clause=clause)


def _group(case: Case) -> CohortFormed:
    found = plan(case).groups.get(case.state.group or "")
    if found is None:
        raise Refused("they are in no group whose letters go out")
    return found


def record_answer(case: Case, needs: ReplyToLetter) -> tuple[t.MatterFact, ...]:
    """Keep what the person answered; only the same answer of the same day is already so.

    What becomes of a late answer is the window's to say: it is taken and marked, or refused, or
    taken for a stated reason.
    """
    own, rules = participation(case), rules_of(case)
    window = _window(rules, needs.window)
    clause = rules.clause_for("response")
    if own.letter is None:
        raise Refused("no letter has been issued to answer", clause=clause)
    due_on = case.state.last_day(window.kind)
    if due_on is None or window.name not in {each.window for each in own.letter.windows}:
        raise Refused(f"their letter opened no {window.name} window", clause=clause)
    if window.answers and needs.answer not in window.answers:
        raise Refused(
            f"{needs.answer} is none of the answers of the {window.name} window: "
            f"{', '.join(window.answers)}",
            clause=clause,
        )
    if case.on < own.letter.happened_on:
        raise Refused(
            f"an answer cannot come before its letter, issued on {own.letter.happened_on}",
            clause=clause,
        )
    before = own.responses.get(window.name)
    if before is not None and (before.happened_on, before.response) == (case.on, needs.answer):
        return ()
    in_time = case.on <= due_on
    if not in_time:
        _require_late(window, due_on, needs.admitted_because)
    return (
        f.ResponseRecorded(
            **case.stamp(clause),
            window=window.name,
            kind=window.kind,
            response=needs.answer,
            in_time=in_time,
            admitted_because=None if in_time else needs.admitted_because,
        ),
    )


def _window(rules: RulesOfExercise, name: WindowName | None) -> WindowInForce:
    return rules.window_of(WindowKind.RESPONSE) if name is None else rules.window(name)


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


def extend_window(case: Case, needs: LongerForOne) -> tuple[t.MatterFact, ...]:
    """Give one person longer; a window is never shortened for somebody who was told a later day."""
    own, rules = participation(case), rules_of(case)
    window = rules.window(needs.window)
    before = case.state.last_day(window.kind)
    if own.letter is None or before is None:
        raise Refused(
            "no window is open: no letter has been issued", clause=rules.clause_for("letter")
        )
    if own.confirmation is not None:
        raise Refused(
            "the assignment is confirmed: its windows have closed", clause=window.length_clause
        )
    if needs.until == before:
        return ()
    if needs.until < before:
        raise Refused(
            f"the window was published as closing on {before}: it cannot close earlier",
            clause=window.length_clause,
        )
    stamp = case.stamp(window.length_clause)
    return (
        t.WindowExtended(
            **stamp,
            window=window.kind,
            before=before,
            when=fixed(needs.until, stamp["basis"]),
            reason=needs.reason,
        ),
    )


# --- objection ----------------------------------------------------------------------------------


def object_(case: Case, needs: Objecting) -> tuple[t.MatterFact, ...]:
    """Record an objection to the transfer, where the edition gives a right to object.

    Employment then ends with the day of transfer of the person's own transferor. That the change is
    for the worse is what they say: whether it is, nobody here decides.
    """
    own, rules = participation(case), rules_of(case)
    clause = rules.clause_for("objection")
    if own.objection is not None and own.objection.detriment == needs.detriment:
        return ()
    if not rules.allows("objection"):
        raise Refused("these rules give nobody a right to object to the transfer", clause=clause)
    if needs.detriment and not rules.allows("objection_to_detriment"):
        raise Refused(
            "these rules give an objection no other effect where conditions get worse: record the "
            "objection alone",
            clause=clause,
        )
    _require_in_scope(case)
    late = rules.clause_for("objection_late") if rules.allows("objection_late") else clause
    if own.transfer is not None:
        raise Refused("the transfer has happened: there is nothing to object to", clause=late)
    _require_going_on(case)
    if own.is_settled:
        raise Refused("the transfer has happened: there is nothing to object to", clause=clause)
    if needs.detriment:
        clause = rules.clause_for("objection_to_detriment")
    milestone = rules.milestone_of(MilestoneRole.TRANSFER, own.transferor)
    if milestone is None:
        raise AssertionError("every edition has a day of transfer: it was checked for that")
    return (
        f.ObjectionRaised(
            **case.stamp(clause),
            told_to=needs.told_to,
            milestone=milestone,
            transferors=rules.milestone_role(milestone)[1],
            detriment=needs.detriment,
        ),
    )


def withdraw_objection(case: Case, needs: Told) -> tuple[t.MatterFact, ...]:
    """Record that the person no longer objects, while nothing has come of it."""
    own = participation(case)
    clause = rules_of(case).clause_for("objection")
    if own.objection_withdrawn:
        return ()
    if own.objection is None:
        raise Refused("no objection is on record", clause=clause)
    if own.is_settled:
        raise Refused("employment has ended: there is nothing to take back", clause=clause)
    return (
        f.ObjectionWithdrawn(
            **case.stamp(clause), told_to=needs.told_to, about=own.objection.about
        ),
    )


# --- confirmation -------------------------------------------------------------------------------


def confirm(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    """Make the assignment final; never before its windows have closed."""
    own, rules = participation(case), rules_of(case)
    if own.confirmation is not None or own.is_moved_or_ended:
        return ()
    gone = passed_by(case, "confirm", case.on)
    if gone is not None:
        return gone
    if own.letter is None or own.proposal is None or own.destination is None:
        raise Refused("no assignment letter has been issued", clause=rules.clause_for("letter"))
    windows = [rules.window(each.window) for each in own.letter.windows]
    days = {window.name: case.state.last_day(window.kind) for window in windows}
    require(
        [
            *shut_gates(case, "confirmation"),
            *(
                Failure(f"the {window.name} window is open until {last}", window.length_clause)
                for window in windows
                if (last := days[window.name]) is not None and case.on <= last
            ),
            Failure("an appeal awaits its panel", _appeal_clause(rules))
            if own.open_appeal
            else None,
            *not_sent_again(case),
        ]
    )
    clauses = (rules.clause_for("proposal"), *(window.length_clause for window in windows))
    closed = [day for day in days.values() if day is not None]
    return (
        f.AssignmentConfirmed(
            **case.stamp(*clauses),
            destination=own.destination,
            route=own.proposal.route,
            windows_closed_on=max(closed, default=own.letter.happened_on),
        ),
    )


def _appeal_clause(rules: RulesOfExercise) -> str:
    given = [each.clause for each in rules.windows if each.kind is WindowKind.APPEAL]
    return given[0] if given else rules.clause_for("appeal")


# --- who has left -------------------------------------------------------------------------------


def passed_by(case: Case, step: str, day: date) -> tuple[t.MatterFact, ...] | None:
    """What is recorded of somebody whom nobody employs on a step's day; `None`: they are employed.

    Nothing, where the exercise has moved them or ended their employment already.
    """
    own = participation(case)
    found = why_not_employed(case.position.entries, day)
    if found is None:
        return None
    if own.is_moved_or_ended or _is_passed_by_so(own, found.left_on):
        return ()
    return (
        f.LeaverPassedBy(
            **case.stamp(rules_of(case).clause_for("scope")),
            step=step,
            left_on=found.left_on,
            reason=found.reason,
        ),
    )


def _is_passed_by_so(own: Participation, left_on: date | None) -> bool:
    return own.passed_by is not None and own.passed_by.left_on == left_on


def _require_going_on(case: Case) -> None:
    """Raise `Refused` where the exercise was abandoned, or they were taken out of it."""
    if case.state.is_over:
        raise Refused("the exercise goes no further for them: nothing is due")


def _require_in_scope(case: Case) -> None:
    if participation(case).scope is None:
        clause = rules_of(case).clause_for("scope")
        raise Refused("the exercise does not cover this person", clause=clause)
