"""The staff return read and judged: who may be recorded, and every bad cell of every bad row.

`read_staff_return` judges in two passes. The first reads each row for itself (`rows`); the
second, when all staff numbers of the file are known, holds rows against each other and against
the record (`together`):

- a person on record already is not imported again;
- a line manager must be in the file or on record, and is not the person;
- rows of one person agree on name, date of birth and start of continuous service (a blank says
  nothing), and their periods do not overlap. Only the later row *in the file* is rejected, and a
  rejected row stands in nobody's way.

With `partial`, what is accepted is also consistent in itself. A person comes in whole or not at
all, since a person once on record cannot be imported again: if a row of theirs is rejected for
anything but repeating or overlapping another, their other rows are rejected too. And a row whose
line manager thereby stays off the record is rejected, and so on. Without `partial` nothing is
written where a row is rejected, so only the causes are reported and not what follows from them.
"""

from collections.abc import Callable

from transfer.imports.staff_return.columns import columns_for
from transfer.imports.staff_return.people import Rejection, StaffReturn
from transfer.imports.staff_return.rows import ReadRow, RowReader
from transfer.imports.staff_return.sheet import FileFault, Sheet, read_sheet
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
    on_record: Callable[[str], bool] = lambda _staff_number: False,
    partial: bool = False,
    progress: Progress | None = None,
) -> StaffReturn:
    """Read a staff return (contract, "The staff return (CSV)").

    `book` is the edition that declares the columns of evidence and knows the employers. Without
    one the columns are those of `DEFAULT_EDITION`, and the employers those of every edition.
    `on_record` says whether a staff number is on record; it is asked once for each. `partial`:
    see the module. Raises nothing for bad input: a fault of the whole file is one rejection on
    line 1. Takes memory in proportion to the file.
    """
    known = employers() if book is None else book.register
    book = book or rulebook(DEFAULT_EDITION)
    rejections: list[Rejection] = []
    try:
        sheet = read_sheet(data, columns=columns_for(book), ignore_unknown=ignore_unknown)
    except FileFault as fault:
        return StaffReturn((), (Rejection(1, fault.field, fault.reason),), 0)
    rows = RowReader(
        sheet.names, rejections, book=book, employers=known, ignore_unknown=ignore_unknown
    )
    read = _read_rows(sheet, rows, progress)
    numbers = tuple(it.name for it in book.evidence if it.type is EvidenceType.STAFF_NUMBER)
    together = Together(read, _asked_once(on_record), numbers)
    together.judge()
    if partial:
        together.withhold_what_follows()
    rejections += together.rejections
    rejections.sort(key=lambda rejection: rejection.line)
    people = together.people()
    return StaffReturn(
        people=people,
        rejected=tuple(rejections),
        accepted=sum(len(person.periods) for person in people),
    )


def _asked_once(on_record: Callable[[str], bool]) -> Callable[[str], bool]:
    answers: dict[str, bool] = {}

    def ask(staff_number: str) -> bool:
        if staff_number not in answers:
            answers[staff_number] = on_record(staff_number)
        return answers[staff_number]

    return ask


def _read_rows(sheet: Sheet, reader: RowReader, progress: Progress | None) -> list[ReadRow]:
    read = []
    for count, raw in enumerate(sheet.rows(), start=1):
        read.append(reader.read(raw))
        if progress is not None and count % _PROGRESS_EVERY == 0:
            progress(raw.line, sheet.lines)
    if progress is not None:
        progress(sheet.lines, sheet.lines)
    return read
