"""How far Temporal has been told of the log, as the database has it: whichever process tells it."""

from typing import Any

import psycopg
from psycopg.rows import tuple_row

_TOLD = "SELECT position FROM dispatcher_positions WHERE task_queue = %s"


def told_until(connection: psycopg.Connection[Any], task_queue: str) -> int | None:
    """The position that the dispatcher of a task queue has told Temporal; `None`: none ran yet."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(_TOLD, (task_queue,)).fetchone()
    return None if row is None else int(row[0])
