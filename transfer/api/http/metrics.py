"""What /metrics tells, in Prometheus' text format."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate

from prometheus_client import CollectorRegistry, Metric, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from projections.keeping_up.status import ProjectionStatus
from transfer.api.http.middleware import RequestCounts
from transfer.api.http_service import Check, Figure
from transfer.log.envelope import Head
from transfer.log.measures import Distribution
from workflows.troubles import Swept, Trouble

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4

_PREFIX = "transfer"


class Gathered(Collector):
    """Figures that are at hand already."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        """The figures."""
        return self._families


def exposition(families: Iterable[Metric]) -> bytes:
    """These figures and those of the process, as text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Gathered(families))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


def of_service(
    head: Head | None, counts: RequestCounts, uptime: float, role: str, version: str
) -> Iterator[Metric]:
    """What this process is, the log's end (`None`: the database does not answer), and the requests
    answered."""
    info = _gauge("info", "1; the labels say what this process does.", labels=("role", "version"))
    info.add_metric((role, version), 1)
    yield info
    yield _gauge("uptime_seconds", "How long this service has been running.", uptime)
    if head is not None:
        yield _gauge("log_position", "Events on record.", head.position)
        if head.recorded_at is not None:
            yield _gauge(
                "log_recorded_timestamp_seconds",
                "When the last was recorded.",
                head.recorded_at.timestamp(),
            )
    answered = CounterMetricFamily(
        f"{_PREFIX}_http_requests",
        "Requests answered, by the pattern of their address.",
        labels=("method", "route", "status"),
    )
    for (method, route, status), count in sorted(counts.answered.items()):
        answered.add_metric((method, route, str(status)), count)
    yield answered
    yield _gauge(
        "http_requests_in_progress", "Requests that are being answered.", counts.in_progress
    )


def of_distributions(distributions: Iterable[Distribution]) -> Iterator[Metric]:
    """How values are spread, as histograms."""
    for each in distributions:
        family = HistogramMetricFamily(
            f"{_PREFIX}_{each.name}", each.meaning, labels=each.labels or None
        )
        edges = (*(f"{edge:g}" for edge in each.edges), "+Inf")
        for labels, spread in sorted(each.read().items()):
            up_to = zip(edges, accumulate(spread.counts), strict=True)
            family.add_metric(labels, [(edge, count) for edge, count in up_to], spread.total)
        yield family


def of_figures(figures: Iterable[Figure]) -> Iterator[Metric]:
    """Numbers that are at hand, each name's together."""
    families: dict[str, GaugeMetricFamily | CounterMetricFamily] = {}
    for figure in figures:
        labels = () if figure.of is None else ("of",)
        family = families.get(figure.name)
        if family is None:
            kind = CounterMetricFamily if figure.is_total else GaugeMetricFamily
            name = f"{_PREFIX}_{figure.name}".removesuffix("_total")
            family = families[figure.name] = kind(name, figure.meaning, labels=labels or None)
        family.add_metric(() if figure.of is None else (figure.of,), figure.value)
    yield from families.values()


def of_checks(checks: Sequence[Check]) -> Iterator[Metric]:
    """What /health/ready looks at: whether each is well, and its numbers."""
    well = _gauge("check_ok", "1 where what /health/ready looks at is well.", labels=("check",))
    for check in checks:
        well.add_metric((check.name,), int(check.ok))
    yield well
    yield from of_figures(figure for check in checks for figure in check.figures)


def of_projections(standing: Sequence[ProjectionStatus], now: datetime) -> Iterator[Metric]:
    """Where each projection is."""
    one = ("projection",)
    families = {
        name: _gauge(f"projection_{name}", meaning, labels=one)
        for name, meaning in (
            ("position", "The last event that a projection has seen."),
            ("lag_events", "Events that it has not seen yet."),
            ("lag_seconds", "How long the first event that it has not seen has been waiting."),
            ("failed", "1 where it has stopped at an event."),
            ("rebuilding", "1 while it is made again beside."),
            ("rebuild_position", "Events of the log that are in the new tables."),
            ("rebuild_until", "Events that will be in them."),
        )
    }
    failure = _gauge(
        "projection_failure_info",
        "The event that it has stopped at, while it has.",
        labels=("projection", "event_id"),
    )
    for each in standing:
        values: dict[str, float] = {
            "position": each.seen.position,
            "lag_events": each.lag,
            "lag_seconds": each.seconds_behind(now),
            "failed": int(each.failed),
            "rebuilding": int(each.rebuild is not None),
        }
        if each.rebuild is not None:
            values |= {
                "rebuild_position": each.rebuild.position,
                "rebuild_until": each.rebuild.until,
            }
        for name, value in values.items():
            families[name].add_metric((each.name,), value)
        if each.failed:
            failure.add_metric((each.name, str(each.seen.failed_event)), 1)
    yield from families.values()
    yield failure


def of_procedures(in_trouble: Sequence[Trouble], swept: Swept | None) -> Iterator[Metric]:
    """Which procedures cannot go on, and what the last comparison with Temporal found."""
    yield _gauge(
        "procedures_in_trouble",
        "Procedures that cannot go on.",
        len({each.procedure for each in in_trouble}),
    )
    troubles = _gauge(
        "procedure_trouble_info",
        "What is wrong with each of them; how many are called so.",
        labels=("procedure", "kind", "reason"),
    )
    alike = Counter((each.public_name, each.kind, each.cause) for each in in_trouble)
    for labels, how_many in alike.items():
        troubles.add_metric(labels, how_many)
    yield troubles
    if swept is not None:
        yield _gauge(
            "procedures_swept_timestamp_seconds",
            "When the log was last compared with Temporal.",
            swept.at.timestamp(),
        )
        yield _gauge(
            "procedures_waiting", "Procedures that must be waiting by the log.", swept.waiting
        )
        yield _gauge(
            "procedures_started_by_sweep",
            "Those that the last comparison had to start.",
            swept.started,
        )


def _gauge(
    name: str, meaning: str, value: float | None = None, labels: Sequence[str] = ()
) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{_PREFIX}_{name}", meaning, value, labels or None)
