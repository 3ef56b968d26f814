"""At any cut of a generated log the live tables are what a rebuild from nothing makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random  # noqa: TID251  # a test's draws come from a seed, which it prints

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.keeping_up.runner import Projection, Runner, digest
from projections.position.projection import NAME as POSITION
from projections.position.projection import PositionProjection
from projections.rebuilding.rebuild import rebuild
from tests.support.due import EVERYTHING
from tests.support.making import Maker
from tests.support.recording import NewDatabase, Recording
from transfer.app import projections_of
from transfer.kinds import KNOWN
from transfer.log.application import Log, open_log
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines


def _besides(log: Log[Fact]) -> Callable[[], Sequence[Projection]]:
    """Every read model of the program but that of positions."""
    return lambda: [each for each in projections_of(log) if each.name != POSITION]


def _all(log: Log[Fact], keep: int = 10_000) -> list[Projection]:
    return [PositionProjection(log.read_many, log.known, keep=keep), *_besides(log)()]


@pytest.mark.thorough
@given(random=st.randoms(use_true_random=False), commands=st.integers(2, 6))
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_digest_is_that_of_a_rebuild_at_any_cut(
    new_database: NewDatabase, random: Random, commands: int
) -> None:
    maker = Maker(random, prefix="C")
    obligations = list(EVERYTHING)
    with new_database() as url:
        log = open_log(url, known=KNOWN)
        try:
            recording = Recording(random, log, url, _besides(log))
            for _ in range(commands):
                recording.put(maker.command())
                for _ in range(min(len(obligations), random.randrange(3))):
                    recording.put(maker.command_of(obligations.pop(0)))
                recording.catch_up()
                for each in random.sample(_all(log), 2):
                    done = rebuild(
                        log,
                        url,
                        each,
                        page_events=random.choice((1, 2, 5, 2_000)),
                        fill_from=random.choice((0, 1_000)),
                    )
                    assert done.digest_before is not None
                    assert done.digest_before == done.digest_after, done.differences
        finally:
            log.close()


@given(random=st.randoms(use_true_random=False), commands=st.integers(2, 6))
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_is_caught_up_to_a_cut_is_what_a_log_that_ends_there_makes(
    new_database: NewDatabase, random: Random, commands: int
) -> None:
    maker = Maker(random, prefix="C")
    with new_database() as whole_url, new_database() as short_url:
        whole, short = open_log(whole_url, known=KNOWN), open_log(short_url, known=KNOWN)
        try:
            everything = [maker.command() for _ in range(commands)]
            cut = random.randrange(1, commands + 1)
            recordings = (
                Recording(random, whole, whole_url, _besides(whole)),
                Recording(random, short, short_url, _besides(short)),
            )
            for written in everything:
                recordings[0].put(written)
            for written in everything[:cut]:
                recordings[1].put(written)
            position = short.head().position
            page_events = random.choice((1, 2, 5, 2_000))
            runner = Runner(whole, _all(whole, random.choice((0, 1, 99))), page_events=page_events)
            assert runner.catch_up(position) == position
            recordings[1].catch_up()
            with (
                psycopg.connect(whole_url, autocommit=True) as one,
                psycopg.connect(short_url, autocommit=True) as other,
            ):
                for each in _all(whole):
                    assert digest(one, each) == digest(other, each), each.name
        finally:
            whole.close()
            short.close()
