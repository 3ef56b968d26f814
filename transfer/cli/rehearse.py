"""`transfer rehearse`: play a whole exercise on simulated time, before it is launched for real."""

import time
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from transfer.cli.common import (
    REFUSED,
    USAGE,
    AsJson,
    Data,
    a_day,
    naming_options,
    progress,
    say,
    say_json,
    say_table,
    say_wrapped,
    settings_for,
    warn,
)
from transfer.cli.editions import edition_to_rehearse
from transfer.cli.readings import LastDayIncluded, MonthFirst, OpenEnd, reading_of

if TYPE_CHECKING:
    from transfer.imports.meaning import Reading
    from transfer.imports.staff_return.people import Warned
    from transfer.procedures.exercise.exercise_facts import Collision
    from transfer.rehearsal.plan import Plan
    from transfer.rehearsal.report import RehearsalReport
    from transfer.rulebooks import Rulebook
    from transfer.rulebooks.supplying import ValuesMissing

_ASSUME = "--assume"
_SHOWN_COLLISIONS = 20
_SUGGESTED = "suggested"
_SHOWN_PEOPLE = 200


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def rehearse(
        rulebook: Annotated[
            str, typer.Argument(metavar="RULEBOOK", help="An edition, e.g. tr-2013, or its file.")
        ],
        staff: Annotated[
            Path,
            typer.Option("--staff", metavar="FILE.csv", help="The staff return to rehearse on."),
        ],
        starts_on: Annotated[
            str | None,
            typer.Option(
                "--from", metavar="DATE", help="When assignment starts; the rulebook's day if not."
            ),
        ] = None,
        until: Annotated[
            str | None,
            typer.Option("--until", metavar="DATE", help="The last day to play; the end if not."),
        ] = None,
        assume: Annotated[
            list[str] | None,
            typer.Option(
                "--assume",
                metavar="CLAUSE=VALUE",
                help="A value that no source gives: 10wd, 15d, 3y, 0.5 or a date; for one alone "
                "CLAUSE@TRANSFEROR=VALUE. `suggested`: the edition's own proposals. Repeatable.",
            ),
        ] = None,
        seed: Annotated[int, typer.Option("--seed", help="What everything drawn is drawn by.")] = 1,
        month_first: MonthFirst = None,
        last_day_included: LastDayIncluded = None,
        open_end: OpenEnd = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Play a whole exercise on simulated time and report what happened.

        It runs in an empty data folder, which is marked as rehearsed for ever and can be opened
        by every other command. The collisions of the plan are shown before anything starts.
        Without --assume it is refused, with a table of the values that no source gives and what to
        type for each. With --json that is one document, in `missing`.

        While it runs, Temporal's time-skipping server listens on every address of this machine:
        play it where no stranger reaches a port, or behind a firewall.

        \b
        Examples:
          transfer sample London --seed 1 --output london.csv
          transfer rehearse tr-2013 --staff london.csv --data london --assume suggested
          transfer rehearse tr-2013 --staff london.csv --data london \\
            --assume TR-11b=10wd --assume TR-11b-panel=20wd --assume TR-10-response=5wd \\
            --assume TR-09b=2013-11-11 --assume TR-09-share=0.5
          transfer as-of S21372 --effective 2014-06-01 --known 2014-06-10 --data london
        """
        begins, ends = a_day(starts_on, "--from"), a_day(until, "--until")
        reading = reading_of(month_first, last_day_included, open_end)
        raise typer.Exit(
            _rehearse(rulebook, staff, begins, ends, assume or [], seed, reading, data, as_json)
        )


_LISTENS = (
    "While this runs, Temporal's time-skipping server listens on every address of this machine and "
    "takes any caller: see that a firewall keeps others out."
)


def _rehearse(
    edition: str,
    staff: Path,
    starts_on: date | None,
    until: date | None,
    assume: list[str],
    seed: int,
    reading: "Reading",
    data: Path | None,
    as_json: bool,
) -> int:
    from transfer.imports.staff_return.people import rejections_as_dicts
    from transfer.rehearsal.run import Asked, RowsRejected, Telling, rehearse
    from transfer.rulebooks.supplying import ValuesMissing

    settings = settings_for(data)
    try:
        content = staff.read_bytes()
    except OSError as error:
        warn(f"transfer: {staff}: {error.strerror}")
        return USAGE
    with ExitStack() as stack:
        tell = stack.enter_context(progress())

        def planned(plan: "Plan", collisions: tuple["Collision", ...]) -> None:
            if not as_json:
                say(_LISTENS)
                _say_plan(plan, collisions)

        book = edition_to_rehearse(edition, data)
        asked = Asked(
            edition=book.edition,
            book=book,
            suggested=_SUGGESTED in assume,
            staff_return=content,
            document=f"staff return {staff.name}",
            assumed=_assumptions(book, [each for each in assume if each != _SUGGESTED]),
            starts_on=starts_on,
            until=until,
            seed=seed,
            reading=reading,
        )
        telling = Telling(
            planned=planned,
            happens=lambda day, what: tell(f"{day}  {what}"),
            stage=tell,
            warned=lambda found: _warn_of(staff.name, found),
        )
        try:
            report = rehearse(asked, Path(settings.data), telling, time.monotonic)
        except RowsRejected as refusal:
            if as_json:
                say_json({"rejected": rejections_as_dicts(refusal.rejected)})
            for each in refusal.rejected:
                warn(f"{staff.name} line {each.line}, {each.field}: {each.reason}")
            warn(f"transfer: {refusal.reason}")
            return REFUSED
        except ValuesMissing as refusal:
            tell("")
            _say_missing(refusal, as_json=as_json)
            return REFUSED
        tell("")
    if as_json:
        from pydantic import TypeAdapter

        from transfer.rehearsal.report import RehearsalReport

        dumped = TypeAdapter(RehearsalReport).dump_python(report, mode="json")
        say_json({"rehearsed": report.rulebook, **dumped})
    else:
        _say_report(report, Path(settings.data))
    return REFUSED if report.discrepancies else 0


def _assumptions(book: "Rulebook", given: list[str]) -> dict[str, str]:
    """The values assumed, by clause; a date as it is written everywhere else.

    Raises `Malformed` with the option.
    """
    from transfer.core.editions.values import ValueType
    from transfer.rulebooks import parse_assumption

    found: dict[str, str] = {}
    for each in given:
        with naming_options(_ASSUME):
            key, value = parse_assumption(each)
        clause = book.by_id.get(key.partition("@")[0])
        if clause is not None and clause.value_type is ValueType.DATE:
            value = str(a_day(value, f"{_ASSUME} {key}"))
        found[key] = value
    return found


def _say_missing(refusal: "ValuesMissing", *, as_json: bool) -> None:
    """The values that are missing, and what to type for each."""
    from transfer.questions.rulebooks import value_needed

    needed = [value_needed(clause) for clause in refusal.missing]
    missing = {each.clause for each in needed}
    others = [each for each in refusal.failures if each.clause not in missing]
    if as_json:
        say_json(
            {
                "missing": [each.model_dump(mode="json") for each in needed],
                "refused": [{"clause": each.clause, "reason": each.reason} for each in others],
            }
        )
    else:
        rows = [[each.clause, each.title, each.type_this] for each in needed]
        say_table(f"{len(rows)} values are missing", ["clause", "what it is", "type"], rows)
        for each in needed:
            say_wrapped(
                f"{each.clause}: {each.unknown_because}. It would be in {each.document_needed}."
            )
        own = next((each.clause for each in needed if each.each_transferor), None)
        if own is not None:
            say_wrapped(f'A transferor may have a value of its own: --assume "{own}@TRANSFEROR=…".')
        if any(each.suggested_for_rehearsal is not None for each in needed):
            say_wrapped("All values that the edition proposes for rehearsals: --assume suggested.")
    for other in others:
        warn(f"transfer: {other.reason}")
    warn(f"transfer: {', '.join(each.clause for each in needed)}: a value is needed of each")


def _warn_of(file: str, warnings: "tuple[Warned, ...]") -> None:
    for each in warnings:
        warn(f"{file} line {each.line}, {each.field}: {each.reason}")


def _say_plan(plan: "Plan", collisions: tuple["Collision", ...]) -> None:
    say(f"Plan: from {plan.opens_on} to {plan.ends_on}, assignment starts {plan.starts_on}")
    say_table(
        "Milestones as announced at the start",
        ["milestone", "due"],
        [[name, str(on)] for name, on in plan.milestones.items()],
    )
    say_table(
        "Letters", ["path", "letters go out"], [[p, str(on)] for p, on in plan.letters_on.items()]
    )
    if not collisions:
        say("No dates of this plan collide.\n")
        return
    say_table(
        f"{len(collisions)} collisions in this plan",
        ["path", "clause", "what", "ends or falls", "against", "on"],
        [
            [c.who, c.clause, c.what, f"{c.first} {c.first_on}", c.second, str(c.second_on)]
            for c in collisions[:_SHOWN_COLLISIONS]
        ],
    )


def _say_report(report: "RehearsalReport", folder: Path) -> None:
    say(f"REHEARSED ({report.rulebook}): simulated, and no evidence of anything.")
    ending = "completed" if report.completed else f"played until {report.played_until}"
    say(
        f"{report.in_scope} people in scope, {report.events} events, {ending}, "
        f"in {report.seconds:.1f} s; the clock stands at {report.clock_stopped_at.isoformat()}\n"
    )
    say_table(
        "Who went where, by route",
        ["route", "place", "employer", "people"],
        [
            [flow.route or "none", flow.place, flow.employer or "", str(flow.headcount)]
            for flow in report.flows
        ]
        + [["all", "", "", str(sum(flow.headcount for flow in report.flows))]],
    )
    if report.leavers:
        say_table(
            f"{len(report.leavers)} leavers",
            ["staff", "in scope", "why"],
            [
                [each.staff_number, "until they left" if each.in_scope else "never", each.reason]
                for each in report.leavers[:_SHOWN_PEOPLE]
            ],
        )
    if report.left_out:
        say_table(
            f"{len(report.left_out)} others who are not in scope",
            ["staff", "why"],
            [[each.staff_number, each.reason] for each in report.left_out[:_SHOWN_PEOPLE]],
        )
    appeals = report.appeals
    say_table(
        "Letters, answers, appeals, objections",
        ["what", "people"],
        [
            ["letters issued", str(report.letters)],
            *([f"answered: {how}", str(n)] for how, n in sorted(report.responses.items())),
            ["appeals", str(appeals.lodged)],
            ["  in time", str(appeals.in_time)],
            ["  refused as out of time", str(appeals.refused_out_of_time)],
            ["  heard although out of time", str(appeals.accepted_late)],
            ["  upheld", str(appeals.upheld)],
            ["  rejected", str(appeals.rejected)],
            ["  withdrawn", str(appeals.withdrawn)],
            ["  still open", str(appeals.open)],
            ["  panel overdue", str(appeals.panel_overdue)],
            ["objections", str(report.objections)],
        ],
    )
    say_table(
        "Milestones",
        ["milestone", "days it had", "kept", "note"],
        [
            [
                m.milestone,
                ", then ".join(str(day) for day in m.days),
                {True: "yes", False: "no", None: "not yet judged"}[m.met],
                m.note or "",
            ]
            for m in report.milestones
        ],
    )
    say_table(
        "Deadlines",
        ["what", "from whom", "state", "how many", "of them late"],
        [[t.what, t.owner, t.state, str(t.obligations), str(t.late)] for t in report.deadlines],
    )
    if report.refused_steps:
        say_table(
            "What was refused, and why",
            ["step", "clause", "reason", "people"],
            [
                [r.step, " ".join(r.clauses), r.reason, str(r.headcount)]
                for r in report.refused_steps
            ],
        )
    _say_assumptions(report)
    for each in report.discrepancies:
        warn(f"DOES NOT ADD UP: {each}")
    if not report.discrepancies:
        say("Everybody in scope is in exactly one place, with a route and a reason.")
    say(f"Ask it anything: transfer as-of STAFF --effective DATE --known DATE --data {folder}")


def _say_assumptions(report: "RehearsalReport") -> None:
    assumed = report.assumptions
    rows = [["clause value", each] for each in assumed.clauses]
    rows += [["plan", each] for each in assumed.plan]
    rows += [["share of people", f"{share:.1%} {what}"] for what, share in assumed.shares.items()]
    rows += [["published rate", each] for each in assumed.published_rates]
    say_table("Assumed, because no source gives it", ["kind", "assumption"], rows)
