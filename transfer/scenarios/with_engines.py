"""Playing on PostgreSQL and Temporal: simulated time, the real workflows, the read models.

As a rehearsal does, in a folder of its own that is removed afterwards.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from deploy.migrate import migrate
from projections.deadlines.deadlines import MOST_DEADLINES, State, deadlines
from projections.position.queries import position_known
from transfer.app import Record, open_record
from transfer.commands.acts.doing import Tools
from transfer.commands.matter_worlds import Loaded
from transfer.core.dating.calendars import end_of_day_london, start_of_day_london
from transfer.core.matter.words import id_of
from transfer.questions.liability_information import AsAt, liability_information
from transfer.questions.position import SEEN_BY
from transfer.questions.procedures import Looking
from transfer.rulebooks import shipped
from transfer.rulebooks.in_force import BindingRules
from transfer.scenarios.answers import Shown
from transfer.scenarios.liability import shown
from transfer.scenarios.playing import Answered, Play, Played
from transfer.scenarios.reading import Scenario
from transfer.scenarios.showing import deadline_shown, position_shown
from workflows.simulated_time import SimulatedTime, begin_at
from workflows.worker import connect, running

_PLAYED_BY = "scenario"
_MORNING = timedelta(hours=8)
_NOON = timedelta(hours=12)
_MOST_PEOPLE = 10_000


@dataclass(frozen=True, slots=True)
class FromReadModels:
    """Answers of the read models, as of the end of a day."""

    record: Record

    def position(self, staff_number: str, effective_at: date, known_on: date) -> Shown:
        """See `Answers.position`."""
        known_at = end_of_day_london(known_on)
        with self.record.log.connection() as conn:
            found = position_known(conn, SEEN_BY, staff_number, effective_at, known_at)
        return position_shown(found)

    def liability_information(
        self, matter: str, effective_at: date, known_on: date, since: date | None
    ) -> Shown:
        """See `Answers.liability_information`."""
        looking = Looking(self.record.office, self.record.worlds, end_of_day_london(known_on))
        with self.record.log.connection() as conn:
            found = liability_information(
                looking,
                conn,
                id_of(matter),
                effective_at=effective_at,
                since=None if since is None else AsAt(end_of_day_london(since)),
                limit=_MOST_PEOPLE,
            )
        book = cast(BindingRules, looking.worlds.rules_of(Loaded(), matter)).rulebook
        duty = book.liability_information
        return shown(duty, found.items, found.send_by, found.given_until)

    def deadlines(self, matter: str, staff_number: str | None, known_on: date) -> Sequence[Shown]:
        """See `Answers.deadlines`."""
        known_at = end_of_day_london(known_on)
        of = matter if staff_number is None else None
        with self.record.log.connection() as conn:
            found = deadlines(
                conn, known_at, staff=staff_number, matter=of, limit=MOST_DEADLINES
            ).items
        return [
            deadline_shown(
                what=each.what,
                about=each.about,
                owner=each.owner,
                state=each.state.value,
                due_on=each.due_on,
                basis=each.basis,
                met_on=each.met_on,
                late=each.late,
            )
            for each in found
            if each.state is not State.SUPERSEDED and each.staff_number == staff_number
        ]


def play_with_engines(scenario: Scenario, tell: Callable[[str], None] = lambda _: None) -> Played:
    """Play a scenario on engines that are started for it. Call it from the main thread.

    Raises `EngineError` where one does not start.
    """
    with TemporaryDirectory(prefix="transfer-scenario-") as path:
        folder = DataFolder.open(Path(path) / "data")
        with (
            folder.hold("transfer scenario"),
            start_engines(folder, temporal="rehearsal", report=tell) as engines,
        ):
            migrate(engines.database_url)
            with open_record(engines.database_url, folder) as record:
                if engines.temporal_address is None:
                    raise AssertionError("a scenario has a server for its time")
                return _play(scenario, record, engines.temporal_address, tell)


def _play(scenario: Scenario, record: Record, address: str, tell: Callable[[str], None]) -> Played:
    book = scenario.book
    if book.edition not in shipped():
        record.office.editions.add(book.source, by=_PLAYED_BY)
    record.log.mark_rehearsed(book.edition)
    play = Play(scenario, Tools(record.office, record.worlds))
    answered = asyncio.run(_run(play, record, address, tell))
    tell("working out the answers")
    record.catch_up()
    answers = FromReadModels(record)
    for day in play.days:
        for asked in play.asked_on(day):
            answered += play.of_record(asked, answers)
    return play.played(answered)


async def _run(
    play: Play, record: Record, address: str, tell: Callable[[str], None]
) -> list[Answered]:
    client = await connect(address, key=record.keys.payloads)
    await begin_at(client, record.log, start_of_day_london(play.days[0]) + _MORNING)
    await asyncio.to_thread(play.begin)
    async with running(record.office, record.due, client, skips_time=True) as procedures:
        time = SimulatedTime(client, record.log, procedures.dispatcher, procedures.under_way)
        playing = asyncio.create_task(_days(play, time, tell))
        while not playing.done():
            await asyncio.wait([playing], timeout=1)
            if (failed := procedures.failed()) is not None:
                playing.cancel()
                raise failed
        return await playing


async def _days(play: Play, time: SimulatedTime, tell: Callable[[str], None]) -> list[Answered]:
    answered: list[Answered] = []
    for day in play.days:
        tell(str(day))
        await time.advance_to(start_of_day_london(day) + _NOON)
        await time.settle()
        for done in play.acts_on(day):
            await asyncio.to_thread(play.do, done)
            await time.settle()
        for asked in play.asked_on(day):
            answered += await asyncio.to_thread(list, play.of_procedures(asked))
    return answered
