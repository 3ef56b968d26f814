"""Rows as CSV and NDJSON: what each kind of value looks like, and what a spreadsheet may run."""

import csv
import io
import json
from datetime import date

import pytest

from transfer.questions.table import Form, Row, csv_lines, head, lines


class Example(Row):
    """A row with a value of every kind."""

    name: str
    day: date | None
    count: int
    open: bool
    clauses: tuple[str, ...]
    refused: dict[str, str]


ROW = Example(
    name='Zoë, "the" first',
    day=date(2014, 6, 1),
    count=-2,
    open=True,
    clauses=("TR-01", "TR-02"),
    refused={"move": "no letter"},
)


def test_a_row_in_both_forms() -> None:
    empty = Example(name="", day=None, count=0, open=False, clauses=(), refused={})
    assert head(Form.CSV, Example) + lines(Form.CSV, [ROW, empty]) == (
        "name,day,count,open,clauses,refused\r\n"
        '"Zoë, ""the"" first",2014-06-01,-2,true,TR-01; TR-02,move: no letter\r\n'
        ",,0,false,,\r\n"
    )
    assert head(Form.NDJSON, Example) == ""
    written = lines(Form.NDJSON, [ROW, empty]).splitlines()
    assert [json.loads(line) for line in written] == [
        each.model_dump(mode="json") for each in (ROW, empty)
    ]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+44", "-x", "@sum", "\tx", "\r=1", "\n=1", "＝1", "-"],  # noqa: RUF001 - as above
)
def test_what_may_be_a_formula_is_made_a_text(text: str) -> None:
    (row,) = csv.reader(io.StringIO(csv_lines([[text, (text,), {text: "x"}]]), newline=""))
    assert row == [f"'{text}", f"'{text}", f"'{text}: x"]


@pytest.mark.parametrize("text", ["a=b", "1-2", "O'Neil", " =", "x\ny"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert [*csv.reader(io.StringIO(csv_lines([[text]]), newline=""))] == [[text]]
