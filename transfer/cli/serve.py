"""transfer serve: the whole service in one command."""

from typing import Annotated

import typer

from transfer.cli.common import Data, a_day, progress
from transfer.cli.garbage import look_as_usual
from transfer.settings import ProcessRole, describe_settings, load_settings


def _help() -> str:
    variables = "\n".join(
        f"  {name}{f' (default {default})' if default else ''}\n      {meaning}"
        for name, default, meaning in describe_settings()
    )
    return f"""Run the whole service: API, projections, procedures, and the engines beneath them.

Prints one line, "ready http://HOST:PORT", when it answers. Ctrl-C or SIGTERM stops all of it
cleanly; whatever is killed, the next start recovers, and nothing that was acknowledged is lost.

With --practice the service is a safe place to learn in: the whole of it, on a clock that stands on
one day until you move it (transfer clock --to DATE). Every answer says that it is a practice. It
begins in an empty data folder; once begun, transfer serve on that folder goes on with it.

With --role it is one process of several that share a database and a Temporal server: api answers
requests, projector keeps the read models up and sends notices, worker runs the procedures. Run two
of each: one leads, and another takes over within five seconds. They wait until transfer migrate has
made the tables.

\b
Examples:
  transfer serve
  transfer serve --practice --on 2013-11-11 --data practice
  transfer serve --data /srv/transfer --host 0.0.0.0 --port 8080
  DATABASE_URL=postgresql://… TEMPORAL_ADDRESS=temporal:7233 transfer serve
  DATABASE_URL=postgresql://… transfer serve --role api --data /srv/api --port 8001

\b
Settings from the environment:
{variables}"""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(help=_help())
    def serve(
        data: Data = None,
        host: Annotated[
            str | None,
            typer.Option(metavar="H", help="The address to listen on [default: 127.0.0.1]."),
        ] = None,
        port: Annotated[
            int | None,
            typer.Option(metavar="N", help="The port; 0 takes any free one [default: 8000]."),
        ] = None,
        role: Annotated[
            ProcessRole | None,
            typer.Option(help="What this process does [default: all]."),
        ] = None,
        practice: Annotated[
            bool,
            typer.Option("--practice", help="Serve a practice: begin one, or go on with one."),
        ] = False,
        on: Annotated[
            str | None,
            typer.Option(
                metavar="DATE",
                help="The day on which a new practice begins, 2013-11-11 or 11/11/2013 [default: "
                "today].",
            ),
        ] = None,
    ) -> None:
        from transfer.app import procedures_of
        from transfer.service import Practice
        from transfer.service import serve as run_service

        begins_on = a_day(on, "--on")
        if begins_on is not None and not practice:
            raise typer.BadParameter(
                "only a practice begins on a day: add --practice", param_hint="--on"
            )
        settings = load_settings(data=data, host=host, port=port, role=role)
        with progress() as waiting:

            def announce(address: str) -> None:
                waiting("")
                look_as_usual()
                typer.echo(f"ready {address}")

            run_service(
                settings,
                announce,
                procedures=procedures_of,
                report=waiting,
                practice=Practice(begins_on) if practice else None,
            )
