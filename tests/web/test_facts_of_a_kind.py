"""The page of a record: the facts of a kind of procedure that lives in the tests alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from deploy.data_folder import DataFolder
from tests.support.desk_moves import KNOWN, Story
from tests.support.projecting import Office
from tests.web.visiting import Visitor, text_of
from transfer.app import Record, open_record

pytestmark = pytest.mark.engines


@pytest.fixture
def record(database_url: str, folder: DataFolder) -> Iterator[Record]:
    """The record of a program that has this kind."""
    with open_record(database_url, folder, known=KNOWN) as opened:
        opened.runner.start()
        yield opened
        opened.runner.stop()


def test_an_entry_of_a_procedure_is_told_in_plain_words(record: Record, visitor: Visitor) -> None:
    story = Story(Office(record.log))
    story.begin()
    story.move_again()
    story.undo()
    record.runner.catch_up()
    page = text_of(visitor.sign_in().get("/staff/S1/history").text)
    assert re.search(r"moves from 2 to 3 on 1 Apr 2014 ?Workplace: .* → 3, from", page), page
    assert "Lamp: no value → yes" in page
    assert "has no effect any more: stays" in page
