"""transfer what-if: what would have come of a procedure under other rules."""

from typing import TYPE_CHECKING, Annotated

import typer

from transfer.cli.common import (
    AsJson,
    Data,
    Known,
    an_instant,
    at_work,
    naming_options,
    progress,
    say,
    say_json,
    say_labelled,
    say_rehearsed,
    say_wrapped,
    settings_for,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer.questions.what_if import AnswerSupposed, DecisionSupposed, WhatIf


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("what-if")
    def what_if(
        kind: Annotated[str, typer.Argument(metavar="KIND", help="exercise, claim-window, …")],
        id_: Annotated[str, typer.Argument(metavar="ID", help="Which one.")],
        rulebook: Annotated[
            str | None, typer.Option(metavar="EDITION", help="Under this edition.")
        ] = None,
        value: Annotated[
            list[str] | None,
            typer.Option(
                metavar="CLAUSE=VALUE",
                help="With this value; CLAUSE@TRANSFEROR=VALUE for one transferor alone.",
            ),
        ] = None,
        without: Annotated[
            list[str] | None,
            typer.Option(
                metavar="ASSERTION", help="As if this assertion did not hold: assertion:ID/NAME."
            ),
        ] = None,
        known: Known = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """What would have come of a procedure under another edition, with another value, or without
        what one side asserts. Nothing is written.

        Every decision on record is made again, as it is and as supposed. Shown is what differs: of
        the procedure as a whole, then of each person.

        \b
        Examples:
          transfer what-if exercise tr-2013 --value TR-11b=15wd
          transfer what-if exercise tr-2013 --rulebook my-edition --json
          transfer what-if exercise tr-2013 --without assertion:post-of-london/1
          transfer what-if claim-window S10442.1 --value EC-02-six-weeks=12w --known 1/12/2025
        """
        from transfer.questions.procedures import Looking
        from transfer.questions.what_if import Supposed, of_everybody

        asked = an_instant(known, "--known")
        with at_work(settings_for(data), "transfer what-if") as record:
            now = record.log.clock.read().now
            looking = Looking(record.office, record.worlds, now if asked is None else asked)
            supposed = Supposed(rulebook, value or (), without or ())
            with naming_options(), progress() as tell:
                found = of_everybody(looking, looking.kind(kind), id_, supposed, tell)
            mark = record.log.rehearsal()
        if as_json:
            say_json(found, mark)
            return
        say_rehearsed(mark)
        _show(found)


def _show(found: "WhatIf") -> None:
    supposed = [*found.values, *(f"without {each}" for each in found.without)]
    under = ", ".join([f"under {found.rulebook}", *supposed])
    say_wrapped(
        f"{found.procedure}, {under}: {found.differ} of {found.judged} people would fare otherwise"
    )
    for each in found.passed_over:
        say_wrapped(f"Without its value {each}: {found.rulebook} has no place for it.")
    for total in found.totals:
        say_labelled(total.act, f"otherwise for {total.people}")
    if found.decisions or found.answers:
        say()
        say("The procedure as a whole")
        _differences(found.decisions, found.answers)
    for person in found.items:
        say()
        say(person.staff_number)
        _differences(person.decisions, person.answers)


def _differences(
    decisions: "Sequence[DecisionSupposed]", answers: "Sequence[AnswerSupposed]"
) -> None:
    for each in decisions:
        say_labelled(each.act, _when(each))
        say_labelled("now", "; ".join(each.now) or "not made")
        say_labelled("supposed", _supposed(each))
        for field in each.fields:
            say_labelled("field", f"{field.name}: {field.now} → {field.supposed}")
    for answer in answers:
        say_labelled("asked", answer.question)
        for name in answer.now or answer.supposed or {}:
            now = None if answer.now is None else answer.now[name]
            then = None if answer.supposed is None else answer.supposed[name]
            say_labelled("field", f"{name}: {now} → {then}")


def _when(each: "DecisionSupposed") -> str:
    if each.supposed_on in (None, each.decided_on):
        return f"of {each.decided_on}"
    return f"of {each.decided_on}, as supposed of {each.supposed_on}"


def _supposed(each: "DecisionSupposed") -> str:
    if each.refused is not None:
        return f"refused: {' '.join((*each.clauses, each.refused))}"
    return "; ".join(each.supposed) or "not made, or not yet"
