"""Keyset cursors: where a page ended, as a string that a client hands back unread."""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from pydantic_core import from_json

from transfer.core.refusals import Malformed


class Page(Protocol):
    """A page of anything: `next_cursor` leads to the next one, and is `None` on the last."""

    @property
    def next_cursor(self) -> str | None:
        """Where the next page begins."""


P = TypeVar("P", bound=Page)


def every_page(page_from: Callable[[str | None], P]) -> Iterator[P]:
    """Every page, the first from `None`; each is read when it is asked for."""
    cursor: str | None = None
    while True:
        page = page_from(cursor)
        yield page
        cursor = page.next_cursor
        if cursor is None:
            return


def write_cursor(last: Sequence[str]) -> str:
    """The key of the last item of a page."""
    return base64.urlsafe_b64encode(json.dumps([*last]).encode()).decode().rstrip("=")


def read_cursor(cursor: str, length: int) -> tuple[str, ...]:
    """What `write_cursor` was given. Raises `Malformed` for anything else."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        # Not json.loads, which gives up as a fault on what is nested without end.
        seen = from_json(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeError, binascii.Error, ValueError):
        seen = None
    if not (
        isinstance(seen, list)
        and len(seen) == length
        and all(isinstance(part, str) and part.isprintable() for part in seen)
    ):
        raise malformed_cursor()
    return tuple(seen)


def malformed_cursor() -> Malformed:
    """What is said of a cursor that was made up."""
    return Malformed("this is not a cursor that an earlier page gave", field="cursor")
