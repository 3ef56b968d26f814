"""The database itself refuses an instant that is brought to a real record, however it is asked."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from transfer.log import calls
from transfer.log.application import open_log

pytestmark = pytest.mark.engines


@pytest.fixture
def conn(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection to an empty, real record."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def rehearsed(database_url: str, conn: psycopg.Connection) -> psycopg.Connection:
    """A connection to a record that is marked as rehearsed."""
    with closing(open_log(database_url)) as log:
        log.mark_rehearsed("tr-2013")
    return conn


ID = "'00000000-0000-0000-0000-000000000007'::uuid"
THEN = "'2027-06-01T00:00Z'::timestamptz"

WAYS = {
    "one event": calls._ONE.decode()
    .replace("$1", ID)
    .replace("$2", r"'\x00'")
    .replace("$3", "'mallory'")
    .replace("$4", THEN)
    .replace("$5", "'staff:S1'")
    .replace("$6", "1")
    .replace("$7", "'f.v1'")
    .replace("$8", r"'\x7b7d'")
    .replace("$9", ID),
    "several commands": rf"""
        SELECT * FROM append_commands(
            ARRAY[{ID}], ARRAY['\x00'::bytea], ARRAY['mallory'], ARRAY[{THEN}], ARRAY[1], ARRAY[0],
            ARRAY['staff:S1'], ARRAY[1::bigint], ARRAY[false], ARRAY['f.v1'],
            ARRAY['\x7b7d'::bytea], ARRAY[{ID}], ARRAY[]::text[], ARRAY[]::bigint[])""",
    "a command of many": rf"SELECT begin_command({ID}, '\x00', 'mallory', {THEN}, 1)",
    "the first function": rf"""
        SELECT append_to_log({ID}, '\x00', 'mallory', {THEN}, ARRAY['staff:S1'],
            ARRAY[1::bigint], ARRAY['f.v1'], ARRAY['\x7b7d'::bytea], ARRAY[{ID}])""",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_real_record_takes_no_instant(conn: psycopg.Connection, way: str) -> None:
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation) as refused:
        conn.execute(WAYS[way].encode())
    assert refused.value.diag.constraint_name == "clock_is_real"
    head = conn.execute("SELECT last_position, last_recorded_at FROM log_head").fetchone()
    assert head == (0, None)
    assert conn.execute("SELECT count(*) FROM commands").fetchone() == (0,)


@pytest.mark.parametrize("way", WAYS)
def test_a_rehearsed_one_does(rehearsed: psycopg.Connection, way: str) -> None:
    rehearsed.execute(WAYS[way].encode())
    head = rehearsed.execute("SELECT last_recorded_at = %s FROM log_head", ["2027-06-01T00:00Z"])
    assert head.fetchone() == (True,)


def test_a_log_with_real_entries_is_never_opened_for_instants(conn: psycopg.Connection) -> None:
    conn.execute(WAYS["a command of many"].replace(THEN, "NULL").encode())
    for statement in (
        "INSERT INTO simulated_clock DEFAULT VALUES",
        "UPDATE log_head SET is_simulated = true",
    ):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation) as refused:
            conn.execute(statement.encode())
        assert refused.value.diag.constraint_name == "log_is_real"


def test_the_mark_of_simulated_time_stays(rehearsed: psycopg.Connection) -> None:
    for statement in (
        "DELETE FROM simulated_clock",
        "TRUNCATE simulated_clock",
        "UPDATE log_head SET is_simulated = false",
    ):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation) as refused:
            rehearsed.execute(statement.encode())
        assert refused.value.diag.constraint_name == "clock_is_simulated"
