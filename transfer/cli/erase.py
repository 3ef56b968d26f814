"""transfer erase: a person's data is erased for good, and the facts stay."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from transfer.cli.common import (
    REFUSED,
    AsJson,
    Data,
    at_work,
    naming_options,
    number_on_record,
    say,
    say_json,
    say_rehearsed,
    say_wrapped,
    settings_for,
    user,
    warn,
)
from transfer.core.refusals import Malformed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from transfer.questions.erasing import WouldErase
    from transfer.settings import Settings
    from transfer.vault import Erasure

_STAYS = (
    "What stays: every entry with its number, days, values, clauses and reasons, what was decided, "
    "and who has read the record. Every proof over the log holds as before."
)
_TEXTS = "that they wrote or were answered: objections, grounds, statements, questions about reads"
_OUT_OF_REACH = (
    "Not reached from here: a name that somebody has typed into a reason or a title; the address "
    "book of notices; letters, notices and files that went out; what an import that was broken off "
    "has left in imports/ of the data folder, until it is run again; and backups from before, "
    "which can be read with the vault key until they are removed."
)


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def erase(
        staff: Annotated[str, typer.Argument(metavar="STAFF", help="A staff number.")],
        because: Annotated[
            str,
            typer.Option(
                metavar="TEXT", help="Why. It is kept for good, so it must not name the person."
            ),
        ],
        document: Annotated[
            str | None,
            typer.Option(
                metavar="REF", help="What it rests on: a document of the register, or a reference."
            ),
        ] = None,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Say what would go, and erase nothing.")
        ] = False,
        yes: Annotated[bool, typer.Option("--yes", help="Erase without being asked.")] = False,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Erase the personal data of somebody, for good: their name, and what they wrote.

        The key under which their data lies is destroyed. The entries stay, under the staff number,
        and so do all decisions. The erasure is noted outside the database too, so that a restored
        backup stays erased: beside the keys, in TRANSFER_ERASED and in TRANSFER_ARCHIVE. With
        DATABASE_URL, TRANSFER_ERASED has to be set.

        To erase somebody again changes nothing, and says since when they are erased.

        \b
        Examples:
          transfer erase S10442 --because "right to erasure, request 17" --dry-run
          transfer erase S10442 --because "right to erasure, request 17" --document D000017
          transfer erase S10442 --because "kept for long enough" --yes --json
        """
        from transfer.app import erasure_lists, open_folder
        from transfer.commands.erasing import erase as erase_person
        from transfer.commands.erasing import require_may_be_erased
        from transfer.questions.erasing import would_erase

        settings = settings_for(data)
        if not dry_run:
            _require_lasting_list(settings)
        if not (dry_run or yes) and (as_json or not sys.stdin.isatty()):
            raise Malformed(
                "it cannot be undone: say --yes, or see with --dry-run what would go", field="--yes"
            )
        with at_work(settings, "transfer erase", catch_up=False) as record:
            office, rehearsed = record.office, record.log.rehearsal()
            lists = erasure_lists(open_folder(settings), settings.archive, settings.erased)
            number = number_on_record(record, staff)
            with naming_options():
                require_may_be_erased(office, number, because=because, document=document)
            found, before = would_erase(office, number), office.vault.erasure_of(number)
            if not as_json:
                say_rehearsed(rehearsed)
                for line in _told(found, lists) if before is None else ():
                    say_wrapped(line, indent="  " if line.startswith("- ") else "")
            if not (dry_run or yes or before or typer.confirm(f"Erase {number}?")):
                say("Nothing was erased.")
                raise typer.Exit(REFUSED)
            erasure, is_new = before, False
            if not dry_run:
                done = erase_person(
                    office,
                    number,
                    by=f"transfer erase ({user()})",
                    because=because,
                    document=document,
                )
                erasure, is_new = done.erasure, done.is_new
        if as_json:
            told = found.model_dump(mode="json") | {"is_new": is_new, "erasure": _shown(erasure)}
            say_json(told | {"lists": [*map(str, lists)]}, rehearsed)
        elif erasure is None:
            say("Nothing was erased.")
        elif is_new:
            say(f"{number}: erased.")
        else:
            say_wrapped(f"{number} was erased before: {_in_words(erasure)}.")
        if len(lists) == 1 and not dry_run:
            warn(
                f"transfer: the erasure is noted in {lists[0]} alone: copy it with the keys. "
                "Where the service has TRANSFER_ERASED or TRANSFER_ARCHIVE, this command needs the "
                "same; the service completes those lists when it starts next"
            )


def _require_lasting_list(settings: "Settings") -> None:
    """Refuse where the list of erased people would go with the process, as a pod's folder does."""
    if settings.database_url and settings.erased is None:
        raise Malformed(
            "the database is not in the data folder, so a list of erased people there may be gone "
            "when the database is restored: name a file for it on a disk that stays",
            field="TRANSFER_ERASED",
        )


def _told(found: "WouldErase", lists: "Sequence[Path]") -> Iterator[str]:
    yield f"{found.staff_number}: what cannot be read any more, for good:"
    lines = [
        f"- {count} {one if count == 1 else several}"
        for count, one, several in (
            (found.names, "name", "names, earlier ones and those put right included"),
            (found.dates_of_birth, "date of birth", "dates of birth, those put right included"),
            (found.texts, f"text {_TEXTS}", f"texts {_TEXTS}"),
            (found.extracts, "extract: what it says of them", "extracts: what they say of them"),
        )
        if count
    ]
    yield from lines or ["- nothing: no personal data is kept. None can be stored afterwards"]
    yield f"On record: {found.entries:,} {'entry' if found.entries == 1 else 'entries'}. {_STAYS}"
    yield _OUT_OF_REACH
    yield (
        f"The erasure is written into {', '.join(map(str, lists))}. Every record with this vault "
        "key that reads a list of these erases them as well when its service starts: this one, and "
        "one that it was copied or restored from."
    )
    for number in found.linked:
        yield f"{number} is the same person under another number, and has to be erased as well."


def _shown(erasure: "Erasure | None") -> dict[str, str | None] | None:
    if erasure is None:
        return None
    return {
        "at": erasure.at.isoformat(),
        "by": erasure.by,
        "because": erasure.because,
        "document": erasure.document,
    }


def _in_words(erasure: "Erasure") -> str:
    by = f" by {erasure.by}" if erasure.by else ""
    why = f", because “{erasure.because}”" if erasure.because else ""
    document = f" ({erasure.document})" if erasure.document else ""
    return f"on {erasure.at:%-d %B %Y, %H:%M} UTC{by}{why}{document}"
