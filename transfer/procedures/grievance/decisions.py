"""A grievance: what is on record of it, and what may follow.

prepared ─► submitted          the union's advice may wait for its representations
submitted ─► people join ─► told ─► decision confirmed ─► taken further ─► decided
                        └► each may withdraw
somebody else decides from a day on
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from pydantic import StringConstraints

from transfer.core.editions.rules import RulesOfEdition, by_edition, pins
from transfer.core.employed import why_not_employed
from transfer.core.matter.deciding import Asked, Case
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.kind import NeedsNothing
from transfer.core.matter.reckoning import Reckoned, Reckoning, reckon
from transfer.core.matter.words import MatterName
from transfer.core.refusals import AlreadyOnRecord, Refused
from transfer.core.texts import folded
from transfer.core.words import Frozen
from transfer.procedures.grievance import facts as f
from transfer.procedures.grievance.edition import (
    Advice,
    AnswerCountedFrom,
    Grievances,
    Policy,
)

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


@dataclass(slots=True)
class Grievance:
    """What is on record of the whole: `decided_by` are who decides, each from a day."""

    begun: f.GrievanceBegun | None = None
    submitted_on: date | None = None
    advised: bool | None = None
    rejected: bool = False
    answered: f.RepresentationsAnswered | None = None
    decided_by: dict[date, str] = field(default_factory=dict)

    def decides(self, day: date) -> str:
        """Who decides on a day."""
        since = max((each for each in self.decided_by if each <= day), default=None)
        return "" if since is None else self.decided_by[since]


@dataclass(slots=True)
class Complainant:
    """What is on record of one person's part in it."""

    joined: f.GrievanceJoined | None = None
    told: f.GrievanceAnsweredOrally | None = None
    decided: f.GrievanceDecided | None = None
    further: f.GrievanceTakenFurther | None = None
    further_decided: f.FurtherGrievanceDecided | None = None
    withdrawn_on: date | None = None

    @property
    def readings(self) -> tuple[f.ConfirmBy, ...]:
        """By which days the decision is to be confirmed, by each reading."""
        if self.joined is None:
            return ()
        return self.joined.readings if self.told is None else self.told.readings

    @property
    def stands(self) -> str:
        """How it stands, in a word."""
        if self.withdrawn_on is not None:
            return "withdrawn"
        if self.further_decided is not None:
            return "decided after it was taken further"
        if self.further is not None:
            return "taken further"
        return "waits for a decision" if self.decided is None else "decided"


def evolve_whole(found: Grievance, fact: MatterFact) -> None:
    """Fold one fact of the whole; total, and never judges."""
    match fact:
        case f.GrievanceBegun():
            found.begun = fact
            found.decided_by[fact.happened_on] = fact.decided_by
            found.submitted_on = None if fact.prepared else fact.happened_on
        case f.GrievanceSubmitted():
            found.submitted_on, found.advised = fact.happened_on, fact.advised
        case f.RepresentationsAnswered():
            found.answered = fact
            found.rejected = fact.outcome is f.RepresentationsOutcome.REJECTED
        case f.RepresentationsRenewed():
            found.answered, found.rejected = None, False
        case f.GrievanceDelegated():
            found.decided_by[fact.happened_on] = fact.decided_by
        case _:
            pass


def evolve_person(found: Complainant, fact: MatterFact) -> None:
    """Fold one fact of a person; total, and never judges."""
    match fact:
        case f.GrievanceJoined():
            found.joined, found.withdrawn_on = fact, None
            found.told = found.decided = None
        case f.GrievanceAnsweredOrally():
            found.told = fact
        case f.GrievanceDecided():
            found.decided = fact
        case f.GrievanceTakenFurther():
            found.further = fact
        case f.FurtherGrievanceDecided():
            found.further_decided = fact
        case f.GrievanceWithdrawn():
            found.withdrawn_on = fact.happened_on
        case _:
            pass


# --- what acts need ------------------------------------------------------------------------------


class Grieving(Frozen):
    """What it is about, in a few words and without a name, and by which `policy` of the edition.

    `brought_by` is the union that brings it for its members. With `prepared` it waits until it is
    submitted, as by a union's `advice` of the edition.
    """

    complaint: Words
    policy: Words
    brought_by: Words | None = None
    advice: Words | None = None
    prepared: bool = False
    against: MatterName | None = None


class RepresentationsSaid(Frozen):
    """What the employer said to the union's latest representations."""

    outcome: f.RepresentationsOutcome


class OtherDecider(Frozen):
    """Who decides from now on, by their post."""

    decided_by: Words


class Decision(Frozen):
    """What was decided, and by whom (their post)."""

    outcome: f.GrievanceOutcome
    decided_by: Words


# --- decisions about the whole -------------------------------------------------------------------


def begin(case: Case, needs: Grieving) -> tuple[MatterFact, ...]:
    """Put a grievance on record. Raises `Refused` for a policy or advice that there is not."""
    if whole_of(case).begun is not None:
        raise AlreadyOnRecord(f"{case.state.matter} is on record already")
    part = by_edition(case).part(Grievances)
    policy = policy_of(part, needs.policy)
    if needs.advice is not None:
        advice_of(part, needs.advice)
    return (
        f.GrievanceBegun(
            **case.stamp(policy.clause),
            **pins(case),
            **needs.model_dump(),
            decided_by=policy.decided_by,
        ),
    )


def note_representations(case: Case, needs: RepresentationsSaid) -> tuple[MatterFact, ...]:
    """Note what the employer said to what the union put to it last."""
    found, advice = _advised(case)
    if found.answered is not None and found.answered.outcome is needs.outcome:
        return ()
    return (f.RepresentationsAnswered(**case.stamp(advice.clause), outcome=needs.outcome),)


def renew_representations(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Note that the union put it to the employer again; done where its last is not answered."""
    found, advice = _advised(case)
    if found.answered is None:
        return ()
    return (f.RepresentationsRenewed(**case.stamp(advice.clause)),)


def submit(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Submit a grievance that was made ready. Whether the union advises it by then is noted; it
    hinders nobody."""
    found, begun = _begun(case)
    if found.submitted_on is not None:
        return ()
    part = by_edition(case).part(Grievances)
    advice = None if begun.advice is None else advice_of(part, begun.advice)
    clause = policy_of(part, begun.policy).clause if advice is None else advice.clause
    is_advised = advice is not None and advises(found, advice)
    return (f.GrievanceSubmitted(**case.stamp(clause), advised=is_advised),)


def delegate(case: Case, needs: OtherDecider) -> tuple[MatterFact, ...]:
    """Let somebody else decide from now on."""
    found, _ = _begun(case)
    before = found.decides(case.on)
    if folded(before) == folded(needs.decided_by):
        return ()
    stamp = case.stamp(_policy(case).clause)
    return (f.GrievanceDelegated(**stamp, decided_by=needs.decided_by, before=before),)


# --- decisions about one person ------------------------------------------------------------------


def join(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Let somebody raise it; the time for a decision counts from that day.

    Raises `Refused` before it is submitted, for somebody whom nobody employs, and once it was
    decided for them.
    """
    found, _ = _begun(case)
    mine = person_of(case)
    if mine.joined is not None and mine.withdrawn_on is None:
        return ()
    policy = _policy(case)
    if found.submitted_on is None:
        raise Refused("it is made ready and not submitted yet", clause=policy.clause)
    gone = why_not_employed(case.position.entries, case.on)
    if gone is not None:
        raise Refused(gone.reason)
    if mine.decided is not None:
        raise Refused(f"it was decided for them on {mine.decided.happened_on}")
    readings = tuple(_readings(case, policy, {AnswerCountedFrom.RECEIVED: case.on}))
    return (
        f.GrievanceJoined(
            **case.stamp(policy.clause),
            confirm_by=_confirm_by(case, policy, readings),
            readings=readings,
        ),
    )


def answer_orally(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Note that they were told; by another reading the time to confirm it counts from then."""
    mine, joined = _raised(case)
    if mine.told is not None:
        return ()
    _require_undecided(mine)
    policy = _policy(case)
    days = {
        AnswerCountedFrom.RECEIVED: joined.happened_on,
        AnswerCountedFrom.ANSWERED_ORALLY: case.on,
    }
    readings = tuple(_readings(case, policy, days))
    return (
        f.GrievanceAnsweredOrally(
            **case.stamp(policy.confirm.clause),
            confirm_by=_confirm_by(case, policy, readings),
            readings=readings,
        ),
    )


def confirm(case: Case, needs: Decision) -> tuple[MatterFact, ...]:
    """Confirm the decision. Raises `Refused` where somebody else was to decide on that day."""
    mine, _ = _raised(case)
    if mine.decided is not None and mine.decided.outcome is needs.outcome:
        return ()
    _require_undecided(mine)
    policy, decides = _policy(case), whole_of(case).decides(case.on)
    if folded(decides) != folded(needs.decided_by):
        raise Refused(f"{decides} was to decide on {case.on}, not {needs.decided_by}")
    further, rules = policy.further_time.clause, by_edition(case)
    stamp = case.stamp(policy.clause)
    basis = rules.basis(further)
    by = Reckoned(basis=basis)
    if rules.knows(further):
        length = Reckoning(length=rules.period(further))
        by = reckon(length, case.on, calendar=rules.calendar, basis=basis)
    return (f.GrievanceDecided(**stamp, **needs.model_dump(), further_by=by),)


def take_further(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Take a decision further. Raises `Refused` before there is one, after the last day, and where
    it was upheld."""
    mine, _ = _raised(case)
    if mine.further is not None:
        return ()
    policy = _policy(case)
    if mine.decided is None:
        raise Refused("nothing was decided yet that could be taken further", clause=policy.further)
    if mine.decided.outcome is f.GrievanceOutcome.UPHELD:
        raise Refused("the grievance was upheld", clause=policy.further)
    last = mine.decided.further_by.last
    if last is not None and case.on > last:
        raise Refused(f"the last day was {last}", clause=policy.further_time.clause)
    return (f.GrievanceTakenFurther(**case.stamp(policy.further)),)


def decide_further(case: Case, needs: Decision) -> tuple[MatterFact, ...]:
    """Decide on a grievance that was taken further; by somebody else than had decided first."""
    mine, _ = _raised(case)
    policy = _policy(case)
    if mine.further is None or mine.decided is None:
        raise Refused("it was not taken further", clause=policy.further)
    if mine.further_decided is not None:
        if mine.further_decided.outcome is needs.outcome:
            return ()
        raise Refused(f"it was decided on {mine.further_decided.happened_on}")
    if folded(mine.decided.decided_by) == folded(needs.decided_by):
        raise Refused(f"{needs.decided_by} had decided first", clause=policy.further)
    return (f.FurtherGrievanceDecided(**case.stamp(policy.further), **needs.model_dump()),)


def withdraw(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Somebody raises it no more; it goes on for the others. Raises `Refused` once it is over."""
    mine = person_of(case)
    if mine.withdrawn_on is not None:
        return ()
    _raised(case)
    over = mine.decided is not None and mine.further is None
    if over or mine.further_decided is not None:
        raise Refused("it was decided already")
    return (f.GrievanceWithdrawn(**case.stamp(_policy(case).clause)),)


# --- what they share -----------------------------------------------------------------------------


def policy_of(part: Grievances, name: str) -> Policy:
    """The policy of that id; `Refused` with what there is."""
    for each in part.policies:
        if each.id == name:
            return each
    raise Refused(f"no policy {name}: there is {', '.join(each.id for each in part.policies)}")


def advice_of(part: Grievances, name: str) -> Advice:
    """The advice of that id; `Refused` with what there is."""
    for each in part.advice:
        if each.id == name:
            return each
    known = ", ".join(each.id for each in part.advice) or "none"
    raise Refused(f"no advice {name}: there is {known}")


def advises(found: Grievance, advice: Advice) -> bool:
    """Whether the union advises it, as things stand: always, or once it was rejected (E3-09)."""
    return advice.only_if_rejected is None or found.rejected


def whole_of(case: Case | Asked) -> Grievance:
    """What is on record of the whole."""
    found: Grievance = case.state.whole.substance
    return found


def person_of(case: Case | Asked) -> Complainant:
    """What is on record of one person in it."""
    found: Complainant = case.state.mine.substance
    return found


def _begun(case: Case) -> tuple[Grievance, f.GrievanceBegun]:
    found = whole_of(case)
    if found.begun is None:
        raise Refused(f"{case.state.matter} has not begun")
    return found, found.begun


def _policy(case: Case) -> Policy:
    _, begun = _begun(case)
    return policy_of(by_edition(case).part(Grievances), begun.policy)


def _advised(case: Case) -> tuple[Grievance, Advice]:
    found, begun = _begun(case)
    if begun.advice is None:
        raise Refused("no advice of a union was named when it began")
    return found, advice_of(by_edition(case).part(Grievances), begun.advice)


def _raised(case: Case) -> tuple[Complainant, f.GrievanceJoined]:
    mine = person_of(case)
    if mine.joined is None:
        raise Refused("they had not raised it by then")
    if mine.withdrawn_on is not None:
        raise Refused(f"they withdrew it on {mine.withdrawn_on}")
    return mine, mine.joined


def _require_undecided(mine: Complainant) -> None:
    if mine.decided is not None:
        raise Refused(f"the decision was confirmed on {mine.decided.happened_on}")


def _readings(
    case: Case, policy: Policy, days: dict[AnswerCountedFrom, date]
) -> Iterator[f.ConfirmBy]:
    """By which days the decision is to be confirmed: of each day from which it may count."""
    rules, clause = by_edition(case), policy.confirm.clause
    if not rules.knows(clause):
        return
    length = rules.period(clause)
    for counted_from in policy.runs_from:
        if counted_from in days:
            last_day = length.due_after(days[counted_from], rules.calendar)
            yield f.ConfirmBy(counted_from=counted_from, last_day=last_day)


def _confirm_by(case: Case, policy: Policy, readings: tuple[f.ConfirmBy, ...]) -> Reckoned:
    """The first of these days to act by, and the last as the later reading."""
    rules: RulesOfEdition = by_edition(case)
    basis = rules.basis(policy.confirm.clause)
    days = sorted(each.last_day for each in readings)
    if not days:
        return Reckoned(basis=basis)
    calendar = rules.calendar.said_of(case.on, *days)
    later = None if days[-1] == days[0] else days[-1]
    return Reckoned(on=days[0], later=later, calendar=calendar, basis=basis)
