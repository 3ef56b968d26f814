"""The declaration of one person's redundancy: entitled, counted again, paid."""

from typing import Any

from transfer.core.matter import common
from transfer.core.matter.kind import Act, Answer, Does, Kind, Substance, closes, on, opens
from transfer.core.matter.reckoning import Reckoned
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.core.pay.money import written
from transfer.procedures.redundancy import answers as a
from transfer.procedures.redundancy import decisions as d
from transfer.procedures.redundancy import facts as f
from transfer.procedures.redundancy.edition import Redundancy

ADMIN = ("admin",)
PAY, CONSULT = "pay-redundancy", "begin-consultation"
_P = Over.PERSON


def _when(fact: Any) -> Reckoned | None:
    """The sum is owed while some of it is not paid; no source gives a day."""
    return Reckoned(basis=fact.basis) if fact.short > 0 else None


OWED: tuple[Does[Any], ...] = (
    opens(PAY, Nature.DUTY, owner="employer", owed_to="staff", when=_when),
    closes(PAY, if_=lambda fact: fact.short <= 0),
)

REDUNDANCY = Kind(
    name="redundancy",
    title="Redundancy and voluntary redundancy",
    part=Redundancy,
    facts={
        f.RedundancyEntitled: "redundancy-entitled.v1",
        f.ServiceStartAsserted: "service-start-asserted.v1",
        f.ServiceStartUsed: "service-start-used.v1",
        f.LocalSchemeShown: "local-scheme-shown.v1",
        f.RedundancyPaid: "redundancy-paid.v1",
        f.TrialBegun: "trial-begun.v1",
        f.ReEmployed: "re-employed.v1",
        f.CollectiveProposalNoted: "collective-proposal-noted.v1",
        f.DismissalsConsulted: "consultation-on-dismissals-begun.v1",
    },
    acts=(
        Act("begin", _P, ADMIN, d.Entitling, d.begin, "record what a scheme gives"),
        Act("assert-service", _P, ADMIN, d.StartSaid, d.assert_service, "say when service began"),
        Act("use-service", _P, ADMIN, d.StartUsed, d.use_service, "count from another start"),
        Act("show-local-scheme", _P, ADMIN, d.LocalScheme, d.show_local, "show a local scheme"),
        Act("pay", _P, ADMIN, d.Payment, d.record_payment, "say what was paid"),
        Act("begin-trial", _P, ADMIN, d.Trial, d.begin_trial, "note a trial in another post"),
        Act("re-employ", _P, ADMIN, d.Again, d.note_re_employment, "note that they work again"),
        Act("note-proposal", _P, ADMIN, d.Proposal, d.note_proposal, "note a collective proposal"),
        Act(
            "note-consultation",
            _P,
            ADMIN,
            d.Consulted,
            d.note_consultation,
            "note that consultation began",
        ),
        common.SETTLE,
    ),
    steps=(),
    obligations=(
        on(f.RedundancyEntitled, *OWED),
        on(f.ServiceStartUsed, *OWED),
        on(f.LocalSchemeShown, *OWED),
        on(f.RedundancyPaid, *OWED),
        on(
            f.CollectiveProposalNoted,
            opens(
                CONSULT,
                Nature.DUTY,
                owner="employer",
                owed_to="bodies",
                when=lambda fact: fact.consult_by,
            ),
            closes(CONSULT, Outcome.SUPERSEDED, if_=lambda fact: fact.consult_by is None),
        ),
        on(f.DismissalsConsulted, closes(CONSULT, day=lambda fact: fact.began_on)),
    ),
    sentences={
        f.RedundancyEntitled: lambda e: (
            f"entitled under {e.scheme} to {e.last_day}, service from {e.service_from} as "
            f"{e.service_said_by} says: {written(e.short)} pounds due"
        ),
        f.ServiceStartAsserted: lambda s: f"{s.said_by} says that service began {s.service_from}",
        f.ServiceStartUsed: lambda s: f"counted from {s.service_from}, as {s.said_by} says",
        f.LocalSchemeShown: lambda s: f"a local scheme was shown: {s.title}",
        f.RedundancyPaid: lambda p: f"{written(p.paid)} pounds paid on {p.paid_on}",
        f.TrialBegun: lambda t: f"a trial as {t.post} begins {t.effective_from}",
        f.ReEmployed: lambda r: f"employed again by {r.employer} from {r.effective_from}",
        f.CollectiveProposalNoted: lambda p: (
            f"{p.dismissals} dismissals at {p.establishment} proposed on {p.proposed_on}"
            + (f": consultation begins by {p.consult_by.on}" if p.consult_by else "")
        ),
        f.DismissalsConsulted: lambda c: f"consultation on the dismissals began on {c.began_on}",
    },
    person=Substance(d.Entitled, d.evolve),
    answers=(
        Answer(
            "entitlement",
            _P,
            "What is due and what was paid, by which start of service",
            a.EntitlementAnswered,
            a.entitlement,
        ),
        Answer(
            "consultation-periods",
            _P,
            "How long before the first dismissal consultation had to begin",
            a.PeriodsAnswered,
            a.consultation_periods,
        ),
    ),
)
