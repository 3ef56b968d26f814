"""Which procedures a fact concerns: derived from what the kind declares that it does."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.core.matter.desks import Rules
from tests.support.desk_scene import CONFIRMED, DRAWN, LETTERS, MOVED, STRICT, Scene
from tests.workflows.stage import GROUP, OTHER, WHOLE, move_of_desks, person
from transfer.commands import matters, record
from transfer.core.matter import facts as t
from transfer.core.matter.words import Settlement
from transfer.core.record.entries import Correction
from transfer.core.record.staff import PositionChanged
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.procedures.facts import STORED_NAMES
from workflows.concerns import Concerns, Found, must_be_waiting
from workflows.ids import actor
from workflows.messages import Whose

pytestmark = pytest.mark.engines

D = date
DAY = D(2014, 2, 10)


class Reader:
    """What a dispatcher reads, page by page."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.concerns = Concerns(scene.office, scene.due)
        self.at = scene.log.head().position

    def read(self) -> Found:
        """The concerns of what is new."""
        head = self.scene.log.head().position
        page = self.concerns.page(self.at, head, 1_000)
        self.at = head
        return self.concerns.of_page(page.facts, page.undecodable)

    def told(self) -> set[Whose]:
        """Who is told of what is new."""
        return {each.whose for each in self.read().concerns}


@pytest.fixture
def reader(scene: Scene) -> Reader:
    """From after the plan on."""
    return Reader(scene)


def play(scene: Scene, *days: date) -> None:
    for day in days:
        for group in ("A", "B"):
            scene.take(day, group)


def test_the_beginning_and_each_group_begin_their_procedures_once(scene: Scene) -> None:
    reader = Reader(scene)
    reader.at = 0
    found = [each.whose for each in reader.read().concerns]
    assert sorted(map(str, found)) == sorted(map(str, [WHOLE, GROUP, OTHER]))


def test_a_letter_an_answer_or_a_confirmation_begins_nobodys_procedure(
    scene: Scene, reader: Reader
) -> None:
    play(scene, DRAWN)
    assert reader.told() == {OTHER}
    play(scene, LETTERS)
    assert reader.told() == {GROUP, OTHER}
    scene.do(D(2014, 2, 3), "answer", "S1")
    assert reader.told() == set()
    play(scene, CONFIRMED)
    assert reader.told() == {GROUP, OTHER}
    play(scene, MOVED)
    assert reader.told() == {GROUP, OTHER}


@pytest.mark.parametrize(
    ("what", "inputs"),
    [
        ("object", {}),
        ("quit", {}),
        ("extend-window", {"window": "object", "until": "2014-02-20", "reason": "r"}),
        ("hold", {"reason": "r"}),
        ("take-out", {"reason": "r"}),
    ],
)
def test_what_gives_somebody_something_of_their_own_begins_their_procedure(
    scene: Scene, reader: Reader, what: str, inputs: dict[str, Any]
) -> None:
    play(scene, DRAWN, LETTERS)
    reader.told()
    scene.do(DAY, what, "S3", **inputs)
    assert reader.told() == {person("S3")}


def test_what_ends_something_of_their_own_is_told_as_well(scene: Scene, reader: Reader) -> None:
    play(scene, DRAWN, LETTERS)
    scene.do(DAY, "object", "S3")
    scene.do(DAY, "quit", "S1")
    reader.told()
    scene.do(D(2014, 2, 18), "decide", "S3", upheld=False)
    assert reader.told() == {person("S3")}
    scene.do(D(2014, 2, 18), "stay", "S1")
    assert reader.told() == {person("S1")}


def test_a_milestone_that_moves_concerns_everybody_with_a_procedure(
    scene: Scene, reader: Reader
) -> None:
    play(scene, DRAWN, LETTERS)
    scene.do(DAY, "quit", "S1")
    scene.do(DAY, "object", "S3")
    reader.told()
    scene.do(DAY, "fix-day", milestone="move", on="2014-06-01", reason="lift")
    found = reader.read().concerns
    everybody = {WHOLE, GROUP, OTHER, person("S1"), person("S3")}
    assert {each.whose for each in found} == everybody
    (moved,) = scene.facts(t.DayMoved)
    assert {each.caused_by for each in found} == {moved.event_id}


def test_who_comes_back_to_their_group_while_it_is_taken_begins_again(
    scene: Scene, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The group's step passed them by, and their own procedure thought they went with it."""
    monkeypatch.setattr(matters, "CHUNK", 1)
    play(scene, DRAWN, LETTERS)
    scene.do(DAY, "object", "S1")
    play(scene, CONFIRMED)

    def meanwhile(done: int, _of: int) -> None:
        if done == 1:
            scene.do(MOVED, "decide", "S1", upheld=False)
            scene.take(MOVED, person="S1")

    scene.take(MOVED, "A", progress=meanwhile)
    assert scene.desk("S1").moved is None
    reader.told()
    last = scene.facts(t.StepTaken)[-1]
    reader.at = last.position - 1
    assert person("S1") in reader.told()


def test_nobody_is_told_what_they_did_themselves(scene: Scene, reader: Reader) -> None:
    play(scene, DRAWN, LETTERS)
    scene.do(DAY, "object", "S3")
    (made,) = scene.log.page(reader.at, 10, ["desk-objection-made.v1"])
    found = reader.concerns.of_page([made])
    assert [each.whose for each in found.concerns] == [person("S3")]
    own = replace(made, recorded_by=actor(person("S3")))
    assert reader.concerns.of_page([own]).concerns == []


def test_what_changes_the_record_of_somebody_refused_concerns_them(
    scene: Scene, reader: Reader
) -> None:
    scene.register("S9", "S8", floor="annexe")
    scene.plan("C", ["S9"])
    assert STORED_NAMES[PositionChanged] not in reader.concerns.names
    reader.told()
    # A stretch with nothing of any procedure, twice.
    for number in ("S90", "S91"):
        scene.register(number)
        assert reader.told() == set()
    for day in (LETTERS, CONFIRMED, MOVED):
        scene.take(day, "C")
    assert person("S9") in reader.told()
    assert STORED_NAMES[PositionChanged] in reader.concerns.names
    for number in ("S9", "S8"):
        entry = scene.log.read(staff_stream(number))[0].event_id
        right = Correction(
            of=entry, effective_from=D(2010, 1, 1), changes={Facet.WORKPLACE: "2"}, reason="r"
        )
        record.enter(scene.office, scene.as_act(MOVED), number, right)
    assert reader.told() == {person("S9")}


def test_what_is_to_be_settled_and_that_it_is_concern_their_person(
    scene: Scene, reader: Reader
) -> None:
    play(scene, DRAWN, LETTERS, CONFIRMED)
    reader.told()
    scene.do(D(2014, 2, 20), "object", "S3", happened_on=D(2014, 2, 11))
    assert reader.told() == {person("S3")}
    scene.settle(D(2014, 2, 21), Settlement.STANDS, "S3")
    assert reader.told() == {person("S3")}


def test_what_somebody_does_may_make_right_for_a_refused_step_over_several(
    database_url: str,
) -> None:
    with move_of_desks(database_url, STRICT) as scene:
        for number in ("S3", "S4"):
            scene.do(D(2014, 1, 10), "quit", number)
        scene.take(DRAWN, "B")
        reader = Reader(scene)
        scene.do(D(2014, 1, 22), "stay", "S3")
        assert reader.told() == {OTHER, person("S3")}


def test_an_approval_for_a_group_concerns_the_group(database_url: str) -> None:
    with move_of_desks(database_url, rules=Rules(approved=frozenset({"letters"}))) as scene:
        scene.take(LETTERS, "A")
        reader = Reader(scene)
        scene.do(LETTERS, "approve", by="B. Officer", step="letters", group="A")
        assert reader.told() == {GROUP}


def test_the_end_of_the_matter_concerns_whoever_may_still_run(scene: Scene, reader: Reader) -> None:
    play(scene, DRAWN, LETTERS)
    scene.do(DAY, "object", "S3")
    reader.told()
    scene.do(DAY, "abandon", reason="no money")
    assert reader.told() == {WHOLE, GROUP, OTHER, person("S3")}


def test_a_matter_that_goes_on_after_all_concerns_all_who_have_something_in_it(
    scene: Scene, reader: Reader
) -> None:
    play(scene, DRAWN, LETTERS, CONFIRMED)
    scene.do(D(2014, 3, 10), "quit", "S3")
    scene.do(D(2014, 4, 2), "decline", "S3", happened_on=MOVED, step="end", reason="not yet")
    scene.do(D(2014, 4, 2), "abandon", reason="no money")
    scene.do(D(2014, 4, 4), "quit", "S1", happened_on=D(2014, 3, 10))
    assert scene.duties(None) == ["abandon"]
    reader.told()
    scene.settle(D(2014, 4, 4), Settlement.REDO)
    assert reader.told() == {WHOLE, GROUP, OTHER, person("S1"), person("S3")}
    waiting = {each.whose for each in must_be_waiting(scene.office, scene.due).concerns}
    assert waiting == {GROUP, OTHER, person("S1"), person("S3")}
    assert scene.waits(D(2014, 4, 4), person="S1") == ("end", MOVED)


@pytest.fixture
def own(scene: Scene) -> Scene:
    """Two people go their own ways."""
    play(scene, DRAWN, LETTERS)
    scene.do(DAY, "object", "S3")
    scene.do(DAY, "quit", "S1")
    return scene


def test_the_log_says_who_must_be_waiting(own: Scene) -> None:
    found = must_be_waiting(own.office, own.due)
    waiting = {each.whose for each in found.concerns}
    assert waiting == {GROUP, OTHER, person("S1"), person("S3")}
    own.do(DAY, "fix-day", milestone="close", on="2014-06-01")
    own.do(D(2014, 2, 11), "withdraw", "S3")
    found = must_be_waiting(own.office, own.due)
    assert {each.whose for each in found.concerns} == {WHOLE, GROUP, OTHER, person("S1")}
    assert found.unreadable == {}
    own.do(DAY, "abandon", reason="no money")
    assert must_be_waiting(own.office, own.due).concerns == []
