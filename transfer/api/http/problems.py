"""How a "no" is told over HTTP: `application/problem+json` (RFC 9457), and nothing else.

The one place that knows which refusal has which status:

    Malformed, KeyReused             422
    FaultyEdition (of a file)        422, with every fault and its line
    NotOnRecord                      404
    AlreadyOnRecord, Conflict        409
    LaterOnRecord (of a leaving)     409, with every entry that asks for a choice
    StaleVersion                     412
    Refused (a rule says no)         409, with every failing clause
    SeveralRefused (of a bulk act)   422, with every failing item
    ClocksDisagreeError              503, with what to put right
    HeldUp                           503

`type` is an address under /problems, which answers what the problem means.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from itertools import islice
from typing import Any

import psycopg
from eventsourcing import persistence
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from psycopg_pool import PoolClosed, PoolTimeout
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from projections.keeping_up.runner import ProjectionStoppedError
from transfer.access.identity import NotIdentified
from transfer.core.record.leaving import LaterOnRecord
from transfer.core.refusals import (
    AlreadyOnRecord,
    HeldUp,
    ItemRefused,
    KeyReused,
    Malformed,
    NotOnRecord,
    Refusal,
    Refused,
    SeveralRefused,
    StaleVersion,
)
from transfer.log.application import GivenUpError
from transfer.log.clock_watch import ClocksDisagreeError
from transfer.log.restriction import NotRestrictedError
from transfer.questions.leaving import LaterShown
from transfer.rulebooks.loading import FaultyEdition

MEDIA_TYPE = "application/problem+json"

RETRY_AFTER_SECONDS = 1

_LONGEST_DETAIL = 1_000
_LONGEST_NAME = 64
_MOST_FIELD_ERRORS = 50
_MOST_ERRORS = 200

_NOT_AVAILABLE: tuple[type[Exception], ...] = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    PoolClosed,
    PoolTimeout,
    persistence.OperationalError,
    persistence.InterfaceError,
    GivenUpError,
)
"""How it shows that the database does not answer."""

_logger = logging.getLogger(__name__)


class ProblemDocument(BaseModel):
    """RFC 9457. `clause` where a rule refused; `errors` for each field or item, `failures` for each
    rule that fails. `errors` has the first 200; `errors_left_out` counts the rest."""

    type: str
    title: str
    status: int
    detail: str
    clause: str | None = None
    errors: list[dict[str, Any]] | None = None  # of each type of problem its own
    errors_left_out: int | None = None
    failures: list[dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind of problem: its name in `type`, its status, and what it means to a caller."""

    name: str
    status: int
    title: str
    meaning: str

    @property
    def uri(self) -> str:
        """What `type` says."""
        return f"/problems/{self.name}"


MALFORMED = ProblemType(
    "malformed",
    422,
    "The request breaks a rule of form",
    "A field is missing, unknown or not of the right form; `errors` names each with its reason.",
)
KEY_REUSED = ProblemType(
    "key-reused",
    422,
    "The idempotency key was used for another request",
    "An `Idempotency-Key` stands for one request: repeat that one, or take a new key.",
)
NOT_IDENTIFIED = ProblemType(
    "not-identified",
    401,
    "Not identified",
    "Send `Authorization: Bearer …` with a token that is valid now.",
)
NOT_ALLOWED = ProblemType(
    "not-allowed",
    403,
    "Not allowed",
    "The token is valid, but its roles do not reach this.",
)
NOT_FOUND = ProblemType(
    "not-found", 404, "No such address", "Nothing is served there; see /openapi.json."
)
NOT_ON_RECORD = ProblemType(
    "not-on-record",
    404,
    "Not on record",
    "The person, event or exercise named is not on record, or was not at the instant asked of.",
)
METHOD_NOT_ALLOWED = ProblemType(
    "method-not-allowed", 405, "Not with this method", "`Allow` lists the methods of the address."
)
ALREADY_ON_RECORD = ProblemType(
    "already-on-record", 409, "Already on record", "It can be entered only once, and has been."
)
CONFLICT = ProblemType(
    "conflict",
    409,
    "It contradicts the record",
    "What is on record rules the request out, e.g. the correction of an annulled entry. Of a "
    "leaving, `later` lists the entries that would bring the person back: say in the body's "
    "`later` what becomes of them.",
)
REFUSED = ProblemType(
    "refused",
    409,
    "A rule refuses it",
    "A rule of the exercise or its rulebook says no; `clause` and `failures` name the rules.",
)
STALE_VERSION = ProblemType(
    "stale-version",
    412,
    "The record has moved on",
    "`If-Match` named a version that is not the last any more: read again, and decide anew.",
)
ITEMS_REFUSED = ProblemType(
    "items-refused",
    422,
    "Items of the bulk act are refused",
    "Nothing was written. `errors` names the items that are refused, the first 200 errors, by "
    "`index` and `staff_number`, with the `type` that each would have alone, its `field` and "
    "`clause`; `errors_left_out` counts the rest.",
)
NOT_HTTP = ProblemType(
    "not-http",
    400,
    "The request is not HTTP as it should be",
    "What came cannot be read as one request: its first line or a header is not of the right "
    "form, or it says in two ways how long it is. The connection is closed.",
)
TOO_LARGE = ProblemType("too-large", 413, "The body is too large", "Send less at a time.")
UNAVAILABLE = ProblemType(
    "unavailable",
    503,
    "Not ready yet",
    "The answer is not to be had at the moment; `Retry-After` says when to ask again.",
)
CLOCKS_DISAGREE = ProblemType(
    "clocks-disagree",
    503,
    "The clocks disagree",
    "Nothing is recorded while the clocks of the database, of Temporal and of the service differ "
    "too much; `detail` says which does. Whoever runs the service has to put it right.",
)
FAULT = ProblemType(
    "fault", 500, "A fault of this service", "It is in the service's log; it is not your doing."
)

PROBLEM_TYPES: Mapping[str, ProblemType] = {
    each.name: each
    for each in (
        MALFORMED,
        KEY_REUSED,
        NOT_IDENTIFIED,
        NOT_ALLOWED,
        NOT_FOUND,
        NOT_ON_RECORD,
        METHOD_NOT_ALLOWED,
        ALREADY_ON_RECORD,
        CONFLICT,
        REFUSED,
        STALE_VERSION,
        ITEMS_REFUSED,
        NOT_HTTP,
        TOO_LARGE,
        UNAVAILABLE,
        CLOCKS_DISAGREE,
        FAULT,
    )
}


@dataclass
class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """A problem of HTTP itself, which core and commands know nothing of."""

    kind: ProblemType
    detail: str
    clause: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def response_of(
    problem: Problem, *, status: int | None = None, rehearsed: str | None = None
) -> Response:
    """The answer that tells a problem; one from a rehearsed record says so."""
    status = problem.kind.status if status is None else status
    body: dict[str, object] = {} if rehearsed is None else {"rehearsed": rehearsed}
    body |= {
        "type": problem.kind.uri,
        "title": problem.kind.title,
        "status": status,
        "detail": problem.detail[:_LONGEST_DETAIL],
    }
    if problem.clause is not None:
        body["clause"] = problem.clause
    body |= problem.extra
    # ASCII only: whatever a caller sent and is told again, it can be written.
    return Response(json.dumps(body), status, media_type=MEDIA_TYPE, headers=dict(problem.headers))


def problem_of(refusal: Refusal) -> Problem:
    """What a refusal is over HTTP."""
    match refusal:
        case Malformed():
            name = refusal.field[:_LONGEST_NAME]
            reason = refusal.reason.removeprefix(f"{refusal.field}: ")[:_LONGEST_DETAIL]
            errors = [{"field": name, "reason": reason}]
            return Problem(MALFORMED, refusal.reason, refusal.clause, {"errors": errors})
        case Refused():
            failures = [{"clause": each.clause, "reason": each.reason} for each in refusal.failures]
            clauses = [*dict.fromkeys(each.clause for each in refusal.failures if each.clause)]
            extra: dict[str, object] = {"clauses": clauses, "failures": failures}
            return Problem(REFUSED, refusal.reason, refusal.clause, extra)
        case SeveralRefused():
            told = [error for item in refusal.items for error in _of_item(item)]
            failing = dict.fromkeys(str(each["clause"]) for each in told if each.get("clause"))
            extra = _first(iter(told)) | ({"clauses": [*failing]} if failing else {})
            return Problem(ITEMS_REFUSED, refusal.reason, refusal.clause, extra)
        case FaultyEdition():
            several = (asdict(each) for each in refusal.faults)
            return Problem(MALFORMED, refusal.reason, refusal.clause, _first(several))
        case LaterOnRecord():
            later = [LaterShown.of(each).model_dump(mode="json") for each in refusal.later]
            return Problem(CONFLICT, refusal.reason, refusal.clause, {"later": later})
        case StaleVersion():
            kind = STALE_VERSION
        case NotOnRecord():
            kind = NOT_ON_RECORD
        case AlreadyOnRecord():
            kind = ALREADY_ON_RECORD
        case KeyReused():
            kind = KEY_REUSED
        case HeldUp():
            return not_available(refusal.reason)
        case _:
            kind = CONFLICT
    return Problem(kind, refusal.reason, refusal.clause)


def _first(errors: Iterable[dict[str, object]], most: int = _MOST_ERRORS) -> dict[str, object]:
    """The first errors of many, and how many are left out: an answer stays small whatever is
    sent."""
    remaining = iter(errors)
    shown = list(islice(remaining, most))
    left_out = sum(1 for _ in remaining)
    return {"errors": shown, "errors_left_out": left_out} if left_out else {"errors": shown}


def _of_item(item: ItemRefused) -> Iterator[dict[str, object]]:
    """Every reason why one item of a bulk act is refused."""
    problem = problem_of(item.refusal)
    place = {
        "index": item.index,
        "staff_number": item.staff_number[:_LONGEST_NAME],
        "type": problem.kind.uri,
    }
    match item.refusal:
        case Malformed() as refusal:
            reason = refusal.reason.removeprefix(f"{refusal.field}: ")[:_LONGEST_DETAIL]
            yield place | {"field": refusal.field[:_LONGEST_NAME], "reason": reason}
        case Refused() as refusal:
            for each in refusal.failures:
                yield place | {"clause": each.clause, "reason": each.reason}
        case refusal:
            yield place | {"reason": refusal.reason[:_LONGEST_DETAIL]}


def malformed(error: ValidationError) -> Problem:
    """Every field that pydantic found wrong, without what was in it."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return _malformed([(each["loc"], each["msg"]) for each in found])


def not_available(detail: str) -> Problem:
    """Something that is expected to pass by itself."""
    return Problem(UNAVAILABLE, detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def known_problem(error: Exception) -> Problem | None:
    """What an error is that is told to a caller and is none of the program's own faults."""
    match error:
        case Problem():
            return error
        case Refusal():
            return problem_of(error)
        case RequestValidationError():
            # The first part of a place is where it was looked for: "query", "path".
            return _malformed([(each["loc"][1:], each["msg"]) for each in error.errors()])
        case ClocksDisagreeError():
            _logger.error("%s", error)
            return Problem(CLOCKS_DISAGREE, str(error), headers={"Retry-After": "60"})
        case ProjectionStoppedError():
            _logger.error("projection %s stopped at event %s", error.name, error.event_id)
            return not_available("A read model has stopped; the service's log says why.")
        case NotRestrictedError():
            _logger.error("readers by a grant are not served: %s; see transfer doctor", error)
            return not_available("The database cannot hold readers to their reach: not served.")
        case _ if isinstance(error, _NOT_AVAILABLE):
            _logger.warning("database not available: %s", type(error).__name__)
            return not_available("The database does not answer at the moment.")
        case _:
            return None


def install(app: FastAPI, rehearsed: str | None) -> None:
    """Make the application tell everything that can go wrong as a problem."""
    app.state.rehearsed = rehearsed
    app.add_exception_handler(Problem, _tell_known)
    app.add_exception_handler(Refusal, _tell_known)
    app.add_exception_handler(NotIdentified, _tell_not_identified)
    app.add_exception_handler(RequestValidationError, _tell_known)
    app.add_exception_handler(HTTPException, tell_http)
    for unavailable in _NOT_AVAILABLE:
        app.add_exception_handler(unavailable, _tell_known)
    app.add_exception_handler(ProjectionStoppedError, _tell_known)
    app.add_exception_handler(NotRestrictedError, _tell_known)
    app.add_exception_handler(ClocksDisagreeError, _tell_known)


def fault() -> Problem:
    """What is told of a fault that nothing else tells."""
    return Problem(FAULT, "The request could not be answered; the log says why.")


def _told(request: Request, problem: Problem, status: int | None = None) -> Response:
    return response_of(problem, status=status, rehearsed=request.app.state.rehearsed)


async def _tell_known(request: Request, error: Exception) -> Response:
    return _told(request, known_problem(error) or fault())


async def _tell_not_identified(request: Request, error: Exception) -> Response:
    challenge = 'Bearer realm="transfer"'
    if isinstance(error, NotIdentified) and error.code is not None:
        challenge += f', error="{error.code}", error_description="{error.reason}"'
    headers = {"WWW-Authenticate": challenge}
    return _told(request, Problem(NOT_IDENTIFIED, str(error), headers=headers))


async def tell_http(request: Request, error: Exception) -> Response:
    """Tell what the router refuses: an address or a method that is not served."""
    if not isinstance(error, HTTPException):
        return _told(request, fault())
    headers = dict(error.headers or {})
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return _told(request, Problem(NOT_FOUND, "Nothing is served at this address."))
        case HTTPStatus.METHOD_NOT_ALLOWED:
            detail = "This address does not take that method."
            headers = {"Allow": ", ".join(_methods_of(request))}
            return _told(request, Problem(METHOD_NOT_ALLOWED, detail, headers=headers))
        case status:
            kind = FAULT if status >= HTTPStatus.INTERNAL_SERVER_ERROR else MALFORMED
            return _told(request, Problem(kind, str(error.detail), headers=headers), status)


def _methods_of(request: Request) -> list[str]:
    """The methods of an address. Each has a route of its own, and the router names one alone."""
    found: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            found |= route.methods or set()
    # Answered as a GET, without its body.
    return sorted(found | {"HEAD"} if "GET" in found else found)


def _malformed(found: Sequence[tuple[Sequence[int | str], str]]) -> Problem:
    told = [(_place(loc), reason.removeprefix("Value error, ")) for loc, reason in found]
    detail = "; ".join(
        f"{field}: {reason}" if field else reason for field, reason in told[:_MOST_FIELD_ERRORS]
    )
    errors: Iterable[dict[str, object]] = (
        {"field": field, "reason": reason} for field, reason in told
    )
    return Problem(MALFORMED, detail, extra=_first(errors, _MOST_FIELD_ERRORS))


def _place(loc: Sequence[int | str]) -> str:
    return ".".join(str(part)[:_LONGEST_NAME] for part in loc if part != "[key]")
