"""The register of documents: what may be said of one, and what a correction replaces."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from transfer.core.documents import (
    Described,
    DocumentCorrected,
    DocumentRegistered,
    DocumentState,
    correct,
    evolve,
    register,
)
from transfer.core.refusals import AlreadyOnRecord, Malformed, NotOnRecord

TODAY = date(2014, 1, 10)


def said(**given: Any) -> Described:
    """A document as somebody describes it."""
    plain = {"title": "Statement of measures", "issuer": "London", "dated_on": date(2014, 1, 2)}
    return Described.model_validate(plain | given)


def registered(**given: Any) -> DocumentState:
    """The state of a document in the register."""
    state = DocumentState()
    for fact in register(state, said(**given), TODAY):
        evolve(state, fact)
    return state


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({}, None),
        ({"sent_on": TODAY, "received_on": TODAY}, None),
        ({"dated_on": date(2014, 2, 1)}, None),  # a letter may bear a later day
        ({"received_on": date(2014, 1, 3)}, None),
        ({"sent_on": date(2014, 1, 11)}, "sent_on"),
        ({"received_on": date(2014, 1, 11)}, "received_on"),
        ({"sent_on": date(2014, 1, 5), "received_on": date(2014, 1, 4)}, "received_on"),
    ],
)
def test_days_that_cannot_be_are_refused(days: dict[str, date], field: str | None) -> None:
    if field is None:
        assert register(DocumentState(), said(**days), TODAY)
        return
    with pytest.raises(Malformed) as refused:
        register(DocumentState(), said(**days), TODAY)
    assert refused.value.field == field
    with pytest.raises(Malformed) as refused:
        correct(registered(), said(**days), "mistyped", TODAY)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "given",
    [
        {"title": "  "},
        {"issuer": ""},
        {"title": "a\x00b"},
        {"title": "x" * 301},
        {"sha256": "abc"},
        {"sha256": "g" * 64},
        {"kept_at": " "},
    ],
)
def test_what_breaks_a_rule_of_form(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        said(**given)


def test_a_digest_is_kept_in_small_letters_and_texts_without_blanks_at_their_ends() -> None:
    found = said(sha256="AB" * 32, title=" A letter ")
    assert (found.sha256, found.title) == ("ab" * 32, "A letter")


def test_a_correction_replaces_all_that_was_said() -> None:
    state = registered(kept_at="shelf 1", sent_on=date(2014, 1, 3))
    (fact,) = correct(state, said(title="Another"), "mistyped", TODAY)
    assert isinstance(fact, DocumentCorrected)
    evolve(state, fact)
    assert state.said is not None
    assert (state.said.title, state.said.kept_at, state.said.sent_on) == ("Another", None, None)


def test_what_is_refused() -> None:
    with pytest.raises(AlreadyOnRecord):
        register(registered(), said(), TODAY)
    with pytest.raises(NotOnRecord):
        correct(DocumentState(), said(), "mistyped", TODAY)
    with pytest.raises(Malformed, match="say why"):
        correct(registered(), said(), " ", TODAY)
    assert isinstance(registered().said, DocumentRegistered)
