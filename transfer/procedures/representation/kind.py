"""The declaration of the appointment of a representative."""

from transfer.core.matter import common
from transfer.core.matter.kind import Act, Kind, NeedsNothing, Substance
from transfer.core.matter.no_edition import NoEdition
from transfer.core.matter.words import Over
from transfer.procedures.representation import decisions as d
from transfer.procedures.representation import facts as f

MEMBER = ("staff", "admin")

REPRESENTATION = Kind(
    name="representation",
    title="The appointment of a representative",
    rules=NoEdition(),
    facts={
        f.RepresentativeAppointed: "representative-appointed.v1",
        f.RepresentativeDismissed: "representative-dismissed.v1",
    },
    acts=(
        Act("appoint", Over.PERSON, MEMBER, d.Appointed, d.appoint, "appoint a representative"),
        Act("dismiss", Over.PERSON, MEMBER, NeedsNothing, d.dismiss, "dismiss a representative"),
        common.SETTLE,
    ),
    steps=(),
    obligations=(),
    sentences={
        f.RepresentativeAppointed: lambda f: (
            f"{f.representative} acts for the member ({', '.join(f.scopes)}) "
            f"from {f.effective_from}"
            + (f", up to and excluding {f.effective_to}" if f.effective_to else "")
        ),
        f.RepresentativeDismissed: lambda f: f"{f.representative} acts for the member no more",
    },
    person=Substance(d.Appointment, d.evolve),
    begins="appoint",
    is_over=lambda found, day: found.is_over(day),
)
