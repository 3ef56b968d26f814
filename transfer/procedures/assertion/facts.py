"""What is put on record of a contested fact, on a stream of its own.

Each assertion has a name within its contested fact, so that a decision can say on which it rests:
`assertion:vlo-back-pay/unions`. Organisations are parties by name, a member of staff by staff
number and never by name; what a member of staff writes lies in the vault.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from transfer.core.matter.facts import MatterBegun, MatterFact
from transfer.core.matter.words import MatterName
from transfer.core.words import StaffNumber

AssertionName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""What an assertion is called within its contested fact, e.g. `unions`."""


class PartySide(StrEnum):
    """On which side a party is."""

    EMPLOYER = "employer"
    UNION = "union"
    MINISTRY = "ministry"
    STAFF = "staff"
    OTHER = "other"


class FactContested(MatterBegun):
    """Several sides say different things: about which question, and what it concerns.

    `people` are whom it is about, `procedure` the exercise or other procedure. `rulebook` and
    `clause` name the rule that it concerns; it goes by none itself. `unions` take part in it.
    """

    question: str
    people: tuple[StaffNumber, ...] = ()
    procedure: MatterName | None = None
    rulebook: str | None = None
    clause: str | None = None
    unions: tuple[str, ...] = ()


class AssertionMade(MatterFact):
    """A party says so. `happened_on` is the day on which it did, `learned_on` since when the office
    knows, `basis.document` where it stands.

    `value` is the day, amount or text that it comes to, where it comes to one: a day as
    `2019-07-04`, an amount as `150.00`.
    """

    assertion: AssertionName
    party: str
    side: PartySide
    statement: str
    value: str = ""


class AssertionDisputed(MatterFact):
    """Another party says that it is not so."""

    assertion: AssertionName
    party: str
    side: PartySide
    statement: str = ""


class AssertionClarified(MatterFact):
    """It is said how it is to be understood; nobody disputes it any more."""

    assertion: AssertionName
    statement: str


class AssertionSuperseded(MatterFact):
    """Another assertion takes its place."""

    assertion: AssertionName
    superseded_by: AssertionName


class AssertionWithdrawn(MatterFact):
    """Its party says so no more."""

    assertion: AssertionName


class AssertionReliedOn(MatterFact):
    """An act of a procedure rests on it, for these people, or for the procedure as a whole."""

    assertion: AssertionName
    procedure: MatterName
    act: str
    people: tuple[StaffNumber, ...] = ()
