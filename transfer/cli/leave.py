"""transfer leave: somebody leaves an assignment."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from transfer.cli.common import (
    REFUSED,
    AsJson,
    Data,
    a_day,
    an_assignment,
    at_work,
    number_on_record,
    say,
    say_first,
    say_json,
    say_rehearsed,
    say_table,
    settings_for,
    user,
)
from transfer.core.record.leaving import Later
from transfer.core.words import MAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer.api.resources.leavings import LeavingPreview, LeavingWritten
    from transfer.app import Record
    from transfer.core.record.entries import Leaving
    from transfer.questions.leaving import LaterShown
    from transfer.questions.managers import LeftWithoutManager


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def leave(
        staff: Annotated[str, typer.Argument(metavar="STAFF", help="A staff number.")],
        start: Annotated[
            str,
            typer.Option(
                "--from",
                metavar="DATE",
                help="The first day on which they have gone: the day after the last in post.",
            ),
        ],
        reason: Annotated[str, typer.Option(help="Why.")],
        later: Annotated[
            Later | None,
            typer.Option(
                help="What becomes of entries on record that would bring the person back: keep "
                "them, or annul them."
            ),
        ] = None,
        assignment: Annotated[str, typer.Option(help="Which of their concurrent jobs.")] = MAIN,
        preview: Annotated[
            bool, typer.Option("--preview", help="Say what it would come to and write nothing.")
        ] = False,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Record that somebody leaves: every facet of the assignment ends on that day.

        Entries on record that would employ the person on or after that day are listed, and the
        leaving is refused until --later says what becomes of them. Whom it leaves without a line
        manager is listed too.

        \b
        Examples:
          transfer leave S10442 --from 2014-05-01 --reason "resigned" --preview
          transfer leave S10442 --from 2014-05-01 --reason "resigned" --later annul
        """
        from transfer.api.resources.leavings import written
        from transfer.app import new_id
        from transfer.commands.leaving import leave as record_leaving
        from transfer.commands.office import Act
        from transfer.core.record.entries import Leaving
        from transfer.core.record.leaving import LaterOnRecord
        from transfer.questions.leaving import LaterShown

        day = a_day(start, "--from")
        leaving = Leaving(effective_from=day, assignment=an_assignment(assignment), reason=reason)
        with at_work(settings_for(data), "transfer leave") as record:
            number = number_on_record(record, staff)
            rehearsed = record.log.rehearsal()
            if preview:
                found = _preview(record, number, leaving, later)
                if as_json:
                    say_json(found, rehearsed)
                    return
                say_rehearsed(rehearsed)
                _show_preview(found)
                return
            act = Act(by=f"transfer leave ({user()})", command_id=new_id())
            try:
                done = record_leaving(record.office, act, number, leaving, later)
            except LaterOnRecord as refusal:
                listed = [LaterShown.of(each) for each in refusal.later]
                if as_json:
                    entries = [each.model_dump(mode="json") for each in listed]
                    say_json({"refused": refusal.reason, "later": entries}, rehearsed)
                else:
                    _show_later(listed)
                    say("Nothing written. Say what becomes of them: --later keep or --later annul.")
                raise typer.Exit(REFUSED) from None
            record.catch_up()
            told = written(record.office, done, leaving, later)
        if as_json:
            say_json(told, rehearsed)
            return
        say_rehearsed(rehearsed)
        _show_written(told, leaving)


def _preview(
    record: "Record", number: str, leaving: "Leaving", later: Later | None
) -> "LeavingPreview":
    from transfer.api.resources.leavings import preview_leaving
    from transfer.app import clock
    from transfer.questions.preview import would_read

    mark = record.log.rehearsal()
    stopped = mark.clock_stopped_at if mark is not None else None
    suppose = partial(would_read, record.log, not_before=stopped or clock())
    return preview_leaving(suppose, record.office, number, leaving, later)


def _show_preview(found: "LeavingPreview") -> None:
    rows = [
        (
            one.assignment,
            one.facet.value,
            one.effective_from.isoformat(),
            "" if one.effective_to is None else one.effective_to.isoformat(),
            one.before or "",
            one.after or "",
        )
        for one in found.position
    ]
    if rows:
        columns = ("assignment", "facet", "from", "until", "before", "after")
        say_first("Would read differently", columns, rows)
    _show_around(found.later, found.without_manager, found.warnings)
    say("Nothing written (as asked).")


def _show_written(told: "LeavingWritten", leaving: "Leaving") -> None:
    say(f"{told.staff_number} leaves {leaving.assignment} on {leaving.effective_from}: event")
    say(f"{told.event_id}.")
    _show_around(told.later, told.without_manager or (), told.warnings)


def _show_around(
    later: "Sequence[LaterShown]",
    without_manager: "Sequence[LeftWithoutManager]",
    warnings: "Sequence[str]",
) -> None:
    if later:
        _show_later(later)
    if without_manager:
        rows = [
            (each.staff_number, each.assignment, each.effective_from.isoformat())
            for each in without_manager
        ]
        say_first("Without a line manager", ("staff", "assignment", "from"), rows)
    for each in warnings:
        say(each)


def _show_later(later: "Sequence[LaterShown]") -> None:
    rows = [
        (
            each.employer,
            each.effective_from.isoformat(),
            "" if each.effective_to is None else each.effective_to.isoformat(),
            "" if each.became is None else each.became.value,
            str(each.event_id),
        )
        for each in later
    ]
    columns = ("employer", "from", "until", "became", "event")
    say_table("Entries that bring the person back", columns, rows)
