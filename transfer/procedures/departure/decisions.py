"""Somebody leaves around a transfer: what is on record of it, and what may follow.

declared ─► ended, once somebody else has approved it ─► (dismissed) appeal ─► decided
         └► taken back
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, cast

from pydantic import StringConstraints

from transfer.core.editions.rules import by_edition, pins
from transfer.core.employed import employed_again_from, why_not_employed
from transfer.core.matter.common import NOT_SAID, Why
from transfer.core.matter.deciding import Asked, Case
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.kind import NeedsNothing
from transfer.core.matter.words import Named
from transfer.core.refusals import AlreadyOnRecord, Malformed, Refused
from transfer.core.words import AppealOutcome, Destination, Facet, Frozen
from transfer.procedures.departure import facts as f
from transfer.procedures.departure.edition import Departure, Detriment
from transfer.procedures.departure.facts import Ground
from transfer.procedures.exercise.rules import OnePerson, RulesOfExercise

_DAY = timedelta(days=1)


OF_A_DISMISSAL = ("because_of_transfer", "workforce_reason", "refused_change", "service_from")
"""What is asked of a dismissal, and may be learned later."""


@dataclass(slots=True)
class Leaver:
    """What is on record of somebody who leaves around a transfer."""

    declared: f.DepartureDeclared | None = None
    taken_back: bool = False
    left: f.EmploymentLeft | None = None
    appeal: f.DismissalAppealLodged | None = None
    decided: f.DismissalAppealDecided | None = None
    transferred: f.TransferredByAppeal | None = None


def evolve(found: Leaver, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    match fact:
        case f.DepartureDeclared():
            found.declared = fact
        case f.DismissalExplained():
            if found.declared is not None:
                said = fact.model_dump(include=set(OF_A_DISMISSAL), exclude_none=True)
                found.declared = found.declared.model_copy(update=said)
        case f.DepartureTakenBack():
            found.taken_back = True
        case f.EmploymentLeft():
            found.left = fact
        case f.DismissalAppealLodged():
            found.appeal = fact
        case f.DismissalAppealDecided():
            found.decided = fact
        case f.TransferredByAppeal():
            found.transferred = fact
        case _:
            pass


# --- what acts need ------------------------------------------------------------------------------

Account = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)]


class Declaring(Frozen):
    """Why somebody leaves, around which day of transfer, and from which day nobody employs them.

    `account` is what changes for the worse, which breach it was, or why they were dismissed.
    `leaves_on` may be left out for a change for the worse and for a breach: then it is the next
    day. `employer_alone` says that nothing changes but the employer, `is_significant` that this
    is said to be significant and to the person's detriment. `new_employer_known_on` is the day on
    which the person learned who the new employer is: it makes an objection possible that comes
    after the transfer. Of a dismissal, as far as it is known: whether the transfer was its only or
    main reason; whether there was an economic, technical or organisational reason that changes the
    workforce; whether a change of terms had been refused; and the first day of continuous service.
    """

    ground: Ground
    transfer_on: date
    leaves_on: date | None = None
    account: Account = ""
    employer_alone: bool = False
    is_significant: bool = False
    new_employer_known_on: date | None = None
    because_of_transfer: bool | None = None
    workforce_reason: bool | None = None
    refused_change: bool = False
    service_from: date | None = None


class Explaining(Frozen):
    """What was learned of a dismissal; what is left out stays as it was said."""

    because_of_transfer: bool | None = None
    workforce_reason: bool | None = None
    refused_change: bool | None = None
    service_from: date | None = None


class Appealing(Frozen):
    """To whom somebody appeals."""

    to: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class AppealDecision(Frozen):
    """What an appeal against a dismissal came to, and why.

    `destination` is where the person has gone, where the edition's routes do not decide it.
    """

    outcome: AppealOutcome
    reason: Why = NOT_SAID
    destination: Annotated[Destination | None, Named.DESTINATION] = None


# --- decisions -----------------------------------------------------------------------------------


def declare(case: Case, needs: Declaring) -> tuple[MatterFact, ...]:
    """Put on record that somebody leaves, and why. It ends nothing by itself.

    Raises `Refused` where the edition gives no such right, or a condition of it is not met. That a
    change is for the worse is what the person says.
    """
    if leaver(case).declared is not None:
        raise AlreadyOnRecord(f"{case.state.matter} is on record already")
    part = by_edition(case).part(Departure)
    clauses = _granted_by(part, needs, case.on)
    leaves_on = needs.transfer_on if needs.ground is Ground.LATE_OBJECTION else needs.leaves_on
    if leaves_on is None and needs.ground is Ground.DISMISSAL:
        raise Malformed("say from which day they are not employed", field="leaves_on")
    leaves_on = leaves_on or case.on + _DAY
    employer = case.position.on(Facet.EMPLOYER, leaves_on - _DAY)
    if employer is None:
        raise Refused(f"nobody employs them on {leaves_on - _DAY}", clause=clauses[0])
    said = ("account", *OF_A_DISMISSAL)
    return (
        f.DepartureDeclared(
            **case.stamp(*clauses),
            **pins(case),
            **needs.model_dump(include=set(said)),
            ground=needs.ground,
            transfer_on=needs.transfer_on,
            leaves_on=leaves_on,
            employer=employer,
            ended_already=why_not_employed(case.position.entries, leaves_on) is not None,
        ),
    )


def _granted_by(part: Departure, needs: Declaring, on: date) -> tuple[str, ...]:
    """The clauses under which somebody leaves for that; `Refused` where they cannot."""
    match needs.ground:
        case Ground.LATE_OBJECTION:
            return (_may_object_late(part, needs, on),)
        case Ground.DETRIMENT:
            return _worse(part, needs)
        case Ground.BREACH:
            if part.breach is None:
                raise Refused("these rules say nothing of leaving over a breach of contract")
            if not needs.account:
                raise Malformed("say which breach of contract it was", field="account")
            return (part.breach,)
        case Ground.DISMISSAL:
            found = part.dismissed_before or part.unfair
            if found is None:
                raise Refused("these rules say nothing of dismissals")
            return (found,)


def _may_object_late(part: Departure, needs: Declaring, on: date) -> str:
    clause = part.late_objection
    if clause is None:
        raise Refused("these rules say nothing of an objection after the transfer")
    if on < needs.transfer_on:
        raise Refused(
            f"the transfer is on {needs.transfer_on}: before it, object in the exercise",
            clause=clause,
        )
    known = needs.new_employer_known_on
    if known is None or known < needs.transfer_on:
        when = "before the transfer" if known is None else f"on {known}"
        raise Refused(
            f"it is too late: the new employer was known {when}; nobody transfers under protest",
            clause=clause,
        )
    if known > on:
        raise Malformed(f"{known} is after {on}, the day of the act", field="new_employer_known_on")
    return clause


def _worse(part: Departure, needs: Declaring) -> tuple[str, ...]:
    rule = part.detriment
    if rule is None:
        raise Refused("these rules say nothing of leaving over a change for the worse")
    if not needs.account:
        raise Malformed("say what changes for the worse", field="account")
    alone = rule.employer_alone
    if needs.employer_alone and not needs.is_significant and alone is not None:
        raise Refused(
            "another employer alone is not enough, unless that is significant and to the person's "
            "detriment",
            clause=alone,
        )
    return (rule.clause,)


def explain(case: Case, needs: Explaining) -> tuple[MatterFact, ...]:
    """Put on record what was learned of a dismissal, such as why it was."""
    _, declared = _declared(case)
    if declared.ground is not Ground.DISMISSAL:
        raise Refused("only of a dismissal is that asked")
    said = needs.model_dump(exclude_none=True)
    if said.items() <= declared.model_dump(include=set(said)).items():
        return ()
    return (f.DismissalExplained(**case.resting_on(declared.basis), **said),)


def take_back(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """They do not leave after all; `Refused` once employment has ended."""
    found, declared = _declared(case)
    if found.taken_back:
        return ()
    if found.left is not None or declared.ended_already:
        raise Refused("employment has ended: there is nothing to take back")
    return (f.DepartureTakenBack(**case.resting_on(declared.basis)),)


def end_employment(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """End the employment on the day that was declared; nothing where the record has ended it.

    Raises `Refused` where a later entry employs the person again, such as the move: a leaving that
    is entered on the record asks what becomes of that.
    """
    found, declared = _declared(case)
    entries, day = case.position.entries, declared.leaves_on
    if found.left is not None or found.taken_back or why_not_employed(entries, day) is not None:
        return ()
    again = employed_again_from(entries, day)
    if again is not None:
        raise Refused(
            f"an entry employs them again from {again}: enter the leaving of {day} on the record, "
            "and settle what rests on it",
            clause=declared.basis.clause,
        )
    part = by_edition(case).part(Departure)
    return (
        f.EmploymentLeft(
            **case.resting_on(declared.basis),
            effective_from=declared.leaves_on,
            employer=declared.employer,
            treated_as_dismissed=is_dismissal(part, declared.ground) is True,
            reason=f"{declared.ground.value}: {declared.account}".removesuffix(": "),
        ),
    )


def is_dismissal(part: Departure, ground: Ground) -> bool | None:
    """Whether it is a dismissal by the rule; `None` where the rule leaves that to a tribunal.

    A right to leave over a breach is kept, and whether there was one nobody here decides.
    """
    match ground:
        case Ground.LATE_OBJECTION:
            return False
        case Ground.DISMISSAL:
            return True
        case Ground.DETRIMENT:
            rule: Detriment | None = part.detriment
            return True if rule is not None and rule.treated_as_dismissed else None
        case Ground.BREACH:
            return None


def lodge_appeal(case: Case, needs: Appealing) -> tuple[MatterFact, ...]:
    """Put on record that somebody appeals against their dismissal."""
    found, declared = _declared(case)
    if found.appeal is not None:
        return ()
    if declared.ground is not Ground.DISMISSAL:
        raise Refused("only who was dismissed appeals against a dismissal")
    return (f.DismissalAppealLodged(**case.stamp(*_appeal_clause(case)), to=needs.to),)


def decide_appeal(case: Case, needs: AppealDecision) -> tuple[MatterFact, ...]:
    """Put on record what came of the appeal.

    Upheld after the transfer, the person counts as employed immediately before it, and so has
    transferred: the employment goes on from the day of the dismissal, and with the new employer
    from that of the transfer.
    """
    found, declared = _declared(case)
    if found.appeal is None:
        raise Refused("no appeal is on record")
    if found.decided is not None:
        if found.decided.outcome is needs.outcome:
            return ()
        raise Refused("the appeal was decided already")
    upheld = needs.outcome is AppealOutcome.UPHELD
    eve, stamp = declared.leaves_on - _DAY, case.stamp(*_appeal_clause(case))
    held = {facet: case.position.on(facet, eve) for facet in Facet} if upheld else {}
    decided = f.DismissalAppealDecided(
        **stamp,
        outcome=needs.outcome,
        effective_from=declared.leaves_on,
        held={facet: value for facet, value in held.items() if value is not None},
        reason=needs.reason,
    )
    if not upheld or not has_been_transferred(declared, case.on):
        return (decided,)
    to, changes = moved(case, eve, needs.destination)
    day = declared.transfer_on
    transferred = f.TransferredByAppeal(
        **stamp, destination=to, effective_from=day, changes=changes
    )
    return decided, transferred


def _appeal_clause(case: Case) -> tuple[str, ...]:
    clause = by_edition(case).part(Departure).appeal
    if clause is None:
        raise Refused("these rules say nothing of an appeal against a dismissal")
    return (clause,)


# --- what they read ------------------------------------------------------------------------------


def has_been_transferred(declared: f.DepartureDeclared, on: date) -> bool:
    """Whether the transfer came after somebody was dismissed, and has happened by a day."""
    return declared.leaves_on <= declared.transfer_on <= on


def moved(
    case: Case | Asked, on: date, named: Destination | None = None
) -> tuple[Destination, dict[Facet, str | None]]:
    """Where somebody goes by their position on a day, and what that changes; `Refused` where no
    route decides and nobody has said it. A draw takes the name of the matter as its seed."""
    rules = cast("RulesOfExercise", case.rules)
    one = OnePerson(
        staff_number=case.state.person or "",
        facets={facet: case.position.on(facet, on) for facet in Facet},
        evidence=case.position.evidence,
        on=on,
    )
    if named is not None:
        rules.require_destination(named)
    to = named or rules.choose(one, case.state.matter).destination
    return to, dict(rules.changes(to, one))


def leaver(case: Case) -> Leaver:
    """What is on record of the person."""
    found: Leaver = case.state.mine.substance
    return found


def _declared(case: Case) -> tuple[Leaver, f.DepartureDeclared]:
    found = leaver(case)
    if found.declared is None:
        raise Refused(f"{case.state.matter} has not begun")
    return found, found.declared
