"""Whether panels decide alike: how often each upheld, and where they decided otherwise on equal
facts.

Facts are equal where people were assigned under one edition by one rule and one clause, and were in
one band on the day on which their appeal came. The rate is the number that a panel upheld of those
that it decided: a rate of few cases says little, so the number of cases stands beside it.

Audit may see no single decision, and reads the report of appeals by group beside this one. For it a
panel has one row, of everybody whose appeal it decided, over all rules and bands. Its numbers split
the outcomes as that report shows them, so that neither tells what the other one hides.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from projections.exercise.appeals import Stands
from projections.keeping_up.copying import Conn
from transfer.core.dating.instants import Instant
from transfer.core.matter.facts import MatterFact
from transfer.core.streams import matter_stream
from transfer.core.texts import folded
from transfer.core.words import Facet
from transfer.log.envelope import Recorded
from transfer.procedures.evaluation import facts as v
from transfer.procedures.facts import Fact
from transfer.questions.answer import Answer
from transfer.questions.appeals import undone_in
from transfer.questions.appeals_by_group import COLUMNS, tables_of_each
from transfer.questions.appeals_made import AppealMade, appeals_made
from transfer.questions.cross_tables import Group, added
from transfer.questions.procedures import Looking
from transfer.questions.small_groups import Shown
from transfer.questions.table import Row

_PANEL: Final = "panel"
_COLUMNS: Final = (str(Stands.UPHELD), str(Stands.REJECTED))
_EVALUATION: Final = "evaluation"


class EqualFacts(Answer):
    """On what decisions are compared: the edition, the rule of it by which people were assigned,
    with its title and clause, and their band."""

    edition: str
    route: str | None
    title: str | None
    clause: str | None
    band: str | None


class PanelRate(EqualFacts):
    """How often a panel upheld, on equal facts; no `panel`: none is named.

    `cases` are the appeals that it decided, `rate` the share that it upheld. Where `shown` says
    that a number is not shown, none of the three is.

    Where no decisions are listed, the row is of all facts under the edition: rule, clause and band
    are null. Everybody counts once in an exercise, by the last appeal that a panel decided.
    """

    panel: str | None
    shown: Shown
    cases: int | None
    upheld: int | None
    rate: Decimal | None


class PanelDecision(Answer):
    """One decision. `event_id` is its entry on record, by which it can be cited. Only an
    administrator sees the appeal and the person."""

    panel: str | None
    outcome: Stands
    decided_on: date
    event_id: UUID
    exercise: str
    appeal: str | None
    staff_number: str | None


class DecidedOtherwise(EqualFacts):
    """Decisions on equal facts that are not all the same, the oldest first."""

    decisions: tuple[PanelDecision, ...]


class EvaluationPanel(Answer):
    """How many jobs a panel of job evaluation decided on, and for how many of them it found another
    band than they had."""

    panel: str
    jobs: int
    another_band: int


class JobFound(Answer):
    """The band that a panel found for a job, by which entry on record."""

    panel: str
    band: str
    decided_on: date
    evaluation: str
    event_id: UUID


class JobFoundOtherwise(Answer):
    """A job of which panels found different bands, under one scheme and on one description."""

    job: str
    scheme: str
    description: str
    found: tuple[JobFound, ...]


class Consistency(Answer):
    """How panels decided, in one exercise or (null) in all, by a day, as known at an instant.

    `listed`: decisions that differ on equal facts are listed, and every number is shown. Otherwise
    none is listed, a number of fewer than `threshold` people is not shown, nor one from which it
    could be worked out, and nothing is said of job evaluation.
    """

    exercise: str | None
    effective_at: date
    known_at: Instant
    threshold: int
    listed: bool
    panels: tuple[PanelRate, ...]
    otherwise: tuple[DecidedOtherwise, ...]
    evaluation_panels: tuple[EvaluationPanel, ...]
    jobs_otherwise: tuple[JobFoundOtherwise, ...]


class RateRow(PanelRate, Row):
    """A panel's rate as a row; see `PanelRate`."""

    threshold: int
    effective_at: date
    known_at: Instant


_Facts = tuple[str, str | None, str | None, str | None, str | None]
_Called = Mapping[str | None, str | None]


def consistency(
    looking: Looking,
    conn: Conn,
    exercise: str | None,
    effective_at: date,
    threshold: int,
    *,
    listed: bool,
) -> Consistency:
    """How panels had decided by a day; `listed` for those who may see single decisions.

    Raises `NotOnRecord` for an exercise that there is not.
    """
    made = appeals_made(looking, conn, exercise, effective_at)
    jobs = _jobs(looking, effective_at) if exercise is None else ()
    found = compared(made, jobs, threshold, listed=listed)
    return Consistency(
        exercise=exercise,
        effective_at=effective_at,
        known_at=looking.known_at,
        threshold=threshold,
        listed=listed,
        panels=found.panels,
        otherwise=found.otherwise,
        evaluation_panels=found.evaluation_panels,
        jobs_otherwise=found.jobs_otherwise,
    )


@dataclass(frozen=True, slots=True)
class JobDecided:
    """A band that a panel found for a job, by the facts."""

    begun: v.EvaluationBegun
    evaluated: v.JobEvaluated
    found: JobFound


@dataclass(frozen=True, slots=True)
class Compared:
    """What a report of consistency says of appeals and of jobs."""

    panels: tuple[PanelRate, ...]
    otherwise: tuple[DecidedOtherwise, ...] = ()
    evaluation_panels: tuple[EvaluationPanel, ...] = ()
    jobs_otherwise: tuple[JobFoundOtherwise, ...] = ()


def compared(
    made: Sequence[AppealMade], jobs: Iterable[JobDecided], threshold: int, *, listed: bool
) -> Compared:
    """How panels decided these appeals and jobs. Where nothing is `listed`, no job is looked at."""
    called = _named_once(each.decision.panel for each in made if each.decision is not None)
    if not listed:
        return Compared(tuple(_rates_of_panels(made, called, threshold)))
    decided = [each for each in made if each.decision is not None]
    jobs = _panels_named_once(jobs)
    return Compared(
        tuple(_rates(decided, called)),
        tuple(_otherwise(decided, called)),
        tuple(evaluation_panels(jobs)),
        tuple(jobs_otherwise(jobs)),
    )


def people_of(found: Consistency) -> Iterator[str]:
    """The staff numbers of those whose decisions are listed."""
    for each in found.otherwise:
        for decision in each.decisions:
            if decision.staff_number is not None:
                yield decision.staff_number


def unnamed(found: Consistency) -> Consistency:
    """The same without whose the decisions are: a panel compares decisions, and not people."""
    nobody = {"appeal": None, "staff_number": None}
    return found.model_copy(
        update={
            "otherwise": tuple(
                each.model_copy(
                    update={
                        "decisions": tuple(one.model_copy(update=nobody) for one in each.decisions)
                    }
                )
                for each in found.otherwise
            )
        }
    )


def rows_of(found: Consistency) -> Iterator[Sequence[RateRow]]:
    """The rates one by one."""
    clocks = {
        "threshold": found.threshold,
        "effective_at": found.effective_at,
        "known_at": found.known_at,
    }
    yield [RateRow(**each.model_dump(), **clocks) for each in found.panels]


# --- appeals -------------------------------------------------------------------------------------


def _facts(made: AppealMade) -> _Facts:
    ground = made.ground
    return (
        ground.edition,
        ground.route,
        ground.title,
        ground.clause,
        made.work.get(Facet.BAND),
    )


def _equal(facts: _Facts) -> EqualFacts:
    edition, route, title, clause, band = facts
    return EqualFacts(edition=edition, route=route, title=title, clause=clause, band=band)


def _named_once(panels: Iterable[str | None]) -> _Called:
    """Each spelling of a panel's name, and the one by which that panel is called first."""
    first: dict[str, str] = {}
    return {each: None if each is None else first.setdefault(folded(each), each) for each in panels}


def _panel_of(made: AppealMade, called: _Called) -> str | None:
    return None if made.decision is None else called[made.decision.panel]


def _rates(decided: Iterable[AppealMade], called: _Called) -> Iterator[PanelRate]:
    """How often each panel upheld on equal facts, every number as it is."""
    found: defaultdict[tuple[_Facts, str | None], Counter[Stands]] = defaultdict(Counter)
    for each in decided:
        found[_facts(each), _panel_of(each, called)][each.stands] += 1
    for facts, panel in sorted(found, key=str):
        of = found[facts, panel]
        yield _rate(_equal(facts), panel, of[Stands.UPHELD], of[Stands.REJECTED])


def _rates_of_panels(
    made: Sequence[AppealMade], called: _Called, threshold: int
) -> Iterator[PanelRate]:
    """How often each panel upheld in all, without small numbers.

    Those who wait for a decision are in no panel's group; they are counted, because a small number
    of them hides a further outcome in the report of appeals.
    """

    def groups(each: AppealMade) -> Mapping[str, Group]:
        if each.decision is None:
            return {_PANEL: ()}
        return {_PANEL: (each.ground.edition, _panel_of(each, called))}

    sorts = (_PANEL,)
    reports = tables_of_each(made, sorts, groups, threshold)
    lines = added([*reports.values()], COLUMNS, sorts).sorts[_PANEL]
    of_panels = {(each.ground.edition, _panel_of(each, called)) for each in made if each.decision}
    for edition, panel in sorted(of_panels, key=str):
        if line := lines.get((edition, panel)):
            facts = _equal((edition, None, None, None, None))
            yield _rate(facts, panel, line[Stands.UPHELD].people, line[Stands.REJECTED].people)


def _rate(
    facts: EqualFacts, panel: str | None, upheld: int | None, rejected: int | None
) -> PanelRate:
    """A row is shown as it is only where both of its numbers are."""
    named = {**facts.model_dump(), "panel": panel}
    if upheld is None or rejected is None:
        return PanelRate(**named, shown=Shown.WITHHELD, cases=None, upheld=None, rate=None)
    cases = upheld + rejected
    rate = (Decimal(upheld) / cases).quantize(Decimal("0.01")) if cases else None
    return PanelRate(**named, shown=Shown.EXACT, cases=cases, upheld=upheld, rate=rate)


def _otherwise(decided: Iterable[AppealMade], called: _Called) -> Iterator[DecidedOtherwise]:
    equal: defaultdict[_Facts, list[AppealMade]] = defaultdict(list)
    for each in decided:
        equal[_facts(each)].append(each)
    for facts in sorted(equal, key=str):
        cases = equal[facts]
        if len({each.stands for each in cases}) < len(_COLUMNS):
            continue
        yield DecidedOtherwise(
            **_equal(facts).model_dump(),
            decisions=tuple(
                PanelDecision(
                    panel=_panel_of(each, called),
                    outcome=each.stands,
                    decided_on=each.decision.decided_on,
                    event_id=each.decision.event_id,
                    exercise=each.exercise,
                    appeal=each.appeal,
                    staff_number=each.staff_number,
                )
                for each in sorted(cases, key=_when)
                if each.decision is not None
            ),
        )


def _when(made: AppealMade) -> tuple[date, str]:
    on = date.max if made.decision is None else made.decision.decided_on
    return on, made.appeal


# --- job evaluation ------------------------------------------------------------------------------


def _jobs(looking: Looking, effective_at: date) -> Iterator[JobDecided]:
    """Every band that a panel had found by the day."""
    matters = [matter for matter, _ in looking.names(looking.kind(_EVALUATION), None)]
    streams = looking.facts_of([matter_stream(each) for each in matters])
    for matter, (_, events) in zip(matters, streams, strict=True):
        yield from jobs_decided(matter, events, effective_at)


def jobs_decided(
    matter: str, events: Sequence[Recorded[Fact]], effective_at: date
) -> Iterator[JobDecided]:
    """The bands that panels had found in one evaluation by a day, in the order of the record."""
    undone = undone_in(events)
    begun: v.EvaluationBegun | None = None
    for event in events:
        fact = event.fact
        if not isinstance(fact, MatterFact) or fact.happened_on > effective_at:
            continue
        if isinstance(fact, v.EvaluationBegun):
            begun = fact
        if isinstance(fact, v.JobEvaluated) and begun and event.event_id not in undone:
            found = JobFound(
                panel=fact.panel,
                band=fact.band,
                decided_on=fact.happened_on,
                evaluation=matter.partition(":")[2],
                event_id=event.event_id,
            )
            yield JobDecided(begun, fact, found)


def _panels_named_once(jobs: Iterable[JobDecided]) -> Sequence[JobDecided]:
    several = [*jobs]
    called = _named_once(each.found.panel for each in several)
    return [
        replace(each, found=each.found.model_copy(update={"panel": called[each.found.panel]}))
        for each in several
    ]


def evaluation_panels(jobs: Iterable[JobDecided]) -> Iterator[EvaluationPanel]:
    """How often each panel found another band than the job had."""
    found: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for each in jobs:
        found[each.found.panel][each.found.band != each.evaluated.before] += 1
    for panel, counts in sorted(found.items()):
        yield EvaluationPanel(panel=panel, jobs=counts.total(), another_band=counts[True])


def jobs_otherwise(jobs: Iterable[JobDecided]) -> Iterator[JobFoundOtherwise]:
    """The jobs of which panels found different bands, under one scheme and on one description."""
    equal: defaultdict[tuple[str, str, str], list[JobFound]] = defaultdict(list)
    for each in jobs:
        facts = each.begun.job, each.begun.scheme, each.evaluated.description
        equal[facts].append(each.found)
    for (job, scheme, description), several in sorted(equal.items()):
        if len({each.band for each in several}) > 1:
            yield JobFoundOtherwise(
                job=job,
                scheme=scheme,
                description=description,
                found=tuple(sorted(several, key=lambda each: (each.decided_on, each.evaluation))),
            )
