"""Who has something in which matter: read off the log, so that it lacks nothing however it came."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from tests.core.matter.desks import DESKS, MATTER, FloorProposed
from tests.support.desk_scene import BEGUN, Scene, desk_scene
from transfer.commands.matter_people import MatterPeople
from transfer.core.matter.words import Made
from transfer.core.streams import staff_stream
from transfer.core.words import Basis
from transfer.procedures.known_facts import KnownFacts

pytestmark = pytest.mark.engines

KNOWN = KnownFacts((DESKS,))
EVERYBODY = ("S1", "S3")
LATER = date(2014, 2, 3)


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    """S1 has something in the matter; S3 has too, of a later day; S4 is only in a group."""
    with desk_scene(database_url) as scene:
        scene.do(LATER, "propose", "S3", floor="4")
        yield scene


@pytest.fixture
def people(scene: Scene) -> MatterPeople:
    return MatterPeople(scene.log, KNOWN)


def test_it_knows_everybody_and_their_last_day(people: MatterPeople) -> None:
    assert people.of(MATTER) == EVERYBODY
    assert people.of(MATTER, since=BEGUN) == EVERYBODY
    assert people.of(MATTER, since=LATER) == ("S3",)
    assert people.of(MATTER, since=date(2014, 2, 4)) == ()
    assert people.of("desk-move:autumn") == ()


def test_what_is_new_is_there_at_once_however_it_was_appended(
    scene: Scene, people: MatterPeople
) -> None:
    assert people.of(MATTER) == EVERYBODY
    proposed = FloorProposed(
        matter=MATTER,
        happened_on=LATER,
        made=Made(act="propose", by="an older system", inputs={"floor": "3"}),
        basis=Basis(),
        floor="3",
    )
    scene.log.append([(staff_stream("S8"), 0, proposed)], scene.as_act(LATER).command())
    assert people.of(MATTER) == (*EVERYBODY, "S8")


def test_who_was_brought_in_is_known_at_once_and_the_index_is_read_on_for_nobody_else(
    scene: Scene, people: MatterPeople
) -> None:
    assert people.joined(MATTER) == ()
    scene.do(LATER, "propose", "S4", floor="4")
    stands = read_to(scene)
    assert people.joined(MATTER) == ()
    assert read_to(scene) == stands < scene.log.head().position
    scene.do(LATER, "join", "S9", group="B", reason="new")
    assert people.joined(MATTER) == ("S9",)
    found = people.joined(MATTER)
    scene.do(LATER, "propose", "S1", floor="4")
    assert people.joined(MATTER) is found


def read_to(scene: Scene) -> int:
    """How far the index has read the log."""
    with scene.log.connection() as connection:
        row = connection.execute("SELECT position FROM matter_people_read").fetchone()
    assert row is not None
    position: int = row["position"]
    return position


def test_emptied_it_is_made_again(scene: Scene, people: MatterPeople) -> None:
    people.of(MATTER)
    with scene.log.connection() as connection:
        connection.execute("INSERT INTO matter_people VALUES (%s, 'S99', '2014-01-01')", (MATTER,))
    people.rebuild()
    assert people.of(MATTER) == EVERYBODY


def test_a_program_that_knows_more_kinds_reads_it_again(scene: Scene) -> None:
    assert MatterPeople(scene.log, KnownFacts()).of(MATTER) == ()
    assert MatterPeople(scene.log, KNOWN).of(MATTER) == EVERYBODY


def test_what_could_not_be_read_is_read_once_it_can_be(scene: Scene) -> None:
    def state_of(position: int) -> bytes:
        with scene.log.connection() as connection:
            row = connection.execute(
                "SELECT state FROM events WHERE notification_id = %s", (position,)
            ).fetchone()
        assert row is not None
        return bytes(row["state"])

    def write(position: int, state: bytes) -> None:
        with scene.log.connection() as connection:
            connection.execute(
                "UPDATE events SET state = %s WHERE notification_id = %s", (state, position)
            )

    (last,) = [each for each in scene.facts(FloorProposed) if each.stream == staff_stream("S3")]
    whole = state_of(last.position)
    write(last.position, b"{")
    assert MatterPeople(scene.log, KNOWN).of(MATTER) == ("S1",)
    write(last.position, whole)
    assert MatterPeople(scene.log, KNOWN).of(MATTER) == EVERYBODY
