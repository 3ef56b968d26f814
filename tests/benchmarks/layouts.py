"""Several processes with roles, beside one that does everything, on one record.

Clients and service share the processors of the machine, so that what is compared is what the same
machine answers by one layout and by another. Each round starts every layout anew, one after the
other, on the same record.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
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

MIXES = {"GET position": 0, "POST change": 100, f"mixed, {WRITES_IN_100}% POST": WRITES_IN_100}


@dataclass
class _Found:
    """The figures of a layout, a round each: answers a second by mix, how long reads took, and the
    processor time, in milliseconds a write, of a projector that stands by."""

    rates: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in MIXES})
    reads: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in MIXES})
    standing_by: list[float] = field(default_factory=list)


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
        for n in range(sizes.rounds):
            for turn in range(len(layouts)):
                layout = layouts[(n + turn) % len(layouts)]
                _measure(scene, beneath, layout, found[layout])
    alone = found[ALONE]
    for layout in layouts[1:]:
        ours = found[layout]
        for name, share in MIXES.items():
            target = Target(">=", 1.5 if share == WRITES_IN_100 else 1)
            rate, beside = (median(each.rates[name]) for each in (ours, alone))
            yield Line(f"{layout}, beside 1 process: {name}", rate, beside, "answers/s", target)
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


def _measure(scene: Scene, beneath: Cluster, layout: Layout, found: _Found) -> None:
    sizes = scene.sizes.layouts
    with ExitStack() as stack:
        ports, projectors = [], []
        for role, count in layout.roles:
            for n in range(count):
                started = beneath.start(role, f"{role}-{n}")
                stack.callback(started.stop)
                address = urlsplit(started.ready())
                if role in _ANSWER and address.port is not None:
                    ports.append(address.port)
                if role == "projector":
                    projectors.append(started)
        token = beneath.token()
        for name, share in MIXES.items():
            asked = load.Load(ports, token, sizes.people, WARM_SECONDS, share)
            load.run(asked)
            before = [_processor_seconds(each) for each in projectors]
            measured = load.run(load.Load(ports, token, sizes.people, sizes.seconds, share))
            if len(projectors) > 1 and share == WRITES_IN_100:
                used = zip(projectors, before, strict=True)
                idle = min(_processor_seconds(each) - then for each, then in used)
                found.standing_by.append(idle * 1e3 / len(measured.writes))
            found.rates[name].append(measured.rate)
            found.reads[name] += measured.reads
            reads = f", GET p99 {_p99(measured.reads) * 1e3:.0f} ms" if measured.reads else ""
            scene.say(
                f"{layout}: {name}: {measured.rate:,.0f}/s{reads}; {measured.stale} reads without "
                "the client's own write"
            )


def _processor_seconds(service: Service) -> float:
    """What a process has used of the processors since its start."""
    stat = Path(f"/proc/{service.process.pid}/stat").read_text(encoding="ascii")
    used, of_system = stat.rpartition(")")[2].split()[11:13]
    return (int(used) + int(of_system)) / os.sysconf("SC_CLK_TCK")


def _register(url: str, people: int) -> None:
    """Put everybody on record, on the real clock: the service is to write more."""
    migrate(url)
    with closing(open_log(url, known=KNOWN)) as log:
        everybody = registrations(staff_number(n) for n in range(people))
        for first in range(0, people, _IN_A_COMMAND):
            log.append(everybody[first : first + _IN_A_COMMAND], command_of(f"layouts {first}"))


def _p99(seconds: Sequence[float]) -> float:
    return sorted(seconds)[len(seconds) * 99 // 100]
