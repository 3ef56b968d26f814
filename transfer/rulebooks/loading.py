"""From the text of an edition's file to the edition, or to everything that is wrong with it.

Every fault names the line, the field and what to do, all of them at once; a file with a fault
gives no edition at all. The format is TOML; `docs/rulebooks.md` describes it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from transfer.core.refusals import Refusal
from transfer.rulebooks.kinds import ForKinds
from transfer.rulebooks.model import Rulebook
from transfer.rulebooks.references import faults
from transfer.rulebooks.toml_file import FileFault, Lines, Where, explained, path, read_table


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
    table = read_table(source)
    if isinstance(table, FileFault):
        raise FaultyEdition([table])
    found: list[tuple[Where, str]] = []
    book, reduced = _model(table, found)
    if book is not None and not checked:
        found += [(reduced.place(it.where), it.reason) for it in faults(book, reduced.dropped)]
    if found or book is None:
        lines = Lines(source)
        raise FaultyEdition(
            [FileFault(lines.of(where), path(where), reason) for where, reason in found]
        )
    return book.from_file(source)


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
        found += [
            (reduced.place(tuple(error["loc"])), explained(error, Rulebook)) for error in errors
        ]
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
_OPTIONAL = frozenset(("parties", "scope", *ForKinds.model_fields)) - {"edition"}
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
