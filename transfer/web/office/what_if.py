"""/procedures/{kind}/{id}/what-if: what would have come of a procedure under other rules."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from transfer.access.identity import Caller
from transfer.core.dating.instants import print_instant
from transfer.core.matter.kind import Kind
from transfer.core.refusals import Malformed, NotOnRecord, Refused
from transfer.questions.answer import people_shown
from transfer.questions.procedures import Looking
from transfer.questions.what_if import (
    AnswerSupposed,
    DecisionSupposed,
    Supposed,
    WhatIf,
    what_if,
)
from transfer.web.frame.pages import Pages
from transfer.web.frame.wording import day_text, facet_text
from transfer.web.office.checking import procedure_address, sentence
from transfer.web.office.kind_answers import values_worded
from transfer.web.office.looking import KNOWN_AT, NAMES, READERS, Asked, looking_at, read_asked
from transfer.web.office.wording import people_text

ON_A_PAGE: Final = 25
_RULEBOOK, _VALUES, _WITHOUT, _CURSOR = "rulebook", "values", "without", "cursor"


@dataclass(frozen=True, slots=True)
class _Line:
    """A decision that would come out otherwise, as a row of a table."""

    act: str
    on: str
    now: str
    supposed: str


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of an answer that would be otherwise, as a row of a table: what it holds, each way."""

    name: str
    now: tuple[str, ...]
    supposed: tuple[str, ...]


def may_be_supposed(kind: Kind) -> bool:
    """Whether a kind goes by an edition, so that another may be supposed."""
    return kind.part is not None or kind.name == "exercise"


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    reader = pages.signed_in(*READERS)
    up_to = Depends(pages.service.up_to(*NAMES))

    @router.get("/procedures/{kind}/{id}/what-if", dependencies=[Depends(reader), up_to])
    def show_what_if(
        request: Request,
        caller: Annotated[Caller, Depends(reader)],
        kind: str,
        id: str,  # noqa: A002 - its name in the address
    ) -> Response:
        """Ask what is supposed, and say what would be otherwise: for the whole, then by person."""
        asked = read_asked(request.query_params, _RULEBOOK, _VALUES, _WITHOUT, _CURSOR)
        path = f"{procedure_address(kind, id)}/what-if"
        found, wrong = None, ""
        with looking_at(pages, asked) as (_conn, looking):
            of = looking.kind(kind)
            if not may_be_supposed(of):
                raise NotOnRecord(f"{kind} goes by no edition")
            begun = looking.find(of, id).begun
            try:
                found = _found(looking, of, id, asked)
            except (Refused, Malformed) as refused:
                wrong = sentence(refused.reason)
            editions = sorted(looking.office.editions.all())
        content = {
            "title": f"{facet_text(kind).lower()} {id}",
            "back": procedure_address(kind, id),
            "path": path,
            "edition": begun.edition,
            "editions": [
                {
                    "value": each,
                    "text": each or "the same",
                    "selected": each == asked.given.get(_RULEBOOK, ""),
                }
                for each in ("", *editions)
            ],
            "values": asked.given.get(_VALUES, ""),
            "without": asked.given.get(_WITHOUT, ""),
            "known_at": asked.known_at,
            "wrong": wrong,
            "errors": {"values": wrong} if wrong else {},
            "says": "" if found is None else _says(found),
            "found": found,
            "totals": []
            if found is None
            else [(facet_text(each.act), people_text(each.people)) for each in found.totals],
            "whole": () if found is None else [*_lines(found.decisions)],
            "answers": () if found is None else _answers(found.answers),
            "people": []
            if found is None
            else [
                (each.staff_number, [*_lines(each.decisions)], _answers(each.answers))
                for each in found.items
            ],
            "next_address": None
            if found is None or found.next_cursor is None
            else _next(path, asked.given, found),
        }
        if found is not None:
            pages.note(request, caller, READERS, people_shown(found), known_at=found.known_at)
        status = 422 if wrong else 200
        return pages.draw(request, "transfer/office/what_if.html", content, status)

    return router


def _found(looking: Looking, kind: Kind, id_: str, asked: Asked) -> WhatIf | None:
    """What would be otherwise; `None` where nothing is supposed yet."""
    given = asked.given
    supposed = Supposed(
        given.get(_RULEBOOK),
        given.get(_VALUES, "").splitlines(),
        given.get(_WITHOUT, "").splitlines(),
    )
    if not (supposed.rulebook or supposed.values or supposed.without):
        return None
    return what_if(looking, kind, id_, supposed, limit=ON_A_PAGE, cursor=given.get(_CURSOR))


def _next(path: str, given: Mapping[str, str], found: WhatIf) -> str:
    more = {_CURSOR: found.next_cursor, KNOWN_AT: print_instant(found.known_at)}
    return f"{path}?{urlencode({**given, **more})}"


def _says(found: WhatIf) -> str:
    """How many would fare otherwise, in one sentence."""
    supposed = [f"under {found.rulebook}", *(f"with {each}" for each in found.values)]
    supposed += [f"without {each}" for each in found.without]
    under = ", ".join(supposed)
    if found.judged == 0:
        return f"Supposed {under}: nobody is in the procedure."
    if found.differ == 0:
        return f"Supposed {under}: nothing would be otherwise for {_of(found, people_text)}."
    return f"Supposed {under}: {people_text(found.differ)} of {_of(found)} would fare otherwise."


def _of(found: WhatIf, counted: Callable[[int], str] = "{:,}".format) -> str:
    more = " judged on this page" if found.next_cursor is not None else ""
    return f"{counted(found.judged)}{more}"


def _lines(decisions: Iterable[DecisionSupposed]) -> Iterable[_Line]:
    for each in decisions:
        on = day_text(each.decided_on)
        if each.supposed_on not in (None, each.decided_on):
            on = f"{on}; supposed, {day_text(each.supposed_on)}"
        supposed = "; ".join(each.supposed) or "not made, or not yet"
        if each.refused is not None:
            supposed = f"refused: {each.refused}"
        parts = [
            part
            for field in each.fields
            if each.now == each.supposed
            for part in _otherwise((field.name,), field.now, field.supposed)
        ]
        yield _Line(
            act=facet_text(each.act),
            on=on,
            now=sentence(
                "; ".join((*each.now, *(_told(it.name, it.now) for it in parts))) or "not made"
            ),
            supposed=sentence(
                "; ".join((supposed, *(_told(it.name, it.supposed) for it in parts)))
            ),
        )


def _told(name: str, held: tuple[str, ...]) -> str:
    return f"{name[:1].lower()}{name[1:]}: {', '.join(held)}"


def _answers(answers: Iterable[AnswerSupposed]) -> list[tuple[str, list[_Part]]]:
    """Each question, with the parts of its answer that would be otherwise."""
    return [(facet_text(each.question), [*_parts(each)]) for each in answers]


def _parts(answer: AnswerSupposed) -> Iterable[_Part]:
    now, supposed = answer.now, answer.supposed
    if now is None or supposed is None:
        for name in now or supposed or ():
            both = (("no answer",) if it is None else _held(it[name]) for it in (now, supposed))
            yield _Part(facet_text(name), *both)
    else:
        yield from _otherwise((), now, supposed)


def _otherwise(path: tuple[str, ...], now: object, supposed: object) -> Iterator[_Part]:
    """What is not the same in two values, however deep: of a long answer mostly a day or two."""
    if now == supposed:
        return
    match now, supposed:
        case dict(), dict():
            for key in dict.fromkeys([*now, *supposed]):
                if key != "basis":
                    yield from _otherwise((*path, key), now.get(key), supposed.get(key))
        case list(), list() if len(now) == len(supposed):
            for n, both in enumerate(zip(now, supposed, strict=True), start=1):
                yield from _otherwise(path if len(now) == 1 else (*path, str(n)), *both)
        case _:
            first, *rest = path
            name = ", ".join([facet_text(first), *(facet_text(each).lower() for each in rest)])
            yield _Part(name, _held(now), _held(supposed))


def _held(value: object) -> tuple[str, ...]:
    several = value if isinstance(value, list) else [value]
    return tuple("; ".join(values_worded(each)) for each in several) or ("none",)
