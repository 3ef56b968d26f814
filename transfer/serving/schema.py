"""Waiting for a database that another process makes ready."""

from collections.abc import Callable
from time import sleep

import psycopg
import structlog

from deploy.migrate import pending

_LOOK_SECONDS = 1.0
_TOLD_EVERY = 30

_logger = structlog.get_logger(__name__)


def wait_for_schema(database_url: str, report: Callable[[str], None]) -> None:
    """Wait until the database answers and has every migration that this program knows.

    For as long as it takes: what is waited for is said, and logged twice a minute. Raises
    `SchemaRefused` for a schema that will never do, such as one of a newer program.
    """
    looks = 0
    while (missing := _missing(database_url)) is not None:
        report(missing)
        if looks % _TOLD_EVERY == 0:
            _logger.warning("waiting for the schema", why=missing)
        looks += 1
        sleep(_LOOK_SECONDS)


def _missing(database_url: str) -> str | None:
    try:
        left = pending(database_url)
    except psycopg.OperationalError as error:
        said = str(error).strip().partition("\n")[0]
        return f"waiting for the database: {said}"
    if not left:
        return None
    return f"waiting for {len(left)} migrations: run transfer migrate"
