"""What a grievance can be asked: how somebody's stands and whether the answer came in time, how
many raise it, and whether a union advises it."""

from collections import Counter
from datetime import date

from transfer.core.editions.rules import NotKnown, by_edition, not_known
from transfer.core.matter.deciding import Asked
from transfer.core.matter.folding import State
from transfer.core.refusals import Refused
from transfer.core.words import Basis, Frozen
from transfer.procedures.grievance import facts as f
from transfer.procedures.grievance.decisions import (
    Complainant,
    Grievance,
    advice_of,
    advises,
    person_of,
    policy_of,
    whole_of,
)
from transfer.procedures.grievance.edition import AnswerCountedFrom, Grievances

WITHDRAWN = "withdrawn"


class ConfirmationReading(Frozen):
    """One reading of the time to confirm a decision, and whether it was kept; `None`: not decided,
    and the day has not passed."""

    counted_from: AnswerCountedFrom
    last_day: date
    in_time: bool | None


class GrievanceStands(Frozen):
    """How somebody's grievance stands at the end of a day.

    `decided_by` is who decides on that day, or decided. `in_time` is whether the decision was
    confirmed in time: `None` where the readings differ, where the policy gives no time, or where
    the day has not come. `overdue_days` are days since the last day by any reading, while nothing
    is confirmed; `None` where no day is known.
    """

    complaint: str
    policy: str
    brought_by: str | None
    stands: str
    raised_on: date
    decided_by: str
    told_on: date | None
    confirmed_on: date | None
    outcome: f.GrievanceOutcome | None
    in_time: bool | None
    overdue_days: int | None
    readings: tuple[ConfirmationReading, ...]
    taken_further_on: date | None
    outcome_further: f.GrievanceOutcome | None
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


class GrievanceCounts(Frozen):
    """How many raise a grievance on one matter, and how it stands for how many of them.

    `raised` are all who ever did, `by_standing` how many of them stand how.
    """

    complaint: str
    submitted_on: date | None
    raised: int
    withdrawn: int
    by_standing: dict[str, int]
    basis: tuple[Basis, ...]


class GrievanceAdvice(Frozen):
    """Whether a union advises a grievance at the end of a day, by its own account.

    `depends_on` is what has to happen first, in words, `has_happened` whether it had.
    `submitted_as_advised` is whether it was advised when it was submitted, if it waited for that.
    """

    advice: str
    given_by: str
    is_advised: bool
    depends_on: str
    has_happened: bool | None
    representations: f.RepresentationsOutcome | None
    submitted_on: date | None
    submitted_as_advised: bool | None
    basis: tuple[Basis, ...]


def sees(state: State) -> str | None:
    """How it stands for one person, if they ever raised it."""
    found = state.mine.substance
    return found.stands if isinstance(found, Complainant) and found.joined is not None else None


def stands(asked: Asked) -> GrievanceStands:
    """How somebody's grievance stands. Sources: TR-26, CN-1."""
    rules, found, mine = by_edition(asked), whole_of(asked), person_of(asked)
    begun = _begun(asked, found)
    if mine.joined is None:
        raise Refused(f"they had not raised it by {asked.on}")
    policy = policy_of(rules.part(Grievances), begun.policy)
    decided = mine.decided
    confirmed_on = None if decided is None else decided.happened_on
    shown = tuple(_reading(each, confirmed_on, asked.on) for each in mine.readings)
    kept = {each.in_time for each in shown}
    last = max((each.last_day for each in shown), default=None)
    open_ = confirmed_on is None and mine.withdrawn_on is None
    late = None if last is None or not open_ else max(0, (asked.on - last).days)
    unknown = [policy.confirm.clause, policy.further_time.clause]
    return GrievanceStands(
        complaint=begun.complaint,
        policy=policy.id,
        brought_by=begun.brought_by,
        stands=mine.stands,
        raised_on=mine.joined.happened_on,
        decided_by=found.decides(asked.on) if decided is None else decided.decided_by,
        told_on=None if mine.told is None else mine.told.happened_on,
        confirmed_on=confirmed_on,
        outcome=None if decided is None else decided.outcome,
        in_time=kept.pop() if len(kept) == 1 else None,
        overdue_days=late,
        readings=shown,
        taken_further_on=None if mine.further is None else mine.further.happened_on,
        outcome_further=None if mine.further_decided is None else mine.further_decided.outcome,
        not_known=tuple(not_known(rules, each) for each in unknown if not rules.knows(each)),
        basis=tuple(map(rules.basis, (policy.clause, policy.confirm.clause))),
    )


def counts(asked: Asked) -> GrievanceCounts:
    """How many raise it, and how it stands for them."""
    rules, found = by_edition(asked), whole_of(asked)
    begun = _begun(asked, found)
    standing = Counter(str(each) for each in asked.seen.values())
    policy = policy_of(rules.part(Grievances), begun.policy)
    return GrievanceCounts(
        complaint=begun.complaint,
        submitted_on=found.submitted_on,
        raised=standing.total(),
        withdrawn=standing[WITHDRAWN],
        by_standing=dict(sorted(standing.items())),
        basis=(rules.basis(policy.clause),),
    )


def advice(asked: Asked) -> GrievanceAdvice:
    """Whether a union advises it, and on what that depends. Source: E3-09.

    Raises `Refused` where it was begun without a union's advice.
    """
    rules, found = by_edition(asked), whole_of(asked)
    begun = _begun(asked, found)
    if begun.advice is None:
        raise Refused("no advice of a union was named when it began")
    said = advice_of(rules.part(Grievances), begun.advice)
    condition = said.only_if_rejected
    clauses = (said.clause, *([] if condition is None else [condition]))
    return GrievanceAdvice(
        advice=said.title,
        given_by=said.given_by,
        is_advised=advises(found, said),
        depends_on="" if condition is None else rules.clause(condition).text,
        has_happened=None if condition is None else found.rejected,
        representations=None if found.answered is None else found.answered.outcome,
        submitted_on=found.submitted_on,
        submitted_as_advised=found.advised,
        basis=tuple(map(rules.basis, dict.fromkeys(clauses))),
    )


def _begun(asked: Asked, found: Grievance) -> f.GrievanceBegun:
    if found.begun is None:
        raise Refused(f"{asked.state.matter} had not begun by {asked.on}")
    return found.begun


def _reading(each: f.ConfirmBy, confirmed_on: date | None, on: date) -> ConfirmationReading:
    in_time: bool | None = None
    if confirmed_on is not None:
        in_time = confirmed_on <= each.last_day
    elif on > each.last_day:
        in_time = False
    return ConfirmationReading(
        counted_from=each.counted_from, last_day=each.last_day, in_time=in_time
    )
