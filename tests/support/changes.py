"""Facts that change a position."""

from __future__ import annotations

from datetime import date

from transfer.core.record.staff import PositionChanged
from transfer.core.words import MAIN, Facet


def change(
    start: date, end: date | None = None, assignment: str = MAIN, **values: str | None
) -> PositionChanged:
    changes = {Facet(name): value for name, value in values.items()}
    return PositionChanged(
        effective_from=start,
        effective_to=end,
        assignment=assignment,
        changes=changes,
        reason="r",
    )
