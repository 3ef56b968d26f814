"""The acts that a member of staff may do for themselves, as pages ask for them.

Fields, checks and refusals are those of the acts' own declarations (`transfer.commands.acts`).
What is known already, such as whom the act is for, is never asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from transfer.access.identity import Caller, Role
from transfer.api.bodies import Submitted
from transfer.api.http_service import HttpService
from transfer.api.resources.procedures import doing_of, perform
from transfer.commands.acts.given import ActGiven
from transfer.commands.acts.offered import Offered, offered
from transfer.commands.office import key_id
from transfer.questions.acting import ActPreview, previewed_act
from transfer.web.frame.forms import Choice, Form, Read, form_of, read

ANSWERS: Final = {
    "acknowledged": "I have received the letter",
    "rights-reserved": "I have received the letter, and reserve my rights",
}
"""What the answers of the editions mean, where their names do not say it."""


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


ACTS: Final = {
    each.name: each
    for each in (
        OwnAct(
            "answer",
            "exercise",
            "record-answer",
            "Answer your letter",
            "Your answer is recorded with the date of today. It does not change where you are to "
            "go: to contest that, appeal.",
            "Record my answer",
            asks=("answer",),
            about=("exercise", "window"),
            done="Your answer is on record.",
        ),
        OwnAct(
            "appeal",
            "appeal",
            "begin",
            "Appeal against where you are to go",
            "A panel decides on your appeal. Until then your assignment does not become final.",
            "Lodge the appeal",
            asks=("grounds",),
            about=("exercise",),
            done="Your appeal is on record.",
        ),
        OwnAct(
            "withdraw-appeal",
            "appeal",
            "withdraw",
            "Withdraw your appeal",
            "The panel then decides nothing, and you go where the letter says.",
            "Withdraw the appeal",
            about=("id",),
            done="Your appeal is withdrawn.",
        ),
        OwnAct(
            "object",
            "exercise",
            "object",
            "Object to the transfer",
            "If you object, you do not move to the new employer.",
            "Object to the transfer",
            asks=("told_to",),
            about=("exercise",),
            warns="Your employment ends with the day of the transfer, unless you withdraw the "
            "objection before. Ask your union or an adviser first.",
            done="Your objection to the transfer is on record.",
        ),
        OwnAct(
            "withdraw-objection",
            "exercise",
            "withdraw-objection",
            "Withdraw your objection to the transfer",
            "You then move with the transfer, as your letter says.",
            "Withdraw the objection",
            asks=("told_to",),
            about=("exercise",),
            done="Your objection is withdrawn: the transfer goes on for you.",
        ),
        OwnAct(
            "appoint",
            "representation",
            "begin",
            "Appoint a representative",
            "A representative, for example of your union, then sees what you let them see. What "
            "they read is in the list of who has read your record.",
            "Appoint the representative",
            asks=("representative", "scope", "effective_from", "effective_to"),
            done="Your representative is appointed.",
        ),
        OwnAct(
            "dismiss",
            "representation",
            "dismiss",
            "Dismiss a representative",
            "From then on they see nothing of your record any more.",
            "Dismiss the representative",
            about=("id",),
            done="Your representative is dismissed.",
        ),
    )
}
"""The acts of the pages, by the last part of their address."""


def offered_act(service: HttpService, own: OwnAct) -> Offered:
    """The act as it is offered by API, command line and pages alike."""
    return next(
        each for each in offered(service.kinds) if (each.kind, each.name) == (own.kind, own.act)
    )


def form_for(own: OwnAct, act: Offered, answers: Sequence[str] = ()) -> Form[Any]:
    """The whole form of an act; a page shows its `asks` of it."""
    choices: dict[str, tuple[Choice, ...]] = {}
    if answers:
        choices["answer"] = tuple(Choice(each, ANSWERS.get(each, each)) for each in answers)
    return form_of(act.body, f"{own.kind} {own.act}", choices=choices)


def read_form(
    own: OwnAct,
    form: Form[Any],
    typed: Iterable[tuple[str, str]],
    about: Mapping[str, str],
    number: str,
) -> Read[Any]:
    """What was typed, of the fields that the page asks; the rest is filled in here."""
    names = {each.name for each in form.fields}
    known = {name: text for name, text in about.items() if name in names}
    known |= {name: number for name in ("staff_number", "staff_numbers") if name in names}
    asked = ((name, text) for name, text in typed if name.partition("-")[0] in own.asks)
    return read(form, (*asked, *known.items()))


def preview(
    service: HttpService, own: OwnAct, caller: Caller, body: ActGiven, id_: str
) -> ActPreview:
    """What the act would come to. Raises as the act does."""
    act = offered_act(service, own)
    doing = doing_of(service, act, as_member(caller), _sent(service, own, caller, body, id_), id_)
    return previewed_act(doing, act)


def do(
    service: HttpService, own: OwnAct, caller: Caller, body: ActGiven, id_: str, key: str
) -> None:
    """Do the act, once however often the form with that key is sent. Raises as the act does."""
    sent = _sent(service, own, caller, body, id_, key)
    perform(service, offered_act(service, own), as_member(caller), sent, id_, preview=False)


def as_member(caller: Caller) -> Caller:
    """The caller as a member of staff alone: who is an administrator besides acts here for
    themselves and nobody else."""
    return replace(caller, roles=frozenset({Role.STAFF}))


def _sent(
    service: HttpService, own: OwnAct, caller: Caller, body: ActGiven, id_: str, key: str = ""
) -> Submitted[ActGiven]:
    return Submitted(
        body=body,
        command_id=key_id(own.name, caller.subject, key) if key else service.new_id(),
        repeatable=bool(key),
        expected_version=None,
        must_exist=True,
        request=f"{own.name} {id_} {body.model_dump_json()}",
    )
