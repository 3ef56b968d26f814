"""What a protection can be asked: to which day it runs, what it comes to, what was stated."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from transfer.core.editions.rules import NotKnown, RulesOfEdition, by_edition, not_known
from transfer.core.editions.values import print_value
from transfer.core.matter.deciding import Asked
from transfer.core.pay.money import Pounds
from transfer.core.refusals import Refused
from transfer.core.words import Basis, Frozen
from transfer.procedures.protection import facts as f
from transfer.procedures.protection.decisions import ground_of
from transfer.procedures.protection.edition import EarlyEnd, Ground, Protection
from transfer.procedures.protection.lasting import lasts_for
from transfer.procedures.protection.paying import MonthDue, months_due
from transfer.procedures.protection.protected import Protected, standing_on


class Hint(Frozen):
    """What another agreement says of how long: to which day that would be, by both readings."""

    title: str
    length: str
    last_day: date | None
    later: date | None
    basis: Basis


class Contradiction(Frozen):
    """An account that says otherwise; neither is merged into the other."""

    title: str
    says: str
    basis: Basis


class NoticeOfEnd(Frozen):
    """A notice so long before the end: its day, and when the person was told, if they were."""

    before: str
    on: date
    is_due: bool
    told_on: date | None = None


class CouldEnd(Frozen):
    """What could end protection before its day.

    `due_on` is `None` where nobody has said from which day it counts (`counts_from`). It is overdue
    by so many days on the day asked about; 0 where it is not.
    """

    what: str
    title: str
    counts_from: str
    due_on: date | None
    held_on: date | None = None
    is_overdue: bool
    days_overdue: int
    basis: Basis


class EndsAnswered(Frozen):
    """To which day a salary is protected, and what could end that before.

    `last_day` is the safe last day and `later` the later reading; both are `None` where it marks
    time without an end (`marks_time`) or where the length is not known (`not_known`): the
    protection itself stands then. `stands` is whether it does on the day asked about.
    `ended_early_on` is the first day without it, where it ended before its day; an end that is
    `proposed` waits for approval. `placement_owed`: a post in the protected band is still owed.
    """

    ground: str
    title: str
    salary: Pounds
    band: str
    effective_from: date
    stands: bool
    length: str | None = None
    last_day: date | None = None
    later: date | None = None
    marks_time: bool
    not_known: NotKnown | None = None
    hints: tuple[Hint, ...]
    contradicted_by: tuple[Contradiction, ...]
    notices: tuple[NoticeOfEnd, ...]
    could_end_early: tuple[CouldEnd, ...]
    proposed: date | None = None
    ended_early_on: date | None = None
    left: bool
    placement_owed: bool
    basis: tuple[Basis, ...]


class PayAnswered(Frozen):
    """What protected pay comes to, month by month, to the month of the day asked about.

    `due` is the sum of the months. `owed` is the sum of what is owed for those that have ended, and
    negative where too much was paid. `arrears` are the months for which something is owed.
    """

    months: tuple[MonthDue, ...]
    due: Pounds
    paid: Pounds
    owed: Pounds
    arrears: tuple[date, ...]
    basis: tuple[Basis, ...]


class SalaryStated(Frozen):
    """One salary as it was stated: a year, from a day on; when it was known, by which document."""

    salary: Pounds
    effective_from: date
    known_on: date
    document: str | None = None


class StatedAnswered(Frozen):
    """Every salary that was stated as protected, in the order in which it was."""

    salaries: tuple[SalaryStated, ...]
    basis: tuple[Basis, ...]


def ends(asked: Asked) -> EndsAnswered:
    """To which day pay is protected, by what is known. Sources: CN-3, CN-4, E3-03, E3-06."""
    found, granted, rules = _of(asked)
    part = rules.part(Protection)
    ground = ground_of(part, granted.ground)
    lasts = found.lasts
    ended = found.ended
    salary = standing_on(found.salaries, asked.on)
    clause = ground.clause if ground.length is None else ground.length.clause
    return EndsAnswered(
        ground=ground.id,
        title=ground.title,
        salary=granted.salary if salary is None else salary.a_year,
        band=granted.band,
        effective_from=granted.effective_from,
        stands=found.runs_on(asked.on),
        length=lasts.length,
        last_day=lasts.last_day,
        later=lasts.later,
        marks_time=ground.marks_time,
        not_known=None if lasts.unknown is None else not_known(rules, lasts.unknown),
        hints=_hints(rules, ground, granted.effective_from) if lasts.unknown else (),
        contradicted_by=tuple(
            Contradiction(
                title=rules.clause(clause).title,
                says=rules.clause(clause).text,
                basis=rules.basis(clause),
            )
            for clause in ground.disputed_by
        ),
        notices=tuple(
            NoticeOfEnd(
                before=each.before,
                on=each.notice_on,
                is_due=each.notice_on <= asked.on
                and each.before not in found.told
                and ended is None,
                told_on=found.told.get(each.before),
            )
            for each in lasts.notices
        ),
        could_end_early=tuple(_could_end(rules, found, each, asked.on) for each in part.early_ends),
        proposed=None if found.ending is None else found.ending.effective_from,
        ended_early_on=None if ended is None else ended.effective_from,
        left=ended is not None and ended.left,
        placement_owed=granted.placement is not None and found.placed is None and ended is None,
        basis=(
            lasts.basis if found.length is not None else rules.basis(clause),
            *(rules.basis(clause) for clause in (part.counted, part.notified)),
        ),
    )


def pay(asked: Asked) -> PayAnswered:
    """What protected pay comes to, to the end of the month of the day asked about. Sources: CN-5,
    CN-9, RE-10."""
    found, granted, rules = _of(asked)
    part = rules.part(Protection)
    days = [granted.effective_from, *(each.effective_from for each in found.points)]
    first = asked.since or min([*days, *(each.month for each in found.paid)])
    if asked.on < first:
        raise Refused(f"nothing is paid from {first} to {asked.on}", clause=part.months)
    entries = asked.position.entries
    months = tuple(months_due(found, entries, first, asked.on, asked.known_on))
    clauses = (part.total, part.months, *filter(None, [part.progression]))
    return PayAnswered(
        months=months,
        due=_total(each.due for each in months),
        paid=_total(each.paid or Decimal(0) for each in months),
        owed=_total(each.owed or Decimal(0) for each in months),
        arrears=tuple(each.month for each in months if each.owed),
        basis=tuple(map(rules.basis, clauses)),
    )


def stated(asked: Asked) -> StatedAnswered:
    """Which salaries were stated as protected, one after the other. Source: RE-07."""
    found, granted, rules = _of(asked)
    part = rules.part(Protection)
    ground = ground_of(part, granted.ground)
    return StatedAnswered(
        salaries=tuple(
            SalaryStated(
                salary=each.a_year,
                effective_from=each.effective_from,
                known_on=each.known_on,
                document=each.document,
            )
            for each in found.salaries
        ),
        basis=tuple(map(rules.basis, (ground.clause, *filter(None, [part.letters])))),
    )


def _of(asked: Asked) -> tuple[Protected, f.ProtectionGranted, RulesOfEdition]:
    found: Protected = asked.state.mine.substance
    if found.granted is None:
        raise Refused("no protection had been granted, as far as was known")
    return found, found.granted, by_edition(asked)


def _total(sums: Iterable[Decimal]) -> Decimal:
    return sum(sums, Decimal("0.00"))


def _hints(rules: RulesOfEdition, ground: Ground, effective_from: date) -> tuple[Hint, ...]:
    found = []
    for clause in ground.hints:
        basis = rules.basis(clause)
        length = rules.period(clause)
        lasts = lasts_for(rules, length, effective_from, effective_from, basis)
        found.append(
            Hint(
                title=rules.clause(clause).title,
                length=print_value(length),
                last_day=lasts.last_day,
                later=lasts.later,
                basis=basis,
            )
        )
    return tuple(found)


def _could_end(rules: RulesOfEdition, found: Protected, each: EarlyEnd, on: date) -> CouldEnd:
    review, held_on = found.reviews.get(each.id), found.held.get(each.id)
    due_on = None if review is None else review.due_on
    open_since = None if due_on is None or (held_on is not None and held_on <= on) else due_on
    overdue = 0 if open_since is None else max(0, (on - open_since).days)
    return CouldEnd(
        what=each.id,
        title=each.title,
        counts_from=each.counts_from,
        due_on=due_on,
        held_on=held_on,
        is_overdue=overdue > 0,
        days_overdue=overdue,
        basis=rules.basis(each.clause, each.due.clause),
    )
