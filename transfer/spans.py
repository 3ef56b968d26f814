"""Sends what was followed to a collector, by OpenTelemetry's protocol, where the settings name one.

A span is one request, one append to the log, or one step of a procedure (`transfer.log.trace`). Its
ids are those that the answer's `traceparent` and the log's correlation have already, so that a
collector, the service's log and the record tell of the same thing. It has the pattern of an address
and never the address, and nothing of what was sent or answered.

The library is of the extra `otel`, and is loaded here alone, when it is asked for.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from transfer.core.refusals import Malformed
from transfer.log.trace import Span, listeners
from transfer.settings import Settings, environment_name

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

_NANOSECONDS = 1_000_000_000
_LAST_SECONDS = 2.0


@contextmanager
def telling_spans(
    settings: Settings, version: str, clock: Callable[[], datetime]
) -> Iterator[None]:
    """Send spans while the block lasts, where the settings say where to.

    Raises `Malformed` where they do and the library is not installed.
    """
    if settings.otel_endpoint is None or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as error:
        raise Malformed(
            "the libraries that send spans are not installed: pip install 'transfer[otel]'",
            field=environment_name("otel_endpoint"),
        ) from error
    # It reads where to send to, and with which headers, from the environment itself.
    with spans_to(BatchSpanProcessor(OTLPSpanExporter()), settings.role, version, clock):
        yield


@contextmanager
def spans_to(
    processor: "SpanProcessor", role: str, version: str, clock: Callable[[], datetime]
) -> Iterator[None]:
    """Hand spans to a processor of OpenTelemetry's, and shut it down at the end of the block.

    What it has not sent some seconds later is lost.
    """
    from opentelemetry import trace as otel
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
    from opentelemetry.sdk.trace.sampling import Decision
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    resource = Resource.create({"service.version": version, "transfer.role": role})
    if str(resource.attributes["service.name"]).startswith("unknown_service"):
        # Where the environment does not name it (OTEL_SERVICE_NAME).
        resource = resource.merge(Resource({"service.name": "transfer"}))
    sampler = TracerProvider(shutdown_on_exit=False).sampler  # of OTEL_TRACES_SAMPLER
    ids = RandomIdGenerator()
    scope = InstrumentationScope("transfer", version)

    def context(span: Span, span_id: str, *, remote: bool) -> otel.SpanContext:
        return otel.SpanContext(
            int(span.trace.trace_id, 16),
            int(span_id, 16),
            is_remote=remote,
            trace_flags=otel.TraceFlags(otel.TraceFlags.SAMPLED),
            trace_state=otel.TraceState.from_header([span.trace.state]),
        )

    def is_sampled(span: Span) -> bool:
        # All spans of a request go by what its caller has decided, or else by the trace id.
        around = None
        if span.trace.parent_id:
            caller = otel.SpanContext(
                int(span.trace.trace_id, 16),
                int(span.trace.parent_id, 16),
                is_remote=True,
                trace_flags=otel.TraceFlags(span.trace.flags),
            )
            around = otel.set_span_in_context(otel.NonRecordingSpan(caller))
        decided = sampler.should_sample(around, int(span.trace.trace_id, 16), span.name)
        return decided.decision is Decision.RECORD_AND_SAMPLE

    def hand_over(span: Span) -> None:
        if not is_sampled(span):
            return
        ended = clock()
        began = ended - timedelta(seconds=span.seconds)
        span_id = span.span_id or f"{ids.generate_span_id():016x}"
        processor.on_end(
            ReadableSpan(
                span.name,
                context=context(span, span_id, remote=False),
                parent=context(span, span.parent_id, remote=span.remote)
                if span.parent_id
                else None,
                resource=resource,
                attributes=span.attributes,
                kind=otel.SpanKind.SERVER
                if "http.route" in span.attributes
                else otel.SpanKind.INTERNAL,
                status=otel.Status(otel.StatusCode.ERROR if span.failed else otel.StatusCode.UNSET),
                instrumentation_scope=scope,
                start_time=int(began.timestamp() * _NANOSECONDS),
                end_time=int(ended.timestamp() * _NANOSECONDS),
            )
        )

    listeners.append(hand_over)
    try:
        yield
    finally:
        listeners.remove(hand_over)
        # A collector that is away would be tried for most of a minute: nobody stops so long for it.
        sending = threading.Thread(target=processor.shutdown, name="last spans", daemon=True)
        sending.start()
        sending.join(_LAST_SECONDS)
