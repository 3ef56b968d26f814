"""The declaration of the consultation of the employers' and the unions' sides on an exercise.

opened ─► meetings called, each with its outcome or the note that none is on record
       ─► endorsed, refused, drafted anew; after each, the offers that stand otherwise
"""

from datetime import date, timedelta

from transfer.core.matter import common
from transfer.core.matter.kind import Act, Kind, NeedsNothing, Step, Substance, closes, on, opens
from transfer.core.matter.reckoning import fixed
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.procedures.consultation import facts as c
from transfer.procedures.consultation import sides

ADMIN = ("admin",)
MEETING, MISSING = "meeting", "note-missing"
_ONE_DAY = timedelta(days=1)

NOTE_MISSING = Act(
    MISSING, Over.MATTER, ADMIN, NeedsNothing, sides.note_missing, "note that no outcome is known"
)


def meeting(fact: c.MeetingCalled | c.MeetingHeld | c.OutcomeMissing) -> str:
    """About which meeting a fact is: its day tells one from another."""
    return fact.meeting_on.isoformat()


def _until(day: date | None) -> str:
    return "" if day is None else f" until {day}"


CONSULTATION = Kind(
    name="consultation",
    title="The consultation of the sides on an exercise",
    facts={
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
    },
    acts=(
        Act("begin", Over.MATTER, ADMIN, sides.Consulted, sides.begin, "open a consultation"),
        Act(
            "call-meeting", Over.MATTER, ADMIN, sides.Meeting, sides.call_meeting, "call the sides"
        ),
        Act(
            "record-happening",
            Over.MATTER,
            ADMIN,
            sides.Happened,
            sides.record_happening,
            "record what happened between the sides",
        ),
        NOTE_MISSING,
        Act(
            "move-day-of-employment",
            Over.MATTER,
            ADMIN,
            sides.TransferMoved,
            sides.move_day_of_employment,
            "move the day on which one must be employed, with the transfer",
        ),
        common.SETTLE,
    ),
    steps=(Step(NOTE_MISSING, "the day after a meeting whose outcome nobody recorded"),),
    obligations=(
        on(
            c.MeetingCalled,
            opens(
                MEETING,
                Nature.DUTY,
                owner="bodies",
                about=meeting,
                when=lambda f: fixed(f.meeting_on, f.basis),
            ),
            opens(
                MISSING,
                Nature.ACT,
                owner="employer",
                about=meeting,
                when=lambda f: fixed(f.meeting_on + _ONE_DAY, f.basis),
            ),
        ),
        on(
            c.MeetingHeld,
            closes(MEETING, about=meeting, day=lambda f: f.meeting_on),
            closes(MISSING, Outcome.SUPERSEDED, about=meeting),
        ),
        on(
            c.OutcomeMissing,
            closes(MEETING, Outcome.MISSED, about=meeting),
            closes(MISSING, about=meeting),
        ),
    ),
    sentences={
        c.ConsultationOpened: lambda f: f"{', '.join(f.bodies)} consulted on {f.agreement}",
        c.MeetingCalled: lambda f: f"a meeting is called for {f.meeting_on}: {f.purpose}",
        c.MeetingHeld: lambda f: f"the sides met on {f.meeting_on}: {f.outcome}",
        c.OutcomeMissing: lambda f: f"no outcome is on record of the meeting of {f.meeting_on}",
        c.EndorsementRefused: lambda _: "the bodies did not endorse the agreement",
        c.EndorsementGiven: lambda _: "the bodies endorsed the agreement",
        c.DraftAgreementIssued: lambda _: "an improved draft of the agreement is issued",
        c.CollectiveTermGranted: lambda f: (
            f"{f.term} for everybody in scope: {f.value}, "
            f"from {f.effective_from}{_until(f.effective_to)}"
            + (f", for those employed on {f.employed_on}" if f.employed_on else "")
        ),
        c.OfferWithdrawn: lambda f: f"{f.term} is no longer on offer from {f.effective_from}",
        c.OfferReferredToConciliation: lambda f: (
            f"{f.term} is not on offer from {f.effective_from}: referred to conciliation"
            + (f" by {f.conciliator}" if f.conciliator else "")
        ),
        c.OfferMadeConditional: lambda f: (
            f"{f.term} is on offer from {f.effective_from}, on {f.condition}"
        ),
        c.OfferRestored: lambda f: f"{f.term} is on offer from {f.effective_from}",
    },
    effects={
        c.CollectiveTermGranted: c.collective_pieces,
        c.OfferWithdrawn: c.collective_pieces,
        c.OfferReferredToConciliation: c.collective_pieces,
        c.OfferMadeConditional: c.collective_pieces,
        c.OfferRestored: c.collective_pieces,
    },
    whole=Substance(sides.Sides, sides.evolve),
)
