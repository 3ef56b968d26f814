"""Everybody by the attested clock: counted and listed as each person is folded by themselves."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random  # noqa: TID251 - a test's draws come from a seed
from uuid import UUID

import psycopg
import pytest

from projections.keeping_up.horizon import BehindError, complete_until
from projections.keeping_up.runner import Runner, digest
from projections.position import attested as attested_sheets
from projections.position import queries as position_queries
from projections.position.attested import AttestedSheetsProjection
from projections.position.projection import PositionProjection
from projections.rebuilding.fill import Fill
from transfer.commands.office import Act, Office
from transfer.core.record.staff import EntryAnnulled, PositionChanged, StaffRegistered
from transfer.core.refusals import NotOnRecord
from transfer.core.words import Facet
from transfer.imports.history.import_history import import_history
from transfer.imports.history.sample import as_ndjson, sample_history
from transfer.log.application import Log
from transfer.log.attested_order import in_attested_order
from transfer.log.envelope import Command
from transfer.procedures.facts import Fact
from transfer.questions import attested
from transfer.questions.attested import AttestedLog
from transfer.vault import Vault

pytestmark = pytest.mark.engines

PEOPLE = [f"H{n:06}" for n in range(12)] + ["S1", "S2"]


@pytest.fixture
def imported(log: Log[Fact], tmp_path: Path) -> Log[Fact]:
    """Twelve people with a history, two without; and what was recorded of both kinds since."""
    at = datetime(2014, 6, 1, 9, tzinfo=UTC)
    for n, number in enumerate(("S1", "S2")):
        fact = StaffRegistered(
            staff_number=number,
            effective_from=date(2000, 1, 1),
            position={Facet.EMPLOYER: "London", Facet.BAND: "4", Facet.FTE: "0.5"},
        )
        command = Command(UUID(int=100 + n), "hr", b"", at=at + timedelta(days=n))
        log.append([(f"staff:{number}", 0, fact)], command)
    take(log, tmp_path, "".join(as_ndjson(sample_history(12, 9, seed=4))))
    changed = PositionChanged(
        effective_from=date(2005, 1, 1), changes={Facet.BAND: "9"}, reason="r", assignment="second"
    )
    for n, number in enumerate(("H000001", "S1")):
        version = len(log.read(f"staff:{number}"))
        log.append([(f"staff:{number}", version, changed)], Command(UUID(int=200 + n), "hr", b""))
    log.append(
        [("staff:H000002", 9, EntryAnnulled(of=log.read("staff:H000002")[0].event_id, reason="r"))],
        Command(UUID(int=300), "hr", b""),
    )
    return log


def take(log: Log[Fact], folder: Path, lines: str) -> None:
    """Import these lines."""
    file = folder / "history.ndjson"
    file.write_text(lines)
    outcome = import_history(
        Office(log, Vault(log.connection, bytes(32))),
        Act("hr", UUID(int=1)),
        file,
        folder=folder / "imports",
        today=date(2026, 1, 1),
        source="old",
        processes=1,
    )
    assert outcome.rejections == 0


@pytest.fixture
def runner(imported: Log[Fact]) -> Runner:
    """Projections that have caught up."""
    runner = Runner(imported, projections(imported))
    runner.catch_up()
    return runner


def projections(log: Log[Fact]) -> list[PositionProjection | AttestedSheetsProjection]:
    return [PositionProjection(log.read_many), AttestedSheetsProjection(log.read_many)]


def points(log: Log[Fact], count: int) -> Iterator[tuple[date, datetime]]:
    """Days and instants, some of them just where something changes."""
    draw = Random(7)  # noqa: S311 - nothing secret
    events = [e for number in PEOPLE for e in in_attested_order(log.read(f"staff:{number}"))]
    for _ in range(count):
        known_at = draw.choice(events).recorded_at - timedelta(microseconds=draw.randrange(2))
        day = getattr(draw.choice(events).fact, "effective_from", date(2004, 1, 1))
        yield day - timedelta(days=draw.randrange(2)), known_at


def one_by_one(
    log: Log[Fact], by: Facet, day: date, known_at: datetime
) -> tuple[Counter[str], dict[str, Decimal], set[tuple[str, str, str]]]:
    """Heads and full-time equivalents by value, and whose value each is, a person at a time."""
    horizon = log.head().recorded_at
    assert horizon is not None
    heads: Counter[str] = Counter()
    fte: dict[str, Decimal] = {}
    whose: set[tuple[str, str, str]] = set()
    for number in PEOPLE:
        of_person: set[str] = set()
        for job in ("main", "second"):
            try:
                found = attested.position_at(
                    log, AttestedLog(log, horizon), number, day, known_at, job
                ).position
            except NotOnRecord:
                continue
            if by in found:
                value = found[by].value
                part = found[Facet.FTE].value if Facet.FTE in found else "0"
                fte[value] = fte.get(value, Decimal(0)) + Decimal(part)
                of_person.add(value)
                whose.add((number, job, value))
        heads.update(of_person)
    return heads, fte, whose


@pytest.mark.usefixtures("runner")
def test_counts_and_lists_are_those_of_each_person(
    imported: Log[Fact], conn: psycopg.Connection
) -> None:
    found_any = 0
    for day, known_at in points(imported, 40):
        for by in (Facet.EMPLOYER, Facet.BAND):
            heads, fte, whose = one_by_one(imported, by, day, known_at)
            groups = attested_sheets.workforce(conn, by, day, known_at)
            assert {each.value: each.headcount for each in groups} == heads
            assert {each.value: each.fte for each in groups} == fte
            for value in heads:
                members = attested_sheets.members(conn, {by: value}, day, known_at).items
                assert {(each.staff_number, each.assignment, value) for each in members} == {
                    each for each in whose if each[2] == value
                }
            found_any += len(heads)
    assert found_any > 100


@pytest.mark.usefixtures("runner")
def test_the_logs_clock_counts_as_ever(conn: psycopg.Connection) -> None:
    before_import = datetime(2014, 6, 3, tzinfo=UTC)
    (group,) = position_queries.workforce(conn, Facet.BAND, date(2004, 1, 1), before_import)
    assert (group.value, group.headcount) == ("4", 2)
    everybody = attested_sheets.members(conn, {}, date(2013, 12, 1), before_import)
    assert {each.staff_number for each in everybody.items} == set(PEOPLE)


@pytest.mark.usefixtures("runner")
def test_pages_of_any_size_leave_the_same_rows(
    imported: Log[Fact], conn: psycopg.Connection
) -> None:
    live = digest(conn, AttestedSheetsProjection(imported.read_many))
    for page_events in (1, 7, 1000):
        conn.execute("TRUNCATE attested_person, attested_sheet")
        conn.execute("DELETE FROM projection_positions WHERE name = 'attested'")
        again = AttestedSheetsProjection(imported.read_many)
        Runner(imported, [again], page_events=page_events).catch_up()
        assert digest(conn, again) == live


@pytest.mark.usefixtures("runner")
@pytest.mark.parametrize("processes", [1, 2])
def test_filled_from_the_whole_log_the_rows_are_the_same(
    imported: Log[Fact],
    conn: psycopg.Connection,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    processes: int,
) -> None:
    monkeypatch.setattr(attested_sheets, "_STREAMS_AT_ONCE", 5)
    again = AttestedSheetsProjection(imported.read_many)
    live = digest(conn, again)
    conn.execute("TRUNCATE attested_person, attested_sheet")
    told: list[int] = []
    until = imported.head().position
    again.fill(Fill(database_url, "public", until, processes, told.append))
    assert digest(conn, again) == live
    assert told == sorted(told)
    assert told[-1] == until


def test_an_older_history_that_comes_later_changes_what_this_clock_says(
    imported: Log[Fact], runner: Runner, conn: psycopg.Connection, tmp_path: Path
) -> None:
    asked = (Facet.BAND, date(2003, 1, 1), datetime(2004, 1, 1, tzinfo=UTC))
    before = {each.value: each.headcount for each in attested_sheets.workforce(conn, *asked)}
    line = {"staff_number": "S2", "act": "change", "recorded_on": "2002-05-01", "band": "77"}
    take(imported, tmp_path, json.dumps(line | {"effective_from": "2002-05-01"}) + "\n")
    runner.catch_up()
    after = {each.value: each.headcount for each in attested_sheets.workforce(conn, *asked)}
    assert after == before | {"77": 1}


@pytest.mark.usefixtures("runner")
def test_nothing_is_told_while_the_position_is_behind(conn: psycopg.Connection) -> None:
    with attested_sheets.at_one_moment(conn) as seen:
        assert seen == complete_until(conn, ("position", attested_sheets.NAME))
    conn.execute(
        "UPDATE projection_positions SET recorded_at = '2014-06-02' WHERE name = 'position'"
    )
    with (
        pytest.raises(BehindError, match="position has not reached"),
        attested_sheets.at_one_moment(conn, seconds=0),
    ):
        pass
