"""A group is named so that its procedure can be: a group of another name would be waited for by
nobody, and would stop the whole exercise."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from tests.support.rules_2013 import RULES
from transfer.commands.exercises import _free_name
from transfer.core.matter.kind import Act
from transfer.core.matter.words import GroupName
from transfer.kinds import KNOWN

NAMED: TypeAdapter[str] = TypeAdapter(GroupName)


@pytest.mark.parametrize(
    ("transferor", "name"),
    [
        ("London Probation Trust", "LDN.sifted"),
        ("Dyfed & Powys (South)", "Dyfed-Powys-South.sifted"),
        ("St Helen's", "St-Helen-s.sifted"),
        ("(…)", "transferor.sifted"),
        ("A" * 300, "A" * 50 + ".sifted"),
    ],
)
def test_the_program_gives_a_name_that_a_group_may_have(transferor: str, name: str) -> None:
    assert _free_name([], RULES, transferor, "sifted") == NAMED.validate_python(name)


def test_transferors_that_come_to_the_same_name_are_numbered() -> None:
    first = _free_name([], RULES, "St Helen's", "sifted")
    assert _free_name([first], RULES, "St Helen+s", "sifted") == "St-Helen-s.sifted.2"


_OF_GROUPS = {
    f"{kind.name} {act.name}": act
    for kind in KNOWN.kinds
    for act in kind.acts
    if "group" in act.needs.model_fields
}
del _OF_GROUPS["posting begin"]  # a group of those of whom the edition speaks: it has no procedure


@pytest.mark.parametrize("act", _OF_GROUPS.values(), ids=_OF_GROUPS)
def test_no_act_takes_another_name(act: Act[Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        act.needs.model_validate({"group": "team 7"})
    wrong = {error["loc"]: error["type"] for error in refused.value.errors()}
    assert wrong["group",] == "string_pattern_mismatch"
