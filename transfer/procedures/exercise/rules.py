"""What the decisions of an exercise ask of the edition that binds it; the rulebooks answer it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol, cast

from transfer.core.dating.calendars import Period
from transfer.core.editions.values import ClauseValue
from transfer.core.matter.deciding import Case, RulesOfMatter
from transfer.core.refusals import Failure, Refused
from transfer.core.rules import RulesInForce
from transfer.core.words import (
    Basis,
    Destination,
    Facet,
    Mechanism,
    MilestoneName,
    PathName,
    Route,
)
from transfer.procedures.exercise.facts import Evidence

Facets = Mapping[Facet, str | None]
"""The main assignment of a person on a day."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A route, where it leads, and the reason in words."""

    route: Route
    destination: Destination
    reason: str
    evidence: Evidence
    basis: Basis


@dataclass(frozen=True, slots=True)
class Given:
    """A term that a move gives; `until` is the first day without it."""

    term: str
    value: str
    until: date | None
    basis: Basis


@dataclass(frozen=True, slots=True)
class OnePerson:
    """Somebody as the edition's conditions see them on a day."""

    staff_number: str
    facets: Facets
    evidence: Mapping[str, str]
    on: date


class RulesOfExercise(RulesOfMatter, RulesInForce, Protocol):
    """An edition with every value that the exercise needs."""

    @property
    def edition_digest(self) -> str:
        """The SHA-256 of the edition's text."""

    @property
    def edition(self) -> str:
        """The edition."""

    @property
    def mechanism(self) -> Mechanism:
        """What kind of move it is in law."""

    @property
    def given(self) -> tuple[ClauseValue, ...]:
        """The values that were supplied for the exercise, or assumed."""

    @property
    def panel_route(self) -> Route:
        """The route of a panel's decision."""

    @property
    def transfers(self) -> tuple[MilestoneName, ...]:
        """The days of transfer, of each transferor or of all."""

    def waits(self, step: str) -> bool:
        """Whether a step waits for an administrator's approval by the edition."""

    def period(self, clause: str, transferor: str | None = None) -> Period:
        """A length of time, the transferor's own where it has one; raises `Refused` if none."""

    def routes_of(self, path: PathName) -> tuple[Route, ...]:
        """The routes whose people's letters go out together."""

    def path_of(self, route: Route) -> PathName:
        """The path of a route."""

    def transferor_of(self, facets: Facets) -> str | None:
        """The name of the transferor whose somebody in that position is; `None`: none's."""

    def why_not_covered(self, person: OnePerson) -> str | None:
        """Which rule of the scope leaves somebody out, in its words; `None`: covered."""

    def left_out_by(self, person: OnePerson) -> Failure | None:
        """The rule of the scope that leaves somebody out, with its clause; `None`: covered."""

    @property
    def why_so_in_law(self) -> tuple[Basis, ...]:
        """Why it is this kind of move in law: the clause that says so, and each it rests on."""

    @property
    def unread_instrument(self) -> str | None:
        """The clause of the instrument that would settle it and that nobody has read."""

    def choose(self, person: OnePerson, seed: str) -> Choice:
        """Where somebody goes by the edition's table; raises `Refused` where no route decides."""

    @property
    def has_limited_places(self) -> bool:
        """Whether everybody has to be looked at together before anybody is proposed."""

    def allocate(
        self, people: Mapping[str, OnePerson], seed: str, taken: Mapping[Destination, int]
    ) -> Mapping[str, Choice | Refused]:
        """Where everybody goes, where places are limited; `taken` are those given before."""

    def changes(self, to: Destination, person: OnePerson) -> Facets:
        """Exactly what a move changes; raises `Refused` where the person is no transferor's."""

    def given_by_move(
        self, to: Destination, route: Route | None, on: date, transferor: str | None
    ) -> tuple[Given, ...]:
        """The terms that a move gives from its day on."""

    def gate(
        self,
        before: str,
        *,
        is_consulted_on: bool,
        appeals_open: int = 0,
        documents: Collection[str] | None = (),
    ) -> tuple[Failure, ...]:
        """What the edition wants on record before a step, and is not. `documents` are those on
        file; `None` takes them to be there."""

    @property
    def documents_asked_for(self) -> tuple[str, ...]:
        """The documents that some step waits for, the liability information as it was given, and
        those that hold what it asks for, as the edition calls them."""


def rules_of(case: Case) -> RulesOfExercise:
    """The rules of the exercise that a decision is about."""
    return cast(RulesOfExercise, case.rules)
