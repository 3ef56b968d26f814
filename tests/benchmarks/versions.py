"""One position of a record that is long, beside one of a record that is short, in one database.

Everybody is reorganised every third day, some of them a thousand times. The questions are about
days and instants all over their records: what was known early of late days is what costs most to
find, as all that was recorded since is in the way.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from functools import partial

import psycopg

from projections.keeping_up.copying import Conn
from projections.position.queries import position_at
from tests.benchmarks.measuring import Line, Target, in_turns, median_line, seconds_of
from tests.benchmarks.population import Population, command_of, staff_number
from tests.benchmarks.scene import Scene
from transfer.core.record.staff import PositionChanged
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.kinds import KNOWN
from transfer.log.application import Log, New, open_log
from transfer.procedures.facts import Fact

_LENGTHS = (10, 100, 1_000)
_OF_EACH = 10
_STEP = timedelta(days=3)
_FIRST_DAY = date(2012, 1, 1)
_FIRST_INSTANT = datetime(2012, 1, 1, tzinfo=UTC)
_AMONG = Population(people=2_000, changes=0)
_QUESTIONS = 200


def lines(scene: Scene) -> Iterator[Line]:
    """A hundred and a thousand versions beside ten, which is what most people have at most."""
    with (
        scene.database() as url,
        closing(open_log(url, known=KNOWN)) as log,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        _AMONG.record(log)
        _record_versions(log)
        _AMONG.project(log)
        connection.execute("VACUUM ANALYZE")
        asked = [partial(_ask, connection, n, length) for n, length in enumerate(_LENGTHS)]
        short, *longer = in_turns(*asked, rounds=scene.sizes.rounds)
    for length, figures in zip(_LENGTHS[1:], longer, strict=True):
        yield median_line(
            f"position of one person of {length:,} versions, beside one of {_LENGTHS[0]}",
            (figures, short),
            "ms",
            Target("<=", 2),
            1e3,
        )


def _people(n: int) -> Sequence[str]:
    return [staff_number(each) for each in range(n * _OF_EACH, (n + 1) * _OF_EACH)]


def _record_versions(log: Log[Fact]) -> None:
    for version in range(1, _LENGTHS[-1]):
        new: list[New[Fact]] = [
            (
                staff_stream(number),
                version,
                PositionChanged(
                    effective_from=_FIRST_DAY + version * _STEP,
                    changes={Facet.BAND: str(version), Facet.UNIT: f"unit {version}"},
                    reason="reorganised",
                ),
            )
            for n, length in enumerate(_LENGTHS)
            if version < length
            for number in _people(n)
        ]
        log.append(new, command_of(f"version {version}", _FIRST_INSTANT + version * _STEP))


def _ask(connection: Conn, n: int, length: int) -> Sequence[float]:
    people = _people(n)

    def ask(question: int) -> None:
        number = people[question % len(people)]
        day = _FIRST_DAY + (question * 7_919 % length) * _STEP
        known_at = _FIRST_INSTANT + (question * 104_729 % length) * _STEP
        if not position_at(connection, number, day, known_at).position:
            raise AssertionError(number)

    return [seconds_of(partial(ask, question)) for question in range(_QUESTIONS)]
