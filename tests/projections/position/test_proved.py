"""The program's answers against two other readings of the rule, over generated histories.

The usual run asks some thousands of questions. The long one asks 100,000 of larger histories and
says how many; `PROOF_SEED` and `PROOF_QUESTIONS` repeat or vary it:

    PROOF_SEED=7 PROOF_QUESTIONS=5000 pytest -m long tests/projections/position/test_proved.py
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random  # noqa: TID251  # a test's draws come from a seed, which it prints
from time import monotonic

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.position import queries as q
from tests.support.making import Maker
from tests.support.questions import Questions
from tests.support.recording import NewDatabase, Recording
from tests.support.worlds import World
from transfer.kinds import KNOWN
from transfer.log.application import open_log

pytestmark = pytest.mark.engines


@contextmanager
def examined(new_database: NewDatabase, random: Random, world: World) -> Iterator[Questions]:
    """A world on record in a database of its own, ready to be asked about."""
    with new_database() as url:
        log = open_log(url, known=KNOWN)
        try:
            Recording(random, log, url).put_all(world)
        finally:
            log.close()
        with psycopg.connect(url, autocommit=True) as conn:
            assert q.verify_no_overlap(conn) == []
            yield Questions(random, world, conn)


@pytest.mark.thorough
@pytest.mark.timeout(900)  # a failure is shrunk, history after history
@given(random=st.randoms(use_true_random=False), commands=st.integers(1, 14))
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_answer_is_what_the_rule_says(
    new_database: NewDatabase, random: Random, commands: int
) -> None:
    people = random.randrange(1, 5)
    world = Maker(random, people=people).world(commands)
    with examined(new_database, random, world) as questions:
        questions.ask(100)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_hundred_thousand_questions_are_answered_as_the_rule_says(
    new_database: NewDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = int(os.environ.get("PROOF_SEED", "2014"))
    wanted = int(os.environ.get("PROOF_QUESTIONS", "100000"))
    asked: Counter[str] = Counter()
    worlds = events = 0
    began = monotonic()
    while asked.total() < wanted:
        random = Random(f"{seed} {worlds}")  # noqa: S311  # repeatable, not secret
        maker = Maker(random, people=random.choice((1, 2, 6, 25)))
        world = maker.world(random.choice((10, 40, 150)))
        with examined(new_database, random, world) as questions:
            questions.ask(min(500, wanted - asked.total()))
        asked += questions.asked
        worlds += 1
        events += sum(len(written.events) for written in world.commands)
    with capsys.disabled():
        print(  # noqa: T201  # the figure is the point of the run
            f"\nPROOF_SEED={seed}: {asked.total():,} questions of {worlds} histories with"
            f" {events:,} events, no difference, {monotonic() - began:.0f} s:"
            f" {dict(sorted(asked.items()))}"
        )
