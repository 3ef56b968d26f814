"""Documents on paper: values are data, the same values make the same bytes."""

import pytest

from transfer.core.refusals import Refused
from transfer.printing.pdf import pdf

LETTER = {
    "title": "Letter of assignment",
    "exercise": "tr",
    "staff_number": "S1",
    "mark": "Draft",
    "day": "2 Dec 2013",
    "name": "Zoë O'Neill-Łukasz",
    "unit": "Camden",
    "transferor": "London Probation Trust",
    "paragraphs": ["You are to go to the National Probation Service."],
    "windows": [{"what": "Appeal", "last_day": "16 Dec 2013"}],
    "clause": "Clause TR-10 of tr-2013.",
    "contents": ["where to and by which route"],
}


def test_the_same_values_make_the_same_document() -> None:
    made = pdf("letter.typ", LETTER)
    assert made.startswith(b"%PDF-")
    assert made == pdf("letter.typ", LETTER)
    assert made != pdf("letter.typ", LETTER | {"name": "Zoë O'Neill"})
    assert b"/Lang" in made
    assert b"/StructTreeRoot" in made


@pytest.mark.parametrize(
    "text", ["#pagebreak()", "$x$ *bold* `raw`", "<label> @ref", '#read("/x")']
)
def test_values_are_data_and_never_markup(text: str) -> None:
    made = pdf("letter.typ", LETTER | {"paragraphs": [text], "name": text, "unit": text})
    assert b"/Count 1" in made
    assert b"/Count 2" not in made


def test_what_no_font_can_show_is_refused() -> None:
    with pytest.raises(Refused, match="no font here has 王"):
        pdf("letter.typ", LETTER | {"name": "王"})
