"""The union of every fact, its stored name, and how old versions load: the tables.

What they mean to a program, with the kinds of procedure that it has, is asked of `KnownFacts`
(`known_facts.py`), and nowhere else.

A stored name is a literal and stays for ever; a fact whose shape changes takes the next number,
and the old name gets an upcaster here and a golden file beside the new one's.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from transfer.core.matter.facts import MatterFact
from transfer.core.record import entry_objections as o
from transfer.core.record import links as i
from transfer.core.record import staff as s
from transfer.procedures.consultation import facts as c
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as a

Fact = (
    s.StaffFact
    | i.IdentityFact
    | o.ObjectionFact
    | a.AssignmentFact
    | e.ExerciseFact
    | c.ConsultationFact
    | MatterFact
)

STORED_NAMES: Mapping[type[Fact], str] = MappingProxyType(
    {
        s.StaffRegistered: "staff-registered.v1",
        s.PositionChanged: "position-changed.v1",
        s.TermGranted: "term-granted.v1",
        s.TermVaried: "term-varied.v1",
        s.TermEnded: "term-ended.v1",
        s.EntryCorrected: "entry-corrected.v1",
        s.EntryAnnulled: "entry-annulled.v1",
        s.StaffLeft: "staff-left.v1",
        i.IdentityLinked: "identity-linked.v1",
        i.IdentityUnlinked: "identity-unlinked.v1",
        o.EntryObjectedTo: "entry-objected-to.v1",
        o.EntryObjectionWithdrawn: "entry-objection-withdrawn.v1",
        o.EntryObjectionAnswered: "entry-objection-answered.v1",
        a.EvidenceReturned: "evidence-returned.v1",
        a.BroughtIntoScope: "brought-into-scope.v1",
        a.AssignmentProposed: "assignment-proposed.v1",
        a.AssignmentLetterIssued: "assignment-letter-issued.v1",
        a.ResponseRecorded: "response-recorded.v1",
        a.WindowExtended: "window-extended.v1",
        a.AppealLodged: "appeal-lodged.v1",
        a.AppealRefusedOutOfTime: "appeal-refused-out-of-time.v1",
        a.AppealAcceptedOutOfTime: "appeal-accepted-out-of-time.v1",
        a.PanelOverdue: "panel-overdue.v1",
        a.AppealDetermined: "appeal-determined.v1",
        a.ObjectionRaised: "objection-raised.v1",
        a.AssignmentConfirmed: "assignment-confirmed.v1",
        a.StaffTransferred: "staff-transferred.v1",
        a.EmploymentEnded: "employment-ended.v1",
        a.StepRefused: "step-refused.v1",
        a.LeaverPassedBy: "leaver-passed-by.v1",
        e.ExerciseOpened: "exercise-opened.v1",
        e.ScopeSet: "scope-set.v1",
        e.MilestoneSet: "milestone-set.v1",
        e.MilestoneReset: "milestone-reset.v1",
        e.MilestoneReached: "milestone-reached.v1",
        e.CohortFormed: "cohort-formed.v1",
        e.WindowReset: "window-reset.v1",
        e.StepBegun: "step-begun.v1",
        e.StepStopped: "step-stopped.v1",
        e.CohortStepTaken: "cohort-step-taken.v1",
        e.TransferorDissolved: "transferor-dissolved.v1",
        e.ExerciseCompleted: "exercise-completed.v1",
        c.ConsultationOpened: "consultation-opened.v1",
        c.MeetingCalled: "meeting-called.v1",
        c.MeetingHeld: "meeting-held.v1",
        c.OutcomeMissing: "outcome-missing.v1",
        c.EndorsementRefused: "endorsement-refused.v1",
        c.EndorsementGiven: "endorsement-given.v1",
        c.DraftAgreementIssued: "draft-agreement-issued.v1",
        c.CollectiveTermGranted: "collective-term-granted.v1",
        c.OfferWithdrawn: "offer-withdrawn.v1",
        c.OfferReferredToConciliation: "offer-referred-to-conciliation.v1",
        c.OfferMadeConditional: "offer-made-conditional.v1",
        c.OfferRestored: "offer-restored.v1",
    }
)

Upcaster = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]
"""Turns an old stored shape into the next name and shape."""

UPCASTERS: Mapping[str, Upcaster] = MappingProxyType({})


def brought_up_to_date(
    name: str, shape: dict[str, Any], upcasters: Mapping[str, Upcaster]
) -> tuple[str, dict[str, Any]]:
    """An old stored shape, version by version, until it is the one that the program knows."""
    while name in upcasters:
        name, shape = upcasters[name](shape)
    return name, shape


FROZEN: tuple[type[Fact], ...] = (
    s.StaffRegistered,
    s.PositionChanged,
    s.TermGranted,
    s.TermVaried,
    s.TermEnded,
    s.EntryCorrected,
    s.EntryAnnulled,
    s.StaffLeft,
    i.IdentityLinked,
    i.IdentityUnlinked,
    o.EntryObjectedTo,
    o.EntryObjectionWithdrawn,
    o.EntryObjectionAnswered,
)
"""The facts of the record itself, whose names and shapes are fixed for ever (docs/facts.md). Those
of procedures are fixed when the last kind of procedure is built."""

ENTRY_FACTS: tuple[type[Fact], ...] = (
    s.StaffRegistered,
    s.PositionChanged,
    s.TermGranted,
    s.TermVaried,
    s.TermEnded,
    s.EntryCorrected,
    s.EntryAnnulled,
    s.StaffLeft,
    a.StaffTransferred,
    a.EmploymentEnded,
    c.CollectiveTermGranted,
    c.OfferWithdrawn,
    c.OfferReferredToConciliation,
    c.OfferMadeConditional,
    c.OfferRestored,
)
"""The facts that state dated values, or correct or annul one that does."""
