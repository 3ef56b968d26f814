"""What changed between two editions, in words: clause by clause, then part by part."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from pydantic import BaseModel

from transfer.rulebooks.model import Rulebook
from transfer.rulebooks.parts import Clause
from transfer.rulebooks.values import print_value

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
    "obligation": ("obligations", "id"),
    "rate": ("rates", "name"),
    "pay scale": ("pay_scales", "id"),
}


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
        ("mechanism", before.mechanism.value, after.mechanism.value),
        ("calendar", before.calendar, after.calendar),
    )
    for what, was, now in pairs:
        if was != now:
            yield f"The {what} was {was!r} and is {now!r}."


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
            old, new = was.values.get(name), clause.values.get(name)
            if old != new:
                yield f"{id_} for {name}: the value was {_said(old)} and is {_said(new)}."
        for field, old, new in _fields(was, clause):
            if field not in ("value", "values", "unknown_because"):
                yield f"{id_} ({clause.title}): {field} was {old} and is {new}."
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
    def told(book: Rulebook) -> dict[tuple[str, date], date]:
        return {(it.name, it.announced_on): it.on for it in book.milestones}

    was, now = told(before), told(after)
    for (name, announced), on in now.items():
        if (name, announced) not in was:
            yield f"Milestone {name}: {on}, known from {announced}, is new."
        elif was[name, announced] != on:
            old = was[name, announced]
            yield f"Milestone {name}, known from {announced}: was {old} and is {on}."
    for (name, announced), on in was.items():
        if (name, announced) not in now:
            yield f"Milestone {name}: {on}, known from {announced}, is gone."


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
                yield f"The {what} {id_}: {field} was {old} and is {new}."
    yield from (f"The {what} {id_} is gone." for id_ in was if id_ not in now)
    order = [id_ for id_ in was if id_ in now]
    if what == "route" and order != [id_ for id_ in now if id_ in was]:
        yield f"The routes are tried in another order: {', '.join(now)}."


def _rest(before: Rulebook, after: Rulebook) -> Iterator[str]:
    for what in ("scope", "gates", "steps", "under", "chronicle", "organisations"):
        was, now = getattr(before, what), getattr(after, what)
        if was == now:
            continue
        if isinstance(was, BaseModel) and isinstance(now, BaseModel):
            for field, old, new in _fields(was, now):
                yield f"{what}, {field}: was {old} and is {new}."
        else:
            yield f"{what} differs."


def _fields(was: BaseModel, now: BaseModel) -> Iterator[tuple[str, str, str]]:
    for field in type(now).model_fields:
        old, new = getattr(was, field), getattr(now, field)
        if old != new:
            yield field, _said(old), _said(new)


def _known(clause: Clause) -> str:
    if clause.value is not None:
        return print_value(clause.value)
    return "unknown" if clause.unknown_because else "none"


def _valued(clause: Clause) -> str:
    return f" ({_known(clause)})" if clause.value_type is not None else ""


def _said(value: object) -> str:
    if value is None or value in ((), {}):
        return "nothing"
    if isinstance(value, BaseModel):
        return value.model_dump_json(exclude_none=True, exclude_defaults=True)
    if isinstance(value, tuple):
        return ", ".join(_said(each) for each in value)
    return repr(value) if isinstance(value, str) else str(value)
