"""An edition as a decision of a procedure asks it, where its kind has a part of the edition.

    rules = by_edition(case)
    vetting = rules.part(Vetting)                 # the part of the edition that is for the kind
    rules.basis(vetting.appeal.clause)            # why, for the fact
    Begun(**case.stamp(…), **pins(case))          # the first fact names what binds it

A kind names its part (`Kind.part`): a model beside its declaration, which says what the table of
that name in an edition's file holds. Every field of it that names a clause is checked to be one
when the file is read.
"""

from datetime import date
from decimal import Decimal
from typing import Protocol, TypedDict, TypeVar, cast

from pydantic import BaseModel

from transfer.core.dating.calendars import Calendar
from transfer.core.editions.parts import Clause
from transfer.core.editions.values import ClauseValue, Value
from transfer.core.matter.deciding import RulesOfMatter
from transfer.core.matter.facts import MatterBegun
from transfer.core.words import Frozen

P = TypeVar("P", bound=BaseModel)


class BegunUnderEdition(MatterBegun):
    """A procedure begins under one frozen edition, with the values that were given for it."""

    values: tuple[ClauseValue, ...] = ()


class RulesOfEdition(RulesOfMatter, Protocol):
    """An edition with the values given to it, as far as every kind asks it alike."""

    @property
    def edition(self) -> str:
        """The name of the edition."""

    @property
    def edition_digest(self) -> str:
        """The SHA-256 of the edition's text, in hexadecimal."""

    @property
    def given(self) -> tuple[ClauseValue, ...]:
        """The values that were given where the edition has none, or that depart from it."""

    def part(self, model: type[P]) -> P:
        """The part of the edition that is for a kind; raises `Refused` where it has none."""

    def clause(self, clause_id: str) -> Clause:
        """A clause; raises `Refused` where there is none of that id."""

    def knows(self, clause_id: str) -> bool:
        """Whether a clause has a value here."""

    def value(self, clause_id: str) -> Value:
        """A clause's value; raises `Refused` with the document needed where it is unknown."""

    def day(self, clause_id: str) -> date:
        """The value of a clause that is a date; raises as `value` does."""

    def decimal(self, clause_id: str) -> Decimal:
        """The value of a clause that is a number, in the clause's unit; raises as `value` does."""

    def texts(self, clause_id: str) -> tuple[str, ...]:
        """The value of a clause that is a list; raises as `value` does."""


class NotKnown(Frozen):
    """What an edition does not know, as an answer says it: the clause, why, and the document that
    would tell."""

    clause: str
    title: str
    because: str
    document_needed: str


def not_known(rules: RulesOfEdition, clause_id: str) -> NotKnown:
    """What an answer says of a clause that has no value."""
    clause = rules.clause(clause_id)
    return NotKnown(
        clause=clause_id,
        title=clause.title,
        because=clause.unknown_because or clause.text,
        document_needed=clause.document_needed or "",
    )


class HasRules(Protocol):
    """What has the rules that bind a matter: a decision's case, or what is asked of a matter."""

    @property
    def rules(self) -> RulesOfMatter:
        """The rules."""


def by_edition(case: HasRules) -> RulesOfEdition:
    """The rules of a kind that goes by a part of an edition."""
    return cast("RulesOfEdition", case.rules)


class Pins(TypedDict):
    """What the first fact of a matter says of the rules that bind it."""

    edition: str
    digest: str
    calendar: str
    values: tuple[ClauseValue, ...]


def pins(case: HasRules) -> Pins:
    """What the first fact of a matter says of the rules that bind it."""
    rules = by_edition(case)
    calendar: Calendar = rules.calendar
    return Pins(
        edition=rules.edition,
        digest=rules.edition_digest,
        calendar=calendar.edition,
        values=rules.given,
    )
