"""What is put on record of the steps of a transfer."""

from datetime import date

from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.reckoning import Reckoned
from transfer.core.words import Frozen


class PlannedStep(Frozen):
    """A step, who has to take it, and until when."""

    step: str
    owner: str
    latest: Reckoned


class ProgrammeBegun(BegunUnderEdition):
    """The steps to a day are planned; `plan` is the edition's id."""

    plan: str
    target_on: date
    steps: tuple[PlannedStep, ...]


class ProgrammeMoved(MatterFact):
    """The day is another one, and with it the last day of each step."""

    target_on: date
    steps: tuple[PlannedStep, ...]


class ProgrammeStepDone(MatterFact):
    """A step was taken. `came_first` are steps that should have been taken before it."""

    step: str
    looked_at: tuple[str, ...] = ()
    came_first: tuple[str, ...] = ()


class DisagreementNoted(MatterFact):
    """Authorities disagree about something."""

    subject_matter: str
    between: tuple[str, ...]


class DisagreementReferred(MatterFact):
    """A disagreement went to somebody outside, who decides."""

    subject_matter: str
    to: str


class DisagreementEnded(MatterFact):
    """A disagreement is over: by `agreement`, by an `award`, or by a `default-award`."""

    subject_matter: str
    how: str
    outcome: str
