"""What hangs on the dates of a record: the days that follow from somebody's periods.

- The end of a **protected pay** is the day from which a term of pay protection is no longer held
  (rules E3-03, RE-04, OM-06 give it a length; the record gives it its dates).
- A **statement of change** is due in writing not later than one month after a change of the
  particulars of employment (Employment Rights Act 1996, section 4; a change of
  employer with continuity counts as such a change, section 4(6) to (8)).

Nothing here is kept: both move with the periods that they are worked out from.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from transfer.core.dating.calendars import months_after
from transfer.core.dating.differences import Reading
from transfer.core.words import Facet

STATEMENT_OF_CHANGE = "statement-of-change"
STATEMENT_CLAUSE = "ERA 1996 s.4"

PARTICULARS = frozenset(
    {
        Facet.EMPLOYER,
        Facet.POST,
        Facet.ROLE,
        Facet.BAND,
        Facet.PAID_BAND,
        Facet.PAY_POINT,
        Facet.TERMS_SET,
        Facet.WORKPLACE,
        Facet.FTE,
    }
)
"""The facets that are particulars of employment: a change of one is told in writing."""

_PAY_PROTECTION = re.compile(r"(pay|salary)[^a-z]*protection|protected[^a-z]*(pay|salary)")


def is_pay_protection(term: str) -> bool:
    """Whether a term is one of pay protection, by its name: the names of terms are free."""
    return _PAY_PROTECTION.search(term.casefold()) is not None


def ends(periods: Sequence[Reading]) -> frozenset[date | None]:
    """The days from which nothing is held any more, from periods in order; `None`: never."""
    return frozenset(
        period.effective_to
        for n, period in enumerate(periods)
        if n + 1 == len(periods) or periods[n + 1].effective_from != period.effective_to
    )


def change_days(periods: Sequence[Reading]) -> Iterator[date]:
    """The days on which one value follows another, from periods in order.

    A first value and a last one are no change: they begin or end an employment.
    """
    for before, after in pairwise(periods):
        if before.effective_to == after.effective_from and before.value != after.value:
            yield after.effective_from


def statement_due_on(changed_on: date) -> date:
    """The last day for the written statement of a change on a day.

    The corresponding date of the next month, or that month's last day: for 31 January 2015 it is
    28 February.
    """
    try:
        return months_after(changed_on, 1)
    except ValueError:  # after the last year that a date can have
        return date.max
