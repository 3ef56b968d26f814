"""Who has something on record in which matter: an index that is read off the log.

Nobody writes it beside an append. Whoever asks it first reads on from where it stands to the end of
the log (a matter of a millisecond where little is new), so that whatever has appended there, an
import or a restored log too, it lacks nothing. Emptied, it is made again.
"""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, LiteralString

import psycopg

from transfer.core.matter import facts as t
from transfer.core.streams import take_apart
from transfer.log.application import Log
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts

_PAGE = 2_000

_STANDING = """
SELECT position, names, whole, (SELECT last_position FROM log_head) AS head FROM matter_people_read
"""
_LOCKED = _STANDING + " FOR UPDATE OF matter_people_read"
_EMPTY = "DELETE FROM matter_people"
_STANDS = "UPDATE matter_people_read SET position = %s, names = %s, whole = %s"
_NOTE = """
INSERT INTO matter_people AS m (matter, staff_number, last_day, joined)
SELECT * FROM unnest(
    %(matters)s::text[], %(numbers)s::text[], %(days)s::date[], %(joined)s::boolean[]
)
ON CONFLICT (matter, staff_number) DO UPDATE
SET last_day = greatest(m.last_day, excluded.last_day), joined = m.joined OR excluded.joined
WHERE m.last_day < excluded.last_day OR (excluded.joined AND NOT m.joined)
"""
_PEOPLE_OF = """
SELECT staff_number FROM matter_people
WHERE matter = %(matter)s AND (%(since)s::date IS NULL OR last_day >= %(since)s)
ORDER BY staff_number
"""
_JOINED = """
SELECT staff_number FROM matter_people WHERE matter = %(matter)s AND joined ORDER BY staff_number
"""

_HOW_MANY_JOINED = """
SELECT count(*) AS people FROM matter_people WHERE matter = %(matter)s AND joined
"""

_MATTERS_OF = """
SELECT matter, staff_number FROM matter_people
WHERE starts_with(matter, %(kind)s) AND (%(staff)s::text IS NULL OR staff_number = %(staff)s)
ORDER BY matter, staff_number
"""

_Row = Mapping[str, Any]


class MatterPeople:
    """The index of one log; safe among threads and processes."""

    def __init__(self, log: Log[Fact], known: KnownFacts) -> None:
        self._log = log
        kinds = tuple(name for kind in known.kinds for name in kind.facts.values())
        self._names = (*t.STORED_NAMES.values(), *kinds)
        self._digest = hashlib.sha256("\n".join(sorted(self._names)).encode()).digest()
        self._has_looked = False
        self._joined: dict[str, tuple[int, tuple[str, ...]]] = {}
        # Reading on takes a second connection: one thread at a time may hold its first.
        self._turn = threading.Lock()

    def of(self, matter: str, *, since: date | None = None) -> tuple[str, ...]:
        """Everybody with something on record in a matter; of that day or later, where one is
        given."""
        return self._found(_PEOPLE_OF, {"matter": matter, "since": since})

    def joined(self, matter: str) -> tuple[str, ...]:
        """Everybody who was brought into a matter one by one, whenever that was; the very same
        answer until there are more.

        Who was is so for ever, and so as many as before are the same as before. Where nobody was
        since it was last asked, the index is not read on: every step of every group asks.
        """
        head = self._log.head().position
        asked_at, known = self._joined.get(matter, (-1, ()))
        if asked_at >= 0 and not self._has_joined_since(asked_at):
            self._joined[matter] = (max(asked_at, head), known)
            return known
        self._read_on()
        with self._log.connection() as connection:
            row = connection.execute(_HOW_MANY_JOINED, {"matter": matter}).fetchone()
        if row is None or row["people"] != len(known):
            known = self._found(_JOINED, {"matter": matter})
        self._joined[matter] = (head, known)
        return known

    def _has_joined_since(self, position: int) -> bool:
        """Whether somebody was brought into whichever matter; also where that cannot be read."""
        new = self._log.page_readable(position, 1, [t.STORED_NAMES[t.Joined]])
        return bool(new.facts or new.undecodable)

    def matters(self, kind: str, staff_number: str | None = None) -> tuple[tuple[str, str], ...]:
        """Matters of a kind that somebody has something in, each with whom; only somebody's, where
        a staff number is given. In the order of their names."""
        values = {"kind": f"{kind}:", "staff": staff_number}
        self._read_on()
        with self._log.connection() as connection:
            rows = connection.execute(_MATTERS_OF, values).fetchall()
        return tuple((row["matter"], row["staff_number"]) for row in rows)

    def _found(self, query: LiteralString, values: Mapping[str, object]) -> tuple[str, ...]:
        self._read_on()
        with self._log.connection() as connection:
            rows = connection.execute(query, values).fetchall()
        return tuple(row["staff_number"] for row in rows)

    def rebuild(self) -> None:
        """Make it again from the whole log."""
        self._joined.clear()
        with self._log.connection() as connection:
            connection.execute(_STANDS, (0, b"", True))
        self._read_on()

    def _read_on(self) -> None:
        with self._log.connection() as connection:
            if self._is_whole(connection.execute(_STANDING).fetchone()):
                return
        with self._turn, self._log.connection() as connection, connection.transaction():
            # Another process that asks meanwhile waits, and finds it read.
            row: _Row | None = connection.execute(_LOCKED).fetchone()
            if row is None:
                raise LookupError("the index of people has lost its position")
            if not self._is_whole(row):
                self._to_the_head(connection, row)
            self._has_looked = True

    def _is_whole(self, row: _Row | None) -> bool:
        return row is not None and row["position"] >= row["head"] and not self._is_stale(row)

    def _is_stale(self, row: _Row) -> bool:
        # What could not be read before may be readable by this program: it looks once.
        return bytes(row["names"]) != self._digest or not (row["whole"] or self._has_looked)

    def _to_the_head(self, connection: psycopg.Connection[Any], row: _Row) -> None:
        position, whole, head = row["position"], row["whole"], row["head"]
        if self._is_stale(row):
            connection.execute(_EMPTY)
            position, whole = 0, True
        while position < head:
            page = self._log.page_readable(position, _PAGE, self._names)
            whole = whole and not page.undecodable
            self._note(connection, page.facts)
            position = max(page.last, head) if page.is_last else page.last
        connection.execute(_STANDS, (position, self._digest, whole))

    def _note(self, connection: psycopg.Connection[Any], page: Sequence[Recorded[Fact]]) -> None:
        last: dict[tuple[str, str], date] = {}
        joined: set[tuple[str, str]] = set()
        for recorded in page:
            fact = recorded.fact
            kind, number = take_apart(recorded.stream)
            if kind == "staff" and isinstance(fact, t.MatterFact):
                key = (fact.matter, number)
                last[key] = max(fact.happened_on, last.get(key, fact.happened_on))
                if isinstance(fact, t.Joined):
                    joined.add(key)
        if last:
            values = {
                "matters": [matter for matter, _ in last],
                "numbers": [number for _, number in last],
                "days": list(last.values()),
                "joined": [key in joined for key in last],
            }
            connection.execute(_NOTE, values)
