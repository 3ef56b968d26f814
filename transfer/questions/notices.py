"""Which notices were sent outside, which wait, and which could not be sent and why?

A notice is about one person and says nothing of them. Whether it was sent is read from the table of
notices (`transfer.notices.kept`); nothing is kept for this list.
"""

from collections.abc import Collection
from datetime import datetime

from projections.keeping_up.cursors import malformed_cursor, read_cursor, write_cursor
from transfer.core.dating.instants import Instant, print_instant
from transfer.core.refusals import Malformed
from transfer.notices.kept import KeptNotice, KeptNotices, NoticeState
from transfer.notices.owed import LINKS, SAYS, NoticeKind
from transfer.questions.answer import Answer

MOST_LISTED = 1000


class NoticeShown(Answer):
    """A notice: to a member of staff or to somebody as their token names them, and how it stands.

    `says` and `link` are all that it tells, beside its reference. Instants are those of the
    machine's clock. `reason`: why it waits or could not be sent. `next_attempt_at` is null for one
    that is not tried again by itself; `sent_by` is what took it: `outbox` or `GOV.UK Notify`.
    """

    reference: str
    kind: NoticeKind
    staff_number: str | None
    subject: str | None
    says: str
    link: str
    state: NoticeState
    noted_at: Instant
    attempts: int
    next_attempt_at: Instant | None
    reason: str | None
    sent_at: Instant | None
    sent_by: str | None


class NoticesFound(Answer):
    """A page of notices, the last noted first."""

    items: tuple[NoticeShown, ...]
    next_cursor: str | None


def notices(
    kept: KeptNotices,
    *,
    states: Collection[NoticeState] = (),
    reference: str | None = None,
    only_subject: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> NoticesFound:
    """The notices in some states, or the one of a reference.

    `only_subject` leaves out those to other subjects. Raises `Malformed` for a limit or a cursor
    that is none.
    """
    if not 1 <= limit <= MOST_LISTED:
        raise Malformed(f"{limit} is not between 1 and {MOST_LISTED}", field="limit")
    found = kept.found(
        limit=limit + 1,
        states=states,
        reference=reference,
        only_subject=only_subject,
        after=None if cursor is None else _place_of(cursor),
    )
    page = found[:limit]
    return NoticesFound(
        items=tuple(map(_shown, page)),
        next_cursor=_cursor_of(page[-1]) if len(found) > limit else None,
    )


def _shown(found: KeptNotice) -> NoticeShown:
    waits = found.state in (NoticeState.WAITING, NoticeState.NO_ADDRESS)
    return NoticeShown(
        reference=found.reference,
        kind=found.kind,
        staff_number=found.staff_number,
        subject=found.subject,
        says=SAYS[found.kind],
        link=LINKS[found.kind],
        state=found.state,
        noted_at=found.noted_at,
        attempts=found.attempts,
        next_attempt_at=found.next_attempt_at if waits else None,
        reason=found.reason,
        sent_at=found.sent_at,
        sent_by=found.sent_by,
    )


def _cursor_of(last: KeptNotice) -> str:
    return write_cursor((print_instant(last.noted_at), last.reference))


def _place_of(cursor: str) -> tuple[datetime, str]:
    instant, reference = read_cursor(cursor, 2)
    try:
        found = datetime.fromisoformat(instant)
    except ValueError:
        raise malformed_cursor() from None
    if found.tzinfo is None:
        raise malformed_cursor()
    return found, reference
