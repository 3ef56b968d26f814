"""The generator of histories reaches every combination of the rule, and the detector sees them."""

from __future__ import annotations

from random import Random  # noqa: TID251  # a test's draws come from a seed

import pytest

from tests.procedures.test_facts_golden import example
from tests.sql_reading import STATEMENT
from tests.support.combinations import ALL, OF_CORRECTIONS, OF_DATES, contained, measured
from tests.support.making import Maker
from tests.support.worlds import World
from transfer.core.record.names import StaffNamed
from transfer.kinds import KNOWN

OF_PARTS = {fact for kind in KNOWN.kinds if kind.part is not None for fact in kind.effects}
"""The facts of kinds that go by a part of an edition: their own tests and scenarios have them."""

DATED = [fact for fact in KNOWN.entry_facts if fact not in (StaffNamed, *OF_PARTS)]
"""A name is an entry too, but states no value: that lies in the vault."""


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    """A hundred worlds of the usual size."""
    return [
        Maker(Random(seed), people=1 + seed % 4).world(14)  # noqa: S311  # repeatable, not secret
        for seed in range(100)
    ]


def test_worlds_contain_every_combination(worlds: list[World]) -> None:
    occurs = dict.fromkeys(ALL, 0)
    for world in worlds:
        for name in contained(world):
            occurs[name] = occurs.get(name, 0) + 1
    assert {name: count for name, count in occurs.items() if count < 3} == {}
    assert set(occurs) == set(ALL)


def test_plain_worlds_contain_what_http_can_write() -> None:
    makers = [
        (Maker(Random(seed), people=2, plain=True), 14)  # noqa: S311  # repeatable, not secret
        for seed in range(100)
    ]
    unwritable = {"a transfer or an ending corrected or annulled"}
    occurs = measured(makers)
    missing = [
        name
        for name in (*OF_DATES, *OF_CORRECTIONS)
        if not occurs[name] and "command" not in name and name not in unwritable
    ]
    assert missing == []


def test_every_fact_that_states_dated_values_is_generated(worlds: list[World]) -> None:
    made = {type(fact) for world in worlds for _, _, fact, _ in world.events()}
    assert set(DATED) <= made


@pytest.mark.parametrize("name", sorted(KNOWN.names[fact] for fact in OF_PARTS))
def test_a_fact_of_a_part_states_dated_values_as_its_example_does(name: str) -> None:
    shape = example(name)
    if "waits" in shape:
        shape["waits"] = False  # what waits for something else states nothing yet
    stated = KNOWN.pieces_of(KNOWN.load(name, shape))
    assert stated
    assert all(it.effective_to is None or it.effective_from < it.effective_to for it in stated)


def test_the_sql_reading_names_every_fact_that_states_dated_values() -> None:
    names = (KNOWN.names[fact] for fact in DATED)
    assert [name for name in names if f"'{name}'" not in STATEMENT] == []
