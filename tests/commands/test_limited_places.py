"""Limited places, and what is learned late of one of those whom they were shared out among: through
the commands over a real log."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from deploy.data_folder import DataFolder
from tests.support.office_2013 import CHIEF, EXERCISE, NAME, Scene
from transfer.app import open_record
from transfer.commands import record as entries
from transfer.core.matter.words import Settlement
from transfer.core.record.entries import Change, Registration
from transfer.core.record.evidence import EvidenceReturned
from transfer.core.words import Facet
from transfer.rulebooks.in_force import binding
from transfer.rulebooks.loading import load_edition

pytestmark = pytest.mark.engines

HARBOUR = Path(__file__).parents[1] / "rehearsal" / "editions" / "harbour-2031.toml"
BOARD = "North Board"
OPENED, SHARED, LATER = date(2031, 1, 6), date(2031, 1, 8), date(2031, 1, 20)
PILOTS = {f"P{n}": {"hours": "100", "pilotage": str(70 + n)} for n in range(5)}
"""Of the three places, those who did most of it have them: P2, P3 and P4."""


@pytest.fixture
def scene(database_url: str, folder: DataFolder) -> Iterator[Scene]:
    """Five who would go to the three places."""
    with open_record(database_url, folder) as record:
        record.log.clock.simulate()
        scene = Scene(record)
        book = load_edition(HARBOUR.read_bytes())
        rules = binding(book.with_values(assumed=book.suggested()))
        asking = scene.asking(OPENED)
        for number, evidence in PILOTS.items():
            registered(scene, number, evidence)
        record.exercises.open(
            scene.act(OPENED), asking, NAME, rules, transferors=(BOARD,), rehearsed=True
        )
        record.exercises.set_scope(
            scene.act(OPENED), asking, NAME, members=tuple(PILOTS), criterion="pilots"
        )
        record.exercises.propose(scene.act(SHARED), scene.asking(SHARED), NAME, seed="1")
        yield scene


def registered(scene: Scene, number: str, evidence: Mapping[str, str]) -> None:
    position = {Facet.EMPLOYER: BOARD, Facet.BAND: "9", Facet.ROLE: "Pilot"}
    registration = Registration(
        staff_number=number, effective_from=date(2020, 1, 1), position=position
    )
    office = scene.record.office
    entries.register(office, scene.act(OPENED), registration, personal={"name": number})
    returned(scene, OPENED, number, evidence)


def returned(scene: Scene, today: date, number: str, evidence: Mapping[str, str]) -> None:
    office, fact = scene.record.office, EvidenceReturned(values=dict(evidence))
    office.record_person(number, scene.act(today), lambda _: [fact])


def left(scene: Scene, today: date, number: str, on: date) -> None:
    entry = Change(effective_from=on, changes={Facet.EMPLOYER: None}, reason="left")
    entries.enter(scene.record.office, scene.act(today), number, entry)


def places(scene: Scene) -> list[str]:
    """Who has a place."""
    found = {number: scene.own(number).proposal for number in PILOTS}
    return sorted(number for number, own in found.items() if own and own.destination == "pilot")


def to_settle(scene: Scene) -> list[tuple[str, tuple[str, ...]]]:
    """What is to be settled of the exercise as a whole, and whom it concerns."""
    duties = scene.record.matters.duties(EXERCISE).values()
    return [(duty.step, duty.concerns) for duty in duties]


def settle_whole(scene: Scene, how: Settlement = Settlement.REDO) -> None:
    for decision in scene.record.matters.duties(EXERCISE):
        scene.do(LATER, "settle", by=CHIEF, duty=str(decision), decision=how, reason="seen")


def test_who_had_left_by_then_gives_a_place_to_the_next(scene: Scene) -> None:
    assert places(scene) == ["P2", "P3", "P4"]
    left(scene, LATER, "P4", date(2031, 1, 7))
    assert to_settle(scene) == [("allocate", ("P1", "P4"))]
    assert places(scene) == ["P2", "P3", "P4"], "nothing is silently undone"
    settle_whole(scene)
    assert to_settle(scene) == []
    assert [scene.duties(number) for number in ("P0", "P1", "P2")] == [[], [], []]
    assert scene.duties("P4") == [f"propose {SHARED}"]
    scene.settle(LATER, "P4")
    assert places(scene) == ["P2", "P3"]
    # Whom no route had reached is asked for again, and the place is free for them.
    scene.record.exercises.propose(scene.act(LATER), scene.asking(LATER), NAME, seed="1")
    assert places(scene) == ["P1", "P2", "P3"]


def test_evidence_that_ranks_somebody_otherwise(scene: Scene) -> None:
    returned(scene, LATER, "P0", {"hours": "100", "pilotage": "99"})
    assert to_settle(scene) == [("allocate", ("P0", "P2"))]
    returned(scene, LATER, "P0", PILOTS["P0"])
    assert to_settle(scene) == [], "it was a mistake"


def test_what_changes_nobodys_place_is_not_to_be_settled(scene: Scene) -> None:
    scene.correct(LATER, "P3", role="Senior pilot")
    left(scene, LATER, "P0", date(2031, 1, 7))
    settle = [duty for duty in to_settle(scene) if duty[1] != ("P0",)]
    assert settle == []


def test_what_was_shared_out_may_stand(scene: Scene) -> None:
    left(scene, LATER, "P4", date(2031, 1, 7))
    settle_whole(scene, Settlement.STANDS)
    assert to_settle(scene) == []
    assert places(scene) == ["P2", "P3", "P4"]
