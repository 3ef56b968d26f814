"""The declaration of one agreement between an employer and unions.

put on record ─► what it promises is owed, once all have agreed who have to
             ─► each promise is delivered, varied or withdrawn; what is not, is reported
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from pydantic import BaseModel

from transfer.core.matter import book as b
from transfer.core.matter import common
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import ADMINISTRATION, MatterFact
from transfer.core.matter.kind import Act, Answer, Does, Kind, Substance, closes, moves, on
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.core.texts import caseless
from transfer.procedures.agreement import answers as a
from transfer.procedures.agreement import decisions as d
from transfer.procedures.agreement import facts as f
from transfer.procedures.agreement.edition import Agreements

N = TypeVar("N", bound=BaseModel)

ADMIN, UNION = ("admin",), ("union", "admin")
DELIVER = "deliver-promise"
"""What is due of each promise, which it is about."""


def _act(
    name: str,
    needs: type[N],
    decide: Callable[[Case, N], tuple[MatterFact, ...]],
    says: str,
) -> Act[N]:
    return Act(name, Over.MATTER, ADMIN, needs, decide, says)


def _owed(promises: Iterable[f.Promised]) -> tuple[b.Effect, ...]:
    return tuple(
        b.Opens(DELIVER, Nature.DUTY, each.owner, each.due, about=each.promise) for each in promises
    )


def _owed_besides(fact: f.PromiseAdded) -> tuple[b.Effect, ...]:
    """Who promises is typed as free text. What is not the employer's promise is made to it."""
    promised = fact.promised
    is_employers = caseless(promised.owner) == ADMINISTRATION
    return (
        b.Opens(
            *(DELIVER, Nature.DUTY, promised.owner, promised.due, promised.promise),
            owed_to="" if is_employers else ADMINISTRATION,
        ),
    )


def _until(fact: f.PromiseVaried) -> str:
    return "without a day" if fact.due.on is None else f"by {fact.due.on}"


AGREEMENT = Kind(
    name="agreement",
    title="An agreement and what it promises",
    part=Agreements,
    facts={
        f.AgreementBegun: "agreement-begun.v1",
        f.AgreementAnswered: "agreement-answered.v1",
        f.AgreementReached: "agreement-reached.v1",
        f.PromiseAdded: "promise-added.v1",
        f.PromiseDelivered: "promise-delivered.v1",
        f.PromiseDated: "promise-dated.v1",
        f.PromiseVaried: "promise-varied.v1",
        f.PromiseWithdrawn: "promise-withdrawn.v1",
        f.UndeliveredReported: "undelivered-reported.v1",
    },
    acts=(
        _act("begin", d.Agreeing, d.begin, "put an agreement on record"),
        _act("note-answer", d.BodyAnswers, d.note_answer, "note who agrees, and who does not"),
        _act("add-promise", d.NewPromise, d.add_promise, "put another promise on record"),
        _act("deliver", d.Delivery, d.deliver, "note that a promise was kept"),
        _act("set-due", d.DueShown, d.set_due, "say by which day a promise was to be kept"),
        _act("vary", d.Variation, d.vary, "note that a later agreement changes a promise"),
        _act("withdraw-promise", d.OfPromise, d.withdraw, "note that a promise is owed no more"),
        Act(
            "report",
            Over.MATTER,
            UNION,
            d.Reporting,
            d.report,
            "tell a meeting what is undelivered",
            for_body="reported_by",
        ),
        common.SETTLE,
    ),
    steps=(),
    obligations=(
        on(
            f.AgreementBegun,
            Does(DELIVER, Nature.DUTY, lambda f: () if f.needs else _owed(f.promises)),
        ),
        on(f.AgreementReached, Does(DELIVER, Nature.DUTY, lambda f: _owed(f.promises))),
        on(f.PromiseAdded, Does(DELIVER, Nature.DUTY, _owed_besides)),
        on(
            f.PromiseDelivered,
            closes(DELIVER, about=lambda f: f.promise, if_=lambda f: not f.part),
        ),
        on(f.PromiseDated, moves(DELIVER, when=lambda f: f.due, about=lambda f: f.promise)),
        on(f.PromiseVaried, moves(DELIVER, when=lambda f: f.due, about=lambda f: f.promise)),
        on(f.PromiseWithdrawn, closes(DELIVER, Outcome.SUPERSEDED, about=lambda f: f.promise)),
    ),
    sentences={
        f.AgreementBegun: lambda f: (
            f"{f.title}: agreed "
            + (
                f"once {', '.join(f.needs)} agree"
                if f.needs
                else f"on {f.agreed_on or 'a day that is not known'}"
            )
            + f"; {len(f.promises)} promised"
        ),
        f.AgreementAnswered: lambda f: (
            f"{f.body} " + ("agrees" if f.accepted else "does not agree")
        ),
        f.AgreementReached: lambda _: "all agree who have to: it is made",
        f.PromiseAdded: lambda f: f"{f.promised.owner} promises: {f.promised.title}",
        f.PromiseDelivered: lambda f: (
            f"{f.promise} is delivered"
            + (" in part" if f.part else "")
            + (f": {f.what}" if f.what else "")
        ),
        f.PromiseDated: lambda f: f"{f.promise} was owed by {f.due.on}, as a document shows",
        f.PromiseVaried: lambda f: (
            f"{f.later_agreement} has {f.promise} owed {_until(f)}, from {f.counts_from} on"
        ),
        f.PromiseWithdrawn: lambda f: f"{f.promise} is owed no more",
        f.UndeliveredReported: lambda f: (
            f"{f.reported_by} told {f.meeting} what is undelivered: {', '.join(f.promises)}"
            + (f": {f.statement}" if f.statement else "")
        ),
    },
    answers=(
        Answer(
            "undelivered",
            Over.MATTER,
            "What of an agreement is undelivered on a day, since when, how long overdue, by whom",
            a.AgreementStands,
            a.undelivered,
            of_all_known=True,
        ),
        Answer(
            "counts-from",
            Over.MATTER,
            "Whether an agreement was made by a day, and from which day it counts",
            a.AgreementCounts,
            a.counts,
            of_all_known=True,
        ),
    ),
    whole=Substance(d.Agreement, d.evolve),
    bodies=lambda found: found.parties,
    is_over=lambda found, day: found.is_over(day),
)
