"""Entries as a case table writes them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from transfer.core.dating.effective_dating import Entry, Key, Kind, Piece
from transfer.core.words import MAIN

START = datetime(2014, 6, 10, 9, tzinfo=UTC)

_CONTENT = re.compile(r"(?P<values>.+) from (?P<since>\S+)(?: to (?P<until>\S+))?")


def id_of(number: int) -> UUID:
    return uuid5(NAMESPACE_URL, f"event {number}")


def recorded_at(number: int) -> datetime:
    return START + timedelta(minutes=number)


def key(name: str) -> Key:
    """What a row names: `band`, `evenings:band` of another job, or `term:allowance`."""
    job, _, rest = name.rpartition(":")
    return Key(Kind.TERM, "", rest) if job == "term" else Key(Kind.FACET, job or MAIN, rest)


def entry(number: int, text: str) -> Entry:
    """One event of the table, e.g. `band 3 and unit Lambeth from 2012-01-01 to 2013-01-01`."""
    if text.startswith("annulment of "):
        named = id_of(int(text.removeprefix("annulment of ")))
        return Entry(id_of(number), recorded_at(number), of=named, annuls=True)
    of = None
    if text.startswith("correction of "):
        about, _, text = text.removeprefix("correction of ").partition(": ")
        of = id_of(int(about))
    found = _CONTENT.fullmatch(text)
    assert found is not None, text
    pieces = []
    for each in found["values"].split(" and "):
        name, _, value = each.partition(" ")
        pieces.append(
            Piece(
                key(name),
                None if value == "nothing" else value,
                date.fromisoformat(found["since"]),
                date.fromisoformat(found["until"]) if found["until"] else None,
            )
        )
    return Entry(id_of(number), recorded_at(number), content=tuple(pieces), of=of)
