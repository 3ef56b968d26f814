"""Which names answer to what somebody types, by the table of cases."""

import unicodedata
from pathlib import Path

import pytest

from tests.support.cases import cases
from transfer.core.record.name_search import answers_to, entries_of, words_of

ROWS = cases(Path(__file__).parent / "cases" / "name-search.md", "What finds a name")


@pytest.mark.parametrize(("typed", "name", "found", "because"), ROWS)
def test_what_finds_a_name(typed: str, name: str, found: str, because: str) -> None:
    for form in ("NFC", "NFD"):
        asked = words_of(unicodedata.normalize(form, typed))
        assert asked
        assert answers_to(name, asked) == (found == "yes"), because
        assert answers_to(unicodedata.normalize(form, name), asked) == (found == "yes"), because


def test_a_name_stands_under_its_words_and_their_beginnings() -> None:
    assert entries_of("Bo Marsh") == {"bo", "mar", "mars", "marsh"}


@pytest.mark.parametrize("nothing", ["", "  ", ".,-", "'", "\u0301"])
def test_what_has_no_word_in_it_stands_under_nothing(nothing: str) -> None:
    assert words_of(nothing) == ()
    assert entries_of(nothing) == frozenset()


def test_a_word_without_end_takes_no_more_room_than_a_long_one() -> None:
    assert len(entries_of("a" * 5_000)) == 38
    assert answers_to("a" * 5_000, words_of("a" * 4_000))
