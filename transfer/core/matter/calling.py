"""What follows in a person's other matters from what was recorded in one of them, in one command.

    called_for   a matter of another kind that begins from it (`Kind.calls_for`)
    reopened     decisions elsewhere that read the values which it states (`Kind.reopens`)
    asked_of     what such a beginning finds in the matter that it comes out of

Both look at the world as it is once the facts are on record, so that they read what was decided.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from pydantic import BaseModel

from transfer.core.matter import late
from transfer.core.matter.folding import State
from transfer.core.matter.kind import CallsFor, Kind
from transfer.core.matter.late import Done, New
from transfer.core.matter.replaying import CLOCK, World, standing
from transfer.core.refusals import Refused

Next = Callable[[str], tuple[str, Kind] | None]
"""The name of the next matter of a kind that somebody has, with the kind; `None`: no such kind."""


def called_for(after: World, new: Iterable[New], following: Next, today: Done) -> tuple[New, ...]:
    """The beginning of each matter that these facts of a person call for.

    Nothing where one has begun from the same matter, where its act comes to nothing, as where
    somebody has begun one by hand, or where it is refused: then what was due is still due.
    """
    found: list[New] = []
    for each in new:
        calls = _calls(after, each)
        if calls is None or _has_begun(after, calls.kind, each.fact.matter):
            continue
        begins = following(calls.kind)
        if begins is None:
            continue
        matter, kind = begins
        world = replace(
            after,
            kinds={**after.kinds, matter: kind},
            rules={**after.rules, matter: after.rules[each.fact.matter]},
        )
        done = replace(
            today,
            by=CLOCK,
            happened_on=each.fact.happened_on,
            learned_on=today.today if each.fact.happened_on < today.today else None,
            reason="",
            document="",
            rests_on=(),
        )
        inputs = {"against": each.fact.matter}
        try:
            found += late.record(world, matter=matter, act=calls.by, inputs=inputs, done=done)
        except Refused:
            continue
    return tuple(found)


def reopened(
    after: World, before: World, new: Iterable[New], because_of: str, done: Done
) -> tuple[New, ...]:
    """The duties to settle what was decided in other matters of the person, where these facts state
    values that it reads."""
    stating = (
        each.person is not None
        and each.person == after.person
        and isinstance(each.fact, after.kinds[each.fact.matter].reopens)
        for each in new
    )
    if not any(stating):
        return ()
    as_of = replace(done, happened_on=done.today, learned_on=None)
    return late.reconsider(after, before=before, because_of=because_of, done=as_of)


def asked_of(state: State | None, kind: str) -> BaseModel | None:
    """What a matter asks another kind to begin with, of a person; `None` where it does not."""
    if state is None:
        return None
    for calls in state.kind.calls_for.values():
        if calls.kind == kind:
            return calls.asks(state)
    return None


def _calls(world: World, new: New) -> CallsFor | None:
    if new.person is None or new.person != world.person:
        return None
    return world.kinds[new.fact.matter].calls_for.get(type(new.fact))


def _has_begun(world: World, kind: str, against: str) -> bool:
    return any(
        state.kind.name == kind and begun is not None and begun.against == against
        for state in standing(world).values()
        for begun in (state.mine.timing.begun,)
    )
