"""Forms that are derived from the model of what they submit.

    form_of   the fields of a form, from the model
    filled    what a form shows of what is known already
    read      the model of what was submitted, or what is wrong with it, by field
    checked   what was submitted, as rows to be checked before it is sent

A part of a field is named after it: `happened_on-day`, `values-0-clause`. Blank means left out, and
blanks around a text do not count. Nothing here asks a database: the rules have the last word.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel, StringConstraints, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from transfer.commands.acts.exercise import ExercisePropose
from transfer.commands.acts.given import ForPersonOrAll
from transfer.core.dating.typed import typed_day
from transfer.core.matter.words import Named
from transfer.core.refusals import Malformed
from transfer.web.frame.form_words import (
    BLANK_FOR_EVERYBODY,
    NOT_OFFERED,
    PAIRS,
    TEXTS,
    TEXTS_OF,
    asked,
    choice_text,
)
from transfer.web.frame.wording import day_text, facet_text

M = TypeVar("M", bound=BaseModel)

LAST = ("reason", "document", "rests_on", "happened_on", "learned_on", "later")
"""What every act takes, in the order in which forms ask it: after what the act itself needs."""

FIRST = ("staff_number", "staff_numbers", "selection")
"""Whom an act is for: asked first."""

DAY_PARTS = ("day", "month", "year")
MOST_RADIOS = 10
"""Choices that stand one below the other; more are a list."""

MOST_ROWS = 500
"""Rows that one field of several rows takes."""

_ROW = re.compile(r"-(0|[1-9][0-9]{0,3})-", re.ASCII)
_SPELLED = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b", re.ASCII)
_NAME = re.compile(r"\^\[A-Za-z0-9\]\[A-Za-z0-9\._-\]\{0,([0-9]+)\}\$")
_YES, _NO = "yes", "no"


class How(StrEnum):
    """How a field is filled in."""

    LINE = "line"
    TEXT = "text"
    NUMBER = "number"
    """A whole or a decimal number, such as a sum of money."""
    DAY = "day"
    CHOICE = "choice"
    SEVERAL = "several"
    """Any of several choices; each has a separate input, such as `scope-record`."""
    SPAN = "span"
    """A first and a last day; blank for the last one: without end."""
    LINES = "lines"
    """Several values, one a line."""
    GROUP = "group"
    """Several fields that belong together."""
    ROWS = "rows"
    """Such a group, several times."""
    EITHER = "either"
    """One of two fields."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that a field may have, and what it says."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form.

    `name` is its name in the model. `fields` are the parts of a group, of a row (of a mapping: its
    key and its value), or the two of which one is filled in. `blank_is_none`: a row whose value is
    left blank says that there is none. `flag`: it is true or false. `word` is what the glossary
    explains of it. `named` says what its value names; `listed`: its choices are a list with a blank
    first line, and not one below the other.
    """

    name: str
    how: How
    label: str
    hint: str = ""
    required: bool = False
    choices: tuple[Choice, ...] = ()
    fields: tuple["Field", ...] = ()
    pairs: bool = False
    blank_is_none: bool = False
    flag: bool = False
    word: str = ""
    named: Named | None = None
    listed: bool = False


_SPAN = (Field("first", How.DAY, "First day", required=True), Field("last", How.DAY, "Last day"))
"""The two parts of a field for a first and a last day."""


@dataclass(frozen=True, slots=True)
class Form(Generic[M]):
    """The form of a model; `act` is the act that it is of, e.g. `exercise move-milestone`.

    `for_everybody`: it is for everybody where no one is named.
    """

    act: str
    model: type[M]
    fields: tuple[Field, ...]
    for_everybody: bool = False


@dataclass(frozen=True, slots=True)
class Read(Generic[M]):
    """What was submitted.

    `typed` is as it was typed, by the name of each input. `body` is its model where nothing is
    wrong; otherwise `errors` says what is, by the same names; `""`: with the form as a whole.
    """

    typed: Mapping[str, str]
    body: M | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A row to check: what was asked, the lines of the answer, and the field to change it in."""

    label: str
    lines: tuple[str, ...]
    name: str


# --- a form from a model ------------------------------------------------------------------------


def form_of(
    model: type[M],
    act: str = "",
    *,
    without: Collection[str] = (),
    choices: Mapping[str, Sequence[Choice]] | None = None,
    named: Mapping[Named, Sequence[Choice]] | None = None,
) -> Form[M]:
    """The form of a model: whom it is for first, what every act takes last.

    A model that takes one staff number or several is asked for several. `without` leaves fields
    out; `choices` are the values to choose from of fields that the model leaves open (of a mapping:
    its keys), and `named` those of every field that names such a thing. Of a mapping from known
    keys to days each key is asked as a day. Raises `TypeError` for a field of a type that no form
    can ask.
    """
    names = list(model.model_fields)
    if "staff_numbers" in names:
        names = [name for name in names if name != "staff_number"]
    middle = [name for name in names if name not in (*FIRST, *LAST)]
    ordered = [*_of(FIRST, names), *middle, *_of(LAST, names)]
    fields = []
    for name in ordered:
        if name in without:
            continue
        info = model.model_fields[name]
        chosen = tuple((choices or {}).get(name, ()))
        of_kind = _named(info)
        there = () if of_kind is None else tuple((named or {}).get(of_kind, ()))
        made = _field(act, name, info, chosen or there)
        if name == "staff_numbers" and issubclass(model, ForPersonOrAll):
            made = replace(made, hint=BLANK_FOR_EVERYBODY)
        fields.append(_naming(_choosing(made, chosen), named or {}))
    return Form(act, model, tuple(fields), issubclass(model, ForPersonOrAll | ExercisePropose))


def _of(wanted: Iterable[str], names: Collection[str]) -> list[str]:
    return [name for name in wanted if name in names]


def _choosing(made: Field, choices: tuple[Choice, ...]) -> Field:
    if not choices:
        return made
    if made.how is How.EITHER:
        fields = (_choosing(each, choices) if each.pairs else each for each in made.fields)
        return replace(made, fields=tuple(fields))
    if made.pairs:
        key, value = made.fields
        if value.how is How.DAY:
            days = (replace(value, name=each.value, label=each.text) for each in choices)
            return replace(
                made,
                how=How.GROUP,
                fields=tuple(replace(each, required=False) for each in days),
            )
        return replace(made, fields=(_choosing(key, choices), value))
    if made.how is How.LINES:
        return replace(made, how=How.SEVERAL, choices=choices)
    many = made.named is not None and (not made.required or len(choices) > MOST_RADIOS)
    return replace(made, how=How.CHOICE, choices=choices, listed=many)


def _naming(made: Field, named: Mapping[Named, Sequence[Choice]]) -> Field:
    """A field that names something, and those within it, with what there is to name."""
    if made.how in (How.GROUP, How.ROWS) and not made.pairs:
        made = replace(made, fields=tuple(_naming(each, named) for each in made.fields))
    return made if made.named is None else _choosing(made, tuple(named.get(made.named, ())))


def named_by(form: Form[Any]) -> frozenset[Named]:
    """What the fields of a form name."""

    def of(fields: Iterable[Field]) -> Iterable[Named]:
        for each in fields:
            if each.named is not None:
                yield each.named
            yield from of(each.fields)

    return frozenset(of(form.fields))


def _field(act: str, name: str, info: FieldInfo, offered: tuple[Choice, ...] = ()) -> Field:
    words = asked(act, name)
    example = next((str(e) for e in info.examples or () if isinstance(e, str | int)), "")
    # What constrains a field lies beside its type.
    annotation = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
    made = _typed(act, name, annotation, (act, name) in TEXTS_OF or name in TEXTS)
    if made.how not in (How.LINE, How.NUMBER) or offered:
        example = ""
    return replace(
        made,
        label=info.title or words.label,
        hint=" ".join(
            filter(
                None,
                (_sentence(info.description) or words.hint, example and f"For example, {example}."),
            )
        ),
        required=info.is_required(),
        word=words.word,
        named=_named(info),
    )


def _named(info: FieldInfo) -> Named | None:
    """What the value of a field names, as stands beside its type."""
    return next((each for each in info.metadata if isinstance(each, Named)), None)


def _typed(act: str, name: str, annotation: Any, long: bool = False) -> Field:
    """A field of a type, without its words."""
    annotation = _bare(annotation)
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        kinds = [_typed(act, name, each, long) for each in parts if each is not NoneType]
        if len(kinds) > 2:
            raise TypeError(f"no form can ask {name}: {annotation}")
        first, other = kinds
        return Field(name, How.EITHER, "", fields=(first, replace(other, label="Or one by one")))
    if origin is Literal:
        return _choice(name, [str(each) for each in parts])
    if origin is tuple or origin is list:
        item = _bare(parts[0])
        if isinstance(item, type) and issubclass(item, BaseModel):
            return replace(_typed(act, name, item), how=How.ROWS)
        inner = _typed(act, name, item)
        if inner.how is How.CHOICE:
            return replace(inner, how=How.SEVERAL)
        if inner.how is How.DAY:
            return Field(name, How.SPAN, "", fields=_SPAN)
        return Field(name, How.LINES, "")
    if origin is not None and issubclass(origin, Mapping):
        return _pairs(act, name, *parts)
    if not isinstance(annotation, type):
        raise TypeError(f"no form can ask {name}: {annotation}")
    if issubclass(annotation, BaseModel):
        fields = (_field("", each, info) for each, info in annotation.model_fields.items())
        return Field(name, How.GROUP, "", fields=tuple(fields))
    if issubclass(annotation, Enum):
        return _choice(name, [str(each.value) for each in annotation])
    if annotation is bool:
        yes_no = (Choice(_YES, "Yes"), Choice(_NO, "No"))
        return Field(name, How.CHOICE, "", choices=yes_no, flag=True)
    if issubclass(annotation, date) and not issubclass(annotation, datetime):
        return Field(name, How.DAY, "")
    if issubclass(annotation, int | Decimal):
        return Field(name, How.NUMBER, "")
    if issubclass(annotation, str | UUID):
        return Field(name, How.TEXT if long else How.LINE, "")
    raise TypeError(f"no form can ask {name}: {annotation}")


def _pairs(act: str, name: str, key: Any, value: Any) -> Field:
    left, right = PAIRS.get(name, ("Name", "Value"))
    first = replace(_typed(act, name, key), name="name", label=left, required=True)
    second = replace(_typed(act, name, value), name="value", label=right)
    blank_is_none = NoneType in get_args(value)
    return Field(
        name,
        How.ROWS,
        "",
        fields=(first, replace(second, required=not blank_is_none)),
        pairs=True,
        blank_is_none=blank_is_none,
    )


def _choice(name: str, values: Iterable[str]) -> Field:
    offered = (Choice(each, choice_text(name, each)) for each in values if each not in NOT_OFFERED)
    return Field(name, How.CHOICE, "", choices=tuple(offered))


def _bare(annotation: Any) -> Any:
    """A type without what constrains it, and without `None`; one fixed word is a literal."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        for each in parts[1:]:
            pattern = each.pattern if isinstance(each, StringConstraints) else None
            if isinstance(pattern, str) and (word := re.fullmatch(r"\^([a-z-]+)\$", pattern)):
                return Literal[word[1]]
        return _bare(parts[0])
    if origin in (Union, UnionType):
        kept = [each for each in parts if each is not NoneType]
        return _bare(kept[0]) if len(kept) == 1 else annotation
    return annotation


def _sentence(text: str | None) -> str:
    """A description as a hint: plain text that begins with a capital and ends with a full stop."""
    plain = (text or "").replace("`", "").strip()
    if not plain or plain == "Why":
        return ""
    return plain[:1].upper() + plain[1:] + ("" if plain.endswith((".", "?")) else ".")


# --- what a form shows of what is known already -------------------------------------------------


def filled(form: Form[M], given: M) -> dict[str, str]:
    """The inputs of a form that says what a model does; what it was not given stays blank."""
    values = {name: getattr(given, name) for name in given.model_fields_set}
    one = values.pop("staff_number", None) if not _asks(form, "staff_number") else None
    if one is not None:
        values["staff_numbers"] = tuple(dict.fromkeys((one, *(values.get("staff_numbers") or ()))))
    typed: dict[str, str] = {}
    for each in form.fields:
        if values.get(each.name) is not None:
            _fill(each, each.name, values[each.name], typed)
    return typed


def _asks(form: Form[M], name: str) -> bool:
    return any(each.name == name for each in form.fields)


def _fill(made: Field, at: str, value: Any, typed: dict[str, str]) -> None:
    match made.how:
        case How.DAY:
            parts = (str(value.day), str(value.month), f"{value.year:04}")
            typed |= {f"{at}-{part}": text for part, text in zip(DAY_PARTS, parts, strict=True)}
        case How.LINES:
            typed[at] = "\n".join(map(str, value))
        case How.SEVERAL:
            for each in value:
                typed[f"{at}-{each.value if isinstance(each, Enum) else each}"] = _YES
        case How.SPAN:
            for part, day in zip(made.fields, value, strict=True):
                if day is not None:
                    _fill(part, f"{at}-{part.name}", day, typed)
        case How.GROUP:
            for each in made.fields:
                held = value.get(each.name) if made.pairs else getattr(value, each.name)
                if held is not None:
                    _fill(each, f"{at}-{each.name}", held, typed)
        case How.ROWS:
            rows = value.items() if made.pairs else value
            for number, row in enumerate(rows):
                if not made.pairs:
                    _fill(replace(made, how=How.GROUP), f"{at}-{number}", row, typed)
                    continue
                for each, held in zip(made.fields, row, strict=True):
                    if held is not None:
                        _fill(each, f"{at}-{number}-{each.name}", held, typed)
        case How.EITHER:
            first, other = made.fields
            if isinstance(value, Mapping | tuple):
                _fill(other, f"{at}-each", value, typed)
            else:
                _fill(first, at, value, typed)
        case How.CHOICE if made.flag:
            typed[at] = _YES if value else _NO
        case _:
            typed[at] = str(value.value if isinstance(value, Enum) else value)


# --- what was submitted -------------------------------------------------------------------------


def read(form: Form[M], submitted: Iterable[tuple[str, str]]) -> Read[M]:
    """The model of what was submitted, or what is wrong, by input.

    Raises `Malformed` for an input that the form does not have, or that came twice.
    """
    typed: dict[str, str] = {}
    for name, text in submitted:
        if name in typed:
            raise Malformed("it was sent twice", field=name[:40])
        typed[name] = text.replace("\r\n", "\n").strip()
    reading = _Reading(typed)
    values = {}
    for each in form.fields:
        value = reading.value(each, each.name, (each.name,))
        if value is not _BLANK:
            values[each.name] = value
    for name in typed:
        if name not in reading.known:
            raise Malformed("the form has no such field", field=name[:40])
    try:
        body = form.model.model_validate(values)
    except ValidationError as error:
        for each_error in error.errors(include_url=False):
            reading.note(each_error)
        return Read(typed, None, reading.errors)
    if reading.errors:
        return Read(typed, None, reading.errors)
    return Read(typed, body)


class WrongDay(ValueError):  # noqa: N818 - says what is wrong
    """What is wrong with a day, and with which of its inputs: `day`, `month` or `year`."""

    def __init__(self, part: str, says: str) -> None:
        super().__init__(says)
        self.part = part


def read_day(label: str, parts: Mapping[str, str]) -> date:
    """The day of three inputs that are not all blank. Raises `WrongDay`."""
    missing = [part for part in DAY_PARTS if not parts[part]]
    if missing:
        raise WrongDay(missing[0], f"{label} must include a {' and a '.join(missing)}")
    if not re.fullmatch(r"[0-9]{4}", parts["year"], re.ASCII):
        raise WrongDay("year", f"{label} must have a year of 4 numbers")
    between = " " if parts["month"].isalpha() else "/"
    try:
        return typed_day(between.join(parts[part] for part in DAY_PARTS))
    except ValueError:
        raise WrongDay("day", f"{label} must be a real date, like 31 3 2014") from None


_BLANK = object()
"""What was left out."""

_Place = tuple[object, ...]


class _Reading:
    """Reads the inputs of one form; where each value stands in the model is kept for its errors."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = typed
        self.known: set[str] = set()
        self.errors: dict[str, str] = {}
        self._places: dict[_Place, tuple[str, Field]] = {}

    def value(self, made: Field, at: str, place: _Place) -> Any:
        """What one field has; `_BLANK` where it was left blank, or cannot be read."""
        self._places[place] = (at, made)
        match made.how:
            case How.DAY:
                return self._day(made, at)
            case How.LINES:
                lines = [line.strip() for line in self._text(at).split("\n")]
                return tuple(filter(None, lines)) or _BLANK
            case How.SEVERAL:
                ticked = (each.value for each in made.choices if self._text(f"{at}-{each.value}"))
                return tuple(ticked) or _BLANK
            case How.SPAN:
                days = [
                    self.value(each, f"{at}-{each.name}", (*place, number))
                    for number, each in enumerate(made.fields)
                ]
                if all(day is _BLANK for day in days):
                    return _BLANK
                return tuple(None if day is _BLANK else day for day in days)
            case How.GROUP:
                return self._group(made, at, place)
            case How.ROWS:
                return self._pairs(made, at, place) if made.pairs else self._rows(made, at, place)
            case How.EITHER:
                return self._either(made, at, place)
            case How.CHOICE:
                return self._chosen(made, at)
            case _:
                return self._text(at) or _BLANK

    def note(self, error: ErrorDetails) -> None:
        """Say in plain words, beside its field, what the model finds wrong."""
        place: _Place = error["loc"]
        for length in range(len(place), 0, -1):
            found = self._places.get(place[:length])
            if found is not None:
                at, made = found
                # What could not be read is missing from the model too: say the first alone.
                if not any(name == at or name.startswith(f"{at}-") for name in self.errors):
                    self.errors[_first_input(made, at)] = _said(made, error)
                return
        if not self.errors:
            self.errors[""] = _of_the_form(error)

    def _text(self, at: str) -> str:
        self.known.add(at)
        return self.typed.get(at, "")

    def _day(self, made: Field, at: str) -> Any:
        parts = {part: self._text(f"{at}-{part}") for part in DAY_PARTS}
        if not any(parts.values()):
            return _BLANK
        try:
            return read_day(made.label, parts)
        except WrongDay as error:
            self.errors[f"{at}-{error.part}"] = str(error)
            return _BLANK

    def _chosen(self, made: Field, at: str) -> Any:
        text = self._text(at)
        if not text:
            return _BLANK
        if text not in {each.value for each in made.choices}:
            self.errors[at] = f"{made.label}: choose one of the list"
            return _BLANK
        return text == _YES if made.flag else text

    def _group(self, made: Field, at: str, place: _Place) -> Any:
        values = {}
        for each in made.fields:
            value = self.value(each, f"{at}-{each.name}", (*place, each.name))
            if value is not _BLANK:
                values[each.name] = value
        return values or _BLANK

    def _numbers(self, at: str) -> list[int]:
        """The rows of a field that were submitted, in their order."""
        starts = (name.removeprefix(at) for name in self.typed if name.startswith(f"{at}-"))
        found = {int(match[1]) for match in map(_ROW.match, starts) if match}
        if len(found) > MOST_ROWS:
            raise Malformed(f"it has more than {MOST_ROWS} rows", field=at)
        return sorted(found)

    def _rows(self, made: Field, at: str, place: _Place) -> Any:
        rows: list[Any] = []
        for number in self._numbers(at):
            row = self._group(made, f"{at}-{number}", (*place, len(rows)))
            if row is not _BLANK:
                rows.append(row)
        return tuple(rows) or _BLANK

    def _pairs(self, made: Field, at: str, place: _Place) -> Any:
        first, second = made.fields
        pairs: dict[str, Any] = {}
        for number in self._numbers(at):
            row = f"{at}-{number}"
            key = self.value(first, f"{row}-name", (*place, row, "name"))
            value = self.value(second, f"{row}-value", (*place, row, "value"))
            wrong = any(name.startswith(f"{row}-") for name in self.errors)
            if wrong or (key is _BLANK and value is _BLANK):
                continue
            if key is _BLANK:
                self.errors[f"{row}-name"] = _needed(first)
            elif value is _BLANK and not made.blank_is_none:
                self.errors[_first_input(second, f"{row}-value")] = _needed(second)
            elif key in pairs:
                self.errors[f"{row}-name"] = f"{key} is there twice"
            else:
                pairs[key] = None if value is _BLANK else value
                self._places[*place, key] = (f"{row}-value", second)
                self._places[*place, key, "[key]"] = (f"{row}-name", first)
        return pairs or _BLANK

    def _either(self, made: Field, at: str, place: _Place) -> Any:
        first, other = (replace(each, label=each.label or made.label) for each in made.fields)
        one = self.value(first, at, place)
        each = self.value(other, f"{at}-each", (*place, "each"))
        self._places[place] = (at, first)
        if one is not _BLANK and each is not _BLANK:
            self.errors[_first_input(first, at)] = f"{made.label}: fill in one of the two"
            return _BLANK
        return each if one is _BLANK else one


def input_of(form: Form[M], name: str) -> str:
    """The input beside which a refusal of a field, or of a part of one, stands; `""`: the form."""
    for each in form.fields:
        if each.name == name:
            return _first_input(each, name)
        for part in each.fields if each.how is How.GROUP else ():
            if part.name == name:
                return _first_input(part, f"{each.name}-{name}")
    return ""


def _first_input(made: Field, at: str) -> str:
    """The first input of a field, where its error leads."""
    match made.how:
        case How.DAY:
            return f"{at}-day"
        case How.SEVERAL:
            return f"{at}-{made.choices[0].value}"
        case How.GROUP | How.SPAN:
            return _first_input(made.fields[0], f"{at}-{made.fields[0].name}")
        case How.ROWS:
            return _first_input(made.fields[0], f"{at}-0-{made.fields[0].name}")
        case How.EITHER:
            return _first_input(made.fields[0], at)
        case _:
            return at


def _said(made: Field, error: ErrorDetails) -> str:
    """What is wrong with a field, in plain words."""
    context = error.get("ctx", {})
    given = error["input"]
    which = f"“{given}”" if made.how is How.LINES and isinstance(given, str) else made.label
    match error["type"]:
        case "missing":
            return _needed(made)
        case "string_too_short" | "too_short":
            return _needed(made)
        case "too_long":
            return f"{made.label}: at most {context['max_length']:,} at once"
        case "string_pattern_mismatch" if name := _NAME.fullmatch(str(context["pattern"])):
            return (
                f"{which} must begin with a letter or number, then have only letters, numbers, "
                f"full stops, hyphens and underscores: at most {int(name[1]) + 1} in all"
            )
        case "string_pattern_mismatch":
            return f"{which} is not of the right form"
        case "uuid_parsing" | "uuid_type":
            return f"{which} must be a reference, like 018f3c5e-7d4a-7b1e-9f00-0a1b2c3d4e5f"
        case "int_parsing" | "int_type":
            return f"{which} must be a whole number"
        case "decimal_parsing" | "decimal_type":
            return f"{which} must be a number, such as 12.50"
        case "greater_than_equal":
            return f"{made.label}: at least {context['ge']}"
        case "less_than_equal":
            return f"{made.label}: at most {context['le']:,}"
        case "enum" | "literal_error":
            return f"{made.label}: choose one of the list"
        case "value_error":
            return f"{which}: {_plain(str(context['error']))}"
        case _:
            return f"{which}: {_plain(error['msg'])}"


def _of_the_form(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    said = _plain(str(context.get("error") or error["msg"]))
    return said[:1].upper() + said[1:]


def _plain(message: str) -> str:
    """A message of the model, its field names as words: `staff numbers` of `staff_numbers`."""
    return _SPELLED.sub(lambda match: facet_text(match[0]).lower(), message)


def _needed(made: Field) -> str:
    if made.how in (How.CHOICE, How.SEVERAL):
        return f"Choose an answer for “{made.label}”"
    return f"Fill in “{made.label}”"


# --- checking what was submitted ----------------------------------------------------------------

NOT_GIVEN = "Not given"
EVERYBODY = "Everybody"


def checked(form: Form[M], body: M) -> tuple[CheckRow, ...]:
    """What a form says, as rows to check; what was left out says so.

    Where an act is for everybody because no one is named, its row says so: nobody should do to all
    by a blank what was meant for one.
    """
    typed = filled(form, body)
    named = any(getattr(body, name, None) is not None for name in (*FIRST, "group"))
    rows = []
    for each in form.fields:
        lines = tuple(_lines(each, each.name, typed))
        if each.name == "staff_numbers" and form.for_everybody and not named:
            lines = (EVERYBODY,)
        rows.append(CheckRow(each.label, lines or (NOT_GIVEN,), _first_input(each, each.name)))
    return tuple(rows)


def _lines(made: Field, at: str, typed: Mapping[str, str]) -> list[str]:
    match made.how:
        case How.DAY:
            parts = [typed.get(f"{at}-{part}") for part in DAY_PARTS]
            day, month, year = (int(part) if part else 0 for part in parts)
            return [day_text(date(year, month, day))] if day else []
        case How.CHOICE:
            texts = {each.value: each.text for each in made.choices}
            text = typed.get(at)
            return [texts.get(text, text)] if text else []
        case How.SEVERAL:
            return [each.text for each in made.choices if typed.get(f"{at}-{each.value}")]
        case How.SPAN:
            start, end = (_lines(each, f"{at}-{each.name}", typed) for each in made.fields)
            return [f"{', '.join(start)} to {', '.join(end) or 'any later day'}"] if start else []
        case How.GROUP:
            found = ((each, _lines(each, f"{at}-{each.name}", typed)) for each in made.fields)
            return [f"{each.label}: {', '.join(lines)}" for each, lines in found if lines]
        case How.ROWS:
            return [*_row_lines(made, at, typed)]
        case How.EITHER:
            first, other = made.fields
            return _lines(first, at, typed) or _lines(other, f"{at}-each", typed)
        case _:
            return typed.get(at, "").split("\n") if typed.get(at) else []


def _row_lines(made: Field, at: str, typed: Mapping[str, str]) -> Iterable[str]:
    starts = (name.removeprefix(at) for name in typed if name.startswith(f"{at}-"))
    numbers = sorted({int(match[1]) for match in map(_ROW.match, starts) if match})
    for number in numbers:
        parts = [_lines(each, f"{at}-{number}-{each.name}", typed) for each in made.fields]
        if made.pairs:
            key, value = (", ".join(part) for part in parts)
            yield f"{key}: {value or 'nothing any more'}"
            continue
        named = zip(made.fields, parts, strict=True)
        yield "; ".join(f"{each.label}: {', '.join(part)}" for each, part in named if part)


def as_sent(
    fields: Sequence[Field], typed: Mapping[str, str], errors: Mapping[str, str]
) -> dict[str, object]:
    """A form as it was sent, for its template: what was typed, and what is wrong with it, beside
    each input and in the summary."""
    return {"fields": fields, "typed": typed, "wrong": errors, "errors": summary_errors(errors)}


def summary_errors(errors: Mapping[str, str]) -> list[dict[str, str]]:
    """What is wrong with a form, as its summary lists it."""
    return [
        {"text": text, "href": f"#{name}"} if name else {"text": text}
        for name, text in errors.items()
    ]
