"""Key work in one establishment: what is on record of it, what may follow, and what it answers.

Hours a week are operational capacity times the minutes for each prisoner (OM-01); key workers are
operational capacity over prisoners for each (OM-02). Both are exact, and people besides rounded up.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Self, TypeVar

from pydantic import Field, model_validator

from transfer.core.editions.rules import NotKnown, by_edition, not_known, pins
from transfer.core.matter.deciding import Asked, Case
from transfer.core.matter.facts import MatterFact
from transfer.core.refusals import Refused
from transfer.core.words import Basis, Frozen
from transfer.procedures.key_work import facts as f
from transfer.procedures.key_work.edition import InPlan, KeyWork

F = TypeVar("F", f.CapacityStated, f.KeyWorkersStated, f.Band3Stated)

_MINUTES = Decimal(60)
_CENT = Decimal("0.01")


@dataclass(slots=True)
class Establishment:
    """What is on record of one establishment."""

    begun: f.KeyWorkBegun | None = None
    capacity: dict[date, f.CapacityStated] = field(default_factory=dict)
    key_workers: dict[date, f.KeyWorkersStated] = field(default_factory=dict)
    band_3: dict[date, f.Band3Stated] = field(default_factory=dict)
    in_plan: set[str] = field(default_factory=set)


def evolve(found: Establishment, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    match fact:
        case f.KeyWorkBegun():
            found.begun = fact
        case f.CapacityStated():
            found.capacity[fact.effective_from] = fact
        case f.KeyWorkersStated():
            found.key_workers[fact.effective_from] = fact
        case f.Band3Stated():
            found.band_3[fact.effective_from] = fact
        case f.PutInPlan():
            found.in_plan.add(fact.what)
        case f.TakenFromPlan():
            found.in_plan.discard(fact.what)
        case _:
            pass


# --- what acts need ------------------------------------------------------------------------------


class Where(Frozen):
    """Which establishment, and of which estate (such as `male closed`, `open` or `women's`)."""

    establishment: str = Field(min_length=1)
    estate: str = Field(min_length=1)


class Capacity(Frozen):
    """Operational capacity, in prisoners, from a day on: that of the act, unless one is given."""

    prisoners: int = Field(ge=0, le=100_000)
    effective_from: date | None = None


class KeyWorkers(Frozen):
    """Key workers, as people, from a day on: that of the act, unless one is given."""

    key_workers: int = Field(ge=0, le=100_000)
    effective_from: date | None = None


class Band3(Frozen):
    """Band 3 officers, as people, from a day on: that of the act, unless one is given.

    `in_post` are there, `benchmark` is how many the target staffing figure has, and `trained` are
    those in post who are trained for key work.
    """

    in_post: int = Field(ge=0, le=100_000)
    benchmark: int = Field(ge=0, le=100_000)
    trained: int = Field(ge=0, le=100_000)
    effective_from: date | None = None

    @model_validator(mode="after")
    def _of_those_in_post(self) -> Self:
        if self.trained > self.in_post:
            raise ValueError("no more officers are trained than are in post")
        return self


class OfPlan(Frozen):
    """What of the plan, by the id that the edition gives it."""

    what: str = Field(min_length=1)


# --- decisions -----------------------------------------------------------------------------------


def begin(case: Case, needs: Where) -> tuple[MatterFact, ...]:
    """Begin key work in an establishment; what its plan must have is owed from then on."""
    rules = by_edition(case)
    part = rules.part(KeyWork)
    return (
        f.KeyWorkBegun(
            **case.stamp(part.minutes),
            **pins(case),
            establishment=needs.establishment,
            estate=needs.estate,
            needed=tuple(each.id for each in part.plan),
        ),
    )


def state_capacity(case: Case, needs: Capacity) -> tuple[MatterFact, ...]:
    """Say how many prisoners the establishment can hold."""
    since, whole = needs.effective_from or case.on, _whole(case)
    if (said := whole.capacity.get(since)) is not None and said.prisoners == needs.prisoners:
        return ()
    stamp = case.stamp(by_edition(case).part(KeyWork).minutes)
    return (f.CapacityStated(**stamp, prisoners=needs.prisoners, effective_from=since),)


def state_key_workers(case: Case, needs: KeyWorkers) -> tuple[MatterFact, ...]:
    """Say how many key workers the establishment has."""
    since, whole = needs.effective_from or case.on, _whole(case)
    if (said := whole.key_workers.get(since)) is not None and said.key_workers == needs.key_workers:
        return ()
    stamp = case.stamp(by_edition(case).part(KeyWork).prisoners)
    return (f.KeyWorkersStated(**stamp, key_workers=needs.key_workers, effective_from=since),)


def state_band_3(case: Case, needs: Band3) -> tuple[MatterFact, ...]:
    """Say how many Band 3 officers there are, and how many of them are trained; raises `Refused`
    where the edition has no condition that asks for it."""
    condition = by_edition(case).part(KeyWork).condition
    if condition is None:
        raise Refused("the edition has no condition on Band 3 officers")
    since, whole = needs.effective_from or case.on, _whole(case)
    stated = f.Band3Stated(
        **case.stamp(condition.clause),
        in_post=needs.in_post,
        benchmark=needs.benchmark,
        trained=needs.trained,
        effective_from=since,
    )
    said = whole.band_3.get(since)
    if said is not None and _numbers(said) == _numbers(stated):
        return ()
    return (stated,)


def _numbers(stated: f.Band3Stated) -> tuple[int, int, int]:
    return stated.in_post, stated.benchmark, stated.trained


def put_in_plan(case: Case, needs: OfPlan) -> tuple[MatterFact, ...]:
    """Note that something is in the plan; raises `Refused` for what the edition does not ask."""
    asked = _asked_for(case, needs.what)
    if needs.what in _whole(case).in_plan:
        return ()
    return (f.PutInPlan(**case.stamp(asked.clause), what=needs.what),)


def take_from_plan(case: Case, needs: OfPlan) -> tuple[MatterFact, ...]:
    """Note that something is not in the plan any more: it is owed again."""
    asked = _asked_for(case, needs.what)
    if needs.what not in _whole(case).in_plan:
        return ()
    return (f.TakenFromPlan(**case.stamp(asked.clause), what=needs.what),)


def _whole(case: Case | Asked) -> Establishment:
    found: Establishment = case.state.whole.substance
    return found


def _asked_for(case: Case, what: str) -> InPlan:
    plan = by_edition(case).part(KeyWork).plan
    for each in plan:
        if each.id == what:
            return each
    known = ", ".join(each.id for each in plan)
    raise Refused(f"the edition asks for no {what} in the plan: it asks for {known}")


# --- answers -------------------------------------------------------------------------------------


class Staffing(Frozen):
    """The key work that an establishment's capacity implies on a day, and what its plan lacks.

    `hours` are those of a week. `key_workers` is exact, to the hundredth, `people` rounded up.
    `short_of` is how many people are lacking; `None` where nobody has said how many there are.
    `is_resourced` is whether the edition gives that time to establishments of this estate.
    """

    establishment: str
    estate: str
    is_resourced: bool
    prisoners: int | None
    hours: Decimal | None
    key_workers: Decimal | None
    people: int | None
    key_workers_in_post: int | None
    short_of: int | None
    not_in_plan: tuple[str, ...]
    basis: tuple[Basis, ...]


def staffing(asked: Asked) -> Staffing:
    """What key work takes in an establishment on a day."""
    rules, found = by_edition(asked), _whole(asked)
    part = rules.part(KeyWork)
    if found.begun is None:
        raise Refused("key work had not begun there by that day")
    estates = {each.casefold() for each in rules.texts(part.estates)}
    capacity = _standing(found.capacity, asked.on)
    in_post = _standing(found.key_workers, asked.on)
    prisoners = None if capacity is None else capacity.prisoners
    hours = exact = people = None
    if prisoners is not None:
        hours = (prisoners * rules.decimal(part.minutes) / _MINUTES).quantize(_CENT, ROUND_HALF_UP)
        whole = prisoners / rules.decimal(part.prisoners)
        exact = whole.quantize(_CENT, ROUND_HALF_UP)
        people = int(whole.to_integral_value(ROUND_CEILING))
    there = None if in_post is None else in_post.key_workers
    return Staffing(
        establishment=found.begun.establishment,
        estate=found.begun.estate,
        is_resourced=found.begun.estate.casefold() in estates,
        prisoners=prisoners,
        hours=hours,
        key_workers=exact,
        people=people,
        key_workers_in_post=there,
        short_of=None if people is None or there is None else max(0, people - there),
        not_in_plan=tuple(each.title for each in part.plan if each.id not in found.in_plan),
        basis=tuple(map(rules.basis, (part.minutes, part.prisoners, part.estates))),
    )


def _standing(stated: dict[date, F], day: date) -> F | None:
    since = max((each for each in stated if each <= day), default=None)
    return None if since is None else stated[since]


class Met(StrEnum):
    """Whether a condition is met."""

    MET = "met"
    NOT_MET = "not-met"
    NOT_STATED = "not-stated"


class KeyWorkStart(Frozen):
    """Whether key work may begin in an establishment on a day.

    `may_begin` is so by the account of `stated_by` alone: null where nobody has stated the numbers.
    `not_known` has what others say, where no source was read. `lacking` says what is not met, and
    `instead` what there is in an estate that is not given the time.
    """

    establishment: str
    estate: str
    is_resourced: bool
    instead: str | None
    condition: Met
    stated_by: str
    in_post: int | None
    benchmark: int | None
    trained: int | None
    lacking: tuple[str, ...]
    may_begin: bool | None
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


def start(asked: Asked) -> KeyWorkStart:
    """Whether key work may begin; raises `Refused` where the edition has no condition."""
    rules, found = by_edition(asked), _whole(asked)
    part = rules.part(KeyWork)
    if found.begun is None:
        raise Refused("key work had not begun there by that day")
    if part.condition is None:
        raise Refused("the edition does not say when key work may begin")
    estate = found.begun.estate
    is_resourced = estate.casefold() in {each.casefold() for each in rules.texts(part.estates)}
    instead = next((e for e in part.without if e.estate.casefold() == estate.casefold()), None)
    stated = _standing(found.band_3, asked.on)
    lacking = () if stated is None else tuple(_lacking(stated))
    met = Met.NOT_STATED if stated is None else Met.NOT_MET if lacking else Met.MET
    clauses = [part.condition.clause, part.estates]
    if instead is not None:
        clauses.append(instead.clause)
    may_begin = None if met is Met.NOT_STATED and is_resourced else met is Met.MET and is_resourced
    others = part.condition.others
    return KeyWorkStart(
        establishment=found.begun.establishment,
        estate=estate,
        is_resourced=is_resourced,
        instead=None if instead is None else instead.title,
        condition=met,
        stated_by=part.condition.stated_by,
        in_post=None if stated is None else stated.in_post,
        benchmark=None if stated is None else stated.benchmark,
        trained=None if stated is None else stated.trained,
        lacking=lacking,
        may_begin=may_begin,
        not_known=() if rules.knows(others) else (not_known(rules, others),),
        basis=tuple(map(rules.basis, clauses)),
    )


def _lacking(stated: f.Band3Stated) -> Iterator[str]:
    if stated.in_post <= stated.benchmark:
        more = stated.benchmark - stated.in_post + 1
        yield f"{more} more in Band 3, to be above the benchmark of {stated.benchmark}"
    if stated.trained < stated.in_post:
        yield f"training of {stated.in_post - stated.trained} of {stated.in_post}"
