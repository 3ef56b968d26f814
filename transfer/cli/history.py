"""transfer history: one person's events, oldest first."""

from typing import TYPE_CHECKING, Annotated

import typer

from transfer.cli.common import (
    AsJson,
    ByClock,
    Data,
    an_instant,
    at_work,
    said_of_clock,
    say,
    say_json,
    say_rehearsed,
    say_table,
    settings_for,
)
from transfer.core.dating.clocks import Clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transfer.questions.answer import BasisShown

_COLUMNS = ("v", "recorded", "in force", "what", "by", "why", "clause", "document", "event")


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def history(
        staff: Annotated[str, typer.Argument(metavar="STAFF", help="A staff number.")],
        known: Annotated[
            str | None,
            typer.Option(
                metavar="INSTANT",
                help="What the record said then: RFC 3339 with an offset, or a date: the end of "
                "that day in London [default: all that is on record].",
            ),
        ] = None,
        linked: Annotated[
            bool,
            typer.Option(
                "--linked", help="Interleave the histories of the person's other staff numbers."
            ),
        ] = False,
        clock: ByClock = Clock.LOG,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """A person's events, oldest first, each with both times, actor, clause and document.

        What is in force "until" a date ends before it.

        \b
        Examples:
          transfer history S10442
          transfer history S10442 --known 2014-06-10 --json
          transfer history S10442 --linked
          transfer history S10442 --known 2004-12-31 --clock attested
        """
        from projections.keeping_up.runner import BEFORE_ANYTHING
        from transfer.api.http_service import known_number
        from transfer.core.dating.instants import print_instant
        from transfer.questions.attested import AttestedLog
        from transfer.questions.documents import citing, titles
        from transfer.questions.history import full_history

        asked = an_instant(known)
        with at_work(settings_for(data), "transfer history", catch_up=False) as record:
            number = known_number(staff)
            head = record.log.head().recorded_at or BEFORE_ANYTHING
            known_at = head if asked is None else min(asked, head)
            log = record.log if clock is Clock.LOG else AttestedLog(record.log, head)
            found = full_history(log, record.vault, number, known_at, interleaved=linked, name=True)
            rehearsed = record.log.rehearsal()
            title_of = titles(record.log, known_at)
            if as_json:
                say_json(found, rehearsed, citing=citing(record.log, found))
                return
            cited = {
                each.basis.document: title_of(each.basis.document)
                for each in found.items
                if each.basis is not None and each.basis.document is not None
            }
        say_rehearsed(rehearsed)
        say(f"{number}, as known at {print_instant(known_at)}{said_of_clock(found)}")
        say()
        rows = [
            (
                *((item.staff_number or number,) if linked else ()),
                str(item.version),
                print_instant(item.recorded_at),
                _in_force(item.effective_from, item.effective_to),
                item.type,
                item.recorded_by,
                _why(
                    item.sentence or item.reason,
                    item.name,
                    item.of,
                    item.corrected_by,
                    item.annulled_by,
                ),
                _clause(item.basis),
                _document(item.basis, cited),
                str(item.event_id),
            )
            for item in found.items
        ]
        say_table("Events", ("staff", *_COLUMNS) if linked else _COLUMNS, rows)


def _clause(basis: "BasisShown | None") -> str:
    return "" if basis is None else " ".join(filter(None, (basis.rulebook, basis.clause)))


def _document(basis: "BasisShown | None", cited: "Mapping[str, str | None]") -> str:
    """The document that something rests on, with its title where the register has it."""
    if basis is None or basis.document is None:
        return ""
    title = cited.get(basis.document)
    return basis.document if title is None else f"{basis.document}: {title}"


def _in_force(start: object, end: object) -> str:
    if start is None:
        return ""
    return f"from {start}" if end is None else f"{start} until {end}"


def _why(
    reason: str | None, name: str | None, of: object, corrected_by: object, annulled_by: object
) -> str:
    parts = [reason or "", f"name: {name}" if name else ""]
    if of is not None:
        parts.append(f"upon {of}")
    if annulled_by is not None:
        parts.append(f"annulled by {annulled_by}")
    elif corrected_by is not None:
        parts.append(f"corrected by {corrected_by}")
    return "; ".join(filter(None, parts))
