"""What an edition says of agreements: the table `[agreement]` of its file."""

from typing import Self

from pydantic import Field, model_validator

from transfer.core.editions.parts import ClauseId, Name, Part, Words


class AgreedPromise(Part):
    """Something that an agreement promises, and who owes it: `employer`, `unions` for what unions
    promise, or an authority by its name.

    `due` is the clause of the last day. A clause without a value is a day that nobody knows; left
    out, it was agreed without a day.
    """

    id: Name
    title: Words
    clause: ClauseId
    owner: Words
    due: ClauseId | None = None


class KnownAgreement(Part):
    """An agreement that the sources tell of.

    `agreed_on` is the clause of the day on which it was made, `not_before` and `by` are clauses of
    days between which it lies where only a month or a year is known. `needs` is the clause that
    lists who all have to agree before it is made, `meanwhile` the clause on what holds until then,
    `counts_from` are clauses of the day from which it counts, one for each account of it; left
    out, it counts from the day on which it is made.
    """

    id: Name
    title: Words
    clause: ClauseId
    parties: tuple[Words, ...] = Field(min_length=1)
    agreed_on: ClauseId | None = None
    not_before: ClauseId | None = None
    by: ClauseId | None = None
    needs: ClauseId | None = None
    meanwhile: ClauseId | None = None
    counts_from: tuple[ClauseId, ...] = ()
    promises: tuple[AgreedPromise, ...] = Field(alias="promise", min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [each.id for each in self.promises]
        if len(set(ids)) < len(ids):
            raise ValueError(f"{self.id}: two promises have the same id")
        return self


class Agreements(Part):
    """How agreements are kept, and those that are known.

    `undelivered` is the clause by which what was not delivered is put on record, `backwards` the
    clause on a later agreement's effect on days before it, and `unknown_days` the clause on days
    that a source gives only as a month or a year.
    """

    undelivered: ClauseId
    backwards: ClauseId
    unknown_days: ClauseId
    known: tuple[KnownAgreement, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [each.id for each in self.known]
        if len(set(ids)) < len(ids):
            raise ValueError("two entries of [[agreement.known]] have the same id")
        return self
