"""Waiting for the log to grow: one listening connection, any number of waiters."""

import socket
from selectors import EVENT_READ, DefaultSelector
from threading import Condition, Event, Thread

import psycopg

# How long the thread waits before it tries a broken connection again.
_RECONNECT_SECONDS = 0.2


class HeadListener:
    """Knows the log's last position as soon as it is committed.

    The thread starts with the first wait. It reads the position after each (re)connection, so
    nothing that was committed while it was away is missed.
    """

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._moved = Condition()
        self._position = 0
        self._stopping = Event()
        self._to_stop, self._is_to_stop = socket.socketpair()
        self._thread: Thread | None = None

    def wait_past(self, position: int, timeout: float) -> bool:
        """Whether the log has grown past `position`, waiting up to `timeout` seconds for it.

        `False` also when the log is being closed.
        """
        with self._moved:
            if self._thread is None and not self._stopping.is_set():
                self._thread = Thread(target=self._listen, name="log-listener", daemon=True)
                self._thread.start()
            self._moved.wait_for(
                lambda: self._position > position or self._stopping.is_set(), timeout
            )
            return self._position > position

    def close(self) -> None:
        """Wake every waiter and end the thread."""
        self._stopping.set()
        self._to_stop.close()
        with self._moved:
            self._moved.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()
        self._is_to_stop.close()

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                with psycopg.connect(self._conninfo, autocommit=True) as connection:
                    self._follow(connection)
            except psycopg.OperationalError:
                # The server has gone, or is not back yet; waiters keep waiting.
                self._stopping.wait(_RECONNECT_SECONDS)

    def _follow(self, connection: psycopg.Connection) -> None:
        connection.execute("LISTEN events")
        head = connection.execute("SELECT last_position FROM log_head").fetchone()
        if head is not None:
            self._reached(head[0])
        with DefaultSelector() as either:
            either.register(connection, EVENT_READ)
            either.register(self._is_to_stop, EVENT_READ)
            while not self._stopping.is_set():
                # Before it waits: with an answer notifications may have come, too.
                for notification in connection.notifies(timeout=0):
                    self._reached(int(notification.payload))
                either.select()

    def _reached(self, position: int) -> None:
        with self._moved:
            if position > self._position:
                self._position = position
                self._moved.notify_all()
