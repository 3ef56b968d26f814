"""/procedures/{kind}/{id}: what may be done in a procedure, and a form for each act of it.

/procedures/{kind}/begin and /procedures/{kind}/{id}/acts/{act} ask what the act needs, show what it
would come to, and do it once it is confirmed. Fields, checks and refusals are those of the acts'
declarations (`transfer.commands.acts`), as the API and the command line have them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request, Response

from projections.keeping_up.horizon import BehindError
from transfer.access.identity import Caller, Role
from transfer.api.bodies import Submitted
from transfer.api.http.problems import not_available
from transfer.api.resources.procedures import doing_of, done
from transfer.commands.acts.doing import Doing
from transfer.commands.acts.given import BEGIN, ActGiven, ForPeople, people_of
from transfer.commands.acts.offered import Offered, offered
from transfer.commands.office import key_id
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.words import Named
from transfer.core.refusals import (
    Malformed,
    NotOnRecord,
    Refusal,
    Refused,
    SeveralRefused,
    StaleVersion,
)
from transfer.core.streams import matter_stream, staff_stream
from transfer.questions.acting import (
    ActDone,
    ActPreview,
    ActWaits,
    DueOtherwise,
    PersonRefused,
    ValueOtherwise,
    clauses_of,
    previewed_act,
)
from transfer.questions.procedures import (
    Looking,
    ProcedureShown,
    ProcedureStands,
    procedure,
    procedure_stands,
)
from transfer.questions.what_may_be_done import ActOffered, acts_of
from transfer.questions.what_may_be_named import Possible, Possibles, named_at_beginning, named_in
from transfer.web.frame.forms import Choice, Field, Form, as_sent, form_of, input_of, named_by, read
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.sent import FORM_TOKEN, fields_sent, require_own_form
from transfer.web.frame.wording import day_text, days_text, facet_text
from transfer.web.office.checking import (
    MOST_LINES,
    asks_what_becomes_of,
    check_rows,
    hidden_of,
    key_sent,
    procedure_address,
    sentence,
    settle_says,
    to_settle_link,
    typed_of,
    version_sent,
)
from transfer.web.office.kind_answers import answers_on_page
from transfer.web.office.looking import NAMES, Asked, looking_at
from transfer.web.office.planned import planned
from transfer.web.office.what_if import may_be_supposed
from transfer.web.office.wording import step_text

_LONGEST_FORM: Final = 2 * 1024 * 1024
_MOST_FIELDS: Final = 4_000
_OWN_FIELDS: Final = (FORM_TOKEN, "then", "key", "version")

_NOW: Final = Asked({}, None)

_FIRST: Final = Named.EDITION
"""What a form asks first: the edition says what there is to choose from in the other fields."""

_CHOOSE: Final = "choose"


@dataclass(frozen=True, slots=True)
class _Page:
    """The form of one act that an administrator looks at or sends; `id` is empty for a beginning.

    `person` is whose the procedure is, where it is one person's. `asks_first` is the field that is
    asked before the others, because it says what there is to choose from in them.
    """

    act: Offered
    id: str
    caller: Caller
    form: Form[Any]
    person: str | None = None
    asks_first: str = ""

    @property
    def asked(self) -> tuple[Field, ...]:
        """What the form asks. What becomes of decisions is asked once it is known of which."""
        if self.asks_first:
            return tuple(each for each in self.form.fields if each.name == self.asks_first)
        return tuple(each for each in self.form.fields if each.name != "later")

    @property
    def address(self) -> str:
        return procedure_address(self.act.kind, self.id)

    @property
    def action(self) -> str:
        return (
            f"{self.address}/{BEGIN}" if self.act.begins else f"{self.address}/acts/{self.act.name}"
        )

    @property
    def about(self) -> dict[str, object]:
        """What each of its pages says of it."""
        of = "" if self.act.begins else f"{facet_text(self.act.kind)} {self.id}"
        of_exercise = self.act.kind == "exercise"
        href, text = self.address, "What may be done"
        if self.act.begins:
            href, text = (
                ("/exercises", "Exercises") if of_exercise else ("/procedures", "Procedures")
            )
        return {
            "title": _title(self.act.says),
            "of": of,
            "action": self.action,
            "back": {"href": href, "text": text},
        }


def routes(pages: Pages) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    reader = pages.signed_in(Role.ADMIN)
    up_to = Depends(pages.service.up_to(*NAMES))
    sent = Depends(fields_sent(_LONGEST_FORM, _MOST_FIELDS))

    @router.get(f"/procedures/{{kind}}/{BEGIN}", dependencies=[up_to])
    def ask_beginning(
        request: Request, caller: Annotated[Caller, Depends(reader)], kind: str
    ) -> Response:
        """Ask what a procedure of a kind needs to begin."""
        return _ask(pages, request, _page(pages, caller, kind, "", BEGIN, request.query_params))

    @router.post(f"/procedures/{{kind}}/{BEGIN}")
    def check_or_begin(
        request: Request,
        caller: Annotated[Caller, Depends(reader)],
        kind: str,
        fields: Annotated[dict[str, str], sent],
    ) -> Response:
        """Show what a beginning would come to; once that is confirmed, begin."""
        require_own_form(pages, request, fields)
        return _check_or_do(pages, request, _page(pages, caller, kind, "", BEGIN, fields), fields)

    @router.get("/procedures/{kind}/{id}", dependencies=[up_to])
    def list_acts(
        request: Request,
        caller: Annotated[Caller, Depends(reader)],
        kind: str,
        id: str,  # noqa: A002 - its name in the address
    ) -> Response:
        """What a procedure answers, what may be done in it now, what stands in the way of the rest,
        and what happened, the latest first."""
        with looking_at(pages, _NOW) as (conn, looking):
            shown = procedure_stands(looking, conn, kind, id)
            found = acts_of(looking, conn, kind, id).acts
            of = looking.kind(kind)
            answers = tuple(answers_on_page(looking, looking.find(of, id)))
        # An exercise has pages for what happened in it.
        happened = () if kind == "exercise" else shown.sentences[::-1][:MOST_LINES]
        of_the_office = {each.name for each in _all_offered(pages, kind)}
        theirs = [each for each in found if each.act in of_the_office]
        back = {"href": "/procedures", "text": "Procedures"}
        if kind == "exercise":
            back = {"href": f"/exercises/{quote(id)}", "text": f"Exercise {id}"}
        content = {
            "title": f"{facet_text(kind)} {id}",
            "address": procedure_address(kind, id),
            "back": back,
            "says": sentence(shown.says),
            "answers": answers,
            "may_be_supposed": may_be_supposed(of),
            "happened": [
                {
                    "on": each.happened_on,
                    "says": sentence(each.sentence, stop=False),
                    "by": each.recorded_by,
                    "recorded_at": each.recorded_at,
                    "clause": each.clause,
                }
                for each in happened
            ],
            "may": [_listed(each) for each in theirs if each.may_be_done],
            "not_now": [_listed(each) for each in theirs if not each.may_be_done],
        }
        _note(pages, request, caller, shown)
        return pages.draw(request, "transfer/office/procedure.html", content)

    @router.get("/procedures/{kind}/{id}/acts/{act}", dependencies=[up_to])
    def ask(
        request: Request,
        caller: Annotated[Caller, Depends(reader)],
        kind: str,
        id: str,  # noqa: A002 - its name in the address
        act: str,
    ) -> Response:
        """Ask what an act needs."""
        return _ask(pages, request, _page(pages, caller, kind, id, act, request.query_params))

    @router.post("/procedures/{kind}/{id}/acts/{act}")
    def check_or_do(
        request: Request,
        caller: Annotated[Caller, Depends(reader)],
        kind: str,
        id: str,  # noqa: A002 - its name in the address
        act: str,
        fields: Annotated[dict[str, str], sent],
    ) -> Response:
        """Show what an act would come to; once that is confirmed, do it."""
        require_own_form(pages, request, fields)
        return _check_or_do(pages, request, _page(pages, caller, kind, id, act, fields), fields)

    @router.get("/exercises/{id}/acts/{act}")
    def of_an_exercise(
        _: Annotated[Caller, Depends(reader)],
        id: str,  # noqa: A002 - its name in the address
        act: str,
    ) -> Response:
        """Lead to the act's page."""
        return redirect(f"{procedure_address('exercise', id)}/acts/{quote(act, safe='')}")

    return router


# --- which act ------------------------------------------------------------------------------------


def _all_offered(pages: Pages, kind: str) -> Iterator[Offered]:
    """The acts of a kind that record something and are an administrator's to do."""
    for each in offered(of for of in pages.service.kinds if of.name == kind):
        if each.writes and "admin" in each.who:
            yield each


def _offered(pages: Pages, kind: str, act: str) -> Offered | None:
    """The one of that name."""
    return next((each for each in _all_offered(pages, kind) if each.name == act), None)


def _page(
    pages: Pages, caller: Caller, kind: str, id_: str, act: str, given: Mapping[str, str]
) -> _Page:
    """The form that an address means; `given` is what is filled in already. Raises
    `NotOnRecord`."""
    found = _offered(pages, kind, act)
    if found is None or found.begins != (not id_):
        raise NotOnRecord("there is no such thing that the office may do")
    whole = form_of(found.body, f"{kind} {act}")
    wanted = named_by(whole)
    with looking_at(pages, _NOW) as (conn, looking):
        if found.begins:
            return _beginning(looking, _Page(found, "", caller, whole), wanted, given)
        there = looking.find(looking.kind(kind), id_)
        named = _worded(named_in(looking, there, wanted))
        if wanted & {Named.DUTY, Named.STEP}:
            named |= _waiting(procedure(looking, conn, kind, id_))
    form = form_of(found.body, f"{kind} {act}", named=named)
    return _Page(found, id_, caller, form, there.person)


def _waiting(shown: ProcedureShown) -> dict[Named, Sequence[Choice]]:
    """What waits for somebody; of the steps all of them, where none waits or was refused."""
    waits = [each.step for each in shown.to_approve] + [each.step for each in shown.refused]
    steps = dict.fromkeys(waits)
    settle = [Choice(str(each.duty), settle_says(each)) for each in shown.to_settle]
    found: dict[Named, Sequence[Choice]] = {Named.DUTY: settle}
    if steps:
        found[Named.STEP] = [Choice(each, _step(each)) for each in steps]
    return found


def _step(name: str) -> str:
    return sentence(step_text(name), stop=False)


def _beginning(
    looking: Looking, page: _Page, wanted: Collection[Named], given: Mapping[str, str]
) -> _Page:
    """The form of a beginning. Where there is to choose by the edition, that is asked first."""
    editions = next((each.name for each in page.form.fields if each.named is _FIRST), "")
    edition = given.get(editions)
    named = _worded(named_at_beginning(looking, page.act.kind, wanted, edition or None))
    known = [each for each in named.get(_FIRST, ()) if each.value == edition]
    if known:
        named[_FIRST] = known  # another one has other days and paths
    form = form_of(page.act.body, page.form.act, named=named)
    asks_first = editions if editions and not known else ""
    return replace(page, form=form, asks_first=asks_first)


_BY_NAME = frozenset(
    {
        Named.BODY,
        Named.DOCUMENT,
        Named.EDITION,
        Named.EXERCISE,
        Named.GROUP,
        Named.QUESTION,
        Named.TRANSFEROR,
    }
)
"""What people have named themselves: it is shown as it is."""


def _worded(possibles: Possibles) -> dict[Named, Sequence[Choice]]:
    """What may be named, as a form lists it."""
    return {
        kind: [Choice(each.value, _called(kind, each)) for each in found]
        for kind, found in possibles.items()
    }


def _called(kind: Named, possible: Possible) -> str:
    if kind is Named.STEP:
        return _step(possible.value)
    if kind in _BY_NAME:
        return possible.title or possible.value
    return _title(possible.title) if possible.title else facet_text(possible.value)


# --- asking, checking, doing ----------------------------------------------------------------------


def _ask(pages: Pages, request: Request, page: _Page) -> Response:
    names = {each.name for each in page.form.fields}
    for name in request.query_params:
        if name not in names:
            raise Malformed("this form has no such field", field=name[:40])
    return _draw_form(pages, request, page, dict(request.query_params), {})


def _check_or_do(
    pages: Pages, request: Request, page: _Page, fields: Mapping[str, str]
) -> Response:
    then = fields.get("then")
    if then == _CHOOSE and page.act.begins:
        return _chosen_first(pages, request, page, fields)
    got = read(page.form, typed_of(fields, _OWN_FIELDS))
    if got.body is None or then == "change":
        return _draw_form(pages, request, page, got.typed, {} if then == "change" else got.errors)
    moved: list[dict[str, object]] = []
    try:
        if then == "do":
            try:
                return _do(pages, request, page, got.body, fields)
            except StaleVersion:
                moved = _moved(pages, page, got.body, version_sent(fields))
                if not moved:
                    raise
        return _check(pages, request, page, got.body, got.typed, moved)
    except Malformed as refusal:
        several = refusal.field == "staff_number" and not input_of(page.form, "staff_number")
        at = input_of(page.form, "staff_numbers" if several else refusal.field)
        reason = refusal.reason.removeprefix(f"{refusal.field}: ")
        return _draw_form(pages, request, page, got.typed, {at: sentence(reason)})
    except Refusal as refusal:
        return _draw_refused(pages, request, page, got.body, got.typed, refusal)


def _chosen_first(
    pages: Pages, request: Request, page: _Page, fields: Mapping[str, str]
) -> Response:
    """Go on to the form as it is by what was chosen first; ask again where nothing was."""
    if not page.asks_first:
        chosen = {each.name: fields[each.name] for each in page.form.fields if each.named is _FIRST}
        return redirect(f"{page.action}?{urlencode(chosen)}")
    (asked,) = page.asked
    says = f"Choose an answer for “{asked.label}”"
    return _draw_form(pages, request, page, {}, {page.asks_first: says})


def _do(
    pages: Pages, request: Request, page: _Page, body: ActGiven, fields: Mapping[str, str]
) -> Response:
    key = key_sent(fields)
    doing = _doing(pages, page, body, key, version_sent(fields))
    found = done(pages.service, page.act, doing)
    address = procedure_address(found.kind, found.id)
    content: dict[str, object] = {
        **page.about,
        "next": {"href": address, "text": f"What may be done now in {found.kind} {found.id}"},
        "refused": [],
        "settle": [],
    }
    match found:
        case ActWaits():
            content |= {
                "heading": "It waits for approval",
                "says": f"Nothing is decided yet: it waits for {found.waits_for}.",
            }
        case ActDone():
            wrote = "1 entry is" if found.wrote == 1 else f"{found.wrote:,} entries are"
            content |= {
                "heading": "Recorded" if found.wrote else "It was on record already",
                "says": f"{wrote} on record." if found.wrote else "Nothing more was recorded.",
                "reference": found.event_id,
                "refused": _refusals(found.refused),
                "settle": [to_settle_link(each) for each in found.to_settle[:MOST_LINES]],
            }
    return pages.draw(request, "transfer/office/act_done.html", content)


def _doing(
    pages: Pages, page: _Page, body: ActGiven, key: str = "", version: int | None = None
) -> Doing:
    """The act as it is asked for; with a key, the same command however often it is sent."""
    service = pages.service
    sent = Submitted(
        body=body,
        command_id=key_id("page", page.action, page.caller.subject, key)
        if key
        else service.new_id(),
        repeatable=bool(key),
        expected_version=version,
        must_exist=version is not None,
        request=f"{page.action}\n{body.model_dump_json()}",
    )
    return doing_of(service, page.act, page.caller, sent, page.id)


def _check(
    pages: Pages,
    request: Request,
    page: _Page,
    body: ActGiven,
    typed: Mapping[str, str],
    moved: Sequence[Mapping[str, object]],
) -> Response:
    """What was filled in and what it would come to, to be confirmed."""
    # Before the preview: what is recorded in between makes the confirmation stale.
    version = _version(pages, page, body)
    # What becomes of decisions is asked beside it, so the preview has all of them.
    asked = body.model_copy(update={"later": {}})
    try:
        would = previewed_act(_doing(pages, page, asked), page.act)
    except BehindError as error:
        raise not_available(str(error)) from error
    nothing_new = not would.would_record_in_all and not would.waits_for
    content = {
        "can": not would.missing and not (nothing_new and would.refused),
        "refused": _refusals(would.refused),
        "refused_in_all": would.refused_in_all,
        "moved": moved,
        "version": "" if version is None else version,
        **_would(would),
        **asks_what_becomes_of(page.form, would.to_settle, typed),
    }
    status = HTTPStatus.OK if content["can"] and not moved else HTTPStatus.CONFLICT
    return _draw_check(pages, request, page, body, typed, content, status)


def _would(would: ActPreview) -> dict[str, object]:
    said = [(each.sentence, each.staff_number, each.clause) for each in would.would_record]
    return {
        "would": [_of_person(*each) for each in said[:MOST_LINES]],
        "would_in_all": would.would_record_in_all,
        "waits": f"It would wait for {would.waits_for}." if would.waits_for else "",
        "otherwise": [
            *map(_value_otherwise, would.values),
            *map(_due_otherwise, would.deadlines),
        ],
        "settle": [settle_says(each) for each in would.to_settle[:MOST_LINES]],
        "missing": _refusals(would.missing),
        **planned(would.says),
    }


def _draw_refused(
    pages: Pages,
    request: Request,
    page: _Page,
    body: ActGiven,
    typed: Mapping[str, str],
    refusal: Refusal,
) -> Response:
    """What was filled in, and why it is refused, with every failing clause."""
    match refusal:
        case SeveralRefused():
            said = [
                _of_person(each.refusal.reason, each.staff_number, *_cited(each.refusal))
                for each in refusal.items[:MOST_LINES]
            ]
            in_all = len(refusal.items)
        case Refused():
            said = [_of_person(each.reason, None, each.clause) for each in refusal.failures]
            in_all = len(said)
        case _:
            said, in_all = [_of_person(refusal.reason, None, refusal.clause)], 1
    content = {"can": False, "refused": said, "refused_in_all": in_all}
    return _draw_check(pages, request, page, body, typed, content, HTTPStatus.CONFLICT)


def _cited(refusal: Refusal) -> tuple[str, ...]:
    clauses = clauses_of(refusal) if isinstance(refusal, Refused) else ()
    return (", ".join(clauses),) if clauses else ()


# --- drawing --------------------------------------------------------------------------------------


def _draw_form(
    pages: Pages,
    request: Request,
    page: _Page,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
) -> Response:
    content = {
        **page.about,
        **as_sent(page.asked, typed, errors),
        "then": _CHOOSE if page.asks_first else "check",
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return pages.draw(request, "transfer/office/act.html", content, status)


def _draw_check(
    pages: Pages,
    request: Request,
    page: _Page,
    body: ActGiven,
    typed: Mapping[str, str],
    content: Mapping[str, object],
    status: HTTPStatus,
) -> Response:
    shown = {
        **page.about,
        "rows": check_rows(replace(page.form, fields=page.asked), body),
        "hidden": hidden_of(typed),
        "key": str(pages.service.new_id()),
        **content,
    }
    return pages.draw(request, "transfer/office/act_check.html", shown, status)


# --- versions -------------------------------------------------------------------------------------


def _stream(page: _Page, body: ActGiven) -> str | None:
    """Whose version a confirmation rests on: the one person's named, else the procedure's; `None`
    for several people at once and for a beginning."""
    if page.act.begins:
        return None
    if page.person is not None:
        return staff_stream(page.person)
    if not isinstance(body, ForPeople):
        return matter_stream(f"{page.act.kind}:{page.id}")
    people = people_of(body)
    return staff_stream(people[0]) if people is not None and len(people) == 1 else None


def _version(pages: Pages, page: _Page, body: ActGiven) -> int | None:
    stream = _stream(page, body)
    events = pages.service.office.log.read(stream) if stream else ()
    return events[-1].version if events else None


def _moved(
    pages: Pages, page: _Page, body: ActGiven, version: int | None
) -> list[dict[str, object]]:
    """What was recorded after the version that somebody has checked."""
    stream = _stream(page, body)
    if stream is None or version is None:
        return []
    office = pages.service.office
    return [
        {
            "says": sentence(office.known.sentence(each.fact) or "", stop=False)
            if isinstance(each.fact, MatterFact)
            else "An entry about the person",
            "recorded_at": each.recorded_at,
            "recorded_by": each.recorded_by,
        }
        for each in office.log.read(stream)
        if each.version > version
    ]


# --- words ----------------------------------------------------------------------------------------


def _title(says: str) -> str:
    return says[:1].upper() + says[1:]


def _listed(each: ActOffered) -> dict[str, object]:
    return {
        "act": each.act,
        "title": _title(each.says),
        "why": sentence(each.stands_in_the_way or ""),
        "clause": each.clause,
    }


def _of_person(said: str, number: str | None, clause: str | None = None) -> str:
    cited = f" (clause {clause})" if clause else ""
    begin = f"{number}: " if number else ""
    return f"{begin}{sentence(said, stop=False).rstrip('.:')}{cited}."


def _refusals(refused: Iterable[PersonRefused]) -> list[str]:
    return [
        _of_person(each.reason, each.staff_number, ", ".join(each.clauses) or None)
        for each in tuple(refused)[:MOST_LINES]
    ]


def _value_otherwise(each: ValueOtherwise) -> str:
    days = days_text(each.effective_from, each.effective_to)
    return (
        f"{each.staff_number}, {facet_text(each.name).lower()} {days}: "
        f"{each.before or 'nothing'} → {each.after or 'nothing'}."
    )


def _due_otherwise(each: DueOtherwise) -> str:
    before, after = (day_text(day) if day else "no day" for day in (each.before, each.after))
    what = facet_text(each.what).lower()
    if before == after:
        before, after = each.state_before or "not there", each.state_after or "not there"
    return f"{each.staff_number}, last day for {what}: {before} → {after}."


def _note(pages: Pages, request: Request, caller: Caller, shown: ProcedureStands) -> None:
    """Put on the register whose procedure was shown, where it is one person's."""
    if shown.staff_number is not None:
        pages.note(request, caller, {Role.ADMIN}, [shown.staff_number], known_at=shown.known_at)
