"""Who does whose work while they are away: handed over from a day to a day, both included.

It gives nobody a right that they did not have: it says on the work list for whom somebody works.
It lies beside the record and only grows, so that later it can be said who was to do what.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import psycopg
from psycopg.rows import DictRow

from transfer.core.refusals import Conflict, KeyReused, Malformed, NotOnRecord

_ONE_AT_A_TIME: Final = "LOCK TABLE hand_overs IN SHARE ROW EXCLUSIVE MODE"
_FOUND: Final = """
SELECT h.place, h.hand_over, h.recorded_at, h.recorded_by, h.away, h.stands_in, h.first_day,
       h.last_day, e.ended_at, e.ended_by
FROM hand_overs AS h LEFT JOIN ended_hand_overs AS e
  ON e.hand_over = h.hand_over AND e.ended_at <= %(known_at)s
WHERE h.recorded_at <= %(known_at)s
"""
_PAGE: Final = f"{_FOUND} AND h.place < %(before)s ORDER BY h.place DESC LIMIT %(limit)s"
_ON: Final = f"""{_FOUND}
AND h.first_day <= %(day)s AND h.last_day >= %(day)s AND e.ended_at IS NULL ORDER BY h.place
"""
_OF_THAT: Final = "SELECT asked FROM hand_overs WHERE hand_over = %(hand_over)s"
_ONE: Final = """
SELECT h.place, h.hand_over, h.recorded_at, h.recorded_by, h.away, h.stands_in, h.first_day,
       h.last_day, e.ended_at, e.ended_by
FROM hand_overs AS h LEFT JOIN ended_hand_overs AS e USING (hand_over)
WHERE h.hand_over = %(hand_over)s
"""
_IN_THE_WAY: Final = """
SELECT h.stands_in, h.first_day, h.last_day FROM hand_overs AS h
WHERE h.away = %(away)s AND h.first_day <= %(last_day)s AND h.last_day >= %(first_day)s
  AND NOT EXISTS (SELECT FROM ended_hand_overs AS e WHERE e.hand_over = h.hand_over)
ORDER BY h.first_day LIMIT 1
"""
_PUT: Final = """
INSERT INTO hand_overs (hand_over, recorded_at, recorded_by, away, stands_in, first_day, last_day,
                        asked)
VALUES (%(hand_over)s, %(recorded_at)s, %(recorded_by)s, %(away)s, %(stands_in)s, %(first_day)s,
        %(last_day)s, %(asked)s)
"""
_END: Final = """
INSERT INTO ended_hand_overs (hand_over, ended_at, ended_by)
VALUES (%(hand_over)s, %(ended_at)s, %(ended_by)s) ON CONFLICT DO NOTHING
"""

AFTER_ALL: Final = 2**63 - 1
"""A place after every hand-over's."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """`stands_in` does the work of `away`, from `first_day` to `last_day`; both are subjects of
    tokens. `ended_at` and `ended_by` say that it was ended before."""

    place: int
    hand_over: UUID
    recorded_at: datetime
    recorded_by: str
    away: str
    stands_in: str
    first_day: date
    last_day: date
    ended_at: datetime | None = None
    ended_by: str | None = None


class HandOvers:
    """The hand-overs of one record, over connections to its database."""

    def __init__(
        self, connect: Callable[[], AbstractContextManager[psycopg.Connection[DictRow]]]
    ) -> None:
        self._connect = connect

    def hand_over(
        self,
        id_: UUID,
        *,
        by: str,
        away: str,
        stands_in: str,
        first_day: date,
        last_day: date,
        at: datetime,
        today: date,
        asked: str = "",
    ) -> HandOver:
        """Put a hand-over on record; the one that there is, where `id_` is of it.

        Raises `Malformed` for days or people that cannot be, `Conflict` where the work of `away` is
        handed over on one of these days already, `KeyReused` where `id_` asked something else.
        """
        given = {
            "hand_over": id_,
            "recorded_at": at,
            "recorded_by": by,
            "away": away,
            "stands_in": stands_in,
            "first_day": first_day,
            "last_day": last_day,
            "asked": asked,
        }
        with self._connect() as connection, connection.transaction():
            connection.execute(_ONE_AT_A_TIME)
            before = connection.execute(_OF_THAT, given).fetchone()
            if before is None:
                _require_possible(away, stands_in, first_day, last_day, today)
                in_the_way = connection.execute(_IN_THE_WAY, given).fetchone()
                if in_the_way is not None:
                    raise _already(away, in_the_way)
                connection.execute(_PUT, given)
            elif before["asked"] != asked:
                raise KeyReused("this Idempotency-Key was used before, with another hand-over")
            return _one(connection, id_)

    def end(self, id_: UUID, *, by: str, at: datetime) -> HandOver:
        """End a hand-over before its last day, unless it has ended. Raises `NotOnRecord`."""
        with self._connect() as connection, connection.transaction():
            _one(connection, id_)
            connection.execute(_END, {"hand_over": id_, "ended_at": at, "ended_by": by})
            return _one(connection, id_)

    def found(self, known_at: datetime, *, limit: int, before: int = AFTER_ALL) -> list[HandOver]:
        """Every hand-over as known at K, the last recorded first, before that place."""
        given = {"known_at": known_at, "limit": limit, "before": before}
        with self._connect() as connection:
            return [HandOver(**row) for row in connection.execute(_PAGE, given)]

    def on(self, day: date, known_at: datetime) -> dict[str, HandOver]:
        """By who is away, the hand-over that runs on a day, as known at K."""
        with self._connect() as connection:
            rows = connection.execute(_ON, {"day": day, "known_at": known_at})
            return {row["away"]: HandOver(**row) for row in rows}


def _one(connection: psycopg.Connection[DictRow], id_: UUID) -> HandOver:
    row = connection.execute(_ONE, {"hand_over": id_}).fetchone()
    if row is None:
        raise NotOnRecord("no such hand-over on record")
    return HandOver(**row)


def _require_possible(
    away: str, stands_in: str, first_day: date, last_day: date, today: date
) -> None:
    if away == stands_in:
        raise Malformed("name somebody else than who is away", field="stands_in")
    if last_day < first_day:
        raise Malformed("it is before the first day", field="last_day")
    if last_day < today:
        raise Malformed(f"it is past: today is {today}", field="last_day")


def _already(away: str, row: DictRow) -> Conflict:
    days = f"from {row['first_day']} to {row['last_day']}"
    to = row["stands_in"]
    return Conflict(f"the work of {away} is handed over to {to} {days}: end that first")


def done_by(subject: str, away: Mapping[str, HandOver]) -> str:
    """Who does the work of somebody; `away` are the hand-overs of the day."""
    hand_over = away.get(subject)
    return subject if hand_over is None else hand_over.stands_in


def does_work_of(subject: str, away: Mapping[str, HandOver]) -> frozenset[str]:
    """Whose work somebody does: their own, unless they are away, and that of others who are."""
    others = {each for each, hand_over in away.items() if hand_over.stands_in == subject}
    return frozenset(others if subject in away else {subject, *others})
