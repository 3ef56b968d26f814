"""The command line, `transfer`: one file a command.

A new command is a module here with a function `register(app)`, and its name in `_COMMANDS`. What
takes time to load is imported within `run`, so that Ctrl-C is answered there from the first moment.
"""

import sys
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

from transfer.cli.garbage import leave_alone, look_seldom

if TYPE_CHECKING:
    import typer

_COMMANDS = (
    "serve",
    "migrate",
    "clock",
    "rehearse",
    "scenario",
    "as_of",
    "history",
    "members",
    "differences",
    "import_return",
    "bulk",
    "leave",
    "without_manager",
    "procedures",
    "what_if",
    "report",
    "document",
    "rulebook",
    "rebuild",
    "sweep",
    "backup",
    "restore",
    "note_restored",
    "erase",
    "notices",
    "key",
    "token",
    "sign_out",
    "doctor",
    "sample",
)


def make_app() -> "typer.Typer":
    """The command line with every command."""
    import typer

    app = typer.Typer(
        name="transfer",
        help="Who works where, under what terms, and why: the record, its service and rehearsals.",
        epilog="Exit codes: 0 done, 1 refused or refuted, 2 usage or input/output.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["--help", "-h"]},
    )

    @app.callback()
    def begin(
        _: Annotated[
            bool,
            typer.Option(
                "--version", help="Say which version this is.", callback=_say_version, is_eager=True
            ),
        ] = False,
    ) -> None:
        """Take what is said before a command."""

    for name in _COMMANDS:
        import_module(f"transfer.cli.{name}").register(app)
    return app


def _say_version(wanted: bool) -> None:
    import typer

    if wanted:
        typer.echo(f"transfer {version('transfer')}")
        raise typer.Exit


def main() -> None:
    """The program `transfer`."""
    look_seldom()
    code = run()
    leave_alone()
    sys.exit(code)


def run() -> int:
    """Run the command that the arguments name, and answer its exit code."""
    try:
        make_app()(prog_name="transfer")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    except BrokenPipeError:
        # Whoever read has read enough; nothing more may be written at exit either.
        sys.stdout = None
        return 1
    except KeyboardInterrupt:
        print("transfer: interrupted", file=sys.stderr)  # noqa: T201 - nothing may be loaded yet
        return 130
    except Exception as error:
        from transfer.cli.common import warn

        told = _told(error)
        if told is None:
            raise
        code, text = told
        warn(f"transfer: {text}")
        return code
    return 0


def _told(error: Exception) -> tuple[int, str] | None:
    """The exit code and the sentence for what a command may end with; `None` for a fault."""
    # Here, because most commands end well and need none of it.
    import psycopg
    from eventsourcing.persistence import PersistenceError

    from deploy.data_folder import FolderInUse, FolderRefused
    from deploy.processes import EngineError
    from projections.keeping_up.horizon import BehindError
    from projections.keeping_up.runner import ProjectionStoppedError
    from transfer.cli.common import REFUSED, USAGE
    from transfer.core.refusals import Malformed, Refusal
    from transfer.log.clock_watch import ClocksDisagreeError
    from transfer.service import ServiceStopped

    match error:
        case Malformed():
            return USAGE, error.reason
        case Refusal():
            clause = f" (clause {error.clause})" if error.clause else ""
            return REFUSED, f"{error.reason}{clause}"
        case ClocksDisagreeError() | ServiceStopped() | ProjectionStoppedError() | BehindError():
            return REFUSED, str(error)
        case FolderInUse():
            return REFUSED, str(error)
        case EngineError() | FolderRefused():
            return USAGE, str(error)
        case psycopg.Error() | PersistenceError():
            return USAGE, f"the database: {str(error).strip() or type(error).__name__}"
        case OSError():
            place = f"{error.filename}: " if error.filename else ""
            return USAGE, f"{place}{error.strerror or error}"
        case _:
            return None
