"""What is on record of one person in one exercise, and what the decisions read of it.

in scope ─► proposed ─► letter ─► (response) ─► confirmed ─► transferred
                          │                        ▲             ▲
                          ├─► appeal ─► determined ┘             │ not if an objection stands:
                          └─► objection ─────────────────────────┴─► employment ended
"""

from dataclasses import dataclass, field
from datetime import date

from transfer.core.matter import facts as t
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.folding import State
from transfer.core.words import AppealOutcome, Destination, WindowName
from transfer.procedures.appeal import facts as p
from transfer.procedures.exercise import facts as f


@dataclass(slots=True)
class Appeal:
    """An appeal that is being or has been heard, or was refused as late; one is open at a time."""

    matter: str
    lodged_on: date
    refused: bool = False
    out_of_time: bool = False
    overdue: bool = False
    outcome: AppealOutcome | None = None
    destination: Destination | None = None

    @property
    def is_open(self) -> bool:
        """Whether the panel has still to determine it."""
        return self.outcome is None and not self.refused


@dataclass(slots=True)
class Participation:
    """What is on record of one person in one exercise, folded."""

    scope: f.BroughtIntoScope | None = None
    proposal: f.AssignmentProposed | None = None
    letter: f.AssignmentLetterIssued | None = None
    returned: dict[str, t.NoticeReturned] = field(default_factory=dict)
    """The letters that came back, each until it is sent again."""
    reissued: dict[str, t.NoticeReissued] = field(default_factory=dict)
    """Each letter that was sent again, as it was last."""
    responses: dict[WindowName, f.ResponseRecorded] = field(default_factory=dict)
    not_proposed: str | None = None
    """Why no route reached them, in words, as long as nobody has decided where they go."""
    appeals: list[Appeal] = field(default_factory=list)
    appeals_lodged: int = 0
    objection: f.ObjectionRaised | None = None
    objection_withdrawn: bool = False
    confirmation: f.AssignmentConfirmed | None = None
    transfer: f.StaffTransferred | None = None
    ending: f.EmploymentEnded | None = None
    passed_by: f.LeaverPassedBy | None = None

    @property
    def transferor(self) -> str | None:
        """Whose they were when the exercise began to cover them."""
        return None if self.scope is None else self.scope.transferor

    @property
    def letter_issued_on(self) -> date | None:
        """The day on which the letter went out."""
        return None if self.letter is None else self.letter.happened_on

    @property
    def open_appeal(self) -> Appeal | None:
        """The appeal that awaits its panel, if any."""
        return next((appeal for appeal in self.appeals if appeal.is_open), None)

    @property
    def destination(self) -> Destination | None:
        """Where the person goes as things stand: by the last upheld appeal, else as proposed."""
        for appeal in reversed(self.appeals):
            if appeal.outcome is AppealOutcome.UPHELD:
                return appeal.destination
        return self.proposal.destination if self.proposal else None

    @property
    def is_moved_or_ended(self) -> bool:
        """Whether the person was transferred, or the exercise ended their employment."""
        return self.transfer is not None or self.ending is not None

    @property
    def is_settled(self) -> bool:
        """Whether the exercise has nothing left to do for this person, as things stand."""
        return self.is_moved_or_ended or self.passed_by is not None


def evolve(own: Participation, fact: MatterFact) -> None:
    """Fold one fact into the participation; total, and never judges."""
    match fact:
        case f.BroughtIntoScope():
            own.scope = fact
        case f.AssignmentProposed():
            own.proposal, own.passed_by, own.not_proposed = fact, None, None
        case t.StepRefused(step="propose"):
            if own.proposal is None:  # a panel may have decided as of an earlier day
                own.not_proposed = "; ".join(fact.reasons)
        case f.AssignmentLetterIssued():
            own.letter, own.passed_by = fact, None
        case t.NoticeReturned():
            own.returned[fact.notice] = fact
        case t.NoticeReissued():
            own.returned.pop(fact.notice, None)
            own.reissued[fact.notice] = fact
        case f.ResponseRecorded():
            own.responses[fact.window] = fact
        case f.ObjectionRaised():
            own.objection, own.objection_withdrawn = fact, False
        case f.ObjectionWithdrawn():
            own.objection, own.objection_withdrawn = None, True
        case f.AssignmentConfirmed():
            own.confirmation, own.passed_by = fact, None
        case f.StaffTransferred():
            own.transfer, own.passed_by = fact, None
        case f.EmploymentEnded():
            own.ending, own.passed_by = fact, None
        case f.LeaverPassedBy():
            own.passed_by = fact
        case _:
            _evolve_appeals(own, fact)


def _evolve_appeals(own: Participation, fact: MatterFact) -> None:
    match fact:
        case p.AppealLodged():
            own.appeals.append(Appeal(fact.matter, fact.happened_on))
            own.appeals_lodged += 1
            own.confirmation = None  # where late appeals are taken, it may have been final
        case p.AppealRefusedOutOfTime():
            own.appeals.append(Appeal(fact.matter, fact.happened_on, refused=True))
            own.appeals_lodged += 1
        case p.AppealWithdrawn() | p.AppealDropped():
            own.appeals = [each for each in own.appeals if each.matter != fact.matter]
        case p.AppealAcceptedOutOfTime() | p.PanelOverdue() | p.AppealDetermined():
            for appeal in own.appeals:
                if appeal.matter == fact.matter:
                    _evolve_appeal(own, appeal, fact)
        case _:
            pass


def _evolve_appeal(
    own: Participation,
    appeal: Appeal,
    fact: p.AppealAcceptedOutOfTime | p.PanelOverdue | p.AppealDetermined,
) -> None:
    match fact:
        case p.AppealAcceptedOutOfTime():
            appeal.refused, appeal.out_of_time = False, True
            own.confirmation = None  # what was final is open again until the panel has decided
        case p.PanelOverdue():
            appeal.overdue = True
        case p.AppealDetermined():
            appeal.outcome, appeal.destination = fact.outcome, fact.destination


def participation_of(state: State) -> Participation:
    """What is on record of the person whose state it is."""
    own = state.mine.substance
    if not isinstance(own, Participation):
        raise TypeError("a participation is one person's")
    return own


def participation(case: Case) -> Participation:
    """What is on record of the person whom a decision is about."""
    return participation_of(case.state)
