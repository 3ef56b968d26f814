"""transfer members: whose value of a facet it is, on a day, known when."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from transfer.cli.common import (
    AsJson,
    Assignment,
    Data,
    Effective,
    Known,
    a_day,
    an_assignment,
    an_instant,
    at_work,
    number_on_record,
    say,
    say_json,
    say_rehearsed,
    say_restored,
    say_table,
    settings_for,
    today,
    what_is_lost,
)
from transfer.core.refusals import Malformed, NotOnRecord
from transfer.core.words import Facet

if TYPE_CHECKING:
    from transfer.app import Record
    from transfer.questions.workforce import MembersFound

_PAGE = 1000
_OF_PEOPLE = (Facet.LINE_MANAGER, Facet.HR_PROCESS_OWNER, Facet.PROFESSIONAL_SUPERVISOR)
_SHOWN = (Facet.EMPLOYER, Facet.UNIT, Facet.ROLE, Facet.BAND)


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def members(
        having: Annotated[
            list[str] | None,
            typer.Argument(
                metavar="[FACET=VALUE ...]",
                help="Only those who have these values then [default: everybody].",
            ),
        ] = None,
        effective: Effective = None,
        known: Known = None,
        assignment: Assignment = None,
        limit: Annotated[
            int | None, typer.Option(min=1, metavar="N", help="The first N only [default: all].")
        ] = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Who has these values of facets, by staff number; without any, everybody employed.

        Temporary values count. Only assignments with an employer on the day are listed. With
        --limit, `next_cursor` of the JSON is null where there is nobody more.

        \b
        Examples:
          transfer members
          transfer members employer=NPS band=4 --effective 1/6/2014
          transfer members line_manager=S10001 --known 10/6/2014 --json
        """
        wanted = _facets(having or [])
        effective_at, known_at = a_day(effective, "--effective"), an_instant(known, "--known")
        job = None if assignment is None else an_assignment(assignment)
        with at_work(settings_for(data), "transfer members") as record:
            rehearsed = record.log.rehearsal()
            wanted |= {
                facet: _spelled(record, wanted[facet]) for facet in _OF_PEOPLE if facet in wanted
            }
            day = effective_at or today(record)
            found = _all(record, wanted, day, known_at, assignment=job, limit=limit)
            lost = what_is_lost(record, found.known_at)
        if as_json:
            say_json(found, rehearsed, lost=lost)
            return
        say_rehearsed(rehearsed)
        say_restored(lost)
        _show(found)


def _facets(having: list[str]) -> dict[Facet, str]:
    """The values asked for. Raises `Malformed` for what is no FACET=VALUE, or is asked twice."""
    wanted: dict[Facet, str] = {}
    for each in having:
        name, equals, value = each.partition("=")
        if not equals or not value:
            raise Malformed(f"{each!r} is not FACET=VALUE, as in employer=NPS", field="FACET=VALUE")
        if name not in set(Facet):
            known = ", ".join(Facet)
            raise Malformed(f"{name!r} is none of {known}", field="FACET=VALUE")
        if Facet(name) in wanted:
            raise Malformed(f"{name} is asked for twice", field="FACET=VALUE")
        wanted[Facet(name)] = value
    return wanted


def _spelled(record: "Record", number: str) -> str:
    try:
        return number_on_record(record, number)
    except NotOnRecord:
        return number  # a value need not be a staff number


def _all(
    record: "Record",
    having: dict[Facet, str],
    day: date,
    known_at: datetime | None,
    *,
    assignment: str | None,
    limit: int | None,
) -> "MembersFound":
    """Every page of them, or the first so many."""
    from projections.keeping_up.runner import resolve_known_at
    from projections.position import projection as position
    from transfer.questions.workforce import MembersFound, members

    def pages() -> Iterator[MembersFound]:
        cursor, missing = None, limit
        while True:
            size = _PAGE if missing is None else min(_PAGE, missing)
            page = members(
                conn, having, day, resolved, assignment=assignment, limit=size, cursor=cursor
            )
            yield page
            missing = None if missing is None else missing - len(page.items)
            cursor = page.next_cursor
            if cursor is None or missing == 0:
                return

    with record.log.connection() as conn:
        resolved = resolve_known_at(conn, position.NAME, known_at)
        found = list(pages())
    items = tuple(item for page in found for item in page.items)
    return found[-1].model_copy(update={"items": items})


def _show(found: "MembersFound") -> None:
    from transfer.core.dating.instants import print_instant

    say(f"On {found.effective_at}, as known at {print_instant(found.known_at)}")
    say()
    rows = [
        (each.staff_number, each.assignment, *(each.position.get(facet, "") for facet in _SHOWN))
        for each in found.items
    ]
    more = "" if found.next_cursor is None else ", and more"
    columns = ("staff", "assignment", *(facet.value for facet in _SHOWN))
    say_table(f"Members: {len(rows):,}{more}", columns, rows)
