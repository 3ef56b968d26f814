"""The description of the API, as /openapi.json has it, without a record behind it.

python -m tests.support.describing >openapi.json
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from fastapi import FastAPI
from fastapi.routing import APIRoute

from transfer.access.identity import Identity
from transfer.access.last_seen import LastSeen
from transfer.api.application import create_app, openapi_of
from transfer.api.http_service import HttpService
from transfer.commands.matter_worlds import Worlds
from transfer.commands.office import Office
from transfer.kinds import KNOWN
from transfer.notices.kept import KeptNotices


def description() -> dict[str, Any]:
    """The document, for the caller alone: the routes are made once, and none of them is asked."""
    found: dict[str, Any] = json.loads(_made())
    return found


def operations() -> list[tuple[str, str]]:
    """The method and the address of everything that is described, without making the document."""
    routes = [each for each in described()[1].routes if isinstance(each, APIRoute)]
    return [
        (method.lower(), each.path_format)
        for each in routes
        if each.include_in_schema
        for method in sorted(each.methods or ())
    ]


@cache
def _made() -> str:
    return json.dumps(openapi_of(described()[1]))


@cache
def described() -> tuple[HttpService, FastAPI]:
    """The application that is described, and the service that it asks."""
    service = HttpService(
        # Asked for its log while routes are made; nothing is read from it.
        office=cast(Office, SimpleNamespace(log=None, spelled=str)),
        worlds=cast(Worlds, None),
        kinds=KNOWN.kinds,
        identity=cast(Identity, None),
        clock=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        new_id=lambda: UUID(int=0),
        notices=cast(KeptNotices, None),
        last_seen=LastSeen(bytes(32)),
        projections=(),
        version="0",
    )
    return service, create_app(service)


if __name__ == "__main__":
    json.dump(description(), sys.stdout)
