"""Tables beside the live ones: empty copies in a schema of their own, until they take their place.

Every statement of a read model names its tables without a schema, so a connection that looks into
this schema first writes there and nowhere else. The copies have the names, indexes, constraints and
options of the live tables, so that after the swap everything is called what it was called.

One rebuild at a time, by an advisory lock that its connection holds: whoever is killed gives it
back, and what they leave is swept away by the next.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row, tuple_row

from projections.keeping_up.copying import Conn
from transfer.core.refusals import Conflict

# Any constant does, so long as nothing else in this database locks it ("rebuild" in ASCII).
_ADVISORY_LOCK = 0x72656275696C64

_NOTICED_SECONDS = 3.0
_TRY_SECONDS = 0.05

_PREFIX = "rebuilding_"


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A rebuild that is at work: what it does, and how many of the log's events it has done."""

    name: str
    stage: str
    position: int
    until: int
    started_at: datetime


def rebuild_under_way(conn: Conn) -> UnderWay | None:
    """The rebuild that is at work on this database, whichever program does it."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(
            "SELECT name, stage, position, until, started_at FROM projection_rebuilds"
            " WHERE EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND (classid::bigint << 32) + objid::bigint = %s)",
            (_ADVISORY_LOCK,),
        ).fetchone()
    return None if row is None else UnderWay(row[0], row[1], row[2], row[3], row[4].astimezone(UTC))


def connect(database_url: str) -> psycopg.Connection[DictRow]:
    """A connection in autocommit and in UTC, as digests need it."""
    conn = psycopg.connect(database_url, autocommit=True, row_factory=dict_row)
    conn.execute("SET timezone TO 'UTC'")
    return conn


@dataclass(frozen=True, slots=True)
class SideTables:
    """Copies of a projection's tables. `conn` writes them by their bare names; it is one
    connection, with the lock, and when it is lost so is the rebuild."""

    conn: psycopg.Connection[DictRow]
    live_schema: str
    schema: str
    tables: tuple[str, ...]

    def make_tables(self) -> None:
        """Empty copies, in place of those that are there."""
        copies = [sql.Identifier(self.schema, table) for table in self.tables]
        with self.conn.transaction():
            # All at once, and references last: one table may refer to another.
            self.conn.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.SQL(", ").join(copies)))
            last: list[sql.SQL | sql.Composed] = []
            for table in self.tables:
                statements, references = _statements_for(
                    self.conn, self.live_schema, self.schema, table
                )
                last += references
                for statement in statements:
                    self.conn.execute(statement)
            for statement in last:
                self.conn.execute(statement)

    def settle(self) -> None:
        """Have the planner know the new tables before anybody reads them."""
        for table in self.tables:
            name = sql.Identifier(self.schema, table)
            self.conn.execute(sql.SQL("VACUUM (ANALYZE) {}").format(name))

    def set_position(self, name: str, position: int) -> None:
        """Note that the copies hold the log up to the end of the command at a position."""
        self.conn.execute(
            "INSERT INTO projection_positions (name, position, recorded_at)"
            " SELECT %s, notification_id, recorded_at FROM events WHERE notification_id = %s"
            " ON CONFLICT (name) DO UPDATE SET position = EXCLUDED.position,"
            " recorded_at = EXCLUDED.recorded_at",
            (name, position),
        )

    def lock_live_position(self, name: str) -> int:
        """Where the live projection stands; nobody brings it on until this transaction ends."""
        positions = sql.Identifier(self.live_schema, "projection_positions")
        self.conn.execute(
            sql.SQL("INSERT INTO {} (name) VALUES (%s) ON CONFLICT DO NOTHING").format(positions),
            (name,),
        )
        row = self.conn.execute(
            sql.SQL("SELECT position FROM {} WHERE name = %s FOR UPDATE").format(positions), (name,)
        ).fetchone()
        if row is None:
            raise LookupError(f"projection {name} has lost its position")
        position: int = row["position"]
        return position

    def take_place(self, name: str) -> None:
        """Put the copies, and where they stand, in place of the live ones, which are dropped."""
        live = [sql.Identifier(self.live_schema, table) for table in self.tables]
        self.conn.execute(
            sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.SQL(", ").join(live))
        )
        self.conn.execute(sql.SQL("DROP TABLE {}").format(sql.SQL(", ").join(live)))
        for table in self.tables:
            self.conn.execute(
                sql.SQL("ALTER TABLE {} SET SCHEMA {}").format(
                    sql.Identifier(self.schema, table), sql.Identifier(self.live_schema)
                )
            )
        # They are as open as they were made: to nobody but their owner.
        self.conn.execute(
            sql.SQL("SELECT {}(%s)").format(sql.Identifier(self.live_schema, "restrict_readers")),
            (list(self.tables),),
        )
        self.conn.execute(
            sql.SQL(
                "UPDATE {} AS live SET position = built.position, recorded_at = built.recorded_at,"
                " generation = live.generation + 1,"
                " failed_event = NULL, failure = NULL, failed_at = NULL"
                " FROM {} AS built WHERE live.name = %s AND built.name = live.name"
            ).format(
                sql.Identifier(self.live_schema, "projection_positions"),
                sql.Identifier(self.schema, "projection_positions"),
            ),
            (name,),
        )


@contextmanager
def tables_beside(database_url: str, name: str, tables: Sequence[str]) -> Iterator[SideTables]:
    """Empty copies of a projection's tables, dropped at the end unless they took their place.

    Raises `Conflict` where another rebuild is at work.
    """
    with connect(database_url) as conn:
        # So that a killed program's lock is given up during a long statement too; not every
        # server's system can tell.
        with suppress(psycopg.Error):
            conn.execute("SET client_connection_check_interval = '1s'")
        _take_lock(conn)
        _sweep(conn)
        row = conn.execute(
            "SELECT current_schema() AS live, format('%%s%%s_%%s', %s::text, pg_backend_pid(),"
            " floor(extract(epoch FROM clock_timestamp()) * 1000)) AS beside",
            (_PREFIX,),
        ).fetchone()
        if row is None:
            raise LookupError("the database gives no name")
        # A name of its own, so that what a killed rebuild still has running cannot write here.
        beside = SideTables(conn, row["live"], row["beside"], tuple(tables))
        conn.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(beside.schema)))
        conn.execute(
            "INSERT INTO projection_rebuilds (name, schema, stage) VALUES (%s, %s, 'beginning')",
            (name, beside.schema),
        )
        beside.make_tables()
        conn.execute(
            sql.SQL("CREATE TABLE {} (LIKE projection_positions INCLUDING ALL)").format(
                sql.Identifier(beside.schema, "projection_positions")
            )
        )
        _look_into(conn, beside.schema, beside.live_schema)
        try:
            yield beside
        finally:
            # What cannot be swept now, because the connection is lost, the next rebuild sweeps.
            with suppress(psycopg.OperationalError):
                _look_into(conn, beside.live_schema)
                _sweep(conn)
                # The server ends a connection a moment after it is closed.
                conn.execute("SELECT pg_advisory_unlock(%s)", (_ADVISORY_LOCK,))


def _take_lock(conn: psycopg.Connection[DictRow]) -> None:
    # One that was killed holds it until the server has noticed.
    until = monotonic() + _NOTICED_SECONDS
    pause = threading.Event()
    while not _try_lock(conn):
        if monotonic() > until:
            other = rebuild_under_way(conn)
            what = f" of {other.name}, begun at {other.started_at:%H:%M} UTC," if other else ""
            raise Conflict(
                f"another rebuild{what} is under way on this database: wait for it, or end its "
                "process"
            )
        pause.wait(_TRY_SECONDS)


def _try_lock(conn: psycopg.Connection[DictRow]) -> bool:
    row = conn.execute("SELECT pg_try_advisory_lock(%s) AS taken", (_ADVISORY_LOCK,)).fetchone()
    return row is not None and row["taken"] is True


def _sweep(conn: psycopg.Connection[DictRow]) -> None:
    """Drop what this rebuild or a killed one has left. Its lock is ours, so nobody needs it."""
    schemas = conn.execute(
        "SELECT nspname, oid FROM pg_namespace WHERE starts_with(nspname, %s)", (_PREFIX,)
    ).fetchall()
    for each in schemas:
        conn.execute(
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks AS l JOIN pg_class AS c"
            " ON c.oid = l.relation WHERE c.relnamespace = %s AND l.pid <> pg_backend_pid()",
            (each["oid"],),
        )
        conn.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(each["nspname"])))
    conn.execute("DELETE FROM projection_rebuilds")


def _look_into(conn: psycopg.Connection[DictRow], *schemas: str) -> None:
    path = sql.SQL(", ").join(map(sql.Identifier, schemas))
    conn.execute(sql.SQL("SET search_path TO {}").format(path))


_TABLE = """
SELECT c.relkind::text AS kind, c.relpersistence::text AS persistence,
       coalesce(c.reloptions, '{}') AS options,
       ARRAY(SELECT format('ADD CONSTRAINT %%I %%s', conname, pg_get_constraintdef(oid, true))
             FROM pg_constraint WHERE conrelid = c.oid AND contype IN ('p', 'u', 'x')
             ORDER BY conname) AS constraints,
       ARRAY(SELECT format('ADD CONSTRAINT %%I %%s', conname, pg_get_constraintdef(oid, true))
             FROM pg_constraint WHERE conrelid = c.oid AND contype = 'f'
             ORDER BY conname) AS "references",
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, 0, true) FROM pg_index AS i
             WHERE i.indrelid = c.oid
               AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid
                               AND conrelid = c.oid)
             ORDER BY i.indexrelid) AS indexes
FROM pg_class AS c WHERE c.oid = %s::regclass
"""


def _statements_for(
    conn: psycopg.Connection[DictRow], live_schema: str, schema: str, table: str
) -> tuple[list[sql.SQL | sql.Composed], list[sql.Composed]]:
    """What makes an empty copy of a table, and, when all are made, its references to others.

    Raises `LookupError` for a kind of table that it cannot copy.
    """
    # Only the live schema in sight: then definitions are told with bare names, which mean the
    # copies as soon as their schema comes first.
    _look_into(conn, live_schema)
    found = conn.execute(_TABLE, (table,)).fetchone()
    if found is None or found["kind"] != "r":
        raise LookupError(f"{table} is no plain table, and no other can be made beside it")
    unlogged = sql.SQL("UNLOGGED " if found["persistence"] == "u" else "")
    copy = sql.Identifier(schema, table)
    # From the database's own catalogue, which prints them as statements.
    options = sql.SQL(", ").join(_told(each) for each in found["options"])
    statements: list[sql.SQL | sql.Composed] = [
        sql.SQL("CREATE {}TABLE {} (LIKE {} INCLUDING ALL EXCLUDING INDEXES)").format(
            unlogged, copy, sql.Identifier(live_schema, table)
        )
    ]
    if found["options"]:
        statements.append(sql.SQL("ALTER TABLE {} SET ({})").format(copy, options))
    statements.append(
        sql.SQL("SET search_path TO {}, {}").format(
            sql.Identifier(schema), sql.Identifier(live_schema)
        )
    )
    alter = sql.SQL("ALTER TABLE {} {}")
    statements += [alter.format(copy, _told(each)) for each in found["constraints"]]
    statements += map(_told, found["indexes"])
    return statements, [alter.format(copy, _told(each)) for each in found["references"]]


def _told(text: str) -> sql.SQL:
    return sql.SQL(text)
