"""The service's own list of roles, suggested for the return's free-text column `role`.

Bands follow the catalogue (section 11: case administrator 2, probation services officer 3,
probation officer 4, senior probation officer 5; only the last three are sourced). Everything else
here, the other bands and which posts were assigned automatically, is inferred or assumed: a real
return states its own.
"""

from dataclasses import dataclass
from enum import StrEnum

from transfer.core.words import Confidence, Destination


class Family(StrEnum):
    """Which kind of work a role is; administrative support alone could be drawn at random."""

    OFFENDER_MANAGEMENT = "offender management"
    COURTS = "courts"
    APPROVED_PREMISES = "approved premises"
    VICTIMS = "victim liaison"
    UNPAID_WORK = "unpaid work"
    PROGRAMMES = "programmes"
    ADMINISTRATIVE_SUPPORT = "administrative support"
    CORPORATE = "corporate"


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its usual band (and how surely that is known), its kind of work, and the
    destination that its posts have automatically (always an assumption, or none)."""

    name: str
    band: int
    family: Family
    automatic: Destination | None = None
    band_confidence: Confidence = Confidence.INFERRED
    has_caseload: bool = False


PROBATION_OFFICER = Role(
    "Probation officer", 4, Family.OFFENDER_MANAGEMENT, None, Confidence.SOURCE, has_caseload=True
)
PROBATION_SERVICES_OFFICER = Role(
    "Probation services officer",
    3,
    Family.OFFENDER_MANAGEMENT,
    None,
    Confidence.SOURCE,
    has_caseload=True,
)
SENIOR_PROBATION_OFFICER = Role(
    "Senior probation officer", 5, Family.OFFENDER_MANAGEMENT, None, Confidence.SOURCE
)
CASE_ADMINISTRATOR = Role(
    "Case administrator", 2, Family.ADMINISTRATIVE_SUPPORT, None, Confidence.GENERAL
)
RECEPTIONIST = Role("Receptionist", 2, Family.ADMINISTRATIVE_SUPPORT)
TEAM_ADMINISTRATOR = Role("Team administrator", 2, Family.ADMINISTRATIVE_SUPPORT)
COURT_REPORT_WRITER = Role("Court report writer", 4, Family.COURTS, "NPS")
COURT_DUTY_OFFICER = Role("Court duty officer", 3, Family.COURTS, "NPS")
COURT_TEAM_MANAGER = Role("Court team manager", 5, Family.COURTS, "NPS")
RESIDENTIAL_WORKER = Role(
    "Approved premises residential worker", 2, Family.APPROVED_PREMISES, "NPS"
)
APPROVED_PREMISES_MANAGER = Role("Approved premises manager", 5, Family.APPROVED_PREMISES, "NPS")
VICTIM_LIAISON_OFFICER = Role("Victim liaison officer", 3, Family.VICTIMS, "NPS")
VICTIM_LIAISON_MANAGER = Role("Victim liaison manager", 5, Family.VICTIMS, "NPS")
UNPAID_WORK_SUPERVISOR = Role("Unpaid work supervisor", 2, Family.UNPAID_WORK, "CRC")
UNPAID_WORK_PLACEMENT_OFFICER = Role("Unpaid work placement officer", 3, Family.UNPAID_WORK, "CRC")
UNPAID_WORK_MANAGER = Role("Unpaid work manager", 5, Family.UNPAID_WORK, "CRC")
PROGRAMME_TUTOR = Role("Programme tutor", 3, Family.PROGRAMMES)
PROGRAMME_MANAGER = Role("Programme manager", 5, Family.PROGRAMMES)
FINANCE_OFFICER = Role("Finance officer", 3, Family.CORPORATE)
HR_ADVISER = Role("HR adviser", 4, Family.CORPORATE)
PERFORMANCE_ANALYST = Role("Performance analyst", 4, Family.CORPORATE)
CORPORATE_MANAGER = Role("Corporate services manager", 5, Family.CORPORATE)
ASSISTANT_CHIEF_OFFICER = Role("Assistant chief officer", 6, Family.CORPORATE)
CHIEF_EXECUTIVE = Role("Chief executive", 7, Family.CORPORATE)

ROLES: tuple[Role, ...] = tuple(value for value in tuple(globals().values()) if type(value) is Role)
"""Every role above, in the order in which it is written."""

ROLE_NAMES: tuple[str, ...] = tuple(role.name for role in ROLES)
