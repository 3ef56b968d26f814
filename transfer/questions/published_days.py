"""Until when could somebody act on a letter, by every last day that was ever published to them?

A letter publishes a last day for each of its windows; so does a letter that is sent again, a reset
for the person's group and an extension for them alone. None of them is ever taken back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from transfer.core.matter.facts import MatterFact, NoticeReissued, WindowExtended, WindowMoved
from transfer.core.matter.reckoning import Reckoned
from transfer.core.words import WindowKind
from transfer.log.envelope import Recorded
from transfer.procedures.exercise import facts as a
from transfer.procedures.facts import Fact


class PublishedBy(StrEnum):
    """How a deadline reached the person."""

    LETTER = "letter"
    LETTER_AGAIN = "letter-again"
    RESET = "reset"
    EXTENSION = "extension"


@dataclass(frozen=True, slots=True)
class Published:
    """A last day, the event that published it, and how."""

    event: Recorded[Fact]
    by: PublishedBy
    when: Reckoned

    @property
    def last(self) -> date:
        """The last day under any reading."""
        if self.when.last is None:
            raise AssertionError("what has no day is not published")
        return self.when.last


def published_days(
    kind: WindowKind,
    matter: str,
    person: Sequence[Recorded[Fact]],
    exercises: Sequence[Recorded[Fact]],
) -> tuple[Published, ...]:
    """Every last day for that kind of window in one exercise, in the order of the log.

    `person` is the whole stream of the person, `exercises` those of their exercises.
    """
    letters = [each.fact for each in person if isinstance(each.fact, a.AssignmentLetterIssued)]
    groups = {letter.group for letter in letters if letter.matter == matter}
    events = sorted((*person, *exercises), key=lambda each: each.position)
    return tuple(
        Published(event, by, when)
        for event in events
        if isinstance(event.fact, MatterFact) and event.fact.matter == matter
        for by, when in _by(event.fact, kind, groups)
        if when.last is not None
    )


def _by(
    fact: MatterFact, kind: WindowKind, groups: set[str]
) -> Iterator[tuple[PublishedBy, Reckoned]]:
    match fact:
        case a.AssignmentLetterIssued():
            for window in fact.windows:
                if window.kind is kind:
                    yield PublishedBy.LETTER, window.when
        case NoticeReissued() if kind in fact.windows:
            yield PublishedBy.LETTER_AGAIN, fact.windows[kind]
        case WindowExtended() if fact.window == kind:
            yield PublishedBy.EXTENSION, fact.when
        case WindowMoved() if fact.window == kind and fact.group in groups:
            yield PublishedBy.RESET, fact.when
        case _:
            pass
