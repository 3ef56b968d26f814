"""A record with its projections kept up."""

from tests.support.serving import record

__all__ = ["record"]
