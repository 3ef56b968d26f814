"""The declaration of a change of terms around a transfer.

proposed ─► explained, as something more is learned; it is asked whether it holds
"""

from transfer.core.matter import common
from transfer.core.matter.kind import Act, Answer, Kind, Substance
from transfer.core.matter.words import Over
from transfer.procedures.variation import answers as a
from transfer.procedures.variation import decisions as d
from transfer.procedures.variation import facts as f
from transfer.procedures.variation.edition import Variation

ADMIN = ("admin",)

VARIATION = Kind(
    name="variation",
    title="A change of terms around a transfer",
    part=Variation,
    facts={
        f.VariationProposed: "variation-proposed.v1",
        f.VariationExplained: "variation-explained.v1",
    },
    acts=(
        Act("begin", Over.MATTER, ADMIN, d.Proposing, d.propose, "put a change on record"),
        Act("explain", Over.MATTER, ADMIN, f.Circumstances, d.explain, "say what was learned"),
        common.SETTLE,
    ),
    steps=(),
    obligations=(),
    sentences={
        f.VariationProposed: lambda fact: (
            f"{fact.title}: made on {fact.made_on}, around the transfer of {fact.transfer_on}"
        ),
        f.VariationExplained: lambda fact: (
            "learned of it: " + ", ".join(fact.known.model_dump(exclude_none=True))
        ),
    },
    answers=(
        Answer(
            "validity",
            Over.MATTER,
            "Whether the change holds, by the law of the day on which it was made",
            a.ValidityAnswered,
            a.validity,
            of_all_known=True,
        ),
    ),
    whole=Substance(d.Change, d.evolve),
)
