"""Several processes with roles, beside one that does everything, on one record.

Clients and service share the processors of the machine, so that what is compared is what the same
machine answers by one layout and by another. Each round starts every layout anew, one after the
other, on the same record, and the next round the other way round. The speed of a shared machine
changes from minute to minute: so rates are compared within a round.

Under the mixed load it is also measured what processor time an answer costs, and where. One process
answers no faster than its interpreter lets it, several no faster than the processors do. So what
one process costs says how much several can gain at most.
"""

import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from deploy.migrate import migrate
from tests.benchmarks import load
from tests.benchmarks.measuring import Line, Target
from tests.benchmarks.population import command_of, registrations, staff_number
from tests.benchmarks.scene import ALONE, Layout, Scene
from tests.support.cluster import Cluster, cluster
from tests.support.service_process import Service
from transfer.kinds import KNOWN
from transfer.log.application import open_log

WARM_SECONDS = 2.0
WRITES_IN_100 = 30
LONGEST_MS = 150
STANDING_BY_MS = 0.2
_ANSWER = ("all", "api")
_IN_A_COMMAND = 500


LAYOUTS = (Layout((("api", 2), ("projector", 1), ("worker", 1))),)
"""What is compared with one process, unless other layouts are named."""

MIXED = f"mixed, {WRITES_IN_100}% POST"
MIXES = {"GET position": 0, "POST change": 100, MIXED: WRITES_IN_100}
_CLIENTS = "clients"


@dataclass
class _Found:
    """The figures of a layout, a round each: answers a second by mix, how long reads took, and the
    processor time, in milliseconds a write, of a projector that stands by. `used` are the seconds
    of processor time under the mixed load, by part, for so many `answers`."""

    rates: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in MIXES})
    reads: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in MIXES})
    standing_by: list[float] = field(default_factory=list)
    used: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    answers: int = 0

    def costs(self) -> dict[str, float]:
        """Milliseconds of processor time an answer, by part."""
        return {part: seconds * 1e3 / self.answers for part, seconds in self.used.items()}


def lines(scene: Scene) -> Iterator[Line]:
    """Each layout beside one process: the rates, and what one read in a hundred exceeds."""
    sizes = scene.sizes.layouts
    layouts = (ALONE, *(sizes.layouts or LAYOUTS))
    with (
        tempfile.TemporaryDirectory(prefix="layouts-", dir=".transfer") as place,
        cluster(Path(place).resolve(), durable=True) as beneath,
    ):
        _register(beneath.engines.database_url, sizes.people)
        found = {each: _Found() for each in layouts}
        for n in range(sizes.rounds + sizes.mixed_rounds):
            mixes = MIXES if n < sizes.rounds else {MIXED: WRITES_IN_100}
            for layout in layouts if n % 2 == 0 else reversed(layouts):
                _measure(scene, beneath, layout, mixes, found[layout])
    alone = found[ALONE]
    for layout, each in found.items():
        costs = each.costs()
        parts = ", ".join(f"{part} {cost:.2f}" for part, cost in costs.items())
        scene.say(f"{layout}: {sum(costs.values()):.2f} ms of processor time an answer: {parts}")
    scene.remark(_at_most(alone.costs(), len(os.sched_getaffinity(0))))
    for layout in layouts[1:]:
        ours = found[layout]
        for name, share in MIXES.items():
            target = Target(">=", 1.5 if share == WRITES_IN_100 else 1)
            rate, beside = (median(each.rates[name]) for each in (ours, alone))
            about = f"{layout}, beside 1 process: {name}"
            pairs = zip(ours.rates[name], alone.rates[name], strict=True)
            ratios = tuple(one / other for one, other in pairs)
            yield Line(about, rate, beside, "answers/s", target, ratios)
        if ours.standing_by:
            about = f"{layout}: processor time of a projector that stands by, a write"
            idle = median(ours.standing_by)
            yield Line(about, idle, STANDING_BY_MS, "ms", Target("<=", 1))
        for each, named in ((ours, str(layout)), (alone, str(ALONE))):
            for name in MIXES:
                if each.reads[name]:
                    longest = _p99(each.reads[name]) * 1e3
                    about = f"{named}: p99 of GET, {name}"
                    yield Line(about, longest, LONGEST_MS, "ms", Target("<=", 1))


def _at_most(costs: Mapping[str, float], processors: int) -> str:
    """What one process's cost of an answer says of how much several can gain."""
    whole, own = sum(costs.values()), costs["all"]
    return (
        f"1 process spends {own:.2f} of {whole:.2f} ms an answer ({own / whole:.0%}) in its one "
        f"interpreter: at that cost several are at most {processors * own / whole:.2f} times as "
        f"fast on {processors} processors"
    )


def _measure(
    scene: Scene, beneath: Cluster, layout: Layout, mixes: Mapping[str, int], found: _Found
) -> None:
    sizes = scene.sizes.layouts
    with ExitStack() as stack:
        ports, projectors, services = [], [], {}
        for role, count in layout.roles:
            for n in range(count):
                started = beneath.start(role, f"{role}-{n}")
                stack.callback(started.stop)
                address = urlsplit(started.ready())
                services[started.process.pid] = role
                if role in _ANSWER and address.port is not None:
                    ports.append(address.port)
                if role == "projector":
                    projectors.append(started)
        token = beneath.token()
        for name, share in mixes.items():
            asked = load.Load(ports, token, sizes.people, WARM_SECONDS, share)
            load.run(asked)
            before = [_processor_seconds(each) for each in projectors]
            used = _used(services, beneath)
            measured = load.run(load.Load(ports, token, sizes.people, sizes.seconds, share))
            if len(projectors) > 1 and share == WRITES_IN_100:
                both = zip(projectors, before, strict=True)
                idle = min(_processor_seconds(each) - then for each, then in both)
                found.standing_by.append(idle * 1e3 / len(measured.writes))
            if name == MIXED:
                for part, seconds in _used(services, beneath).items():
                    found.used[part] += seconds - used[part]
                found.answers += len(measured.reads) + len(measured.writes)
            found.rates[name].append(measured.rate)
            found.reads[name] += measured.reads
            reads = f", GET p99 {_p99(measured.reads) * 1e3:.0f} ms" if measured.reads else ""
            scene.say(
                f"{layout}: {name}: {measured.rate:,.0f}/s{reads}; {measured.stale} reads without "
                "the client's own write"
            )


def _used(services: Mapping[int, str], beneath: Cluster) -> dict[str, float]:
    """The seconds of processor time so far, by part. What the kernel does by itself is in none."""
    used = defaultdict(float, {_CLIENTS: time.process_time()})
    for pid, role in services.items():
        used[role] += _seconds_of(pid)[1]
    engines = {pid: name for name, pid in beneath.engines.pids().items()}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent, seconds = _seconds_of(int(entry.name))
            except OSError:
                continue  # it has ended meanwhile
            part = engines.get(int(entry.name)) or engines.get(parent)
            if part is not None:
                used[part] += seconds
    return used


def _processor_seconds(service: Service) -> float:
    """What a process has used of the processors since its start."""
    return _seconds_of(service.process.pid)[1]


def _seconds_of(pid: int) -> tuple[int, float]:
    """A process's parent, and the seconds of processor time since its start."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    parts = stat.rpartition(")")[2].split()
    return int(parts[1]), (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def _register(url: str, people: int) -> None:
    """Put everybody on record, on the real clock: the service is to write more."""
    migrate(url)
    with closing(open_log(url, known=KNOWN)) as log:
        everybody = registrations(staff_number(n) for n in range(people))
        for first in range(0, people, _IN_A_COMMAND):
            log.append(everybody[first : first + _IN_A_COMMAND], command_of(f"layouts {first}"))


def _p99(seconds: Sequence[float]) -> float:
    return sorted(seconds)[len(seconds) * 99 // 100]
