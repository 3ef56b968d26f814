"""The first and the last day that a date can name: they are days like any other.

The slow reading walks from day to day, which would take until the end of time here; the reading in
SQL does not.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random  # noqa: TID251  # a test's draws come from a seed, which it names

import psycopg
import pytest

from projections.position import queries as q
from tests import sql_reading
from tests.support.making import Maker
from tests.support.questions import lanes_told, position_told
from tests.support.readings import Lanes, without_standing
from tests.support.recording import Recording
from tests.support.worlds import JOBS
from transfer.core.words import Facet
from transfer.kinds import KNOWN
from transfer.log.application import open_log

pytestmark = pytest.mark.engines

DAY = timedelta(days=1)
DAYS = (date.min, date.min + DAY, date(2014, 1, 1), date.max - DAY, date.max)


@pytest.mark.parametrize("seed", range(6))
def test_the_first_and_the_last_day_are_days_like_any_other(database_url: str, seed: int) -> None:
    random = Random(seed)  # noqa: S311  # repeatable, not secret
    world = Maker(random, people=2, days=DAYS).world(12)
    log = open_log(database_url, known=KNOWN)
    try:
        Recording(random, log, database_url).put_all(world)
    finally:
        log.close()
    with psycopg.connect(database_url, autocommit=True) as conn:
        for known_at in world.instants:
            found: dict[str, Lanes] = {}
            for staff, since in world.registered().items():
                if since <= known_at:
                    found[staff] = lanes_told(q.timeline(conn, staff, known_at))
            for day in DAYS:
                by_sql = sql_reading.positions(conn, day, known_at)
                heads: set[str] = set()
                for staff, lanes in found.items():
                    for job in JOBS:
                        wanted = by_sql.position(staff, job)
                        assert wanted is not None
                        assert (
                            position_told(q.position_at(conn, staff, day, known_at, job)) == wanted
                        )
                        heads |= {staff} if "employer" in wanted.facets else set()
                        for facet, answer in wanted.facets.items():
                            assert without_standing(answer) in lanes["facet", job, facet, None][0]
                groups = q.workforce(conn, Facet.EMPLOYER, day, known_at).groups
                assert sum(group.headcount for group in groups) >= len(heads)
                assert bool(groups) == bool(heads)
