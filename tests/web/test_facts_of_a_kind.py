"""The page of a record: the facts of a kind of procedure that lives in the tests alone."""

from __future__ import annotations

import pytest

from tests.support.desk_moves import KNOWN, Story
from tests.support.projecting import Office
from tests.web.visiting import Visitor, text_of
from transfer import app
from transfer.app import Record

pytestmark = pytest.mark.engines


@pytest.fixture(autouse=True)
def _composed_with_desks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program as it would be, had it this kind."""
    monkeypatch.setattr(app, "KNOWN", KNOWN)


def test_an_entry_of_a_procedure_is_told_in_plain_words(record: Record, visitor: Visitor) -> None:
    story = Story(Office(record.log))
    story.begin()
    story.move_again()
    story.undo()
    record.runner.catch_up()
    page = text_of(visitor.sign_in().get("/staff/S1?effective_at=2014-05-01").text)
    assert "moves from 2 to 3 on 2014-04-01Workplace: 3Lamp: yes" in page
    assert "has no effect any more: stays" in page
