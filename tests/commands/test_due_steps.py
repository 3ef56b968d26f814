"""What a matter, a group and a person wait for, and who takes which step; without any workflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.core.matter.desks import (
    ADMIN,
    DESKS,
    MATTER,
    MOVE,
    NO_BASIS,
    BadgeEnded,
    DeskConfirmed,
    DeskMoved,
    FloorsDrawn,
    Rules,
)
from tests.support.desk_scene import (
    BEGUN,
    CONFIRMED,
    DRAWN,
    LETTERS,
    MOVED,
    STRICT,
    Scene,
    desk_scene,
)
from transfer.commands import matters, record
from transfer.core.matter import facts as t
from transfer.core.matter.kind import Act, Kind, NeedsNothing, Step, Waits, closes, on, opens
from transfer.core.matter.reckoning import hanging
from transfer.core.matter.words import Nature, Outcome, Over, Settlement
from transfer.core.record.entries import Correction
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import Facet

pytestmark = pytest.mark.engines

D = date
ONE = D(2014, 4, 2)
New = Callable[..., Scene]


@pytest.fixture
def new(new_database: Callable[[], AbstractContextManager[str]]) -> Iterator[New]:
    """Makes scenes: the toy kind, or one like it."""
    with ExitStack() as stack:

        def make(kind: Kind = DESKS, rules: Rules | None = None) -> Scene:
            url = stack.enter_context(new_database())
            return stack.enter_context(desk_scene(url, kind, rules))

        yield make


@pytest.fixture
def scene(new: New) -> Scene:
    return new()


def play(scene: Scene, *days: date, groups: tuple[str, ...] = ("A", "B")) -> None:
    """What the groups' procedures take on those days."""
    for day in days:
        for group in groups:
            scene.take(day, group)


# --- groups -------------------------------------------------------------------------------------


def test_a_group_waits_for_one_day_after_another(scene: Scene) -> None:
    found = []
    for day in (BEGUN, DRAWN, LETTERS, CONFIRMED, MOVED):
        found.append(scene.waits(day, "B"))
        scene.take(day, "B")
    assert found == [
        ("draw", DRAWN),
        ("draw", DRAWN),
        ("letters", LETTERS),
        ("confirm", CONFIRMED),
        ("move", MOVED),
    ]
    assert scene.waits(MOVED, "B") is None
    assert {each.stream for each in scene.facts(DeskMoved)} == {"staff:S3", "staff:S4"}
    taken = [(r.fact.step, r.fact.group, r.fact.counts) for r in scene.facts(t.StepTaken)]
    assert taken == [("confirm", "B", {"people": 2}), ("move", "B", {"people": 2})]


def test_a_step_whose_day_has_come_is_due_now(scene: Scene) -> None:
    assert scene.waits(D(2014, 2, 3), "A") == ("letters", LETTERS)
    assert scene.waits(D(2014, 1, 31), "A") == ("letters", LETTERS)


def test_asking_twice_does_no_harm(scene: Scene) -> None:
    play(scene, DRAWN, LETTERS, CONFIRMED)
    head = scene.log.head().position
    for _ in range(2):
        play(scene, CONFIRMED)
        scene.run(CONFIRMED)
    assert scene.log.head().position == head


def test_nobodys_stream_is_read_to_learn_what_a_group_waits_for(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(scene, DRAWN, LETTERS)
    read: list[str] = []
    log_read, log_read_many = scene.log.read, scene.log.read_many
    log_read_new = scene.log.read_new

    def reads(stream: str, **named: Any) -> Any:
        read.append(stream)
        return log_read(stream, **named)

    def reads_many(streams: list[str], **named: Any) -> Any:
        read.extend(streams)
        return log_read_many(streams, **named)

    def reads_new(known: dict[str, int]) -> Any:
        read.extend(known)
        return log_read_new(known)

    monkeypatch.setattr(scene.log, "read", reads)
    monkeypatch.setattr(scene.log, "read_many", reads_many)
    monkeypatch.setattr(scene.log, "read_new", reads_new)
    assert scene.waits(CONFIRMED, "B") == ("confirm", CONFIRMED)
    assert set(read) == {matter_stream(MATTER)}
    read.clear()
    scene.take(CONFIRMED, "B")
    assert sorted(each for each in read if each.startswith("staff:")) == ["staff:S3", "staff:S4"]


def test_who_goes_with_their_group_has_no_procedure(scene: Scene) -> None:
    play(scene, DRAWN)
    for day in (LETTERS, CONFIRMED, MOVED):
        play(scene, day)
        assert [scene.waits(day, person=who) for who in ("S1", "S3", "S4")] == [None] * 3


# --- people -------------------------------------------------------------------------------------


def test_who_objects_is_passed_by_and_goes_their_own_way(scene: Scene) -> None:
    play(scene, DRAWN, LETTERS)
    scene.do(D(2014, 2, 10), "object", "S3")
    assert scene.waits(D(2014, 2, 10), person="S3") == ("confirm", None)
    play(scene, CONFIRMED)
    assert scene.desk("S3").confirmed is None
    assert scene.facts(t.StepTaken)[-1].fact.counts == {"people": 1, "on their own": 1}
    scene.do(D(2014, 2, 18), "decide", "S3", upheld=False)
    assert scene.waits(D(2014, 2, 18), person="S3") == ("confirm", D(2014, 2, 18))
    scene.take(D(2014, 2, 18), person="S3")
    assert scene.desk("S3").confirmed is not None
    # From here on with the group again.
    assert scene.waits(D(2014, 2, 18), person="S3") is None
    play(scene, MOVED)
    assert scene.desk("S3").moved is not None


def test_a_day_of_ones_own_is_waited_for(scene: Scene) -> None:
    play(scene, DRAWN, LETTERS)
    scene.do(D(2014, 2, 3), "extend-window", "S3", window="object", until="2014-02-20", reason="r")
    assert scene.waits(D(2014, 2, 3), person="S3") == ("confirm", D(2014, 2, 21))
    play(scene, CONFIRMED)
    assert scene.desk("S3").confirmed is None
    assert scene.waits(D(2014, 2, 21), person="S3") == ("confirm", D(2014, 2, 21))
    scene.take(D(2014, 2, 21), person="S3")
    assert scene.desk("S3").confirmed is not None


def test_a_refused_step_is_on_record_once_and_waits_for_a_fact(scene: Scene) -> None:
    scene.register("S5", floor="annexe")
    scene.plan("C", ["S5"])
    play(scene, LETTERS, CONFIRMED, MOVED, groups=("C",))
    assert scene.facts(t.StepTaken)[-1].fact.counts == {"refused": 1}
    assert scene.waits(MOVED, "C") is None
    assert scene.waits(ONE, person="S5") == ("move", None)
    assert scene.take(ONE, person="S5") == 0
    (refused,) = scene.facts(t.StepRefused)
    assert refused.fact.reasons == ("works at annexe",)
    entry = scene.log.read(staff_stream("S5"))[0].event_id
    right = Correction(
        of=entry, effective_from=D(2010, 1, 1), changes={Facet.WORKPLACE: "2"}, reason="mistyped"
    )
    record.enter(scene.office, scene.as_act(ONE), "S5", right)
    assert scene.waits(ONE, person="S5") == ("move", MOVED)
    scene.take(ONE, person="S5")
    moved = scene.desk("S5").moved
    assert moved is not None
    assert moved.effective_from == MOVED


# --- approvals ----------------------------------------------------------------------------------


def test_an_approval_of_ones_own_is_asked_for_once(scene: Scene) -> None:
    play(scene, DRAWN, LETTERS, CONFIRMED)
    scene.do(D(2014, 2, 20), "quit", "S1", by="A. Manager")
    assert scene.waits(D(2014, 2, 20), person="S1") == ("end", MOVED)
    assert scene.waits(MOVED, person="S1") == ("end", MOVED)
    assert scene.take(MOVED, person="S1") == 1
    assert scene.waits(MOVED, person="S1") == ("end", None)
    assert scene.take(ONE, person="S1") == 0
    scene.do(ONE, "approve", "S1", by="B. Officer", step="end")
    assert scene.waits(ONE, person="S1") == ("end", MOVED)
    scene.take(ONE, person="S1")
    assert scene.desk("S1").ended is not None
    assert scene.waits(ONE, person="S1") is None


def test_a_group_is_asked_for_once_and_approved_as_one(new: New) -> None:
    scene = new(rules=Rules(approved=frozenset({"move"})))
    play(scene, DRAWN, LETTERS, CONFIRMED)
    assert scene.waits(CONFIRMED, "B") == ("move", MOVED)
    assert scene.waits(MOVED, "B") == ("move", MOVED)
    assert scene.take(MOVED, "B") == 1
    (asked,) = scene.facts(t.ApprovalAsked)
    assert (asked.fact.step, asked.fact.group) == ("move", "B")
    assert asked.stream == matter_stream(MATTER)
    assert scene.waits(MOVED, "B") == ("move", None)
    assert scene.waits(MOVED, person="S3") is None
    assert scene.take(ONE, "B") == 0
    assert scene.facts(DeskMoved) == []
    scene.do(ONE, "decline", by="B. Officer", step="move", group="B", reason="not yet")
    assert scene.waits(ONE, "B") == ("move", None)
    scene.do(ONE, "approve", by="B. Officer", step="move", group="B")
    assert scene.waits(ONE, "B") == ("move", MOVED)
    scene.take(ONE, "B")
    moved = scene.facts(DeskMoved)
    assert [each.fact.effective_from for each in moved] == [MOVED, MOVED]


def test_letters_that_wait_for_approval_go_out_once_it_is_given(new: New) -> None:
    scene = new(rules=Rules(approved=frozenset({"letters"})))
    assert scene.take(LETTERS, "A") == 1
    assert scene.waits(LETTERS, "A") == ("letters", None)
    scene.do(D(2014, 2, 3), "approve", by="B. Officer", step="letters", group="A")
    assert scene.waits(D(2014, 2, 3), "A") == ("letters", LETTERS)
    scene.take(D(2014, 2, 3), "A")
    assert [each.fact.happened_on for each in scene.facts(t.NoticeGiven)] == [D(2014, 2, 3)]


# --- the whole matter ---------------------------------------------------------------------------

SWEPT = Act("sweep", Over.PERSON, ADMIN, NeedsNothing, MOVE.decide, "move who is left")
ON_SWEEP = hanging(NO_BASIS, milestone="sweep")


def with_sweep(waits: Waits = Waits.AUTOMATIC) -> Kind:
    """A kind in which what is left on a day is due from everybody in the matter."""
    return replace(
        DESKS,
        acts=(*DESKS.acts, SWEPT),
        steps=(*DESKS.steps, Step(SWEPT, "on the day of the sweep", waits=waits)),
        obligations=(
            *DESKS.obligations,
            on(DeskMoved, closes("sweep")),
            on(BadgeEnded, closes("sweep", Outcome.SUPERSEDED)),
            on(
                t.DayFixed,
                opens(
                    "sweep",
                    Nature.ACT,
                    owner="employer",
                    when=lambda f: ON_SWEEP if f.milestone == "sweep" else None,
                ),
            ),
        ),
    )


SWEEP_DAY = D(2014, 3, 3)


def test_what_is_due_to_the_matter_is_taken_for_everybody_then_noted(new: New) -> None:
    scene = new(with_sweep())
    play(scene, DRAWN, LETTERS)
    scene.do(LETTERS, "fix-day", milestone="sweep", on=str(SWEEP_DAY))
    assert scene.waits(LETTERS) == ("sweep", SWEEP_DAY)
    scene.do(D(2014, 2, 10), "object", "S3")
    play(scene, CONFIRMED)
    assert scene.waits(CONFIRMED, person="S3") == ("confirm", None)
    scene.take(SWEEP_DAY)
    (taken,) = [each.fact for each in scene.facts(t.StepTaken) if each.fact.step == "sweep"]
    assert (taken.group, taken.counts) == (None, {"people": 2, "refused": 1})
    assert {each.stream for each in scene.facts(DeskMoved)} == {"staff:S1", "staff:S4"}
    assert scene.waits(SWEEP_DAY) is None
    # What it did not do for S3 is S3's own from now on.
    scene.do(D(2014, 3, 5), "decide", "S3", upheld=False)
    assert scene.waits(D(2014, 3, 5), person="S3") == ("confirm", D(2014, 3, 5))
    scene.take(D(2014, 3, 5), person="S3")
    assert scene.desk("S3").moved is not None


def test_an_approval_on_the_matters_level_is_asked_for_each_person(new: New) -> None:
    scene = new(with_sweep(Waits.FOR_APPROVAL))
    play(scene, DRAWN, LETTERS, CONFIRMED)
    scene.do(CONFIRMED, "fix-day", milestone="sweep", on=str(SWEEP_DAY))
    scene.take(SWEEP_DAY)
    assert sorted(each.stream for each in scene.facts(t.ApprovalAsked)) == [
        "staff:S1",
        "staff:S3",
        "staff:S4",
    ]
    assert scene.waits(SWEEP_DAY) is None
    assert scene.waits(SWEEP_DAY, person="S1") == ("sweep", None)
    scene.do(D(2014, 3, 4), "approve", "S1", by="B. Officer", step="sweep")
    assert scene.waits(D(2014, 3, 4), person="S1") == ("sweep", SWEEP_DAY)
    scene.take(D(2014, 3, 4), person="S1")
    assert {each.stream for each in scene.facts(DeskMoved)} == {"staff:S1"}


def test_the_matter_closes_and_nobody_waits_any_more(scene: Scene) -> None:
    play(scene, DRAWN, LETTERS)
    scene.do(D(2014, 2, 10), "object", "S3")
    scene.do(D(2014, 2, 10), "fix-day", milestone="close", on="2014-03-01")
    assert scene.waits(D(2014, 2, 10)) == ("close", D(2014, 3, 1))
    scene.take(D(2014, 3, 1))
    assert len(scene.facts(t.Completed)) == 1
    for group, person in ((None, None), ("A", None), ("B", None), (None, "S3")):
        assert scene.waits(D(2014, 3, 1), group, person) is None


def test_a_matter_that_waits_for_nothing_has_no_procedure(scene: Scene) -> None:
    assert scene.waits(BEGUN) is None


# --- steps that see several people --------------------------------------------------------------


def test_a_refused_step_over_several_is_on_record_once_and_due_again_by_a_fact(new: New) -> None:
    scene = new(STRICT)
    for person in ("S3", "S4"):
        scene.do(D(2014, 1, 10), "quit", person)
    assert scene.waits(DRAWN, "B") == ("draw", DRAWN)
    assert scene.take(DRAWN, "B") == 1
    (refused,) = scene.facts(t.StepRefused)
    assert (refused.fact.group, refused.fact.reasons) == ("B", ("there is nobody to draw for",))
    assert refused.stream == matter_stream(MATTER)
    assert scene.waits(DRAWN, "B") == ("letters", LETTERS)
    assert scene.take(D(2014, 1, 21), "B") == 0
    scene.do(D(2014, 1, 22), "stay", "S3")
    assert scene.waits(D(2014, 1, 22), "B") == ("draw", DRAWN)
    scene.take(D(2014, 1, 22), "B")
    (drawn,) = scene.facts(FloorsDrawn)
    assert set(drawn.fact.outcome) == {"S3"}


def test_a_draw_rests_on_everybody_it_saw(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody quits between the look at everybody and the append: it is drawn again."""
    append, quits = scene.office.append, iter(["S4"])

    def after_somebody_quit(*given: object, **named: object) -> object:
        for person in quits:
            scene.do(DRAWN, "quit", person)
        return append(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(scene.office, "append", after_somebody_quit)
    scene.take(DRAWN, "B")
    (drawn,) = scene.facts(FloorsDrawn)
    assert set(drawn.fact.outcome) == {"S3"}


def test_of_many_people_only_the_versions_are_kept(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many are looked at, in chunks: the append names the version of each."""
    monkeypatch.setattr(matters, "CHUNK", 1)
    append, rested_on = scene.office.append, []

    def noted(*given: Any, reads: dict[str, int], **named: Any) -> Any:
        rested_on.append(reads)
        return append(*given, reads=reads, **named)

    monkeypatch.setattr(scene.office, "append", noted)
    scene.take(DRAWN, "B")
    (drawn,) = scene.facts(FloorsDrawn)
    assert set(drawn.fact.outcome) == {"S3", "S4"}
    assert rested_on == [{"staff:S3": 1, "staff:S4": 1}]


# --- settling -----------------------------------------------------------------------------------


def test_what_is_to_be_settled_holds_one_person_and_nobody_else(scene: Scene) -> None:
    play(scene, DRAWN, LETTERS, CONFIRMED)
    scene.do(D(2014, 2, 20), "object", "S3", happened_on=D(2014, 2, 11))
    assert scene.duties("S3") == ["confirm"]
    assert scene.waits(D(2014, 2, 20), person="S3") == ("settle", None)
    play(scene, MOVED)
    assert {each.stream for each in scene.facts(DeskMoved)} == {"staff:S1", "staff:S4"}
    assert scene.take(MOVED, person="S3") == 0
    scene.settle(MOVED, Settlement.STANDS, "S3")
    assert scene.waits(MOVED, person="S3") == ("move", MOVED)
    scene.take(MOVED, person="S3")
    assert scene.desk("S3").moved is not None


def test_a_draw_to_be_settled_holds_whom_it_concerns(scene: Scene) -> None:
    play(scene, DRAWN)
    scene.do(D(2014, 1, 25), "quit", "S4", happened_on=D(2014, 1, 15))
    assert scene.duties(None) == ["draw"]
    assert scene.waits(D(2014, 1, 25), "B") == ("settle", None)
    assert scene.take(LETTERS, "B") == 0
    scene.settle(LETTERS, Settlement.REDO)
    assert scene.waits(LETTERS, "B") == ("letters", LETTERS)


# --- plans that move ----------------------------------------------------------------------------


def test_a_plan_that_moves_in_the_middle_stops_the_step_there(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(scene, DRAWN, LETTERS, CONFIRMED)
    monkeypatch.setattr(matters, "CHUNK", 1)
    later = D(2014, 6, 1)

    def move(done: int, _of: int) -> None:
        if done == 1:
            scene.do(MOVED, "fix-day", milestone="move", on=str(later), reason="lift")

    scene.take(MOVED, "B", progress=move)
    assert {each.stream for each in scene.facts(DeskMoved)} == {"staff:S3"}
    assert scene.duties("S3") == ["move"]
    assert scene.waits(MOVED, "B") == ("move", later)
    assert scene.waits(MOVED, person="S4") is None
    scene.take(later, "B")
    days = {each.stream: each.fact.effective_from for each in scene.facts(DeskMoved)}
    assert days == {"staff:S3": MOVED, "staff:S4": later}


LATE = D(2014, 4, 7)
SOONER, LATER = D(2014, 3, 20), D(2014, 4, 12)


def days_of_moves(scene: Scene) -> dict[str, date]:
    """From which day each moved desk has moved."""
    return {each.stream: each.fact.effective_from for each in scene.facts(DeskMoved)}


def put_forward_learned_after_it_was_put_off(scene: Scene) -> None:
    """On 13 February the move was put forward to 20 March; that is learned on 7 April, after the
    move was put off to 12 April."""
    put_off_on = D(2014, 3, 27)
    scene.do(put_off_on, "fix-day", milestone="move", on=str(LATER), reason="lift")
    play(scene, put_off_on)
    day: dict[str, Any] = {"milestone": "move", "on": str(SOONER), "reason": "sooner"}
    scene.do(LATE, "fix-day", happened_on=D(2014, 2, 13), **day)


def test_a_day_put_forward_and_learned_after_it_was_put_off_is_due_at_once(scene: Scene) -> None:
    play(scene, DRAWN, LETTERS, CONFIRMED)
    put_forward_learned_after_it_was_put_off(scene)
    assert [scene.waits(LATE, group) for group in ("A", "B")] == [("move", SOONER)] * 2
    assert scene.waits(LATE, person="S3") is None  # the group's to take
    play(scene, LATE)
    assert days_of_moves(scene) == dict.fromkeys(("staff:S1", "staff:S3", "staff:S4"), SOONER)
    through = scene.facts(t.StepTaken)[-1].fact
    assert (through.step, through.due_on, through.counts) == ("move", SOONER, {"people": 2})
    head = scene.log.head().position
    play(scene, LATE, LATER)
    assert scene.waits(LATE, "B") is None
    assert scene.log.head().position == head


def test_who_goes_their_own_way_is_found_as_well_where_a_day_had_been_put_forward(
    scene: Scene,
) -> None:
    play(scene, DRAWN, LETTERS)
    scene.do(D(2014, 2, 10), "object", "S3")
    play(scene, CONFIRMED)
    scene.do(D(2014, 2, 18), "decide", "S3", upheld=False)
    scene.take(D(2014, 2, 18), person="S3")
    put_forward_learned_after_it_was_put_off(scene)
    play(scene, LATE)
    assert days_of_moves(scene) == dict.fromkeys(("staff:S1", "staff:S3", "staff:S4"), SOONER)


def test_a_day_that_had_passed_when_it_was_put_off_is_due_at_once(scene: Scene) -> None:
    play(scene, DRAWN, LETTERS, CONFIRMED)
    scene.do(ONE, "fix-day", milestone="move", on=str(LATER), reason="lift")
    assert scene.waits(ONE, "B") == ("move", MOVED)
    play(scene, ONE)
    assert days_of_moves(scene) == dict.fromkeys(("staff:S1", "staff:S3", "staff:S4"), MOVED)


def test_a_day_that_is_moved_to_one_that_has_passed_is_due_at_once(scene: Scene) -> None:
    play(scene, DRAWN, LETTERS, CONFIRMED)
    today = D(2014, 3, 27)
    scene.do(today, "fix-day", milestone="move", on=str(SOONER), reason="sooner")
    assert scene.waits(today, "B") == ("move", SOONER)
    play(scene, today)
    assert days_of_moves(scene) == dict.fromkeys(("staff:S1", "staff:S3", "staff:S4"), SOONER)


def test_what_waited_for_approval_when_its_day_passed_is_due_on_the_later_day(new: New) -> None:
    scene = new(rules=Rules(approved=frozenset({"move"})))
    play(scene, DRAWN, LETTERS, CONFIRMED)
    play(scene, MOVED)
    scene.do(ONE, "fix-day", milestone="move", on=str(LATER), reason="lift")
    assert scene.waits(ONE, "B") == ("move", LATER)
    scene.do(ONE, "approve", by="B. Officer", step="move", group="B")
    assert scene.waits(ONE, "B") == ("move", LATER)
    play(scene, LATER)
    assert days_of_moves(scene) == dict.fromkeys(("staff:S3", "staff:S4"), LATER)


def test_a_window_that_is_moved_after_its_step_was_taken_makes_nothing_due(scene: Scene) -> None:
    play(scene, DRAWN, LETTERS, CONFIRMED)
    window: dict[str, Any] = {"window": "object", "until": "2014-02-24", "reason": "strike"}
    scene.do(D(2014, 2, 15), "move-window", group="B", **window)
    assert scene.waits(D(2014, 2, 15), "B") == ("move", MOVED)


def test_the_close_is_due_at_once_where_its_day_had_passed_when_it_was_put_off(
    scene: Scene,
) -> None:
    play(scene, DRAWN, LETTERS, CONFIRMED, MOVED)
    closes, learned = D(2014, 4, 25), D(2014, 4, 28)
    scene.do(MOVED, "fix-day", milestone="close", on=str(closes))
    scene.do(learned, "fix-day", milestone="close", on="2014-05-25", reason="later")
    assert scene.waits(learned) == ("close", closes)
    scene.take(learned)
    assert [each.fact.happened_on for each in scene.facts(t.Completed)] == [closes]


def test_a_step_that_was_due_before_somebody_was_taken_out_is_found_when_that_is_learned(
    scene: Scene,
) -> None:
    play(scene, DRAWN, LETTERS)
    scene.do(D(2014, 2, 5), "hold", "S3", reason="ill")
    play(scene, CONFIRMED)
    scene.do(D(2014, 3, 1), "take-out", "S3", reason="left")
    today, back = D(2014, 3, 5), D(2014, 2, 15)
    scene.do(today, "resume", "S3", reason="back", happened_on=back)
    whom = scene.whom(person="S3")
    assert scene.due.waits(whom)
    assert scene.waits(today, person="S3") == ("confirm", CONFIRMED)
    scene.take(today, person="S3")
    confirmed = {each.stream: each.fact.happened_on for each in scene.facts(DeskConfirmed)}
    assert confirmed["staff:S3"] == back
    assert scene.waits(today, person="S3") is None
    assert not scene.due.waits(whom)


def test_a_step_that_is_broken_off_is_gone_on_with(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(scene, DRAWN, LETTERS)
    monkeypatch.setattr(matters, "CHUNK", 1)

    class LostError(Exception):
        pass

    def lost(_done: int, _of: int) -> None:
        raise LostError

    with pytest.raises(LostError):
        scene.take(CONFIRMED, "B", progress=lost)
    assert scene.waits(CONFIRMED, "B") == ("confirm", CONFIRMED)
    scene.take(CONFIRMED, "B")
    assert scene.facts(t.StepTaken)[-1].fact.counts == {"people": 2}


def test_a_group_that_is_held_waits_for_somebody(scene: Scene) -> None:
    play(scene, DRAWN, LETTERS)
    scene.do(D(2014, 2, 3), "hold", group="B", reason="strike")
    assert scene.waits(CONFIRMED, "B") == ("confirm", None)
    assert scene.take(CONFIRMED, "B") == 0
    assert scene.waits(CONFIRMED, "A") == ("confirm", CONFIRMED)
    scene.do(D(2014, 2, 20), "resume", group="B", reason="over")
    assert scene.waits(D(2014, 2, 20), "B") == ("confirm", CONFIRMED)


def test_who_joins_a_group_goes_with_it(scene: Scene) -> None:
    play(scene, DRAWN, LETTERS)
    scene.register("S9")
    scene.do(D(2014, 2, 3), "join", "S9", group="B", reason="new")
    scene.do(D(2014, 2, 3), "propose", "S9", floor="3")
    play(scene, CONFIRMED)
    assert scene.desk("S9").confirmed == "3"
    assert scene.waits(CONFIRMED, person="S9") is None
