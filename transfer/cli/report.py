"""transfer report: appeals by group, vetting failures, and whether panels decide alike."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from transfer.cli.common import (
    AsJson,
    Data,
    Effective,
    Known,
    a_day,
    an_instant,
    at_work,
    say,
    say_json,
    say_rehearsed,
    say_restored,
    say_table,
    say_wrapped,
    settings_for,
    today,
    what_is_lost,
)
from transfer.core.refusals import Malformed

if TYPE_CHECKING:
    from datetime import date

    from projections.keeping_up.copying import Conn
    from transfer.log.envelope import RehearsalMark
    from transfer.log.restorations import Restoration
    from transfer.questions.consistency import Consistency, EqualFacts
    from transfer.questions.counts import Characteristics, CountedPeople, Counts
    from transfer.questions.procedures import Looking

Exercise = Annotated[
    str | None,
    typer.Option("--exercise", metavar="ID", help="Of this exercise [default: of all]."),
]
Given = Annotated[
    Path | None,
    typer.Option(
        "--characteristics",
        metavar="FILE",
        help="CSV of protected characteristics for this run: staff_number, and a column for each. "
        "Nothing of it is kept.",
    ),
]

A = TypeVar("A")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    report = typer.Typer(
        help="Appeals and vetting in numbers, by group; and whether panels decide alike.",
        no_args_is_help=True,
    )
    app.add_typer(report, name="report")

    @report.command("appeals")
    def appeals(
        exercise: Exercise = None,
        characteristics: Given = None,
        effective: Effective = None,
        known: Known = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Who appealed and what came of it by a day: by employer, unit, band, ground and outcome.

        Everybody counts once in an exercise. Small numbers are not shown, nor those from which one
        could be worked out. Over all exercises it is the sum of their reports.

        \b
        Examples:
          transfer report appeals --exercise tr-2013
          transfer report appeals --characteristics characteristics.csv --json
        """
        from transfer.questions.appeals_by_group import appeals_by_group

        given, small = _given(characteristics), settings_for(data).small_group
        found, mark, lost = _asked(
            data,
            effective,
            known,
            lambda looking, conn, on: appeals_by_group(looking, conn, exercise, on, small, given),
        )
        _show_counts(found, mark, lost, "Who appealed", as_json=as_json)

    @report.command("vetting")
    def vetting(
        characteristics: Given = None,
        effective: Effective = None,
        known: Known = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Who failed their vetting by a day, and who was moved under an old policy: by version of
        the policy, quarter and employer.

        Everybody counts once, by the last decision. Small numbers are not shown, nor those from
        which one could be worked out.

        \b
        Examples:
          transfer report vetting
          transfer report vetting --effective 2021-11-30 --known 2021-11-05
        """
        from transfer.questions.vetting_failures import vetting_failures

        given, small = _given(characteristics), settings_for(data).small_group
        found, mark, lost = _asked(
            data,
            effective,
            known,
            lambda looking, conn, on: vetting_failures(looking, conn, on, small, given),
        )
        _show_counts(found, mark, lost, "Whose vetting was decided", as_json=as_json)
        if not as_json:
            for each in found.basis:
                say(f"By clause {each.clause} of {each.rulebook}.")
            for unknown in found.not_known:
                say_wrapped(f"Not known: {unknown.title} ({unknown.clause}). {unknown.because}")

    @report.command("consistency")
    def of_panels(
        exercise: Exercise = None,
        effective: Effective = None,
        known: Known = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """How often each panel upheld appeals on equal facts, and which decisions differ.

        \b
        Examples:
          transfer report consistency --exercise tr-2013
          transfer report consistency --effective 2014-06-01 --json
        """
        from transfer.questions.consistency import consistency

        small = settings_for(data).small_group
        found, mark, lost = _asked(
            data,
            effective,
            known,
            lambda looking, conn, on: consistency(looking, conn, exercise, on, small, listed=True),
        )
        if as_json:
            say_json(found, mark, lost=lost)
            return
        say_rehearsed(mark)
        say_restored(lost)
        _show_consistency(found)


def _asked(
    data: Path | None,
    effective: str | None,
    known: str | None,
    ask: "Callable[[Looking, Conn, date], A]",
) -> "tuple[A, RehearsalMark | None, Restoration | None]":
    """The answer of a report, what was rehearsed in the record, and the restoration that lost
    something of the answer, if there are any."""
    from projections.keeping_up.runner import resolve_known_at
    from transfer.questions.appeals_made import SEEN_BY
    from transfer.questions.procedures import Looking

    effective_at, known_at = a_day(effective, "--effective"), an_instant(known, "--known")
    with at_work(settings_for(data), "transfer report") as record:
        day = today(record)
        with record.log.connection() as conn:
            resolved = resolve_known_at(conn, SEEN_BY, known_at)
            on = day if known_at is None else None
            looking = Looking(record.office, record.worlds, resolved, on)
            found = ask(looking, conn, effective_at or day)
            return found, record.log.rehearsal(), what_is_lost(record, resolved)


def _given(file: Path | None) -> "Characteristics":
    from transfer.questions.counts import FILE, read_characteristics

    if file is None:
        return {}
    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("the file is not UTF-8", field=FILE) from None
    return read_characteristics(text)


# --- showing -------------------------------------------------------------------------------------


def _show_counts(
    found: "Counts",
    mark: "RehearsalMark | None",
    lost: "Restoration | None",
    title: str,
    *,
    as_json: bool,
) -> None:
    from transfer.core.dating.instants import print_instant

    if as_json:
        say_json(found, mark, lost=lost)
        return
    say_rehearsed(mark)
    say_restored(lost)
    say(f"{title} by {found.effective_at}, as known at {print_instant(found.known_at)}")
    columns = [each.what for each in found.numbers]
    rows = [("all", "", *_numbers(found.numbers, found.threshold), _all(found.people))]
    rows += [
        (
            each.by,
            " / ".join(filter(None, (each.within, each.group))) or "none",
            *_numbers(each.numbers, found.threshold),
            _all(each.people),
        )
        for each in found.groups
    ]
    say()
    say_table("In numbers of people", ("by", "group", *columns, "together"), rows)


def _numbers(numbers: "Sequence[CountedPeople]", threshold: int) -> list[str]:
    return [
        str(each.people) if each.people is not None else _hidden(each.shown, threshold)
        for each in numbers
    ]


def _hidden(shown: str, threshold: int) -> str:
    return f"fewer than {threshold}" if shown == "fewer" else "not shown"


def _all(people: int | None) -> str:
    return "not shown" if people is None else str(people)


def _show_consistency(found: "Consistency") -> None:
    from transfer.core.dating.instants import print_instant

    say(f"Decided by {found.effective_at}, as known at {print_instant(found.known_at)}")
    say()
    say_table(
        "Panels",
        ("facts", "panel", "cases", "upheld", "rate"),
        [
            (
                _facts(each),
                each.panel or "none named",
                _all(each.cases),
                _all(each.upheld),
                "" if each.rate is None else f"{each.rate:.0%}",
            )
            for each in found.panels
        ],
    )
    for otherwise in found.otherwise:
        say()
        say_table(
            f"Decided otherwise: {_facts(otherwise)}",
            ("decided", "outcome", "panel", "appeal", "entry"),
            [
                (
                    str(each.decided_on),
                    each.outcome,
                    each.panel or "none named",
                    each.appeal or "",
                    str(each.event_id),
                )
                for each in otherwise.decisions
            ],
        )
    for panel in found.evaluation_panels:
        say(f"{panel.panel}: another band for {panel.another_band} of {panel.jobs} jobs.")
    for job in found.jobs_otherwise:
        bands = ", ".join(f"Band {each.band} by {each.panel}" for each in job.found)
        say_wrapped(f"{job.job}, description {job.description}: {bands}.")


def _facts(facts: "EqualFacts") -> str:
    band = f"Band {facts.band}" if facts.band else None
    named = (facts.edition, facts.title or facts.route, facts.clause, band)
    return ", ".join(filter(None, named))
