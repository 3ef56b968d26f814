"""Where the benchmarks play: one durable PostgreSQL, databases on it, and the sizes of a run."""

import contextlib
import itertools
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from deploy.migrate import migrate
from tests.benchmarks.figures import Figure
from tests.benchmarks.population import Population
from transfer.kinds import KNOWN
from transfer.log.application import open_log


@dataclass(frozen=True, slots=True)
class Growth:
    """The sizes at which the growth of cost is measured, and where its figures go.

    `events` is about how many there are at each number of versions a person. `calls` and `counts`
    are those of one round.
    """

    people: tuple[int, ...]
    versions: tuple[int, ...]
    events: int
    calls: int
    counts: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Layout:
    """How many processes of a service there are of each role."""

    roles: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        if self == ALONE:
            return "1 process"
        return ", ".join(f"{count} {role}" for role, count in self.roles)

    @classmethod
    def of(cls, text: str) -> "Layout":
        """A layout as it is named on the command line: `api=2,projector=1`.

        Raises `ValueError` for anything else.
        """
        parts = [each.partition("=") for each in text.split(",")]
        return cls(tuple((role.strip(), int(count)) for role, _, count in parts))


ALONE = Layout((("all", 1),))


@dataclass(frozen=True, slots=True)
class Layouts:
    """How layouts of processes are compared: about so many people, each mix for so many seconds.

    After the `rounds` of every mix come `mixed_rounds` of the mixed load alone. `layouts` are those
    that were named, if any were.
    """

    people: int
    seconds: float
    rounds: int
    mixed_rounds: int
    layouts: tuple[Layout, ...] = ()


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything a run does.

    `reached` are the people of the record that is asked for somebody out of reach: a look-up by an
    index needs no more. `calls` (to the database) and `requests` (to the API) are those of one
    client in one round; `appends` those of one writer, `counts` the head counts. `exercise` are the
    people of the small and of the large exercise whose pages are compared, `visits` those to one
    page.
    """

    people: Population
    caught_up: Population
    reached: Population
    rounds: int
    calls: int
    requests: int
    appends: int
    counts: int
    bulk: int
    runner_events: int
    exercise: tuple[int, int]
    visits: int
    growth: Growth
    layouts: Layouts


QUICK = Sizes(
    people=Population(people=2_500, changes=1),
    caught_up=Population(people=5_000, changes=9),
    reached=Population(people=2_500, changes=1),
    rounds=3,
    calls=1_500,
    requests=200,
    appends=60,
    counts=1,
    bulk=5_000,
    runner_events=1_000,
    exercise=(30, 300),
    visits=5,
    growth=Growth(
        people=(300, 1_000),
        versions=(3, 10, 30),
        events=3_000,
        calls=100,
        counts=1,
        # Not the figures of the documents.
        folder=Path(".transfer/plots"),
    ),
    layouts=Layouts(people=3_000, seconds=4, rounds=1, mixed_rounds=4),
)
FULL = Sizes(
    people=Population(people=50_000, changes=9),
    caught_up=Population(people=20_000, changes=9),
    reached=Population(people=2_500, changes=1),
    rounds=5,
    calls=5_000,
    requests=1_000,
    appends=400,
    counts=1,
    bulk=50_000,
    runner_events=5_000,
    exercise=(30, 3_000),
    visits=10,
    growth=Growth(
        people=(10_000, 30_000, 100_000, 300_000, 1_000_000),
        versions=(10, 30, 100, 300, 1_000),
        events=300_000,
        calls=2_000,
        counts=3,
        folder=Path("docs/plots"),
    ),
    layouts=Layouts(people=3_000, seconds=10, rounds=3, mixed_rounds=6),
)


@dataclass
class Scene:
    """A server that is running, and what the families share on it."""

    server_url: str
    folder: DataFolder
    sizes: Sizes
    say: Callable[[str], None]
    remarks: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _populated: dict[Population, str] = field(default_factory=dict)

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """A new database with the whole schema, until the block ends."""
        name = f"benchmark_{next(self._numbers)}"
        yield self._make(name)
        with psycopg.connect(self._url("postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def populated(self, people: Population | None = None) -> str:
        """The database that holds everybody's positions, of the run's people unless others are
        named: made when it is first asked for."""
        people = people or self.sizes.people
        if people not in self._populated:
            self.say(f"recording {people.people:,} people: {people.rows:,} rows of position")
            url = self._make(f"benchmark_people_{len(self._populated)}")
            with contextlib.closing(open_log(url, known=KNOWN)) as log:
                people.record(log)
                self.say("making their positions")
                people.project(log)
            with psycopg.connect(url, autocommit=True) as connection:
                # What the server would do by itself after a while.
                connection.execute("VACUUM ANALYZE")
            self._populated[people] = url
        return self._populated[people]

    def skip(self, what: str) -> None:
        """Say in the end that something was not measured, and why."""
        self.remark(what)

    def remark(self, what: str) -> None:
        """Say something in the end, below the lines."""
        self.remarks.append(what)

    def _make(self, name: str) -> str:
        with psycopg.connect(self._url("postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        url = self._url(name)
        migrate(url)
        return url

    def _url(self, database: str) -> str:
        return make_conninfo(self.server_url, dbname=database)


@contextlib.contextmanager
def open_scene(sizes: Sizes, say: Callable[[str], None]) -> Iterator[Scene]:
    """Start a server of the program's own kind, which keeps its promises to the disk.

    In the checkout and not in /tmp, which may be memory.
    """
    parent = Path(".transfer")
    parent.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="benchmarks-", dir=parent) as place:
        folder = DataFolder.open(Path(place) / "data")
        with (
            folder.hold("benchmarks"),
            start_engines(folder, temporal="none", durable=True, report=say) as engines,
        ):
            _require_durable(engines.database_url)
            yield Scene(engines.database_url, folder, sizes, say)


def _require_durable(url: str) -> None:
    with psycopg.connect(url) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            row = connection.execute(sql.SQL("SHOW {}").format(sql.Identifier(name))).fetchone()
            if row != ("on",):
                raise RuntimeError(f"{name} is {row}: figures of such a server mean nothing")
