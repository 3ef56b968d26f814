"""A connection for each test."""

from tests.support.fixtures import conn

__all__ = ["conn"]
