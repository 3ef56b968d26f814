"""The declaration of responsibility for cases.

begun ─► cases opened ─► offered to another manager ─► accepted, refused or lapsed
      ─► a case without a manager is owed one, until somebody accepts it or it is closed
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TypeVar

from pydantic import BaseModel

from transfer.core.matter import book as b
from transfer.core.matter import common
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import ADMINISTRATION, MatterFact
from transfer.core.matter.kind import (
    Act,
    Answer,
    Does,
    Kind,
    NeedsNothing,
    Step,
    Substance,
    closes,
    on,
    opens,
)
from transfer.core.matter.reckoning import Reckoned
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.procedures.case_responsibility import answers as q
from transfer.procedures.case_responsibility import decisions as d
from transfer.procedures.case_responsibility import facts as f
from transfer.procedures.case_responsibility.edition import CaseResponsibility
from transfer.procedures.case_responsibility.register import Register, evolve

N = TypeVar("N", bound=BaseModel)

ADMIN = ("admin",)
MANAGER, ANSWER = "name-manager", "answer-handover"


def _act(
    name: str, needs: type[N], decide: Callable[[Case, N], tuple[MatterFact, ...]], says: str
) -> Act[N]:
    return Act(name, Over.MATTER, ADMIN, needs, decide, says)


LAPSE = _act("lapse-handover", NeedsNothing, d.lapse, "let an offer lapse")


def _owed(fact: MatterFact, cases: tuple[str, ...]) -> Iterator[b.Effect]:
    for case in cases:
        yield b.Opens(MANAGER, Nature.DUTY, ADMINISTRATION, Reckoned(basis=fact.basis), case)


def _found(outcome: Outcome) -> Does[f.HandoverAccepted | f.CasesClosed | f.ManagerInPlace]:
    def effects(
        fact: f.HandoverAccepted | f.CasesClosed | f.ManagerInPlace,
    ) -> Iterator[b.Effect]:
        for case in fact.cases:
            yield b.Closes(MANAGER, outcome, about=case)

    return Does(MANAGER, None, effects)


def _stated(fact: f.ManagerStated) -> Iterator[b.Effect]:
    if fact.effective_to is None:
        for case in fact.cases:
            yield b.Closes(MANAGER, Outcome.MET, about=case)


def _day_after(fact: f.HandoverOffered) -> Reckoned | None:
    if fact.answer_by is None:
        return None
    return Reckoned(on=fact.answer_by + timedelta(days=1), basis=fact.basis)


def _how_many(cases: tuple[str, ...]) -> str:
    return cases[0] if len(cases) == 1 else f"{len(cases)} cases"


def _days(since: date, until: date | None) -> str:
    return f"from {since}" + (f", up to and excluding {until}" if until else "")


CASE_RESPONSIBILITY = Kind(
    name="case-responsibility",
    title="Who is responsible for each case",
    part=CaseResponsibility,
    facts={
        f.CaseRegisterBegun: "case-register-begun.v1",
        f.CasesOpened: "cases-opened.v1",
        f.CasesAllocated: "cases-allocated.v1",
        f.HandoverOffered: "handover-offered.v1",
        f.HandoverAccepted: "handover-accepted.v1",
        f.HandoverRefused: "handover-refused.v1",
        f.HandoverLapsed: "handover-lapsed.v1",
        f.CoverArranged: "cover-arranged.v1",
        f.ManagerStated: "case-manager-stated.v1",
        f.ManagerRemoved: "case-manager-removed.v1",
        f.CasesWithoutManager: "cases-without-manager.v1",
        f.ManagerInPlace: "case-manager-in-place.v1",
        f.CasesClosed: "cases-closed.v1",
    },
    acts=(
        _act("begin", d.Titled, d.begin, "begin a register of cases"),
        _act("open-cases", d.ToOpen, d.open_cases, "put cases into the register"),
        _act("offer-handover", d.ToOffer, d.offer, "offer cases to another manager"),
        _act("accept-handover", d.WhichOffer, d.accept, "note that a manager accepts cases"),
        _act("refuse-handover", d.ToRefuse, d.refuse, "note that a manager does not accept"),
        LAPSE,
        _act("arrange-cover", d.ForATime, d.cover, "let somebody cover for a time"),
        _act("allocate-cases", d.HeldBy, d.allocate, "let another organisation hold cases"),
        _act("state-manager", d.WasManager, d.state_manager, "say who was found to be responsible"),
        _act("remove-manager", d.ForATime, d.remove_manager, "say who was not responsible"),
        _act("compare-records", d.FoundOnRecord, d.compare, "compare managers with their records"),
        _act("close-cases", d.FromDay, d.close, "close cases"),
        common.SETTLE,
    ),
    steps=(Step(LAPSE, "the day after the last day to answer an offer"),),
    obligations=(
        on(
            f.CasesOpened,
            Does(MANAGER, Nature.DUTY, lambda f: _owed(f, () if f.manager else f.cases)),
        ),
        on(f.CasesWithoutManager, Does(MANAGER, Nature.DUTY, lambda f: _owed(f, f.cases))),
        on(
            f.HandoverOffered,
            opens(
                ANSWER,
                Nature.DUTY,
                owner="manager",
                about=lambda f: f.handover,
                when=lambda f: Reckoned(on=f.answer_by, basis=f.basis),
            ),
            opens(
                "lapse-handover",
                Nature.ACT,
                owner="manager",
                about=lambda f: f.handover,
                when=_day_after,
            ),
        ),
        on(
            f.HandoverAccepted,
            closes(ANSWER, about=lambda f: f.handover),
            closes("lapse-handover", Outcome.SUPERSEDED, about=lambda f: f.handover),
            _found(Outcome.MET),
        ),
        on(
            f.HandoverRefused,
            closes(ANSWER, about=lambda f: f.handover),
            closes("lapse-handover", Outcome.SUPERSEDED, about=lambda f: f.handover),
        ),
        on(
            f.HandoverLapsed,
            closes(ANSWER, Outcome.MISSED, about=lambda f: f.handover),
            closes("lapse-handover", about=lambda f: f.handover),
        ),
        on(f.ManagerStated, Does(MANAGER, None, _stated)),
        on(f.ManagerRemoved, Does(MANAGER, Nature.DUTY, lambda f: _owed(f, f.left_without))),
        on(f.ManagerInPlace, _found(Outcome.SUPERSEDED)),
        on(f.CasesClosed, _found(Outcome.SUPERSEDED)),
    ),
    sentences={
        f.CaseRegisterBegun: lambda f: f"the register of {f.title} begins",
        f.CasesOpened: lambda f: (
            f"{_how_many(f.cases)} of {f.held_by} from {f.effective_from}: "
            + (f"{f.manager} is responsible" if f.manager else "without a manager")
        ),
        f.CasesAllocated: lambda f: (
            f"{f.held_by} holds {_how_many(f.cases)} from {f.effective_from}"
        ),
        f.HandoverOffered: lambda f: (
            f"{_how_many(f.cases)} offered to {f.manager} ({f.handover})"
            + (f", from {f.effective_from} at the earliest" if f.effective_from else "")
            + (f"; to be answered by {f.answer_by}" if f.answer_by else "")
        ),
        f.HandoverAccepted: lambda f: (
            f"{f.manager} accepts {f.handover}: responsible for {_how_many(f.cases)} from "
            f"{f.effective_from}"
        ),
        f.HandoverRefused: lambda f: f"{f.handover} is not accepted: {f.reason}",
        f.HandoverLapsed: lambda f: f"{f.handover} was not answered and has lapsed",
        f.CoverArranged: lambda f: (
            f"{f.manager} covers {_how_many(f.cases)} {_days(f.effective_from, f.effective_to)}"
        ),
        f.ManagerStated: lambda f: (
            f"{f.manager} was responsible for {_how_many(f.cases)} "
            f"{_days(f.effective_from, f.effective_to)}"
            + (f", and not {f.in_place_of}" if f.in_place_of else "")
        ),
        f.ManagerRemoved: lambda f: (
            f"{f.manager} was not responsible for {_how_many(f.cases)} "
            f"{_days(f.effective_from, f.effective_to)}"
        ),
        f.CasesWithoutManager: lambda f: (
            f"{_how_many(f.cases)} without a manager from {f.effective_from}: {f.manager} is "
            f"{f.because}"
        ),
        f.ManagerInPlace: lambda f: f"{f.manager} is in place for {_how_many(f.cases)} after all",
        f.CasesClosed: lambda f: f"{_how_many(f.cases)} closed from {f.effective_from}",
    },
    answers=(
        Answer(
            "responsible",
            Over.MATTER,
            "Who is responsible for a case on a day, and which organisation employs them",
            q.CaseOnDay,
            q.responsible,
            of_all_known=True,
            reads=q.managers,
            of_one="case",
        ),
        Answer(
            "gaps",
            Over.MATTER,
            "On which days a case had no manager in place, or more than one",
            q.CaseloadReport,
            q.gaps,
            of_all_known=True,
            reads=q.managers,
        ),
    ),
    whole=Substance(Register, evolve),
)
