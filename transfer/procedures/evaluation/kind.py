"""The declaration of the evaluation of one job.

begun ─► descriptions ─► implemented ─► reviewed, within six months
      ─► panel ─► outcome ─► higher: people are regraded from an asserted day, with back pay
                          ├► lower: waits for approval; pay marks time, with what is owed besides
                          └► appeals, by unions for everybody or by people for themselves
"""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel

from transfer.core.matter import book as b
from transfer.core.matter import common
from transfer.core.matter.deciding import Asked, Case
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.kind import (
    Act,
    Answer,
    CallsFor,
    Does,
    Kind,
    NeedsNothing,
    Step,
    Substance,
    Waits,
    closes,
    on,
    opens,
)
from transfer.core.matter.reckoning import Reckoned, fixed
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.procedures.evaluation import answers as a
from transfer.procedures.evaluation import asking as q
from transfer.procedures.evaluation import decisions as d
from transfer.procedures.evaluation import facts as f
from transfer.procedures.evaluation import people as p
from transfer.procedures.evaluation.edition import Evaluation
from transfer.procedures.evaluation.job import Holder, Job, evolve_holder, evolve_job
from transfer.procedures.protection.called import PROTECTION, TAKE_ON
from transfer.procedures.protection.facts import ProtectionGranted

N = TypeVar("N", bound=BaseModel)

ADMIN, STAFF, UNION = ("admin",), ("staff", "admin"), ("union", "admin")
EMPLOYER = "employer"
EVALUATE, REVIEW, APPEAL, RESERVE = "evaluate", "review", "appeal-outcome", "reserve-rights"
DETERMINE, ANSWER, PAY_BACK = "determine-appeal", "answer-appeal", "pay-back-pay"

_Decide = Callable[[Case, N], tuple[MatterFact, ...]]


def _job(
    name: str, needs: type[N], decide: _Decide[N], says: str, who: tuple[str, ...] = ADMIN
) -> Act[N]:
    """What is done for the job as a whole."""
    body = "body" if "union" in who else ""
    return Act(name, Over.MATTER, who, needs, decide, says, for_body=body)


def _person(
    name: str, needs: type[N], decide: _Decide[N], says: str, who: tuple[str, ...] = ADMIN
) -> Act[N]:
    """What is done for, or by, one person."""
    return Act(name, Over.PERSON, who, needs, decide, says)


def _answer(
    name: str,
    over: Over,
    says: str,
    gives: type[BaseModel],
    work_out: Callable[[Asked], BaseModel],
    **more: Any,
) -> Answer:
    return Answer(name, over, says, gives, work_out, **more)


LOWER = _person("lower-band", NeedsNothing, p.lower_band, "let a lower band hold")


def _no_day(fact: MatterFact) -> Reckoned:
    return Reckoned(basis=fact.basis)


def _back_pay(fact: f.RegradedByEvaluation) -> Reckoned | None:
    is_owed = fact.marks_time is None and fact.effective_from < fact.paid_from
    return _no_day(fact) if is_owed else None


def _lower_on(fact: f.RegradeProposed) -> Reckoned:
    """The day from which it holds, and for days past that of the proposal."""
    return fixed(max(fact.effective_from, fact.happened_on), fact.basis)


def _owed(fact: f.RegradedByEvaluation) -> tuple[b.Effect, ...]:
    return tuple(
        b.Opens(p.OWED, Nature.DUTY, each.owner, Reckoned(basis=each.basis), each.what, "staff")
        for each in fact.owes
    )


def _said_of_regrade(fact: f.RegradedByEvaluation) -> str:
    said = f"Band {fact.band} instead of Band {fact.before} from {fact.effective_from}"
    if fact.marks_time is not None:
        last = fact.marks_time
        return f"{said}; pay marks time until {last.on}, by another reading {last.later}"
    return f"{said}, by the day of {fact.goes_by}; paid from {fact.paid_from}"


EVALUATION = Kind(
    name="evaluation",
    title="The evaluation of a job",
    part=Evaluation,
    facts={
        f.EvaluationBegun: "evaluation-begun.v1",
        f.JobDescriptionStated: "job-description-stated.v1",
        f.JobDescriptionImplemented: "job-description-implemented.v1",
        f.DescriptionReviewed: "job-description-reviewed.v1",
        f.EvaluationPanelSat: "evaluation-panel-sat.v1",
        f.JobEvaluated: "job-evaluated.v1",
        f.DayOfChangeAsserted: "day-of-change-asserted.v1",
        f.EvaluationPutInSet: "evaluation-put-in-set.v1",
        f.EvaluationSetPaused: "evaluation-set-paused.v1",
        f.EvaluationSetResumed: "evaluation-set-resumed.v1",
        f.SigningDaySet: "signing-day-set.v1",
        f.CollectiveAppealLodged: "collective-appeal-lodged.v1",
        f.CollectiveAppealDetermined: "collective-appeal-determined.v1",
        f.OutcomeAppealLodged: "outcome-appeal-lodged.v1",
        f.OutcomeAppealAnswered: "outcome-appeal-answered.v1",
        f.PayOfBandStated: "pay-of-band-stated.v1",
        f.RightsReserved: "rights-reserved.v1",
        f.RegradeProposed: "regrade-proposed.v1",
        f.RegradedByEvaluation: "regraded-by-evaluation.v1",
        f.RegradePassedBy: "regrade-passed-by.v1",
        f.OwedByRegradeMet: "owed-by-regrade-met.v1",
        f.BackPayPaid: "back-pay-paid.v1",
    },
    acts=(
        _job("begin", d.JobToEvaluate, d.begin, "begin the evaluation of a job"),
        _job(
            "state-description", d.StatedDescription, d.state_description, "state a job description"
        ),
        _job(
            "implement",
            d.ImplementedDescription,
            d.implement,
            "say by which description it is done",
        ),
        _job("note-review", d.HeldReview, d.note_review, "note that a review was held"),
        _job("record-panel", d.SatPanel, d.record_panel, "record who sat on a panel"),
        _job("record-outcome", d.FoundBand, d.record_outcome, "record the band that was found"),
        _job(
            "assert-day", d.AssertedDay, d.assert_day, "record whose day a higher band counts from"
        ),
        _job("put-in-set", d.NamedSet, d.put_in_set, "note another set in which the job stands"),
        _job("pause-set", d.NamedSet, d.pause_set, "note that the work on a set is paused"),
        _job("resume-set", d.NamedSet, d.resume_set, "note that the work on a set goes on"),
        _job("set-signing-day", d.SignBy, d.set_signing_day, "say by which day people sign"),
        _job(
            "appeal-for-all", d.UnionsAppeal, d.appeal_for_all, "record a collective appeal", UNION
        ),
        _job(DETERMINE, d.AppealFound, d.determine_appeal, "record what came of that appeal"),
        _person("appeal", NeedsNothing, p.appeal, "appeal against the outcome", STAFF),
        _person(ANSWER, p.Taken, p.answer_appeal, "say whether somebody's own appeal is taken"),
        _person("state-pay", p.PayOfBand, p.state_pay, "say what a band is worth to somebody"),
        _person(RESERVE, NeedsNothing, p.reserve_rights, "reserve the right to claim more", STAFF),
        _person("regrade", p.RegradeTo, p.regrade, "put somebody in the band that was found"),
        LOWER,
        _person("discharge-owed", p.OwedNamed, p.discharge, "note that something owed was done"),
        _person(PAY_BACK, p.BackPaid, p.pay_back, "record that back pay was paid"),
        common.APPROVE,
        common.DECLINE,
        common.SETTLE,
    ),
    steps=(Step(LOWER, "on the day from which a lower band is to hold", waits=Waits.FOR_APPROVAL),),
    obligations=(
        on(f.EvaluationBegun, opens(EVALUATE, Nature.DUTY, owner=EMPLOYER, when=_no_day)),
        on(
            f.JobDescriptionImplemented,
            opens(
                REVIEW,
                Nature.DUTY,
                owner=EMPLOYER,
                when=lambda f: f.review_by,
                about=lambda f: f.description,
            ),
        ),
        on(f.DescriptionReviewed, closes(REVIEW, about=lambda f: f.description)),
        on(
            f.JobEvaluated,
            closes(EVALUATE),
            opens(APPEAL, Nature.RIGHT, owner="unions and staff", when=lambda f: f.appeal_by),
        ),
        on(
            f.CollectiveAppealLodged,
            closes(APPEAL),
            opens(DETERMINE, Nature.DUTY, owner=EMPLOYER, when=_no_day),
        ),
        on(f.CollectiveAppealDetermined, closes(DETERMINE)),
        on(
            f.OutcomeAppealLodged,
            opens(ANSWER, Nature.DUTY, owner=EMPLOYER, when=_no_day, owed_to="staff"),
        ),
        on(f.OutcomeAppealAnswered, closes(ANSWER)),
        on(
            f.RegradeProposed,
            opens(
                "lower-band",
                Nature.ACT,
                owner=EMPLOYER,
                when=_lower_on,
            ),
        ),
        on(
            f.RegradedByEvaluation,
            closes("lower-band"),
            opens(PAY_BACK, Nature.DUTY, owner=EMPLOYER, when=_back_pay, owed_to="staff"),
            closes(p.OWED, Outcome.SUPERSEDED, about=lambda _: None),
            closes(b.REFUSED_STEP, Outcome.SUPERSEDED, about=lambda _: PROTECTION),
            Does(p.OWED, Nature.DUTY, _owed),
        ),
        on(f.RegradePassedBy, closes("lower-band", Outcome.SUPERSEDED)),
        on(
            f.OwedByRegradeMet,
            closes(p.OWED, about=lambda f: f.what),
            closes(b.REFUSED_STEP, about=lambda f: f.what),
        ),
        on(
            ProtectionGranted,
            closes(p.OWED, about=lambda _: PROTECTION),
            closes(b.REFUSED_STEP, about=lambda _: PROTECTION),
        ),
        on(f.BackPayPaid, closes(PAY_BACK, if_=lambda f: f.short <= 0)),
    ),
    sentences={
        f.EvaluationBegun: lambda f: (
            f"the evaluation of {f.job} (Band {f.band}) is begun by {f.begun_by}"
        ),
        f.JobDescriptionStated: lambda f: (
            f"description {f.description} holds from {f.effective_from}"
            if f.effective_from
            else f"from when description {f.description} holds, nobody documented"
        ),
        f.JobDescriptionImplemented: lambda f: (
            f"the job is done by description {f.description} from {f.effective_from}; to be "
            f"reviewed by {f.review_by.on}"
        ),
        f.DescriptionReviewed: lambda f: (
            f"description {f.description} was reviewed" + (f": {f.found}" if f.found else "")
        ),
        f.EvaluationPanelSat: lambda f: (
            f"panel {f.panel} of {len(f.sat)} sat on description {f.description}"
            + (f"; it does not meet {', '.join(f.fails)}" if f.fails else "")
        ),
        f.JobEvaluated: lambda f: (
            f"panel {f.panel} found Band {f.band}, before it was Band {f.before}"
            + (f"; counts because {f.admitted_because}" if f.admitted_because else "")
        ),
        f.DayOfChangeAsserted: lambda f: (
            f"{f.said_by}: a higher band counts from {f.effective_from}"
        ),
        f.EvaluationPutInSet: lambda f: f"stands in the set {f.of_set} as well",
        f.EvaluationSetPaused: lambda f: f"the work on the set {f.of_set} is paused",
        f.EvaluationSetResumed: lambda f: f"the work on the set {f.of_set} goes on",
        f.SigningDaySet: lambda f: f"people are asked to sign by {f.sign_by}",
        f.CollectiveAppealLodged: lambda f: f"{f.body} appeals against Band {f.against_band}",
        f.CollectiveAppealDetermined: lambda f: (
            f"the collective appeal is {f.outcome}" + (f": Band {f.band}" if f.band else "")
        ),
        f.OutcomeAppealLodged: lambda f: f"appeals against Band {f.against_band}",
        f.OutcomeAppealAnswered: lambda f: (
            "the appeal is taken" if f.accepted else "the appeal is not taken"
        ),
        f.PayOfBandStated: lambda f: (
            f"Band {f.band} is worth {f.a_year} pounds a year from {f.effective_from}"
        ),
        f.RightsReserved: lambda _: "reserves the right to claim more",
        f.RegradeProposed: lambda f: (
            f"Band {f.band} instead of Band {f.before} is proposed from {f.effective_from}; pay "
            f"marks time for {f.months} months"
        ),
        f.RegradedByEvaluation: _said_of_regrade,
        f.RegradePassedBy: lambda f: f"no lower band: {f.reason}",
        f.OwedByRegradeMet: lambda f: f"done, as the outcome owes it: {f.what}",
        f.BackPayPaid: lambda f: f"back pay of {f.paid} pounds was paid; {f.short} still owed",
    },
    effects={f.RegradedByEvaluation: f.regraded_pieces},
    answers=(
        _answer(
            "descriptions",
            Over.MATTER,
            "Which descriptions a job has, from when each holds, and since when HR knew",
            a.DescriptionsShown,
            a.descriptions,
            of_all_known=True,
        ),
        _answer(
            "panels",
            Over.MATTER,
            "Who sat on a job, against what a panel has to have",
            a.PanelsShown,
            a.panels,
        ),
        _answer(
            "outcome",
            Over.MATTER,
            "Which band was found for a job, of what, and from when it counts by each side",
            a.OutcomeShown,
            a.outcome,
        ),
        _answer(
            "appeals",
            Over.MATTER,
            "Who appeals against an outcome, until when, and who may by each account",
            a.AppealsShown,
            a.appeals,
            sees=a.sees_appeal,
        ),
        _answer(
            "reservations",
            Over.MATTER,
            "How many people had reserved their rights by the day of signing",
            a.ReservationsShown,
            a.reservations,
            sees=a.sees_reserved,
        ),
        _answer(
            "reviews",
            Over.MATTER,
            "Which reviews of job descriptions are overdue, and in which order they come",
            a.ReviewsShown,
            a.reviews,
            sees_each=a.sees_reviews,
        ),
        _answer(
            "sets",
            Over.MATTER,
            "In which sets of evaluations a job stands, and which are paused",
            a.SetsShown,
            a.sets,
        ),
        _answer(
            "bands",
            Over.PERSON,
            "The band due and the band paid at the end of each month, by each day asserted",
            q.BandsShown,
            q.bands,
            of_all_known=True,
        ),
        _answer(
            "back-pay",
            Over.PERSON,
            "What back pay comes to by each day asserted, and whether rights were reserved",
            q.BackPayShown,
            q.back_pay,
            of_all_known=True,
        ),
        _answer(
            "own-appeal",
            Over.PERSON,
            "What became of somebody's own appeal, and on whose account that rests",
            q.OwnAppealShown,
            q.own_appeal,
        ),
    ),
    hears={ProtectionGranted: lambda granted: granted.against},
    calls_for={
        fact: CallsFor(PROTECTION, TAKE_ON, p.to_protect)
        for fact in (f.RegradedByEvaluation, f.PayOfBandStated)
    },
    reopens=(f.RegradedByEvaluation,),
    whole=Substance(Job, evolve_job),
    person=Substance(Holder, evolve_holder),
    bodies=lambda found: found.unions,
    grave=lambda fact: isinstance(fact, f.RegradedByEvaluation) and fact.waited,
)
