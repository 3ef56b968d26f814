"""The facts of a kind that lives in the tests alone, in every answer about a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from projections.keeping_up.runner import digest
from projections.position import fill as position_fill
from projections.position import queries as q
from projections.position.projection import PositionProjection
from projections.rebuilding.fill import Fill
from tests.support.desk_moves import KNOWN, STAFF, Story
from tests.support.projecting import Office
from transfer.commands import record
from transfer.commands.office import Act
from transfer.commands.office import Office as RealOffice
from transfer.core.record.entries import Annulment, Correction
from transfer.core.record.staff import EntryCorrected
from transfer.core.refusals import Conflict, NotOnRecord
from transfer.core.words import Attested, Facet
from transfer.log.application import Log, open_log
from transfer.log.attested_order import in_attested_order
from transfer.procedures.facts import Fact
from transfer.questions import attested
from transfer.questions.differences import Item, differences_on, differences_over_time
from transfer.questions.history import HistoryItem, history
from transfer.questions.preview import would_read
from transfer.questions.why import Reasons
from transfer.vault import Vault

pytestmark = pytest.mark.engines

D = date
WORKPLACE, LAMP = Item("main", "workplace"), Item(None, "lamp")
MAY = D(2014, 5, 1)


@pytest.fixture
def log(database_url: str) -> Iterator[Log[Fact]]:
    opened = open_log(database_url, known=KNOWN)
    yield opened
    opened.close()


@pytest.fixture
def story(log: Log[Fact]) -> Story:
    """Up to the move."""
    told = Story(Office(log))
    told.begin()
    told.office.runner.catch_up()
    return told


@pytest.fixture
def whole(story: Story) -> Story:
    """All of it; kept up from a projection that has nothing in memory."""
    story.move_again()
    story.office.projection.forget()
    story.office.runner.catch_up()
    story.undo()
    story.office.projection.forget()
    story.office.runner.catch_up()
    return story


def read(log: Log[Fact], known_at: datetime, day: date = MAY) -> tuple[str | None, str | None]:
    """The floor and the lamp on a day; both clocks must say the same of both days and periods."""
    by_attested = attested.AttestedLog(log, log.head().recorded_at or known_at)
    with log.connection() as conn:
        found = q.position_at(conn, "S1", day, known_at)
        lanes = q.timeline(conn, "S1", known_at)
    other = attested.position_at(log, by_attested, "S1", day, known_at)
    other_lanes = attested.timeline(log, by_attested, "S1", known_at)
    assert (found.position, found.terms) == (other.position, other.terms)
    assert (lanes.facets, lanes.terms) == (other_lanes.facets, other_lanes.terms)
    held = found.position.get(Facet.WORKPLACE)
    return held and held.value, next((each.held.value for each in found.terms), None)


def test_what_a_decision_states_is_answered_as_it_was_known(whole: Story) -> None:
    log, at = whole.office.log, whole.at
    days = (D(2014, 3, 2), D(2014, 4, 5), MAY, D(2015, 4, 5), D(2015, 5, 1))
    before = [("2", None)] * 5
    first = [("2", None), ("3", "yes"), ("3", "yes"), ("3", None), ("3", None)]
    again = [("2", None), ("2", None), ("5", "yes"), ("5", "yes"), ("5", None)]
    read_at = [[read(log, known_at, day) for day in days] for known_at in at]
    assert read_at == [before, before, first, first, again, again, before]


def test_a_period_names_the_first_decision_and_the_one_in_its_place(whole: Story) -> None:
    with whole.office.log.connection() as conn:
        held = q.position_at(conn, "S1", MAY, whole.at[4]).position[Facet.WORKPLACE]
        (lamp,) = q.timeline(conn, "S1", whole.at[4]).terms
    assert (held.event_id, held.corrected_by) == (whole.ids[2], whole.ids[4])
    assert held.basis is not None
    assert held.basis.clause == "DK-6"
    assert [(each.effective_from, each.effective_to) for each in lamp.in_force] == [
        (D(2014, 4, 8), D(2015, 4, 8))
    ]


def test_the_history_tells_each_fact_in_plain_words(whole: Story) -> None:
    items = history(whole.office.log, "S1")
    assert [(item.type, item.sentence) for item in items] == [
        ("staff-registered.v1", None),
        ("desk-confirmed.v1", "floor 3 is final"),
        ("desk-moved.v1", "moves from 2 to 3 on 2014-04-01"),
        ("desk-moved.v1", "moves from 2 to 5 on 2014-04-08"),
        ("decision-undone.v1", "has no effect any more: never asked"),
        ("decision-undone.v1", "has no effect any more: stays"),
    ]
    assert [(item.effective_from, item.effective_to) for item in items[1:4]] == [
        (None, None),
        (D(2014, 4, 1), None),
        (D(2014, 4, 8), None),
    ]
    assert "sentence" not in items[0].model_dump()
    assert items[2].basis is not None
    assert items[5].reason == "stays"


def test_made_again_it_is_a_correction_and_undone_an_annulment(whole: Story) -> None:
    def links(item: HistoryItem) -> list[UUID | None]:
        return [item.of, item.corrected_by, item.annulled_by, item.replaced, item.replaced_by]

    _, confirmed, moved, _, again, of_confirmed, of_moved = whole.ids
    made_again = history(whole.office.log, "S1", whole.at[4])
    assert list(map(links, made_again[1:])) == [
        [None, None, None, None, None],
        [None, again, None, None, again],
        [moved, None, None, moved, None],
    ]
    undone = history(whole.office.log, "S1")
    assert list(map(links, undone[1:])) == [
        [None, None, of_confirmed, None, None],
        [None, None, of_moved, None, again],
        [moved, None, of_moved, moved, of_moved],
        [confirmed, None, None, None, None],
        [moved, None, None, again, None],
    ]


def test_a_value_says_why_it_is(whole: Story) -> None:
    log, at, ids = whole.office.log, whole.at, whole.ids

    def why(known_at: datetime) -> tuple[UUID, str, UUID | None, str | None]:
        with log.connection() as conn:
            held = q.position_at(conn, "S1", MAY, known_at).position[Facet.WORKPLACE]
        told = Reasons(log, "S1", known_at, [WORKPLACE]).of(WORKPLACE, held, MAY)
        first = None if told.original is None else told.original.event_id
        replaced = None if told.replaced is None else told.replaced.value
        return told.event_id, told.type, first, replaced

    assert why(at[2]) == (ids[2], "desk-moved.v1", None, "2")
    assert why(at[4]) == (ids[4], "desk-moved.v1", ids[2], "3")
    assert why(at[6]) == (ids[0], "staff-registered.v1", None, "5")


def test_differences_name_what_brought_them_about(whole: Story) -> None:
    log, at, ids = whole.office.log, whole.at, whole.ids

    def causes(since: datetime, until: datetime) -> list[list[object]]:
        found = differences_on(log, "S1", MAY, since, until).items
        assert [each.item for each in found] == [WORKPLACE, LAMP]
        over_time = differences_over_time(log, "S1", since, until).items
        assert {each.item for each in over_time} == {WORKPLACE, LAMP}
        return [
            [(cause.event_id, cause.corrects, cause.annuls) for cause in each.causes]
            for each in found
        ]

    assert causes(at[0], at[2]) == [[(ids[2], None, None)]] * 2
    assert causes(at[2], at[4]) == [[(ids[4], ids[2], None)]] * 2
    assert causes(at[4], at[6]) == [[(ids[6], None, ids[2])]] * 2


def test_a_correction_of_a_decision_is_previewed_and_entered(story: Story) -> None:
    log = story.office.log
    corrected = EntryCorrected(
        of=story.ids[2],
        effective_from=D(2014, 4, 1),
        changes={Facet.WORKPLACE: "4"},
        reason="misread",
    )
    (found,) = would_read(
        log, ["S1"], lambda _: {"S1": [(UUID(int=0), corrected)]}, not_before=story.at[-1]
    )
    values = {
        item: [(each.before and each.before.value, each.after and each.after.value) for each in of]
        for item, of in found.values.items()
    }
    assert values == {WORKPLACE: [("3", "4")], LAMP: [("yes", None)]}
    office = RealOffice(log, Vault(log.connection, bytes(32)))
    assert office.known is KNOWN
    entry = Correction(
        of=story.ids[2],
        effective_from=D(2014, 4, 1),
        changes={Facet.WORKPLACE: "4"},
        reason="misread",
    )
    act = Act("hr", UUID(int=1 << 64), at=story.at[-1] + timedelta(minutes=1))
    entered = record.enter(office, act, "S1", entry)
    story.office.runner.catch_up()
    assert read(log, entered.recorded_at) == ("4", None)
    (_, _, moved, _) = history(log, "S1")
    assert moved.corrected_by == entered.event_id


def test_what_states_nothing_or_was_undone_cannot_be_corrected(whole: Story) -> None:
    log = whole.office.log
    office = RealOffice(log, Vault(log.connection, bytes(32)))

    def enter(entry: Correction | Annulment) -> None:
        record.enter(office, Act("hr", UUID(int=2 << 64)), "S1", entry)

    content = {"effective_from": MAY, "changes": {Facet.WORKPLACE: "4"}, "reason": "misread"}
    with pytest.raises(Conflict, match="was annulled"):
        enter(Correction(of=whole.ids[2], **content))
    with pytest.raises(Conflict, match="was annulled"):
        enter(Annulment(of=whole.ids[2], reason="r"))
    with pytest.raises(Conflict, match="an annulment is final"):
        enter(Annulment(of=whole.ids[6], reason="r"))
    for states_nothing in (whole.ids[1], whole.ids[3], whole.ids[5]):
        with pytest.raises(NotOnRecord):
            enter(Correction(of=states_nothing, **content))


def test_by_the_attested_clock_it_is_not_corrected_before_it_is_known(whole: Story) -> None:
    claims = {whole.ids[2]: D(2014, 3, 1), whole.ids[4]: D(2013, 1, 1), whole.ids[6]: D(2013, 1, 1)}

    def claim(event_id: UUID) -> Attested | None:
        day = claims.get(event_id)
        return None if day is None else Attested(source="old", recorded_on=day)

    events = [
        replace(event, attested=claim(event.event_id)) for event in whole.office.log.read(STAFF)
    ]
    order = [each.event_id for each in in_attested_order(events, KNOWN)]
    assert order.index(whole.ids[2]) < order.index(whole.ids[4]) < order.index(whole.ids[6])


@pytest.mark.parametrize("processes", [1, 2])
def test_a_fill_makes_the_rows_that_keeping_up_made(
    whole: Story,
    database_url: str,
    conn: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    processes: int,
) -> None:
    log = whole.office.log
    monkeypatch.setattr(position_fill, "ALONE_UP_TO", 0)
    if processes > 1:  # what the others cannot do is not made good here
        monkeypatch.setattr(position_fill, "fill_range", None)
    kept_up = digest(conn, whole.office.projection)
    conn.execute("CREATE SCHEMA beside")
    for table in PositionProjection.tables:
        conn.execute(f"CREATE TABLE beside.{table} (LIKE public.{table} INCLUDING ALL)")
    filling = PositionProjection(log.read_many, KNOWN, helpers_begin_at="tests.support.desk_helper")
    filling.fill(Fill(database_url, "beside", log.head().position, processes, lambda _: None))
    conn.execute("SET search_path = beside, public")
    assert digest(conn, filling) == kept_up
