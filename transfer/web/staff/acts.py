"""The acts that a member of staff may do for themselves, as pages ask for them."""

from collections.abc import Sequence
from typing import Any, Final

from transfer.commands.acts.offered import Offered
from transfer.web.frame.forms import Choice, Form, form_of
from transfer.web.frame.own_acts import OwnAct

ANSWERS: Final = {
    "acknowledged": "I have received the letter",
    "rights-reserved": "I have received the letter, and reserve my rights",
}
"""What the answers of the editions mean, where their names do not say it."""


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


def form_for(own: OwnAct, act: Offered, answers: Sequence[str] = ()) -> Form[Any]:
    """The whole form of an act; a page shows its `asks` of it."""
    choices: dict[str, tuple[Choice, ...]] = {}
    if answers:
        choices["answer"] = tuple(Choice(each, ANSWERS.get(each, each)) for each in answers)
    return form_of(act.body, f"{own.kind} {own.act}", choices=choices)
