"""The declaration of owners and accountable officers.

begun ─► an owner recorded ─► where that changes the employer, a transfer of staff is owed
      ─► an office recorded that answers for it
"""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel

from transfer.core.matter import common
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import ADMINISTRATION, MatterFact
from transfer.core.matter.kind import Act, Answer, Kind, Substance, closes, on, opens
from transfer.core.matter.reckoning import Reckoned
from transfer.core.matter.words import Nature, Over
from transfer.procedures.accountability import answers as q
from transfer.procedures.accountability import decisions as d
from transfer.procedures.accountability import facts as f
from transfer.procedures.accountability.edition import Accountability

N = TypeVar("N", bound=BaseModel)

ADMIN = ("admin",)
TRANSFER = "transfer-staff"


def _act(
    name: str, needs: type[N], decide: Callable[[Case, N], tuple[MatterFact, ...]], says: str
) -> Act[N]:
    return Act(name, Over.MATTER, ADMIN, needs, decide, says)


ACCOUNTABILITY = Kind(
    name="accountability",
    title="Who owns an organisation and who answers for it",
    part=Accountability,
    facts={
        f.AccountabilityBegun: "accountability-begun.v1",
        f.OwnerRecorded: "owner-recorded.v1",
        f.StaffMoved: "staff-of-owner-moved.v1",
        f.OfficerRecorded: "officer-recorded.v1",
    },
    acts=(
        _act("begin", d.WhichOrganisation, d.begin, "begin to keep owners and officers"),
        _act("record-owner", d.NewOwner, d.record_owner, "say who owns it"),
        _act(
            "note-transfer", d.WhichTransfer, d.note_transfer, "say how its staff are transferred"
        ),
        _act("record-officer", d.WhoAnswers, d.record_officer, "say which office answers for it"),
        common.SETTLE,
    ),
    steps=(),
    obligations=(
        on(
            f.OwnerRecorded,
            opens(
                TRANSFER,
                Nature.DUTY,
                owner=ADMINISTRATION,
                owed_to="staff",
                about=lambda f: f.effective_from.isoformat(),
                when=lambda f: (
                    Reckoned(on=f.effective_from, basis=f.basis) if f.changes_employer else None
                ),
            ),
        ),
        on(f.StaffMoved, closes(TRANSFER, about=lambda f: f.effective_from.isoformat())),
    ),
    sentences={
        f.AccountabilityBegun: lambda f: f"owners and officers of {f.organisation} are kept",
        f.OwnerRecorded: lambda f: (
            f"{f.owner} owns it from {f.effective_from} ({f.mechanism}): the employer of its staff "
            + ("changes" if f.changes_employer else "stays")
        ),
        f.StaffMoved: lambda f: f"its staff are transferred by {f.procedure}",
        f.OfficerRecorded: lambda f: (
            f"the {f.office} answers for {f.answers_for} from {f.effective_from}"
            + (f", up to and excluding {f.effective_to}" if f.effective_to else "")
        ),
    },
    answers=(
        Answer(
            "owner",
            Over.MATTER,
            "Who owned it on a day, and whether the employer of its staff has changed",
            q.OwnershipOnDay,
            q.owner,
            of_all_known=True,
        ),
        Answer(
            "accountable",
            Over.MATTER,
            "Who answered for it on a day",
            q.AccountableOnDay,
            q.accountable,
            of_all_known=True,
        ),
    ),
    whole=Substance(d.Organisation, d.evolve),
)
