"""A log, a connection and an office for each test."""

from tests.support.fixtures import conn, log, office

__all__ = ["conn", "log", "office"]
