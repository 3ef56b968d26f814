"""transfer backup: a copy of the record that is proved before it is called one."""

from pathlib import Path
from typing import Annotated

import typer

from transfer.cli.common import (
    AsJson,
    Data,
    at_work,
    progress,
    say,
    say_json,
    settings_for,
    tidied_up,
    warn,
)
from transfer.core.refusals import Malformed


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def backup(
        archive: Annotated[
            Path | None,
            typer.Argument(
                metavar="FOLDER",
                help="The folder of backups; without it, TRANSFER_ARCHIVE. Made if it is missing.",
            ),
        ] = None,
        keep: Annotated[
            int | None,
            typer.Option(
                metavar="N",
                min=1,
                help="Keep the N newest backups, this one included, and remove those before.",
            ),
        ] = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Back the record up into a folder, while the service runs or without it.

        The files of the database are copied while it is at work, with its log of changes up to a
        mark, and each of them is checked. Only then does the backup get its name; one that was
        broken off is none, and the next one removes what is left of it. A manifest says what a
        restoration has to give again.

        The keys are not in it. Without the vault key (keys/vault in the data folder) names cannot
        be read again: keep a copy of it, elsewhere.

        With TRANSFER_ARCHIVE set, a running service also writes every change into that folder as it
        happens; then any instant after a backup can be restored.

        \b
        Examples:
          transfer backup /backups/transfer
          transfer backup /backups/transfer --keep 7 --data /srv/transfer
          TRANSFER_ARCHIVE=/backups/transfer transfer backup --json
        """
        from deploy.backups.archive import Archive
        from transfer.app import VERSION, erasure_lists, open_folder, projections_of
        from transfer.backups.taking import take_backup

        settings = settings_for(data)
        folder = archive or settings.archive
        if folder is None:
            raise Malformed(
                "name a folder for the backups, or set TRANSFER_ARCHIVE", field="FOLDER"
            )
        data_folder = open_folder(settings)
        with (
            tidied_up(),
            at_work(settings, "transfer backup") as record,
            progress() as waiting,
        ):
            made = Archive.open(folder)
            taken = take_backup(
                record.log,
                record.database_url,
                projections_of(record.log),
                made,
                version=VERSION,
                erased=erasure_lists(data_folder, settings.archive, settings.erased),
                keep=keep,
                report=waiting,
                warn=warn,
            )
            waiting("")
        if settings.database_url is None and (risk := made.risk(data_folder.path / "postgres")):
            warn(f"transfer: {risk}")
        manifest = taken.manifest
        if as_json:
            told = manifest.model_dump(mode="json")
            say_json({"backup": str(taken.place), "manifest": told, "removed": list(taken.removed)})
            return
        say(
            f"{taken.place}: {manifest.digests.position:,} events, "
            f"{manifest.bytes / 1e6:,.1f} MB, every file checked"
        )
        for name in taken.removed:
            say(f"{name}: removed")
        say(
            "The keys are not in it: keep keys/vault elsewhere"
            + (f" (fingerprint {manifest.key})" if manifest.key else "")
        )
