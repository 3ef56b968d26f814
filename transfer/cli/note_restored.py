"""transfer note-restored: tell a record that its database was restored by somebody else."""

from pathlib import Path
from typing import Annotated

import typer

from transfer.cli.common import (
    AsJson,
    Data,
    an_instant,
    at_work,
    say,
    say_json,
    settings_for,
)
from transfer.core.refusals import Malformed


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def note_restored(
        backup: Annotated[
            str,
            typer.Argument(metavar="FROM", help="What it was restored from, in words of your own."),
        ],
        lost_until: Annotated[
            str | None,
            typer.Option(
                "--lost-until",
                metavar="INSTANT",
                help="The instant of the last entry that is lost, where you know it: RFC 3339 with "
                "an offset. New entries come after it.",
            ),
        ] = None,
        erased: Annotated[
            list[Path] | None,
            typer.Option(
                metavar="FILE",
                help="A list of erased people (keys/erased of a data folder, or erased in a folder "
                "of backups) besides that of TRANSFER_ERASED; several, if there are.",
            ),
        ] = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Tell a record that its database was restored, by your platform or by hand.

        Use it after a restoration that transfer restore has not made, before any process of the
        service is started. The record then knows to which point it was restored, so that /info, the
        doctor and its answers say so. Procedures begin again from the log, everybody signs in
        again, and the people whom the lists name are erased again.

        \b
        Examples:
          transfer note-restored "the platform's backup of 27 November"
          transfer note-restored "point in time" --lost-until 2026-11-27T16:04:11+00:00 \\
              --erased /safe/erased
        """
        import psycopg

        from transfer.app import erasure_lists, open_folder
        from transfer.backups.noting import erase_again, note_restoration
        from transfer.core.refusals import Conflict
        from transfer.erasures import read_list

        until = an_instant(lost_until, "--lost-until")
        settings = settings_for(data)
        folder = open_folder(settings)
        files = [*erasure_lists(folder, settings.archive, settings.erased), *(erased or [])]
        for file in erased or []:
            if not file.is_file():
                raise Malformed(f"there is no list in {file}", field="--erased")
        if folder.running() is not None:
            raise Conflict("a service runs on this data folder: stop it first")
        with (
            at_work(settings, "transfer note-restored", catch_up=False) as record,
            psycopg.connect(record.database_url, autocommit=True) as connection,
        ):
            told = note_restoration(connection, backup, lost_events=None, lost_until=until)
            lines = set[str]().union(*map(read_list, files))
            again = erase_again(connection, record.keys.vault, lines)
        if as_json:
            say_json(
                {
                    "position": told.position,
                    "known_at": told.known_at and told.known_at.isoformat(),
                    "restored_at": told.restored_at.isoformat(),
                    "erased_again": again,
                }
            )
            return
        say(f"noted: {told.in_words()}")
        say(f"{again} people were erased again")
