"""The consultation of an exercise: meetings, endorsement, and the offers that hang on it.

State and fold first, then decisions. What becomes of an offer when something happens is the
rulebook's to say (`OfferStands`); the decision here puts the happening and its consequences on
record in one command, so that no answer ever falls between the two.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import assert_never

from transfer.core.refusals import AlreadyOnRecord, NotOnRecord, Refused
from transfer.core.words import Basis, Effect, Happening, OfferStatus
from transfer.procedures.consultation import facts as f
from transfer.procedures.exercise.exercise import Next

OUTCOME_DUE = "outcome-due"
"""The step of noting that a meeting's outcome is missing."""


@dataclass(frozen=True, slots=True)
class OfferStands:
    """How an offer stands once something has happened, in words, and by which clause.

    `holds_without_endorsement` marks a term that is granted to everybody outright; `employed_on` is
    the day on which one must be employed to have it.
    """

    term: str
    status: OfferStatus
    value: str
    basis: Basis
    until: date | None = None
    holds_without_endorsement: bool = False
    employed_on: date | None = None


# --- state and fold ----------------------------------------------------------------------------


@dataclass(slots=True)
class Consultation:
    """What is on record of the consultation on one exercise."""

    opened: f.ConsultationOpened | None = None
    called: set[date] = field(default_factory=set)
    held: set[date] = field(default_factory=set)
    missing: set[date] = field(default_factory=set)
    endorsed: bool | None = None
    offers: dict[str, tuple[str, date]] = field(default_factory=dict)
    employed_on: dict[str, date] = field(default_factory=dict)

    def require_open(self) -> f.ConsultationOpened:
        """The opening; raises `NotOnRecord` if there was none."""
        if self.opened is None:
            raise NotOnRecord("no consultation on record for this exercise: open it first")
        return self.opened


def evolve(c: Consultation, fact: f.ConsultationFact) -> None:
    """Fold one fact into the consultation; total, and never judges."""
    match fact:
        case f.ConsultationOpened():
            c.opened = fact
        case f.MeetingCalled():
            c.called.add(fact.meeting_on)
        case f.MeetingHeld():
            c.held.add(fact.meeting_on)
        case f.OutcomeMissing():
            c.missing.add(fact.meeting_on)
        case f.EndorsementRefused():
            c.endorsed = False
        case f.EndorsementGiven():
            c.endorsed = True
        case f.DraftAgreementIssued():
            pass
        case (
            f.CollectiveTermGranted()
            | f.OfferWithdrawn()
            | f.OfferReferredToConciliation()
            | f.OfferMadeConditional()
            | f.OfferRestored()
        ):
            c.offers[fact.term] = (fact.value, fact.effective_from)
            if isinstance(fact, f.CollectiveTermGranted) and fact.employed_on is not None:
                c.employed_on[fact.term] = fact.employed_on
        case _:
            assert_never(fact)


def fold(facts: Iterable[f.ConsultationFact]) -> Consultation:
    """The consultation after the given facts, oldest first."""
    c = Consultation()
    for fact in facts:
        evolve(c, fact)
    return c


# --- decisions ---------------------------------------------------------------------------------


def open_consultation(
    c: Consultation,
    *,
    exercise: str,
    bodies: tuple[str, ...],
    agreement: str,
    on: date,
    basis: Basis,
) -> tuple[f.ConsultationOpened, ...]:
    """Begin the consultation of the bodies on an agreement."""
    if c.opened is not None:
        raise AlreadyOnRecord(f"the consultation on {exercise} is open already")
    return (
        f.ConsultationOpened(
            exercise=exercise, bodies=bodies, agreement=agreement, opened_on=on, basis=basis
        ),
    )


def call_meeting(
    c: Consultation, *, on: date, purpose: str, basis: Basis
) -> tuple[f.MeetingCalled, ...]:
    """Put a meeting's day on record: its outcome is due then."""
    opened = c.require_open()
    if on in c.called:
        return ()
    return (f.MeetingCalled(exercise=opened.exercise, meeting_on=on, purpose=purpose, basis=basis),)


def note_outcome_missing(
    c: Consultation, *, meeting_on: date, basis: Basis
) -> tuple[f.OutcomeMissing, ...]:
    """Put on record that a meeting's day passed and nobody recorded what came of it."""
    opened = c.require_open()
    if meeting_on in c.held or meeting_on in c.missing:
        return ()
    return (f.OutcomeMissing(exercise=opened.exercise, meeting_on=meeting_on, basis=basis),)


def record_happening(
    c: Consultation,
    *,
    happening: Happening,
    effect: Effect,
    on: date,
    account: str,
    basis: Basis,
    offers: Sequence[OfferStands],
    conciliator: str = "",
) -> tuple[f.ConsultationFact, ...]:
    """Record what happened between the sides, with every offer that stands otherwise after it.

    A happening of a called meeting's day is also that meeting's outcome. It is an entry on the
    record, not a step of a procedure: recorded twice it stands twice.
    """
    opened = c.require_open()
    facts = [
        *_happening(opened.exercise, happening, effect, on, basis),
        *(_standing(opened.exercise, offer, on, conciliator) for offer in offers),
    ]
    if on in c.called and on not in c.held:
        facts.insert(
            0,
            f.MeetingHeld(exercise=opened.exercise, meeting_on=on, outcome=account, basis=basis),
        )
    return tuple(facts)


def move_day_of_employment(
    c: Consultation, offers: Sequence[OfferStands]
) -> tuple[f.CollectiveTermGranted, ...]:
    """Say the day on which one must be employed anew, once it has moved with the transfer.

    Only of terms that were granted with such a day. They are granted again from the same day on,
    so what was said before stays on record and the later day holds.
    """
    if c.opened is None:
        return ()
    return tuple(
        f.CollectiveTermGranted(
            exercise=c.opened.exercise,
            term=offer.term,
            value=c.offers[offer.term][0],
            effective_from=c.offers[offer.term][1],
            effective_to=offer.until,
            employed_on=offer.employed_on,
            basis=offer.basis,
        )
        for offer in offers
        if c.employed_on.get(offer.term) not in (None, offer.employed_on)
    )


def next_for_consultation(c: Consultation) -> Next | None:
    """The next meeting whose outcome is due; judged on the day after."""
    awaited = sorted(c.called - c.held - c.missing)
    if not awaited:
        return None
    day = awaited[0]
    return Next(OUTCOME_DUE, date.fromordinal(day.toordinal() + 1), day.isoformat())


def _happening(
    exercise: str, happening: Happening, effect: Effect, on: date, basis: Basis
) -> tuple[f.ConsultationFact, ...]:
    match effect:
        case Effect.REFUSED:
            return (f.EndorsementRefused(exercise=exercise, refused_on=on, basis=basis),)
        case Effect.ENDORSED:
            return (f.EndorsementGiven(exercise=exercise, given_on=on, basis=basis),)
        case Effect.DRAFT:
            return (f.DraftAgreementIssued(exercise=exercise, issued_on=on, basis=basis),)
        case Effect.NOTICE | Effect.MEETING:
            return ()
        case Effect.PLAN | Effect.DAY:
            raise Refused(f"{happening} is a matter of the exercise, not of its consultation")
        case _:
            assert_never(effect)


def _standing(
    exercise: str, offer: OfferStands, on: date, conciliator: str
) -> f.CollectiveTermFact:
    if offer.holds_without_endorsement:
        return f.CollectiveTermGranted(
            exercise=exercise,
            term=offer.term,
            value=offer.value,
            effective_from=on,
            effective_to=offer.until,
            employed_on=offer.employed_on,
            basis=offer.basis,
        )
    match offer.status:
        case OfferStatus.NOT_ON_OFFER:
            return f.OfferWithdrawn(
                exercise=exercise,
                term=offer.term,
                value=offer.value,
                effective_from=on,
                basis=offer.basis,
            )
        case OfferStatus.REFERRED_TO_CONCILIATION:
            return f.OfferReferredToConciliation(
                exercise=exercise,
                term=offer.term,
                value=offer.value,
                conciliator=conciliator,
                effective_from=on,
                basis=offer.basis,
            )
        case OfferStatus.CONDITIONAL:
            return f.OfferMadeConditional(
                exercise=exercise,
                term=offer.term,
                value=offer.value,
                condition="ratification by the bodies",
                effective_from=on,
                basis=offer.basis,
            )
        case OfferStatus.ON_OFFER:
            return f.OfferRestored(
                exercise=exercise,
                term=offer.term,
                value=offer.value,
                effective_from=on,
                basis=offer.basis,
            )
        case _:
            assert_never(offer.status)
