"""The acts that somebody does for themselves, or for the body that they act for, as pages ask them.

Fields, checks and refusals are those of the acts' own declarations (`transfer.commands.acts`).
What is known already, such as whom the act is for, is never asked. A page asks, shows what the act
would come to, and does it once that is confirmed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request, Response

from transfer.access.identity import Caller, Role
from transfer.api.bodies import Submitted
from transfer.api.http_service import HttpService
from transfer.api.resources.procedures import doing_of, perform
from transfer.commands.acts.doing import Doing
from transfer.commands.acts.given import ActGiven
from transfer.commands.acts.offered import Offered, offered
from transfer.commands.office import key_id
from transfer.core.refusals import NotOnRecord, Refusal, Refused
from transfer.questions.acting import ActPreview, previewed_act
from transfer.web.frame.forms import Form, Read, as_sent, checked, read
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.sent import FORM_TOKEN
from transfer.web.frame.wording import days_worded

LONGEST_FORM: Final = 262_144
MOST_FIELDS: Final = 24

_OWN_FIELDS = (FORM_TOKEN, "then", "key")
_BEGUN = "begun under "


@dataclass(frozen=True, slots=True)
class OwnAct:
    """An act as a page asks for it.

    `asks` are the fields that the page shows; `about` are those of its address: of which exercise,
    which window, or which matter (`id`). `explains` says what the act does, before anything is
    asked.
    """

    name: str
    kind: str
    act: str
    title: str
    explains: str
    button: str
    asks: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    warns: str = ""
    done: str = ""


@dataclass(frozen=True, slots=True)
class Back:
    """Where a form leads back to: its name at the beginning and inside of a sentence."""

    href: str
    text: str
    inner: str


@dataclass(frozen=True, slots=True)
class AskedAct:
    """A form of an act that somebody looks at or sends.

    `id` is that of the procedure, `known` what is filled in without asking, by field.
    """

    own: OwnAct
    caller: Caller
    id: str
    address: str
    back: Back
    form: Form[Any]
    known: Mapping[str, str]

    @property
    def about(self) -> dict[str, object]:
        """What each of its pages says of it."""
        return {"act": self.own, "action": self.address, "back": self.back}


def as_one_role(caller: Caller, role: Role) -> Caller:
    """The caller in one role alone: an administrator acts here for themselves or for their body,
    and for nobody else."""
    return replace(caller, roles=frozenset({role}))


def offered_act(service: HttpService, own: OwnAct) -> Offered:
    """The act as it is offered by API, command line and pages alike."""
    return next(
        each for each in offered(service.kinds) if (each.kind, each.name) == (own.kind, own.act)
    )


def ask_for(pages: Pages, request: Request, asked: AskedAct) -> Response:
    """The page that says what an act does and asks what it needs; where there is nothing to fill
    in, there is only something to confirm."""
    if not asked.own.asks:
        return _check(pages, request, asked, _read(asked, ()))
    return _draw_form(pages, request, asked, {}, {})


def checked_or_done(
    pages: Pages, request: Request, asked: AskedAct, fields: Mapping[str, str], *, then: str
) -> Response:
    """Show what an act would come to; once that is confirmed, do it, and go on to `then`.

    However often the form with its key is sent, the act is done once.
    """
    typed = [(name, text) for name, text in fields.items() if name not in _OWN_FIELDS]
    got = _read(asked, typed)
    if got.body is None or fields.get("then") == "change":
        errors = {} if got.body else got.errors
        return _draw_form(pages, request, asked, got.typed, errors)
    if fields.get("then") != "do":
        return _check(pages, request, asked, got)
    service, act = pages.service, offered_act(pages.service, asked.own)
    sent = _sent(service, asked, got.body, fields.get("key", ""))
    try:
        perform(service, act, asked.caller, sent, asked.id, preview=False)
    except NotOnRecord:
        raise
    except Refusal as refusal:
        return _refuse(pages, request, asked, refusal)
    return redirect(then)


def _read(asked: AskedAct, typed: Iterable[tuple[str, str]]) -> Read[Any]:
    """What was typed, of the fields that the page asks; the rest is filled in here."""
    names = {each.name for each in asked.form.fields}
    known = {name: text for name, text in asked.known.items() if name in names}
    shown = ((name, text) for name, text in typed if _is_asked(asked.own, name))
    return read(asked.form, (*shown, *known.items()))


def _is_asked(own: OwnAct, name: str) -> bool:
    return name.partition("-")[0] in own.asks


def _sent(
    service: HttpService, asked: AskedAct, body: ActGiven, key: str = ""
) -> Submitted[ActGiven]:
    own = asked.own
    return Submitted(
        body=body,
        command_id=key_id(own.name, asked.caller.subject, key) if key else service.new_id(),
        repeatable=bool(key),
        expected_version=None,
        must_exist=True,
        request=f"{own.name} {asked.id} {body.model_dump_json()}",
    )


def _previewed(service: HttpService, asked: AskedAct, body: ActGiven) -> ActPreview:
    """What the act would come to. Raises as the act does."""
    act = offered_act(service, asked.own)
    sent = _sent(service, asked, body)
    doing: Doing = doing_of(service, act, asked.caller, sent, asked.id)
    return previewed_act(doing, act)


# --- drawing --------------------------------------------------------------------------------------


def _draw_form(
    pages: Pages,
    request: Request,
    asked: AskedAct,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
) -> Response:
    fields = [each for each in asked.form.fields if each.name in asked.own.asks]
    content = {**asked.about, **as_sent(fields, typed, errors)}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return pages.draw(request, "transfer/frame/own_act.html", content, status)


def _check(pages: Pages, request: Request, asked: AskedAct, got: Read[Any]) -> Response:
    """What was said and what it would come to, to be confirmed."""
    if got.body is None:
        raise NotOnRecord("there is nothing of yours that this could be about")
    try:
        would = _previewed(pages.service, asked, got.body)
    except NotOnRecord:
        raise
    except Refusal as refusal:
        return _refuse(pages, request, asked, refusal)
    if would.refused:
        first = would.refused[0]
        return _draw_refusal(pages, request, asked, first.reason, first.clauses)
    content = {
        **asked.about,
        "rows": [
            (each.label, each.lines)
            for each in checked(asked.form, got.body)
            if _is_asked(asked.own, each.name)
        ],
        "would": _would(would),
        "hidden": [(name, text) for name, text in got.typed.items() if _is_asked(asked.own, name)],
        "key": str(pages.service.new_id()),
    }
    return pages.draw(request, "transfer/frame/own_act_check.html", content)


def _would(preview: ActPreview) -> list[str]:
    """What the record would say, and what would be due from others, a sentence each."""
    said = [each.sentence for each in preview.would_record if not each.sentence.startswith(_BEGUN)]
    return [days_worded(each[:1].upper() + each[1:]) for each in said]


def _refuse(pages: Pages, request: Request, asked: AskedAct, refusal: Refusal) -> Response:
    failures = refusal.failures if isinstance(refusal, Refused) else ()
    clauses = [each.clause for each in failures if each.clause]
    return _draw_refusal(pages, request, asked, refusal.reason, clauses)


def _draw_refusal(
    pages: Pages, request: Request, asked: AskedAct, reason: str, clauses: Sequence[str]
) -> Response:
    content = {
        **asked.about,
        "reason": days_worded(reason[:1].upper() + reason[1:]),
        "clauses": tuple(dict.fromkeys(clauses)),
    }
    return pages.draw(request, "transfer/frame/own_act_refused.html", content, HTTPStatus.CONFLICT)
