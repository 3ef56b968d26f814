"""Which rules of the catalogue a right answer of some scenario cites, and that the rest are listed.

`catalogue.txt` has the ids of the rules that were gathered from the sources. A rule is cited by its
own clause or by one that an edition has made of it, as `TR-09-share` of `TR-09`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from transfer.rulebooks import rulebook
from transfer.scenarios.reading import read_scenario

HERE = Path(__file__).parent
UNREAD = HERE.parents[1] / "docs" / "procedures" / "unread.md"
_ID = re.compile(r"[A-Z][A-Z0-9]-[0-9]+[a-z]*")


def catalogue() -> list[str]:
    return (HERE / "catalogue.txt").read_text(encoding="utf-8").split()


def clauses(answer: object) -> Iterator[str]:
    """The clauses that an answer names, however deep."""
    match answer:
        case dict():
            for key, value in answer.items():
                if key == "clause" and isinstance(value, str):
                    yield value
                elif key in ("clauses", "unknown") and isinstance(value, list | tuple):
                    yield from (each for each in value if isinstance(each, str))
                else:
                    yield from clauses(value)
        case list() | tuple():
            for each in answer:
                yield from clauses(each)
        case _:
            pass


def rules_cited() -> set[str]:
    """The rules of the catalogue that the right answers of all scenarios cite."""
    found: set[str] = set()
    for path in HERE.glob("*/*.toml"):
        file = read_scenario(path.read_bytes(), rulebook).file
        found.update(clauses([each.model_dump() for each in file.then]))
        found.update(clauses([each.refused.model_dump() for each in file.act if each.refused]))
        for each in file.then:
            found.update(each.needs_document, each.edition_says)
    ids = (_ID.match(clause) for clause in found)
    return {match[0] for match in ids if match is not None}


def test_every_rule_of_the_catalogue_is_cited_or_listed_as_one_that_is_not() -> None:
    known = catalogue()
    assert len(known) == len(set(known))
    rows = UNREAD.read_text(encoding="utf-8").splitlines()
    listed = [row.split("|")[1].strip() for row in rows if _ID.match(row.removeprefix("| "))]
    cited = rules_cited()
    assert not set(known) - cited - set(listed), "list them in docs/procedures/unread.md"
    assert not set(listed) - set(known)
    assert not cited & set(listed), "cited by now: take them out of docs/procedures/unread.md"
