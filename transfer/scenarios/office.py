"""What a scenario is played on: the program's own commands, over whatever log is beneath them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from transfer.commands.due_steps import DueSteps
from transfer.commands.exercises import Exercises
from transfer.commands.matter_worlds import Worlds
from transfer.commands.matters import Matters
from transfer.commands.office import Office

Shown = dict[str, Any]
"""An answer as JSON has it."""


class Answers(Protocol):
    """What the record answers, as it was known at the end of a day."""

    def position(self, staff_number: str, effective_at: date, known_on: date) -> Shown:
        """The facets and terms of one person: `position`, `terms`, `terms_not_held`."""

    def deadlines(self, matter: str, staff_number: str | None, known_on: date) -> Sequence[Shown]:
        """What is or was due from one person, or from an exercise as a whole, in order of day."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The commands of one office."""

    office: Office
    worlds: Worlds

    @property
    def matters(self) -> Matters:
        """The acts of every kind of procedure."""
        return Matters(self.office, self.worlds)

    @property
    def exercises(self) -> Exercises:
        """What takes more than one act in an exercise."""
        return Exercises(self.office, self.matters, self.worlds)

    @property
    def due(self) -> DueSteps:
        """The steps of every kind of procedure."""
        return DueSteps(self.office, self.worlds)
