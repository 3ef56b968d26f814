"""/upload: a staff return is judged row by row, and recorded once that is confirmed.

The server keeps nothing between the check and the confirmation. The form that shows the result of
the check carries the file, and the file is checked again when the form is sent. A file that is
confirmed twice is recorded once.
"""

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from transfer.access.identity import Caller, Role
from transfer.commands.office import Act
from transfer.core.refusals import Conflict, Malformed, Refused
from transfer.imports.meaning import Finding, Reading
from transfer.imports.staff_return.import_return import ImportOutcome, Renewed, import_return
from transfer.imports.staff_return.mending import to_mend
from transfer.imports.staff_return.people import Rejection, Warned
from transfer.rulebooks import Rulebook
from transfer.web.frame.pages import Pages
from transfer.web.frame.sent import FileSent, fields_sent, file_sent, require_own_form
from transfer.web.frame.wording import day_text

ADDRESS: Final = "/upload"
CHECK: Final = f"{ADDRESS}/check"

LARGEST_FILE: Final = 8 * 2**20
"""Bytes: some 60,000 rows. A larger return is imported on the command line."""

_LARGEST_FORM: Final = LARGEST_FILE + 16_384
_LARGEST_CHECKED: Final = 12 * 2**20  # what cannot be compressed, in the letters of base64
_MOST_FIELDS: Final = 20
_MOST_LISTED: Final = 200
"""How many rows or people of one kind a page lists; the file to be mended has all rows."""

_LONGEST_NAME: Final = 100

_RULES, _LIST, _UNKNOWN = "rulebook", "list", "ignore_unknown"
_MONTH, _LAST_DAY, _OPEN_END, _PARTIAL = "month_first", "last_day_included", "open_end", "partial"
_NEXT_LIST: Final = "next"
_YES, _NO = "yes", "no"

_RULES_LABEL: Final = "Whose columns does the file have?"
_LIST_LABEL: Final = "Is it the first list of these people?"
_UNKNOWN_LABEL: Final = "Pass over columns that are not known"

_ON_THE_PAGE: Final = {
    "--rulebook": f"“{_RULES_LABEL}”",
    "--ignore-unknown": f"“{_UNKNOWN_LABEL}”",
    "with --renewed": f"by “{_LIST_LABEL}”",
}
"""What the options of the command line that reasons name are called here."""


@dataclass(frozen=True, slots=True)
class _Question:
    """What a file as a whole may leave open: the field of its answer, and the answers."""

    field: str
    label: str
    answers: Mapping[str, str]


_QUESTIONS: Final = {
    "--month-first": _Question(
        _MONTH,
        "Does the month or the day stand first in a date?",
        {_YES: "The month: 04/01/2009 is 1 April", _NO: "The day: 04/01/2009 is 4 January"},
    ),
    "--last-day-included": _Question(
        _LAST_DAY,
        "Is the day in in_post_to the last day in post?",
        {
            _YES: "Yes, it is the last day in post",
            _NO: "No, it is the first day after it",
        },
    ),
}
"""By the first option that settles them on the command line; far ends are asked apart."""


@dataclass(frozen=True, slots=True)
class _Given:
    """A file and what was said of it; `typed` are the fields that say so."""

    name: str
    content: bytes
    typed: Mapping[str, str]

    @property
    def is_next_list(self) -> bool:
        """Whether it is the next edition of a list."""
        return self.typed.get(_LIST) == _NEXT_LIST

    @property
    def is_partial(self) -> bool:
        """Whether the good people are taken where rows of others are rejected."""
        return self.typed.get(_PARTIAL) == _YES

    def reading(self) -> Reading:
        """How the file is read. Raises `Malformed` for an open end that is no date."""
        try:
            ends = [date.fromisoformat(self.typed[_OPEN_END])] if _OPEN_END in self.typed else []
        except ValueError:
            raise Malformed("must be a day, like 4712-12-31", field=_OPEN_END) from None
        answers = {_YES: True, _NO: False}
        return Reading(
            month_first=answers.get(self.typed.get(_MONTH, "")),
            last_day_included=answers.get(self.typed.get(_LAST_DAY, "")),
            open_end=frozenset(ends),
        )


_SAID: Final = (_RULES, _LIST, _UNKNOWN, _MONTH, _LAST_DAY, _OPEN_END, _PARTIAL)


def routes(pages: Pages) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    admin = pages.signed_in(Role.ADMIN)

    @router.get(ADDRESS, dependencies=[Depends(admin)])
    def ask(request: Request) -> Response:
        """Ask for the file, and for what it is."""
        return _draw_form(pages, request, {}, {})

    @router.post(ADDRESS)
    def check(
        request: Request,
        caller: Annotated[Caller, Depends(admin)],
        sent: Annotated[FileSent, Depends(file_sent("file", _LARGEST_FORM, _MOST_FIELDS))],
    ) -> Response:
        """Judge a file, and say what it would come to."""
        require_own_form(pages, request, sent.fields)
        typed = _said(sent.fields)
        wrong = {}
        if not sent.content:
            wrong["file"] = "The file is empty" if sent.name else "Choose the file"
        if typed.get(_LIST) not in ("first", _NEXT_LIST):
            wrong[_LIST] = f"Choose an answer for “{_LIST_LABEL}”"
        if wrong:
            return _draw_form(pages, request, typed, wrong)
        given = _Given(_named(sent.name), sent.content, typed)
        return _check(pages, request, caller, given)

    @router.post(CHECK)
    def check_or_record(
        request: Request,
        caller: Annotated[Caller, Depends(admin)],
        fields: Annotated[dict[str, str], Depends(fields_sent(_LARGEST_CHECKED, _MOST_FIELDS))],
    ) -> Response:
        """Judge a checked file again, send it with its faults, or record it."""
        require_own_form(pages, request, fields)
        content = _unpacked(fields.get("held", ""))
        given = _Given(_named(fields.get("name", "")), content, _said(fields))
        match fields.get("then"):
            case "do":
                return _record(pages, request, caller, given)
            case "download":
                return _send_to_mend(pages, caller, given)
            case _:
                return _check(pages, request, caller, given, asked_before=True)

    return router


def _said(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: fields[name] for name in _SAID if fields.get(name)}


def _named(name: str) -> str:
    """A file's name without folders and what cannot be printed."""
    base = name.replace("\\", "/").rpartition("/")[2]
    return "".join(each for each in base if each.isprintable())[:_LONGEST_NAME] or "without a name"


# --- the file in the form -------------------------------------------------------------------------


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(content)).decode("ascii")


def _unpacked(held: str) -> bytes:
    """The file that a form carries. Raises `Malformed`, also for one that is too large."""
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(base64.urlsafe_b64decode(held), LARGEST_FILE + 1)
    except (binascii.Error, ValueError, zlib.error):
        content = b""
    if not content or not unpacking.eof or len(content) > LARGEST_FILE:
        raise Malformed("the form lacks its file: choose the file again", field="file")
    return content


# --- judging and recording ------------------------------------------------------------------------


def _book(pages: Pages, given: _Given) -> Rulebook | None:
    """The edition whose columns the file has. Raises `Malformed` for one that is not there."""
    edition = given.typed.get(_RULES)
    if edition is None:
        return None
    try:
        return pages.service.office.editions.find(edition)
    except Refused as unknown:
        raise Malformed(unknown.reason, field=_RULES) from None


def _outcome(pages: Pages, caller: Caller, given: _Given, *, dry_run: bool) -> ImportOutcome:
    service = pages.service
    return import_return(
        service.office,
        Act(by=caller.subject, command_id=service.new_id()),
        given.content,
        document=f"staff return {given.name}",
        book=_book(pages, given),
        partial=given.is_partial,
        ignore_unknown=given.typed.get(_UNKNOWN) == _YES,
        dry_run=dry_run,
        renewed_on=service.today() if given.is_next_list else None,
        reading=given.reading(),
    )


def _check(
    pages: Pages,
    request: Request,
    caller: Caller,
    given: _Given,
    *,
    asked_before: bool = False,
    moved: bool = False,
) -> Response:
    outcome = _outcome(pages, caller, given, dry_run=True)
    return _draw_check(pages, request, caller, given, outcome, asked_before, moved)


def _record(pages: Pages, request: Request, caller: Caller, given: _Given) -> Response:
    try:
        outcome = _outcome(pages, caller, given, dry_run=False)
    except Conflict:
        return _check(pages, request, caller, given, moved=True)
    if outcome.receipt is None:
        # The record has moved on since the check, or a button was pressed that was not there.
        return _draw_check(pages, request, caller, given, outcome, False, True)
    pages.service.acknowledge(outcome.receipt.recorded_at)
    _note(pages, request, caller, outcome)
    content = {
        "already": outcome.already,
        "says": _recorded_text(outcome),
        "reference": outcome.receipt.command_id,
    }
    return pages.draw(request, "transfer/office/upload_done.html", content)


def _send_to_mend(pages: Pages, caller: Caller, given: _Given) -> Response:
    outcome = _outcome(pages, caller, given, dry_run=True)
    plain = [replace(each, reason=_plain(each.reason)) for each in outcome.rejected]
    file = to_mend(given.content, plain)
    if file is None:
        raise Malformed("the file has no rows that could be mended one by one", field="file")
    return Response(
        file,
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="staff-return-to-mend.csv"',
            "Cache-Control": "no-store",
        },
    )


def _note(pages: Pages, request: Request, caller: Caller, outcome: ImportOutcome) -> None:
    """Put those on the register of whose record the page says something."""
    if outcome.renewed is not None:
        pages.note(
            request, caller, {Role.ADMIN}, [*outcome.renewed.compared, *outcome.renewed.missing]
        )


# --- drawing --------------------------------------------------------------------------------------


def _draw_form(
    pages: Pages, request: Request, typed: Mapping[str, str], wrong: Mapping[str, str]
) -> Response:
    books = pages.service.office.editions.all()
    rules = [
        {"value": "", "text": "Those of the exercise of 2013, and no other"},
        *(
            {"value": name, "text": f"{name}: {books[name].title}"}
            for name in sorted(books)
            if books[name].law is not None
        ),
    ]
    content = {
        "typed": typed,
        "wrong": wrong,
        "rules": [each | {"selected": each["value"] == typed.get(_RULES, "")} for each in rules],
        "labels": {"rules": _RULES_LABEL, "list": _LIST_LABEL, "unknown": _UNKNOWN_LABEL},
        "largest": LARGEST_FILE // 2**20,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return pages.draw(request, "transfer/office/upload.html", content, status)


def _draw_check(
    pages: Pages,
    request: Request,
    caller: Caller,
    given: _Given,
    outcome: ImportOutcome,
    asked_before: bool,
    moved: bool,
) -> Response:
    questions = [_asked(each) for each in outcome.asks]
    asks = {str(each["name"]) for each in questions}
    rejected = () if outcome.asks else outcome.rejected
    whole = [each for each in rejected if each.line == 1]
    nothing_new = outcome.renewed is not None and not _is_news(outcome.renewed)
    can = (
        not (outcome.already or outcome.asks or whole or nothing_new)
        and outcome.staff > 0
        and (given.is_partial or not rejected)
    )
    content = {
        "heading": _heading(outcome, rejected, whole, can=can),
        "says": _says(given, outcome, rejected, whole, can=can, nothing_new=nothing_new),
        "moved": moved,
        "rows": _summary(given, outcome),
        "questions": questions,
        "wrong": dict.fromkeys(asks, "Choose an answer") if asked_before else {},
        "rejected": _listed(rejected),
        "rejected_in_all": len(rejected),
        "warnings": _listed(outcome.warnings),
        "warnings_in_all": len(outcome.warnings),
        "renewed": _renewed_lists(outcome.renewed),
        "can": can,
        "can_mend": bool(rejected) and not whole,
        "can_leave_out": bool(rejected) and not whole and not given.is_partial and outcome.staff,
        "hidden": [
            ("held", _packed(given.content)),
            ("name", given.name),
            *((name, text) for name, text in given.typed.items() if name not in asks),
        ],
        "action": CHECK,
    }
    page = pages.draw(
        request,
        "transfer/office/upload_check.html",
        content,
        HTTPStatus.CONFLICT if moved else HTTPStatus.OK,
    )
    _note(pages, request, caller, outcome)
    return page


def _asked(finding: Finding) -> dict[str, object]:
    """A question that the file as a whole raises, with the answers that settle it."""
    option, _, day = finding.options[0].partition(" ")
    found = {"found": f"{finding.field}: {finding.found}."}
    if option == "--open-end":
        return found | {
            "name": _OPEN_END,
            "label": "Do these days mean that somebody is still in post?",
            "answers": [
                (day, f"Yes: {day_text(date.fromisoformat(day))}, and any later, is no end")
            ],
            "otherwise": "If not, put the real days into the file and choose it again.",
        }
    question = _QUESTIONS[option]
    return found | {
        "name": question.field,
        "label": question.label,
        "answers": list(question.answers.items()),
        "otherwise": "",
    }


def _is_news(renewed: Renewed) -> bool:
    return bool(renewed.changed or renewed.new)


def _heading(
    outcome: ImportOutcome, rejected: Sequence[Rejection], whole: Sequence[Rejection], *, can: bool
) -> str:
    if outcome.asks:
        return "The file leaves open what it means"
    if outcome.already:
        return "This file is on record already"
    if can:
        return "Check before you confirm"
    if whole:
        return "This file cannot be read"
    return "Some rows are wrong" if rejected else "There is nothing to record"


def _says(
    given: _Given,
    outcome: ImportOutcome,
    rejected: Sequence[Rejection],
    whole: Sequence[Rejection],
    *,
    can: bool,
    nothing_new: bool,
) -> str:
    """What the file comes to, in a sentence or two."""
    if outcome.asks:
        return "Answer what follows, and the file is read. Nothing is recorded yet."
    if outcome.already:
        return f"It was recorded with {_people(outcome.staff)}. Nothing more would be recorded."
    if whole:
        return "Nothing was recorded. Mend the file, then choose it again."
    good = _rows(outcome.accepted)
    if can:
        left_out = f", {_faults(rejected)} left out with their people" if rejected else ""
        return f"{good} good, of {_people(outcome.staff)}{left_out}. Nothing is recorded yet."
    if nothing_new and not rejected:
        return "The record says all of it already."
    advice = (
        "Nobody is left whose rows are all good."
        if given.is_partial
        else "Mend them, then choose the file again."
    )
    return f"{_faults(rejected)} wrong, {good} good. Nothing was recorded. {advice}"


def _rows(number: int) -> str:
    return "1 row is" if number == 1 else f"{number:,} rows are"


def _faults(rejected: Sequence[Rejection]) -> str:
    return _rows(len({each.line for each in rejected}))


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"


def _recorded_text(outcome: ImportOutcome) -> str:
    if outcome.already:
        return f"It was recorded before, with {_people(outcome.staff)}. Nothing more was recorded."
    if outcome.renewed is not None:
        changed, new = len(outcome.renewed.changed), len(outcome.renewed.new)
        return f"Changes of {_people(changed)} are on record, and {_people(new)} more."
    return f"{_rows(outcome.accepted)} on record, of {_people(outcome.staff)}."


def _summary(given: _Given, outcome: ImportOutcome) -> list[dict[str, object]]:
    said = {
        "File": given.name,
        "Columns of": given.typed.get(_RULES, "the exercise of 2013"),
        "List": "the next one of people on record" if given.is_next_list else "the first one",
    }
    if given.typed.get(_UNKNOWN) == _YES:
        said["Unknown columns"] = "passed over"
    for question in _QUESTIONS.values():
        if question.field in given.typed and given.typed[question.field] in question.answers:
            said[question.label] = question.answers[given.typed[question.field]]
    if (ends := given.reading().open_end) and not outcome.asks:
        said["No end"] = ", ".join(f"{day_text(day)}, and any later" for day in ends)
    if outcome.renewed is not None:
        said["Rows that say nothing new"] = f"{outcome.renewed.unchanged:,}"
    return [{"key": {"text": key}, "value": {"text": text}} for key, text in said.items()]


def _listed(found: Sequence[Rejection | Warned]) -> list[dict[str, object]]:
    return [
        {
            "line": each.line,
            "field": each.field,
            "reason": f"{each.reason[:1].upper()}{_plain(each.reason)[1:]}",
        }
        for each in found[:_MOST_LISTED]
    ]


def _plain(reason: str) -> str:
    """A reason in the words of this page, where it names an option of the command line."""
    for option, called in _ON_THE_PAGE.items():
        reason = reason.replace(option, called)
    return reason


def _renewed_lists(renewed: Renewed | None) -> list[dict[str, object]]:
    """Whom a next list changes, ends, adds or lacks, each with the first of their numbers."""
    if renewed is None:
        return []
    left = {number for number, _ in renewed.left}
    found = {
        "Changed": [number for number in renewed.changed if number not in left],
        "Left": [f"{number}, no longer in post from {day_text(on)}" for number, on in renewed.left],
        "New": renewed.new,
        "Not in the list, and nothing is recorded of them": renewed.missing,
    }
    return [
        {"heading": heading, "people": people[:_MOST_LISTED], "in_all": len(people)}
        for heading, people in found.items()
        if people
    ]
