"""Running a rehearsal: from a staff return and a rulebook to a data folder and a report.

Everything that can be refused is refused before anything is started or written: the assumptions
that are missing, the rows that are wrong, the folder that is not empty. From then on the folder is
marked as rehearsed for ever, and its clock stands where the rehearsal ends.
"""

import asyncio
import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from deploy.data_folder import DataFolder, FolderInUse
from deploy.embedded import start_engines
from deploy.migrate import migrate
from transfer.app import Record, open_record
from transfer.commands.exercises import LeftOut
from transfer.commands.office import Act, key_id
from transfer.core.dating.calendars import start_of_day_london
from transfer.core.editions.values import Value
from transfer.core.refusals import Conflict, Refusal
from transfer.imports.meaning import AS_IT_STANDS, Reading
from transfer.imports.staff_return import import_return as imports
from transfer.imports.staff_return.people import Rejection, Warned
from transfer.imports.staff_return.reader import read_staff_return
from transfer.procedures.exercise.exercise_facts import Collision
from transfer.rehearsal.plan import Plan, make_plan
from transfer.rehearsal.play import REHEARSED_BY, Play, Report
from transfer.rehearsal.report import RehearsalReport, report_on
from transfer.rulebooks import Rulebook, TermsOfExercise, rulebook, shipped
from transfer.rulebooks.honoured import require_honoured
from transfer.rulebooks.in_force import binding
from workflows.simulated_time import SimulatedTime, begin_at
from workflows.worker import connect, running

_MORNING = timedelta(hours=8)
_OBJECTS_BETWEEN_COLLECTIONS = 200_000


class RowsRejected(Refusal):
    """The staff return has rows that cannot be taken; `rejected` names each."""

    def __init__(self, rejected: tuple[Rejection, ...]) -> None:
        super().__init__(f"{len(rejected)} faults in the staff return: nothing was rehearsed")
        self.rejected = rejected


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be rehearsed: an edition, or `book`, an edition of one's own.

    `assumed` gives clause values as text, by clause; with `suggested` the edition's own proposals
    stand for the others. `reading` settles what the staff return leaves open.
    """

    edition: str
    staff_return: bytes
    document: str
    assumed: Mapping[str, str]
    book: Rulebook | None = None
    suggested: bool = False
    starts_on: date | None = None
    until: date | None = None
    seed: int = 1
    reading: Reading = AS_IT_STANDS


@dataclass(frozen=True, slots=True)
class Telling:
    """How a rehearsal tells what it is doing while it does it."""

    planned: Callable[[Plan, tuple[Collision, ...]], None]
    happens: Report
    stage: Callable[[str], None]
    warned: Callable[[tuple[Warned, ...]], None] = lambda _: None


def rehearse(
    asked: Asked, path: Path, telling: Telling, seconds: Callable[[], float]
) -> RehearsalReport:
    """Play a whole exercise in an empty folder, and leave it for every other command.

    `seconds` is a monotonic clock, for the report alone. Call it from the main thread. Raises
    `Refused` with every assumption that is missing, `RowsRejected`, and `Conflict` where the
    folder is not empty, all before anything is written.
    """
    begun = seconds()
    book = asked.book or rulebook(asked.edition)
    require_honoured(book, rehearsed=True)
    assumed: dict[str, Value] = {**(book.suggested() if asked.suggested else {}), **asked.assumed}
    terms = book.with_values(assumed=assumed)
    plan = make_plan(terms, starts_on=asked.starts_on, until=asked.until)
    staff = read_staff_return(asked.staff_return, book=terms.rulebook, reading=asked.reading)
    if staff.rejected:
        raise RowsRejected(staff.rejected)
    telling.warned(staff.warnings)
    _require_empty(path)
    telling.planned(plan, plan.collisions)
    folder = DataFolder.open(path)
    with (
        _few_collections(),
        folder.hold("transfer rehearse"),
        start_engines(folder, temporal="rehearsal", report=telling.stage) as engines,
    ):
        migrate(engines.database_url)
        with open_record(engines.database_url, folder) as record:
            _require_no_entries(record, path)
            if book.edition not in shipped():
                record.office.editions.add(book.source, by=REHEARSED_BY)
            record.log.mark_rehearsed(asked.edition)
            imports.import_return(
                record.office,
                Act(
                    by=REHEARSED_BY,
                    command_id=key_id("rehearsal", "import"),
                    at=start_of_day_london(plan.recorded_on) + _MORNING,
                ),
                asked.staff_return,
                document=asked.document,
                book=terms.rulebook,
                reading=asked.reading,
            )
            members = tuple(sorted({person.staff_number for person in staff.people}))
            play = Play(
                record.office,
                record.exercises,
                binding(terms),
                plan,
                name=asked.edition,
                seed=asked.seed,
                members=members,
                report=telling.happens,
            )
            if engines.temporal_address is None:
                raise AssertionError("a rehearsal has a server for its time")
            asyncio.run(_play(play, record, engines.temporal_address, plan))
            stopped_at = _stop_clock(record, asked.edition, plan)
            telling.stage("working out the answers")
            record.catch_up()
            took = seconds() - begun
            return _report(asked, terms, plan, record, stopped_at, play.left_out, took)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Look for garbage in cycles less often.

    Everybody's history is loaded again and again and holds no cycles: looking through it as often
    as Python does by default took a third of a national rehearsal.
    """
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    try:
        yield
    finally:
        gc.set_threshold(*before)


async def _play(play: Play, record: Record, address: str, plan: Plan) -> None:
    client = await connect(address, key=record.keys.payloads)
    await begin_at(client, record.log, start_of_day_london(plan.opens_on) + _MORNING)
    play.open()
    async with running(record.office, record.due, client, skips_time=True) as procedures:
        time = SimulatedTime(client, record.log, procedures.dispatcher, procedures.under_way)
        playing = asyncio.create_task(play.run(time))
        while not playing.done():
            await asyncio.wait([playing], timeout=1)
            if (failed := procedures.failed()) is not None:
                playing.cancel()
                raise failed
        await playing


def _stop_clock(record: Record, edition: str, plan: Plan) -> datetime:
    """The clock stands at the end of the last day, or just after the last entry."""
    end = start_of_day_london(plan.ends_on + timedelta(days=1)) - timedelta(microseconds=1)
    head = record.log.head().recorded_at
    stopped_at = max(end, head) if head else end
    record.log.mark_rehearsed(edition, stopped_at)
    return stopped_at


def _report(
    asked: Asked,
    terms: TermsOfExercise,
    plan: Plan,
    record: Record,
    stopped_at: datetime,
    left_out: tuple[LeftOut, ...],
    took: float,
) -> RehearsalReport:
    completed = record.exercises.plan(asked.edition).completed
    with record.log.connection() as conn:
        return report_on(
            conn,
            exercise=asked.edition,
            terms=terms,
            plan=plan,
            document=asked.document,
            seed=asked.seed,
            completed=completed is not None,
            clock_stopped_at=stopped_at,
            left_out=left_out,
            events=record.log.head().position,
            seconds=took,
        )


def _require_empty(path: Path) -> None:
    # A folder with a record may hold editions alone: whether it does is seen when it is opened.
    if not path.exists() or not any(path.iterdir()):
        return
    if not (path / "postgres").exists() or _is_worked_in(path):
        raise _not_empty(path)


def _is_worked_in(path: Path) -> bool:
    try:
        with DataFolder.open(path).hold("transfer rehearse"):
            return False
    except FolderInUse:
        return True


def _require_no_entries(record: Record, path: Path) -> None:
    """Editions may have been added to the folder; nothing else may be on record in it."""
    if record.log.head().position or record.log.rehearsal() is not None:
        raise _not_empty(path)


def _not_empty(path: Path) -> Conflict:
    return Conflict(
        f"{path} is not empty: a rehearsal runs only in an empty folder; name another with "
        "--data, or remove this one"
    )
