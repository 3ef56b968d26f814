"""/duties: give a line of the list of work to somebody, or say why it is not done.

A line stands for all the people that one duty is due of on one day. So does a form: what is said is
said of each of them, in one command.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from projections.deadlines.deadlines import Found, State, alike
from projections.deadlines.deadlines import duty as duty_of
from transfer.access.identity import Caller, Role
from transfer.access.reach import is_limited
from transfer.api.bodies import Text
from transfer.api.reach import within_limits
from transfer.api.resources.duties import (
    NOT_THERE,
    DelegationGiven,
    ExcuseGiven,
    id_of,
    require_reached,
)
from transfer.commands import duties as commands
from transfer.commands.duties import DutiesEntered
from transfer.commands.office import Act, key_id
from transfer.core.dating.instants import Day
from transfer.core.duties import Duty
from transfer.core.refusals import Conflict, Malformed, NotOnRecord, Refusal
from transfer.core.words import Subject
from transfer.questions.deadlines import SEEN_BY
from transfer.questions.work import NAMED, kind_of_work
from transfer.web.frame.forms import Field as FormField
from transfer.web.frame.forms import Form, Read, form_of, read
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.sent import FORM_TOKEN, fields_sent, require_own_form
from transfer.web.frame.wording import day_text
from transfer.web.office.wording import owner_text, people_text, work_text

B = TypeVar("B", bound=BaseModel)

ADDRESS: Final = "/duties/{obligation_id}"
WORK: Final = "/work"

_KEY: Final = "key"
_TO_NOBODY: Final = {"to": "Fill in “Who takes care of it”"}
_LONGEST_FORM: Final = 16_384
_MOST_FIELDS: Final = 16


class DelegationOnPage(DelegationGiven):
    """The same on a form, where a blank takes the duty back. Its fields have words of a form."""

    to: Subject | None = Field(None)
    until: Day | None = Field(None)


class ExcuseOnPage(ExcuseGiven):
    """The same on a form."""

    document: Text | None = Field(None)
    withdrawn: bool = Field(False)


_GIVE: Form[DelegationOnPage] = form_of(DelegationOnPage, "duty give")
_EXCUSE: Form[ExcuseOnPage] = form_of(ExcuseOnPage, "duty excuse")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the list of work, as one of its obligations leads to it."""

    found: Found
    duties: tuple[Duty, ...]

    @property
    def people(self) -> list[str]:
        """Whom it is about, each once."""
        named = (each.named.staff_number for each in self.duties)
        return [*dict.fromkeys(each for each in named if each is not None)]


def routes(pages: Pages) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    admin = pages.signed_in(Role.ADMIN, within_limits=True)
    up_to = [Depends(service.up_to(SEEN_BY))]
    sent = Depends(fields_sent(_LONGEST_FORM, _MOST_FIELDS))

    @router.get(f"{ADDRESS}/give", dependencies=up_to)
    def ask_who(
        request: Request, obligation_id: str, caller: Annotated[Caller, Depends(admin)]
    ) -> Response:
        """Say who has it, and ask who is to."""
        return draw(request, caller, line_of(caller, obligation_id), _GIVE, Read({}))

    @router.post(f"{ADDRESS}/give", dependencies=up_to)
    def give(
        request: Request,
        obligation_id: str,
        caller: Annotated[Caller, Depends(admin)],
        fields: Annotated[dict[str, str], sent],
    ) -> Response:
        """Give it to somebody or take it back, once however often the form is sent."""
        line, given = submitted(request, caller, obligation_id, fields, _GIVE)
        is_nobodys = line.found.delegated_to is None and not given.typed.get("to", "").strip()
        if given.body is None:
            wrong = {**(_TO_NOBODY if is_nobodys else {}), **given.errors}
            return draw(request, caller, line, _GIVE, Read(given.typed, None, wrong))
        body = given.body
        try:
            done = commands.delegate(
                service.office,
                act_of(request, caller, fields, body),
                line.duties,
                to=body.to,
                until=body.until,
                reason=body.reason,
                today=service.today(),
            )
        except (Malformed, Conflict) as error:
            refused = Read(given.typed, None, _TO_NOBODY) if is_nobodys else _refused(given, error)
            return draw(request, caller, line, _GIVE, refused)
        return recorded(done)

    @router.get(f"{ADDRESS}/excuse", dependencies=up_to)
    def ask_why(
        request: Request, obligation_id: str, caller: Annotated[Caller, Depends(admin)]
    ) -> Response:
        """Say how it is excused, and ask why it is not done."""
        return draw(request, caller, line_of(caller, obligation_id), _EXCUSE, Read({}))

    @router.post(f"{ADDRESS}/excuse", dependencies=up_to)
    def excuse(
        request: Request,
        obligation_id: str,
        caller: Annotated[Caller, Depends(admin)],
        fields: Annotated[dict[str, str], sent],
    ) -> Response:
        """Excuse it or withdraw the excuse, once however often the form is sent."""
        line, given = submitted(request, caller, obligation_id, fields, _EXCUSE)
        if given.body is None:
            return draw(request, caller, line, _EXCUSE, given)
        body = given.body
        try:
            done = commands.excuse(
                service.office,
                act_of(request, caller, fields, body),
                line.duties,
                reason=body.reason,
                document=body.document,
                withdrawn=body.withdrawn,
            )
        except (Malformed, Conflict) as error:
            return draw(request, caller, line, _EXCUSE, _refused(given, error))
        return recorded(done)

    def recorded(done: DutiesEntered) -> Response:
        service.acknowledge(done.recorded_at)
        return redirect(WORK)

    def line_of(caller: Caller, obligation_id: str) -> _Line:
        """The line of an obligation, of people within the caller's limits.

        Raises `NotOnRecord` where there is none, or everybody is out of them.
        """
        named = id_of(obligation_id)
        known_at = service.known_to_log_at(SEEN_BY)
        with service.reading() as conn:
            found = duty_of(conn, named, known_at)
            duties = alike(conn, found, known_at) or (found.duty,)
        if is_limited(caller.limits):
            people = {each.named.staff_number for each in duties} - {None}
            within = within_limits(service, caller, [each for each in people if each is not None])
            if people and not within:
                raise NotOnRecord(NOT_THERE)
            if within:
                duties = tuple(each for each in duties if each.named.staff_number in within)
            require_reached(service, caller, duties)
        return _Line(found, duties)

    def submitted(
        request: Request,
        caller: Caller,
        obligation_id: str,
        fields: dict[str, str],
        form: Form[B],
    ) -> tuple[_Line, Read[B]]:
        require_own_form(pages, request, fields)
        typed = {each: text for each, text in fields.items() if each not in (FORM_TOKEN, _KEY)}
        return line_of(caller, obligation_id), read(form, typed.items())

    def act_of(request: Request, caller: Caller, fields: Mapping[str, str], body: BaseModel) -> Act:
        key = fields.get(_KEY, "")
        path = request.url.path
        return Act(
            by=caller.subject,
            command_id=key_id(path, caller.subject, key) if key else service.new_id(),
            request=f"{path}\n{body.model_dump_json()}",
        )

    def draw(
        request: Request, caller: Caller, line: _Line, form: Form[B], given: Read[B]
    ) -> Response:
        named = line.found.duty.named
        people = line.people
        more = len(people) - NAMED
        content: dict[str, object] = {
            "title": "Who takes care of it" if form.act == _GIVE.act else "Why it is not done",
            "button": "Record",
            "what": work_text(kind_of_work(named.what), named.what, named.about),
            "says": _says(line.found),
            "clause": line.found.duty.basis.clause,
            "whom": people[:NAMED],
            "more": f"and {people_text(more)} more" if more > 0 else None,
            "is_giving": form.act == _GIVE.act,
            "fields": list(_fields(form, line.found)),
            "typed": given.typed,
            "wrong": given.errors,
            "errors": given.errors,
            "key": str(service.new_id()),
        }
        page = pages.draw(
            request, "transfer/office/duty.html", content, 422 if given.errors else 200
        )
        pages.note(request, caller, (Role.ADMIN,), people)
        return page

    return router


def _fields(form: Form[Any], found: Found) -> Iterator[FormField]:
    """The fields of a form, as they are asked of a duty that is given or excused, or is not."""
    for each in form.fields:
        if each.name == "to" and found.delegated_to is None:
            yield replace(each, hint="As they are signed in.", required=True)
        elif each.name != "withdrawn" or found.excused is not None:
            yield each


def _says(found: Found) -> str:
    """How it stands, in whole sentences."""
    due = "as soon as it can be" if found.due_on is None else f"by {day_text(found.due_on)}"
    verb = "was" if found.state is State.MISSED else "is"
    said = [f"It {verb} due {due}, from {owner_text(found.duty.owner)}"]
    if found.delegated_to is None:
        said[0] += ", and it is given to nobody."
    else:
        until = found.delegated_until
        last = "" if until is None else f" until {day_text(until)}"
        said[0] += f", and it is given to {found.delegated_to}{last}."
    if found.excused is not None:
        reason = found.excused.reason.rstrip(".")
        said.append(f"Its excuse, of {day_text(found.excused.on)}: {reason}.")
    return " ".join(said)


def _refused(given: Read[B], error: Refusal) -> Read[B]:
    """What was submitted, with what is wrong by the field that it is about."""
    if not isinstance(error, Malformed):
        return Read(given.typed, None, {"": f"{error.reason[:1].upper()}{error.reason[1:]}"})
    name = "until-day" if error.field == "until" else error.field
    said = error.reason.partition(": ")[2]
    return Read(given.typed, None, {name: f"{said[:1].upper()}{said[1:]}"})
