"""What an appeal asks of the edition that binds it, and of the exercise that it is against."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from transfer.core.matter.deciding import RulesOfMatter
from transfer.core.matter.reckoning import Reckoning
from transfer.core.rules import WindowInForce
from transfer.core.words import AppealOutcome, Destination, WindowKind


class RulesOfAppeals(RulesOfMatter, Protocol):
    """The edition, as far as appeals go by it."""

    def window_of(self, kind: WindowKind) -> WindowInForce:
        """The window of a kind; raises `Refused` where the edition opens none."""

    def panel(self, transferor: str | None) -> Reckoning:
        """How long a panel has for somebody of a transferor."""

    def clause_for(self, act: str) -> str:
        """The clause under which an act is done that belongs to no route, letter or window."""

    def require_destination(self, destination: str) -> None:
        """Raise `Refused` with those that there are where the edition sends nobody there."""


class EarlierAppeal(Protocol):
    """An appeal as the exercise knows it: the day on which it came, and what became of it.

    One that was refused as late is not open and has no outcome.
    """

    lodged_on: date
    outcome: AppealOutcome | None

    @property
    def is_open(self) -> bool:
        """Whether its panel has still to decide."""


class Assigned(Protocol):
    """How far the exercise has come with who appeals.

    `destination` is where they go as things stand: by the last appeal upheld, else as proposed.
    `appeals` are all of theirs that have been neither withdrawn nor dropped.
    """

    transferor: str | None

    @property
    def letter_issued_on(self) -> date | None:
        """When their letter went out."""

    @property
    def destination(self) -> Destination | None:
        """Where they go."""

    @property
    def is_settled(self) -> bool:
        """Whether they were moved, have left or were passed by."""

    @property
    def appeals(self) -> Sequence[EarlierAppeal]:
        """Their appeals in this exercise."""
