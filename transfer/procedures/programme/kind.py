"""The declaration of the steps of a transfer, counted back from its day.

begun ─► each step due on its last day; moved with the day; done
      ─► disagreements: an agreement or an award is owed until there is one
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

from pydantic import BaseModel

from transfer.core.matter import book as b
from transfer.core.matter import common
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.kind import Act, Answer, Does, Kind, Substance, closes, on, opens
from transfer.core.matter.reckoning import Reckoned
from transfer.core.matter.words import Nature, Over
from transfer.procedures.programme import answers as a
from transfer.procedures.programme import decisions as d
from transfer.procedures.programme import facts as f
from transfer.procedures.programme.edition import Programme

N = TypeVar("N", bound=BaseModel)

ADMIN = ("admin",)
STEP, SETTLE_IT = "take-step", "settle-disagreement"


def _act(
    name: str, needs: type[N], decide: Callable[[Case, N], tuple[MatterFact, ...]], says: str
) -> Act[N]:
    return Act(name, Over.MATTER, ADMIN, needs, decide, says)


def _due(fact: f.ProgrammeBegun) -> Iterator[b.Effect]:
    for each in fact.steps:
        yield b.Opens(STEP, Nature.DUTY, each.owner, each.latest, about=each.step)


def _moved(fact: f.ProgrammeMoved) -> Iterator[b.Effect]:
    for each in fact.steps:
        yield b.Moves(STEP, each.latest, about=each.step)


PROGRAMME = Kind(
    name="programme",
    title="The steps of a transfer, counted back from its day",
    part=Programme,
    facts={
        f.ProgrammeBegun: "programme-begun.v1",
        f.ProgrammeMoved: "programme-moved.v1",
        f.ProgrammeStepDone: "programme-step-done.v1",
        f.DisagreementNoted: "disagreement-noted.v1",
        f.DisagreementReferred: "disagreement-referred.v1",
        f.DisagreementEnded: "disagreement-ended.v1",
    },
    acts=(
        _act("begin", d.Planning, d.begin, "plan the steps to a day"),
        _act("move", d.Target, d.move, "move the day, and every last day with it"),
        _act("take-step", d.StepDone, d.take_step, "note that a step was taken"),
        _act("disagree", d.Disagreed, d.disagree, "note what authorities disagree about"),
        _act("refer", d.ReferredTo, d.refer, "note who is to decide a disagreement"),
        _act("end", d.Ended, d.end, "note how a disagreement ended"),
        common.SETTLE,
    ),
    steps=(),
    obligations=(
        on(f.ProgrammeBegun, Does(STEP, Nature.DUTY, _due)),
        on(f.ProgrammeMoved, Does(STEP, None, _moved)),
        on(f.ProgrammeStepDone, closes(STEP, about=lambda e: e.step)),
        on(
            f.DisagreementNoted,
            opens(
                SETTLE_IT,
                Nature.DUTY,
                owner="employers",
                about=lambda e: e.subject_matter,
                when=lambda e: Reckoned(basis=e.basis),
            ),
        ),
        on(f.DisagreementEnded, closes(SETTLE_IT, about=lambda e: e.subject_matter)),
    ),
    sentences={
        f.ProgrammeBegun: lambda e: f"{len(e.steps)} steps lead to {e.target_on}",
        f.ProgrammeMoved: lambda e: f"the steps lead to {e.target_on} now",
        f.ProgrammeStepDone: lambda e: (
            f"{e.step} is done" + (f", before {', '.join(e.came_first)}" if e.came_first else "")
        ),
        f.DisagreementNoted: lambda e: f"{', '.join(e.between)} disagree about {e.subject_matter}",
        f.DisagreementReferred: lambda e: f"{e.to} is to decide about {e.subject_matter}",
        f.DisagreementEnded: lambda e: f"{e.subject_matter}: {e.outcome} (by {e.how})",
    },
    whole=Substance(d.Planned, d.evolve),
    answers=(
        Answer(
            "plan",
            Over.MATTER,
            "The last day of each step, and whether the plan can still be kept",
            a.PlanAnswered,
            a.plan,
        ),
        Answer(
            "disagreements",
            Over.MATTER,
            "What authorities disagree about, and who decides it",
            a.DisagreementsAnswered,
            a.disagreements,
        ),
    ),
)
