"""The clauses of `tr-2013` on starting, assigning staff, their response and their appeal.

Each clause says what it requires, in our words, and how we know: S read in a source, G general
knowledge, I inferred, X looked for and not found.
"""

from datetime import date
from decimal import Decimal

from transfer.core.words import Confidence
from transfer.rulebooks.parts import Clause, ClauseKind
from transfer.rulebooks.tr_2013_sources import (
    AGREEMENT,
    ANSWER,
    APPEALS_REPORT,
    LETTER,
    NWPC_27_NOVEMBER,
    REPORT_28_JANUARY,
    STAFFING_ANSWER,
)
from transfer.rulebooks.values import ValueType

_STARTING = (
    Clause(
        id="TR-01",
        title="Start of assignment",
        text="Trusts begin to assign staff at once. The negotiating bodies' agreement is not "
        "needed to begin.",
        confidence=Confidence.SOURCE,
        sources=(LETTER,),
        value_type=ValueType.DATE,
        value=date(2013, 11, 13),
    ),
    Clause(
        id="TR-02",
        title="Endorsement refused",
        text="Employers and unions could not agree full endorsement of the national framework.",
        kind=ClauseKind.HISTORY,
        confidence=Confidence.SOURCE,
        sources=(LETTER,),
        value_type=ValueType.DATE,
        value=date(2013, 11, 11),
    ),
    Clause(
        id="TR-03",
        title="People transition complete",
        text="By this day every member of staff knows whether they go to the NPS or a CRC, and "
        "staff have moved to the new structures. Cases need not have been reallocated by then.",
        confidence=Confidence.SOURCE,
        sources=(LETTER,),
        value_type=ValueType.DATE,
        value=date(2014, 4, 1),
    ),
    Clause(
        id="TR-03b",
        title="Day of transfer, moved",
        text="Employment transfers on this day, two months after the day first announced; Trusts "
        "cease to provide services the day before.",
        confidence=Confidence.SOURCE,
        sources=(f"{AGREEMENT}, paragraphs 1 and 2", REPORT_28_JANUARY),
        value_type=ValueType.DATE,
        value=date(2014, 6, 1),
    ),
)


_ASSIGNING = (
    Clause(
        id="TR-08",
        title="Order of assignment",
        text="First an automatic assignment where the post settles it. Next local criteria based "
        "on evidence, and an expression of interest, sifted by the Trust's panel where more want "
        "a place than there are places. Only if neither settles it, and only for administrative "
        "support, a random draw.",
        confidence=Confidence.SOURCE,
        sources=(
            f"{ANSWER}, citing the Guidance on the Application of the Sifting Criteria, "
            "November 2013, paragraphs 68 and 69",
            "UNISON North West probation branch, 2 October 2013",
        ),
    ),
    Clause(
        id="TR-08-admin-roles",
        title="What counts as administrative support",
        text="The roles that may be assigned by a draw, upper and lower case alike.",
        kind=ClauseKind.PARAMETER,
        confidence=Confidence.INFERRED,
        sources=("inferred from the grades of administrative work in Trusts",),
        value_type=ValueType.TEXTS,
        value=(
            "administrator",
            "administrative officer",
            "case administrator",
            "receptionist",
            "secretary",
            "team administrator",
        ),
    ),
    Clause(
        id="TR-08b",
        title="Assignment was largely random, by another account",
        text="The union held that assignment was largely a random selection, names drawn from a "
        "hat; a member of Parliament quoted letters to that effect.",
        kind=ClauseKind.HISTORY,
        confidence=Confidence.SOURCE,
        sources=("Napo briefing, 2014", "T. Perkins MP, 3 July 2014"),
        disputes="TR-08",
    ),
    Clause(
        id="TR-09",
        title="Evidence",
        text="Assignment rests on an objective assessment of existing workloads, with expressions "
        "of interest.",
        confidence=Confidence.SOURCE,
        sources=(ANSWER,),
        rests_on=("TR-09-share", "TR-09b"),
    ),
    Clause(
        id="TR-09-share",
        title="Share of high-risk cases that points to the NPS",
        text="Where at least this share of somebody's cases is high risk, the evidence points to "
        "the NPS, otherwise to the CRC.",
        kind=ClauseKind.PARAMETER,
        confidence=Confidence.NOT_FOUND,
        sources=(f"{ANSWER}, which names the assessment and gives no number",),
        value_type=ValueType.DECIMAL,
        unit="share of a caseload, 0 to 1",
        least=Decimal(0),
        most=Decimal(1),
        unknown_because="the criteria were local, and no source that was read gives the number",
        document_needed="the Guidance on the Application of the Sifting Criteria of November 2013, "
        "or the Trust's own criteria",
        needed=True,
    ),
    Clause(
        id="TR-09b",
        title="Day of the caseload snapshot",
        text="Caseloads count as they stood on this day; what was added later is no evidence.",
        kind=ClauseKind.PARAMETER,
        confidence=Confidence.NOT_FOUND,
        sources=("looked for and not found; 11 November 2013 is reported from memory only",),
        value_type=ValueType.DATE,
        unknown_because="no source that was read gives the day",
        document_needed="the National Framework for Staff Transfer of November 2013, or the "
        "Trust's instruction for the caseload return",
        needed=True,
    ),
)


_APPEALING = (
    Clause(
        id="TR-10",
        title="What staff may do on receiving the letter",
        text="Acknowledge it; take part in the process; reserve their rights in writing; appeal.",
        confidence=Confidence.SOURCE,
        sources=(NWPC_27_NOVEMBER,),
    ),
    Clause(
        id="TR-10-response",
        title="Time to respond to the letter",
        text="How long after the letter staff may acknowledge it or reserve their rights.",
        kind=ClauseKind.PARAMETER,
        confidence=Confidence.NOT_FOUND,
        sources=(f"{NWPC_27_NOVEMBER}, which names the responses and gives no time",),
        value_type=ValueType.PERIOD,
        unit="from the day after the letter",
        accepts=("wd", "d", "w"),
        unknown_because="no source that was read gives the time",
        document_needed="the assignment letter as it was sent",
        needed=True,
    ),
    Clause(
        id="TR-11",
        title="Right of appeal",
        text="Staff may appeal against an automatic assignment or the outcome of a sift, on narrow "
        "grounds.",
        confidence=Confidence.SOURCE,
        sources=(NWPC_27_NOVEMBER, "Napo briefing, 2014"),
    ),
    Clause(
        id="TR-11b",
        title="Time to appeal",
        text="How long after the letter an appeal may be lodged; a later one is refused unless "
        "it is accepted out of time with a reason.",
        kind=ClauseKind.PARAMETER,
        confidence=Confidence.NOT_FOUND,
        sources=(f"{NWPC_27_NOVEMBER}, which names the appeal and gives no time",),
        value_type=ValueType.PERIOD,
        unit="from the day after the letter",
        accepts=("wd", "d", "w"),
        unknown_because="no source that was read gives the time limit, the panel or the stages",
        document_needed="the National Framework for Staff Transfer of November 2013, or the "
        "Trust's appeal procedure",
        needed=True,
    ),
    Clause(
        id="TR-11b-panel",
        title="Time for the panel to determine an appeal",
        text="How long after an appeal is lodged its panel must have determined it.",
        kind=ClauseKind.PARAMETER,
        confidence=Confidence.NOT_FOUND,
        sources=(f"{NWPC_27_NOVEMBER}, which names the appeal and gives no time",),
        value_type=ValueType.PERIOD,
        unit="from the day after the appeal is lodged",
        accepts=("wd", "d", "w"),
        unknown_because="no source that was read gives the panel or its time",
        document_needed="the National Framework for Staff Transfer of November 2013, or the "
        "Trust's appeal procedure",
        needed=True,
    ),
    Clause(
        id="TR-11c",
        title="Appeals counted so far",
        text="Appeals that the union had counted by 18 February 2014, of which 119 had been "
        "upheld. The count covered 18 of the 35 Trusts; about a thousand were expected in all.",
        kind=ClauseKind.FIGURE,
        confidence=Confidence.SOURCE,
        sources=(APPEALS_REPORT,),
        value_type=ValueType.WHOLE,
        value=553,
        unit="appeals",
    ),
    Clause(
        id="TR-11c-upheld",
        title="Appeals upheld so far",
        text="Of the appeals counted by 18 February 2014, those that were upheld.",
        kind=ClauseKind.FIGURE,
        confidence=Confidence.SOURCE,
        sources=(APPEALS_REPORT,),
        value_type=ValueType.WHOLE,
        value=119,
        unit="appeals",
    ),
    Clause(
        id="TR-11c-staff",
        title="Staff in scope",
        text="About this many. The published totals count full-time equivalents, not people: "
        "16,297 in the Trusts on 30 June 2013, 16,631 in the NPS and the CRCs on 30 June 2014.",
        kind=ClauseKind.FIGURE,
        confidence=Confidence.INFERRED,
        sources=(STAFFING_ANSWER,),
        value_type=ValueType.WHOLE,
        value=16_600,
        unit="staff",
    ),
)


ASSIGNMENT_CLAUSES = (
    *_STARTING,
    *_ASSIGNING,
    *_APPEALING,
)
