"""What one request is followed by: from the proxy through the API and the log to the procedures.

A request has a trace id, that of its `traceparent` or one that was made for it. What it records has
that as its correlation id, and so has what a procedure does because of it: each step that is taken
carries on the correlation of the fact that led to it. Every line of the service's log that is
written meanwhile names it too.

The ids may come from outside and mean nothing here: nothing is decided by them.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from secrets import token_hex
from typing import NamedTuple
from uuid import UUID


class Trace(NamedTuple):
    """What a request, or a step of a procedure, is followed by.

    `trace_id` has 32 hexadecimal digits and `span_id`, which is this service's part of the trace,
    16. `request_id` is printable ASCII. `parent_id` is the caller's span, `flags` are those of the
    W3C's trace context (1: it is sampled), and `state` is its `tracestate`.
    """

    trace_id: str
    span_id: str = ""
    request_id: str = ""
    parent_id: str = ""
    flags: int = 0
    state: str = ""

    @property
    def correlation_id(self) -> UUID:
        """The trace id in the form in which the log keeps it."""
        return UUID(self.trace_id)


current: ContextVar[Trace | None] = ContextVar("trace", default=None)
"""What is followed at the moment, in the threads of a request too; `None` outside any."""


def current_correlation() -> UUID | None:
    """The correlation id of what is recorded now; `None` outside any request."""
    trace = current.get()
    return None if trace is None else trace.correlation_id


class Span(NamedTuple):
    """A piece of work that has ended just now, within what is followed.

    `name` and `attributes` hold nothing personal. `span_id` is empty where none was made before the
    end, `parent_id` where there is no piece around it; `remote` says that the piece around it was
    the caller's. `seconds` is how long it took.
    """

    name: str
    trace: Trace
    seconds: float
    attributes: Mapping[str, str | int]
    span_id: str = ""
    parent_id: str = ""
    remote: bool = False
    failed: bool = False


listeners: list[Callable[[Span], None]] = []
"""Told of each span, in the thread that ends it: none unless the settings ask for it."""


def tell(span: Span) -> None:
    """Tell the listeners of a span."""
    for each in listeners:
        each(span)


def new_span_id() -> str:
    """An id for a span that others will lie within."""
    return token_hex(8)
