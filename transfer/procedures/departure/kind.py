"""The declaration of a departure around a transfer.

declared ─► ended on its day, once somebody else approves it; or taken back
         └► (a dismissal) appeal ─► decided: upheld, the employment has gone on
"""

from transfer.core.dating.effective_dating import Piece
from transfer.core.matter import common
from transfer.core.matter.kind import (
    Act,
    Answer,
    Kind,
    NeedsNothing,
    Step,
    Substance,
    Waits,
    closes,
    on,
    opens,
)
from transfer.core.matter.reckoning import Reckoned, fixed
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.core.record.staff import facet_pieces, leaving_pieces
from transfer.core.words import MAIN
from transfer.procedures.departure import answers as a
from transfer.procedures.departure import decisions as d
from transfer.procedures.departure import facts as f
from transfer.procedures.departure.edition import Departure

ADMIN, STAFF = ("admin",), ("staff", "admin")
EMPLOYER = "employer"
END, DECIDE = "end-employment", "decide-appeal"
_P = Over.PERSON


def _ends_on(fact: f.DepartureDeclared) -> Reckoned | None:
    return None if fact.ended_already else fixed(fact.leaves_on, fact.basis)


def _as_never_dismissed(fact: f.DismissalAppealDecided) -> tuple[Piece, ...]:
    return facet_pieces(fact.held, assignment=MAIN, effective_from=fact.effective_from)


def _as_moved(fact: f.TransferredByAppeal) -> tuple[Piece, ...]:
    return facet_pieces(fact.changes, assignment=MAIN, effective_from=fact.effective_from)


def _declared(fact: f.DepartureDeclared) -> str:
    return f"leaves {fact.employer} from {fact.leaves_on}: {fact.ground.value}" + (
        f", {fact.account}" if fact.account else ""
    )


def _explained(fact: f.DismissalExplained) -> str:
    said = (
        ("because of the transfer", fact.because_of_transfer),
        ("for a reason that changes the workforce", fact.workforce_reason),
        ("for refusing a change", fact.refused_change),
    )
    told = [what if holds else f"not {what}" for what, holds in said if holds is not None]
    if fact.service_from is not None:
        told.append(f"service from {fact.service_from}")
    return f"of the dismissal: {'; '.join(told)}"


def _left(fact: f.EmploymentLeft) -> str:
    how = ", treated as dismissed" if fact.treated_as_dismissed else ""
    return f"employment with {fact.employer} ends on the eve of {fact.effective_from}{how}"


def _decided(fact: f.DismissalAppealDecided) -> str:
    went_on = f": employment has gone on from {fact.effective_from}" if fact.held else ""
    return f"the appeal against the dismissal is {fact.outcome}{went_on}"


STEP_END = Act(END, _P, ADMIN, NeedsNothing, d.end_employment, "end the employment")

DEPARTURE = Kind(
    name="departure",
    title="Somebody leaves around a transfer",
    part=Departure,
    facts={
        f.DepartureDeclared: "departure-declared.v1",
        f.DismissalExplained: "dismissal-explained.v1",
        f.DepartureTakenBack: "departure-taken-back.v1",
        f.EmploymentLeft: "employment-left.v1",
        f.DismissalAppealLodged: "dismissal-appeal-lodged.v1",
        f.DismissalAppealDecided: "dismissal-appeal-decided.v1",
        f.TransferredByAppeal: "transferred-by-appeal.v1",
    },
    acts=(
        Act("begin", _P, STAFF, d.Declaring, d.declare, "say that somebody leaves, and why"),
        Act("explain", _P, ADMIN, d.Explaining, d.explain, "say what was learned of a dismissal"),
        Act("take-back", _P, STAFF, NeedsNothing, d.take_back, "no longer leave"),
        STEP_END,
        Act("lodge-appeal", _P, STAFF, d.Appealing, d.lodge_appeal, "appeal against a dismissal"),
        Act(DECIDE, _P, ADMIN, d.AppealDecision, d.decide_appeal, "say what the appeal came to"),
        common.APPROVE,
        common.DECLINE,
        common.SETTLE,
    ),
    steps=(Step(STEP_END, "on the first day without employment", waits=Waits.FOR_APPROVAL),),
    obligations=(
        on(f.DepartureDeclared, opens(END, Nature.ACT, owner=EMPLOYER, when=_ends_on)),
        on(f.DepartureTakenBack, closes(END, Outcome.SUPERSEDED)),
        on(f.EmploymentLeft, closes(END)),
        on(
            f.DismissalAppealLodged,
            opens(
                DECIDE,
                Nature.DUTY,
                owner=EMPLOYER,
                owed_to="staff",
                when=lambda fact: Reckoned(basis=fact.basis),
            ),
        ),
        on(f.DismissalAppealDecided, closes(DECIDE)),
    ),
    effects={
        f.EmploymentLeft: lambda fact: leaving_pieces(MAIN, fact.effective_from),
        f.DismissalAppealDecided: _as_never_dismissed,
        f.TransferredByAppeal: _as_moved,
    },
    sentences={
        f.DepartureDeclared: _declared,
        f.DismissalExplained: _explained,
        f.DepartureTakenBack: lambda _: "does not leave after all",
        f.EmploymentLeft: _left,
        f.DismissalAppealLodged: lambda fact: f"appeals to {fact.to} against the dismissal",
        f.DismissalAppealDecided: _decided,
        f.TransferredByAppeal: lambda fact: (
            f"has transferred to {fact.destination} on {fact.effective_from}, by the appeal"
        ),
    },
    answers=(
        Answer(
            "ending",
            _P,
            "How the employment ends, with whom, and whether that is a dismissal",
            a.EndingAnswered,
            a.ending,
            of_all_known=True,
        ),
        Answer(
            "unfair",
            _P,
            "Whether a dismissal is unfair because of the transfer, and who answers for it",
            a.UnfairAnswered,
            a.unfair,
            of_all_known=True,
        ),
        Answer(
            "between",
            _P,
            "Who employed somebody after their dismissal, and who answers for them",
            a.BetweenAnswered,
            a.between,
            of_all_known=True,
        ),
    ),
    person=Substance(d.Leaver, d.evolve),
    reopens=(f.EmploymentLeft, f.DismissalAppealDecided, f.TransferredByAppeal),
    grave=lambda fact: isinstance(fact, f.EmploymentLeft),
)
