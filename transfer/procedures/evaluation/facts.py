"""What is put on record of the evaluation of one job: of the job, and of each person in it."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from transfer.core.dating.effective_dating import Piece
from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.reckoning import Reckoned
from transfer.core.pay.money import Pounds
from transfer.core.record.staff import facet_pieces, term_piece
from transfer.core.words import AppealOutcome, Basis, Facet, Frozen, StaffNumber


class BegunBy(StrEnum):
    """Who began an evaluation."""

    ORGANISATION = "organisation"
    STAFF = "staff"


# --- the job ------------------------------------------------------------------------------------


class EvaluationBegun(BegunUnderEdition):
    """The evaluation of a job begins; `band` is the band that the job has, `scheme` the id of the
    scheme by which it is evaluated. `unions` take part in it."""

    job: str
    band: str
    begun_by: BegunBy
    scheme: str
    sets: tuple[str, ...]
    unions: tuple[str, ...]


class JobDescriptionStated(MatterFact):
    """A description of the job holds from a day on; `None`: nobody documented from which."""

    description: str
    effective_from: date | None = None


class JobDescriptionImplemented(MatterFact):
    """The job is done by a description from a day on; its review is due by another."""

    description: str
    effective_from: date
    review_by: Reckoned


class DescriptionReviewed(MatterFact):
    """The review of a description was held; `found` is what came of it."""

    description: str
    found: str


class EvaluationPanelSat(MatterFact):
    """A panel sat on a description of the job, for one of the sets in which the job stands.

    `sat`, `trained` and `for_unions` are staff numbers. `fails` are the clauses that the panel
    does not meet.
    """

    panel: str
    description: str
    for_set: str
    sat: tuple[StaffNumber, ...]
    trained: tuple[StaffNumber, ...]
    for_unions: tuple[StaffNumber, ...]
    chaired_by: StaffNumber
    senior_in_the_chair: bool
    fails: tuple[str, ...]


class JobEvaluated(MatterFact):
    """The outcome: the band that a panel found, and from which band. It may be appealed against.

    `admitted_because` says why it counts though the panel was not as it has to be.
    """

    panel: str
    description: str
    band: str
    before: str
    appeal_by: Reckoned
    admitted_because: str


class DayOfChangeAsserted(MatterFact):
    """Somebody says from which day a higher band counts, as the day of the changed description."""

    said_by: str
    effective_from: date


class EvaluationPutInSet(MatterFact):
    """The job stands in another set of evaluations as well."""

    of_set: str


class EvaluationSetPaused(MatterFact):
    """The work on a set stops, as far as this job is concerned."""

    of_set: str


class EvaluationSetResumed(MatterFact):
    """The work on a set goes on."""

    of_set: str


class SigningDaySet(MatterFact):
    """People are asked to sign for what they are offered, by a day."""

    sign_by: date


class CollectiveAppealLodged(MatterFact):
    """A union appeals against the outcome, for everybody. `in_time`: `None` where the time to
    appeal is not known."""

    body: str
    against_band: str
    in_time: bool | None


class CollectiveAppealDetermined(MatterFact):
    """What became of the collective appeal; `band` is the one that it found, where upheld."""

    outcome: AppealOutcome
    band: str
    before: str


# --- one person ---------------------------------------------------------------------------------


class OutcomeAppealLodged(MatterFact):
    """Somebody appeals against the outcome for themselves; whether they may is contested."""

    against_band: str
    in_time: bool | None


class OutcomeAppealAnswered(MatterFact):
    """Whether somebody's own appeal is taken, by which side's account."""

    accepted: bool


class PayOfBandStated(MatterFact):
    """What full-time work in a band is worth a year to this person, from a day on."""

    band: str
    a_year: Pounds
    effective_from: date


class RightsReserved(MatterFact):
    """Somebody keeps the right to claim more than they are offered."""


class OwedByRegrade(Frozen):
    """What is owed to somebody by a lower outcome, and from whom; `ground` is that of the pay
    protection which begins for it."""

    what: str
    owner: str
    basis: Basis
    ground: str = Field("", exclude_if=lambda ground: not ground)


class RegradeProposed(MatterFact):
    """A lower band is to hold from a day on; it waits for approval.

    Pay marks time for `months`; `longer_because` says why for longer than is usual.
    """

    band: str
    before: str
    effective_from: date
    months: int
    longer_because: str


class RegradedByEvaluation(MatterFact):
    """Somebody is in the band that the evaluation found, from a day on, and is paid by it from
    another. `goes_by` is who asserts that day, where it was asserted.

    A lower band: `marks_time` is the last day on which pay marks time, by both readings, and `term`
    what the record calls that. Where the band is the one from before again, that term is taken
    back, up to the day `marked_until` on which it would have ended. `waited` says that somebody
    approved it, `months` for how long pay marks time.
    """

    band: str
    before: str
    effective_from: date
    paid_from: date
    goes_by: str
    marks_time: Reckoned | None = None
    term: str = ""
    owes: tuple[OwedByRegrade, ...] = ()
    marked_until: date | None = None
    waited: bool = False
    months: int | None = Field(None, exclude_if=lambda months: months is None)


class RegradePassedBy(MatterFact):
    """A lower band does not come to hold, because of something that happened."""

    reason: str


class OwedByRegradeMet(MatterFact):
    """Something that a lower outcome owes was done."""

    what: str


class BackPayPaid(MatterFact):
    """Back pay was paid; `short` is what is still owed from the day that the regrade goes by."""

    paid: Pounds
    short: Pounds


def regraded_pieces(fact: RegradedByEvaluation) -> tuple[Piece, ...]:
    """The band from its day on; and until it is paid by, that the one before is paid."""
    band = facet_pieces(
        {Facet.BAND: fact.band}, assignment="main", effective_from=fact.effective_from
    )
    if fact.effective_from == fact.paid_from:
        if fact.marked_until is None:
            return band
        taken_back = term_piece(fact.term, None, fact.effective_from, fact.marked_until)
        return (*band, taken_back)
    paid = facet_pieces(
        {Facet.PAID_BAND: fact.before},
        assignment="main",
        effective_from=fact.effective_from,
        effective_to=fact.paid_from,
    )
    if not fact.term:
        return (*band, *paid)
    marked = f"pay of Band {fact.before}"
    return (*band, *paid, term_piece(fact.term, marked, fact.effective_from, fact.paid_from))
