"""Everybody counted by employer at (V, K), beside a table that holds that one day and no other."""

from collections.abc import Iterator
from functools import partial
from time import perf_counter

import psycopg

from projections.keeping_up.copying import Conn
from projections.position.headcount import keep
from projections.position.queries import workforce
from tests.benchmarks.measuring import Line, Target, in_turns, median_line, seconds_of, times_of
from tests.benchmarks.scene import Scene
from transfer.core.words import Facet

THAT_DAY = """
CREATE TABLE that_day AS
SELECT staff_number, employer, amount AS fte FROM position_sheet
WHERE assignment <> '' AND effective_from <= %(day)s AND %(day)s < effective_to
  AND recorded_from <= %(known)s AND %(known)s < recorded_to
"""
COUNT_THAT_DAY = (
    b"SELECT employer, count(*), sum(fte) FROM that_day GROUP BY employer ORDER BY employer"
)

TO_SETTLE = 12
"""How often a statement is asked before it is measured. A connection lives long in a service, and
after ten times the server may take another plan for good."""

_PATIENCE_SECONDS = 10.0
"""A count that takes longer is measured once."""


def lines(scene: Scene) -> Iterator[Line]:
    """As known half way through the record, and as known now."""
    people, calls = scene.sizes.people, scene.sizes.counts
    with psycopg.connect(scene.populated(), autocommit=True) as connection:
        _keep(scene, connection)
        for named, turn in (("then", people.changes // 2), ("now", people.changes)):
            # A cursor of the client's own: `CREATE TABLE AS` takes no parameters on the server.
            psycopg.ClientCursor(connection).execute(
                THAT_DAY, {"day": people.effective_at(turn), "known": people.known_at(turn)}
            )
            connection.execute("VACUUM ANALYZE that_day")
            ours = partial(_ours, connection, scene, turn)
            baseline = partial(_baseline, connection)
            if ours() != baseline():
                raise AssertionError("the two count differently")
            times_of(TO_SETTLE, baseline)()
            latest = 0.0
            for _ in range(TO_SETTLE):
                latest = seconds_of(ours)
                if latest > _PATIENCE_SECONDS:
                    break
            if latest > _PATIENCE_SECONDS:
                figures = [[latest], [*times_of(calls, baseline)()]]
            else:
                figures = in_turns(
                    times_of(calls, ours), times_of(calls, baseline), rounds=scene.sizes.rounds
                )
            connection.execute("DROP TABLE that_day")
            yield median_line(
                f"head count by employer, {people.people:,} people, {people.rows:,} rows, "
                f"as known {named}",
                figures,
                "ms",
                Target("<=", 3),
                1e3,
            )


def _keep(scene: Scene, connection: Conn) -> None:
    """Make the checkpoints that a running service would have made in its idle moments."""
    made = 0
    began = perf_counter()
    while keep(connection):
        made += 1
    scene.say(f"{made} checkpoints of head counts made in {perf_counter() - began:.1f} s")
    connection.execute("VACUUM ANALYZE headcount_step, headcount_checkpoint")


def _ours(connection: Conn, scene: Scene, turn: int) -> list[tuple[object, ...]]:
    people = scene.sizes.people
    found = workforce(connection, Facet.EMPLOYER, people.effective_at(turn), people.known_at(turn))
    return [(each.value, each.headcount, each.fte) for each in found.groups]


def _baseline(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    return [*connection.execute(COUNT_THAT_DAY).fetchall()]
