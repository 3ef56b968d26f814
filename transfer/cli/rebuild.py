"""transfer rebuild: read models made again from the log, and compared with what they were."""

from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from transfer.cli.common import (
    REFUSED,
    AsJson,
    Data,
    at_work,
    progress,
    say_json,
    say_table,
    settings_for,
)
from transfer.core.refusals import Malformed


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """One projection made again, whether it is as it was, and the digest of its rows now."""

    projection: str
    same: bool
    digest: str


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def rebuild(
        projection: Annotated[
            str | None, typer.Argument(metavar="PROJECTION", help="Which one; all, if left out.")
        ] = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Make projections again from the log, and compare them with what they were.

        Exit code 1 where one differs: then what it answered before was wrong.

        \b
        Examples:
          transfer rebuild
          transfer rebuild position --json
        """
        from projections.runner import digest

        found: list[Rebuilt] = []
        with at_work(settings_for(data), "transfer rebuild") as record, progress() as waiting:
            known = [each.name for each in record.projections]
            if projection is not None and projection not in known:
                raise Malformed(f"{projection!r} is none of {', '.join(known)}", field="PROJECTION")
            for each in record.projections:
                if projection not in (None, each.name):
                    continue
                waiting(f"rebuilding {each.name}")
                with record.log.connection() as conn:
                    before = digest(conn, each)
                record.runner.rebuild(each.name)
                with record.log.connection() as conn:
                    after = digest(conn, each)
                found.append(Rebuilt(each.name, before == after, after))
        if as_json:
            say_json({"projections": [asdict(each) for each in found]})
        else:
            rows = [
                (each.projection, "the same" if each.same else "DIFFERS", each.digest)
                for each in found
            ]
            say_table("Rebuilt", ("projection", "compared", "digest"), rows)
        if not all(each.same for each in found):
            raise typer.Exit(REFUSED)
