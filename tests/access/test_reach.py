"""Who may read what: the rules as tables, and what holds whatever is on record."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import reaching
from tests.support.reaching import (
    APPOINTED,
    CASE,
    ENDS,
    FIRST_KNOWN,
    KNOWN,
    LAST_KNOWN,
    TODAY,
)
from transfer.access.identity import Caller, Limits, Role
from transfer.access.reach import (
    EVERYTHING,
    PROCEDURES,
    RECORD,
    Appointment,
    Asked,
    Case,
    Grant,
    Job,
    may_read,
    within,
)

REP = Caller("rep-1", frozenset({Role.UNION}))
CLERK = Caller("clerk", frozenset({Role.DISPUTE}))
ADMIN = Caller("hr", frozenset({Role.ADMIN}))
OF_RECORD = Asked("S1", RECORD, TODAY, (KNOWN,))
BY_APPOINTMENT = Grant(Role.UNION, appointment="representation:a")
BY_CASE = Grant(Role.DISPUTE, case="dispute-case:a")
IN_JUNE = Asked("S1", RECORD, date(2014, 6, 15), (datetime(2014, 6, 15, tzinfo=UTC),))


@pytest.mark.parametrize(
    ("role", "grant"),
    [
        (Role.ADMIN, Grant(Role.ADMIN)),
        (Role.AUDIT, Grant(Role.AUDIT)),
        (Role.STAFF, None),
        (Role.UNION, None),
        (Role.DISPUTE, None),
    ],
)
def test_without_appointment_or_case_only_the_office_and_the_audit_read(
    role: Role, grant: Grant | None
) -> None:
    assert may_read(Caller("x", frozenset({role})), OF_RECORD, today=TODAY) == grant


@pytest.mark.parametrize(
    ("caller", "own", "reads"),
    [
        (Caller("S1", frozenset({Role.STAFF})), (), True),
        (Caller("S2", frozenset({Role.STAFF})), (), False),
        (Caller("somebody", frozenset({Role.STAFF}), claimed_number="S1"), (), True),
        (Caller("S1", frozenset({Role.STAFF}), claimed_number="S2"), (), False),
        (Caller("S2", frozenset({Role.STAFF})), ("S2", "S1"), True),
        (Caller("S1", frozenset({Role.UNION})), ("S1",), False),
    ],
)
def test_staff_read_their_own_record(caller: Caller, own: Collection[str], *, reads: bool) -> None:
    assert may_read(caller, OF_RECORD, today=TODAY, own=own) == (
        Grant(Role.STAFF) if reads else None
    )


@pytest.mark.parametrize(
    ("appointment", "reads"),
    [
        (APPOINTED, True),
        (replace(APPOINTED, representative="rep-2"), False),
        (replace(APPOINTED, staff_number="S2"), False),
        (replace(APPOINTED, scopes=PROCEDURES), False),
        (replace(APPOINTED, scopes=EVERYTHING), True),
        (replace(APPOINTED, dismissed=True), False),
        (replace(APPOINTED, effective_from=TODAY), True),
        (replace(APPOINTED, effective_from=TODAY + timedelta(1)), False),
        (replace(ENDS, effective_to=TODAY + timedelta(1)), True),
        (replace(ENDS, effective_to=TODAY), False),
    ],
)
def test_a_representative_reads_while_appointed_for_what_they_are_appointed(
    appointment: Appointment, *, reads: bool
) -> None:
    found = may_read(REP, OF_RECORD, [appointment], today=TODAY)
    assert found == (BY_APPOINTMENT if reads else None)


def test_a_representative_may_ask_about_every_day_as_known_at_any_time() -> None:
    asked = Asked("S1", RECORD, None, (datetime(2014, 1, 1, tzinfo=UTC), KNOWN))
    assert may_read(REP, asked, [APPOINTED], today=TODAY) == BY_APPOINTMENT


def test_an_appointment_is_of_no_use_to_another_role() -> None:
    for role in (Role.STAFF, Role.DISPUTE):
        assert (
            may_read(replace(REP, roles=frozenset({role})), OF_RECORD, [APPOINTED], today=TODAY)
            is None
        )


@pytest.mark.parametrize(
    ("caller", "asked", "case", "reads"),
    [
        (CLERK, IN_JUNE, CASE, True),
        (replace(CLERK, subject="another"), IN_JUNE, CASE, False),
        (replace(CLERK, subject="recused"), IN_JUNE, CASE, False),
        (CLERK, replace(IN_JUNE, staff_number="S3"), CASE, False),
        (CLERK, replace(IN_JUNE, what=PROCEDURES), CASE, False),
        (CLERK, replace(IN_JUNE, effective_at=date(2014, 6, 1)), CASE, True),
        (CLERK, replace(IN_JUNE, effective_at=date(2014, 6, 30)), CASE, True),
        (CLERK, replace(IN_JUNE, effective_at=date(2014, 5, 31)), CASE, False),
        (CLERK, replace(IN_JUNE, effective_at=date(2014, 7, 1)), CASE, False),
        (CLERK, replace(IN_JUNE, effective_at=None), CASE, False),
        (CLERK, replace(IN_JUNE, known_at=(FIRST_KNOWN,)), CASE, True),
        (CLERK, replace(IN_JUNE, known_at=(LAST_KNOWN,)), CASE, True),
        (CLERK, replace(IN_JUNE, known_at=(KNOWN,)), CASE, False),
        (CLERK, replace(IN_JUNE, known_at=(*IN_JUNE.known_at, KNOWN)), CASE, False),
        (CLERK, OF_RECORD, CASE, False),
        (CLERK, OF_RECORD, replace(CASE, last_day=None, known_to=None), True),
        (CLERK, IN_JUNE, replace(CASE, opened_on=TODAY), True),
        (CLERK, IN_JUNE, replace(CASE, opened_on=TODAY + timedelta(1)), False),
        (CLERK, IN_JUNE, replace(CASE, closed_on=TODAY + timedelta(1)), True),
        (CLERK, IN_JUNE, replace(CASE, closed_on=TODAY), False),
        (REP, IN_JUNE, replace(CASE, members=frozenset({"rep-1"})), False),
    ],
)
def test_a_panel_reads_what_an_open_case_is_about(
    caller: Caller, asked: Asked, case: Case, *, reads: bool
) -> None:
    assert may_read(caller, asked, cases=[case], today=TODAY) == (BY_CASE if reads else None)


LONDON = Job("London Probation Trust", "North")


@pytest.mark.parametrize(
    ("limits", "jobs", "reads"),
    [
        (Limits(), (), True),
        (Limits(employers=frozenset({"A"})), (Job("A", None),), True),
        (Limits(employers=frozenset({"A"})), (Job("B", None),), False),
        (Limits(employers=frozenset({"A"})), (Job("B", None), Job("A", "x")), True),
        (Limits(employers=frozenset({"A", "B"})), (Job("B", None),), True),
        (Limits(employers=frozenset({"A"})), (), False),
        (Limits(units=frozenset({"North"})), (Job("A", "North"),), True),
        (Limits(units=frozenset({"North"})), (Job("A", None),), False),
        (Limits(units=frozenset({"North  East"})), (Job("A", " North East"),), True),
        (Limits(frozenset({"A"}), frozenset({"North"})), (Job("A", "North"),), True),
        (Limits(frozenset({"A"}), frozenset({"North"})), (Job("A", "South"),), False),
        (
            Limits(frozenset({"A"}), frozenset({"North"})),
            (Job("A", "South"), Job("B", "North")),
            False,
        ),
        (Limits(employers=frozenset({"London Probation Trust"})), (Job("LDN", None),), True),
        (Limits(employers=frozenset({"LDN"})), (LONDON,), True),
        (Limits(employers=frozenset({"LDN"})), (Job("Kent Probation Trust", None),), False),
    ],
)
def test_an_administrators_limits(limits: Limits, jobs: Collection[Job], *, reads: bool) -> None:
    assert within(limits, jobs) is reads
    found = may_read(replace(ADMIN, limits=limits), OF_RECORD, today=TODAY, jobs=jobs)
    assert found == (Grant(Role.ADMIN) if reads else None)


def test_the_first_of_several_grants_is_given() -> None:
    several = Caller("rep-1", frozenset({Role.UNION, Role.AUDIT, Role.STAFF}), claimed_number="S2")
    second = replace(APPOINTED, id="representation:0")
    assert may_read(several, OF_RECORD, [APPOINTED, second], today=TODAY) == Grant(
        Role.UNION, appointment="representation:0"
    )
    assert may_read(several, replace(OF_RECORD, staff_number="S2"), today=TODAY) == Grant(
        Role.STAFF
    )
    assert may_read(several, OF_RECORD, today=TODAY) == Grant(Role.AUDIT)


# --- whatever is on record -----------------------------------------------------------------------


@given(
    reaching.callers,
    reaching.questions,
    st.lists(reaching.appointments, max_size=4),
    st.lists(reaching.cases, max_size=3),
    reaching.days,
    reaching.jobs,
)
def test_a_grant_says_by_what_it_is_given_and_nothing_else_gives_one(
    caller: Caller,
    asked: Asked,
    appointments: list[Appointment],
    cases: list[Case],
    today: date,
    jobs: list[Job],
) -> None:
    found = may_read(caller, asked, appointments, cases, today=today, jobs=jobs)
    if found is None:
        assert Role.AUDIT not in caller.roles
        return
    assert found.role in caller.roles
    assert (found.appointment is None) == (found.role is not Role.UNION)
    assert (found.case is None) == (found.role is not Role.DISPUTE)
    # What it is given by gives it alone, and with every other taken away.
    alone = replace(caller, roles=frozenset({found.role}))
    by = [each for each in appointments if each.id == found.appointment]
    of = [each for each in cases if each.id == found.case]
    assert may_read(alone, asked, by, of, today=today, jobs=jobs) == found
    if found.role in (Role.UNION, Role.DISPUTE):
        assert may_read(alone, asked, today=today, jobs=jobs) is None
        ended = [replace(each, dismissed=True) for each in appointments]
        closed = [replace(each, closed_on=today) for each in cases]
        assert may_read(alone, asked, ended, closed, today=today, jobs=jobs) is None


@given(
    reaching.callers,
    reaching.questions,
    st.lists(reaching.appointments, max_size=3),
    st.lists(reaching.cases, max_size=2),
    reaching.appointments,
    reaching.cases,
)
def test_more_on_record_takes_nothing_away(
    caller: Caller,
    asked: Asked,
    appointments: list[Appointment],
    cases: list[Case],
    another: Appointment,
    further: Case,
) -> None:
    if may_read(caller, asked, appointments, cases, today=TODAY) is not None:
        more = may_read(caller, asked, [*appointments, another], [*cases, further], today=TODAY)
        assert more is not None
