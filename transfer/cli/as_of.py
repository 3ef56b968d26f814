"""transfer as-of: who is where, under what terms, on which day, known when."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from transfer.cli.common import (
    AsJson,
    ByClock,
    Data,
    Effective,
    Known,
    a_day,
    an_assignment,
    an_instant,
    at_work,
    number_on_record,
    said_of_clock,
    say,
    say_json,
    say_rehearsed,
    say_restored,
    say_table,
    settings_for,
    today,
    what_is_lost,
)
from transfer.core.dating.clocks import Clock
from transfer.core.refusals import Malformed
from transfer.core.words import Facet

if TYPE_CHECKING:
    from transfer.app import Record
    from transfer.questions.answer import BasisShown
    from transfer.questions.position import Position
    from transfer.questions.values import InForce
    from transfer.questions.workforce import Workforce

_ONE_PERSONS_CLOCK = (
    "head counts are by this record's own clock: ask the attested one about one staff number"
)
_BOTH = "give a staff number or --by, not both"


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("as-of")
    def as_of(
        staff: Annotated[
            str | None, typer.Argument(metavar="STAFF", help="A staff number.")
        ] = None,
        effective: Effective = None,
        known: Known = None,
        by: Annotated[
            Facet | None,
            typer.Option(metavar="FACET", help="Count heads by a facet [default: employer]."),
        ] = None,
        assignment: Annotated[
            str, typer.Option(help="Which of the person's concurrent jobs.")
        ] = "main",
        clock: ByClock = Clock.LOG,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Who is where, under what terms: one person, or a head count by facet.

        Days that are told "until" a date end before it: it is the first on which the value no
        longer holds.

        \b
        Examples:
          transfer as-of S10442 --effective 2014-06-01 --known 2014-06-10
          transfer as-of s10442 --effective 1/6/2014
          transfer as-of --by employer --effective 2014-06-01
          transfer as-of S10442 --known 2014-06-10T09:30:00+01:00 --json
          transfer as-of S10442 --effective 2004-06-01 --known 2004-12-31 --clock attested
        """
        from transfer.questions.documents import citing
        from transfer.questions.position import position

        if staff is not None and by is not None:
            raise Malformed(_BOTH, field="--by")
        if staff is None and clock is not Clock.LOG:
            raise Malformed(_ONE_PERSONS_CLOCK, field="--clock")
        effective_at, known_at = a_day(effective, "--effective"), an_instant(known, "--known")
        job = an_assignment(assignment)
        with at_work(settings_for(data), "transfer as-of") as record:
            rehearsed = record.log.rehearsal()
            day = effective_at or today(record)
            if staff is None:
                counted = _workforce(record, by or Facet.EMPLOYER, day, known_at)
                lost = what_is_lost(record, counted.known_at)
                if as_json:
                    say_json(counted, rehearsed, lost=lost)
                    return
                say_rehearsed(rehearsed)
                say_restored(lost)
                _show_workforce(counted)
            else:
                found = position(
                    record.log,
                    record.vault,
                    number_on_record(record, staff),
                    day,
                    known_at,
                    assignment=job,
                    clock=clock,
                    name=True,
                )
                # By the attested clock, an instant is not one of this record.
                lost = what_is_lost(record, found.known_to_log_at or found.known_at)
                if as_json:
                    say_json(found, rehearsed, citing=citing(record.log, found), lost=lost)
                    return
                say_rehearsed(rehearsed)
                say_restored(lost)
                _show_position(found)
                for line in _contested(record, found):
                    say(line)


def _workforce(record: "Record", by: Facet, day: date, known_at: datetime | None) -> "Workforce":
    from projections.keeping_up.runner import resolve_known_at
    from projections.position import projection as position
    from transfer.questions.workforce import workforce

    with record.log.connection() as conn:
        return workforce(conn, by, day, resolve_known_at(conn, position.NAME, known_at))


def _show_position(found: "Position") -> None:
    from transfer.core.dating.instants import print_instant

    say(
        f"{found.staff_number}{f' ({found.name})' if found.name else ''} on {found.effective_at},"
        f" as known at {print_instant(found.known_at)}{said_of_clock(found)}"
    )
    say()
    rows = [
        (
            facet.value,
            held.value + _beneath(held),
            _days(held.effective_from, held.effective_to),
            _clause(held.basis),
            _confidence(held.basis),
            _source(held.event_id, held.corrected_by),
        )
        for facet in Facet
        if (held := found.position.get(facet)) is not None
    ]
    if rows:
        say_table("Position", ("facet", "value", "days", "clause", "confidence", "event"), rows)
    else:
        say("No position on that day.")
    terms = [
        (
            term.term,
            term.value,
            _days(term.effective_from, term.effective_to),
            _clause(term.basis),
            _confidence(term.basis),
            _source(term.event_id, term.corrected_by),
        )
        for term in found.terms
    ]
    if terms:
        say_table("Terms", ("term", "value", "days", "clause", "confidence", "event"), terms)
    for line in (*_assumptions(found), *_beside(found)):
        say(line)


def _show_workforce(counted: "Workforce") -> None:
    from transfer.core.dating.instants import print_instant

    say(
        f"Everybody on {counted.effective_at}, as known at {print_instant(counted.known_at)}, "
        f"by {counted.by.value}"
    )
    say()
    rows = [(each.value, str(each.headcount), f"{each.fte:f}") for each in counted.groups]
    rows.append(("all", str(counted.total.headcount), f"{counted.total.fte:f}"))
    say_table("Head count", (counted.by.value, "people", "fte"), rows)


def _beneath(held: "InForce") -> str:
    return f" (temporary; standing: {held.standing.value})" if held.standing else ""


def _days(start: date, end: date | None) -> str:
    return f"from {start}" if end is None else f"{start} until {end}"


def _clause(basis: "BasisShown | None") -> str:
    if basis is None:
        return ""
    return " ".join(filter(None, (basis.rulebook, basis.clause)))


def _confidence(basis: "BasisShown | None") -> str:
    if basis is None:
        return ""
    assumed = ", assumed" if basis.assumptions else ""
    return f"{basis.confidence or ''}{assumed}".removeprefix(", ")


def _source(event_id: UUID, corrected_by: UUID | None) -> str:
    return str(event_id) if corrected_by is None else f"{event_id}, corrected by {corrected_by}"


def _beside(found: "Position") -> list[str]:
    beside = [held.objections for held in found.position.values()]
    beside += [term.objections for term in found.terms]
    objections = {each.event_id: each for objections in beside for each in objections}
    full_time = found.full_time
    several = []
    if full_time is not None:
        parts = ", ".join(f"{each.assignment} {each.fte or '-'}" for each in full_time.assignments)
        over = ": more than a full time" if full_time.over_one else ""
        several.append(f"Jobs at once: {parts}; together {full_time.total}{over}.")
    return (
        several
        + [
            f"The same person as {link.staff_number}, by event {link.event_id}."
            for link in found.linked
        ]
        + [
            f"By law on {each.by_law_on}, not yet recorded, waits for approval: {each.says}"
            f" ({each.exercise})."
            for each in found.not_yet_recorded
        ]
        + [
            f"Objection {each.event_id} to event {each.of}: {each.state}."
            for each in objections.values()
        ]
    )


def _contested(record: "Record", found: "Position") -> list[str]:
    """What one side asserts and a value rests on, with what the others assert."""
    from transfer.questions.asserted import asserted_by

    bases = [held.basis for held in found.position.values()]
    bases += [term.basis for term in found.terms]
    refs = dict.fromkeys(ref for basis in bases if basis for ref in basis.assertions)
    told = asserted_by(record.log, found.known_at, found.staff_number)
    asserted = (told(ref) for ref in refs)
    return [f"Contested: {each.question} {each.says}" for each in asserted if each is not None]


def _assumptions(found: "Position") -> list[str]:
    bases = [held.basis for held in found.position.values()]
    bases += [term.basis for term in found.terms]
    assumed = sorted({each for basis in bases if basis for each in basis.assumptions})
    return [f"Rests on the assumption {each}." for each in assumed]
