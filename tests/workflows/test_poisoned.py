"""One matter that cannot be read stops that matter alone, and everybody can see which and why."""

import asyncio
from collections.abc import Iterator
from datetime import date

import pytest
from temporalio.client import WorkflowExecutionStatus

from tests.core.matter.desks import Rules
from tests.support.desk_scene import BEGUN, LETTERS, MOVED, Scene, noon
from tests.workflows.stage import GROUP, OTHER, Stage, move_of_desks, person
from tests.workflows.test_coming_back import in_trouble
from transfer.core.matter import facts as t
from transfer.core.matter.deciding import RulesOfMatter
from transfer.core.matter.kind import Kind
from transfer.core.matter.words import Made
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import Basis
from workflows.concerns import Concerns, must_be_waiting
from workflows.messages import Whose
from workflows.troubles import Trouble

pytestmark = pytest.mark.engines

POISONED = "desk-move:autumn"
AUTUMN = Whose(matter=POISONED)
NAME = "desk-move/autumn"
EDITIONS: set[str] = {"desks-1"}


def rules_or_none(_kind: Kind, begun: t.MatterBegun, _root: t.MatterBegun) -> RulesOfMatter:
    """The rules, unless the edition is gone."""
    if begun.edition not in EDITIONS:
        raise LookupError(f"no rulebook {begun.edition}")
    return Rules()


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    """The move of spring, whose edition is there."""
    with move_of_desks(database_url, rules=rules_or_none) as scene:
        yield scene
    EDITIONS.discard("desks-2")


def begin_another(scene: Scene, matter: str = POISONED, edition: str = "desks-2") -> None:
    """A second matter, begun under an edition that is gone (or by a program of other kinds)."""
    made = Made(act="begin", by="office", inputs={"edition": edition})
    basis = Basis(rulebook=edition)
    begun = t.MatterBegun(
        matter=matter, happened_on=BEGUN, made=made, basis=basis, edition=edition, digest="",
        calendar="ew-2013-11",
    )  # fmt: skip
    scene.log.append([(matter_stream(matter), 0, begun)], scene.as_act(BEGUN).command())


async def test_a_rulebook_that_is_gone_stops_its_matter_alone(
    service: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    scene = service.scene
    begin_another(scene)
    async with service.playing(noon(LETTERS)) as play:
        dispatcher = play.procedures.dispatcher
        while len(scene.facts(t.NoticeGiven)) < 2:
            await asyncio.sleep(0.05)
        await dispatcher.caught_up(scene.log.head().position)
        assert play.procedures.failed() is None
        assert dispatcher.status.error is None
        why = {NAME: "LookupError: no rulebook desks-2"}
        assert dispatcher.status.unreadable == why
        assert in_trouble(scene) == [(NAME, "unreadable")]
        found = await dispatcher.sweep()
        assert found.unreadable == why
        assert found.waiting == 2
    assert f"{NAME}: unreadable: LookupError" in caplog.text


@pytest.mark.parametrize("by", ["a new fact", "a sweep"])
async def test_a_rulebook_that_comes_back_brings_its_matter_back(service: Stage, by: str) -> None:
    scene = service.scene
    begin_another(scene)
    spring = scene.matter
    async with service.playing() as play:
        dispatcher = play.procedures.dispatcher
        await dispatcher.caught_up(scene.log.head().position)
        assert in_trouble(scene) == [(NAME, "unreadable")]
        EDITIONS.add("desks-2")
        scene.matter = POISONED
        if by == "a sweep":
            found = await dispatcher.sweep()
            assert NAME not in found.unreadable
        scene.do(date(2014, 1, 11), "fix-day", milestone="close", on="2014-06-01")
        await dispatcher.caught_up(scene.log.head().position)
        scene.matter = spring
        assert in_trouble(scene) == []
        assert dispatcher.status.unreadable == {}
        assert await play.status(AUTUMN) is WorkflowExecutionStatus.RUNNING


def test_a_kind_that_the_program_does_not_know_is_that_matters_trouble(scene: Scene) -> None:
    begin_another(scene, "chairs:1", "desks-1")
    concerns = Concerns(scene.office, scene.due)
    page = scene.log.page_readable(0, 1_000, concerns.names)
    told = concerns.of_page(page.facts, page.undecodable)
    assert set(told.unreadable) == {"chairs/1"}
    assert GROUP in {each.whose for each in told.concerns}
    found = must_be_waiting(scene.office, scene.due)
    assert set(found.unreadable) == {"chairs/1"}
    assert {each.whose for each in found.concerns} == {GROUP, OTHER}


def test_an_event_that_cannot_be_decoded_hides_nobody_else(scene: Scene) -> None:
    for group in ("A", "B"):
        scene.take(date(2014, 1, 20), group)
        scene.take(LETTERS, group)
    scene.do(date(2014, 2, 10), "object", "S1")
    scene.do(date(2014, 2, 10), "object", "S2")
    with scene.log.connection() as connection:
        connection.execute(
            "UPDATE events SET state = '{' WHERE topic = 'desk-objection-made.v1'"
            " AND originator_id = %s",
            (staff_stream("S1"),),
        )
    found = must_be_waiting(scene.office, scene.due)
    assert {each.whose for each in found.concerns} == {GROUP, OTHER, person("S2")}
    assert set(found.unreadable) == {staff_stream("S1")}

    concerns = Concerns(scene.office, scene.due)
    page = scene.log.page_readable(0, 1_000, concerns.names)
    told = concerns.of_page(page.facts, page.undecodable)
    assert {GROUP, person("S2")} <= {each.whose for each in told.concerns}
    assert set(told.unreadable) == {staff_stream("S1")}


def test_one_person_who_cannot_be_read_hides_nobody_else(scene: Scene) -> None:
    """Their own stream has a fact that this program does not know."""
    for group in ("A", "B"):
        scene.take(date(2014, 1, 20), group)
        scene.take(LETTERS, group)
    scene.do(date(2014, 2, 10), "object", "S1")
    scene.do(date(2014, 2, 10), "object", "S2")
    with scene.log.connection() as connection:
        connection.execute(
            "UPDATE events SET topic = 'unheard-of.v1' WHERE topic = 'floor-proposed.v1'"
            " AND originator_id = %s",
            (staff_stream("S1"),),
        )
    found = must_be_waiting(scene.office, scene.due)
    assert {each.whose for each in found.concerns} == {GROUP, OTHER, person("S2")}
    assert set(found.unreadable) == {"desk-move/spring/person/S1"}


@pytest.mark.parametrize(
    ("procedure", "public"),
    [
        ("exercise/tr-2013", "exercise/tr-2013"),
        ("exercise/tr-2013/group/LDN.sifted", "exercise/tr-2013/group/LDN.sifted"),
        ("exercise/tr-2013/person/S00001", "exercise/tr-2013/person/…"),
        ("appeal/tr-2013.S00001.1/person/S00001", "appeal/…/person/…"),
        ("staff:S00001", "a member of staff"),
    ],
)
def test_who_has_an_individual_case_is_nobodys_to_know(procedure: str, public: str) -> None:
    trouble = Trouble("unreadable", procedure, "KeyError: 'x'", noon(MOVED))
    assert trouble.public_name == public
