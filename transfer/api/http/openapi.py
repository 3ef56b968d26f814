"""How routes are documented in /openapi.json: bodies, answers, headers and problems."""

from collections.abc import Iterator
from typing import Any, TypedDict

from pydantic import BaseModel, WithJsonSchema

from transfer.api.http.last_seen import SEEN
from transfer.api.http.problems import MEDIA_TYPE, PROBLEM_TYPES, ProblemDocument

Schema = dict[str, Any]
"""A piece of an OpenAPI document: JSON of any shape."""


class Documented(TypedDict):
    """What the decorator of a route is given besides its path."""

    status_code: int
    response_model: None
    responses: dict[int | str, Schema]
    openapi_extra: Schema


_HEADERS: list[Schema] = [
    {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        "description": "1 to 255 printable characters. The same key with the same body answers "
        "what it answered first and writes nothing; with another body it is 422.",
    },
    {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "schema": {"type": "string", "examples": ['"3"']},
        "description": "The version that you rely on, as ETag gave it. A stale one is 412.",
    },
]

_SEEN_TOLD: Schema = {
    SEEN: {
        "description": "Up to when the caller has seen the record. Send it back with a read, and "
        "the answer has this write, whichever process gives it. Missing where nothing was "
        "written that a read could be too early for.",
        "schema": {"type": "string"},
    },
}

SEEN_SENT: Schema = {
    "name": SEEN,
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "As the answer to a write gave it: the read waits for that write, a second at "
    "most. What no write on this record gave is 422.",
}
"""The header of a read that waits for what its caller has seen."""


def writes(
    body: type[BaseModel],
    answer: type[BaseModel],
    *refused_as: str,
    status: int = 201,
    already: str | None = None,
    versioned: bool = True,
) -> Documented:
    """The documentation of a write; `already` says what is answered where it has nothing to add.

    `versioned`: what is written has a version, on which a write may insist.
    """
    told = problems(
        "malformed", "key-reused", "stale-version", "too-large", "clocks-disagree", *refused_as
    )
    responses: dict[int | str, Schema] = {
        status: {
            "model": answer,
            "description": "On record",
            "headers": {
                "ETag": {"description": "The version", "schema": {"type": "string"}},
                **_SEEN_TOLD,
            },
        },
        **told,
    }
    if already is not None:
        responses[200] = {"model": answer, "description": already, "headers": _SEEN_TOLD}
    return Documented(
        status_code=status,
        response_model=None,
        responses=responses,
        openapi_extra={
            "parameters": _HEADERS if versioned else _HEADERS[:1],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {"$ref": f"#/components/schemas/{body.__name__}"},
                        "example": example_of(body),
                    }
                },
            },
        },
    )


def example_of(body: type[BaseModel]) -> Schema:
    """A body as an example: each field that declares one, with the first that it declares."""
    shown: Schema = {}
    for name, declared in body.model_fields.items():
        schemas = [
            each.json_schema or {} for each in declared.metadata if isinstance(each, WithJsonSchema)
        ]
        examples = declared.examples or next((each.get("examples") for each in schemas), None)
        if examples:
            shown[name] = examples[0]
    return shown


def previewed(documented: Documented, preview: type[BaseModel]) -> Documented:
    """The documentation of a write that may be asked what it would change."""
    documented["responses"][200] = {"model": preview, "description": "With `preview=true`"}
    documented["responses"].update(problems("unavailable", "clocks-disagree"))
    return documented


def reads(answer: type[BaseModel], *refused_as: str) -> Documented:
    """The documentation of a read."""
    return Documented(
        status_code=200,
        response_model=None,
        responses={
            200: {"model": answer, "description": "As known at `known_at`"},
            **problems("malformed", "unavailable", *refused_as),
        },
        openapi_extra={},
    )


def problems(*names: str) -> dict[int | str, Schema]:
    """The documentation of these types of problem, by status."""
    by_status: dict[int, list[str]] = {}
    for name in names:
        kind = PROBLEM_TYPES[name]
        by_status.setdefault(kind.status, []).append(f"{kind.title} (`{kind.uri}`)")
    return {
        str(status): {
            "description": "; ".join(titles),
            "content": {
                MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}}
            },
        }
        for status, titles in by_status.items()
    }


def without_unused_schemas(document: Schema) -> None:
    """Leave out the schemas that nothing refers to, from the paths on."""
    schemas: Schema = document["components"]["schemas"]
    used: set[str] = set()
    waiting = list(_referred_to(document["paths"]))
    while waiting:
        name = waiting.pop()
        if name not in used and name in schemas:
            used.add(name)
            waiting += _referred_to(schemas[name])
    document["components"]["schemas"] = {name: schemas[name] for name in schemas if name in used}


def _referred_to(piece: object) -> Iterator[str]:
    """The names of the schemas that a piece of the document refers to."""
    match piece:
        case dict():
            named = piece.get("$ref")
            if isinstance(named, str):
                yield named.rpartition("/")[2]
            for each in piece.values():
                yield from _referred_to(each)
        case list():
            for each in piece:
                yield from _referred_to(each)
        case _:
            pass
