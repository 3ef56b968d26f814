"""How long a protection lasts: its last day by both readings, and when notice of it is due.

The rules of this file
- Protection for so long begins on its first day. The safe last day is the day before the
  corresponding date; the corresponding date itself is the later reading (CN-3).
- A notice so long before falls on the date that corresponds to the safe last day, or on the last
  day of a shorter month. It does not move to a working day (CN-4).
- What is not known has no day: the protection stands, and the edition says which document would
  tell (CN-11).
"""

from datetime import date, timedelta

from transfer.core.dating.calendars import Period
from transfer.core.editions.rules import RulesOfEdition
from transfer.core.words import Basis, Frozen
from transfer.procedures.protection.edition import Ground, Protection

_ONE_DAY = timedelta(days=1)


class Notice(Frozen):
    """Notice that a protection ends: `before` is how long before (`6m`), `notice_on` its day."""

    before: str
    notice_on: date


class Lasts(Frozen):
    """How long a protection lasts.

    `last_day` is the safe last day and `later` the later reading; both are `None` where it marks
    time without an end, or where the length is not known: then `unknown` names the clause that
    lacks it. `length` is as the edition writes it, `basis` what the days rest on.
    """

    length: str | None = None
    last_day: date | None = None
    later: date | None = None
    unknown: str | None = None
    notices: tuple[Notice, ...] = ()
    basis: Basis = Basis()

    @property
    def until(self) -> date | None:
        """The first day that is not protected, by the safe reading."""
        return None if self.last_day is None else self.last_day + _ONE_DAY


def lasts_for(
    rules: RulesOfEdition, length: Period, effective_from: date, notice_from: date, basis: Basis
) -> Lasts:
    """A protection of a known length, from its first day; `notice_from` is the first day on which
    notice can still be given. Source: CN-3, CN-4."""
    later = length.due_after(effective_from, rules.calendar)
    last_day = later - _ONE_DAY
    notices = []
    for each in rules.part(Protection).notices:
        before = rules.period(each.clause)
        on = before.latest_notice_of(last_day, rules.calendar)
        if on >= max(notice_from, effective_from):
            notices.append(Notice(before=str(before), notice_on=on))
    return Lasts(
        length=str(length), last_day=last_day, later=later, notices=tuple(notices), basis=basis
    )


def lasts_by(
    rules: RulesOfEdition, ground: Ground, effective_from: date, notice_from: date
) -> Lasts:
    """How long a protection on a ground of the edition lasts."""
    if ground.length is None:
        return Lasts(basis=rules.basis(ground.clause))
    clause = ground.length.clause
    if not rules.knows(clause):
        return Lasts(unknown=clause, basis=rules.basis(clause))
    return lasts_for(rules, rules.period(clause), effective_from, notice_from, rules.basis(clause))
