"""A record with people that backups are taken of, and the services of a test."""

from tests.support.backed_up import begun, lasting
from tests.support.service_process import services

__all__ = ["begun", "lasting", "services"]
