"""A clause: one requirement in an office's words, its value, its sources and how sure they are.

The names of the fields are those of the file (`docs/rulebooks.md`); where a name of the file is no
good name in Python, the field has an alias.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Annotated, Self, get_args

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_validator,
)

from transfer.core.dating.calendars import Period, Unit
from transfer.core.editions.values import (
    Value,
    ValueType,
    as_written,
    guess_type,
    parse_value,
    print_value,
    type_named,
    type_of,
)
from transfer.core.refusals import Malformed
from transfer.core.words import Confidence, Frozen

_OwnId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class _Cited:
    """Marks a field that names a clause."""


_CITED = _Cited()

ClauseId = Annotated[_OwnId, _CITED]
"""The name of a clause, e.g. `TR-11b`, `4.2` or `protocol-7`: letters, digits, `.`, `_` and `-`.

A field of this type refers to a clause of the same edition (`cited_in`).
"""

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""The name of a part of an edition, e.g. `east` or `people-complete`."""

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""The name of a column or a term: small letters, digits and `_`."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)]

_UNITS: Mapping[str, Unit] = {
    "working days": "wd",
    "days": "d",
    "weeks": "w",
    "months": "m",
    "years": "y",
}
AcceptedUnit = Annotated[Unit, BeforeValidator(lambda given: _UNITS.get(given, given))]
"""A unit of time, written out or short: `working days` or `wd`."""


class Part(Frozen):
    """A part of an edition: filled by the names of the file or by those of its fields."""

    model_config = ConfigDict(populate_by_name=True)


class ClauseKind(StrEnum):
    """What a clause does."""

    RULE = "rule"
    PARAMETER = "parameter"
    HISTORY = "history"
    FIGURE = "figure"


class Clause(Part):
    """One clause: what it requires, in our words, its value if any, and how surely it is known.

    `value_type`, `unit` and the limits say what a value must be, whether or not one is known:
    `accepts` are the units of a period, `least` and `most` bound a number, both included. `values`
    are those of single transferors; `value` holds for the others. With `each_transferor` each of
    them sets its own, and a needed one is also given where every transferor has one. `counted`
    says from when, or before what, a period counts. `rests_on` names the clauses whose values this
    one is applied with, and `disputes` the clause whose account this one contradicts; neither
    account is merged into the other. `known_from` is the day from which it was known,
    `in_force_from` the day from which it binds.
    """

    id: _OwnId
    title: Words
    text: Words
    kind: ClauseKind = ClauseKind.RULE
    confidence: Confidence
    sources: tuple[Words, ...] = Field(min_length=1)
    value_type: ValueType | None = Field(
        default=None, validation_alias=AliasChoices("type", "value_type")
    )
    value: Value | None = None
    values: Mapping[Words, Value] = Field(default_factory=dict)
    each_transferor: bool = False
    unit: Words | None = None
    counted: Words | None = None
    accepts: tuple[AcceptedUnit, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    unknown_because: Words | None = Field(
        default=None, validation_alias=AliasChoices("value_unknown", "unknown_because")
    )
    document_needed: Words | None = None
    needed: bool = False
    suggested_for_rehearsal: Value | None = None
    rests_on: tuple[ClauseId, ...] = ()
    disputes: ClauseId | None = None
    known_from: date | None = None
    in_force_from: date | None = None

    @model_validator(mode="before")
    @classmethod
    def _typed_by_its_value(cls, given: object) -> object:
        if not isinstance(given, Mapping):
            return given
        named = given.get("type", given.get("value_type"))
        filled = dict(given)
        if named is None:
            in_hand = [given.get("value"), given.get("suggested_for_rehearsal")]
            in_hand += list(each.values()) if isinstance(each := given.get("values"), dict) else []
            guessed = {guess_type(value) for value in in_hand if value is not None}
            if len(guessed) == 1 and None not in guessed:
                filled["value_type"] = guessed.pop()
        elif isinstance(named, str):
            filled.pop("value_type", None)
            filled["type"] = type_named(named)
            if named == "share":
                filled.setdefault("least", Decimal(0))
                filled.setdefault("most", Decimal(1))
        typed = filled.get("type") or filled.get("value_type")
        if filled.get("kind") is None and given.get("value_unknown") and typed:
            filled["kind"] = ClauseKind.PARAMETER
        return filled

    @field_validator("value", "suggested_for_rehearsal", mode="plain")
    @classmethod
    def _typed(cls, value: object, info: ValidationInfo) -> Value | None:
        if value is None or "value_type" not in info.data:
            return None  # a type that is none is a fault of its own
        return _of_type(value, info.data["value_type"])

    @field_validator("values", mode="plain")
    @classmethod
    def _each_typed(cls, values: object, info: ValidationInfo) -> Mapping[str, Value]:
        if not isinstance(values, Mapping):
            raise ValueError("a table is needed here: transferor = value")
        if "value_type" not in info.data:
            return {}
        wanted = info.data["value_type"]
        return {str(name): _of_type(value, wanted) for name, value in values.items()}

    @field_serializer("value", "suggested_for_rehearsal")
    def _written(self, value: Value | None) -> str | None:
        return None if value is None else print_value(value)

    @field_serializer("values")
    def _each_written(self, values: Mapping[str, Value]) -> Mapping[str, str]:
        return {name: print_value(value) for name, value in values.items()}

    @model_validator(mode="after")
    def _says_what_it_does_not_know(self) -> Self:
        known = self.value is not None
        if self.kind is ClauseKind.PARAMETER:
            if self.value_type is None:
                raise ValueError(f"{self.id}: a parameter says of which type its value is")
            if not known and not (self.unknown_because and self.document_needed):
                raise ValueError(
                    f"{self.id}: an unknown parameter says why, and which document would tell"
                )
        elif self.needed:
            raise ValueError(f"{self.id}: only a parameter can be needed")
        if known and (self.needed or self.unknown_because):
            raise ValueError(f"{self.id}: a value that is known is neither needed nor unknown")
        if self.confidence is Confidence.NOT_FOUND and not self.unknown_because:
            raise ValueError(f"{self.id}: what was looked for and not found says so")
        for value in (self.value, self.suggested_for_rehearsal, *self.values.values()):
            unfit = None if value is None else self.why_not(value)
            if value is not None and unfit is not None:
                raise ValueError(f"{self.id}: {print_value(value)} {unfit}")
        return self

    def why_not(self, value: Value) -> str | None:
        """Why the clause cannot take that value, as the end of a sentence; `None` if it can."""
        if type_of(value) is not self.value_type:
            return f"is not a {self.value_type}"
        if isinstance(value, Period) and self.accepts and value.unit not in self.accepts:
            return f"is not in a unit that it takes ({', '.join(self.accepts)})"
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            if self.least is not None and value < self.least:
                return f"is less than {self.least}"
            if self.most is not None and value > self.most:
                return f"is more than {self.most}"
        return None


def _of_type(value: object, wanted: ValueType | None) -> Value:
    if wanted is None:
        raise ValueError("a clause with a value says of which type it is")
    found = as_written(value, wanted)
    if isinstance(found, str) and wanted is not ValueType.TEXT:
        try:
            return parse_value(found, wanted)
        except Malformed as malformed:
            raise ValueError(malformed.reason) from None
    if type_of(found) is not wanted:
        raise ValueError(f"{value!r} is not of the type {wanted}")
    return found  # type: ignore[return-value]  # type_of has just said that it is a Value


class Length(Part):
    """A length of time: by the clause that gives it."""

    clause: ClauseId

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, given: object) -> object:
        return {"clause": given} if isinstance(given, str) else given


# --- what a part refers to ------------------------------------------------------------------------

Place = tuple[str | int, ...]
"""Where something stands in an edition's file: keys, and numbers of entries."""


def cited_in(part: BaseModel, where: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every clause that a part refers to, with the place in the file where it does."""
    for place, inner in parts_in(part, where):
        for name in _citing(type(inner)):
            value = getattr(inner, name)
            for clause in (value,) if isinstance(value, str) else value or ():
                yield (*place, _key(inner, name)), clause


def lengths_in(part: BaseModel, where: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every clause that is to give a length of time, with the place where the part says so."""
    for place, inner in parts_in(part, where):
        if isinstance(inner, Length):
            yield place, inner.clause


def parts_in(part: BaseModel, where: Place = ()) -> Iterator[tuple[Place, BaseModel]]:
    """A part and every part within it, each with its place in the file."""
    yield where, part
    for name in type(part).model_fields:
        value = getattr(part, name)
        place = (*where, _key(part, name))
        if isinstance(value, BaseModel):
            yield from parts_in(value, place)
        elif isinstance(value, tuple):
            for n, each in enumerate(value):
                if isinstance(each, BaseModel):
                    yield from parts_in(each, (*place, n))
        elif isinstance(value, Mapping):
            for key, each in value.items():
                if isinstance(each, BaseModel):
                    yield from parts_in(each, (*place, str(key)))


def _key(part: BaseModel, name: str) -> str:
    """What a field is called in the file."""
    alias = type(part).model_fields[name].validation_alias
    return alias if isinstance(alias, str) else name


@cache
def _citing(model: type[BaseModel]) -> tuple[str, ...]:
    """The fields of a model that name clauses."""
    return tuple(
        name
        for name, info in model.model_fields.items()
        if _CITED in info.metadata or _mentions(info.annotation)
    )


def _mentions(annotation: object) -> bool:
    if _CITED in getattr(annotation, "__metadata__", ()):
        return True
    return any(_mentions(inner) for inner in get_args(annotation))
