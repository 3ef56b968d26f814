"""Tables of cases in Markdown: each row is a test that an official can check without code."""

from pathlib import Path


def cases(path: Path, heading: str) -> list[tuple[str, ...]]:
    """The rows of the table under the one heading that begins so; a blank cell is `""`."""
    sections = path.read_text(encoding="utf-8").split("\n## ")[1:]
    found = [section for section in sections if section.startswith(heading)]
    assert len(found) == 1, f"{len(found)} headings of {path.name} begin with {heading!r}"
    lines = [line for line in found[0].splitlines() if line.startswith("|")]
    table = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    assert len(table) > 2, f"no rows under {heading!r} in {path.name}"
    assert all(len(row) == len(table[0]) for row in table), f"a row under {heading!r} is ragged"
    return table[2:]
