"""The values that a clause can carry, and how each is written and read.

A value has one written form, used in facts, on the command line and in the digest of a rulebook:

    period          10wd, 15d, 2w, 6m, 3y
    date            2014-06-01
    decimal         0.5
    whole number    553
    yes or no       yes
    text            as it stands
    list            case administrator, receptionist

What type a written value has is the clause's to say, never guessed from its look.
"""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, PlainValidator

from transfer.core.dating.calendars import Period
from transfer.core.refusals import Malformed
from transfer.core.words import Frozen

Value = Period | date | Decimal | int | bool | str | tuple[str, ...]


class ValueType(StrEnum):
    """What kind of value a clause takes, in the words that a refusal uses."""

    PERIOD = "period"
    DATE = "date"
    DECIMAL = "decimal"
    WHOLE = "whole number"
    FLAG = "yes or no"
    TEXT = "text"
    TEXTS = "list"


_NAMED = {
    "whole": ValueType.WHOLE,
    "yes-no": ValueType.FLAG,
    "share": ValueType.DECIMAL,
    "money": ValueType.DECIMAL,
}
_PERIOD_IN_WORDS = re.compile(r"([1-9][0-9]{0,2}) (working day|day|week|month|year)s?")
_SHORT = {"working day": "wd", "day": "d", "week": "w", "month": "m", "year": "y"}

_FLAGS = {"yes": True, "no": False}
_DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_ASSUMPTION = re.compile(r"\s*([^=\s@]+(?:@[^=@]*[^=@\s])?)\s*=\s*(.*\S)\s*")


def type_of(value: object) -> ValueType | None:
    """The type of a value already in hand; `None` where no clause can carry it."""
    match value:
        case bool():
            return ValueType.FLAG
        case int():
            return ValueType.WHOLE
        case Decimal():
            return ValueType.DECIMAL if value.is_finite() else None
        case Period():
            return ValueType.PERIOD
        case datetime():
            return None
        case date():
            return ValueType.DATE
        case str():
            return ValueType.TEXT
        case tuple() if all(isinstance(part, str) for part in value):
            return ValueType.TEXTS
        case _:
            return None


def type_named(name: str) -> str:
    """The type that a file names; what it does not know comes back as it was, to be refused."""
    return _NAMED.get(name, name)


def guess_type(value: object) -> ValueType | None:
    """The type of a value of a file that does not name one: a text is a period if it reads so."""
    if isinstance(value, list):
        return ValueType.TEXTS
    if isinstance(value, str) and isinstance(as_written(value, ValueType.PERIOD), Period):
        return ValueType.PERIOD
    return type_of(value)


def as_written(value: object, wanted: ValueType) -> object:
    """A value of a file in the form that the program keeps, as far as the two differ."""
    if isinstance(value, list):
        return tuple(value)
    if wanted is ValueType.DECIMAL and type_of(value) is ValueType.WHOLE:
        return Decimal(str(value))
    if wanted is ValueType.PERIOD and isinstance(value, str):
        words = _PERIOD_IN_WORDS.fullmatch(value.strip())
        try:
            return Period.parse(f"{words[1]}{_SHORT[words[2]]}" if words else value)
        except Malformed:
            return value
    return value


def print_value(value: Value) -> str:
    """The written form of a value."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return format(value, "f")
        case tuple():
            return ", ".join(value)
        case _:
            return str(value)


def parse_value(text: str, wanted: ValueType) -> Value:
    """Read a written value of the type wanted; `Malformed` where it is not one."""
    text = text.strip()
    match wanted:
        case ValueType.PERIOD:
            return Period.parse(text)
        case ValueType.DATE:
            try:
                return date.fromisoformat(text)
            except ValueError:
                raise _malformed(text, "a date, as in 2013-11-11") from None
        case ValueType.DECIMAL:
            try:
                if _DECIMAL.fullmatch(text):
                    return Decimal(text)
            except InvalidOperation:
                pass
            raise _malformed(text, "a decimal number, as in 0.5")
        case ValueType.WHOLE:
            if _WHOLE.fullmatch(text):
                return int(text)
            raise _malformed(text, "a whole number, as in 553")
        case ValueType.FLAG:
            if text.lower() in _FLAGS:
                return _FLAGS[text.lower()]
            raise _malformed(text, "yes or no")
        case ValueType.TEXT:
            if text:
                return text
            raise _malformed(text, "a text")
        case ValueType.TEXTS:
            parts = tuple(part.strip() for part in text.split(",") if part.strip())
            if parts:
                return parts
            raise _malformed(text, "a list with commas between, as in one, two")


def parse_assumption(text: str) -> tuple[str, str]:
    """Read `CLAUSE=VALUE` or `CLAUSE@TRANSFEROR=VALUE` as it is given on the command line.

    The value is still as written.

    `Malformed` where there is no clause, no equals sign or no value.
    """
    found = _ASSUMPTION.fullmatch(text)
    if found is None:
        raise Malformed(
            f"{text!r} is not CLAUSE=VALUE, as in TR-11b=10wd or TR-09b=2013-11-11",
            field="assume",
        )
    return found[1], found[2]


def _checked(value: object) -> object:
    if type_of(value) is None:
        raise ValueError(f"no clause can carry {value!r}")
    return value


AnyValue = Annotated[Value, PlainValidator(_checked), PlainSerializer(print_value, return_type=str)]
"""A value in hand, or its written form: the clause that it is given to reads it."""


def _malformed(text: str, wanted: str) -> Malformed:
    return Malformed(f"{text!r} is not {wanted}", field="value")


def _period_in_words(value: object) -> object:
    return as_written(value, ValueType.PERIOD)


PeriodInWords = Annotated[Period, BeforeValidator(_period_in_words)]
"""A period, written `10wd` or `10 working days`."""


class ClauseValue(Frozen):
    """A value that no source gives, supplied for one procedure: by a document, or assumed.

    `transferor` is whose value it is, where each has its own.
    """

    clause: str
    transferor: str | None = None
    value: str
    document: str | None
    assumed: bool
