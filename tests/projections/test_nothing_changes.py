"""Rule 4: nothing that is recorded later changes what an earlier instant answers. Ever.

Answers of every kind are remembered as they are given, and asked for again after every further
command, after projectors were started anew, and after a rebuild.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random  # noqa: TID251  # a test's draws come from a seed, which it prints

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.deadlines.deadlines import NAME as DEADLINES
from projections.deadlines.deadlines import DeadlinesProjection, deadlines, tally
from projections.keeping_up.runner import Projection, resolve_known_at
from projections.links_and_objections.projection import NAME as REMARKS
from projections.links_and_objections.projection import (
    LinksAndObjectionsProjection,
    links_and_objections,
)
from projections.position import queries as q
from projections.position.projection import NAME as POSITION
from tests.support.due import EVERYTHING, EXERCISE
from tests.support.making import Maker
from tests.support.recording import NewDatabase, Recording
from tests.support.worlds import FIRST_DAY, JOBS, Written
from transfer.core.record.entry_objections import EntryObjectedTo
from transfer.core.record.links import IdentityLinked
from transfer.core.refusals import NotOnRecord
from transfer.core.words import Facet
from transfer.kinds import KNOWN
from transfer.log.application import Log, open_log
from transfer.procedures.facts import Fact
from transfer.questions.differences import differences_over_time
from transfer.questions.history import history

pytestmark = pytest.mark.engines

Question = Callable[[], object]

PEOPLE = ("P1", "P2", "P3")
DAYS = [FIRST_DAY + timedelta(days=n) for n in range(-1, 20, 4)]


@dataclass(frozen=True)
class Remembered:
    """An answer, and the question that it was given to."""

    question: Question
    answer: object


def ask(question: Question) -> object:
    """An answer, or that the person was not on record."""
    try:
        return question()
    except NotOnRecord as unknown:
        return str(unknown)


class Reader:
    """Asks every kind of question at a knowledge time, and remembers."""

    def __init__(self, log: Log[Fact], conn: psycopg.Connection) -> None:
        self._log = log
        self._conn = conn
        self.remembered: list[Remembered] = []
        self.asked: list[datetime] = []

    def horizon(self) -> datetime:
        """The latest instant about which every read model is complete."""
        return resolve_known_at(self._conn, (POSITION, DEADLINES, REMARKS), None)

    def ask_everything(self, known_at: datetime) -> None:
        """Every kind of question, as known at an instant; the answers are remembered."""
        conn, at = self._conn, known_at
        for staff in PEOPLE:
            self._remember(partial(history, self._log, staff, at))
            self._remember(partial(q.timeline, conn, staff, at))
            self._remember(partial(links_and_objections, conn, staff, at))
            for day in DAYS:
                for job in JOBS:
                    self._remember(partial(q.position_at, conn, staff, day, at, job))
        for day in DAYS[::2]:
            self._remember(partial(q.members, conn, {}, day, at))
            for facet in (Facet.EMPLOYER, Facet.BAND, Facet.FTE):
                self._remember(partial(q.workforce, conn, facet, day, at))
        for earlier in self.asked:
            for staff in PEOPLE:
                self._remember(partial(differences_over_time, self._log, staff, earlier, at))
        self.asked.append(at)
        self._remember(partial(deadlines, conn, at))
        self._remember(partial(tally, conn, EXERCISE.partition(":")[2], at))

    def ask_again(self) -> None:
        """Every remembered answer is given again. Raises `AssertionError` for one that is not."""
        for each in self.remembered:
            assert ask(each.question) == each.answer, each.question

    def _remember(self, question: Question) -> None:
        self.remembered.append(Remembered(question, ask(question)))


def remarked(random: Random, maker: Maker) -> Iterator[Written]:
    """Perhaps two people are linked, or one objects to an entry of theirs."""
    on_record = [stream for stream in maker.entries() if stream.startswith("staff:")]
    if len(on_record) > 1 and random.random() < 0.3:
        one, other = random.sample(on_record, 2)
        yield maker.command_of(*((each, linked_to(o)) for each, o in ((one, other), (other, one))))
    if on_record and random.random() < 0.3:
        stream = random.choice(on_record)
        of = random.choice(maker.entries()[stream])
        yield maker.command_of((stream, EntryObjectedTo(of=of, statement_commitment="ab" * 32)))


def besides(log: Log[Fact]) -> list[Projection]:
    """The read models beside that of positions."""
    return [DeadlinesProjection(log.read_many, log.known), LinksAndObjectionsProjection()]


def linked_to(stream: str) -> IdentityLinked:
    """The fact that somebody is this person too."""
    return IdentityLinked(other=stream.removeprefix("staff:"), reason="r")


@pytest.mark.thorough
@pytest.mark.timeout(900)  # a failure is shrunk, history after history
@given(random=st.randoms(use_true_random=False), commands=st.integers(4, 9))
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_nothing_recorded_later_changes_an_earlier_answer(
    new_database: NewDatabase, random: Random, commands: int
) -> None:
    maker = Maker(random, people=len(PEOPLE), prefix="P")
    obligations = list(EVERYTHING)
    with new_database() as url:
        log = open_log(url, known=KNOWN)
        try:
            recording = Recording(
                random,
                log,
                url,
                lambda: [
                    DeadlinesProjection(log.read_many, log.known),
                    LinksAndObjectionsProjection(),
                ],
            )
            with psycopg.connect(url, autocommit=True) as conn:
                reader = Reader(log, conn)
                for _ in range(commands):
                    recording.put(maker.command())
                    for remark in remarked(random, maker):
                        recording.put(remark)
                    for _ in range(min(len(obligations), random.randrange(3))):
                        recording.put(maker.command_of(obligations.pop(0)))
                    if random.random() < 0.7:
                        # Perhaps not to the end, and perhaps only into the midst of a command.
                        recording.catch_up(max(1, log.head().position - random.randrange(4)))
                    if random.random() < 0.2:
                        recording.restart()
                    if random.random() < 0.15:
                        recording.rebuild()
                    reader.ask_again()
                    # What a reader is told, who asks for now or for later: the horizon.
                    known_at = reader.horizon()
                    if known_at not in reader.asked:
                        reader.ask_everything(known_at)
                recording.rebuild()
                reader.ask_again()
        finally:
            log.close()
