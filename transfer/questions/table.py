"""Rows for a spreadsheet or for another program: an answer without end, as CSV or NDJSON.

A kind of row is declared as an answer; its fields are the columns. CSV has a line of their names
first and ends lines as RFC 4180 says; NDJSON has one JSON document a line.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from enum import StrEnum

from transfer.core.spreadsheets import guarded
from transfer.questions.answer import Answer


class Form(StrEnum):
    """In which form rows are written; also how the address or the file ends."""

    CSV = "csv"
    NDJSON = "ndjson"

    @property
    def media_type(self) -> str:
        """The media type of such a file."""
        return "text/csv" if self is Form.CSV else "application/x-ndjson"


class Row(Answer):
    """A row of a table; its fields are the columns, in order."""


def head(form: Form, kind: type[Row]) -> str:
    """What stands before the rows: the names of the columns, or nothing."""
    return csv_lines([list(kind.model_fields)]) if form is Form.CSV else ""


def lines(form: Form, rows: Iterable[Row], context: Mapping[str, object] | None = None) -> str:
    """These rows, each with its end of line. `context` is that of the serialisation."""
    if form is Form.NDJSON:
        return "".join(f"{row.model_dump_json(context=context)}\n" for row in rows)
    shown = ((row.model_dump(mode="json", context=context), type(row).model_fields) for row in rows)
    return csv_lines([[values.get(name) for name in columns] for values, columns in shown])


def csv_lines(rows: Iterable[Iterable[object]]) -> str:
    """These rows as lines of a CSV file that is safe to open in a spreadsheet.

    A text that a spreadsheet may take for a formula gets an apostrophe in front. What is not there
    is empty; of several values one stands after the other, parted by `; `.
    """
    written = io.StringIO(newline="")
    csv.writer(written).writerows([_cell(each) for each in row] for row in rows)
    return written.getvalue()


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case Mapping():
            text = "; ".join(f"{name}: {each}" for name, each in value.items())
        case list() | tuple():
            text = "; ".join(map(str, value))
        case _:
            text = str(value)
    return guarded(text)
