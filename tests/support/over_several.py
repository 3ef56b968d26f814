"""What an act over several people is given, in offices without engines: what it reads of each."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from transfer.core.matter import late
from transfer.core.matter.folding import Level
from transfer.core.matter.kind import PEOPLE, Kind
from transfer.core.matter.late import Done
from transfer.core.matter.replaying import World


def with_people(
    inputs: Mapping[str, Any],
    kind: Kind,
    people: Iterable[str],
    world: Callable[[str], World],
    whole: Mapping[str, Level],
    *,
    matter: str,
    act: str,
    done: Done,
) -> dict[str, Any]:
    """The inputs of an act, with what it reads of each of these people where it is over several and
    that is not given. It is the same whether it is read from what is at hand or from everything."""
    several = None if kind.step(act) is not None else kind.several(act)
    if several is None or PEOPLE in inputs:
        return {**inputs}
    seen = {}
    for person in people:
        found = late.sees(world(person), whole, matter=matter, act=act, done=done)
        assert found == late.sees(world(person), {}, matter=matter, act=act, done=done), person
        if found is not None:
            seen[person] = found
    return {**inputs, **several.inputs(seen)}
