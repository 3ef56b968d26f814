"""A kind that lives in the tests alone, played through the commands over a real log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from tests.core.matter.desks import MATTER, Rules, desk_of
from tests.support.desk_scene import EVERYBODY, Scene, desk_scene
from transfer.commands import matters
from transfer.commands.due_steps import Following
from transfer.commands.matters import Asking
from transfer.core.matter import facts as t
from transfer.core.matter.words import Settlement, Whom
from transfer.core.refusals import AlreadyOnRecord, Malformed, NotOnRecord, Refused
from transfer.core.streams import matter_stream, staff_stream

pytestmark = pytest.mark.engines

D = date


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    """The move of three people, on record."""
    with desk_scene(database_url) as scene:
        yield scene


def play(scene: Scene, *days: date) -> None:
    for day in days:
        scene.run(day)


TO_CONFIRMED = (D(2014, 1, 20), D(2014, 2, 1), D(2014, 2, 12))


def test_it_goes_from_the_plan_to_the_move(scene: Scene) -> None:
    play(scene, *TO_CONFIRMED, D(2014, 4, 1))
    assert scene.says("S1") == [
        "floor 3 proposed",
        "floor 3 is final",
        "moves from 2 to 3 on 2014-04-01",
    ]
    assert desk_of(scene.matters.state(MATTER, "S3")).moved is not None
    assert scene.waits(D(2014, 4, 2), person="S1") is None
    assert scene.run(D(2014, 4, 2)) == 0


def test_what_was_taken_reads_the_same_when_it_is_decided_again(scene: Scene) -> None:
    play(scene, *TO_CONFIRMED, D(2014, 4, 1))
    scene.do(D(2014, 4, 5), "answer", "S1", happened_on=D(2014, 2, 3))
    assert scene.duties("S1") == []


def test_what_is_learned_late_opens_duties_in_the_same_command(scene: Scene) -> None:
    play(scene, *TO_CONFIRMED)
    receipt = scene.do(D(2014, 2, 20), "object", "S1", happened_on=D(2014, 2, 11))
    assert receipt is not None
    assert len(receipt.events) == 2
    assert scene.duties("S1") == ["confirm"]
    assert scene.waits(D(2014, 2, 20), person="S1") == ("settle", None)
    (decision,) = scene.matters.duties(MATTER, "S1")
    asking = Asking("settler", D(2014, 2, 21), frozenset({"admin"}))
    scene.matters.settle(
        scene.as_act(D(2014, 1, 6)),
        asking,
        MATTER,
        decision,
        Settlement.REDO,
        reason="seen",
        person="S1",
    )
    assert scene.duties("S1") == []
    assert desk_of(scene.matters.state(MATTER, "S1")).confirmed is None


def test_to_settle_is_an_act_of_the_kind_and_its_table_says_whose(scene: Scene) -> None:
    play(scene, *TO_CONFIRMED)
    scene.do(D(2014, 2, 20), "object", "S1", happened_on=D(2014, 2, 11))
    (decision,) = scene.matters.duties(MATTER, "S1")
    inputs: dict[str, Any] = {"duty": str(decision), "decision": "redo", "reason": "seen"}
    with pytest.raises(Refused, match="it is for admin or panel"):
        scene.do(D(2014, 2, 21), "settle", "S1", roles=frozenset({"staff"}), **inputs)
    with pytest.raises(Malformed, match="reason"):
        scene.do(D(2014, 2, 21), "settle", "S1", **(inputs | {"reason": " "}))
    scene.do(D(2014, 2, 21), "settle", "S1", roles=frozenset({"panel"}), **inputs)
    assert scene.duties("S1") == []


def test_what_is_learned_late_of_the_whole_matter_reaches_each_of_its_people(scene: Scene) -> None:
    play(scene, *TO_CONFIRMED, D(2014, 4, 1))
    scene.do(
        D(2014, 4, 5),
        "fix-day",
        happened_on=D(2014, 3, 10),
        milestone="move",
        on="2014-04-12",
        reason="lift",
    )
    assert [scene.duties(person) for person in ("S1", "S3", "S4")] == [["move"]] * 3


def test_it_says_no(scene: Scene) -> None:
    with pytest.raises(Refused, match="no letter has been sent"):
        scene.do(D(2014, 1, 7), "object", "S1")
    with pytest.raises(Malformed, match="has not come yet"):
        scene.do(D(2014, 1, 7), "object", "S1", happened_on=D(2014, 1, 8))
    with pytest.raises(Refused, match="not for office to hear a late objection"):
        scene.do(D(2014, 1, 7), "admit", "S1", roles=frozenset({"staff"}))
    with pytest.raises(Malformed, match="say for whom"):
        scene.do(D(2014, 1, 7), "object")
    with pytest.raises(Malformed, match="by the clock"):
        scene.do(D(2014, 1, 7), "letters")
    asking = Asking("office", D(2014, 1, 7), EVERYBODY)
    why = {"reason": "r"}
    with pytest.raises(AlreadyOnRecord):
        scene.matters.begin(
            scene.as_act(D(2014, 1, 6)), asking, MATTER, Rules(), inputs={"edition": "desks-1"}
        )
    with pytest.raises(NotOnRecord):
        scene.matters.do(
            scene.as_act(D(2014, 1, 6)), asking, "desk-move:autumn", "abandon", inputs=why
        )
    with pytest.raises(NotOnRecord):
        scene.matters.do(scene.as_act(D(2014, 1, 6)), asking, "chairs:1", "abandon", inputs=why)


def test_an_end_waits_for_somebody_else(scene: Scene) -> None:
    play(scene, *TO_CONFIRMED)
    scene.do(D(2014, 2, 20), "quit", "S1", by="A. Manager")
    scene.run(D(2014, 4, 1))
    assert scene.says("S1")[-1] == "end, due by law on 2014-04-01, waits for approval"
    with pytest.raises(Refused, match="somebody else has to approve"):
        scene.do(D(2014, 4, 2), "approve", "S1", by="A. Manager", step="end")
    scene.do(D(2014, 4, 2), "approve", "S1", by="B. Officer", step="end")
    scene.run(D(2014, 4, 2))
    assert scene.says("S1")[-1] == "leaves on the eve of 2014-04-01"


def quitting(scene: Scene) -> date:
    """S1 and S3 have chosen to quit; the day of the move has come, and their ends wait."""
    play(scene, *TO_CONFIRMED)
    for person in ("S1", "S3"):
        scene.do(D(2014, 2, 20), "quit", person, by="A. Manager")
    scene.run(D(2014, 4, 1))
    return D(2014, 4, 2)


def test_a_matter_is_abandoned_once_every_end_that_waits_is_answered(scene: Scene) -> None:
    day = quitting(scene)
    with pytest.raises(Refused) as refused:
        scene.do(day, "abandon", reason="no money")
    assert [each.reason.split(" and ")[0] for each in refused.value.failures] == [
        "end of S1 has been due since 2014-04-01",
        "end of S3 has been due since 2014-04-01",
    ]
    scene.do(day, "approve", "S1", by="B. Officer", step="end")
    scene.do(day, "decline", "S3", by="B. Officer", step="end", reason="stays")
    scene.do(day, "abandon", reason="no money")
    (given,) = scene.facts(t.Abandoned)
    assert given.fact.made.inputs == {"reason": "no money", "people": {}}
    scene.run(day)
    assert scene.says("S1")[-1] == "leaves on the eve of 2014-04-01"


def test_a_quitting_that_is_recorded_while_a_matter_is_being_abandoned_is_seen(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read of everybody is what the append rests on; here S1 is read twice."""
    play(scene, *TO_CONFIRMED, D(2014, 4, 1))
    today, on = D(2014, 4, 5), D(2014, 4, 1)
    read, quits = scene.matters._worlds.people_since, list[bool]()

    def after_somebody_else(matter: str, since: date) -> tuple[str, ...]:
        if not quits:
            quits.append(True)
            scene.do(today, "quit", "S1", happened_on=D(2014, 3, 3))
        return read(matter, since)

    monkeypatch.setattr(scene.matters._worlds, "people_since", after_somebody_else)
    with pytest.raises(Refused, match="end of S1 has been due since 2014-04-01"):
        scene.do(today, "abandon", happened_on=on, reason="no money")
    assert scene.facts(t.Abandoned) == []


def test_a_day_that_is_learned_late_reaches_those_of_whom_nothing_was_recorded_since(
    scene: Scene,
) -> None:
    play(scene, *TO_CONFIRMED[:2])
    scene.do(D(2014, 2, 10), "quit", "S1")
    scene.do(D(2014, 2, 20), "abandon", reason="no money")
    known = D(2014, 2, 25)
    scene.do(known, "fix-day", happened_on=D(2014, 2, 12), milestone="move", on="2014-02-14")
    assert scene.duties(None) == ["abandon"]
    (duty,) = scene.matters.duties(MATTER).values()
    assert duty.concerns == ("S1",)
    scene.settle(known, Settlement.REDO)
    scene.run(known)
    assert scene.says("S1")[-1] == "end, due by law on 2014-02-14, waits for approval"
    moved = desk_of(scene.matters.state(MATTER, "S3")).moved
    assert moved is not None, "the move goes on for everybody"
    assert moved.effective_from == D(2014, 2, 14)


def test_a_plan_that_moves_between_chunks_stops_the_rest(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(scene, *TO_CONFIRMED)
    monkeypatch.setattr(matters, "CHUNK", 1)
    day = D(2014, 4, 1)

    def put_off(done: int, _of: int) -> None:
        if done == 1 and desk_of(scene.matters.state(MATTER, "S3")).moved is not None:
            scene.do(day, "fix-day", milestone="move", on="2014-04-12", reason="lift")

    scene.due.take(scene.as_act(D(2014, 1, 6)), Whom(MATTER, "B"), day, put_off)
    assert scene.duties("S3") == ["move"]
    assert desk_of(scene.matters.state(MATTER, "S4")).moved is None
    scene.run(D(2014, 4, 12))
    assert desk_of(scene.matters.state(MATTER, "S4")).moved is not None


def test_a_command_that_is_overtaken_decides_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(scene, *TO_CONFIRMED[:2])
    append = scene.office.append
    overtaken: list[bool] = []

    def after_somebody_else(*given: object, **named: object) -> object:
        if not overtaken:
            overtaken.append(True)
            scene.do(D(2014, 2, 12), "move-window", group="A", window="object",
                     until="2014-02-20", reason="post")  # fmt: skip
        return append(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(scene.office, "append", after_somebody_else)
    scene.due.take(scene.as_act(D(2014, 1, 6)), Whom(MATTER, "A"), D(2014, 2, 12))
    assert overtaken
    assert desk_of(scene.matters.state(MATTER, "S1")).confirmed is None
    following = scene.due.following(Whom(MATTER, "A"), D(2014, 2, 12))
    assert following == Following("confirm", "", D(2014, 2, 21))


def test_a_command_that_is_repeated_answers_what_it_did(scene: Scene) -> None:
    play(scene, *TO_CONFIRMED[:2])
    act, asking = scene.as_act(D(2014, 1, 6)), Asking("office", D(2014, 2, 3), EVERYBODY)
    first = scene.matters.do(act, asking, MATTER, "answer", person="S1")
    again = scene.matters.do(act, asking, MATTER, "answer", person="S1")
    assert first is not None
    assert again is not None
    assert again.events == first.events


def test_facts_lie_on_the_stream_of_whom_they_are_about(scene: Scene) -> None:
    facts = [each.fact for each in scene.office.log.read(matter_stream(MATTER))]
    assert isinstance(facts[0], t.MatterBegun)
    assert [type(each.fact).__name__ for each in scene.office.log.read(staff_stream("S1"))] == [
        "StaffRegistered",
        "FloorProposed",
    ]
