"""What may follow for one person who does a job that was evaluated.

    regraded to a higher band, from the day on which the description changed ─► back pay
    a lower band proposed ─► approved ─► pay marks time, with what is owed besides
                                      ─► back in the band from before, where an appeal finds it
    rights reserved, an appeal of their own (whether they may is contested)

A higher band is dated back (E3-07): by the day that is on record of the description, or by the day
that one side asserts. A lower band waits for the approval of somebody other than who proposed it.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from transfer.core.dating.calendars import Period
from transfer.core.editions.rules import by_edition
from transfer.core.employed import why_not_employed
from transfer.core.matter.deciding import Case, require
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.folding import State
from transfer.core.matter.kind import NeedsNothing
from transfer.core.matter.reckoning import Reckoned
from transfer.core.pay.money import Pounds, PoundsPaid
from transfer.core.refusals import Failure, Refused
from transfer.core.words import Frozen
from transfer.procedures.evaluation import facts as f
from transfer.procedures.evaluation.decisions import MayBeSaid, Said, in_time, is_higher, scheme_of
from transfer.procedures.evaluation.job import (
    DOCUMENTED,
    Holder,
    bases,
    begun_of,
    holder_of,
    job_of,
    outcome_of,
    part_of,
)
from transfer.procedures.evaluation.owing import owed_from
from transfer.procedures.protection.called import PROTECTION, PayToProtect, not_as_protected

# --- what acts need ------------------------------------------------------------------------------


class RegradeTo(Frozen):
    """From when somebody is in the band that was found.

    Higher: `goes_by` says whose day it counts from, and is left out where the day on which the
    description changed is on record; `paid_from` is the first day that is paid by it. Lower:
    `effective_from`, and for how many `months` pay marks time; `longer_because` where that is
    longer than usual.
    """

    goes_by: MayBeSaid = ""
    paid_from: date | None = None
    effective_from: date | None = None
    months: Annotated[int, Field(ge=1, le=600)] | None = None
    longer_because: MayBeSaid = ""


class PayOfBand(Frozen):
    """What full-time work in a band is worth a year to this person, from a day on."""

    band: Said
    a_year: Pounds = Field(ge=0)
    effective_from: date


class BackPaid(Frozen):
    """How much back pay was paid."""

    paid: PoundsPaid


class OwedNamed(Frozen):
    """What was done, by the id that the edition gives it."""

    what: Said


class Taken(Frozen):
    """Whether the appeal is taken."""

    accepted: bool


# --- the band ------------------------------------------------------------------------------------


def regrade(case: Case, needs: RegradeTo) -> tuple[MatterFact, ...]:
    """Put somebody in the band that was found: a higher one at once, a lower one once it is
    approved; nothing where they are in it by the same days.

    Raises `Refused` where nobody documented the day of the change and none is named, where nobody
    employs them on the day, and where what a lower band needs is lacking.
    """
    _, band = outcome_of(case)
    before = begun_of(case).band
    if band == before:
        return _restored(case)
    if is_higher(by_edition(case), part_of(case).schemes, band, before):
        return _higher(case, needs, band)
    return _lower(case, needs, band)


def _higher(case: Case, needs: RegradeTo, band: str) -> tuple[MatterFact, ...]:
    rules, mine = part_of(case).back_dating, holder_of(case)
    if needs.months is not None or needs.effective_from is not None:
        raise Refused(
            "a higher band is dated back to the change of the description, and marks no time",
            clause=rules.clause,
        )
    found = bases(job_of(case))
    by = needs.goes_by or DOCUMENTED
    if by not in found:
        if needs.goes_by:
            said = ", ".join(found) or "nobody"
            raise Refused(f"{by} had asserted no day: {said} did", clause=rules.clause)
        by_edition(case).day(rules.day)  # raises, with the document that would tell
        raise Refused("say by whose day it goes (goes_by)", clause=rules.day)
    since = found[by].effective_from
    if since is None:
        raise AssertionError("a basis has a day")
    before = mine.regraded if mine.regraded is not None and mine.regraded.band == band else None
    paid_from = needs.paid_from or (case.on if before is None else before.paid_from)
    if paid_from < since:
        raise Refused(f"nothing is paid by it before {since}", clause=rules.clause)
    _require_employed(case, since)
    if before is not None:
        if (before.effective_from, before.paid_from) == (since, paid_from):
            return ()
        if since > before.effective_from:
            raise Refused(
                f"they are in Band {band} from {before.effective_from}: a later day would lower "
                "pay back in time",
                clause=rules.clause,
            )
    stamp = case.resting_on(case.rules.basis(rules.clause).resting_on(found[by].made.rests_on))
    return (
        f.RegradedByEvaluation(
            **stamp,
            band=band,
            before=begun_of(case).band,
            effective_from=since,
            paid_from=paid_from,
            goes_by=by,
        ),
    )


def _restored(case: Case) -> tuple[MatterFact, ...]:
    """Back to the band from before, where an appeal found that after somebody came out lower: from
    the first day, since pay has marked time."""
    lowered, lower = holder_of(case).regraded, part_of(case).lower
    if lowered is None or lowered.marks_time is None:
        band = begun_of(case).band
        if lowered is not None and lowered.goes_by == RESTORED:
            return ()
        raise Refused(f"the outcome is Band {band}, as before: nobody is regraded")
    return (
        f.RegradedByEvaluation(
            **case.stamp(lower.clause),
            band=lowered.before,
            before=lowered.band,
            effective_from=lowered.effective_from,
            paid_from=lowered.effective_from,
            goes_by=RESTORED,
            term=lower.term,
            marked_until=lowered.paid_from,
        ),
    )


def _lower(case: Case, needs: RegradeTo, band: str) -> tuple[MatterFact, ...]:
    lower, rules, mine = part_of(case).lower, by_edition(case), holder_of(case)
    since, months = needs.effective_from, needs.months
    require(
        [
            Failure("say from which day the lower band is to hold (effective_from)", lower.clause)
            if since is None
            else None,
            Failure("say for how many months pay marks time (months)", lower.clause)
            if months is None
            else None,
            Failure("back pay is for a higher band (goes_by, paid_from)", lower.clause)
            if needs.goes_by or needs.paid_from is not None
            else None,
        ]
    )
    if since is None or months is None:
        raise AssertionError("checked above")
    usual = rules.period(lower.usually.clause)
    asked = Period(amount=months, unit="m")
    longest = usual.due_after(since, rules.calendar)
    if asked.due_after(since, rules.calendar) > longest and not needs.longer_because:
        raise Refused(
            f"usually pay marks time for no longer than {usual}: say why it does (longer_because)",
            clause=lower.usually.clause,
        )
    _require_employed(case, since)
    for each in (mine.proposed, mine.regraded):
        if each is not None and (each.band, each.effective_from) == (band, since):
            return ()
    return (
        f.RegradeProposed(
            **case.stamp(lower.clause),
            band=band,
            before=begun_of(case).band,
            effective_from=since,
            months=months,
            longer_because=needs.longer_because,
        ),
    )


def lower_band(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Let the lower band that was approved hold; not where nobody employs them, or where the
    outcome is another one by then."""
    proposed = holder_of(case).proposed
    if proposed is None:
        return ()
    lower, rules = part_of(case).lower, by_edition(case)
    _, band = outcome_of(case)
    gone = why_not_employed(case.position.entries, proposed.effective_from)
    if gone is not None:
        return (f.RegradePassedBy(**case.stamp(lower.clause), reason=gone.reason),)
    if band != proposed.band:
        reason = f"the outcome is Band {band}"
        return (f.RegradePassedBy(**case.stamp(lower.clause), reason=reason),)
    length = Period(amount=proposed.months, unit="m")
    until = length.due_after(proposed.effective_from, rules.calendar)
    last = date.fromordinal(until.toordinal() - 1)
    return (
        f.RegradedByEvaluation(
            **case.stamp(lower.clause),
            band=band,
            before=proposed.before,
            effective_from=proposed.effective_from,
            paid_from=until,
            goes_by="",
            marks_time=Reckoned(
                on=last, later=until, basis=case.rules.basis(lower.clause, lower.counted)
            ),
            term=lower.term,
            owes=tuple(
                f.OwedByRegrade(
                    what=each.id,
                    owner=each.owner,
                    basis=case.rules.basis(each.clause),
                    ground=each.ground or "",
                )
                for each in lower.owes
            ),
            waited=True,
            months=proposed.months,
        ),
    )


def discharge(case: Case, needs: OwedNamed) -> tuple[MatterFact, ...]:
    """Note that something owed by a lower outcome was done."""
    due = case.state.due(OWED, needs.what)
    if due is None:
        raise Refused(f"nothing called {needs.what} is owed to them")
    if not due.is_open:
        return ()
    return (f.OwedByRegradeMet(**case.resting_on(due.when.basis), what=needs.what),)


# --- pay -----------------------------------------------------------------------------------------


def state_pay(case: Case, needs: PayOfBand) -> tuple[MatterFact, ...]:
    """Say what a band is worth to somebody a year, from a day on.

    Raises `Refused` where that would be another salary than the one that is protected already.
    """
    begun_of(case)
    mine = holder_of(case)
    scheme_of(by_edition(case), part_of(case).schemes, needs.band)
    said = [
        each
        for each in mine.pay
        if (each.band, each.effective_from) == (needs.band, needs.effective_from)
    ]
    if said and said[-1].a_year == needs.a_year:
        return ()
    stamp = case.stamp(part_of(case).back_dating.months)
    stated = f.PayOfBandStated(**stamp, **needs.model_dump())
    after = mine.salary_before(stated)
    if after is not None and after != mine.salary_before():
        require([not_as_protected(mine.protected, after, part_of(case).lower.clause)])
    return (stated,)


def pay_back(case: Case, needs: BackPaid) -> tuple[MatterFact, ...]:
    """Put on record that back pay was paid, and what is still owed by the day that was gone by."""
    regraded = holder_of(case).regraded
    clause = part_of(case).back_dating.clause
    if regraded is None or regraded.marks_time is not None:
        raise Refused("they were not regraded to a higher band by then", clause=clause)
    owed = owed_from(
        holder_of(case),
        case.position.entries,
        regraded.effective_from,
        min(regraded.paid_from, date.fromordinal(case.on.toordinal() + 1)),
        regraded.band,
        regraded.before,
    ).total
    before = sum((each.paid for each in holder_of(case).paid), Decimal("0.00"))
    short = owed - before - needs.paid
    return (f.BackPayPaid(**case.stamp(clause), paid=needs.paid, short=short),)


def reserve_rights(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Put on record that somebody keeps the right to claim more; also after the day of signing."""
    outcome_of(case)
    if holder_of(case).reserved is not None:
        return ()
    _require_employed(case, case.on)
    return (f.RightsReserved(**case.stamp(part_of(case).back_dating.clause)),)


# --- appeal --------------------------------------------------------------------------------------


def appeal(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Put on record that somebody appeals for themselves; whether they may is decided apart."""
    evaluated, band = outcome_of(case)
    mine = holder_of(case).appeal
    if mine is not None and mine.against_band == band:
        return ()
    stamp = case.stamp(part_of(case).appeal.individual)
    return (f.OutcomeAppealLodged(**stamp, against_band=band, in_time=in_time(case, evaluated)),)


def answer_appeal(case: Case, needs: Taken) -> tuple[MatterFact, ...]:
    """Say whether somebody's own appeal is taken: by which side's account, since it is contested.

    Raises `Refused` where no assertion is named on which that rests (`rests_on`).
    """
    mine, rules = holder_of(case), part_of(case).appeal
    if mine.appeal is None:
        raise Refused(f"they had not appealed by {case.on}", clause=rules.individual)
    if mine.answered is not None and mine.answered.accepted == needs.accepted:
        return ()
    if not case.made.rests_on:
        raise Refused.all_of(
            tuple(
                Failure(
                    "whether one person may appeal is contested: say on which assertion the "
                    "answer rests (rests_on)",
                    clause,
                )
                for clause in (rules.individual, rules.collective)
            )
        )
    clause = rules.individual if needs.accepted else rules.collective
    return (f.OutcomeAppealAnswered(**case.stamp(clause), accepted=needs.accepted),)


# --- what they read ------------------------------------------------------------------------------


def to_protect(state: State) -> PayToProtect | None:
    """The pay that is to be protected because of a lower band; `None` where none is, or the edition
    gives no ground for it. The salary is what was stated for the band from before."""
    mine: Holder = state.mine.substance
    lowered = mine.regraded
    if lowered is None or lowered.marks_time is None:
        return None
    ground = next((each.ground for each in lowered.owes if each.what == PROTECTION), "")
    return (
        PayToProtect(
            ground=ground,
            effective_from=lowered.effective_from,
            band=lowered.before,
            salary=mine.salary_before(),
            months=lowered.months,
        )
        if ground
        else None
    )


RESTORED = "the lower band"
"""Whose day it goes by where somebody is back in the band from before."""

OWED = "owed-by-outcome"
"""What a lower outcome owes, each under the id that the edition gives it."""


def _require_employed(case: Case, on: date) -> None:
    gone = why_not_employed(case.position.entries, on)
    if gone is not None:
        raise Refused(gone.reason, clause=part_of(case).back_dating.clause)
