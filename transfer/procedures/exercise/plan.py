"""What is on record of one exercise as a whole."""

from dataclasses import dataclass, field

from transfer.core.matter import facts as t
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.folding import State
from transfer.core.matter.reckoning import Reckoned
from transfer.core.refusals import Failure
from transfer.core.words import MilestoneName, MilestoneRole
from transfer.procedures.consultation.facts import ConsultationOpened
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise.rules import rules_of


@dataclass(slots=True)
class Plan:
    """The opening, the scope, the days and the groups of an exercise."""

    opened: e.ExerciseOpened | None = None
    scope: e.ScopeSet | None = None
    milestones: dict[MilestoneName, e.MilestoneSet | e.MilestoneReset] = field(default_factory=dict)
    reached: dict[MilestoneName, e.MilestoneReached] = field(default_factory=dict)
    groups: dict[str, e.CohortFormed] = field(default_factory=dict)
    moved: dict[tuple[str, str], Reckoned] = field(default_factory=dict)
    """The last day of a group's window as it was moved, by the group and the kind of window."""
    sent: dict[str, e.CohortLettersSent] = field(default_factory=dict)
    allocated: dict[str, e.Allocated] = field(default_factory=dict)
    dissolved: e.TransferorDissolved | None = None
    completed: e.ExerciseCompleted | None = None
    is_consulted_on: bool = False
    documents: set[str] = field(default_factory=set)
    """The documents on file, as the edition calls them."""

    def role_of(self, milestone: MilestoneName) -> tuple[MilestoneRole | None, tuple[str, ...]]:
        """Which day of the procedure a milestone on record is, and whose."""
        found = self.milestones[milestone]
        return found.role, found.transferors


def evolve(plan: Plan, fact: MatterFact) -> None:
    """Fold one fact into the plan; total, and never judges."""
    match fact:
        case e.ExerciseOpened():
            plan.opened = fact
        case e.ScopeSet():
            plan.scope = fact
        case e.MilestoneSet() | e.MilestoneReset():
            plan.milestones[fact.milestone] = fact
            plan.reached.pop(fact.milestone, None)
        case e.MilestoneReached():
            plan.reached[fact.milestone] = fact
        case e.PlacesAllocated():
            plan.allocated |= fact.outcomes
        case e.CohortFormed():
            plan.groups[fact.group] = fact
        case t.WindowMoved(group=str(group)):
            plan.moved[group, fact.window] = fact.when
        case e.CohortLettersSent():
            plan.sent[fact.group] = fact
        case e.TransferorDissolved():
            plan.dissolved = fact
        case e.ExerciseCompleted():
            plan.completed = fact
        case e.DocumentFiled():
            plan.documents.add(fact.title)
        case ConsultationOpened():
            plan.is_consulted_on = True
        case _:
            pass


def plan_of(state: State) -> Plan:
    """What is on record of the exercise as a whole."""
    plan = state.whole.substance
    if not isinstance(plan, Plan):
        raise TypeError("a plan is an exercise's")
    return plan


def plan(case: Case) -> Plan:
    """What is on record of the exercise that a decision is about."""
    return plan_of(case.state)


def shut_gates(case: Case, before: str, *, appeals_open: int = 0) -> tuple[Failure, ...]:
    """What the edition wants on record before a step, and is not. A rehearsal takes the documents
    to be there."""
    on_record = plan(case)
    rehearsed = on_record.opened is not None and on_record.opened.rehearsed
    return rules_of(case).gate(
        before,
        is_consulted_on=on_record.is_consulted_on,
        appeals_open=appeals_open,
        documents=None if rehearsed else on_record.documents,
    )
