"""Tasks, steps and places of an exercise in the office's words."""

from transfer.core.matter.book import REFUSED_STEP
from transfer.core.matter.facts import APPROVE, SETTLE
from transfer.questions.exercise_tasks import TaskName, TaskState
from transfer.questions.procedures import ABANDONED, COMPLETED, OVER, RUNNING
from transfer.questions.work import WorkKind
from transfer.web.frame.wording import facet_text

STANDING = {
    RUNNING: "under way",
    COMPLETED: "completed",
    ABANDONED: "abandoned",
    OVER: "over",
}

TASKS = {
    TaskName.RULES: "Rules of the exercise",
    TaskName.CONSULTATION: "Consultation of the unions",
    TaskName.ON_RECORD: "What the rules want on record first",
    TaskName.PLAN: "Days of the plan",
    TaskName.SCOPE: "Who is covered",
    TaskName.REHEARSAL: "Rehearsal",
    TaskName.PROPOSALS: "Where each person goes",
    TaskName.LETTERS: "Letters",
    TaskName.ANSWERS: "Answers",
    TaskName.APPEALS: "Appeals",
    TaskName.DECISIONS: "Approvals, and decisions to look at again",
    TaskName.LIABILITY: "Liability information",
    TaskName.MOVE: "The move",
    TaskName.AFTERWARDS: "After the move",
}

STATES = {
    TaskState.DONE: ("Done", None),
    TaskState.UNDER_WAY: ("Under way", "govuk-tag--light-blue"),
    TaskState.TO_DO: ("To do", "govuk-tag--blue"),
    TaskState.OVERDUE: ("Overdue", "govuk-tag--red"),
    TaskState.CHECK: ("Check", "govuk-tag--yellow"),
    TaskState.CANNOT_START: ("Cannot start yet", None),
    TaskState.OPTIONAL: ("Optional", None),
    TaskState.NOT_NEEDED: ("Not needed", None),
}
"""The word for each state, and how its tag looks; a state that asks for nothing has no tag."""

_STEPS = {
    "issue-letters": "the letters go out",
    "open-windows": "the last days to answer and to appeal are set",
    "confirm": "the assignments become final",
    "move": "people move",
    "end-by-objection": "the employment of those who object ends",
    "end-by-dissolution": "the employment of those left behind ends",
    "reach": "it is checked whether a day of the plan was kept",
    "pass-day": "a day of the plan passes",
    "dissolve": "the old employers are dissolved",
    "complete": "the exercise is closed",
    "propose": "it is proposed where people go",
    SETTLE: "a decision has to be looked at again",
}

_WAITING = {
    "response": "Answers to letters",
    "appeal": "Appeals that may still be made",
    "choice": "Choices that may still be made",
    "review": "Reviews that may still be asked for",
    "determination": "Appeals for a panel to decide",
    "end-of-employment": "Employments to end after an objection",
    "send-again": "Letters to send again",
    "milestone": "Days of the plan",
    "issue-letters": "Letters to send",
    "open-windows": "Last days to set",
    "confirm": "Assignments to make final",
    "move": "People to move",
    "reach": "Days of the plan to check",
    "pass-day": "Days of the plan to pass",
    "dissolve": "Old employers to dissolve",
    "end-by-dissolution": "Employments to end at the dissolution",
    "complete": "Exercise to close",
    APPROVE: "Steps to approve",
    SETTLE: "Decisions to look at again",
    REFUSED_STEP: "Steps that the rules refused",
}


def step_text(step: str) -> str:
    """What a step does, as a clause of a sentence, e.g. `the letters go out`."""
    return _STEPS.get(step) or f"the step “{facet_text(step).lower()}” is taken"


def waiting_text(what: str) -> str:
    """What is waited for, as the head of a line."""
    return _WAITING.get(what) or facet_text(what)


def people_text(number: int) -> str:
    """`1 person`, `3,000 people`."""
    return f"{number:,} {'person' if number == 1 else 'people'}"


KINDS_OF_WORK = {
    WorkKind.APPROVAL: "Something to approve",
    WorkKind.DECISION: "A decision to look at again",
    WorkKind.REFUSED: "A step that the rules refused",
    WorkKind.APPEAL: "An appeal to decide",
    WorkKind.DUTY: "Anything else",
}

_OWNERS = {
    "employer": "the employer",
    "staff": "the member of staff",
    "panel": "the panel",
    "bodies": "the bodies that are consulted",
}


def owner_text(owner: str) -> str:
    """From whom something is due, e.g. `the panel`; an edition may name others in its own words."""
    return _OWNERS.get(owner, owner)


def work_text(kind: WorkKind, what: str, about: str) -> str:
    """Something to do, as a line of a list has it."""
    match kind:
        case WorkKind.APPROVAL:
            return f"To approve: {step_text(about)}"
        case WorkKind.DECISION:
            return "A decision that would be another by now: say what becomes of it"
        case WorkKind.REFUSED:
            return f"The rules refused a step, put it right: {step_text(about)}"
        case WorkKind.APPEAL:
            return "To decide on an appeal"
        case WorkKind.DUTY:
            said = waiting_text(what)
            return f"{said}: {facet_text(about).lower()}" if about else said
