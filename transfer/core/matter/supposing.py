"""The same history, had other rules bound it, or had an assertion not held.

Two worlds that differ in that alone are each decided from the beginning (`replaying`), and what
comes of the one is held against what comes of the other: not against the record, so that what has
still to be settled there is no difference. Where people are in a matter, what the matter as a whole
would have come to goes before what each of them would have.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest
from typing import Any
from uuid import UUID

from transfer.core.matter.facts import MatterBegun, MatterFact
from transfer.core.matter.folding import Deed, stated
from transfer.core.matter.late import counterparts
from transfer.core.matter.replaying import Lawful, World, is_replayed, replay
from transfer.core.refusals import Refused

Comes = tuple[MatterFact, ...] | Refused
"""What a decision comes to."""

_NOT_STATED = frozenset({"basis"})


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A decision that would come out otherwise: what it comes to as it is, and as supposed.

    `supposed_on` is its day as supposed, where the clock would take it on another; `None` where
    nothing would be decided.
    """

    act: str
    about: str
    group: str | None
    decided_on: date
    supposed_on: date | None
    now: Comes
    supposed: Comes

    def fields(self) -> tuple[tuple[str, object, object], ...]:
        """Each field that is stated otherwise, by its name; where the same is stated both times."""
        if isinstance(self.now, Refused) or isinstance(self.supposed, Refused):
            return ()
        if [*map(type, self.now)] != [*map(type, self.supposed)]:
            return ()
        return tuple(
            (name, value, other[name])
            for one, other in zip(_content(self.now), _content(self.supposed), strict=True)
            for name, value in one.items()
            if value != other[name]
        )


@dataclass(frozen=True, slots=True)
class Both:
    """A history as it is and as supposed."""

    now: World
    supposed: World
    lawful: Lawful
    lawful_supposed: Lawful

    def differences(self) -> tuple[Otherwise, ...]:
        """Each decision that would come out otherwise, in the order of their days."""
        found = [*self._of_decisions(), *self._of_steps()]
        return tuple(sorted(found, key=lambda each: each.decided_on))

    def _of_decisions(self) -> Iterator[Otherwise]:
        for deed in self.now.deeds:
            if not deed.counts_as_made or is_replayed(self.now, deed):
                continue
            now = self.lawful.outcomes.get(deed.place, ())
            supposed = self.lawful_supposed.outcomes.get(deed.place, ())
            if not _alike(now, supposed):
                on = None if isinstance(supposed, Refused) else deed.place.day
                yield _otherwise(deed, now, supposed, on)

    def _of_steps(self) -> Iterator[Otherwise]:
        taken = _by_key(self.lawful)
        would_be = _by_key(self.lawful_supposed)
        for key in sorted(taken.keys() | would_be.keys(), key=str):
            for now, supposed in zip_longest(taken.get(key, ()), would_be.get(key, ())):
                one = now or supposed
                comes = () if now is None else now.facts
                would = self._refused(supposed, one)
                if one is not None and not _alike(comes, would):
                    on = None if supposed is None else supposed.place.day
                    yield _otherwise(one, comes, would, on)

    def _refused(self, step: Deed | None, one: Deed | None) -> Comes:
        """What a step would come to; why it would not be taken, where the rules refuse it."""
        if step is not None:
            return step.facts
        if one is None:
            return ()
        key = (one.matter, one.act, one.about, one.group)
        refused = self.lawful_supposed.refused.get(key)
        return () if refused is None else refused[0]

    def before(self, person: World) -> World:
        """The world of somebody in the matter, in which the matter as a whole has come to what is
        supposed of it."""
        changed = dict(self._changed())
        known = {deed.group for deed in person.context}
        more = tuple(
            step for step in self._steps_added() if step.group is None or step.group in known
        )
        context = tuple(changed.get(deed.id, deed) if deed.id else deed for deed in person.context)
        return replace(person, context=(*context, *more))

    def _changed(self) -> Iterator[tuple[UUID, Deed]]:
        by_place = counterparts(self.supposed, self.lawful_supposed)
        for deed in self.now.deeds:
            if deed.id is None or not deed.counts_as_made or deed.stands:
                continue
            if is_replayed(self.now, deed):
                instead = by_place.get(deed.place) or replace(deed, facts=())
            else:
                comes = self.lawful_supposed.outcomes.get(deed.place, deed.facts)
                instead = replace(deed, facts=() if isinstance(comes, Refused) else comes)
            if not _alike(deed.facts, instead.facts):
                yield deed.id, replace(instead, id=deed.id, event_ids=())

    def _steps_added(self) -> Iterator[Deed]:
        """The steps of the matter as a whole that the record lacks."""
        on_record = counterparts(self.supposed, self.lawful_supposed).values()
        taken = {step.place for step in on_record}
        return (step for step in self.lawful_supposed.steps if step.place not in taken)


def judged_both(now: World, supposed: World, until: date) -> Both:
    """A matter, or one person in it, decided from the beginning as it is and as supposed."""
    return Both(now, supposed, replay(now, until), replay(supposed, until))


def _otherwise(deed: Deed, now: Comes, supposed: Comes, on: date | None) -> Otherwise:
    return Otherwise(deed.act, deed.about, deed.group, deed.place.day, on, now, supposed)


def _by_key(lawful: Lawful) -> Mapping[tuple[object, ...], list[Deed]]:
    found: dict[tuple[object, ...], list[Deed]] = defaultdict(list)
    for step in lawful.steps:
        found[step.key].append(step)
    return found


def _alike(one: Comes, other: Comes) -> bool:
    if isinstance(one, Refused) or isinstance(other, Refused):
        return isinstance(one, Refused) and isinstance(other, Refused)
    return _content(one) == _content(other)


def _content(facts: tuple[MatterFact, ...]) -> list[dict[str, Any]]:
    """What facts state, without why. Which rules bind a matter, its first fact says: they differ
    because that is what is supposed."""
    return [_without_basis(stated(each)) for each in facts if not isinstance(each, MatterBegun)]


def _without_basis(part: Any) -> Any:
    match part:
        case dict():
            return {
                name: _without_basis(each) for name, each in part.items() if name not in _NOT_STATED
            }
        case list():
            return [_without_basis(each) for each in part]
        case _:
            return part
