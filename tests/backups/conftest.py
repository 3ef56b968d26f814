"""A record with people that backups are taken of."""

from tests.support.backed_up import begun

__all__ = ["begun"]
