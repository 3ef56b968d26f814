"""What staff and panels do in a rehearsal, drawn from a seed at the published rates.

The appeals' rate and the share upheld are the rulebook's (TR-11c). Every other share below is an
assumption of the rehearsal: no source gives it, and the report prints it as assumed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from transfer.core.dating.calendars import Calendar
from transfer.core.words import AppealOutcome, Destination, Response, Side, Window
from transfer.rulebooks import TermsOfExercise

EVEN_CHANCE = 0.5

ASSUMED_SHARES: Mapping[str, float] = MappingProxyType(
    {
        "acknowledges the letter": 0.70,
        "reserves their rights": 0.20,
        "appeals late, of those who appeal": 0.08,
        "is heard although late, of those": 0.50,
        "panel overruns, of appeals": 0.04,
        "is given longer to appeal": 0.005,
        "objects to the transfer": 0.002,
        "has an entry corrected after the transfer": 0.003,
    }
)
"""Shares that no source gives."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """What one person does once they have their letter; `None` is nothing.

    `extended` is the day on which longer is asked for and the last day given.
    """

    responds: tuple[date, Response] | None = None
    appeals_on: date | None = None
    extended: tuple[date, date] | None = None


class Draws:
    """Reproducible draws: each from the seed, the person and what is being drawn."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def unit(self, staff_number: str, what: str) -> float:
        """A number in [0, 1), the same for the same seed, person and matter."""
        digest = hashlib.sha256(f"{self._seed}\n{what}\n{staff_number}".encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64

    def whole(self, staff_number: str, what: str, first: int, last: int) -> int:
        """A whole number from `first` to `last`, both included."""
        return first + int(self.unit(staff_number, what) * (last - first + 1))

    def happens(self, staff_number: str, what: str) -> bool:
        """Whether something of an assumed share happens to this person."""
        return self.unit(staff_number, what) < ASSUMED_SHARES[what]


def conduct(
    draws: Draws,
    staff_number: str,
    *,
    letter_on: date,
    due: Mapping[Window, date],
    terms: TermsOfExercise,
) -> Conduct:
    """What a person does about a letter of that day with those windows."""
    calendar = terms.calendar
    responds = _response(draws, staff_number, letter_on, due[Window.RESPONSE], calendar)
    extended = None
    if draws.happens(staff_number, "is given longer to appeal"):
        asked = calendar.add_working_days(letter_on, 2)
        extended = (asked, calendar.add_working_days(due[Window.APPEAL], 5))
    if draws.unit(staff_number, "appeals") >= float(terms.rulebook.rate("appeals").share):
        return Conduct(responds=responds, extended=extended)
    last = calendar.working_days_between(letter_on, due[Window.APPEAL])
    if extended is None and draws.happens(staff_number, "appeals late, of those who appeal"):
        days = last + draws.whole(staff_number, "days late", 1, 5)
    else:
        days = draws.whole(staff_number, "day of appeal", 1, last)
    return Conduct(
        responds=responds,
        appeals_on=calendar.add_working_days(letter_on, days),
        extended=extended,
    )


def determination(
    draws: Draws, staff_number: str, *, heard_from: date, terms: TermsOfExercise
) -> tuple[date, AppealOutcome]:
    """When the panel decides an appeal that it hears from a day on, and how."""
    calendar = terms.calendar
    due = terms.period("TR-11b-panel").due_after(heard_from, calendar)
    last = max(1, calendar.working_days_between(heard_from, due))
    days = draws.whole(staff_number, "day of determination", 1, last)
    if draws.happens(staff_number, "panel overruns, of appeals"):
        days = last + draws.whole(staff_number, "days of overrun", 2, 10)
    upheld = draws.unit(staff_number, "upheld") < float(terms.rulebook.rate("appeals_upheld").share)
    return (
        calendar.add_working_days(heard_from, days),
        AppealOutcome.UPHELD if upheld else AppealOutcome.REJECTED,
    )


def destination_drawn(draws: Draws, staff_number: str) -> Destination:
    """What a panel decides for somebody whom no route reached."""
    drawn = draws.unit(staff_number, "panel's destination")
    return Destination.NPS if drawn < EVEN_CHANCE else Destination.CRC


def objection(draws: Draws, staff_number: str, *, before: date) -> tuple[date, Side] | None:
    """When a person objects to the transfer before a day, and to whom; `None` if they do not."""
    if not draws.happens(staff_number, "objects to the transfer"):
        return None
    days = draws.whole(staff_number, "day of objection", 4, 60)
    told: Side = "transferor" if draws.unit(staff_number, "told") < 0.7 else "transferee"
    return before - timedelta(days=days), told


def corrections(draws: Draws, members: Sequence[str], *, after: date) -> dict[str, date]:
    """Whose entry HR corrects after a day, and when: at least one person's, so that every
    rehearsal shows how a record can say one thing then and another now."""
    what = "has an entry corrected after the transfer"
    chosen = [number for number in members if draws.happens(number, what)]
    chosen = chosen or [min(members, key=lambda number: draws.unit(number, what))]
    return {
        number: after + timedelta(days=draws.whole(number, "day of correction", 15, 60))
        for number in chosen
    }


def _response(
    draws: Draws, staff_number: str, letter_on: date, due_on: date, calendar: Calendar
) -> tuple[date, Response] | None:
    u = draws.unit(staff_number, "response")
    acknowledged = ASSUMED_SHARES["acknowledges the letter"]
    if u >= acknowledged + ASSUMED_SHARES["reserves their rights"]:
        return None
    last = max(1, calendar.working_days_between(letter_on, due_on))
    day = calendar.add_working_days(
        letter_on, draws.whole(staff_number, "day of response", 1, last + 1)
    )
    return day, Response.ACKNOWLEDGED if u < acknowledged else Response.RIGHTS_RESERVED
