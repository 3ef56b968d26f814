"""/cases/{id}: a dispute before a panel: who is in it, which days it is about, and what was asked.

The form asks about people of the case on a day, as the record stood on one day or two. The answer
is kept as an extract, and has its address there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError

from transfer.access.extracts import reference_of
from transfer.api.http_service import Reading
from transfer.api.resources.extracts import (
    MOST_PEOPLE,
    ExtractAsked,
    is_pinned,
    pin_points,
    points_of,
    store_of,
)
from transfer.commands.office import key_id
from transfer.core.dating.calendars import end_of_day_london
from transfer.core.dating.instants import LAST_INSTANT
from transfer.core.refusals import NotOnRecord
from transfer.questions.extracts import SEEN_BY as READS
from transfer.questions.extracts import asked_in
from transfer.questions.who_may_read import CaseOnRecord
from transfer.web.frame.asking import DAYS
from transfer.web.frame.forms import DAY_PARTS, Choice, Field, How, WrongDay, read_day
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.sent import fields_sent, require_own_form
from transfer.web.panel import wording
from transfer.web.panel.cases import NAMES, by_case, case_of, note_case, panel, shown_of

_PEOPLE: Final = "people"
_LONGEST_FORM = 262_144
_MOST_FIELDS = 4_000


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent, by input. `errors` says what is wrong, by the same; without any, `body` is
    the question."""

    typed: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    body: ExtractAsked | None = None


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    reader = panel(pages)
    up_to = Depends(pages.service.up_to(*NAMES, *READS))
    sent = Depends(fields_sent(_LONGEST_FORM, _MOST_FIELDS))

    @router.get("/cases/{id}", dependencies=[up_to])
    def show_case(
        request: Request,
        reading: Annotated[Reading, Depends(reader)],
        id: str,  # noqa: A002 - its name in the address
    ) -> Response:
        """Show the case, and ask about it."""
        case = case_of(pages, reading.caller.subject, id)
        people = sorted(case.reach.people)
        # Where there is only one person, it is about them.
        typed = {f"{_PEOPLE}-{people[0]}": "yes"} if len(people) == 1 else {}
        return _draw(pages, request, reading, case, Typed(typed))

    @router.post("/cases/{id}", dependencies=[up_to])
    def ask(
        request: Request,
        reading: Annotated[Reading, Depends(reader)],
        id: str,  # noqa: A002 - its name in the address
        fields: Annotated[dict[str, str], sent],
    ) -> Response:
        """Answer what is asked, keep the answer, and lead to it; once however often it is sent."""
        require_own_form(pages, request, fields)
        subject, today = reading.caller.subject, pages.service.today()
        case = case_of(pages, subject, id)
        if not case.reach.is_open_to(subject, today):
            return _draw(pages, request, reading, case, Typed({}))
        got = read_question(fields, case, today)
        if got.body is None:
            return _draw(pages, request, reading, case, got)
        text = got.body.model_dump_json()
        # Another question from the same form, after going back, is another one.
        key = fields.get("key") or str(pages.service.new_id())
        command_id = key_id(f"case {id}", subject, key, text)
        if not is_pinned(pages.service, got.body, command_id):
            points = points_of(pages.service, got.body)
            inside = all(map(case.reach.covers_knowledge, points.known_at))
            errors = {} if inside else {"known_at-day": _known_text(case)}
            if not errors:
                reader_by_case = by_case(reading, id).reader
                try:
                    pin_points(pages.service, reader_by_case, got.body, points, command_id)
                except NotOnRecord as error:
                    errors = {"known_at-day": f"{_sentence(str(error))}: ask about a later day"}
            if errors:
                return _draw(pages, request, reading, case, Typed(got.typed, errors))
        return redirect(f"/extracts/{reference_of(command_id)}")

    return router


def _draw(
    pages: Pages, request: Request, reading: Reading, case: CaseOnRecord, got: Typed
) -> Response:
    service, subject = pages.service, reading.caller.subject
    found = shown_of(pages, [case], subject)
    (shown,) = found.items
    may_ask = case.reach.is_open_to(subject, service.today())
    content: dict[str, object] = {
        "case": shown,
        "says": wording.case_text(shown),
        "may_ask": may_ask,
        "parties": [wording.party_text(each) for each in shown.parties],
        "dates_text": wording.dates_text,
        "errors": got.errors,
        "typed": got.typed,
    }
    if may_ask:
        content |= {
            "members": [wording.member_text(each, case) for each in sorted(case.reach.members)],
            "questions": [
                (each.reference, wording.question_text(each), each.asked_at)
                for each in asked_in(store_of(service), case.reach.id, subject)
            ],
            "fields": form_of_case(case),
            "key": str(service.new_id()),
        }
    note_case(reading, found, shown)
    return pages.draw(request, "transfer/panel/case.html", content, 422 if got.errors else 200)


# --- the question -------------------------------------------------------------------------------


def form_of_case(case: CaseOnRecord) -> tuple[Field, ...]:
    """What is asked of a case, field by field."""
    dates = case.dates
    in_force = wording.dates_text((dates.first_day, dates.last_day))
    stood = wording.dates_text((dates.known_from, dates.known_until))
    return (
        Field(
            _PEOPLE,
            How.SEVERAL,
            "Whom do you ask about?",
            "By staff number. The answer has their names.",
            required=True,
            choices=tuple(Choice(each, each) for each in sorted(case.reach.people)),
        ),
        Field(
            "effective_at",
            How.DAY,
            DAYS["effective_at"],
            f"The day on which it should hold. The case is about days {in_force}.",
            required=True,
        ),
        Field(
            "known_at",
            How.DAY,
            DAYS["known_at"],
            "The answer is what the record said at the end of that day. Leave it blank for now. "
            f"The case lets you ask as it stood on days {stood}.",
        ),
        Field(
            "compared_with",
            How.DAY,
            DAYS["compared_with"],
            "A second day, to see what the record says differently.",
        ),
        Field(
            "reason", How.LINE, "Why do you ask?", "It stands in the extract. Name nobody in it."
        ),
    )


def read_question(fields: Mapping[str, str], case: CaseOnRecord, today: date) -> Typed:
    """What is asked of a case, or what is wrong with it, by input."""
    typed = {name: text.strip() for name, text in fields.items()}
    errors: dict[str, str] = {}
    people = sorted(
        name.partition("-")[2] for name, text in typed.items() if text and _is_person(name)
    )
    first = f"{_PEOPLE}-{min(case.reach.people)}"
    outside = [each for each in people if each not in case.reach.people]
    if not people:
        errors[first] = "Choose whom you ask about"
    elif outside:
        errors[first] = f"{outside[0][:64]} is not one of the people of this case"
    elif len(people) > MOST_PEOPLE:
        errors[first] = f"Choose {MOST_PEOPLE} people or fewer; ask about the others after that"
    day = _day_of(typed, "effective_at", errors, case.reach.covers_day, case, required=True)
    known = [
        _day_of(typed, name, errors, lambda each: each <= today, case)
        for name in ("known_at", "compared_with")
    ]
    if errors or day is None:
        return Typed(typed, errors)
    return _asked(typed, people, day, known, case)


def _asked(
    typed: Mapping[str, str],
    people: Sequence[str],
    day: date,
    known: Sequence[date | None],
    case: CaseOnRecord,
) -> Typed:
    errors = {
        f"{name}-day": _known_text(case)
        for name, each in zip(("known_at", "compared_with"), known, strict=True)
        if each is not None and not case.reach.covers_knowledge(end_of_day_london(each))
    }
    if errors:
        return Typed(typed, errors)
    first, second = (None if each is None else end_of_day_london(each) for each in known)
    given: list[datetime] = [each for each in (first, second) if each is not None]
    if first is None and second is not None:
        # As it stands now, which is the first one left blank, beside the second.
        given.append(LAST_INSTANT)
    try:
        body = ExtractAsked(
            staff_numbers=list(people),
            effective_at=[day],
            known_at=given,
            reason=typed.get("reason") or None,
        )
    except ValidationError as error:
        says = error.errors()[0]["msg"].removeprefix("Value error, ")
        return Typed(typed, {"reason": f"The reason cannot be kept: {says}"})
    return Typed(typed, body=body)


def _is_person(name: str) -> bool:
    return name.startswith(f"{_PEOPLE}-")


def _day_of(
    typed: Mapping[str, str],
    name: str,
    errors: dict[str, str],
    is_right: Callable[[date], bool],
    case: CaseOnRecord,
    *,
    required: bool = False,
) -> date | None:
    """The day of three inputs; `None` where they are blank or wrong, which `errors` then says."""
    label = DAYS[name]
    parts = {part: typed.get(f"{name}-{part}", "") for part in DAY_PARTS}
    if not any(parts.values()):
        if required:
            errors[f"{name}-day"] = f"Fill in “{label}”"
        return None
    try:
        day = read_day(label, parts)
    except WrongDay as error:
        errors[f"{name}-{error.part}"] = str(error)
        return None
    if is_right(day):
        return day
    errors[f"{name}-day"] = (
        f"{label} must be a day of the case: days "
        f"{wording.dates_text((case.dates.first_day, case.dates.last_day))}"
        if required
        else f"{label} must be today or an earlier day"
    )
    return None


def _known_text(case: CaseOnRecord) -> str:
    days = wording.dates_text((case.dates.known_from, case.dates.known_until))
    return f"The case lets you ask as the record stood on days {days}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
