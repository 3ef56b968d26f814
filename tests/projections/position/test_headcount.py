"""Head counts kept at checkpoints say what the sheets say, and are of these tables alone.

That either says what the rule says is in test_proved.py, whose histories are kept up too.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random  # noqa: TID251  # a test's draws come from a seed

import psycopg
import pytest

from projections.position.headcount import Counted, HeadCount, count_heads, keep, verify_headcounts
from projections.position.queries import members
from tests.support.making import Maker
from tests.support.projecting import Office, registered
from tests.support.recording import Recording
from transfer.core.record.staff import PositionChanged
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.log.application import Log
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines

MAY = date(2014, 5, 1)


def moved(employer: str, assignment: str = "main", fte: str = "0.5") -> PositionChanged:
    changes: dict[Facet, str | None] = {Facet.EMPLOYER: employer, Facet.FTE: fte}
    return PositionChanged(
        effective_from=MAY, changes=changes, reason="moved", assignment=assignment
    )


def keep_all(conn: psycopg.Connection, apart: int) -> int:
    made = 0
    while keep(conn, apart=apart):
        made += 1
    return made


def checkpoints(conn: psycopg.Connection) -> list[tuple[object, ...]]:
    return conn.execute(
        "SELECT generation, facet, recorded_at FROM headcount_checkpoint ORDER BY 2, 3"
    ).fetchall()


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(each, marks=pytest.mark.thorough) for each in (1, 2, 3))]
)
def test_every_day_and_instant_counts_the_same_from_checkpoints(
    log: Log[Fact], database_url: str, conn: psycopg.Connection, seed: int
) -> None:
    random = Random(seed)  # noqa: S311  # repeatable, not secret
    world = Maker(random, people=6).world(30)
    Recording(random, log, database_url).put_all(world)
    apart = 1 + 3 * seed
    keep_all(conn, apart)
    assert checkpoints(conn)
    for known_at in world.instants:
        for day in world.days():
            for facet in (Facet.EMPLOYER, Facet.BAND, Facet.FTE):
                for job in (None, "main", "second"):
                    asked = (conn, facet, day, known_at, job)
                    assert count_heads(*asked) == count_heads(*asked, from_sheets=True)
    assert verify_headcounts(conn, MAY, latest=1_000) == []


def test_two_jobs_with_one_employer_are_one_head_and_both_parts(
    office: Office, conn: psycopg.Connection
) -> None:
    office.register("S1", employer="NPS", fte="0.5")
    office.register("S2", employer="NPS", fte="1")
    both = office.record((staff_stream("S1"), moved("NPS", "evenings", "0.4")))
    elsewhere = office.record((staff_stream("S1"), moved("CRC", "evenings", "0.4")))
    office.runner.catch_up()
    assert keep_all(conn, 1)
    assert count_heads(conn, Facet.EMPLOYER, MAY, both) == HeadCount(
        (Counted("NPS", 2, Decimal("1.9")),), 2
    )
    assert count_heads(conn, Facet.EMPLOYER, MAY, elsewhere) == HeadCount(
        (Counted("CRC", 1, Decimal("0.4")), Counted("NPS", 2, Decimal("1.5"))), 2
    )


def test_who_has_left_is_in_no_group_and_comes_back_with_an_employer(
    office: Office, conn: psycopg.Connection
) -> None:
    """Leaving, as a change of the employer alone: band and full time are still on record."""
    office.register("S1", employer="NPS", band="4", fte="0.5", line_manager="S9")
    office.register("S2", employer="NPS", band="4", fte="1", line_manager="S9")
    gone = PositionChanged(effective_from=MAY, changes={Facet.EMPLOYER: None}, reason="resigned")
    left = office.record((staff_stream("S1"), gone))
    again = office.record((staff_stream("S1"), moved("CRC")))
    office.runner.catch_up()
    assert keep_all(conn, 1)
    for facet, value in ((Facet.BAND, "4"), (Facet.LINE_MANAGER, "S9"), (Facet.EMPLOYER, "NPS")):
        one = HeadCount((Counted(value, 1, Decimal(1)),), 1)
        for from_sheets in (False, True):
            assert count_heads(conn, facet, MAY, left, from_sheets=from_sheets) == one
    assert count_heads(conn, Facet.FTE, MAY, left).groups == (Counted("1", 1, Decimal(1)),)
    assert count_heads(conn, Facet.BAND, MAY, again).people == 2
    for facet, value in ((Facet.LINE_MANAGER, "S9"), (Facet.BAND, "4")):
        listed = members(conn, {facet: value}, MAY, left).items
        assert [each.staff_number for each in listed] == ["S2"]


def test_the_total_counts_somebody_with_two_posts_once(
    office: Office, conn: psycopg.Connection
) -> None:
    office.register("S1", employer="NPS", unit="Croydon", fte="0.5")
    second: dict[Facet, str | None] = {Facet.EMPLOYER: "NPS", Facet.UNIT: "Lambeth"}
    at = office.record(
        (
            staff_stream("S1"),
            PositionChanged(
                effective_from=MAY, changes=second, reason="second post", assignment="evenings"
            ),
        )
    )
    office.runner.catch_up()
    for _ in range(2):
        counted = count_heads(conn, Facet.UNIT, MAY, at)
        assert [(each.value, each.heads) for each in counted.groups] == [
            ("Croydon", 1),
            ("Lambeth", 1),
        ]
        assert counted.people == 1
        assert count_heads(conn, Facet.EMPLOYER, MAY, at).people == 1
        assert count_heads(conn, Facet.UNIT, MAY, at, "evenings").people == 1
        keep_all(conn, 1)


def test_no_checkpoint_lies_inside_a_command_that_is_not_in_the_tables_whole(
    office: Office, conn: psycopg.Connection
) -> None:
    office.register("S1", employer="NPS")
    office.runner.catch_up()
    # What a projector leaves when it is killed inside a large command: rows beyond the horizon.
    horizon = conn.execute("SELECT recorded_at FROM projection_positions").fetchone()
    office.record(*[(staff_stream(n), registered(n, employer="NPS")) for n in ("S2", "S3", "S4")])
    office.runner.catch_up()
    conn.execute("UPDATE projection_positions SET recorded_at = %s", horizon)
    keep_all(conn, 1)
    assert {recorded_at for _, _, recorded_at in checkpoints(conn)} <= set(horizon or ())


def test_checkpoints_of_other_tables_are_not_used_and_go(
    office: Office, conn: psycopg.Connection
) -> None:
    for number in ("S1", "S2", "S3"):
        at = office.register(number, employer="NPS", fte="1")
    office.runner.catch_up()
    assert keep_all(conn, 1)
    three = HeadCount((Counted("NPS", 3, Decimal(3)),), 3)
    conn.execute("UPDATE headcount_step SET heads = ARRAY[7]")
    assert count_heads(conn, Facet.EMPLOYER, MAY, at) != three
    assert len(verify_headcounts(conn, MAY)) > 0
    office.runner.rebuild()
    assert count_heads(conn, Facet.EMPLOYER, MAY, at) == three
    assert keep_all(conn, 1)
    assert {generation for generation, _, _ in checkpoints(conn)} == {2}
    assert count_heads(conn, Facet.EMPLOYER, MAY, at) == three


def test_the_next_is_due_when_more_have_begun_than_lie_between_two(
    office: Office, conn: psycopg.Connection
) -> None:
    for number in ("S1", "S2", "S3"):
        office.register(number, employer="NPS")
    office.runner.catch_up()
    # A registration begins two sheets, the person's own and that of the job: six have begun.
    assert not keep(conn, apart=6)
    assert keep(conn, apart=5)
    assert len(checkpoints(conn)) == 1
