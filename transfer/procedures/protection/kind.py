"""The declaration of pay protection.

granted ─► notices before its end, each owed to the person ─► ran out
        ├► varied; lowered for days past once somebody else approves
        └► ended early once somebody else approves, or when the person left
"""

from collections.abc import Iterator
from typing import Any

from transfer.core.matter import book as b
from transfer.core.matter import common
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.kind import (
    Act,
    Answer,
    Does,
    Kind,
    NeedsNothing,
    Step,
    Substance,
    Waits,
    closes,
    moves,
    on,
    opens,
)
from transfer.core.matter.reckoning import Reckoned, fixed
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.procedures.protection import answers as a
from transfer.procedures.protection import decisions as d
from transfer.procedures.protection import facts as f
from transfer.procedures.protection.called import TAKE_ON
from transfer.procedures.protection.edition import Protection
from transfer.procedures.protection.lasting import Lasts
from transfer.procedures.protection.protected import END_EARLY, LOWER, Protected, evolve

ADMIN = ("admin",)
EMPLOYER = "employer"
STAFF = "staff"

COUNT_DOWN, RUN_OUT = "count-down", "run-out"
PROTECT, FIND_LENGTH, TELL, REVIEW, PLACE = "protect", "find-length", "tell", "review", "place"

_PERSON = Over.PERSON

STEP_LOWER = Act(
    LOWER,
    _PERSON,
    ADMIN,
    NeedsNothing,
    d.lower_salary,
    "protect a lower salary that was approved",
)
STEP_COUNT_DOWN = Act(
    COUNT_DOWN, _PERSON, ADMIN, NeedsNothing, d.count_down, "say that the end comes near"
)
STEP_RUN_OUT = Act(RUN_OUT, _PERSON, ADMIN, NeedsNothing, d.run_out, "say that it ran out")
STEP_END_EARLY = Act(
    END_EARLY, _PERSON, ADMIN, NeedsNothing, d.end_early, "end it on the day that was approved"
)

# --- when things fall due -------------------------------------------------------------------------


def _counted_down(fact: f.ProtectionGranted | f.ProtectionLengthFound) -> Iterator[b.Effect]:
    for notice in fact.lasts.notices:
        when = fixed(notice.notice_on, fact.lasts.basis)
        yield b.Opens(COUNT_DOWN, Nature.ACT, EMPLOYER, when, notice.before)


def _last_day(lasts: Lasts) -> Reckoned:
    return Reckoned(on=lasts.last_day, later=lasts.later, basis=lasts.basis)


def _run_out_on(fact: f.ProtectionGranted | f.ProtectionLengthFound) -> Reckoned | None:
    """The day after its last day by either reading."""
    later = fact.lasts.later
    if later is None:
        return None
    return fixed(later.fromordinal(later.toordinal() + 1), fact.lasts.basis)


def _on_its_day(fact: MatterFact) -> Reckoned:
    return fixed(fact.happened_on, fact.basis)


def _no_day(fact: MatterFact) -> Reckoned:
    return Reckoned(basis=fact.basis)


_OVER: tuple[Does[Any], ...] = (
    closes(COUNT_DOWN, Outcome.SUPERSEDED, about=lambda _: None),
    closes(TELL, Outcome.SUPERSEDED, about=lambda _: None),
    closes(REVIEW, Outcome.SUPERSEDED, about=lambda _: None),
    closes(FIND_LENGTH, Outcome.SUPERSEDED, about=lambda _: None),
    closes(PLACE, Outcome.SUPERSEDED),
    closes(LOWER, Outcome.SUPERSEDED),
)
"""What is due no more once protection has ended."""

# --- the declaration ------------------------------------------------------------------------------

PROTECTION = Kind(
    name="protection",
    title="Pay protection",
    part=Protection,
    begins="grant",
    facts={
        f.ProtectionGranted: "protection-granted.v1",
        f.ProtectedSalaryVaried: "protected-salary-varied.v1",
        f.LoweringProposed: "lowering-of-salary-proposed.v1",
        f.ProtectionLengthFound: "protection-length-found.v1",
        f.PayPointStated: "pay-point-stated.v1",
        f.PayRecorded: "pay-recorded.v1",
        f.ProtectionEndsSoon: "protection-ends-soon.v1",
        f.EndOfProtectionTold: "end-of-protection-told.v1",
        f.ReviewFellDue: "review-fell-due.v1",
        f.ReviewHeld: "review-held.v1",
        f.PlacedInProtectedBand: "placed-in-protected-band.v1",
        f.EarlyEndProposed: "early-end-of-protection-proposed.v1",
        f.ProtectionEndedEarly: "protection-ended-early.v1",
        f.ProtectionRanOut: "protection-ran-out.v1",
    },
    acts=(
        Act("grant", _PERSON, ADMIN, d.Granting, d.grant, "protect a salary"),
        Act(
            TAKE_ON,
            _PERSON,
            ADMIN,
            d.CameOutOf,
            d.take_on,
            "protect pay because of a regrade",
            part_of="a regrade in another procedure",
        ),
        Act("vary", _PERSON, ADMIN, d.Salary, d.vary, "say that another salary is protected"),
        Act("find-length", _PERSON, ADMIN, d.LengthFound, d.find_length, "say how long it lasts"),
        Act("state-point", _PERSON, ADMIN, d.Point, d.state_point, "say what the pay point is"),
        Act("record-payment", _PERSON, ADMIN, d.Payment, d.record_payment, "say what was paid"),
        Act("note-told", _PERSON, ADMIN, d.Notice, d.note_told, "note that the person was told"),
        Act(
            "count-review",
            _PERSON,
            ADMIN,
            d.ReviewCounts,
            d.count_review,
            "say from which day a review counts",
        ),
        Act("note-review", _PERSON, ADMIN, d.Review, d.note_review, "note that a review was held"),
        Act(
            "note-placement",
            _PERSON,
            ADMIN,
            d.Placement,
            d.note_placement,
            "note a post in the protected band",
        ),
        Act("end", _PERSON, ADMIN, d.EarlyEnding, d.end, "end it before its day"),
        STEP_LOWER,
        STEP_COUNT_DOWN,
        STEP_RUN_OUT,
        STEP_END_EARLY,
        common.APPROVE,
        common.DECLINE,
        common.SETTLE,
    ),
    steps=(
        Step(STEP_COUNT_DOWN, "so long before the last day as the edition says"),
        Step(STEP_RUN_OUT, "the day after the last day, by either reading"),
        Step(STEP_LOWER, "when a lower salary is proposed", waits=Waits.FOR_APPROVAL),
        Step(STEP_END_EARLY, "when an early end is proposed", waits=Waits.FOR_APPROVAL),
    ),
    obligations=(
        on(
            f.ProtectionGranted,
            opens(
                PROTECT,
                Nature.DUTY,
                owner=EMPLOYER,
                owed_to=STAFF,
                when=lambda g: _last_day(g.lasts),
            ),
            Does(COUNT_DOWN, Nature.ACT, _counted_down),
            opens(RUN_OUT, Nature.ACT, owner=EMPLOYER, when=_run_out_on),
            opens(
                FIND_LENGTH,
                Nature.DUTY,
                owner=EMPLOYER,
                about=lambda g: g.lasts.unknown or "",
                when=lambda g: _no_day(g) if g.lasts.unknown else None,
            ),
            opens(
                PLACE,
                Nature.DUTY,
                owner=EMPLOYER,
                owed_to=STAFF,
                when=lambda g: g.placement and Reckoned(basis=g.placement),
            ),
        ),
        on(
            f.ProtectionLengthFound,
            closes(FIND_LENGTH, about=lambda _: None),
            moves(PROTECT, when=lambda found: _last_day(found.lasts)),
            Does(COUNT_DOWN, Nature.ACT, _counted_down),
            opens(RUN_OUT, Nature.ACT, owner=EMPLOYER, when=_run_out_on),
        ),
        on(
            f.ProtectionEndsSoon,
            closes(COUNT_DOWN, about=lambda n: n.before),
            opens(
                TELL,
                Nature.DUTY,
                owner=EMPLOYER,
                owed_to=STAFF,
                about=lambda n: n.before,
                when=_on_its_day,
            ),
        ),
        on(f.EndOfProtectionTold, closes(TELL, about=lambda n: n.before)),
        on(
            f.ReviewFellDue,
            opens(
                REVIEW,
                Nature.DUTY,
                owner=EMPLOYER,
                owed_to=STAFF,
                about=lambda r: r.what,
                when=lambda r: fixed(r.due_on, r.basis),
            ),
        ),
        on(f.ReviewHeld, closes(REVIEW, about=lambda r: r.what)),
        on(f.PlacedInProtectedBand, closes(PLACE)),
        on(f.LoweringProposed, opens(LOWER, Nature.ACT, owner=EMPLOYER, when=_on_its_day)),
        on(f.ProtectedSalaryVaried, closes(LOWER)),
        on(f.EarlyEndProposed, opens(END_EARLY, Nature.ACT, owner=EMPLOYER, when=_on_its_day)),
        on(
            f.ProtectionEndedEarly,
            closes(END_EARLY),
            closes(RUN_OUT, Outcome.SUPERSEDED),
            closes(PROTECT, Outcome.SUPERSEDED),
            *_OVER,
        ),
        on(
            f.ProtectionRanOut,
            closes(RUN_OUT),
            closes(PROTECT, day=lambda r: r.last_day),
            closes(END_EARLY, Outcome.SUPERSEDED),
            *_OVER,
        ),
    ),
    sentences={
        f.ProtectionGranted: lambda g: (
            f"{f.said(g.salary, g.band)} protected from {g.effective_from}"
            + (
                f" to {g.lasts.last_day}, by the later reading {g.lasts.later}"
                if g.lasts.last_day
                else ", for how long is not known"
                if g.lasts.unknown
                else ", without an end"
            )
        ),
        f.ProtectedSalaryVaried: lambda v: (
            f"{f.said(v.salary, v.band)} protected from {v.effective_from}, "
            f"instead of {v.before:.2f}"
        ),
        f.LoweringProposed: lambda p: (
            f"proposed to protect {p.salary:.2f} from {p.effective_from}, "
            f"instead of {p.before:.2f}: somebody else has to approve it"
        ),
        f.ProtectionLengthFound: lambda e: (
            f"protected to {e.lasts.last_day}, by the later reading {e.lasts.later}"
        ),
        f.PayPointStated: lambda p: (
            f"pay point {p.point} from {p.effective_from}, {p.a_year:.2f} pounds a year"
        ),
        f.PayRecorded: lambda p: (
            f"{p.paid:.2f} pounds paid in {p.month:%B %Y}" + (" on account" if p.on_account else "")
        ),
        f.ProtectionEndsSoon: lambda n: (
            f"protection ends in {n.before}, after {n.last_day}: the person is to be told"
        ),
        f.EndOfProtectionTold: lambda n: f"the person was told, {n.before} before the end",
        f.ReviewFellDue: lambda r: f"a review is due by {r.due_on} ({r.what})",
        f.ReviewHeld: lambda r: (
            f"a review was held ({r.what})" + (f": {r.outcome}" if r.outcome else "")
        ),
        f.PlacedInProtectedBand: lambda p: (
            f"placed in {p.post}, Band {p.band}, from {p.effective_from}"
        ),
        f.EarlyEndProposed: lambda p: (
            f"proposed to end protection from {p.effective_from}: somebody else has to approve it"
        ),
        f.ProtectionEndedEarly: lambda e: (
            f"protection ended early, from {e.effective_from}"
            + (": the person left" if e.left else "")
        ),
        f.ProtectionRanOut: lambda r: (
            f"protection ran out after {r.last_day}, by the later reading {r.later}"
        ),
    },
    effects={
        f.ProtectionGranted: f.granted_pieces,
        f.ProtectedSalaryVaried: f.varied_pieces,
        f.ProtectionLengthFound: f.length_pieces,
        f.ProtectionEndedEarly: f.ended_pieces,
    },
    person=Substance(Protected, evolve),
    grave=lambda fact: (
        (isinstance(fact, f.ProtectedSalaryVaried) and fact.lowers_back)
        or (isinstance(fact, f.ProtectionEndedEarly) and not fact.left)
    ),
    answers=(
        Answer(
            "ends",
            _PERSON,
            "To which day pay is protected, by both readings, and what could end it before",
            a.EndsAnswered,
            a.ends,
            of_all_known=True,
        ),
        Answer(
            "pay",
            _PERSON,
            "What protected pay comes to, month by month, due against paid",
            a.PayAnswered,
            a.pay,
            of_all_known=True,
        ),
        Answer(
            "stated",
            _PERSON,
            "Which salaries were stated as protected, when, and by which document",
            a.StatedAnswered,
            a.stated,
            of_all_known=True,
        ),
    ),
)
