"""What one request is followed by: from the proxy through the API and the log to the procedures.

A request has a trace id, that of its `traceparent` or one that was made for it. What it records has
that as its correlation id, and so has what a procedure does because of it: each step that is taken
carries on the correlation of the fact that led to it. Every line of the service's log that is
written meanwhile names it too.

The ids may come from outside and mean nothing here: nothing is decided by them.
"""

from contextvars import ContextVar
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
