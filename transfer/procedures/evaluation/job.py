"""What is on record of the evaluation of one job, and of each person in it."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from transfer.core.editions.rules import HasRules, by_edition
from transfer.core.matter.deciding import Asked, Case
from transfer.core.matter.facts import MatterFact
from transfer.core.refusals import Refused
from transfer.core.words import AppealOutcome
from transfer.procedures.evaluation import facts as f
from transfer.procedures.evaluation.edition import Evaluation
from transfer.procedures.protection.facts import ProtectionGranted

DOCUMENTED = "description"
"""What a regrade goes by where the day on which the description changed is on record."""


@dataclass(slots=True)
class Job:
    """The evaluation of one job."""

    begun: f.EvaluationBegun | None = None
    descriptions: list[f.JobDescriptionStated] = field(default_factory=list)
    implemented: dict[str, f.JobDescriptionImplemented] = field(default_factory=dict)
    reviewed: dict[str, f.DescriptionReviewed] = field(default_factory=dict)
    panels: dict[str, f.EvaluationPanelSat] = field(default_factory=dict)
    evaluated: f.JobEvaluated | None = None
    asserted: dict[str, f.DayOfChangeAsserted] = field(default_factory=dict)
    sets: list[str] = field(default_factory=list)
    paused: dict[str, date] = field(default_factory=dict)
    sign_by: date | None = None
    appeals: list[f.CollectiveAppealLodged] = field(default_factory=list)
    determined: f.CollectiveAppealDetermined | None = None

    @property
    def unions(self) -> tuple[str, ...]:
        """The unions that take part in it."""
        return () if self.begun is None else self.begun.unions

    @property
    def band(self) -> str | None:
        """The band that was found in the end; `None`: none yet."""
        upheld = self.determined
        if upheld is not None and upheld.outcome is AppealOutcome.UPHELD:
            return upheld.band
        return None if self.evaluated is None else self.evaluated.band

    def description(self, name: str) -> f.JobDescriptionStated | None:
        """What was stated last of a description."""
        found = [each for each in self.descriptions if each.description == name]
        return found[-1] if found else None


@dataclass(slots=True)
class Holder:
    """Somebody who does the job."""

    appeal: f.OutcomeAppealLodged | None = None
    answered: f.OutcomeAppealAnswered | None = None
    pay: list[f.PayOfBandStated] = field(default_factory=list)
    reserved: f.RightsReserved | None = None
    proposed: f.RegradeProposed | None = None
    regraded: f.RegradedByEvaluation | None = None
    passed_by: f.RegradePassedBy | None = None
    paid: list[f.BackPayPaid] = field(default_factory=list)
    protected: ProtectionGranted | None = None

    def salary_before(self, *more: f.PayOfBandStated) -> Decimal | None:
        """What the band from before a lower one is worth a year, as last stated for the day from
        which the lower one holds; `None` where nobody has said, or none is lower."""
        lowered = self.regraded
        if lowered is None or lowered.marks_time is None:
            return None
        found: f.PayOfBandStated | None = None
        for each in (*self.pay, *more):
            counts = each.band == lowered.before and each.effective_from <= lowered.effective_from
            # Of two for one day the one that was recorded last holds.
            if counts and (found is None or each.effective_from >= found.effective_from):
                found = each
        return None if found is None else found.a_year


def evolve_job(found: Job, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    match fact:
        case f.EvaluationBegun():
            found.begun = fact
            found.sets.extend(fact.sets)
        case f.JobDescriptionStated():
            found.descriptions.append(fact)
        case f.JobDescriptionImplemented():
            found.implemented[fact.description] = fact
        case f.DescriptionReviewed():
            found.reviewed[fact.description] = fact
        case f.EvaluationPanelSat():
            found.panels[fact.panel] = fact
        case f.JobEvaluated():
            found.evaluated, found.determined = fact, None
            found.appeals.clear()
        case f.DayOfChangeAsserted():
            found.asserted[fact.said_by] = fact
        case f.EvaluationPutInSet():
            found.sets.append(fact.of_set)
        case f.EvaluationSetPaused():
            found.paused[fact.of_set] = fact.happened_on
        case f.EvaluationSetResumed():
            found.paused.pop(fact.of_set, None)
        case f.SigningDaySet():
            found.sign_by = fact.sign_by
        case f.CollectiveAppealLodged():
            found.appeals.append(fact)
        case f.CollectiveAppealDetermined():
            found.determined = fact
        case _:
            pass


def evolve_holder(found: Holder, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    match fact:
        case f.OutcomeAppealLodged():
            found.appeal, found.answered = fact, None
        case f.OutcomeAppealAnswered():
            found.answered = fact
        case f.PayOfBandStated():
            found.pay.append(fact)
        case f.RightsReserved():
            found.reserved = fact
        case f.RegradeProposed():
            found.proposed, found.passed_by = fact, None
        case f.RegradedByEvaluation():
            found.regraded, found.proposed = fact, None
        case f.RegradePassedBy():
            found.passed_by, found.proposed = fact, None
        case f.BackPayPaid():
            found.paid.append(fact)
        case ProtectionGranted():
            found.protected = fact
        case _:
            pass


# --- what decisions and answers read ------------------------------------------------------------


def job_of(case: Case | Asked) -> Job:
    """The evaluation as a whole."""
    found: Job = case.state.whole.substance
    return found


def holder_of(case: Case | Asked) -> Holder:
    """One person in it."""
    found: Holder = case.state.mine.substance
    return found


def begun_of(case: Case | Asked) -> f.EvaluationBegun:
    """With what the evaluation began; `Refused` on an earlier day."""
    begun = job_of(case).begun
    if begun is None:
        raise Refused("the evaluation of the job had not begun by that day")
    return begun


def outcome_of(case: Case | Asked) -> tuple[f.JobEvaluated, str]:
    """The outcome, and the band that was found in the end; `Refused` where there is none yet."""
    begun_of(case)
    found = job_of(case)
    if found.evaluated is None or found.band is None:
        raise Refused("no outcome had been found by that day", clause=part_of(case).panel.clause)
    return found.evaluated, found.band


def part_of(case: HasRules) -> Evaluation:
    """The part of the edition."""
    return by_edition(case).part(Evaluation)


def bases(job: Job) -> dict[str, f.DayOfChangeAsserted | f.JobDescriptionStated]:
    """From which days a higher band may count, by who says so: the documented one first."""
    found: dict[str, f.DayOfChangeAsserted | f.JobDescriptionStated] = {}
    if job.evaluated is not None:
        stated = job.description(job.evaluated.description)
        if stated is not None and stated.effective_from is not None:
            found[DOCUMENTED] = stated
    return found | job.asserted
