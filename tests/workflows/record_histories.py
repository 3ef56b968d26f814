"""Records the histories that `test_histories.py` replays:

    python -m tests.workflows.record_histories

Run it when a workflow gains a path that no recorded history takes. A history on file stays as long
as workflows of its version may run anywhere: one that no longer replays needs
`workflow.patched` or the next version of the workflow, not a new recording.
"""

import asyncio
import json
import sys
import tempfile
from datetime import date
from pathlib import Path

from temporalio.client import WorkflowHistory

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from deploy.migrate import migrate
from tests.support.words_2013 import MilestoneName, Window
from tests.workflows.scene import NAME, SIFTED, TRANSFER_ON, Scene, office_on
from tests.workflows.stage import Play, Stage
from tests.workflows.test_cohort import move_transfer
from tests.workflows.test_exercise import DISSOLUTION, call_meeting, open_consultation
from tests.workflows.test_person import APPEALED, appeal, determine, extend
from transfer.commands import exercises, people, record
from transfer.core.record.entries import Annulment, Change
from transfer.core.words import Facet
from transfer.log.application import open_log
from workflows.messages import Whose

HISTORIES = Path(__file__).parents[1] / "golden" / "workflows"


async def play_it_all(play: Play) -> dict[str, WorkflowHistory]:
    """An exercise with everything that makes a procedure wait, be told, act and try again."""
    scene, office = play.scene, play.scene.office
    appellant, objector, late, stranger = scene.members()[:4]

    await play.time.settle()
    open_consultation(scene)
    call_meeting(scene, date(2013, 11, 25))
    left = record.enter(
        office,
        scene.act(date(2013, 11, 25)),
        stranger,
        Change(
            effective_from=date(2013, 11, 18),
            effective_to=None,
            changes={Facet.EMPLOYER: "A Company Ltd"},
            reason="entered in error",
        ),
    )
    await play.go_to(APPEALED)
    appeal(scene, appellant)
    appeal(scene, stranger)
    extend(scene, late, date(2014, 1, 3), on=APPEALED)
    exercises.reset_window(
        office,
        scene.act(APPEALED),
        name=NAME,
        cohort=SIFTED,
        window=Window.APPEAL,
        due_on=date(2013, 12, 27),
        reason="offices closed",
    )
    await play.go_to(date(2014, 1, 20))
    determine(scene, appellant, date(2014, 1, 20))
    people.raise_objection(
        office,
        scene.act(date(2014, 1, 20)),
        name=NAME,
        staff_number=objector,
        on=date(2014, 1, 20),
        told_to="transferor",
        learned_on=date(2014, 1, 20),
    )
    await play.go_to(date(2014, 1, 28))
    move_transfer(scene, date(2014, 6, 1), on=date(2014, 1, 28))
    await play.go_to(TRANSFER_ON)
    move_transfer(scene, date(2014, 5, 1), on=TRANSFER_ON)
    await play.go_to(date(2014, 5, 8))
    determine(scene, stranger, date(2014, 5, 8))
    await play.go_to(date(2014, 5, 10))
    record.enter(
        office,
        scene.act(date(2014, 5, 10)),
        stranger,
        Annulment(of=left.event_id, reason="never left"),
    )
    await play.go_to(date(2014, 5, 12))
    exercises.reset_milestone(
        office,
        scene.act(date(2014, 5, 12)),
        name=NAME,
        milestone=MilestoneName.DISSOLUTION,
        due_on=DISSOLUTION,
        reason="the order",
    )
    await play.go_to(date(2014, 11, 2))

    whose = {
        "exercise": Whose(exercise=NAME),
        "cohort": Whose(exercise=NAME, cohort=SIFTED),
        "person-appeal": Whose(exercise=NAME, staff_number=appellant),
        "person-extension": Whose(exercise=NAME, staff_number=late),
        "person-objection": Whose(exercise=NAME, staff_number=objector),
        "person-refused": Whose(exercise=NAME, staff_number=stranger),
    }
    return {name: await play.procedure(each).fetch_history() for name, each in whose.items()}


def written(history: WorkflowHistory) -> str:
    """A history as it is kept: readable, and silent about the machine that it was recorded on."""
    shape = {"workflow_id": history.workflow_id, **json.loads(history.to_json())}
    return json.dumps(_without_machine(shape), indent=1, sort_keys=True) + "\n"


def _without_machine(shape: object) -> object:
    match shape:
        case dict():
            return {
                name: "recorded" if name == "identity" else _without_machine(value)
                for name, value in shape.items()
                if name != "stackTrace"
            }
        case list():
            return [_without_machine(value) for value in shape]
        case _:
            return shape


async def record_all(stage: Stage) -> None:
    """Play, and write one file a procedure."""
    async with stage.playing() as play:
        histories = await play_it_all(play)
    HISTORIES.mkdir(parents=True, exist_ok=True)
    for name, history in histories.items():
        (HISTORIES / f"{name}.v1.json").write_text(written(history))
        sys.stdout.write(f"{name}: {len(history.events)} events\n")


def main() -> None:
    """Start engines in a temporary folder, play, write."""
    with tempfile.TemporaryDirectory() as place:
        folder = DataFolder.open(Path(place) / "data")
        with folder.hold("recording"), start_engines(folder, temporal="rehearsal") as engines:
            migrate(engines.database_url)
            log = open_log(engines.database_url)
            scene = Scene(office_on(log))
            scene.open(40)
            asyncio.run(record_all(Stage(scene, engines)))
            log.close()


if __name__ == "__main__":
    main()
