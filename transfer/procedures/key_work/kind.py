"""The declaration of key work in one establishment.

begun ─► capacity and key workers stated, from days on
      ─► each thing that the plan must have is owed until it is in the plan
"""

from transfer.core.matter import book as b
from transfer.core.matter import common
from transfer.core.matter.kind import Act, Answer, Does, Kind, Substance, closes, on, opens
from transfer.core.matter.reckoning import Reckoned
from transfer.core.matter.words import Nature, Over
from transfer.procedures.key_work import decisions as d
from transfer.procedures.key_work import facts as f
from transfer.procedures.key_work.edition import KeyWork

ADMIN = ("admin",)
IN_PLAN = "in-plan"


def _owed(fact: f.KeyWorkBegun) -> tuple[b.Effect, ...]:
    when = Reckoned(basis=fact.basis)
    return tuple(b.Opens(IN_PLAN, Nature.DUTY, "governor", when, about=it) for it in fact.needed)


KEY_WORK = Kind(
    name="key-work",
    title="Key work in an establishment",
    part=KeyWork,
    facts={
        f.KeyWorkBegun: "key-work-begun.v1",
        f.CapacityStated: "operational-capacity-stated.v1",
        f.KeyWorkersStated: "key-workers-stated.v1",
        f.Band3Stated: "band-3-stated.v1",
        f.PutInPlan: "put-in-plan.v1",
        f.TakenFromPlan: "taken-from-plan.v1",
    },
    acts=(
        Act("begin", Over.MATTER, ADMIN, d.Where, d.begin, "begin key work in an establishment"),
        Act(
            "state-capacity",
            Over.MATTER,
            ADMIN,
            d.Capacity,
            d.state_capacity,
            "say how many prisoners the establishment holds",
        ),
        Act(
            "state-key-workers",
            Over.MATTER,
            ADMIN,
            d.KeyWorkers,
            d.state_key_workers,
            "say how many key workers there are",
        ),
        Act(
            "state-band-3",
            Over.MATTER,
            ADMIN,
            d.Band3,
            d.state_band_3,
            "say how many Band 3 officers there are",
        ),
        Act("put-in-plan", Over.MATTER, ADMIN, d.OfPlan, d.put_in_plan, "note what the plan has"),
        Act(
            "take-from-plan",
            Over.MATTER,
            ADMIN,
            d.OfPlan,
            d.take_from_plan,
            "note what the plan has no more",
        ),
        common.SETTLE,
    ),
    steps=(),
    obligations=(
        on(f.KeyWorkBegun, Does(IN_PLAN, Nature.DUTY, _owed)),
        on(f.PutInPlan, closes(IN_PLAN, about=lambda f: f.what)),
        on(
            f.TakenFromPlan,
            opens(
                IN_PLAN,
                Nature.DUTY,
                owner="governor",
                about=lambda f: f.what,
                when=lambda f: Reckoned(basis=f.basis),
            ),
        ),
    ),
    sentences={
        f.KeyWorkBegun: lambda f: f"key work begins in {f.establishment} ({f.estate})",
        f.CapacityStated: lambda f: (
            f"operational capacity is {f.prisoners} prisoners from {f.effective_from}"
        ),
        f.KeyWorkersStated: lambda f: f"{f.key_workers} key workers from {f.effective_from}",
        f.Band3Stated: lambda f: (
            f"{f.in_post} Band 3 officers from {f.effective_from}, against a benchmark of "
            f"{f.benchmark}; {f.trained} are trained"
        ),
        f.PutInPlan: lambda f: f"the plan has {f.what}",
        f.TakenFromPlan: lambda f: f"the plan has {f.what} no more",
    },
    answers=(
        Answer(
            "staffing",
            Over.MATTER,
            "How many hours and people key work takes on a day, and what the plan lacks",
            d.Staffing,
            d.staffing,
        ),
        Answer(
            "start",
            Over.MATTER,
            "Whether key work may begin, by whose account, and what is lacking",
            d.KeyWorkStart,
            d.start,
        ),
    ),
    whole=Substance(d.Establishment, d.evolve),
)
