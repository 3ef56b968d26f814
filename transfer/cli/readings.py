"""The options that settle what a file means, where the file alone does not say."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from transfer.cli.common import say

if TYPE_CHECKING:
    from transfer.imports.meaning import Finding, Reading

MonthFirst = Annotated[
    bool | None,
    typer.Option(
        "--month-first/--day-first",
        help="Whether 04/01/2009 is 1 April or 4 January.",
        show_default=False,
    ),
]
LastDayIncluded = Annotated[
    bool | None,
    typer.Option(
        "--last-day-included/--last-day-excluded",
        help="Whether in_post_to is the last day in post or the first day after it.",
        show_default=False,
    ),
]
OpenEnd = Annotated[
    list[str] | None,
    typer.Option(
        "--open-end",
        metavar="DATE",
        help="An end date that stands for 'still so' and is read as no end; may be repeated. One "
        "from the year 2200 on stands for every later date too.",
    ),
]


def reading_of(
    month_first: bool | None, last_day_included: bool | None, open_end: list[str] | None
) -> "Reading":
    """What the options settle; raises `Malformed` for an open end that is no date."""
    from transfer.core.refusals import Malformed
    from transfer.imports.meaning import Reading
    from transfer.imports.staff_return.cells import CellFault, parse_end

    try:
        days = frozenset(parse_end(each.strip()) for each in open_end or ())
    except CellFault as fault:
        raise Malformed(str(fault), field="--open-end") from None
    return Reading(month_first, last_day_included, days)


def asks_as_dicts(asks: "Sequence[Finding]") -> list[dict[str, object]]:
    """The questions that a file raises, as JSON."""
    return [
        {"field": each.field, "reason": each.reason, "options": list(each.options)} for each in asks
    ]


def say_asks(asks: "Sequence[Finding]") -> None:
    """The questions that a file raises, for a person to settle."""
    say("Nothing was written: the file leaves open what it means.")
    for each in asks:
        say(f"{each.field}: {each.reason}.")
