"""/reports: appeals by group, vetting failures, and whether panels decide alike.

The same answers as the API gives, for the office, for audit, and for members of a panel on the days
that one of their open cases covers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from transfer.api.exports import export
from transfer.api.http_service import Reading
from transfer.api.resources.reports import GRANTED, ROLES, NotCovered, consistency_for, report_on
from transfer.core.refusals import Malformed
from transfer.core.words import Facet
from transfer.questions.appeals_by_group import AppealsByGroup, appeals_by_group
from transfer.questions.appeals_made import SEEN_BY
from transfer.questions.consistency import Consistency, EqualFacts, PanelDecision, RateRow
from transfer.questions.consistency import rows_of as rows_of_rates
from transfer.questions.counts import CountedPeople, CountRow, Counts
from transfer.questions.counts import rows_of as rows_of_counts
from transfer.questions.small_groups import Shown
from transfer.questions.table import Form, Row
from transfer.questions.vetting_failures import VettingFailures, vetting_failures
from transfer.web.frame.asking import DAYS, PageAsked, read_asked
from transfer.web.frame.navigation import Entry
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.wording import day_text, facet_text
from transfer.web.pictures.drawing import counted

ADDRESS: Final = "/reports"
IN_NAVIGATION: Final = Entry(
    "Reports", ADDRESS, frozenset({*ROLES, *GRANTED}), 40, whole_office=True
)
MOST_ROWS: Final = 50
"""So many rows a table has on the page, or several of one kind together."""

_REPORT, _EXERCISE = "report", "exercise"
_DAYS: Final = ("effective_at", "known_at")


class Report(StrEnum):
    """Which report; also in the address."""

    APPEALS = "appeals"
    VETTING = "vetting"
    CONSISTENCY = "consistency"


_TITLES: Final = {
    Report.APPEALS: "Appeals by group",
    Report.VETTING: "Vetting failures",
    Report.CONSISTENCY: "How panels decided",
}
_CAPTIONS: Final = {
    "employer": ("By employer", facet_text(Facet.EMPLOYER)),
    "unit": ("By unit, within its employer", facet_text(Facet.UNIT)),
    "band": ("By band", facet_text(Facet.BAND)),
    "ground": ("By the rule by which they were assigned", "Rule"),
    "version": ("By version of the policy", "Version"),
    "period": ("By quarter", "Quarter"),
    "body": ("By employer", facet_text(Facet.EMPLOYER)),
}
_COLUMNS: Final = {
    "open": "To be decided",
    "late": "Refused as late",
    "upheld": "Upheld",
    "rejected": "Rejected",
    "withdrawn": "Withdrawn",
    "passed": "Passed",
    "failed-not-moved": "Failed, not moved",
    "failed-moved": "Failed and moved",
    "failed-moved-under-old": "Failed and moved under an old policy",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    report: Report
    exercise: str | None
    days: PageAsked

    def address(self, path: str = ADDRESS) -> str:
        """The address of the same question."""
        given = {_REPORT: str(self.report), _EXERCISE: self.exercise or ""}
        given |= {name: self.days.typed[name] for name in _DAYS}
        return f"{path}?{urlencode({name: text for name, text in given.items() if text})}"


@dataclass(frozen=True, slots=True)
class _Row:
    what: str
    why: str
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Table:
    caption: str
    columns: Sequence[str]
    rows: Sequence[_Row]
    rest: str = ""


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a report has to say: one sentence, what has to be known beside it, and its tables."""

    says: str
    notes: Sequence[str] = ()
    tables: Sequence[_Table] = ()


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    reader = pages.reads(*ROLES, granted=GRANTED)
    up_to = Depends(service.up_to(*SEEN_BY))

    @router.get(ADDRESS, dependencies=[Depends(reader), up_to])
    def show(request: Request, reading: Annotated[Reading, Depends(reader)]) -> Response:
        """Show one report, and ask for another."""
        asked = _read(request.query_params)
        if asked.days.in_parts and not asked.days.errors:
            return redirect(asked.address())
        may_see = True
        try:
            shown = _shown(reading, asked)
        except NotCovered:
            may_see = False
            shown = _Shown("None of your open cases covers these days: choose others.")
        content = {
            "title": _TITLES[asked.report],
            "shown": shown,
            "action": ADDRESS,
            "reports": _choices(_TITLES, asked.report),
            "exercises": None
            if asked.report is Report.VETTING
            else _choices({"": "All", **{e: e for e in _exercises(pages)}}, asked.exercise or ""),
            "asks": [
                {
                    "name": name,
                    "label": DAYS[name],
                    "parts": asked.days.parts[name],
                    "error": next(
                        (t for at, t in asked.days.errors.items() if at.startswith(name)), None
                    ),
                }
                for name in _DAYS
            ],
            "errors": [{"text": text, "href": f"#{at}"} for at, text in asked.days.errors.items()],
            "known_at": asked.days.known_at,
            "now_address": ADDRESS,
            "file_address": asked.address(f"{ADDRESS}.{Form.CSV}") if may_see else None,
        }
        status = 422 if asked.days.errors else 200
        return pages.draw(request, "transfer/everyone/reports.html", content, status)

    @router.get(f"{ADDRESS}.csv", dependencies=[Depends(reader), up_to])
    def send(request: Request, reading: Annotated[Reading, Depends(reader)]) -> Response:
        """Send the numbers of one report, one a row."""
        asked = _read(request.query_params)
        with report_on(reading, asked.days) as (allowed, conn, looking, on):
            small = service.small_group
            if asked.report is Report.CONSISTENCY:
                found = consistency_for(
                    allowed, conn, looking, asked.exercise, on, rates_alone=True
                )
                kind: type[Row] = RateRow
                rows: Iterator[Sequence[Row]] = rows_of_rates(found)
            elif asked.report is Report.APPEALS:
                counts: Counts = appeals_by_group(looking, conn, asked.exercise, on, small)
                kind, rows = CountRow, rows_of_counts(counts)
            else:
                counts = vetting_failures(looking, conn, on, small)
                kind, rows = CountRow, rows_of_counts(counts)
            known_at = looking.known_at
        file = f"{asked.report}-{on}"
        return export(allowed, Form.CSV, kind, rows, file=file, known_at=known_at, effective_at=on)

    def _shown(reading: Reading, asked: _Asked) -> _Shown:
        with report_on(reading, asked.days) as (allowed, conn, looking, on):
            small = service.small_group
            match asked.report:
                case Report.APPEALS:
                    return _of_appeals(appeals_by_group(looking, conn, asked.exercise, on, small))
                case Report.VETTING:
                    return _of_vetting(vetting_failures(looking, conn, on, small))
                case Report.CONSISTENCY:
                    return _of_panels(consistency_for(allowed, conn, looking, asked.exercise, on))

    return router


def _read(query: Mapping[str, str]) -> _Asked:
    """What an address asks. Raises `Malformed` for a parameter that the page does not have."""
    for name in query:
        if name.partition("-")[0] not in (_REPORT, _EXERCISE, *_DAYS):
            raise Malformed(f"there is no such question: {name[:40]}", field=name)
    try:
        report = Report(query.get(_REPORT, "").strip() or Report.APPEALS)
    except ValueError:
        raise Malformed("choose one of the list", field=_REPORT) from None
    days = {name: text for name, text in query.items() if name not in (_REPORT, _EXERCISE)}
    exercise = query.get(_EXERCISE, "").strip() or None
    return _Asked(report, None if report is Report.VETTING else exercise, read_asked(days))


def _exercises(pages: Pages) -> Iterator[str]:
    """The exercises that there are by now."""
    for matter in pages.service.office.log.streams_under("matter:exercise/"):
        yield matter.partition("/")[2]


def _choices(
    texts: Mapping[Report, str] | Mapping[str, str], chosen: str
) -> list[dict[str, object]]:
    return [
        {"value": str(value), "text": text, "selected": value == chosen}
        for value, text in texts.items()
    ]


# --- counts --------------------------------------------------------------------------------------


def _of_appeals(found: AppealsByGroup) -> _Shown:
    on, of = day_text(found.effective_at), f" in {found.exercise}" if found.exercise else ""
    if not found.exercises:
        says = f"Nobody had appealed{of} by {on}."
    elif found.people is None:
        says = f"People had appealed{of} by {on}; some of the numbers are small and not shown."
    else:
        people = counted(found.people, "person", "people")
        became = _became(found.numbers)
        says = f"{people} had appealed{of} by {on}: {became}."
    notes = ["Everybody counts once in an exercise: by the last appeal that a panel decided."]
    if len(found.exercises) > 1:
        notes.append("Of all exercises, a number is shown where each of them shows its own.")
    return _Shown(says, [*notes, *_notes(found)], [*_tables(found, "By outcome")])


def _of_vetting(found: VettingFailures) -> _Shown:
    on = day_text(found.effective_at)
    old = next(each for each in found.numbers if each.what == "failed-moved-under-old")
    if not found.groups:
        says = f"Nobody's vetting had been decided by {on}."
    elif old.people is None:
        says = (
            f"How many people had been moved under an old policy by {on} is not shown: they, or "
            "others beside them, are few."
        )
    else:
        moved = "1 person had" if old.people == 1 else f"{old.people:,} people had"
        says = f"{moved} failed and been moved under an old policy by {on}."
    notes = [
        "A policy is old where a version was announced since by which the person would have stayed."
    ]
    notes += [
        f"Clause {each.clause} of {each.rulebook} asks for this report." for each in found.basis
    ]
    notes += [f"Not known: {each.title}. {each.because}" for each in found.not_known]
    return _Shown(says, [*notes, *_notes(found)], [*_tables(found, "By what came of it")])


def _became(numbers: Sequence[CountedPeople]) -> str:
    said = [f"{each.people:,} {_COLUMNS[each.what].lower()}" for each in numbers if each.people]
    return ", ".join(said)


def _notes(found: Counts) -> Iterator[str]:
    every = [*found.numbers, *(one for each in found.groups for one in each.numbers)]
    if any(each.people is None for each in every):
        yield (
            f"A number of fewer than {found.threshold} people is not shown, and no number from "
            "which one could be worked out."
        )


def _tables(found: Counts, caption: str) -> Iterator[_Table]:
    if not found.groups:
        return
    yield _Table(
        caption,
        ["Outcome", "People"],
        [_Row(_COLUMNS[each.what], "", [_number(each, found.threshold)]) for each in found.numbers],
    )
    columns = [_COLUMNS[each.what] for each in found.numbers]
    for by in dict.fromkeys(each.by for each in found.groups):
        title, what = _CAPTIONS[by]
        rows = [
            _Row(
                each.group or "none on record",
                each.within or "",
                [
                    *(_number(one, found.threshold) for one in each.numbers),
                    "not shown" if each.people is None else f"{each.people:,}",
                ],
            )
            for each in found.groups
            if each.by == by
        ]
        yield from _cut(
            [_Table(title, [what, *columns, "Together"], rows)], ("group", "groups"), _IN_FILE
        )


_IN_FILE: Final = "which the file or the API has"
_IN_API: Final = "which the API has"


def _cut(tables: Sequence[_Table], what: tuple[str, str], where: str) -> Iterator[_Table]:
    """The first rows of several tables of one kind. The last table that is shown says how many more
    there are, in itself and in those that are left out: `what` is one of them, and several."""
    left = MOST_ROWS
    more = sum(len(each.rows) for each in tables) - left
    for each in tables:
        if left <= 0:
            break
        rows = each.rows[:left]
        left -= len(rows)
        rest = "" if left or more <= 0 else f"Not on this page: {counted(more, *what)}, {where}."
        yield replace(each, rows=rows, rest=rest)


def _number(number: CountedPeople, threshold: int) -> str:
    match number.shown:
        case Shown.EXACT:
            return f"{number.people or 0:,}"
        case Shown.FEWER:
            return f"fewer than {threshold}"
        case Shown.WITHHELD:
            return "not shown"


# --- panels --------------------------------------------------------------------------------------


def _of_panels(found: Consistency) -> _Shown:
    on, of = day_text(found.effective_at), f" in {found.exercise}" if found.exercise else ""
    differ = len(found.otherwise)
    if not found.panels:
        says = f"No panel had decided an appeal{of} by {on}."
    elif not found.listed:
        says = f"{_panels(found)} had decided appeals{of} by {on}; small numbers are not shown."
    elif not differ:
        says = f"Panels had decided alike wherever the facts were equal{of}, by {on}."
    else:
        times = counted(differ, "set", "sets")
        says = f"On {times} of equal facts, panels had not decided alike{of} by {on}."
    of_panels = (
        "Facts are equal where people were assigned under one edition by one rule and one clause, "
        "and were in one band on the day of the appeal."
        if found.listed
        else "A panel has one row for each edition. Everybody counts once in an exercise: by the "
        "last appeal that a panel decided."
    )
    rate = "The rate is the share of the cases that the panel upheld: of few cases it says little."
    return _Shown(says, [f"{of_panels} {rate}"], [*tables_of_panels(found)])


def _panels(found: Consistency) -> str:
    return counted(len({each.panel for each in found.panels}), "panel", "panels")


def tables_of_panels(found: Consistency) -> Iterator[_Table]:
    """The tables of the report, each with its first rows and how many more there are."""
    rates = [
        _Row(
            each.panel or "no panel named",
            _facts(each),
            [
                "not shown" if each.cases is None else f"{each.cases:,}",
                "not shown" if each.upheld is None else f"{each.upheld:,}",
                "" if each.rate is None else f"{each.rate:.0%}",
            ],
        )
        for each in found.panels
    ]
    if rates:
        columns = ["Panel and facts", "Cases", "Upheld", "Rate"]
        yield from _cut(
            [_Table("How often each panel upheld", columns, rates)], ("row", "rows"), _IN_FILE
        )
    decided = [
        _Table(
            f"Decided otherwise: {_facts(each)}",
            ["Panel", "Outcome", "Decided", "Reference"],
            [*map(_decision, each.decisions)],
        )
        for each in found.otherwise
    ]
    yield from _cut(decided, ("decision", "decisions"), _IN_API)
    panels = [
        _Row(each.panel, "", [f"{each.jobs:,}", f"{each.another_band:,}"])
        for each in found.evaluation_panels
    ]
    if panels:
        columns = ["Panel", "Jobs", "Another band than before"]
        yield from _cut(
            [_Table("Panels of job evaluation", columns, panels)], ("panel", "panels"), _IN_API
        )
    jobs = [
        _Table(
            f"Different bands for {job.job}, description {job.description}",
            ["Panel", "Band", "Decided", "Reference"],
            [
                _Row(each.panel, "", [each.band, day_text(each.decided_on), str(each.event_id)])
                for each in job.found
            ],
        )
        for job in found.jobs_otherwise
    ]
    yield from _cut(jobs, ("decision", "decisions"), _IN_API)


def _decision(found: PanelDecision) -> _Row:
    return _Row(
        found.panel or "no panel named",
        f"appeal {found.appeal}" if found.appeal else "",
        [_COLUMNS[found.outcome], day_text(found.decided_on), str(found.event_id)],
    )


def _facts(facts: EqualFacts) -> str:
    band = f"Band {facts.band}" if facts.band else None
    named = (facts.title or facts.route, facts.clause, facts.edition, band)
    return ", ".join(filter(None, named))
