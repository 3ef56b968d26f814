"""The table of notices: each noted once, claimed by one sender at a time, kept with what became of
it.

A claim lasts a few minutes and is on record before anything is sent. Who is killed in between
leaves a notice in doubt: the next to claim it asks the courier first whether it was taken. Times of
attempts go by the database's own clock, also in a practice, whose clock stands.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import psycopg
from psycopg.rows import DictRow

from transfer.notices.owed import NoticeKind, Owed

_LEASE: Final = timedelta(minutes=5)
"""For how long a notice is one sender's: longer than any attempt takes."""

_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(hours=6)
_WITHOUT_ADDRESS_PAUSE: Final = timedelta(minutes=15)
_REFERENCE_BYTES: Final = 10

_POSITION: Final = "SELECT position FROM notices_position FOR UPDATE SKIP LOCKED"
_MOVE: Final = "UPDATE notices_position SET position = %s"
_NOTE: Final = """
INSERT INTO notices AS n (reference, kind, staff_number, subject)
VALUES (%(reference)s, %(kind)s, %(staff_number)s, %(subject)s)
ON CONFLICT (reference) DO UPDATE SET state = 'waiting', reason = NULL
WHERE n.state = 'not-needed'
"""
_NOT_NEEDED: Final = """
UPDATE notices SET state = 'not-needed', reason = %(reason)s
WHERE kind = ANY(%(kinds)s) AND state IN ('waiting', 'no-address') AND NOT in_doubt
  AND reference <> ALL(%(owed)s)
"""
_CLAIM: Final = """
UPDATE notices AS n SET next_attempt_at = clock_timestamp() + %(lease)s, in_doubt = true
FROM (SELECT reference, in_doubt FROM notices
      WHERE state IN ('waiting', 'no-address') AND next_attempt_at <= clock_timestamp()
      ORDER BY next_attempt_at, reference LIMIT 1 FOR UPDATE SKIP LOCKED) AS due
WHERE n.reference = due.reference
RETURNING n.reference, n.kind, n.staff_number, n.subject, n.attempts, due.in_doubt
"""
_SENT: Final = """
UPDATE notices SET state = 'sent', sent_at = clock_timestamp(), sent_by = %(by)s, in_doubt = false,
                   reason = NULL, attempts = attempts + 1
WHERE reference = %(reference)s AND state IN ('waiting', 'no-address')
"""
_LATER: Final = """
UPDATE notices SET state = %(state)s, reason = %(reason)s, in_doubt = %(in_doubt)s,
                   next_attempt_at = clock_timestamp() + %(pause)s, attempts = attempts + %(tried)s
WHERE reference = %(reference)s AND state IN ('waiting', 'no-address')
"""
_FAILED: Final = """
UPDATE notices SET state = 'failed', reason = %(reason)s, in_doubt = false, attempts = attempts + 1
WHERE reference = %(reference)s AND state IN ('waiting', 'no-address')
"""
_AGAIN: Final = """
UPDATE notices SET state = 'waiting', next_attempt_at = clock_timestamp()
WHERE state = 'failed'
   OR (state IN ('waiting', 'no-address') AND NOT in_doubt AND next_attempt_at > clock_timestamp())
"""
_PAGE: Final = """
SELECT reference, kind, staff_number, subject, noted_at, state, attempts, next_attempt_at, reason,
       sent_at, sent_by
FROM notices
WHERE (cardinality(%(states)s::text[]) = 0 OR state = ANY(%(states)s))
  AND (%(reference)s::text IS NULL OR reference = %(reference)s)
  AND (NOT %(is_limited)s OR staff_number IS NOT NULL OR subject = %(subject)s)
  AND (%(noted_at)s::timestamptz IS NULL
       OR (noted_at, reference) < (%(noted_at)s::timestamptz, %(after)s))
ORDER BY noted_at DESC, reference DESC LIMIT %(limit)s
"""
_STANDING: Final = """
SELECT state, count(*) AS notices,
       extract(epoch FROM clock_timestamp() - min(noted_at))::float8 AS oldest_seconds
FROM notices GROUP BY state
"""


class NoticeState(StrEnum):
    """Where a notice stands."""

    WAITING = "waiting"
    NO_ADDRESS = "no-address"
    SENT = "sent"
    FAILED = "failed"
    NOT_NEEDED = "not-needed"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notice to be sent now, and by this sender alone. `in_doubt`: it may have been sent."""

    reference: str
    kind: NoticeKind
    staff_number: str | None
    subject: str | None
    attempts: int
    in_doubt: bool

    @property
    def to(self) -> str:
        """Whom the address book is asked for."""
        return self.staff_number or self.subject or ""


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """A notice as it stands. Instants are those of the machine's clock, also in a practice."""

    reference: str
    kind: NoticeKind
    staff_number: str | None
    subject: str | None
    noted_at: datetime
    state: NoticeState
    attempts: int
    next_attempt_at: datetime
    reason: str | None
    sent_at: datetime | None
    sent_by: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How many notices stand in a state, and for how many seconds the oldest of them is noted."""

    notices: int
    oldest_seconds: float


def reference_of(owed: Owed, key: bytes) -> str:
    """The reference of a notice: sixteen letters and digits in fours, as people read them out.

    The same owed again has the same; without the record's `key` it says nothing of what is owed.
    """
    said = "\0".join((owed.kind, owed.staff_number or "", owed.subject or "", owed.about))
    digest = hmac.digest(key, said.encode(), hashlib.sha256)
    letters = base64.b32encode(digest[:_REFERENCE_BYTES]).decode()
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


class KeptNotices:
    """The notices of one record, over connections to its database; `key` makes the references."""

    def __init__(
        self,
        connect: Callable[[], AbstractContextManager[psycopg.Connection[DictRow]]],
        key: bytes,
    ) -> None:
        self._connect = connect
        self._key = key

    # --- what is owed ---------------------------------------------------------------------------

    @contextmanager
    def reading_on(self) -> Iterator["ReadingOn | None"]:
        """How far the log was read, locked until the block ends; `None` while another reads on."""
        with self._connect() as connection, connection.transaction():
            row = connection.execute(_POSITION).fetchone()
            yield None if row is None else ReadingOn(connection, self._key, row["position"])

    def note_days(self, owed: Iterable[Owed], kinds: Iterable[NoticeKind]) -> int:
        """Note all that is owed of kinds that are owed by a day; answers how many are new.

        One of these kinds that waits and is not among them any more is not needed.
        """
        with self._connect() as connection, connection.transaction():
            references = _note(connection, self._key, owed)
            given = {
                "kinds": list(kinds),
                "owed": list(references),
                "reason": "Its day has passed, or nothing is to be done any more",
            }
            connection.execute(_NOT_NEEDED, given)
            return sum(references.values())

    # --- sending --------------------------------------------------------------------------------

    def claim(self) -> Claimed | None:
        """The next notice to send, for this sender alone; `None` where none is to be sent now."""
        with self._connect() as connection:
            row = connection.execute(_CLAIM, {"lease": _LEASE}).fetchone()
        return None if row is None else Claimed(**row | {"kind": NoticeKind(row["kind"])})

    def sent(self, claimed: Claimed, by: str) -> None:
        """A courier has taken it."""
        self._mark(_SENT, {"reference": claimed.reference, "by": by})

    def failed(self, claimed: Claimed, reason: str) -> None:
        """No courier will ever take it as things stand."""
        self._mark(_FAILED, {"reference": claimed.reference, "reason": reason})

    def later(self, claimed: Claimed, reason: str, *, in_doubt: bool) -> None:
        """Try again after a pause that grows; in doubt, the courier is asked first."""
        pause = min(_FIRST_PAUSE * 2 ** min(claimed.attempts, 16), _LONGEST_PAUSE)
        self._later(claimed, NoticeState.WAITING, reason, pause, in_doubt=in_doubt, tried=1)

    def without_address(self, claimed: Claimed) -> None:
        """No address is known: it is looked up again, and nothing was tried."""
        self._later(
            claimed,
            NoticeState.NO_ADDRESS,
            None,
            _WITHOUT_ADDRESS_PAUSE,
            in_doubt=claimed.in_doubt,
            tried=0,
        )

    def again(self) -> int:
        """Let every notice that failed or pauses be tried now; answers how many."""
        with self._connect() as connection:
            return connection.execute(_AGAIN).rowcount

    def _later(
        self,
        claimed: Claimed,
        state: NoticeState,
        reason: str | None,
        pause: timedelta,
        *,
        in_doubt: bool,
        tried: int,
    ) -> None:
        given = {"state": state, "reason": reason, "pause": pause}
        rest = {"reference": claimed.reference, "in_doubt": in_doubt, "tried": tried}
        self._mark(_LATER, given | rest)

    def _mark(self, statement: str, given: dict[str, object]) -> None:
        with self._connect() as connection:
            connection.execute(statement.encode(), given)

    # --- looking --------------------------------------------------------------------------------

    def found(
        self,
        *,
        limit: int,
        states: Collection[NoticeState] = (),
        reference: str | None = None,
        only_subject: str | None = None,
        after: tuple[datetime, str] | None = None,
    ) -> list[KeptNotice]:
        """Notices, the last noted first; `states` keeps those that stand so.

        `only_subject` leaves out those to other subjects.
        """
        noted_at, last = after or (None, None)
        given = {
            "limit": limit,
            "states": list(states),
            "reference": reference,
            "is_limited": only_subject is not None,
            "subject": only_subject,
            "noted_at": noted_at,
            "after": last,
        }
        with self._connect() as connection:
            rows = connection.execute(_PAGE, given).fetchall()
        return [
            KeptNotice(
                **row | {"kind": NoticeKind(row["kind"]), "state": NoticeState(row["state"])}
            )
            for row in rows
        ]

    def standing(self) -> dict[NoticeState, Standing]:
        """How many notices stand where."""
        with self._connect() as connection:
            return standing_of(connection)


class ReadingOn:
    """The log is read on from `position`, by this reader alone."""

    def __init__(self, connection: psycopg.Connection[DictRow], key: bytes, position: int) -> None:
        self._connection = connection
        self._key = key
        self.position = position

    def note(self, owed: Iterable[Owed], position: int) -> int:
        """Note what is owed by facts up to a position; answers how many are new."""
        references = _note(self._connection, self._key, owed)
        self._connection.execute(_MOVE, (position,))
        self.position = position
        return sum(references.values())


def standing_of(connection: psycopg.Connection[DictRow]) -> dict[NoticeState, Standing]:
    """How many notices stand where, on a connection that is at hand."""
    rows = connection.execute(_STANDING).fetchall()
    return {
        NoticeState(row["state"]): Standing(row["notices"], row["oldest_seconds"]) for row in rows
    }


def _note(
    connection: psycopg.Connection[DictRow], key: bytes, owed: Iterable[Owed]
) -> dict[str, bool]:
    """The references of what is owed, and of each whether it is new."""
    noted: dict[str, bool] = {}
    # In one order, so that two who note the same wait for each other and never both ways.
    for reference, each in sorted((reference_of(each, key), each) for each in owed):
        given = {
            "reference": reference,
            "kind": each.kind,
            "staff_number": each.staff_number,
            "subject": each.subject,
        }
        noted[reference] = connection.execute(_NOTE, given).rowcount == 1
    return noted
