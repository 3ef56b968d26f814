"""A staff return with what is wrong beside each of its rows: to be mended, and sent again."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable

from transfer.core.spreadsheets import guarded
from transfer.imports.staff_return.columns import WHAT_IS_WRONG
from transfer.imports.staff_return.people import Rejection
from transfer.imports.staff_return.sheet import FileFault, read_sheet


def to_mend(data: bytes, rejected: Iterable[Rejection]) -> bytes | None:
    """The same rows as CSV, with a first column that says what is wrong with each rejected one.

    A row that could not be told apart into cells has that column alone: it is rejected again until
    it is filled in. `None` where the file as a whole cannot be read. UTF-8 with a byte order mark,
    which spreadsheets need. Cells stand as they were sent, guarded where a spreadsheet would take
    one for a formula. By that first column `read_sheet` knows the file, and takes the guard off.
    """
    try:
        sheet = read_sheet(data, columns=(), ignore_unknown=True)
    except FileFault:
        return None
    reasons: defaultdict[int, list[str]] = defaultdict(list)
    for each in rejected:
        reasons[each.line].append(f"{each.field}: {each.reason}")
    noted = sheet.names.index(WHAT_IS_WRONG) if WHAT_IS_WRONG in sheet.names else None
    written = io.StringIO(newline="")
    rows = csv.writer(written)
    rows.writerow([WHAT_IS_WRONG, *map(guarded, _without(noted, sheet.names))])
    for row in sheet.rows():
        cells = _without(noted, row.cells)
        rows.writerow(map(guarded, ["; ".join(reasons[row.line]), *cells]))
    return written.getvalue().encode("utf-8-sig")


def _without(noted: int | None, cells: Iterable[str]) -> list[str]:
    """The cells but that of an earlier note."""
    return [cell for at, cell in enumerate(cells) if at != noted]
