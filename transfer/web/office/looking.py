"""What the pages about exercises have in common: who may see them, and as known when."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from projections.deadlines import deadlines
from projections.exercise import steps as exercise_steps
from projections.keeping_up.copying import Conn
from transfer.access.identity import Role
from transfer.core.dating.typed import typed_instant
from transfer.core.refusals import Malformed
from transfer.questions.procedures import Looking
from transfer.web.frame.pages import Pages

READERS: Final = (Role.ADMIN, Role.AUDIT)
NAMES: Final = (deadlines.NAME, exercise_steps.NAME)
"""The projections that these pages read."""

KNOWN_AT: Final = "known_at"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page was asked: its parameters without blanks, and as known when (`None`: now)."""

    given: Mapping[str, str]
    known_at: datetime | None


def read_asked(query: Mapping[str, str], *names: str) -> Asked:
    """What an address asks. Raises `Malformed` for a parameter that the page does not have, or for
    a date that is none."""
    for name in query:
        if name not in (*names, KNOWN_AT):
            raise Malformed(f"there is no such question: {name[:40]}", field=name)
    given = {name: text.strip() for name, text in query.items() if text.strip()}
    try:
        known_at = typed_instant(given[KNOWN_AT]) if KNOWN_AT in given else None
    except ValueError as error:
        raise Malformed(str(error), field=KNOWN_AT) from None
    return Asked(given, known_at)


@contextmanager
def looking_at(
    pages: Pages, asked: Asked, names: tuple[str, ...] = NAMES
) -> Iterator[tuple[Conn, Looking]]:
    """The exercises as the record knew them at the instant asked for; `names` are the projections
    that have to have reached it."""
    service = pages.service
    with service.knowing(names, asked) as (conn, known_at):
        today = service.today() if asked.known_at is None else None
        yield conn, Looking(service.office, service.worlds, known_at, today)
