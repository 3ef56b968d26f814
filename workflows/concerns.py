"""Which procedures a fact concerns: whom it begins, and who has to read again because of it.

Read from the log alone, never from Temporal's own lists: what Temporal knows can be lost.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from transfer.commands.office import Office
from transfer.commands.procedures import next_person_step
from transfer.core.record import staff as s
from transfer.core.streams import take_apart
from transfer.core.words import MilestoneName
from transfer.log.envelope import Recorded
from transfer.procedures.consultation import facts as c
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as a
from transfer.procedures.exercise.exercise import CohortStep
from transfer.procedures.exercise.person import PROPOSE
from transfer.procedures.facts import STORED_NAMES, Fact
from workflows.ids import actor
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

CONCERNING: tuple[type[Fact], ...] = (
    *OF_THEIR_OWN,
    a.EmploymentEnded,
    e.ExerciseOpened,
    e.MilestoneSet,
    e.MilestoneReset,
    e.CohortFormed,
    e.WindowReset,
    e.CohortStepTaken,
    c.MeetingCalled,
    c.MeetingHeld,
)
"""The facts that concern a procedure."""

OF_THE_RECORD: tuple[type[Fact], ...] = (
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

_ALSO_OF_THE_RECORD = CONCERNING_NAMES + tuple(STORED_NAMES[fact] for fact in OF_THE_RECORD)
_OWN_NAMES = tuple(STORED_NAMES[fact] for fact in OF_THEIR_OWN)
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Concern:
    """A procedure that is to read again because of a fact; `begins` if it may have to start."""

    whose: Whose
    caused_by: UUID
    begins: bool


class Concerns:
    """The concerns of recorded facts, in the light of the whole log; used by one thread."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._with_their_own: dict[str, set[str]] = defaultdict(set)
        self._refused: dict[str, set[str]] = defaultdict(set)
        self._seen_to = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The stored names of the facts to read from here on.

        The record itself is read only where somebody was refused a step, so that an import of
        millions passes a service by in which nobody was. Whoever is refused in the page that is
        read next begins a procedure, which looks at the whole record itself.
        """
        self._look_who_has_their_own()
        return _ALSO_OF_THE_RECORD if self._refused else CONCERNING_NAMES

    def of_page(self, page: Sequence[Recorded[Fact]]) -> list[Concern]:
        """The concerns of several facts, one a procedure: it begins if any of them begins it."""
        found: dict[Whose, Concern] = {}
        for recorded in page:
            for concern in self._of(recorded):
                if recorded.recorded_by == actor(concern.whose):
                    continue  # it knows what it has done itself
                before = found.get(concern.whose)
                begins = concern.begins or (before is not None and before.begins)
                found[concern.whose] = Concern(concern.whose, recorded.event_id, begins)
        return list(found.values())

    def _of(self, recorded: Recorded[Fact]) -> Iterator[Concern]:
        fact, event_id = recorded.fact, recorded.event_id
        match fact:
            case e.ExerciseOpened() | c.MeetingCalled() | c.MeetingHeld():
                begins = isinstance(fact, e.ExerciseOpened)
                yield Concern(Whose(exercise=fact.exercise), event_id, begins)
            case e.CohortFormed():
                whose = Whose(exercise=fact.exercise, cohort=fact.cohort)
                yield Concern(whose, event_id, begins=True)
            case e.MilestoneSet() | e.MilestoneReset():
                yield Concern(Whose(exercise=fact.exercise), event_id, begins=False)
                if fact.milestone is MilestoneName.TRANSFER:
                    state, _ = self._office.exercise(fact.exercise)
                    for cohort in tuple(state.cohorts):
                        whose = Whose(exercise=fact.exercise, cohort=cohort)
                        yield Concern(whose, event_id, begins=False)
                    yield from self._people(fact.exercise, event_id)
            case e.WindowReset():
                whose = Whose(exercise=fact.exercise, cohort=fact.cohort)
                yield Concern(whose, event_id, begins=False)
                yield from self._people(fact.exercise, event_id)
            case e.CohortStepTaken():
                if fact.step == CohortStep.TRANSFER and fact.left_to_their_own:
                    yield from self._left_behind(fact, event_id)
            case a.EmploymentEnded():
                number = _staff_number(recorded)
                if number in self._people_with_their_own(fact.exercise):
                    whose = Whose(exercise=fact.exercise, staff_number=number)
                    yield Concern(whose, event_id, begins=False)
            case (
                a.WindowExtended()
                | a.AppealLodged()
                | a.AppealAcceptedOutOfTime()
                | a.AppealDetermined()
                | a.ObjectionRaised()
            ):
                whose = Whose(exercise=fact.exercise, staff_number=_staff_number(recorded))
                yield Concern(whose, event_id, begins=True)
            case a.StepRefused() if fact.step != PROPOSE:
                whose = Whose(exercise=fact.exercise, staff_number=_staff_number(recorded))
                yield Concern(whose, event_id, begins=True)
            case _ if isinstance(fact, OF_THE_RECORD):
                number = _staff_number(recorded)
                for exercise in self._exercises_that_refused(number):
                    whose = Whose(exercise=exercise, staff_number=number)
                    yield Concern(whose, event_id, begins=True)
            case _:
                pass

    def _people(self, exercise: str, event_id: UUID) -> Iterable[Concern]:
        for number in self._people_with_their_own(exercise):
            whose = Whose(exercise=exercise, staff_number=number)
            yield Concern(whose, event_id, begins=False)

    def _left_behind(self, fact: e.CohortStepTaken, event_id: UUID) -> Iterable[Concern]:
        """Whom the cohort's transfer passed by and whose own procedure may have ended meanwhile.

        A person who was confirmed on their own while the cohort's step was under way goes with
        neither, unless their procedure begins again.
        """
        state, _ = self._office.exercise(fact.exercise)
        own = self._people_with_their_own(fact.exercise)
        for number in state.cohort(fact.cohort).formed.members:
            if number in own and next_person_step(self._office, fact.exercise, number) is not None:
                whose = Whose(exercise=fact.exercise, staff_number=number)
                yield Concern(whose, event_id, begins=True)

    def _people_with_their_own(self, exercise: str) -> set[str]:
        self._look_who_has_their_own()
        return self._with_their_own[exercise]

    def _exercises_that_refused(self, number: str) -> list[str]:
        self._look_who_has_their_own()
        return list(self._refused.get(number, ()))

    def _look_who_has_their_own(self) -> None:
        # The head first: whatever is committed up to it is then in the pages, and seen.
        head = self._office.log.head().position
        if head == self._seen_to:
            return
        while page := self._office.log.page(self._seen_to, _PAGE, _OWN_NAMES):
            for recorded in page:
                fact = recorded.fact
                if not isinstance(fact, OF_THEIR_OWN):
                    continue
                if isinstance(fact, a.StepRefused):
                    if fact.step == PROPOSE:
                        continue  # a panel's to decide: no day of theirs comes of it
                    self._refused[_staff_number(recorded)].add(fact.exercise)
                self._with_their_own[fact.exercise].add(_staff_number(recorded))
            self._seen_to = page[-1].position
        self._seen_to = max(self._seen_to, head)


def _staff_number(recorded: Recorded[Fact]) -> str:
    _, number = take_apart(recorded.stream)
    return number
