"""What is asked of one person's record: the fields of its form, which are its address as well."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar
from urllib.parse import urlencode

from pydantic import TypeAdapter, ValidationError

from transfer.core.dating.effective_dating import Key, Kind
from transfer.core.dating.instants import print_instant
from transfer.core.dating.typed import typed_day, typed_instant
from transfer.core.refusals import Malformed
from transfer.core.words import MAIN, AssignmentName, Facet

FIELDS = ("effective_at", "known_at", "compared_with", "picture", "assignment")

_TERM = "term:"
_ASSIGNMENT: TypeAdapter[str] = TypeAdapter(AssignmentName)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class PageAsked:
    """A question about one person. `None`: left out. `errors` says what is wrong, by field."""

    effective_at: date | None
    known_at: datetime | None
    compared_with: datetime | None
    picture: str
    assignment: str
    typed: Mapping[str, str]
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
        if name not in FIELDS:
            raise Malformed(f"there is no such question: {name[:40]}", field=name)
    typed = {name: query.get(name, "").strip() for name in FIELDS}
    errors: dict[str, str] = {}

    def taken(name: str, read: Callable[[str], _T]) -> _T | None:
        if not typed[name]:
            return None
        try:
            return read(typed[name])
        except ValueError as error:
            errors[name] = str(error)
            return None

    return PageAsked(
        effective_at=taken("effective_at", typed_day),
        known_at=taken("known_at", typed_instant),
        compared_with=taken("compared_with", typed_instant),
        picture=taken("picture", _picture) or Facet.EMPLOYER,
        assignment=taken("assignment", _assignment) or MAIN,
        typed=typed,
        errors=errors,
    )


def picture_of(key: Key) -> str:
    """What the form says for a picture of that facet or term."""
    return f"{_TERM}{key.name}" if key.kind is Kind.TERM else key.name


def address(staff_number: str, asked: PageAsked, **instead: date | datetime | str | None) -> str:
    """The address of the same question with something else in place of what was asked."""
    given: dict[str, str] = {name: text for name, text in asked.typed.items() if text}
    for name, value in instead.items():
        if value is None:
            given.pop(name, None)
        else:
            given[name] = print_instant(value) if isinstance(value, datetime) else str(value)
    return f"/staff/{staff_number}" + (f"?{urlencode(given)}" if given else "")


def _picture(text: str) -> str:
    if text.startswith(_TERM) or text in set(Facet):
        return text
    raise ValueError("Choose one of the list")


def _assignment(text: str) -> str:
    try:
        return _ASSIGNMENT.validate_python(text)
    except ValidationError:
        raise ValueError("Choose one of the person's assignments") from None
