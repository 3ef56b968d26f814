"""Sessions in the database: who is signed in, for how long, and who ends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import Run, run  # noqa: F401 - the fixture that runs a command
from transfer.access.identity import Caller, Limits, Role
from transfer.access.sessions import IDLE, LASTS, Session, SessionStore, end_all_of
from transfer.app import Record, clock

pytestmark = pytest.mark.engines

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CALLER = Caller(
    "a-subject",
    frozenset({Role.STAFF, Role.UNION}),
    claimed_number="S10442",
    body="Union A",
    limits=Limits(frozenset({"A", "Å"}), frozenset({"North East"})),
)


@pytest.fixture
def store(record: Record) -> SessionStore:
    """The sessions of an empty record."""
    return SessionStore(record.log.connection, bytes(32))


def test_who_signed_in_is_known_again_by_the_id_alone(store: SessionStore) -> None:
    session = store.begin(CALLER, NOW)
    found = store.find(session.id, NOW)
    assert found == session
    assert found is not None
    assert found.caller == CALLER
    assert store.find(session.id[:-1], NOW) is None
    assert store.begin(CALLER, NOW).id != session.id


@pytest.mark.parametrize(
    ("token_ends", "last"),
    [(timedelta(minutes=10), timedelta(minutes=10)), (None, LASTS), (timedelta(days=9), LASTS)],
)
def test_a_session_ends_with_the_token_and_after_twelve_hours(
    store: SessionStore, token_ends: timedelta | None, last: timedelta
) -> None:
    expires_at = None if token_ends is None else NOW + token_ends
    session = store.begin(Caller("x", frozenset(), expires_at), NOW)
    assert session.ends_at == NOW + last
    for at in range(0, int(last / MINUTE), 30):
        assert store.find(session.id, NOW + at * MINUTE) is not None
    assert store.find(session.id, NOW + last) is None


def test_a_session_that_nobody_uses_ends_before(store: SessionStore) -> None:
    session = store.begin(CALLER, NOW)
    assert session.expires_at == NOW + IDLE
    used_at = NOW + IDLE - MINUTE
    used = store.find(session.id, used_at)
    assert used is not None
    assert used.expires_at == used_at + IDLE
    assert store.find(session.id, used_at + IDLE - MINUTE) is not None
    unused = store.begin(CALLER, NOW)
    assert store.find(unused.id, NOW + IDLE) is None


def test_the_database_holds_no_id_and_nothing_opens_a_session_under_another_key(
    store: SessionStore, record: Record
) -> None:
    session = store.begin(CALLER, NOW)
    with record.log.connection() as connection:
        (row,) = connection.execute("SELECT s::text AS told FROM sessions AS s").fetchall()
    assert session.id not in row["told"]
    assert session.id.encode().hex() not in row["told"]
    assert SessionStore(record.log.connection, bytes([1] * 32)).find(session.id, NOW) is None


def test_one_that_was_ended_stays_so_and_no_other_ends(store: SessionStore) -> None:
    session, other = store.begin(CALLER, NOW), store.begin(CALLER, NOW)
    store.end(session.id, NOW)
    store.end(session.id, NOW)
    assert store.find(session.id, NOW) is None
    assert store.find(other.id, NOW) == other


def test_every_session_of_a_subject_can_be_ended(store: SessionStore, record: Record) -> None:
    mine = [store.begin(CALLER, NOW) for _ in range(2)]
    idle = store.begin(CALLER, NOW - IDLE)
    other = store.begin(Caller("another", frozenset()), NOW)
    with record.log.connection() as connection:
        assert end_all_of(connection, "a-subject", NOW) == 2
    assert [store.find(each.id, NOW) for each in (*mine, idle)] == [None, None, None]
    assert store.find(other.id, NOW) == other


def test_what_has_ended_is_not_kept(store: SessionStore, record: Record) -> None:
    store.begin(CALLER, NOW)
    store.begin(Caller("x", frozenset(), NOW + MINUTE), NOW)
    store.begin(CALLER, NOW + 2 * MINUTE)
    with record.log.connection() as connection:
        assert len(connection.execute("SELECT FROM sessions").fetchall()) == 2
        store.begin(CALLER, NOW + 2 * IDLE)
        assert len(connection.execute("SELECT FROM sessions").fetchall()) == 1


def test_nobody_is_signed_in_in_a_session_that_has_only_an_id() -> None:
    assert (Session("x").caller, Session("x").expires_at) == (None, None)


def test_the_command_ends_them(
    run: Run,  # noqa: F811 - the fixture above
    record: Record,
    store: SessionStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", record.database_url)
    session = store.begin(CALLER, clock())
    other = store.begin(Caller("another", frozenset()), clock())
    said = run("sign-out", "--subject", "a-subject", "--data", "data")
    assert (said.code, said.out) == (0, "Sessions ended: 1\n"), said.err
    assert store.find(session.id, clock()) is None
    assert store.find(other.id, clock()) is not None
