"""Who failed their vetting and who was moved under an old policy, by version, period and body, in
numbers (VE-07: the diversity of those who fail is monitored).

Everybody counts once, by the last decision of the vetting unit. Somebody whose appeal was upheld
has passed; somebody who went back to their work is not moved.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final, cast

from projections.keeping_up.copying import Conn
from transfer.core.editions.rules import NotKnown, RulesOfEdition, not_known
from transfer.core.matter.facts import MatterFact
from transfer.core.streams import staff_stream
from transfer.core.words import Basis, Facet
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.procedures.vetting import facts as f
from transfer.procedures.vetting.answers import announced_since
from transfer.procedures.vetting.decisions import Vetting, evolve
from transfer.procedures.vetting.edition import Follows, VettingRules
from transfer.questions.appeals import undone_in
from transfer.questions.appeals_made import work_on
from transfer.questions.counts import (
    Characteristics,
    Counts,
    by_characteristics,
    groups_of,
    numbers_of,
)
from transfer.questions.cross_tables import Counted, Group, people_in, tables_of
from transfer.questions.procedures import Looking

VERSION, PERIOD, BODY = "version", "period", "body"
SORTS: Final = (VERSION, PERIOD, BODY)
_KIND: Final = "vetting"
_MONTHS: Final = 3
_NONE_GIVEN: Final[Characteristics] = MappingProxyType({})


class Came(StrEnum):
    """What came of somebody's vetting. `MOVED_UNDER_OLD`: they failed and were moved, and a version
    of the policy that was announced since would have let them stay; `MOVED`: none was."""

    PASSED = "passed"
    NOT_MOVED = "failed-not-moved"
    MOVED = "failed-moved"
    MOVED_UNDER_OLD = "failed-moved-under-old"


class VettingFailures(Counts):
    """Whose vetting was decided by a day, by what came of it: `passed`, `failed-not-moved`,
    `failed-moved`, or `failed-moved-under-old`, which is a move after which a version of the policy
    was announced that would have let them stay.

    `version` is the version of the policy that what followed the failure rests on, within its
    edition; `period` the quarter of the decision, `body` the employer on that day. `basis` is the
    clause that asks for the report, `not_known` what it leaves open.
    """

    basis: tuple[Basis, ...]
    not_known: tuple[NotKnown, ...]


COLUMNS: Final = tuple(map(str, Came))


@dataclass(frozen=True, slots=True)
class _Decided:
    staff_number: str
    on: date
    came: Came
    version: Group


def vetting_failures(
    looking: Looking,
    conn: Conn,
    effective_at: date,
    threshold: int,
    characteristics: Characteristics = _NONE_GIVEN,
) -> VettingFailures:
    """Whose vetting had been decided by a day, and what had followed by then."""
    rules: dict[str, RulesOfEdition] = {}
    once: dict[str, _Decided] = {}
    for each in _decided(looking, effective_at, rules):
        before = once.get(each.staff_number)
        if before is None or before.on <= each.on:
            once[each.staff_number] = each
    bodies = work_on(conn, looking, ((each.staff_number, each.on) for each in once.values()))
    people = [
        Counted(
            str(each.came),
            {
                VERSION: each.version,
                PERIOD: (_quarter(each.on),),
                BODY: (bodies.get((number, each.on), {}).get(Facet.EMPLOYER),),
            }
            | by_characteristics(characteristics, number),
        )
        for number, each in once.items()
    ]
    sorts = (*SORTS, *by_characteristics(characteristics, ""))
    tables = tables_of(people, COLUMNS, sorts, threshold)
    return VettingFailures(
        effective_at=effective_at,
        known_at=looking.known_at,
        threshold=threshold,
        numbers=numbers_of(tables.totals),
        people=people_in(tables.totals),
        groups=groups_of(tables),
        basis=tuple(
            each.basis(each.part(VettingRules).monitoring) for _, each in sorted(rules.items())
        ),
        not_known=tuple(
            not_known(each, each.part(VettingRules).characteristics)
            for _, each in sorted(rules.items())
            if not each.knows(each.part(VettingRules).characteristics)
        ),
    )


def _quarter(day: date) -> str:
    return f"{day.year}-Q{(day.month - 1) // _MONTHS + 1}"


def _decided(
    looking: Looking, effective_at: date, rules: dict[str, RulesOfEdition]
) -> Iterator[_Decided]:
    """Every vetting with a decision by the day; `rules` gets those by which they go, by edition."""
    people = sorted({number for _, number in looking.worlds.matters_of(_KIND)})
    streams = looking.facts_of([staff_stream(each) for each in people])
    for number, (_, events) in zip(people, streams, strict=True):
        for found in _of_person(events, effective_at):
            decision = found.failed or found.passed
            if found.asked is None or decision is None:
                continue
            edition = found.asked.edition
            if edition not in rules:
                rules[edition] = _rules(looking, found.asked)
            came, version = _came(rules[edition], found, looking.today)
            yield _Decided(number, decision.happened_on, came, version)


def _of_person(events: Iterable[Recorded[Fact]], effective_at: date) -> Iterable[Vetting]:
    """Somebody's vettings as they stood on the day."""
    events = [*events]
    undone = undone_in(events)
    found: dict[str, Vetting] = {}
    for event in events:
        fact = event.fact
        if not isinstance(fact, MatterFact) or not fact.matter.startswith(f"{_KIND}:"):
            continue
        if event.event_id not in undone and fact.happened_on <= effective_at:
            evolve(found.setdefault(fact.matter, Vetting()), fact)
    return found.values()


def _rules(looking: Looking, asked: f.VettingAsked) -> RulesOfEdition:
    kind = looking.kind(_KIND)
    return cast("RulesOfEdition", looking.worlds.rules(kind, asked, asked))


def _came(rules: RulesOfEdition, found: Vetting, known_on: date) -> tuple[Came, Group]:
    """What came of a vetting that was decided, and the version of the policy that it rests on."""
    none: Group = (None, None)
    if not found.has_failed:
        return Came.PASSED, none
    moved = next((each for each in found.followed if isinstance(each, f.VettingRedeployed)), None)
    rests_on = moved or next(found.followed, None)
    version = none if rests_on is None else (rules.edition, _title(rules, rests_on.version))
    if moved is None:
        return Came.NOT_MOVED, version
    since = announced_since(rules, moved.happened_on, known_on)
    could_stay = any(Follows.REDEPLOYMENT not in each.follows for each in since)
    return (Came.MOVED_UNDER_OLD if could_stay else Came.MOVED), version


def _title(rules: RulesOfEdition, version: str) -> str:
    found = rules.part(VettingRules).version(version)
    return version if found is None else found.title
