"""Whether two read models say the same, and where they do not."""

import hashlib
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

from psycopg import sql
from psycopg.rows import tuple_row

from projections.keeping_up.copying import Conn

_ROWS_AT_ONCE = 1_000
_LONGEST_ROW_SHOWN = 400


@dataclass(frozen=True, slots=True)
class TableDifference:
    """Where two editions of a table differ: how many rows each has, and the first that only one
    of them has, as text."""

    table: str
    rows_before: int
    rows_after: int
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableDigest:
    """A table's rows in one line, whatever order they lie in."""

    table: str
    rows: int
    line: str


def table_digests(conn: Conn, tables: Sequence[str]) -> tuple[TableDigest, ...]:
    """A digest of each table that these names mean on this connection.

    The sum of the rows' hashes rather than of their concatenation, so that nothing is sorted. To be
    compared with those of a connection in the same time zone.
    """
    found = []
    with conn.cursor(row_factory=tuple_row) as cursor:
        for table in tables:
            row = cursor.execute(
                sql.SQL(
                    "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0),"
                    " coalesce(sum(hashtextextended(t::text, 1)::numeric), 0) FROM {} AS t"
                ).format(sql.Identifier(table))
            ).fetchone()
            if row is None:
                raise LookupError(f"{table} was not counted")
            found.append(TableDigest(table, row[0], f"{table} {row}\n"))
    return tuple(found)


def digest_of(tables: Sequence[TableDigest]) -> str:
    """One digest of several tables: 64 hexadecimal digits."""
    total = hashlib.sha256()
    for each in tables:
        total.update(each.line.encode())
    return total.hexdigest()


def difference(
    before: Conn, after: Conn, one: TableDigest, other: TableDigest, *, most: int = 3
) -> TableDifference:
    """The first `most` rows on either side that the other has not. Sorts both tables."""
    only_before: list[str] = []
    only_after: list[str] = []
    with (
        before.transaction(),
        after.transaction(),
        closing(_rows(before, one.table)) as old,
        closing(_rows(after, one.table)) as new,
    ):
        left, right = next(old, None), next(new, None)
        while (left or right) and (len(only_before) < most or len(only_after) < most):
            if left == right:
                left, right = next(old, None), next(new, None)
            elif right is None or (left is not None and left < right):
                only_before += [left[1]] if left else []
                left = next(old, None)
            else:
                only_after += [right[1]]
                right = next(new, None)
    return TableDifference(
        one.table, one.rows, other.rows, _shown(only_before, most), _shown(only_after, most)
    )


def _rows(conn: Conn, table: str) -> Generator[tuple[int, str], None, None]:
    """Every row as text, in an order that both sides have."""
    statement = sql.SQL(
        'SELECT hashtextextended(t::text, 0), t::text COLLATE "C" FROM {} AS t ORDER BY 1, 2'
    ).format(sql.Identifier(table))
    with conn.cursor(name="rows", row_factory=tuple_row) as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        yield from cursor.execute(statement)


def _shown(rows: Sequence[str], most: int) -> tuple[str, ...]:
    return tuple(row[:_LONGEST_ROW_SHOWN] for row in rows[:most])
