"""Which notice is owed to whom: by a fact on record, or because a day comes near.

    letter          a letter was issued, or issued again, to the person
    appeal-decided  a panel decided on the person's appeal
    appointed       a member of staff has appointed this representative
    window-closing  a right of the person's own can be used until a day that is near
    work-given      somebody in the office was given duties to take care of
    work-due        something is to be done in the office, by whom it was given to, or else by who
                    runs the procedure
    work-overdue    its day has passed: for them, and for who gave it to them

One notice says that several rights close on one day, or that several things are due on it. So each
is owed once for each person and day, and a day that moves gives another notice. Duties that were
given together are one notice too.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from transfer.core.duties import DutyDelegated
from transfer.core.matter.facts import NoticeReissued
from transfer.core.streams import take_apart
from transfer.procedures.appeal.facts import AppealDetermined
from transfer.procedures.exercise.facts import AssignmentLetterIssued
from transfer.procedures.facts import Fact
from transfer.procedures.representation.facts import RepresentativeAppointed


class NoticeKind(StrEnum):
    """What a notice is about. The words are for ever: templates are set by them."""

    LETTER = "letter"
    APPEAL_DECIDED = "appeal-decided"
    APPOINTED = "appointed"
    WINDOW_CLOSING = "window-closing"
    WORK_GIVEN = "work-given"
    WORK_DUE = "work-due"
    WORK_OVERDUE = "work-overdue"


LINKS: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.LETTER: "/my-choices",
    NoticeKind.APPEAL_DECIDED: "/my-choices",
    NoticeKind.APPOINTED: "/my-members",
    NoticeKind.WINDOW_CLOSING: "/my-choices",
    NoticeKind.WORK_GIVEN: "/work?whose=mine",
    NoticeKind.WORK_DUE: "/work?whose=mine",
    NoticeKind.WORK_OVERDUE: "/work?state=overdue",
}
"""The page that a notice leads to: the same for everybody, so that it names nobody."""

SAYS: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.LETTER: "There is a letter for you to read.",
    NoticeKind.APPEAL_DECIDED: "Your appeal has been decided.",
    NoticeKind.APPOINTED: "A member of staff has appointed you as their representative.",
    NoticeKind.WINDOW_CLOSING: "You can still answer or appeal, and the last day is near.",
    NoticeKind.WORK_GIVEN: "You have been given work to take care of.",
    NoticeKind.WORK_DUE: "Work of yours is due soon.",
    NoticeKind.WORK_OVERDUE: "Work that you do, or have given to somebody, is overdue.",
}
"""What a notice says, in one sentence for all."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A notice of a kind that is owed to one person, a member of staff or a subject of tokens.

    `about` is the entry or the day from which it follows: it tells this notice from the others of
    the same kind to the same person, and is never sent.
    """

    kind: NoticeKind
    about: str
    staff_number: str | None = None
    subject: str | None = None


# --- by a fact ----------------------------------------------------------------------------------

FACTS: Final[tuple[type[Fact], ...]] = (
    AssignmentLetterIssued,
    NoticeReissued,
    AppealDetermined,
    RepresentativeAppointed,
    DutyDelegated,
)
"""The facts that a notice is owed by."""


def owed_by(fact: Fact, *, stream: str, event_id: str, command_id: str) -> Owed | None:
    """The notice that is owed by a fact on a stream; `None` where none is."""
    match fact:
        case AssignmentLetterIssued() | NoticeReissued():
            kind = NoticeKind.LETTER
        case AppealDetermined():
            kind = NoticeKind.APPEAL_DECIDED
        case RepresentativeAppointed():
            return Owed(NoticeKind.APPOINTED, event_id, subject=fact.representative)
        case DutyDelegated():
            return Owed(NoticeKind.WORK_GIVEN, command_id, subject=fact.to)
        case _:
            return None
    of, name = take_apart(stream)
    return Owed(kind, event_id, staff_number=name) if of == "staff" else None


# --- by a day -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Right:
    """Something that a member of staff may still do, until `last_day`; published on a day."""

    staff_number: str
    last_day: date
    published_on: date


@dataclass(frozen=True, slots=True)
class Work:
    """Something that `done_by`, a subject of tokens, has to do by `due_on`, on record `since`.

    `due_on` is `None` for what is to be done as soon as it can be. `given_by` gave it to them.
    `is_overdue`: it is missed, since its day has passed; `last_on` is that day by the later of two
    readings. Nobody has a notice of what `is_excused`.
    """

    done_by: str
    due_on: date | None
    since: date
    given_by: str | None = None
    is_overdue: bool = False
    last_on: date | None = None
    is_excused: bool = False


def owed_by_days(
    rights: Iterable[Right], work: Iterable[Work], *, today: date, within: timedelta
) -> frozenset[Owed]:
    """The notices that are owed on a day, `within` so long of the day that they are about.

    None for a right that was published on this very day: the letter that gave it has its own
    notice. Work without a day has one once it is on record. Work that is overdue has another, for
    as long after its day: so nobody is told of days that passed long ago.
    """
    work = tuple(work)
    return frozenset(
        (
            *_closing(rights, today, within),
            *_due(work, today, within),
            *_overdue(work, today, within),
        )
    )


def _closing(rights: Iterable[Right], today: date, within: timedelta) -> Iterator[Owed]:
    for each in rights:
        if today <= each.last_day <= today + within and each.published_on < today:
            about = each.last_day.isoformat()
            yield Owed(NoticeKind.WINDOW_CLOSING, about, staff_number=each.staff_number)


def _due(work: Iterable[Work], today: date, within: timedelta) -> Iterator[Owed]:
    for each in work:
        if each.is_excused or each.is_overdue:
            continue
        if each.due_on is not None and today <= each.due_on <= today + within:
            yield Owed(NoticeKind.WORK_DUE, each.due_on.isoformat(), subject=each.done_by)
        elif each.due_on is None and today - within <= each.since <= today:
            about = f"since {each.since.isoformat()}"
            yield Owed(NoticeKind.WORK_DUE, about, subject=each.done_by)


def _overdue(work: Iterable[Work], today: date, within: timedelta) -> Iterator[Owed]:
    for each in work:
        last = each.last_on or each.due_on
        if not each.is_overdue or each.is_excused or last is None:
            continue
        # One day at least, or a service that tells of nothing beforehand would never tell of it.
        if today - max(within, timedelta(days=1)) <= last < today:
            for subject in {each.done_by, each.given_by or each.done_by}:
                yield Owed(NoticeKind.WORK_OVERDUE, last.isoformat(), subject=subject)
