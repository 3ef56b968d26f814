"""A whole service in this process, asked over HTTP: the API's own fixtures."""

from tests.api.conftest import api, record, service, settings

__all__ = ["api", "record", "service", "settings"]
