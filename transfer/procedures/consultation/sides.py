"""The two sides of a consultation: what is on record of them, and what may follow.

What becomes of an offer when something happens is the edition's to say (`OfferStands`); the
decision puts the happening and its consequences on record in one command, so that no answer ever
falls between the two.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal, assert_never, cast

from pydantic import Field, StringConstraints

from transfer.core.matter import facts as t
from transfer.core.matter.deciding import Case
from transfer.core.matter.folding import State
from transfer.core.matter.kind import NeedsNothing
from transfer.core.matter.words import MatterName, Named
from transfer.core.refusals import AlreadyOnRecord, Refused
from transfer.core.words import Effect, Frozen, Happening, OfferStatus
from transfer.procedures.consultation import facts as f
from transfer.procedures.consultation.rules import OfferStands, RulesOfConsultation

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)

# --- what is on record --------------------------------------------------------------------------


@dataclass(slots=True)
class Sides:
    """What is on record of the consultation on one exercise."""

    opened: f.ConsultationOpened | None = None
    bodies: list[str] = field(default_factory=list)
    """Whom the employers consult: those named at the opening, and those added since."""
    elected: tuple[str, ...] = ()
    """Whom staff elected last."""
    measures: list[tuple[str, str | None]] = field(default_factory=list)
    """What the employer said that it means to do, each in words and by a document."""
    questions: dict[str, set[str]] = field(default_factory=dict)
    """What was asked, and by which bodies; a blank is nobody in particular."""
    replies: dict[str, str] = field(default_factory=dict)
    """The last answer to each question that nobody has asked again since."""
    called: set[date] = field(default_factory=set)
    held: dict[date, f.MeetingHeld] = field(default_factory=dict)
    missing: set[date] = field(default_factory=set)
    minutes: dict[date, f.MinutesFiled] = field(default_factory=dict)
    """The minutes of each meeting that were filed last."""
    answered_by: dict[str, bool] = field(default_factory=dict)
    """Whether a body endorsed the agreement, as it said last."""
    ballots: dict[str, f.BallotHeld] = field(default_factory=dict)
    """How the members of a body voted last."""
    referred_to: str | None = None
    """With whom outside the sides are, until something comes of it."""
    offers: dict[str, tuple[str, date]] = field(default_factory=dict)
    employed_on: dict[str, date] = field(default_factory=dict)
    stated: dict[tuple[str, date], f.CollectiveTermFact] = field(default_factory=dict)
    """What was said last of how an offer stands from a day on."""
    said: dict[str, f.EndorsementGiven | f.EndorsementRefused] = field(default_factory=dict)
    """What each body said last."""

    @property
    def endorsed(self) -> bool | None:
        """Whether every body endorsed the agreement; `None` while some have still to say."""
        said = [self.answered_by.get(body) for body in self.bodies]
        if False in said:
            return False
        return True if said and all(said) else None


def evolve(sides: Sides, fact: t.MatterFact) -> None:
    """Fold one fact into the consultation; total, and never judges."""
    match fact:
        case f.ConsultationOpened():
            sides.opened, sides.bodies = fact, [*fact.bodies]
        case f.BodyAdded():
            sides.bodies.append(fact.body)
        case f.RepresentativesElected():
            sides.elected = fact.representatives
        case f.MeasuresStated():
            sides.measures.append((fact.measures, fact.basis.document))
        case f.QuestionAsked():
            sides.questions.setdefault(fact.question, set()).add(fact.asked_by)
            sides.replies.pop(fact.question, None)
        case f.QuestionAnswered():
            sides.replies[fact.question] = fact.answer
        case f.MeetingCalled():
            sides.called.add(fact.meeting_on)
        case f.MeetingHeld():
            sides.held[fact.meeting_on] = fact
        case f.OutcomeMissing():
            sides.missing.add(fact.meeting_on)
        case f.MinutesFiled():
            sides.minutes[fact.meeting_on] = fact
        case f.EndorsementRefused() | f.EndorsementGiven():
            bodies = [fact.body] if fact.body else sides.bodies
            sides.said |= dict.fromkeys(bodies, fact)
            sides.answered_by |= dict.fromkeys(bodies, isinstance(fact, f.EndorsementGiven))
            sides.referred_to = None
        case f.DraftAgreementIssued():
            sides.referred_to = None
        case f.BallotHeld():
            sides.ballots[fact.body] = fact
        case f.Referred():
            sides.referred_to = fact.to
        case f.CollectiveTermFact():
            sides.offers[fact.term] = (fact.value, fact.effective_from)
            sides.stated[fact.term, fact.effective_from] = fact
            if isinstance(fact, f.CollectiveTermGranted) and fact.employed_on is not None:
                sides.employed_on[fact.term] = fact.employed_on
        case _:
            pass


def sides_of(state: State) -> Sides:
    """What is on record of the two sides."""
    return cast("Sides", state.whole.substance)


# --- what acts need -----------------------------------------------------------------------------

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""A text that is not blank."""

MayBeSaid = Annotated[str, StringConstraints(strip_whitespace=True)]
"""A text that may be left out."""


class Consulted(Frozen):
    """Who is consulted on what, for which exercise and under which edition."""

    edition: str
    against: MatterName
    bodies: tuple[str, ...]
    agreement: str


class Meeting(Frozen):
    """The day on which the bodies meet, and what for."""

    on: date
    purpose: Said


class NewBody(Frozen):
    """A body that is to be consulted."""

    body: Said


class Body(Frozen):
    """A body that is consulted."""

    body: Annotated[Said, Named.BODY]


class Elected(Frozen):
    """Whom staff elected to be consulted for them, by staff number or another reference."""

    representatives: tuple[Said, ...] = Field(min_length=1)


class Measures(Frozen):
    """What the employer means to do with the staff concerned; blank where a document says it."""

    measures: MayBeSaid = ""


class Question(Frozen):
    """What is asked in writing, and by which body."""

    question: Said
    asked_by: Annotated[MayBeSaid, Named.BODY] = ""


class Reply(Frozen):
    """The answer to a question, which is named by its text; blank where a document says it."""

    question: Annotated[Said, Named.QUESTION]
    answer: MayBeSaid = ""


class Met(Frozen):
    """What a meeting came to, in a few words or as a happening of the edition, and the account of
    it. The meeting is the one of the day on which it happened."""

    outcome: Said
    account: MayBeSaid = ""


class Minutes(Frozen):
    """Where the minutes of a meeting are kept, and the SHA-256 of their file in hexadecimal."""

    meeting_on: date
    reference: Said
    sha256: Said


class Outside(Frozen):
    """To whom the sides have gone."""

    to: Said


class Ballot(Frozen):
    """What the members of a body answered."""

    body: Annotated[Said, Named.BODY]
    result: Literal["accepted", "rejected"]


class OfferStated(Frozen):
    """How an offer of the edition stands from now on: `offer` is its term."""

    offer: Annotated[Said, Named.OFFER]
    status: OfferStatus


class Happened(Frozen):
    """What happened between the sides, by which clause and document; `account` is what came of it
    in the words of the record."""

    happening: Annotated[Happening, Named.HAPPENING]
    clause: str
    document: str
    account: str
    conciliator: str = ""


class TransferMoved(Frozen):
    """The day on which the transfer falls from now on."""

    transfer_on: date


# --- decisions ----------------------------------------------------------------------------------


def begin(case: Case, needs: Consulted) -> tuple[t.MatterFact, ...]:
    """Begin the consultation of the bodies on an agreement."""
    rules = _rules(case)
    if sides_of(case.state).opened is not None:
        raise AlreadyOnRecord(f"the consultation on {needs.against} is open already")
    return (
        f.ConsultationOpened(
            **case.stamp(rules.clause_for("consultation")),
            edition=needs.edition,
            digest=rules.edition_digest,
            calendar=rules.calendar.edition,
            against=needs.against,
            bodies=needs.bodies,
            agreement=needs.agreement,
        ),
    )


def call_meeting(case: Case, needs: Meeting) -> tuple[t.MatterFact, ...]:
    """Put a meeting's day on record: its outcome is due then."""
    if needs.on in _open(case).called:
        return ()
    stamp = case.stamp(_rules(case).clause_for("meeting"))
    return (f.MeetingCalled(**stamp, meeting_on=needs.on, purpose=needs.purpose),)


def add_body(case: Case, needs: NewBody) -> tuple[t.MatterFact, ...]:
    """Consult a further body."""
    if needs.body in _open(case).bodies:
        return ()
    return (f.BodyAdded(**_consulted(case), body=needs.body),)


def elect(case: Case, needs: Elected) -> tuple[t.MatterFact, ...]:
    """Put on record whom staff have elected, in the place of whom they had."""
    if _open(case).elected == needs.representatives:
        return ()
    return (f.RepresentativesElected(**_consulted(case), representatives=needs.representatives),)


def state_measures(case: Case, needs: Measures) -> tuple[t.MatterFact, ...]:
    """Put on record what the employer has said that it means to do, beside what it said before."""
    sides, stamp = _open(case), _consulted(case)
    if (needs.measures, stamp["basis"].document) in sides.measures:
        return ()
    return (f.MeasuresStated(**stamp, measures=needs.measures),)


def ask(case: Case, needs: Question) -> tuple[t.MatterFact, ...]:
    """Put a question on record: an answer is owed. Each body may ask it once."""
    sides = _open(case)
    if needs.asked_by and needs.asked_by not in sides.bodies:
        raise _not_consulted(sides, needs.asked_by)
    if needs.asked_by in sides.questions.get(needs.question, ()):
        return ()
    stamp = _consulted(case)
    return (f.QuestionAsked(**stamp, question=needs.question, asked_by=needs.asked_by),)


def reply(case: Case, needs: Reply) -> tuple[t.MatterFact, ...]:
    """Put the answer to a question on record; another answer later is a further one."""
    sides = _open(case)
    if needs.question not in sides.questions:
        raise Refused(f"nobody has asked '{needs.question}': put the question on record first")
    if sides.replies.get(needs.question) == needs.answer:
        return ()
    stamp = _consulted(case)
    return (f.QuestionAnswered(**stamp, question=needs.question, answer=needs.answer),)


def record_meeting(case: Case, needs: Met) -> tuple[t.MatterFact, ...]:
    """Put on record what a meeting of that day came to.

    Where the outcome is a happening of the edition, what follows from it is recorded with it.
    Raises `Refused` where the record has another outcome of that day's meeting.
    """
    sides, rules = _open(case), _rules(case)
    clause, held = rules.clause_for("meeting"), sides.held.get(case.on)
    if held is not None:
        if (held.outcome, held.account) == (needs.outcome, needs.account):
            return ()
        raise Refused(f"the meeting of {case.on} is on record: {held.outcome}", clause=clause)
    stamp = case.stamp(clause)
    met = f.MeetingHeld(**stamp, meeting_on=case.on, outcome=needs.outcome, account=needs.account)
    if not rules.has_happening(needs.outcome):
        return (met,)
    return (
        met,
        *_happening(stamp, needs.outcome, rules.effect_of(needs.outcome)),
        *_offers_after(case, needs.outcome),
    )


def file_minutes(case: Case, needs: Minutes) -> tuple[t.MatterFact, ...]:
    """Put on record where the minutes of a meeting are; others later take their place.

    Raises `Refused` for a day on which the record knows of no meeting.
    """
    sides, clause = _open(case), _rules(case).clause_for("meeting")
    if needs.meeting_on not in sides.held:
        raise Refused(
            f"no meeting of {needs.meeting_on} is on record: record what it came to first",
            clause=clause,
        )
    if _DIGEST.fullmatch(needs.sha256) is None:
        raise Refused("a SHA-256 has 64 characters, 0 to 9 and a to f", clause=clause)
    filed = sides.minutes.get(needs.meeting_on)
    if filed is not None and (filed.reference, filed.sha256) == (needs.reference, needs.sha256):
        return ()
    return (f.MinutesFiled(**case.stamp(clause), **needs.model_dump()),)


def endorse(case: Case, needs: Body) -> tuple[t.MatterFact, ...]:
    """A body endorses the agreement. Offers that hang on it follow once every body has."""
    return _answered(case, needs.body, endorses=True)


def refuse(case: Case, needs: Body) -> tuple[t.MatterFact, ...]:
    """A body does not endorse the agreement; offers that hang on it follow at once."""
    return _answered(case, needs.body, endorses=False)


def ballot(case: Case, needs: Ballot) -> tuple[t.MatterFact, ...]:
    """The members of a body have voted: it endorses the agreement, or does not.

    The ballot is kept as well where the body has said so before its members voted.
    """
    accepted = needs.result == "accepted"
    answered = _answered(case, needs.body, endorses=accepted)
    before = sides_of(case.state).ballots.get(needs.body)
    if before is not None and (before.happened_on, before.accepted) == (case.on, accepted):
        return answered
    return (f.BallotHeld(**_consulted(case), body=needs.body, accepted=accepted), *answered)


def _answered(case: Case, body: str, *, endorses: bool) -> tuple[t.MatterFact, ...]:
    sides, rules = _open(case), _rules(case)
    if body not in sides.bodies:
        raise _not_consulted(sides, body)
    if sides.answered_by.get(body) is endorses:
        return ()
    given = f.EndorsementGiven if endorses else f.EndorsementRefused
    happening = rules.happening_of(Effect.ENDORSED if endorses else Effect.REFUSED)
    by_all = all(sides.answered_by.get(each) for each in sides.bodies if each != body)
    follows = happening is not None and (by_all or not endorses)
    after = _offers_after(case, happening) if happening is not None and follows else ()
    return (given(**_consulted(case), body=body), *_unlike_now(sides, after))


def refer(case: Case, needs: Outside) -> tuple[t.MatterFact, ...]:
    """The sides go to somebody outside; offers that the edition takes back then are off."""
    sides = _open(case)
    if sides.referred_to == needs.to:
        return ()
    offers = _rules(case).offers_as(OfferStatus.REFERRED_TO_CONCILIATION, case.made.document)
    after = (_standing(case, each, needs.to) for each in offers)
    return (f.Referred(**_consulted(case), to=needs.to), *_unlike_now(sides, after))


def state_offer(case: Case, needs: OfferStated) -> tuple[t.MatterFact, ...]:
    """Say how an offer stands from now on.

    Raises `Refused` for a term that the edition grants outright, unless it is said to be on offer.
    """
    sides = _open(case)
    found = _rules(case).offers_as(needs.status, case.made.document, needs.offer)
    for each in found:
        if each.holds_without_endorsement and needs.status is not OfferStatus.ON_OFFER:
            raise Refused(
                f"{each.term} hangs on nobody's endorsement: it is granted, or not stated at all",
                clause=each.basis.clause,
            )
    return tuple(_unlike_now(sides, (_standing(case, each, "") for each in found)))


def _offers_after(case: Case, happening: Happening) -> Iterator[f.CollectiveTermFact]:
    for offer in _rules(case).offers_after(happening, case.made.document):
        yield _standing(case, offer, "")


def _unlike_now(
    sides: Sides, offers: Iterable[f.CollectiveTermFact]
) -> Iterator[f.CollectiveTermFact]:
    """The offers that stand otherwise than on record."""
    return (each for each in offers if sides.offers.get(each.term, ("",))[0] != each.value)


def _consulted(case: Case) -> t.Stamp:
    return case.stamp(_rules(case).clause_for("consultation"))


def _not_consulted(sides: Sides, body: str) -> Refused:
    return Refused(f"{body} is not consulted: {', '.join(sides.bodies)} are; add it first")


def note_missing(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    """Put on record that a meeting's day passed and nobody recorded what came of it.

    The meeting is what the step is about.
    """
    sides, meeting_on = _open(case), date.fromisoformat(case.made.about)
    if meeting_on in sides.held or meeting_on in sides.missing:
        return ()
    stamp = case.stamp(_rules(case).clause_for("meeting"))
    return (f.OutcomeMissing(**stamp, meeting_on=meeting_on),)


def record_happening(case: Case, needs: Happened) -> tuple[t.MatterFact, ...]:
    """Record what happened between the sides, with every offer that stands otherwise after it.

    A happening of a called meeting's day is also that meeting's outcome. It is an entry on the
    record, not a step of a procedure: recorded twice it stands twice.
    """
    sides, rules = _open(case), _rules(case)
    stamp = case.stamp(needs.clause)
    stamp["basis"] = stamp["basis"].model_copy(update={"document": needs.document})
    facts: list[t.MatterFact] = []
    if case.on in sides.called and case.on not in sides.held:
        facts.append(f.MeetingHeld(**stamp, meeting_on=case.on, outcome=needs.account))
    facts += _happening(stamp, needs.happening, rules.effect_of(needs.happening))
    for offer in rules.offers_after(needs.happening, needs.document):
        facts.append(_standing(case, offer, needs.conciliator))
    return tuple(facts)


def move_day_of_employment(case: Case, needs: TransferMoved) -> tuple[t.MatterFact, ...]:
    """Say the day on which one must be employed anew, once it has moved with the transfer.

    Only of terms that were granted with such a day. They are granted again from the same day on,
    so what was said before stays on record and the later day holds.
    """
    sides = _open(case)
    return tuple(
        f.CollectiveTermGranted(
            **case.resting_on(offer.basis),
            term=offer.term,
            value=sides.offers[offer.term][0],
            effective_from=sides.offers[offer.term][1],
            effective_to=offer.until,
            employed_on=offer.employed_on,
        )
        for offer in _rules(case).offers_moved_with(needs.transfer_on)
        if sides.employed_on.get(offer.term) not in (None, offer.employed_on)
    )


def _happening(stamp: t.Stamp, happening: Happening, effect: Effect) -> Iterator[t.MatterFact]:
    match effect:
        case Effect.REFUSED:
            yield f.EndorsementRefused(**stamp)
        case Effect.ENDORSED:
            yield f.EndorsementGiven(**stamp)
        case Effect.DRAFT:
            yield f.DraftAgreementIssued(**stamp)
        case Effect.NOTICE | Effect.MEETING:
            pass
        case Effect.PLAN | Effect.DAY:
            raise Refused(f"{happening} is a matter of the exercise, not of its consultation")
        case _:
            assert_never(effect)


def _standing(case: Case, offer: OfferStands, conciliator: str) -> f.CollectiveTermFact:
    stamp, term, value, on = case.resting_on(offer.basis), offer.term, offer.value, case.on
    if offer.holds_without_endorsement:
        return f.CollectiveTermGranted(
            **stamp,
            term=term,
            value=value,
            effective_from=on,
            effective_to=offer.until,
            employed_on=offer.employed_on,
        )
    match offer.status:
        case OfferStatus.NOT_ON_OFFER:
            return f.OfferWithdrawn(**stamp, term=term, value=value, effective_from=on)
        case OfferStatus.REFERRED_TO_CONCILIATION:
            return f.OfferReferredToConciliation(
                **stamp, term=term, value=value, effective_from=on, conciliator=conciliator
            )
        case OfferStatus.CONDITIONAL:
            return f.OfferMadeConditional(
                **stamp,
                term=term,
                value=value,
                effective_from=on,
                condition="ratification by the bodies",
            )
        case OfferStatus.ON_OFFER:
            return f.OfferRestored(**stamp, term=term, value=value, effective_from=on)
        case _:
            assert_never(offer.status)


# --- what they read -----------------------------------------------------------------------------


def _rules(case: Case) -> RulesOfConsultation:
    return cast("RulesOfConsultation", case.rules)


def _open(case: Case) -> Sides:
    sides = sides_of(case.state)
    if sides.opened is None:
        raise Refused(f"no consultation is open on {case.on}: open it first")
    return sides
