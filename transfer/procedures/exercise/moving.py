"""Decisions on how the exercise ends for one person: they move, or their employment ends."""

from datetime import date

from transfer.core.matter import facts as t
from transfer.core.matter.deciding import Case, require
from transfer.core.matter.kind import NeedsNothing
from transfer.core.matter.words import Nature
from transfer.core.refusals import Failure, Refused
from transfer.core.words import MilestoneRole, WindowKind
from transfer.procedures.exercise import facts as f
from transfer.procedures.exercise.decisions import not_sent_again, passed_by, person_on
from transfer.procedures.exercise.participation import participation
from transfer.procedures.exercise.plan import shut_gates
from transfer.procedures.exercise.rules import rules_of


def move(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    """Make the move on the transfer date, of exactly what the edition says that it changes.

    It takes effect on its date even where it is recorded later, with the terms that it gives.
    """
    own, rules = participation(case), rules_of(case)
    if own.is_moved_or_ended:
        return ()
    clause = rules.clause_for("transfer")
    transfer_on = _transfer_on(case, own.transferor)
    gone = passed_by(case, "move", transfer_on)
    if gone is not None:
        return gone
    require(shut_gates(case, "transfer"))
    if own.confirmation is None:
        raise Refused("the assignment is not confirmed", clause=clause)
    to, route = own.confirmation.destination, own.confirmation.route
    changes = rules.changes(to, person_on(case, transfer_on))
    lengths = tuple(w.length_clause for w in rules.windows if w.kind is WindowKind.APPEAL)
    given = rules.given_by_move(to, route, transfer_on, own.transferor)
    return (
        f.StaffTransferred(
            **case.stamp(clause, *lengths),
            mechanism=rules.mechanism,
            destination=to,
            effective_from=transfer_on,
            changes=dict(changes),
        ),
        *(
            f.TermGivenByMove(
                **case.resting_on(each.basis),
                term=each.term,
                value=each.value,
                effective_from=transfer_on,
                effective_to=each.until,
                reason=f"given by the move to {to}",
            )
            for each in given
        ),
    )


def _transfer_on(case: Case, transferor: str | None) -> date:
    rules = rules_of(case)
    name = rules.milestone_of(MilestoneRole.TRANSFER, transferor)
    day = None if name is None else case.state.milestone(name)
    if day is None:
        raise Refused("no day of transfer is set", clause=rules.clause_for("transfer"))
    return day


def end_by_objection(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    """End the contract immediately before the transfer date, with the transferor.

    It is no dismissal, unless they object to a change for the worse under an edition by which they
    are then treated as dismissed by the transferor.
    """
    own, rules = participation(case), rules_of(case)
    if own.is_moved_or_ended:
        return ()
    clause = rules.clause_for("objection")
    if own.objection is None:
        raise Refused("no objection is on record", clause=clause)
    transfer_on = case.state.milestone(own.objection.milestone) or case.lawful_day
    gone = passed_by(case, "end-by-objection", transfer_on)
    if gone is not None:
        return gone
    worse = own.objection.detriment
    if worse:
        clause = rules.clause_for("objection_to_detriment")
    reason = "objected to the transfer"
    return (
        f.EmploymentEnded(
            **case.stamp(clause),
            effective_from=transfer_on,
            treated_as_dismissed=bool(worse),
            reason=f"{reason} and to a change for the worse: {worse}" if worse else reason,
        ),
    )


def end_by_dissolution(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    """End the contract of somebody whom no scheme carried over, as the body ceases.

    Raises `Refused` for somebody who has a step that is still due, or whose letter came back and
    was not sent again: it may be the record that is wrong, and nobody is dismissed for that.
    """
    own, rules = participation(case), rules_of(case)
    if own.is_moved_or_ended:
        return ()
    clause = rules.clause_for("left_behind")
    name = rules.milestone_of(MilestoneRole.DISSOLUTION)
    dissolved_on = (name and case.state.milestone(name)) or case.lawful_day
    gone = passed_by(case, "end-by-dissolution", dissolved_on)
    if gone is not None:
        return gone
    book = case.state.book
    require(
        [
            *(
                Failure(f"{due.slot.what} was due on {day} and is not done", clause)
                for due in book.of(case.state.whom, Nature.ACT)
                if due.is_open
                and due.slot.what != "end-by-dissolution"
                and (day := book.days(due)[0]) is not None
                and day <= case.on
            ),
            *not_sent_again(case),
        ]
    )
    if own.scope is not None and own.proposal is None:
        raise Refused("where they go was never decided: a panel must", clause=clause)
    return (
        f.EmploymentEnded(
            **case.stamp(clause),
            effective_from=dissolved_on,
            treated_as_dismissed=True,
            reason="not transferred by a scheme before the body was dissolved",
        ),
    )
