"""The declaration of the vetting of one person.

asked ─► passed, or failed ─► a right to appeal, a review of the risk, and what follows
      └► appeal ─► support, a panel's decision; upheld: what followed is put right
"""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel

from transfer.core.dating.effective_dating import Piece
from transfer.core.matter import book as b
from transfer.core.matter import common
from transfer.core.matter.deciding import Asked, Case
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.kind import (
    Act,
    Answer,
    Does,
    Kind,
    NeedsNothing,
    Step,
    Substance,
    closes,
    moves,
    on,
    opens,
)
from transfer.core.matter.reckoning import Reckoned
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.core.record.staff import facet_pieces, term_piece
from transfer.core.words import AppealOutcome
from transfer.procedures.vetting import answers as a
from transfer.procedures.vetting import decisions as d
from transfer.procedures.vetting import facts as f
from transfer.procedures.vetting.edition import VettingRules

N = TypeVar("N", bound=BaseModel)

ADMIN, STAFF, PANEL = ("admin",), ("staff", "admin"), ("panel", "admin")
EMPLOYER = "employer"

CLEARANCE, RESTRICTION = "vetting", "vetting_restriction"
"""The terms: the level that somebody is cleared to, and what they are not given to do."""

APPEAL, DETERMINATION, SUPPORT, REVIEW = "appeal", "determination", "support-appeal", "review-risk"
FOLLOW, REDEPLOY_ON, PUT_RIGHT = "decide-what-follows", "redeploy", "put-right"
OUTCOME, CHECK = "vetting-outcome", "national-check"


def _act(
    name: str,
    needs: type[N],
    decide: Callable[[Case, N], tuple[MatterFact, ...]],
    says: str,
    who: tuple[str, ...] = ADMIN,
) -> Act[N]:
    return Act(name, Over.PERSON, who, needs, decide, says)


def _answer(
    name: str, says: str, gives: type[BaseModel], work_out: Callable[[Asked], BaseModel]
) -> Answer:
    return Answer(name, Over.PERSON, says, gives, work_out)


def _no_day(fact: MatterFact) -> Reckoned:
    return Reckoned(basis=fact.basis)


def _if_supported(fact: f.VettingFailed | f.VettingAppealLodged) -> Reckoned | None:
    return Reckoned(basis=fact.basis) if fact.is_supported else None


def _to_put_right(fact: f.VettingAppealDetermined) -> tuple[b.Effect, ...]:
    when = Reckoned(basis=fact.basis)
    return tuple(
        b.Opens(PUT_RIGHT, Nature.DUTY, EMPLOYER, when, about=it.value, owed_to="staff")
        for it in fact.to_put_right
    )


def _is_upheld(fact: f.VettingAppealDetermined) -> bool:
    return fact.outcome is AppealOutcome.UPHELD


def _cleared(level: str | None, fact: f.VettingPassed | f.VettingAppealDetermined) -> Piece:
    return term_piece(CLEARANCE, level, fact.happened_on, fact.effective_to)


def _readings(readings: tuple[f.Reading, ...]) -> str:
    return ", ".join(f"{each.last_day} (from the {each.counted_from})" for each in readings)


def _until(fact: f.VettingFailed | f.VettingDecisionReceived) -> str:
    later = fact.appeal_by.later
    return f"{fact.appeal_by.on}" + (f", by another reading {later}" if later else "")


def _changes(changes: "dict[object, str]") -> str:
    return ", ".join(f"{facet} {value}" for facet, value in changes.items())


REDEPLOY = _act(REDEPLOY_ON, NeedsNothing, d.redeploy, "redeploy them on the day proposed")

VETTING = Kind(
    name="vetting",
    title="The vetting of a member of staff or a recruit",
    part=VettingRules,
    begins="ask-for-vetting",
    facts={
        f.VettingAsked: "vetting-asked.v1",
        f.VettingPassed: "vetting-passed.v1",
        f.VettingFailed: "vetting-failed.v1",
        f.VettingDecisionReceived: "vetting-decision-received.v1",
        f.VettingRiskReviewed: "vetting-risk-reviewed.v1",
        f.VettingAppealLodged: "vetting-appeal-lodged.v1",
        f.VettingAppealSupported: "vetting-appeal-supported.v1",
        f.VettingAppealDetermined: "vetting-appeal-determined.v1",
        f.VettingPolicyTookEffect: "vetting-policy-took-effect.v1",
        f.VettingRedeploymentProposed: "vetting-redeployment-proposed.v1",
        f.VettingRedeployed: "vetting-redeployed.v1",
        f.VettingRedeploymentPassedBy: "vetting-redeployment-passed-by.v1",
        f.VettingRestrictionSet: "vetting-restriction-set.v1",
        f.VettingRestrictionLifted: "vetting-restriction-lifted.v1",
        f.VettingRedeploymentReversed: "vetting-redeployment-reversed.v1",
        f.VettingOutcomeKept: "vetting-outcome-kept.v1",
        f.VettingFoundUnusual: "vetting-found-unusual.v1",
        f.VettingCheckedNationally: "vetting-checked-nationally.v1",
    },
    acts=(
        _act("ask-for-vetting", d.ForWhat, d.ask, "ask for somebody's vetting"),
        _act("record-pass", d.Passed, d.passed, "record that they passed"),
        _act("record-failure", d.Failed, d.failed, "record that they did not pass"),
        _act("note-receipt", NeedsNothing, d.received, "note when the decision reached them"),
        _act("review-risk", d.Referred, d.review_risk, "note that the risk was reviewed"),
        _act("lodge-appeal", d.Referred, d.lodge, "appeal against a failure", STAFF),
        _act("support-appeal", d.Referred, d.support, "note that the appeal is supported"),
        _act("decide-appeal", d.Determined, d.determine, "decide on an appeal", PANEL),
        _act("take-effect", d.WhichVersion, d.take_effect, "note when a version began to hold"),
        _act("propose-redeployment", d.OtherWork, d.propose_redeployment, "propose other work"),
        REDEPLOY,
        _act("restrict", d.Restricted, d.restrict, "let them stay without some of the work"),
        _act("lift-restriction", d.FromDay, d.lift, "end a restriction"),
        _act("reverse-redeployment", d.FromDay, d.reverse, "let them go back to their work"),
        _act("keep-outcome", d.WhatStays, d.keep, "let stay what followed, by agreement"),
        _act("find-unusual", NeedsNothing, d.find_unusual, "ask for a national check"),
        _act("check-nationally", d.Referred, d.check_nationally, "note the national check"),
        common.SETTLE,
    ),
    steps=(Step(REDEPLOY, "the day from which other work was proposed"),),
    obligations=(
        on(f.VettingAsked, opens(OUTCOME, Nature.DUTY, owner="vetting unit", when=_no_day)),
        on(f.VettingPassed, closes(OUTCOME)),
        on(
            f.VettingFailed,
            closes(OUTCOME),
            opens(APPEAL, Nature.RIGHT, owner="staff", when=lambda f: f.appeal_by),
            opens(REVIEW, Nature.DUTY, owner=EMPLOYER, owed_to="staff", when=_if_supported),
            opens(FOLLOW, Nature.DUTY, owner=EMPLOYER, owed_to="staff", when=_if_supported),
        ),
        on(f.VettingDecisionReceived, moves(APPEAL, when=lambda f: f.appeal_by)),
        on(f.VettingRiskReviewed, closes(REVIEW)),
        on(
            f.VettingAppealLodged,
            closes(APPEAL),
            opens(DETERMINATION, Nature.DUTY, owner="panel", owed_to="staff", when=_no_day),
            opens(SUPPORT, Nature.DUTY, owner=EMPLOYER, owed_to="staff", when=_if_supported),
        ),
        on(f.VettingAppealSupported, closes(SUPPORT)),
        on(
            f.VettingAppealDetermined,
            closes(DETERMINATION),
            closes(SUPPORT, Outcome.SUPERSEDED),
            closes(REVIEW, Outcome.SUPERSEDED, if_=_is_upheld),
            closes(FOLLOW, Outcome.SUPERSEDED, if_=_is_upheld),
            closes(REDEPLOY_ON, Outcome.SUPERSEDED, if_=_is_upheld),
            Does(PUT_RIGHT, Nature.DUTY, _to_put_right),
        ),
        on(
            f.VettingRedeploymentProposed,
            opens(
                REDEPLOY_ON,
                Nature.ACT,
                owner=EMPLOYER,
                when=lambda f: Reckoned(on=f.effective_from, basis=f.basis),
            ),
        ),
        on(f.VettingRedeployed, closes(REDEPLOY_ON), closes(FOLLOW)),
        on(
            f.VettingRedeploymentPassedBy,
            closes(REDEPLOY_ON),
            closes(FOLLOW, Outcome.SUPERSEDED),
        ),
        on(
            f.VettingRestrictionSet,
            closes(FOLLOW),
            closes(REDEPLOY_ON, Outcome.SUPERSEDED),
        ),
        on(
            f.VettingRestrictionLifted,
            closes(PUT_RIGHT, about=lambda _: "restriction"),
            closes(PUT_RIGHT, about=lambda _: "adjustment"),
        ),
        on(f.VettingRedeploymentReversed, closes(PUT_RIGHT, about=lambda _: "redeployment")),
        on(
            f.VettingOutcomeKept,
            closes(PUT_RIGHT, Outcome.SUPERSEDED, about=lambda f: f.follows.value),
        ),
        on(f.VettingFoundUnusual, opens(CHECK, Nature.DUTY, owner="vetting unit", when=_no_day)),
        on(f.VettingCheckedNationally, closes(CHECK)),
    ),
    effects={
        f.VettingPassed: lambda f: (_cleared(f.level, f),),
        f.VettingAppealDetermined: lambda f: (_cleared(f.level, f),) if f.level else (),
        f.VettingRedeployed: lambda f: facet_pieces(
            f.changes, assignment="main", effective_from=f.effective_from
        ),
        f.VettingRedeploymentReversed: lambda f: facet_pieces(
            f.changes, assignment="main", effective_from=f.effective_from
        ),
        f.VettingRestrictionSet: lambda f: (term_piece(RESTRICTION, f.what, f.effective_from),),
        f.VettingRestrictionLifted: lambda f: (term_piece(RESTRICTION, None, f.effective_from),),
    },
    sentences={
        f.VettingAsked: lambda f: (
            f"vetting to {f.level} is asked for: {f.role} in {f.work}"
            + (", at recruitment" if f.recruit else "")
        ),
        f.VettingPassed: lambda f: f"passed vetting to {f.level}",
        f.VettingFailed: lambda f: f"did not pass vetting; may appeal until {_until(f)}",
        f.VettingDecisionReceived: lambda f: (
            f"the decision reached them; may appeal until {_until(f)}"
        ),
        f.VettingRiskReviewed: lambda _: "the risk was reviewed",
        f.VettingAppealLodged: lambda f: (
            "appeals against the failure"
            + (f": in time by {_readings(f.in_time_by)}" if f.in_time_by else "")
            + (f"; late by {_readings(f.late_by)}" if f.late_by else "")
        ),
        f.VettingAppealSupported: lambda _: "the appeal is supported",
        f.VettingAppealDetermined: lambda f: (
            f"the panel decided: the appeal is {f.outcome} ({f.panel})"
            + (f"; passed to {f.level}" if f.level else "")
        ),
        f.VettingPolicyTookEffect: lambda f: f"{f.version} holds from this day on",
        f.VettingRedeploymentProposed: lambda f: (
            f"to be redeployed on {f.effective_from} under {f.version}: {_changes(f.changes)}"
        ),
        f.VettingRedeployed: lambda f: (
            f"redeployed from {f.effective_from} under {f.version}: {_changes(f.changes)}"
        ),
        f.VettingRedeploymentPassedBy: lambda f: f"not redeployed: {f.reason}",
        f.VettingRestrictionSet: lambda f: (
            f"stays from {f.effective_from} under {f.version}: {f.what}"
        ),
        f.VettingRestrictionLifted: lambda f: f"the restriction ends on {f.effective_from}",
        f.VettingRedeploymentReversed: lambda f: f"goes back from {f.effective_from}",
        f.VettingOutcomeKept: lambda f: f"the {f.follows} stays, by agreement",
        f.VettingFoundUnusual: lambda _: "the outcome is unusual: to be checked nationally",
        f.VettingCheckedNationally: lambda _: "the outcome was checked nationally",
    },
    answers=(
        _answer(
            "requirement",
            "To which level somebody is vetted and why, and how many fail",
            a.Requirement,
            a.requirement,
        ),
        _answer(
            "appeal-time",
            "Until when somebody may appeal by every reading, and which an appeal kept",
            a.AppealTime,
            a.appeal_time,
        ),
        _answer(
            "governing-version",
            "Which version of the policy governed on a day, which was announced, what is unknown",
            a.GoverningVersion,
            a.governing_version,
        ),
        _answer(
            "moved-under",
            "Under which version somebody was moved, and what was announced since",
            a.MovedUnder,
            a.moved_under,
        ),
    ),
    person=Substance(d.Vetting, d.evolve),
)
