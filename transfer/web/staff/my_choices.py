"""/my-choices: the letters to a member of staff, and what they may do about them, until when.

/my-choices/{act} asks for an act, shows what it would come to, and does it once it is confirmed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from transfer.access.identity import Caller, Role
from transfer.core.refusals import Malformed, NotOnRecord
from transfer.core.words import Late, WindowKind
from transfer.questions.letters import (
    AppealMade,
    AppealState,
    Choice,
    ChoiceState,
    LetterOfExercise,
    letters,
)
from transfer.questions.published_days import PublishedBy
from transfer.questions.representatives import RepresentativeShown, representatives
from transfer.web.frame.form_words import choice_text
from transfer.web.frame.navigation import Entry
from transfer.web.frame.own_acts import (
    LONGEST_FORM,
    MOST_FIELDS,
    AskedAct,
    Back,
    OwnAct,
    as_one_role,
    ask_for,
    checked_or_done,
    offered_act,
)
from transfer.web.frame.pages import Pages
from transfer.web.frame.sent import fields_sent, require_own_form
from transfer.web.frame.wording import day_text, days_text, facet_text, instant_text
from transfer.web.staff import acts, wording
from transfer.web.staff.acts import ACTS
from transfer.web.staff.own import NAMES, looking, member, note_read, own_number

ADDRESS = "/my-choices"

IN_NAVIGATION: Final = Entry("My choices", ADDRESS, frozenset({Role.STAFF}), 20)

_BACK = Back(ADDRESS, "My choices and appeals", "my choices and appeals")

_PUBLISHED = {
    PublishedBy.LETTER: "by the letter",
    PublishedBy.LETTER_AGAIN: "by the letter that was sent again",
    PublishedBy.RESET: "moved for your group",
    PublishedBy.EXTENSION: "moved for you",
}
_APPEALS = {
    AppealState.UPHELD: "the panel upheld it",
    AppealState.REJECTED: "the panel rejected it",
    AppealState.TOO_LATE: "it came after the last day and was refused for that",
    AppealState.WITHDRAWN: "you withdrew it",
    AppealState.DROPPED: "there was nothing to decide any more",
}


@dataclass(frozen=True, slots=True)
class Line:
    """Something that may be done: what, until when, what happens otherwise, and where it stands.

    `link` leads to the act, where it can still be done.
    """

    what: str
    last_day: str
    moved: tuple[str, ...]
    if_nothing: str
    stands: str
    link: str | None
    link_text: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One exercise, as the page shows it."""

    exercise: str
    letter: str
    came_back: bool
    outcome: str
    lines: tuple[Line, ...]
    appeals: tuple[tuple[str, str | None], ...]


def routes(pages: Pages) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    reader = member(pages)
    up_to = Depends(service.up_to(*NAMES))
    sent = Depends(fields_sent(LONGEST_FORM, MOST_FIELDS))

    @router.get(ADDRESS, dependencies=[up_to])
    def show_choices(request: Request, caller: Annotated[Caller, Depends(reader)]) -> Response:
        """List what may be done, until when, what happens otherwise, and what came of it."""
        number, today = own_number(pages, caller), service.today()
        with looking(pages) as (_, at):
            found = letters(at, number).items
            appointed = representatives(at, number)
        done = ACTS.get(request.query_params.get("done", ""))
        content = {
            "number": number,
            "today": today,
            "says": _says(found, today),
            "primary": _primary(found),
            "sections": [_section(each, today) for each in found],
            "appointed": [_appointment(each) for each in appointed],
            "done": _done(done, found) if done else None,
        }
        note_read(pages, request, caller, at.known_at)
        return pages.draw(request, "transfer/staff/my_choices.html", content)

    @router.get(f"{ADDRESS}/{{act}}", dependencies=[up_to])
    def ask(request: Request, caller: Annotated[Caller, Depends(reader)], act: str) -> Response:
        """Say what the act does, and ask what it needs."""
        return ask_for(pages, request, _asked(pages, request, caller, act))

    @router.post(f"{ADDRESS}/{{act}}")
    def check_or_do(
        request: Request,
        caller: Annotated[Caller, Depends(reader)],
        act: str,
        fields: Annotated[dict[str, str], sent],
    ) -> Response:
        """Show what the act would come to; once that is confirmed, do it."""
        require_own_form(pages, request, fields)
        asked = _asked(pages, request, caller, act)
        return checked_or_done(
            pages, request, asked, fields, then=f"{ADDRESS}?done={asked.own.name}"
        )

    return router


# --- what the list says ---------------------------------------------------------------------------


def _says(found: tuple[LetterOfExercise, ...], today: date) -> str:
    """What is to be done next, in one sentence."""
    if not found:
        return "No exercise covers you, so there is nothing to answer or to appeal against."
    due = wording.next_deadline(found, today)
    if due is None:
        return "There is nothing that you have to do now."
    return f"You may {due.says} until the end of {day_text(due.last_day)} ({due.left})."


def _primary(found: tuple[LetterOfExercise, ...]) -> tuple[str, str] | None:
    """The text and the address of what closes first."""
    open_ = [
        (choice.last_day, letter.exercise, choice)
        for letter in found
        for choice in letter.choices
        if choice.state is ChoiceState.OPEN and choice.last_day is not None
    ]
    if not open_:
        return None
    _, exercise, choice = min(open_, key=lambda each: each[:2])
    return _link_text(choice), _link(exercise, choice)


def _section(letter: LetterOfExercise, today: date) -> Section:
    lines = [_line(each, letter, today) for each in letter.choices]
    if letter.may_object or letter.objected_on:
        lines.append(_objection(letter))
    return Section(
        exercise=letter.exercise,
        letter=wording.letter_text(letter),
        came_back=letter.letter is not None and letter.letter.came_back,
        outcome=wording.outcome_text(letter),
        lines=tuple(lines),
        appeals=tuple(map(_appeal, letter.appeals)),
    )


def _line(choice: Choice, letter: LetterOfExercise, today: date) -> Line:
    what = wording.DEADLINES[choice.kind]
    last = choice.last_day
    link = _link(letter.exercise, choice) if _can_be_done(choice, letter) else None
    late = choice.state is ChoiceState.CLOSED
    return Line(
        what=what[:1].upper() + what[1:],
        last_day="no day is set" if last is None else day_text(last),
        moved=tuple(
            f"{day_text(each.due_on)}, {_PUBLISHED[each.published_by]}, "
            f"known {instant_text(each.published_at)}"
            for each in (choice.published if len(choice.published) > 1 else ())
        ),
        if_nothing=wording.if_nothing(choice, letter),
        stands=_stands(choice, today),
        link=link,
        link_text=f"{_link_text(choice)} all the same, late" if late else _link_text(choice),
    )


def _stands(choice: Choice, today: date) -> str:
    if choice.done_on is not None:
        answer = ""
        if choice.answer:
            answer = f": {acts.ANSWERS.get(choice.answer, facet_text(choice.answer))}"
        return f"You did on {day_text(choice.done_on)}{answer}"
    last = choice.last_day
    if choice.state is ChoiceState.CLOSED:
        return "The last day has passed" if last is not None and last < today else "Closed"
    return "Open" if last is None else wording.left_text(last, today).capitalize()


def _can_be_done(choice: Choice, letter: LetterOfExercise) -> bool:
    """Whether it can be done, or be tried late: what comes late is recorded as late."""
    if choice.state is ChoiceState.OPEN:
        return True
    is_appeal = choice.kind is WindowKind.APPEAL
    takes_late = choice.late is Late.ACCEPT or (is_appeal and choice.late is Late.ADMIT)
    return choice.state is ChoiceState.CLOSED and takes_late and not letter.is_over


def _link(exercise: str, choice: Choice) -> str:
    if choice.kind is WindowKind.APPEAL:
        return f"{ADDRESS}/appeal?{urlencode({'exercise': exercise})}"
    return f"{ADDRESS}/answer?{urlencode({'exercise': exercise, 'window': choice.window})}"


def _link_text(choice: Choice) -> str:
    match choice.kind:
        case WindowKind.APPEAL:
            return "Appeal"
        case WindowKind.CHOICE:
            return "Choose"
        case WindowKind.REVIEW:
            return "Ask for a review"
        case WindowKind.RESPONSE:
            return "Answer the letter"


def _objection(letter: LetterOfExercise) -> Line:
    act = "withdraw-objection" if letter.objected_on else "object"
    query = urlencode({"exercise": letter.exercise})
    return Line(
        what="Object to the transfer",
        last_day=f"before {day_text(letter.moves_on)}"
        if letter.moves_on
        else "before the transfer",
        moved=(),
        if_nothing="You move with the transfer.",
        stands=f"You objected on {day_text(letter.objected_on)}"
        if letter.objected_on
        else "You have not objected",
        link=None if letter.is_over else f"{ADDRESS}/{act}?{query}",
        link_text=ACTS[act].title,
    )


def _appeal(appeal: AppealMade) -> tuple[str, str | None]:
    """What an appeal came to, and where it can be withdrawn."""
    came = f"You appealed on {day_text(appeal.lodged_on)}"
    if appeal.state is not AppealState.WITH_PANEL:
        return f"{came}: {_APPEALS[appeal.state]}.", None
    by = f" by the end of {day_text(appeal.panel_by)}" if appeal.panel_by else ""
    withdraw = f"{ADDRESS}/withdraw-appeal?{urlencode({'id': appeal.id})}"
    return f"{came}: a panel decides{by}.", withdraw


def _appointment(shown: RepresentativeShown) -> dict[str, object]:
    scopes = ", ".join(_inner(choice_text("scope", each)) for each in shown.scopes)
    days = days_text(shown.effective_from, shown.effective_to)
    says = f"{shown.representative}, {days}: {scopes}."
    if shown.dismissed_on:
        says += f" You dismissed them on {day_text(shown.dismissed_on)}."
    elif shown.is_over:
        says += " This is over."
    elif not shown.runs:
        says += " This has not begun yet."
    return {
        "says": says,
        "representative": shown.representative,
        "dismiss": None if shown.is_over else f"{ADDRESS}/dismiss?{urlencode({'id': shown.id})}",
    }


def _inner(text: str) -> str:
    return text[:1].lower() + text[1:]


def _done(own: OwnAct, found: tuple[LetterOfExercise, ...]) -> str:
    """What is said at the top of the list once an act is done."""
    if own.name != "appeal":
        return own.done
    made = [each for letter in found for each in letter.appeals]
    last = max(made, key=lambda each: (each.lodged_on, each.id), default=None)
    if last is not None and last.state is AppealState.TOO_LATE:
        return (
            "Your appeal came after the last day and was refused for that; both are on record. "
            "Your employer may hear it all the same, for a reason."
        )
    by = f" A panel decides by {day_text(last.panel_by)}." if last and last.panel_by else ""
    return f"Your appeal is lodged.{by}"


# --- asking for an act ----------------------------------------------------------------------------


def _asked(pages: Pages, request: Request, caller: Caller, act: str) -> AskedAct:
    """The form that an address means. Raises `NotOnRecord`, `Malformed`."""
    own = ACTS.get(act)
    if own is None:
        raise NotOnRecord("there is nothing of that name that you may do")
    for name in request.query_params:
        if name not in own.about:
            raise Malformed("this address has no such part", field=name[:40])
    number = own_number(pages, caller)
    about = {name: request.query_params.get(name, "") for name in own.about}
    answers = _answers(pages, number, about) if own.name == "answer" else ()
    query = urlencode({name: text for name, text in about.items() if text})
    return AskedAct(
        own,
        as_one_role(caller, Role.STAFF),
        about.get("id") or about.get("exercise", ""),
        f"{ADDRESS}/{own.name}" + (f"?{query}" if query else ""),
        _BACK,
        acts.form_for(own, offered_act(pages.service, own), answers),
        {**about, "staff_number": number, "staff_numbers": number},
    )


def _answers(pages: Pages, number: str, about: Mapping[str, str]) -> tuple[str, ...]:
    """What may be answered in a window of the person's own letter. Raises `NotOnRecord`."""
    with looking(pages) as (_, at):
        for letter in letters(at, number).items:
            for choice in letter.choices:
                if (letter.exercise, choice.window) == (about["exercise"], about["window"]):
                    return choice.answers
    raise NotOnRecord("no letter of yours asks for that answer")
