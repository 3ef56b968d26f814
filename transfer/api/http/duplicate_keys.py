"""What JSON says twice: `{"a": 1, "a": 2}`. Readers differ about which of the two counts."""

import json


class _GivenTwice(Exception):  # noqa: N818 - it is how the reader stops, and never leaves this file
    """A name that one object has twice."""


def _look(pairs: list[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) == len(pairs):
        return
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise _GivenTwice(name)
        seen.add(name)


# Made once. Numbers stay text: of their values nothing is asked, and reading them may be refused.
_READER = json.JSONDecoder(
    object_pairs_hook=_look, parse_int=str, parse_float=str, parse_constant=str, strict=False
)


def given_twice(raw: bytes) -> str | None:
    """The first name that an object of a JSON text, at any depth, has twice.

    The text must have been read as JSON before: this says nothing of anything else.
    """
    try:
        _READER.decode(raw.decode())
    except _GivenTwice as found:
        return str(found)
    return None


TWICE = "given more than once"
"""Why such a text is refused."""
