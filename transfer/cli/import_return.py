"""transfer import: a staff return or a history is put on record, or judged."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    today,
    user,
)
from transfer.cli.editions import edition_named
from transfer.cli.readings import (
    LastDayIncluded,
    MonthFirst,
    OpenEnd,
    asks_as_dicts,
    reading_of,
    say_asks,
)

if TYPE_CHECKING:
    from transfer.imports.meaning import Reading
    from transfer.imports.staff_return.import_return import ImportOutcome, Renewed


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("import")
    def import_file(
        file: Annotated[
            Path,
            typer.Argument(
                metavar="FILE", help="A staff return or a history; - is standard input."
            ),
        ],
        rulebook: Annotated[
            str | None,
            typer.Option(
                metavar="EDITION",
                help="Whose columns of evidence a staff return has: an edition or its file "
                "[default: tr-2013].",
            ),
        ] = None,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Judge every row and write nothing.")
        ] = False,
        partial: Annotated[
            bool,
            typer.Option(
                "--partial", help="Take the good people where rows of others are rejected."
            ),
        ] = False,
        renewed: Annotated[
            bool,
            typer.Option(
                "--renewed",
                help="The next edition of a staff list: unchanged rows are passed over, changes "
                "recorded from their dates, and who is missing is listed.",
            ),
        ] = False,
        month_first: MonthFirst = None,
        last_day_included: LastDayIncluded = None,
        open_end: OpenEnd = None,
        ignore_unknown: Annotated[
            bool, typer.Option("--ignore-unknown", help="Pass over columns that are not known.")
        ] = False,
        source: Annotated[
            str | None,
            typer.Option(help="The older system that a history comes from, if no column says so."),
        ] = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Put a staff list or history on record: all of it, or (any row rejected) nothing.

        A staff return is a CSV with one row a person or dated period; besides the position it has
        the columns of evidence that a rulebook's edition declares. A history is a CSV with the
        columns act and recorded_on, or NDJSON (.ndjson, .jsonl): one dated act a line, each with
        the day on which its source recorded it, of any size. Every rejected row is told with its
        line, field and reason; the header is line 1. The same file again writes nothing, and a
        run that was stopped is gone on with by running it again.

        Where a file as a whole leaves open what it means (the month first, an end that is the last
        day in post, a far date for "still so"), the import stops, and says which option settles it.

        \b
        Examples:
          transfer import staff.csv --dry-run
          transfer import staff.csv --partial --json
          transfer import staff.csv --rulebook moor-2027
          transfer import staff-april.csv --renewed
          transfer import staff.csv --last-day-included --open-end 9999-12-31
          transfer import history.csv --source "personnel system of 1995"
          transfer import history.ndjson --dry-run --json
        """
        from transfer.cli.import_history import import_history_file, is_history
        from transfer.core.refusals import Malformed

        reading = reading_of(month_first, last_day_included, open_end)
        if is_history(file):
            if renewed:
                raise Malformed("is for a staff list; this is a history", field="--renewed")
            if last_day_included is not None:
                raise Malformed(
                    "is for a staff return; this is a history", field="--last-day-included"
                )
            if rulebook is not None:
                raise Malformed("is for a staff return; this is a history", field="--rulebook")
            import_history_file(
                file,
                settings_for(data),
                by=f"transfer import ({user()})",
                source=source,
                dry_run=dry_run,
                partial=partial,
                ignore_unknown=ignore_unknown,
                reading=reading,
                as_json=as_json,
            )
            return
        if source is not None:
            raise Malformed(
                "is for a history, and this file has no columns act and recorded_on",
                field="--source",
            )
        _import_return(
            file,
            data,
            rulebook,
            dry_run=dry_run,
            partial=partial,
            renewed=renewed,
            reading=reading,
            ignore_unknown=ignore_unknown,
            as_json=as_json,
        )


def _import_return(
    file: Path,
    data: Path | None,
    edition: str | None,
    *,
    dry_run: bool,
    partial: bool,
    renewed: bool,
    reading: "Reading",
    ignore_unknown: bool,
    as_json: bool,
) -> None:
    from transfer.app import new_id
    from transfer.commands.office import Act
    from transfer.imports.staff_return.import_return import import_return

    book = None if edition is None else edition_named(edition, data)
    content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    name = "standard input" if str(file) == "-" else file.name
    with at_work(settings_for(data), "transfer import", catch_up=False, begins=True) as record:
        with progress() as waiting:
            outcome = import_return(
                record.office,
                Act(by=f"transfer import ({user()})", command_id=new_id()),
                content,
                document=f"staff return {name}",
                book=book,
                partial=partial,
                ignore_unknown=ignore_unknown,
                dry_run=dry_run,
                renewed_on=today(record) if renewed else None,
                reading=reading,
                progress=lambda what, done, of: waiting(f"{what} {done:,} of {of:,}"),
            )
        if outcome.receipt is not None:
            record.catch_up()
    if as_json:
        say_json(_as_json(outcome))
    else:
        _show(outcome, dry_run=dry_run)
    if outcome.asks or (outcome.rejected and not partial):
        raise typer.Exit(REFUSED)


def _as_json(outcome: "ImportOutcome") -> dict[str, object]:
    from transfer.imports.staff_return.people import rejections_as_dicts

    said: dict[str, object] = {
        "accepted": outcome.accepted,
        "rejected": rejections_as_dicts(outcome.rejected),
        "staff": outcome.staff,
    }
    if outcome.warnings:
        said["warnings"] = rejections_as_dicts(outcome.warnings)
    if outcome.asks:
        said["asks"] = asks_as_dicts(outcome.asks)
    if (renewed := outcome.renewed) is not None:
        said |= {
            "unchanged": renewed.unchanged,
            "changed": list(renewed.changed),
            "left": [
                {"staff_number": number, "effective_from": str(on)} for number, on in renewed.left
            ],
            "new": list(renewed.new),
            "missing": list(renewed.missing),
        }
    return said


def _show(outcome: "ImportOutcome", *, dry_run: bool) -> None:
    if outcome.asks:
        say_asks(outcome.asks)
        return
    for what, found in (("rejected", outcome.rejected), ("to look at", outcome.warnings)):
        if found:
            rows = [(str(each.line), each.field, each.reason) for each in found]
            say_first(f"{len(rows):,} {what}", ("line", "field", "reason"), rows)
    if outcome.renewed is not None:
        _show_renewed(outcome.renewed)
    if outcome.already:
        say(f"This file is on record already, with {outcome.staff:,} staff: nothing was written.")
    elif outcome.receipt is not None:
        say(f"{outcome.accepted:,} rows accepted: {outcome.staff:,} staff are on record.")
    else:
        good = f"{outcome.accepted:,} rows are good, {outcome.staff:,} staff: nothing written"
        if dry_run:
            why = "as asked"
        elif outcome.renewed is not None and not outcome.rejected:
            why = "all of it is on record already"
        else:
            why = "all or nothing; --partial takes the good people"
        say(f"{good} ({why}).")


def _show_renewed(renewed: "Renewed") -> None:
    say(
        f"{renewed.unchanged:,} rows unchanged; {len(renewed.changed):,} people changed, of whom"
        f" {len(renewed.left):,} left; {len(renewed.new):,} new;"
        f" {len(renewed.missing):,} missing from the list."
    )
    left = {number for number, _ in renewed.left}
    rows = [
        *((number, "changed") for number in renewed.changed if number not in left),
        *((number, f"left with effect from {on}") for number, on in renewed.left),
        *((number, "new") for number in renewed.new),
        *((number, "missing: nothing is recorded of them") for number in renewed.missing),
    ]
    if rows:
        say_first("The list against the record", ("staff", "what"), rows)
