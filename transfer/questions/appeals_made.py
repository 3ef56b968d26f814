"""Every appeal against an assignment as it stood on a day: what reports of appeals count.

Read from the log: the streams of those who appealed, whom the read model of appeals names. An
appeal counts from the day on which it came, a decision from the day on which it was made.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, cast
from uuid import UUID

from projections.exercise import steps as exercise_steps
from projections.exercise.appeals import Stands, appeals
from projections.keeping_up.copying import Conn
from projections.position import projection as position_projection
from projections.position import queries as position_queries
from projections.position.answers import Member
from projections.position.spellings import called
from transfer.commands.matter_worlds import Loaded
from transfer.core.matter.words import id_of
from transfer.core.streams import staff_stream
from transfer.core.words import MAIN, Facet
from transfer.log.envelope import Recorded
from transfer.procedures.appeal import facts as p
from transfer.procedures.appeal.decisions import Appeal, evolve
from transfer.procedures.exercise import facts as a
from transfer.procedures.facts import Fact
from transfer.questions.appeals import undone_in
from transfer.questions.procedures import Looking
from transfer.rulebooks.in_force import BindingRules

SEEN_BY: Final = (exercise_steps.NAME, position_projection.NAME)
"""The read models that reports rest on, beside the log."""

FACETS: Final = (Facet.EMPLOYER, Facet.BAND, Facet.UNIT)
"""What is told of somebody's work on the day on which their appeal came."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a panel decided, and by which entry on record; no `panel` where none is named."""

    decided_on: date
    panel: str | None
    event_id: UUID


@dataclass(frozen=True, slots=True)
class Ground:
    """Why somebody was assigned as they were, which is what they appeal against: the rule of the
    edition (`route`, with its title) and its clause. The person's own words are not read."""

    edition: str
    route: str | None
    title: str | None
    clause: str | None


@dataclass(frozen=True, slots=True)
class AppealMade:
    """One appeal as it stood on the day asked about; `work` is on the day on which it came."""

    exercise: str
    appeal: str
    staff_number: str
    lodged_on: date
    stands: Stands
    decision: Decision | None
    ground: Ground
    work: Mapping[Facet, str]


@dataclass(frozen=True, slots=True)
class FoldedAppeal:
    """One appeal as its facts tell it, with the decision and the proposal that it is against."""

    matter: str
    staff_number: str
    appeal: Appeal
    lodged_on: date
    decided: Recorded[Fact] | None
    proposed: a.AssignmentProposed | None


def appeals_made(
    looking: Looking, conn: Conn, exercise: str | None, effective_at: date
) -> tuple[AppealMade, ...]:
    """The appeals of an exercise, of all where none is named, that had come by a day, as known at
    the instant of `looking`; by exercise, then by id.

    Raises `NotOnRecord` for an exercise that there is not.
    """
    if exercise is not None:
        looking.find(looking.kind("exercise"), exercise)
    made = appeals(conn, exercise, looking.known_at)
    exercises = {each.exercise for each in made}
    found = [
        each
        for each in _folded(looking, sorted({each.staff_number for each in made}), effective_at)
        if id_of(each.appeal.against) in exercises
    ]
    work = _work(conn, looking, found)
    grounds = _Grounds(looking)
    return tuple(
        AppealMade(
            exercise=id_of(each.appeal.against),
            appeal=id_of(each.matter),
            staff_number=each.staff_number,
            lodged_on=each.lodged_on,
            stands=stands_of(each.appeal),
            decision=_decision(each.decided),
            ground=grounds.of(each),
            work=work.get((each.staff_number, each.lodged_on), {}),
        )
        for each in sorted(found, key=lambda each: (each.appeal.against, each.matter))
    )


def _folded(looking: Looking, people: Sequence[str], effective_at: date) -> Iterator[FoldedAppeal]:
    streams = looking.facts_of([staff_stream(each) for each in people])
    for number, (_, events) in zip(people, streams, strict=True):
        yield from appeals_of_person(number, events, effective_at)


def appeals_of_person(
    number: str, events: Sequence[Recorded[Fact]], effective_at: date
) -> Iterator[FoldedAppeal]:
    """Somebody's appeals, each with the last proposal of its exercise up to the day on which it
    came, also where that was put on record afterwards."""
    undone = undone_in(events)
    proposals: list[a.AssignmentProposed] = []
    appealed: dict[str, Appeal] = {}
    decided: dict[str, Recorded[Fact]] = {}
    for event in events:
        fact = event.fact
        if event.event_id in undone:
            continue
        if isinstance(fact, a.AssignmentProposed):
            proposals.append(fact)
        if not isinstance(fact, p.AppealFact) or fact.happened_on > effective_at:
            continue
        if isinstance(fact, p.AppealDetermined):
            decided[fact.matter] = event
        evolve(appealed.setdefault(fact.matter, Appeal()), fact)
    for matter, appeal in appealed.items():
        came = appeal.lodged_on
        if came is None:
            continue
        of_it = (each for each in proposals if each.matter == appeal.against)
        before = [each for each in of_it if each.happened_on <= came]
        proposed = before[-1] if before else None
        yield FoldedAppeal(matter, number, appeal, came, decided.get(matter), proposed)


def stands_of(appeal: Appeal) -> Stands:
    """What had become of an appeal by the last of its facts."""
    if appeal.outcome is not None:
        return Stands(appeal.outcome)
    if appeal.withdrawn or appeal.dropped:
        return Stands.WITHDRAWN
    return Stands.LATE if appeal.panel_by is None else Stands.OPEN


def _decision(event: Recorded[Fact] | None) -> Decision | None:
    if event is None or not isinstance(event.fact, p.AppealDetermined):
        return None
    fact = event.fact
    return Decision(fact.happened_on, " ".join(fact.panel.split()) or None, event.event_id)


class _Grounds:
    """The rules of assignment of each exercise, read once."""

    def __init__(self, looking: Looking) -> None:
        self._looking = looking
        self._loaded = Loaded()
        self._of: dict[str, tuple[str, Mapping[str, str]]] = {}

    def of(self, each: FoldedAppeal) -> Ground:
        edition, titles = self._rules(each.appeal.against)
        if each.proposed is None:
            return Ground(edition, None, None, None)
        route = each.proposed.route
        return Ground(edition, route, titles.get(route), each.proposed.basis.clause)

    def _rules(self, matter: str) -> tuple[str, Mapping[str, str]]:
        if matter not in self._of:
            worlds = self._looking.worlds
            book = cast(BindingRules, worlds.rules_of(self._loaded, matter)).rulebook
            self._of[matter] = (
                book.edition,
                {each.id: each.title or each.id for each in book.routes},
            )
        return self._of[matter]


# --- where people work ---------------------------------------------------------------------------


def work_on(
    conn: Conn, looking: Looking, whom: Iterable[tuple[str, date]]
) -> Mapping[tuple[str, date], Mapping[Facet, str]]:
    """Where each of these people worked on a day, in their main job or else the first; spellings of
    one value are one. Somebody whom nobody employed then is left out."""
    by_day: defaultdict[date, set[str]] = defaultdict(set)
    for number, day in whom:
        by_day[day].add(number)
    found: dict[tuple[str, date], dict[Facet, str]] = {}
    for day, numbers in by_day.items():
        jobs = position_queries.jobs(conn, numbers, day, looking.known_at)
        for number, theirs in jobs.items():
            if theirs:
                found[number, day] = _of_main_job(theirs)
    for facet in FACETS:
        name = called(facet, [each[facet] for each in found.values() if facet in each])
        for each in found.values():
            if facet in each:
                each[facet] = name[each[facet]]
    return found


def _of_main_job(jobs: Sequence[Member]) -> dict[Facet, str]:
    job = next((each for each in jobs if each.assignment == MAIN), jobs[0])
    return {facet: job.position[facet] for facet in FACETS if facet in job.position}


def _work(
    conn: Conn, looking: Looking, found: Iterable[FoldedAppeal]
) -> Mapping[tuple[str, date], Mapping[Facet, str]]:
    return work_on(conn, looking, [(each.staff_number, each.lodged_on) for each in found])
