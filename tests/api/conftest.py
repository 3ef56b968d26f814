"""A service's API without sockets."""

from tests.support.serving import api, record, service, settings, shared

__all__ = ["api", "record", "service", "settings", "shared"]
