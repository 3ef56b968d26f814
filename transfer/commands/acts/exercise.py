"""The acts of an exercise that take more than one command, or that choose their people.

Each says in its body what the office gives; the decisions are those of `transfer.procedures`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from transfer.commands.acts.doing import Came, Do, Doing, each, one, settled_too, whom
from transfer.commands.acts.given import ActGiven, ForPerson, ForPersonOrAll, UnderEdition
from transfer.commands.matter_worlds import Loaded
from transfer.commands.plans import PlanAsked, plan_asked, terms_asked
from transfer.core.dating.instants import Day
from transfer.core.matter import facts as t
from transfer.core.matter.folding import State
from transfer.core.matter.replaying import World
from transfer.core.matter.words import GroupName, Named, Whom
from transfer.core.refusals import Failure, Malformed, Refused
from transfer.core.words import ExerciseId, Route, StaffNumber
from transfer.rulebooks.in_force import binding

Words = Annotated[str, StringConstraints(min_length=1)]

# --- opening ------------------------------------------------------------------------------------


class ExerciseBegin(UnderEdition):
    """Opens an exercise under an edition, with a value for everything that the edition leaves open.

    `id` is its name, that of the edition unless given. `transferors` are all of the edition's,
    unless given. `assume: "suggested"` takes the values that the edition proposes; a practised
    record alone takes that. The days that the edition has announced by then are set with it;
    `milestones` gives others. `starts_on` and `letters_on` (a day for each path) are for the
    preview alone: it answers the latest lawful day of each step, and what collides.
    """

    id: ExerciseId | None = Field(None, examples=["tr-2013"])
    transferors: tuple[Words, ...] | None = None
    milestones: Annotated[Mapping[Words, Day], Named.MILESTONE] = Field(default_factory=dict)
    starts_on: Day | None = None
    letters_on: Annotated[Mapping[Words, Day], Named.PATH] = Field(default_factory=dict)


def asked_by(body: ExerciseBegin, today: date, *, assumes: bool) -> PlanAsked:
    """The plan that a body asks about."""
    return PlanAsked(
        edition=body.rulebook,
        values=body.values_asked,
        suggested=body.assume is not None,
        assumes=assumes,
        transferors=body.transferors,
        milestones=body.milestones,
        starts_on=body.starts_on,
        letters_on=body.letters_on,
        on=body.happened_on or today,
    )


def begin(doing: Doing, body: ExerciseBegin) -> Came:
    """Open an exercise, and set the days that are known."""
    exercises = doing.tools.exercises
    asked = asked_by(body, doing.asking.today, assumes=doing.assumes)
    terms = terms_asked(doing.tools.office, asked)
    plan = plan_asked(terms, asked)
    came = Came(doing.matter)
    came.take(
        exercises.open(
            doing.act,
            doing.because(),
            doing.id,
            binding(terms),
            transferors=plan.transferors,
            collisions=plan.collisions,
            rehearsed=doing.assumes,
            happened_on=body.happened_on,
        )
    )
    for name, day in plan.milestones.items():
        came.receipts += exercises.move_milestone(
            doing.act.part("milestone", name),
            doing.because(),
            doing.id,
            milestone=name,
            to=day,
            reason="a day of the plan at its opening",
            happened_on=body.happened_on,
        )
    came.says["plan"] = plan
    return came


# --- scope and proposals ------------------------------------------------------------------------


class ExerciseSetScope(ActGiven):
    """Says whom the exercise covers: everybody whom the edition's scope covers, or these people.

    `effective_from` is the day on which they have to be there; today unless given.
    """

    criterion: Words | None = Field(None, examples=["everybody whom the edition's scope covers"])
    staff_numbers: tuple[StaffNumber, ...] | None = Field(None, max_length=50_000)
    effective_from: Day | None = None

    @model_validator(mode="after")
    def _says_whom(self) -> Self:
        if self.criterion is None and self.staff_numbers is None:
            raise ValueError("say by which criterion, or name staff_numbers")
        if self.effective_from and self.happened_on and self.effective_from != self.happened_on:
            raise ValueError("the scope holds from the day on which it is set: give one of the two")
        return self


def set_scope(doing: Doing, body: ExerciseSetScope) -> Came:
    """Set the scope, then bring everybody in."""
    numbers = body.staff_numbers
    if numbers is None:
        numbers = tuple(doing.tools.office.everybody())
    found = doing.tools.exercises.set_scope(
        doing.act,
        doing.because(),
        doing.id,
        members=numbers,
        criterion=body.criterion or "those named",
        happened_on=body.effective_from or body.happened_on,
        learned_on=body.learned_on,
        progress=doing.progress,
    )
    came = Came(doing.matter, [*found.receipts], dict(found.refused))
    came.says["left_out"] = [
        {"staff_number": each.staff_number, "reason": each.reason, "has_left": each.has_left}
        for each in found.left_out
    ]
    return came


class ExercisePropose(ActGiven):
    """Tries the routes of the edition, in order, for everybody in scope, or for these people.

    `seed` is the draw's, where an edition draws; it is recorded with each draw.
    """

    staff_number: StaffNumber | None = None
    staff_numbers: tuple[StaffNumber, ...] | None = Field(None, max_length=50_000)
    seed: Words | None = None


def propose(doing: Doing, body: ExercisePropose) -> Came:
    """Propose where people go."""
    named = [*filter(None, [body.staff_number]), *(body.staff_numbers or ())]
    found = doing.tools.exercises.propose(
        doing.act,
        doing.because(),
        doing.id,
        seed=body.seed or doing.id,
        only=tuple(dict.fromkeys(named)) if named or body.staff_numbers is not None else None,
        happened_on=body.happened_on,
        learned_on=body.learned_on,
        progress=doing.progress,
    )
    came = Came(doing.matter, [*found.receipts], dict(found.refused))
    came.says["for_a_panel"] = [
        {"staff_number": each.staff_number, "reason": each.reason} for each in found.unresolved
    ]
    return came


# --- groups and letters -------------------------------------------------------------------------


class ExerciseFormGroup(ActGiven):
    """Puts people whose letters go out together into a group, and says on which day.

    Who: `staff_numbers`, or everybody of a `transferor` whom one of `routes` reached, or without
    either everybody who has a proposal and no group yet. A group is of one transferor and one path;
    without a name there may be several, named by the program. `letters_on` is a day, or a day for
    each path.
    """

    group: GroupName | None = Field(None, examples=["LDN-sifted-1"])
    staff_numbers: tuple[StaffNumber, ...] | None = Field(None, max_length=50_000)
    transferor: Annotated[Words | None, Named.TRANSFEROR] = None
    routes: Annotated[tuple[Route, ...] | None, Named.ROUTE] = None
    letters_on: Annotated[Day | Mapping[Words, Day], Named.PATH] = Field(examples=["2013-11-27"])


def form_group(doing: Doing, body: ExerciseFormGroup) -> Came:
    """Put people together."""
    exercises = doing.tools.exercises
    days = body.letters_on
    if isinstance(days, date):
        days = dict.fromkeys((each.id for each in exercises.rules(doing.id).rulebook.ways), days)
    found = exercises.form_groups(
        doing.act,
        doing.because(),
        doing.id,
        letters_on=days,
        named=body.group,
        people=body.staff_numbers,
        transferor=body.transferor,
        routes=body.routes,
        happened_on=body.happened_on,
        learned_on=body.learned_on,
    )
    came = Came(doing.matter, [*found.receipts])
    came.says["groups"] = list(found.names)
    return came


class Letters(ForPerson):
    """The letters of a group, or of these people."""

    group: Annotated[Words | None, Named.GROUP] = Field(None, examples=["LDN-sifted-1"])
    letter: Annotated[Words | None, Named.LETTER] = None

    @model_validator(mode="after")
    def _says_whose(self) -> Self:
        given = (self.group, self.staff_number, self.staff_numbers, self.selection)
        if sum(each is not None for each in given) != 1:
            raise ValueError("say whose: group, staff_number, staff_numbers or selection")
        return self


class ExercisePreviewLetters(Letters):
    """Shows what the letters of a group, or of these people, have to say. Nothing is written."""


class ExerciseIssueLetters(Letters):
    """Sends the letters of a group on their day, or those of single people whose group has theirs.

    Where the edition lets letters wait for somebody's approval, they wait (202).
    """


def preview_letters(doing: Doing, body: Letters) -> Came:
    """What letters have to say."""
    exercises = doing.tools.exercises
    rules, plan = exercises.rules(doing.id), exercises.plan(doing.id)
    names = _letters_of(doing, body)
    shown: list[dict[str, Any]] = []
    state = doing.tools.matters.state(doing.matter)
    for number, own in exercises.participations(doing.id, names):
        group = next((g for g in plan.groups.values() if number in g.people), None)
        sent = None if group is None else rules.letters(group.path)
        goes = group and state.book.due(Whom(doing.matter, group.group), "issue-letters")
        shown.append(
            {
                "staff_number": number,
                "group": group and group.group,
                "letters": [] if sent is None else list(sent.names),
                "goes_out_on": goes and _iso(state.book.days(goes)[0]),
                "destination": own.destination,
                "route": own.proposal and own.proposal.route,
                "because": own.proposal and own.proposal.reason,
                "contents": [] if sent is None else list(sent.contents),
                "windows": []
                if sent is None
                else [
                    {
                        "window": window.name,
                        "lasts": str(rules.value(window.length_clause, own.transferor)),
                        "clause": window.length_clause,
                    }
                    for window in sent.windows
                ],
                "sent_on": _iso(own.letter_issued_on),
                "lacking": _lacking(own.proposal is None, group is None),
            }
        )
    came = Came(doing.matter)
    came.says["letters"] = shown
    return came


def issue_letters(doing: Doing, body: ExerciseIssueLetters) -> Came:
    """Send letters that are due."""
    if body.group is not None:
        _letters_of(doing, body)
        return taken(doing, "issue-letters", [Whom(doing.matter, body.group)])
    names = _letters_of(doing, body)
    state = doing.tools.matters.state(doing.matter)
    waits = doing.tools.exercises.rules(doing.id).waits("issue-letters")
    for number in names if waits else ():
        group = state.book.group(doing.matter, number)
        if (("issue-letters"), "", group) not in state.whole.timing.approved:
            raise Refused(
                f"the letters of {group or number} wait for somebody's approval: approve "
                "issue-letters first"
            )
    return each(doing, "issue-letters", dict.fromkeys(names, MappingProxyType({})))


def _letters_of(doing: Doing, body: Letters) -> tuple[str, ...]:
    plan = doing.tools.exercises.plan(doing.id)
    if body.group is not None:
        if body.group not in plan.groups:
            known = ", ".join(plan.groups) or "none"
            raise Malformed(f"no group {body.group}: there are {known}", field="group")
        return plan.groups[body.group].people
    return whom(doing, needed=True) or ()


def _lacking(no_proposal: bool, no_group: bool) -> list[str]:
    lacking = ["a proposed assignment"] if no_proposal else []
    return lacking + (["a group: form one"] if no_group else [])


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


# --- days ---------------------------------------------------------------------------------------


def move_milestone(doing: Doing, body: ActGiven) -> Came:
    """Move a day of the plan, and the terms that move with it."""
    given = body.model_dump(include={"milestone", "to", "reason"})
    receipts = doing.tools.exercises.move_milestone(
        doing.act,
        doing.because(),
        doing.id,
        milestone=given["milestone"],
        to=given["to"],
        reason=given["reason"] or "",
        happened_on=doing.body.happened_on,
        learned_on=doing.body.learned_on,
    )
    came = Came(doing.matter, list(receipts))
    return settled_too(doing, [None], came)


# --- steps of the clock -------------------------------------------------------------------------


class Step(ForPersonOrAll):
    """A step of the clock that is due, for whom it was held up: for everybody, or these people."""


class ExerciseConfirm(Step):
    """Makes assignments final that are due to be, for everybody or these people."""


class ExerciseMove(Step):
    """Moves those who are due to be moved: everybody, or these people."""


class ExerciseDissolve(ActGiven):
    """Dissolves the transferors, once that is due."""


class ExerciseComplete(ActGiven):
    """Closes the exercise, once that is due: everybody in scope is accounted for."""


class ExerciseRetry(ForPersonOrAll):
    """Tries a step again that was refused, for everybody or for these people."""

    step: Annotated[Words, Named.STEP] = Field(examples=["move"])
    group: Annotated[Words | None, Named.GROUP] = None


def step_named(name: str) -> Do:
    """The act that takes a step of the clock which is due."""

    def do(doing: Doing, _body: Step | ActGiven) -> Came:
        return taken(doing, name, _whose(doing, None))

    return do


def retry(doing: Doing, body: ExerciseRetry) -> Came:
    """Try a refused step again."""
    return taken(doing, body.step, _whose(doing, body.group))


def _whose(doing: Doing, group: str | None) -> list[Whom]:
    """Whose step it is: these people's, a group's, or everybody's."""
    people = whom(doing, needed=False)
    if people is not None:
        return [Whom(doing.matter, None, person) for person in people]
    if group is not None:
        return [Whom(doing.matter, group)]
    groups = doing.tools.worlds.groups(Loaded(), doing.matter)
    alone = doing.tools.worlds.people_with(doing.matter)
    return [
        *(Whom(doing.matter, each) for each in groups),
        Whom(doing.matter),
        *(Whom(doing.matter, None, person) for person in alone),
    ]


def taken(doing: Doing, step: str, whose: Sequence[Whom]) -> Came:
    """Take what is due of these, which is the only order in which the rules allow it.

    Where nothing was, raises `Refused` with the reason why the step is not taken, for one or for
    all; or says that it waits for approval.
    """
    if doing.body.happened_on not in (None, doing.asking.today):
        raise Malformed("a step holds from the day on which it fell due", field="happened_on")
    declared = doing.tools.worlds.kind(doing.matter).step(step)
    if declared is None:
        steps = ", ".join(each.name for each in doing.tools.worlds.kind(doing.matter).steps)
        raise Malformed(f"{step} is no step: {steps}", field="step")
    doing.asking.require(declared.act.who, declared.act.says)
    came = Came(doing.matter)
    due = doing.tools.due(came.receipts.append)
    for n, each_of in enumerate(whose):
        part = doing.act if n == 0 else doing.act.part("of", str(n))
        due.take(part, each_of, doing.asking.today)
        doing.progress(n + 1, len(whose))
    stuck = [why for each_of in whose if (why := _why_not(doing, step, each_of)) is not None]
    if came.receipts:
        for why in stuck:
            if why.person is not None and any(each.clause for each in why.failures):
                came.refused[why.person] = Refused.all_of(why.failures)
        return came
    waiting = next((why for why in stuck if why.waits), None)
    if waiting is not None:
        came.waits_for = waiting.failures[0].reason
    elif stuck:
        raise Refused.all_of(tuple(each for why in stuck[:_MOST_TOLD] for each in why.failures))
    return came


_MOST_TOLD = 20
"""Of how many people or groups a refusal says why."""


@dataclass(frozen=True, slots=True)
class _Why:
    """Why a step was not taken of a person, of a group or of the whole (`None`)."""

    person: str | None
    failures: tuple[Failure, ...]
    waits: bool = False


def _why_not(doing: Doing, step: str, whose: Whom) -> _Why | None:
    """Why a step that is not done is not; `None` where it is done, or is none of theirs."""
    world: World = doing.tools.worlds.world_of(Loaded(), whose)
    state: State = doing.tools.matters.state(doing.matter, whose.person)
    level = state.mine
    due = level.book.due(whose, step)
    if due is None or not due.is_open:
        return None
    named = whose.person or whose.group or doing.matter

    def because(reason: str, *, waits: bool = False) -> _Why:
        return _Why(whose.person, (Failure(reason),), waits)

    asked = level.timing.asked.get((step, "", whose.group))
    if asked is not None and (step, "", whose.group) not in level.timing.approved:
        by = f"somebody other than {asked.proposed_by}"
        since = f"since {asked.lawful_on}"
        return because(f"{step} of {named} waits for the approval of {by}, {since}", waits=True)
    if state.is_held(whose.group):
        return because(f"{named} is held: resume it first")
    refused = [
        fact
        for deed in world.deeds
        for fact in deed.facts
        if isinstance(fact, t.StepRefused) and fact.step == step and fact.group == whose.group
    ]
    if refused:
        last = refused[-1]
        clauses = (*last.clauses, *[None] * len(last.reasons))
        return _Why(whose.person, tuple(map(Failure, last.reasons, clauses)))
    if world.held_by:
        return because(f"{named}: something that was decided is to be settled first")
    day = level.book.days(due)[0]
    if day is None:
        return because(f"{step} of {named} has no day yet")
    if day > doing.asking.today:
        return because(f"{step} of {named} is due on {day}, not before")
    return None


# --- approvals ----------------------------------------------------------------------------------


class ExerciseApprove(ForPersonOrAll):
    """Approves a step that waits for it, wherever it waits; or of one group, or of these people."""

    step: Annotated[Words, Named.STEP] = Field(examples=["issue-letters"])
    about: str = ""
    group: Annotated[Words | None, Named.GROUP] = None


class ExerciseDecline(ExerciseApprove):
    """Does not approve a step for now: it stays due by law, and is not taken."""


def approving(what: str) -> Do:
    """The act that approves a step or does not."""

    def do(doing: Doing, body: ExerciseApprove) -> Came:
        inputs: dict[str, object] = {"step": body.step, "about": body.about}
        if body.reason is not None and what == "decline":
            inputs["reason"] = body.reason
        people = whom(doing, needed=False)
        if people is not None:
            return each(doing, what, dict.fromkeys(people, inputs))
        if body.group is not None:
            return one(doing, what, None, inputs | {"group": body.group})
        return _wherever_it_waits(doing, what, body, inputs)

    return do


def _wherever_it_waits(
    doing: Doing, what: str, body: ExerciseApprove, inputs: dict[str, object]
) -> Came:
    state = doing.tools.matters.state(doing.matter)
    timing, came = state.whole.timing, Came(doing.matter)
    waiting = [
        group
        for (step, about, group) in timing.asked
        if (step, about) == (body.step, body.about)
        and (step, about, group) not in timing.approved
        and (due := state.book.due(Whom(doing.matter, group), step, about)) is not None
        and due.is_open
    ]
    for n, group in enumerate(waiting):
        part = doing.act if n == 0 else doing.act.part("group", str(group))
        given = inputs if group is None else inputs | {"group": group}
        receipt = doing.tools.matters.do(part, doing.because(), doing.matter, what, inputs=given)
        came.take(receipt)
    people = doing.tools.worlds.people_having(doing.matter, t.ApprovalAsked)
    theirs = [
        number
        for number, own in doing.tools.worlds.states(Loaded(), doing.matter, people)
        if own.own is not None
        and (body.step, body.about, None) in own.own.timing.asked
        and (body.step, body.about, None) not in own.own.timing.approved
        and (due := own.book.due(own.whom, body.step, body.about)) is not None
        and due.is_open
    ]
    if theirs:
        more = each(doing, what, dict.fromkeys(theirs, inputs))
        came.receipts += more.receipts
        came.refused |= more.refused
    if not came.receipts and not came.refused:
        return one(doing, what, None, inputs)  # says why there is nothing to approve
    return came
