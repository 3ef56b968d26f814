"""The declaration of a grievance of one person or of many on one matter.

submitted ─► people raise it ─► each is owed a decision, confirmed by a day
          ─► a right to take it further, and a decision on that
"""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel

from transfer.core.matter import common
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.kind import (
    Act,
    Answer,
    Kind,
    NeedsNothing,
    Substance,
    closes,
    moves,
    on,
    opens,
)
from transfer.core.matter.reckoning import Reckoned
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.procedures.grievance import answers as a
from transfer.procedures.grievance import decisions as d
from transfer.procedures.grievance import facts as f
from transfer.procedures.grievance.edition import Grievances

N = TypeVar("N", bound=BaseModel)

ADMIN, STAFF, PANEL = ("admin",), ("staff", "admin"), ("panel", "admin")
CONFIRM, FURTHER, DECIDE = "confirm-decision", "take-further", "decide-further"


def _whole(
    name: str, needs: type[N], decide: Callable[[Case, N], tuple[MatterFact, ...]], says: str
) -> Act[N]:
    return Act(name, Over.MATTER, ADMIN, needs, decide, says)


def _person(
    name: str,
    needs: type[N],
    decide: Callable[[Case, N], tuple[MatterFact, ...]],
    says: str,
    who: tuple[str, ...] = ADMIN,
) -> Act[N]:
    return Act(name, Over.PERSON, who, needs, decide, says)


def _no_day(fact: Any) -> Reckoned:
    return Reckoned(basis=fact.basis)


def _if_not_upheld(fact: f.GrievanceDecided) -> Reckoned | None:
    return None if fact.outcome is f.GrievanceOutcome.UPHELD else fact.further_by


def _until(when: Reckoned) -> str:
    if when.on is None:
        return "by a day that is not known"
    return f"by {when.on}" + (f", by another reading {when.later}" if when.later else "")


GRIEVANCE = Kind(
    name="grievance",
    title="A grievance",
    part=Grievances,
    facts={
        f.GrievanceBegun: "grievance-begun.v1",
        f.RepresentationsAnswered: "representations-answered.v1",
        f.RepresentationsRenewed: "representations-renewed.v1",
        f.GrievanceSubmitted: "grievance-submitted.v1",
        f.GrievanceDelegated: "grievance-delegated.v1",
        f.GrievanceJoined: "grievance-joined.v1",
        f.GrievanceAnsweredOrally: "grievance-answered-orally.v1",
        f.GrievanceDecided: "grievance-decided.v1",
        f.GrievanceTakenFurther: "grievance-taken-further.v1",
        f.FurtherGrievanceDecided: "further-grievance-decided.v1",
        f.GrievanceWithdrawn: "grievance-withdrawn.v1",
    },
    acts=(
        Act(
            "begin",
            Over.MATTER,
            ("staff", "union", "admin"),
            d.Grieving,
            d.begin,
            "put a grievance on record",
            for_body="brought_by",
        ),
        _whole(
            "note-representations",
            d.RepresentationsSaid,
            d.note_representations,
            "note what the employer said to a union's representations",
        ),
        _whole(
            "renew-representations",
            NeedsNothing,
            d.renew_representations,
            "note that a union made its representations again",
        ),
        _whole("submit", NeedsNothing, d.submit, "submit a grievance that was made ready"),
        _whole("delegate", d.OtherDecider, d.delegate, "let somebody else decide"),
        _person("join", NeedsNothing, d.join, "raise the grievance too", STAFF),
        _person("answer-orally", NeedsNothing, d.answer_orally, "note that they were told"),
        _person("confirm", d.Decision, d.confirm, "confirm the decision"),
        _person("take-further", NeedsNothing, d.take_further, "take a decision further", STAFF),
        _person(
            "decide-further", d.Decision, d.decide_further, "decide what was taken further", PANEL
        ),
        _person("withdraw", NeedsNothing, d.withdraw, "withdraw from the grievance", STAFF),
        common.SETTLE,
    ),
    steps=(),
    obligations=(
        on(
            f.GrievanceJoined,
            opens(
                CONFIRM,
                Nature.DUTY,
                owner="manager",
                owed_to="staff",
                when=lambda f: f.confirm_by,
            ),
        ),
        on(f.GrievanceAnsweredOrally, moves(CONFIRM, when=lambda f: f.confirm_by)),
        on(
            f.GrievanceDecided,
            closes(CONFIRM),
            opens(FURTHER, Nature.RIGHT, owner="staff", when=_if_not_upheld),
        ),
        on(
            f.GrievanceTakenFurther,
            closes(FURTHER),
            opens(DECIDE, Nature.DUTY, owner="panel", owed_to="staff", when=_no_day),
        ),
        on(f.FurtherGrievanceDecided, closes(DECIDE)),
        on(
            f.GrievanceWithdrawn,
            closes(CONFIRM, Outcome.SUPERSEDED),
            closes(FURTHER, Outcome.SUPERSEDED),
            closes(DECIDE, Outcome.SUPERSEDED),
        ),
    ),
    sentences={
        f.GrievanceBegun: lambda f: (
            f"a grievance by {f.policy}: {f.complaint}"
            + (f", brought by {f.brought_by}" if f.brought_by else "")
            + ("; made ready, and not submitted" if f.prepared else "")
        ),
        f.RepresentationsAnswered: lambda f: f"the representations were {f.outcome}",
        f.RepresentationsRenewed: lambda _: "representations were made again",
        f.GrievanceSubmitted: lambda f: (
            "submitted" + ("" if f.advised else ", and not as a union advises")
        ),
        f.GrievanceDelegated: lambda f: f"{f.decided_by} decides, and not {f.before}",
        f.GrievanceJoined: lambda f: (
            f"raises it; the decision is to be confirmed {_until(f.confirm_by)}"
        ),
        f.GrievanceAnsweredOrally: lambda f: (
            f"was told; the decision is to be confirmed {_until(f.confirm_by)}"
        ),
        f.GrievanceDecided: lambda f: f"{f.decided_by} confirmed the decision: {f.outcome}",
        f.GrievanceTakenFurther: lambda _: "is not satisfied, and takes it further",
        f.FurtherGrievanceDecided: lambda f: f"decided further by {f.decided_by}: {f.outcome}",
        f.GrievanceWithdrawn: lambda _: "raises it no more",
    },
    whole=Substance(d.Grievance, d.evolve_whole),
    person=Substance(d.Complainant, d.evolve_person),
    # It is about people: who acts for a union reads it of those members who appointed them.
    bodies=lambda _: (),
    answers=(
        Answer(
            "stands",
            Over.PERSON,
            "How somebody's grievance stands, who decides, and whether the answer came in time",
            a.GrievanceStands,
            a.stands,
        ),
        Answer(
            "advice",
            Over.MATTER,
            "Whether a union advises the grievance, and on what that depends",
            a.GrievanceAdvice,
            a.advice,
        ),
        Answer(
            "people",
            Over.MATTER,
            "How many raise it, and how it stands for how many of them",
            a.GrievanceCounts,
            a.counts,
            sees=a.sees,
        ),
    ),
)
