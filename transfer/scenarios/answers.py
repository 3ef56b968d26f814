"""Answers that a scenario asks for, whatever it is played on."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

Shown = dict[str, Any]
"""An answer as JSON has it, but for its dates."""


class Answers(Protocol):
    """What the record answers, as it was known at the end of a day."""

    def position(self, staff_number: str, effective_at: date, known_on: date) -> Shown:
        """The facets and terms of one person: `position`, `terms`, `terms_not_held`."""

    def liability_information(
        self, matter: str, effective_at: date, known_on: date, since: date | None
    ) -> Shown:
        """The liability information of an exercise: `days`, `given_until`, and `people`, each by
        staff number, compared with what was known at the end of a day, `since`."""

    def deadlines(self, matter: str, staff_number: str | None, known_on: date) -> Sequence[Shown]:
        """What is or was due from one person, or from an exercise as a whole."""
