"""Who is without a line manager: the table's answers against a plain reading of the log."""

from __future__ import annotations

from datetime import date, datetime
from random import Random  # noqa: TID251  # a test's draws come from a seed

import psycopg
import pytest

from projections.position.managers import Reports, reports_to, without_manager
from tests.support.projecting import Office
from transfer.commands.office import person_of
from transfer.core.employed import is_employed
from transfer.core.record.staff import PositionChanged, StaffLeft, StaffRegistered
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.procedures.known_facts import NO_KINDS

pytestmark = pytest.mark.engines

NUMBERS = [f"S{n}" for n in range(6)]
DAYS = [date(2014, month, 1) for month in range(1, 7)]


def anything(random: Random) -> PositionChanged | StaffLeft:
    job = random.choice(["main", "main", "evenings"])
    start, end = sorted(random.sample(DAYS, 2))
    if random.random() < 0.3:
        return StaffLeft(effective_from=start, assignment=job, reason="r")
    facet, value = random.choice(
        [
            (Facet.EMPLOYER, "NPS"),
            (Facet.EMPLOYER, None),
            (Facet.LINE_MANAGER, random.choice([*NUMBERS, "S99", None])),
            (Facet.LINE_MANAGER, random.choice(NUMBERS)),
        ]
    )
    until = end if random.random() < 0.3 else None
    return PositionChanged(
        effective_from=start, effective_to=until, assignment=job, changes={facet: value}, reason="r"
    )


def plainly(office: Office, day: date, known_at: datetime) -> list[tuple[str, str, str | None]]:
    people = {}
    for number in NUMBERS:
        events = office.log.read(staff_stream(number), up_to_recorded=known_at)
        people[number] = person_of(number, events, NO_KINDS).entries
    found = []
    for number, entries in people.items():
        for job in ("evenings", "main"):
            if not is_employed(entries, day, job):
                continue
            held = [
                entries.timeline(key).at(day)
                for key in entries.stated_keys()
                if key.assignment == job and key.name == Facet.LINE_MANAGER
            ]
            manager = next((each.value for each in held if each is not None), None)
            theirs = people.get(manager or "")
            if theirs is None or not is_employed(theirs, day, None):
                found.append((number, job, manager))
    return found


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(each, marks=pytest.mark.thorough) for each in (1, 2))]
)
def test_every_day_and_instant_lists_whom_the_log_says(
    office: Office, conn: psycopg.Connection, seed: int
) -> None:
    random = Random(seed)  # noqa: S311  # repeatable, not secret
    instants = []
    for number in NUMBERS:
        position = {Facet.EMPLOYER: "LDN", Facet.LINE_MANAGER: random.choice(NUMBERS)}
        registered = StaffRegistered(
            staff_number=number, effective_from=random.choice(DAYS), position=position
        )
        instants.append(office.record((staff_stream(number), registered)))
    for _ in range(20):
        number = random.choice(NUMBERS)
        instants.append(office.record((staff_stream(number), anything(random))))
    office.runner.catch_up()
    for known_at in instants[5:]:
        for day in DAYS:
            found: list[tuple[str, str, str | None]] = []
            cursor: str | None = None
            while True:
                page = without_manager(conn, day, known_at, limit=2, cursor=cursor)
                found += [(e.staff_number, e.assignment, e.line_manager) for e in page.items]
                cursor = page.next_cursor
                if cursor is None:
                    break
            assert found == plainly(office, day, known_at)


def test_why_nobody_answers_to_the_number(office: Office, conn: psycopg.Connection) -> None:
    office.register("S1", employer="LDN")
    office.register("S2", employer="LDN", line_manager="S1")
    office.register("S3", employer="LDN", line_manager="S9")
    left = StaffLeft(effective_from=DAYS[4], reason="r")
    at = office.record((staff_stream("S1"), left))
    office.runner.catch_up()
    told = {
        each.staff_number: each.not_employed and each.not_employed.reason
        for each in without_manager(conn, DAYS[5], at, limit=9).items
    }
    assert told == {
        "S2": "not employed on 2014-06-01: left with effect from 2014-05-01",
        "S3": "not employed on 2014-06-01: no employer is on record",
    }
    nobody = [each.staff_number for each in without_manager(conn, DAYS[3], at, limit=9).items]
    assert nobody == ["S1", "S3"]


def test_who_reports_to_somebody_from_a_day_on(office: Office, conn: psycopg.Connection) -> None:
    office.register("S1", employer="LDN", line_manager="S9")
    office.register("S2", employer="LDN", line_manager="S8")
    office.register("S3", employer="LDN", line_manager="S9")

    def change(number: str, start: date, **to: str | None) -> datetime:
        changes = {Facet(name): value for name, value in to.items()}
        fact = PositionChanged(effective_from=start, changes=changes, reason="r")
        return office.record((staff_stream(number), fact))

    change("S2", DAYS[4], line_manager="S9")
    change("S2", DAYS[5], line_manager="S8")
    at = change("S3", DAYS[2], employer=None)
    office.runner.catch_up()
    assert reports_to(conn, "S9", DAYS[3], at) == [
        Reports("S1", "main", DAYS[3]),
        Reports("S2", "main", DAYS[4]),
    ]
    assert reports_to(conn, "S7", DAYS[3], at) == []
