"""How cost grows: what is fitted, what is written down, what is drawn. Nothing here is timed."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.benchmarks.figures import Curve, Figure, exponent_of
from tests.benchmarks.measuring import Target
from tests.benchmarks.plots import draw, draw_folder

CHECKOUT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"


def growth(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """A run of the family at its least sizes."""
    command = [sys.executable, "-m", "tests.benchmarks", "--quick", "--only", "growth", *arguments]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)


def a_figure() -> Figure:
    """One of a cost that follows the square root, beside a baseline that stays the same."""
    figure = Figure(
        "a-cost",
        "A cost",
        "people",
        "milliseconds",
        ("linear", "logarithmic"),
        [Curve("ours", Target("<=", 0.6)), Curve("theirs")],
    )
    for size in (100, 400, 1_600):
        figure.add(size, (3 * size**0.5, 7.0))
    return figure


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.0])
def test_the_power_of_the_size_is_found_again(power: float) -> None:
    points = [(size, 3 * size**power) for size in (10.0, 30.0, 1_000.0)]
    assert exponent_of(points) == pytest.approx(power)


def test_one_size_says_nothing_of_growth() -> None:
    assert exponent_of([(10, 3.0), (10, 4.0)]) is None


def test_ours_are_lines_of_the_table_and_held_to_their_targets() -> None:
    (line,) = a_figure().lines()
    assert line.name == "A cost, ours"
    assert line.ratio == pytest.approx(0.5)
    assert line.is_met


@pytest.mark.thorough
@pytest.mark.engines
def test_a_run_tells_powers_and_writes_every_cost_down(tmp_path: Path) -> None:
    run = growth("--json", "--plots", str(tmp_path))
    assert run.stderr == ""
    told = {path.stem: json.loads(path.read_text()) for path in tmp_path.glob("*.json")}
    curves = [
        (f"{figure['title']}, {curve['name']}", curve)
        for figure in told.values()
        for curve in figure["curves"]
    ]
    lines = {line["name"]: line["ours"] for line in json.loads(run.stdout)}
    assert lines == {
        name: pytest.approx(curve["exponent"], abs=0.001)
        for name, curve in curves
        if not curve["is_baseline"]
    }
    sizes = {name: [size for size, _ in each["curves"][0]["points"]] for name, each in told.items()}
    assert sizes == {
        "position-by-people": [300, 1_000],
        "head-count-by-people": [300, 1_000],
        "append-by-people": [300, 1_000],
        "fill-by-events": [900, 3_000],
        "position-by-versions-in-order": [3, 10, 30],
        "position-by-versions-back-dated": [3, 10, 30],
        "fill-by-versions": [3, 10, 30],
    }


def test_growth_is_not_measured_of_one_size() -> None:
    run = growth("--people-up-to", "300")
    assert run.returncode == 2
    assert "--people-up-to leaves no two sizes" in run.stderr


def test_a_picture_is_xml_with_its_words_as_text_and_the_same_every_time(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="of the extra `plots`")
    (tmp_path / "a-cost.json").write_text(json.dumps(a_figure().told()))
    (path,) = draw_folder(tmp_path)
    drawn = path.read_text()
    picture = ET.fromstring(drawn)  # noqa: S314 - drawn here
    words = {"".join(each.itertext()) for each in picture.iter(f"{SVG}text")}
    assert {"A cost", "people", "milliseconds", "ours (power 0.50)", "1,600"} <= words
    assert all(line == line.rstrip() for line in drawn.splitlines())
    assert drawn == draw(a_figure().told())
