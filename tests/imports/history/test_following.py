"""A history of people who are in a procedure: what was decided of them is considered again, in the
very command that puts the history on record."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from deploy.data_folder import DataFolder
from tests.support.office_2013 import CLOSED, LETTERS, TRANSFER, Scene, scene_2013
from transfer.core.matter.facts import DutyToSettleOpened
from transfer.core.refusals import Conflict
from transfer.core.streams import staff_stream
from transfer.imports.history import import_history as histories
from transfer.imports.history.import_history import HistoryOutcome, import_history
from transfer.log.application import Log

pytestmark = pytest.mark.engines

AFTER = date(2014, 6, 3)
LEFT = {
    "staff_number": "S1",
    "act": "change",
    "recorded_on": "2014-05-02",
    "effective_from": "2014-05-01",
    "employer": None,
    "reason": "left",
}
OTHERS = [
    LEFT | {"staff_number": "S9"},
    {
        "staff_number": "S10",
        "act": "registration",
        "recorded_on": "2014-05-02",
        "effective_from": "2014-05-01",
        "employer": "London",
        "name": "Ann",
    },
]

Import = Callable[..., HistoryOutcome]


@pytest.fixture
def scene(database_url: str, folder: DataFolder) -> Iterator[Scene]:
    """Three people who have been moved, and one who is in no exercise."""
    with scene_2013(database_url, folder) as scene:
        scene.register("S9")
        scene.run(LETTERS)
        scene.run_to(CLOSED, TRANSFER)
        yield scene


@pytest.fixture
def take(scene: Scene, tmp_path: Path) -> Import:
    """Import these acts of an older system, on a day in June."""

    def take_it(acts: list[dict[str, str | None]], dry_run: bool = False) -> HistoryOutcome:
        path = tmp_path / "history.ndjson"
        path.write_text("".join(json.dumps(act) + "\n" for act in acts), "utf-8")
        return import_history(
            scene.record.office,
            scene.act(AFTER),
            path,
            folder=tmp_path / "imports",
            today=AFTER,
            source="payroll",
            processes=1,
            dry_run=dry_run,
        )

    return take_it


def test_a_leaving_of_before_the_transfer_puts_it_up_for_settling(
    scene: Scene, take: Import
) -> None:
    outcome = take([LEFT, *OTHERS])
    assert (outcome.accepted, outcome.staff, outcome.to_settle) == (3, 3, 1)
    left, duty = scene.record.log.read(staff_stream("S1"))[-2:]
    assert isinstance(duty.fact, DutyToSettleOpened)
    assert duty.command_id == left.command_id, "in the very same command"
    assert duty.recorded_at == left.recorded_at
    assert scene.duties("S1") == [f"move {TRANSFER}"]
    assert scene.duties("S2") == []
    again = take([LEFT, *OTHERS])
    assert (again.already, again.accepted, again.staff, again.to_settle) == (True, 3, 3, 1)
    scene.settle(AFTER, "S1")
    assert scene.employer("S1", TRANSFER) is None


def test_a_rehearsal_of_the_import_says_how_much_it_would_open(scene: Scene, take: Import) -> None:
    assert take([LEFT, *OTHERS], dry_run=True).to_settle == 1
    assert scene.duties("S1") == []


def test_who_is_in_no_procedure_opens_nothing(take: Import) -> None:
    assert take(OTHERS).to_settle == 0


def test_a_procedure_that_goes_on_meanwhile_makes_it_consider_anew(
    scene: Scene, take: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = Log.commit_import

    def after_somebody_else(*given: object, **named: object) -> object:
        monkeypatch.setattr(Log, "commit_import", commit)
        later = date(2014, 11, 30)
        scene.do(AFTER, "move-milestone", milestone="dissolution", to=later, reason="slip")
        return commit(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Log, "commit_import", after_somebody_else)
    before = len(scene.record.log.read(staff_stream("S1")))
    with pytest.raises(Conflict, match="a procedure that they are in moved on"):
        take([LEFT, *OTHERS])
    assert len(scene.record.log.read(staff_stream("S1"))) == before
    assert take([LEFT, *OTHERS]).to_settle == 1


def test_what_a_stopped_run_had_staged_is_worked_out_anew(
    scene: Scene, take: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    class StoppedError(Exception):
        pass

    def stopped(*_given: object, **_named: object) -> None:
        raise StoppedError

    with monkeypatch.context() as patched:
        patched.setattr(histories, "_commit", stopped)
        with pytest.raises(StoppedError):
            take([LEFT, *OTHERS])
    # Meanwhile the plan moves: what had been worked out rested on the plan as it was.
    later = date(2014, 11, 30)
    scene.do(AFTER, "move-milestone", milestone="dissolution", to=later, reason="slip")
    outcome = take([LEFT, *OTHERS])
    assert outcome.to_settle == 1
    assert scene.duties("S1") == [f"move {TRANSFER}"]
