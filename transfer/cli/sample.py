"""transfer sample: a made-up staff return to rehearse with, or a made-up history to import."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from transfer.cli.common import AsJson, Data, say_json, warn
from transfer.cli.editions import edition_named
from transfer.core.refusals import Malformed

if TYPE_CHECKING:
    from transfer.rulebooks import Rulebook

_PEOPLE = 100


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def sample(
        trust: Annotated[
            str | None, typer.Argument(metavar="TRUST|all", help="A Trust of 2013 by name or code.")
        ] = None,
        rulebook: Annotated[
            str | None,
            typer.Option(
                metavar="EDITION",
                help="Instead of a Trust: a return for this edition of a rulebook, or its file.",
            ),
        ] = None,
        seed: Annotated[int, typer.Option(help="The same seed gives the same file.")] = 2013,
        people: Annotated[
            int | None,
            typer.Option(
                min=1, help="How many people [default: the Trust's assumed number; else 100]."
            ),
        ] = None,
        history: Annotated[
            int | None,
            typer.Option(
                min=1,
                metavar="LINES",
                help="Instead of a staff return, a history of an older system: so many lines a "
                "person, as CSV, or as NDJSON where the file is named so.",
            ),
        ] = None,
        output: Annotated[
            Path | None,
            typer.Option(metavar="FILE.csv", help="Where to write it [default: standard output]."),
        ] = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Write a staff return of invented people, for rehearsals and trials.

        How many people a Trust has and how they are shared out is assumed; the national total of
        about 16,600 is published. With --rulebook the people are those of the edition's
        transferors, with its columns of evidence, so that every route of it is somebody's as far
        as that can be; what is shared out how, and what was assumed, is told.

        \b
        Examples:
          transfer sample "London" --output london.csv
          transfer sample all --seed 7 > everybody.csv
          transfer sample --rulebook moor-2027 --people 50 --output staff.csv
          transfer sample --history 13 --people 1000 --output history.ndjson
        """
        from transfer.imports.staff_return import sample_return

        if as_json and output is None:
            raise Malformed("is needed with --json", field="--output")
        if [trust, rulebook, history].count(None) != 2:
            raise Malformed(
                "name a Trust (or all), or a --rulebook, or ask for a --history", field="TRUST"
            )
        if rulebook is not None:
            book = edition_named(rulebook, data)
            _sample_edition(book, people or _PEOPLE, seed, output, as_json=as_json)
            return
        if trust is None:
            _sample_history(people or _PEOPLE, history or 1, seed, output, as_json=as_json)
            return
        content = sample_return("all" if trust == "all" else [trust], seed=seed, people=people)
        rows = content.count(b"\r\n") - 1
        if output is None:
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
            return
        output.write_bytes(content)
        if as_json:
            say_json({"file": str(output), "rows": rows, "seed": seed})
        else:
            warn(f"{rows:,} invented people in {output}")


def _sample_edition(
    book: "Rulebook", people: int, seed: int, output: Path | None, *, as_json: bool
) -> None:
    from transfer.imports.staff_return.invented import invented_return

    made = invented_return(book, people=people, seed=seed)
    if output is None:
        sys.stdout.buffer.write(made.content)
        sys.stdout.buffer.flush()
    else:
        output.write_bytes(made.content)
    if as_json:
        say_json(
            {
                "file": str(output),
                "rows": made.people,
                "seed": seed,
                "rulebook": book.edition,
                "transferors": made.transferors,
                "shared_out": made.shares,
                "routes_of_nobody": list(made.unreached),
            }
        )
        return
    where = "" if output is None else f" in {output}"
    warn(f"{made.people:,} invented people{where}")
    bodies = "1 transferor" if made.transferors == 1 else f"{made.transferors} transferors"
    warn(f"{bodies} of {book.edition}; people are shared out {made.shares}")
    if made.unreached:
        warn(f"No route of theirs: {', '.join(made.unreached)}; more --people may reach it")


def _sample_history(
    people: int, lines_each: int, seed: int, output: Path | None, *, as_json: bool
) -> None:
    from transfer.imports.history.sample import as_csv, as_ndjson, sample_history

    lines = sample_history(people, lines_each, seed=seed)
    is_csv = output is None or output.suffix.lower() not in (".ndjson", ".jsonl")
    written = as_csv(lines) if is_csv else as_ndjson(lines)
    if output is None:
        sys.stdout.writelines(written)
        return
    with output.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(written)
    rows = people * lines_each
    if as_json:
        say_json({"file": str(output), "rows": rows, "seed": seed})
    else:
        warn(f"{rows:,} acts of {people:,} invented people in {output}")
