"""What happens to one exercise as a whole: opening, scope, days of the plan, groups, completion."""

from datetime import date

from transfer.core.editions.values import ClauseValue
from transfer.core.matter import facts as t
from transfer.core.matter.reckoning import Reckoned
from transfer.core.words import (
    Basis,
    Destination,
    Frozen,
    Mechanism,
    MilestoneName,
    MilestoneRole,
    PathName,
    Route,
    WindowKind,
)
from transfer.procedures.exercise.facts import Evidence


class Collision(Frozen):
    """Two dates of a plan that cannot both be kept, found before anything started."""

    what: str
    first: str
    first_on: date
    second: str
    second_on: date
    clause: str
    who: str


class ExerciseOpened(t.MatterBegun):
    """The exercise begins under one frozen rulebook edition, with every unknown value supplied."""

    mechanism: Mechanism
    transferors: tuple[str, ...]
    values: tuple[ClauseValue, ...]
    collisions: tuple[Collision, ...] = ()
    rehearsed: bool = False


class ScopeSet(t.MatterFact):
    """Who the exercise covers on a day, by the criterion of its edition."""

    criterion: str
    effective_from: date
    members: tuple[str, ...]


class MilestoneSet(t.DayFixed):
    """A day by which, or on which, something of the exercise is due.

    `role` says which day of the procedure it is, `transferors` whose it is, where not everybody's.
    `follows` are the days of transfer that come before, of the last day of the plan (`is_last`).
    `ends_employment`: whoever is left behind then is dismissed, by the edition.
    """

    role: MilestoneRole | None = None
    transferors: tuple[str, ...] = ()
    follows: tuple[MilestoneName, ...] = ()
    is_last: bool = False
    ends_employment: bool = False


class MilestoneReset(t.DayMoved):
    """A milestone moves; the day it had stays on record."""

    role: MilestoneRole | None = None
    transferors: tuple[str, ...] = ()


class MilestoneReached(t.MatterFact):
    """A milestone's day came: whether what it asked for was done, and what was outstanding."""

    milestone: MilestoneName
    due_on: date
    met: bool
    outstanding: int


class Allocated(Frozen):
    """Where one person goes, or (`refused`) why no route sends them anywhere."""

    route: Route | None = None
    destination: Destination | None = None
    reason: str
    evidence: Evidence = Evidence()
    basis: Basis
    refused: bool = False


class PlacesAllocated(t.MatterFact):
    """Who goes where, where places are limited: everybody was looked at together."""

    seed: str
    outcomes: dict[str, Allocated]


class CohortFormed(t.GroupFormed):
    """People of one transferor whose letters share a date and a path, which has these routes."""

    group: str
    transferor: str
    path: PathName
    routes: tuple[Route, ...]
    letters_on: Reckoned


class DocumentFiled(t.MatterFact):
    """A document that the edition asks for before a step is there: which of those in the register
    it is, its basis says. `title` is what the edition calls it."""

    title: str


class CohortLettersSent(t.GroupFact):
    """A group's letters are out: until when its people may act, as each letter tells them.

    `transfer` is the day of the plan on which those are moved who are confirmed.
    """

    group: str
    windows: dict[WindowKind, Reckoned]
    transfer: MilestoneName


class TransferorDissolved(t.MatterFact):
    """The transferors cease to exist."""

    transferors: tuple[str, ...]
    dissolved_on: date


class ExerciseCompleted(t.Completed):
    """Everybody in scope is accounted for: the flows add up to the scope.

    `stayed` are those who are still where they were, where the edition ends nobody's employment.
    """

    in_scope: int
    transferred: dict[Destination, int]
    objected: int
    not_transferred: int
    left: int = 0
    stayed: int = 0
