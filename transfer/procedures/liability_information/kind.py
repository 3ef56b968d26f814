"""The declaration of liability information.

begun ─► drafts are prepared and checked ─► given, at once or in parts, by the last day of the law
      ─► what differs from the record since is owed to the new employer, until it is notified
"""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from pydantic import BaseModel

from transfer.core.matter import common
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import ADMINISTRATION, MatterFact
from transfer.core.matter.kind import Act, Answer, Kind, Substance, closes, moves, on, opens
from transfer.core.matter.reckoning import Reckoned
from transfer.core.matter.words import Nature, Over
from transfer.procedures.liability_information import answers as a
from transfer.procedures.liability_information import decisions as d
from transfer.procedures.liability_information import facts as f
from transfer.procedures.liability_information.edition import LiabilityInformation

N = TypeVar("N", bound=BaseModel)

GIVE, NOTIFY = "give-liability-information", "notify-changes"


def _act(
    name: str, needs: type[N], decide: Callable[[Case, N], tuple[MatterFact, ...]], says: str
) -> Act[N]:
    return Act(name, Over.MATTER, ("admin",), needs, decide, says)


def _received(day: date | None) -> str:
    return f", received on {day}" if day else ""


def _by(when: Reckoned) -> str:
    if when.on is None:
        return "as soon as can reasonably be done"
    return f"by {when.on}" + (f" ({when.safe}, read as clear days)" if when.safe else "")


LIABILITY_INFORMATION = Kind(
    name="liability-information",
    title="Liability information about the people who move",
    part=LiabilityInformation,
    facts={
        f.LiabilityInformationBegun: "liability-information-begun.v1",
        f.LiabilityTransferMoved: "liability-transfer-moved.v1",
        f.SpecialCircumstancesNoted: "special-circumstances-noted.v1",
        f.LiabilityDraftPrepared: "liability-draft-prepared.v1",
        f.LiabilityDraftChecked: "liability-draft-checked.v1",
        f.LiabilityInformationDelivered: "liability-information-delivered.v1",
        f.LiabilityReceiptNoted: "liability-receipt-noted.v1",
        f.LiabilityChangesFound: "liability-changes-found.v1",
        f.LiabilityChangesNotified: "liability-changes-notified.v1",
    },
    acts=(
        _act("begin", d.InformationOwed, d.begin, "say who owes liability information to whom"),
        _act("prepare", d.Draft, d.prepare, "prepare a draft from the record"),
        _act("check", d.Checked, d.check, "check a draft: what it lacks is named"),
        _act("give", d.Given, d.deliver, "note what was given to the new employer"),
        _act("note-receipt", d.Receipt, d.note_receipt, "note when it was received"),
        _act("compare-records", d.NowHeld, d.compare, "find what differs from what was given"),
        _act("notify-changes", d.Notification, d.notify, "note that changes were notified"),
        _act("move-transfer", d.NewTransferDay, d.move_transfer, "note another day of transfer"),
        _act("note-special", d.Circumstances, d.note_special, "note special circumstances"),
        common.SETTLE,
    ),
    steps=(),
    obligations=(
        on(
            f.LiabilityInformationBegun,
            opens(
                GIVE,
                Nature.DUTY,
                owner=ADMINISTRATION,
                when=lambda f: f.due,
            ),
        ),
        on(f.LiabilityTransferMoved, moves(GIVE, when=lambda f: f.due)),
        on(f.SpecialCircumstancesNoted, moves(GIVE, when=lambda f: f.due)),
        on(f.LiabilityInformationDelivered, closes(GIVE, if_=lambda f: not f.outstanding)),
        on(
            f.LiabilityChangesFound,
            opens(
                NOTIFY,
                Nature.DUTY,
                owner=ADMINISTRATION,
                when=lambda f: Reckoned(basis=f.basis),
            ),
        ),
        on(f.LiabilityChangesNotified, closes(NOTIFY)),
    ),
    sentences={
        f.LiabilityInformationBegun: lambda f: (
            f"{f.transferor} owes {f.transferee} liability information {_by(f.due)}, before the "
            f"transfer on {f.transfer_on}"
        ),
        f.LiabilityTransferMoved: lambda f: (
            f"the transfer moves from {f.before} to {f.transfer_on}: owed {_by(f.due)}"
        ),
        f.SpecialCircumstancesNoted: lambda f: (
            f"special circumstances ({f.because}): owed {_by(f.due)}"
        ),
        f.LiabilityDraftPrepared: lambda f: (
            f"draft {f.draft} describes {len(f.held)} people as at {f.as_at}"
        ),
        f.LiabilityDraftChecked: lambda f: (
            f"draft {f.draft} was checked: "
            + (
                ", ".join(f"{datum} missing of {of}" for datum, of in f.lacks.items())
                or "nothing is missing"
            )
            + (f"; {f.remarks}" if f.remarks else "")
        ),
        f.LiabilityInformationDelivered: lambda f: (
            f"given from draft {f.draft}"
            + (f" by way of {f.via}" if f.via else "")
            + f": {', '.join(f.items)}{_received(f.received_on)}"
            + (f"; still owed: {', '.join(f.outstanding)}" if f.outstanding else "")
        ),
        f.LiabilityReceiptNoted: lambda f: f"delivery {f.delivery} received on {f.received_on}",
        f.LiabilityChangesFound: lambda f: (
            f"{len(f.held) + len(f.gone)} people's information differs from what was given"
        ),
        f.LiabilityChangesNotified: lambda f: (
            f"changes of {len(f.people)} people notified"
            + (f" by way of {f.via}" if f.via else "")
            + _received(f.received_on)
        ),
    },
    answers=(
        Answer(
            "standing",
            Over.MATTER,
            "By when liability information is owed, what was given when, and what is missing",
            a.InformationStands,
            a.standing,
        ),
        Answer(
            "changes",
            Over.MATTER,
            "Of whom the record says otherwise by now than what was given",
            a.GivenAndNow,
            a.changes,
            reads=a.people,
        ),
    ),
    whole=Substance(d.LiabilityMatter, d.evolve),
)
