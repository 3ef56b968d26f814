"""transfer bulk: entries on many people's records in one act, from a file."""

import hashlib
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from transfer.cli.common import (
    REFUSED,
    AsJson,
    Data,
    at_work,
    progress,
    say,
    say_first,
    say_json,
    settings_for,
    user,
)

if TYPE_CHECKING:
    from transfer.api.resources.bulk import BulkPreview
    from transfer.app import Record
    from transfer.commands.bulk import Item
    from transfer.core.refusals import ItemRefused, SeveralRefused


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("bulk")
    def enter_in_bulk(
        file: Annotated[Path, typer.Argument(metavar="FILE", help="NDJSON; - is standard input.")],
        reason: Annotated[
            str | None, typer.Option(help="Why, for every item that has no reason of its own.")
        ] = None,
        dry_run: Annotated[
            bool,
            typer.Option("--dry-run", help="Say what would read differently and write nothing."),
        ] = False,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Enter changes, terms and corrections on many people's records: all of them or none.

        One item a line, as in POST /v1/bulk: "staff_number" and one of "change", "term" and
        "correction". All of it is one command with one instant. Every line that is refused is told
        with its line, staff number, field and reason. The same file with the same reason again
        writes nothing. To undo an act, annul its events by another one. With --dry-run, "until" is
        the first day that does not read differently any more.

        \b
        A line:
          {"staff_number": "S10442", "change": {"effective_from": "2014-06-01",
          "changes": {"employer": "NPS"}, "reason": "transfer"}}

        \b
        Examples:
          transfer bulk moves.ndjson --reason "transfer of 1 June 2014" --dry-run
          transfer bulk moves.ndjson --reason "transfer of 1 June 2014" --json
        """
        from transfer.api.resources.bulk import read_items, written
        from transfer.commands.bulk import as_spelled, enter_all, on_grounds, warnings_of_bulk
        from transfer.commands.office import Act, key_id
        from transfer.core.refusals import SeveralRefused

        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        lines, sent, unreadable = _read_lines(content)
        items, refused = read_items(sent, reason)
        no_items = {each.index for each in unreadable}
        items = [each for each in items if each.index not in no_items]
        refused = [each for each in refused if each.index not in no_items] + unreadable
        request = hashlib.sha256(content + b"\n" + (reason or "").encode()).hexdigest()
        act = Act(
            by=f"transfer bulk ({user()})", command_id=key_id("bulk", request), request=request
        )
        with at_work(settings_for(data), "transfer bulk", catch_up=dry_run) as record:
            items, resting = on_grounds(record.worlds, as_spelled(record.office, items))
            refused += resting
            first = record.office.first_answer(act)
            try:
                if dry_run:
                    _preview(record, items, refused, as_json=as_json)
                    return
                receipt = first or enter_all(record.office, act, items, refused)
            except SeveralRefused as refusal:
                _show_refused(lines, refusal, as_json=as_json)
                raise typer.Exit(REFUSED) from None
            warnings = warnings_of_bulk(record.office, items, receipt.recorded_at)
        told = written(receipt, len(items), warnings)
        if as_json:
            say_json(told)
        elif first is not None:
            say(f"This file is on record already, with {len(told.items):,} entries.")
        else:
            say(f"{len(told.items):,} entries on the records of {told.people:,} staff.")
        if not as_json:
            for each in told.warnings:
                say(each)


def _read_lines(content: bytes) -> tuple[list[int], list[dict[str, Any]], "list[ItemRefused]"]:
    """The line of each item, the items, and those that are no JSON object or say a thing twice.

    Raises `Malformed` for a file without an item.
    """
    from pydantic_core import from_json

    from transfer.api.http.duplicate_keys import TWICE, given_twice
    from transfer.core.refusals import ItemRefused, Malformed

    lines: list[int] = []
    sent: list[dict[str, Any]] = []
    unreadable: list[ItemRefused] = []
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            item = from_json(line)
        except ValueError:
            item = None
        twice = given_twice(line) if isinstance(item, dict) else None
        if not isinstance(item, dict):
            fault = Malformed("not a JSON object on one line", field="item")
            unreadable.append(ItemRefused(len(sent), "", fault))
            item = {}
        elif twice is not None:
            whose = item.get("staff_number")
            known = whose if isinstance(whose, str) else ""
            unreadable.append(ItemRefused(len(sent), known, Malformed(TWICE, field=twice)))
        lines.append(number)
        sent.append(item)
    if not sent:
        raise Malformed("there is no item in it: one JSON object a line", field="FILE")
    return lines, sent, unreadable


def _preview(
    record: "Record", items: "Sequence[Item]", refused: "Sequence[ItemRefused]", *, as_json: bool
) -> None:
    from transfer.api.resources.bulk import preview_all
    from transfer.app import clock
    from transfer.questions.preview import would_read

    mark = record.log.rehearsal()
    stopped = mark.clock_stopped_at if mark is not None else None
    with progress() as waiting:
        waiting("looking at everybody before and after")
        suppose = partial(would_read, record.log, not_before=stopped or clock())
        found = preview_all(suppose, record.log.known, items, refused)
    if as_json:
        say_json(found, mark)
    else:
        _show_preview(found)


def _show_preview(found: "BulkPreview") -> None:
    rows = [
        (
            each.staff_number,
            one.facet.value,
            one.effective_from.isoformat(),
            "" if one.effective_to is None else one.effective_to.isoformat(),
            one.before or "",
            one.after or "",
        )
        for each in found.items
        for one in each.position
    ] + [
        (
            each.staff_number,
            of_term.term,
            of_term.effective_from.isoformat(),
            "" if of_term.effective_to is None else of_term.effective_to.isoformat(),
            of_term.before or "",
            of_term.after or "",
        )
        for each in found.items
        for of_term in each.terms
    ]
    if rows:
        columns = ("staff", "what", "from", "until", "before", "after")
        say_first("would read differently", columns, rows)
    differing = found.differing.people if found.differing is not None else 0
    say(f"{found.entries:,} entries of {found.people:,} staff are good; {differing:,} would read")
    say("differently. Nothing written (as asked).")


def _show_refused(lines: Sequence[int], refusal: "SeveralRefused", *, as_json: bool) -> None:
    from transfer.core.refusals import Malformed

    rows: list[dict[str, int | str | None]] = []
    for each in refusal.items:
        field = each.refusal.field if isinstance(each.refusal, Malformed) else None
        rows.append(
            {
                "line": lines[each.index],
                "staff_number": each.staff_number,
                "field": field,
                "clause": each.refusal.clause,
                "reason": each.refusal.reason.removeprefix(f"{field}: "),
            }
        )
    if as_json:
        say_json({"rejected": rows})
        return
    cells = [tuple("" if cell is None else str(cell) for cell in row.values()) for row in rows]
    columns = ("line", "staff", "field", "clause", "reason")
    say_first(f"{len(rows):,} refused", columns, cells)
    say("Nothing written: all of the act or none of it.")
