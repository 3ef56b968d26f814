"""The declaration of the consultation of the employers' and the unions' sides on an exercise.

opened ─► meetings called, each with its outcome or the note that none is on record
       ─► endorsed, refused, drafted anew; after each, the offers that stand otherwise
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeVar

from pydantic import BaseModel

from transfer.core.matter import common
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.kind import Act, Kind, NeedsNothing, Step, Substance, closes, on, opens
from transfer.core.matter.reckoning import Reckoned, fixed
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.procedures.consultation import facts as c
from transfer.procedures.consultation import sides
from transfer.procedures.consultation.answers import ANSWERS

N = TypeVar("N", bound=BaseModel)
Facts = tuple[MatterFact, ...]

ADMIN = ("admin",)
BODY = ("union", "admin")
MEETING, MISSING, REPLY = "meeting", "note-missing", "reply"
_ONE_DAY = timedelta(days=1)

NOTE_MISSING = Act(
    MISSING, Over.MATTER, ADMIN, NeedsNothing, sides.note_missing, "note that no outcome is known"
)


def _act(name: str, needs: type[N], decide: Callable[[Case, N], Facts], says: str) -> Act[N]:
    """What an administrator does in the consultation as a whole."""
    return Act(name, Over.MATTER, ADMIN, needs, decide, says)


def _of_body(
    name: str, needs: type[N], decide: Callable[[Case, N], Facts], says: str, body: str
) -> Act[N]:
    """What a body does by its representative, or an administrator records of it; the field `body`
    names it."""
    return Act(name, Over.MATTER, BODY, needs, decide, says, for_body=body)


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
        c.BodyAdded: "body-added.v1",
        c.RepresentativesElected: "representatives-elected.v1",
        c.MeasuresStated: "measures-stated.v1",
        c.QuestionAsked: "question-asked.v1",
        c.QuestionAnswered: "question-answered.v1",
        c.MeetingCalled: "meeting-called.v1",
        c.MeetingHeld: "meeting-held.v1",
        c.OutcomeMissing: "outcome-missing.v1",
        c.MinutesFiled: "minutes-filed.v1",
        c.EndorsementRefused: "endorsement-refused.v1",
        c.EndorsementGiven: "endorsement-given.v1",
        c.BallotHeld: "ballot-held.v1",
        c.Referred: "sides-referred.v1",
        c.DraftAgreementIssued: "draft-agreement-issued.v1",
        c.CollectiveTermGranted: "collective-term-granted.v1",
        c.OfferWithdrawn: "offer-withdrawn.v1",
        c.OfferReferredToConciliation: "offer-referred-to-conciliation.v1",
        c.OfferMadeConditional: "offer-made-conditional.v1",
        c.OfferRestored: "offer-restored.v1",
    },
    acts=(
        _act("begin", sides.Consulted, sides.begin, "open a consultation"),
        _act("add-body", sides.NewBody, sides.add_body, "consult a further body"),
        _act("elect", sides.Elected, sides.elect, "record whom staff have elected"),
        _act("state-measures", sides.Measures, sides.state_measures, "say what is planned"),
        _of_body(
            "ask",
            sides.Question,
            sides.ask,
            "record a question, to which an answer is owed",
            "asked_by",
        ),
        _act("reply", sides.Reply, sides.reply, "answer a question"),
        _act("call-meeting", sides.Meeting, sides.call_meeting, "call the sides"),
        _act("record-meeting", sides.Met, sides.record_meeting, "record what a meeting came to"),
        _act(
            "file-minutes", sides.Minutes, sides.file_minutes, "record where the minutes are kept"
        ),
        _of_body(
            "endorse",
            sides.Body,
            sides.endorse,
            "record that a body endorses the agreement",
            "body",
        ),
        _of_body(
            "refuse", sides.Body, sides.refuse, "record that a body does not endorse it", "body"
        ),
        _act("ballot", sides.Ballot, sides.ballot, "record how the members of a body voted"),
        _act("refer", sides.Outside, sides.refer, "record to whom the sides have gone"),
        _act("state-offer", sides.OfferStated, sides.state_offer, "say how an offer stands"),
        _act(
            "record-happening",
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
            part_of="move-milestone",
        ),
        common.SETTLE,
    ),
    steps=(Step(NOTE_MISSING, "the day after a meeting whose outcome nobody recorded"),),
    obligations=(
        on(
            c.QuestionAsked,
            opens(
                REPLY,
                Nature.DUTY,
                owner="employer",
                owed_to="bodies",
                about=lambda f: f.question,
                when=lambda f: Reckoned(basis=f.basis),
            ),
        ),
        on(c.QuestionAnswered, closes(REPLY, about=lambda f: f.question)),
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
        c.BodyAdded: lambda f: f"{f.body} is consulted as well",
        c.RepresentativesElected: lambda f: f"elected by staff: {', '.join(f.representatives)}",
        c.MeasuresStated: lambda f: (
            "the employer states its measures" + (f": {f.measures}" if f.measures else "")
        ),
        c.QuestionAsked: lambda f: f"{f.asked_by or 'the bodies'} asked: {f.question}",
        c.QuestionAnswered: lambda f: (
            f"the employer answers '{f.question}'" + (f": {f.answer}" if f.answer else "")
        ),
        c.MeetingCalled: lambda f: f"a meeting is called for {f.meeting_on}: {f.purpose}",
        c.MeetingHeld: lambda f: (
            f"the sides met on {f.meeting_on}: {f.outcome}"
            + (f". {f.account}" if f.account else "")
        ),
        c.OutcomeMissing: lambda f: f"no outcome is on record of the meeting of {f.meeting_on}",
        c.MinutesFiled: lambda f: (
            f"the minutes of {f.meeting_on} are kept as {f.reference}, SHA-256 {f.sha256[:12]}…"
        ),
        c.EndorsementRefused: lambda f: f"{f.body or 'the bodies'} did not endorse the agreement",
        c.EndorsementGiven: lambda f: f"{f.body or 'the bodies'} endorsed the agreement",
        c.BallotHeld: lambda f: (
            f"the members of {f.body} voted " + ("for" if f.accepted else "against") + " it"
        ),
        c.Referred: lambda f: f"the sides have gone to {f.to}",
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
    bodies=lambda known: known.bodies,
    answers=ANSWERS,
)
