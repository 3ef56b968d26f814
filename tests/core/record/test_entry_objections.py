"""Objections of staff to entries on their own record, and what the employer answers."""

from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from tests.support.scenario import Stream, given
from transfer.core.record import entry_objections as decide
from transfer.core.record.entries import EntryOnRecord
from transfer.core.record.entry_objections import (
    EntryObjectedTo,
    EntryObjectionAnswered,
    EntryObjectionWithdrawn,
    ObjectionFact,
    ObjectionOutcome,
    Objections,
)
from transfer.core.refusals import Conflict, Malformed, NotOnRecord, Refusal

COMMITMENT = "5f" * 32


def id_of(number: int) -> UUID:
    """The id of the event recorded at that place, counted from 1."""
    return uuid5(NAMESPACE_URL, f"event {number}")


BEFORE, DISPUTED, CORRECTION, ANNULLED = (uuid5(NAMESPACE_URL, f"entry {n}") for n in range(4))
ENTRIES = {
    BEFORE: EntryOnRecord(),
    DISPUTED: EntryOnRecord(),
    CORRECTION: EntryOnRecord(of=DISPUTED),
    ANNULLED: EntryOnRecord(annulled=True),
}


@dataclass
class Numbered:
    """Objections whose events get the ids of their places."""

    objections: Objections = field(default_factory=Objections)
    count: int = 0


def _evolve(numbered: Numbered, fact: ObjectionFact) -> None:
    numbered.count += 1
    decide.evolve(numbered.objections, id_of(numbered.count), fact)


record = Stream(Numbered, _evolve)

OBJECTED = EntryObjectedTo(of=DISPUTED, statement_commitment=COMMITMENT)
WITHDRAWN = EntryObjectionWithdrawn(of=id_of(1))
MAINTAINED = EntryObjectionAnswered(
    of=id_of(1), outcome=ObjectionOutcome.MAINTAINED, reason_commitment=COMMITMENT
)


def object_to(_: Numbered, of: UUID = DISPUTED) -> tuple[EntryObjectedTo, ...]:
    return decide.object_to(ENTRIES, of=of, statement_commitment=COMMITMENT)


def withdraw(n: Numbered) -> tuple[EntryObjectionWithdrawn, ...]:
    return decide.withdraw(n.objections, objection=id_of(1))


def answer(
    n: Numbered, outcome: ObjectionOutcome = ObjectionOutcome.MAINTAINED, by: UUID | None = None
) -> tuple[EntryObjectionAnswered, ...]:
    return decide.answer(
        n.objections,
        ENTRIES,
        objection=id_of(1),
        outcome=outcome,
        reason_commitment=COMMITMENT,
        put_right_by=by,
    )


def test_an_entry_of_ones_own_record_may_be_objected_to() -> None:
    given(record).when(object_to).then(EntryObjectedTo).saying(of=DISPUTED)
    given(record, OBJECTED).when(object_to).then(EntryObjectedTo)
    given(record).when(lambda n: object_to(n, id_of(9))).then_refused(kind=NotOnRecord)


def test_an_open_objection_may_be_withdrawn_once() -> None:
    given(record, OBJECTED).when(withdraw).then(EntryObjectionWithdrawn).then_done_once()
    given(record).when(withdraw).then_refused(kind=NotOnRecord)
    given(record, OBJECTED, MAINTAINED).when(withdraw).then_refused(kind=Conflict)


def test_an_objection_is_maintained_or_upheld_by_what_puts_it_right() -> None:
    given(record, OBJECTED).when(answer).then(EntryObjectionAnswered)
    given(record, OBJECTED).when(lambda n: answer(n, ObjectionOutcome.UPHELD, CORRECTION)).then(
        EntryObjectionAnswered
    ).saying(put_right_by=CORRECTION)


def test_a_later_answer_is_recorded_too() -> None:
    given(record, OBJECTED, MAINTAINED).when(
        lambda n: answer(n, ObjectionOutcome.UPHELD, CORRECTION)
    ).then(EntryObjectionAnswered)


@pytest.mark.parametrize(
    ("history", "outcome", "by", "kind"),
    [
        ((), ObjectionOutcome.MAINTAINED, None, NotOnRecord),
        ((OBJECTED, WITHDRAWN), ObjectionOutcome.MAINTAINED, None, Conflict),
        ((OBJECTED,), ObjectionOutcome.MAINTAINED, CORRECTION, Malformed),
        ((OBJECTED,), ObjectionOutcome.UPHELD, None, Malformed),
        ((OBJECTED,), ObjectionOutcome.UPHELD, id_of(9), NotOnRecord),
        ((OBJECTED,), ObjectionOutcome.UPHELD, BEFORE, Conflict),
        ((OBJECTED,), ObjectionOutcome.UPHELD, DISPUTED, Conflict),
        ((OBJECTED,), ObjectionOutcome.UPHELD, ANNULLED, Conflict),
    ],
    ids=[
        "no such objection",
        "withdrawn",
        "maintained, yet put right",
        "upheld by nothing",
        "upheld by somebody else's entry",
        "upheld by what was there before",
        "upheld by itself",
        "upheld by an annulled entry",
    ],
)
def test_what_is_no_answer(
    history: tuple[ObjectionFact, ...],
    outcome: ObjectionOutcome,
    by: UUID | None,
    kind: type[Refusal],
) -> None:
    given(record, *history).when(lambda n: answer(n, outcome, by)).then_refused(kind=kind)
