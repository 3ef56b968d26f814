"""/v1/procedures: what runs, how it stands, and every act of every kind.

The routes of the acts are made from what the kinds declare (`transfer.commands.acts.offered`): one
literal path each, with its own body, its example and the roles that may call it.
"""

from collections.abc import Callable, Collection
from datetime import date, datetime
from inspect import Parameter, Signature
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from projections.deadlines import deadlines
from projections.exercise import steps as exercise_steps
from projections.keeping_up.horizon import BehindError
from transfer.access.identity import Caller, Role
from transfer.access.reach import PROCEDURES, is_limited, takes_part
from transfer.api.bodies import Submitted, submitted
from transfer.api.exports import add_exports, export
from transfer.api.http.openapi import Documented, previewed, problems, reads, writes
from transfer.api.http.problems import NOT_ALLOWED, Problem, not_available
from transfer.api.http_service import REPRESENTED, V1, HttpService, Reading
from transfer.api.parameters import Question
from transfer.api.reach import granted, reach_of, within_limits
from transfer.commands.acts.doing import Doing, Tools, as_spelled, owner_of
from transfer.commands.acts.given import (
    ActGiven,
    ForPerson,
    example_body,
    people_of,
)
from transfer.commands.acts.offered import Offered, matter_of, offered
from transfer.commands.matter_worlds import Loaded
from transfer.commands.matters import Asking
from transfer.commands.office import Act
from transfer.core.dating.calendars import date_in_london
from transfer.core.dating.instants import Day
from transfer.core.matter.kind import Answer as Declared
from transfer.core.matter.kind import Kind
from transfer.core.matter.replaying import standing
from transfer.core.matter.words import Over
from transfer.core.refusals import ItemRefused, Malformed, NotOnRecord, SeveralRefused
from transfer.core.texts import folded
from transfer.procedures.dispute_case.decisions import dispute_of
from transfer.questions.acting import ActDone, ActPreview, ActWaits, done_of, previewed_act
from transfer.questions.answer import people_shown
from transfer.questions.kind_answers import answered, answered_model
from transfer.questions.procedures import (
    Looking,
    PeopleOfExercise,
    PersonRow,
    Procedures,
    ProcedureShown,
    people_of_exercise,
    procedure,
    procedures,
    rows_of_people,
)
from transfer.questions.table import Form
from transfer.questions.what_if import Supposed, WhatIf, what_if
from transfer.questions.what_may_be_done import ActsOffered, acts_of

MOST_BYTES = 64 * 1024 * 1024
"""How large the body of an act over many may be."""

NOT_THERE = "no such person or procedure on record"
"""What somebody reads of what is not there, and of what is not theirs."""

_ROLES = {
    "admin": Role.ADMIN,
    "staff": Role.STAFF,
    "union": Role.UNION,
    "dispute": Role.DISPUTE,
}
"""The roles of the tokens, by the words in which a declaration says who may do an act."""

_FOR_THEIR_BODY = (
    "A representative does it for the body that their token names (claim `body`), and as of today. "
    "`{field}` names no other body. A consultation in which that body takes no part is 404."
)


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
    staff: str | None = Field(
        None,
        description="Those that this staff number is in; for those who may read everybody, also "
        "the disputes about that person.",
    )
    due_before: Day | None = Field(None, description="Those of which something is due before.")
    limit: int = Field(100, ge=1, le=1000, description="How many a page has at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


class AnswerQuestion(Question):
    """What a question that a kind answers may be asked."""

    effective_at: Day | None = Field(
        None, description="The day that is asked about; the day of `known_at`, if left out."
    )
    staff_number: str | None = Field(
        None, description="Of whom, where it is asked of one person of a procedure with several."
    )
    since: Day | None = Field(
        None, description="The first day, where a stretch of days up to `effective_at` is answered."
    )
    about: str | None = Field(
        None,
        max_length=64,
        description="Of which one, where it is asked of one thing of a procedure that has several: "
        "a case, by its reference.",
    )
    law_known_on: Day | None = Field(
        None,
        description="By the law and the policies that were known on this day; the day of the "
        "`known_at` that is asked for, or today, if left out. The answer echoes it.",
    )


class WhatIfQuestion(Question):
    """What is supposed of a procedure; at least one of `rulebook`, `value` and `without`."""

    rulebook: str | None = Field(
        None, description="Another edition.", examples=["tr-2013"], max_length=200
    )
    value: tuple[Annotated[str, Field(max_length=400)], ...] = Field(
        (),
        max_length=50,
        description="A value, `CLAUSE=VALUE`, or `CLAUSE@TRANSFEROR=VALUE` for one transferor "
        "alone, where `15wd` is 15 working days and `6m` six months; may be repeated.",
    )
    without: tuple[Annotated[str, Field(max_length=400)], ...] = Field(
        (),
        max_length=50,
        description="An assertion that is taken not to hold, `assertion:ID/NAME`; may be repeated.",
    )
    limit: int = Field(100, ge=1, le=1000, description="How many people a page judges at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


class PeopleQuestion(Question):
    """What the people of an exercise may be asked."""

    state: str | None = Field(
        None,
        description="Where they are: a transferee's id, `with-transferor`, `left`, "
        "`ended-by-objection` or `ended-by-dissolution`.",
    )
    route: str | None = None
    destination: str | None = None


class PeoplePageQuestion(PeopleQuestion):
    """The same, page by page."""

    limit: int = Field(100, ge=1, le=1000, description="How many a page has at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


def bodies(service: HttpService) -> tuple[type[BaseModel], ...]:
    """The bodies of every act and what acts answer, for the API's description."""
    return (*(each.body for each in offered(service.kinds)), ActDone, ActPreview, ActWaits)


def _schema_of(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["procedures"])
    of_everybody = Depends(service.reads(Role.ADMIN, Role.AUDIT))
    reader = Depends(
        service.reads(
            Role.ADMIN,
            Role.AUDIT,
            own_record=True,
            granted=REPRESENTED,
            what=PROCEDURES,
            folds_others=True,
        )
    )
    body = Depends(
        service.reads(
            Role.ADMIN, Role.AUDIT, granted=REPRESENTED, what=PROCEDURES, folds_others=True
        )
    )
    of_one = Depends(
        service.reads(
            Role.ADMIN,
            Role.AUDIT,
            own_record=True,
            granted=REPRESENTED,
            what=PROCEDURES,
            folds_others=True,
            whose="staff_number",
        )
    )
    up_to = Depends(service.up_to(deadlines.NAME, exercise_steps.NAME))
    names = (deadlines.NAME, exercise_steps.NAME)

    @router.get("/procedures", dependencies=[reader, up_to], **reads(Procedures))
    def list_procedures(
        reading: Annotated[Reading, reader], asked: Annotated[ProceduresQuestion, Query()]
    ) -> Response:
        """What is running or was, by kind and id: since when, under which edition, and what the
        clock does next."""
        found = procedures(
            _looking(service, asked, service.known_by(names, asked)),
            kind=asked.kind,
            state=asked.state,
            staff=None if asked.staff is None else service.office.spelled(asked.staff),
            due_before=asked.due_before,
            limit=asked.limit,
            cursor=asked.cursor,
            about_them=reading.is_of_everybody,
        )
        return reading.answer(found, people_shown(found))

    for kind in service.kinds:
        may_read = of_everybody if kind.bodies is None else body
        if kind.lies_with_person:
            may_read = reader
        _reads(router, service, kind, may_read, up_to, names)
        if kind.part is not None or kind.name == "exercise":
            _supposing(router, service, kind, may_read, up_to, names)
        for asked_for in kind.answers:
            is_of_one = asked_for.over is Over.PERSON and not kind.lies_with_person
            _answers(
                router, service, kind, asked_for, of_one if is_of_one else may_read, up_to, names
            )
    for act in offered(service.kinds):
        _add(router, service, act)
    return router


def _answers(
    router: APIRouter,
    service: HttpService,
    of: Kind,
    asked_for: Declared,
    reader: Any,
    up_to: Any,
    names: tuple[str, ...],
) -> None:
    """The route of one thing that a kind answers of its matters."""
    gives = answered_model(of, asked_for)

    def read_answer(
        reading: Annotated[Reading, reader],
        id: str,  # noqa: A002 - its name
        asked: Annotated[AnswerQuestion, Query()],
    ) -> Response:
        reading = _reaching(service, reading, of, id)
        looking = _looking(service, asked, service.known_by(names, asked))
        person = None if asked.staff_number is None else service.office.spelled(asked.staff_number)
        days = (asked.effective_at, asked.since, _law_known_on(service, asked))
        found = answered(looking, of, id, asked_for, gives, person, *days, asked.about)
        return reading.answer(found, people_shown(found))

    router.add_api_route(
        f"/procedures/{of.name}/{{id}}/answers/{asked_for.name}",
        read_answer,
        methods=["GET"],
        name=f"read_{asked_for.name}_of_{of.name}".replace("-", "_"),
        dependencies=[reader, up_to],
        description=f"{asked_for.says}. Where the edition does not know what that takes, `answer` "
        "is null, and `unknown` says which document would tell.",
        **reads(gives, "not-on-record"),
    )


def _supposing(
    router: APIRouter,
    service: HttpService,
    of: Kind,
    reader: Any,
    up_to: Any,
    names: tuple[str, ...],
) -> None:
    """The route that supposes other rules for a matter of a kind that goes by an edition."""

    def read_what_if(
        reading: Annotated[Reading, reader],
        id: str,  # noqa: A002 - its name
        asked: Annotated[WhatIfQuestion, Query()],
    ) -> Response:
        reading = _reaching(service, reading, of, id)
        looking = _looking(service, asked, service.known_by(names, asked))
        supposed = Supposed(asked.rulebook, asked.value, asked.without)
        found = what_if(looking, of, id, supposed, limit=asked.limit, cursor=asked.cursor)
        return reading.answer(found, people_shown(found))

    router.add_api_route(
        f"/procedures/{of.name}/{{id}}/what-if",
        read_what_if,
        methods=["GET"],
        name=f"suppose_of_{of.name}".replace("-", "_"),
        dependencies=[reader, up_to],
        description="What would have come of it under another edition, with another value, or "
        "without what one side asserts: every decision is made again as it is and as supposed, and "
        "what differs is answered, for the whole and by person. Nothing is written.",
        **reads(WhatIf, "not-on-record", "refused"),
    )


def _law_known_on(service: HttpService, asked: AnswerQuestion) -> date | None:
    """The day by whose law an answer is worked out: the one named, else that of the instant asked
    about, which may be later than the last thing on record; `None`: today."""
    if asked.law_known_on is not None or asked.known_at is None:
        return asked.law_known_on
    return min(date_in_london(asked.known_at), service.today())


def _reaching(service: HttpService, reading: Reading, kind: Kind, id_: str) -> Reading:
    """The read of one procedure, by what lets the caller. Raises `NotOnRecord`."""
    if reading.grant is not None:
        return reading
    matter = f"{kind.name}:{id_}"
    try:
        if kind.bodies is not None and not reading.is_of_everybody:
            return reading.of_bodies(_bodies(service, kind.bodies, matter))
        people = service.worlds.people_with(matter)
        return reading.of(people[0] if len(people) == 1 else None)
    except NotOnRecord:
        raise NotOnRecord(f"no {kind.name} {id_} on record") from None


def _bodies(
    service: HttpService, bodies_of: Callable[[Any], Collection[str]], matter: str
) -> Collection[str]:
    """The bodies that take part in a matter; none, where there is no such matter."""
    if not matter.isprintable() or not service.worlds.has_begun(matter):
        return ()
    return bodies_of(standing(service.worlds.world(Loaded(), matter, None))[matter].whole.substance)


def _looking(service: HttpService, asked: Question, known_at: datetime) -> Looking:
    """The record as it was asked for; by today's date, where it is asked as it is now."""
    today = service.today() if asked.known_at is None else None
    return Looking(service.office, service.worlds, known_at, today)


def _reads(
    router: APIRouter,
    service: HttpService,
    of: Kind,
    reader: Any,
    up_to: Any,
    names: tuple[str, ...],
) -> None:
    kind, needs = of.name, [reader, up_to]

    def read(
        reading: Annotated[Reading, reader],
        id: str,  # noqa: A002 - its name
        asked: Annotated[Question, Query()],
    ) -> Response:
        reading = _reaching(service, reading, of, id)
        with service.knowing(names, asked) as (conn, known_at):
            found = procedure(_looking(service, asked, known_at), conn, kind, id)
        headers = {"ETag": f'"{found.version}"'}
        return reading.answer(found, people_shown(found), headers=headers)

    def read_acts(
        reading: Annotated[Reading, reader],
        id: str,  # noqa: A002 - its name
        asked: Annotated[Question, Query()],
    ) -> Response:
        reading = _reaching(service, reading, of, id)
        with service.knowing(names, asked) as (conn, known_at):
            found = acts_of(_looking(service, asked, known_at), conn, kind, id)
        return reading.answer(found, people_shown(found))

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

    def read_people(
        reading: Annotated[Reading, reader],
        id: str,  # noqa: A002 - its name
        asked: Annotated[PeoplePageQuestion, Query()],
    ) -> Response:
        with service.knowing(names, asked) as (conn, known_at):
            found = people_of_exercise(
                _looking(service, asked, known_at),
                conn,
                id,
                state=asked.state,
                route=asked.route,
                destination=asked.destination,
                limit=asked.limit,
                cursor=asked.cursor,
            )
        return reading.answer(found, people_shown(found))

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

    def exported(form: Form) -> Callable[..., Response]:
        def export_people(
            reading: Annotated[Reading, reader],
            id: str,  # noqa: A002 - its name
            asked: Annotated[PeopleQuestion, Query()],
        ) -> Response:
            known_at = service.known_by(names, asked)
            rows = rows_of_people(
                _looking(service, asked, known_at),
                service.reading,
                id,
                state=asked.state,
                route=asked.route,
                destination=asked.destination,
            )
            return export(reading, form, PersonRow, rows, file=f"people-of-{id}", known_at=known_at)

        return export_people

    add_exports(
        router,
        f"{path}/people",
        PersonRow,
        exported,
        "not-on-record",
        name="export_people_of_exercise",
        says="Everybody who is covered, at once: where to, by which route and why, letter, answer, "
        "appeal and what it came to.",
        dependencies=needs,
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
    theirs = _FOR_THEIR_BODY.format(field=act.for_body) if act.for_body else ""
    router.add_api_route(
        path,
        do,
        methods=["POST"],
        name=f"{act.name.replace('-', '_')}_{act.kind.replace('-', '_')}",
        description="\n\n".join(filter(None, (f"To {act.says}.", act.body.__doc__, theirs))),
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
    sent = documented["openapi_extra"]["requestBody"]["content"]["application/json"]
    sent["example"] = example_body(act.name, act.body)
    documented["responses"][202] = {"model": ActWaits, "description": "It waits for approval"}
    for told in documented["responses"].values():
        model = told.pop("model", None)
        if model is not None:
            # Named, and not given: FastAPI would make a validator of each for every route.
            told["content"] = {"application/json": {"schema": _schema_of(model)}}
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
    doing = doing_of(service, act, caller, sent, id_)
    if preview or not act.writes:
        try:
            return service.answer(previewed_act(doing, act))
        except BehindError as error:
            raise not_available(str(error)) from error
    match done(service, act, doing):
        case ActWaits() as waits:
            return service.answer(waits, status=202)
        case ActDone() as written:
            status = 201 if written.wrote else 200
            headers = {"ETag": f'"{written.version}"'}
            return service.answer(written, status=status, headers=headers)


def done(service: HttpService, act: Offered, doing: Doing) -> ActDone | ActWaits:
    """Do an act: what is on record of it, or what it waits for.

    Later reads of this service see it. Raises `SeveralRefused` where all are refused whom it is
    for.
    """
    came = act.do(doing, doing.body)
    kind, _, name = came.matter.partition(":")
    if came.waits_for and not came.receipts:
        return ActWaits(kind=kind, id=name, act=act.name, waits_for=came.waits_for)
    if came.refused and not came.receipts:
        raise SeveralRefused(
            tuple(
                ItemRefused(n, number, refusal)
                for n, (number, refusal) in enumerate(came.refused.items())
            )
        )
    written = done_of(doing, act, came)
    service.acknowledge(written.recorded_at)
    return written


def doing_of(
    service: HttpService, act: Offered, caller: Caller, sent: Submitted[Any], id_: str
) -> Doing:
    """An act as it was asked for. Raises `NotOnRecord` where it is not the caller's to do."""
    body = as_spelled(service.office, sent.body)
    matter = matter_of(act, body, id_)
    tools = Tools(service.office, service.worlds)
    asking = asking_of(service, caller)
    if Role.ADMIN not in caller.roles and Role.UNION in caller.roles and act.for_body:
        body = _of_their_body(service, act, caller, body, matter)
    elif Role.ADMIN not in caller.roles:
        _require_own(tools, act, caller, body, matter)
    elif is_limited(caller.limits):
        _require_within(service, tools, act, caller, body, matter)
    return Doing(
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


def asking_of(service: HttpService, caller: Caller) -> Asking:
    """Who asks, in the words of the declarations."""
    words = {word for word, role in _ROLES.items() if role in caller.roles}
    return Asking(caller.subject, service.today(), frozenset(words))


def _require_own(tools: Tools, act: Offered, caller: Caller, body: ActGiven, matter: str) -> None:
    """A member of staff acts for nobody else, nor does a member of a panel: somebody else's looks
    as if it were not there."""
    if "dispute" in act.who:
        if _panel_of(tools, matter) & {getattr(body, "subject", "")} != {caller.subject}:
            raise NotOnRecord(NOT_THERE)
        return
    whose: set[str | None] = {*_named(body)}
    if act.of_person:
        whose = {_owner_of(tools, matter)}
    else:
        if isinstance(body, ForPerson) and body.selection is not None:
            raise Malformed("name yourself: staff_number", field="selection")
        if not whose:
            raise Malformed("name yourself: staff_number", field="staff_number")
    if whose != {caller.staff_number}:
        raise NotOnRecord(NOT_THERE)


def _of_their_body(
    service: HttpService, act: Offered, caller: Caller, body: ActGiven, matter: str
) -> ActGiven:
    """An act of a representative, done for the body that their token names, as it is spelled in the
    consultation.

    Where the matter is about a member whom the caller represents, it is done for the body of the
    token as well; one that the body begins is for members whom the caller represents alone. Raises
    `NotOnRecord` where that body takes no part in it otherwise, and
    `Malformed` where the act names another body or another day than today: what a body says counts
    from the day on which it says it.
    """
    bodies_of = service.worlds.kind(matter).bodies
    bodies = () if bodies_of is None else _bodies(service, bodies_of, matter)
    own = next((each for each in bodies if folded(each) == folded(caller.body or "")), None)
    if act.begins:
        own = caller.body if _are_members(service, caller, _named(body)) else None
    elif own is None or takes_part(caller, bodies) is None:
        own = caller.body if _is_about_a_member(service, caller, matter) else None
    if own is None:
        raise NotOnRecord(NOT_THERE)
    named = getattr(body, act.for_body)
    if named and folded(named) != folded(own):
        raise Malformed(f"you act for {own} and for no other body", field=act.for_body)
    if body.happened_on not in (None, service.today()):
        raise Malformed("what a body says counts from today: leave it out", field="happened_on")
    if body.later:
        raise Malformed("the office settles what was decided: leave it out", field="later")
    return body.model_copy(update={act.for_body: own})


def _is_about_a_member(service: HttpService, caller: Caller, matter: str) -> bool:
    """Whether a matter is about somebody whom the caller represents in procedures."""
    about = service.worlds.kind(matter).about
    if about is None or not matter.isprintable() or not service.worlds.has_begun(matter):
        return False
    substance = standing(service.worlds.world(Loaded(), matter, None))[matter].whole.substance
    return any(_are_members(service, caller, [person]) for person in about(substance))


def _are_members(service: HttpService, caller: Caller, people: Collection[str]) -> bool:
    """Whether the caller represents each of these people in procedures."""
    reach = reach_of((), False, REPRESENTED, PROCEDURES)
    return all(granted(service, caller, reach, person) for person in people)


def _require_within(
    service: HttpService, tools: Tools, act: Offered, caller: Caller, body: ActGiven, matter: str
) -> None:
    """An administrator with limits acts for people within them, and has to name them."""
    owner = owner_of(tools.worlds, matter) if act.of_person else None
    whose = _named(body) if owner is None else {owner}
    chosen = isinstance(body, ForPerson) and body.selection is not None
    if chosen or not whose:
        raise Problem(
            NOT_ALLOWED, "The token has limits, and this is for more people: name those within."
        )
    if not whose <= within_limits(service, caller, whose):
        raise NotOnRecord(NOT_THERE)


def _named(body: ActGiven) -> set[str]:
    """Whom a body names."""
    named = getattr(body, "staff_number", None)
    found = {*(people_of(body) or ()), *getattr(body, "people", ())}
    return found | ({named} if isinstance(named, str) else set())


def _panel_of(tools: Tools, matter: str) -> set[str]:
    """Who is on the panel of a dispute; nobody, where there is no such dispute."""
    if not tools.worlds.has_begun(matter):
        return set()
    return {*dispute_of(tools.matters.state(matter).whole.substance).members}


def _owner_of(tools: Tools, matter: str) -> str | None:
    try:
        return owner_of(tools.worlds, matter)
    except NotOnRecord:
        return None
