"""Editions for tests to begin from: the one of the guide, and any that differs from it a little."""

import re
from pathlib import Path

from transfer.rulebooks import Rulebook
from transfer.rulebooks.loading import load_edition

_GUIDE = Path(__file__).parents[2] / "docs" / "rulebooks.md"


def moor_text() -> str:
    """The worked edition of the guide, as it stands there."""
    found = re.search(
        r"<!-- file moor-2027.toml -->\n```toml\n(.*?)```",
        _GUIDE.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    assert found is not None
    return found[1]


def moor(*changes: tuple[str, str]) -> Rulebook:
    """The worked edition, each first text of `changes` replaced by the second."""
    return load_edition(moor_source(*changes))


def moor_source(*changes: tuple[str, str]) -> bytes:
    """The bytes of the worked edition, changed."""
    text = moor_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()
