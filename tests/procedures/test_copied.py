"""What a kind knows of a matter is copied, so that it can be folded on while others read it."""

from collections.abc import Sequence

import pytest

from tests.procedures.test_facts_golden import example
from transfer.core.matter.copying import copied
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.kind import Kind, Substance
from transfer.kinds import KNOWN


def facts_of(kind: Kind) -> list[MatterFact]:
    """An example of each fact that the kind declares, that every kind has, or that it takes into
    account from another kind."""
    facts = [KNOWN.load(name, example(name)) for name in sorted(KNOWN.names.values())]
    known = (*kind.facts, *kind.hears)
    return [
        fact
        for fact in facts
        if isinstance(fact, MatterFact)
        and (isinstance(fact, known) or type(fact).__module__ == MatterFact.__module__)
    ]


def fold(substance: Substance, facts: Sequence[MatterFact]) -> object:
    found = substance.begin()
    for fact in facts:
        substance.evolve(found, fact)
    return found


@pytest.mark.parametrize("kind", KNOWN.kinds, ids=[kind.name for kind in KNOWN.kinds])
def test_folding_a_copy_on_changes_nothing_else(kind: Kind) -> None:
    facts = facts_of(kind)
    for substance in (kind.whole, kind.person):
        # All of them twice, in both directions: some need another one before them.
        history = [*facts, *reversed(facts)]
        so_far = substance.begin()
        for nth, fact in enumerate(history):
            before, so_far = so_far, copied(so_far)
            substance.evolve(so_far, fact)
            assert before == fold(substance, history[:nth])
        assert so_far == fold(substance, history)
