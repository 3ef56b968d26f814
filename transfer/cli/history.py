"""transfer history: one person's events, oldest first."""

from typing import TYPE_CHECKING, Annotated

import typer

from transfer.cli.common import (
    AsJson,
    ByClock,
    Data,
    Known,
    an_instant,
    at_work,
    days_told,
    number_on_record,
    said_of_clock,
    say,
    say_json,
    say_labelled,
    say_rehearsed,
    say_restored,
    say_wrapped,
    settings_for,
    value_told,
    what_is_lost,
)
from transfer.core.dating.clocks import Clock
from transfer.core.words import MAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transfer.questions.answer import BasisShown
    from transfer.questions.history import HistoryItem, ValueChanged


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def history(
        staff: Annotated[str, typer.Argument(metavar="STAFF", help="A staff number.")],
        known: Known = None,
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
        """A person's events, oldest first: what each changed, both its times, actor, and why.

        One block an event, 80 columns wide. A line with an arrow names a facet or a term, its value
        just before and just after the event, and the days on which it changed. What is in force
        "until" a date ends before it.

        \b
        Examples:
          transfer history S10442
          transfer history s10442 --known 10/6/2014
          transfer history S10442 --known 2014-06-10 --json
          transfer history S10442 --linked
          transfer history S10442 --known 2004-12-31 --clock attested
        """
        from projections.keeping_up.runner import BEFORE_ANYTHING
        from transfer.core.dating.instants import print_instant
        from transfer.questions.attested import AttestedLog
        from transfer.questions.documents import citing, titles
        from transfer.questions.history import full_history

        asked = an_instant(known, "--known")
        with at_work(settings_for(data), "transfer history", catch_up=False) as record:
            number = number_on_record(record, staff)
            head = record.log.head().recorded_at or BEFORE_ANYTHING
            known_at = head if asked is None else min(asked, head)
            log = record.log if clock is Clock.LOG else AttestedLog(record.log, head)
            found = full_history(
                log,
                record.vault,
                number,
                known_at,
                interleaved=linked,
                name=True,
                correlated=True,
            )
            rehearsed = record.log.rehearsal()
            title_of = titles(record.log, known_at)
            lost = what_is_lost(record, found.known_to_log_at or known_at)
            if as_json:
                say_json(found, rehearsed, citing=citing(record.log, found), lost=lost)
                return
            cited = {
                each.basis.document: title_of(each.basis.document)
                for each in found.items
                if each.basis is not None and each.basis.document is not None
            }
        say_rehearsed(rehearsed)
        say_restored(lost)
        say_wrapped(f"{number}, as known at {print_instant(known_at)}{said_of_clock(found)}")
        for item in found.items:
            say()
            _show(item, cited)


def _show(item: "HistoryItem", cited: "Mapping[str, str | None]") -> None:
    """One entry as a block of lines: what changed first, then when, by whom and why."""
    from transfer.core.dating.instants import print_instant
    from transfer.web.frame.wording import fact_text

    whose = f"{item.staff_number}, " if item.staff_number is not None else ""
    say_wrapped(f"{whose}{item.version}. {fact_text(item.type)}")
    for each in item.changed:
        days = days_told(each.effective_from, each.effective_to)
        say_labelled(_name(each), f"{value_told(each.before)} → {value_told(each.after)}, {days}")
    basis = item.basis
    lines = {
        "in force": item.effective_from and days_told(item.effective_from, item.effective_to),
        "name": item.name,
        "says": item.sentence,
        "why": item.reason,
        "by": item.recorded_by,
        "recorded": print_instant(item.recorded_at),
        "clause": " ".join(filter(None, (basis.rulebook, basis.clause))) if basis else None,
        "document": _document(basis, cited),
        "attested": _attested(item),
        "upon": item.of,
        # An annulment says more than a correction that it took away.
        "annulled": item.annulled_by,
        "corrected": None if item.annulled_by is not None else item.corrected_by,
        "event": item.event_id,
    }
    for label, text in lines.items():
        if text:
            say_labelled(label, str(text))
    for objection in item.objections:
        say_labelled("objection", f"{objection.event_id}: {objection.state}")


def _document(basis: "BasisShown | None", cited: "Mapping[str, str | None]") -> str:
    """The document that something rests on, with its title where the register has it."""
    if basis is None or basis.document is None:
        return ""
    title = cited.get(basis.document)
    return basis.document if title is None else f"{basis.document}: {title}"


def _name(changed: "ValueChanged") -> str:
    if changed.facet is None:
        return changed.term or ""
    job = "" if changed.assignment in (None, MAIN) else f" ({changed.assignment})"
    return f"{changed.facet.value}{job}"


def _attested(item: "HistoryItem") -> str | None:
    if item.attested is None:
        return None
    return f"{item.attested.source}, recorded there on {item.attested.recorded_on}"
