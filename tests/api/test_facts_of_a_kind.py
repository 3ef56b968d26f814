"""Over HTTP: the facts of a kind of procedure that lives in the tests alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Api, created, position, told
from tests.support.desk_moves import KNOWN, Story
from tests.support.projecting import Office
from transfer.app import Record, open_record

pytestmark = pytest.mark.engines

DAY = {"effective_at": "2014-05-01"}


@pytest.fixture
def record(database_url: str, folder: DataFolder) -> Iterator[Record]:
    """The record of a program that has this kind."""
    with open_record(database_url, folder, known=KNOWN) as opened:
        opened.runner.start()
        yield opened
        opened.runner.stop()


@pytest.fixture
def story(record: Record) -> Story:
    """Up to the move, on the record of the service."""
    story = Story(Office(record.log))
    story.begin()
    record.runner.catch_up()
    return story


@pytest.mark.usefixtures("story")
def test_what_a_decision_states_is_answered_and_told_in_plain_words(api: Api) -> None:
    held = position(api, **DAY, why="true")["position"]["workplace"]
    assert (held["value"], held["why"]["type"]) == ("3", "desk-moved.v1")
    items = api.get("/staff/S1/history").json()["items"]
    assert [item.get("sentence") for item in items] == [
        None,
        "floor 3 is final",
        "moves from 2 to 3 on 2014-04-01",
    ]


def test_it_is_corrected_like_any_entry_until_it_was_undone(story: Story, api: Api) -> None:
    body = {
        "of": str(story.ids[2]),
        "effective_from": "2014-04-01",
        "changes": {"workplace": "4"},
        "reason": "misread",
    }
    previewed = api.post("/staff/S1/corrections?preview=true", body).json()
    assert [(each["before"], each["after"]) for each in previewed["position"]] == [("3", "4")]
    assert [(each["before"], each["after"]) for each in previewed["terms"]] == [("yes", None)]
    story.move_again()
    story.undo()
    told(api.post("/staff/S1/corrections", body), 409, "conflict")
    item = api.get("/staff/S1/history").json()["items"][2]
    assert item["annulled_by"] == str(story.ids[6])
    change = {"effective_from": "2014-06-01", "changes": {"workplace": "6"}, "reason": "r"}
    created(api.post("/staff/S1/changes", change))
    assert position(api, **DAY)["position"]["workplace"]["value"] == "2"
