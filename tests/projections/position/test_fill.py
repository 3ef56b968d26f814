"""Positions filled from a whole log: the rows that page by page come of it, and nothing else."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from projections.keeping_up.runner import digest
from projections.position import fill as position_fill
from projections.position import queries as q
from projections.position.projection import PositionProjection
from projections.rebuilding.fill import Fill
from tests.support.histories import STAFF, History, event_id, histories
from tests.support.projecting import Office, command_id, registered
from tests.support.stamps import stamp
from tests.support.words_2013 import Destination
from transfer.core.record.staff import (
    EntryAnnulled,
    EntryCorrected,
    PositionChanged,
    StaffRegistered,
    TermGranted,
)
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import Basis, Confidence, Facet, Mechanism
from transfer.log.envelope import event_id_of
from transfer.procedures.consultation.facts import OfferRestored, OfferWithdrawn
from transfer.procedures.exercise.exercise_facts import ScopeSet
from transfer.procedures.exercise.facts import BroughtIntoScope, StaffTransferred
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines

JAN, FEB, MAR = (date(2014, month, 1) for month in (1, 2, 3))
_EXERCISE = "tr-2013"
_OF_EXERCISE, _CONSULTATION = f"exercise:{_EXERCISE}", f"consultation:{_EXERCISE}"
_BASIS = Basis(clause="TR-06", confidence=Confidence.SOURCE, assumptions=("TR-11b=10wd",))


class EmptyTables:
    """Empty tables in a schema of their own, to be filled."""

    def __init__(self, url: str, conn: psycopg.Connection, office: Office) -> None:
        self.url = url
        self.conn = conn
        self.office = office
        self.told: list[int] = []

    def make_tables(self) -> None:
        self.conn.execute("DROP SCHEMA IF EXISTS beside CASCADE")
        self.conn.execute("CREATE SCHEMA beside")
        for table in PositionProjection.tables:
            self.conn.execute(f"CREATE TABLE beside.{table} (LIKE public.{table} INCLUDING ALL)")

    def fill(self, processes: int = 1, until: int | None = None) -> None:
        self.make_tables()
        position = self.office.log.head().position if until is None else until
        self.told = []
        self.office.projection.fill(Fill(self.url, "beside", position, processes, self.told.append))

    def digest(self) -> str:
        self.conn.execute("SET search_path = beside, public")
        found = digest(self.conn, self.office.projection)
        self.conn.execute("SET search_path = public")
        return found


@pytest.fixture
def beside(database_url: str, conn: psycopg.Connection, office: Office) -> Iterator[EmptyTables]:
    yield EmptyTables(database_url, conn, office)
    conn.execute("SET search_path = public")


def _record_all_kinds(office: Office) -> None:
    """Somebody of every sort, a consultation, and an exercise."""
    office.register("S0", employer="LDN", band="4", fte="0.6")
    office.record(
        (
            staff_stream("S1"),
            StaffRegistered(
                staff_number="S1",
                effective_from=JAN,
                continuous_service_from=date(2001, 5, 1),
                position={Facet.EMPLOYER: "a\tb\\N\x00\n", Facet.UNIT: ""},
                basis=_BASIS,
            ),
        )
    )
    office.record(*((staff_stream(f"T{n}"), registered(f"T{n}", band="1")) for n in range(40)))
    change = PositionChanged(
        effective_from=FEB,
        effective_to=MAR,
        changes={Facet.BAND: "5", Facet.PAID_BAND: None},
        reason="acting up",
        basis=_BASIS,
    )
    second = PositionChanged(
        effective_from=FEB,
        assignment="evenings",
        changes={Facet.EMPLOYER: "KNT", Facet.FTE: "0.4"},
        reason="r",
    )
    office.record((staff_stream("S0"), change), (staff_stream("S0"), second))
    office.record(
        (
            staff_stream("S0"),
            TermGranted(term='pay\x00 "protection"', value="yes\\", effective_from=JAN, reason="r"),
        )
    )
    named = office.log.read(staff_stream("S0"))[0].event_id
    office.record(
        (
            staff_stream("S0"),
            EntryCorrected(
                of=named,
                effective_from=JAN,
                changes={Facet.EMPLOYER: "SRY"},
                terms={"t": "v"},
                reason="misread",
                basis=_BASIS,
            ),
        )
    )
    wrong = office.log.read(staff_stream("S0"))[2].event_id
    office.record((staff_stream("S0"), EntryAnnulled(of=wrong, reason="r")))
    office.record(
        (
            staff_stream("S1"),
            BroughtIntoScope(**stamp(_OF_EXERCISE, _BASIS), effective_from=FEB),
        )
    )
    moved = StaffTransferred(
        **stamp(_OF_EXERCISE, _BASIS),
        mechanism=Mechanism.OMA_STS,
        destination=Destination.NPS,
        effective_from=MAR,
        changes={Facet.EMPLOYER: "NPS"},
    )
    office.record((staff_stream("S1"), moved))
    sides = matter_stream(_CONSULTATION)
    for kind in (OfferWithdrawn, OfferRestored):
        offer: Fact = kind(
            **stamp(_CONSULTATION, _BASIS), term="evr", value=kind.__name__, effective_from=FEB
        )
        office.record((sides, offer))
    office.record(
        (
            matter_stream(_OF_EXERCISE),
            ScopeSet(
                **stamp(_OF_EXERCISE, _BASIS),
                criterion="c",
                effective_from=JAN,
                members=("S0", "T3", "S0"),
            ),
        )
    )


@pytest.mark.parametrize("processes", [1, 3])
def test_a_fill_makes_the_rows_that_pages_make(
    beside: EmptyTables,
    conn: psycopg.Connection,
    processes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(position_fill, "ALONE_UP_TO", 0)
    monkeypatch.setattr(position_fill, "_RANGE_EVENTS", 5)
    office = beside.office
    _record_all_kinds(office)
    office.runner.catch_up()
    live = digest(conn, office.projection)
    beside.fill(processes)
    assert beside.digest() == live
    assert beside.told == sorted(beside.told)
    assert beside.told[-1] == office.log.head().position
    assert _indexes(conn, "beside") == _indexes(conn, "public")
    conn.execute("SET search_path = beside, public")
    assert q.verify_no_overlap(conn) == []


def _indexes(conn: psycopg.Connection, schema: str) -> list[tuple[str, str]]:
    rows = conn.execute(
        "SELECT tablename, regexp_replace(indexdef, '^.* USING', '') FROM pg_indexes"
        " WHERE schemaname = %s AND tablename = ANY(%s) ORDER BY 1, 2",
        (schema, list(PositionProjection.tables)),
    ).fetchall()
    return [(table, definition) for table, definition in rows]


def test_a_fill_takes_nothing_after_the_position_that_it_was_given(
    beside: EmptyTables, conn: psycopg.Connection
) -> None:
    office = beside.office
    _record_all_kinds(office)
    for until in (1, 44, 48):
        for table in PositionProjection.tables:
            conn.execute(f"TRUNCATE public.{table}")
        conn.execute("DELETE FROM projection_positions")
        fresh = Office(office.log)
        fresh.runner.catch_up(until)
        beside.fill(until=until)
        assert beside.digest() == digest(conn, office.projection)


@pytest.mark.thorough
@given(history=histories(commands=7))
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_history_fills_as_it_is_kept_up(
    beside: EmptyTables, conn: psycopg.Connection, history: History
) -> None:
    conn.execute("TRUNCATE events, commands, projection_positions")
    conn.execute("UPDATE log_head SET last_position = 0, last_recorded_at = NULL")
    for table in PositionProjection.tables:
        conn.execute(f"TRUNCATE public.{table}")
    office = Office(beside.office.log)
    beside.office = office
    recorded_as: dict[UUID, UUID] = {}
    for command, facts in enumerate(history.facts):
        renamed: list[tuple[str, Fact]] = []
        for index, fact in enumerate(facts):
            # The same history, under the ids that the log gives.
            own = event_id_of(command_id(command), index)
            recorded_as[event_id(len(recorded_as) + 1)] = own
            if isinstance(fact, EntryCorrected | EntryAnnulled):
                renamed.append(
                    (staff_stream(STAFF), fact.model_copy(update={"of": recorded_as[fact.of]}))
                )
            else:
                renamed.append((staff_stream(STAFF), fact))
        office.record(*renamed)
        office.runner.catch_up()
    beside.fill()
    assert beside.digest() == digest(conn, office.projection)


def test_what_a_process_cannot_do_is_raised_where_it_was_asked_for(
    beside: EmptyTables, conn: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(position_fill, "ALONE_UP_TO", 0)
    office = beside.office
    office.register("S1", band="4")
    office.record(
        (
            staff_stream("S1"),
            PositionChanged(effective_from=FEB, changes={Facet.BAND: "5"}, reason="r"),
        )
    )
    conn.execute(
        "UPDATE events SET state = convert_to(replace(convert_from(state, 'UTF8'),"
        ' \'"effective_from":"2014-02-01"\', \'"effective_from":"soon"\'), \'UTF8\')'
    )
    with pytest.raises(ValueError, match="soon"):
        beside.fill(processes=2)


def test_a_process_that_dies_leaves_its_range_to_the_one_that_asked(
    beside: EmptyTables, conn: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(position_fill, "ALONE_UP_TO", 0)
    monkeypatch.setattr(position_fill, "_RANGE_EVENTS", 5)
    office = beside.office
    _record_all_kinds(office)
    office.runner.catch_up()
    started: list[subprocess.Popen[bytes]] = []

    class Dying(subprocess.Popen):  # type: ignore[type-arg]  # it is one at run time
        def __init__(self, *arguments: object, **named: object) -> None:
            super().__init__(*arguments, **named)  # type: ignore[call-overload]  # handed on
            started.append(self)
            if len(started) == 1:
                self.kill()

    monkeypatch.setattr(subprocess, "Popen", Dying)
    beside.fill(processes=2)
    assert len(started) == 2
    assert all(process.returncode is not None for process in started)
    assert beside.digest() == digest(conn, office.projection)


def test_a_long_record_fills_with_its_epochs(beside: EmptyTables, conn: psycopg.Connection) -> None:
    office = beside.office
    office.register("S1", band="0")
    for n in range(1, 150):
        change = PositionChanged(
            effective_from=JAN + timedelta(days=n), changes={Facet.BAND: str(n)}, reason="r"
        )
        office.record((staff_stream("S1"), change))
        if n % 60 == 0:
            # Read from the log again, and kept up from there.
            office.runner.catch_up()
            office.projection.forget()
    office.runner.catch_up()
    beside.fill()
    assert beside.digest() == digest(conn, office.projection)
    (epochs,) = conn.execute(
        "SELECT count(DISTINCT epoch) FROM position_sheet WHERE assignment = 'main'"
    ).fetchall()
    assert epochs[0] > 1
    assert q.verify_no_overlap(conn) == []
