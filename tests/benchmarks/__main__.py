"""The benchmarks: our figure, a baseline's in the same run, and their ratio.

    python -m tests.benchmarks [--quick] [--json] [--only NAME]

docs/performance.md says what each line means.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks import (
    appends,
    catching_up,
    growth,
    headcount,
    layouts,
    over_http,
    pages,
    peer_stores,
    positions,
    versions,
)
from tests.benchmarks.figures import Figure
from tests.benchmarks.measuring import Line
from tests.benchmarks.scene import FULL, QUICK, Layout, Scene, Sizes, open_scene

FAMILIES: dict[str, Callable[[Scene], Iterator[Line]]] = {
    "position": positions.lines,
    "versions": versions.lines,
    "http": over_http.lines,
    "reach": over_http.out_of_reach,
    "pages": pages.lines,
    "headcount": headcount.lines,
    "append": appends.one_at_a_time,
    "writers": appends.eight_writers,
    "peers": peer_stores.lines,
    "bulk": appends.in_bulk,
    "catch-up": catching_up.lines,
}
BY_NAME_ALONE: dict[str, Callable[[Scene], Iterator[Line]]] = {
    "growth": growth.lines,
    "layouts": layouts.lines,
}
"""Families that take as long again as all others."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the families that were asked for; 0 also where targets are missed."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    sizes = _sizes(asked)
    if len(sizes.growth.people) < 2:
        parser.error("--people-up-to leaves no two sizes: how cost grows takes two")
    found: list[Line] = []
    # Where JSON is asked for, progress is not shown unless somebody looks on.
    say = _say if sys.stderr.isatty() or not asked.json else _say_nothing
    with open_scene(sizes, say) as scene:
        for name in asked.only or FAMILIES:
            say(name)
            found += {**FAMILIES, **BY_NAME_ALONE}[name](scene)
        if not asked.only:
            scene.skip("growth: how cost grows, some ten minutes, only with --only growth")
            scene.skip("layouts: several processes with roles, only with --only layouts")
        remarks = scene.remarks
    if asked.json:
        sys.stdout.write(json.dumps([line.told() for line in found], indent=1) + "\n")
    else:
        _print_figures(scene.figures)
        _print(found, remarks, _title(asked, sizes))
    return 0


def _sizes(asked: argparse.Namespace) -> Sizes:
    sizes = QUICK if asked.quick else FULL
    of_growth = sizes.growth
    if asked.people_up_to is not None:
        people = tuple(each for each in of_growth.people if each <= asked.people_up_to)
        of_growth = replace(of_growth, people=people)
    if asked.plots is not None:
        of_growth = replace(of_growth, folder=asked.plots)
    of_layouts = replace(sizes.layouts, layouts=tuple(asked.layout or ()))
    return replace(sizes, growth=of_growth, layouts=of_layouts)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--quick",
        action="store_true",
        help=f"{QUICK.people.rows:,} rows of position and few rounds, in under a minute",
    )
    parser.add_argument("--json", action="store_true", help="one JSON list instead of the table")
    parser.add_argument(
        "--only",
        action="append",
        choices=[*FAMILIES, *BY_NAME_ALONE],
        metavar="NAME",
        help=f"one family, and again for another: {', '.join([*FAMILIES, *BY_NAME_ALONE])}",
    )
    parser.add_argument(
        "--layout",
        action="append",
        type=Layout.of,
        metavar="ROLE=N,ROLE=N",
        help="for layouts: how many processes there are of each role, and again for another layout "
        f"({'; '.join(map(str, layouts.LAYOUTS))})",
    )
    parser.add_argument(
        "--people-up-to",
        type=int,
        metavar="N",
        help="for growth: no more people than these (a million takes 9 GB of disk)",
    )
    parser.add_argument(
        "--plots",
        type=Path,
        metavar="FOLDER",
        help=f"for growth: where its numbers and pictures go ({FULL.growth.folder}; of a quick run "
        f"{QUICK.growth.folder}); pictures need matplotlib: .venv/bin/python -m pip install -e "
        "'.[plots]'",
    )
    return parser


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()


def _say_nothing(_what: str) -> None:
    """Nobody wants to know."""


def _print_figures(figures: Sequence[Figure]) -> None:
    console = Console(width=None if sys.stdout.isatty() else 160)
    for figure in figures:
        table = Table(title=f"{figure.title}: {figure.cost}", title_justify="left")
        table.add_column(figure.size, justify="right")
        for curve in figure.curves:
            table.add_column(curve.name, justify="right")
        if figure.rates:
            table.add_column(f"{figure.size}/s", justify="right")
        for n, (size, _) in enumerate(figure.curves[0].points):
            costs = [curve.points[n][1] for curve in figure.curves]
            table.add_row(f"{size:,.0f}", *map(_figure, [*costs, *figure.rates[n : n + 1]]))
        table.add_section()
        table.add_row("power", *(_power(curve.exponent) for curve in figure.curves))
        table.add_row("last three", *(_power(curve.late_exponent) for curve in figure.curves))
        console.print(table)


def _title(asked: argparse.Namespace, sizes: Sizes) -> str:
    run = "Quick run" if asked.quick else "Full run"
    people = sizes.people
    if asked.only and not FAMILIES.keys() & set(asked.only):
        about = ": powers of the size, where linear is 1" if "growth" in asked.only else ""
        return f"{run}, {os.cpu_count()} processors{about}"
    return (
        f"{run}: {people.people:,} people, {people.rows:,} rows of position, "
        f"{os.cpu_count()} processors"
    )


def _power(exponent: float | None) -> str:
    return "" if exponent is None else f"{exponent:.2f}"


def _print(found: Sequence[Line], remarks: Sequence[str], title: str) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("work")
    for heading in ("ours", "baseline"):
        table.add_column(heading, justify="right")
    table.add_column("unit")
    for heading in ("ratio", "target"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for line in found:
        told = line.told()
        table.add_row(
            told["name"],
            _figure(told["ours"]),
            _figure(told["baseline"]),
            told["unit"],
            f"{told['ratio']:.3g}",
            told["target"],
            "met" if told["met"] else "MISSED",
        )
    for what in remarks:
        table.add_row(what)
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    missed = sum(not line.is_met for line in found)
    console.print(f"{len(found) - missed} targets met, {missed} missed.")


def _figure(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 1000 else f"{figure:.4g}"


if __name__ == "__main__":
    sys.exit(main())
