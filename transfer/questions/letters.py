"""Which letters was somebody sent, what may they do about each and until when, what came of it?

Read from the log itself, as it was at the knowledge time asked for: the person in each of their
exercises, with every last day that was published to them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import cast
from uuid import UUID

from pydantic import Field

from transfer.commands.matter_worlds import Loaded
from transfer.core.dating.instants import Instant
from transfer.core.matter.folding import State
from transfer.core.matter.replaying import standing
from transfer.core.matter.words import id_of
from transfer.core.refusals import NotOnRecord
from transfer.core.rules import WindowInForce
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import AppealOutcome, Late, MilestoneRole, WindowKind
from transfer.log.envelope import Recorded
from transfer.procedures.appeal.decisions import CONFIRM, Appeal
from transfer.procedures.exercise import facts as a
from transfer.procedures.exercise.participation import Participation, participation_of
from transfer.procedures.facts import Fact
from transfer.questions.answer import Answer, absent
from transfer.questions.procedures import Looking
from transfer.questions.published_days import PublishedBy, published_days
from transfer.rulebooks.in_force import BindingRules

_APPEAL, _EXERCISE = "appeal", "exercise"


class ChoiceState(StrEnum):
    """Where something that may be done stands."""

    OPEN = "open"
    DONE = "done"
    CLOSED = "closed"


class AppealState(StrEnum):
    """Where an appeal stands."""

    WITH_PANEL = "with-panel"
    UPHELD = "upheld"
    REJECTED = "rejected"
    TOO_LATE = "too-late"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"


class LastDay(Answer):
    """A last day that was published to the person, how and when."""

    due_on: date
    published_by: PublishedBy
    published_at: Instant
    event_id: UUID


class Choice(Answer):
    """Something that a letter lets the person do, until which day, and whether they did.

    `last_day` is the one that counts, the latest of those `published`. `late` says what becomes of
    it after that day. `answers` are what may be answered, where the edition lists them.
    """

    window: str
    title: str | None
    kind: WindowKind
    clause: str
    last_day: date | None
    published: tuple[LastDay, ...]
    answers: tuple[str, ...]
    late: Late
    state: ChoiceState
    done_on: date | None
    answer: str | None


class AppealMade(Answer):
    """An appeal of the person's: when it came, where it stands, and by when a panel decides."""

    id: str
    lodged_on: date
    state: AppealState
    panel_by: date | None = Field(None, description="The panel's last day, while it has to decide.")


class LetterSent(Answer):
    """The letter of an exercise to a person. `names` are those of the edition that went together.

    `came_back` and `sent_again_on` say whether it failed to arrive.
    """

    event_id: UUID
    sent_on: date
    recorded_at: Instant
    names: tuple[str, ...]
    came_back: bool
    sent_again_on: date | None = Field(None, exclude_if=absent)


class LetterOfExercise(Answer):
    """What one exercise says to a person: the letter, what they may do about it, what came of it.

    `letter` is null while none was sent. `destination_name` is where they go as things stand.
    `becomes_final_on` and `moves_on` are as planned; `final_on`, `moved_on` and `ended_on` say that
    it happened. `may_appeal` and `may_object`: the right can still be used. `is_over`: the exercise
    has ended, or has nothing left to do for the person.
    """

    exercise: str
    edition: str
    transferor: str | None
    letter: LetterSent | None
    destination: str | None
    destination_name: str | None
    choices: tuple[Choice, ...]
    appeals: tuple[AppealMade, ...]
    may_appeal: bool
    may_object: bool
    objected_on: date | None
    objection_ends_employment_on: date | None
    becomes_final_on: date | None
    final_on: date | None
    moves_on: date | None
    moved_on: date | None
    ended_on: date | None
    is_over: bool


class LettersFound(Answer):
    """What exercises say to one person, by the exercises' ids, as known at an instant."""

    staff_number: str
    known_at: Instant
    items: tuple[LetterOfExercise, ...]


def letters(looking: Looking, staff_number: str) -> LettersFound:
    """The letters to one person, what they may do about them and what came of it.

    What is still open is so on `looking.today`. Raises `NotOnRecord` for a person whom the record
    did not know then.
    """
    person = looking.office.log.read(staff_stream(staff_number))
    if not person:
        raise NotOnRecord(f"{staff_number} was not on record")
    matters = sorted({name for name, _ in looking.worlds.matters_of(_EXERCISE, staff_number)})
    shown = (_of(_Read.of(looking, matter, staff_number, person)) for matter in matters)
    return LettersFound(
        staff_number=staff_number,
        known_at=looking.known_at,
        items=tuple(each for each in shown if each is not None),
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """What is read of one person in one exercise."""

    looking: Looking
    matter: str
    staff_number: str
    person: Sequence[Recorded[Fact]]
    exercise: Sequence[Recorded[Fact]]
    state: State
    rules: BindingRules

    @classmethod
    def of(
        cls, looking: Looking, matter: str, staff_number: str, person: Sequence[Recorded[Fact]]
    ) -> "_Read | None":
        """The same; `None` where the record did not know of the exercise then."""
        try:
            world = looking.worlds.world(Loaded(), matter, staff_number)
        except NotOnRecord:
            return None
        rules = cast(BindingRules, looking.worlds.rules_of(Loaded(), matter))
        exercise = looking.worlds.read(Loaded(), matter_stream(matter))
        state = standing(world)[matter]
        return cls(looking, matter, staff_number, person, exercise, state, rules)

    @property
    def own(self) -> Participation:
        return participation_of(self.state)

    def day_of(self, what: str) -> date | None:
        """The day on which a step of the clock is due of the person, while it is."""
        due = self.state.due(what)
        return None if due is None or not due.is_open else self.state.book.days(due)[0]


def _of(read: _Read | None) -> LetterOfExercise | None:
    if read is None or read.own.scope is None:
        return None
    own, rules = read.own, read.rules
    named = rules.rulebook.transferees.get(own.destination) if own.destination else None
    milestone = rules.milestone_of(MilestoneRole.TRANSFER, own.transferor)
    moves_on = None if milestone is None else read.state.milestone(milestone)
    appeals = tuple(_appeals(read))
    choices = tuple(_choices(read, appeals))
    is_over = read.state.is_over or own.is_settled
    return LetterOfExercise(
        exercise=id_of(read.matter),
        edition=rules.edition,
        transferor=own.transferor,
        letter=_letter(read),
        destination=own.destination,
        destination_name=named.name if named else own.destination,
        choices=choices,
        appeals=appeals,
        may_appeal=any(
            each.kind is WindowKind.APPEAL and each.state is ChoiceState.OPEN for each in choices
        ),
        may_object=rules.allows("objection") and own.objection is None and not is_over,
        objected_on=own.objection.happened_on if own.objection else None,
        objection_ends_employment_on=moves_on,
        becomes_final_on=None if own.confirmation or is_over else read.day_of(CONFIRM),
        final_on=own.confirmation.happened_on if own.confirmation else None,
        moves_on=moves_on,
        moved_on=own.transfer.effective_from if own.transfer else None,
        ended_on=own.ending.effective_from if own.ending else None,
        is_over=is_over,
    )


def _letter(read: _Read) -> LetterSent | None:
    letter = read.own.letter
    if letter is None:
        return None
    event = next(
        each
        for each in reversed(read.person)
        if isinstance(each.fact, a.AssignmentLetterIssued) and each.fact.matter == read.matter
    )
    titles = {each.id: each.title or each.id for each in read.rules.rulebook.letters}
    again = [each.happened_on for each in read.own.reissued.values()]
    return LetterSent(
        event_id=event.event_id,
        sent_on=letter.happened_on,
        recorded_at=event.recorded_at,
        names=tuple(titles.get(each, each) for each in letter.letters),
        came_back=bool(read.own.returned),
        sent_again_on=max(again, default=None),
    )


def _choices(read: _Read, appeals: Sequence[AppealMade]) -> Iterator[Choice]:
    letter = read.own.letter
    titles = {each.id: each.title for each in read.rules.rulebook.windows}
    for opened in letter.windows if letter else ():
        window = read.rules.window(opened.window)
        published = published_days(opened.kind, read.matter, read.person, read.exercise)
        last_day = read.state.last_day(opened.kind)
        done_on, answer = _done(read, window, appeals)
        yield Choice(
            window=window.name,
            title=titles.get(window.name),
            kind=window.kind,
            clause=window.clause,
            last_day=last_day,
            published=tuple(
                LastDay(
                    due_on=each.last,
                    published_by=each.by,
                    published_at=each.event.recorded_at,
                    event_id=each.event.event_id,
                )
                for each in published
            ),
            answers=window.answers,
            late=window.late,
            state=_state(read, last_day, done_on),
            done_on=done_on,
            answer=answer,
        )


def _done(
    read: _Read, window: WindowInForce, appeals: Sequence[AppealMade]
) -> tuple[date | None, str | None]:
    """When the person did what the window is for, if they did, and what they answered."""
    if window.kind is WindowKind.APPEAL:
        standing = (each for each in appeals if each.state not in _TO_BE_MADE_AGAIN)
        return next((each.lodged_on for each in standing), None), None
    response = read.own.responses.get(window.name)
    return (None, None) if response is None else (response.happened_on, response.response)


_TO_BE_MADE_AGAIN = (AppealState.TOO_LATE, AppealState.WITHDRAWN, AppealState.DROPPED)
"""Appeals on which nobody decides: another may be made, while there is time."""


def _state(read: _Read, last_day: date | None, done_on: date | None) -> ChoiceState:
    if done_on is not None:
        return ChoiceState.DONE
    is_late = last_day is None or read.looking.today > last_day
    if is_late or read.state.is_over or read.own.is_settled:
        return ChoiceState.CLOSED
    return ChoiceState.OPEN


def _appeals(read: _Read) -> Iterator[AppealMade]:
    looking = read.looking
    for matter, _ in looking.worlds.matters_of(_APPEAL, read.staff_number):
        try:
            found = looking.find(looking.kind(_APPEAL), id_of(matter), read.staff_number)
        except NotOnRecord:
            continue  # not known yet at that instant
        appeal: Appeal = found.state.mine.substance
        if appeal.against != read.matter or appeal.lodged_on is None:
            continue
        state = _state_of(appeal)
        awaited = appeal.panel_by if state is AppealState.WITH_PANEL else None
        yield AppealMade(
            id=id_of(matter),
            lodged_on=appeal.lodged_on,
            state=state,
            panel_by=None if awaited is None else awaited.last,
        )


def _state_of(appeal: Appeal) -> AppealState:
    if appeal.outcome is not None:
        upheld = appeal.outcome is AppealOutcome.UPHELD
        return AppealState.UPHELD if upheld else AppealState.REJECTED
    if appeal.withdrawn:
        return AppealState.WITHDRAWN
    if appeal.dropped:
        return AppealState.DROPPED
    return AppealState.WITH_PANEL if appeal.panel_by is not None else AppealState.TOO_LATE
