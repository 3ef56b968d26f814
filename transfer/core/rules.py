"""What a decision asks of the rulebook that binds it; the rulebooks package answers it.

Core knows no edition: it names an act, a window or a milestone, and is given the value in force
for this exercise, with the basis that the fact must carry.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from transfer.core.dating.calendars import Calendar, Period
from transfer.core.words import Basis, Late, MilestoneRole, WindowKind, WindowName


@dataclass(frozen=True, slots=True)
class WindowInForce:
    """A window as the edition has it.

    `clause` gives the right, `length_clause` its time, `panel_clause` the time that a panel has.
    """

    name: WindowName
    kind: WindowKind
    clause: str
    length_clause: str
    panel_clause: str | None = None
    counted: Literal["sent", "received"] = "sent"
    late: Late = Late.ADMIT
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LettersInForce:
    """What goes out to the people of a path: the letters, what each must say, what they open."""

    names: tuple[str, ...]
    contents: tuple[str, ...]
    windows: tuple[WindowInForce, ...]
    basis: Basis


class RulesInForce(Protocol):
    """A rulebook edition with every unknown value supplied or assumed."""

    @property
    def calendar(self) -> Calendar:
        """The calendar edition that the exercise's deadlines are pinned to."""

    def period(self, clause: str, transferor: str | None = None) -> Period:
        """A length of time, the transferor's own where it has one; `Refused` if it has none."""

    def basis(self, *clauses: str) -> Basis:
        """Edition, clause (the first named), document and confidence, with the assumptions that
        any of the clauses rests on."""

    def clause_for(self, act: str) -> str:
        """The clause under which an act is done that belongs to no route, letter or window."""

    def basis_for(self, act: str) -> Basis:
        """Why such an act is done."""

    def allows(self, act: str) -> bool:
        """Whether the edition knows such an act at all."""

    def letters(self, path: str) -> LettersInForce:
        """What goes out to the people of a path."""

    def window(self, name: str) -> WindowInForce:
        """One window; raises `Refused` with those that there are."""

    def window_of(self, kind: WindowKind) -> WindowInForce:
        """The window of a kind; raises `Refused` where the edition opens none."""

    @property
    def windows(self) -> tuple[WindowInForce, ...]:
        """Every window of the edition."""

    def require_destination(self, destination: str) -> None:
        """Raise `Refused` with those that there are where the edition sends nobody there."""

    def milestone_of(self, role: MilestoneRole, transferor: str | None = None) -> str | None:
        """The milestone with that role; of a transferor's own where it has one."""

    def milestone_role(self, milestone: str) -> tuple[MilestoneRole | None, tuple[str, ...]]:
        """The role of a milestone and the transferors whose alone it is; `Refused` if unknown."""

    def milestone_basis(self, milestone: str, due_on: date | None = None) -> Basis:
        """The clause and document that set a milestone to that day, else its latest one."""
