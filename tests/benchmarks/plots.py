"""Draws the figures of growing cost: numbers as JSON, pictures as SVG, readable in black and white.

    python -m tests.benchmarks.plots FOLDER      draws again what the JSON in a folder says

Drawing needs matplotlib (`.venv/bin/python -m pip install -e '.[plots]'`). The same numbers give
the same bytes.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from io import StringIO
from math import log
from pathlib import Path

from tests.benchmarks.figures import CurveTold, Figure, FigureTold, Reference

NEEDED = "plots not drawn: they need matplotlib, see python -m tests.benchmarks.plots --help"

_Stroke = str | tuple[int, tuple[int, ...]]

_LINES: tuple[_Stroke, ...] = ("-", "--", "-.", (0, (5, 1, 1, 1, 1, 1)))
_REFERENCE_LINES: tuple[_Stroke, ...] = (":", (0, (1, 4)))
_MARKERS = ("o", "s", "^", "D")


def keep_figures(figures: Iterable[Figure], folder: Path) -> str | None:
    """Write the numbers of figures, and their pictures; what is missing, if matplotlib is."""
    folder.mkdir(parents=True, exist_ok=True)
    for figure in figures:
        path = folder / f"{figure.name}.json"
        path.write_text(json.dumps(figure.told(), indent=1) + "\n", encoding="utf-8")
    try:
        draw_folder(folder, [figure.name for figure in figures])
    except ModuleNotFoundError as error:
        if error.name != "matplotlib":
            raise
        return NEEDED
    return None


def draw_folder(folder: Path, names: Sequence[str] | None = None) -> list[Path]:
    """Draw the figures of a folder from their JSON: those named, or all."""
    drawn = []
    for path in sorted(folder.glob("*.json")):
        if names is None or path.stem in names:
            drawn.append(path.with_suffix(".svg"))
            drawn[-1].write_text(draw(json.loads(path.read_text("utf-8"))), encoding="utf-8")
    return drawn


def draw(told: FigureTold) -> str:
    """A figure as SVG, on logarithmic axes. Raises `ModuleNotFoundError` without matplotlib."""
    # What it keeps between runs stays in the checkout.
    os.environ.setdefault("MPLCONFIGDIR", str(Path(".transfer/matplotlib").absolute()))
    from matplotlib import rc_context
    from matplotlib.figure import Figure as Canvas
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    with rc_context(
        {
            "svg.fonttype": "none",  # text stays text
            "svg.hashsalt": "transfer",  # else ids differ from run to run
            "legend.fontsize": "small",
            "font.sans-serif": ["DejaVu Sans", "Arial", "sans-serif"],
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    ):
        canvas = Canvas(figsize=(8, 4.8), layout="constrained")
        axes = canvas.add_subplot(xscale="log", yscale="log")
        axes.set_title(told["title"][0].upper() + told["title"][1:], loc="left")
        axes.set_xlabel(told["size"])
        axes.set_ylabel(told["cost"])
        ours = [curve for curve in told["curves"] if not curve["is_baseline"]]
        baselines = [curve for curve in told["curves"] if curve["is_baseline"]]
        for curve, line, marker in zip(ours, _LINES, _MARKERS, strict=False):
            axes.plot(
                *_columns(curve), linestyle=line, marker=marker, color="black", label=_label(curve)
            )
        for curve, line, marker in zip(baselines, _LINES, _MARKERS, strict=False):
            axes.plot(
                *_columns(curve),
                linestyle=line,
                marker=marker,
                color="0.5",
                markerfacecolor="white",
                label=f"baseline: {_label(curve)}",
            )
        for reference, line in zip(told["references"], _REFERENCE_LINES, strict=False):
            sizes, costs = _reference(reference, ours[0])
            axes.plot(sizes, costs, linestyle=line, color="0.3", label=f"were it {reference}")
        axes.set_ylim(*_span(told["curves"]))
        axes.set_xticks([size for size, _ in ours[0]["points"]])
        axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:,.0f}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda cost, _: f"{cost:,g}"))
        axes.grid(visible=True, which="major", color="0.85", linewidth=0.5)
        axes.legend(
            loc="center left",
            bbox_to_anchor=(1.0, 0.5),
            frameon=False,
            fontsize="small",
            handlelength=4,
        )
        written = StringIO()
        canvas.savefig(
            written, format="svg", metadata={"Date": None, "Creator": None, "Title": told["title"]}
        )
    return "".join(f"{line.rstrip()}\n" for line in written.getvalue().splitlines())


def _label(curve: CurveTold) -> str:
    exponent = curve["exponent"]
    return curve["name"] if exponent is None else f"{curve['name']} (power {exponent:.2f})"


def _columns(curve: CurveTold) -> tuple[list[float], list[float]]:
    return [size for size, _ in curve["points"]], [cost for _, cost in curve["points"]]


def _reference(reference: Reference, curve: CurveTold) -> tuple[list[float], list[float]]:
    """From a curve's first point on, how it would go."""
    sizes, costs = _columns(curve)
    first, last = sizes[0], sizes[-1]
    steps = [first * (last / first) ** (n / 40) for n in range(41)]
    if reference == "linear":
        return steps, [costs[0] * size / first for size in steps]
    return steps, [costs[0] * log(size) / log(first) for size in steps]


def _span(curves: Sequence[CurveTold]) -> tuple[float, float]:
    """From below the least cost to above the greatest, and a factor of ten at least."""
    costs = [cost for curve in curves for _, cost in curve["points"]]
    least, greatest = min(costs) / 2, max(costs) * 2
    return least, max(greatest, 10 * least)


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw a folder's figures."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.plots",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="holds the JSON; the pictures go there too")
    for path in draw_folder(parser.parse_args(arguments).folder):
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
