"""A rulebook as it binds one exercise that is on record, and what its offers come to."""

from datetime import date

from transfer.core.refusals import Refused
from transfer.core.words import Happening, OfferStatus
from transfer.procedures.consultation.consultation import OfferStands
from transfer.procedures.exercise.exercise_facts import ExerciseOpened
from transfer.rulebooks import TermsOfExercise, rulebook
from transfer.rulebooks.parts import Offer, Requirement

_STANDS = {
    OfferStatus.NOT_ON_OFFER: "off",
    OfferStatus.REFERRED_TO_CONCILIATION: "off: referred to conciliation",
    OfferStatus.CONDITIONAL: "conditional on ratification",
    OfferStatus.ON_OFFER: "on",
}


def rules_of(opened: ExerciseOpened) -> TermsOfExercise:
    """The rules as the opening fact pins them: edition, values and calendar.

    Raises `Refused` where this program's edition is no longer the one it was opened under.
    """
    edition = rulebook(opened.rulebook)
    if edition.digest() != opened.rulebook_digest:
        raise Refused(
            f"exercise {opened.exercise} was opened under another text of {opened.rulebook}: "
            "a published edition never changes, so this program is not the one to run it"
        )
    return edition.with_given(opened.values, calendar=opened.calendar)


def offers_after(
    rules: TermsOfExercise, happening: Happening, document: str
) -> tuple[OfferStands, ...]:
    """How each offer of the edition stands once something has happened (TR-04 to TR-06d)."""
    return tuple(
        OfferStands(
            term=offer.term,
            status=standing.status,
            value=_in_words(offer, standing.status),
            basis=rules.basis(standing.clause).model_copy(update={"document": document}),
            until=offer.until,
            holds_without_endorsement=offer.requires is Requirement.NOTHING_FURTHER,
            employed_on=None if offer.employed_on is None else rules.day(offer.employed_on),
        )
        for offer in rules.rulebook.offers
        for standing in offer.standings
        if standing.after is happening
    )


def offers_moved_with(rules: TermsOfExercise, transfer_on: date) -> tuple[OfferStands, ...]:
    """The offers whose day of employment moves once the transfer falls on a day (TR-04b).

    The day that the edition takes to have moved must come before the transfer; else it stays.
    """
    return tuple(
        OfferStands(
            term=offer.term,
            status=OfferStatus.ON_OFFER,
            value=_in_words(offer, OfferStatus.ON_OFFER),
            basis=rules.basis(moved_by, offer.clause),
            until=offer.until,
            holds_without_endorsement=offer.requires is Requirement.NOTHING_FURTHER,
            employed_on=rules.day(moved_by),
        )
        for offer in rules.rulebook.offers
        if (moved_by := offer.employed_on_moved_by) is not None
        and rules.knows(moved_by)
        and rules.day(moved_by) < transfer_on
    )


def _in_words(offer: Offer, status: OfferStatus) -> str:
    if offer.requires is Requirement.NOTHING_FURTHER:
        return f"guaranteed: {offer.condition}"
    if status is OfferStatus.ON_OFFER:
        return f"on: {offer.title}"
    return _STANDS[status]
