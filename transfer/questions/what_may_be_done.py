"""What may be done in a procedure now, by whom, and what stands in the way of the rest.

It is advice before anything is asked: the decision of an act has the last word.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from projections.deadlines.deadlines import of_whom
from projections.keeping_up.copying import Conn
from transfer.commands.acts.given import ForPerson
from transfer.commands.acts.offered import Offered, offered
from transfer.commands.matter_worlds import Loaded
from transfer.core.dating.instants import Instant
from transfer.core.matter import facts as t
from transfer.core.matter.book import REFUSED_STEP
from transfer.core.matter.folding import State as MatterState
from transfer.core.matter.words import Whom
from transfer.core.refusals import Failure
from transfer.procedures.exercise.participation import participation_of
from transfer.procedures.exercise.plan import plan_of
from transfer.questions.answer import Answer
from transfer.questions.procedures import ABANDONED, COMPLETED, OVER, Found, Looking, to_approve
from transfer.rulebooks.in_force import BindingRules

_Waits = Mapping[tuple[str, str], Sequence[str]]
"""Of whom something waits for the office, by what it is and what it is about."""


class ActOffered(Answer):
    """An act: who may do it, what it needs, and what stands in its way, if anything does.

    `needs` names each field with what it is; those without a default are `required`. `for_person`:
    it is for one person or for several.
    """

    act: str
    says: str
    who: tuple[str, ...]
    may_be_done: bool
    stands_in_the_way: str | None
    clause: str | None
    required: tuple[str, ...]
    needs: dict[str, str]
    for_person: bool


class ActsOffered(Answer):
    """The acts of a procedure, those that may be done now first."""

    kind: str
    id: str
    known_at: Instant
    acts: tuple[ActOffered, ...]


def acts_of(looking: Looking, conn: Conn, kind: str, id_: str) -> ActsOffered:
    """The acts of a procedure: which may be done now, and what stands in the way of the rest."""
    found = looking.find(looking.kind(kind), id_)
    waits = {}
    if found.person is None:
        waits = of_whom(conn, found.matter, looking.known_at, (t.SETTLE, t.APPROVE, REFUSED_STEP))
    shown = [
        _act(each, _in_the_way(looking, waits, found, each.name))
        for each in offered([found.kind])
        if not each.begins
    ]
    shown.sort(key=lambda each: not each.may_be_done)
    return ActsOffered(kind=kind, id=id_, known_at=looking.known_at, acts=tuple(shown))


def _act(act: Offered, why_not: Failure | None) -> ActOffered:
    fields = act.body.model_fields
    return ActOffered(
        act=act.name,
        says=act.says,
        who=act.who,
        may_be_done=why_not is None,
        stands_in_the_way=None if why_not is None else why_not.reason,
        clause=None if why_not is None else why_not.clause,
        required=tuple(name for name, field in fields.items() if field.is_required()),
        needs={name: _in_words(field.annotation) for name, field in fields.items()},
        for_person=issubclass(act.body, ForPerson) and not act.of_person,
    )


def _in_words(annotation: Any) -> str:
    """A type as somebody who fills a form in understands it."""
    text = str(annotation)
    for sign, word in (
        ("bool", "yes or no"),
        ("Mapping", "names and values"),
        ("tuple", "a list"),
        ("date", "a day, YYYY-MM-DD"),
        ("UUID", "an id"),
        ("int", "a whole number or text"),
    ):
        if sign in text:
            return word
    return "text"


def _in_the_way(looking: Looking, waits: _Waits, found: Found, act: str) -> Failure | None:
    """What stands in the way of an act now; `None`: nothing that is known before it is asked."""
    if found.standing in (COMPLETED, ABANDONED) and act not in ("settle", "preview-letters"):
        return Failure(f"it is {found.standing}")
    state = found.state
    match act:
        case "settle":
            waiting = looking.worlds.world(Loaded(), found.matter, found.person).duties
            theirs = _of_whom(waits, t.SETTLE)
            if not waiting and not any(
                looking.worlds.world(Loaded(), found.matter, each).duties for each in theirs
            ):
                return Failure("nothing is to be settled")
        case "resume":
            people = _ever_held(looking, found)
            held = state.mine.timing.held or any(
                each.own is not None and each.own.timing.held
                for _, each in looking.worlds.states(Loaded(), found.matter, people)
            )
            if not held:
                return Failure("nobody is held")
        case "approve" | "decline":
            people = _of_whom(waits, t.APPROVE)
            if not any(to_approve(looking, found, people)):
                return Failure("nothing waits for approval")
        case _:
            return _of_kind(looking, waits, found, act)
    return None


def _of_whom(waits: _Waits, what: str, about: str | None = None) -> Sequence[str]:
    """Of whom something waits for the office: their records alone are read."""
    found = (people for of, people in waits.items() if of[0] == what and about in (None, of[1]))
    return sorted({number for people in found for number in people})


def _ever_held(looking: Looking, found: Found) -> Sequence[str]:
    """Whose clock was ever stopped in a matter; to be held is due of nobody, so no list has it."""
    return () if found.person is not None else looking.worlds.people_having(found.matter, t.Held)


def _of_kind(looking: Looking, waits: _Waits, found: Found, act: str) -> Failure | None:
    match found.kind.name:
        case "exercise":
            return _of_the_exercise(looking, waits, found, act)
        case "appeal":
            return _of_the_appeal(found, act)
        case "representation" if act == "dismiss" and found.standing == OVER:
            return Failure("the appointment has ended already")
        case "dispute-case" if act == "reopen" and found.standing != OVER:
            return Failure("the case is open")
        case "dispute-case" if act != "reopen" and found.standing == OVER:
            return Failure(f"the case is closed: first, {_says(found, 'reopen')}")
        case _:
            return None


def _says(found: Found, act: str) -> str:
    """What an act is, in the words of its declaration."""
    return found.kind.act(act).says


def _of_the_appeal(found: Found, act: str) -> Failure | None:
    appeal = found.state.mine.substance
    if act in ("determine", "withdraw") and not appeal.is_open:
        return Failure("no appeal is open: it was decided, withdrawn, or refused as late")
    if act == "admit-late" and (appeal.panel_by is not None or appeal.lodged_on is None):
        return Failure("it was not refused as late")
    return None


_NEEDS_SCOPE = ("join", "propose", "decide-by-panel", "form-group")
_NEEDS_LETTERS = (
    "letter-returned",
    "reissue-letter",
    "record-answer",
    "extend-window",
    "move-window",
)
_GATED = {
    "issue-letters": "letters",
    "confirm": "confirmation",
    "move": "transfer",
    "dissolve": "dissolution",
}


def _of_the_exercise(looking: Looking, waits: _Waits, found: Found, act: str) -> Failure | None:
    plan, state = plan_of(found.state), found.state
    rules = cast(BindingRules, looking.worlds.rules_of(Loaded(), found.matter))
    scope = rules.clause_for("scope")
    if act == "set-scope" and plan.scope is not None:
        later = f"for those who come later, {_says(found, 'join')}"
        return Failure(f"it is set whom it covers; {later}", scope)
    if act in _NEEDS_SCOPE and plan.scope is None:
        return Failure(f"nobody is covered yet: first, {_says(found, 'set-scope')}", scope)
    if act in ("preview-letters", "issue-letters") and not plan.groups:
        return Failure(f"no group is formed: first, {_says(found, 'form-group')}")
    if act in _NEEDS_LETTERS and not plan.sent:
        return Failure("no group's letters are out")
    if act in ("object", "withdraw-objection"):
        if not rules.allows("objection"):
            clause = rules.clause_for("objection")
            return Failure("these rules give nobody a right to object", clause)
        if plan.scope is None:
            return Failure("nobody is covered yet", scope)
    if act in _GATED:
        failures = rules.gate(_GATED[act], is_consulted_on=plan.is_consulted_on)
        if failures:
            return failures[0]
        return _due(looking, waits, found, state, act)
    if act == "complete":
        return _due(looking, waits, found, state, act)
    return None


def _due(
    looking: Looking, waits: _Waits, found: Found, state: MatterState, step: str
) -> Failure | None:
    """Why a step of the clock is not to be taken now: it is not due of anybody."""
    whose = [Whom(found.matter), *(Whom(found.matter, group) for group in plan_of(state).groups)]
    days = []
    for whom in whose:
        due = state.book.due(whom, step)
        if due is None or not due.is_open:
            continue
        day = state.book.days(due)[0]
        if day is not None and day <= looking.today:
            return None
        if day is not None:
            days.append(day)
    if days:
        return Failure(f"due on {min(days)}, not before")
    if step in ("confirm", "move"):
        held_up = {
            *_of_whom(waits, REFUSED_STEP, step),
            *_ever_held(looking, found),
            *_of_whom(waits, t.SETTLE),
        }
        for _, own in looking.worlds.states(Loaded(), found.matter, sorted(held_up)):
            due = own.book.due(own.whom, step)
            day = None if due is None or not due.is_open else own.book.days(due)[0]
            if day is not None and day <= looking.today and participation_of(own).scope is not None:
                return None
    return Failure("it is not due of anybody")
