"""The facts of an exercise in plain words: for a person's history, and for the exercise's own."""

from collections.abc import Callable, Mapping
from typing import Any

from transfer.core.matter.facts import MatterFact
from transfer.core.words import Facet
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as f


def _proposed(fact: f.AssignmentProposed) -> str:
    return f"to go to {fact.destination}, by {fact.route}: {fact.reason}"


def _written_to(fact: f.AssignmentLetterIssued) -> str:
    until = "".join(f"; {each.window} until {each.when.on}" for each in fact.windows)
    return f"a letter assigns them to {fact.destination}{until}"


def _answered(fact: f.ResponseRecorded) -> str:
    late = "" if fact.in_time else ", too late"
    why = f" and taken because {fact.admitted_because}" if fact.admitted_because else ""
    return f"answered: {fact.response}{late}{why}"


def _moved(fact: f.StaffTransferred) -> str:
    employer = fact.changes.get(Facet.EMPLOYER)
    to = fact.destination if employer is None else f"{fact.destination}, {employer}"
    return f"moves to {to} on {fact.effective_from}"


def _given(fact: f.TermGivenByMove) -> str:
    until = f" until {fact.effective_to}" if fact.effective_to else ""
    return f"{fact.term} from {fact.effective_from}{until}: {fact.value}"


def _objects(fact: f.ObjectionRaised) -> str:
    worse = f", and to a change for the worse: {fact.detriment}" if fact.detriment else ""
    return f"objects to the transfer{worse}; told to {fact.told_to}"


def _reached(fact: e.MilestoneReached) -> str:
    met = "met" if fact.met else f"not met: {fact.outstanding} outstanding"
    return f"{fact.milestone} of {fact.due_on} {met}"


def _sent(fact: e.CohortLettersSent) -> str:
    until = "".join(f"; {window} until {when.on}" for window, when in fact.windows.items())
    return f"the letters of {fact.group} are out{until}"


def _completed(fact: e.ExerciseCompleted) -> str:
    moved = ", ".join(f"{n} to {to}" for to, n in fact.transferred.items()) or "nobody moved"
    return (
        f"completed: of {fact.in_scope} in scope {moved}, {fact.objected} objected, "
        f"{fact.not_transferred} not transferred, {fact.left} had left, {fact.stayed} stayed"
    )


SENTENCES: Mapping[type[MatterFact], Callable[[Any], str]] = {
    e.ExerciseOpened: lambda x: f"opened under {x.edition} for {', '.join(x.transferors)}",
    e.ScopeSet: lambda x: f"covers {len(x.members)} people: {x.criterion}",
    e.MilestoneSet: lambda x: f"{x.milestone} is on {x.when.on}",
    e.MilestoneReset: lambda x: f"{x.milestone} moved from {x.before} to {x.when.on}: {x.reason}",
    e.MilestoneReached: _reached,
    e.PlacesAllocated: lambda x: f"places shared out among {len(x.outcomes)} people",
    e.CohortFormed: lambda x: f"{len(x.people)} people of {x.transferor} together in {x.group}",
    e.DocumentFiled: lambda x: f"{x.title} is on file: {x.basis.document}",
    e.CohortLettersSent: _sent,
    e.TransferorDissolved: lambda x: f"{', '.join(x.transferors)} dissolved on {x.dissolved_on}",
    e.ExerciseCompleted: _completed,
    f.BroughtIntoScope: lambda x: f"covered by the exercise from {x.effective_from}",
    f.AssignmentProposed: _proposed,
    f.AssignmentLetterIssued: _written_to,
    f.ResponseRecorded: _answered,
    f.ObjectionRaised: _objects,
    f.ObjectionWithdrawn: lambda x: f"no longer objects; told to {x.told_to}",
    f.AssignmentConfirmed: lambda x: f"the assignment to {x.destination} is final",
    f.StaffTransferred: _moved,
    f.TermGivenByMove: _given,
    f.EmploymentEnded: lambda x: f"employment ends on the eve of {x.effective_from}: {x.reason}",
    f.LeaverPassedBy: lambda x: f"passed by at {x.step}: {x.reason}",
}
