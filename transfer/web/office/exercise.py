"""/exercises/{id}: where one exercise stands, and what is to be done in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request, Response
from markupsafe import Markup

from transfer.access.identity import Caller, Role
from transfer.access.reach import is_limited
from transfer.commands.acts.given import BEGIN
from transfer.core.matter.facts import APPROVE, SETTLE
from transfer.questions.exercise_tasks import (
    OBJECTS,
    ExerciseStands,
    Goes,
    PlannedDay,
    Task,
    TaskName,
    TaskState,
    choices_of,
    exercise_stands,
)
from transfer.questions.procedures import RUNNING, GroupShown, ProcedureStands
from transfer.web.frame.pages import Pages
from transfer.web.frame.some_at_a_time import Part, Some
from transfer.web.frame.wording import PLACES, day_text, facet_text
from transfer.web.office.checking import procedure_address
from transfer.web.office.looking import NAMES, READERS, looking_at, read_asked
from transfer.web.office.wording import (
    STANDING,
    STATES,
    TASKS,
    people_text,
    step_text,
    waiting_text,
)
from transfer.web.pictures import flows, plan_and_fact, progress
from transfer.web.pictures.drawing import due_text
from transfer.web.pictures.flows import Flow
from transfer.web.pictures.plan_and_fact import Milestone, Move
from transfer.web.pictures.progress import Step

_GROUPS, _FLOWS, _HISTORY = "groups_from", "flows_from", "history_until"
"""Which part of each long list is shown."""

_TO_BE_DONE = (TaskState.OVERDUE, TaskState.TO_DO, TaskState.CHECK, TaskState.UNDER_WAY)
_PLACE_ON_PAGE = {
    TaskName.RULES: "#rules",
    TaskName.ON_RECORD: "#lacking",
    TaskName.PLAN: "#plan",
    TaskName.ANSWERS: "#groups",
    TaskName.DECISIONS: "#waiting",
    TaskName.AFTERWARDS: "#history",
}


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task as the list shows it; without a `link` there is nothing to see yet."""

    title: str
    says: str
    state: str
    tag: str | None
    link: str | None


@dataclass(frozen=True, slots=True)
class DayLine:
    """A milestone as the table of the plan shows it."""

    title: str
    planned: str
    moved: tuple[str, ...]
    fact: str


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    reader = pages.signed_in(*READERS, within_limits=True)
    up_to = pages.service.up_to(*NAMES)

    @router.get("/exercises/{exercise}", dependencies=[Depends(reader), Depends(up_to)])
    def show_exercise(
        request: Request, caller: Annotated[Caller, Depends(reader)], exercise: str
    ) -> Response:
        """Say where it stands; list the tasks in their order; count; plan and fact."""
        asked = read_asked(request.query_params, _GROUPS, _FLOWS, _HISTORY)
        with looking_at(pages, asked) as (conn, looking):
            found = exercise_stands(looking, conn, exercise)
            choices = choices_of(looking, exercise)
        path = f"/exercises/{quote(exercise)}"
        groups = Part(path, _GROUPS, "groups", asked.given).first_of(found.shown.groups)
        goes = Part(path, _FLOWS, "flows", asked.given).first_of(
            _flows(found, choices.destinations)
        )
        history = Part(path, _HISTORY, "history", asked.given).last_of(found.shown.sentences)
        shown, today = found.shown, looking.today
        may_act = Role.ADMIN in caller.roles and not is_limited(caller.limits)
        content = {
            "found": found,
            "may_act": may_act,
            "shown": shown,
            "says": says_where(shown),
            "tasks": [_line(each, shown.id, today, may_act=may_act) for each in found.tasks],
            "next_task": _next(found, today, may_act=may_act),
            "lacking": [lack for each in found.tasks for lack in each.lacks],
            "progress": _progress(found, today),
            "days": [_day(each, today) for each in found.plan],
            "picture": _picture(found.plan, today),
            "goes": _goes(shown.id, goes),
            "known_at": shown.known_at if asked.known_at else None,
            "places": choices.destinations | PLACES,
            "routes": choices.routes,
            "groups": [_group(each, today) for each in groups.items],
            "some_groups": groups,
            "some_flows": goes,
            "history": history,
            "waiting": [(waiting_text(what), n) for what, n in shown.waiting.items()],
            "step_text": step_text,
        }
        return pages.draw(request, "transfer/office/exercise.html", content)

    return router


def says_where(shown: ProcedureStands) -> str:
    """Where an exercise stands, in one sentence."""
    scope = shown.counts.get("in_scope", 0)
    covers = f"covers {people_text(scope)}" if scope else "covers nobody yet"
    begun = f"{shown.id}, begun on {day_text(shown.begun_on)} by the rules {shown.edition},"
    if shown.state != RUNNING:
        return f"{begun} is {STANDING[shown.state]}; it {covers}."
    held = ", but its clock was stopped" if shown.held else ""
    where = f"{begun} is under way{held} and {covers}"
    wait = shown.waiting.get(SETTLE, 0) + shown.waiting.get(APPROVE, 0)
    if wait:
        where += f"; {_waits(wait)} for an approval or a decision"
    if shown.next_step is None:
        return f"{where}; nothing has a day yet."
    step = step_text(shown.next_step)
    when = f"on {day_text(shown.next_on)}, {step}" if shown.next_on else f"{step}, on no day yet"
    return f"{where}; next, {when}."


def _line(task: Task, exercise: str, today: date, *, may_act: bool) -> TaskLine:
    state, tag = STATES[task.state]
    return TaskLine(
        title=TASKS[task.task],
        says=" ".join(_task_says(task, today)),
        state=state,
        tag=tag,
        link=_link(task, exercise, may_act=may_act),
    )


def _link(task: Task, exercise: str, *, may_act: bool) -> str | None:
    """Where a task is done or seen; `may_act`: also what is done by an act of the office."""
    if task.state is TaskState.CANNOT_START:
        return None
    people = f"/exercises/{exercise}/people"
    match task.task:
        case TaskName.CONSULTATION:
            return _consultation(task, exercise) if may_act else None
        case TaskName.LETTERS:
            return f"/exercises/{exercise}/letters"
        case TaskName.REHEARSAL:
            return None
        case TaskName.ON_RECORD if not task.lacks:
            return None
        case TaskName.SCOPE if task.done is None:
            return None
        case TaskName.SCOPE | TaskName.PROPOSALS:
            return people
        case TaskName.LIABILITY:
            return f"/exercises/{exercise}/liability-information"
        case TaskName.APPEALS:
            return f"/exercises/{exercise}/appeals"
        case TaskName.MOVE:
            return f"{people}?state=with-transferor" if task.state is not TaskState.DONE else people
        case name:
            return _PLACE_ON_PAGE[name]


def _consultation(task: Task, exercise: str) -> str:
    if task.state is TaskState.DONE:
        return procedure_address("consultation", exercise)
    begin = f"{procedure_address('consultation', '')}/{BEGIN}"
    return f"{begin}?{urlencode({'exercise': exercise})}"


def _next(found: ExerciseStands, today: date, *, may_act: bool) -> TaskLine | None:
    """The task to go on with: what is overdue, else the first that is still to be done."""
    lines = [
        (each.state, _line(each, found.shown.id, today, may_act=may_act)) for each in found.tasks
    ]
    for state in _TO_BE_DONE:
        for of, line in lines:
            if of is state and line.link is not None:
                return line
    return None


def _task_says(task: Task, today: date) -> Iterator[str]:
    """What there is to say of a task, a sentence each."""
    match task.task:
        case TaskName.RULES:
            yield f"{task.number} values were given when it was opened."
        case TaskName.CONSULTATION:
            if task.state is TaskState.TO_DO:
                yield "The rules want it begun before a later step."
            elif task.state is TaskState.OPTIONAL:
                yield "No step of these rules waits for it."
            else:
                yield "It is begun. What is asked and answered is recorded there."
        case TaskName.ON_RECORD:
            number = len(task.lacks)
            yield "Nothing is missing." if not number else f"{_things(number)} missing."
        case TaskName.PLAN:
            yield f"{task.of or 0} days are set."
            if task.number:
                yield f"Dates that could not all be kept when it was opened: {task.number}."
        case TaskName.SCOPE:
            yield "Not said yet." if task.done is None else f"{people_text(task.done)}."
        case TaskName.REHEARSAL:
            yield "Try the whole exercise in a folder kept apart; it leaves nothing on this record."
        case TaskName.PROPOSALS:
            yield from _of_people(task, "have a proposal")
        case TaskName.LETTERS:
            yield from _of_people(task, "have a letter")
            if task.due_on and task.state is not TaskState.DONE:
                yield f"The next are to go out on {_due(task.due_on, today)}."
        case TaskName.ANSWERS:
            yield from _of_people(task, "have answered")
            yield from _last_day(task, today)
        case TaskName.APPEALS:
            if task.of:
                yield f"{task.of} made, {task.done} settled, {task.number} for a panel to decide."
            elif task.state is not TaskState.CANNOT_START:
                yield "None was made."
            yield from _last_day(task, today)
        case TaskName.DECISIONS:
            yield f"{_waits(task.number)} for you." if task.number else "Nothing waits for you."
        case TaskName.LIABILITY:
            if task.state is TaskState.DONE:
                yield "What was given is on file."
            elif task.state is TaskState.NOT_NEEDED:
                yield "The rules say nothing about it."
            elif task.due_on:
                yield f"The last day to give it is {_due(task.due_on, today)}."
        case TaskName.MOVE:
            yield from _of_people(task, "have moved, or are no longer employed")
            if task.due_on and task.state is not TaskState.DONE:
                yield f"The day of transfer is {_due(task.due_on, today)}."
        case TaskName.AFTERWARDS:
            if task.due_on and task.state is not TaskState.DONE:
                yield f"The last day of the plan is {_due(task.due_on, today)}."


def _of_people(task: Task, have: str) -> Iterator[str]:
    if task.done is not None and task.of is not None:
        yield f"{task.done:,} of {people_text(task.of)} {have}."


def _last_day(task: Task, today: date) -> Iterator[str]:
    if task.due_on is None or task.state is TaskState.CANNOT_START:
        return
    was = "was" if task.due_on < today else "is"
    yield f"The last day {was} {day_text(task.due_on)}."


def _due(day: date, today: date) -> str:
    return f"{day_text(day)} ({due_text(day, today)})"


def _things(number: int) -> str:
    return "1 thing is" if number == 1 else f"{number} things are"


def _waits(number: int) -> str:
    return "1 step waits" if number == 1 else f"{number} steps wait"


def _progress(found: ExerciseStands, today: date) -> Mapping[str, object]:
    counts, of = found.shown.counts, found.shown.counts.get("in_scope", 0)
    due = {each.task: each.due_on for each in found.tasks}
    steps = [
        Step(what, min(counts.get(name, 0), of), of, last)
        for name, what, last in (
            ("proposed", "Proposed", None),
            ("letters", "Letter sent", due[TaskName.LETTERS]),
            # Nobody has to answer, so nobody is late who does not.
            ("answered", "Answered", None),
            ("confirmed", "Assignment final", None),
            ("transferred", "Moved", due[TaskName.MOVE]),
        )
    ]
    drawn = progress.draw(steps, today, title=f"How far {found.shown.id} is")
    return {
        "svg": Markup(drawn.svg),  # noqa: S704 - drawn here, every text in it escaped
        "rows": [(row[0], row[1]) for row in drawn.rows],
    }


def _flows(found: ExerciseStands, destinations: Mapping[str, str]) -> Sequence[Flow]:
    """From whom to whom people go, the largest employers first."""
    return flows.added_up(
        Flow(each.origin or "in no group yet", _target(each, destinations), each.headcount)
        for each in found.goes
    )


def _goes(exercise: str, some: Some[Flow]) -> Mapping[str, object]:
    """The picture of those flows, and its table with a row for each."""
    drawn = flows.draw(some.items, title=f"From whom to whom people of {exercise} go")
    return {
        "svg": Markup(drawn.svg),  # noqa: S704 - drawn here, every text in it escaped
        "rows": drawn.rows,
    }


def _target(goes: Goes, destinations: Mapping[str, str]) -> str:
    """Where people go, in words; what is not done yet says so."""
    if goes.place is None:
        return "not proposed yet"
    if goes.place == OBJECTS:
        return "nowhere: they object"
    name = destinations.get(goes.place)
    if name is None:
        return PLACES.get(goes.place, goes.place)
    return (goes.employer or name) if goes.moved else f"{name} (planned)"


def _group(group: GroupShown, today: date) -> dict[str, object]:
    letters = "no day yet"
    if group.sent_on is not None:
        letters = f"went out on {day_text(group.sent_on)}"
    elif group.letters_on is not None:
        go = "go" if group.letters_on >= today else "were to go"
        letters = f"{go} out on {day_text(group.letters_on)}"
    return {
        "group": group.group,
        "people": f"{group.people:,}",
        "transferor": group.transferor,
        "letters": letters,
        "windows": [
            f"{waiting_text(kind)}: until {day_text(last) if last else 'no day'}"
            for kind, last in group.windows.items()
        ],
    }


def _day(planned: PlannedDay, today: date) -> DayLine:
    if planned.met:
        fact = "kept"
    elif planned.met is None:
        fact = due_text(planned.on, today)
    else:
        fact = f"not kept: {people_text(planned.outstanding)} outstanding"
    return DayLine(
        title=_title(planned),
        planned=day_text(planned.planned),
        moved=tuple(
            f"{day_text(each.to)} (known on {day_text(each.known_on)})" for each in planned.moved
        ),
        fact=fact,
    )


def _title(planned: PlannedDay) -> str:
    """What a day of the plan is called: by its edition, else by its id."""
    return planned.title or facet_text(planned.milestone)


def _picture(plan: Sequence[PlannedDay], today: date) -> Markup:
    drawn = plan_and_fact.draw(
        [
            Milestone(
                _title(each),
                each.planned,
                tuple(Move(move.to, move.known_on) for move in each.moved),
                each.judged_for if each.met else None,
            )
            for each in plan
        ],
        today,
        title="The plan, and what was kept of it",
    )
    return Markup(drawn.svg)  # noqa: S704 - drawn here, every text in it escaped
