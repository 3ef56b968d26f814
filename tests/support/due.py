"""Facts of an exercise that open, move, meet and miss what is due."""

from __future__ import annotations

from datetime import date

from tests.support.stamps import stamp
from tests.support.words_2013 import Destination, MilestoneName, Response, Route, Window
from transfer.commands.exercises import consultation_matter, exercise_matter
from transfer.core.matter import facts as t
from transfer.core.matter.reckoning import fixed
from transfer.core.matter.words import Made
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import (
    AppealOutcome,
    Basis,
    Mechanism,
    MilestoneRole,
    WindowKind,
)
from transfer.procedures.appeal import facts as p
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as a
from transfer.procedures.facts import Fact

X = "tr-2013"
APPEAL_OF_S2 = f"appeal:{X}.S2.1"
MATTER, TALKS = exercise_matter(X), consultation_matter(X)

S1, S2 = staff_stream("S1"), staff_stream("S2")

EXERCISE, SIDES = matter_stream(MATTER), matter_stream(TALKS)

BASIS = Basis(rulebook="tr-2013", clause="TR-11b", assumptions=("TR-11b=10wd",))

NOV_20, DEC_4, DEC_11, DEC_18, JUNE_1, APRIL_1 = (
    date(2013, 11, 20),
    date(2013, 12, 4),
    date(2013, 12, 11),
    date(2013, 12, 18),
    date(2014, 6, 1),
    date(2014, 4, 1),
)


def at(on: date) -> t.Stamp:
    """What happened in the exercise on a day."""
    return stamp(MATTER, BASIS, on)


def appeal(on: date, number: int = 1) -> t.Stamp:
    """What happened in an appeal against it on a day."""
    return stamp(f"appeal:{X}.S1.{number}", BASIS, on)


DUE = fixed(DEC_4, BASIS).model_copy(update={"calendar": "ew-2013"})

LETTER = a.AssignmentLetterIssued(
    **at(NOV_20),
    group="LDN",
    letters=("assignment",),
    destination=Destination.CRC,
    windows=tuple(
        a.WindowOpened(window=kind, kind=kind, when=DUE)
        for kind in (WindowKind.RESPONSE, WindowKind.APPEAL)
    ),
)

COHORT = e.CohortFormed(
    **at(NOV_20),
    group="LDN",
    transferor="LDN",
    path="automatic",
    routes=(Route.AUTOMATIC,),
    letters_on=fixed(NOV_20, BASIS),
    people=("S1", "S2"),
)

LETTERS_SENT = e.CohortLettersSent(
    **at(NOV_20),
    group="LDN",
    windows={WindowKind.RESPONSE: DUE, WindowKind.APPEAL: DUE},
    transfer=MilestoneName.TRANSFER,
)

BEGUN = t.MatterBegun(
    **appeal(DEC_4), edition="tr-2013", digest="0" * 64, calendar="ew-2013", against=MATTER
)

LODGED = p.AppealLodged(
    **appeal(DEC_4), against=MATTER, due_on=DEC_4, grounds="g", panel_by=fixed(DEC_18, BASIS)
)

REFUSED_LATE = p.AppealRefusedOutOfTime(**appeal(DEC_11), against=MATTER, due_on=DEC_4, grounds="g")

ACCEPTED_LATE = p.AppealAcceptedOutOfTime(
    **appeal(DEC_18),
    against=MATTER,
    lodged_on=DEC_11,
    due_on=DEC_4,
    reason="in hospital",
    panel_by=fixed(JUNE_1, BASIS),
)

DETERMINED = p.AppealDetermined(
    **appeal(DEC_11),
    against=MATTER,
    outcome=AppealOutcome.UPHELD,
    destination=Destination.NPS,
    reason="r",
)

RESPONDED = a.ResponseRecorded(
    **at(DEC_4),
    window=Window.RESPONSE,
    kind=WindowKind.RESPONSE,
    response=Response.ACKNOWLEDGED,
    in_time=True,
)

OBJECTED = a.ObjectionRaised(**at(DEC_4), told_to="transferor", milestone=MilestoneName.TRANSFER)

ENDED = a.EmploymentEnded(
    **at(JUNE_1), effective_from=JUNE_1, treated_as_dismissed=False, reason="r"
).model_copy(update={"made": Made(act="end-by-objection", by="clock")})

REFUSED_TRANSFER = t.StepRefused(
    **at(JUNE_1), step="move", due_on=JUNE_1, reasons=("r",), clauses=("TR-12",)
)

TRANSFERRED = a.StaffTransferred(
    **at(JUNE_1),
    mechanism=Mechanism.OMA_STS,
    destination=Destination.CRC,
    effective_from=JUNE_1,
    changes={},
)

OPENED = e.ExerciseOpened(
    **at(NOV_20),
    edition="tr-2013",
    digest="0" * 64,
    calendar="ew-2013",
    mechanism=Mechanism.OMA_STS,
    transferors=("LDN",),
    values=(),
)

TRANSFER_SET = e.MilestoneSet(
    **at(NOV_20),
    milestone=MilestoneName.TRANSFER,
    role=MilestoneRole.TRANSFER,
    when=fixed(APRIL_1, BASIS),
    owner="employer",
)

TRANSFER_RESET = e.MilestoneReset(
    **at(DEC_18),
    milestone=MilestoneName.TRANSFER,
    role=MilestoneRole.TRANSFER,
    before=APRIL_1,
    when=fixed(JUNE_1, BASIS),
    reason="slipped",
)


def extended(due_on: date) -> t.WindowExtended:
    return t.WindowExtended(
        **at(DEC_4), window=Window.APPEAL, before=DEC_4, when=fixed(due_on, BASIS), reason="r"
    )


def reset(due_on: date, window: Window = Window.APPEAL) -> t.WindowMoved:
    return t.WindowMoved(
        **at(DEC_4),
        group="LDN",
        window=window,
        before=DEC_4,
        when=fixed(due_on, BASIS),
        reason="r",
    )


def reached(*, met: bool) -> e.MilestoneReached:
    return e.MilestoneReached(
        **at(JUNE_1),
        milestone=MilestoneName.TRANSFER,
        due_on=APRIL_1,
        met=met,
        outstanding=0 if met else 3,
    )


# The commands of these tests are recorded from 1 February 2014 on, after every day of the letter.
EVERYTHING: tuple[tuple[str, Fact], ...] = (
    (EXERCISE, OPENED),
    (EXERCISE, COHORT),
    (EXERCISE, TRANSFER_SET),
    (S1, LETTER),
    (S2, LETTER),
    (EXERCISE, LETTERS_SENT),
    (S1, RESPONDED),
    (S1, extended(DEC_11)),
    (EXERCISE, reset(DEC_11)),
    (S2, BEGUN.model_copy(update={"matter": APPEAL_OF_S2})),
    (S2, LODGED.model_copy(update={"matter": APPEAL_OF_S2})),
    (S1, OBJECTED),
    (EXERCISE, TRANSFER_RESET),
    (S1, REFUSED_TRANSFER),
)
