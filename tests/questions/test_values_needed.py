"""What is to be typed for a value that an edition lacks."""

import shlex

import pytest

from transfer.core.editions.parts import Clause
from transfer.core.editions.values import ValueType, parse_value
from transfer.questions.rulebooks import value_needed
from transfer.rulebooks import parse_assumption, rulebook, shipped

NEEDED = [clause for book in shipped().values() for clause in book.needs()]


def typed(clause: Clause) -> str:
    """The value that a command line would give, read as the program reads it."""
    option, given = shlex.split(value_needed(clause).type_this)
    assert option == "--assume"
    key, value = parse_assumption(given)
    assert key == clause.id
    return value


@pytest.mark.parametrize("proposes", [True, False])
@pytest.mark.parametrize("clause", NEEDED, ids=lambda clause: clause.id)
def test_what_is_to_be_typed_is_a_value_that_the_clause_takes(
    clause: Clause, proposes: bool
) -> None:
    if not proposes:
        clause = clause.model_copy(update={"suggested_for_rehearsal": None})
    assert clause.value_type is not None
    assert clause.why_not(parse_value(typed(clause), clause.value_type)) is None


@pytest.mark.parametrize("value_type", list(ValueType))
def test_every_type_of_value_has_an_example(value_type: ValueType) -> None:
    unknown = rulebook("tr-2013").by_id["TR-11b"]
    changes = {"value_type": value_type, "suggested_for_rehearsal": None, "accepts": ()}
    clause = unknown.model_copy(update=changes)
    assert clause.why_not(parse_value(typed(clause), value_type)) is None
