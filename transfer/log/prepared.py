"""A statement that is asked all the time, prepared once a connection, on the driver's lower level.

For a row that is looked up or written the driver's usual way, adapting each value and column, takes
longer than the server does. Values go as text and cells come as text.
"""

from collections.abc import Sequence
from typing import Any
from weakref import WeakSet

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from transfer.log.calls import checked

Conn = psycopg.Connection[Any]

TRUE = "t"
"""How a true boolean comes."""


class Prepared:
    """One statement with parameters `$1`, `$2`, …, under a name that no other has."""

    def __init__(self, name: str, statement: str) -> None:
        self._name = name.encode()
        self._statement = statement.encode()
        self._known_to: WeakSet[Conn] = WeakSet()

    def first_row(self, conn: Conn, *values: str | None) -> Sequence[str | None] | None:
        """The first row that it finds, `None` if there is none.

        Raises psycopg's errors, `DataError` for a value with a NUL among them.
        """
        result = self._asked(conn, values, ExecStatus.TUPLES_OK)
        if not result.ntuples:
            return None
        cells = [result.get_value(0, column) for column in range(result.nfields)]
        return [None if cell is None else cell.decode() for cell in cells]

    def run(self, conn: Conn, *values: str | None) -> None:
        """Have it do what it does, where it finds nothing. Raises as `first_row` does."""
        self._asked(conn, values, ExecStatus.COMMAND_OK)

    def _asked(self, conn: Conn, values: Sequence[str | None], wanted: ExecStatus) -> PGresult:
        # The driver's annotation forgets that a value may be NULL.
        encoded: list[Any] = [None if value is None else value.encode() for value in values]
        if any(each is not None and b"\x00" in each for each in encoded):
            raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        pgconn = conn.pgconn
        if pgconn.transaction_status != TransactionStatus.IDLE:
            # In a transaction nothing may fail that can be asked in another way.
            return _checked(pgconn.exec_params(self._statement, encoded), wanted)
        if conn in self._known_to:
            try:
                return _checked(pgconn.exec_prepared(self._name, encoded), wanted)
            except psycopg.errors.InvalidSqlStatementName:
                # The driver lets the server forget all that is prepared, after a rollback say.
                self._known_to.discard(conn)
        checked(pgconn.prepare(self._name, self._statement), ExecStatus.COMMAND_OK)
        self._known_to.add(conn)
        return _checked(pgconn.exec_prepared(self._name, encoded), wanted)


def _checked(result: PGresult, wanted: ExecStatus) -> PGresult:
    checked(result, wanted)
    return result
