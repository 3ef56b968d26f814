"""The declaration of the appeal against an assignment."""

from typing import Any

from transfer.core.matter import common
from transfer.core.matter.kind import (
    Act,
    Does,
    Kind,
    NeedsNothing,
    Step,
    Substance,
    closes,
    on,
    opens,
)
from transfer.core.matter.reckoning import hanging
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.procedures.appeal import decisions as d
from transfer.procedures.appeal import facts as a

ADMIN, STAFF, PANEL = ("admin",), ("staff", "admin"), ("panel", "admin")
DETERMINATION, NOTE_OVERDUE = "determination", "note-overdue"

OVERDUE = Act(
    NOTE_OVERDUE, Over.PERSON, ADMIN, NeedsNothing, d.note_overdue, "note that a panel is overdue"
)

TO_BE_HEARD: tuple[Does[Any], ...] = (
    opens(DETERMINATION, Nature.DUTY, owner="panel", owed_to="staff", when=lambda f: f.panel_by),
    opens(
        NOTE_OVERDUE,
        Nature.ACT,
        owner="employer",
        when=lambda f: hanging(f.basis, day_after=(DETERMINATION,)),
    ),
)
NOT_ANY_MORE: tuple[Does[Any], ...] = (
    closes(DETERMINATION, Outcome.SUPERSEDED),
    closes(NOTE_OVERDUE, Outcome.SUPERSEDED),
)

APPEAL = Kind(
    name="appeal",
    title="An appeal against an assignment",
    facts={
        a.AppealLodged: "appeal-lodged.v1",
        a.AppealRefusedOutOfTime: "appeal-refused-out-of-time.v1",
        a.AppealAcceptedOutOfTime: "appeal-accepted-out-of-time.v1",
        a.PanelOverdue: "panel-overdue.v1",
        a.AppealDetermined: "appeal-determined.v1",
        a.AppealWithdrawn: "appeal-withdrawn.v1",
        a.AppealDropped: "appeal-dropped.v1",
    },
    acts=(
        Act("lodge", Over.PERSON, STAFF, d.Grounds, d.lodge, "appeal against an assignment"),
        Act("admit-late", Over.PERSON, ADMIN, d.WhyAdmitted, d.admit_late, "hear a late appeal"),
        Act("determine", Over.PERSON, PANEL, d.Determination, d.determine, "decide on an appeal"),
        Act("withdraw", Over.PERSON, STAFF, NeedsNothing, d.withdraw, "withdraw an appeal"),
        OVERDUE,
        common.SETTLE,
    ),
    steps=(Step(OVERDUE, "the day after the panel's last day"),),
    obligations=(
        on(a.AppealLodged, *TO_BE_HEARD),
        on(a.AppealAcceptedOutOfTime, *TO_BE_HEARD),
        on(a.PanelOverdue, closes(DETERMINATION, Outcome.MISSED), closes(NOTE_OVERDUE)),
        on(a.AppealDetermined, closes(DETERMINATION), closes(NOTE_OVERDUE, Outcome.SUPERSEDED)),
        on(a.AppealWithdrawn, *NOT_ANY_MORE),
        on(a.AppealDropped, closes(NOTE_OVERDUE), *NOT_ANY_MORE),
    ),
    sentences={
        a.AppealLodged: lambda f: f"appeals; a panel decides by {f.panel_by.on}",
        a.AppealRefusedOutOfTime: lambda f: f"appeals too late: the last day was {f.due_on}",
        a.AppealAcceptedOutOfTime: lambda f: (
            f"the appeal of {f.lodged_on}, which came late, is heard after all: {f.reason}; "
            f"a panel decides by {f.panel_by.on}"
        ),
        a.PanelOverdue: lambda f: f"the panel has not decided by {f.panel_due_on}",
        a.AppealDetermined: lambda f: (
            f"the panel decided: the appeal is {f.outcome}, the destination {f.destination}"
            + (f": {f.reason}" if f.reason else "")
            + (f" ({f.panel})" if f.panel else "")
        ),
        a.AppealWithdrawn: lambda _: "the appeal is withdrawn",
        a.AppealDropped: lambda f: f"the panel has nothing to decide any more: {f.reason}",
    },
    person=Substance(d.Appeal, d.evolve),
    begins="lodge",
)
