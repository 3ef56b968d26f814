"""transfer restore: a record brought back from a backup, to any instant, or the drill of it."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from transfer.cli.common import (
    REFUSED,
    AsJson,
    Data,
    an_instant,
    progress,
    say,
    say_json,
    say_table,
    settings_for,
    tidied_up,
    warn,
)
from transfer.core.refusals import Malformed

if TYPE_CHECKING:
    from transfer.backups.checking import Checked
    from transfer.backups.restoring import Source
    from transfer.log.restorations import Restoration


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def restore(
        backup: Annotated[
            Path,
            typer.Argument(
                metavar="BACKUP",
                help="A backup, or a folder of backups: then the newest that leads to the point.",
            ),
        ],
        until: Annotated[
            str | None,
            typer.Option(
                metavar="INSTANT",
                help="What the record knew then, and nothing later: RFC 3339 with an offset, or a "
                "date: the end of that day in London [default: all that there is].",
            ),
        ] = None,
        at_position: Annotated[
            int | None,
            typer.Option(
                "--at-position", metavar="N", min=0, help="Up to that position of the log instead."
            ),
        ] = None,
        key: Annotated[
            Path | None,
            typer.Option(
                metavar="PATH",
                help="Where the keys are: the file of the vault key, a folder with vault and "
                "identity, or the data folder that had them [default: TRANSFER_VAULT_KEY_FILE].",
            ),
        ] = None,
        erased: Annotated[
            Path | None,
            typer.Option(
                metavar="FILE",
                help="A list of erased people besides those in the folder of backups, beside the "
                "key and in TRANSFER_ERASED: keys/erased of the data folder, where the vault key "
                "is kept elsewhere.",
            ),
        ] = None,
        check: Annotated[
            bool,
            typer.Option(
                "--check",
                help="A drill: restore into a folder that is removed again, and compare with what "
                "the backup says of itself. Needs no key.",
            ),
        ] = False,
        within: Annotated[
            Path | None,
            typer.Option(
                "--in", metavar="DIR", help="Where the drill makes its folder [default: /tmp]."
            ),
        ] = None,
        abandoned: Annotated[
            bool,
            typer.Option(
                "--abandoned",
                help="Also a backup, named by its path, of what was given up when the record was "
                "restored to a point before it.",
            ),
        ] = False,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Restore a record from a backup into a new data folder, or check that it can be.

        Everything in the database is restored to one point: the log, the projections, notices, the
        register of reads. People who were erased since are erased again. Everybody has to sign in
        again, and procedures are begun again from the log. The record knows that it was restored:
        doctor, /info and the answers about instants whose entries are lost say so.

        With --check, exit code 1 where the restored record differs from what was backed up, or a
        file is damaged.

        \b
        Examples:
          transfer restore /backups/transfer --check
          transfer restore /backups/transfer --key /safe/keys --data /srv/restored
          transfer restore /backups/transfer --key /safe/keys --data /srv/restored \\
              --until 2026-11-27T16:00:00+00:00
        """
        from transfer.app import key_files_of
        from transfer.backups.restoring import find_source, keys_at, point_of
        from transfer.backups.restoring import restore as bring_back
        from transfer.erasures import read_list

        point = point_of(an_instant(until, "--until"), at_position)
        # A drill harms nobody.
        source = find_source(backup, point, abandoned=abandoned or check, warn=warn)
        if check:
            _check(source, within, as_json=as_json)
            return
        if data is None:
            raise Malformed("name a new data folder to restore into", field="--data")
        settings = settings_for(data)
        keys = keys_at(key, source.manifest, key_files_of(settings).get("vault"))
        if erased is not None and not erased.is_file():
            raise Malformed(f"there is no list in {erased}", field="--erased")
        if keys is not None:
            lists = [each for each in (erased, settings.erased) if each is not None]
            keys = replace(keys, erased=keys.erased.union(*map(read_list, lists)))
        with tidied_up(), progress() as waiting:
            restoration = bring_back(source, keys, settings.data, point, waiting)
            waiting("")
        _tell(restoration, settings.data, source, as_json=as_json)


def _check(source: "Source", within: Path | None, *, as_json: bool) -> None:
    from deploy.backups.base import BackupDamaged
    from deploy.backups.segments import ArchiveDamaged
    from deploy.migrate import newest
    from transfer.app import projections_of
    from transfer.backups.checking import check_backup

    try:
        with tidied_up(), progress() as waiting:
            checked = check_backup(source, projections_of, newest(), within=within, report=waiting)
            waiting("")
    except (BackupDamaged, ArchiveDamaged) as damage:
        if as_json:
            say_json({"backup": str(source.place), "damaged": str(damage)})
        else:
            warn(f"transfer: {damage}")
        raise typer.Exit(REFUSED) from None
    if as_json:
        say_json(
            {
                "backup": str(source.place),
                "same": checked.same,
                "different": checked.different,
                "left_out": checked.left_out,
                "archived_position": checked.archived,
                "restorations": checked.restorations,
                "seconds": round(checked.seconds, 3),
            }
        )
    else:
        _show(source, checked)
    if checked.different:
        raise typer.Exit(REFUSED)


def _show(source: "Source", checked: "Checked") -> None:
    told = source.manifest
    rows = [(name, "the same") for name in checked.same]
    rows += [(name, "DIFFERS") for name in checked.different]
    rows += [(name, "not compared: an older version's") for name in checked.left_out]
    say_table(f"Backup {told.name}", ("what", "restored"), rows)
    size = f"{told.digests.position:,} events, {told.bytes / 1e6:,.1f} MB"
    say(f"{size}, restored and compared in {checked.seconds:,.1f} seconds")
    for each in checked.restorations:
        say(f"By its own account {each}")
    if checked.archived is not None:
        say(f"The archive leads on to position {checked.archived:,}")


def _tell(restoration: "Restoration", data: Path, source: "Source", *, as_json: bool) -> None:
    at = restoration.known_at
    if as_json:
        say_json(
            {
                "data": str(data),
                "backup": source.manifest.name,
                "position": restoration.position,
                "known_at": at and at.isoformat(),
                "restored_at": restoration.restored_at.isoformat(),
                "lost_events": restoration.lost_events,
                "lost_until": restoration.lost_until and restoration.lost_until.isoformat(),
            }
        )
        return
    known = f", as known at {at.isoformat()}" if at else ""
    say(f"{data}: restored to position {restoration.position:,}{known}")
    if restoration.lost_events:
        say(f"{restoration.lost_events:,} events that the archive has came after, and are left out")
    say(f"Start it with: transfer serve --data {data}")
