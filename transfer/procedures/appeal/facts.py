"""What is put on record of an appeal against an assignment, on the stream of who appeals.

Each fact names the exercise that the appeal is `against`, which takes it into account. The day on
which an appeal came, a panel decided and so on is the day on which the fact happened.
"""

from datetime import date

from transfer.core.matter.facts import MatterFact
from transfer.core.matter.reckoning import Reckoned
from transfer.core.matter.words import MatterName
from transfer.core.words import AppealOutcome, Destination


class AppealFact(MatterFact):
    """A fact of an appeal, for the exercise to hear."""

    against: MatterName


class AppealHeard(AppealFact):
    """A panel hears an appeal and decides by `panel_by`; it had to come by `due_on`.

    `confirm_again`: where the assignment was final already, when it is made final again.
    """

    due_on: date
    panel_by: Reckoned
    confirm_again: Reckoned | None = None


class AppealLodged(AppealHeard):
    """An appeal came by the last day of its window, or late where the edition takes late ones."""

    grounds: str


class AppealAcceptedOutOfTime(AppealHeard):
    """An appeal that was refused as late is heard after all; the refusal stays on record."""

    lodged_on: date
    reason: str


class AppealRefusedOutOfTime(AppealFact):
    """An appeal came after the last day of its window and was refused for that alone."""

    due_on: date
    grounds: str


class PanelOverdue(AppealFact):
    """The panel's last day passed without a decision."""

    panel_due_on: date


class AppealDetermined(AppealFact):
    """The panel decided where the person goes: elsewhere, if the appeal is upheld."""

    outcome: AppealOutcome
    destination: Destination
    panel: str = ""
    reason: str


class AppealWithdrawn(AppealFact):
    """The person no longer appeals; the assignment goes on as it stands."""


class AppealDropped(AppealFact):
    """The panel's day came and nobody employs the person any more: there is nothing to decide."""

    reason: str
