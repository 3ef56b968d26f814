"""A person's history as the lanes of its picture: what each event changed, and on which days."""

from collections.abc import Iterable

from transfer.core.words import MAIN
from transfer.questions.history import HistoryItem, ValueChanged
from transfer.web.frame.wording import facet_text, fact_text
from transfer.web.pictures.lanes import Bar, Lane


def lanes_of(items: Iterable[HistoryItem]) -> tuple[Lane, ...]:
    """A lane for each event that changed a value; other events change nothing to be drawn.

    An event that took the place of another, or took it away, is marked as a correction.
    """
    return tuple(
        Lane(
            item.recorded_at,
            fact_text(item.type),
            tuple(_bar(change) for change in item.changed),
            correction=item.replaced is not None,
        )
        for item in items
        if item.changed
    )


def _bar(change: ValueChanged) -> Bar:
    name = facet_text(change.facet.value if change.facet else change.term or "")
    other_job = change.assignment not in (None, MAIN)
    return Bar(
        f"{name} ({change.assignment})" if other_job else name,
        "no value" if change.after is None else change.after,
        change.effective_from,
        change.effective_to,
        was=change.before,
    )
