"""What a read model does that can be made from a long log faster than page by page.

Pages are for keeping up: each is one transaction beside readers. Whoever makes a read model from
nothing has empty tables that nobody reads yet, and may use several processes, COPY, and indexes
that are built at the end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Fill:
    """Empty tables to be filled, and from what.

    `schema` is where the tables are: put it first in the `search_path` of every connection that
    writes (`SET search_path = <schema>, public`); the log is in public. `until` is a position at
    the end of a command, from 1. `processes` is how many may work at once, this one included.
    `progress` is called now and then, in the calling process, with how many of the log's first
    `until` events have been dealt with so far: never falling, those of no interest included.
    """

    database_url: str
    schema: str
    until: int
    processes: int
    progress: Callable[[int], None]


@runtime_checkable
class FillsItself(Protocol):
    """A projection that can make its rows from the log by itself.

    Its connections are its own and may commit as they please: a fill that fails or is killed
    leaves rows that nobody reads, and whoever asked for it empties the tables before the next try.
    The position of the projection is not its business.
    """

    def fill(self, fill: Fill) -> None:
        """Write all rows of the log's first `until` events into the empty tables of `schema`.

        The rows are those that `apply` would have written, so that their digests are the same, and
        the tables' indexes and constraints are there, and valid, when it returns. Raises what
        `apply` would raise; what it began in other processes has then ended.
        """
