"""Appointments, cases and questions, few enough of each that they meet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime

import psycopg
from hypothesis import strategies as st
from psycopg.rows import TupleRow

from transfer.access.identity import Caller, Limits, Role
from transfer.access.reach import Appointment, Asked, Case, Job, What

TODAY = date(2026, 11, 27)
KNOWN = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST_KNOWN, LAST_KNOWN = datetime(2014, 6, 1, tzinfo=UTC), datetime(2014, 7, 1, tzinfo=UTC)
PEOPLE = ("S1", "S2", "S3")
SUBJECTS = ("rep-1", "rep-2", "S1")

days = st.dates(date(2026, 11, 24), date(2026, 11, 30))
instants = st.integers(18, 22).map(lambda day: datetime(2026, 11, day, 12, tzinfo=UTC))
some_people = st.frozensets(st.sampled_from(PEOPLE), max_size=2)
some_subjects = st.frozensets(st.sampled_from(SUBJECTS), max_size=2)

appointments = st.builds(
    Appointment,
    id=st.sampled_from(["representation:a", "representation:b", "representation:c"]),
    representative=st.sampled_from(SUBJECTS),
    staff_number=st.sampled_from(PEOPLE),
    scopes=st.frozensets(st.sampled_from(What), min_size=1),
    effective_from=days,
    effective_to=st.none() | days,
    dismissed=st.booleans(),
)
cases = st.builds(
    Case,
    id=st.sampled_from(["dispute-case:a", "dispute-case:b"]),
    members=some_subjects,
    people=some_people,
    opened_on=days,
    closed_on=st.none() | days,
    first_day=st.none() | days,
    last_day=st.none() | days,
    known_from=st.none() | instants,
    known_to=st.none() | instants,
    barred=some_subjects,
)
callers = st.builds(
    Caller,
    subject=st.sampled_from(SUBJECTS),
    roles=st.frozensets(st.sampled_from(Role)),
    limits=st.sampled_from([Limits(), Limits(employers=frozenset({"A"}))]),
)
questions = st.builds(
    Asked,
    staff_number=st.sampled_from(PEOPLE),
    what=st.frozensets(st.sampled_from(What), min_size=1),
    effective_at=st.none() | days,
    known_at=st.lists(instants, min_size=1, max_size=2).map(tuple),
)
jobs = st.lists(
    st.builds(Job, employer=st.sampled_from(["A", "B"]), unit=st.sampled_from(["North", None])),
    max_size=2,
)

APPOINTED = Appointment(
    id="representation:a",
    representative="rep-1",
    staff_number="S1",
    scopes=frozenset({What.RECORD}),
    effective_from=date(2026, 11, 1),
)
ENDS = replace(APPOINTED, effective_to=date(2026, 12, 1))
CASE = Case(
    id="dispute-case:a",
    members=frozenset({"clerk", "recused"}),
    people=frozenset({"S1", "S2"}),
    opened_on=date(2026, 11, 1),
    first_day=date(2014, 6, 1),
    last_day=date(2014, 6, 30),
    known_from=FIRST_KNOWN,
    known_to=LAST_KNOWN,
    barred=frozenset({"recused"}),
)


@contextmanager
def without_the_role(database_url: str) -> Iterator[psycopg.Connection[TupleRow]]:
    """A server without the role for readers by a grant, and a connection of its superuser.

    The role is the whole server's; no other test runs on it meanwhile.
    """
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("ALTER ROLE transfer_restricted RENAME TO transfer_elsewhere")
        try:
            yield conn
        finally:
            conn.execute("ALTER ROLE transfer_elsewhere RENAME TO transfer_restricted")
