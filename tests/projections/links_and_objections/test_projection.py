"""Links and objections as known at an instant: from the table, and from the log's own events."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import psycopg
import pytest

from projections.keeping_up.runner import digest
from projections.links_and_objections.projection import (
    NOTHING,
    LinksAndObjectionsProjection,
    ObjectionState,
    links_and_objections,
    links_and_objections_among,
    row_of,
)
from projections.rebuilding.fill import Fill
from tests.support.projecting import Office
from transfer.core.record.entry_objections import (
    EntryObjectedTo,
    EntryObjectionAnswered,
    EntryObjectionWithdrawn,
    ObjectionOutcome,
)
from transfer.core.record.links import IdentityLinked, IdentityUnlinked
from transfer.core.record.names import StaffNamed, name_on, name_periods
from transfer.core.record.staff import EntryAnnulled
from transfer.core.streams import staff_stream
from transfer.core.words import Basis
from transfer.log.application import Log
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines

COMMITMENT = "5f" * 32


@pytest.fixture
def office(log: Log[Fact]) -> Office:
    """An office with this projection beside it."""
    return Office(log, [LinksAndObjectionsProjection()])


def last_event(office: Office, staff: str) -> UUID:
    return office.log.read(staff_stream(staff))[-1].event_id


def link(office: Office, one: str, other: str) -> datetime:
    return office.record(
        (staff_stream(one), IdentityLinked(other=other, reason=f"{one} is {other}\tand\x01 so on")),
        (staff_stream(other), IdentityLinked(other=one, reason=f"{one} is {other}")),
    )


def unlink(office: Office, one: str, other: str) -> datetime:
    def undone(of: str, about: str) -> tuple[str, Fact]:
        events = office.log.read(staff_stream(of))
        made = [
            each.event_id
            for each in events
            if isinstance(each.fact, IdentityLinked) and each.fact.other == about
        ]
        return staff_stream(of), IdentityUnlinked(of=made[-1], other=about, reason="r")

    return office.record(undone(one, other), undone(other, one))


def linked(conn: psycopg.Connection, staff: str, at: datetime) -> dict[str, str]:
    """Each number that is linked, and through which."""
    return {link.staff_number: link.through for link in links_and_objections(conn, staff, at).links}


def test_links_reach_on_and_are_as_known_then(office: Office, conn: psycopg.Connection) -> None:
    for staff in "ABCD":
        office.register(staff)
    first, second = link(office, "A", "B"), link(office, "B", "C")
    third = unlink(office, "B", "C")
    office.runner.catch_up()
    assert linked(conn, "A", first) == {"B": "A"}
    assert linked(conn, "A", second) == {"B": "A", "C": "B"}
    assert linked(conn, "C", second) == {"B": "C", "A": "B"}
    assert linked(conn, "A", third) == {"B": "A"}
    assert linked(conn, "C", third) == {}
    assert links_and_objections(conn, "D", third) == NOTHING


def test_a_circle_of_links_ends(office: Office, conn: psycopg.Connection) -> None:
    for staff in "ABC":
        office.register(staff)
    link(office, "A", "B")
    link(office, "B", "C")
    at = link(office, "C", "A")
    office.runner.catch_up()
    assert linked(conn, "A", at) == {"B": "A", "C": "A"}


def test_an_objection_is_open_until_it_is_closed(office: Office, conn: psycopg.Connection) -> None:
    office.register("A")
    entry, stream = last_event(office, "A"), staff_stream("A")
    opened = office.record((stream, EntryObjectedTo(of=entry, statement_commitment=COMMITMENT)))
    objection = last_event(office, "A")
    answered = office.record(
        (
            stream,
            EntryObjectionAnswered(
                of=objection,
                outcome=ObjectionOutcome.MAINTAINED,
                reason_commitment=COMMITMENT,
                basis=Basis(clause="TR-11"),
            ),
        )
    )
    put_right = office.record(
        (
            stream,
            EntryObjectionAnswered(
                of=objection,
                outcome=ObjectionOutcome.UPHELD,
                put_right_by=entry,
                reason_commitment=COMMITMENT,
            ),
        )
    )
    office.record((stream, EntryObjectedTo(of=entry, statement_commitment=COMMITMENT)))
    withdrawn = office.record((stream, EntryObjectionWithdrawn(of=last_event(office, "A"))))
    office.runner.catch_up()

    def states(at: datetime) -> list[ObjectionState]:
        return [each.state for each in links_and_objections(conn, "A", at).objections]

    assert states(opened) == [ObjectionState.OPEN]
    assert states(answered) == [ObjectionState.MAINTAINED]
    assert states(put_right) == [ObjectionState.UPHELD]
    assert states(withdrawn) == [ObjectionState.UPHELD, ObjectionState.WITHDRAWN]
    [told] = links_and_objections(conn, "A", answered).objections
    assert (told.of, told.closed_at, told.basis) == (entry, answered, Basis(clause="TR-11"))


def test_the_log_itself_says_the_same_and_so_does_a_rebuild(
    office: Office, conn: psycopg.Connection
) -> None:
    for staff in "AB":
        office.register(staff)
    link(office, "A", "B")
    entry = last_event(office, "A")
    at = office.record(
        (staff_stream("A"), EntryObjectedTo(of=entry, statement_commitment=COMMITMENT))
    )
    office.runner.catch_up()
    rows = [row_of(event) for event in office.log.read(staff_stream("A"))]
    assert links_and_objections(conn, "A", at) == links_and_objections_among(
        row for row in rows if row is not None
    )
    before = digest(conn, LinksAndObjectionsProjection())
    office.runner.rebuild()
    assert digest(conn, LinksAndObjectionsProjection()) == before


def test_names_are_as_known_then_and_of_annulments_those_of_a_name_are_kept(
    office: Office, conn: psycopg.Connection
) -> None:
    office.register("A")
    of_band = last_event(office, "A")

    def record(fact: Fact) -> UUID:
        instants.append(office.record((staff_stream("A"), fact)))
        office.runner.catch_up()
        return last_event(office, "A")

    def named(day: date, of: UUID | None = None) -> UUID:
        return record(
            StaffNamed(effective_from=day, commitment=COMMITMENT, of=of, reason="deed poll")
        )

    instants: list[datetime] = []
    first = named(date(2014, 3, 1))
    right = named(date(2014, 4, 1), of=first)
    record(EntryAnnulled(of=right, reason="r"))
    record(EntryAnnulled(of=first, reason="r"))
    record(EntryAnnulled(of=of_band, reason="r"))

    def on(day: date, known_at: datetime) -> UUID | None:
        return name_on(name_periods(links_and_objections(conn, "A", known_at).names), day)

    for day, each in (
        (date(2014, 3, 15), [first, None, first]),
        (date(2014, 4, 15), [first, right, first]),
    ):
        assert [on(day, at) for at in instants] == [*each, None, None]
    counted = conn.execute("SELECT count(*) FROM remark").fetchone()
    assert counted == (4,)
    before = digest(conn, LinksAndObjectionsProjection())
    office.runner.rebuild()
    assert digest(conn, LinksAndObjectionsProjection()) == before


def test_it_is_filled_from_a_log_up_to_a_cut_as_it_is_kept_up(
    office: Office, conn: psycopg.Connection, database_url: str
) -> None:
    for staff in "AB":
        office.register(staff)
    link(office, "A", "B")
    until = office.log.head().position
    office.runner.catch_up()
    before = digest(conn, LinksAndObjectionsProjection())
    unlink(office, "A", "B")
    conn.execute("CREATE SCHEMA beside")
    conn.execute("CREATE TABLE beside.remark (LIKE public.remark INCLUDING ALL)")
    told: list[int] = []
    LinksAndObjectionsProjection().fill(Fill(database_url, "beside", until, 1, told.append))
    conn.execute("SET search_path = beside, public")
    assert digest(conn, LinksAndObjectionsProjection()) == before
    assert told[-1] == until
