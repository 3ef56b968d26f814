"""Whether the database answers, known before somebody has to wait for it.

A service looks four times a second, on a connection kept for that. While the database does not
answer, requests for a connection are refused at once (`ServerAwayError`), so that a request is
answered within a second; as soon as it answers, everything goes on. Those who were waiting for it
when it fell silent wait two seconds more.
"""

import contextlib
import os
import socket
import threading
from time import monotonic
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo

from transfer.database_url import SHORT_CONNECT_SECONDS

SILENT_SECONDS: Final = 0.8
"""For how long a database may be silent before it counts as away."""

_CUT_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 0.25


class ServerAwayError(psycopg.OperationalError):
    """The database does not answer at the moment."""


class Availability:
    """Looks after one database from `start` to `close`; until it is started nothing is away.

    `lend` and `take_back` tell it of connections that somebody waits on: where the database is
    silent for long, they are cut, and those who wait go on with the error of a lost connection.
    """

    def __init__(self, database_url: str) -> None:
        self._conninfo = make_conninfo(database_url, connect_timeout=SHORT_CONNECT_SECONDS)
        self._asked_at: float | None = None
        self._failed = False
        self._lent: dict[int, psycopg.Connection[Any]] = {}
        self._stopping = threading.Event()
        self._threads: tuple[threading.Thread, ...] = ()

    @property
    def is_away(self) -> bool:
        """Whether the database refuses, or is silent to what it was asked."""
        return self._failed or self._is_silent(SILENT_SECONDS)

    def require(self) -> None:
        """Raise `ServerAwayError` where it is away."""
        if self.is_away:
            raise ServerAwayError("the database does not answer")

    def lend(self, connection: psycopg.Connection[Any]) -> None:
        """Somebody may wait on that connection from now on."""
        self._lent[id(connection)] = connection

    def take_back(self, connection: psycopg.Connection[Any]) -> None:
        """Nobody waits on it any more."""
        self._lent.pop(id(connection), None)

    def start(self) -> None:
        """Look from now on."""
        if not self._threads:
            self._threads = tuple(
                threading.Thread(target=each, name=name, daemon=True)
                for each, name in ((self._ask, "availability"), (self._watch, "silence"))
            )
            for thread in self._threads:
                thread.start()

    def close(self) -> None:
        """Look no more. What is under way with a silent server is left behind."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=SILENT_SECONDS)

    def _is_silent(self, seconds: float) -> bool:
        asked_at = self._asked_at
        return asked_at is not None and monotonic() - asked_at > seconds

    def _ask(self) -> None:
        while not self._stopping.is_set():
            self._asked_at = self._asked_at or monotonic()
            try:
                with psycopg.connect(self._conninfo, autocommit=True) as connection:
                    self._ask_on(connection)
            except psycopg.errors.ConnectionTimeout:
                self._failed = True  # and as silent as before
            except psycopg.Error:
                self._failed, self._asked_at = True, None
            self._stopping.wait(_LOOK_SECONDS)

    def _ask_on(self, connection: psycopg.Connection[Any]) -> None:
        """Ask again and again on one connection; raises what it fails with."""
        while not self._stopping.is_set():
            self._asked_at = self._asked_at or monotonic()
            connection.execute("SELECT")
            self._failed, self._asked_at = False, None
            self._stopping.wait(_LOOK_SECONDS)

    def _watch(self) -> None:
        while not self._stopping.wait(_LOOK_SECONDS):
            if self._is_silent(_CUT_SECONDS):
                for connection in list(self._lent.values()):
                    cut(connection)


def cut(connection: psycopg.Connection[Any]) -> None:
    """Let who waits on a connection see its end: the socket is shut, and closed by its user."""
    with contextlib.suppress(OSError, psycopg.Error):
        copy = socket.socket(fileno=os.dup(connection.fileno()))
        with contextlib.closing(copy):
            copy.shutdown(socket.SHUT_RDWR)
