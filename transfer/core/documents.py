"""The register of documents: what a document is, who issued it, its days, and where it is kept.

A document has a stream of its own. What was typed wrongly is corrected by a new fact, which
replaces the whole of what was said before; answers at earlier knowledge times go on saying that. A
basis names a document by its id, or, in older records, by a text.

Order of the file: facts, then state and fold, then decisions.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, assert_never

from pydantic import AfterValidator, StringConstraints

from transfer.core.refusals import AlreadyOnRecord, Malformed, NotOnRecord
from transfer.core.words import Frozen

DOCUMENT_ID = r"D[0-9]{6,12}"
"""The form of a document's id: numbered in the order in which they were registered."""

DocumentId = Annotated[str, StringConstraints(pattern=rf"^{DOCUMENT_ID}$")]


def document_id(number: int) -> str:
    """The id of the document of that number: `D000017`."""
    return f"D{number:06d}"


# --- facts -------------------------------------------------------------------------------------

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=r"^[^\x00]*$"),
]
"""A line of text: not blank, and without a NUL."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$"), AfterValidator(str.lower)]


class Described(Frozen):
    """What is said of a document. Its title and where it is kept name nobody: it is not encrypted.

    `dated_on` is the day that it bears; `sent_on` and `received_on` are when it went out and came
    in. `sha256` is the digest of the file, in hexadecimal.
    """

    title: Line
    issuer: Line
    dated_on: date
    sent_on: date | None = None
    received_on: date | None = None
    sha256: Sha256 | None = None
    kept_at: Line | None = None


class DocumentRegistered(Described):
    """A document is in the register."""


class DocumentCorrected(Described):
    """It is this, and not what was said before."""

    reason: str


DocumentFact = DocumentRegistered | DocumentCorrected

# --- state and fold ----------------------------------------------------------------------------


@dataclass(slots=True)
class DocumentState:
    """A document as it is on record; `said` is `None` before it is registered."""

    said: Described | None = None
    corrections: int = field(default=0)


def evolve(state: DocumentState, fact: DocumentFact) -> None:
    """Fold one fact in; total, and never judges."""
    match fact:
        case DocumentRegistered():
            state.said = fact
        case DocumentCorrected():
            state.said = fact
            state.corrections += 1
        case _:
            assert_never(fact)


# --- decisions ---------------------------------------------------------------------------------


def register(state: DocumentState, said: Described, today: date) -> tuple[DocumentFact, ...]:
    """Put a document into the register. Raises `Malformed` for days that cannot be."""
    if state.said is not None:
        raise AlreadyOnRecord("that document is in the register")
    _require_days(said, today)
    return (DocumentRegistered(**dict(said)),)


def correct(
    state: DocumentState, said: Described, reason: str, today: date
) -> tuple[DocumentFact, ...]:
    """Say anew what a document is. Raises `NotOnRecord`, `Malformed` for days that cannot be."""
    if state.said is None:
        raise NotOnRecord("no such document in the register")
    if not reason.strip():
        raise Malformed("say why", field="reason")
    _require_days(said, today)
    return (DocumentCorrected(**dict(said), reason=reason),)


def _require_days(said: Described, today: date) -> None:
    for name, day in (("sent_on", said.sent_on), ("received_on", said.received_on)):
        if day is not None and day > today:
            raise Malformed(f"{day} has not come yet: it is {today}", field=name)
    if said.sent_on and said.received_on and said.received_on < said.sent_on:
        raise Malformed(
            f"received on {said.received_on}, and sent on {said.sent_on}", field="received_on"
        )
