"""The register of documents: put one in, and say anew what it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from transfer.commands.office import Act, Office
from transfer.core import documents
from transfer.core.documents import Described, DocumentFact, DocumentState
from transfer.core.refusals import Malformed, StaleVersion
from transfer.core.streams import document_stream, take_apart
from transfer.log.envelope import Receipt, Recorded
from transfer.procedures.facts import Fact


@dataclass(frozen=True, slots=True)
class DocumentEntered:
    """What a write to the register answers."""

    document: str
    event_id: UUID
    version: int
    recorded_at: datetime


def register(office: Office, act: Act, said: Described, today: date) -> DocumentEntered:
    """Put a document into the register, under the next number.

    Raises `Malformed`, `KeyReused`, and `StaleVersion` where the caller relied on a version: a
    document that is new has none.
    """
    if act.expected_version:
        raise StaleVersion("a document that is new has no version yet")

    def attempt() -> Receipt | None:
        stream = document_stream(documents.document_id(_next_number(office)))
        (fact,) = documents.register(DocumentState(), said, today)
        return office.append([(stream, 0, fact)], act)

    # Two who register at once would take the same number: the second takes the next.
    return _entered(office.first_answer(act) or office.persist(attempt, about="documents"))


def correct(
    office: Office, act: Act, document: str, said: Described, *, reason: str, today: date
) -> DocumentEntered:
    """Say anew, as a whole, what a document is; what was said before stays on record.

    Raises `NotOnRecord`, `Malformed`, `KeyReused`, `StaleVersion`.
    """
    stream = document_stream(document)

    def attempt() -> Receipt | None:
        events = office.log.read(stream)
        version = events[-1].version if events else 0
        if events and act.expected_version not in (None, version):
            raise StaleVersion(f"{document} is at version {version}, not {act.expected_version}")
        new = documents.correct(state_of(events), said, reason, today)
        return office.append([(stream, version, fact) for fact in new], act)

    once = act.expected_version is not None
    first = office.first_answer(act)
    return _entered(first or office.persist(attempt, about=stream, once=once))


def require_registered(office: Office, document: str) -> None:
    """Raise `Malformed` where the register has no document of that id."""
    if not office.log.read(document_stream(document)):
        raise Malformed(f"{document} is not in the register of documents", field="document")


def state_of(events: Sequence[Recorded[Fact]]) -> DocumentState:
    """A document from the events of its stream."""
    state = DocumentState()
    for recorded in events:
        if isinstance(recorded.fact, DocumentFact):
            documents.evolve(state, recorded.fact)
    return state


def _next_number(office: Office) -> int:
    last = office.log.last_stream("document")
    return 1 if last is None else int(take_apart(last)[1].removeprefix("D")) + 1


def _entered(receipt: Receipt | None) -> DocumentEntered:
    if receipt is None:
        raise AssertionError("a document is always recorded")
    stream, version, event_id = receipt.events[0]
    return DocumentEntered(take_apart(stream)[1], event_id, version, receipt.recorded_at)
