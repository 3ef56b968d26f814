"""A whole service in this process, asked over HTTP."""

from tests.support.serving import api, record, service, settings

__all__ = ["api", "record", "service", "settings"]
