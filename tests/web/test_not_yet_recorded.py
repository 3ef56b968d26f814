"""The page of a record: what is to be by law, and waits for approval."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.data_folder import DataFolder
from tests.support.office_2013 import TRANSFER, scene_2013
from tests.web.visiting import Visitor, text_of
from transfer.app import Record

pytestmark = pytest.mark.engines


@pytest.fixture
def record(database_url: str, folder: DataFolder) -> Iterator[Record]:
    """The record of an exercise in which S1 objected, and nobody has approved what follows."""
    with scene_2013(database_url, folder) as scene:
        scene.objected("S1")
        scene.record.catch_up()
        scene.record.runner.start()
        yield scene.record
        scene.record.runner.stop()


def test_the_page_says_what_the_law_makes_of_the_day(visitor: Visitor) -> None:
    visitor.sign_in()
    page = text_of(visitor.get(f"/staff/S1?effective_at={TRANSFER}").text)
    assert (
        "By law on 1 Jun 2014, not yet recorded, waits for approval: end the employment of"
        " somebody who objects (tr-2013)." in page
    )
    assert "not yet recorded" not in text_of(visitor.get("/staff/S1?effective_at=2014-05-31").text)
