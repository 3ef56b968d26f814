"""What /metrics tells, as plain Prometheus text."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from projections.keeping_up.status import ProjectionStatus
from transfer.api.http.middleware import RequestCounts
from transfer.log.envelope import Head
from workflows.troubles import Swept, Trouble

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(
    head: Head,
    standing: Sequence[ProjectionStatus],
    counts: RequestCounts,
    uptime: float,
    now: datetime,
    in_trouble: Sequence[Trouble] = (),
    swept: Swept | None = None,
) -> str:
    """Every figure of one service: its log, projections, procedures and answered requests."""
    lines = [
        *_family("uptime_seconds", "gauge", "How long this service has been running."),
        f"transfer_uptime_seconds {uptime:.3f}",
        *_family("log_position", "counter", "Events on record."),
        f"transfer_log_position {head.position}",
    ]
    if head.recorded_at is not None:
        lines += [
            *_family("log_recorded_timestamp_seconds", "gauge", "When the last was recorded."),
            f"transfer_log_recorded_timestamp_seconds {head.recorded_at.timestamp():.6f}",
        ]
    lines += _projections(standing, now)
    lines += _procedures(in_trouble, swept)
    lines += _family("http_requests_total", "counter", "Requests answered.")
    lines += [
        f'transfer_http_requests_total{{method="{method}",status="{status}"}} {count}'
        for (method, status), count in sorted(counts.answered.items())
    ]
    lines += [
        *_family("http_request_seconds_total", "counter", "Time spent on them."),
        f"transfer_http_request_seconds_total {counts.seconds:.6f}",
    ]
    return "\n".join(lines) + "\n"


_Value = Callable[[ProjectionStatus], int | str]


def _projections(standing: Sequence[ProjectionStatus], now: datetime) -> Iterable[str]:
    figures: tuple[tuple[str, str, _Value], ...] = (
        ("position", "The last event that a projection has seen.", lambda s: s.seen.position),
        ("lag_events", "Events that it has not seen yet.", lambda s: s.lag),
        (
            "lag_seconds",
            "How long the first event that it has not seen has been waiting.",
            lambda s: f"{s.seconds_behind(now):.3f}",
        ),
        ("failed", "1 where it has stopped at an event.", lambda s: int(s.failed)),
        ("rebuilding", "1 while it is made again beside.", lambda s: int(s.rebuild is not None)),
    )
    for name, meaning, value in figures:
        yield from _family(f"projection_{name}", "gauge", meaning)
        for each in standing:
            yield f'transfer_projection_{name}{{projection="{each.name}"}} {value(each)}'
    yield from _family(
        "projection_failure_info", "gauge", "The event that it has stopped at, while it has."
    )
    for each in standing:
        if each.failed:
            yield (
                f'transfer_projection_failure_info{{projection="{each.name}",'
                f'event_id="{each.seen.failed_event}"}} 1'
            )
    rebuilds = [(each.name, each.rebuild) for each in standing if each.rebuild is not None]
    for name, meaning in (
        ("position", "Events of the log that are in the new tables."),
        ("until", "Events that will be in them."),
    ):
        yield from _family(f"projection_rebuild_{name}", "gauge", meaning)
        for projection, rebuild in rebuilds:
            count = rebuild.position if name == "position" else rebuild.until
            yield f'transfer_projection_rebuild_{name}{{projection="{projection}"}} {count}'


def _procedures(in_trouble: Sequence[Trouble], swept: Swept | None) -> Iterable[str]:
    yield from _family("procedures_in_trouble", "gauge", "Procedures that cannot go on.")
    yield f"transfer_procedures_in_trouble {len({each.procedure for each in in_trouble})}"
    yield from _family("procedure_trouble_info", "gauge", "Each of them, and what is wrong.")
    for each in in_trouble:
        procedure = each.procedure.replace("\\", r"\\").replace('"', r"\"")
        yield (
            f'transfer_procedure_trouble_info{{procedure="{procedure}",kind="{each.kind}",'
            f'reason="{each.cause}"}} 1'
        )
    if swept is not None:
        for name, meaning, value in (
            (
                "swept_timestamp_seconds",
                "When the log was last compared with Temporal.",
                f"{swept.at.timestamp():.6f}",
            ),
            ("waiting", "Procedures that must be waiting by the log.", swept.waiting),
            ("started_by_sweep", "Those that the last comparison had to start.", swept.started),
        ):
            yield from _family(f"procedures_{name}", "gauge", meaning)
            yield f"transfer_procedures_{name} {value}"


def _family(name: str, kind: str, meaning: str) -> tuple[str, str]:
    return f"# HELP transfer_{name} {meaning}", f"# TYPE transfer_{name} {kind}"
