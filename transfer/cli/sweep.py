"""transfer sweep: compare what must be waiting by the log with what Temporal runs."""

import asyncio

import typer

from transfer.cli.common import (
    REFUSED,
    AsJson,
    Data,
    at_work,
    say,
    say_json,
    say_table,
    settings_for,
)
from transfer.core.refusals import Conflict


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def sweep(data: Data = None, as_json: AsJson = False) -> None:
        """Start every procedure that must be waiting by the log and that Temporal does not run.

        A running service does so at its start and once a day. Use this after somebody has
        terminated workflows in Temporal, or has brought back an older copy of it.

        Needs a service that runs on the data folder. Exit code 1 where a procedure is in trouble.

        \b
        Examples:
          transfer sweep
          transfer sweep --data /srv/transfer --json
        """
        from transfer.app import open_folder, sweep_of

        settings = settings_for(data)
        running = open_folder(settings).running()
        if running is None or running.temporal_address is None:
            raise Conflict("no service with procedures runs on this data folder: start it first")
        with at_work(settings, "transfer sweep", catch_up=False) as record:
            found = asyncio.run(sweep_of(record, running.temporal_address, settings))
        if as_json:
            say_json(
                {
                    "waiting": found.waiting,
                    "started": list(found.started),
                    "stuck": dict(found.stuck),
                    "unreadable": dict(found.unreadable),
                }
            )
        else:
            say(f"{found.waiting} procedures must be waiting, {len(found.started)} were started")
            rows = [(name, "started", "was waiting nowhere") for name in found.started]
            rows += [(name, "stuck", why) for name, why in found.stuck.items()]
            rows += [(name, "unreadable", why) for name, why in found.unreadable.items()]
            if rows:
                say_table("Procedures", ("which", "", "why"), rows)
        if found.stuck or found.unreadable:
            raise typer.Exit(REFUSED)
