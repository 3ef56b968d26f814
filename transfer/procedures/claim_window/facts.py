"""What is put on record of the time in which one person can make a claim.

Each fact carries the windows that stand after it, one for each respondent, by the law as it was
known when it was decided.
"""

from datetime import date

from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.reckoning import Reckoned
from transfer.core.words import Frozen


class Window(Frozen):
    """Until when a claim can be made against one respondent."""

    respondent: str
    when: Reckoned


class ClaimWindowOpened(BegunUnderEdition):
    """Something happened that somebody can make a claim about; `claim` is the edition's id."""

    claim: str
    event_on: date
    respondents: tuple[str, ...]
    windows: tuple[Window, ...]


class CountedAnew(MatterFact):
    """What the facts have alike that move the windows."""

    windows: tuple[Window, ...]


class ConciliationAskedFor(CountedAnew):
    """Conciliation was asked for on a day with these respondents."""

    respondents: tuple[str, ...]
    notified_on: date


class ConciliationCertified(CountedAnew):
    """The certificate of the conciliation asked for on `notified_on` was received."""

    respondent: str
    notified_on: date
    received_on: date


class ConciliationJudged(CountedAnew):
    """Somebody decided whether the conciliation asked for on `notified_on` counts, and why."""

    respondent: str
    notified_on: date
    counts: bool
    because: str


class ClaimWindowRecounted(CountedAnew):
    """The windows were counted again, by the law as it was known then."""


class ClaimPresented(MatterFact):
    """A claim was presented; `too_late` are the respondents whose limit was over by any reading."""

    respondents: tuple[str, ...]
    presented_on: date
    too_late: tuple[str, ...] = ()


class ClaimWithdrawn(MatterFact):
    """A claim that was presented was withdrawn."""

    respondents: tuple[str, ...]
    withdrawn_on: date
