"""What staff and panels do in a rehearsal, drawn from a seed at the published rates.

The appeals' rate and the share upheld are the rulebook's, where it publishes them. Every other
share below is an assumption of the rehearsal: no source gives it, and the report says so.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from transfer.core.words import Answer, AppealOutcome, Destination, Late, Side, WindowKind
from transfer.rulebooks import TermsOfExercise

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

RATES: Mapping[str, float] = MappingProxyType({"appeals": 0.05, "appeals_upheld": 0.2})
"""What is assumed where the edition publishes no rate."""

_ANSWERED = (WindowKind.RESPONSE, WindowKind.CHOICE)
_OF_APPEALS = frozenset(
    {
        "appeals late, of those who appeal",
        "is heard although late, of those",
        "panel overruns, of appeals",
        "is given longer to appeal",
    }
)
_OF_RESPONSES = frozenset({"acknowledges the letter", "reserves their rights"})


def assumed_shares(terms: TermsOfExercise) -> Mapping[str, float]:
    """The shares that a rehearsal under these terms draws by and no source gives."""
    book = terms.rulebook
    appeals = book.window_of(WindowKind.APPEAL) is not None
    answers = any(each.kind in _ANSWERED for each in book.windows)
    drawn = {
        what: share
        for what, share in ASSUMED_SHARES.items()
        if (appeals or what not in _OF_APPEALS)
        and (answers or what not in _OF_RESPONSES)
        and (terms.allows("objection") or what != "objects to the transfer")
    }
    published = {rate.name for rate in book.rates}
    if appeals:
        drawn |= {
            f"{name.replace('_', ' ')}, no rate being published": share
            for name, share in RATES.items()
            if name not in published
        }
    return drawn


def _rate(terms: TermsOfExercise, name: str) -> float:
    found = [rate.share for rate in terms.rulebook.rates if rate.name == name]
    return float(found[0]) if found else RATES[name]


@dataclass(frozen=True, slots=True)
class Conduct:
    """What one person does once they have their letter; `None` is nothing.

    `responds` has the day, the window and the answer; `extended` is the day on which longer is
    asked for and the last day given.
    """

    responds: tuple[date, str, Answer] | None = None
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
    due: Mapping[str, date],
    terms: TermsOfExercise,
) -> Conduct:
    """What a person does about a letter of that day with those windows."""
    calendar = terms.calendar
    responds = _response(draws, staff_number, letter_on, due, terms)
    window = terms.rulebook.window_of(WindowKind.APPEAL)
    if window is None or window.id not in due:
        return Conduct(responds=responds)
    until = due[window.id]
    extended = None
    if draws.happens(staff_number, "is given longer to appeal"):
        asked = calendar.add_working_days(letter_on, 2)
        extended = (asked, calendar.add_working_days(until, 5))
    if draws.unit(staff_number, "appeals") >= _rate(terms, "appeals"):
        return Conduct(responds=responds, extended=extended)
    last = calendar.working_days_between(letter_on, until)
    if extended is None and draws.happens(staff_number, "appeals late, of those who appeal"):
        days = last + draws.whole(staff_number, "days late", 1, 5)
    else:
        days = draws.whole(staff_number, "day of appeal", 1, max(1, last))
    return Conduct(
        responds=responds,
        appeals_on=calendar.add_working_days(letter_on, days),
        extended=extended,
    )


def determination(
    draws: Draws, staff_number: str, *, heard_from: date, due: date, terms: TermsOfExercise
) -> tuple[date, AppealOutcome]:
    """When the panel decides an appeal that it hears from a day on and owes by another, and how."""
    calendar = terms.calendar
    last = max(1, calendar.working_days_between(heard_from, due))
    days = draws.whole(staff_number, "day of determination", 1, last)
    if draws.happens(staff_number, "panel overruns, of appeals"):
        days = last + draws.whole(staff_number, "days of overrun", 2, 10)
    upheld = draws.unit(staff_number, "upheld") < _rate(terms, "appeals_upheld")
    return (
        calendar.add_working_days(heard_from, days),
        AppealOutcome.UPHELD if upheld else AppealOutcome.REJECTED,
    )


def destination_drawn(draws: Draws, staff_number: str, among: Sequence[Destination]) -> Destination:
    """What a panel decides for somebody whom no route reached."""
    return among[int(draws.unit(staff_number, "panel's destination") * len(among))]


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
    draws: Draws,
    staff_number: str,
    letter_on: date,
    due: Mapping[str, date],
    terms: TermsOfExercise,
) -> tuple[date, str, Answer] | None:
    """An answer to the window for responses, or else to the one for a choice."""
    windows = [each for each in terms.windows if each.name in due]
    asked = [each for each in windows if each.kind in _ANSWERED]
    if not asked:
        return None
    window = min(asked, key=lambda each: each.kind is not WindowKind.RESPONSE)
    u = draws.unit(staff_number, "response")
    first = ASSUMED_SHARES["acknowledges the letter"]
    answering = first + ASSUMED_SHARES["reserves their rights"]
    if u >= answering:
        return None
    answers = window.answers or ("answered",)
    # The first answer is the most usual one; the others share what is left.
    further = int((u - first) / (answering - first) * (len(answers) - 1)) + 1
    answer = answers[0] if u < first or len(answers) == 1 else answers[further]
    calendar = terms.calendar
    last = max(1, calendar.working_days_between(letter_on, due[window.name]))
    latest = last + 1 if window.late is Late.ACCEPT else last
    days = draws.whole(staff_number, "day of response", 1, latest)
    return calendar.add_working_days(letter_on, days), window.name, answer
