"""From the bytes of a file to a header and numbered rows of cells; knows nothing of their meaning.

What real exports contain is taken as it comes:

- Encoding: UTF-8 with or without a byte order mark, UTF-16 with one; otherwise every line that is
  not valid UTF-8 is read as Windows-1252, so that one line pasted in from elsewhere does not
  garble the others.
- Separator: the comma; a semicolon or a tab where the header then names more known columns.
- Lines end with CR LF, LF or CR. A row's number is that of the line on which it starts, also
  after cells that contain line breaks.
- Rows without any content are skipped wherever they are, trailing ones of separators only too.
- A file that we gave back to be mended has the column `what_is_wrong`: what was guarded in it
  against spreadsheets is read as it was before.

A fault of the whole file is a `FileFault`. A fault of one row's quotation marks is that row's:
reading goes on with the next line.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from transfer.core.spreadsheets import unguarded
from transfer.imports.staff_return.columns import COLUMNS, WHAT_IS_WRONG, Column

WHOLE_FILE = "file"
"""The `field` of a fault of the whole file that is not one column's."""

WHOLE_ROW = "row"
"""The `field` of a fault of a row that cannot be laid against the columns."""

_LONGEST_ROW = 50
"""Lines: a quotation mark still open after so many was never meant to be closed."""

_SEPARATORS = ",;\t"
_WORKBOOKS = {
    b"PK\x03\x04": "a spreadsheet workbook",
    b"\xd0\xcf\x11\xe0": "a spreadsheet workbook",
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


class FileFault(Exception):  # noqa: N818 - named as the contract does: a fault of the whole file
    """The file as a whole cannot be read as a staff return; no row is judged."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class RawRow:
    """The cells of one row, or why they could not be told apart; `line` is where it starts."""

    line: int
    cells: list[str]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A staff return laid out: `names` of the columns ("" where the header leaves one blank)."""

    names: tuple[str, ...]
    lines: int
    _rows: Iterator[RawRow]

    def rows(self) -> Iterator[RawRow]:
        """The rows below the header that have any content, in file order. To be read once."""
        is_guarded = WHAT_IS_WRONG in self.names
        for row in self._rows:
            if row.fault is not None or any(cell and not cell.isspace() for cell in row.cells):
                yield replace(row, cells=list(map(unguarded, row.cells))) if is_guarded else row


def read_sheet(
    data: bytes, *, columns: Sequence[Column] = COLUMNS, ignore_unknown: bool = False
) -> Sheet:
    """Lay out a file, or raise `FileFault`: not text, empty, a column missing, unknown or twice."""
    known = tuple(column.name for column in columns)
    needed = tuple(column.name for column in columns if column.needed)
    lines = list(io.StringIO(_decode(data), newline=""))
    if not any(line.strip(_SEPARATORS + "\r\n ") for line in lines):
        raise FileFault(WHOLE_FILE, "the file is empty")
    separator = _separator(lines, frozenset(known))
    rows = _split(lines, separator)
    header = next(rows)
    if header.fault is not None:
        raise FileFault(WHOLE_FILE, f"the first row cannot be read: {header.fault}")
    names = _names(header)
    _judge_header(names, known, needed, ignore_unknown=ignore_unknown)
    return Sheet(names=names, lines=len(lines), _rows=rows)


def _decode(data: bytes) -> str:
    for start, what in _WORKBOOKS.items():
        if data.startswith(start):
            raise FileFault(WHOLE_FILE, f"not text but {what}: save it as CSV first")
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise FileFault(WHOLE_FILE, "not text: begins as UTF-16 but is damaged") from None
    text: list[str] = []
    for number, line in enumerate(data.removeprefix(codecs.BOM_UTF8).split(b"\n"), start=1):
        try:
            text.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            try:
                text.append(line.decode("cp1252"))
            except UnicodeDecodeError:
                raise FileFault(
                    WHOLE_FILE, f"not text: line {number} is neither UTF-8 nor Windows-1252"
                ) from None
    return "\n".join(text)


def _separator(lines: list[str], known: frozenset[str]) -> str:
    """The separator under which the header names the most known columns; the comma on a tie."""

    def found(separator: str) -> int:
        return len(known.intersection(_names(next(_split(lines, separator)))))

    return max(_SEPARATORS, key=found)


def _split(lines: list[str], separator: str) -> Iterator[RawRow]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if '"' not in line:
            yield RawRow(at + 1, line.rstrip("\r\n").split(separator))
            at += 1
            continue
        # No more than `_LONGEST_ROW` lines are offered, so an open quotation mark costs one row
        # and not the rest of the file.
        reader = csv.reader(
            lines[at : at + _LONGEST_ROW], delimiter=separator, strict=True, skipinitialspace=True
        )
        try:
            cells = next(reader)
        except csv.Error as error:
            yield RawRow(at + 1, [], fault=_quotation_fault(error))
            at += 1
        else:
            yield RawRow(at + 1, cells)
            at += reader.line_num


def _quotation_fault(error: csv.Error) -> str:
    if "unexpected end of data" in str(error):
        return "a quotation mark that opens in this row is never closed"
    if "field limit" in str(error):
        return "a cell is far too long; a quotation mark may be missing"
    return "text follows a closing quotation mark; one inside a cell is written twice"


def _names(header: RawRow) -> tuple[str, ...]:
    return tuple(cell.strip().casefold() for cell in header.cells)


def _judge_header(
    names: tuple[str, ...], known: Sequence[str], needed: Sequence[str], *, ignore_unknown: bool
) -> None:
    if any(_CONTROL.search(name) for name in names):
        raise FileFault(WHOLE_FILE, "not text: the first row holds control characters")
    if not any(names):
        raise FileFault(WHOLE_FILE, "the first row is blank; it must name the columns")
    missing = [name for name in needed if name not in names]
    passed_over = ("", WHAT_IS_WRONG, *known)
    unknown = [] if ignore_unknown else [it for it in names if it not in passed_over]
    twice = [name for name in known if names.count(name) > 1]
    reasons = []
    if missing:
        reasons.append(f"the first row does not name {_list(missing)}")
    if unknown:
        advice = "--rulebook names the edition that has it, --ignore-unknown reads on without"
        reasons.append(f"no such column: {_list(unknown)} ({advice})")
    if twice:
        reasons.append(f"named more than once: {_list(twice)}")
    if reasons:
        field = (missing or unknown or twice)[0]
        raise FileFault(field[:60], "; ".join(reasons))


def _list(names: list[str]) -> str:
    shown = ", ".join(name[:60] for name in names[:8])
    return shown if len(names) <= 8 else f"{shown} and {len(names) - 8} more"
