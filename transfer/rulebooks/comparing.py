"""What changed between two editions, in words: clause by clause, then part by part."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel

from transfer.core.dating.calendars import Period
from transfer.core.editions.parts import Clause
from transfer.core.editions.values import print_value
from transfer.rulebooks.model import Rulebook
from transfer.rulebooks.procedure import ChronicleEntry, Milestone

_LISTS: Mapping[str, tuple[str, str]] = {
    "transferee": ("", "id"),
    "evidence": ("evidence", "name"),
    "route": ("routes", "id"),
    "path": ("paths", "id"),
    "letter": ("letters", "id"),
    "window": ("windows", "id"),
    "grant": ("grants", "term"),
    "offer": ("offers", "term"),
    "happening": ("happenings", "id"),
    "objection": ("objections", "id"),
    "obligation": ("obligations", "id"),
    "rate": ("rates", "name"),
    "pay scale": ("pay_scales", "id"),
    "organisation": ("organisations", "code"),
}

_KEYS: Mapping[str, str] = {
    "unknown_because": "value_unknown",
    "superseded_by": "moved_by",
    "value_type": "type",
    "standings": "standing",
    "resets": "reset",
}
"""Fields whose name in the file is another."""


def changes_between(before: Rulebook, after: Rulebook) -> list[str]:
    """Sentences that say what the second edition does otherwise; none where nothing differs."""
    return [
        *_head(before, after),
        *_clauses(before.by_id, after.by_id),
        *_parties(before, after),
        *_milestones(before, after),
        *(
            sentence
            for what, (field, key) in _LISTS.items()
            for sentence in _parts(what, *_listed(before, after, field), key)
        ),
        *_rest(before, after),
    ]


def _head(before: Rulebook, after: Rulebook) -> Iterator[str]:
    pairs = (
        ("title", before.title, after.title),
        ("mechanism", _mechanism(before), _mechanism(after)),
        ("calendar", before.calendar, after.calendar),
    )
    for what, was, now in pairs:
        if was != now:
            yield f"The {what} was {was!r} and is {now!r}."


def _mechanism(book: Rulebook) -> str:
    return "none" if book.law is None else book.law.is_.value


def _clauses(before: Mapping[str, Clause], after: Mapping[str, Clause]) -> Iterator[str]:
    for id_, clause in after.items():
        if id_ not in before:
            yield f"{id_} is new: {clause.title}{_valued(clause)}."
            continue
        was = before[id_]
        if was == clause:
            continue
        if _known(was) != _known(clause):
            yield f"{id_} ({clause.title}): the value was {_known(was)} and is {_known(clause)}."
        for name in sorted({*was.values, *clause.values}):
            one, other = was.values.get(name), clause.values.get(name)
            if one != other:
                yield f"{id_} for {name}: the value was {_said(one)} and is {_said(other)}."
        for field, old, new in _fields(was, clause):
            if field not in ("value", "values", "unknown_because"):
                yield f"{id_} ({clause.title}): {_changed(field, old, new)}."
    for id_, clause in before.items():
        if id_ not in after:
            yield f"{id_} is gone: {clause.title}{_valued(clause)}."


def _parties(before: Rulebook, after: Rulebook) -> Iterator[str]:
    was, now = ({it.name for it in book.transferors} for book in (before, after))
    if now - was:
        yield f"New transferors: {', '.join(sorted(now - was))}."
    if was - now:
        yield f"No longer transferors: {', '.join(sorted(was - now))}."


def _milestones(before: Rulebook, after: Rulebook) -> Iterator[str]:
    def told(book: Rulebook) -> dict[tuple[str, date], Milestone]:
        return {(it.name, it.announced_on): it for it in book.milestones}

    was, now = told(before), told(after)
    gone = {key: it for key, it in was.items() if key not in now}
    for (name, announced), it in now.items():
        if (name, announced) in was:
            for field, old, new in _fields(was[name, announced], it):
                said = _changed(field, old, new).removeprefix("on ")
                yield f"Milestone {name}, known from {announced}: {said}."
            continue
        same = next((key for key, old in gone.items() if (key[0], old.on) == (name, it.on)), None)
        if same is None:
            yield f"Milestone {name}: {it.on}, known from {announced}, is new."
        else:
            del gone[same]
            yield f"Milestone {name}: {it.on} was known from {same[1]} and is from {announced}."
    for (name, announced), it in gone.items():
        yield f"Milestone {name}: {it.on}, known from {announced}, is gone."


def _listed(
    before: Rulebook, after: Rulebook, field: str
) -> tuple[Sequence[BaseModel], Sequence[BaseModel]]:
    if field:
        return getattr(before, field), getattr(after, field)
    return tuple(before.transferees.values()), tuple(after.transferees.values())


def _parts(
    what: str, before: Sequence[BaseModel], after: Sequence[BaseModel], key: str
) -> Iterator[str]:
    was = {str(getattr(each, key)): each for each in before}
    now = {str(getattr(each, key)): each for each in after}
    for id_, part in now.items():
        if id_ not in was:
            yield f"The {what} {id_} is new."
        else:
            for field, old, new in _fields(was[id_], part):
                yield f"The {what} {id_}: {_changed(field, old, new)}."
    yield from (f"The {what} {id_} is gone." for id_ in was if id_ not in now)
    order = [id_ for id_ in was if id_ in now]
    if what == "route" and order != [id_ for id_ in now if id_ in was]:
        yield f"The routes are tried in another order: {', '.join(now)}."


def _rest(before: Rulebook, after: Rulebook) -> Iterator[str]:
    fields = ("scope", "steps", "under")
    pairs = {it.replace("_", " "): (getattr(before, it), getattr(after, it)) for it in fields}
    for kind in dict.fromkeys([*before.parts, *after.parts]):
        pairs[f"part for {kind}"] = (before.parts.get(kind), after.parts.get(kind))
    for what, (was, now) in pairs.items():
        if isinstance(was, BaseModel) and isinstance(now, BaseModel):
            for part, old, new in _fields(was, now):
                yield f"{what}, {_changed(part, old, new)}."
        elif was != now:
            yield f"The {what} is {'gone' if now is None else 'new'}."
    yield from (f"New gate: {_said(it)}." for it in after.gates if it not in before.gates)
    yield from (f"No gate any more: {_said(it)}." for it in before.gates if it not in after.gates)
    yield from _chronicle(before.chronicle, after.chronicle)


def _chronicle(before: Sequence[ChronicleEntry], after: Sequence[ChronicleEntry]) -> Iterator[str]:
    """Entry by entry: the n-th of a happening is compared with the n-th of the other edition."""

    def numbered(entries: Sequence[ChronicleEntry]) -> dict[tuple[str, int], ChronicleEntry]:
        counts: Counter[str] = Counter()
        found = {}
        for each in entries:
            found[each.happening, counts[each.happening]] = each
            counts[each.happening] += 1
        return found

    was, now = numbered(before), numbered(after)
    for key, entry in now.items():
        if key not in was:
            yield f"Chronicle: {key[0]} on {entry.on} is new."
            continue
        for field, old, new in _fields(was[key], entry):
            yield f"Chronicle, {key[0]}: {_changed(field, old, new)}."
    yield from (
        f"Chronicle: {key[0]} on {it.on} is gone." for key, it in was.items() if key not in now
    )


def _fields(was: BaseModel, now: BaseModel) -> Iterator[tuple[str, object, object]]:
    for field in type(now).model_fields:
        old, new = getattr(was, field), getattr(now, field)
        if old != new:
            yield _KEYS.get(field, field), old, new


def _changed(field: str, old: object, new: object) -> str:
    """What became of a field: what was added to a text or a list, or the old and the new."""
    if isinstance(old, str) and isinstance(new, str) and new.startswith(f"{old} "):
        return f"{field} adds {_said(new.removeprefix(old).strip())}"
    if isinstance(old, tuple) and isinstance(new, tuple):
        added = tuple(each for each in new if each not in old)
        gone = tuple(each for each in old if each not in new)
        said = [f"adds {_said(added)}"] * bool(added) + [f"leaves out {_said(gone)}"] * bool(gone)
        return f"{field} {' and '.join(said) or 'is in another order'}"
    return f"{field} was {_said(old)} and is {_said(new)}"


def _known(clause: Clause) -> str:
    if clause.value is not None:
        return print_value(clause.value)
    return "unknown" if clause.unknown_because else "none"


def _valued(clause: Clause) -> str:
    if clause.value_type is None:
        return ""
    own = [f"{name}: {print_value(value)}" for name, value in clause.values.items()]
    return f" ({'; '.join([_known(clause), *own])})"


def _said(value: object) -> str:
    match value:
        case None | () | "":
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case BaseModel():
            return value.model_dump_json(exclude_none=True, exclude_defaults=True)
        case tuple():
            return ", ".join(_said(each) for each in value)
        case Mapping():
            return ", ".join(f"{key} = {_said(each)}" for key, each in value.items()) or "nothing"
        case StrEnum():
            return value.value
        case str():
            return repr(value)
        case Period() | date() | int() | Decimal():
            return print_value(value)
        case _:
            return str(value)
