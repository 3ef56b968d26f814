"""The two sides of a consultation: what is on record of them, and what may follow.

What becomes of an offer when something happens is the edition's to say (`OfferStands`); the
decision puts the happening and its consequences on record in one command, so that no answer ever
falls between the two.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import assert_never, cast

from transfer.core.matter import facts as t
from transfer.core.matter.deciding import Case
from transfer.core.matter.folding import State
from transfer.core.matter.kind import NeedsNothing
from transfer.core.matter.words import MatterName
from transfer.core.refusals import AlreadyOnRecord, Refused
from transfer.core.words import Effect, Frozen, Happening, OfferStatus
from transfer.procedures.consultation import facts as f
from transfer.procedures.consultation.rules import OfferStands, RulesOfConsultation

# --- what is on record --------------------------------------------------------------------------


@dataclass(slots=True)
class Sides:
    """What is on record of the consultation on one exercise."""

    opened: f.ConsultationOpened | None = None
    called: set[date] = field(default_factory=set)
    held: set[date] = field(default_factory=set)
    missing: set[date] = field(default_factory=set)
    endorsed: bool | None = None
    offers: dict[str, tuple[str, date]] = field(default_factory=dict)
    employed_on: dict[str, date] = field(default_factory=dict)


def evolve(sides: Sides, fact: t.MatterFact) -> None:
    """Fold one fact into the consultation; total, and never judges."""
    match fact:
        case f.ConsultationOpened():
            sides.opened = fact
        case f.MeetingCalled():
            sides.called.add(fact.meeting_on)
        case f.MeetingHeld():
            sides.held.add(fact.meeting_on)
        case f.OutcomeMissing():
            sides.missing.add(fact.meeting_on)
        case f.EndorsementRefused():
            sides.endorsed = False
        case f.EndorsementGiven():
            sides.endorsed = True
        case f.CollectiveTermFact():
            sides.offers[fact.term] = (fact.value, fact.effective_from)
            if isinstance(fact, f.CollectiveTermGranted) and fact.employed_on is not None:
                sides.employed_on[fact.term] = fact.employed_on
        case _:
            pass


def sides_of(state: State) -> Sides:
    """What is on record of the two sides."""
    return cast("Sides", state.whole.substance)


# --- what acts need -----------------------------------------------------------------------------


class Consulted(Frozen):
    """Who is consulted on what, for which exercise and under which edition."""

    edition: str
    against: MatterName
    bodies: tuple[str, ...]
    agreement: str


class Meeting(Frozen):
    """The day on which the bodies meet, and what for."""

    meeting_on: date
    purpose: str


class Happened(Frozen):
    """What happened between the sides, by which clause and document; `account` is what came of it
    in the words of the record."""

    happening: Happening
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
    if needs.meeting_on in _open(case).called:
        return ()
    stamp = case.stamp(_rules(case).clause_for("meeting"))
    return (f.MeetingCalled(**stamp, meeting_on=needs.meeting_on, purpose=needs.purpose),)


def note_missing(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    """Put on record that a meeting's day passed and nobody recorded what came of it.

    The meeting is what the step is about.
    """
    sides, meeting_on = _open(case), date.fromisoformat(case.made.about)
    if meeting_on in sides.held | sides.missing:
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
            **_resting_on(case, offer),
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
    stamp, term, value, on = _resting_on(case, offer), offer.term, offer.value, case.on
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


def _resting_on(case: Case, offer: OfferStands) -> t.Stamp:
    """What a fact of an offer carries: it rests on the clause by which the offer stands."""
    stamp = case.stamp()
    stamp["basis"] = offer.basis
    return stamp
