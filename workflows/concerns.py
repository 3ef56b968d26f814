"""Which procedures a fact concerns, and which must be waiting by what is on record.

Read from the log alone, never from Temporal's own lists: what Temporal knows can be lost.

What cannot be read is one matter's trouble and stops that matter alone. Every function here goes on
with the others, and says which it could not read and why. A database that does not answer is no
matter's trouble: its errors come through.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
from eventsourcing.persistence import PersistenceError

from transfer.commands.office import Office
from transfer.commands.procedures import (
    next_cohort_step,
    next_exercise_step,
    people_with_a_step,
)
from transfer.core.record import staff as s
from transfer.core.streams import take_apart
from transfer.core.words import MilestoneRole
from transfer.log.envelope import Recorded, Undecodable
from transfer.procedures.consultation import facts as c
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as a
from transfer.procedures.exercise.exercise import CohortStep
from transfer.procedures.exercise.person import PROPOSE
from transfer.procedures.facts import STORED_NAMES, Fact
from workflows.ids import actor, procedure_name
from workflows.messages import Whose

OF_THEIR_OWN = (
    a.WindowExtended,
    a.AppealLodged,
    a.AppealAcceptedOutOfTime,
    a.AppealDetermined,
    a.ObjectionRaised,
    a.StepRefused,
)
"""The facts that give a person something of their own, or change it."""

OF_THE_EXERCISE = (
    e.ExerciseOpened,
    e.MilestoneSet,
    e.MilestoneReset,
    e.CohortFormed,
    e.WindowReset,
    e.CohortStepTaken,
    c.MeetingCalled,
    c.MeetingHeld,
)

CONCERNING: tuple[type[Fact], ...] = (*OF_THEIR_OWN, a.EmploymentEnded, *OF_THE_EXERCISE)
"""The facts that concern a procedure."""

OF_THE_RECORD = (
    s.PositionChanged,
    s.TermGranted,
    s.TermVaried,
    s.TermEnded,
    s.EntryCorrected,
    s.EntryAnnulled,
    a.AssignmentProposed,
)
"""The facts that may make right for what a step was refused; read only where one was."""

CONCERNING_NAMES = tuple(STORED_NAMES[fact] for fact in CONCERNING)

AWAY = (PersistenceError, psycopg.OperationalError)
"""The errors of a database that does not answer."""

_ALSO_OF_THE_RECORD = CONCERNING_NAMES + tuple(STORED_NAMES[fact] for fact in OF_THE_RECORD)
_OWN_NAMES = tuple(STORED_NAMES[fact] for fact in OF_THEIR_OWN)
_OPENED_NAMES = (STORED_NAMES[e.ExerciseOpened],)
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Concern:
    """A procedure that is to read again, because of a fact if there was one."""

    whose: Whose
    caused_by: UUID | None = None


@dataclass(slots=True)
class Found:
    """What was found in some of the log, or in all of it.

    `read` and `unreadable` name matters: an exercise's (`exercise/NAME`), or the stream of an event
    that cannot be decoded.
    """

    concerns: list[Concern] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    unreadable: dict[str, Exception] = field(default_factory=dict)


@dataclass(slots=True)
class _Own:
    """Who has something of their own: by exercise, and who was refused a step in which."""

    people: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    refused: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    seen_to: int = 0

    def take(self, recorded: Recorded[Fact]) -> None:
        """Note the next recorded fact."""
        fact = recorded.fact
        if not isinstance(fact, OF_THEIR_OWN):
            return
        if isinstance(fact, a.StepRefused):
            if fact.step == PROPOSE:
                return  # a panel's to decide: no day of theirs comes of it
            self.refused[_staff_number(recorded)].add(fact.exercise)
        self.people[fact.exercise].add(_staff_number(recorded))

    def gather(self, office: Office) -> list[Undecodable]:
        """Read on to the end of the log; what of it could not be read."""
        # The head first: whatever is committed up to it is then in the pages, and seen.
        head = office.log.head().position
        undecodable: list[Undecodable] = []
        while self.seen_to < head:
            page = office.log.page_readable(self.seen_to, _PAGE, _OWN_NAMES)
            undecodable += page.undecodable
            for recorded in page.facts:
                self.take(recorded)
            self.seen_to = max(page.last, head) if page.is_last else page.last
        return undecodable


class Concerns:
    """The concerns of recorded facts, in the light of the whole log; used by one thread."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._own = _Own()
        self._in_trouble: set[str] = set()

    @property
    def names(self) -> tuple[str, ...]:
        """The stored names of the facts to read from here on.

        The record itself is read only where somebody was refused a step, so that an import of
        millions passes a service by in which nobody was. Whoever is refused in the page that is
        read next begins a procedure, which looks at the whole record itself.
        """
        self._own.gather(self._office)
        return _ALSO_OF_THE_RECORD if self._own.refused else CONCERNING_NAMES

    def of_page(
        self, page: Sequence[Recorded[Fact]], undecodable: Sequence[Undecodable] = ()
    ) -> Found:
        """The concerns of several facts, one a procedure.

        A matter that could not be read before and can be now concerns everybody in it: what they
        were to be told meanwhile is not known.
        """
        found = Found(unreadable={each.stream: each.error for each in undecodable})
        facts: dict[str, list[Recorded[Fact]]] = defaultdict(list)
        for recorded in page:
            if isinstance(recorded.fact, OF_THEIR_OWN + OF_THE_EXERCISE + (a.EmploymentEnded,)):
                facts[recorded.fact.exercise].append(recorded)
            elif isinstance(recorded.fact, OF_THE_RECORD):
                for exercise in self._exercises_that_refused(_staff_number(recorded)):
                    facts[exercise].append(recorded)
        concerned: dict[Whose, Concern] = {}
        for exercise, recorded_there in facts.items():
            matter = procedure_name(Whose(exercise=exercise))
            try:
                self._office.rules(exercise)
                concerns = [
                    each
                    for recorded in recorded_there
                    for each in self._told_of(recorded, exercise)
                ]
                if exercise in self._in_trouble:
                    concerns += [Concern(whose) for whose in self._waiting_in(exercise)]
            except AWAY:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this matter's
                self._in_trouble.add(exercise)
                found.unreadable[matter] = error
            else:
                self._in_trouble.discard(exercise)
                found.read.add(matter)
                for concern in concerns:
                    concerned[concern.whose] = concern
        found.concerns = list(concerned.values())
        return found

    def _told_of(self, recorded: Recorded[Fact], exercise: str) -> Iterator[Concern]:
        for concern in self._of(recorded, exercise):
            if recorded.recorded_by != actor(concern.whose):  # it knows what it has done itself
                yield concern

    def _of(self, recorded: Recorded[Fact], exercise: str) -> Iterator[Concern]:
        fact, event_id = recorded.fact, recorded.event_id
        match fact:
            case e.ExerciseOpened() | c.MeetingCalled() | c.MeetingHeld():
                yield Concern(Whose(exercise=fact.exercise), event_id)
            case e.CohortFormed():
                yield Concern(Whose(exercise=fact.exercise, cohort=fact.cohort), event_id)
            case e.MilestoneSet() | e.MilestoneReset():
                yield Concern(Whose(exercise=fact.exercise), event_id)
                if fact.role is MilestoneRole.TRANSFER:
                    state, _ = self._office.exercise(fact.exercise)
                    for cohort in tuple(state.cohorts):
                        yield Concern(Whose(exercise=fact.exercise, cohort=cohort), event_id)
                    yield from self._people(fact.exercise, event_id)
            case e.WindowReset():
                yield Concern(Whose(exercise=fact.exercise, cohort=fact.cohort), event_id)
                yield from self._people(fact.exercise, event_id)
            case e.CohortStepTaken():
                if fact.step == CohortStep.TRANSFER and fact.left_to_their_own:
                    # Their own procedures may have ended meanwhile: whoever was confirmed on their
                    # own while the cohort's step was under way would go with neither.
                    state, _ = self._office.exercise(fact.exercise)
                    members = state.cohort(fact.cohort).formed.members
                    yield from self._people(fact.exercise, event_id, among=set(members))
            case a.EmploymentEnded():
                number = _staff_number(recorded)
                if number in self._people_with_their_own(fact.exercise):
                    whose = Whose(exercise=fact.exercise, staff_number=number)
                    yield Concern(whose, event_id)
            case (
                a.WindowExtended()
                | a.AppealLodged()
                | a.AppealAcceptedOutOfTime()
                | a.AppealDetermined()
                | a.ObjectionRaised()
            ):
                whose = Whose(exercise=fact.exercise, staff_number=_staff_number(recorded))
                yield Concern(whose, event_id)
            case a.StepRefused() if fact.step != PROPOSE:
                yield Concern(
                    Whose(exercise=exercise, staff_number=_staff_number(recorded)), event_id
                )
            case _ if isinstance(fact, OF_THE_RECORD):
                yield Concern(
                    Whose(exercise=exercise, staff_number=_staff_number(recorded)), event_id
                )
            case _:
                pass

    def _people(
        self, exercise: str, event_id: UUID, among: set[str] | None = None
    ) -> Iterable[Concern]:
        """Everybody whose own procedure has something to wait for."""
        own = self._people_with_their_own(exercise)
        numbers = sorted(own if among is None else own & among)
        for number in people_with_a_step(self._office, exercise, numbers):
            yield Concern(Whose(exercise=exercise, staff_number=number), event_id)

    def _people_with_their_own(self, exercise: str) -> set[str]:
        self._own.gather(self._office)
        return self._own.people[exercise]

    def _exercises_that_refused(self, number: str) -> list[str]:
        self._own.gather(self._office)
        return list(self._own.refused.get(number, ()))

    def _waiting_in(self, exercise: str) -> Iterable[Whose]:
        return _must_wait_in(self._office, exercise, self._people_with_their_own(exercise))


def must_be_waiting(office: Office) -> Found:
    """Every procedure that has something to wait for, by the whole log as it stands.

    Open exercises, cohorts that are not through, people with something of their own.
    """
    found = Found()
    own = _Own()
    undecodable = own.gather(office)
    at = 0
    while True:
        page = office.log.page_readable(at, _PAGE, _OPENED_NAMES)
        undecodable += page.undecodable
        for recorded in page.facts:
            if not isinstance(recorded.fact, e.ExerciseOpened):
                continue
            exercise = recorded.fact.exercise
            matter = procedure_name(Whose(exercise=exercise))
            try:
                waiting = list(_must_wait_in(office, exercise, own.people[exercise]))
            except AWAY:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, it is this matter's
                found.unreadable[matter] = error
            else:
                found.read.add(matter)
                found.concerns += map(Concern, waiting)
        if page.is_last:
            break
        at = page.last
    found.unreadable |= {each.stream: each.error for each in undecodable}
    return found


def _must_wait_in(office: Office, exercise: str, own: Iterable[str]) -> Iterator[Whose]:
    office.rules(exercise)
    if next_exercise_step(office, exercise) is not None:
        yield Whose(exercise=exercise)
    state, _ = office.exercise(exercise)
    for cohort in tuple(state.cohorts):
        if next_cohort_step(office, exercise, cohort) is not None:
            yield Whose(exercise=exercise, cohort=cohort)
    for number in people_with_a_step(office, exercise, sorted(own)):
        yield Whose(exercise=exercise, staff_number=number)


def _staff_number(recorded: Recorded[Fact]) -> str:
    _, number = take_apart(recorded.stream)
    return number
