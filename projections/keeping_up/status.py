"""Where every read model stands: what the doctor, the health checks and the metrics tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg.rows import tuple_row

from projections.keeping_up.copying import Conn
from projections.keeping_up.horizon import Horizon, horizon
from projections.rebuilding.side_tables import UnderWay, rebuild_under_way


@dataclass(frozen=True, slots=True)
class ProjectionStatus:
    """One projection: how far it has seen the log, and what is in its way.

    `lag` counts the events that it has not seen; `waiting_since` is the instant of the first of
    them (`None`: there is none). `rebuild` is one that is under way for it.
    """

    name: str
    seen: Horizon
    lag: int
    waiting_since: datetime | None
    rebuild: UnderWay | None

    @property
    def failed(self) -> bool:
        """Whether it stands still before an event that it cannot take."""
        return self.seen.failure is not None

    def seconds_behind(self, now: datetime) -> float:
        """How long the first event that it has not seen has been waiting, in seconds."""
        if self.waiting_since is None:
            return 0.0
        return max(0.0, (now - self.waiting_since).total_seconds())


def statuses(conn: Conn, names: Sequence[str]) -> list[ProjectionStatus]:
    """Where these projections stand, in that order."""
    rebuild = rebuild_under_way(conn)
    found = []
    with conn.cursor(row_factory=tuple_row) as cursor:
        for name in names:
            seen = horizon(conn, name)
            row = cursor.execute(
                "SELECT last_position,"
                " (SELECT recorded_at FROM events WHERE notification_id = %(next)s)"
                " FROM log_head",
                {"next": seen.position + 1},
            ).fetchone()
            if row is None:
                raise LookupError("the log has lost its head row")
            waiting_since: datetime | None = row[1]
            found.append(
                ProjectionStatus(
                    name,
                    seen,
                    max(0, row[0] - seen.position),
                    waiting_since and waiting_since.astimezone(UTC),
                    rebuild if rebuild is not None and rebuild.name == name else None,
                )
            )
    return found
