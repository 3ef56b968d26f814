"""How much is waited for in a procedure, kept by the instant that it was counted for.

What was on record at an instant that is over never changes. An exercise of thousands of people has
thousands of open rights; until there is another fact on record, nothing has to be counted again.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime

from psycopg.rows import tuple_row

from projections.deadlines.deadlines import waiting
from projections.keeping_up.copying import Conn

_MOST = 64
"""Procedures and instants that are kept."""

_TABLE = "SELECT 'obligation'::regclass::oid"
"""One that was made again takes its place, and what was counted in the other is void."""


class KeptWaiting:
    """What was counted last; safe among threads. To be asked by readers of everybody alone, for
    instants that the projection has reached."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, str, datetime], Mapping[str, int]] = OrderedDict()

    def waiting(self, conn: Conn, matter: str, known_at: datetime) -> dict[str, int]:
        """See `deadlines.waiting`: the same answer."""
        with conn.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(_TABLE).fetchone()
        if row is None:
            raise LookupError("there is no table of what is due")
        key = (row[0], matter, known_at)
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            found = waiting(conn, matter, known_at)
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > _MOST:
                    self._kept.popitem(last=False)
        return dict(found)
