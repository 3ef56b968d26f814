"""How cost grows: from 10,000 to 1,000,000 people, and from 10 to 1,000 versions a person.

Every size is a log of its own, put there by the server (`written`) and filled into the tables by
the program. The numbers go to a folder, and pictures of them (`plots`).
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count, cycle
from statistics import median

import psycopg

from projections.position import headcount as checkpoints
from projections.position.projection import NAME
from projections.position.queries import position_at, workforce
from projections.rebuilding.fill import Fill
from tests.benchmarks.appends import ONE_ROW, append_one, insert_one, stored_event
from tests.benchmarks.figures import SECONDS, Curve, Figure
from tests.benchmarks.headcount import COUNT_THAT_DAY, THAT_DAY, TO_SETTLE
from tests.benchmarks.measuring import Line, Measure, Target, in_turns, seconds_of, times_of
from tests.benchmarks.plots import keep_figures
from tests.benchmarks.population import Population, midnight, staff_number
from tests.benchmarks.positions import LOOK_UP, ONE_ROW_A_PERSON
from tests.benchmarks.scene import Scene
from tests.benchmarks.written import Turn, check, write
from tests.support.projecting import positions_of
from transfer.core.words import Facet
from transfer.kinds import KNOWN
from transfer.log.application import Log, open_log
from transfer.procedures.facts import Fact

_CHANGES = 2
_INSTANTS = 8
_MILLISECONDS = 1e3
_MICROSECONDS = 1e6

_FLAT = Target("<=", 0.25)
"""A logarithm grows by half from 10,000 to 1,000,000: like the power 0.09. The rest is for caches
that grow too small."""

_SUBLINEAR = Target("<=", 0.6)
_LINEAR = Target("<=", 1.15)

_BEGINNING = date(2000, 1, 1)
_RECORDING = datetime(2020, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_APART = timedelta(days=7)
"""From a version to the next in force."""

_FILLED = """
INSERT INTO projection_positions (name, position, recorded_at)
SELECT %s, last_position, last_recorded_at FROM log_head
"""
_AS_MANY_ROWS = """
INSERT INTO one_row (originator_id, originator_version, topic, state)
SELECT 'staff:' || n, 1, 'none', '' FROM generate_series(1, %s::bigint) AS n
"""
_EMPTY_DAY = "DROP TABLE IF EXISTS that_day"

Question = tuple[str, date, datetime]
Ask = Callable[[int], Question]
"""Whom question n is about, which day, and as known when."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A database that holds some people, their positions made by the program."""

    url: str
    log: Log[Fact]
    connection: psycopg.Connection
    events: int
    seconds: float
    """How long the positions took to be made."""


def lines(scene: Scene) -> Iterator[Line]:
    """The exponents; the costs themselves are in the figures, which are written down."""
    sizes = scene.sizes.growth
    figures = [*_by_people(scene, sizes.people), *_by_versions(scene, sizes.versions)]
    scene.figures += figures
    missing = keep_figures(figures, sizes.folder)
    if missing:
        scene.skip(missing)
    for figure in figures:
        yield from figure.lines()


# --- people ------------------------------------------------------------------------------------


def _by_people(scene: Scene, sizes: Sequence[int]) -> list[Figure]:
    position = Figure(
        "position-by-people",
        "position of one person by people",
        "people",
        "milliseconds",
        ("linear", "logarithmic"),
        _look_up_curves(_FLAT, "as known now", "as known earlier"),
    )
    heads = Figure(
        "head-count-by-people",
        "head count by employer by people",
        "people",
        "milliseconds",
        ("linear", "logarithmic"),
        [
            Curve("as known lately", _LINEAR),
            Curve("as known half way", _LINEAR),
            Curve("GROUP BY of that day's table"),
        ],
    )
    append = Figure(
        "append-by-people",
        "append of one event by people",
        "people",
        "milliseconds",
        ("linear", "logarithmic"),
        [Curve("append", _FLAT), Curve("INSERT of one row")],
    )
    fill = Figure(
        "fill-by-events",
        "positions made from the log by events",
        "events",
        SECONDS,
        ("linear",),
        [Curve("fill", _LINEAR), Curve("the finished rows copied by the server")],
    )
    for people in sizes:
        population = Population(people, _CHANGES)
        days = [population.effective_from(n) for n in range(1 + _CHANGES)]
        turns = [Turn(n, day, midnight(day)) for n, day in enumerate(days)]
        with _filled(scene, people, turns) as filled:
            fill.add(filled.events, (filled.seconds, _seconds_of_copy(filled)))
            position.add(
                people,
                _look_ups(scene, filled, partial(_now, population), partial(_then, population)),
            )
            heads.add(people, _head_counts(scene, filled, population, turns))
            append.add(people, _appends(scene, filled))
    return [position, heads, append, fill]


def _now(people: Population, n: int) -> Question:
    turns = 1 + people.changes
    number = staff_number(n * 104_729 % people.people)
    return number, people.effective_at(n % turns), people.known_at(people.changes)


def _then(people: Population, n: int) -> Question:
    number, day, _ = _now(people, n)
    return number, day, people.known_at(n * 7 % people.changes)


def _head_counts(
    scene: Scene, filled: Filled, people: Population, turns: Sequence[Turn]
) -> list[float]:
    """As known in the last turn, in the one half way, and the baseline's; in milliseconds."""
    connection = filled.connection
    while checkpoints.keep(connection, facets=(Facet.EMPLOYER,)):
        pass
    connection.execute("VACUUM ANALYZE headcount_step, headcount_checkpoint")
    found: list[float] = []
    baselines: list[float] = []
    for turn in (turns[-1], turns[len(turns) // 2]):
        day, known = people.effective_at(turn.number), people.known_at(turn.number)
        connection.execute(_EMPTY_DAY)
        with psycopg.ClientCursor(connection) as cursor:
            cursor.execute(THAT_DAY, {"day": day, "known": known})
        connection.execute("VACUUM ANALYZE that_day")
        baseline = partial(_count_that_day, connection)
        groups = workforce(connection, Facet.EMPLOYER, day, known).groups
        if [(each.value, each.headcount, each.fte) for each in groups] != baseline():
            raise AssertionError("the two count differently")
        # What is to be added to a checkpoint is now more, now less.
        instants = cycle(turn.instants(people.people, _INSTANTS))
        ours = partial(_count_at_next, connection, day, instants)
        for work in (ours, baseline):
            times_of(TO_SETTLE, work)()
        calls = scene.sizes.growth.counts * _INSTANTS
        figures = in_turns(
            times_of(calls, ours), times_of(calls, baseline), rounds=scene.sizes.rounds
        )
        found.append(median(figures[0]) * _MILLISECONDS)
        baselines.append(median(figures[1]) * _MILLISECONDS)
    return [*found, baselines[0]]


def _count_at_next(conn: psycopg.Connection, day: date, instants: Iterator[datetime]) -> None:
    workforce(conn, Facet.EMPLOYER, day, next(instants))


def _count_that_day(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    return [*connection.execute(COUNT_THAT_DAY).fetchall()]


def _appends(scene: Scene, filled: Filled) -> list[float]:
    """Ours and the baseline's, whose table has as many rows as the log; in milliseconds."""
    connection = filled.connection
    connection.execute(ONE_ROW)
    connection.execute(_AS_MANY_ROWS, (filled.events,))
    connection.execute("VACUUM ANALYZE one_row")
    stored = stored_event(filled.log)
    numbers = count(1)
    calls = scene.sizes.appends
    figures = in_turns(
        times_of(calls, lambda: append_one(filled.log, next(numbers))),
        times_of(calls, lambda: insert_one(connection, stored, next(numbers))),
        rounds=scene.sizes.rounds,
    )
    return [median(each) * _MILLISECONDS for each in figures]


def _seconds_of_copy(filled: Filled) -> float:
    """How long the server takes to write the finished rows once more, without an index."""
    statement = b"CREATE TABLE copied AS SELECT * FROM position_sheet"
    seconds = seconds_of(lambda: filled.connection.execute(statement))
    filled.connection.execute("DROP TABLE copied")
    return seconds


# --- versions ----------------------------------------------------------------------------------


def _by_versions(scene: Scene, sizes: Sequence[int]) -> list[Figure]:
    orders = (
        ("in-order", "in order", False),
        ("back-dated", "all back-dated", True),
    )
    position = [
        Figure(
            f"position-by-versions-{name}",
            f"position of one person by versions {order}",
            "versions a person",
            "milliseconds",
            ("linear", "logarithmic"),
            _look_up_curves(_SUBLINEAR, "as known now", "as known earlier"),
        )
        for name, order, _ in orders
    ]
    fill = Figure(
        "fill-by-versions",
        "an event made into positions by versions",
        "versions a person",
        "microseconds an event",
        ("linear",),
        [Curve(order, _SUBLINEAR) for _, order, _ in orders],
    )
    for versions in sizes:
        seconds = []
        people = max(1, scene.sizes.growth.events // versions)
        for figure, (_, _, is_back_dated) in zip(position, orders, strict=True):
            turns = _versions(versions, is_back_dated=is_back_dated)
            with _filled(scene, people, turns) as filled:
                seconds.append(filled.seconds / filled.events * _MICROSECONDS)
                now = partial(_of_versions, people, versions, turns[-1].recorded_at)
                then = partial(_of_versions, people, versions, None)
                figure.add(versions, _look_ups(scene, filled, now, then))
        fill.add(versions, seconds)
    return [*position, fill]


def _versions(versions: int, *, is_back_dated: bool) -> list[Turn]:
    """One a day is recorded; each in force after those before it, or before all but the first."""
    return [
        Turn(
            n,
            _BEGINNING + (versions - n if is_back_dated and n else n) * _APART,
            _RECORDING + n * _DAY,
        )
        for n in range(versions)
    ]


def _of_versions(people: int, versions: int, known_at: datetime | None, n: int) -> Question:
    """Any day of all; as known at an instant, or at that of any version."""
    day = _BEGINNING + n * 31 % versions * _APART
    # The last person of a turn is recorded some time after the first, but within the day.
    known = known_at or _RECORDING + n * 17 % versions * _DAY
    return staff_number(n * 104_729 % people), day, known + _DAY / 2


# --- both --------------------------------------------------------------------------------------


@contextmanager
def _filled(scene: Scene, people: int, turns: Sequence[Turn]) -> Iterator[Filled]:
    """A database with these people, until the block ends."""
    events = people * len(turns)
    scene.say(f"{people:,} people, {len(turns):,} versions each: {events:,} events")
    with (
        scene.database() as url,
        closing(open_log(url, known=KNOWN)) as log,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        write(connection, people, turns)
        check(connection, log, people, turns)
        fill = Fill(url, "public", events, os.cpu_count() or 1, lambda _: None)
        seconds = seconds_of(lambda: positions_of(log).fill(fill))
        connection.execute(_FILLED, (NAME,))
        connection.execute("VACUUM ANALYZE position_sheet")
        connection.execute(ONE_ROW_A_PERSON)
        connection.execute("VACUUM ANALYZE person_now")
        yield Filled(url, log, connection, events, seconds)


def _look_up_curves(target: Target, *named: str) -> list[Curve]:
    return [
        *(Curve(f"{name}, {which}", target) for name in named for which in ("median", "p99")),
        *(Curve(f"by primary key, {which}") for which in ("median", "p99")),
    ]


def _look_ups(scene: Scene, filled: Filled, *asks: Ask) -> list[float]:
    """Median and p99 for each way to ask, and the primary key's; in milliseconds."""
    calls = scene.sizes.growth.calls
    connection = filled.connection

    def ours(ask: Ask) -> Measure:
        numbers = count()

        def one() -> None:
            found = position_at(connection, *ask(next(numbers)))
            if len(found.position) != 10:
                raise AssertionError(found)

        return times_of(calls, one)

    numbers = count()

    def baseline() -> None:
        number, _, _ = asks[0](next(numbers))
        if connection.execute(LOOK_UP, (number,)).fetchone() is None:
            raise AssertionError(number)

    measures = [*map(ours, asks), times_of(calls, baseline)]
    figures = in_turns(*measures, rounds=scene.sizes.rounds)
    return [
        seconds * _MILLISECONDS
        for each in figures
        for seconds in (median(each), sorted(each)[len(each) * 99 // 100])
    ]
