"""What a decision rests on that only one side asserts: that it holds, who rests on it, and what
has to be settled once it holds no more.

A kind says what its matters are grounds of (`Kind.grounds`). What rests on one is noted on that
matter's own stream, in the command of what does. When an assertion is taken back, everything that
rests on it is found there, and the same command opens a duty to settle each decision.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from transfer.commands.matter_worlds import Loaded, Worlds
from transfer.core.matter import late
from transfer.core.matter.kind import RELY_ON
from transfer.core.matter.late import Done, New
from transfer.core.matter.replaying import World, standing
from transfer.core.matter.words import JsonObject, Whom
from transfer.core.refusals import Malformed, NotOnRecord, Refused
from transfer.core.streams import staff_stream

FIELD = "rests_on"
"""The field of an act that names what it rests on."""


def require(worlds: Worlds, loaded: Loaded, refs: Iterable[str], *, field: str = FIELD) -> None:
    """Raise `Malformed` for an assertion that is not on record, and `Refused` for one that holds no
    more."""
    for ref in refs:
        matter, name = apart(ref)
        try:
            world = worlds.world(loaded, matter, None)
        except NotOnRecord:
            raise Malformed(f"no {matter} on record", field=field) from None
        grounds, known = world.kinds[matter].grounds, standing(world)[matter].whole.substance
        if grounds is None or name not in grounds.names(known):
            raise Malformed(f"nothing in {matter} is called {name}", field=field)
        why = grounds.fallen(known).get(name)
        if why is not None:
            raise Refused(f"{ref} {why}: nothing new rests on it")


def noted(worlds: Worlds, loaded: Loaded, new: Sequence[New], done: Done) -> Iterator[New]:
    """What each ground notes of the new facts that rest on it."""
    plain = replace(done, rests_on=(), document="", reason="")
    resting: dict[tuple[str, str, str], list[str]] = {}
    for each in new:
        for ref in each.fact.made.rests_on:
            people = resting.setdefault((ref, each.fact.matter, each.fact.made.act), [])
            if each.person is not None and each.person not in people:
                people.append(each.person)
    for (ref, matter, act), people in resting.items():
        ground, name = apart(ref)
        inputs: JsonObject = {"assertion": name, "procedure": matter, "act": act, "people": people}
        world = worlds.world(loaded, ground, None)
        yield from late.record(world, matter=ground, act=RELY_ON, inputs=inputs, done=plain)


def to_settle(
    worlds: Worlds,
    loaded: Loaded,
    matter: str,
    after: Callable[[], World],
    done: Done,
) -> Iterator[New]:
    """What is to be settled, or is no more, because something new about a ground makes one of its
    names fall or hold again; `after` is its world with what is new."""
    grounds = worlds.kind(matter).grounds
    if grounds is None:
        return
    before = standing(worlds.world(loaded, matter, None))[matter].whole.substance
    now = standing(after())[matter].whole.substance
    was, falls = grounds.fallen(before), grounds.fallen(now)
    either = sorted(was.keys() | falls.keys())
    changed = [name for name in either if was.get(name) != falls.get(name)]
    found = {f"{matter}/{name}": falls.get(name) for name in changed}
    resting = [whom for name in changed for whom in grounds.resting(now, name)]
    if resting:
        because_of = "; ".join(f"{ref} {why or 'holds again'}" for ref, why in found.items())
        today = Done(by=done.by, today=done.today, happened_on=done.today)
        worlds_of_each = _now_and_before(worlds, loaded, dict.fromkeys(resting), found)
        yield from late.reconsider_each(worlds_of_each, because_of=because_of, done=today)


def _now_and_before(
    worlds: Worlds, loaded: Loaded, resting: Iterable[Whom], found: Mapping[str, str | None]
) -> Iterator[tuple[World, World]]:
    """The world of each with these names fallen, or holding (`None`), and as it was."""
    for whom in resting:
        if whom.person is not None:
            worlds.read_many(loaded, [staff_stream(whom.person)])
        before = worlds.world(loaded, whom.matter, whom.person)
        fallen = {ref: why for ref, why in {**before.fallen, **found}.items() if why is not None}
        yield replace(before, fallen=fallen), before


def apart(ref: str) -> tuple[str, str]:
    """The matter and the name that a reference names."""
    matter, _, name = ref.partition("/")
    return matter, name
