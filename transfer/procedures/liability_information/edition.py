"""Employee liability information: what one employer has to tell the next about the people who move.

LiabilityInformation   whose duty it is, by when, how fresh it has to be
Item                   one item of the regulation, in words, with its clause
Datum                  one thing of it, and what in the record supplies it

Source: rules TU-15 and TU-16 (TUPE 2006, regulation 11). Which items there are, and how long before
the transfer they are given, is the edition's to say.
"""

from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from transfer.core.editions.parts import Clause, ClauseId, FieldName, Length, Name, Part, Words
from transfer.core.words import Facet

DOCUMENT = "document"
"""Where a datum comes from that the record cannot hold."""


class Personal(StrEnum):
    """What the record keeps of a person apart from the entries."""

    NAME = "name"
    DATE_OF_BIRTH = "date_of_birth"


class Datum(Part):
    """One thing that an item is made of, and the one place that supplies it.

    `detail` is a part of the position, `term` a term of the person's own, `personal` what is kept
    apart from the entries. What the record cannot hold is a `document`: it is there once a document
    of that title is filed in the exercise, for everybody. `document_needed` says which document
    would tell where the record says nothing; a `document` is needed itself.
    """

    id: Name
    title: Words
    detail: Facet | None = None
    term: FieldName | None = None
    personal: Personal | None = None
    document: Words | None = None
    document_needed: Words | None = None

    @model_validator(mode="after")
    def _comes_from_one_place(self) -> Self:
        sources = (self.detail, self.term, self.personal, self.document)
        if sum(each is not None for each in sources) != 1:
            raise ValueError(f"{self.id}: say one of detail, term, personal, document")
        if (self.document is None) == (self.document_needed is None):
            raise ValueError(
                f"{self.id}: document_needed says which document would tell; what is a document "
                "is needed itself"
            )
        return self

    @property
    def supplied_by(self) -> str:
        """Where it comes from: `detail NAME`, `term NAME`, what is personal by its name, or
        `DOCUMENT`."""
        if self.detail is not None:
            return f"detail {self.detail}"
        if self.term is not None:
            return f"term {self.term}"
        return DOCUMENT if self.personal is None else self.personal.value

    @property
    def needed(self) -> str:
        """The document that would tell where nothing is held."""
        return self.document or self.document_needed or ""


class Item(Part):
    """One item of the regulation."""

    id: Name
    title: Words
    text: Words
    clause: ClauseId
    needs: tuple[Datum, ...] = Field(min_length=1)


class LiabilityInformation(Part):
    """The duty of an edition to give liability information, and its items in order.

    Filing a document of its `title` in the exercise says that the information was given.
    `lengths` say how long before the transfer it is given: that of the clause which is in force on
    the day of the transfer (`in_force_from`). `as_at_within` is how long at most lies between the
    day that the information describes and the day on which it is given. `careful` is the clause on
    reading the count as clear days, `special` the clause on special circumstances, in which it is
    given as soon as can reasonably be done.
    """

    title: Words = "Employee liability information"
    owner: Words
    owed_to: Words
    clause: ClauseId
    lengths: tuple[Length, ...] = Field(alias="length", min_length=1)
    as_at_within: Length | None = None
    careful: ClauseId | None = Field(default=None, exclude_if=lambda it: it is None)
    special: ClauseId | None = Field(default=None, exclude_if=lambda it: it is None)
    items: tuple[Item, ...] = Field(alias="item", min_length=1)

    def length_on(self, transfer_on: date, clause: Callable[[str], Clause]) -> str | None:
        """The clause that says how long before a transfer on that day the information is given.

        Of those in force by then the latest (TU-16); `None` where none is in force yet. `clause`
        finds a clause by its id.
        """
        days = ((clause(it.clause).in_force_from or date.min, it.clause) for it in self.lengths)
        found = [each for each in days if each[0] <= transfer_on]
        return max(found)[1] if found else None

    def data(self) -> Iterator[tuple[Item, Datum]]:
        """Everything that is asked for of a person, with its item, in order."""
        for item in self.items:
            for datum in item.needs:
                yield item, datum

    @property
    def documents(self) -> tuple[str, ...]:
        """The titles of the documents that hold what the record cannot."""
        found = (datum.document for _, datum in self.data() if datum.document is not None)
        return tuple(dict.fromkeys(found))
