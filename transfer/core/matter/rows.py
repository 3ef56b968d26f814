"""What whoever keeps rows of the book has to know: which dues to read first, and what has changed.

Rows are kept page by page, in the order in which facts were recorded (`Book.keeps_rows`). Where a
fact counts from an earlier day, or is undone, `difference` gives the rows instead.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from transfer.core.matter.book import (
    MILESTONE,
    Book,
    By,
    Closes,
    ClosesAll,
    Due,
    Effect,
    Ended,
    Forms,
    Moves,
    Opens,
    Published,
    Row,
    slot_of,
)
from transfer.core.matter.words import Outcome, Slot, Whom


def touched(whom: Whom, effects: Iterable[Effect]) -> Iterator[Slot]:
    """The slots that these effects may change."""
    for effect in effects:
        match effect:
            case Opens() | Moves():
                yield slot_of(whom, effect.what, effect.about)
            case Closes():
                yield slot_of(whom, effect.what, effect.about or "")
            case Forms() | ClosesAll():
                pass


def whose(whom: Whom, group: str | None) -> tuple[Whom, ...]:
    """Whose dues a book has to know before it takes effects that are about `whom`; `group` is the
    person's.

    Whoever keeps rows page by page knows all that is due to these, then what hangs on a slot that
    may change (`touched`, `hangs_on`), then all that is due to those whose that is.
    """
    shared = () if group is None else (Whom(whom.matter, group),)
    return whom, *shared, Whom(whom.matter)


def difference(before: Book, after: Book, by: By) -> tuple[Row, ...]:
    """The rows that lead from one book to another: where a fact counts from an earlier day, or is
    undone, its own effects do not say what becomes of what followed."""
    then = {due.slot: due for due in before.everything()}
    now = {due.slot: due for due in after.everything()}
    rows: list[Row] = []
    for slot in [*then, *(slot for slot in now if slot not in then)]:
        old, new = then.get(slot), now.get(slot)
        if _reads(before, old) == _reads(after, new):
            continue
        if old is not None and old.outcome is not Outcome.SUPERSEDED:
            rows.append(Ended(slot, Outcome.SUPERSEDED, None, by.event_id))
        if new is not None:
            on, later = after.days(new)
            rows.append(Published(replace(new, opened_by=by.event_id), on, later))
            if new.outcome is not None:
                rows.append(Ended(slot, new.outcome, new.outcome_on, by.event_id))
    return tuple(rows)


def _reads(book: Book, due: Due | None) -> tuple[object, ...] | None:
    return None if due is None else (book.days(due), due.outcome, due.outcome_on)


def hangs_on(due: Due, slot: Slot, group: str | None = None) -> bool:
    """Whether the day of what is due hangs on what is due in a slot; `group` is the person's."""
    on = due.when.hangs_on
    if on is None or slot.matter != due.slot.matter:
        return False
    if slot[1:4] == (None, None, MILESTONE):
        return slot.about in (on.milestone, *on.after)
    theirs = slot[:3] == due.slot[:3] or (slot.group is not None and slot.group == group)
    return theirs and slot.what in (*on.day_after, *on.once_done)
