"""An edition as a command line names it: a shipped one, a file, or one added to the record."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from transfer.cli.common import at_work, settings_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transfer.app import Record
    from transfer.rulebooks import Rulebook


def edition_named(name: str, data: Path | None) -> "Rulebook":
    """The edition of that name, or of the file of that name.

    Raises `Refused` with the known ones where there is none, `FaultyEdition` for a file that
    gives none.
    """
    from transfer.rulebooks import rulebook as find
    from transfer.rulebooks import shipped
    from transfer.rulebooks.loading import load_edition

    if name in shipped():
        return find(name)
    if Path(name).is_file():
        return load_edition(Path(name).read_bytes())
    with _record(data) as record:
        return find(name) if record is None else record.office.editions.find(name)


def edition_to_rehearse(name: str, data: Path | None) -> "Rulebook":
    """As `edition_named`: from the record of the folder to rehearse in, else of the default one.

    A rehearsal has a folder of its own, while editions are added to the one that is worked in.
    """
    from transfer.core.refusals import Refused

    try:
        return edition_named(name, data)
    except Refused:
        if data is None:
            raise
        return edition_named(name, None)


def editions_known(data: Path | None) -> "Mapping[str, Rulebook]":
    """The program's own editions, and those that were added to the record, if there is one."""
    from transfer.rulebooks import shipped

    with _record(data) as record:
        return shipped() if record is None else record.office.editions.all()


def _record(data: Path | None) -> "AbstractContextManager[Record | None]":
    """The record, if there is one in the data folder yet: showing editions begins none."""
    settings = settings_for(data)
    has_one = settings.database_url is not None or (Path(settings.data) / "postgres").exists()
    return at_work(settings, "transfer rulebook", catch_up=False) if has_one else nullcontext()
