"""Every scenario holds in memory; one of each kind holds alike on PostgreSQL and Temporal."""

from collections import Counter
from pathlib import Path

import pytest

from transfer.rulebooks import rulebook, shipped
from transfer.scenarios.alone import play_alone
from transfer.scenarios.playing import Played
from transfer.scenarios.reading import Scenario, read_scenario
from transfer.scenarios.with_engines import play_with_engines

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*/*.toml"))

OF_EACH_KIND = [
    pytest.param("tr-2013.2/a-meeting-without-an-outcome.toml", id="consultation"),
    pytest.param(
        "tr-2013/an-appeal-of-the-last-day-learned-late.toml",
        id="appeal",
        marks=pytest.mark.thorough,
    ),
    pytest.param(
        "tr-2013/an-objection-learned-after-the-transfer.toml",
        id="exercise",
        marks=pytest.mark.thorough,
    ),
    pytest.param(
        "surrey-2027.2/nobody-is-missing-anything.toml",
        id="liability-information",
        marks=pytest.mark.thorough,
    ),
    pytest.param(
        "tr-2013.2/a-longer-window-by-what-somebody-asserts.toml",
        id="assertion",
        marks=pytest.mark.thorough,
    ),
]


def place(path: Path) -> str:
    """Which scenario it is."""
    return str(path.relative_to(HERE))


def scenario(path: Path) -> Scenario:
    return read_scenario(path.read_bytes(), rulebook)


def differences(played: Played) -> list[str]:
    return [
        f"line {each.line}, {each.on}, {each.about}, {each.question}: "
        f"{each.expected} should be, {each.found} is"
        for each in played.differs
    ]


@pytest.mark.parametrize("path", FILES, ids=place)
def test_what_a_scenario_says_comes_of_it(path: Path) -> None:
    played = play_alone(scenario(path))
    assert not differences(played)
    assert played.answers


def test_every_edition_has_scenarios_and_each_lies_with_its_edition() -> None:
    count = Counter(path.parent.name for path in FILES)
    assert count.keys() == shipped().keys()
    assert all(number >= 6 for number in count.values())
    for path in FILES:
        assert scenario(path).book.edition == path.parent.name


@pytest.mark.engines
@pytest.mark.parametrize("name", OF_EACH_KIND)
def test_the_engines_answer_as_the_play_in_memory_does(name: str) -> None:
    read = scenario(HERE / name)
    on_engines, in_memory = play_with_engines(read), play_alone(read)
    assert not differences(on_engines)
    assert on_engines == in_memory
