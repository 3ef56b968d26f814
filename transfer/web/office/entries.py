"""/staff/{no}/change, /correct, /leave and /terms/…: an entry on one person's record.

Each asks what the API's route of that name takes, shows by the API's preview what would read
differently, and records it once it is confirmed. /staff/{no}/correct?of=ID begins from an entry of
the history, with what that entry says now; /staff/{no}/terms/vary?term=NAME and /terms/end from a
term of the person's, /terms/grant from none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ValidationError, create_model

from projections.keeping_up.runner import resolve_known_at
from projections.position.queries import position_at
from transfer.access.identity import Caller, Role
from transfer.api.bodies import (
    ChangeGiven,
    CorrectionGiven,
    LeavingGiven,
    Sent,
    Submitted,
    TermGiven,
    Text,
    Written,
    entered,
    made,
)
from transfer.api.http_service import known_number
from transfer.api.resources.corrections import correct_entry
from transfer.api.resources.leavings import LeavingPreview, preview_leaving, written
from transfer.api.resources.previews import Preview, preview, would_read_of
from transfer.commands import leaving as leavings
from transfer.commands import record
from transfer.commands.office import Act, key_id
from transfer.commands.record import Entered
from transfer.core.dating.effective_dating import Kind
from transfer.core.dating.instants import Day
from transfer.core.record.entries import NewEntry
from transfer.core.record.leaving import LaterOnRecord
from transfer.core.refusals import (
    Conflict,
    Malformed,
    NotOnRecord,
    Refusal,
    StaleVersion,
)
from transfer.core.streams import staff_stream
from transfer.core.words import MAIN, Facet
from transfer.questions.history import HistoryItem, history
from transfer.questions.position import SEEN_BY
from transfer.web.frame.forms import Field as Input
from transfer.web.frame.forms import Form, as_sent, form_of, input_of, read
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.sent import FORM_TOKEN, fields_sent, require_own_form
from transfer.web.frame.wording import (
    changed_text,
    day_text,
    days_text,
    facet_text,
    fact_text,
    instant_text,
    value_text,
)
from transfer.web.office.checking import (
    MOST_LINES,
    asks_what_becomes_of,
    check_rows,
    hidden_of,
    key_sent,
    sentence,
    settle_says,
    summary_row,
    to_settle_link,
    typed_of,
    version_sent,
)

_LONGEST_FORM: Final = 256 * 1024
_MOST_FIELDS: Final = 400
_OWN_FIELDS: Final = (FORM_TOKEN, "then", "key", "version")

Given = ChangeGiven | CorrectionGiven | LeavingGiven | TermGiven
"""What the API takes."""


# --- what the forms ask, made from what the API takes ---------------------------------------------

_Details = create_model(
    "_Details",
    __base__=Sent,
    # pydantic's overloads do not know a mapping of fields.
    **{facet.value: (Text | None, None) for facet in Facet},  # type: ignore[call-overload]
)
"""A new value for each detail of a position; left out: it stays."""


def _field_of(model: type[BaseModel], name: str) -> tuple[Any, Any]:
    info = model.model_fields[name]
    return info.annotation, info


def _asked(
    model: type[BaseModel], without: Iterable[str], more: Mapping[str, Any], called: str = "Asked"
) -> Any:
    """The model of a form: the fields of what the API takes, without some, and with more."""
    kept = {
        name: (info.annotation, info)
        for name, info in model.model_fields.items()
        if name not in without
    }
    # What becomes of an entry comes first, then the days.
    first = {name: each for name, each in more.items() if name in ("what", "term", "value")}
    first |= {name: kept.pop(name) for name in ("effective_from",) if name in kept}
    fields: dict[str, Any] = {**first, **more, **kept}
    return create_model(f"{model.__name__}{called}", __base__=Sent, **fields)


_LAST_DAY: Final = {"last_day": (Day | None, None)}
_DETAILS: Final = {"changes": (_Details, _Details()), "ends": (tuple[Facet, ...], ())}
_WHAT: Final = {"what": (Literal["replace", "cancel"], ...)}
_OF: Final = {"of", "annul", "effective_to", "changes", "term", "value", "name", "assignment"}

_TERM_GRANTED: Final = _asked(
    TermGiven,
    {"term", "value", "effective_to"},
    {"term": _field_of(TermGiven, "term"), "value": (Text, ...)} | _LAST_DAY,
    "Granted",
)
_TERM_VARIED: Final = _asked(
    TermGiven, {"term", "value", "effective_to"}, {"value": (Text, ...)} | _LAST_DAY, "Varied"
)
_TERM_ENDED: Final = _asked(TermGiven, {"term", "value", "effective_to"}, {}, "Ended")
_CHANGE: Final = _asked(ChangeGiven, {"effective_to", "changes"}, _LAST_DAY | _DETAILS)
_LEAVING: Final = LeavingGiven
_DETAILS_CORRECTED: Final = _asked(
    CorrectionGiven,
    _OF - {"assignment"},
    _WHAT | _LAST_DAY | _DETAILS,
)
_TERM_CORRECTED: Final = _asked(CorrectionGiven, _OF - {"term", "value"}, _WHAT | _LAST_DAY)
_NAME_CORRECTED: Final = _asked(CorrectionGiven, _OF - {"name"}, _WHAT)


def _plain(asked: BaseModel) -> dict[str, Any]:
    """What a form says in the API's words, as far as the names are the same."""
    said = {name: getattr(asked, name) for name in asked.model_fields_set}
    if (last := said.pop("last_day", None)) is not None:
        if last == date.max:
            raise Malformed("there is no day after that: leave it blank", field="last_day")
        said["effective_to"] = last + timedelta(days=1)
    ends = said.pop("ends", ())
    details = said.pop("changes", None)
    if details is not None or ends:
        said["changes"] = _values(details, ends)
    return {name: value for name, value in said.items() if value is not None}


def _values(details: BaseModel | None, ends: Iterable[Facet]) -> dict[Facet, str | None]:
    new = {} if details is None else details.model_dump(exclude_unset=True, exclude_none=True)
    for each in ends:
        if each in new:
            raise Malformed("it cannot have a new value and end as well", field=each)
    return {Facet(name): value for name, value in new.items()} | dict.fromkeys(ends)


def _change_of(asked: BaseModel) -> ChangeGiven:
    said = _plain(asked)
    if not said.get("changes"):
        raise Malformed("fill in a new value, or tick what ends", field="changes")
    return ChangeGiven.model_validate(said)


def _leaving_of(asked: BaseModel) -> LeavingGiven:
    return LeavingGiven.model_validate(_plain(asked))


def _term_of(term: str | None, asked: BaseModel) -> TermGiven:
    """A term that is granted; with `term`, that one varied, or ended where no value is asked."""
    said = _plain(asked)
    if term is not None:
        said["term"] = term
    return TermGiven.model_validate({"value": None, **said})


def _correction_of(of: UUID, asked: BaseModel) -> CorrectionGiven:
    said = _plain(asked)
    if said.pop("what") == "cancel":
        kept = {name: said[name] for name in ("reason", "basis", "later") if name in said}
        return CorrectionGiven.model_validate({"of": of, "annul": True, **kept})
    if "effective_from" not in said:
        raise Malformed("fill in the first day on which it holds", field="effective_from")
    if "term" in type(asked).model_fields:
        if "term" not in said:
            raise Malformed("fill in which term it is", field="term")
        said.setdefault("value", None)
    elif "name" in type(asked).model_fields:
        if "name" not in said:
            raise Malformed("fill in the name", field="name")
    else:
        said.setdefault("changes", {})
    return CorrectionGiven.model_validate({"of": of, **said})


# --- which page -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Page:
    """The form of one entry that an administrator looks at or sends.

    `filled` are the inputs that the form has before anybody types. `old`: what the entry to correct
    says, as rows. `now`: the person's values today, by detail.
    """

    title: str
    says: str
    number: str
    caller: Caller
    action: str
    form: Form[Any]
    given: Callable[[Any], Given]
    back: Mapping[str, str]
    filled: Mapping[str, str] = field(default_factory=dict)
    old: Sequence[Mapping[str, object]] = ()

    @property
    def asked(self) -> tuple[Input, ...]:
        """What the form asks before anything is found to collide."""
        return tuple(each for each in self.form.fields if each.name != "later")

    @property
    def about(self) -> dict[str, object]:
        """What each of its pages says of it."""
        return {
            "title": self.title,
            "of": f"Staff number {self.number}",
            "whose": self.number,
            "action": self.action,
            "back": self.back,
            "old": self.old,
        }


def routes(pages: Pages) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    reader = pages.signed_in(Role.ADMIN)
    up_to = Depends(pages.service.up_to(*SEEN_BY))
    sent = Depends(fields_sent(_LONGEST_FORM, _MOST_FIELDS))

    def serve(name: str, page_of: Callable[[Pages, Caller, str, Request], _Page | str]) -> None:
        @router.get(f"/staff/{{staff_number}}/{name}", dependencies=[up_to])
        def ask(
            request: Request, caller: Annotated[Caller, Depends(reader)], staff_number: str
        ) -> Response:
            """Ask what is to be recorded."""
            page = page_of(pages, caller, known_number(staff_number), request)
            if isinstance(page, str):
                return redirect(page)
            return _draw_form(pages, request, page, page.filled, {})

        @router.post(f"/staff/{{staff_number}}/{name}", dependencies=[up_to])
        def check_or_record(
            request: Request,
            caller: Annotated[Caller, Depends(reader)],
            staff_number: str,
            fields: Annotated[dict[str, str], sent],
        ) -> Response:
            """Show what an entry would change; once that is confirmed, record it."""
            require_own_form(pages, request, fields)
            page = page_of(pages, caller, known_number(staff_number), request)
            if isinstance(page, str):
                return redirect(page)
            return _check_or_record(pages, request, page, fields)

    serve("change", _change_page)
    serve("correct", _correct_page)
    serve("leave", _leave_page)
    serve("terms/grant", _grant_page)
    serve("terms/vary", partial(_term_page, ends=False))
    serve("terms/end", partial(_term_page, ends=True))
    return router


def _person(number: str) -> dict[str, str]:
    return {"href": f"/staff/{number}", "text": f"Staff number {number}"}


def _change_page(pages: Pages, caller: Caller, number: str, request: Request) -> _Page:
    job = request.query_params.get("assignment") or MAIN
    now = _values_now(pages, number, job)
    return _Page(
        title="Record a change",
        says="Fill in what changes and from which day; what you leave blank stays as it is. "
        "Then check what else would read differently. Nothing is recorded before you confirm.",
        number=number,
        caller=caller,
        action=f"/staff/{number}/change"
        + ("" if job == MAIN else f"?{urlencode({'assignment': job})}"),
        form=_with_hints(form_of(_CHANGE, "staff change"), "Today", now),
        given=_change_of,
        back=_person(number),
        filled={"assignment": job},
    )


def _leave_page(pages: Pages, caller: Caller, number: str, _: Request) -> _Page:
    now = _values_now(pages, number, MAIN)
    works = now.get(Facet.EMPLOYER)
    today = f"Today {number} works for {works}." if works else f"Today nobody employs {number}."
    return _Page(
        title="Record a leaving",
        says=f"{today} Say from which day that is over, and why: every detail of the job ends. "
        "Then check what else would read differently. Nothing is recorded before you confirm.",
        number=number,
        caller=caller,
        action=f"/staff/{number}/leave",
        form=form_of(_LEAVING, "staff leave"),
        given=_leaving_of,
        back=_person(number),
        filled={"assignment": MAIN},
    )


_CHECK: Final = (
    "Then check what else would read differently. Nothing is recorded before you confirm."
)


def _grant_page(pages: Pages, caller: Caller, number: str, _: Request) -> _Page:
    _terms_today(pages, number)  # refuses somebody who is not on record
    return _Page(
        title="Grant a term",
        says="Say which term it is, what it grants and from which day. A term belongs to the "
        f"person, and not to one of their jobs. {_CHECK}",
        number=number,
        caller=caller,
        action=f"/staff/{number}/terms/grant",
        form=form_of(_TERM_GRANTED, "staff term"),
        given=partial(_term_of, None),
        back=_terms_tab(number),
    )


def _term_page(
    pages: Pages, caller: Caller, number: str, request: Request, *, ends: bool
) -> _Page | str:
    """The form of a term that is varied or ends; without a term, the address of the person's terms
    to choose one of. Raises `NotOnRecord`."""
    term = request.query_params.get("term", "")
    if not term:
        return f"/staff/{number}/terms"
    today = _terms_today(pages, number)
    if term not in _terms_on_record(pages, number):
        raise NotOnRecord("there is no such term on this person's record")
    now = (
        f"Today {facet_text(term)} is {today[term]}." if term in today else "It is not held today."
    )
    name, model = ("end", _TERM_ENDED) if ends else ("vary", _TERM_VARIED)
    asks = (
        "Say from which day the person no longer has it."
        if ends
        else "Fill in the new value and from which day it holds."
    )
    return _Page(
        title=f"{'End' if ends else 'Vary'} a term: {facet_text(term)}",
        says=f"{now} {asks} {_CHECK}",
        number=number,
        caller=caller,
        action=f"/staff/{number}/terms/{name}?{urlencode({'term': term})}",
        form=form_of(model, "staff term end" if ends else "staff term"),
        given=partial(_term_of, term),
        back=_terms_tab(number),
    )


def _terms_tab(number: str) -> dict[str, str]:
    return {"href": f"/staff/{number}/terms", "text": f"Terms of {number}"}


def _correct_page(pages: Pages, caller: Caller, number: str, request: Request) -> _Page | str:
    """The form of a correction; without an entry, the address of the history to choose one in.

    Raises `Malformed`, `NotOnRecord` and `Conflict`.
    """
    named = request.query_params.get("of", "")
    if not named:
        return f"/staff/{number}/history"
    try:
        of = UUID(named)
    except ValueError:
        raise Malformed("not the reference of an entry", field="of") from None
    office = pages.service.office
    on_record = office.person(number).record.entries.get(of)
    if on_record is None:
        raise NotOnRecord("there is no such entry on this person's record")
    if on_record.is_annulment or on_record.annulled:
        raise Conflict("the entry was cancelled for good: record a change instead")
    items = {each.event_id: each for each in history(office.log, number)}
    item = items[of]
    holds = items.get(item.corrected_by, item) if item.corrected_by else item
    content = _content(pages, number, holds.event_id)
    model, name = (
        (_NAME_CORRECTED, "name")
        if on_record.is_naming
        else (_TERM_CORRECTED, "term")
        if content.term
        else (_DETAILS_CORRECTED, "details")
    )
    form = _with_hints(form_of(model, "staff correct"), "Old value", content.values)
    return _Page(
        title=f"Correct entry {item.version}",
        says="What you fill in takes the place of all that the entry says. "
        "Then check what would read differently. Nothing is recorded before you confirm, and the "
        "old entry stays in the history.",
        number=number,
        caller=caller,
        action=f"/staff/{number}/correct?of={of}",
        form=form,
        given=partial(_correction_of, of),
        back={"href": f"/staff/{number}/history", "text": "History"},
        filled=content.inputs(name),
        old=[*_old_rows(item, holds, content)],
    )


# --- what is there already ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Content:
    """What an entry says: the values of a position, or one term."""

    first: date | None = None
    end: date | None = None
    assignment: str = MAIN
    values: Mapping[str, str | None] = field(default_factory=dict)
    term: str = ""
    value: str | None = None

    def inputs(self, name: str) -> dict[str, str]:
        """The inputs of the form that corrects it, as they begin."""
        typed = {"what": "replace", **_day_inputs("effective_from", self.first)}
        if name == "name":
            return typed
        if self.end is not None:
            typed |= _day_inputs("last_day", self.end - timedelta(days=1))
        if name == "term":
            return typed | {"term": self.term, "value": self.value or ""}
        typed["assignment"] = self.assignment
        for each, value in self.values.items():
            typed[f"changes-{each}" if value is not None else f"ends-{each}"] = value or "yes"
        return typed


def _day_inputs(name: str, day: date | None) -> dict[str, str]:
    if day is None:
        return {}
    parts = {"day": f"{day.day}", "month": f"{day.month}", "year": f"{day.year:04}"}
    return {f"{name}-{part}": text for part, text in parts.items()}


def _content(pages: Pages, number: str, event_id: UUID) -> _Content:
    """What an entry says by itself, whatever it corrects."""
    office = pages.service.office
    found = next(
        each for each in office.log.read(staff_stream(number)) if each.event_id == event_id
    )
    pieces = office.known.pieces_of(found.fact)
    of_details = [each for each in pieces if each.key.kind is Kind.FACET]
    first = getattr(found.fact, "effective_from", None)
    if of_details:
        one = of_details[0]
        return _Content(
            first=one.effective_from,
            end=one.effective_to,
            assignment=one.key.assignment or MAIN,
            values={each.key.name: each.value for each in of_details},
        )
    if pieces:
        one = pieces[0]
        return _Content(
            first=one.effective_from, end=one.effective_to, term=one.key.name, value=one.value
        )
    return _Content(first=first)


def _old_rows(
    item: HistoryItem, holds: HistoryItem, content: _Content
) -> Iterator[dict[str, object]]:
    recorded = f"{instant_text(item.recorded_at)} by {item.recorded_by}"
    yield summary_row("Entry", [f"{fact_text(item.type)}, recorded {recorded}"])
    if holds is not item:
        yield summary_row("Corrected before", [instant_text(holds.recorded_at)])
    if content.first is not None:
        yield summary_row("In force", [days_text(content.first, content.end)])
    for name, value in content.values.items():
        yield summary_row(facet_text(name), [value or "ends"])
    if content.term:
        yield summary_row(facet_text(content.term), [content.value or "ends"])
    if holds.reason:
        yield summary_row("Reason", [holds.reason])


def _values_now(pages: Pages, number: str, assignment: str) -> dict[str, str | None]:
    """The person's values today. Raises `NotOnRecord`."""
    service = pages.service
    with service.reading() as conn:
        known_at = resolve_known_at(conn, SEEN_BY, None)
        found = position_at(conn, number, service.today(), known_at, assignment)
    return {facet: held.value for facet, held in found.position.items()}


def _terms_today(pages: Pages, number: str) -> dict[str, str]:
    """The terms that entries of the person's give them today. Raises `NotOnRecord`."""
    service = pages.service
    with service.reading() as conn:
        known_at = resolve_known_at(conn, SEEN_BY, None)
        found = position_at(conn, number, service.today(), known_at, MAIN)
    return {each.term: each.held.value for each in found.terms if each.exercise is None}


def _terms_on_record(pages: Pages, number: str) -> set[str]:
    """Every term that an entry of the person's has ever stated."""
    office = pages.service.office
    return {
        piece.key.name
        for event in office.log.read(staff_stream(number))
        for piece in office.known.pieces_of(event.fact)
        if piece.key.kind is Kind.TERM
    }


def _with_hints(form: Form[Any], when: str, values: Mapping[str, str | None]) -> Form[Any]:
    """The form, with what each detail is now beside its new value."""

    def hinted(each: Input) -> Input:
        value = values.get(each.name)
        return replace(each, hint=f"{when}: {value or 'no value'}.")

    fields = tuple(
        replace(each, fields=tuple(map(hinted, each.fields))) if each.name == "changes" else each
        for each in form.fields
    )
    return replace(form, fields=fields)


# --- asking, checking, recording ------------------------------------------------------------------


def _check_or_record(
    pages: Pages, request: Request, page: _Page, fields: Mapping[str, str]
) -> Response:
    then = fields.get("then")
    got = read(page.form, typed_of(fields, _OWN_FIELDS))
    if got.body is None or then == "change":
        return _draw_form(pages, request, page, got.typed, {} if then == "change" else got.errors)
    moved: list[dict[str, object]] = []
    try:
        given = page.given(got.body)
        if then == "do":
            try:
                return _record(pages, request, page, given, fields)
            except LaterOnRecord:
                # It came up since: the check asks what becomes of it.
                pass
            except StaleVersion:
                moved = _moved(pages, page, version_sent(fields))
                if not moved:
                    raise
        return _check(pages, request, page, got.body, given, got.typed, moved)
    except ValidationError as error:
        place = [str(part) for part in error.errors()[0]["loc"]] or [""]
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        errors = {input_of(page.form, place[0]): sentence(said)}
        return _draw_form(pages, request, page, got.typed, errors)
    except Malformed as refusal:
        name = "last_day" if refusal.field == "effective_to" else refusal.field
        reason = refusal.reason.removeprefix(f"{refusal.field}: ")
        errors = {input_of(page.form, name): sentence(reason)}
        return _draw_form(pages, request, page, got.typed, errors)
    except Refusal as refusal:
        content = {"can": False, "refused": [sentence(refusal.reason)], "refused_in_all": 1}
        status = HTTPStatus.CONFLICT
        return _draw_check(pages, request, page, got.body, got.typed, content, status)


def _submitted(page: _Page, given: Given, command_id: UUID, version: int | None) -> Submitted[Any]:
    return Submitted(
        body=given,
        command_id=command_id,
        repeatable=True,
        expected_version=version,
        must_exist=True,
        request=f"{page.action}\n{given.model_dump_json()}",
    )


def _record(
    pages: Pages, request: Request, page: _Page, given: Given, fields: Mapping[str, str]
) -> Response:
    key = key_sent(fields)
    command_id = key_id("page", page.action, page.caller.subject, key)
    sent = _submitted(page, given, command_id, version_sent(fields))
    wrote = _write(pages, page, given, sent)
    content = {
        **page.about,
        "heading": "Recorded",
        "says": f"It is on record of {page.number} since {instant_text(wrote.recorded_at)}.",
        "reference": wrote.event_id,
        "refused": [],
        "settle": [to_settle_link(each) for each in wrote.to_settle[:MOST_LINES]],
        "next": {
            "href": f"/staff/{page.number}/history",
            "text": f"See it in the history of {page.number}",
        },
    }
    return pages.draw(request, "transfer/office/act_done.html", content)


def _write(pages: Pages, page: _Page, given: Given, sent: Submitted[Any]) -> Written:
    service, office, number = pages.service, pages.service.office, page.number
    match given:
        case LeavingGiven():
            leaving = given.entry()

            def leave(act: Act) -> Entered:
                return leavings.leave(office, act, number, leaving, given.later)

            done = entered(service, page.caller, sent, leave, upon=number)
            return written(office, done, leaving, given.later)
        case CorrectionGiven():
            act = partial(correct_entry, office, number, given.entry(), given.name)
            return made(service, page.caller, sent, act, upon=number)[1]
        case ChangeGiven() | TermGiven():
            entry: NewEntry = given.entry()
            return made(
                service,
                page.caller,
                sent,
                lambda act: record.enter(office, act, number, entry),
                upon=number,
            )[1]


def _previewed(pages: Pages, page: _Page, given: Given) -> Preview:
    service, number = pages.service, page.number
    if isinstance(given, LeavingGiven):
        suppose = partial(would_read_of, service)
        return preview_leaving(suppose, service.office, number, given.entry(), given.later)
    sent = _submitted(page, given, service.new_id(), None)
    of = given.of if isinstance(given, CorrectionGiven) else None
    return preview(service, number, sent, given.entry(), of)


def _check(
    pages: Pages,
    request: Request,
    page: _Page,
    body: BaseModel,
    given: Given,
    typed: Mapping[str, str],
    moved: Sequence[Mapping[str, object]],
) -> Response:
    """What was filled in and what it would change, to be confirmed."""
    would = _previewed(pages, page, given)
    later = would.later if isinstance(would, LeavingPreview) else ()
    to_choose = bool(later) and given.later is None
    content = {
        "can": True,
        "to_choose": to_choose,
        "moved": moved,
        "version": would.version,
        "otherwise": [*_otherwise(would)],
        "dates": [*_dates(would)],
        "warnings": [sentence(each) for each in would.warnings],
        "later": [
            f"{each.employer}, {days_text(each.effective_from, each.effective_to)}"
            + (f": {each.became}" if each.became else "")
            for each in later[:MOST_LINES]
        ],
        "without_manager": [
            f"{each.staff_number} from {day_text(each.effective_from)}"
            for each in would.without_manager[:MOST_LINES]
        ]
        if isinstance(would, LeavingPreview)
        else [],
        **_choices(page, would, typed, to_choose=to_choose),
    }
    status = HTTPStatus.CONFLICT if moved or to_choose else HTTPStatus.OK
    return _draw_check(pages, request, page, body, typed, content, status)


def _choices(
    page: _Page, would: Preview, typed: Mapping[str, str], *, to_choose: bool
) -> dict[str, object]:
    """What is asked beside the check: what becomes of that with which the entry collides."""
    (later,) = (each for each in page.form.fields if each.name == "later")
    if isinstance(would, LeavingPreview):
        label = "What becomes of the entries that would bring them back?"
        asks = [("later", replace(later, label=label, required=True))] if to_choose else []
        return {"asks": asks, "settle": [settle_says(each) for each in would.to_settle]}
    return asks_what_becomes_of(page.form, would.to_settle, typed)


def _otherwise(would: Preview) -> Iterator[str]:
    """What else would read differently, a sentence for each stretch of days."""
    for value in would.position:
        job = "" if value.assignment == MAIN else f" ({value.assignment})"
        days = days_text(value.effective_from, value.effective_to)
        yield (
            f"{facet_text(value.facet)}{job}, {days}: "
            f"{value_text(value.before)} → {value_text(value.after)}."
        )
    for term in would.terms:
        days = days_text(term.effective_from, term.effective_to)
        values = f"{value_text(term.before)} → {value_text(term.after)}"
        yield f"{facet_text(term.term)}, {days}: {values}."


def _dates(would: Preview) -> Iterator[str]:
    """Which deadlines, notices and ends of protected pay would be others."""
    for due in would.deadlines:
        before, after = (
            "none" if side is None or side.due_on is None else day_text(side.due_on)
            for side in (due.before, due.after)
        )
        if before == after:
            before, after = (
                "none" if side is None else facet_text(side.state).lower()
                for side in (due.before, due.after)
            )
        what = facet_text(due.what).lower()
        yield f"Deadline for {what} in exercise {due.exercise}: {before} → {after}."
    for notice in would.notices:
        before, after = (
            "none" if day is None else day_text(day) for day in (notice.before, notice.after)
        )
        yield (
            f"Last day for the written statement about {facet_text(notice.facet).lower()}, changed "
            f"on {day_text(notice.changed_on)}: {before} → {after} (clause {notice.clause})."
        )
    for pay in would.protected_pay_ends:
        before, after = (
            ", ".join("never" if day is None else day_text(day) for day in days) or "not held"
            for days in (pay.before, pay.after)
        )
        yield f"{facet_text(pay.term)} is no longer held from: {before} → {after}."


def _moved(pages: Pages, page: _Page, version: int | None) -> list[dict[str, object]]:
    """What was recorded after the version that somebody has checked."""
    return [
        {
            "says": "; ".join([fact_text(each.type), *map(changed_text, each.changed)]),
            "recorded_at": each.recorded_at,
            "recorded_by": each.recorded_by,
        }
        for each in history(pages.service.office.log, page.number)
        if version is not None and each.version > version
    ]


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
        "says": page.says,
        **as_sent(page.asked, typed, errors),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    _note(pages, request, page)
    return pages.draw(request, "transfer/office/act.html", content, status)


def _draw_check(
    pages: Pages,
    request: Request,
    page: _Page,
    body: BaseModel,
    typed: Mapping[str, str],
    content: Mapping[str, object],
    status: HTTPStatus,
) -> Response:
    chosen = getattr(body, "later", None)
    form = page.form if chosen else replace(page.form, fields=page.asked)
    shown = {
        **page.about,
        "rows": [
            *check_rows(form, body),
            summary_row("Who asserts it", [f"{page.caller.subject} (you, as you are signed in)"]),
        ],
        # What the check asks is not carried along as well.
        "hidden": [
            each for each in hidden_of(typed) if each[0] != "later" or not content.get("to_choose")
        ],
        "key": str(pages.service.new_id()),
        "typed": typed,
        **content,
    }
    _note(pages, request, page)
    return pages.draw(request, "transfer/office/entry_check.html", shown, status)


def _note(pages: Pages, request: Request, page: _Page) -> None:
    """Put on the register that the person's record was shown."""
    pages.note(
        request, page.caller, {Role.ADMIN}, [page.number], known_at=pages.service.known_to_log_at()
    )
