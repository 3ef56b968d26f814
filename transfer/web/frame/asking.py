"""What is asked of one person's record: the fields of its form, which are its address as well.

A form asks a day by three inputs (`effective_at-day`, `-month`, `-year`); its address has the day
in one (`effective_at`), where an instant may stand too. What was sent as three is led there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar
from urllib.parse import urlencode

from pydantic import TypeAdapter, ValidationError

from transfer.core.dating.calendars import in_london
from transfer.core.dating.effective_dating import Key, Kind
from transfer.core.dating.instants import print_instant
from transfer.core.dating.typed import typed_day, typed_instant
from transfer.core.refusals import Malformed
from transfer.core.words import MAIN, AssignmentName, Facet
from transfer.web.frame.forms import DAY_PARTS, WrongDay, read_day

DAYS = {
    "effective_at": "In force on",
    "and_on": "And on",
    "known_at": "As the record stood on",
    "compared_with": "Compared with how it stood on",
}
"""The fields that take a day, and what the form calls each."""

FIELDS = (*DAYS, "picture", "assignment", "entry")


@dataclass(frozen=True, slots=True)
class Now:
    """What a page asks that shows the record as it is known now."""

    known_at: datetime | None = None


_INPUTS = frozenset(f"{name}-{part}" for name in DAYS for part in DAY_PARTS)
_MOST_DIGITS = 9
_TERM = "term:"
_ASSIGNMENT: TypeAdapter[str] = TypeAdapter(AssignmentName)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class PageAsked:
    """A question about one person. `None`: left out. `errors` says what is wrong, by input.

    `entry` is the number of the entry that a page of the history begins with. `parts` is what the
    form shows of each day, by input. `in_parts`: it came from the form, and has a shorter address.
    """

    effective_at: date | None
    and_on: date | None
    known_at: datetime | None
    compared_with: datetime | None
    picture: str
    assignment: str
    entry: int | None
    typed: Mapping[str, str]
    parts: Mapping[str, Mapping[str, str]]
    in_parts: bool
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """What the picture is of."""
        if self.picture.startswith(_TERM):
            return Key(Kind.TERM, "", self.picture.removeprefix(_TERM))
        return Key(Kind.FACET, self.assignment, self.picture)

    @property
    def compares(self) -> bool:
        """Whether a second knowledge time was asked about."""
        return bool(self.typed.get("compared_with"))


def read_asked(query: Mapping[str, str]) -> PageAsked:
    """What an address asks. Raises `Malformed` for a parameter that no form of ours has."""
    for name in query:
        if name not in FIELDS and name not in _INPUTS:
            raise Malformed(f"there is no such question: {name[:40]}", field=name)
    typed = {name: query.get(name, "").strip() for name in FIELDS}
    parts: dict[str, dict[str, str]] = {}
    errors: dict[str, str] = {}
    for name, label in DAYS.items():
        sent = {part: query.get(f"{name}-{part}", "").strip() for part in DAY_PARTS}
        if not any(sent.values()):
            continue
        parts[name] = sent
        try:
            typed[name] = read_day(label, sent).isoformat()
        except WrongDay as error:
            typed[name] = ""
            errors[f"{name}-{error.part}"] = str(error)

    def taken(name: str, read: Callable[[str], _T]) -> _T | None:
        if not typed[name]:
            return None
        try:
            return read(typed[name])
        except ValueError as error:
            in_days = name in DAYS
            says = f"{DAYS[name]} must be a real date, like 31 3 2014" if in_days else str(error)
            errors[f"{name}-day" if in_days else name] = says
            return None

    effective_at, and_on = taken("effective_at", typed_day), taken("and_on", typed_day)
    known_at = taken("known_at", typed_instant)
    compared_with = taken("compared_with", typed_instant)
    days = {
        "effective_at": effective_at,
        "and_on": and_on,
        "known_at": known_at and in_london(known_at).date(),
        "compared_with": compared_with and in_london(compared_with).date(),
    }
    shown = {name: parts.get(name) or parts_of(day) for name, day in days.items()}
    return PageAsked(
        effective_at=effective_at,
        and_on=and_on,
        known_at=known_at,
        compared_with=compared_with,
        picture=taken("picture", _picture) or Facet.EMPLOYER,
        assignment=taken("assignment", _assignment) or MAIN,
        entry=taken("entry", _entry),
        typed=typed,
        parts=shown,
        in_parts=any(name in _INPUTS for name in query),
        errors=errors,
    )


@dataclass(frozen=True, slots=True)
class DayAsked:
    """The one day that a page is about, what its form shows of it, and what is wrong with it.

    `in_parts`: it came from the form, and has a shorter address. Where it is wrong, `day` is the
    one that is shown instead.
    """

    day: date
    parts: Mapping[str, str]
    in_parts: bool = False
    wrong: str | None = None


@dataclass(frozen=True, slots=True)
class DayTyped:
    """A day as an address has it, if it has one; otherwise as `DayAsked`."""

    day: date | None
    parts: Mapping[str, str]
    in_parts: bool = False
    wrong: str | None = None


def read_day_typed(query: Mapping[str, str], name: str, label: str) -> DayTyped:
    """The day that an address has, in one part or in three; none where both are blank. Raises
    `Malformed` where it has one in one part that is no day."""
    inputs = day_inputs(name)
    sent = {part: query.get(each, "").strip() for part, each in zip(DAY_PARTS, inputs, strict=True)}
    day: date | None = None
    if any(sent.values()):
        try:
            day = read_day(label, sent)
        except WrongDay as error:
            return DayTyped(None, sent, in_parts=True, wrong=str(error))
    else:
        text = query.get(name, "").strip()
        try:
            day = typed_day(text) if text else None
        except ValueError as error:
            raise Malformed(str(error), field=name) from None
    return DayTyped(day, parts_of(day), in_parts=any(each in query for each in inputs))


def read_day_asked(
    query: Mapping[str, str], name: str, label: str, default: date, today: date
) -> DayAsked:
    """The day up to today that an address asks for, or the default. Raises as `read_day_typed`."""
    typed = read_day_typed(query, name, label)
    if typed.wrong is not None:
        return DayAsked(default, typed.parts, in_parts=True, wrong=typed.wrong)
    day = typed.day or default
    if day > today:
        wrong = f"{label} must be today or a day before it"
        return DayAsked(default, parts_of(day), in_parts=True, wrong=wrong)
    return DayAsked(day, parts_of(day), in_parts=typed.in_parts)


def day_inputs(name: str) -> tuple[str, ...]:
    """The three inputs by which a form asks for a day."""
    return tuple(f"{name}-{part}" for part in DAY_PARTS)


def parts_of(day: date | None) -> dict[str, str]:
    """A day as three inputs show it; none: blank."""
    if day is None:
        return dict.fromkeys(DAY_PARTS, "")
    return dict(zip(DAY_PARTS, (str(day.day), str(day.month), f"{day.year:04}"), strict=True))


def picture_of(key: Key) -> str:
    """What the form says for a picture of that facet or term."""
    return f"{_TERM}{key.name}" if key.kind is Kind.TERM else key.name


def address(
    staff_number: str, asked: PageAsked, tab: str = "", **instead: date | datetime | str | None
) -> str:
    """The address of the same question with something else in place of what was asked."""
    given: dict[str, str] = {name: text for name, text in asked.typed.items() if text}
    for name, value in instead.items():
        if value is None:
            given.pop(name, None)
        else:
            given[name] = print_instant(value) if isinstance(value, datetime) else str(value)
    path = f"/staff/{staff_number}" + (f"/{tab}" if tab else "")
    return path + (f"?{urlencode(given)}" if given else "")


def _picture(text: str) -> str:
    if text.startswith(_TERM) or text in set(Facet):
        return text
    raise ValueError("Choose one of the list")


def _assignment(text: str) -> str:
    try:
        return _ASSIGNMENT.validate_python(text)
    except ValidationError:
        raise ValueError("Choose one of the person's assignments") from None


def _entry(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and int(text) > 0:
        return int(text)
    raise ValueError("An entry has a number, such as 12")
