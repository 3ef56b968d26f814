"""Whether panels decide alike: how often each upheld, and where they decided otherwise on equal
facts.

Facts are equal where people were assigned under one edition by one rule and one clause, and were in
one band on the day on which their appeal came. The rate is the number that a panel upheld of those
that it decided: a rate of few cases says little, so the number of cases stands beside it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
from transfer.questions.appeals_made import AppealMade, appeals_made
from transfer.questions.cross_tables import Counted, Line, people_in, tables_of
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
    """

    panel: str | None
    shown: Shown
    cases: int | None
    upheld: int | None
    rate: Decimal | None


class PanelDecision(Answer):
    """One decision. `event_id` is the entry on record, for whoever has to cite it; the appeal and
    the person are there for an administrator alone."""

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
    none is listed, and a number of fewer than `threshold` appeals is not shown.
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
    decided = [each for each in made if each.decision is not None]
    jobs = [*_jobs(looking, effective_at)] if exercise is None else []
    return Consistency(
        exercise=exercise,
        effective_at=effective_at,
        known_at=looking.known_at,
        threshold=threshold,
        listed=listed,
        panels=tuple(_rates(decided, 1 if listed else threshold)),
        otherwise=tuple(_otherwise(decided)) if listed else (),
        evaluation_panels=tuple(evaluation_panels(jobs)),
        jobs_otherwise=tuple(jobs_otherwise(jobs)),
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


def _panel_of(made: AppealMade) -> str | None:
    return None if made.decision is None else made.decision.panel


def _rates(decided: Sequence[AppealMade], threshold: int) -> Iterator[PanelRate]:
    called: dict[str, str] = {}  # a panel has the name by which it is called first
    cases = []
    for each in decided:
        panel_of = _panel_of(each)
        name = None if panel_of is None else called.setdefault(folded(panel_of), panel_of)
        cases.append(Counted(str(each.stands), {_PANEL: (_facts(each), name)}))
    for group, line in tables_of(cases, _COLUMNS, (_PANEL,), threshold).sorts[_PANEL].items():
        facts, panel = group
        if isinstance(facts, tuple):
            yield _rate(_equal(facts), None if panel is None else str(panel), line)


def _rate(facts: EqualFacts, panel: str | None, line: Line) -> PanelRate:
    shown, cases = _worst(line), people_in(line)
    upheld = None if cases is None else line[Stands.UPHELD].people
    rate = None
    if cases and upheld is not None:
        rate = (Decimal(upheld) / cases).quantize(Decimal("0.01"))
    return PanelRate(
        **facts.model_dump(), panel=panel, shown=shown, cases=cases, upheld=upheld, rate=rate
    )


def _worst(line: Line) -> Shown:
    """How a row is shown as a whole: as it is only where all of it is."""
    found = {each.shown for each in line.values()}
    return Shown.EXACT if found == {Shown.EXACT} else Shown.WITHHELD


def _otherwise(decided: Sequence[AppealMade]) -> Iterator[DecidedOtherwise]:
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
                    panel=each.decision.panel,
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


@dataclass(frozen=True, slots=True)
class JobDecided:
    """A band that a panel found for a job, by the facts."""

    begun: v.EvaluationBegun
    evaluated: v.JobEvaluated
    found: JobFound


def _jobs(looking: Looking, effective_at: date) -> Iterator[JobDecided]:
    """Every band that a panel had found by the day."""
    for matter, _ in looking.names(looking.kind(_EVALUATION), None):
        yield from jobs_decided(
            matter, looking.office.log.read(matter_stream(matter)), effective_at
        )


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
