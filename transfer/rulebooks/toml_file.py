"""A TOML file that somebody writes by hand: its table, the line of every key, and its faults.

Editions and scenarios are such files. `tomllib` reads them and says no lines; the lines are those
of `tree-sitter`. Every fault names the line, the field and what to do.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import tree_sitter_toml
from pydantic import BaseModel
from pydantic_core import ErrorDetails
from tree_sitter import Language, Node, Parser

Where = tuple[str | int, ...]
"""A place in a file: keys, and places in lists from 0."""

LARGEST = 1_000_000
"""Bytes of a file."""

DEEPEST = 12
"""Tables and lists within each other."""


@dataclass(frozen=True, slots=True)
class FileFault:
    """A fault of a file: its line from 1, the field's path, and what to do."""

    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        where = f"line {self.line}: "
        return f"{where}{self.field}: {self.reason}" if self.field else f"{where}{self.reason}"


def read_table(source: bytes) -> dict[str, Any] | FileFault:
    """The table that a file holds, decimals exact; or why it holds none."""
    text = _text(source)
    if isinstance(text, FileFault):
        return text
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return _not_toml(text, error)
    if _depth(table) > DEEPEST:
        return FileFault(1, "", f"nested deeper than {DEEPEST} levels")
    return table


def _text(source: bytes) -> str | FileFault:
    if len(source) > LARGEST:
        return FileFault(1, "", f"the file has more than {LARGEST:,} bytes")
    if b"\0" in source:
        line = source[: source.index(b"\0")].count(b"\n") + 1
        return FileFault(line, "", "a NUL byte: this is no text file")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        return FileFault(line, "", "not UTF-8: save the file as UTF-8 text")


def _not_toml(text: str, error: Exception) -> FileFault:
    if isinstance(error, RecursionError):
        return FileFault(1, "", f"nested deeper than {DEEPEST} levels")
    message, _, where = str(error).partition(" (at ")
    line = where.removeprefix("line ").split(",")[0]
    if not line.isdigit():
        return FileFault(text.count("\n") + 1, "", f"not TOML: {message}, at the end of the file")
    return FileFault(int(line), "", f"not TOML: {message}")


def _depth(value: object, so_far: int = 0) -> int:
    if so_far > DEEPEST:
        return so_far
    within = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max((_depth(each, so_far + 1) for each in within), default=so_far)


def explained(error: ErrorDetails, model: type[BaseModel]) -> str:
    """What a model's own message says, in the words of whoever wrote the file; unknown keys and
    values are answered with the nearest known one."""
    where: Where = tuple(error["loc"])
    match error["type"]:
        case "extra_forbidden":
            key = str(where[-1])
            near = get_close_matches(key, _keys_at(model, where[:-1]), n=1, cutoff=0.6)
            return f"there is no key {key}" + (f": did you mean {near[0]}?" if near else "")
        case "missing":
            return f"{where[-1]} is missing"
        case "enum" | "literal_error":
            expected = str((error.get("ctx") or {}).get("expected", ""))
            options = [each.strip(" '") for each in expected.replace(" or ", ", ").split(",")]
            near = get_close_matches(str(error["input"]), options, n=1, cutoff=0.6)
            said = f"{error['input']!r} is not one of {expected}"
            return said + (f": did you mean {near[0]}?" if near else "")
        case "value_error":
            return error["msg"].removeprefix("Value error, ")
        case "string_pattern_mismatch":
            return f"{error['input']!r} is not written as it must be ({error['msg']})"
        case _:
            return error["msg"]


def _keys_at(of: type[BaseModel], where: Where) -> list[str]:
    """The keys that a table at that place may have."""
    model: type[BaseModel] | None = of
    for step in where:
        if isinstance(step, int) or model is None:
            continue
        model = _model_at(model, str(step))
    if model is None:
        return []
    return [
        info.validation_alias if isinstance(info.validation_alias, str) else name
        for name, info in model.model_fields.items()
    ]


def _model_at(model: type[BaseModel], key: str) -> type[BaseModel] | None:
    for name, info in model.model_fields.items():
        if key in (name, info.validation_alias):
            return _within(info.annotation)
    return None


def _within(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _within(inner)
        if found is not None:
            return found
    return None


def path(where: Where) -> str:
    """A place as it is said: `route 2, when`; entries count from 1."""
    parts: list[str] = []
    for step in where:
        if isinstance(step, int):
            parts[-1] = f"{parts[-1]} {step + 1}"
        else:
            parts.append(str(step))
    return ", ".join(parts)


class Lines:
    """The line of every key of a TOML text."""

    def __init__(self, source: bytes) -> None:
        self._lines: dict[Where, int] = {(): 1}
        root = Parser(Language(tree_sitter_toml.language())).parse(source).root_node
        counts: dict[Where, int] = {}
        for node in root.children:
            if node.type == "pair":
                self._pair(node, ())
            elif node.type in ("table", "table_array_element"):
                keys = _keys(next(each for each in node.named_children if "key" in each.type))
                at = self._resolved(keys[:-1], counts)
                here: Where = (*at, keys[-1])
                if node.type == "table_array_element":
                    counts[here] = counts.get(here, -1) + 1
                    self._note(here, node)
                    here = (*here, counts[here])
                elif here in counts:
                    here = (*here, counts[here])
                self._note(here, node)
                for each in node.named_children:
                    if each.type == "pair":
                        self._pair(each, here)

    def of(self, where: Where) -> int:
        """The line of a place, or of the nearest thing around it."""
        while where not in self._lines:
            where = where[:-1]
        return self._lines[where]

    @staticmethod
    def _resolved(keys: Sequence[str], counts: Mapping[Where, int]) -> Where:
        at: Where = ()
        for key in keys:
            at = (*at, key)
            if at in counts:
                at = (*at, counts[at])
        return at

    def _note(self, where: Where, node: Node) -> None:
        self._lines.setdefault(where, node.start_point.row + 1)

    def _pair(self, node: Node, within: Where) -> None:
        key, value = node.named_children[0], node.named_children[-1]
        here = within
        for each in _keys(key):
            here = (*here, each)
            self._note(here, node)
        self._value(value, here)

    def _value(self, node: Node, here: Where) -> None:
        if node.type == "inline_table":
            for each in node.named_children:
                if each.type == "pair":
                    self._pair(each, here)
        elif node.type == "array":
            entries = [each for each in node.named_children if each.type != "comment"]
            for n, each in enumerate(entries):
                self._note((*here, n), each)
                self._value(each, (*here, n))


def _keys(node: Node) -> list[str]:
    if node.type == "dotted_key":
        return [key for each in node.named_children for key in _keys(each)]
    text = (node.text or b"").decode()
    return [text[1:-1] if node.type == "quoted_key" else text]
