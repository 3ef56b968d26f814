"""transfer import of a history: what a person is told while it runs, and what came of it."""

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from transfer.cli.common import (
    REFUSED,
    at_work,
    folder_of,
    how_far,
    progress,
    say,
    say_json,
    say_table,
    today,
)
from transfer.cli.readings import asks_as_dicts, say_asks
from transfer.settings import Settings

if TYPE_CHECKING:
    from transfer.imports.history.import_history import HistoryOutcome
    from transfer.imports.meaning import Reading

_MOST_SHOWN = 200
_TOLD_EVERY_SECONDS = 0.2


def is_history(file: Path) -> bool:
    """Whether a file is a history. Standard input is looked at without taking anything from it."""
    from transfer.imports.history.lines import looks_like_a_history

    if str(file) == "-":
        # Looked at, not read: the rest of the command gets it whole.
        beginning = getattr(sys.stdin.buffer, "peek", lambda _: b"")(65_536)
        return looks_like_a_history("", beginning)
    with file.open("rb") as opened:
        return looks_like_a_history(file.name, opened.read(65_536))


def import_history_file(
    file: Path,
    settings: Settings,
    *,
    by: str,
    source: str | None,
    dry_run: bool,
    partial: bool,
    ignore_unknown: bool,
    reading: "Reading",
    as_json: bool,
) -> None:
    """Put a history on record, or judge it; ends with exit code 1 where it is rejected."""
    from transfer.app import new_id
    from transfer.commands.office import Act
    from transfer.imports.history.import_history import import_history
    from transfer.imports.history.spool import kept_input

    waiting_place = folder_of(settings).part("imports")
    with ExitStack() as stack:
        if str(file) == "-":
            file = stack.enter_context(kept_input(sys.stdin.buffer, waiting_place))
        record = stack.enter_context(
            at_work(settings, "transfer import", catch_up=False, begins=True)
        )
        with progress() as waiting:
            outcome = import_history(
                record.office,
                Act(by=by, command_id=new_id()),
                file,
                folder=waiting_place,
                today=today(record),
                source=source,
                partial=partial,
                ignore_unknown=ignore_unknown,
                dry_run=dry_run,
                reading=reading,
                progress=_with_rate(waiting),
            )
        if outcome.written is not None and not outcome.already:
            with progress() as waiting:
                record.catch_up(lambda done: waiting(how_far(done)))
    if as_json:
        say_json(
            {
                "accepted": outcome.accepted,
                "rejected": [
                    {"line": each.line, "field": each.field, "reason": each.reason}
                    for each in outcome.rejected
                ],
                "rejections": outcome.rejections,
                "staff": outcome.staff,
                "already": outcome.already,
                "to_settle": outcome.to_settle,
                "passed_over": outcome.passed_over,
            }
            | ({"asks": asks_as_dicts(outcome.asks)} if outcome.asks else {})
        )
    else:
        _show(outcome, dry_run=dry_run)
    if outcome.rejections and not partial:
        raise typer.Exit(REFUSED)


def _with_rate(tell: Callable[[str], None]) -> Callable[[str, int, int], None]:
    """Progress with how many a second, told a few times a second."""
    began: dict[str, tuple[float, int]] = {}
    last = 0.0

    def progressed(what: str, done: int, of: int) -> None:
        nonlocal last
        now = time.monotonic()
        since, first = began.setdefault(what, (now, done))
        if now - last < _TOLD_EVERY_SECONDS and done < of:
            return
        last = now
        whole = f" of {of:,}" if of else ""
        rate = f", {(done - first) / (now - since):,.0f} a second" if now - since > 1 else ""
        tell(f"{done:,}{whole} {what}{rate}")

    return progressed


def _show(outcome: "HistoryOutcome", *, dry_run: bool) -> None:
    if outcome.asks:
        say_asks(outcome.asks)
        return
    if outcome.rejections:
        rows = [
            (str(each.line), each.field, each.reason) for each in outcome.rejected[:_MOST_SHOWN]
        ]
        say_table(f"{outcome.rejections:,} rejected", ("line", "field", "reason"), rows)
        if outcome.rejections > _MOST_SHOWN:
            say(
                f"… and {outcome.rejections - _MOST_SHOWN:,} more: --json has the first"
                f" {len(outcome.rejected):,}."
            )
    if outcome.passed_over:
        say(f"{outcome.passed_over:,} lines are on record already, and were passed over.")
    if outcome.already:
        say(
            f"This file is on record already, with {outcome.accepted:,} acts of"
            f" {outcome.staff:,} staff: nothing was written."
        )
    elif outcome.written is not None:
        say(f"{outcome.accepted:,} acts of {outcome.staff:,} staff are on record.")
        _say_to_settle(outcome, "are to be settled")
    else:
        why = "as asked" if dry_run else "all or nothing; --partial takes the good people"
        if not (dry_run or outcome.rejections):
            why = "there is nothing new"
        good = f"{outcome.accepted:,} acts of {outcome.staff:,} staff are good"
        say(f"{good}: nothing written ({why}).")
        _say_to_settle(outcome, "would be to settle")


def _say_to_settle(outcome: "HistoryOutcome", what: str) -> None:
    if outcome.to_settle:
        say(f"Decisions that rested on these records and {what}: {outcome.to_settle:,}.")
