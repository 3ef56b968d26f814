"""The engines of one service under one data folder: PostgreSQL and Temporal, started and stopped.

    folder = DataFolder.open(Path(".transfer"))
    with folder.hold("transfer serve"), start_engines(folder, temporal="service") as engines:
        ...

Both start at the same time and stop at the same time. An address given from outside takes the place
of that engine: nothing is started for it, and nothing under DIR belongs to it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from deploy.data_folder import DataFolder
from deploy.postgres import start_postgres
from deploy.processes import Child, Report
from deploy.temporal_server import TemporalServer, start_rehearsal, start_service

TemporalKind = Literal["none", "service", "rehearsal"]


@dataclass(frozen=True)
class Engines:
    """What is running, and how to reach it.

    Attributes:
        database_url: for psycopg, good in any process of the same user.
        temporal_address: `host:port`, or None where none was asked for.
        temporal_identity: the name of Temporal's memory (see `deploy.temporal_server`): a position
            in the log kept under another name means nothing to it. None for a server from outside,
            and without one.
        temporal_is_new: that memory is empty: first start, or it was deleted.
    """

    database_url: str = field(repr=False)
    temporal_address: str | None
    temporal_identity: str | None = None
    temporal_is_new: bool = False
    _children: tuple[Child, ...] = field(default=(), repr=False, compare=False)

    def died(self) -> str | None:
        """None while every engine that we started runs; otherwise why not, for the user.

        Cheap, and callable from any thread: ask it about twice a second.
        """
        for child in self._children:
            if (why := child.died()) is not None:
                return why
        return None

    def pids(self) -> dict[str, int]:
        """The first process of each engine that we started, by the engine's name."""
        return {child.name: child.pid for child in self._children}


@contextlib.contextmanager
def start_engines(
    folder: DataFolder,
    *,
    temporal: TemporalKind,
    durable: bool = True,
    database_url: str | None = None,
    temporal_address: str | None = None,
    report: Report = lambda _: None,
) -> Iterator[Engines]:
    """Run the engines until the block ends; afterwards none of their processes is left.

    Args:
        folder: held by us (`DataFolder.hold`), unless both engines come from outside.
        temporal: which server to start: none, the durable one, or the time-skipping one.
        durable: False lets PostgreSQL lose everything when the machine stops, for tests.
        database_url: a PostgreSQL from outside, used instead of our own.
        temporal_address: a Temporal from outside, used instead of our own.
        report: told in a few words what is being waited for.

    Raises:
        EngineError: an engine does not start, with the end of its log and what to do.
        RuntimeError: the folder is not held, or not called from the main thread.
    """
    ours = temporal if temporal_address is None else "none"
    if not folder.held and (database_url is None or ours != "none"):
        raise RuntimeError("start_engines() needs the folder held")
    with contextlib.ExitStack() as stack:
        server: TemporalServer | None = None
        if ours != "none":
            server = start_service(folder, report) if ours == "service" else start_rehearsal(folder)
            stack.callback(server.stop)
        children: list[Child] = []
        if database_url is None:
            postgres = stack.enter_context(
                start_postgres(folder, durable=durable, report=report),
            )
            database_url = postgres.database_url
            children.append(postgres.child)
        if server is None:
            yield Engines(database_url, temporal_address, _children=tuple(children))
            return
        report("waiting for Temporal")
        identity = server.wait_ready()
        # Told first, waited for last: PostgreSQL stops in between.
        stack.callback(server.ask_to_stop)
        yield Engines(
            database_url,
            server.address,
            identity.name,
            identity.is_new,
            (*children, server.child),
        )
