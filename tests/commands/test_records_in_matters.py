"""A record that is put right after something was decided on it, in the exercise of 2013: through
the commands over a real log."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from deploy.data_folder import DataFolder
from tests.support.office_2013 import (
    CLOSED,
    DISSOLUTION,
    EXERCISE,
    LETTERS,
    OPENED,
    TRANSFER,
    TRUST,
    Scene,
    noon,
    scene_2013,
)
from transfer.commands import bulk
from transfer.commands.bulk import Item
from transfer.commands.leaving import leave
from transfer.commands.links_and_objections import link
from transfer.commands.names import name
from transfer.commands.office import Office
from transfer.core.matter import facts as t
from transfer.core.matter.words import Settlement
from transfer.core.record.entries import Change, Leaving, Naming
from transfer.core.record.evidence import EvidenceReturned
from transfer.core.record.leaving import Later, LaterOnRecord
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import Facet
from transfer.procedures.exercise import exercise_facts as e

pytestmark = pytest.mark.engines

ONE_DAY = timedelta(days=1)
JUNE = date(2014, 6, 3)


@pytest.fixture
def scene(database_url: str, folder: DataFolder) -> Iterator[Scene]:
    """Three people whose letters are out, and one who is in no exercise."""
    with scene_2013(database_url, folder) as scene:
        scene.register("S9")
        scene.run(LETTERS)
        yield scene


def facts_of(scene: Scene, person: str) -> list[str]:
    return [type(each.fact).__name__ for each in scene.record.log.read(staff_stream(person))]


def test_a_role_that_is_corrected_after_a_decision_rested_on_it(scene: Scene) -> None:
    before = len(facts_of(scene, "S1"))
    entry = scene.correct(LETTERS, "S1", role="case administrator")
    assert facts_of(scene, "S1")[before:] == ["EntryCorrected", "DutyToSettleOpened"]
    events = scene.record.log.read(staff_stream("S1"))
    corrected, duty = events[-2:]
    assert corrected.event_id == entry
    assert corrected.command_id == duty.command_id, "in the very same command"
    assert isinstance(duty.fact, t.DutyToSettleOpened)
    assert (duty.fact.happened_on, duty.fact.because_of) == (LETTERS, "a correction of the record")
    assert scene.duties("S1") == [f"decide-by-panel {OPENED}"]
    scene.run(CLOSED)
    assert scene.own("S1").confirmation is None, "no further step before it is settled"
    assert scene.own("S2").confirmation is not None

    scene.settle(CLOSED, "S1")
    proposal = scene.own("S1").proposal
    assert proposal is not None
    assert proposal.evidence.saw["role"] == "case administrator"
    scene.run(CLOSED)
    assert scene.own("S1").confirmation is not None


def test_a_correction_that_is_taken_back_leaves_nothing_to_settle(scene: Scene) -> None:
    scene.correct(LETTERS, "S1", role="case administrator")
    scene.correct(CLOSED, "S1", role="probation officer")
    assert scene.duties("S1") == []
    settled = scene.record.log.read(staff_stream("S1"))[-1].fact
    assert isinstance(settled, t.DutySettled)
    assert settled.how is Settlement.MOOT


def test_a_decision_that_stands_although_the_record_was_wrong(scene: Scene) -> None:
    scene.correct(LETTERS, "S1", role="case administrator")
    scene.settle(LETTERS, "S1", Settlement.STANDS)
    scene.correct(CLOSED, "S1", fte="0.5")
    assert scene.duties("S1") == [], "nothing of it bears on what was settled"
    scene.correct(CLOSED, "S1", role="clerk")
    assert scene.duties("S1") == [f"decide-by-panel {OPENED}"]


def test_what_no_decision_read_changes_nothing(scene: Scene) -> None:
    before = len(facts_of(scene, "S1"))
    scene.correct(LETTERS, "S1", fte="0.8")
    scene.changes(CLOSED, "S1", role="senior")
    assert facts_of(scene, "S1")[before:] == ["EntryCorrected", "PositionChanged"]


def test_evidence_that_comes_after_the_decision(scene: Scene) -> None:
    evidence = EvidenceReturned(values={"caseload_total": "40", "caseload_high_risk": "30"})
    scene.record.office.record_person("S1", scene.act(CLOSED), lambda _: [evidence])
    assert scene.duties("S1") == [f"decide-by-panel {OPENED}"]


def test_a_leaving_of_an_earlier_day_than_the_letter(scene: Scene) -> None:
    scene.run(CLOSED)
    scene.leaves(JUNE, "S1", date(2013, 12, 2))
    assert scene.duties("S1") == [f"confirm {CLOSED}", f"issue-letters {LETTERS}"]
    scene.settle(JUNE, "S1")
    scene.run(JUNE)
    own = scene.own("S1")
    assert (own.letter, own.confirmation, own.transfer) == (None, None, None)
    assert own.passed_by is not None
    assert own.passed_by.left_on == date(2013, 12, 2)
    assert scene.employer("S1", JUNE) is None


def test_an_employer_that_is_corrected_after_the_transfer(scene: Scene) -> None:
    scene.run_to(CLOSED, TRANSFER)
    scene.correct(JUNE, "S1", employer="Kent Probation Trust")
    assert scene.duties("S1") == [f"join {OPENED}", f"move {TRANSFER}"]


def test_a_leaving_before_a_transfer_that_is_on_record(scene: Scene) -> None:
    """Nobody is employed again by a transfer of a day after they had left."""
    scene.run_to(CLOSED, TRANSFER)
    scene.leaves(JUNE, "S1", date(2014, 5, 1))
    assert scene.duties("S1") == [f"move {TRANSFER}"]
    scene.settle(JUNE, "S1")
    assert scene.employer("S1", TRANSFER) is None
    assert scene.employer("S1", date(2014, 4, 30)) == TRUST
    assert scene.duties("S2") == []


@pytest.mark.parametrize(
    ("later", "written"),
    [
        (Later.ANNUL, ["StaffLeft", "EntryAnnulled", "DutyToSettleOpened"]),
        (Later.KEEP, ["StaffLeft", "DutyToSettleOpened"]),
    ],
)
def test_a_leaving_is_considered_with_what_it_annuls_in_the_same_command(
    scene: Scene, later: Later, written: list[str]
) -> None:
    scene.run_to(CLOSED, TRANSFER)
    before = len(facts_of(scene, "S1"))
    office, leaving = scene.record.office, Leaving(effective_from=date(2014, 5, 1), reason="left")
    with pytest.raises(LaterOnRecord) as refused:
        leave(office, scene.act(JUNE), "S1", leaving, None)
    (back,) = refused.value.later
    assert back.effective_from == TRANSFER
    leave(office, scene.act(JUNE), "S1", leaving, later)
    events = scene.record.log.read(staff_stream("S1"))[before:]
    assert [type(each.fact).__name__ for each in events] == written
    assert {each.command_id for each in events} == {events[0].command_id}
    assert scene.duties("S1") == [f"move {TRANSFER}"]
    assert scene.duties("S2") == []
    scene.settle(JUNE, "S1")
    scene.run(JUNE)
    assert scene.employer("S1", TRANSFER) is None
    assert scene.employer("S1", date(2014, 4, 30)) == TRUST


def test_many_people_at_once_and_one_duty_for_what_counted_them_all(scene: Scene) -> None:
    scene.run_to(CLOSED, TRANSFER, TRANSFER + ONE_DAY, DISSOLUTION, DISSOLUTION + ONE_DAY)
    completed = scene.record.exercises.plan("tr-2013").completed
    assert completed is not None
    entry = Change(effective_from=date(2014, 5, 1), changes={Facet.EMPLOYER: None}, reason="left")
    receipt = bulk.enter_all(
        scene.record.office,
        scene.act(DISSOLUTION + 3 * ONE_DAY),
        [Item(n, who, entry) for n, who in enumerate(("S1", "S9", "S2"))],
    )
    written = [stream for stream, _, _ in receipt.events]
    assert written[:3] == ["staff:S1", "staff:S9", "staff:S2"], "the items come first"
    assert written[3:] == ["staff:S1", "staff:S2", matter_stream(EXERCISE)]
    assert scene.duties("S1") == scene.duties("S2") == [f"move {TRANSFER}"]
    (duty,) = scene.record.matters.duties(EXERCISE).values()
    assert duty.step == "complete"
    assert duty.would_state[0]["left"] == 2
    scene.settle(DISSOLUTION + 3 * ONE_DAY, None)
    completed = scene.record.exercises.plan("tr-2013").completed
    assert isinstance(completed, e.ExerciseCompleted)
    assert (completed.left, completed.transferred) == (2, {"CRC": 1})


# --- whom it does not concern, and who writes meanwhile -----------------------------------------


def test_nothing_is_looked_at_for_who_is_in_no_procedure(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_given: object) -> None:
        raise AssertionError("nothing follows for them")

    monkeypatch.setattr(scene.record.office, "reconsiders", never)
    scene.correct(CLOSED, "S9", role="clerk")
    with pytest.raises(AssertionError, match="nothing follows"):
        scene.correct(CLOSED, "S1", role="clerk")


def test_a_link_is_read_by_no_decision(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene.record.worlds, "world", None)
    link(
        scene.record.office,
        scene.act(CLOSED),
        staff_number="S1",
        other="S2",
        reason="renumbered",
        basis=None,
    )
    assert facts_of(scene, "S1")[-1] == "IdentityLinked"


def test_a_name_is_read_by_no_decision(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene.record.worlds, "world", None)
    naming = Naming(effective_from=OPENED, reason="married")
    name(scene.record.office, scene.act(CLOSED), "S1", naming, "B. Example")
    assert facts_of(scene, "S1")[-1] == "StaffNamed"


def test_a_procedure_that_goes_on_meanwhile_makes_it_consider_anew(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    append: Any = Office.append
    overtaken: list[date] = []

    def after_somebody_else(office: Office, new: Sequence[Any], *given: Any, **named: Any) -> Any:
        if not overtaken:
            overtaken.append(CLOSED)
            scene.do(
                CLOSED, "move-milestone", milestone="transfer", to=date(2014, 7, 1), reason="s"
            )
        return append(office, new, *given, **named)

    monkeypatch.setattr(Office, "append", after_somebody_else)
    scene.correct(CLOSED, "S1", role="clerk")
    assert overtaken
    assert scene.duties("S1") == [f"decide-by-panel {OPENED}"]


def test_the_day_is_the_record_s_own(database_url: str, folder: DataFolder) -> None:
    """Where an entry brings no instant, that of the record's clock: here it stands."""
    with scene_2013(database_url, folder) as scene:
        scene.run(LETTERS)
        scene.record.log.clock.stop(noon(JUNE))
        act = replace(scene.act(JUNE), at=None)
        evidence = EvidenceReturned(values={"caseload_total": "40"})
        scene.record.office.record_person("S1", act, lambda _: [evidence])
        (duty,) = scene.record.matters.duties(EXERCISE, "S1").values()
        assert duty.happened_on == JUNE
