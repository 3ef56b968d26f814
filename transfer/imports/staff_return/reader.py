"""The staff return read and judged: who may be recorded, and every bad cell of every bad row.

First the file is looked at as a whole (`asking`): where it leaves open what it means, nothing of it
is read. Then `read_staff_return` judges in two passes. The first reads each row for itself
(`rows`); the second, when all staff numbers of the file are known, holds rows against each other
and against the record (`together`):

- a person on record already is not imported again, unless the list is `renewed`;
- a line manager must be in the file or on record, and is not the person;
- rows of one person agree on the date of birth (a blank says nothing), and those of one job do not
  overlap. Only the later row *in the file* is rejected, and a rejected row stands in nobody's way.

With `partial`, what is accepted is also consistent in itself. A person comes in whole or not at
all, since a person once on record cannot be imported again: if a row of theirs is rejected for
anything but saying again what another says, their other rows are rejected too. And a row whose
line manager thereby stays off the record is rejected, and so on. Without `partial` nothing is
written where a row is rejected, so only the causes are reported and not what follows from them.
"""

from collections.abc import Callable, Sequence

from transfer.imports.meaning import AS_IT_STANDS, Reading
from transfer.imports.staff_return.asking import DATES, what_is_open
from transfer.imports.staff_return.columns import columns_for
from transfer.imports.staff_return.on_record import NobodyOnRecord, OnRecord
from transfer.imports.staff_return.people import Rejection, StaffReturn
from transfer.imports.staff_return.rows import ReadRow, RowReader
from transfer.imports.staff_return.sheet import FileFault, RawRow, read_sheet
from transfer.imports.staff_return.together import Together
from transfer.rulebooks import DEFAULT_EDITION, Rulebook, employers, rulebook
from transfer.rulebooks.parties import EvidenceType

Progress = Callable[[int, int], None]
"""Called now and then with the lines read and the lines in the file."""

_PROGRESS_EVERY = 1_000


def read_staff_return(
    data: bytes,
    *,
    book: Rulebook | None = None,
    ignore_unknown: bool = False,
    record: OnRecord | None = None,
    partial: bool = False,
    renewed: bool = False,
    reading: Reading = AS_IT_STANDS,
    progress: Progress | None = None,
) -> StaffReturn:
    """Read a staff return (contract, "The staff return (CSV)").

    `book` is the edition that declares the columns of evidence and knows the employers. Without
    one the columns are those of `DEFAULT_EDITION`, and the employers those of every edition.
    `record` is what the rows are held against; nothing, if left out. `partial`: see the module.
    `reading` settles what the file leaves open; what it leaves open still is in `asks`, with one
    rejection on line 1 for each. Raises nothing for bad input: a fault of the whole file is one
    rejection on line 1. Takes memory in proportion to the file.
    """
    known = employers() if book is None else book.register
    book = book or rulebook(DEFAULT_EDITION)
    rejections: list[Rejection] = []
    try:
        sheet = read_sheet(data, columns=columns_for(book), ignore_unknown=ignore_unknown)
    except FileFault as fault:
        return StaffReturn((), (Rejection(1, fault.field, fault.reason),), 0)
    raw = tuple(sheet.rows())
    asks = what_is_open(sheet.names, raw, _dates(book), reading)
    if asks:
        found = tuple(Rejection(1, each.field, each.reason) for each in asks)
        return StaffReturn((), found, 0, asks=asks)
    rows = RowReader(
        sheet.names,
        rejections,
        book=book,
        employers=known,
        ignore_unknown=ignore_unknown,
        reading=reading,
    )
    read = _read_rows(raw, rows, sheet.lines, progress)
    numbers = tuple(it.name for it in book.evidence if it.type is EvidenceType.STAFF_NUMBER)
    together = Together(read, record or NobodyOnRecord(), numbers, renewed=renewed)
    together.judge()
    if partial:
        together.withhold_what_follows()
    rejections += together.rejections
    rejections.sort(key=lambda rejection: rejection.line)
    people = together.people()
    taken = {row.line for person in people for row in person.periods}
    warnings = [*(each for each in rows.warnings if each.line in taken), *together.warnings()]
    return StaffReturn(
        people=tuple(each for each in people if not together.is_known(each.staff_number)),
        rejected=tuple(rejections),
        accepted=len(taken),
        warnings=tuple(sorted(warnings, key=lambda warned: warned.line)),
        known=tuple(each for each in people if together.is_known(each.staff_number)),
    )


def _dates(book: Rulebook) -> tuple[str, ...]:
    """The columns with dates."""
    return (*DATES, *(it.name for it in book.evidence if it.type is EvidenceType.DATE))


def _read_rows(
    rows: Sequence[RawRow], reader: RowReader, lines: int, progress: Progress | None
) -> list[ReadRow]:
    read = []
    for count, raw in enumerate(rows, start=1):
        read.append(reader.read(raw))
        if progress is not None and count % _PROGRESS_EVERY == 0:
            progress(raw.line, lines)
    if progress is not None:
        progress(lines, lines)
    return read
