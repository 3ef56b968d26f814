"""A whole service in this process, asked over HTTP: the API's own fixtures."""

from tests.api.conftest import api, desk, record, settings

__all__ = ["api", "desk", "record", "settings"]
