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
    user,
)
from transfer.cli.editions import edition_named

if TYPE_CHECKING:
    from transfer.imports.staff_return.import_return import ImportOutcome


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
            bool, typer.Option("--partial", help="Take the good rows where others are rejected.")
        ] = False,
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

        \b
        Examples:
          transfer import staff.csv --dry-run
          transfer import staff.csv --partial --json
          transfer import staff.csv --rulebook moor-2027
          transfer import history.csv --source "personnel system of 1995"
          transfer import history.ndjson --dry-run --json
        """
        from transfer.cli.import_history import import_history_file, is_history
        from transfer.core.refusals import Malformed

        if is_history(file):
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
                progress=lambda what, done, of: waiting(f"{what} {done:,} of {of:,}"),
            )
        if outcome.receipt is not None:
            record.catch_up()
    if as_json:
        say_json(
            {
                "accepted": outcome.accepted,
                "rejected": [
                    {"line": each.line, "field": each.field, "reason": each.reason}
                    for each in outcome.rejected
                ],
                "staff": outcome.staff,
            }
        )
    else:
        _show(outcome, dry_run=dry_run)
    if outcome.rejected and not partial:
        raise typer.Exit(REFUSED)


def _show(outcome: "ImportOutcome", *, dry_run: bool) -> None:
    if outcome.rejected:
        rows = [(str(each.line), each.field, each.reason) for each in outcome.rejected]
        say_first(f"{len(rows):,} rejected", ("line", "field", "reason"), rows)
    if outcome.already:
        say(f"This file is on record already, with {outcome.staff:,} staff: nothing was written.")
    elif outcome.receipt is not None:
        say(f"{outcome.accepted:,} rows accepted: {outcome.staff:,} staff are on record.")
    else:
        why = "as asked" if dry_run else "all or nothing; --partial takes the good rows"
        say(
            f"{outcome.accepted:,} rows are good, {outcome.staff:,} staff: nothing written ({why})."
        )
