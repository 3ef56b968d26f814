"""What /metrics tells, in Prometheus' text format."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Metric, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from projections.keeping_up.status import ProjectionStatus
from transfer.api.http.middleware import RequestCounts
from transfer.api.http_service import Check
from transfer.log.envelope import Head
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


def of_service(head: Head | None, counts: RequestCounts, uptime: float) -> Iterator[Metric]:
    """The log's end (`None`: the database does not answer), and the requests answered."""
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
        f"{_PREFIX}_http_requests", "Requests answered.", labels=("method", "status")
    )
    for (method, status), count in sorted(counts.answered.items()):
        answered.add_metric((method, str(status)), count)
    yield answered
    yield CounterMetricFamily(
        f"{_PREFIX}_http_request_seconds", "Time spent on them.", value=counts.seconds
    )


def of_checks(checks: Sequence[Check]) -> Iterator[Metric]:
    """What /health/ready looks at: whether each is well, and its numbers."""
    well = _gauge("check_ok", "1 where what /health/ready looks at is well.", labels=("check",))
    figures: dict[str, GaugeMetricFamily] = {}
    for check in checks:
        well.add_metric((check.name,), int(check.ok))
        for figure in check.figures:
            labels = () if figure.of is None else ("of",)
            family = figures.setdefault(
                figure.name, _gauge(figure.name, figure.meaning, labels=labels)
            )
            family.add_metric(() if figure.of is None else (figure.of,), figure.value)
    yield well
    yield from figures.values()


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
        "Each of them, and what is wrong.",
        labels=("procedure", "kind", "reason"),
    )
    for each in in_trouble:
        troubles.add_metric((each.procedure, each.kind, each.cause), 1)
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
