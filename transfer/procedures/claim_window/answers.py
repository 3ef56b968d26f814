"""What the time for a claim can be asked: its last day, by the law known then and known now."""

from collections.abc import Sequence
from datetime import date

from transfer.core.dating.limits import ClaimLimit, Conciliation, Step
from transfer.core.editions.rules import RulesOfEdition, by_edition
from transfer.core.editions.values import print_value
from transfer.core.matter.deciding import Asked
from transfer.core.refusals import Refused
from transfer.core.words import Basis, Frozen
from transfer.procedures.claim_window.decisions import Claim, limits
from transfer.procedures.claim_window.edition import Claim as OfEdition
from transfer.procedures.claim_window.edition import ClaimWindow
from transfer.procedures.claim_window.law import claim_of, clauses_of

REPORTED = "reported, instrument not read"


class ByLaw(Frozen):
    """The last day by the law as it was known on a day.

    `safe` is the day to act by, `later` the later reading, `None` where both are one day; each has
    its steps. `assumed` are days on which a certificate is taken as received. `reported` are the
    provisions that it rests on and nobody read: `how_known` says so then, and `by_law_read` is the
    safe day by what was read alone.
    """

    known_on: date
    safe: date
    later: date | None
    steps: tuple[Step, ...]
    later_steps: tuple[Step, ...]
    assumed: tuple[date, ...]
    reported: tuple[str, ...]
    how_known: str
    by_law_read: date | None
    basis: tuple[Basis, ...]


class ForRespondent(Frozen):
    """The last day against one respondent, and what became of the claim.

    `as_known_then` goes by the law known on the day asked about, `as_known_now` by the law known on
    the day on which it is asked. `stands` says where the claim stands by the former.
    """

    respondent: str
    as_known_then: ByLaw
    as_known_now: ByLaw
    differs: bool
    stands: str
    presented_on: date | None
    withdrawn_on: date | None
    certificate_lacking: bool


class Bound(Frozen):
    """What bounds an award: how much, in which unit, by which clause."""

    title: str
    amount: str
    unit: str
    basis: Basis


class LastDayAnswered(Frozen):
    """When a claim can be made at the latest, against each respondent."""

    claim: str
    title: str
    event_on: date
    counts_from: str
    respondents: tuple[ForRespondent, ...]
    award: Bound | None
    basis: tuple[Basis, ...]


def last_day(asked: Asked) -> LastDayAnswered:
    """The last day of a claim. Sources: EC-02 to EC-07, TU-17, TU-22, RD-02, CN-13."""
    found: Claim = asked.state.mine.substance
    opened = found.opened
    if opened is None:
        raise Refused(f"{asked.state.matter} had not begun by {asked.on}")
    rules = by_edition(asked)
    part = rules.part(ClaimWindow)
    claim = claim_of(part, opened.claim)
    those = found.conciliations
    then = limits(asked, claim.id, opened.event_on, those, asked.on)
    now = limits(asked, claim.id, opened.event_on, those, asked.known_on)
    needed = asked.on >= rules.day(part.compulsory)
    answered = []
    for before, after in zip(then, now, strict=True):
        who = before.respondent
        theirs = tuple(those[who].values())
        as_then = _by_law(rules, claim, before, theirs, asked.on, len(then))
        as_now = _by_law(rules, claim, after, theirs, asked.known_on, len(then))
        certified = any(each.certified_on is not None for each in theirs)
        answered.append(
            ForRespondent(
                respondent=who,
                as_known_then=as_then,
                as_known_now=as_now,
                differs=(as_then.safe, as_then.later) != (as_now.safe, as_now.later),
                stands=_stands(before, found.presented.get(who), asked.on),
                presented_on=found.presented.get(who),
                withdrawn_on=found.withdrawn.get(who),
                certificate_lacking=needed and not certified,
            )
        )
    clauses = (claim.clause, part.compulsory) if needed else (claim.clause,)
    if len(then) > 1:
        clauses = (*clauses, part.apart)
    return LastDayAnswered(
        claim=claim.id,
        title=claim.title,
        event_on=opened.event_on,
        counts_from=claim.counts_from,
        respondents=tuple(answered),
        award=None if claim.award is None else _bound(rules, claim.award),
        basis=tuple(map(rules.basis, clauses)),
    )


def _by_law(
    rules: RulesOfEdition,
    claim: OfEdition,
    found: ClaimLimit,
    theirs: Sequence[Conciliation],
    known_on: date,
    respondents: int,
) -> ByLaw:
    part = rules.part(ClaimWindow)
    later = () if found.later is None else found.later.steps
    provisions = frozenset(each.provision or "" for each in (*found.safe.steps, *later))
    clauses = list(clauses_of(rules, claim, provisions))
    if found.later is not None:
        clauses.append(part.counted)
    if any(found.safe.on < each.notified_on for each in theirs):
        clauses.append(part.over_before)
    if len(theirs) > 1:
        clauses.append(part.first_counts)
    if found.assumed:
        clauses.append(part.assumed)
    if respondents > 1:
        clauses.append(part.apart)
    return ByLaw(
        known_on=known_on,
        safe=found.safe.on,
        later=None if found.later is None else found.later.on,
        steps=found.safe.steps,
        later_steps=later,
        assumed=found.assumed,
        reported=found.reported,
        how_known=REPORTED if found.reported else "",
        by_law_read=found.by_law_read,
        basis=tuple(map(rules.basis, dict.fromkeys(clauses))),
    )


def _stands(limit: ClaimLimit, presented_on: date | None, on: date) -> str:
    """Where a claim stands, in words."""
    later = limit.safe.on if limit.later is None else limit.later.on
    if presented_on is None:
        if on <= limit.safe.on:
            return "can be made"
        return "can be made by the later reading alone" if on <= later else "is out of time"
    if presented_on <= limit.safe.on:
        return "was made in time"
    if presented_on <= later:
        return "was made in time by the later reading alone"
    return "was made too late"


def _bound(rules: RulesOfEdition, clause_id: str) -> Bound:
    clause = rules.clause(clause_id)
    return Bound(
        title=clause.title,
        amount=print_value(rules.value(clause_id)),
        unit=clause.unit or "",
        basis=rules.basis(clause_id),
    )
