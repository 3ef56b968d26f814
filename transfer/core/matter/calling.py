"""What follows in a person's other matters from what was recorded in one of them, in one command.

    called_for   a matter of another kind that begins from it (`Kind.calls_for`)
    reopened     decisions elsewhere that read the values which it states (`Kind.reopens`)
    asked_of     what such a beginning finds in the matter that it comes out of

Both look at the world as it is once the facts are on record, so that they read what was decided.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from pydantic import BaseModel

from transfer.core.matter import facts as t
from transfer.core.matter import late
from transfer.core.matter.clock import recorded_refusal
from transfer.core.matter.folding import State
from transfer.core.matter.kind import CallsFor, Kind
from transfer.core.matter.late import Done, New
from transfer.core.matter.replaying import CLOCK, World, standing
from transfer.core.refusals import Refused

Next = Callable[[str], tuple[str, Kind] | None]
"""The name of the next matter of a kind that somebody has, with the kind; `None`: no such kind."""


def called_for(after: World, new: Iterable[New], following: Next, today: Done) -> tuple[New, ...]:
    """The beginning of each matter that these facts of a person call for.

    Nothing where the matter asks for none, or one has begun from it. Where its beginning is
    refused, what was due is still due, and the reason goes on record as that of a step which could
    not be taken, once.
    """
    found: list[New] = []
    for each in new:
        calls = _calls(after, each)
        if calls is None or _has_begun(after, calls.kind, each.fact.matter):
            continue
        if asked_of(standing(after).get(each.fact.matter), calls.kind) is None:
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
        except Refused as refused:
            found += _not_begun(after, each, calls.kind, refused, done)
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


def _not_begun(world: World, new: New, kind: str, refused: Refused, done: Done) -> tuple[New, ...]:
    """Why a matter of that kind did not begin; nothing where that is on record."""
    of = new.fact
    before = recorded_refusal(world, (of.matter, kind, "", None))
    reasons = tuple(failure.reason for failure in refused.failures)
    if before is not None and before.reasons == reasons:
        return ()
    clauses = tuple(each.clause for each in refused.failures if each.clause)
    said = late.stamp(of.matter, kind, done, ())
    said |= {
        "happened_on": done.happened_on,
        "learned_on": done.learned_on,
        "basis": world.rules[of.matter].basis(*clauses[:1]),
    }
    return (
        New(
            new.person,
            t.StepRefused(
                **said, step=kind, due_on=of.happened_on, reasons=reasons, clauses=clauses
            ),
        ),
    )


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
