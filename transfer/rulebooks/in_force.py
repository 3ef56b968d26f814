"""A rulebook as it binds one exercise that is on record, and what its offers come to."""

from collections.abc import Callable
from datetime import date

from transfer.core.refusals import Refused
from transfer.core.words import OfferStatus
from transfer.procedures.consultation.consultation import OfferStands
from transfer.procedures.exercise.exercise_facts import ExerciseOpened
from transfer.rulebooks import Rulebook, TermsOfExercise
from transfer.rulebooks.procedure import Offer, Requirement

_STANDS = {
    OfferStatus.NOT_ON_OFFER: "off",
    OfferStatus.REFERRED_TO_CONCILIATION: "off: referred to conciliation",
    OfferStatus.CONDITIONAL: "conditional on ratification",
    OfferStatus.ON_OFFER: "on",
}


def rules_of(
    opened: ExerciseOpened, by_digest: Callable[[str], Rulebook | None]
) -> TermsOfExercise:
    """The rules as the opening fact pins them: edition, values and calendar.

    `by_digest` finds an edition by the SHA-256 of its text. Raises `Refused` where the text that
    the exercise was opened under is neither the program's nor kept in the record.
    """
    edition = by_digest(opened.rulebook_digest)
    if edition is None:
        raise Refused(
            f"exercise {opened.exercise} was opened under a text of {opened.rulebook} that is not "
            "in this record: restore the table rulebook_editions from the backup of its day"
        )
    return edition.with_given(opened.values, calendar=opened.calendar)


def offers_after(rules: TermsOfExercise, happening: str, document: str) -> tuple[OfferStands, ...]:
    """How each offer of the edition stands once something has happened."""
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
        if standing.after == happening
    )


def offers_moved_with(rules: TermsOfExercise, transfer_on: date) -> tuple[OfferStands, ...]:
    """The offers whose day of employment moves once the transfer falls on a day.

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
