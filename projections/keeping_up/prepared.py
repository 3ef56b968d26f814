"""A statement that is asked all the time, prepared once a connection, on the driver's lower level.

For a look-up of one row the driver's usual way, adapting each value and column, takes longer than
the server does. Values go as text and cells come as text.
"""

from collections.abc import Sequence
from weakref import WeakSet

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from projections.keeping_up.copying import Conn
from transfer.log.calls import checked

TRUE = "t"
"""How a true boolean comes."""


class Prepared:
    """One statement with parameters `$1`, `$2`, …, under a name that no other has."""

    def __init__(self, name: str, statement: str) -> None:
        self._name = name.encode()
        self._statement = statement.encode()
        self._known_to: WeakSet[Conn] = WeakSet()

    def first_row(self, conn: Conn, *values: str) -> Sequence[str | None] | None:
        """The first row that it finds, `None` if there is none.

        Raises psycopg's errors, `DataError` for a value with a NUL among them.
        """
        encoded = [value.encode() for value in values]
        if any(b"\x00" in each for each in encoded):
            raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        result = self._asked(conn, encoded)
        if not result.ntuples:
            return None
        cells = [result.get_value(0, column) for column in range(result.nfields)]
        return [None if cell is None else cell.decode() for cell in cells]

    def _asked(self, conn: Conn, values: Sequence[bytes]) -> PGresult:
        pgconn = conn.pgconn
        if pgconn.transaction_status != TransactionStatus.IDLE:
            # In a transaction nothing may fail that can be asked in another way.
            return _checked(pgconn.exec_params(self._statement, values))
        if conn in self._known_to:
            try:
                return _checked(pgconn.exec_prepared(self._name, values))
            except psycopg.errors.InvalidSqlStatementName:
                # The driver lets the server forget all that is prepared, after a rollback say.
                self._known_to.discard(conn)
        checked(pgconn.prepare(self._name, self._statement), ExecStatus.COMMAND_OK)
        self._known_to.add(conn)
        return _checked(pgconn.exec_prepared(self._name, values))


def _checked(result: PGresult) -> PGresult:
    checked(result, ExecStatus.TUPLES_OK)
    return result
