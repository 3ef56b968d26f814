"""transfer procedures, begin, do: what runs, and every act by which it is steered."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from transfer.cli.common import (
    REFUSED,
    AsJson,
    Data,
    at_work,
    naming_options,
    number_on_record,
    progress,
    say,
    say_first,
    say_json,
    say_rehearsed,
    say_table,
    settings_for,
    today,
    user,
)

if TYPE_CHECKING:
    from pydantic import BaseModel

    from transfer.app import Record
    from transfer.commands.acts.given import ActGiven
    from transfer.commands.acts.offered import Offered
    from transfer.questions.acting import ActDone, ActPreview, PersonRefused
    from transfer.questions.procedures import ProcedureShown
    from transfer.questions.what_may_be_done import ActsOffered

Preview = Annotated[
    bool, typer.Option("--preview", help="Say what it would come to, and write nothing.")
]
File = Annotated[
    Path | None,
    typer.Option(
        "--file", metavar="JSON", help="The fields as a JSON object; - is standard input."
    ),
]
By = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="Who acts; the user of this machine, if left out."),
]

_NAMED = 2
"""Staff numbers that a line names before it counts."""

_FREE = {"allow_extra_args": True, "ignore_unknown_options": True}


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command("procedures")
    def list_procedures(
        which: Annotated[
            str | None,
            typer.Argument(metavar="[KIND/ID]", help="One procedure, such as exercise/tr-2013."),
        ] = None,
        kind: Annotated[str | None, typer.Option(help="Only those of a kind.")] = None,
        staff: Annotated[str | None, typer.Option(metavar="NO", help="Whose they are.")] = None,
        state: Annotated[
            str | None, typer.Option(help="running, completed, abandoned or over.")
        ] = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """What is running or was: for whom, what it waits for and until when, what is refused.

        \b
        Examples:
          transfer procedures
          transfer procedures --staff S10442
          transfer procedures exercise/tr-2013
        """
        from transfer.questions.procedures import Looking, procedure, procedures

        with at_work(settings_for(data), "transfer procedures") as record:
            mark = record.log.rehearsal()
            looking = Looking(record.office, record.worlds, _now(record))
            if which is not None:
                of, id_ = _kind_and_id(which)
                with record.log.connection() as conn:
                    shown = procedure(looking, conn, of, id_)
                if as_json:
                    say_json(shown, mark)
                    return
                say_rehearsed(mark)
                _show(shown)
                return
            whose = None if staff is None else number_on_record(record, staff)
            found = procedures(
                looking, kind=kind, staff=whose, state=state, limit=1_000, about_them=True
            )
        if as_json:
            say_json(found, mark)
            return
        say_rehearsed(mark)
        rows = [
            (
                f"{each.kind}/{each.id}",
                each.state,
                each.staff_number or "",
                each.begun_on.isoformat(),
                each.next_step or "",
                _day(each.next_on),
            )
            for each in found.items
        ]
        columns = ("procedure", "state", "staff", "begun", "next", "on")
        say_first(f"{len(rows)} procedures", columns, rows)

    @app.command("begin", context_settings=_FREE)
    def begin(
        context: typer.Context,
        kind: Annotated[str, typer.Argument(metavar="KIND", help="exercise, appeal, …")],
        file: File = None,
        preview: Preview = False,
        by: By = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Begin a procedure, with the fields that POST /v1/procedures/KIND takes.

        A field is an option: --rulebook tr-2013. A list takes it several times, a table as
        NAME=VALUE. Values that an edition leaves open are given as CLAUSE=VALUE or
        CLAUSE@TRANSFEROR=VALUE, and --document says where they come from. With --preview
        nothing is written: it says by when each step has to be done, by which clause, and
        whether it still can be; of an exercise the latest lawful day of each path's letters,
        what collides, and every value that is missing.

        \b
        Examples:
          transfer begin exercise --rulebook tr-2013 --preview
          transfer begin exercise --rulebook tr-2013 --value TR-10-response=5wd
              --document "the Trust's circular of 2 December" --milestone transfer=1/6/2014
          transfer begin appeal --exercise tr-2013 --staff-number S10442 --grounds "…"
          transfer begin exercise --file exercise.json
          transfer begin protection --rulebook EDITION --staff-number S10442 --ground regraded
              --salary 30000 --effective-from 5/3/2027 --preview
        """
        _perform(context, kind, "", "begin", file, data, by, preview=preview, as_json=as_json)

    @app.command("do", context_settings=_FREE)
    def do(
        context: typer.Context,
        kind: Annotated[str, typer.Argument(metavar="KIND", help="exercise, appeal, …")],
        id_: Annotated[str, typer.Argument(metavar="ID", help="Which one.")],
        act: Annotated[
            str | None, typer.Argument(metavar="[ACT]", help="What to do; without it: what may be.")
        ] = None,
        file: File = None,
        preview: Preview = False,
        by: By = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Do one act of a procedure, with the fields that the API takes.

        Without an act: what may be done now, and what stands in the way of the rest. A field is an
        option; a list takes it several times, or with commas. Dates may be typed day first. Every
        act takes --happened-on, --learned-on, --reason and --document. With --preview nothing is
        written.

        \b
        Examples:
          transfer do exercise tr-2013
          transfer do exercise tr-2013 move-milestone --milestone transfer --to 1/6/2014
          transfer do exercise tr-2013 record-answer --staff-number S10442 --answer acknowledged
          transfer do exercise tr-2013 object --staff-number S10442 --told-to transferor
              --happened-on 28/5/2014 --preview
        """
        if act is None:
            _list_acts(kind, id_, data, as_json=as_json)
            return
        _perform(context, kind, id_, act, file, data, by, preview=preview, as_json=as_json)


# --- doing --------------------------------------------------------------------------------------


def _perform(
    context: typer.Context,
    kind: str,
    id_: str,
    name: str,
    file: Path | None,
    data: Path | None,
    by: str | None,
    *,
    preview: bool,
    as_json: bool,
) -> None:
    from transfer.app import new_id
    from transfer.commands.acts.doing import Doing, Tools, as_spelled
    from transfer.commands.acts.offered import matter_of
    from transfer.commands.matters import Asking
    from transfer.commands.office import Act
    from transfer.core.refusals import ItemRefused, SeveralRefused
    from transfer.questions.acting import done_of, previewed_act

    act = _offered(kind, name)
    body = _body(act, _given(file), context.args)
    who = by or f"transfer {'begin' if act.begins else 'do'} ({user()})"
    with at_work(settings_for(data), f"transfer {name}") as record, progress() as waiting:
        mark = record.log.rehearsal()
        body = as_spelled(record.office, body)
        doing = Doing(
            tools=Tools(record.office, record.worlds),
            act=Act(by=who, command_id=new_id()),
            asking=Asking(who, today(record), frozenset({"admin"})),
            matter=matter_of(act, body, id_),
            body=body,
            assumes=mark is not None,
            progress=lambda done, of: waiting(f"{name}: {done:,} of {of:,}"),
        )
        if preview or not act.writes:
            with naming_options():
                found = previewed_act(doing, act)
            waiting("")
            if as_json:
                say_json(found, mark)
            else:
                say_rehearsed(mark)
                _show_preview(found)
            if found.refused and not found.would_record_in_all:
                raise typer.Exit(REFUSED)
            return
        with naming_options():
            came = act.do(doing, body)
        if came.refused and not came.receipts:
            raise SeveralRefused(
                tuple(ItemRefused(n, *each) for n, each in enumerate(came.refused.items()))
            )
        waiting("")
        if came.waits_for and not came.receipts:
            if as_json:
                say_json({"kind": kind, "id": id_, "act": name, "waits_for": came.waits_for}, mark)
            else:
                say(f"Not done yet: {came.waits_for}.")
            return
        done = done_of(doing, act, came)
    if as_json:
        say_json(done, mark)
        return
    say_rehearsed(mark)
    _show_done(done)


def _offered(kind: str, name: str) -> "Offered":
    from transfer.commands.acts.offered import offered
    from transfer.core.refusals import Malformed
    from transfer.kinds import KNOWN

    kinds = [each.name for each in KNOWN.kinds]
    if kind not in kinds:
        raise Malformed(f"no kind {kind}: {', '.join(kinds)}", field="KIND")
    acts = {each.name: each for each in offered(KNOWN.kinds) if each.kind == kind}
    if name not in acts:
        raise Malformed(f"no act {name}: {', '.join(acts)}", field="ACT")
    return acts[name]


def _given(file: Path | None) -> dict[str, Any]:
    from transfer.core.refusals import Malformed

    if file is None:
        return {}
    text = sys.stdin.read() if str(file) == "-" else file.read_text()
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Malformed(f"not JSON: {error}", field="--file") from None
    if not isinstance(found, dict):
        raise Malformed("not a JSON object", field="--file")
    return found


def _body(act: "Offered", given: dict[str, Any], options: Sequence[str]) -> "ActGiven":
    """The body of an act from a file and from options, which go before it."""
    from pydantic import ValidationError

    from transfer.core.refusals import Malformed

    told: dict[str, list[str]] = {}
    for name, value in _options(options):
        told.setdefault(_field_of(act, name), []).append(value)
    content = given | {name: _value(act.body, name, values) for name, values in told.items()}
    values = content.get("values")
    if act.begins and isinstance(values, list) and content.get("document"):
        content["values"] = [
            each if not isinstance(each, dict) else {"document": content["document"]} | each
            for each in values
        ]
    try:
        return act.body.model_validate_json(json.dumps(content))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        option = f"--{where.replace('_', '-')}" if where else act.name
        fields = ", ".join(f"--{each.replace('_', '-')}" for each in act.body.model_fields)
        raise Malformed(f"{first['msg']} ({act.name} takes {fields})", field=option) from None


def _options(options: Sequence[str]) -> list[tuple[str, str]]:
    from transfer.core.refusals import Malformed

    found, waiting = [], list(options)
    while waiting:
        name = waiting.pop(0)
        if not name.startswith("--"):
            raise Malformed(f"{name} is no option: give --FIELD VALUE", field="option")
        name, equals, value = name[2:].partition("=")
        if not equals:
            if not waiting:
                raise Malformed("needs a value", field=f"--{name}")
            value = waiting.pop(0)
        found.append((name.replace("-", "_"), value))
    return found


def _field_of(act: "Offered", name: str) -> str:
    """The field that an option means: its own name, or one of a list."""
    from transfer.core.refusals import Malformed

    fields = act.body.model_fields
    short = {"staff": "staff_number"}.get(name, name)
    for each in (name, short, f"{name}s", "bodies" if name == "body" else name):
        if each in fields:
            return each
    known = ", ".join(f"--{each.replace('_', '-')}" for each in fields)
    raise Malformed(f"{act.name} takes {known}", field=f"--{name.replace('_', '-')}")


def _value(body: "type[BaseModel]", name: str, values: Sequence[str]) -> Any:
    """What options say of one field, as JSON has it: dates may be typed day first."""
    from transfer.core.dating.typed import typed_day
    from transfer.core.refusals import Malformed

    kind = str(body.model_fields[name].annotation)
    option = f"--{name.replace('_', '-')}"

    def plain(text: str) -> Any:
        if text[:1] in "[{":
            try:
                return json.loads(text)
            except ValueError as error:
                raise Malformed(f"not JSON: {error}", field=option) from None
        if "date" not in kind or name == "values":
            return text
        try:
            return typed_day(text).isoformat()
        except ValueError as error:
            raise Malformed(str(error), field=option) from None

    if name == "values":
        return [_a_value(each) if each[:1] not in "[{" else plain(each) for each in values]
    if "Mapping" in kind and all("=" in each and each[:1] not in "[{" for each in values):
        return {each.partition("=")[0]: plain(each.partition("=")[2]) for each in values}
    if "tuple[" in kind and all(each[:1] != "[" for each in values):
        return [part for each in values for part in _parts(name, each)]
    if len(values) > 1:
        raise Malformed("given more than once", field=option)
    return plain(values[0])


def _parts(name: str, text: str) -> list[str]:
    """Staff numbers and routes hold no comma; names of bodies may."""
    commas = name in ("staff_numbers", "routes", "representatives")
    return [part.strip() for part in text.split(",")] if commas else [text]


def _a_value(text: str) -> dict[str, str]:
    key, equals, value = text.partition("=")
    from transfer.core.refusals import Malformed

    if not equals:
        raise Malformed("give CLAUSE=VALUE or CLAUSE@TRANSFEROR=VALUE", field="--value")
    clause, _, transferor = key.partition("@")
    found = {"clause": clause, "value": _dated(value)}
    return found | ({"transferor": transferor} if transferor else {})


def _dated(value: str) -> str:
    """A date that was typed day first, as it is written elsewhere; any other value as it is."""
    from transfer.core.dating.typed import typed_day

    try:
        return typed_day(value).isoformat()
    except ValueError:
        return value


# --- telling ------------------------------------------------------------------------------------


def _list_acts(kind: str, id_: str, data: Path | None, *, as_json: bool) -> None:
    from transfer.questions.procedures import Looking
    from transfer.questions.what_may_be_done import acts_of

    with at_work(settings_for(data), "transfer do") as record:
        mark = record.log.rehearsal()
        looking = Looking(record.office, record.worlds, _now(record))
        with record.log.connection() as conn:
            found = acts_of(looking, conn, kind, id_)
    if as_json:
        say_json(found, mark)
        return
    say_rehearsed(mark)
    _show_acts(found)


def _show_acts(found: "ActsOffered") -> None:
    now = [
        (each.act, each.says, " ".join(f"--{name.replace('_', '-')}" for name in each.required))
        for each in found.acts
        if each.may_be_done
    ]
    say_table("may be done now", ("act", "to", "needs"), now)
    later = [
        (each.act, (each.stands_in_the_way or "") + (f" ({each.clause})" if each.clause else ""))
        for each in found.acts
        if not each.may_be_done
    ]
    if later:
        say_table("not now", ("act", "because"), later)


def _show(shown: "ProcedureShown") -> None:
    say(shown.says)
    if shown.held:
        say("It is held: the clock takes no steps.")
    if shown.counts:
        say(", ".join(f"{name.replace('_', ' ')} {n}" for name, n in shown.counts.items()))
    say()
    if shown.groups:
        groups = [
            (g.group, str(g.people), _day(g.letters_on), g.next_step or "", _day(g.next_on))
            for g in shown.groups
        ]
        say_table("groups", ("group", "people", "letters", "next", "on"), groups)
    waits: dict[tuple[str, ...], list[str]] = {}
    for w in shown.waits_for:
        of = (_day(w.due_on), w.what, w.about, w.owner, w.clause or "")
        waits.setdefault(of, []).append(w.staff_number or "")
    if waits:
        rows = [(*of, _some(whose)) for of, whose in waits.items()]
        say_first("waits for", ("by", "what", "about", "from", "clause", "staff"), rows)
    refused = [
        (r.step, str(r.people), "; ".join(r.reasons), " ".join(r.clauses)) for r in shown.refused
    ]
    if refused:
        say_first("refused", ("step", "people", "because", "clauses"), refused)
    settle = [
        (str(d.duty), d.staff_number or "", d.step, d.decided_on.isoformat(), d.because_of)
        for d in shown.to_settle
    ]
    if settle:
        say_first("to settle", ("duty", "staff", "step", "of", "because of"), settle)
    approve = [
        (a.step, a.group or "", a.staff_number or "", a.by_law_on.isoformat(), a.proposed_by)
        for a in shown.to_approve
    ]
    if approve:
        say_first("to approve", ("step", "group", "staff", "by law on", "proposed by"), approve)


def _show_done(done: "ActDone") -> None:
    if done.wrote:
        say(f"Done: {done.wrote:,} facts on record at {_instant(done)}.")
    else:
        say("Nothing written: it was done already.")
    _show_says(done.says)
    _show_refused(done.refused, done.refused_in_all)
    for each in done.to_settle:
        say(
            f"To settle: {each.step} of {each.decided_on} of {each.staff_number or 'the whole'} "
            f"({each.duty}), because of {each.because_of}"
        )


def _instant(done: "ActDone") -> str:
    from transfer.core.dating.instants import print_instant

    return print_instant(done.recorded_at)


def _show_preview(found: "ActPreview") -> None:
    rows = [
        (each.staff_number or "", each.happened_on.isoformat(), each.sentence, each.clause or "")
        for each in found.would_record
    ]
    if rows:
        say_first("would be on record", ("staff", "on", "what", "clause"), rows)
    if found.missing:
        say_table(
            "missing",
            ("clause", "needs"),
            [(" ".join(each.clauses), each.reason) for each in found.missing],
        )
    _show_says(found.says)
    _show_refused(found.refused, found.refused_in_all)
    due = [
        (each.staff_number, each.what, _day(each.before), _day(each.after), each.owner)
        for each in found.deadlines
    ]
    if due:
        say_first("would be due otherwise", ("staff", "what", "before", "after", "from"), due)
    values = [
        (
            each.staff_number,
            each.name,
            _day(each.effective_from),
            each.before or "",
            each.after or "",
        )
        for each in found.values
    ]
    if values:
        say_first("would read otherwise", ("staff", "what", "from", "before", "after"), values)
    for each in found.to_settle:
        say(f"Would have to be settled: {each.step} of {each.decided_on} of {each.staff_number}")
    if found.waits_for:
        say(f"Would wait: {found.waits_for}.")
    say("Nothing written (as asked).")


def _show_refused(refused: "Sequence[PersonRefused]", in_all: int) -> None:
    if refused:
        rows = [(r.staff_number or "", r.reason, " ".join(r.clauses)) for r in refused]
        say_first(f"{in_all:,} refused", ("staff", "because", "clauses"), rows)


def _show_says(says: Mapping[str, Any]) -> None:
    plan = says.get("plan")
    if plan and "milestones" not in plan:
        _show_steps(plan)
    elif plan:
        days = [(name, day) for name, day in plan["milestones"].items()]
        say_table("days of the plan", ("milestone", "on"), days)
        latest = [
            (each["path"], each["on"] or "no day fits", each["because"], each["clause"] or "")
            for each in plan["latest"]
        ]
        say_table("latest day of letters", ("path", "on", "else", "clause"), latest)
        collisions = [
            (each["who"], each["what"], each["first_on"], each["second_on"], each["clause"])
            for each in plan["collisions"]
        ]
        if collisions:
            say_table("collisions", ("path", "what", "first", "second", "clause"), collisions)
    for name, listed in says.items():
        if name == "plan" or not listed:
            continue
        if isinstance(listed, list) and isinstance(listed[0], dict):
            columns = tuple(listed[0])
            rows = [tuple(_cell(each.get(c)) for c in columns) for each in listed]
            say_first(name.replace("_", " "), columns, rows)
        else:
            say(f"{name.replace('_', ' ')}: {_cell(listed)}")


def _show_steps(plan: Mapping[str, Any]) -> None:
    """By when each step has to be done, and what falls due later."""
    steps = [
        (
            each.get("staff_number") or "",
            " ".join(filter(None, (each["step"], each.get("about")))),
            each["on"] or (f"before {each['before']}" if each.get("before") else "no day"),
            "too late" if each["too_late"] else "",
            each["owner"],
            each["clause"] or "",
        )
        for each in plan["latest"]
    ]
    if steps:
        say_table("latest day of each step", ("staff", "step", "on", "", "from", "clause"), steps)
        possible = "yes" if plan["possible_from_today"] else "no"
        say(f"possible on {plan['judged_on']}: {possible}")
    later = [(each["step"], " or ".join(each["once"])) for each in plan["depends"]]
    if later:
        say_table("falls due later", ("step", "once this is on record"), later)
    unknown = [(each["clause"], each["document_needed"]) for each in plan["missing"]]
    if unknown:
        say_table("not known", ("clause", "document needed"), unknown)


def _some(whose: Sequence[str]) -> str:
    """Whose something is: the first few, and how many besides."""
    named = ", ".join(whose[:_NAMED])
    return named if len(whose) <= _NAMED else f"{named} and {len(whose) - _NAMED:,} more"


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_cell(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {_cell(each)}" for name, each in value.items())
    return "" if value is None else str(value)


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _kind_and_id(which: str) -> tuple[str, str]:
    from transfer.core.refusals import Malformed

    kind, sign, id_ = which.replace(":", "/", 1).partition("/")
    if not sign or not id_:
        raise Malformed("name a kind and an id, such as exercise/tr-2013", field="KIND/ID")
    return kind, id_


def _now(record: "Record") -> datetime:
    """The record's own now, which a practised record has of its own."""
    return record.log.clock.read().now
