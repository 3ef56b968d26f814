"""Who is employed on a day: the one function that everything else asks.

Somebody is employed in an assignment on a day if that assignment has an employer then (contract,
effective-dating rule 5). Whatever else is on record of it, band or full-time equivalent, counts for
nothing without one. An exercise asks before each of its steps: who is not employed on the day is
not in it. So do bulk acts. The read models say the same of their rows (`employer IS NOT NULL`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from transfer.core.dating.effective_dating import Entries, Key, Kind, Period
from transfer.core.words import MAIN, Facet


@dataclass(frozen=True, slots=True)
class NotEmployed:
    """Somebody is not employed on a day, and what the record says instead.

    `left_on` is the first day without an employer after the last one that they had; `begins_on` the
    day on which they have the next one.
    """

    on: date
    left_on: date | None = None
    begins_on: date | None = None

    @property
    def reason(self) -> str:
        """The same as a sentence says it."""
        said = [f"not employed on {self.on}"]
        if self.left_on is not None:
            said.append(f"left with effect from {self.left_on}")
        if self.begins_on is not None:
            said.append(f"begins on {self.begins_on}")
        if len(said) == 1:
            said.append("no employer is on record")
        return f"{said[0]}: {' and '.join(said[1:])}"


def employer_on(entries: Entries, on: date, assignment: str = MAIN) -> str | None:
    """Who employs somebody in an assignment on a day, as now on record; `None`: nobody."""
    period = entries.timeline(_employer(assignment)).at(on)
    return period.value if period else None


def employers_on(entries: Entries, on: date) -> frozenset[str]:
    """Who employs somebody on a day, in any of their assignments, as now on record."""
    return frozenset(each.value for each in _employments(entries, None) if _covers(each, on))


def why_not_employed(
    entries: Entries, on: date, assignment: str | None = MAIN
) -> NotEmployed | None:
    """`None` where somebody is employed on a day, in an assignment or (`None`) in any of theirs.

    Otherwise since when they are not, or from when they will be.
    """
    periods = _employments(entries, assignment)
    if any(_covers(period, on) for period in periods):
        return None
    ended = [p.effective_to for p in periods if p.effective_to is not None and p.effective_to <= on]
    coming = [p.effective_from for p in periods if p.effective_from > on]
    return NotEmployed(on, max(ended, default=None), min(coming, default=None))


def is_employed(entries: Entries, on: date, assignment: str | None = MAIN) -> bool:
    """Whether somebody is employed on a day, in an assignment or (`None`) in any of theirs."""
    return why_not_employed(entries, on, assignment) is None


def _employments(entries: Entries, assignment: str | None) -> Sequence[Period]:
    if assignment is not None:
        return entries.timeline(_employer(assignment)).in_force
    return [
        period
        for key in entries.stated_keys()
        if key.kind is Kind.FACET and key.name == Facet.EMPLOYER
        for period in entries.timeline(key).in_force
    ]


def _covers(period: Period, day: date) -> bool:
    return period.effective_from <= day and (
        period.effective_to is None or day < period.effective_to
    )


def _employer(assignment: str) -> Key:
    return Key(Kind.FACET, assignment, Facet.EMPLOYER)


# --- what to say of a change that ends it ------------------------------------------------------


def employed_again_from(entries: Entries, after: date, assignment: str = MAIN) -> date | None:
    """From when an entry on record employs somebody again, after a day; `None`: none does."""
    days = (period.effective_from for period in _employments(entries, assignment))
    return min((day for day in days if day > after), default=None)


def ends_employment(changes: Mapping[Facet, str | None]) -> bool:
    """Whether a change says that nobody employs the person any more."""
    return Facet.EMPLOYER in changes and changes[Facet.EMPLOYER] is None


def warnings_of(
    entries: Entries, changes: Mapping[Facet, str | None], assignment: str, effective_from: date
) -> tuple[str, ...]:
    """What whoever ends an employment by a change should be told; nothing of any other change.

    That the employer alone ends, and which entries already on record would bring the person back.
    """
    if not ends_employment(changes):
        return ()
    said = []
    if all(value is not None for facet, value in changes.items() if facet != Facet.EMPLOYER):
        said.append(
            f"Only the employer ends on {effective_from}. Whatever else is on record of this "
            "assignment stays there, but nobody is counted or listed by it without an employer."
        )
    said += [
        f"An entry on record employs the person again from {period.effective_from} "
        f"({period.value}): annul it, if they do not come back."
        for period in _employments(entries, assignment)
        if period.effective_from > effective_from
    ]
    return tuple(said)


def warnings_of_manager(manager: str, entries: Entries, on: date) -> tuple[str, ...]:
    """What whoever names somebody as a line manager from a day should be told; `entries` are the
    manager's."""
    found = why_not_employed(entries, on, None)
    return () if found is None else (f"The line manager {manager} is {found.reason}.",)
