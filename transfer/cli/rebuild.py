"""transfer rebuild: read models made again from the log beside the live ones, compared, swapped."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from transfer.cli.common import (
    REFUSED,
    AsJson,
    Data,
    at_work,
    how_far,
    progress,
    say,
    say_json,
    say_table,
    settings_for,
    warn,
)
from transfer.core.refusals import Conflict, Malformed

if TYPE_CHECKING:
    from projections.keeping_up.runner import Projection
    from projections.rebuilding.rebuild import Rebuilt
    from transfer.app import Record
    from transfer.settings import Settings

_DIGITS_SHOWN = 12


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def rebuild(
        projection: Annotated[
            str | None, typer.Argument(metavar="PROJECTION", help="Which one; all, if left out.")
        ] = None,
        accept: Annotated[
            bool,
            typer.Option("--accept", help="Swap also where the live one differs from the log."),
        ] = False,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Build and compare, and leave the live one.")
        ] = False,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Make projections again from the log beside the live ones, compare, then swap.

        Every question is answered meanwhile, from the live tables, and these follow the log until
        the moment of the swap. Stopping it half-way, by whatever means, changes nothing.

        Where the live tables are not what the log says, they stay, the first rows that differ are
        told, and the exit code is 1: look at why, then swap with --accept. One that had stopped at
        an event, or has seen nothing yet, is not compared.

        \b
        Examples:
          transfer rebuild
          transfer rebuild position --dry-run
          transfer rebuild position --accept --json
        """
        settings = settings_for(data)
        found: list[Rebuilt] = []
        failed: dict[str, str] = {}
        with (
            at_work(settings, "transfer rebuild", catch_up=False) as record,
            progress() as waiting,
            _live_ones_go_on(settings, record),
        ):
            for each in _chosen(record, projection):
                try:
                    found.append(_rebuild(record, each, waiting, accept=accept, dry_run=dry_run))
                except _stops() as error:
                    failed[each.name] = str(error)
        if as_json:
            told = [_as_json(each) for each in found]
            told += [{"projection": name, "error": why} for name, why in failed.items()]
            say_json({"projections": told})
        else:
            _show(found, failed, dry_run=dry_run)
        if failed or any(each.differences and not each.swapped for each in found):
            raise typer.Exit(REFUSED)


def _chosen(record: "Record", name: str | None) -> "list[Projection]":
    """Fresh instances: those of the runner are at work."""
    from transfer.app import projections_of

    every = projections_of(record.log)
    if name is not None and name not in [each.name for each in every]:
        known = ", ".join(each.name for each in every)
        raise Malformed(f"{name!r} is none of {known}", field="PROJECTION")
    return [each for each in every if name in (None, each.name)]


@contextlib.contextmanager
def _live_ones_go_on(settings: "Settings", record: "Record") -> Iterator[None]:
    """Have the live projections follow the log, in here where no service does it."""
    from projections.keeping_up.runner import ProjectionStoppedError
    from transfer.app import open_folder

    with contextlib.suppress(ProjectionStoppedError):  # a reason to rebuild, and told by it
        record.catch_up()
    if open_folder(settings).running() is not None:
        yield
        return
    record.runner.start()
    try:
        yield
    finally:
        record.runner.stop()


def _rebuild(
    record: "Record",
    projection: "Projection",
    waiting: Callable[[str], None],
    *,
    accept: bool,
    dry_run: bool,
) -> "Rebuilt":
    from projections.rebuilding.rebuild import rebuild

    return rebuild(
        record.log,
        record.database_url,
        projection,
        accept=accept,
        dry_run=dry_run,
        report=lambda done: waiting(how_far(done)),
    )


def _stops() -> tuple[type[Exception], ...]:
    """What ends one projection's rebuild and not the others'."""
    from projections.keeping_up.runner import ProjectionStoppedError

    return Conflict, ProjectionStoppedError


def _as_json(each: "Rebuilt") -> dict[str, object]:
    return {
        "projection": each.projection,
        "events": each.events,
        "seconds": round(each.seconds, 3),
        "events_per_second": round(each.events_per_second),
        "digest_before": each.digest_before,
        "digest_after": each.digest_after,
        "same": each.same,
        "not_compared": each.not_compared,
        "swapped": each.swapped,
        "fill_failed": each.fill_failed,
        "differences": [asdict(difference) for difference in each.differences],
    }


def _show(found: "list[Rebuilt]", failed: dict[str, str], *, dry_run: bool) -> None:
    rows = [
        (
            each.projection,
            f"{each.events:,}",
            f"{each.seconds:,.1f}",
            f"{each.events_per_second:,.0f}",
            {True: "the same", False: "DIFFERS", None: "not compared"}[each.same],
            "swapped" if each.swapped else "live one kept",
            each.digest_after[:_DIGITS_SHOWN],
        )
        for each in found
    ]
    columns = ("projection", "events", "seconds", "a second", "compared", "", "digest")
    if rows:
        say_table("Rebuilt", columns, rows)
    for each in found:
        if each.not_compared is not None:
            say(f"{each.projection} was not compared: {each.not_compared}")
        if each.fill_failed is not None:
            say(
                f"{each.projection} was made page by page, because its own way failed: "
                f"{each.fill_failed}"
            )
        for table in each.differences:
            say(
                f"{each.projection}: {table.table} has {table.rows_before:,} rows, and from the "
                f"log {table.rows_after:,}"
            )
            for row in table.only_before:
                say(f"  only in the live one:  {row}")
            for row in table.only_after:
                say(f"  only from the log:     {row}")
        if each.differences and not each.swapped and not dry_run:
            say(
                f"The live {each.projection} was kept. If what the log says is right: "
                f"transfer rebuild {each.projection} --accept"
            )
    for name, why in failed.items():
        warn(f"transfer: {name} was not rebuilt, and the live one is as it was: {why}")
