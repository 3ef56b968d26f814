"""Writes `docs/procedures`: a page for each kind of procedure, from its declaration, its editions
and its scenarios. `python -m tests.procedures.pages` writes them again.

A page is never edited by hand: what is wrong in it is wrong in the declaration or in an edition.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from inspect import getdoc
from pathlib import Path

from pydantic import BaseModel

from transfer.commands.acts.offered import Offered, offered
from transfer.core.editions.parts import Clause, cited_in
from transfer.core.editions.values import print_value
from transfer.core.matter.kind import Kind
from transfer.core.matter.words import Nature, Over
from transfer.kinds import KNOWN
from transfer.rulebooks import Rulebook, shipped
from transfer.scenarios.reading import kind_meant

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "procedures"
SCENARIOS = ROOT / "tests" / "scenarios"

_NATURES = {
    Nature.RIGHT: "may be done",
    Nature.DUTY: "has to be done",
    Nature.ACT: "is done by the clock",
}
_OVER = {
    Over.MATTER: "the whole",
    Over.GROUP: "a group",
    Over.PERSON: "one person, or each of many",
}
_OF_EXERCISES = frozenset(("exercise", "appeal", "consultation"))
"""Kinds that go by an exercise's edition as a whole, and not by a part for them alone."""


def page(kind: Kind) -> str:
    """The page of one kind, in Markdown."""
    return (
        "\n".join(
            line.rstrip()
            for section in (
                _head(kind),
                _acts(kind),
                _steps(kind),
                _due(kind),
                _facts(kind),
                _answers(kind),
                _editions(kind),
                _scenarios(kind),
            )
            for line in section
        ).rstrip("\n")
        + "\n"
    )


def _head(kind: Kind) -> Iterator[str]:
    yield f"# {kind.title}"
    yield ""
    yield "Made from the declaration of the kind and from its editions by"
    yield "`python -m tests.procedures.pages`; not edited by hand."
    yield ""
    lies = "It lies on the record of one person." if kind.lies_with_person else ""
    own = "" if kind.lies_with_person else "It lies on nobody's record."
    yield f"In addresses, files and commands it is called `{kind.name}`. {lies}{own}"
    yield ""


def _acts(kind: Kind) -> Iterator[str]:
    yield "## What is done"
    yield ""
    rows = [
        (f"`{act.name}`", act.says, ", ".join(act.who), _over(kind, act), _fields(act))
        for act in offered((kind,))
    ]
    yield from table(("act", "what it does", "by", "for", "needs"), rows)


def _over(kind: Kind, act: Offered) -> str:
    name = kind.begins if act.begins else act.name
    declared = next((each for each in kind.acts if each.name == name), None)
    if declared is None or (kind.lies_with_person and not act.begins):
        return ""
    return _OVER[declared.over]


def _fields(act: Offered) -> str:
    needed = (name for name, field in act.body.model_fields.items() if field.is_required())
    return ", ".join(f"`{name}`" for name in needed)


def _steps(kind: Kind) -> Iterator[str]:
    if not kind.steps:
        return
    yield "## What the clock does"
    yield ""
    rows = [
        (f"`{step.name}`", step.act.says, step.falls_due, step.waits.value.replace("-", " "))
        for step in kind.steps
    ]
    yield from table(("step", "what it does", "when", "taken"), rows)


def _due(kind: Kind) -> Iterator[str]:
    rows = []
    for row in kind.obligations:
        name = kind.facts.get(row.fact)
        fact = row.fact.__name__ if name is None else name.partition(".")[0]
        for does in row.does:
            what = "is over" if does.nature is None else _NATURES[does.nature]
            rows.append((f"`{fact}`", f"`{does.what}`", what))
    rows = list(dict.fromkeys(rows))
    if rows:
        yield "## What falls due"
        yield ""
        yield from table(("once this is on record", "this", "from then on"), rows)


def _facts(kind: Kind) -> Iterator[str]:
    yield "## What goes on record"
    yield ""
    rows = [
        (
            f"`{name.partition('.')[0]}`",
            _first_sentence(fact),
            "yes" if fact in kind.effects else "",
        )
        for fact, name in kind.facts.items()
    ]
    yield from table(("fact", "what it says", "states a value with dates"), rows)


def _answers(kind: Kind) -> Iterator[str]:
    if not kind.answers:
        return
    yield "## What it can be asked"
    yield ""
    rows = [
        (f"`{each.name}`", each.says, ", ".join(f"`{name}`" for name in each.gives.model_fields))
        for each in kind.answers
    ]
    yield from table(("question", "what it tells", "with"), rows)


def _editions(kind: Kind) -> Iterator[str]:
    for name, book in shipped().items():
        part = next((it for of, it in book.parts.items() if of == kind.name), None)
        if part is not None:
            yield f"## By {name}"
            yield ""
            yield f"{book.title}."
            yield ""
            yield from _clauses(book, part)
    if kind.name in _OF_EXERCISES:
        yield "## Editions"
        yield ""
        yield "It goes by the edition that its exercise was opened under: "
        yield f"{', '.join(f'`{name}`' for name, book in shipped().items() if book.law)}."
        yield "`transfer rulebook EDITION` shows one."
        yield ""


def _clauses(book: Rulebook, part: BaseModel) -> Iterator[str]:
    ids = book.closure(dict.fromkeys(clause for _, clause in cited_in(part)))
    rows = [
        (
            clause.id,
            clause.title,
            _value(clause),
            clause.confidence.value,
            "; ".join(clause.sources),
        )
        for clause in book.clauses
        if clause.id in ids
    ]
    yield from table(("clause", "title", "value", "confidence", "read in"), rows)


def _value(clause: Clause) -> str:
    if clause.value is not None:
        return f"{print_value(clause.value)} {clause.unit or ''}".strip()
    if clause.unknown_because:
        return f"unknown: it needs {clause.document_needed}"
    return ""


def _scenarios(kind: Kind) -> Iterator[str]:
    found = scenarios_of(kind)
    if not found:
        return
    yield "## Scenarios"
    yield ""
    for path, title in found.items():
        yield f"- [{title}](../../{path.relative_to(ROOT).as_posix()})"
    yield ""


def scenarios_of(kind: Kind) -> Mapping[Path, str]:
    """The scenarios in which something of a kind is done, with their titles."""
    found: dict[Path, str] = {}
    for path in sorted(SCENARIOS.glob("*/*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        book = shipped().get(content["edition"])
        meant = "exercise" if book is None else kind_meant(book)
        if kind.name in {act.get("kind", meant) for act in content.get("act", ())}:
            found[path] = content["scenario"]
    return found


def _first_sentence(model: type[BaseModel]) -> str:
    text = " ".join((getdoc(model) or "").split("\n\n")[0].split())
    return re.split(r"(?<=\.) ", text)[0]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table in Markdown, and the blank line after it."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def index() -> str:
    """The list of all pages."""
    lines = [
        "# Procedures",
        "",
        "What each kind of procedure does, from its declaration and its editions. Made by",
        "`python -m tests.procedures.pages`; not edited by hand. The rules that no answer of a",
        "scenario cites are [listed](unread.md), with what is missing.",
        "",
        *(f"- [{kind.title}]({kind.name}.md)" for kind in KNOWN.kinds),
        "",
    ]
    return "\n".join(lines)


def pages() -> Mapping[str, str]:
    """Every file of the folder that is made, by its name."""
    return {"README.md": index(), **{f"{kind.name}.md": page(kind) for kind in KNOWN.kinds}}


def main() -> None:
    """Write them all."""
    PAGES.mkdir(exist_ok=True)
    for name, text in pages().items():
        (PAGES / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
