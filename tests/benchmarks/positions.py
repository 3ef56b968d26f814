"""One person's position at (V, K), beside the look-up of a row by its primary key."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial

import psycopg

from projections.position.queries import position_at
from projections.position.stored import FACET_NAMES
from tests.benchmarks.clients import Clients
from tests.benchmarks.measuring import Line, Target, in_turns, median_line, p99_line, seconds_of
from tests.benchmarks.population import Population, staff_number
from tests.benchmarks.scene import Scene

ONE_ROW_A_PERSON = f"""
CREATE TABLE person_now AS SELECT staff_number, {", ".join(FACET_NAMES)} FROM position_sheet
WHERE recorded_to = 'infinity' AND effective_to = 'infinity' AND assignment <> '';
ALTER TABLE person_now ADD PRIMARY KEY (staff_number);
""".encode()
LOOK_UP = b"SELECT * FROM person_now WHERE staff_number = %s"


@dataclass(frozen=True, slots=True)
class Asking:
    """What a client is to ask: so many questions of a database, about these people."""

    url: str
    people: Population
    calls: int


def lines(scene: Scene) -> Iterator[Line]:
    """For one client and for four: the median, and what one call in a hundred exceeds."""
    people = scene.sizes.people
    job = Asking(scene.populated(), people, scene.sizes.calls)
    with psycopg.connect(job.url, autocommit=True) as connection:
        connection.execute(ONE_ROW_A_PERSON)
        connection.execute("VACUUM ANALYZE person_now")
    for count, named in ((1, "1 client"), (4, "4 clients")):
        with Clients(count) as clients:
            figures = in_turns(
                partial(clients.run, ask_positions, job),
                partial(clients.run, look_up, job),
                rounds=scene.sizes.rounds,
            )
        name = f"position of one person, {people.rows:,} rows, {named}"
        yield median_line(f"{name}, median", figures, "ms", Target("<=", 1.5), 1e3)
        yield p99_line(f"{name}, p99", figures, "ms", Target("<=", 3), 1e3)


def question(client: int, n: int, people: Population) -> tuple[str, date, datetime]:
    """Whom a client asks about, for which day, as known when: all over the place."""
    person = (client * 7_919 + n * 104_729) % people.people
    turns = 1 + people.changes
    return staff_number(person), people.effective_at(n % turns), people.known_at(n * 7 % turns)


def ask_positions(client: int, job: Asking) -> list[float]:
    """The seconds of each question to our tables, answer and all."""
    connection = _connection(job.url)

    def ask(n: int) -> None:
        found = position_at(connection, *question(client, n, job.people))
        if len(found.position) != 10:
            raise AssertionError(found)

    return [seconds_of(partial(ask, n)) for n in range(job.calls)]


def look_up(client: int, job: Asking) -> list[float]:
    """The seconds of each look-up of the same people."""
    connection = _connection(job.url)

    def ask(n: int) -> None:
        number, _, _ = question(client, n, job.people)
        if connection.execute(LOOK_UP, (number,)).fetchone() is None:
            raise AssertionError(number)

    return [seconds_of(partial(ask, n)) for n in range(job.calls)]


@cache
def _connection(url: str) -> psycopg.Connection:
    return psycopg.connect(url, autocommit=True)
