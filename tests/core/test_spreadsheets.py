"""What a spreadsheet would take for a formula is guarded, and the guard comes off again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer.core.spreadsheets import guarded, unguarded

FORMULAS = ("=1+1", "+44", "-x", "@sum", "\tx", "\r=1", "\n=1", "＝1", "-")  # noqa: RUF001 - full-width signs too


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_made_a_text(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert unguarded(guarded(text)) == text
    # A text that already began with an apostrophe gets it back.
    assert unguarded(guarded(guarded(text))) == guarded(text)


@pytest.mark.parametrize("text", ["", "a=b", "1-2", "O'Neil", " =", "x\ny", "'quoted'", "'"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert guarded(text) == unguarded(text) == text


@given(st.text(st.sampled_from("'=+-@a\t\r"), max_size=6))
def test_what_comes_back_is_what_was_guarded(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))
