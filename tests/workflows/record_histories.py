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
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import MarkerRecordedEventAttributes
from temporalio.client import WorkflowHistory

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from deploy.migrate import migrate
from tests.support.desk_scene import MOVED, Scene
from tests.workflows.stage import GROUP, KEY, WHOLE, Play, Stage, move_of_desks, person
from tests.workflows.stage import PEOPLE as PEOPLE_OF_THE_SCENE
from transfer.commands import record
from transfer.core.record.entries import Correction
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from workflows.ids import PEOPLE, PROCEDURE, runs_in
from workflows.people import FEW
from workflows.sealing import SealedPayloads

HISTORIES = Path(__file__).parents[1] / "golden" / "workflows"
AT_ONCE = tuple(
    number for n in range(10, 600) if runs_in(person(number := f"S{n}")) == runs_in(person("S1"))
)[: FEW + 5]
"""More people of one lane than are looked at within the workflow's own task."""

OBJECTED = date(2014, 2, 10)
DECIDED = date(2014, 2, 25)
LATER = date(2014, 5, 1)
PUT_RIGHT = date(2014, 5, 3)
CLOSED = date(2014, 7, 1)
ELSEWHERE = "S9"
"""Somebody whose record says that they work somewhere else, until it is corrected."""


def mistype(scene: Scene) -> None:
    """Another one in group A, whose record is wrong."""
    scene.register(ELSEWHERE, floor="annexe")
    joined = date(2014, 1, 10)
    scene.do(joined, "join", ELSEWHERE, group="A", reason="forgotten")
    scene.do(joined, "propose", ELSEWHERE, floor="3")


def put_right(scene: Scene, on: date) -> None:
    """The record is corrected."""
    entry = scene.log.read(staff_stream(ELSEWHERE))[0].event_id
    right = Correction(
        of=entry, effective_from=date(2010, 1, 1), changes={Facet.WORKPLACE: "2"}, reason="mistyped"
    )
    record.enter(scene.office, scene.as_act(on), ELSEWHERE, right)


async def play_it_all(play: Play) -> dict[str, WorkflowHistory]:
    """A matter with everything that makes a procedure wait, be told, act and try again."""
    scene = play.scene
    await play.time.settle()
    mistype(scene)
    await play.go_to(OBJECTED)
    scene.do(OBJECTED, "object", "S1")
    scene.do(OBJECTED, "quit", "S2", by="A. Manager")
    scene.do(
        OBJECTED, "extend-window", "S5", window="object", until="2014-02-20", reason="on leave"
    )
    scene.do(OBJECTED, "fix-day", milestone="close", on=str(CLOSED))
    await play.go_to(DECIDED)
    scene.do(DECIDED, "decide", "S1", upheld=True, floor="4")
    await play.time.settle()
    scene.do(DECIDED, "fix-day", milestone="move", on=str(LATER), reason="the lift")
    await play.go_to(MOVED)
    await play.go_to(LATER)
    scene.do(LATER, "approve", "S2", by="B. Officer", step="end")
    await play.go_to(PUT_RIGHT)
    put_right(scene, PUT_RIGHT)
    await play.time.settle()
    whose = {
        "group": GROUP,
        "people-objection": person("S1"),
        "people-approval": person("S2"),
        "people-extension": person("S5"),
        "people-refused": person(ELSEWHERE),
    }
    histories = {name: await play.procedure(each).fetch_history() for name, each in whose.items()}
    await play.go_to(CLOSED)
    return {"matter": await play.procedure(WHOLE).fetch_history(), **histories}


async def play_many(play: Play) -> WorkflowHistory:
    """Many of one lane object on a day, and are decided on another."""
    scene = play.scene
    await play.go_to(OBJECTED)
    for number in AT_ONCE:
        scene.do(OBJECTED, "object", number)
    await play.go_to(DECIDED)
    for number in AT_ONCE:
        scene.do(DECIDED, "decide", number, upheld=False)
    await play.go_to(MOVED)
    return await play.procedure(person(AT_ONCE[0])).fetch_history()


def payloads_in(*messages: Message) -> Iterator[Payload]:
    """Every payload of ours anywhere within."""
    for message in messages:
        if isinstance(message, Payload):
            yield message
            continue
        if isinstance(message, MarkerRecordedEventAttributes):
            # The rest of a local activity's marker is the library's own, and never sealed.
            if "result" in message.details:
                yield from payloads_in(message.details["result"])
            continue
        for field, value in message.ListFields():
            if field.message_type is None:
                continue
            entries = field.message_type.GetOptions().map_entry
            within = value.values() if entries else value if field.is_repeated else [value]
            yield from payloads_in(*(each for each in within if isinstance(each, Message)))


async def opened(history: WorkflowHistory) -> WorkflowHistory:
    """A history as it was before it was sealed."""
    for payload in payloads_in(*history.events):
        payload.CopyFrom((await SealedPayloads(KEY).decode([payload]))[0])
    return history


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
        await write(await play_it_all(play))


async def record_many(stage: Stage) -> None:
    """Play many people, and write their lane's file."""
    async with stage.playing() as play:
        await write({"people-at-once": await play_many(play)})


async def write(histories: Mapping[str, WorkflowHistory]) -> None:
    """Write one file each."""
    HISTORIES.mkdir(parents=True, exist_ok=True)
    for name, history in histories.items():
        version = (PEOPLE if name.startswith("people") else PROCEDURE).rpartition(".")[2]
        (HISTORIES / f"{name}.{version}.json").write_text(written(await opened(history)))
        sys.stdout.write(f"{name}: {len(history.events)} events\n")


def main() -> None:
    """Start engines in temporary folders, play, write."""
    for played, people in ((record_all, PEOPLE_OF_THE_SCENE), (record_many, AT_ONCE)):
        with tempfile.TemporaryDirectory() as place:
            folder = DataFolder.open(Path(place) / "data")
            with folder.hold("recording"), start_engines(folder, temporal="rehearsal") as engines:
                migrate(engines.database_url)
                with move_of_desks(engines.database_url, people=people) as scene:
                    asyncio.run(played(Stage(scene, engines)))


if __name__ == "__main__":
    main()
