"""transfer clock: where the clock of a practice stands, and moving it."""

import asyncio
from contextlib import AsyncExitStack
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from transfer.cli.common import (
    AsJson,
    Data,
    a_day,
    at_work,
    at_work_with_temporal,
    progress,
    say,
    say_json,
    say_rehearsed,
    say_table,
    settings_for,
)

if TYPE_CHECKING:
    from deploy.embedded import Engines
    from transfer.app import Record
    from transfer.commands.practice import Moved
    from transfer.questions.practice import PracticeClock
    from transfer.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def clock(
        to: Annotated[
            str | None,
            typer.Option(
                "--to", metavar="DATE", help="The day to move it to: 2013-12-02 or 2/12/2013."
            ),
        ] = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Show the clock of a practice, or move it to a later day.

        Everything that falls due until then, that day included, is done before the command ends:
        letters, the ends of windows, confirmations, moves. What waits for somebody, such as an
        approval, stays due and is listed. The clock never goes back.

        Joins the service that runs on the data folder; without one, the procedures run as long as
        the command does. Ctrl-C ends the waiting; a service that runs moves the clock all the same.

        \b
        Examples:
          transfer clock
          transfer clock --to 2013-12-02
          transfer clock --to 2/12/2013 --data practice --json
        """
        settings, day = settings_for(data), a_day(to, "--to")
        if day is None:
            with at_work(settings, "transfer clock") as record:
                _stands(record, as_json=as_json)
            return
        if settings.database_url is not None:
            from transfer.commands.practice import practice_day

            # First of all: whether Temporal may be started matters to a practice alone.
            with at_work(settings, "transfer clock", catch_up=False) as record:
                practice_day(record.log.clock.read())
        with at_work_with_temporal(settings, "transfer clock") as (record, engines):
            _move(record, engines, settings, day, as_json=as_json)


def _stands(record: "Record", *, as_json: bool) -> None:
    from transfer.questions.practice import practice_clock

    answer, mark = practice_clock(record.log), record.log.rehearsal()
    if as_json:
        say_json(answer, mark)
        return
    say_rehearsed(mark)
    say(f"The clock stands on {answer.today}.")
    if answer.moving_to is not None:
        say(f"It is on its way to {answer.moving_to}.")
    if answer.stopped_because is not None:
        say(f"It got no further: {answer.stopped_because}.")
    _show_waiting(answer)


def _move(
    record: "Record", engines: "Engines | None", settings: "Settings", to: date, *, as_json: bool
) -> None:
    from transfer.app import procedures_of
    from transfer.commands.practice import move_clock, practice_day
    from transfer.questions.practice import clock_moved

    practice_day(record.log.clock.read())  # before any procedure is run for it
    with progress() as waiting:

        async def move() -> "Moved":
            async with AsyncExitStack() as stack:
                if engines is not None:
                    await stack.enter_async_context(procedures_of(record, engines, settings))
                return await move_clock(
                    record.log, to, report=lambda day: waiting(f"the clock stands on {day}")
                )

        moved = asyncio.run(move())
        waiting("working out the answers")
        record.catch_up()
        answer, mark = clock_moved(record.log, moved), record.log.rehearsal()
    if as_json:
        say_json(answer, mark)
        return
    say_rehearsed(mark)
    entries = sum(each.entries for each in answer.days)
    say(f"The clock was moved from {answer.moved_from} to {answer.today}.")
    say(f"{entries:,} entries were recorded, on {len(answer.days):,} days.")
    _show_waiting(answer)


def _show_waiting(answer: "PracticeClock") -> None:
    if answer.waits_for_somebody:
        rows = [
            (
                "" if each.since is None else each.since.isoformat(),
                each.exercise,
                f"{each.what} {each.about}".rstrip(),
                each.owner,
                str(each.people or ""),
            )
            for each in answer.waits_for_somebody
        ]
        say_table("Waits for somebody", ("since", "exercise", "what", "whose", "people"), rows)
    if answer.in_trouble:
        troubled = [(each.procedure, each.kind, each.reason) for each in answer.in_trouble]
        say_table("In trouble", ("procedure", "", "why"), troubled)
