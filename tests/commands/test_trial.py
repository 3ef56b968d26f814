"""A trial decides as the record would, also where what is tried takes several commands."""

from __future__ import annotations

from datetime import date

import pytest

from tests.support.desk_scene import BEGUN, EVERYBODY, MATTER, Scene, desk_scene
from transfer.commands.matters import Asking, Matters
from transfer.commands.trial import Trial
from transfer.core.matter import facts as t
from transfer.core.streams import matter_stream

pytestmark = pytest.mark.engines


def test_several_commands_of_one_act_are_several_decisions(database_url: str) -> None:
    with desk_scene(database_url) as scene:
        trial = Trial(scene.office, scene.due.worlds)
        fix_days(scene, trial.matters)
        tried = [each.fact for each in trial.facts()]
        before = len(scene.log.read(matter_stream(MATTER)))
        fix_days(scene, scene.matters)
        recorded = [each.fact for each in scene.log.read(matter_stream(MATTER))]
        assert tried == recorded[before:]
        assert [type(fact) for fact in tried] == [t.DayFixed] * 3
        assert scene.duties(None) == []


def fix_days(scene: Scene, matters: Matters) -> None:
    """Three days of the plan, one command each, of one larger act."""
    act = scene.as_act(BEGUN)
    for n, name in enumerate(("first", "second", "third")):
        matters.do(
            act.part("milestone", name),
            Asking("office", BEGUN, EVERYBODY),
            MATTER,
            "fix-day",
            inputs={"milestone": name, "on": str(date(2014, 5, 1 + n))},
        )
