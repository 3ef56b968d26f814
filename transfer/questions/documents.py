"""The register of documents: one of them, all of them, and the title of one that is cited."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from projections.keeping_up.cursors import malformed_cursor, read_cursor, write_cursor
from transfer.commands.documents import state_of
from transfer.core.dating.instants import Instant
from transfer.core.documents import DOCUMENT_ID, DocumentCorrected, DocumentId
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import document_stream, take_apart
from transfer.log.application import Log
from transfer.log.envelope import NOT_YET, Recorded
from transfer.procedures.facts import Fact
from transfer.questions.answer import ASSERTED, TITLE_OF, Answer, absent
from transfer.questions.asserted import asserted_by

_ID = re.compile(DOCUMENT_ID)


class DocumentCorrection(Answer):
    """When, by whom and why it was said anew what a document is."""

    event_id: UUID
    recorded_at: Instant
    recorded_by: str
    reason: str


class Document(Answer):
    """A document as the register had it at an instant.

    `version` counts what was recorded of it; `corrections` says what was mistyped before."""

    document: DocumentId
    title: str
    issuer: str
    dated_on: date
    sent_on: date | None
    received_on: date | None
    sha256: str | None = Field(description="The digest of the file, in hexadecimal.")
    kept_at: str | None = Field(description="Where it is kept: a shelf, a file, an address.")
    version: int
    registered_at: Instant
    registered_by: str
    corrections: tuple[DocumentCorrection, ...] = Field((), exclude_if=absent)


class DocumentsFound(Answer):
    """A page of the register in the order of registration; `next_cursor` is null on the last."""

    known_at: Instant
    items: tuple[Document, ...]
    next_cursor: str | None


class DocumentFound(Document):
    """One document, as known at an instant."""

    known_at: Instant


def document(log: Log[Fact], named: str, known_at: datetime) -> DocumentFound:
    """One document; raises `NotOnRecord` where the register had none of that id."""
    found = _found(log, [document_stream(named)], known_at) if _ID.fullmatch(named) else []
    if not found:
        raise NotOnRecord("no such document in the register")
    return DocumentFound(known_at=known_at, **dict(found[0]))


def documents(
    log: Log[Fact], known_at: datetime, *, limit: int, cursor: str | None = None
) -> DocumentsFound:
    """A page of the register. Raises `Malformed` for a cursor that is none."""
    after = ""
    if cursor is not None:
        (last,) = read_cursor(cursor, 1)
        if _ID.fullmatch(last) is None:
            raise malformed_cursor()
        after = document_stream(last)
    streams = log.streams_begun("document", limit + 1, after=after, up_to_recorded=known_at)
    items = tuple(_found(log, streams[:limit], known_at))
    more = len(streams) > limit
    return DocumentsFound(
        known_at=known_at,
        items=items,
        next_cursor=write_cursor((items[-1].document,)) if more else None,
    )


def _found(log: Log[Fact], streams: Sequence[str], known_at: datetime) -> list[Document]:
    events = log.read_many(streams, up_to_recorded=known_at)
    return [_shown(stream, events[stream]) for stream in streams if events[stream]]


def _shown(stream: str, events: Sequence[Recorded[Fact]]) -> Document:
    said = state_of(events).said
    if said is None:
        raise AssertionError("a document's stream begins with its registration")
    first, last = events[0], events[-1]
    return Document(
        document=take_apart(stream)[1],
        **said.model_dump(include={*type(said).model_fields} - {"reason"}),
        version=last.version,
        registered_at=first.recorded_at,
        registered_by=first.recorded_by,
        corrections=tuple(
            DocumentCorrection(
                event_id=each.event_id,
                recorded_at=each.recorded_at,
                recorded_by=each.recorded_by,
                reason=each.fact.reason,
            )
            for each in events
            if isinstance(each.fact, DocumentCorrected)
        ),
    )


def titles(log: Log[Fact], known_at: datetime | None) -> Callable[[str], str | None]:
    """Tells the title of a document by its id, as known at an instant; `None` for what names none
    of the register. Each is looked up once."""
    known: dict[str, str | None] = {}

    def title_of(named: str) -> str | None:
        if _ID.fullmatch(named) is None:
            return None
        if named not in known:
            found = _found(log, [document_stream(named)], known_at or NOT_YET)
            known[named] = found[0].title if found else None
        return known[named]

    return title_of


def citing(log: Log[Fact], answer: BaseModel) -> Mapping[str, object]:
    """The context in which an answer is serialised, so that it shows the titles of the documents
    that it cites and the assertions that it rests on: as they were at the instant that it is given
    at."""
    at = next(
        (
            instant
            for name in ("known_to_log_at", "known_at", "known_to")
            if isinstance(instant := getattr(answer, name, None), datetime)
        ),
        None,
    )
    return citing_at(log, at, getattr(answer, "staff_number", None))


def citing_at(
    log: Log[Fact], known_at: datetime | None, whose: str | None = None
) -> Mapping[str, object]:
    """The same at an instant (`None`: now), of an answer about one person or about several."""
    return {TITLE_OF: titles(log, known_at), ASSERTED: asserted_by(log, known_at, whose)}
