"""transfer serve: the whole service in one command."""

from typing import Annotated

import typer

from transfer.cli.common import Data, progress
from transfer.settings import describe_settings, load_settings


def _help() -> str:
    variables = "\n".join(
        f"  {name}{f' (default {default})' if default else ''}\n      {meaning}"
        for name, default, meaning in describe_settings()
    )
    return f"""Run the whole service: API, projections, procedures, and the engines beneath them.

Prints one line, "ready http://HOST:PORT", when it answers. Ctrl-C or SIGTERM stops all of it
cleanly; whatever is killed, the next start recovers, and nothing that was acknowledged is lost.

\b
Examples:
  transfer serve
  transfer serve --data /srv/transfer --host 0.0.0.0 --port 8080
  DATABASE_URL=postgresql://… TEMPORAL_ADDRESS=temporal:7233 transfer serve

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
    ) -> None:
        from transfer.app import procedures_of
        from transfer.service import serve as run_service

        settings = load_settings(data=data, host=host, port=port)
        with progress() as waiting:

            def announce(address: str) -> None:
                waiting("")
                typer.echo(f"ready {address}")

            run_service(settings, announce, procedures=procedures_of, report=waiting)
