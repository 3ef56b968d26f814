"""What a departure can be asked: how employment ends; whether a dismissal is unfair and who answers
for it; who employed somebody between their dismissal and the decision on their appeal."""

from collections.abc import Iterator
from datetime import date, timedelta

from transfer.core.editions.rules import NotKnown, RulesOfEdition, by_edition, not_known
from transfer.core.matter.deciding import Asked
from transfer.core.refusals import Refused
from transfer.core.words import AppealOutcome, Basis, Facet, Frozen
from transfer.procedures.departure import facts as f
from transfer.procedures.departure.decisions import (
    Leaver,
    has_been_transferred,
    is_dismissal,
    moved,
)
from transfer.procedures.departure.edition import Departure
from transfer.procedures.departure.facts import Ground

_DAY = timedelta(days=1)

NOBODY = "nobody"
"""Who employs somebody on a day on which the record has no employer."""

NEW_EMPLOYER = "the new employer"
"""What it is called where the edition does not say which one it is."""


class EndingAnswered(Frozen):
    """How somebody's employment ends around a transfer.

    `ended` is whether that is on record; until then it waits for approval. `is_dismissal` is what
    the rule says: `None` where it leaves that to a tribunal. `account` is what is asserted, as
    it was put on record. `notice_is_paid` is whether notice that is not worked is paid, where
    the rule says.
    """

    ground: Ground
    transfer_on: date
    last_day: date
    employer: str
    ended: bool
    is_dismissal: bool | None
    dismissed_by: str | None
    notice_is_paid: bool | None
    account: str
    asserted_by: str
    basis: tuple[Basis, ...]


class UnfairAnswered(Frozen):
    """Whether a dismissal is unfair because of the transfer, and who answers for it.

    `automatically_unfair` is `None` where a fact is missing; `missing` says which. `may_claim` is
    whether the person has the service that a claim takes, `service_needed` how long that is by the
    law of the day of the dismissal. `answers` is who answers for the dismissal, `None` where that
    hangs on what is missing. `refused_change_from`: from that day on, by what others say, a
    dismissal for refusing a change is unfair as well.
    """

    dismissed_from: date
    automatically_unfair: bool | None
    service_needed: str
    may_claim: bool | None
    answers: str | None
    because: str
    missing: tuple[str, ...]
    refused_change_from: date | None
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


class Employed(Frozen):
    """Who employed somebody, or `nobody`, from the first day to the last; `None`: it goes on."""

    employer: str
    first: date
    last: date | None


class BetweenAnswered(Frozen):
    """Who employed somebody from their dismissal on, as it is known, and who answers for them.

    `appeal` is how the appeal against the dismissal stands: `none`, `open`, `upheld` or `rejected`.
    `counts_as_employed_before` is whether they count as employed immediately before the transfer.
    """

    appeal: str
    counts_as_employed_before: bool | None
    employed: tuple[Employed, ...]
    answers: str | None
    because: str
    basis: tuple[Basis, ...]


def ending(asked: Asked) -> EndingAnswered:
    """How the employment ends, with whom, and whether that is a dismissal."""
    found, declared = _declared(asked)
    rules = by_edition(asked)
    part = rules.part(Departure)
    dismissal = is_dismissal(part, declared.ground)
    rule = part.detriment if declared.ground is Ground.DETRIMENT else None
    notice = None if rule is None else rule.notice
    clauses = [declared.basis.clause, notice]
    return EndingAnswered(
        ground=declared.ground,
        transfer_on=declared.transfer_on,
        last_day=declared.leaves_on - _DAY,
        employer=declared.employer,
        ended=found.left is not None or declared.ended_already,
        is_dismissal=dismissal,
        dismissed_by=declared.employer if dismissal else None,
        notice_is_paid=None if notice is None else False,
        account=declared.account,
        asserted_by=declared.made.by,
        basis=tuple(map(rules.basis, dict.fromkeys(each for each in clauses if each))),
    )


def unfair(asked: Asked) -> UnfairAnswered:
    """Whether a dismissal is unfair because of the transfer, and who answers for it."""
    found, declared = _declared(asked)
    rules = by_edition(asked)
    part = rules.part(Departure)
    if declared.ground is not Ground.DISMISSAL or part.unfair is None:
        raise Refused("this is asked of somebody who was dismissed", clause=part.unfair)
    missing = [
        what
        for what, said in (
            ("whether the transfer was the only or main reason", declared.because_of_transfer),
            ("whether a change of the workforce was the reason", declared.workforce_reason),
            ("the first day of continuous service", declared.service_from),
        )
        if said is None
    ]
    if declared.because_of_transfer is False:
        missing = [each for each in missing if "workforce" not in each]
    service = _service_needed(rules, part, declared.leaves_on - _DAY)
    may = None
    if declared.service_from is not None:
        enough = rules.period(service).due_after(declared.service_from, rules.calendar)
        may = declared.leaves_on >= enough
    who, because, by = _who_answers(asked, found, declared)
    reported = _reported_from(rules, part, declared)
    clauses = (part.unfair, service, *by)
    if reported is not None and part.refused_change is not None:
        clauses = (*clauses, part.refused_change)
    unread = part.instrument is not None and reported is not None
    return UnfairAnswered(
        dismissed_from=declared.leaves_on,
        automatically_unfair=_by_the_transfer(declared),
        service_needed=str(rules.period(service)),
        may_claim=may,
        answers=who,
        because=because,
        missing=tuple(missing),
        refused_change_from=reported,
        not_known=(not_known(rules, part.instrument),) if unread and part.instrument else (),
        basis=tuple(map(rules.basis, dict.fromkeys(clauses))),
    )


def _by_the_transfer(declared: f.DepartureDeclared) -> bool | None:
    """Whether the transfer was the reason, and no change of the workforce; `None`: not known."""
    if declared.because_of_transfer is False or declared.workforce_reason is True:
        return False
    known = declared.because_of_transfer is not None and declared.workforce_reason is not None
    return True if known else None


def _service_needed(rules: RulesOfEdition, part: Departure, on: date) -> str:
    """The clause of the least service that holds on a last day of employment: the latest one."""
    starts = {each.clause: rules.clause(each.clause).in_force_from for each in part.service}
    held = {
        clause: since or date.min for clause, since in starts.items() if not since or since <= on
    }
    if not held:
        raise Refused(f"the edition does not know which service a claim took on {on}")
    return max(held, key=lambda clause: held[clause])


def _reported_from(
    rules: RulesOfEdition, part: Departure, declared: f.DepartureDeclared
) -> date | None:
    """From when others say that a dismissal for refusing a change is unfair, where this is one."""
    if part.refused_change is None or not declared.refused_change:
        return None
    since = rules.day(part.refused_change)
    return since if declared.leaves_on > since else None


def between(asked: Asked) -> BetweenAnswered:
    """Who employed somebody from their dismissal on, as it is known, and who answers for them."""
    found, declared = _declared(asked)
    rules, decided = by_edition(asked), found.decided
    part = rules.part(Departure)
    if declared.ground is not Ground.DISMISSAL:
        raise Refused("this is asked of somebody who was dismissed", clause=part.appeal)
    stands = (
        "none" if found.appeal is None else "open" if decided is None else decided.outcome.value
    )
    who, because, by = _who_answers(asked, found, declared)
    return BetweenAnswered(
        appeal=stands,
        counts_as_employed_before=_counts(declared, found, asked.on),
        employed=tuple(_employed(asked, declared.leaves_on - _DAY)),
        answers=who,
        because=because,
        basis=tuple(map(rules.basis, dict.fromkeys(by))),
    )


def _counts(declared: f.DepartureDeclared, found: Leaver, on: date) -> bool | None:
    """Whether they count as employed immediately before the transfer; `None`: that hangs on a fact
    that nobody has said, or on an appeal that is open."""
    if declared.leaves_on > declared.transfer_on:
        return True
    if not has_been_transferred(declared, on):
        return None
    if found.decided is not None and found.decided.outcome is AppealOutcome.UPHELD:
        return True
    unfair_ = _by_the_transfer(declared)
    if unfair_ is False and found.appeal is not None and found.decided is None:
        return None
    return unfair_


def _employed(asked: Asked, since: date) -> Iterator[Employed]:
    """Who employs them on each day from one on, as now on record."""
    days = {since}
    for entry in (asked.on, *_changes_of_employer(asked)):
        if entry >= since:
            days.add(entry)
    standing: str | None = None
    first: date | None = None
    for day in sorted(days):
        now = asked.position.on(Facet.EMPLOYER, day)
        if first is not None and now == standing:
            continue
        if first is not None:
            yield Employed(employer=standing or NOBODY, first=first, last=day - _DAY)
        standing, first = now, day
    if first is not None:
        yield Employed(employer=standing or NOBODY, first=first, last=None)


def _changes_of_employer(asked: Asked) -> Iterator[date]:
    _, declared = _declared(asked)
    yield declared.leaves_on
    yield declared.transfer_on


def _who_answers(
    asked: Asked, found: Leaver, declared: f.DepartureDeclared
) -> tuple[str | None, str, tuple[str, ...]]:
    """Who answers for the dismissal and for what was owed meanwhile, why, and by which clauses."""
    part = by_edition(asked).part(Departure)
    passes = tuple(each for each in (part.liabilities,) if each)
    if declared.leaves_on > declared.transfer_on:
        return declared.employer, "they were dismissed after the transfer", passes
    if not has_been_transferred(declared, asked.on):
        return declared.employer, "the transfer has not happened", passes
    decided = found.decided
    if decided is not None and decided.outcome is AppealOutcome.UPHELD:
        why = "the appeal was upheld: they count as employed immediately before the transfer"
        moved_to = found.transferred
        new = (moved_to and moved_to.changes.get(Facet.EMPLOYER)) or NEW_EMPLOYER
        return new, why, (*filter(None, (part.appeal,)), *passes)
    unfair_ = _by_the_transfer(declared)
    before = tuple(each for each in (part.dismissed_before,) if each)
    if unfair_ is True:
        why = "they were dismissed because of the transfer: what is owed for that passes with it"
        return _new_employer(asked, declared), why, (*before, *passes)
    if unfair_ is None:
        return None, "nobody has said whether it was because of the transfer", (*before, *passes)
    if found.appeal is not None and decided is None:
        why = "an appeal is open: upheld, the new employer answers, else the old one"
        return None, why, (*filter(None, (part.appeal,)), *before)
    why = "they were not employed immediately before the transfer, nor dismissed because of it"
    return declared.employer, why, (*before, *passes)


def _new_employer(asked: Asked, declared: f.DepartureDeclared) -> str:
    try:
        _, changes = moved(asked, declared.leaves_on - _DAY)
    except Refused:
        return NEW_EMPLOYER
    return changes.get(Facet.EMPLOYER) or NEW_EMPLOYER


def _declared(asked: Asked) -> tuple[Leaver, f.DepartureDeclared]:
    found: Leaver = asked.state.mine.substance
    if found.declared is None:
        raise Refused(f"{asked.state.matter} had not begun by {asked.on}")
    return found, found.declared
