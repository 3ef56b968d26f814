"""What may follow in the evaluation of a job.

    begun ─► descriptions stated ─► implemented ─► the review is due
          ─► a panel sits ─► evaluated ─► appealed against, by the unions for everybody
          ─► each side asserts from which day a higher band counts

A panel that is not as it has to be is on record all the same. Its outcome does not count, unless
somebody says why it does.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from transfer.core.editions.rules import RulesOfEdition, by_edition, pins
from transfer.core.matter.deciding import Case, require
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.reckoning import Reckoned, Reckoning, reckon
from transfer.core.refusals import AlreadyOnRecord, Failure, Refused
from transfer.core.words import AppealOutcome, Frozen, StaffNumber
from transfer.procedures.evaluation import facts as f
from transfer.procedures.evaluation.edition import EvaluationSet, GradingScheme, PanelRules
from transfer.procedures.evaluation.job import (
    DOCUMENTED,
    begun_of,
    job_of,
    outcome_of,
    part_of,
)

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
MayBeSaid = Annotated[str, StringConstraints(strip_whitespace=True)]

# --- what acts need ------------------------------------------------------------------------------


class JobToEvaluate(Frozen):
    """Which job is evaluated, the band that it has, and who began it.

    `sets` are the ids of the sets of evaluations in which it stands, `unions` those that take part.
    """

    job: Said
    band: Said
    begun_by: f.BegunBy
    sets: tuple[Said, ...] = ()
    unions: tuple[Said, ...] = ()


class StatedDescription(Frozen):
    """A description of the job, and from which day it holds; left out where nobody documented
    that."""

    description: Said
    effective_from: date | None = None


class ImplementedDescription(Frozen):
    """Which description the job is done by, from a day on."""

    description: Said
    effective_from: date


class HeldReview(Frozen):
    """Of which description the review was held, and what came of it."""

    description: Said
    found: MayBeSaid = ""


class SatPanel(Frozen):
    """Who sat on a panel, which of them are trained and from a union, and who was in the chair.

    `panel` is what it is called, `for_set` the set of evaluations that it sat for, where the job
    stands in several.
    """

    panel: Said
    description: Said
    sat: tuple[StaffNumber, ...] = Field(min_length=1)
    trained: tuple[StaffNumber, ...] = ()
    for_unions: tuple[StaffNumber, ...] = ()
    chaired_by: StaffNumber
    senior_in_the_chair: bool
    for_set: MayBeSaid = ""


class FoundBand(Frozen):
    """The band that a panel found; `admitted_because` is why it counts, where the panel was not as
    it has to be."""

    panel: Said
    band: Said
    admitted_because: MayBeSaid = ""


class AssertedDay(Frozen):
    """Who says that a higher band counts from a day on."""

    said_by: Said
    effective_from: date


class NamedSet(Frozen):
    """Which set of evaluations, by the id that the edition gives it."""

    of_set: Said


class SignBy(Frozen):
    """By which day people are asked to sign."""

    sign_by: date


class UnionsAppeal(Frozen):
    """Which union appeals."""

    body: Said


class AppealFound(Frozen):
    """What became of the appeal, and which band it found, where it is upheld."""

    outcome: AppealOutcome
    band: MayBeSaid = ""


# --- decisions -----------------------------------------------------------------------------------


def begin(case: Case, needs: JobToEvaluate) -> tuple[MatterFact, ...]:
    """Begin the evaluation of a job, by the scheme for its band."""
    if job_of(case).begun is not None:
        raise AlreadyOnRecord(f"{case.state.matter} is on record already")
    part = part_of(case)
    for each in needs.sets:
        _set(case, each)
    return (
        f.EvaluationBegun(
            **case.stamp(part.panel.clause),
            **pins(case),
            job=needs.job,
            band=needs.band,
            begun_by=needs.begun_by,
            scheme=scheme_of(by_edition(case), part.schemes, needs.band).id,
            sets=tuple(dict.fromkeys(needs.sets)),
            unions=tuple(dict.fromkeys(needs.unions)),
        ),
    )


def state_description(case: Case, needs: StatedDescription) -> tuple[MatterFact, ...]:
    """Say from which day a description of the job holds, or that nobody documented it."""
    begun_of(case)
    before = job_of(case).description(needs.description)
    if before is not None and before.effective_from == needs.effective_from:
        return ()
    rules = part_of(case).back_dating
    clause = rules.day if needs.effective_from is None else rules.clause
    return (f.JobDescriptionStated(**case.stamp(clause), **needs.model_dump()),)


def implement(case: Case, needs: ImplementedDescription) -> tuple[MatterFact, ...]:
    """Say from which day the job is done by a description: its review is due from then on."""
    _stated(case, needs.description)
    before = job_of(case).implemented.get(needs.description)
    if before is not None and before.effective_from == needs.effective_from:
        return ()
    review = part_of(case).review
    length = by_edition(case).period(review.due.clause)
    by = reckon(
        Reckoning(length=length),
        needs.effective_from,
        calendar=case.rules.calendar,
        basis=case.rules.basis(review.clause, review.due.clause),
    )
    stamp = case.stamp(review.clause)
    return (f.JobDescriptionImplemented(**stamp, **needs.model_dump(), review_by=by),)


def note_review(case: Case, needs: HeldReview) -> tuple[MatterFact, ...]:
    """Note that the review of a description was held."""
    found, clause = job_of(case), part_of(case).review.clause
    if needs.description not in found.implemented:
        raise Refused(f"{needs.description} was not implemented by {case.on}", clause=clause)
    before = found.reviewed.get(needs.description)
    if before is not None and before.found == needs.found:
        return ()
    return (f.DescriptionReviewed(**case.stamp(clause), **needs.model_dump()),)


def record_panel(case: Case, needs: SatPanel) -> tuple[MatterFact, ...]:
    """Put on record who sat, and what of a panel is lacking.

    Raises `Refused` for a set that is paused on the day, and for people who did not sit.
    """
    begun_of(case)
    found, rules = job_of(case), part_of(case).panel
    if needs.panel in found.panels:
        raise Refused(f"{needs.panel} sat on {found.panels[needs.panel].happened_on} already")
    _stated(case, needs.description)
    sat = {*needs.sat, needs.chaired_by}
    absent = sorted({*needs.trained, *needs.for_unions} - sat)
    if absent:
        raise Refused(f"{', '.join(absent)} did not sit on {needs.panel}", clause=rules.clause)
    for_set = _for_set(case, needs.for_set)
    seated = needs.model_dump() | {"sat": tuple(dict.fromkeys((*needs.sat, needs.chaired_by)))}
    made = f.EvaluationPanelSat(
        **case.stamp(rules.clause), **(seated | {"for_set": for_set}), fails=()
    )
    wanted = required(by_edition(case), rules, made)
    fails = tuple(clause for clause, least, there in wanted if there < least)
    return (made.model_copy(update={"fails": fails}),)


def record_outcome(case: Case, needs: FoundBand) -> tuple[MatterFact, ...]:
    """Put on record which band a panel found.

    Raises `Refused` with every clause that the panel does not meet, unless somebody says why its
    outcome counts.
    """
    begun, found, part = begun_of(case), job_of(case), part_of(case)
    panel = found.panels.get(needs.panel)
    if panel is None:
        raise Refused(f"{needs.panel} had not sat by {case.on}", clause=part.panel.clause)
    before = found.evaluated
    if before is not None and (before.panel, before.band) == (needs.panel, needs.band):
        return ()
    rules = by_edition(case)
    scheme_of(rules, part.schemes, needs.band)
    if not needs.admitted_because:
        require(
            Failure(f"{needs.panel}: {rules.clause(clause).text}", clause) for clause in panel.fails
        )
    return (
        f.JobEvaluated(
            **case.stamp(part.evaluated),
            panel=needs.panel,
            description=panel.description,
            band=needs.band,
            before=begun.band,
            appeal_by=_appeal_by(case),
            admitted_because=needs.admitted_because,
        ),
    )


def assert_day(case: Case, needs: AssertedDay) -> tuple[MatterFact, ...]:
    """Put from which day somebody says that a higher band counts beside what others say."""
    begun_of(case)
    before = job_of(case).asserted.get(needs.said_by)
    if before is not None and before.effective_from == needs.effective_from:
        return ()
    if needs.said_by == DOCUMENTED:
        raise Refused(f"{DOCUMENTED} is the day that is on record of the description")
    stamp = case.stamp(part_of(case).back_dating.clause)
    return (f.DayOfChangeAsserted(**stamp, **needs.model_dump()),)


def put_in_set(case: Case, needs: NamedSet) -> tuple[MatterFact, ...]:
    """Note that the job stands in another set of evaluations as well."""
    begun_of(case)
    found = _set(case, needs.of_set)
    if found.id in job_of(case).sets:
        return ()
    return (f.EvaluationPutInSet(**case.stamp(found.clause), of_set=found.id),)


def pause_set(case: Case, needs: NamedSet) -> tuple[MatterFact, ...]:
    """Note that the work on a set stops: no panel sits for it until it goes on."""
    found = _own_set(case, needs.of_set)
    if found.id in job_of(case).paused:
        return ()
    return (f.EvaluationSetPaused(**case.stamp(found.clause), of_set=found.id),)


def resume_set(case: Case, needs: NamedSet) -> tuple[MatterFact, ...]:
    """Note that the work on a set goes on."""
    found = _own_set(case, needs.of_set)
    if found.id not in job_of(case).paused:
        return ()
    return (f.EvaluationSetResumed(**case.stamp(found.clause), of_set=found.id),)


def set_signing_day(case: Case, needs: SignBy) -> tuple[MatterFact, ...]:
    """Say by which day people are asked to sign; until then they can reserve their rights."""
    outcome_of(case)
    if job_of(case).sign_by == needs.sign_by:
        return ()
    stamp = case.stamp(part_of(case).back_dating.clause)
    return (f.SigningDaySet(**stamp, sign_by=needs.sign_by),)


def appeal_for_all(case: Case, needs: UnionsAppeal) -> tuple[MatterFact, ...]:
    """Put on record that a union appeals for everybody; nothing where it has."""
    evaluated, band = outcome_of(case)
    if any(each.body == needs.body for each in job_of(case).appeals):
        return ()
    return (
        f.CollectiveAppealLodged(
            **case.stamp(part_of(case).appeal.collective),
            body=needs.body,
            against_band=band,
            in_time=in_time(case, evaluated),
        ),
    )


def determine_appeal(case: Case, needs: AppealFound) -> tuple[MatterFact, ...]:
    """Put on record what became of the collective appeal."""
    outcome_of(case)
    found, part = job_of(case), part_of(case)
    clause = part.appeal.collective
    if not found.appeals:
        raise Refused(f"no union had appealed by {case.on}", clause=clause)
    is_upheld = needs.outcome is AppealOutcome.UPHELD
    require(
        [
            Failure("say which band the appeal found (band)", clause)
            if is_upheld and not needs.band
            else None,
            Failure("an appeal that is rejected finds no other band", clause)
            if needs.band and not is_upheld
            else None,
        ]
    )
    if needs.band:
        scheme_of(by_edition(case), part.schemes, needs.band)
    before = found.determined
    if before is not None and (before.outcome, before.band) == (needs.outcome, needs.band):
        return ()
    return (
        f.CollectiveAppealDetermined(
            **case.stamp(clause), **needs.model_dump(), before=found.appeals[-1].against_band
        ),
    )


# --- what they read ------------------------------------------------------------------------------


def required(
    rules: RulesOfEdition, wanted: PanelRules, panel: f.EvaluationPanelSat
) -> Iterator[tuple[str, int, int]]:
    """What a panel has to have, by clause: at least how many, and how many there were."""
    for clause, there in (
        (wanted.members, panel.sat),
        (wanted.for_unions, panel.for_unions),
        (wanted.trained, panel.trained),
    ):
        yield clause, int(rules.decimal(clause)), len({*there})
    yield wanted.chair, 1, int(panel.senior_in_the_chair)


def scheme_of(rules: RulesOfEdition, schemes: Iterable[GradingScheme], band: str) -> GradingScheme:
    """The scheme by which a band is evaluated; `Refused` where there is none for it."""
    bands: list[str] = []
    for each in schemes:
        here = rules.texts(each.bands)
        if band in here:
            return each
        bands += here
    raise Refused(f"there is no Band {band}: there are {', '.join(bands)}")


def is_higher(
    rules: RulesOfEdition, schemes: Sequence[GradingScheme], band: str, before: str
) -> bool:
    """Whether a band is above another one; `Refused` where no source says which is."""
    scheme = scheme_of(rules, schemes, before)
    bands = rules.texts(scheme.bands)
    if not scheme.lowest_first or band not in bands:
        raise Refused(
            f"no source says which is higher, Band {band} or Band {before}", clause=scheme.bands
        )
    return bands.index(band) > bands.index(before)


def in_time(case: Case, evaluated: f.JobEvaluated) -> bool | None:
    """Whether an appeal of today is in time; `None` where the time is not known."""
    last = evaluated.appeal_by.last
    return None if last is None else case.on <= last


def _appeal_by(case: Case) -> Reckoned:
    clause = part_of(case).appeal.limit.clause
    rules, basis = by_edition(case), case.rules.basis(clause)
    if not rules.knows(clause):
        return Reckoned(basis=basis)
    reckoning = Reckoning(length=rules.period(clause))
    return reckon(reckoning, case.on, calendar=case.rules.calendar, basis=basis)


def _stated(case: Case, description: str) -> None:
    begun_of(case)
    if job_of(case).description(description) is None:
        clause = part_of(case).back_dating.clause
        raise Refused(f"{description} had not been stated by {case.on}", clause=clause)


def _set(case: Case, name: str) -> EvaluationSet:
    sets = part_of(case).sets
    for each in sets:
        if each.id == name:
            return each
    raise Refused(f"there is no set {name}: there are {', '.join(each.id for each in sets)}")


def _own_set(case: Case, name: str) -> EvaluationSet:
    begun_of(case)
    found = _set(case, name)
    if found.id not in job_of(case).sets:
        raise Refused(f"the job does not stand in {found.id}", clause=found.clause)
    return found


def _for_set(case: Case, named: str) -> str:
    """The set that a panel sits for; `Refused` where that is not said, or is paused."""
    found = job_of(case)
    if not named:
        if len(found.sets) > 1:
            raise Refused(f"say for which set the panel sat: {', '.join(found.sets)} (for_set)")
        named = found.sets[0] if found.sets else ""
    if not named:
        return ""
    of = _own_set(case, named)
    since = found.paused.get(of.id)
    if since is not None:
        raise Refused(f"{of.title}: paused since {since}", clause=of.clause)
    return of.id
