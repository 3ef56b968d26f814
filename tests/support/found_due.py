"""Whether the procedures find what the clock has to do for somebody."""

from collections.abc import Mapping
from datetime import date

from transfer.core.matter import clock
from transfer.core.matter.folding import State
from transfer.core.matter.replaying import World


def is_found_due(
    states: Mapping[str, State], whole: World, taking: clock.Taking, today: date
) -> bool:
    """Whether a step of a person that is taken with their group, or with the whole matter, is found
    due there. A person's own procedure looks at the whole history, and finds it by itself.

    `states` is what is on record of the person, `whole` the world of their matters as a whole. What
    is asked for or refused is not taken, and nothing is taken of a group that is held.
    """
    step = taking.step, taking.about
    taken = [each.fact for each in taking.new if (each.fact.made.act, each.fact.made.about) == step]
    if not taken:
        return True
    state = states[taken[0].matter]
    whom = clock.comes_with(state, *step)
    if whom.person is not None or state.is_held():
        return True
    due = clock.shared_due(whole, whom, today=today)
    return any((each.name, of.slot.about) == step for each, of, *_ in due)


__all__ = ["is_found_due"]
