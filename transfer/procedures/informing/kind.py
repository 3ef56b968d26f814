"""The declaration of informing and consulting before one transfer.

begun ─► each item owed until it is stated in writing, each question until it is answered
      ─► an election owed where nobody is there to be consulted
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

from pydantic import BaseModel

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
    Substance,
    closes,
    on,
    opens,
)
from transfer.core.matter.reckoning import Reckoned
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.core.pay.money import written
from transfer.procedures.informing import answers as a
from transfer.procedures.informing import decisions as d
from transfer.procedures.informing import facts as f
from transfer.procedures.informing.edition import Informing

N = TypeVar("N", bound=BaseModel)

ADMIN = ("admin",)
INFORM, ELECTION, ANSWER = "inform", "hold-election", "answer"


def _act(
    name: str, needs: type[N], decide: Callable[[Case, N], tuple[MatterFact, ...]], says: str
) -> Act[N]:
    return Act(name, Over.MATTER, ADMIN, needs, decide, says)


def _answer(
    name: str, says: str, gives: type[BaseModel], work_out: Callable[[Asked], BaseModel]
) -> Answer:
    return Answer(name, Over.MATTER, says, gives, work_out)


def _owed(fact: f.InformingBegun) -> Iterator[b.Effect]:
    """No source gives a day: long enough before the transfer (`leads_to`)."""
    for each in fact.owed:
        when = Reckoned(basis=each.basis)
        yield b.Opens(INFORM, Nature.DUTY, each.owner, when, about=each.item, owed_to="staff")


def _election(fact: f.InformingBegun | f.InformingRestated) -> Reckoned | None:
    return Reckoned(basis=fact.basis) if fact.election_owed else None


INFORMING = Kind(
    name="informing",
    title="Informing and consulting before a transfer",
    part=Informing,
    facts={
        f.InformingBegun: "informing-begun.v1",
        f.InformingRestated: "informing-restated.v1",
        f.UnionRecognised: "union-recognised.v1",
        f.ElectionInvited: "election-invited.v1",
        f.ConsulteesElected: "consultees-elected.v1",
        f.ItemStated: "item-stated.v1",
        f.ItemAsked: "item-asked.v1",
        f.ItemAnswered: "item-answered.v1",
        f.EmployeesConsultedDirectly: "employees-consulted-directly.v1",
        f.AwardStated: "award-stated.v1",
    },
    acts=(
        _act("begin", d.Beginning, d.begin, "begin to inform and consult"),
        _act("restate", d.Restated, d.restate, "put the day or the numbers right"),
        _act("recognise", d.Recognised, d.recognise, "note a recognised union"),
        _act("invite", NeedsNothing, d.invite, "note that staff were invited to elect"),
        _act("elect", d.Chosen, d.elect, "record whom staff have elected"),
        _act("state", d.Stated, d.state, "note that something was stated in writing"),
        _act("ask", d.Question, d.ask, "record a question, to which an answer is owed"),
        _act("answer", d.Answered, d.answer, "record the answer to a question"),
        _act(
            "consult-directly",
            NeedsNothing,
            d.consult_directly,
            "note that each employee was consulted",
        ),
        _act("state-award", d.Awarded, d.state_award, "record an award for a failure"),
        common.SETTLE,
    ),
    steps=(),
    obligations=(
        on(
            f.InformingBegun,
            Does(INFORM, Nature.DUTY, _owed),
            opens(ELECTION, Nature.DUTY, owner="transferor", owed_to="staff", when=_election),
        ),
        on(
            f.InformingRestated,
            opens(ELECTION, Nature.DUTY, owner="transferor", owed_to="staff", when=_election),
            closes(ELECTION, Outcome.SUPERSEDED, if_=lambda e: e.election_owed is False),
        ),
        on(f.UnionRecognised, closes(ELECTION, Outcome.SUPERSEDED)),
        on(f.ConsulteesElected, closes(ELECTION, if_=lambda e: not e.lacking)),
        on(f.ItemStated, closes(INFORM, about=lambda e: e.item)),
        on(
            f.ItemAsked,
            opens(
                ANSWER,
                Nature.DUTY,
                owner="employer",
                owed_to="bodies",
                about=lambda e: e.question,
                when=lambda e: Reckoned(basis=e.basis),
            ),
        ),
        on(f.ItemAnswered, closes(ANSWER, about=lambda e: e.question)),
    ),
    sentences={
        f.InformingBegun: lambda e: (
            f"staff of {e.transferor} are to be informed and consulted before they move to "
            f"{e.transferee} on {e.transfer_on}: {e.transferring} of {e.employees}"
        ),
        f.InformingRestated: lambda e: (
            f"the transfer is on {e.transfer_on}, of {e.transferring} out of {e.employees}"
        ),
        f.UnionRecognised: lambda e: f"{e.body} is recognised for them",
        f.ElectionInvited: lambda _: "staff were invited to elect representatives",
        f.ConsulteesElected: lambda e: (
            f"staff elected {', '.join(e.representatives)}"
            + (f"; the election lacked {', '.join(e.lacking)}" if e.lacking else "")
        ),
        f.ItemStated: lambda e: (
            f"{e.item} stated" + (": nothing" if e.none else f": {e.statement}")
        ),
        f.ItemAsked: lambda e: f"{e.asked_by} asked {e.asked_of}: {e.question}",
        f.ItemAnswered: lambda e: f"'{e.question}' was answered: {e.answer}",
        f.EmployeesConsultedDirectly: lambda _: "each employee was consulted",
        f.AwardStated: lambda e: (
            f"{e.weeks} weeks of pay awarded to {e.concerned} for the failure of {e.failed}: "
            f"{written(e.weeks_pay)} pounds a week together"
        ),
    },
    whole=Substance(d.Informed, d.evolve),
    leads_to=lambda found: None if found.begun is None else found.transfer_on,
    answers=(
        _answer(
            "who-is-consulted",
            "Who is consulted and why, and what an election lacked",
            a.ConsultedAnswered,
            a.consulted,
        ),
        _answer(
            "information",
            "What was stated in writing, what is missing, and which questions are open",
            a.InformationAnswered,
            a.information,
        ),
        _answer(
            "awards",
            "What awards come to, the most that they could, and who answers for them",
            a.AwardsAnswered,
            a.awards,
        ),
        _answer(
            "policy",
            "Which revision of a policy an agreement cites, and which there was",
            a.PolicyAnswered,
            a.policy,
        ),
    ),
)
