"""Conditions: what an edition asks of a person's case, written in CEL and judged here alone.

    compiled = compile_condition("has(evidence.team)", names, Result.FLAG)
    compiled.evaluate(case)

CEL (Common Expression Language) has no side effects and always ends. What it may say here is
less still: no comprehensions, no regular expressions, a text of 2,000 characters at most.

Numbers that are no whole numbers never become binary ones. CEL knows no decimals, and its doubles
would decide 0.6 of five cases by 0.59999…; so decimals, shares and sums travel as durations, which
CEL keeps as exact whole numbers, compares exactly, and refuses to mix with others. A share of two
whole numbers is never divided out: `at_least(3, 5, value['X'])` multiplies instead. Dates travel
as instants in UTC, at the beginning of the day.

    Unsuitable     the text is no condition that this edition can use: names every reason
    NotJudged      a condition met a case that it cannot be judged by
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

import cel

from transfer.core.words import Facet

LONGEST = 2_000
DEEPEST = 16
MOST_TOKENS = 400
_PLACES = 6
_MILLIONTHS = 10**_PLACES

_MOST_ANSWERS = 1_000
"""How many answers of one condition are kept."""

Given = str | int | bool | Decimal | date | Sequence[str]
"""A value as the program holds it: decimals and dates are turned into what CEL keeps exactly."""


class Unsuitable(ValueError):  # noqa: N818 - an answer, not an error
    """The text cannot be used as a condition; `reasons` holds every one."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = tuple(reasons)


class NotJudged(ValueError):  # noqa: N818
    """A case that a condition cannot be judged by, and why."""


class Kind(StrEnum):
    """The kinds of values that a condition tells apart."""

    WHOLE = "whole number"
    DECIMAL = "decimal"
    TEXT = "text"
    FLAG = "yes or no"
    DATE = "date"
    TEXTS = "list"


class Result(StrEnum):
    """What an expression must come to."""

    FLAG = "true or false"
    TEXT = "a text"


@dataclass(frozen=True, slots=True)
class Names:
    """What conditions of an edition may name: its evidence, and its clauses with their kinds."""

    evidence: Mapping[str, Kind]
    values: Mapping[str, Kind]


@dataclass(frozen=True, slots=True)
class Case:
    """What a condition is asked of: one person's position and evidence on a day.

    `successors` are the ids of the transferees that succeed each transferor by its name.
    """

    facets: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, Given] = field(default_factory=dict)
    values: Mapping[str, Given] = field(default_factory=dict)
    transferor: str = ""
    transferors: Sequence[str] = ()
    transferees: Sequence[str] = ()
    successors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    on: date = date.min


FACETS: Mapping[str, Kind] = {
    facet.value: Kind.DECIMAL if facet is Facet.FTE else Kind.TEXT for facet in Facet
}
PLAIN: Mapping[str, Kind] = {
    **FACETS,
    "transferor": Kind.TEXT,
    "transferors": Kind.TEXTS,
    "transferees": Kind.TEXTS,
    "on": Kind.DATE,
    "one": Kind.DECIMAL,
}
"""The names that every condition may use, besides `evidence` and `value`."""

FUNCTIONS: Mapping[str, str] = {
    "has": "has(evidence.NAME): whether the return says anything there",
    "at_least": "at_least(part, whole, share): whether part of whole is that share or more",
    "more_than": "more_than(part, whole, share): whether part of whole is more than that share",
    "decimal": "decimal('0.6'): a decimal number",
    "day": "day('2027-04-01'): a date",
    "days_between": "days_between(first, second): how many days the second lies after the first",
    "listed": "listed(text, list): whether the list has the text, upper and lower case alike",
    "lower": "lower(text): the text in small letters",
    "successors": "successors(transferor): the transferees that succeed a transferor",
    "size": "size(list): how many there are",
    "startsWith": "text.startsWith(text)",
    "endsWith": "text.endsWith(text)",
    "contains": "text.contains(text)",
}
"""The functions that a condition may use, each with what it answers."""

_OPERATORS = frozenset(
    ("_&&_", "_||_", "!_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in", "_[_]", "_?_:_")
) | {"_+_", "_-_", "_*_", "-_"}
_DIVIDED = frozenset(("_/_", "_%_"))
_TOKEN = re.compile(
    r"""
    (?P<text>  "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' )
  | (?P<float> \d+\.\d+(?:[eE][+-]?\d+)? | \.\d+(?:[eE][+-]?\d+)? | \d+[eE][+-]?\d+ )
  | (?P<whole> \d+ )
  | (?P<name>  [A-Za-z_]\w* )
  | (?P<op>    && | \|\| | [=!<>]= | [-+*/%<>!?:.,()\[\]{}] )
  | (?P<gap>   \s+ )
  | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_FAILURES = (ValueError, TypeError, RuntimeError, LookupError, ArithmeticError)
_COMPARED = frozenset(("==", "!=", "<", ">", "<=", ">="))
_LITERALS = {"text": Kind.TEXT, "whole": Kind.WHOLE}
_WHERE = re.compile(r"<input>:(\d+):(\d+): (?:Syntax error: )?(.*)")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


@dataclass(frozen=True)
class Compiled:
    """A condition that is known to fit the edition; `evidence`, `clauses`, `facets` it names."""

    text: str
    result: Result
    evidence: tuple[str, ...]
    clauses: tuple[str, ...]
    plain: tuple[str, ...]

    @cached_property
    def _program(self) -> cel.Program:
        return cel.compile(self.text)

    @cached_property
    def _answers(self) -> dict[tuple[object, ...], bool | str]:
        return {}

    def evaluate(self, case: Case) -> bool | str:
        """What the condition comes to for the case; `NotJudged` where it comes to nothing.

        Thousands of people differ in what a condition does not name. What it came to for the same
        values is kept: the answer is a function of them alone.
        """
        named = self._named_of(case)
        found = self._answers.get(named)
        if found is None:
            found = self._evaluated(case)
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers.clear()
            self._answers[named] = found
        return found

    def _named_of(self, case: Case) -> tuple[object, ...]:
        """What of the case can bear on the answer: all that the condition names."""
        given: list[object] = [case.evidence.get(name) for name in self.evidence]
        given += [case.values.get(name) for name in self.clauses]
        given += [
            case.facets.get(name) if name in FACETS else getattr(case, name)
            for name in self.plain
            if name != "one"
        ]
        if "successors" in self.text:
            given += [(name, *to) for name, to in case.successors.items()]
        return tuple(tuple(each) if isinstance(each, list) else each for each in given)

    def _evaluated(self, case: Case) -> bool | str:
        variables: dict[str, Any] = dict.fromkeys(FACETS, "")
        variables.update(
            {name: value for name, value in case.facets.items() if name != Facet.FTE.value}
        )
        try:
            variables |= {
                Facet.FTE.value: exact(Decimal(case.facets.get(Facet.FTE.value) or "0")),
                # What the condition names and no more: an edition may have hundreds of clauses.
                "evidence": _named(self.evidence, case.evidence),
                "value": _named(self.clauses, case.values),
                "transferor": case.transferor,
                "transferors": list(case.transferors),
                "transferees": list(case.transferees),
                "on": exact(case.on),
                "one": exact(Decimal(1)),
            }
            failed: list[str] = []
            functions = {name: _noted(each, failed) for name, each in _bound(case).items()}
            found = self._program.execute(cel.Context(variables=variables, functions=functions))
        except KeyError as missing:
            raise NotJudged(f"{missing.args[0]} is missing: ask has(evidence.…) first") from None
        except _FAILURES as error:
            raise NotJudged(failed[0] if failed else _first_line(error)) from None
        if failed:
            raise NotJudged(failed[0])
        if not isinstance(found, bool if self.result is Result.FLAG else str):
            raise NotJudged(f"it comes to {found!r}, which is not {self.result}")
        return found

    def saw(self, case: Case) -> Mapping[str, str]:
        """What of the case the condition names, in its written form: for the record."""
        seen: dict[str, Given | None] = {name: case.evidence.get(name) for name in self.evidence}
        seen |= {name: case.values.get(name) for name in self.clauses}
        seen |= {name: case.facets.get(name) for name in self.plain if name in FACETS}
        return {name: written(value) for name, value in seen.items() if value is not None}


def _named(names: Sequence[str], given: Mapping[str, Given]) -> dict[str, object]:
    return {name: exact(given[name]) for name in names if name in given}


def exact(value: Given) -> object:
    """A value as CEL keeps it exactly; `NotJudged` for a decimal too fine or too large for that."""
    match value:
        case bool() | int() | str():
            return value
        case Decimal():
            scaled = value * _MILLIONTHS
            if scaled != scaled.to_integral_value() or abs(value) >= 10**12:
                raise NotJudged(f"{value} has more than {_PLACES} decimal places, or is too large")
            return timedelta(microseconds=int(scaled))
        case date():
            return datetime.combine(value, time.min, tzinfo=UTC)
        case _:
            return list(value)


def written(value: Given) -> str:
    """A value as a fact keeps it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return format(value, "f")
        case str() | int() | date():
            return str(value)
        case _:
            return ", ".join(value)


def compile_condition(text: str, names: Names, result: Result) -> Compiled:
    """A condition of an edition; `Unsuitable` with everything that is wrong with it."""
    if len(text) > LONGEST:
        raise Unsuitable([f"is longer than {LONGEST} characters"])
    tokens = [_Token(m.lastgroup or "other", m[0]) for m in _TOKEN.finditer(text)]
    tokens = [token for token in tokens if token.kind != "gap"]
    depth = deepest = 0
    for token in tokens:
        depth += (token.text in "([{") - (token.text in ")]}") if token.kind == "op" else 0
        deepest = max(deepest, depth)
    if deepest > DEEPEST or len(tokens) > MOST_TOKENS:
        raise Unsuitable([f"is nested deeper than {DEEPEST} or has more than {MOST_TOKENS} parts"])
    read = _Reader(tokens, names)
    reasons = [*read.reasons]
    try:
        program = cel.compile(text)
    except _FAILURES as error:
        raise Unsuitable([_syntax(error), *reasons]) from None
    allowed = {*PLAIN, "evidence", "value"}
    reasons += [
        f"there is no name {name}{_near(name, [*allowed, *names.evidence])}"
        for name in program.variables()
        if name not in allowed
    ]
    reasons += [
        f"there is no function {name}{_near(name, FUNCTIONS)}"
        for name in program.functions()
        if name not in FUNCTIONS and name not in _OPERATORS and name not in _DIVIDED
    ]
    if not _DIVIDED.isdisjoint(program.functions()):
        reasons.append("a division would be rounded: write at_least(part, whole, share)")
    if reasons:
        raise Unsuitable(list(dict.fromkeys(reasons)))
    return Compiled(
        text=text,
        result=result,
        evidence=tuple(dict.fromkeys(read.evidence)),
        clauses=tuple(dict.fromkeys(read.values)),
        plain=tuple(name for name in program.variables() if name in PLAIN),
    )


class _Reader:
    """What the tokens name, and what is wrong with that."""

    def __init__(self, tokens: Sequence[_Token], names: Names) -> None:
        self.reasons: list[str] = []
        self.evidence: list[str] = []
        self.values: list[str] = []
        self._names = names
        terms = list(self._terms(tokens))
        for first, between, second in zip(terms, terms[1:], terms[2:], strict=False):
            self._compare(first, between, second)

    def _terms(self, tokens: Sequence[_Token]) -> Iterator[tuple[str, Kind | None, bool]]:
        """What can be compared: its text, its kind if known, whether it is a literal."""
        at = 0
        while at < len(tokens):
            token = tokens[at]
            after_dot = at > 0 and tokens[at - 1].text == "."
            if token.kind == "float":
                self.reasons.append(
                    f"{token.text} would be a binary number: write decimal('{token.text}')"
                )
            elif token.kind == "other":
                self.reasons.append(f"{token.text!r} means nothing here")
            elif token.kind == "name" and not after_dot and token.text in ("evidence", "value"):
                named, taken = self._member(token.text, tokens[at + 1 : at + 4])
                at += taken
                yield (f"{token.text}[{named!r}]", self._kind(token.text, named), False)
                continue
            kind = PLAIN.get(token.text) if token.kind == "name" and not after_dot else None
            literal = token.kind in _LITERALS
            yield (token.text, _LITERALS[token.kind] if literal else kind, literal)
            at += 1

    def _member(self, of: str, following: Sequence[_Token]) -> tuple[str | None, int]:
        if len(following) >= 2 and following[0].text == "." and following[1].kind == "name":
            if of == "value":
                self.reasons.append("write value['CLAUSE'], with the clause's id in quotes")
                return None, 3
            return following[1].text, 3
        shape = [token.text if token.kind == "op" else token.kind for token in following]
        if shape == ["[", "text", "]"]:
            return following[1].text[1:-1], 4
        self.reasons.append(f"{of} needs a name: {of}['…']")
        return None, 1

    def _kind(self, of: str, named: str | None) -> Kind | None:
        if named is None:
            return None
        known = self._names.evidence if of == "evidence" else self._names.values
        (self.evidence if of == "evidence" else self.values).append(named)
        if named not in known:
            what = "evidence" if of == "evidence" else "clause with a value"
            self.reasons.append(f"there is no {what} {named}{_near(named, known)}")
        return known.get(named)

    def _compare(
        self,
        first: tuple[str, Kind | None, bool],
        between: tuple[str, Kind | None, bool],
        second: tuple[str, Kind | None, bool],
    ) -> None:
        (left, a, _), (operator, _, _), (right, b, _) = first, between, second
        if operator not in _COMPARED or a is None or b is None or a is b:
            return
        advice = ""
        if Kind.DECIMAL in (a, b) and Kind.WHOLE in (a, b):
            literal = right if b is Kind.WHOLE else left
            advice = f": write decimal('{literal}')" if literal.isdigit() else ": use at_least"
        elif Kind.DATE in (a, b) and Kind.TEXT in (a, b):
            advice = f": write day({right if b is Kind.TEXT else left})"
        self.reasons.append(f"{left} is a {a} and {right} a {b}: they cannot be compared{advice}")


def _bound(case: Case) -> dict[str, Callable[..., Any]]:
    return {
        "at_least": lambda part, whole, share: _product(part, whole) >= share * _whole(whole),
        "more_than": lambda part, whole, share: _product(part, whole) > share * _whole(whole),
        "decimal": lambda text: exact(Decimal(text)),
        "day": lambda text: exact(date.fromisoformat(text)),
        "days_between": lambda first, second: (second - first).days,
        "listed": lambda text, among: text.casefold() in {each.casefold() for each in among},
        "lower": lambda text: text.casefold(),
        "successors": lambda transferor: list(case.successors.get(transferor, ())),
    }


def _noted(function: Callable[..., Any], failed: list[str]) -> Callable[..., Any]:
    """The function, its failures kept: CEL would print them, and let an `||` pass them over."""

    def call(*given: object) -> object:
        try:
            return function(*given)
        except (*_FAILURES, AttributeError) as error:
            failed.append(_first_line(error))
            return False

    return call


def _product(part: int, whole: int) -> timedelta:
    if _whole(whole) == 0:
        raise ValueError("there is no share of nothing")
    return timedelta(seconds=_whole(part))


def _whole(number: object) -> int:
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError(f"{number!r} is no whole number")
    if not 0 <= number < 10**9:
        raise ValueError(f"{number} is too large, or below none")
    return number


def _near(name: str, known: Mapping[str, object] | Sequence[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f": did you mean {near[0]}?" if near else ""


def _syntax(error: Exception) -> str:
    found = _WHERE.search(str(error))
    if found is None:
        return f"is not CEL: {_first_line(error)}"
    where = f"character {found[2]}" if found[1] == "1" else f"line {found[1]}, character {found[2]}"
    return f"is not CEL: at {where}, {found[3].split(' expecting')[0]}"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].split(". ")[0] if str(error) else type(error).__name__
