"""The time for one person's claim: what is on record of it, and what may follow.

    opened ─► conciliation asked for ─► certified         each moves the window of its respondents
                      └► judged to count or not
           ─► presented ─► withdrawn

A certificate may be entered for the last conciliation without one. What the windows are worked out
by is the law that was known on the day on which the office learned of the act.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from transfer.core.dating.limits import ClaimLimit, Conciliation, claim_limits
from transfer.core.editions.rules import by_edition, pins
from transfer.core.matter.deciding import Asked, Case
from transfer.core.matter.facts import MatterFact, Stamp
from transfer.core.matter.kind import NeedsNothing
from transfer.core.matter.reckoning import Reckoned
from transfer.core.refusals import AlreadyOnRecord, Refused
from transfer.core.words import Frozen
from transfer.procedures.claim_window import facts as f
from transfer.procedures.claim_window.edition import ClaimWindow
from transfer.procedures.claim_window.law import claim_of, law_of

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Respondents = Annotated[tuple[Words, ...], Field(min_length=1)]


@dataclass(slots=True)
class Claim:
    """What is on record of one person's claim; conciliations by respondent and day A."""

    opened: f.ClaimWindowOpened | None = None
    conciliations: dict[str, dict[date, Conciliation]] = field(default_factory=dict)
    windows: tuple[f.Window, ...] = ()
    presented: dict[str, date] = field(default_factory=dict)
    withdrawn: dict[str, date] = field(default_factory=dict)


def evolve(found: Claim, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    if isinstance(fact, f.CountedAnew):
        found.windows = fact.windows
    match fact:
        case f.ClaimWindowOpened():
            found.opened, found.windows = fact, fact.windows
            found.conciliations = {each: {} for each in fact.respondents}
        case f.ConciliationAskedFor():
            for each in fact.respondents:
                theirs = found.conciliations.setdefault(each, {})
                theirs.setdefault(fact.notified_on, Conciliation(notified_on=fact.notified_on))
        case f.ConciliationCertified():
            _change(found, fact, certified_on=fact.received_on)
        case f.ConciliationJudged():
            _change(found, fact, effective=fact.counts, because=fact.because)
        case f.ClaimPresented():
            for each in fact.respondents:
                found.presented.setdefault(each, fact.presented_on)
        case f.ClaimWithdrawn():
            found.withdrawn |= dict.fromkeys(fact.respondents, fact.withdrawn_on)
        case _:
            pass


def _change(
    found: Claim, fact: f.ConciliationCertified | f.ConciliationJudged, **fields: object
) -> None:
    theirs = found.conciliations.setdefault(fact.respondent, {})
    before = theirs.get(fact.notified_on, Conciliation(notified_on=fact.notified_on))
    theirs[fact.notified_on] = before.model_copy(update=fields)


# --- what acts need ------------------------------------------------------------------------------


class Opening(Frozen):
    """Which claim, by the id of the edition; the day that it counts from; and against whom."""

    claim: Words
    event_on: date
    respondents: Respondents


class Notified(Frozen):
    """The day on which conciliation was asked for (day A), and with whom; all, if left out."""

    notified_on: date
    respondents: tuple[Words, ...] = ()


class Certified(Frozen):
    """The day on which a respondent's certificate was received (day B).

    `notified_on` says of which conciliation, where there were several.
    """

    respondent: Words
    received_on: date
    notified_on: date | None = None


class Judged(Frozen):
    """Whether the conciliation asked for on a day counts for this claim, and why."""

    respondent: Words
    notified_on: date
    counts: bool
    because: Words


class Presented(Frozen):
    """The day on which a claim was presented, and against whom; all, if left out."""

    presented_on: date
    respondents: tuple[Words, ...] = ()


class Withdrawn(Frozen):
    """The day on which a claim was withdrawn, and against whom; all, if left out."""

    withdrawn_on: date
    respondents: tuple[Words, ...] = ()


# --- decisions -----------------------------------------------------------------------------------


def begin(case: Case, needs: Opening) -> tuple[MatterFact, ...]:
    """Open the window; `Refused` for a claim that the edition does not have.

    The event may be still to come, as the end of a contract that was given notice.
    """
    if _claim(case).opened is not None:
        raise AlreadyOnRecord(f"{case.state.matter} is open already")
    claim = claim_of(by_edition(case).part(ClaimWindow), needs.claim)
    respondents = tuple(dict.fromkeys(needs.respondents))
    none: Mapping[str, Mapping[date, Conciliation]] = {each: {} for each in respondents}
    return (
        f.ClaimWindowOpened(
            **case.stamp(claim.limits[0].length.clause, claim.clause),
            **pins(case),
            claim=claim.id,
            event_on=needs.event_on,
            respondents=respondents,
            windows=_windows(case, claim.id, needs.event_on, none),
        ),
    )


def notify_conciliation(case: Case, needs: Notified) -> tuple[MatterFact, ...]:
    """Conciliation was asked for; nothing where that is on record for each of them."""
    found, opened = _open(case)
    _require_past(case, needs.notified_on, "the day on which it was asked for")
    whom = _against(opened, needs.respondents)
    new = tuple(each for each in whom if needs.notified_on not in found.conciliations[each])
    if not new:
        return ()
    after = _copied(found)
    for each in new:
        after[each][needs.notified_on] = Conciliation(notified_on=needs.notified_on)
    return (
        f.ConciliationAskedFor(
            **_stamp(case, opened),
            respondents=new,
            notified_on=needs.notified_on,
            windows=_windows(case, opened.claim, opened.event_on, after),
        ),
    )


def certify(case: Case, needs: Certified) -> tuple[MatterFact, ...]:
    """A certificate was received; `Refused` where no conciliation waits for one."""
    found, opened = _open(case)
    _require_past(case, needs.received_on, "the day on which it was received")
    (whom,) = _against(opened, (needs.respondent,))
    asked = needs.notified_on or _last_without(found, whom, needs.received_on)
    before = found.conciliations[whom].get(asked)
    if before is None:
        raise Refused(f"no conciliation with {whom} was asked for on {asked}")
    if before.certified_on == needs.received_on:
        return ()
    if needs.received_on < asked:
        raise Refused(f"a certificate cannot be received before {asked}, the day it was asked for")
    after = _copied(found)
    after[whom][asked] = before.model_copy(update={"certified_on": needs.received_on})
    return (
        f.ConciliationCertified(
            **_stamp(case, opened),
            respondent=whom,
            notified_on=asked,
            received_on=needs.received_on,
            windows=_windows(case, opened.claim, opened.event_on, after),
        ),
    )


def judge(case: Case, needs: Judged) -> tuple[MatterFact, ...]:
    """Somebody decided whether a conciliation counts."""
    found, opened = _open(case)
    (whom,) = _against(opened, (needs.respondent,))
    before = found.conciliations[whom].get(needs.notified_on)
    if before is None:
        raise Refused(f"no conciliation with {whom} was asked for on {needs.notified_on}")
    if (before.effective, before.because) == (needs.counts, needs.because):
        return ()
    after = _copied(found)
    said = {"effective": needs.counts, "because": needs.because}
    after[whom][needs.notified_on] = before.model_copy(update=said)
    return (
        f.ConciliationJudged(
            **case.stamp(by_edition(case).part(ClaimWindow).first_counts),
            respondent=whom,
            notified_on=needs.notified_on,
            counts=needs.counts,
            because=needs.because,
            windows=_windows(case, opened.claim, opened.event_on, after),
        ),
    )


def recount(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Count the windows by the law as it is known now; nothing where they stay."""
    found, opened = _open(case)
    windows = _windows(case, opened.claim, opened.event_on, found.conciliations)
    if windows == found.windows:
        return ()
    return (f.ClaimWindowRecounted(**_stamp(case, opened), windows=windows),)


def present(case: Case, needs: Presented) -> tuple[MatterFact, ...]:
    """A claim was presented: also one that came too late is put on record, as that."""
    found, opened = _open(case)
    _require_past(case, needs.presented_on, "the day on which it was presented")
    new = tuple(e for e in _against(opened, needs.respondents) if e not in found.presented)
    if not new:
        return ()
    windows = _windows(case, opened.claim, opened.event_on, found.conciliations)
    last = {each.respondent: each.when.last or date.max for each in windows}
    return (
        f.ClaimPresented(
            **_stamp(case, opened),
            respondents=new,
            presented_on=needs.presented_on,
            too_late=tuple(each for each in new if needs.presented_on > last[each]),
        ),
    )


def withdraw(case: Case, needs: Withdrawn) -> tuple[MatterFact, ...]:
    """A claim was withdrawn; `Refused` where none was presented by then."""
    found, opened = _open(case)
    _require_past(case, needs.withdrawn_on, "the day on which it was withdrawn")
    named = needs.respondents or tuple(found.presented)
    for each in _against(opened, named) if named else ():
        if found.presented.get(each, date.max) > needs.withdrawn_on:
            raise Refused(f"no claim against {each} had been presented by {needs.withdrawn_on}")
    if not named:
        raise Refused("no claim was presented")
    new = tuple(each for each in named if each not in found.withdrawn)
    if not new:
        return ()
    stamp = _stamp(case, opened)
    return (f.ClaimWithdrawn(**stamp, respondents=new, withdrawn_on=needs.withdrawn_on),)


# --- working the windows out ---------------------------------------------------------------------


def limits(
    has: Case | Asked,
    claim: str,
    event_on: date,
    conciliations: Mapping[str, Mapping[date, Conciliation]],
    known_on: date,
) -> tuple[ClaimLimit, ...]:
    """The last day against each respondent, by the law as it was known on a day."""
    rules = by_edition(has)
    return claim_limits(
        event_on,
        law=law_of(rules, claim_of(rules.part(ClaimWindow), claim)),
        conciliations={who: tuple(those.values()) for who, those in conciliations.items()},
        known_on=known_on,
    )


def _windows(
    case: Case,
    claim: str,
    event_on: date,
    conciliations: Mapping[str, Mapping[date, Conciliation]],
) -> tuple[f.Window, ...]:
    rules = by_edition(case)
    basis = rules.basis(claim_of(rules.part(ClaimWindow), claim).clause)
    found = limits(case, claim, event_on, conciliations, case.known_on)
    return tuple(
        f.Window(
            respondent=each.respondent,
            when=Reckoned(on=each.safe.on, later=each.later and each.later.on, basis=basis),
        )
        for each in found
    )


def _claim(case: Case) -> Claim:
    found: Claim = case.state.mine.substance
    return found


def _open(case: Case) -> tuple[Claim, f.ClaimWindowOpened]:
    found = _claim(case)
    if found.opened is None:
        raise Refused(f"{case.state.matter} has not begun")
    return found, found.opened


def _stamp(case: Case, opened: f.ClaimWindowOpened) -> Stamp:
    return case.stamp(claim_of(by_edition(case).part(ClaimWindow), opened.claim).clause)


def _against(opened: f.ClaimWindowOpened, named: tuple[str, ...]) -> tuple[str, ...]:
    """The respondents named, or all; `Refused` for one that the claim is not against."""
    for each in named:
        if each not in opened.respondents:
            known = ", ".join(opened.respondents)
            raise Refused(f"the claim is not against {each}: it is against {known}")
    return tuple(dict.fromkeys(named)) or opened.respondents


def _last_without(found: Claim, whom: str, by: date) -> date:
    """Day A of the last conciliation that a certificate of a day can be for."""
    theirs = found.conciliations[whom].values()
    same = [each.notified_on for each in theirs if each.certified_on == by]
    waiting = [
        each.notified_on for each in theirs if each.certified_on is None and each.notified_on <= by
    ]
    if not (same or waiting):
        raise Refused(f"no conciliation with {whom} waits for a certificate on {by}")
    return max(same or waiting)


def _copied(found: Claim) -> dict[str, dict[date, Conciliation]]:
    return {who: dict(those) for who, those in found.conciliations.items()}


def _require_past(case: Case, day: date, what: str) -> None:
    if day > case.on:
        raise Refused(f"{what}, {day}, is after {case.on}, the day of the act")
