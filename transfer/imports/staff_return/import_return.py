"""Taking a staff return: everybody in it is registered, with their evidence, in one command.

A return is validated whole before anything is written. A small one is appended at once; a large
one is staged in pieces that a broken run goes on from, and nobody sees any of it until the last
piece is in. Either way it is one command: one instant, all or nothing.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import psycopg
from psycopg.rows import DictRow

from transfer.commands.office import Act, Office, key_id
from transfer.core.record.evidence import EvidenceReturned
from transfer.core.record.staff import PositionChanged, StaffRegistered
from transfer.core.streams import staff_stream
from transfer.core.words import Basis, Facet
from transfer.imports.staff_return.people import PersonReturn, Rejection, ReturnRow, StaffReturn
from transfer.imports.staff_return.reader import read_staff_return
from transfer.log.envelope import Receipt
from transfer.procedures.facts import Fact
from transfer.rulebooks import DEFAULT_EDITION, Rulebook

STAGE_FROM = 20_000
"""Facts above which a return is staged; below, one append is quicker and as safe."""

_PIECE = 5_000

Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What became of a return: rows accepted and rejected, people, and what was written.

    `receipt` is `None` where nothing was ever written; `already`: it was written earlier.
    """

    accepted: int
    rejected: tuple[Rejection, ...]
    staff: int
    receipt: Receipt | None
    already: bool = False


def import_return(
    office: Office,
    act: Act,
    data: bytes,
    *,
    document: str,
    book: Rulebook | None = None,
    partial: bool = False,
    ignore_unknown: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda _what, _done, _of: None,
) -> ImportOutcome:
    """Validate a staff return and, if it is whole (or `partial`), put its people on record.

    `document` names the return in the evidence's basis, `book` is the edition that declares its
    columns of evidence. The same file again for the same edition writes nothing and says so. A
    row that is wrong is an entry of `rejected`, never an exception.
    """
    sha = hashlib.sha256(data).hexdigest()
    act = replace(act, command_id=key_id("import", sha, *_named(book)), request=sha)
    known = office.first_answer(act)
    found = read_staff_return(
        data,
        book=book,
        ignore_unknown=ignore_unknown,
        on_record=(lambda _: False) if known else _on_record(office),
        partial=partial,
        progress=lambda done, of: progress("reading", done, of),
    )
    outcome = ImportOutcome(found.accepted, found.rejected, len(found.people), known)
    if known is not None:
        # What was taken and what was not is what it was the first time.
        return replace(outcome, already=True)
    if dry_run or not found.people or (found.rejected and not partial):
        return outcome
    edition = DEFAULT_EDITION if book is None else book.edition
    receipt = _record(office, act, found, document, edition, progress)
    return ImportOutcome(found.accepted, found.rejected, len(found.people), receipt)


def _named(book: Rulebook | None) -> tuple[str, ...]:
    """What an import's id names besides its file: the edition, if one was asked for."""
    return () if book is None else (book.edition, book.digest())


def facts_of(person: PersonReturn, document: str, edition: str) -> Iterator[Fact]:
    """One person's rows as facts: the first period registers, each later one is a change.

    A period that ends with no row following it that day ends the position from that day. Evidence
    is what the last row says, under the edition that declares it.
    """
    first, *later = person.periods
    yield StaffRegistered(
        staff_number=person.staff_number,
        effective_from=first.in_post_from,
        continuous_service_from=person.continuous_service_from,
        position=dict(first.facets()),
    )
    before = first
    for row in later:
        if before.in_post_to is not None and before.in_post_to < row.in_post_from:
            yield _ended(before)
        blank = dict.fromkeys(before.facets(), None)
        yield PositionChanged(
            effective_from=row.in_post_from,
            changes={**blank, **row.facets()},
            reason="staff return: a later position",
        )
        before = row
    if before.in_post_to is not None:
        yield _ended(before)
    if before.evidence:
        yield EvidenceReturned(
            values=dict(before.evidence),
            documents=dict(before.documents),
            basis=Basis(rulebook=edition, document=document),
        )


def _ended(row: ReturnRow) -> PositionChanged:
    if row.in_post_to is None:
        raise ValueError("an open position has no end")
    ended: dict[Facet, str | None] = dict.fromkeys(row.facets(), None)
    return PositionChanged(
        effective_from=row.in_post_to, changes=ended, reason="staff return: the position ended"
    )


def _record(
    office: Office,
    act: Act,
    found: StaffReturn,
    document: str,
    edition: str,
    progress: Progress,
) -> Receipt:
    new = [
        (staff_stream(person.staff_number), 0, fact)
        for person in found.people
        for fact in facts_of(person, document, edition)
    ]
    sealed = office.vault.seal({each.staff_number: _personal(each) for each in found.people})

    def store(cursor: psycopg.Cursor[DictRow]) -> None:
        office.vault.store(cursor, sealed)

    if len(new) < STAGE_FROM:
        receipt = office.log.append(new, act.command(), store)
        progress("recording", len(new), len(new))
        return receipt
    command = act.command()
    batch = office.log.open_import(act.command_id, bytes.fromhex(act.request), command, len(new))
    done = batch.staged_to
    while done < len(new):
        done = office.log.stage(batch, done, _piece(new, done), command)
        progress("staging", done, len(new))
    return office.log.commit_import(batch, command, store)


def _piece(new: list[tuple[str, int, Fact]], start: int) -> list[tuple[str, int, Fact]]:
    """The next piece, stretched to the end of its last stream: one person's facts stay together."""
    end = min(start + _PIECE, len(new))
    while end < len(new) and new[end][0] == new[end - 1][0]:
        end += 1
    return new[start:end]


def _on_record(office: Office) -> Callable[[str], bool]:
    with office.log.connection() as connection:
        rows = connection.execute(
            "SELECT originator_id FROM events WHERE originator_version = 1"
        ).fetchall()
    known = {row["originator_id"] for row in rows}
    return lambda staff_number: staff_stream(staff_number) in known


def _personal(person: PersonReturn) -> dict[str, str]:
    born = person.date_of_birth
    return {"name": person.name} | ({"date_of_birth": born.isoformat()} if born else {})
