"""The headers by which a request is followed: X-Request-Id, traceparent and tracestate (W3C).

What comes is taken where it is well formed, and left where it is not: a request is never refused
for it. What is taken stands in the log's lines and in the answer's headers, so only signs are let
in that can do nothing there: no blank, no quotation mark, nothing that a name would need.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from transfer.log.trace import Trace

REQUEST_ID: Final = "X-Request-Id"
TRACE_PARENT: Final = "traceparent"
TRACE_STATE: Final = "tracestate"

_REQUEST_ID = re.compile(rb"[A-Za-z0-9_.:;,=+/-]{1,128}")
_HEX_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# https://www.w3.org/TR/trace-context/: a later version may have more after a hyphen.
_PARENT = re.compile(rb"(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_LONGEST_PARENT = 256
_MEMBER = re.compile(
    rb"(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
    rb"=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
)
_LONGEST_STATE = 512
_MOST_MEMBERS = 32
_SAMPLED = 1
_REQUESTS = uuid5(NAMESPACE_URL, "transfer/requests")

Headers = Iterable[tuple[bytes, bytes]]


def taken_in(headers: Headers, new_id: Callable[[], UUID]) -> Trace:
    """What a request is followed by, by its headers; what they do not say is made by `new_id`.

    Without a `traceparent` the trace id is made from the request id: the same number where that is
    a UUID or 32 hexadecimal digits, and else one that follows from it.
    """
    asked: list[bytes] = []
    parents: list[bytes] = []
    states: list[bytes] = []
    for name, value in headers:
        if name == b"x-request-id":
            asked.append(value)
        elif name == b"traceparent":
            parents.append(value)
        elif name == b"tracestate":
            states.append(value)
    made = new_id().hex
    span_id = made[16:]
    request_id = ""
    if len(asked) == 1 and _REQUEST_ID.fullmatch(asked[0]):
        request_id = asked[0].decode()
    parent = _parent(parents)
    if parent is not None:
        trace_id, parent_id, flags = parent
        return Trace(trace_id, span_id, request_id or made, parent_id, flags, _state(states))
    return Trace(_trace_of(request_id) if request_id else made, span_id, request_id or made)


def given_back(trace: Trace) -> list[tuple[bytes, bytes]]:
    """The headers of the answer: the request's id, and where in the trace it was answered."""
    told = [
        (b"x-request-id", trace.request_id.encode()),
        (b"traceparent", f"00-{trace.trace_id}-{trace.span_id}-{trace.flags:02x}".encode()),
    ]
    if trace.state:
        told.append((b"tracestate", trace.state.encode()))
    return told


def _trace_of(request_id: str) -> str:
    if _HEX_ID.fullmatch(request_id):
        trace_id = request_id.replace("-", "").lower()
        if trace_id.strip("0"):
            return trace_id
    return uuid5(_REQUESTS, request_id).hex


def _parent(given: list[bytes]) -> tuple[str, str, int] | None:
    """Trace id, span id and flags; `None` where there is no `traceparent` that can be read."""
    if len(given) != 1 or len(given[0]) > _LONGEST_PARENT:
        return None
    found = _PARENT.fullmatch(given[0].strip(b" \t"))
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    is_whole = more is None or version != b"00"
    if not (is_whole and trace_id.strip(b"0") and span_id.strip(b"0")):
        return None
    return trace_id.decode(), span_id.decode(), int(flags, 16) & _SAMPLED


def _state(given: list[bytes]) -> str:
    """The `tracestate`, left out as a whole where a part of it cannot be read."""
    together = b",".join(given)
    if len(together) > _LONGEST_STATE:
        return ""
    members = [each for each in (one.strip(b" \t") for one in together.split(b",")) if each]
    if len(members) > _MOST_MEMBERS or not all(map(_MEMBER.fullmatch, members)):
        return ""
    keys = {each.partition(b"=")[0] for each in members}
    return b",".join(members).decode() if len(keys) == len(members) else ""
