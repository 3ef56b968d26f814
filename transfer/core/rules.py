"""What a decision asks of the rulebook that binds it; the rulebooks package answers it.

Core knows no edition: it names a clause and is given the value in force for this exercise, with
the basis that the fact must carry.
"""

from datetime import date
from decimal import Decimal
from typing import Protocol

from transfer.core.dating.calendars import Calendar, Period
from transfer.core.words import Basis, Route


class RulesInForce(Protocol):
    """A rulebook edition with every unknown value supplied or assumed."""

    @property
    def calendar(self) -> Calendar:
        """The calendar edition that the exercise's deadlines are pinned to."""

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of assignment in the order in which they are tried."""

    def period(self, clause: str) -> Period:
        """A length of time; raises `Refused` if the clause has no value."""

    def day(self, clause: str) -> date:
        """A date; raises `Refused` if the clause has no value."""

    def share(self, clause: str) -> Decimal:
        """A share between 0 and 1; raises `Refused` if the clause has no value."""

    def texts(self, clause: str) -> tuple[str, ...]:
        """A list of words; raises `Refused` if the clause has no value."""

    def basis(self, *clauses: str) -> Basis:
        """Edition, clause (the first named), document and confidence, with the assumptions that
        any of the clauses rests on."""

    def basis_for(self, act: str) -> Basis:
        """Why an act is done that belongs to no route, letter or window."""

    def milestone_basis(self, milestone: str, due_on: date | None = None) -> Basis:
        """The clause and document that set a milestone to that day, else its latest one."""
