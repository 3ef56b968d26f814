"""The kinds of procedure that the program has, and with them the facts that it knows."""

from transfer.procedures.accountability.kind import ACCOUNTABILITY
from transfer.procedures.agreement.kind import AGREEMENT
from transfer.procedures.appeal.kind import APPEAL
from transfer.procedures.assertion.kind import ASSERTION
from transfer.procedures.case_responsibility.kind import CASE_RESPONSIBILITY
from transfer.procedures.choice.kind import CHOICE
from transfer.procedures.claim_window.kind import CLAIM_WINDOW
from transfer.procedures.consultation.kind import CONSULTATION
from transfer.procedures.departure.kind import DEPARTURE
from transfer.procedures.dispute_case.kind import DISPUTE_CASE
from transfer.procedures.evaluation.kind import EVALUATION
from transfer.procedures.exercise.kind import EXERCISE
from transfer.procedures.grievance.kind import GRIEVANCE
from transfer.procedures.informing.kind import INFORMING
from transfer.procedures.key_work.kind import KEY_WORK
from transfer.procedures.known_facts import KnownFacts
from transfer.procedures.liability_information.kind import LIABILITY_INFORMATION
from transfer.procedures.posting.kind import POSTING
from transfer.procedures.programme.kind import PROGRAMME
from transfer.procedures.protection.kind import PROTECTION
from transfer.procedures.redundancy.kind import REDUNDANCY
from transfer.procedures.representation.kind import REPRESENTATION
from transfer.procedures.staff_list.kind import STAFF_LIST
from transfer.procedures.statement.kind import STATEMENT
from transfer.procedures.variation.kind import VARIATION
from transfer.procedures.vetting.kind import VETTING
from transfer.procedures.warning.kind import WARNING

KNOWN = KnownFacts(
    (
        EXERCISE,
        APPEAL,
        CONSULTATION,
        REPRESENTATION,
        DISPUTE_CASE,
        KEY_WORK,
        PROTECTION,
        ASSERTION,
        VETTING,
        CHOICE,
        CLAIM_WINDOW,
        REDUNDANCY,
        CASE_RESPONSIBILITY,
        AGREEMENT,
        WARNING,
        INFORMING,
        POSTING,
        DEPARTURE,
        VARIATION,
        EVALUATION,
        GRIEVANCE,
        ACCOUNTABILITY,
        STATEMENT,
        PROGRAMME,
        LIABILITY_INFORMATION,
        STAFF_LIST,
    )
)
