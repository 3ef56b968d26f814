"""Who is moved, from whom, to whom, and what is known of each: parties, scope, evidence.

Organisation, Kind     a body, and what bodies of its kind are called
Parties, Transferee    from whom and to whom, and what a move there changes
Scope                  whom the exercise covers, as a condition
Evidence               what a staff return may carry of a person besides the position
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated, Self

from pydantic import (
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from transfer.core.editions.parts import ClauseId, FieldName, Name, Part, Words
from transfer.core.words import Confidence, Facet

Condition = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
"""An expression in CEL; see `conditions`."""


class OrganisationKind(Part):
    """What organisations of a kind are called, where only their area is given.

    `name` and `also` are patterns with `{area}`. `place_alone` says that the area's name alone
    means one of this kind; `employed_by` is who employs, in law, the people assigned to one.
    """

    id: Name
    name: Words = "{area}"
    also: tuple[Words, ...] = ()
    place_alone: bool = False
    employed_by: Words | None = None


class OrganisationRow(Part):
    """One organisation: its code, its name or area, its kind, and further names that it goes by.

    `people` is how many it employs; an invented return is shared out by it.
    """

    code: Name
    name: Words | None = None
    area: Words | None = None
    kind: Name = "organisation"
    also: tuple[Words, ...] = ()
    confidence: Confidence = Confidence.SOURCE
    code_assumed: bool = False
    people: int | None = Field(default=None, ge=1)
    note: str = ""

    @model_validator(mode="after")
    def _has_a_name(self) -> Self:
        if self.name is None and self.area is None:
            raise ValueError(f"{self.code} needs a name, or an area")
        return self


class Change(Part):
    """What a move makes of one facet: a text, the transferor's successor, or what evidence says.

    `successor` names a column of the successors' table, `evidence` a field of the return; with
    `or_stays` the facet stays as it is where the return says nothing there. With `ends` the facet
    ends with the move.
    """

    to: Words | None = None
    successor: FieldName | None = None
    evidence: FieldName | None = None
    or_stays: bool = False
    ends: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, given: object) -> object:
        return {"to": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        said = [self.to is not None, self.successor is not None, self.evidence is not None]
        if sum(said) + self.ends != 1:
            raise ValueError("say one of: a text, successor = …, evidence = …, ends = true")
        if self.or_stays and self.evidence is None:
            raise ValueError("or_stays goes with evidence = …: what the return may leave out")
        return self


class Transferee(Part):
    """Where people go: a body, whom it succeeds, and exactly what a move to it changes."""

    id: Name
    name: Words
    succeeds: tuple[Words, ...] = ()
    changes: Mapping[Facet, Change] = Field(min_length=1)
    places: int | None = Field(default=None, ge=0)
    clause: ClauseId | None = None


class Parties(Part):
    """Between whom the exercise moves people.

    `by` is the facet that says whose somebody is: the employer, unless units change hands.
    `transferors` are names or codes; `transferors_of_kind` takes all organisations of a kind.
    `successors` says of each transferor (`of`) who follows it, in columns that the edition names.
    """

    by: Facet = Facet.EMPLOYER
    transferors: tuple[Words, ...] = ()
    transferors_of_kind: Name | None = None
    transferees: tuple[Transferee, ...] = Field(alias="transferee", min_length=1)
    successors: tuple[Mapping[str, str], ...] = ()
    successors_confidence: Confidence = Confidence.SOURCE
    successors_source: Words | None = None

    @model_validator(mode="after")
    def _has_transferors(self) -> Self:
        if bool(self.transferors) == (self.transferors_of_kind is not None):
            raise ValueError("give transferors, or transferors_of_kind, and not both")
        return self


class ScopeRule(Part):
    """Somebody who is covered besides, or is not: as a condition, or as a note for the reader."""

    title: Words
    when: Condition | None = None
    clause: ClauseId | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, given: object) -> object:
        return {"title": given} if isinstance(given, str) else given


class Scope(Part):
    """Whom the exercise covers, asked of everybody who is employed on the day of the scope.

    `who` covers; `also` covers others besides; `not` takes out again. A rule without a condition
    is a note: it is shown and decides nothing.
    """

    who: Condition
    also: tuple[ScopeRule, ...] = ()
    but_not: tuple[ScopeRule, ...] = Field(default=(), alias="not")
    title: Words | None = None
    clause: ClauseId | None = None


RESERVED = frozenset(
    {
        "assignment",
        "staff_number",
        "name",
        "date_of_birth",
        "in_post_from",
        "in_post_to",
        "continuous_service_from",
    }
)
"""Columns of every staff return that are no part of the position."""


class EvidenceType(StrEnum):
    """What a field of evidence holds."""

    WHOLE = "whole"
    SHARE = "share"
    DECIMAL = "decimal"
    MONEY = "money"
    FLAG = "yes-no"
    DATE = "date"
    TEXT = "text"
    CHOICE = "choice"
    TRANSFEREE = "transferee"
    TRANSFEROR = "transferor"
    STAFF_NUMBER = "staff-number"


_WITH_DECIMALS = (EvidenceType.SHARE, EvidenceType.DECIMAL, EvidenceType.MONEY)


class Evidence(Part):
    """A column that a staff return may carry for this edition.

    `least` and `most` bound a number, `not_above` names a field that it must not exceed, `choices`
    are what a choice may be. With `document`, the row must name one in the column `NAME_document`.
    With `needed`, a row without it is rejected. `sample` lists what an invented return draws from.
    """

    name: FieldName
    title: Words
    type: EvidenceType
    unit: Words | None = None
    clause: ClauseId | None = None
    document: bool = False
    needed: bool = False
    choices: tuple[Words, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    not_above: FieldName | None = None
    as_of: ClauseId | None = None
    sample: tuple[Words | int | Decimal | date, ...] = ()

    @field_validator("sample")
    @classmethod
    def _numbers_exact(
        cls, sample: tuple[str | int | Decimal | date, ...], info: ValidationInfo
    ) -> tuple[str | int | Decimal | date, ...]:
        """Numbers with decimals as such, however they are written."""
        if info.data.get("type") not in _WITH_DECIMALS:
            return sample
        try:
            return tuple(Decimal(str(each)) for each in sample)
        except InvalidOperation:
            raise ValueError("a sample of numbers holds numbers") from None

    @model_validator(mode="after")
    def _bounds_fit(self) -> Self:
        if (self.type is EvidenceType.CHOICE) != bool(self.choices):
            raise ValueError(f"{self.name}: choices belong to the type choice, which needs them")
        if self.name in RESERVED or self.name in {facet.value for facet in Facet}:
            raise ValueError(f"{self.name}: is a column of every return; choose another name")
        if self.sample and self.type is EvidenceType.STAFF_NUMBER:
            raise ValueError(f"{self.name}: a staff number is invented from the file's own people")
        return self
