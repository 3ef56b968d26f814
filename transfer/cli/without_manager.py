"""transfer without-manager: who has no line manager, or one who is not employed."""

from typing import TYPE_CHECKING

import typer

from transfer.cli.common import (
    AsJson,
    Data,
    Effective,
    Known,
    a_day,
    an_instant,
    at_work,
    say,
    say_first,
    say_json,
    say_rehearsed,
    say_restored,
    settings_for,
    today,
    what_is_lost,
)

if TYPE_CHECKING:
    from datetime import date, datetime

    from transfer.app import Record
    from transfer.questions.managers import PeopleWithoutManager, WithoutManager


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("without-manager")
    def without_manager(
        effective: Effective = None,
        known: Known = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Everybody employed on a day who has no line manager, or one who is not employed then.

        \b
        Examples:
          transfer without-manager
          transfer without-manager --effective 2014-06-01 --json
        """
        from transfer.core.dating.instants import print_instant

        effective_at, known_at = a_day(effective, "--effective"), an_instant(known, "--known")
        with at_work(settings_for(data), "transfer without-manager") as record:
            rehearsed = record.log.rehearsal()
            found = _everybody(record, effective_at or today(record), known_at)
            lost = what_is_lost(record, found.known_at)
        if as_json:
            say_json(found, rehearsed, lost=lost)
            return
        say_rehearsed(rehearsed)
        say_restored(lost)
        say(f"On {found.effective_at}, as known at {print_instant(found.known_at)}")
        say()
        if not found.items:
            say("Everybody employed has a line manager who is.")
            return
        rows = [
            (each.staff_number, each.assignment, each.line_manager or "", each.reason)
            for each in found.items
        ]
        columns = ("staff", "assignment", "line manager", "why")
        say_first(f"{len(rows):,} without a line manager", columns, rows)


def _everybody(
    record: "Record", effective_at: "date", known_at: "datetime | None"
) -> "PeopleWithoutManager":
    from projections.keeping_up.runner import resolve_known_at
    from transfer.questions.managers import SEEN_BY, people_without_manager

    items: list[WithoutManager] = []
    cursor: str | None = None
    with record.log.connection() as conn:
        resolved = resolve_known_at(conn, SEEN_BY, known_at)
        while True:
            page = people_without_manager(conn, effective_at, resolved, limit=1000, cursor=cursor)
            items += page.items
            cursor = page.next_cursor
            if cursor is None:
                return page.model_copy(update={"items": tuple(items)})
