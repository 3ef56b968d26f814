"""What a kind of procedure answers of one of its matters, as the lines of a page.

The answer is whatever model the kind declares: a line for each of its fields, in its order. What it
rests on stands beneath it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from pydantic import BaseModel

from transfer.core.matter.words import Over
from transfer.core.words import Basis
from transfer.questions.kind_answers import KindAnswered, answered, answered_model
from transfer.questions.procedures import Found, Looking
from transfer.web.frame.wording import confidence_text, day_text, days_worded, facet_text

NONE: Final = "none on record"
_COLUMNS: Final = range(2, 8)
"""With how many columns a table can be read on a page."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Several things of one form: what each tells, a column for each field that one of them has."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A field of an answer: what it is called, and its values; or rows, where they are many of one
    form."""

    label: str
    values: tuple[str, ...]
    table: Rows | None = None


@dataclass(frozen=True, slots=True)
class OnPage:
    """One answer: what it tells, its lines, what it rests on, and what is not known."""

    name: str
    says: str
    lines: tuple[Line, ...]
    rests_on: tuple[str, ...]
    unknown: tuple[str, ...]


def answers_on_page(looking: Looking, found: Found) -> Iterator[OnPage]:
    """What a kind answers today of a matter as a whole, or of the person whose it is."""
    id_ = found.matter.partition(":")[2]
    for asked in found.kind.answers:
        if asked.of_one or (asked.over is Over.PERSON and found.person is None):
            continue
        gives = answered_model(found.kind, asked)
        told = answered(looking, found.kind, id_, asked, gives, found.person, None)
        yield OnPage(
            name=asked.name,
            says=asked.says,
            lines=() if told.answer is None else tuple(_lines(told.answer)),
            rests_on=() if told.answer is None else tuple(dict.fromkeys(_bases(told.answer))),
            unknown=tuple(_unknown(told)),
        )


def _unknown(told: KindAnswered) -> Iterator[str]:
    for each in told.unknown:
        clause = f" (clause {each.clause})" if each.clause else ""
        yield f"{days_worded(each.reason)}{clause}"


def _lines(answer: BaseModel) -> Iterator[Line]:
    for name, field in type(answer).model_fields.items():
        value = getattr(answer, name)
        # What may be left out says by that that there is none; else nothing is known of it.
        if _is_basis(value) or (value is None and not field.is_required()):
            continue
        table = _rows(value)
        values = () if table is not None else tuple(values_worded(value)) or ("none",)
        yield Line(facet_text(name), values, table)


def _rows(value: object) -> Rows | None:
    """Things of one form as the rows of a table; `None` for anything else."""
    if not isinstance(value, tuple) or len({type(each) for each in value}) != 1:
        return None
    first = value[0]
    if not isinstance(first, BaseModel):
        return None
    names = [
        name
        for name in type(first).model_fields
        if any(_tells(getattr(each, name)) for each in value)
    ]
    if len(names) not in _COLUMNS:
        return None
    return Rows(
        tuple(facet_text(name) for name in names),
        tuple(
            tuple(
                ", ".join(values_worded(getattr(each, name))) if _tells(getattr(each, name)) else ""
                for name in names
            )
            for each in value
        ),
    )


def _tells(value: object) -> bool:
    """Whether there is anything to show of a value beside what it rests on."""
    return value is not None and value != "" and value != () and not _is_basis(value)


def _is_basis(value: object) -> bool:
    return isinstance(value, Basis) or (
        isinstance(value, tuple) and bool(value) and all(isinstance(it, Basis) for it in value)
    )


def values_worded(value: object) -> Iterator[str]:
    """What an answer, or a part of one as JSON, holds, in words and with its days written out."""
    match value:
        case None:
            yield NONE
        case bool():
            yield "yes" if value else "no"
        case date():
            yield day_text(value)
        case BaseModel():
            parts = (
                f"{facet_text(name).lower()}: {', '.join(values_worded(getattr(value, name)))}"
                for name in type(value).model_fields
                if _tells(getattr(value, name))
            )
            yield "; ".join(parts)
        case tuple() | list():
            for each in value:
                yield from values_worded(each)
        case dict():
            for key, each in value.items():
                if key != "basis":
                    yield f"{str(key).replace('_', ' ')}: {', '.join(values_worded(each))}"
        case _:
            yield days_worded(str(value))


def _bases(value: object) -> Iterator[str]:
    """What an answer rests on, wherever it says so."""
    match value:
        case Basis() if value.clause is not None:
            sure = f" ({confidence_text(value.confidence)})" if value.confidence else ""
            document = f": {value.document}" if value.document else ""
            yield f"Clause {value.clause} of {value.rulebook}{sure}{document}"
            for each in value.assumptions:
                yield f"Assumed: {each}"
        case BaseModel():
            for name in type(value).model_fields:
                yield from _bases(getattr(value, name))
        case tuple() | list():
            for each in value:
                yield from _bases(each)
        case _:
            pass
