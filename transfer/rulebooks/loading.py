"""From the text of an edition's file to the edition, or to everything that is wrong with it.

Every fault names the line, the field and what to do, all of them at once; a file with a fault
gives no edition at all. The format is TOML; `docs/rulebooks.md` describes it.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import tree_sitter_toml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from tree_sitter import Language, Node, Parser

from transfer.core.refusals import Refusal
from transfer.rulebooks.model import Rulebook
from transfer.rulebooks.references import Where, faults

LARGEST = 1_000_000
"""Bytes of a file."""

DEEPEST = 12
"""Tables and lists within each other."""


@dataclass(frozen=True, slots=True)
class FileFault:
    """A fault of an edition's file: its line from 1, the field's path, and what to do."""

    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        return (
            f"line {self.line}: {self.field}: {self.reason}"
            if self.field
            else (f"line {self.line}: {self.reason}")
        )


class FaultyEdition(Refusal):
    """The file gives no edition; `faults` holds everything that is wrong, in order of line."""

    def __init__(self, found: Sequence[FileFault]) -> None:
        self.faults = tuple(sorted(set(found), key=lambda each: (each.line, each.field)))
        more = f" and {len(self.faults) - 1} more" if len(self.faults) > 1 else ""
        super().__init__(f"{self.faults[0]}{more}")


def load_edition(source: bytes, *, checked: bool = False) -> Rulebook:
    """The edition that a file holds; `FaultyEdition` with every fault where it holds none.

    `checked` says that this very text was found without fault before, as the program's own editions
    were by its tests: then what it refers to is not looked up again, nor its conditions tried.
    """
    text = _text(source)
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise FaultyEdition([_not_toml(text, error)]) from None
    if _depth(table) > DEEPEST:
        raise FaultyEdition([FileFault(1, "", f"nested deeper than {DEEPEST} levels")])
    found: list[tuple[Where, str]] = []
    book, reduced = _model(table, found)
    if book is not None and not checked:
        found += [(reduced.place(it.where), it.reason) for it in faults(book, reduced.dropped)]
    if found or book is None:
        lines = _Lines(source)
        raise FaultyEdition(
            [FileFault(lines.of(where), _path(where), reason) for where, reason in found]
        )
    return book.from_file(source)


def _text(source: bytes) -> str:
    if len(source) > LARGEST:
        raise FaultyEdition([FileFault(1, "", f"the file has more than {LARGEST:,} bytes")])
    if b"\0" in source:
        line = source[: source.index(b"\0")].count(b"\n") + 1
        raise FaultyEdition([FileFault(line, "", "a NUL byte: this is no text file")])
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        raise FaultyEdition(
            [FileFault(line, "", "not UTF-8: save the file as UTF-8 text")]
        ) from None


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


def _model(
    table: dict[str, Any], found: list[tuple[Where, str]]
) -> tuple[Rulebook | None, "_Reduced"]:
    """The edition; where parts of it are faulty, what is left, so that it can be checked too."""
    reduced = _Reduced(table)
    for _ in range(_ATTEMPTS):
        try:
            return Rulebook.model_validate(reduced.table), reduced
        except ValidationError as invalid:
            errors = invalid.errors(include_url=False)
        found += [(reduced.place(tuple(error["loc"])), _explained(error)) for error in errors]
        if not reduced.leave_out({tuple(error["loc"]) for error in errors}):
            break
    return None, reduced


_ATTEMPTS = 4
_STAND_INS: Mapping[str, object] = {
    "edition": "faulty",
    "title": "faulty",
    "kind": "exercise",
    "published": True,
    "calendar": "england-and-wales",
    "steps": {},
    "under": {},
}
_OPTIONAL = frozenset(("parties", "scope"))
_KEYS = frozenset(
    info.validation_alias if isinstance(info.validation_alias, str) else name
    for name, info in Rulebook.model_fields.items()
)


class _Reduced:
    """An edition's table without its faulty entries; `dropped` are the ids of those, by list."""

    def __init__(self, table: dict[str, Any]) -> None:
        self.table = dict(table)
        self.dropped: dict[str, frozenset[str]] = {}
        self._kept: dict[str, list[int]] = {}

    def place(self, where: Where) -> Where:
        """A place of what is left as the place in the file."""
        if len(where) > 1 and where[0] in self._kept and isinstance(where[1], int):
            return (where[0], self._kept[str(where[0])][where[1]], *where[2:])
        return where

    def leave_out(self, places: set[Where]) -> bool:
        """Leave out the entries that the places lie in; false where that cannot be done."""
        entries: dict[str, set[int]] = {}
        for place in places:
            key = str(place[0]) if place else ""
            if key not in _KEYS or key in _OPTIONAL:
                self.table.pop(key, None)
                self.dropped.setdefault(key, frozenset())
            elif len(place) > 1 and isinstance(place[1], int):
                entries.setdefault(key, set()).add(place[1])
            elif key in _STAND_INS:
                self.table[key] = _STAND_INS[key]
                self.dropped.setdefault(key, frozenset())
            elif key == "mechanism" and (by := self._some_clause()) is not None:
                self.table[key] = {"is": "TUPE", "by": by}
                self.dropped.setdefault(key, frozenset())
            else:
                return False
        for key, faulty in entries.items():
            listed = self.table[key]
            kept = self._kept.get(key, list(range(len(listed))))
            ids = {
                str(listed[n][name])
                for n in faulty
                if isinstance(listed[n], dict)
                for name in ("id", "name", "term", "code")
                if name in listed[n]
            }
            self.dropped[key] = self.dropped.get(key, frozenset()) | ids
            self._kept[key] = [at for n, at in enumerate(kept) if n not in faulty]
            self.table[key] = [each for n, each in enumerate(listed) if n not in faulty]
        return True

    def _some_clause(self) -> str | None:
        clauses = self.table.get("clause")
        if not isinstance(clauses, list):
            return None
        ids = [each.get("id") for each in clauses if isinstance(each, dict)]
        return next((id_ for id_ in ids if isinstance(id_, str)), None)


def _explained(error: ErrorDetails) -> str:
    where: Where = tuple(error["loc"])
    match error["type"]:
        case "extra_forbidden":
            key = str(where[-1])
            near = get_close_matches(key, _keys_at(where[:-1]), n=1, cutoff=0.6)
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


def _keys_at(where: Where) -> list[str]:
    """The keys that a table at that place may have."""
    model: type[BaseModel] | None = Rulebook
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


def _path(where: Where) -> str:
    """A place as it is said: `route 2, when`; entries count from 1."""
    parts: list[str] = []
    for step in where:
        if isinstance(step, int):
            parts[-1] = f"{parts[-1]} {step + 1}"
        else:
            parts.append(str(step))
    return ", ".join(parts)


class _Lines:
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
