"""transfer rulebook: the editions, or one of them with all that it says and does not know."""

from typing import TYPE_CHECKING, Annotated

import typer

from transfer.cli.common import AsJson, Data, say, say_json, say_table

if TYPE_CHECKING:
    from transfer.rulebooks import Rulebook
    from transfer.rulebooks.parts import Clause


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def rulebook(
        edition: Annotated[
            str | None, typer.Argument(metavar="EDITION", help="Which one to show.")
        ] = None,
        data: Data = None,  # noqa: ARG001 - every command takes it; rulebooks are the program's own
        as_json: AsJson = False,
    ) -> None:
        """List the rulebooks, or show one: its clauses, values, sources and confidence.

        Confidence: S a source says so, G general law or practice, I inferred, X looked for and not
        found.

        \b
        Examples:
          transfer rulebook
          transfer rulebook tr-2013
          transfer rulebook tr-2013 --json
        """
        from transfer.rulebooks import RULEBOOKS
        from transfer.rulebooks import rulebook as find

        if edition is not None:
            found = find(edition)
            if as_json:
                say_json({**found.model_dump(mode="json"), "sha256": found.digest()})
            else:
                _show(found)
            return
        if as_json:
            say_json({"rulebooks": [_summary(each) for each in RULEBOOKS.values()]})
            return
        rows = [
            (each.edition, each.title, each.mechanism.value, str(len(each.clauses)))
            for each in RULEBOOKS.values()
        ]
        say_table("Rulebooks", ("edition", "title", "mechanism", "clauses"), rows)


def _summary(book: "Rulebook") -> dict[str, object]:
    return {
        "edition": book.edition,
        "title": book.title,
        "mechanism": book.mechanism.value,
        "clauses": len(book.clauses),
        "needs": [clause.id for clause in book.needs()],
        "sha256": book.digest(),
    }


def _show(book: "Rulebook") -> None:
    from transfer.rulebooks import print_value

    say(f"{book.edition}: {book.title}")
    say(f"Mechanism {book.mechanism.value} ({book.mechanism_clause}). Calendar {book.calendar}.")
    say(f"SHA-256 {book.digest()}")
    say()
    rows = [
        (
            clause.id,
            clause.title,
            print_value(clause.value) if clause.value is not None else _unknown(clause),
            clause.confidence.value,
            "; ".join(clause.sources),
        )
        for clause in book.clauses
    ]
    say_table("Clauses", ("clause", "title", "value", "conf.", "sources"), rows)
    milestones = [
        (each.name.value, each.on.isoformat(), each.announced_on.isoformat(), each.clause)
        for each in book.milestones
    ]
    say_table("Milestones", ("milestone", "day", "announced", "clause"), milestones)
    needed = book.needs()
    if needed:
        say("An exercise cannot open before these are supplied, with the document they come from:")
        for clause in needed:
            say(f"  {clause.id}  {clause.title}: {clause.document_needed}")


def _unknown(clause: "Clause") -> str:
    return f"unknown: {clause.unknown_because}" if clause.unknown_because else ""
