"""A file to be mended: safe to open in a spreadsheet, and read as it was before."""

import csv
import io

from transfer.imports.staff_return import read_staff_return
from transfer.imports.staff_return.mending import to_mend

HEAD = ["staff_number", "name", "employer", "unit", "role", "band", "fte", "in_post_from"]
FORMULA = '=HYPERLINK("http://example.org","Zoë")'
GOOD = ["S1", FORMULA, "London", "+44 Lambeth", "-officer", "4", "1", "2009-04-01"]
BAD = ["S2", "@Ann", "London", "\tLambeth", "'=quoted", "4", "-1", "2009-04-01"]


def _file(*rows: list[str]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()


def _cells(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))


def test_no_cell_of_it_is_a_formula_and_read_again_it_says_what_it_said() -> None:
    sent = _file(HEAD, GOOD, BAD)
    before = read_staff_return(sent)
    file = to_mend(sent, before.rejected)
    assert file is not None
    header, good, bad = _cells(file)
    assert header == ["what_is_wrong", *HEAD]
    assert good[2] == f"'{FORMULA}"
    assert bad[5] == "''=quoted"
    formulas = [
        cell for row in (good, bad) for cell in row if cell.startswith(("=", "+", "-", "@"))
    ]
    assert formulas == []
    again = read_staff_return(file)
    assert [(each.line, each.field, each.reason) for each in again.rejected] == [
        (each.line, each.field, each.reason) for each in before.rejected
    ]
    assert [each.line for each in again.rejected] == [3]
    # Given back a second time, it is the same file.
    assert to_mend(file, again.rejected) == file


def test_mended_it_is_taken_with_the_texts_that_were_sent() -> None:
    sent = _file(HEAD, GOOD, BAD)
    file = to_mend(sent, read_staff_return(sent).rejected)
    assert file is not None
    header, good, bad = _cells(file)
    bad[7] = "0.5"
    mended = read_staff_return(_file(header, good, bad))
    assert mended.rejected == ()
    as_sent = read_staff_return(_file(HEAD, GOOD, [*BAD[:6], "0.5", BAD[7]]))
    assert mended.people == as_sent.people
    assert FORMULA in str(mended.people)


def test_a_file_that_is_not_ours_keeps_its_apostrophes() -> None:
    kept = read_staff_return(_file(HEAD, ["S1", "'-Zoë", *GOOD[2:]]))
    assert "'-Zoë" in str(kept.people)
