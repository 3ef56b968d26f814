"""/v1/procedures: what runs, how it stands, and every act of every kind.

The routes of the acts are made from what the kinds declare (`transfer.commands.acts.offered`): one
literal path each, with its own body, its example and the roles that may call it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass, replace
from datetime import date
from inspect import Parameter, Signature
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from projections.deadlines import deadlines
from projections.exercise import steps as exercise_steps
from transfer.api.bodies import Submitted, submitted
from transfer.api.http.openapi import Documented, previewed, problems, reads, writes
from transfer.api.http_service import V1, HttpService
from transfer.api.parameters import Question
from transfer.commands.acts.doing import Came, Doing, Tools, owner_of
from transfer.commands.acts.exercise import ExerciseBegin, asked_by
from transfer.commands.acts.given import ActGiven, ForPerson, people_of
from transfer.commands.acts.offered import Offered, offered
from transfer.commands.exercises import consultation_matter, exercise_matter
from transfer.commands.matters import Asking
from transfer.commands.office import Act
from transfer.commands.plans import plan_asked, terms_asked
from transfer.commands.trial import Trial
from transfer.core.dating.instants import Day, Instant
from transfer.core.matter import facts as t
from transfer.core.matter.words import MatterName
from transfer.core.refusals import (
    ItemRefused,
    Malformed,
    NotOnRecord,
    Refusal,
    Refused,
    SeveralRefused,
)
from transfer.core.streams import matter_stream, staff_stream, take_apart
from transfer.identity import Caller, Role
from transfer.log.envelope import Receipt, Recorded
from transfer.procedures.facts import Fact
from transfer.questions.answer import Answer, absent
from transfer.questions.procedures import (
    ActsOffered,
    Looking,
    PeopleOfExercise,
    Procedures,
    ProcedureShown,
    ToSettle,
    acts_of,
    people_of_exercise,
    procedure,
    procedures,
)

MOST_BYTES = 64 * 1024 * 1024
"""How large the body of an act over many may be."""

MOST_SHOWN = 1_000
"""Facts, refusals and duties that an answer lists; `…_in_all` counts the rest."""

_ROLES = {"admin": Role.ADMIN, "staff": Role.STAFF}


class ActQuestion(BaseModel):
    """The query parameters of an act."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    preview: bool = Field(
        False,
        description="Write nothing; answer (200) what would be on record, who would be refused and "
        "why, and what would have to be settled.",
    )


class ProceduresQuestion(Question):
    """What the list of procedures may be asked."""

    kind: str | None = Field(None, examples=["exercise"])
    state: str | None = Field(None, description="running, completed, abandoned or over")
    staff: str | None = Field(None, description="Those that this staff number is in.")
    due_before: Day | None = Field(None, description="Those of which something is due before.")
    limit: int = Field(100, ge=1, le=1000, description="How many a page has at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


class PeopleQuestion(Question):
    """What the people of an exercise may be asked."""

    state: str | None = Field(None, description="Where they are: a transferee's id, or …")
    route: str | None = None
    destination: str | None = None
    limit: int = Field(100, ge=1, le=1000, description="How many a page has at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


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


class ActPreview(Answer):
    """What an act would come to; nothing was written.

    `would_record` lists at most 1,000 facts; `would_record_in_all` counts all of them. `missing`
    are the values that an exercise cannot be opened without, each with the document that it needs.
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
    waits_for: str | None = Field(None, exclude_if=absent)
    missing: tuple[PersonRefused, ...] = Field((), exclude_if=absent)
    says: dict[str, Any] = Field(default_factory=dict)


def bodies(service: HttpService) -> tuple[type[BaseModel], ...]:
    """The bodies of every act, for the API's description."""
    return tuple(each.body for each in offered(service.office.known.kinds))


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["procedures"])
    reader = Depends(service.allow(Role.ADMIN, Role.AUDIT))
    up_to = Depends(service.up_to(deadlines.NAME, exercise_steps.NAME))
    names = (deadlines.NAME, exercise_steps.NAME)

    @router.get("/procedures", dependencies=[reader, up_to], **reads(Procedures))
    def list_procedures(asked: Annotated[ProceduresQuestion, Query()]) -> Response:
        """What is running or was, by kind and id: since when, under which edition, and what the
        clock does next."""
        with service.knowing(names, asked) as (_, known_at):
            pass
        found = procedures(
            Looking(service.office, service.worlds, known_at),
            kind=asked.kind,
            state=asked.state,
            staff=asked.staff,
            due_before=asked.due_before,
            limit=asked.limit,
            cursor=asked.cursor,
        )
        return service.answer(found)

    for kind in service.office.known.kinds:
        _reads(router, service, kind.name, [reader, up_to], names)
    for act in offered(service.office.known.kinds):
        _add(router, service, act)
    return router


def _reads(
    router: APIRouter, service: HttpService, kind: str, needs: Sequence[Any], names: tuple[str, ...]
) -> None:
    def read(id: str, asked: Annotated[Question, Query()]) -> Response:  # noqa: A002 - its name
        with service.knowing(names, asked) as (conn, known_at):
            found = procedure(Looking(service.office, service.worlds, known_at), conn, kind, id)
        return service.answer(found, headers={"ETag": f'"{found.version}"'})

    def read_acts(id: str, asked: Annotated[Question, Query()]) -> Response:  # noqa: A002 - its name
        with service.knowing(names, asked) as (_, known_at):
            pass
        return service.answer(acts_of(Looking(service.office, service.worlds, known_at), kind, id))

    path = f"/procedures/{kind}/{{id}}"
    router.add_api_route(
        path,
        read,
        methods=["GET"],
        name=f"read_{kind}",
        dependencies=needs,
        description="How it stands: in plain words, in numbers, by plan and fact; what it waits "
        "for and since when, what the rules refuse and why, what is to be settled or approved, and "
        "the sentences of its history.",
        **reads(ProcedureShown, "not-on-record"),
    )
    router.add_api_route(
        f"{path}/acts",
        read_acts,
        methods=["GET"],
        name=f"read_acts_of_{kind}",
        dependencies=needs,
        description="The acts that may be done now, by whom, with what each needs; and what stands "
        "in the way of the rest, with the clause.",
        **reads(ActsOffered, "not-on-record"),
    )
    if kind != "exercise":
        return

    def read_people(id: str, asked: Annotated[PeopleQuestion, Query()]) -> Response:  # noqa: A002 - its name
        with service.knowing(names, asked) as (conn, known_at):
            found = people_of_exercise(
                Looking(service.office, service.worlds, known_at),
                conn,
                id,
                state=asked.state,
                route=asked.route,
                destination=asked.destination,
                limit=asked.limit,
                cursor=asked.cursor,
            )
        return service.answer(found)

    router.add_api_route(
        f"{path}/people",
        read_people,
        methods=["GET"],
        name="read_people_of_exercise",
        dependencies=needs,
        description="Whom it covers: where to, by which route and why, letter, answer, appeal and "
        "what it came to. For several pages that belong together, give the `known_at` that the "
        "first one echoes.",
        **reads(PeopleOfExercise, "not-on-record"),
    )


def _add(router: APIRouter, service: HttpService, act: Offered) -> None:
    """The route of one act."""
    roles = [_ROLES[each] for each in act.who if each in _ROLES]
    allowed = Depends(service.allow(*roles))
    sent = Depends(submitted(service, act.body, most_bytes=MOST_BYTES))

    def do(
        caller: Caller,
        sent: Submitted[Any],
        asked: ActQuestion,
        id: str = "",  # noqa: A002 - its name
    ) -> Response:
        return perform(service, act, caller, sent, id, preview=asked.preview)

    parameters = [
        Parameter("caller", Parameter.KEYWORD_ONLY, annotation=Annotated[Caller, allowed]),
        Parameter("sent", Parameter.KEYWORD_ONLY, annotation=Annotated[Submitted[Any], sent]),
        Parameter("asked", Parameter.KEYWORD_ONLY, annotation=Annotated[ActQuestion, Query()]),
    ]
    if not act.begins:
        parameters.insert(0, Parameter("id", Parameter.KEYWORD_ONLY, annotation=str))
    # FastAPI reads a route's parameters off its signature.
    do.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    path = f"/procedures/{act.kind}" + ("" if act.begins else f"/{{id}}/acts/{act.name}")
    router.add_api_route(
        path,
        do,
        methods=["POST"],
        name=f"{act.name.replace('-', '_')}_{act.kind.replace('-', '_')}",
        description=f"To {act.says}.\n\n{act.body.__doc__ or ''}",
        **_documented(act),
    )


def _documented(act: Offered) -> Documented:
    documented = previewed(
        writes(
            act.body,
            ActDone,
            "not-on-record",
            "already-on-record",
            "conflict",
            "refused",
            "items-refused",
            already="With `preview=true`; or done already",
        ),
        ActPreview,
    )
    documented["responses"][202] = {"model": ActWaits, "description": "It waits for approval"}
    documented["responses"].update(problems("unavailable"))
    return documented


# --- doing it -----------------------------------------------------------------------------------


def perform(
    service: HttpService,
    act: Offered,
    caller: Caller,
    sent: Submitted[Any],
    id_: str,
    *,
    preview: bool,
) -> Response:
    """Do an act, or say what it would come to."""
    body: ActGiven = sent.body
    matter = matter_of(act, body, id_)
    tools = Tools(service.office, service.worlds)
    asking = asking_of(service, caller)
    if Role.ADMIN not in caller.roles:
        _require_own(tools, act, caller, body, matter)
    doing = Doing(
        tools=tools,
        act=Act(
            by=caller.subject,
            command_id=sent.command_id,
            expected_version=sent.expected_version,
            request=sent.request,
        ),
        asking=asking,
        matter=matter,
        body=body,
        assumes=service.rehearsal is not None,
    )
    if preview or not act.writes:
        return service.answer(previewed_act(doing, act))
    came = act.do(doing, body)
    kind, _, name = came.matter.partition(":")
    if came.waits_for and not came.receipts:
        waits = ActWaits(kind=kind, id=name, act=act.name, waits_for=came.waits_for)
        return service.answer(waits, status=202)
    if came.refused and not came.receipts:
        raise SeveralRefused(
            tuple(
                ItemRefused(n, number, refusal)
                for n, (number, refusal) in enumerate(came.refused.items())
            )
        )
    done = done_of(doing, act, came)
    service.acknowledge(done.recorded_at)
    return service.answer(
        done,
        status=201 if came.receipts else 200,
        headers={"ETag": f'"{done.version}"'},
    )


def matter_of(act: Offered, body: ActGiven, id_: str) -> MatterName:
    """The matter that an act is about, or that it begins."""
    if not act.begins:
        return f"{act.kind}:{id_}"
    if isinstance(body, ExerciseBegin):
        return exercise_matter(body.id or body.rulebook)
    exercise = str(getattr(body, "exercise", ""))
    of_its_own = {"consultation": consultation_matter}.get(act.kind, exercise_matter)
    return of_its_own(exercise)


def asking_of(service: HttpService, caller: Caller) -> Asking:
    """Who asks, in the words of the declarations."""
    words = {word for word, role in _ROLES.items() if role in caller.roles}
    return Asking(caller.subject, service.today(), frozenset(words))


def _require_own(tools: Tools, act: Offered, caller: Caller, body: ActGiven, matter: str) -> None:
    """A member of staff acts for nobody else: somebody else's looks as if it were not there."""
    if act.of_person:
        whose = {owner_of(tools.worlds, matter)}
    else:
        whose = set(people_of(body) or ())
        named = getattr(body, "staff_number", None)
        whose |= {named} if isinstance(named, str) else set()
        if isinstance(body, ForPerson) and body.selection is not None:
            raise Malformed("name yourself: staff_number", field="selection")
        if not whose:
            raise Malformed("name yourself: staff_number", field="staff_number")
    if whose != {caller.subject}:
        raise NotOnRecord("no such person or procedure on record")


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
        to_settle=tuple(_opened(doing, came.receipts))[:MOST_SHOWN],
        says=_plain(came.says),
    )


def _last(doing: Doing, came: Came) -> tuple[str, int, UUID, Any]:
    if came.receipts:
        receipt = came.receipts[-1]
        stream, version, event_id = receipt.events[-1]
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


def _opened(doing: Doing, receipts: Sequence[Receipt]) -> Iterator[ToSettle]:
    """The duties to settle that an act has opened."""
    log = doing.tools.office.log
    name = doing.tools.office.known.names[t.DutyToSettleOpened]
    for receipt in receipts:
        before = receipt.last_position - len(receipt.events)
        for event in log.page(before, len(receipt.events), [name]):
            if event.position <= receipt.last_position:
                yield from _duty(event)


def _duty(event: Recorded[Fact]) -> Iterator[ToSettle]:
    fact, (of, whose) = event.fact, take_apart(event.stream)
    if isinstance(fact, t.DutyToSettleOpened):
        yield ToSettle(
            duty=fact.decision,
            step=fact.step,
            decided_on=fact.decided_on,
            because_of=fact.because_of,
            would_state=fact.would_state,
            group=fact.group,
            staff_number=whose if of == "staff" else None,
        )


def _refusals(refused: Mapping[str, Refused]) -> Iterator[PersonRefused]:
    for number, refusal in refused.items():
        yield PersonRefused(staff_number=number, reason=refusal.reason, clauses=clauses_of(refusal))


def clauses_of(refusal: Refused) -> tuple[str, ...]:
    """Every failing clause of a refusal, each once."""
    return tuple(dict.fromkeys(each.clause for each in refusal.failures if each.clause))


# --- previewing it ------------------------------------------------------------------------------


def previewed_act(doing: Doing, act: Offered) -> ActPreview:
    """What an act would come to, by doing it on a log that keeps nothing."""
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
        to_settle=tuple(duty for each in facts for duty in _duty(each))[:MOST_SHOWN],
        waits_for=came.waits_for or None,
        missing=missing,
        says=_plain(came.says),
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
