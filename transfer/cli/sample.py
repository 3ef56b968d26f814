"""transfer sample: a made-up staff return to rehearse with, or a made-up history to import."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from transfer.cli.common import AsJson, Data, say_json, warn
from transfer.core.refusals import Malformed

_PEOPLE = 100


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def sample(
        trust: Annotated[
            str | None, typer.Argument(metavar="TRUST|all", help="A Trust of 2013 by name or code.")
        ] = None,
        seed: Annotated[int, typer.Option(help="The same seed gives the same file.")] = 2013,
        people: Annotated[
            int | None,
            typer.Option(min=1, help="How many people [default: the Trust's assumed number]."),
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
        data: Data = None,  # noqa: ARG001 - every command takes it; a sample is nobody's record
        as_json: AsJson = False,
    ) -> None:
        """Write a staff return of invented people, for rehearsals and trials.

        How many people a Trust has and how they are shared out is assumed; the national total of
        about 16,600 is published.

        \b
        Examples:
          transfer sample "London" --output london.csv
          transfer sample all --seed 7 > everybody.csv
          transfer sample --history 13 --people 1000 --output history.ndjson
        """
        from transfer.imports.staff_return import sample_return

        if as_json and output is None:
            raise Malformed("is needed with --json", field="--output")
        if (trust is None) == (history is None):
            raise Malformed("name a Trust (or all), or ask for a --history", field="TRUST")
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
