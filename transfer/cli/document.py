"""transfer document: the register of documents that a basis names."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from transfer.cli.common import (
    AsJson,
    Data,
    a_day,
    an_instant,
    at_work,
    say,
    say_json,
    say_rehearsed,
    say_table,
    settings_for,
    today,
    user,
)

if TYPE_CHECKING:
    from pathlib import Path

    from transfer.core.documents import Described
    from transfer.questions.documents import Document

_MOST = 1_000

Title = Annotated[str, typer.Option("--title", help="Its title. Name nobody in it.")]
Issuer = Annotated[str, typer.Option("--issuer", help="Who issued it.")]
Dated = Annotated[
    str,
    typer.Option("--dated", metavar="DATE", help="The day that it bears: 2013-12-02, 2/12/2013."),
]
Sent = Annotated[
    str | None, typer.Option("--sent", metavar="DATE", help="The day on which it went out.")
]
Received = Annotated[
    str | None, typer.Option("--received", metavar="DATE", help="The day on which it came in.")
]
Kept = Annotated[
    str | None, typer.Option("--kept-at", metavar="PLACE", help="Where it is: a shelf, an address.")
]
Sha = Annotated[str | None, typer.Option("--sha256", metavar="HEX", help="The digest of its file.")]
Known = Annotated[
    str | None,
    typer.Option(
        "--known", metavar="INSTANT", help="As known then; a date is the end of that London day."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="The register of documents: put one in, put right what it is, show it, list them.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    app.add_typer(group, name="document")

    @group.command()
    def add(
        title: Title,
        issuer: Issuer,
        dated: Dated,
        sent: Sent = None,
        received: Received = None,
        sha256: Sha = None,
        kept_at: Kept = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Put a document into the register, and print the id by which a basis names it.

        \b
        Example:
          transfer document add --title "Statement of measures" --issuer London --dated 2/12/2013
        """
        _write(_described(title, issuer, dated, sent, received, sha256, kept_at), data, as_json)

    @group.command()
    def correct(
        document: Annotated[str, typer.Argument(metavar="DOCUMENT", help="Its id: D000017.")],
        reason: Annotated[str, typer.Option("--reason", help="Why it is put right.")],
        title: Title,
        issuer: Issuer,
        dated: Dated,
        sent: Sent = None,
        received: Received = None,
        sha256: Sha = None,
        kept_at: Kept = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Put right what a document is, as a whole; what was said before stays on record."""
        said = _described(title, issuer, dated, sent, received, sha256, kept_at)
        _write(said, data, as_json, of=document, reason=reason)

    @group.command()
    def show(
        document: Annotated[str, typer.Argument(metavar="DOCUMENT", help="Its id: D000017.")],
        known: Known = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """One document, and whether what it is was put right."""
        from transfer.log.envelope import NOT_YET
        from transfer.questions import documents as register

        asked = an_instant(known, "--known")
        with at_work(settings_for(data), "transfer document", catch_up=False) as record:
            head = record.log.head().recorded_at or NOT_YET
            found = register.document(record.log, document, min(asked or head, head))
            mark = record.log.rehearsal()
        if as_json:
            say_json(found, mark)
            return
        say_rehearsed(mark)
        for name, value in _lines(found):
            say(f"{name:<12}{value}")

    @group.command("list")
    def list_(known: Known = None, data: Data = None, as_json: AsJson = False) -> None:
        """Every document of the register, in the order of registration."""
        from transfer.log.envelope import NOT_YET
        from transfer.questions import documents as register

        asked = an_instant(known, "--known")
        with at_work(settings_for(data), "transfer document", catch_up=False) as record:
            head = record.log.head().recorded_at or NOT_YET
            known_at = min(asked or head, head)
            found: list[Document] = []
            page = register.documents(record.log, known_at, limit=_MOST)
            found += page.items
            while page.next_cursor is not None:
                page = register.documents(
                    record.log, known_at, limit=_MOST, cursor=page.next_cursor
                )
                found += page.items
            mark = record.log.rehearsal()
        if as_json:
            say_json(page.model_copy(update={"items": tuple(found)}), mark)
            return
        say_rehearsed(mark)
        rows = [(each.document, str(each.dated_on), each.issuer, each.title) for each in found]
        say_table("Documents", ("id", "dated", "issuer", "title"), rows)


def _described(
    title: str,
    issuer: str,
    dated: str,
    sent: str | None,
    received: str | None,
    sha256: str | None,
    kept_at: str | None,
) -> "Described":
    from pydantic import ValidationError

    from transfer.core.documents import Described

    days: dict[str, date | None] = {
        "dated_on": a_day(dated, "--dated"),
        "sent_on": a_day(sent, "--sent"),
        "received_on": a_day(received, "--received"),
    }
    said = {"title": title, "issuer": issuer, "sha256": sha256, "kept_at": kept_at, **days}
    try:
        return Described.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        option = f"--{str(first['loc'][0]).replace('_', '-')}"
        raise typer.BadParameter(first["msg"], param_hint=option) from None


def _write(
    said: "Described",
    data: "Path | None",
    as_json: bool,
    *,
    of: str | None = None,
    reason: str = "",
) -> None:
    from transfer.app import new_id
    from transfer.commands import documents
    from transfer.commands.office import Act

    act = Act(by=user(), command_id=new_id())
    with at_work(settings_for(data), "transfer document", catch_up=False, begins=True) as record:
        if of is None:
            entered = documents.register(record.office, act, said, today(record))
        else:
            entered = documents.correct(
                record.office, act, of, said, reason=reason, today=today(record)
            )
        mark = record.log.rehearsal()
    if as_json:
        from transfer.api.resources.documents import DocumentWritten

        say_json(DocumentWritten.model_validate(entered), mark)
    else:
        say_rehearsed(mark)
        say(entered.document)


def _lines(found: "Document") -> list[tuple[str, str]]:
    from transfer.core.dating.instants import print_instant

    said = [
        ("document", found.document),
        ("title", found.title),
        ("issuer", found.issuer),
        ("dated", str(found.dated_on)),
        ("sent", str(found.sent_on or "")),
        ("received", str(found.received_on or "")),
        ("sha256", found.sha256 or ""),
        ("kept at", found.kept_at or ""),
        ("registered", f"{print_instant(found.registered_at)} by {found.registered_by}"),
    ]
    said += [
        ("corrected", f"{print_instant(each.recorded_at)} by {each.recorded_by}: {each.reason}")
        for each in found.corrections
    ]
    return [(name, value) for name, value in said if value]
