"""The database holds readers by a grant to their reach: it and `may_read` always agree."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo

from deploy.migrate import migrate
from projections.rebuilding.rebuild import rebuild
from tests.support import reaching
from tests.support.projecting import registered
from tests.support.reaching import KNOWN, PEOPLE, TODAY, without_the_role
from transfer.access.identity import Caller, Role
from transfer.access.reach import EVERYTHING, Appointment, Asked, What, may_read
from transfer.app import Record
from transfer.cli.doctor import readers_finding
from transfer.core.matter.no_edition import NONE
from transfer.core.matter.words import Made
from transfer.core.streams import staff_stream
from transfer.core.words import Basis
from transfer.log.envelope import Command
from transfer.log.restriction import (
    OF_PEOPLE,
    NotRestrictedError,
    Restricted,
    can_restrict,
    put_on,
    serve,
    unrestricted,
)
from transfer.procedures.facts import Fact
from transfer.procedures.representation.facts import (
    RepresentativeAppointed,
    RepresentativeDismissed,
    Scope,
)
from transfer.questions.who_may_read import appointments_of

pytestmark = pytest.mark.engines

_numbers = itertools.count(1)
BASIS = Basis()
MADE = Made(act="appoint", by="a test")


@pytest.fixture
def people(record: Record) -> Record:
    """A record with three people, each with a job."""
    for number in PEOPLE:
        put(record, number, registered(number, employer="A"))
    record.runner.catch_up()
    return record


def put(record: Record, number: str, *facts: Fact) -> None:
    """Put facts on somebody's stream."""
    stream = staff_stream(number)
    version = len(record.log.read(stream))
    record.log.append(
        [(stream, version, fact) for fact in facts],
        Command(UUID(int=next(_numbers)), "a test", b""),
    )


def appoint(record: Record, appointment: Appointment) -> None:
    """Put an appointment on record, and its dismissal."""
    both = {What.RECORD, What.PROCEDURES} == appointment.scopes
    facts: list[Fact] = [
        RepresentativeAppointed(
            matter=appointment.id,
            happened_on=TODAY,
            made=MADE,
            basis=BASIS,
            edition=NONE,
            digest=NONE,
            calendar=NONE,
            representative=appointment.representative,
            scopes=(Scope.EVERYTHING,) if both else tuple(map(Scope, appointment.scopes)),
            effective_from=appointment.effective_from,
            effective_to=appointment.effective_to,
        )
    ]
    if appointment.dismissed:
        facts.append(
            RepresentativeDismissed(
                matter=appointment.id,
                happened_on=TODAY,
                made=MADE,
                basis=BASIS,
                representative=appointment.representative,
            )
        )
    put(record, appointment.staff_number, *facts)


@contextmanager
def reading(reader: Restricted | None) -> Iterator[None]:
    """Connections are restricted to a reader for a while."""
    with unrestricted():
        serve(reader)
        yield


def shown(record: Record, table: str = "position_sheet") -> set[str]:
    """Whose rows of a table a connection of the pool sees."""
    whose = "substr(originator_id, 7)" if table == "events" else "staff_number"
    with record.log.connection() as conn:
        return {row["who"] for row in conn.execute(f"SELECT {whose} AS who FROM {table}")}


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(reaching.appointments, max_size=5),
    reaching.days,
    st.frozensets(st.sampled_from(What), min_size=1),
    st.none() | st.sampled_from(PEOPLE),
)
def test_the_database_shows_whom_the_function_lets_read(
    people: Record,
    drawn: Sequence[Appointment],
    today: date,
    what: frozenset[What],
    asked: str | None,
) -> None:
    nth = next(_numbers)  # each example has representatives of its own
    on_record = [
        replace(each, id=f"representation:{nth}.{n}", representative=f"{each.representative}.{nth}")
        for n, each in enumerate(drawn)
    ]
    for each in on_record:
        appoint(people, each)
    for subject in {each.representative for each in on_record} | {"nobody"}:
        caller = Caller(subject, frozenset({Role.UNION}))
        granted = {
            number
            for number in PEOPLE
            if (asked is None or number == asked)
            and may_read(caller, Asked(number, what, today, (KNOWN,)), on_record, today=today)
        }
        with people.log.connection() as conn:
            known = appointments_of(conn, subject)
        assert {each.id for each in known} == {
            each.id for each in on_record if each.representative == subject and not each.dismissed
        }
        with reading(Restricted("union", subject, today, what, asked, ())):
            assert shown(people) == granted
            assert shown(people, "events") == granted


def test_staff_and_panels_are_shown_the_numbers_given_and_others_nobody(people: Record) -> None:
    reader = Restricted("staff", "S1", TODAY, EVERYTHING, "S1", {"S1", "S3"})
    with reading(reader):
        for table in ("position_sheet", "events"):
            assert shown(people, table) == {"S1", "S3"}
    with reading(replace(reader, role="dispute", own={"S2"})):
        assert shown(people) == {"S2"}
    for role in ("audit", "admin", ""):
        with reading(replace(reader, role=role)):
            assert shown(people) == set()
    assert shown(people) == set(PEOPLE)


def test_a_connection_that_says_no_reader_sees_nobody(people: Record) -> None:
    with psycopg.connect(people.database_url, autocommit=True) as conn:
        conn.execute("SET ROLE transfer_restricted")
        for table in OF_PEOPLE:
            assert conn.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
        for forbidden in (
            "INSERT INTO reads (staff_number, subject, role, what) VALUES ('S1', '', '', '')",
            "DELETE FROM events",
            "SELECT * FROM sessions",
            "CREATE TABLE mine (x int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(forbidden)


def test_every_table_of_people_that_may_be_read_has_its_policy(people: Record) -> None:
    with people.log.connection() as conn:
        rows = conn.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
            " AND has_table_privilege('transfer_restricted', oid, 'SELECT')"
            " AND relkind IN ('r', 'v') AND (relrowsecurity OR EXISTS (SELECT FROM pg_attribute"
            " WHERE attrelid = pg_class.oid AND attname = 'staff_number'))"
        ).fetchall()
    assert {row["relname"] for row in rows} == set(OF_PEOPLE)


def test_a_connection_is_anybodys_again_whatever_happened_with_it(people: Record) -> None:
    with reading(Restricted("union", "nobody", TODAY, EVERYTHING, None, ())):
        for _ in range(3):
            with pytest.raises(psycopg.Error), people.log.connection() as conn:
                conn.execute("SELECT no_such_function()")
            with (
                pytest.raises(psycopg.Error),
                people.log.connection() as conn,
                conn.transaction(),
            ):
                conn.execute("SELECT 1/0")
        with pytest.raises(psycopg.Error), people.log.connection() as conn:
            conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    for _ in range(3):
        assert shown(people) == set(PEOPLE)


def test_tables_that_are_made_again_are_restricted_too(people: Record) -> None:
    for projection in people.projections:
        assert rebuild(people.log, people.database_url, projection, accept=True).swapped
    with people.log.connection() as conn:
        assert can_restrict(conn)
    with reading(Restricted("staff", "S1", TODAY, EVERYTHING, "S1", {"S1"})):
        assert shown(people) == {"S1"}


def test_without_the_role_nobody_is_served_as_if_there_were_one(people: Record) -> None:
    with without_the_role(people.database_url) as conn:
        assert not can_restrict(conn)
        with people.log.connection() as as_the_doctor:
            found = readers_finding(as_the_doctor)
        assert not found.ok
        assert "restrict_readers" in found.mend
        with reading(Restricted("staff", "S1", TODAY, EVERYTHING, "S1", {"S1"})):
            with pytest.raises(NotRestrictedError):
                shown(people)
            with pytest.raises(NotRestrictedError):
                put_on(conn)
        assert shown(people) == set(PEOPLE)
    with people.log.connection() as conn:
        assert can_restrict(conn)


def test_a_database_whose_user_may_not_create_roles_is_restricted_once_somebody_may(
    template_database_url: str, empty_database_url: str
) -> None:
    name = empty_database_url.partition("?")[0].rpartition("/")[2]
    with without_the_role(template_database_url) as superuser:
        superuser.execute("CREATE ROLE plain LOGIN")
        superuser.execute(f"ALTER DATABASE {name} OWNER TO plain".encode())
        try:
            as_plain = make_conninfo(empty_database_url, user="plain")
            migrate(as_plain)
            with psycopg.connect(as_plain, autocommit=True) as conn:
                assert not can_restrict(conn)
                superuser.execute("CREATE ROLE transfer_restricted NOLOGIN")
                superuser.execute("GRANT transfer_restricted TO plain")
                assert not can_restrict(conn)
                conn.execute("SELECT restrict_readers()")
                assert can_restrict(conn)
        finally:
            with psycopg.connect(empty_database_url, autocommit=True) as there:
                there.execute("DROP OWNED BY transfer_restricted")
                there.execute("REASSIGN OWNED BY plain TO CURRENT_USER")
            superuser.execute("DROP ROLE transfer_restricted")
            superuser.execute("DROP ROLE plain")
