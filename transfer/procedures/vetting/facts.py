"""What is put on record of somebody's vetting.

Why somebody failed is personal data and stands in none of these: `reference` is the vetting unit's
own number of the decision or the letter.
"""

from datetime import date

from transfer.core.editions.parts import ClauseId
from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.reckoning import Reckoned
from transfer.core.words import AppealOutcome, Facet, Frozen
from transfer.procedures.vetting.edition import CountedFrom, Follows


class Reading(Frozen):
    """One reading of the time to appeal: its last day, from which day it is counted, by the clause
    that gives its length, and whether its days are read as working days."""

    counted_from: CountedFrom
    clause: ClauseId
    in_working_days: bool
    last_day: date


class VettingAsked(BegunUnderEdition):
    """Somebody is asked to be vetted to a level, for the role and the work that need it.

    `recruit`: they are not in post yet.
    """

    level: str
    role: str
    work: str
    recruit: bool


class VettingPassed(MatterFact):
    """They passed, to a level; up to and excluding `effective_to`, where it ends."""

    level: str
    reference: str
    effective_to: date | None = None


class VettingFailed(MatterFact):
    """They did not pass. `appeal_by` is the time to appeal, by the `readings` of it that the day of
    the decision gives. `is_supported`: what follows is owed to them as staff, because they are no
    recruit and the failure is not connected with discipline."""

    reference: str
    is_supported: bool
    readings: tuple[Reading, ...]
    appeal_by: Reckoned


class VettingDecisionReceived(MatterFact):
    """The decision reached them on that day: the time to appeal may run from it."""

    readings: tuple[Reading, ...]
    appeal_by: Reckoned


class VettingRiskReviewed(MatterFact):
    """The service reviewed the risk of what the vetting unit had found."""

    reference: str


class VettingAppealLodged(MatterFact):
    """They appeal in writing. `in_time_by` are the readings of the time to appeal which that kept,
    `late_by` the others. `is_supported`: the service owes them support with it."""

    reference: str
    in_time_by: tuple[Reading, ...]
    late_by: tuple[Reading, ...]
    is_supported: bool


class VettingAppealSupported(MatterFact):
    """The service supports the appeal."""

    reference: str


class VettingAppealDetermined(MatterFact):
    """The panel decided. Upheld, they have passed to `level`; `to_put_right` is what had followed
    the failure by then."""

    outcome: AppealOutcome
    panel: str
    reference: str
    level: str | None = None
    effective_to: date | None = None
    to_put_right: tuple[Follows, ...]


class VettingPolicyTookEffect(MatterFact):
    """A version of the policy holds from this day on, as a document has shown."""

    version: str


class VettingFollowed(MatterFact):
    """What follows a failure, and the version of the policy that it rests on."""

    version: str
    effective_from: date


class VettingRedeploymentProposed(VettingFollowed):
    """They are to go to other work from a day on."""

    changes: dict[Facet, str]


class VettingRedeployed(VettingFollowed):
    """They go to other work; `before` is what they had of it until then."""

    changes: dict[Facet, str]
    before: dict[Facet, str | None]


class VettingRedeploymentPassedBy(MatterFact):
    """On the day of the redeployment nobody employed them: nothing follows."""

    reason: str


class VettingRestrictionSet(VettingFollowed):
    """They stay, and are not given some work (`what`): as a restriction or another adjustment."""

    follows: Follows
    what: str


class VettingRestrictionLifted(MatterFact):
    """The restriction holds no more, from a day on."""

    effective_from: date


class VettingRedeploymentReversed(MatterFact):
    """They go back to the work that they had, from a day on."""

    effective_from: date
    changes: dict[Facet, str | None]


class VettingOutcomeKept(MatterFact):
    """What followed the failure stays although it was put right, by agreement with them."""

    follows: Follows


class VettingFoundUnusual(MatterFact):
    """The outcome is unusual: it is to be checked nationally."""


class VettingCheckedNationally(MatterFact):
    """The outcome was checked nationally."""

    reference: str
