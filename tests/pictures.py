"""Draws the pictures of docs/time-travel.md from the tables in it, with the program's own hand.

    python -m tests.pictures      writes docs/pictures/*.svg again

`tests/test_time_travel.py` fails where a picture is not what this would draw.
"""

from __future__ import annotations

from pathlib import Path

from tests.support.worked import DOCUMENT, Worked, end_of_day, worked_cases
from transfer.core.dating.effective_dating import Entry, Key, Kind, Piece
from transfer.core.dating.rectangles import rectangles
from transfer.core.words import MAIN
from transfer.web.everyone.two_clocks import draw

PICTURES = DOCUMENT.parent / "pictures"


def key_of(case: Worked) -> Key:
    """The facet that a case is about, of the person's only job."""
    return Key(Kind.FACET, MAIN, case.facet.value)


def entries_of(case: Worked, *, attested: bool = False) -> list[Entry]:
    """A case's entries as the rule reads them, by the record's own clock or the attested one."""
    found = []
    for each in case.entries:
        at = each.recorded_at
        if attested and each.claimed_on is not None:
            at = end_of_day(each.claimed_on)
        content: tuple[Piece, ...] = ()
        if each.effective_from is not None:
            content = (Piece(key_of(case), each.value, each.effective_from, each.effective_to),)
        of = None if each.of is None else case.event_id(each.of)
        found.append(Entry(case.event_id(each.number), at, content, of, each.annuls))
    return sorted(found, key=lambda entry: entry.recorded_at)


def picture(case: Worked) -> str:
    """The picture of a case; its lines cross at the first question of its table."""
    if case.answers:
        asked = case.answers[0]
        effective_at, known_at, compared = asked.effective_at, asked.known_at, None
    else:
        first = case.differences[0]
        effective_at, known_at, compared = first.effective_at, first.known_from, first.known_to
    attested = any(each.claimed_on is not None for each in case.entries)
    areas = rectangles(entries_of(case, attested=attested), key_of(case))
    title, name = case.title, case.name
    return (
        draw(areas, effective_at, known_at, title=title, compared_with=compared, name=name) + "\n"
    )


def paths() -> dict[Path, str]:
    """Every picture with its file."""
    return {PICTURES / f"{case.name}.svg": picture(case) for case in worked_cases()}


if __name__ == "__main__":
    for path, drawn in paths().items():
        path.write_text(drawn, encoding="utf-8")
