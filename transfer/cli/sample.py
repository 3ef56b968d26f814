"""transfer sample: a made-up staff return, to rehearse with."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from transfer.cli.common import AsJson, Data, say_json, warn
from transfer.core.refusals import Malformed


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def sample(
        trust: Annotated[
            str, typer.Argument(metavar="TRUST|all", help="A Trust of 2013 by name or code.")
        ],
        seed: Annotated[int, typer.Option(help="The same seed gives the same file.")] = 2013,
        people: Annotated[
            int | None,
            typer.Option(min=1, help="How many people [default: the Trust's assumed number]."),
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
        """
        from transfer.staff_return import sample_return

        if as_json and output is None:
            raise Malformed("is needed with --json", field="--output")
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
