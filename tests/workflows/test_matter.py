"""A matter from its beginning to its close, on simulated time: one workflow over all of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus

from tests.core.matter.desks import BadgeEnded, DeskConfirmed, DeskMoved
from tests.support.desk_scene import CONFIRMED, DRAWN, LETTERS, MOVED
from tests.workflows import record_histories as all_of_it
from tests.workflows.record_histories import CLOSED, ELSEWHERE, LATER, OBJECTED
from tests.workflows.stage import DRAWN as ALL_DRAWN
from tests.workflows.stage import GROUP, OTHER, PEOPLE, WHOLE, Stage, person
from transfer.commands import matters
from transfer.core.matter import facts as t
from transfer.core.matter.words import Settlement
from workflows import procedure

pytestmark = pytest.mark.engines

DAY = timedelta(days=1)


async def test_it_goes_from_the_plan_to_the_close(stage: Stage) -> None:
    """An objection that is upheld, somebody who quits, a longer window, a milestone that moves, a
    record that is put right two days late."""
    scene = stage.scene
    async with stage.playing() as play:
        await all_of_it.play_it_all(play)
        whose = [WHOLE, GROUP, OTHER, *map(person, ("S1", "S2", "S5", ELSEWHERE))]
        for each in whose:
            assert await play.status(each) is WorkflowExecutionStatus.COMPLETED
        assert not await play.exists(person("S6"))
        assert not await play.exists(person("S3"))
    assert [each.fact.happened_on for each in scene.facts(t.NoticeGiven)] == [LETTERS, LETTERS]
    confirmed = {each.stream: each.fact.happened_on for each in scene.facts(DeskConfirmed)}
    assert confirmed["staff:S6"] == CONFIRMED
    assert confirmed["staff:S5"] == date(2014, 2, 21)
    assert confirmed["staff:S1"] == all_of_it.DECIDED
    moved = {each.stream: each.fact.effective_from for each in scene.facts(DeskMoved)}
    assert moved == {f"staff:{each}": LATER for each in ("S1", "S3", "S4", "S5", "S6", ELSEWHERE)}
    (ended,) = scene.facts(BadgeEnded)
    assert (ended.stream, ended.fact.effective_from) == ("staff:S2", LATER)
    (refused,) = scene.facts(t.StepRefused)
    assert refused.stream == f"staff:{ELSEWHERE}"
    (corrected,) = [r for r in scene.facts(DeskMoved) if r.stream == f"staff:{ELSEWHERE}"]
    assert corrected.recorded_at.date() == all_of_it.PUT_RIGHT
    assert [each.fact.happened_on for each in scene.facts(t.Completed)] == [CLOSED]
    on_record = {each.event_id: each for each in scene.log.page(0, 10_000)}
    by_steps = [each for each in on_record.values() if each.recorded_by.startswith("procedure:")]
    assert len(by_steps) > 10
    for step in by_steps:
        assert step.causation_id is not None
        assert step.correlation_id == on_record[step.causation_id].correlation_id


async def test_what_was_abandoned_goes_on_once_that_is_undone(stage: Stage) -> None:
    """An earlier day of the move is learned of only then: the end of S2 had been due."""
    scene, known, earlier = stage.scene, date(2014, 3, 12), date(2014, 3, 5)
    async with stage.playing() as play:
        await play.go_to(OBJECTED)
        scene.do(OBJECTED, "quit", "S2", by="A. Manager")
        await play.go_to(date(2014, 3, 10))
        scene.do(date(2014, 3, 10), "abandon", reason="no money")
        await play.time.settle()
        for each in (GROUP, OTHER, person("S2")):
            assert await play.status(each) is WorkflowExecutionStatus.COMPLETED
        await play.go_to(known)
        moved = date(2014, 3, 3)
        scene.do(known, "fix-day", happened_on=moved, milestone="move", on=str(earlier), reason="r")
        await play.time.settle()
        assert scene.duties(None) == ["abandon"]
        assert scene.facts(t.ApprovalAsked) == scene.facts(DeskMoved) == []

        scene.settle(known, Settlement.REDO)
        await play.time.settle()
        assert [each.stream for each in scene.facts(t.ApprovalAsked)] == ["staff:S2"]
        scene.do(known, "approve", "S2", by="B. Officer", step="end")
        await play.time.settle()
    assert {each.fact.effective_from for each in scene.facts(DeskMoved)} == {earlier}
    others = {*PEOPLE, "S3", "S4"} - {"S2"}
    assert {each.stream for each in scene.facts(DeskMoved)} == {f"staff:{each}" for each in others}
    (ended,) = scene.facts(BadgeEnded)
    assert (ended.stream, ended.fact.effective_from) == ("staff:S2", earlier)


async def test_each_step_is_taken_on_its_day_and_not_before(stage: Stage) -> None:
    scene = stage.scene
    async with stage.playing() as play:
        await play.go_to(DRAWN - DAY)
        assert scene.facts(t.StepTaken) == scene.facts(t.NoticeGiven) == []
        await play.go_to(LETTERS - DAY)
        assert scene.facts(t.NoticeGiven) == []
        await play.go_to(LETTERS)
        assert len(scene.facts(t.NoticeGiven)) == 2
        await play.go_to(CONFIRMED - DAY)
        assert scene.facts(DeskConfirmed) == []
        await play.go_to(CONFIRMED)
        assert len(scene.facts(DeskConfirmed)) == 6
        await play.go_to(MOVED - DAY)
        assert scene.facts(DeskMoved) == []
        await play.go_to(MOVED)
    assert {each.fact.happened_on for each in scene.facts(DeskMoved)} == {MOVED}
    assert {each.recorded_by for each in scene.facts(t.StepTaken)} == {
        "procedure:desk-move/spring/group/A",
        "procedure:desk-move/spring/group/B",
    }


async def test_what_is_refused_waits_for_a_fact_and_is_not_tried_day_by_day(stage: Stage) -> None:
    scene = stage.scene
    all_of_it.mistype(scene)
    async with stage.playing() as play:
        await play.go_to(MOVED)
        assert scene.desk(ELSEWHERE).moved is None
        before = len((await play.procedure(person(ELSEWHERE)).fetch_history()).events)
        await play.go_to(date(2014, 9, 1))
        after = len((await play.procedure(person(ELSEWHERE)).fetch_history()).events)
        assert before == after
        assert await play.status(person(ELSEWHERE)) is WorkflowExecutionStatus.RUNNING
        all_of_it.put_right(scene, date(2014, 9, 1))
        await play.time.settle()
        assert await play.status(person(ELSEWHERE)) is WorkflowExecutionStatus.COMPLETED
    moved = scene.desk(ELSEWHERE).moved
    assert moved is not None
    assert moved.effective_from == MOVED


async def test_a_step_that_breaks_off_goes_on_where_it_stopped(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matters, "CHUNK", 1)
    scene = stage.scene
    append = scene.office.append
    broken: list[object] = []

    def breaks_off(new: list[tuple[str, int, object]], *given: object, **named: object) -> object:
        if any(isinstance(fact, DeskConfirmed) for _, _, fact in new) and len(broken) < 3:
            broken.append(new)
            raise ConnectionError("the network is gone")
        return append(new, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(scene.office, "append", breaks_off)
    async with stage.playing() as play:
        await play.go_to(CONFIRMED)
    assert len(broken) == 3
    assert {scene.desk(each).confirmed for each in PEOPLE} == {"3"}
    taken = {each.fact.group: each.fact.counts for each in scene.facts(t.StepTaken)}
    assert taken == {"A": {"people": 4}, "B": {"people": 2}}


async def test_a_long_run_is_continued_as_a_new_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(procedure, "ROUNDS_A_RUN", 1)
    scene = stage.scene
    async with stage.playing() as play:
        await play.go_to(OBJECTED)
        first = (await play.procedure(GROUP).describe()).run_id
        scene.do(OBJECTED, "fix-day", milestone="move", on="2014-04-10", reason="r")
        scene.do(OBJECTED, "fix-day", milestone="move", on="2014-04-11", reason="r")
        await play.go_to(date(2014, 4, 11))
        assert (await play.procedure(GROUP).describe()).run_id != first
    assert {each.fact.effective_from for each in scene.facts(DeskMoved)} == {date(2014, 4, 11)}


async def test_a_day_put_forward_and_learned_after_it_was_put_off_is_not_waited_for(
    stage: Stage,
) -> None:
    """No person has a procedure here: the groups' procedures find what is due from their people."""
    scene = stage.scene
    put_off, learned, sooner = date(2014, 3, 27), date(2014, 4, 7), date(2014, 3, 20)
    async with stage.playing() as play:
        await play.go_to(put_off)
        scene.do(put_off, "fix-day", milestone="move", on="2014-04-12", reason="lift")
        await play.go_to(learned)
        assert scene.facts(DeskMoved) == []
        day: dict[str, Any] = {"milestone": "move", "on": str(sooner), "reason": "sooner"}
        scene.do(learned, "fix-day", happened_on=date(2014, 2, 13), **day)
        await play.time.settle()
        assert {each.recorded_at.date() for each in scene.facts(DeskMoved)} == {learned}
    moved = {each.stream: each.fact.effective_from for each in scene.facts(DeskMoved)}
    assert moved == {f"staff:{each}": sooner for each in (*PEOPLE, *ALL_DRAWN)}


async def test_a_step_due_before_somebody_was_taken_out_is_taken_when_that_is_learned(
    stage: Stage,
) -> None:
    scene, back = stage.scene, date(2014, 2, 15)
    async with stage.playing() as play:
        await play.go_to(OBJECTED)
        scene.do(OBJECTED, "hold", "S1", reason="ill")
        await play.go_to(date(2014, 3, 1))
        scene.do(date(2014, 3, 1), "take-out", "S1", reason="left")
        await play.time.settle()
        assert scene.desk("S1").confirmed is None
        today = date(2014, 3, 5)
        await play.go_to(today)
        scene.do(today, "resume", "S1", happened_on=back, reason="back")
        await play.time.settle()
        assert await play.status(person("S1")) is WorkflowExecutionStatus.COMPLETED
    confirmed = {each.stream: each.fact.happened_on for each in scene.facts(DeskConfirmed)}
    assert confirmed["staff:S1"] == back
