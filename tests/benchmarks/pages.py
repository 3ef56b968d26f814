"""The pages: the first after signing in beside the server's floor, and those of an exercise of many
people beside the same pages of one of few.

Asked in one process, over no network: what is measured is the program and its database. The
records lie on one server and are asked in turns, page by page, on the day after the appeals. Pages
of an exercise are measured by processor time, the program's and the database's together, so that
work beside the run does not count. Pages that list people or appeals are compared with those of an
exercise that fills them too: otherwise fifty rows would stand beside thirty.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median

import psycopg
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI

from projections.position.queries import position_at
from tests.benchmarks.measuring import (
    Line,
    Measure,
    Target,
    in_turns,
    median_line,
    seconds_of,
    times_of,
)
from tests.benchmarks.scene import Scene
from tests.support.asking import Client, created
from tests.support.exercise_of_many import APPEALED, NAME, exercise_pages, play_to_the_appeals
from tests.support.practised import Practised, practising
from tests.support.serving import application
from tests.web.visiting import Visitor
from transfer.access.identity import EmbeddedIdentity, Role
from transfer.app import Record, open_record
from transfer.log import restriction
from transfer.log.restriction import Restricted

TRUSTS = ("London", "Kent", "Dorset")
"""The same for few and for many, so that both have as many groups as they can."""

FLOOR = "/health/live"
ALLOWED_MS = 100
"""What the first page may take above the floor."""

MEMBERS = 25
_SECRET = bytes(range(32))
_LISTS = ("/people", "/letters", "/appeals")
"""How the addresses end of the pages that show up to fifty rows."""

FILLED = 60
"""People of the exercise, each with an appeal, that fills those pages as well."""

_REP, _CLERK = "rep", "clerk"


@dataclass(frozen=True, slots=True)
class Site:
    """A record behind its pages."""

    record: Record
    people: Sequence[str]
    browser: Callable[[Role, str], Visitor]
    app: FastAPI
    url: str


def lines(scene: Scene) -> Iterator[Line]:
    """The first page of each kind of user; the pages of an exercise; what reads by a grant."""
    few, many = scene.sizes.exercise
    with (
        _site(scene, few, _appealing(few)) as small,
        _site(scene, FILLED, FILLED) as filled,
        _site(scene, many, _appealing(many)) as large,
    ):
        yield from _first_pages(scene, large)
        yield from _of_an_exercise(scene, small, filled, large)
        yield _reports(scene, filled, large)
        yield from _members(scene, large)
        yield _restricted(scene, large)


@contextlib.contextmanager
def _site(scene: Scene, people: int, appealing: int) -> Iterator[Site]:
    scene.say(f"an exercise of {people:,} people")
    with (
        scene.database() as url,
        open_record(url, scene.folder) as record,
        practising(record, scene.folder, APPEALED + timedelta(days=1)) as played,
    ):
        numbers = play_to_the_appeals(record, people, TRUSTS, appealing=appealing)
        record.catch_up()
        record.runner.start()
        try:
            _grant(played, numbers)
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
            identity = played.service.identity
            assert isinstance(identity, EmbeddedIdentity)
            with (
                start_blocking_portal() as portal,
                application(played.service, pages=_SECRET) as app,
            ):
                client = Client(portal, app)

                def browser(role: Role, subject: str) -> Visitor:
                    return Visitor(client, identity).sign_in(role, subject)

                yield Site(record, numbers, browser, app, url)
        finally:
            record.runner.stop()


def _grant(played: Practised, numbers: Sequence[str]) -> None:
    """A representative has 25 members, and a clerk a case."""
    played.to(played.today)
    for number in numbers[:MEMBERS]:
        played.appoint(number, representative=_REP)
    case = {
        "id": "ET-1",
        "people": list(numbers[:2]),
        "parties": [
            {"side": "claimant", "known_by": "staff-number", "party": numbers[0]},
            {"side": "respondent", "known_by": "organisation", "party": "the Trust"},
        ],
        "members": [{"subject": _CLERK}],
        "effective_between": ["2013-11-01", "2014-06-01"],
        "known_between": ["2013-11-01", None],
    }
    created(played.begin("dispute-case", case))


def _first_pages(scene: Scene, site: Site) -> Iterator[Line]:
    users = {
        "an administrator": (Role.ADMIN, "hr"),
        "an auditor": (Role.AUDIT, "auditor"),
        "a member of staff": (Role.STAFF, site.people[0]),
        f"a representative of {MEMBERS}": (Role.UNION, _REP),
        "a panel's clerk": (Role.DISPUTE, _CLERK),
    }
    for named, (role, subject) in users.items():
        visitor = site.browser(role, subject)
        home = visitor.get("/").headers.get("location", "/")
        page, floor = in_turns(
            times_of(scene.sizes.visits, partial(_open, visitor, home)),
            times_of(scene.sizes.visits, partial(_open, visitor, FLOOR)),
            rounds=scene.sizes.rounds,
        )
        above = (median(page) - median(floor)) * 1e3
        yield Line(
            f"first page of {named}, above the floor of {median(floor) * 1e3:.1f} ms, beside what "
            "it may take",
            above,
            ALLOWED_MS,
            "ms",
            Target("<=", 1),
        )


def _of_an_exercise(scene: Scene, small: Site, filled: Site, large: Site) -> Iterator[Line]:
    few, many = scene.sizes.exercise
    for path in exercise_pages(large.app):
        is_list = path.endswith(_LISTS)
        other, people = (filled, f"{FILLED} who fill it too") if is_list else (small, f"{few}")
        figures = in_turns(
            *(_processor_times(scene.sizes.visits, site, path) for site in (large, other)),
            rounds=scene.sizes.rounds,
        )
        name = f"{path} with {many:,} people, beside {people}, processor"
        yield median_line(name, figures, "ms", Target("<=", 1.5), 1e3)


def _reports(scene: Scene, filled: Site, large: Site) -> Line:
    """The report of appeals, which reads the record of each who appealed: what it takes may grow as
    they do, and not as the people of the exercise."""
    many, path = scene.sizes.exercise[1], f"/reports?exercise={NAME}"
    appealing = _appealing(many)
    figures = in_turns(
        *(_processor_times(scene.sizes.visits, site, path) for site in (large, filled)),
        rounds=scene.sizes.rounds,
    )
    name = f"{path} with {many:,} people and {appealing} appeals, beside {FILLED}, processor"
    return median_line(name, figures, "ms", Target("<=", max(1.5, 1.5 * appealing / FILLED)), 1e3)


def _appealing(people: int) -> int:
    return people * 6 // 100


def _processor_times(visits: int, site: Site, path: str) -> Measure:
    """The measure of a page: the processor's seconds of each visit, of the program and of the
    server's processes for this database."""
    visitor = site.browser(Role.ADMIN, "hr")

    def visit() -> list[float]:
        servers = _servers(site.url)
        found = []
        for _ in range(visits):
            began = time.process_time_ns() + _spent(servers)
            _open(visitor, path)
            found.append((time.process_time_ns() + _spent(servers) - began) / 1e9)
        return found

    return visit


def _servers(url: str) -> list[int]:
    """The server's processes for a database."""
    ours = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    with psycopg.connect(url) as connection:
        found = connection.execute(f"{ours} AND pid <> pg_backend_pid()".encode()).fetchall()
    return [pid for (pid,) in found]


def _spent(processes: Sequence[int]) -> int:
    """How many nanoseconds they have run (Linux; 0 of one that has ended)."""
    total = 0
    for pid in processes:
        with contextlib.suppress(OSError):
            total += int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0])
    return total


def _members(scene: Scene, site: Site) -> Iterator[Line]:
    """The page of a representative of 25 members, beside the record of one of them."""
    visitor = site.browser(Role.UNION, _REP)
    figures = in_turns(
        times_of(scene.sizes.visits, partial(_open, visitor, "/my-members")),
        times_of(scene.sizes.visits, partial(_open, visitor, f"/staff/{site.people[0]}/history")),
        rounds=scene.sizes.rounds,
    )
    name = f"/my-members with {MEMBERS} members, beside the history of one"
    yield median_line(name, figures, "ms", Target("<=", 4), 1e3)


def _restricted(scene: Scene, site: Site) -> Line:
    """A position through a connection that shows one member of staff alone, beside any other."""
    number = site.people[0]
    reader = Restricted("staff", number, APPEALED, ("record",), number, (number,))
    known_at = site.record.log.head().recorded_at
    assert known_at is not None

    def ask() -> None:
        with site.record.log.connection() as connection:
            found = position_at(connection, number, APPEALED, known_at)
        if not found.position:
            raise AssertionError(found)

    def restricted() -> list[float]:
        restriction.serve(reader)
        try:
            return [seconds_of(ask) for _ in range(10 * scene.sizes.visits)]
        finally:
            restriction.serve(None)

    figures = in_turns(
        restricted, times_of(10 * scene.sizes.visits, ask), rounds=scene.sizes.rounds
    )
    name = "position through a restricted connection, beside an unrestricted one"
    return median_line(name, figures, "ms", Target("<=", 3), 1e3)


def _open(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    if answer.status_code != 200:
        raise AssertionError(f"{path}: {answer.status_code} {answer.text[:300]}")
