"""/my-record/challenge: a member of staff says that an entry of their own record is wrong.

It is an objection to the entry: it changes no value, stands beside the entry from then on, and the
employer has to answer it.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError

from transfer.access.identity import Caller
from transfer.api.bodies import Submitted, entered
from transfer.api.resources.objections import ObjectionGiven
from transfer.commands.links_and_objections import object_to
from transfer.commands.office import Act, Office, key_id
from transfer.commands.record import Entered
from transfer.questions.history import HistoryItem, history
from transfer.web.frame.forms import summary_errors
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.sent import fields_sent, require_own_form
from transfer.web.frame.wording import fact_text, instant_text
from transfer.web.staff.own import NAMES, member, note_read, own_number
from transfer.web.staff.wording import changed_text

ADDRESS = "/my-record/challenge"
LONGEST_STATEMENT = 4_000
"""Characters of what somebody says of an entry."""

_LONGEST_FORM = 65_536
_MOST_FIELDS = 8


@dataclass(frozen=True, slots=True)
class EntryToChallenge:
    """An entry of the record, in words: what it is, what it changed, when it was recorded."""

    event_id: str
    title: str
    says: tuple[str, ...]
    recorded: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent. `errors` says what is wrong, by field; without any, `body` is there."""

    of: str = ""
    statement: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    body: ObjectionGiven | None = None


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    reader = member(pages)
    up_to = Depends(service.up_to(*NAMES))
    sent = Depends(fields_sent(_LONGEST_FORM, _MOST_FIELDS))

    @router.get(ADDRESS, dependencies=[up_to])
    def ask(request: Request, caller: Annotated[Caller, Depends(reader)]) -> Response:
        """Ask which entry is wrong, and why."""
        number = own_number(pages, caller)
        typed = Typed(of=request.query_params.get("of", ""))
        return _draw_form(pages, request, caller, number, typed)

    @router.post(ADDRESS)
    def check_or_record(
        request: Request,
        caller: Annotated[Caller, Depends(reader)],
        fields: Annotated[dict[str, str], sent],
    ) -> Response:
        """Show what was said, to be checked; once it is confirmed, put it on record."""
        require_own_form(pages, request, fields)
        number = own_number(pages, caller)
        entries = {each.event_id: each for each in _entries(service.office, number)}
        typed = _read(fields, entries)
        if typed.body is None or fields.get("then") == "change":
            return _draw_form(pages, request, caller, number, typed)
        if fields.get("then") != "record":
            content = {
                "number": number,
                "entry": entries[typed.of],
                "statement": typed.statement,
                "key": str(service.new_id()),
            }
            return pages.draw(request, "transfer/staff/challenge_check.html", content)
        _record(pages, caller, number, typed.body, fields.get("key", ""))
        return redirect("/my-record?done=challenged")

    return router


def _draw_form(
    pages: Pages, request: Request, caller: Caller, number: str, typed: Typed
) -> Response:
    head = pages.service.known_to_log_at()
    content = {
        "number": number,
        "entries": _entries(pages.service.office, number),
        "typed": typed,
        "errors": summary_errors(typed.errors),
        "longest": LONGEST_STATEMENT,
    }
    note_read(pages, request, caller, head)
    status = 422 if typed.errors else 200
    return pages.draw(request, "transfer/staff/challenge.html", content, status)


def _entries(office: Office, number: str) -> tuple[EntryToChallenge, ...]:
    """What may be challenged: every entry of the person's, the last recorded first."""
    may = office.person(number).record.entries
    return tuple(
        _entry(item) for item in reversed(history(office.log, number)) if item.event_id in may
    )


def _entry(item: HistoryItem) -> EntryToChallenge:
    says = (item.sentence,) if item.sentence else ()
    return EntryToChallenge(
        event_id=str(item.event_id),
        title=f"Entry {item.version}: {fact_text(item.type)}",
        says=(*says, *map(changed_text, item.changed)),
        recorded=f"recorded {instant_text(item.recorded_at)} by {item.recorded_by}",
    )


def _read(fields: dict[str, str], entries: dict[str, EntryToChallenge]) -> Typed:
    of, statement = fields.get("of", ""), fields.get("statement", "").strip()
    errors = {}
    if of not in entries:
        errors["of"] = "Choose the entry that you challenge"
    if not statement:
        errors["statement"] = "Say what is wrong with the entry"
    elif len(statement) > LONGEST_STATEMENT:
        errors["statement"] = f"Say it in {LONGEST_STATEMENT:,} characters or fewer"
    if errors:
        return Typed(of, statement, errors)
    try:
        body = ObjectionGiven(of=UUID(of), statement=statement)
    except ValidationError:
        # The one thing left that a statement may not hold.
        return Typed(of, statement, {"statement": "The text holds a character that cannot be kept"})
    return Typed(of, statement, body=body)


def _record(pages: Pages, caller: Caller, number: str, body: ObjectionGiven, key: str) -> None:
    """Record the objection, once however often the form is sent."""
    sent = Submitted(
        body=body,
        command_id=key_id(ADDRESS, caller.subject, key) if key else pages.service.new_id(),
        repeatable=bool(key),
        expected_version=None,
        must_exist=True,
        request=body.model_dump_json(),
    )
    entered(pages.service, caller, sent, partial(_object, pages.service.office, number, body))


def _object(office: Office, number: str, body: ObjectionGiven, act: Act) -> Entered:
    return object_to(office, act, staff_number=number, of=body.of, statement=body.statement)
