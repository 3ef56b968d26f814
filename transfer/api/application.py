"""The API of one service: every resource's routes behind one service, and their documentation."""

import json

from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from transfer.access.identity import Role
from transfer.api.bodies import (
    ChangeGiven,
    CorrectionGiven,
    LeavingGiven,
    NameGiven,
    RegistrationGiven,
    TermGiven,
)
from transfer.api.http import problems as errors
from transfer.api.http.last_seen import TellsLastSeen
from transfer.api.http.middleware import Envelope, RequestCounts
from transfer.api.http.openapi import SEEN_SENT, Schema, problems, without_unused_schemas
from transfer.api.http.problems import ProblemDocument
from transfer.api.http.route_table import RouteTable
from transfer.api.http.spelling import Spelling
from transfer.api.http_service import REASON, V1, Allow, HttpService, Reads, UpTo, open_to_all
from transfer.api.resources import (
    appeals,
    assertions,
    bulk,
    changes,
    corrections,
    deadlines,
    differences,
    documents,
    duties,
    exercises,
    extracts,
    health,
    history,
    leavings,
    letters,
    letters_of_exercise,
    liability_information,
    links,
    managers,
    mine,
    names,
    notices,
    objections,
    over_full_time,
    position,
    practice,
    procedures,
    reads,
    reports,
    rulebooks,
    staff,
    subject_access,
    summary,
    terms,
    timeline,
    work,
    workforce,
)
from transfer.api.resources.bulk import BulkAct, BulkItem
from transfer.api.resources.documents import DocumentCorrectionGiven, DocumentGiven
from transfer.api.resources.duties import DelegationGiven, ExcuseGiven
from transfer.api.resources.extracts import ExtractAsked
from transfer.api.resources.links import LinkGiven, Undoing
from transfer.api.resources.objections import ObjectionAnswer, ObjectionGiven, Withdrawal
from transfer.api.resources.practice import ClockGiven
from transfer.api.resources.reads import ReadAnswered, ReadQuestioned
from transfer.api.resources.rulebooks import EditionFile
from transfer.api.resources.work import HandOverEnded, HandOverGiven

_RESOURCES = (
    staff,
    subject_access,
    summary,
    changes,
    corrections,
    terms,
    leavings,
    names,
    bulk,
    links,
    objections,
    position,
    timeline,
    history,
    reads,
    differences,
    workforce,
    over_full_time,
    managers,
    deadlines,
    duties,
    mine,
    appeals,
    reports,
    assertions,
    letters,
    exercises,
    procedures,
    letters_of_exercise,
    liability_information,
    rulebooks,
    documents,
    extracts,
    work,
    notices,
    practice,
)

_BODIES: tuple[type[BaseModel], ...] = (
    RegistrationGiven,
    ChangeGiven,
    CorrectionGiven,
    TermGiven,
    LeavingGiven,
    NameGiven,
    BulkAct,
    BulkItem,
    LinkGiven,
    Undoing,
    ObjectionGiven,
    Withdrawal,
    ObjectionAnswer,
    ReadQuestioned,
    ReadAnswered,
    EditionFile,
    DocumentGiven,
    DocumentCorrectionGiven,
    ExtractAsked,
    ClockGiven,
    DelegationGiven,
    ExcuseGiven,
    HandOverGiven,
    HandOverEnded,
    ProblemDocument,
)

_REASON_HEADER: Schema = {
    "name": REASON,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 500},
    "description": "Why this is read. The register of reads keeps it beside who read what, and "
    "the person sees it. Name nobody in it.",
}

_REF = "#/components/schemas/{model}"

_TAGS = {
    "staff": "Entries on people's records, one person's or many people's.",
    "positions": "Where one person is, was and will be, on both clocks.",
    "mine": "Where each kind of user begins, by their own token.",
    "workforce": "Everybody, counted or listed.",
    "reports": "What came of appeals and vetting by group, and whether panels decide alike.",
    "exercises": "Reorganisations: what is due in them, and what came of them.",
    "procedures": "What runs, and every act by which it is steered.",
    "work": "What is to be done by whom, and who does it for somebody who is away.",
    "notices": "E-mails about something to read or to do, and what became of each.",
    "rulebooks": "The rules, edition by edition.",
    "documents": "The register of documents that a basis names.",
    "extracts": "Questions that were answered once, and are kept as they were answered.",
    "practice": "The clock of a practice, which an administrator moves.",
    "service": "What runs, and how it is doing; without a token.",
}
"""What the addresses under each tag are about."""

_DESCRIPTION = """\
The record of who works where in a reorganised public service, under what terms, and why.

**Two clocks.** `effective_at` (a day) asks when something is in force; `known_at` (an instant)
asks what the record said then. Nothing recorded later changes what an earlier `known_at` answers.

**Who may ask.** Send `Authorization: Bearer …`; the token's `authorities` name its roles.
`ROLE_TRANSFER__ADMIN__RW` reads and writes everything, or what is within the employers and units
that the token's `scope` names. `ROLE_TRANSFER__AUDIT__RO` reads everything.
`ROLE_TRANSFER__STAFF__RO` reads the record whose staff number is the token's and those of numbers
linked with it, and may object to their entries. `ROLE_TRANSFER__UNION__RO` reads the members who
have appointed the token's subject, while appointed, and reads and asks in the consultations of the
token's `body`. `ROLE_TRANSFER__DISPUTE__RO` reads the people,
days and knowledge times of the open cases whose panel the token's subject is on. Somebody out of
reach is 404, exactly like somebody who is not there.

**What goes wrong** is told as `application/problem+json` (RFC 9457); `type` is an address under
`/problems` that says what it means. A rule's refusal is 409 and names its `clause`.

**Own writes.** A read sees every write that the process which answers it acknowledged before it,
unless its read model needs over a second for it. Where several processes answer, send the
`Transfer-Seen` of your last write back with each read: then it sees that write by any of them.
`consistent_with` waits for longer, and says so if in vain.

Dates are `YYYY-MM-DD`; instants are written in UTC with six digits of fraction. An unknown field
or query parameter is 422, so is one that is given twice. A body is read as JSON whatever its
Content-Type, and may have 1 MiB (a bulk act 64 MiB). Strings are kept as they are; only NUL is
refused. They are compared in Unicode NFC with blanks folded, staff numbers and the names of terms
without regard to case, and an employer by any name or code that an edition has for it.

Where the record is a rehearsal's, every answer has `rehearsed` (the edition) and the header
`Transfer-Rehearsed`; in a practice both say `practice`.

While the clocks of the database, of Temporal and of the service disagree, nothing is recorded
(503, `/problems/clocks-disagree`). Where an entry was made under a wrong clock before that was
noticed, an answer as known at an instant has `log_ahead_of_clock_seconds`: how far the last entry
is ahead.

Where the record was restored from a backup, `/info` says so. An answer as known at an instant of
which entries may be lost, or to a caller whose `Transfer-Seen` is of such an instant, has
`record_restored_at` and `record_restored_to`: what was recorded between the two is on record no
more. A `consistent_with` that names a lost event is 422.
"""


def create_app(service: HttpService) -> FastAPI:
    """The ASGI application of a service."""
    app = FastAPI(
        title="transfer",
        version=service.version,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.router.middleware_stack = RouteTable(app.router)
    app.state.bodies = (*_BODIES, *procedures.bodies(service))
    counts = RequestCounts()
    routers = [resource.routes(service) for resource in _RESOURCES]
    for router in [*routers, health.routes(service, counts), _own_description(app)]:
        # Not include_router: each route is whole already, and is found here as it was made.
        app.router.routes.extend(router.routes)
    rehearsed = service.rehearsal.edition if service.rehearsal else None
    errors.install(app, rehearsed)
    app.add_middleware(
        Spelling, prefix=f"{V1}/staff/", spelled=lambda number: service.office.spelled(number)
    )
    app.add_middleware(
        TellsLastSeen, sealed_for=lambda exchange: service.last_seen.sealed_for(exchange)
    )
    app.add_middleware(Envelope, counts=counts, rehearsed=rehearsed, new_id=service.new_id)
    return app


def create_health_app(service: HttpService) -> FastAPI:
    """The ASGI application of a process that answers nothing of the record: how it is doing."""
    app = FastAPI(title="transfer", docs_url=None, redoc_url=None, openapi_url=None)
    counts = RequestCounts()
    app.router.routes.extend(health.routes(service, counts).routes)
    rehearsed = service.rehearsal.edition if service.rehearsal else None
    errors.install(app, rehearsed)
    app.add_middleware(Envelope, counts=counts, rehearsed=rehearsed, new_id=service.new_id)
    return app


def roles_of(route: APIRoute) -> frozenset[Role] | None:
    """The roles that a route serves; empty: everybody; `None`: it does not say."""
    for dependant in route.dependant.dependencies:
        if isinstance(dependant.call, Allow):
            return dependant.call.roles
        if dependant.call is open_to_all:
            return frozenset()
    return None


def granted_roles_of(route: APIRoute) -> frozenset[Role]:
    """The roles that a route serves too, for what is in their reach."""
    return frozenset[Role]().union(
        *(
            each.call.reach.granted
            for each in route.dependant.dependencies
            if isinstance(each.call, Allow)
        )
    )


def _own_description(app: FastAPI) -> APIRouter:
    router = APIRouter(dependencies=[Depends(open_to_all)])
    written: list[bytes] = []

    @router.get("/openapi.json", include_in_schema=False)
    async def describe() -> Response:
        if not written:
            written.append(json.dumps(openapi_of(app)).encode())
        return Response(written[0], media_type="application/json")

    return router


def openapi_of(app: FastAPI) -> Schema:
    """The OpenAPI document of the application."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        servers=[{"url": "/", "description": "The service that answers this"}],
    )
    components: Schema = document.setdefault("components", {})
    schemas: Schema = components.setdefault("schemas", {})
    # Made by FastAPI for the answers that it would give itself; ours are problems.
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas |= models_json_schema(
        [(model, "validation") for model in app.state.bodies], ref_template=_REF
    )[1]["$defs"]
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                _finish(document["paths"][route.path_format][method.lower()], route)
    document["tags"] = _tags_of(document["paths"])
    without_unused_schemas(document)
    return document


def _tags_of(paths: Schema) -> list[Schema]:
    """Every tag that an address has, with what it is about."""
    used = (
        tag for path in paths.values() for operation in path.values() for tag in operation["tags"]
    )
    return [{"name": tag, "description": _TAGS.get(tag, "")} for tag in dict.fromkeys(used)]


def _by_status(*names: str) -> Schema:
    return {str(status): told for status, told in problems(*names).items()}


_GRANTED = {
    Role.STAFF: "the caller's own record",
    Role.UNION: "members who have appointed the caller",
    Role.DISPUTE: "the people and days of a case of the caller's",
}
"""The people whom a restricted role may read."""


def _finish(operation: Schema, route: APIRoute) -> None:
    roles = roles_of(route)
    responses: Schema = operation["responses"]
    if "HTTPValidationError" in json.dumps(responses.get("422", {})):
        del responses["422"]
    # Whatever the address, before anything of it is read.
    responses.update(_by_status("not-http"))
    given = granted_roles_of(route)
    if not roles and not given:
        operation["security"] = []
        return
    if any(isinstance(each.call, Reads) for each in route.dependant.dependencies):
        operation.setdefault("parameters", []).append(_REASON_HEADER)
    if any(isinstance(each.call, UpTo) for each in route.dependant.dependencies):
        operation.setdefault("parameters", []).append(SEEN_SENT)
    allowed = [", ".join(sorted(f"`{role}`" for role in roles))] if roles else []
    allowed += [f"`{role}` for {whose}" for role, whose in _GRANTED.items() if role in given]
    operation["description"] = (
        f"{operation.get('description', '')}\n\nFor {', and '.join(allowed)}."
    )
    operation["security"] = [{"bearer": []}]
    responses.update(_by_status("not-identified", "not-allowed", "unavailable"))
