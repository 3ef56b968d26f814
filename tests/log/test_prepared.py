"""A statement on the driver's lower level: the same answers, and the same errors."""

from __future__ import annotations

import psycopg
import pytest

from transfer.log.prepared import TRUE, Prepared

pytestmark = pytest.mark.engines

SPELT = Prepared("spelt", "SELECT $1::text || '!', $2::int > 1, NULL WHERE $1 <> 'nobody'")


def test_a_row_comes_as_text_also_when_asked_again(conn: psycopg.Connection) -> None:
    for _ in range(2):
        assert SPELT.first_row(conn, "Zoë", "2") == ["Zoë!", TRUE, None]
    assert SPELT.first_row(conn, "nobody", "2") is None


def test_what_finds_nothing_is_done_with_a_value_left_out(conn: psycopg.Connection) -> None:
    conn.execute("CREATE TABLE kept (word text, day date)")
    keep = Prepared("keep", "INSERT INTO kept VALUES ($1, $2::date)")
    keep.run(conn, "Zoë", None)
    keep.run(conn, None, "2014-06-01")
    with conn.transaction():
        keep.run(conn, None, None)
    kept = conn.execute("SELECT word, day::text FROM kept ORDER BY word, day").fetchall()
    assert kept == [("Zoë", None), (None, "2014-06-01"), (None, None)]


def test_it_is_the_same_in_a_transaction_and_on_another_connection(
    conn: psycopg.Connection, database_url: str
) -> None:
    with conn.transaction():
        assert SPELT.first_row(conn, "a", "1") == ["a!", "f", None]
    with psycopg.connect(database_url) as other:
        assert SPELT.first_row(other, "b", "1") == ["b!", "f", None]


def test_it_survives_that_the_server_forgets(conn: psycopg.Connection) -> None:
    assert SPELT.first_row(conn, "a", "1") is not None
    conn.execute("DEALLOCATE ALL")
    with conn.transaction():
        assert SPELT.first_row(conn, "a", "1") is not None
    assert SPELT.first_row(conn, "a", "1") is not None


def test_what_the_server_refuses_is_the_drivers_error(conn: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        SPELT.first_row(conn, "a", "one")
    assert SPELT.first_row(conn, "a", "1") is not None


def test_a_nul_is_refused_and_not_the_end_of_the_value(conn: psycopg.Connection) -> None:
    with pytest.raises(psycopg.DataError):
        SPELT.first_row(conn, "a\x00b", "1")


def test_a_lost_connection_is_said_to_be_lost(conn: psycopg.Connection, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as other:
        SPELT.first_row(other, "a", "1")
        conn.execute("SELECT pg_terminate_backend(%s)", (other.info.backend_pid,))
        with pytest.raises(psycopg.OperationalError):
            SPELT.first_row(other, "a", "1")
