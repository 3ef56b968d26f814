"""Matters as they were known once: what is kept for everybody reads as what is read alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from deploy.data_folder import DataFolder
from tests.support.office_2013 import (
    CLOSED,
    EXERCISE,
    GROUP,
    LETTERS,
    OPENED,
    TRANSFER,
    Scene,
    scene_2013,
)
from transfer.commands import matters_kept as module
from transfer.commands.due_steps import DueSteps
from transfer.commands.matter_worlds import Loaded, Worlds
from transfer.commands.office import Office
from transfer.core.matter.replaying import standing
from transfer.core.matter.words import Whom
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import matter_stream
from transfer.log.views import LogAt

pytestmark = pytest.mark.engines

PEOPLE = ("S1", "S2", "S3")


def seen(worlds: Worlds, office: Office, today: date) -> object:
    """What is on record of the exercise, of everybody in it, and what it waits for."""
    due = DueSteps(office, worlds)
    try:
        whole = standing(worlds.world(Loaded(), EXERCISE, None))
    except NotOnRecord:
        return None
    people = [standing(worlds.world(Loaded(), EXERCISE, person)) for person in PEOPLE]
    groups = worlds.groups(Loaded(), EXERCISE)
    waits = [due.following(Whom(EXERCISE, group), today) for group in (None, *groups)]
    return whole, people, groups, waits


@pytest.mark.parametrize("room", [1, 16])
def test_at_every_instant_what_was_known_then_and_nothing_else(
    database_url: str, folder: DataFolder, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    """While it goes on, and afterwards in any order; however many are kept."""
    monkeypatch.setattr(module, "_EARLIER", room)
    monkeypatch.setattr(module, "_KEPT", room)
    with scene_2013(database_url, folder, PEOPLE) as scene:
        record = scene.record
        compare(scene, OPENED)
        scene.do(OPENED, "hold", group=GROUP, reason="an inspection")
        compare(scene, OPENED)
        scene.do(OPENED, "resume", group=GROUP)
        for day in (LETTERS, CLOSED, TRANSFER, TRANSFER + timedelta(days=200)):
            scene.run(day)
            compare(scene, day)
        stream = record.log.read(matter_stream(EXERCISE))
        instants = [each.recorded_at for each in stream]
        assert len(set(instants)) > 8
        before = instants[0] - timedelta(days=900)
        for known_at in (*instants[1::2], *reversed(instants), before, *instants[::3]):
            office = Office(LogAt(record.log, known_at), record.vault)
            alone = Worlds(office, record.worlds.rules)
            at = record.worlds.at(office, known_at)
            for today in (LETTERS, TRANSFER):
                assert seen(at, office, today) == seen(alone, office, today)


def compare(scene: Scene, today: date) -> None:
    """As known now."""
    record = scene.record
    known_at = record.log.head().recorded_at
    assert known_at is not None
    office = Office(LogAt(record.log, known_at), record.vault)
    alone = Worlds(office, record.worlds.rules)
    found = seen(record.worlds.at(office, known_at), office, today)
    assert found == seen(alone, office, today) == seen(record.worlds, record.office, today)


def test_nothing_is_read_or_folded_twice_while_nothing_is_new(
    database_url: str, folder: DataFolder
) -> None:
    with scene_2013(database_url, folder, PEOPLE) as scene:
        record = scene.record
        known_at = record.log.head().recorded_at
        assert known_at is not None
        office = Office(LogAt(record.log, known_at), record.vault)
        worlds = [record.worlds.at(office, known_at).world(Loaded(), EXERCISE, None) for _ in "12"]
        assert worlds[0] is worlds[1]
        assert standing(worlds[0]) is standing(worlds[1])
        scene.run(LETTERS)
        assert record.worlds.world(Loaded(), EXERCISE, None) is not worlds[0]
        again = record.worlds.at(office, known_at).world(Loaded(), EXERCISE, None)
        assert standing(again) == standing(worlds[0])
