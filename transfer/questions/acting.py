"""What an act came to, or would come to: the answers, alike for the API and the command line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from transfer.commands.acts.doing import Came, Doing, Tools, owner_of
from transfer.commands.acts.exercise import ExerciseBegin, asked_by
from transfer.commands.acts.given import people_of
from transfer.commands.acts.offered import Offered
from transfer.commands.plans import plan_asked, terms_asked
from transfer.commands.trial import Trial
from transfer.core.dating.instants import Instant
from transfer.core.matter import facts as t
from transfer.core.refusals import Refusal, Refused
from transfer.core.streams import matter_stream, staff_stream, take_apart
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.questions.answer import Answer, absent
from transfer.questions.preview import WouldRead, would_read
from transfer.questions.procedures import ToSettle, duties_left, duties_opened
from transfer.questions.steps_due import steps_due

MOST_SHOWN = 1_000
"""Facts, refusals and duties that an answer lists; `…_in_all` counts the rest."""

MOST_COMPARED = 20
"""People of whom a preview says what would read otherwise."""


class PersonRefused(Answer):
    """Somebody whom the rules refuse, with every failing clause. Null: it is refused as a whole."""

    staff_number: str | None
    reason: str
    clauses: tuple[str, ...]


class ActDone(Answer):
    """An act is on record: its last event, with that stream's version.

    `recorded_at` can be used as `known_at`. `wrote` counts the events. Of an act over many,
    `refused` lists whom the rules refused. `to_settle` are decisions that would state something
    else by now; `says` is what else there is to say of the act.
    """

    kind: str
    id: str
    act: str
    staff_number: str | None = None
    event_id: UUID
    version: int
    recorded_at: Instant
    wrote: int
    refused: tuple[PersonRefused, ...] = ()
    refused_in_all: int = 0
    to_settle: tuple[ToSettle, ...] = ()
    says: dict[str, Any] = Field(default_factory=dict)


class ActWaits(Answer):
    """An act is not taken yet: it waits for somebody's approval (202)."""

    kind: str
    id: str
    act: str
    waits_for: str


class WouldRecord(Answer):
    """A fact that would be on record: of whom, of which day, in plain words."""

    staff_number: str | None
    procedure: str
    happened_on: date
    sentence: str
    clause: str | None


class DueOtherwise(Answer):
    """Something due that would read otherwise; null: there is no such obligation, or no day."""

    staff_number: str
    what: str
    about: str
    owner: str
    before: date | None
    after: date | None
    state_before: str | None
    state_after: str | None


class ValueOtherwise(Answer):
    """Days on which a facet (of an `assignment`) or a term would have another value."""

    staff_number: str
    assignment: str | None
    name: str
    effective_from: date
    effective_to: date | None
    before: str | None
    after: str | None


class ActPreview(Answer):
    """What an act would come to; nothing was written.

    `would_record` lists at most 1,000 facts; `would_record_in_all` counts all of them. Of an act
    for 20 people at most, `deadlines` and `values` say what would read otherwise of them, and
    `says.plan` by when each step has to be done (`steps_due.StepsDue`); an exercise has its own
    plan there. `missing` has the values that an exercise cannot be opened without, each with the
    document that it needs.
    """

    kind: str
    id: str
    act: str
    would_record: tuple[WouldRecord, ...]
    would_record_in_all: int
    people: int
    refused: tuple[PersonRefused, ...]
    refused_in_all: int
    to_settle: tuple[ToSettle, ...]
    deadlines: tuple[DueOtherwise, ...] = ()
    values: tuple[ValueOtherwise, ...] = ()
    waits_for: str | None = Field(None, exclude_if=absent)
    missing: tuple[PersonRefused, ...] = Field((), exclude_if=absent)
    says: dict[str, Any] = Field(default_factory=dict)


# --- done ---------------------------------------------------------------------------------------


def done_of(doing: Doing, act: Offered, came: Came) -> ActDone:
    """What an act answers."""
    kind, _, name = came.matter.partition(":")
    stream, version, event_id, recorded_at = _last(doing, came)
    of, whose = take_apart(stream)
    return ActDone(
        kind=kind,
        id=name,
        act=act.name,
        staff_number=whose if of == "staff" else None,
        event_id=event_id,
        version=version,
        recorded_at=recorded_at,
        wrote=sum(len(each.events) for each in came.receipts),
        refused=tuple(_refusals(came.refused))[:MOST_SHOWN],
        refused_in_all=len(came.refused),
        to_settle=tuple(duties_opened(doing.tools.office, came.receipts))[:MOST_SHOWN],
        says=_plain(came.says),
    )


def _last(doing: Doing, came: Came) -> tuple[str, int, UUID, Any]:
    if came.receipts:
        receipt = came.receipts[-1]
        # What an act notes elsewhere, of what it rests on or what rests on it, comes after its own.
        own = {matter_stream(came.matter), matter_stream(doing.matter)}
        grounds = doing.tools.worlds.kind(came.matter).grounds is not None
        events = [
            each
            for each in receipt.events
            if each[0] in own or (not grounds and take_apart(each[0])[0] == "staff")
        ]
        stream, version, event_id = (events or receipt.events)[-1]
        return stream, version, event_id, receipt.recorded_at
    log, stream = doing.tools.office.log, matter_stream(came.matter)
    people = people_of(doing.body)
    if people is not None and len(people) == 1:
        stream = staff_stream(people[0])
    elif not doing.tools.worlds.has_begun(came.matter):
        owner = owner_of(doing.tools.worlds, came.matter)
        stream = stream if owner is None else staff_stream(owner)
    last = log.read(stream)[-1]
    return stream, last.version, last.event_id, last.recorded_at


def _refusals(refused: Mapping[str, Refused]) -> Iterator[PersonRefused]:
    for number, refusal in refused.items():
        yield PersonRefused(staff_number=number, reason=refusal.reason, clauses=clauses_of(refusal))


def clauses_of(refusal: Refused) -> tuple[str, ...]:
    """Every failing clause of a refusal, each once."""
    return tuple(dict.fromkeys(each.clause for each in refusal.failures if each.clause))


# --- previewing it ------------------------------------------------------------------------------


def previewed_act(doing: Doing, act: Offered) -> ActPreview:
    """What an act would come to, by doing it on a log that keeps nothing.

    Raises `BehindError` where the read models lag behind what is on record of its people.
    """
    trial = Trial(doing.tools.office, doing.tools.worlds)
    tried = replace(doing, tools=Tools(trial.office, trial.worlds))
    missing: tuple[PersonRefused, ...] = ()
    came, refused = Came(doing.matter), list[PersonRefused]()
    if isinstance(doing.body, ExerciseBegin):
        missing, says = _plan(doing, doing.body)
        came.says |= says
    try:
        done = act.do(tried, doing.body)
        came.matter, came.waits_for = done.matter, done.waits_for
        came.refused, came.says = done.refused, {**came.says, **done.says}
    except Refused as refusal:
        if not missing:
            refused.append(
                PersonRefused(staff_number=None, reason=refusal.reason, clauses=clauses_of(refusal))
            )
    refused += _refusals(came.refused)
    facts = list(trial.facts())
    kind, _, name = came.matter.partition(":")
    known = doing.tools.office.known
    people = {each.stream for each in facts if each.stream.startswith("staff:")}
    otherwise = _otherwise(doing, facts) if 0 < len(people) <= MOST_COMPARED else []
    if facts and "plan" not in came.says and len(people) <= MOST_COMPARED:
        of = trial.worlds.kind(came.matter)
        today = doing.asking.today
        plan = steps_due(trial.worlds, of, facts, judged_on=today, begins=act.begins)
        came.says |= {} if plan is None else {"plan": plan}
    return ActPreview(
        kind=kind,
        id=name,
        act=act.name,
        would_record=tuple(
            WouldRecord(
                staff_number=_whose(each),
                procedure=each.fact.matter,
                happened_on=each.fact.happened_on,
                sentence=known.sentence(each.fact) or "",
                clause=each.fact.basis.clause,
            )
            for each in facts[:MOST_SHOWN]
            if isinstance(each.fact, t.MatterFact)
        ),
        would_record_in_all=len(facts),
        people=len(people),
        refused=tuple(refused[:MOST_SHOWN]),
        refused_in_all=len(refused),
        to_settle=tuple(duties_left((each.stream, each.fact) for each in facts))[:MOST_SHOWN],
        deadlines=tuple(due for each in otherwise for due in _due_otherwise(each)),
        values=tuple(value for each in otherwise for value in _value_otherwise(each)),
        waits_for=came.waits_for or None,
        missing=missing,
        says=_plain(came.says),
    )


def _otherwise(doing: Doing, facts: Sequence[Recorded[Fact]]) -> list[WouldRead]:
    """What would read otherwise of each of these people."""
    of_people: dict[str, list[tuple[UUID, Fact]]] = {}
    for each in facts:
        number = _whose(each)
        if number is not None:
            of_people.setdefault(number, []).append((each.event_id, each.fact))
    log = doing.tools.office.log
    now = log.clock.read().now
    commands = {each.event_id: each.command_id for each in facts}
    return would_read(log, list(of_people), lambda _: of_people, not_before=now, commands=commands)


def _due_otherwise(found: WouldRead) -> Iterator[DueOtherwise]:
    for each in found.deadlines:
        either = each.after or each.before
        if either is not None:
            yield DueOtherwise(
                staff_number=found.staff_number,
                what=either.what,
                about=either.about,
                owner=either.owner,
                before=each.before and each.before.due_on,
                after=each.after and each.after.due_on,
                state_before=each.before and each.before.state,
                state_after=each.after and each.after.state,
            )


def _value_otherwise(found: WouldRead) -> Iterator[ValueOtherwise]:
    for item, stretches in found.values.items():
        for each in stretches:
            yield ValueOtherwise(
                staff_number=found.staff_number,
                assignment=item.assignment,
                name=item.name,
                effective_from=each.effective_from,
                effective_to=each.effective_to,
                before=each.before.value if each.before else None,
                after=each.after.value if each.after else None,
            )


def _whose(event: Recorded[Fact]) -> str | None:
    of, name = take_apart(event.stream)
    return name if of == "staff" else None


def _plan(doing: Doing, body: ExerciseBegin) -> tuple[tuple[PersonRefused, ...], dict[str, object]]:
    """The plan that is asked about, and the values that it lacks.

    Where values are missing, it is dated with those that the edition proposes, and says so.
    """
    office, today = doing.tools.office, doing.asking.today
    asked = asked_by(body, today, assumes=doing.assumes)
    try:
        return (), {"plan": plan_asked(terms_asked(office, asked), asked)}
    except Refused as refusal:
        missing = tuple(
            PersonRefused(
                staff_number=None,
                reason=each.reason,
                clauses=() if each.clause is None else (each.clause,),
            )
            for each in refusal.failures
        )
    supposed = replace(asked, suggested=True, assumes=True)
    try:
        return missing, {"plan": plan_asked(terms_asked(office, supposed), supposed)}
    except Refusal:
        return missing, {}


def _plain(says: Mapping[str, object]) -> dict[str, Any]:
    """What is said beside, as JSON has it."""
    return {name: _as_json(each) for name, each in says.items()}


def _as_json(each: object) -> Any:
    if isinstance(each, BaseModel):
        return each.model_dump(mode="json")
    if is_dataclass(each) and not isinstance(each, type):
        return {name: _as_json(value) for name, value in _fields(each)}
    if isinstance(each, date):
        return each.isoformat()
    if isinstance(each, Mapping):
        return {str(name): _as_json(value) for name, value in each.items()}
    if isinstance(each, list | tuple):
        return [_as_json(value) for value in each]
    return each


def _fields(each: Any) -> Iterator[tuple[str, object]]:
    return ((name, getattr(each, name)) for name in each.__dataclass_fields__)
