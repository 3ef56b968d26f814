"""What somebody's concurrent jobs add up to, as parts of a full time.

Nobody works more than a full time, but a record may say so: two Trusts may each state their part,
and while one is being put right the other stands. What is recorded is never refused for that (no
value is checked against another record); it is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation

# Enough for every digit that an fte may have, so that nothing is rounded below a full time.
_EXACTLY = Context(prec=100)


@dataclass(frozen=True, slots=True)
class FullTime:
    """The sum of the parts, whether it is above one, and the jobs that state no part (or one that
    is no number), which the sum leaves out."""

    total: Decimal
    over_one: bool
    unstated: tuple[str, ...]


def add_up(parts: Mapping[str, str | None]) -> FullTime:
    """The parts of a full time of jobs, by assignment: decimals as text, `None` if not stated."""
    total = Decimal(0)
    unstated = []
    for assignment, fte in parts.items():
        part = _part(fte)
        if part is None:
            unstated.append(assignment)
        else:
            total = _EXACTLY.add(total, part)
    return FullTime(total, total > 1, tuple(unstated))


def plain(total: Decimal) -> str:
    """A sum in plain digits, without zeros that say nothing: `1.2`, `1`, `0`."""
    text = f"{total:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _part(fte: str | None) -> Decimal | None:
    try:
        part = Decimal(fte or "")
    except InvalidOperation:
        return None
    return part if part.is_finite() and 0 < part <= 1 else None
