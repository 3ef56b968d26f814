"""The data folder of a service, and the services of a test."""

from tests.support.service_process import data, services

__all__ = ["data", "services"]
