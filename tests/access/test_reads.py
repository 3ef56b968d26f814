"""The register of reads: it keeps what it was given, and nobody takes it back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import psycopg
import pytest

from transfer.access.reads import Reader, RegisterOfReads
from transfer.app import Record

pytestmark = pytest.mark.engines

READER = Reader("HR operations", "admin", "/v1/staff/{staff_number}/position", "a grievance")
KNOWN = datetime(2014, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def register(record: Record) -> RegisterOfReads:
    """The register of an empty record."""
    return RegisterOfReads(record.log.connection)


def test_a_read_of_several_people_is_on_the_register_once_for_each(
    register: RegisterOfReads,
) -> None:
    register.note(READER, ["S2", "S1", "S2"], effective_at=date(2014, 6, 1), known_at=KNOWN)
    for number in ("S1", "S2"):
        (read,) = register.of(number, limit=10)
        assert (read.subject, read.role, read.what, read.reason) == (
            READER.subject,
            READER.role,
            READER.what,
            READER.reason,
        )
        assert (read.effective_at, read.known_at) == (date(2014, 6, 1), KNOWN)
    assert register.of("S3", limit=10) == []


def test_a_read_of_one_person_is_on_the_register_as_it_was(register: RegisterOfReads) -> None:
    reader = Reader("Zoë", "union", "/v1/x", "a grievance", dispute_case="dispute-case:7")
    register.note_each(
        reader, {"S1": "appointment:3"}, effective_at=date(2014, 6, 1), known_at=KNOWN
    )
    register.note(READER, ["S1"], effective_at=None, known_at=None)
    bare, read = register.of("S1", limit=10)
    assert (read.subject, read.role, read.what, read.reason) == (
        "Zoë",
        "union",
        "/v1/x",
        "a grievance",
    )
    assert (read.appointment, read.dispute_case) == ("appointment:3", "dispute-case:7")
    assert (read.effective_at, read.known_at) == (date(2014, 6, 1), KNOWN)
    assert (bare.effective_at, bare.known_at, bare.appointment) == (None, None, None)


def test_a_list_without_people_leaves_nothing(register: RegisterOfReads) -> None:
    register.note(READER, [], effective_at=None, known_at=None)
    assert register.of("S1", limit=10) == []


def test_the_newest_comes_first_and_pages_join(register: RegisterOfReads) -> None:
    for n in range(5):
        reader = Reader(f"reader {n}", "audit", "/v1/workforce/members")
        register.note(reader, ["S1"], effective_at=None, known_at=None)
    first = register.of("S1", limit=2)
    rest = register.of("S1", limit=9, before=first[-1].read_id)
    assert [read.subject for read in [*first, *rest]] == [f"reader {n}" for n in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM reads", "TRUNCATE reads CASCADE", "UPDATE reads SET subject = 'somebody else'"],
)
def test_no_row_is_changed_or_removed(
    record: Record, register: RegisterOfReads, statement: str
) -> None:
    register.note(READER, ["S1"], effective_at=None, known_at=None)
    with (
        record.log.connection() as connection,
        pytest.raises(psycopg.errors.RestrictViolation, match="keeps every row"),
    ):
        connection.execute(statement)
    assert len(register.of("S1", limit=10)) == 1
