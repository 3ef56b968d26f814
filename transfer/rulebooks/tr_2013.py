"""The edition `tr-2013`: the assignment and transfer of probation staff, 2013 to 2014.

Staff of 35 probation Trusts were assigned to the National Probation Service or one of 21 Community
Rehabilitation Companies, and transferred on 1 June 2014 by a staff transfer scheme under the
Offender Management Act 2007. It was not a TUPE transfer.

Published: never edit it. What is learned later goes into a new edition.
"""

from datetime import date
from decimal import Decimal

from transfer.core.refusals import Refused
from transfer.core.words import Confidence, Happening, Mechanism, MilestoneName, OfferStatus, Route
from transfer.rulebooks.model import Rulebook
from transfer.rulebooks.parts import (
    ChronicleEntry,
    Milestone,
    Offer,
    OfferStanding,
    PublishedRate,
    Requirement,
    RouteRule,
    Step,
    StepStart,
)
from transfer.rulebooks.tr_2013_assignment import ASSIGNMENT_CLAUSES
from transfer.rulebooks.tr_2013_protections import (
    EVR_CAP_WEEKS,
    EVR_WEEKS_A_YEAR,
    PROTECTION_CLAUSES,
)
from transfer.rulebooks.tr_2013_sources import (
    AGREEMENT,
    DISSOLUTION_ORDER,
    LETTER,
    REPORT_28_JANUARY,
)

_ROUTES = (
    RouteRule(
        route=Route.AUTOMATIC,
        clause="TR-08",
        when="the post itself is assigned to one side",
    ),
    RouteRule(
        route=Route.LOCAL_EVIDENCE,
        clause="TR-08",
        when="the caseload on the snapshot day gives evidence for one side",
        rests_on=("TR-09", "TR-09-share", "TR-09b"),
    ),
    RouteRule(
        route=Route.EXPRESSION_OF_INTEREST,
        clause="TR-08",
        when="the evidence is silent and the person has expressed an interest; the Trust's panel "
        "sifts where a side is oversubscribed",
    ),
    RouteRule(
        route=Route.RANDOM_ADMINISTRATIVE,
        clause="TR-08",
        when="neither evidence nor interest settles it, for administrative support only",
        only_roles="TR-08-admin-roles",
    ),
)

_STEPS = (
    Step(
        clause="TR-10-response",
        starts_with=StepStart.LETTER,
        feeds=MilestoneName.PEOPLE_TRANSITION_COMPLETE,
    ),
    Step(
        clause="TR-11b",
        starts_with=StepStart.LETTER,
        feeds=MilestoneName.PEOPLE_TRANSITION_COMPLETE,
    ),
    Step(
        clause="TR-11b-panel",
        starts_with=StepStart.APPEAL_LODGED,
        feeds=MilestoneName.PEOPLE_TRANSITION_COMPLETE,
    ),
)

_ANNOUNCED = date(2013, 11, 13)
_RESET = date(2014, 1, 28)

_MILESTONES = (
    Milestone(
        name=MilestoneName.ASSIGNMENT_STARTS,
        on=date(2013, 11, 13),
        clause="TR-01",
        announced_on=_ANNOUNCED,
        confidence=Confidence.SOURCE,
    ),
    Milestone(
        name=MilestoneName.PEOPLE_TRANSITION_COMPLETE,
        on=date(2014, 4, 1),
        clause="TR-03",
        announced_on=_ANNOUNCED,
        confidence=Confidence.SOURCE,
        superseded_by="TR-03b",
    ),
    Milestone(
        name=MilestoneName.TRANSFER,
        on=date(2014, 4, 1),
        clause="TR-03",
        announced_on=_ANNOUNCED,
        confidence=Confidence.SOURCE,
        superseded_by="TR-03b",
    ),
    Milestone(
        name=MilestoneName.TRUSTS_CEASE_TO_EMPLOY,
        on=date(2014, 5, 31),
        clause="TR-03b",
        announced_on=_RESET,
        confidence=Confidence.SOURCE,
    ),
    # No source says on which day everybody had to be assigned once the transfer had moved; it
    # cannot be after the transfer.
    Milestone(
        name=MilestoneName.PEOPLE_TRANSITION_COMPLETE,
        on=date(2014, 6, 1),
        clause="TR-03b",
        announced_on=_RESET,
        confidence=Confidence.INFERRED,
    ),
    Milestone(
        name=MilestoneName.TRANSFER,
        on=date(2014, 6, 1),
        clause="TR-03b",
        announced_on=_RESET,
        confidence=Confidence.SOURCE,
    ),
    Milestone(
        name=MilestoneName.DISSOLUTION,
        on=date(2014, 10, 31),
        clause="TR-17",
        announced_on=date(2014, 10, 10),
        confidence=Confidence.SOURCE,
    ),
)


def _on_from_the_letter(clause: str) -> tuple[OfferStanding, ...]:
    return (
        OfferStanding(
            after=Happening.IMPLEMENTATION_REQUIRED, status=OfferStatus.ON_OFFER, clause=clause
        ),
    )


_OFFERS = (
    Offer(
        term="job_guarantee",
        title="A job in the NPS or a CRC",
        clause="TR-04",
        requires=Requirement.NOTHING_FURTHER,
        condition="employed by a Trust on the day that the guarantee names",
        employed_on="TR-04",
        employed_on_moved_by="TR-04b",
        standings=_on_from_the_letter("TR-04"),
    ),
    Offer(
        term="no_compulsory_redundancy",
        title="No compulsory redundancy",
        clause="TR-05",
        requires=Requirement.NOTHING_FURTHER,
        condition="transfers to the NPS or a CRC",
        until=date(2015, 6, 1),
        standings=_on_from_the_letter("TR-05"),
    ),
    Offer(
        term="enhanced_voluntary_redundancy",
        title="Enhanced voluntary redundancy, 4.5 weeks a year up to 67.5",
        clause="TR-06",
        requires=Requirement.COLLECTIVE_ENDORSEMENT,
        condition="the negotiating bodies have endorsed the national agreement",
        standings=(
            OfferStanding(
                after=Happening.ENDORSEMENT_REFUSED,
                status=OfferStatus.NOT_ON_OFFER,
                clause="TR-02",
            ),
            OfferStanding(
                after=Happening.IMPLEMENTATION_REQUIRED,
                status=OfferStatus.NOT_ON_OFFER,
                clause="TR-06",
            ),
            OfferStanding(
                after=Happening.MEETING_WITHOUT_AGREEMENT_REFERRED_TO_CONCILIATION,
                status=OfferStatus.REFERRED_TO_CONCILIATION,
                clause="TR-06b",
            ),
            OfferStanding(
                after=Happening.CIRCULARS_ISSUED_OFFER_CONDITIONAL,
                status=OfferStatus.CONDITIONAL,
                clause="TR-06c",
            ),
            OfferStanding(
                after=Happening.RATIFICATION, status=OfferStatus.ON_OFFER, clause="TR-06d"
            ),
        ),
    ),
    Offer(
        term="continuity_of_service",
        title="Continuity of service",
        clause="TR-19",
        requires=Requirement.NOTHING_FURTHER,
        condition="transfers to the NPS or a CRC",
        standings=_on_from_the_letter("TR-19"),
    ),
    Offer(
        term="pension_protection",
        title="Pension protection",
        clause="TR-20",
        requires=Requirement.NOTHING_FURTHER,
        condition="transfers to the NPS or a CRC",
        standings=_on_from_the_letter("TR-20"),
    ),
)

_CHRONICLE = (
    ChronicleEntry(
        on=date(2013, 11, 11),
        happening=Happening.ENDORSEMENT_REFUSED,
        clause="TR-02",
        document=LETTER,
        confidence=Confidence.SOURCE,
        bodies=("Probation Association", "NNC", "SCCOG"),
        account="Employers and unions could not agree full endorsement of the national framework.",
    ),
    ChronicleEntry(
        on=date(2013, 11, 13),
        happening=Happening.IMPLEMENTATION_REQUIRED,
        clause="TR-01",
        document=LETTER,
        confidence=Confidence.SOURCE,
        bodies=("NOMS",),
        account="Trusts are required to begin assignment without the bodies' agreement; the "
        "enhanced redundancy terms cannot be offered.",
    ),
    ChronicleEntry(
        on=date(2013, 11, 20),
        happening=Happening.MEETING_WITHOUT_AGREEMENT_REFERRED_TO_CONCILIATION,
        clause="TR-06b",
        document="UNISON North West probation branch, 22 November 2013",
        confidence=Confidence.SOURCE,
        bodies=("NNC", "SCCOG", "ACAS"),
        account="The bodies meet again without agreement; the matter goes to ACAS.",
    ),
    ChronicleEntry(
        on=date(2013, 12, 16),
        happening=Happening.IMPROVED_DRAFT,
        clause="TR-06c",
        document="Probation Voice, 16 December 2013",
        confidence=Confidence.SOURCE,
        bodies=("NNC", "SCCOG", "ACAS"),
        account="Conciliation produces an improved draft.",
    ),
    ChronicleEntry(
        on=date(2013, 12, 19),
        happening=Happening.CIRCULARS_ISSUED_OFFER_CONDITIONAL,
        clause="TR-06c",
        document="NNC circular 11 and SCCOG circular 10, 19 December 2013",
        confidence=Confidence.SOURCE,
        bodies=("NNC", "SCCOG"),
        account="Joint circulars send out the draft with voluntary redundancy restored, still to "
        "be ratified.",
    ),
    ChronicleEntry(
        on=date(2014, 1, 28),
        happening=Happening.TRANSFER_DATE_RESET,
        clause="TR-03b",
        document=REPORT_28_JANUARY,
        confidence=Confidence.SOURCE,
        bodies=("Ministry of Justice",),
        account="Notice to the Trusts is reported to end at the end of May, not of March: the "
        "transfer moves from 1 April to 1 June 2014. The day is that of the report.",
    ),
    ChronicleEntry(
        on=date(2014, 1, 29),
        happening=Happening.RATIFICATION,
        clause="TR-06d",
        document=REPORT_28_JANUARY,
        confidence=Confidence.INFERRED,
        bodies=("NNC", "SCCOG"),
        account="The agreement is tabled for ratification, and its later text says it was agreed; "
        "that the vote was on this day is inferred.",
    ),
    ChronicleEntry(
        on=date(2014, 5, 31),
        happening=Happening.TRUSTS_CEASE_TO_EMPLOY,
        clause="TR-03b",
        document=AGREEMENT,
        confidence=Confidence.SOURCE,
        bodies=("Trusts",),
        account="Trusts cease to provide probation services and to employ staff for them.",
    ),
    ChronicleEntry(
        on=date(2014, 6, 1),
        happening=Happening.TRANSFER,
        clause="TR-12",
        document=AGREEMENT,
        confidence=Confidence.SOURCE,
        bodies=("NPS", "CRCs"),
        account="Contracts of employment pass to the NPS and the CRCs under the scheme.",
    ),
    ChronicleEntry(
        on=date(2014, 10, 31),
        happening=Happening.DISSOLUTION,
        clause="TR-17",
        document=DISSOLUTION_ORDER,
        confidence=Confidence.SOURCE,
        bodies=("Trusts",),
        account="The 35 Trusts are dissolved.",
    ),
)

_RATES = (
    PublishedRate(
        name="appeals",
        count=553,
        out_of=16_600,
        clause="TR-11c",
        confidence=Confidence.INFERRED,
        caveat="the appeals are those that the union had counted in 18 of the 35 Trusts by 18 "
        "February 2014, with about 1,000 expected in all; the staff are all 35 Trusts', in "
        "full-time equivalents: the true rate was higher",
    ),
    PublishedRate(
        name="appeals_upheld",
        count=119,
        out_of=553,
        clause="TR-11c-upheld",
        confidence=Confidence.SOURCE,
        caveat="of the appeals counted by 18 February 2014, some of them still undecided",
    ),
)

TR_2013 = Rulebook(
    edition="tr-2013",
    title="Transforming Rehabilitation: probation staff to the NPS and the CRCs, 2013 to 2014",
    mechanism=Mechanism.OMA_STS,
    mechanism_clause="TR-12",
    published=True,
    calendar="ew-2013-11",
    clauses=(*ASSIGNMENT_CLAUSES, *PROTECTION_CLAUSES),
    routes=_ROUTES,
    steps=_STEPS,
    milestones=_MILESTONES,
    offers=_OFFERS,
    chronicle=_CHRONICLE,
    rates=_RATES,
)


def evr_weeks(years: int) -> Decimal:
    """Weeks of pay by enhanced voluntary redundancy after so many whole years of service (TR-07).

    10 years give 45.0, 14 give 63.0, 15 and more give 67.5. `Refused` for less than none.
    """
    if years < 0:
        raise Refused(f"service cannot be {years} years", clause="TR-07")
    return min(EVR_WEEKS_A_YEAR * years, EVR_CAP_WEEKS)
