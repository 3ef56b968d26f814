"""transfer differences: what the record says differently between two knowledge times, and why."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from transfer.cli.common import (
    AsJson,
    Assignment,
    Data,
    Effective,
    a_day,
    an_assignment,
    an_instant,
    at_work,
    days_told,
    number_on_record,
    say,
    say_json,
    say_labelled,
    say_rehearsed,
    say_restored,
    say_wrapped,
    settings_for,
    today,
    value_told,
    what_is_lost,
)
from transfer.core.refusals import Malformed
from transfer.core.words import MAIN

if TYPE_CHECKING:
    from transfer.questions.differences import Cause
    from transfer.questions.values import Supplied, TermInForce
    from transfer.questions.what_differs import (
        Differences,
        FacetDays,
        FacetDiffers,
        TermDays,
        TermDiffers,
    )

_INSTANT = "RFC 3339 with an offset, or a date: the end of that day in London"


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def differences(
        staff: Annotated[str, typer.Argument(metavar="STAFF", help="A staff number.")],
        known_from: Annotated[
            str,
            typer.Option("--known-from", metavar="INSTANT", help=f"The earlier: {_INSTANT}."),
        ],
        known_to: Annotated[
            str | None,
            typer.Option(
                "--known-to", metavar="INSTANT", help="The later [default: all that is on record]."
            ),
        ] = None,
        effective: Effective = None,
        assignment: Assignment = None,
        every_day: Annotated[
            bool,
            typer.Option("--every-day", help="Besides, every stretch of days that differs."),
        ] = False,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """What the record says differently of one day between two knowledge times, and why.

        Each facet and term with the value before and after, and the events that changed it.

        \b
        Examples:
          transfer differences S10442 --known-from 5/6/2014 --known-to 10/6/2014
          transfer differences S10442 --known-from 2014-06-05 --effective 2014-06-01 --json
        """
        from transfer.core.dating.instants import LAST_INSTANT
        from transfer.questions.documents import citing
        from transfer.questions.what_differs import what_differs

        earlier = an_instant(known_from, "--known-from") or LAST_INSTANT
        later = an_instant(known_to, "--known-to")
        if later is not None and later < earlier:
            raise Malformed("it is after --known-to: ask the other way round", field="--known-from")
        day = a_day(effective, "--effective")
        job = None if assignment is None else an_assignment(assignment)
        with at_work(settings_for(data), "transfer differences") as record:
            rehearsed = record.log.rehearsal()
            found = what_differs(
                record.log,
                number_on_record(record, staff),
                day or today(record),
                earlier,
                later,
                assignment=job,
                every_day=every_day,
            )
            # The later instant or the earlier one: either may rest on what was lost.
            lost = what_is_lost(record, found.known_to) or what_is_lost(record, found.known_from)
            if as_json:
                say_json(found, rehearsed, citing=citing(record.log, found), lost=lost)
                return
        say_rehearsed(rehearsed)
        say_restored(lost)
        _show(found)


def _show(found: "Differences") -> None:
    from transfer.core.dating.instants import print_instant

    say(f"{found.staff_number} on {found.effective_at}")
    say_labelled("known at", f"{print_instant(found.known_from)}, before")
    say_labelled("and at", f"{print_instant(found.known_to)}, after")
    if not found.known_before:
        say("Before, the person was not on record.")
    both: tuple[FacetDiffers | TermDiffers, ...] = (*found.position, *found.terms)
    if not both:
        say()
        say("That day reads the same.")
    for each in both:
        say()
        _show_one(each, "")
    days = found.days
    if days is not None:
        say()
        say("Every stretch of days that differs:")
        stretches: tuple[FacetDays | TermDays, ...] = (*days.position, *days.terms)
        for stretch in stretches:
            say()
            _show_one(stretch, f", {days_told(stretch.effective_from, stretch.effective_to)}")


def _show_one(found: "FacetDiffers | TermDiffers", days: str) -> None:
    from transfer.questions.what_differs import FacetDiffers

    if isinstance(found, FacetDiffers):
        job = "" if found.assignment == MAIN else f" ({found.assignment})"
        name = f"{found.facet.value}{job}"
    else:
        name = found.term
    say_wrapped(f"{name}{days}: differs in {', '.join(found.changed)}")
    say_labelled("before", _told(found.before))
    say_labelled("after", _told(found.after))
    _show_causes(found.causes)


def _show_causes(causes: "Iterable[Cause]") -> None:
    from transfer.core.dating.instants import print_instant
    from transfer.web.frame.wording import fact_text

    for each in causes:
        recorded = f"recorded {print_instant(each.recorded_at)} by {each.recorded_by}"
        say_labelled("because", f"{fact_text(each.type)}, {recorded}, event {each.event_id}")
        if each.reason:
            say_labelled("why", each.reason)
        basis = each.basis
        if basis is not None:
            clause = " ".join(filter(None, (basis.rulebook, basis.clause)))
            say_labelled("on", ", ".join(filter(None, (clause, basis.document))))


def _told(held: "Supplied | TermInForce | None") -> str:
    if held is None:
        return value_told(None)
    return f"{value_told(held.value)}, {days_told(held.effective_from, held.effective_to)}"
