"""A copy of a database's files is read by PostgreSQL's programs of the same version alone."""

from deploy.postgres_binaries import find_binaries, major_version
from transfer.core.refusals import Conflict


def require_programs(of: int, what: str) -> None:
    """Refuse where the programs here are not of the major version that a copy needs.

    `what` says whose version that is. Raises `Conflict`, and `EngineError` where there are none.
    """
    ours = major_version(find_binaries(None, lambda _: None))
    if of != ours:
        raise Conflict(
            f"{what} is of PostgreSQL {of}, and the programs here are {ours}: name those of a "
            f"PostgreSQL {of} in TRANSFER_PG_BIN"
        )
