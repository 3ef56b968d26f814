"""The clauses of `tr-2013` on what staff were promised, the transfer itself and what continued.

Each clause says what it requires, in our words, and how we know: S read in a source, G general
knowledge, I inferred, X looked for and not found. What came after 2014 is here only where it
bears on a term offered in 2013 or on the companies that staff went to; the moves of 2019 and 2021
are not this edition's.
"""

from datetime import date
from decimal import Decimal

from transfer.core.words import Confidence
from transfer.rulebooks.parts import Clause, ClauseKind
from transfer.rulebooks.tr_2013_sources import (
    AGREEMENT,
    BILL,
    DISSOLUTION_ORDER,
    LETTER,
    REPORT_28_JANUARY,
    STAFFING_ANSWER,
)
from transfer.rulebooks.values import ValueType

EVR_WEEKS_A_YEAR = Decimal("4.5")
EVR_CAP_WEEKS = Decimal("67.5")

_PROTECTIONS = (
    Clause(
        id="TR-04",
        title="Job guarantee",
        text="Whoever a Trust employs on this day has a job in the NPS or a CRC.",
        confidence=Confidence.SOURCE,
        sources=(LETTER,),
        value_type=ValueType.DATE,
        value=date(2014, 3, 31),
    ),
    Clause(
        id="TR-04b",
        title="Day of the job guarantee, moved with the transfer",
        text="When the transfer moved by two months, the day on which one must be employed is "
        "taken to have moved with it, to the last day of the Trusts as employers.",
        confidence=Confidence.INFERRED,
        sources=(f"inferred from {AGREEMENT}, paragraphs 1 and 2",),
        value_type=ValueType.DATE,
        value=date(2014, 5, 31),
    ),
    Clause(
        id="TR-05",
        title="No compulsory redundancy",
        text="No member of the transferring staff is made compulsorily redundant before this day.",
        confidence=Confidence.SOURCE,
        sources=(LETTER,),
        value_type=ValueType.DATE,
        value=date(2015, 6, 1),
    ),
    Clause(
        id="TR-05b",
        title="No compulsory redundancy, counted from the share sale",
        text="A variant that protects for some months after the sale of the companies' shares.",
        confidence=Confidence.NOT_FOUND,
        sources=("reported from memory only; looked for and not found",),
        unknown_because="no document that was read contains it",
        document_needed="the final text of the agreement's protections",
        disputes="TR-05",
    ),
    Clause(
        id="TR-06",
        title="Enhanced voluntary redundancy",
        text="A harmonised scheme, with better local ones honoured, was meant to be offered. It "
        "takes collective agreement; without it the offer is off. If the bodies endorse "
        "afterwards, it can be made after all.",
        confidence=Confidence.SOURCE,
        sources=(LETTER,),
    ),
    Clause(
        id="TR-06b",
        title="Meeting without agreement",
        text="The bodies met and did not agree; voluntary redundancy was in doubt and the matter "
        "was referred to ACAS.",
        kind=ClauseKind.HISTORY,
        confidence=Confidence.SOURCE,
        sources=("UNISON North West probation branch, 22 November 2013",),
        value_type=ValueType.DATE,
        value=date(2013, 11, 20),
    ),
    Clause(
        id="TR-06c",
        title="Improved draft",
        text="Conciliation produced an improved draft with voluntary redundancy restored, sent "
        "out in joint circulars on 19 December, still to be ratified.",
        kind=ClauseKind.HISTORY,
        confidence=Confidence.SOURCE,
        sources=(
            "NNC circular 11 and SCCOG circular 10, 19 December 2013",
            "Probation Voice, 16 December 2013",
            "Napo headquarters, December 2013",
        ),
        value_type=ValueType.DATE,
        value=date(2013, 12, 19),
    ),
    Clause(
        id="TR-06d",
        title="Ratification",
        text="The agreement, by then without the assignment process, was tabled for ratification "
        "on this day. Its later text says that both bodies agreed it and the Ministry endorsed "
        "it; that this was the day of the vote is inferred.",
        kind=ClauseKind.HISTORY,
        confidence=Confidence.INFERRED,
        sources=(REPORT_28_JANUARY, f"{AGREEMENT}, paragraph 5"),
        value_type=ValueType.DATE,
        value=date(2014, 1, 29),
    ),
    Clause(
        id="TR-07",
        title="Voluntary redundancy, weeks a year",
        text="Weeks of pay for each year of service. At 55 or over an unreduced pension is paid "
        "at once as well.",
        confidence=Confidence.SOURCE,
        sources=("Joint trade union circular 20-2015, 28 July 2015",),
        value_type=ValueType.DECIMAL,
        value=EVR_WEEKS_A_YEAR,
        unit="weeks of pay a year of service",
        rests_on=("TR-07-cap",),
    ),
    Clause(
        id="TR-07-cap",
        title="Voluntary redundancy, most weeks",
        text="No more than this many weeks of pay, which fifteen years of service reach.",
        confidence=Confidence.SOURCE,
        sources=("Joint trade union circular 20-2015, 28 July 2015", LETTER),
        value_type=ValueType.DECIMAL,
        value=EVR_CAP_WEEKS,
        unit="weeks of pay",
    ),
    Clause(
        id="TR-07b",
        title="Voluntary redundancy in the NPS, last day to apply",
        text="Applications by this day, with the last day of service before 31 March 2016. The "
        "source is weak: a guest's blog post.",
        confidence=Confidence.SOURCE,
        sources=("Guest post, Probation Matters, 19 January 2015",),
        value_type=ValueType.DATE,
        value=date(2015, 3, 31),
    ),
    Clause(
        id="TR-07c",
        title="Voluntary redundancy in the companies, how long",
        text="The unions read the terms as holding for as long as the companies' contracts. One "
        "owner offered instead two weeks a year, thirty at most, in July 2015.",
        kind=ClauseKind.HISTORY,
        confidence=Confidence.SOURCE,
        sources=("Joint trade union circulars 19-2015 and 20-2015", "Probation Matters, July 2015"),
        disputes="TR-07",
    ),
)


_TRANSFERRING = (
    Clause(
        id="TR-12",
        title="Legal vehicle",
        text="A staff transfer scheme under the Offender Management Act 2007 moves contracts "
        "unchanged; national terms continue and every liability of the Trust, claims included, "
        "goes with them. The scheme is no collective agreement, and it is not a TUPE transfer.",
        confidence=Confidence.SOURCE,
        sources=("UNISON, May 2014, by Probation Matters, 29 January 2017", AGREEMENT),
    ),
    Clause(
        id="TR-12-notice",
        title="Shortest notice of transfer",
        text="How long before the day of transfer staff must have been told of it.",
        kind=ClauseKind.PARAMETER,
        confidence=Confidence.NOT_FOUND,
        sources=(f"{AGREEMENT}, paragraphs 3 and 4, by which TUPE's own notices do not apply",),
        value_type=ValueType.PERIOD,
        unit="before the day of transfer",
        accepts=("wd", "d", "w", "m"),
        unknown_because="no source that was read sets one for a staff transfer scheme; unless it "
        "is given, notice of transfer is not checked",
        document_needed="the staff transfer scheme of 2014 or the Trust's instruction for it",
    ),
    Clause(
        id="TR-13",
        title="Effect of the scheme",
        text="Employment is not ended by the transfer. Rights, powers, duties and liabilities "
        "pass, and what was done before counts as done by the new employer. Read in the Bill; the "
        "wording as enacted is general knowledge.",
        confidence=Confidence.SOURCE,
        sources=(f"{BILL}, paragraphs 6 to 8", "Offender Management Act 2007, Schedule 2"),
    ),
    Clause(
        id="TR-14",
        title="Objection",
        text="Whoever tells the old or the new employer that they object does not transfer. Their "
        "contract ends immediately before the day of transfer, and they are not treated as "
        "dismissed because of it. Read in the Bill.",
        confidence=Confidence.SOURCE,
        sources=(f"{BILL}, paragraphs 6, 7 and 8", "Offender Management Act 2007, Schedule 2"),
    ),
    Clause(
        id="TR-15",
        title="Substantial detriment",
        text="A right to leave because working conditions change substantially for the worse is "
        "kept. A change of employer alone is not enough unless it is significant and to one's "
        "detriment. Read in the Bill.",
        confidence=Confidence.SOURCE,
        sources=(f"{BILL}, paragraph 9",),
    ),
    Clause(
        id="TR-16",
        title="Not transferred by any scheme",
        text="Whoever is still employed when the Trust is dissolved has their contract end "
        "immediately before it ceases to exist, and is treated as dismissed. Read in the Bill.",
        confidence=Confidence.SOURCE,
        sources=(f"{BILL}, paragraph 10",),
    ),
    Clause(
        id="TR-17",
        title="Dissolution",
        text="The 35 Trusts are dissolved. From the transfer until this day they exist in law "
        "without probation staff.",
        confidence=Confidence.SOURCE,
        sources=(DISSOLUTION_ORDER,),
        value_type=ValueType.DATE,
        value=date(2014, 10, 31),
    ),
    Clause(
        id="TR-18",
        title="Consultation on measures",
        text="Trusts consult the recognised unions on measures envisaged, with written details "
        "from the Ministry: assignment, splitting the workforce, shadow running, pensions, "
        "equipment, caseload, data.",
        confidence=Confidence.SOURCE,
        sources=("NNC guidance on local consultation on measures, Appendix A",),
    ),
)


_CONTINUING = (
    Clause(
        id="TR-19",
        title="Continuity of service",
        text="Continuity of service is protected on the move to the new organisations.",
        confidence=Confidence.SOURCE,
        sources=(LETTER,),
    ),
    Clause(
        id="TR-19-later",
        title="Continuity on later moves",
        text="The unions brought the Ministry from no recognition to seven years. For which moves, "
        "between the NPS and the CRCs perhaps, was not seen.",
        confidence=Confidence.NOT_FOUND,
        sources=("Napo headquarters, December 2013",),
        value_type=ValueType.PERIOD,
        accepts=("y",),
        unknown_because="the moves that the seven years apply to were not in anything read",
        document_needed="the final text of the agreement on continuity",
    ),
    Clause(
        id="TR-20",
        title="Pension protection",
        text="Pensions of all who transfer are protected; the local government scheme is kept, in "
        "a single fund.",
        confidence=Confidence.SOURCE,
        sources=(LETTER, "Union officer's report, 27 November 2013"),
    ),
    Clause(
        id="TR-21",
        title="Staff commission",
        text="A commission for questions that the transfer raises is promised, its design to be "
        "settled by this day.",
        confidence=Confidence.SOURCE,
        sources=("Probation Voice, 13 January 2014",),
        value_type=ValueType.DATE,
        value=date(2014, 4, 1),
    ),
    Clause(
        id="TR-22",
        title="Sale of the companies",
        text="The companies' shares are sold. The employer stays the same company: a sale of "
        "shares, not a transfer of staff. The day is sourced, its effect inferred.",
        kind=ClauseKind.HISTORY,
        confidence=Confidence.INFERRED,
        sources=(STAFFING_ANSWER,),
        value_type=ValueType.DATE,
        value=date(2015, 2, 1),
    ),
    Clause(
        id="CO-01",
        title="Statement of practice on staff transfers",
        text="The Cabinet Office's statement of practice treats staff no less favourably than TUPE "
        "would. It is policy, not law, though ignoring it can be reviewed in court.",
        confidence=Confidence.SOURCE,
        sources=("Law Society v Secretary of State for Justice [2010] EWHC 352", AGREEMENT),
    ),
    Clause(
        id="CO-02",
        title="Which statement of practice",
        text="The National Agreement follows the revision of November 2007, although that of "
        "December 2013 was there by the day of transfer.",
        confidence=Confidence.SOURCE,
        sources=(f"{AGREEMENT}, paragraph 4",),
        value_type=ValueType.TEXT,
        value="January 2000, revised November 2007",
    ),
)


PROTECTION_CLAUSES = (
    *_PROTECTIONS,
    *_TRANSFERRING,
    *_CONTINUING,
)
