"""The server that `over_http` asks: the program's own API, with one route more.

    python -m tests.benchmarks.server DATABASE_URL FOLDER

Prints its port and its tokens as JSON when it answers, and ends with its standard input.
"""

import asyncio
import json
import socket
import sys
from pathlib import Path

import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Response
from pydantic import BaseModel

from deploy.data_folder import DataFolder
from tests.benchmarks.over_http import CONSTANT
from transfer.access.identity import Limits, Role
from transfer.api.application import create_app
from transfer.api.http.connections import Connections, most_connections
from transfer.api.http_service import HttpService
from transfer.app import embedded_identity, http_service_of, open_record
from transfer.settings import Settings

_TTL_SECONDS = 3600


class Constant(BaseModel):
    """The answer that is always the same."""

    answer: str = "constant"


def add_constant(app: FastAPI, service: HttpService) -> None:
    """A route like any read of ours that asks the database nothing."""
    router = APIRouter(dependencies=[Depends(service.allow(Role.ADMIN, Role.AUDIT))])

    @router.get(CONSTANT)
    def read_constant() -> Response:
        return service.answer(Constant())

    app.router.routes.extend(router.routes)


async def _serve(app: FastAPI, listening: socket.socket, ready: str) -> None:
    # As the service is set up (transfer.service).
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=Connections(0, most_connections()).protocol(),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    sys.stdout.write(ready + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await serving


def main(database_url: str, path: str) -> None:
    """Serve until the standard input ends."""
    folder = DataFolder.open(Path(path))
    settings = Settings(data=folder.path)
    identity = embedded_identity(folder, settings)
    token = identity.issue("benchmark", Role.ADMIN, _TTL_SECONDS)
    with (
        # Said to be TCP's, as the service says it: else asyncio lets answers wait for each other.
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening,
        open_record(database_url, folder, pool_size=24) as record,
    ):
        listening.bind(("127.0.0.1", 0))
        service = http_service_of(record, identity, settings)
        app = create_app(service)
        add_constant(app, service)
        limits = Limits(employers=frozenset({"an employer of nobody"}))
        told = {
            "port": listening.getsockname()[1],
            "token": token,
            "representative": identity.issue("rep", Role.UNION, _TTL_SECONDS),
            "limited": identity.issue("limited", Role.ADMIN, _TTL_SECONDS, limits=limits),
        }
        ready = json.dumps(told)
        asyncio.run(_serve(app, listening, ready))


if __name__ == "__main__":
    main(*sys.argv[1:])
