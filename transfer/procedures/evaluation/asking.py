"""What the evaluation of a job can be asked of one person: band due and paid, back pay, appeal."""

from datetime import date, timedelta
from decimal import Decimal

from transfer.core.editions.rules import NotKnown, by_edition, not_known
from transfer.core.matter.deciding import Asked
from transfer.core.pay.money import Pounds
from transfer.core.pay.monthly import MonthsPay
from transfer.core.refusals import Refused
from transfer.core.words import AssertionRef, Basis, Frozen
from transfer.procedures.evaluation.answers import DayAsserted, days_asserted
from transfer.procedures.evaluation.decisions import is_higher
from transfer.procedures.evaluation.job import begun_of, holder_of, job_of, outcome_of, part_of
from transfer.procedures.evaluation.owing import band_paid, ends_of_months, owed_from

_ONE_DAY = timedelta(days=1)


class BandAtMonthsEnd(Frozen):
    """The band by which somebody was paid on the last day of a month, and the band that was due, by
    each day that is asserted; `None`: nobody employed them then."""

    month_end: date
    paid: str | None
    due: dict[str, str | None]


class BandsShown(Frozen):
    """Band due against band paid, month by month; `is_short`: by some account it was too low."""

    before: str
    band: str
    counts_from: tuple[DayAsserted, ...]
    months: tuple[BandAtMonthsEnd, ...]
    is_short: bool
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


class BackPayBy(Frozen):
    """What is owed if it is owed from the day that somebody asserts, by month and in all."""

    said_by: str
    effective_from: date
    assertions: tuple[AssertionRef, ...]
    months: tuple[MonthsPay, ...]
    owed: Pounds


class BackPayShown(Frozen):
    """Back pay by each account, up to and excluding `until`: the first day that is paid in full.

    `goes_by` is whose day the regrade goes by; `paid` what was paid of it, `short` what is owed by
    that day still. `apart` lies between the highest and the lowest. `reserved_on` is when they
    reserved their rights, `reserved_by_signing` whether by the day of signing: `None` where none
    was set.
    """

    before: str
    band: str
    until: date
    by: tuple[BackPayBy, ...]
    apart: Pounds
    goes_by: str | None
    paid: Pounds
    short: Pounds | None
    sign_by: date | None
    reserved_on: date | None
    reserved_by_signing: bool | None
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


class OwnAppealShown(Frozen):
    """Somebody's own appeal, and on whose account the answer to it rests."""

    lodged_on: date
    in_time: bool | None
    accepted: bool | None
    assertions: tuple[AssertionRef, ...]
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


def bands(asked: Asked) -> BandsShown:
    """Band due against band paid at the end of each month. Source: E3-07."""
    _, band, before = _higher(asked)
    rules, dating = by_edition(asked), part_of(asked).back_dating
    said = days_asserted(job_of(asked))
    first = asked.since or min((each.effective_from for each in said), default=asked.on)
    entries = asked.position.entries
    months = []
    for end in ends_of_months(first, asked.on):
        paid = band_paid(entries, end)
        due = {
            each.said_by: band if paid is not None and each.effective_from <= end else paid
            for each in said
        }
        months.append(BandAtMonthsEnd(month_end=end, paid=paid, due=due))
    return BandsShown(
        before=before,
        band=band,
        counts_from=said,
        months=tuple(months),
        is_short=any(due != each.paid for each in months for due in each.due.values()),
        not_known=() if len(said) == 1 else (not_known(rules, dating.day),),
        basis=(rules.basis(dating.clause),),
    )


def back_pay(asked: Asked) -> BackPayShown:
    """Back pay by each day that is asserted, to the eve of the day that is paid by the band, or to
    the day asked about. Sources: E3-07, CN-5."""
    _, band, before = _higher(asked)
    rules, dating, mine = by_edition(asked), part_of(asked).back_dating, holder_of(asked)
    until = asked.on + _ONE_DAY
    regraded = mine.regraded
    if regraded is not None:
        until = min(until, regraded.paid_from)
    by = []
    for each in days_asserted(job_of(asked)):
        pay = owed_from(mine, asked.position.entries, each.effective_from, until, band, before)
        by.append(
            BackPayBy(
                said_by=each.said_by,
                effective_from=each.effective_from,
                assertions=each.assertions,
                months=pay.months,
                owed=pay.total,
            )
        )
    sums = [each.owed for each in by]
    gone_by = None if regraded is None else regraded.goes_by
    paid = sum((each.paid for each in mine.paid), Decimal("0.00"))
    owed = next((each.owed for each in by if each.said_by == gone_by), None)
    sign_by = job_of(asked).sign_by
    reserved_on = None if mine.reserved is None else mine.reserved.happened_on
    in_time = reserved_on is not None and sign_by is not None and reserved_on <= sign_by
    return BackPayShown(
        before=before,
        band=band,
        until=until,
        by=tuple(by),
        apart=max(sums) - min(sums) if sums else Decimal("0.00"),
        goes_by=gone_by,
        paid=paid,
        short=None if owed is None else owed - paid,
        sign_by=sign_by,
        reserved_on=reserved_on,
        reserved_by_signing=None if sign_by is None else in_time,
        not_known=() if len(by) == 1 else (not_known(rules, dating.day),),
        basis=tuple(map(rules.basis, (dating.clause, dating.months))),
    )


def own_appeal(asked: Asked) -> OwnAppealShown:
    """Somebody's own appeal. Sources: E3-04, JE-02."""
    evaluated, _ = outcome_of(asked)
    mine, rules, part = holder_of(asked), by_edition(asked), part_of(asked).appeal
    if mine.appeal is None:
        raise Refused("they had not appealed by that day", clause=part.individual)
    limit = part.limit.clause
    return OwnAppealShown(
        lodged_on=mine.appeal.happened_on,
        in_time=mine.appeal.in_time,
        accepted=None if mine.answered is None else mine.answered.accepted,
        assertions=() if mine.answered is None else mine.answered.basis.assertions,
        not_known=(not_known(rules, limit),) if evaluated.appeal_by.on is None else (),
        basis=tuple(map(rules.basis, (part.individual, part.collective, limit))),
    )


def _higher(asked: Asked) -> tuple[date, str, str]:
    """The day of the outcome, the band and the one before; `Refused` where it is not higher."""
    evaluated, band = outcome_of(asked)
    before = begun_of(asked).band
    part = part_of(asked)
    if band == before or not is_higher(by_edition(asked), part.schemes, band, before):
        raise Refused(
            f"Band {band} is not above Band {before}: no back pay is owed",
            clause=part.back_dating.clause,
        )
    return evaluated.happened_on, band, before
