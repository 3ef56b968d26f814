"""`transfer scenario`: play files of people, dated acts and right answers; say what differs."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from transfer.cli.common import REFUSED, USAGE, AsJson, Data, progress, say, say_json, warn
from transfer.cli.editions import edition_named

if TYPE_CHECKING:
    from transfer.rulebooks import Rulebook
    from transfer.scenarios.playing import Answered, Played
    from transfer.scenarios.reading import FaultyScenario, Scenario


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def scenario(
        files: Annotated[
            list[Path], typer.Argument(metavar="FILE…", help="Scenario files (TOML).")
        ],
        engines: Annotated[
            bool,
            typer.Option(
                "--engines",
                help="Play on simulated time through PostgreSQL and Temporal, which takes some "
                "seconds a file. Without it the same commands run in memory, which takes a moment.",
            ),
        ] = False,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """Play scenarios: given people and dated acts, whether the answers are as the file says.

        A file names an edition, people with their positions and evidence, acts with the days on
        which they happened and were learned, and the right answers: positions, deadlines, what a
        procedure waits for, who goes where and why, refusals with their clause, what needs a
        document, what rests on an assumption. The format is described in docs/scenarios.md. Nothing
        is written to the data folder: editions that were added to it can be named, that is all.

        Exit codes: 0 every answer is as said, 1 something differs, 2 a file is faulty.

        \b
        Examples:
          transfer scenario christmas.toml
          transfer scenario scenarios/*.toml --json
          transfer scenario christmas.toml --engines
        """
        raise typer.Exit(_play_all(files, engines, data, as_json))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one file."""

    name: str
    played: "Played | None" = None
    faulty: "FaultyScenario | None" = None


def _play_all(files: list[Path], engines: bool, data: Path | None, as_json: bool) -> int:
    from transfer.scenarios.reading import FaultyScenario, read_scenario

    outcomes: list[_Outcome] = []
    with progress() as tell:
        for each in files:
            tell(each.name)
            try:
                read = read_scenario(each.read_bytes(), _editions(each, data))
            except FaultyScenario as faulty:
                outcomes.append(_Outcome(str(each), faulty=faulty))
            else:
                outcomes.append(_Outcome(str(each), played=_played(read, engines, tell)))
        tell("")
    if as_json:
        say_json(_document(outcomes, engines))
    else:
        _say(outcomes)
    if any(each.faulty for each in outcomes):
        return USAGE
    return REFUSED if any(each.played and each.played.differs for each in outcomes) else 0


def _editions(file: Path, data: Path | None) -> "Callable[[str], Rulebook]":
    """Finds an edition: by its file, as seen from the scenario's own, or by its name."""

    def find(name: str) -> "Rulebook":
        return edition_named(str(file.parent / name) if name.endswith(".toml") else name, data)

    return find


def _played(read: "Scenario", engines: bool, tell: Callable[[str], None]) -> "Played":
    if engines:
        from transfer.scenarios.with_engines import play_with_engines

        return play_with_engines(read, tell)
    from transfer.scenarios.alone import play_alone

    return play_alone(read)


# --- telling ------------------------------------------------------------------------------------


def _say(outcomes: list[_Outcome]) -> None:
    for each in outcomes:
        if each.faulty is not None:
            for fault in each.faulty.faults:
                warn(f"{each.name}, {fault}")
        elif each.played is not None:
            _say_played(each.name, each.played)


def _say_played(name: str, played: "Played") -> None:
    count = len(played.answers)
    if not played.differs:
        say(f"{name}: {played.title}: all {count} answers are as they should be")
        return
    say(f"{name}: {played.title}: {len(played.differs)} of {count} answers differ")
    for answer in played.differs:
        say(f"  line {answer.line}, {answer.on}, {answer.about}: {answer.question}")
        say(f"    should be  {_in_words(answer.expected)}")
        say(f"    is         {_in_words(answer.found)}")


def _in_words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _document(outcomes: list[_Outcome], engines: bool) -> dict[str, Any]:
    return {
        "played_on": "engines" if engines else "memory",
        "holds": not any(o.faulty or (o.played and o.played.differs) for o in outcomes),
        "scenarios": [_of_one(each) for each in outcomes],
    }


def _of_one(outcome: _Outcome) -> dict[str, Any]:
    faults = outcome.faulty.faults if outcome.faulty else ()
    found: dict[str, Any] = {
        "file": outcome.name,
        "faults": [{"line": it.line, "field": it.field, "reason": it.reason} for it in faults],
    }
    if outcome.played is not None:
        found |= {
            "scenario": outcome.played.title,
            "edition": outcome.played.edition,
            "holds": not outcome.played.differs,
            "answers": [_answer(each) for each in outcome.played.answers],
        }
    return found


def _answer(answer: "Answered") -> dict[str, Any]:
    return {
        "line": answer.line,
        "on": answer.on.isoformat(),
        "about": answer.about,
        "question": answer.question,
        "holds": answer.holds,
        "expected": answer.expected,
        "found": answer.found,
    }
