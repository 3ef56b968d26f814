"""What follows in a person's other matters from what a command records in one: see `calling`.

It is appended with the command's own facts, so that neither is ever on record without the other.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from transfer.commands.matter_worlds import Loaded, Worlds
from transfer.core.matter import calling
from transfer.core.matter import facts as t
from transfer.core.matter.kind import Kind
from transfer.core.matter.late import Done, New
from transfer.core.matter.replaying import World
from transfer.core.streams import staff_stream
from transfer.log.envelope import as_if_recorded
from transfer.procedures.facts import Fact

_ONE = UUID(int=0)
_LATER = 1 << 61
"""The place in the log of what is not on record yet: after all that is."""


def following(
    worlds: Worlds, loaded: Loaded, new: Sequence[New], today: date, by: str
) -> Iterator[New]:
    """What these facts lead to in other matters of each person whom they are about."""
    people = {each.person: each.fact.matter for each in new if _leads_on(worlds, each)}
    for person, matter in people.items():
        if person is None:
            continue
        before = worlds.world(loaded, matter, person)
        theirs = [each for each in new if each.person == person]
        after = _with(worlds, loaded, matter, person, theirs)
        done = Done(by=by, today=today, happened_on=today)
        because_of = f"{theirs[0].fact.made.act} of {theirs[0].fact.happened_on}"
        considered = {UUID(int=n) for n in range(1, len(theirs) + 1)}
        for duty in calling.reopened(after, before, theirs, because_of, done):
            # What is recorded now is decided now, and nothing of it is to be settled.
            if getattr(duty.fact, "decision", None) not in considered:
                yield duty

        def following_of(kind: str, person: str = person) -> tuple[str, Kind] | None:
            return _next(worlds, loaded, kind, person)

        yield from calling.called_for(after, theirs, following_of, done)


def _leads_on(worlds: Worlds, new: New) -> bool:
    if new.person is None:
        return False
    kind = worlds.kind(new.fact.matter)
    return type(new.fact) in kind.calls_for or isinstance(new.fact, kind.reopens)


def _with(worlds: Worlds, loaded: Loaded, matter: str, person: str, new: Sequence[New]) -> World:
    """The world of a person once what is new of them is on record."""
    stream = staff_stream(person)
    own = [*worlds.read(loaded, stream)]
    last = own[-1] if own else None
    for n, each in enumerate(new, start=1):
        own.append(
            as_if_recorded(
                stream,
                (0 if last is None else last.version) + n,
                UUID(int=n),
                each.fact,
                position=_LATER + n,
                command_id=_ONE,
            )
        )
    changed = replace(loaded, streams={**loaded.streams, stream: own})
    return worlds.world(changed, matter, person)


def _next(worlds: Worlds, loaded: Loaded, kind: str, person: str) -> tuple[str, Kind] | None:
    found = worlds.known.kind(f"{kind}:{person}")
    if found is None:
        return None
    own = worlds.read(loaded, staff_stream(person))
    return next_of(found, person, [event.fact for event in own]), found


def next_of(kind: Kind, person: str, own: Iterable[Fact]) -> str:
    """The matter of a kind that is the next of somebody's."""
    begun = sum(
        isinstance(fact, t.MatterBegun) and fact.matter.startswith(f"{kind.name}:") for fact in own
    )
    return f"{kind.name}:{person}.{begun + 1}"
