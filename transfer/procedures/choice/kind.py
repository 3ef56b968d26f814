"""The declaration of a round of options.

begun ─► somebody is told their options ─► what has to be known first
      ─► they take one ─► what lowers pay waits for approval, then takes effect
                       ─► what the option owes them, until it is done
      ─► the offer ends, with what people have by it
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel

from transfer.core.matter import book as b
from transfer.core.matter import common
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import ADMINISTRATION, MatterFact
from transfer.core.matter.kind import (
    Act,
    Answer,
    CallsFor,
    Does,
    Kind,
    NeedsNothing,
    Step,
    Substance,
    Waits,
    closes,
    on,
    opens,
)
from transfer.core.matter.reckoning import Reckoned, fixed
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.core.pay.money import written
from transfer.procedures.choice import accepting as a
from transfer.procedures.choice import answers as q
from transfer.procedures.choice import facts as f
from transfer.procedures.choice import leave as absence
from transfer.procedures.choice import paying as p
from transfer.procedures.choice import telling as d
from transfer.procedures.choice.edition import Choice
from transfer.procedures.choice.round import (
    OF_OPTION,
    OTHER_POST,
    PROTECT,
    WINDOW,
    Chooser,
    Round,
    evolve_chooser,
    evolve_round,
)
from transfer.procedures.protection.called import PROTECTION, TAKE_ON
from transfer.procedures.protection.facts import ProtectionGranted

N = TypeVar("N", bound=BaseModel)

SETTLE_PAYMENT = "settle-payment"

ADMIN, STAFF = ("admin",), ("staff", "admin")
_Decide = Callable[[Case, N], tuple[MatterFact, ...]]


def _round(name: str, needs: type[N], decide: _Decide[N], says: str) -> Act[N]:
    """What the office does with the round as a whole."""
    return Act(name, Over.MATTER, ADMIN, needs, decide, says)


def _person(
    name: str, needs: type[N], decide: _Decide[N], says: str, who: tuple[str, ...] = ADMIN
) -> Act[N]:
    """What is done for, or by, one person."""
    return Act(name, Over.PERSON, who, needs, decide, says)


REGRADE = _person("regrade", NeedsNothing, a.regrade, "let what lowers pay take effect")
END = _person(
    "end-acceptance", NeedsNothing, p.followed_up(a.end_with_offer), "end what somebody has"
)


def _owed(fact: f.OptionAccepted) -> tuple[b.Effect, ...]:
    return tuple(
        b.Opens(OF_OPTION, Nature.DUTY, each.owner, Reckoned(basis=each.basis), each.what, "staff")
        for each in fact.owes
    )


def _takes_effect(fact: f.OptionAccepted) -> Reckoned | None:
    return fixed(fact.effective_from, fact.basis) if fact.waits else None


def _month(fact: f.MonthPaid | f.MonthDiffers | f.MonthSettled) -> str:
    return f"{fact.month_from:%Y-%m}"


def _to_settle(fact: f.MonthPaid | f.MonthDiffers) -> b.Effect | None:
    """What differs of a month is to be settled; nothing is, once it differs no more."""
    if fact.difference:
        when = Reckoned(basis=fact.basis)
        return b.Opens(SETTLE_PAYMENT, Nature.DUTY, ADMINISTRATION, when, _month(fact), "staff")
    if isinstance(fact, f.MonthPaid):
        return None
    return b.Closes(SETTLE_PAYMENT, Outcome.SUPERSEDED, about=_month(fact))


def _differs(difference: Decimal) -> str:
    if not difference:
        return "nothing differs any more"
    return f"{abs(difference)} pounds " + ("are owed" if difference > 0 else "were paid too much")


def _to_protect(fact: f.OptionAccepted | f.Regraded) -> Reckoned | None:
    """Pay protection is to be begun, once the option holds that gives it; no source gives a day."""
    if isinstance(fact, f.OptionAccepted) and fact.waits:
        return None
    given = [each.last_day.basis for each in fact.terms if each.taken_on_by == PROTECTION]
    return Reckoned(basis=given[0]) if given else None


_PROTECT: Does[Any] = opens(
    PROTECT, Nature.DUTY, owner=ADMINISTRATION, owed_to="staff", when=_to_protect
)
_NOT_REFUSED: Does[Any] = closes(b.REFUSED_STEP, Outcome.SUPERSEDED, about=lambda _: PROTECTION)
_NOT_OWED: Does[Any] = closes(OF_OPTION, Outcome.SUPERSEDED, about=lambda _: None)
_NOT_REGRADED: Does[Any] = closes("regrade", Outcome.SUPERSEDED)


CHOICE = Kind(
    name="choice",
    title="Options put to people",
    part=Choice,
    facts={
        f.RoundBegun: "options-round-begun.v1",
        f.OptionsRestated: "options-restated.v1",
        f.CohortThrough: "cohort-through.v1",
        f.OfferEnded: "offer-ended.v1",
        f.OptionsTold: "options-told.v1",
        f.ToldBeforehand: "told-beforehand.v1",
        f.OptionAccepted: "option-accepted.v1",
        f.Regraded: "regraded-by-option.v1",
        f.AcceptanceDropped: "acceptance-dropped.v1",
        f.DutyOfOptionMet: "duty-of-option-met.v1",
        f.AcceptanceEnded: "acceptance-ended.v1",
        f.NotPlaced: "not-placed.v1",
        f.PostFound: "post-found.v1",
        f.HoursStated: "hours-of-month-stated.v1",
        f.LeaveRecorded: "special-leave-recorded.v1",
        f.LeaveCorrected: "special-leave-corrected.v1",
        f.MonthPaid: "sum-of-month-paid.v1",
        f.MonthDiffers: "sum-of-month-differs.v1",
        f.MonthSettled: "sum-of-month-settled.v1",
        f.SalaryStated: "salary-before-option-stated.v1",
    },
    acts=(
        _round("begin", d.NewRound, d.begin, "put options to people"),
        _round("restate", d.Version, d.restate, "say that another version states the options"),
        _round("note-through", d.OfCohort, d.note_through, "note that a cohort is through"),
        _round("end-offer", d.Ends, d.end_offer, "end an offer that stands for everybody"),
        _person("tell-options", d.ToTell, d.tell_options, "tell somebody their options"),
        _person("tell", d.Beforehand, d.tell, "tell what has to be known first"),
        _person("accept", a.Taking, p.followed_up(a.accept), "take an option", STAFF),
        REGRADE,
        _person("state-salary", a.SalaryBefore, a.state_salary, "say which salary is protected"),
        _person("discharge-duty", a.DutyNamed, a.discharge, "note that something owed was done"),
        _person("stop", d.Ends, p.followed_up(a.stop), "end what was taken", STAFF),
        END,
        _person("note-not-placed", NeedsNothing, a.note_not_placed, "note who was given no post"),
        _person("extend", a.LongerForPost, a.extend, "give longer to find another post"),
        _person("find-post", a.NewPost, a.find_post, "note that another post was found"),
        _person(
            "state-hours",
            absence.HoursOfMonth,
            p.followed_up(absence.state_hours),
            "say how many hours were worked",
        ),
        _person(
            "record-leave",
            absence.LeaveDays,
            p.followed_up(absence.record_leave),
            "put a leave on record",
        ),
        _person(
            "correct-leave",
            absence.LeavePutRight,
            p.followed_up(absence.correct_leave),
            "put a leave right",
        ),
        _person("pay-month", p.MonthToPay, p.pay_month, "say what was paid for a month"),
        _person(
            "settle-payment",
            p.DifferenceToSettle,
            p.settle_payment,
            "settle what differs of a month that was paid",
        ),
        common.APPROVE,
        common.DECLINE,
        common.SETTLE,
    ),
    steps=(
        Step(
            REGRADE,
            "on the day from which an option that lowers pay is to hold",
            waits=Waits.FOR_APPROVAL,
        ),
        Step(END, "on the day from which the offer is over"),
    ),
    obligations=(
        on(
            f.OptionsTold,
            opens(WINDOW, Nature.RIGHT, owner="staff", when=lambda f: f.window),
        ),
        on(
            f.OptionAccepted,
            closes(WINDOW),
            _NOT_REGRADED,
            _NOT_OWED,
            Does(OF_OPTION, Nature.DUTY, _owed),
            opens("regrade", Nature.ACT, owner=ADMINISTRATION, when=_takes_effect),
            _PROTECT,
        ),
        on(f.Regraded, closes("regrade"), _PROTECT),
        on(
            ProtectionGranted,
            closes(PROTECT),
            closes(b.REFUSED_STEP, about=lambda _: PROTECTION),
        ),
        on(
            f.AcceptanceDropped,
            closes(WINDOW, Outcome.SUPERSEDED),
            _NOT_REGRADED,
            _NOT_OWED,
        ),
        on(f.DutyOfOptionMet, closes(OF_OPTION, about=lambda f: f.what)),
        on(
            f.OfferEnded,
            opens(
                "end-acceptance",
                Nature.ACT,
                owner=ADMINISTRATION,
                when=lambda f: fixed(f.effective_from, f.basis),
            ),
        ),
        on(
            f.AcceptanceEnded,
            closes("end-acceptance"),
            _NOT_OWED,
            closes(PROTECT, Outcome.SUPERSEDED),
            _NOT_REFUSED,
        ),
        on(
            f.NotPlaced,
            closes(WINDOW, Outcome.SUPERSEDED),
            opens(OTHER_POST, Nature.RIGHT, owner="staff", when=lambda f: f.post_by),
        ),
        on(f.PostFound, closes(OTHER_POST)),
        on(f.MonthPaid, Does(SETTLE_PAYMENT, Nature.DUTY, _to_settle)),
        on(f.MonthDiffers, Does(SETTLE_PAYMENT, Nature.DUTY, _to_settle)),
        on(f.MonthSettled, closes(SETTLE_PAYMENT, about=_month)),
    ),
    sentences={
        f.RoundBegun: lambda f: f"options of {f.scheme} put to people in {f.establishment}",
        f.OptionsRestated: lambda f: f"the options are stated by {f.stated_in}, not by {f.before}",
        f.CohortThrough: lambda f: f"everybody of cohort {f.cohort} was looked at",
        f.OfferEnded: lambda f: f"the offer is over from {f.effective_from}",
        f.OptionsTold: lambda f: (
            f"told the options of cohort {f.cohort} ({', '.join(f.options)}) by {f.stated_in}"
            + (f"; to be taken by {f.window.on}" if f.window.on else "")
        ),
        f.ToldBeforehand: lambda f: f"told beforehand: {f.what}",
        f.OptionAccepted: lambda f: (
            f"takes {f.option}, from {f.effective_from}"
            + (f" (agreed by {f.agreed_by})" if f.agreed_by else "")
            + ("" if f.in_time else f"; late, and admitted: {f.admitted_because}")
            + ("; waits for approval" if f.waits else "")
        ),
        f.Regraded: lambda f: (
            f"{f.option} takes effect from {f.effective_from}"
            + "".join(f", {facet} {value}" for facet, value in f.changes.items())
            + "".join(
                f"; {each.term} until {each.last_day.on}, by another reading {each.last_day.later}"
                + (f", to be counted down by {each.taken_on_by}" if each.taken_on_by else "")
                for each in f.terms
            )
        ),
        f.AcceptanceDropped: lambda f: f"what was taken has no object any more: {f.reason}",
        f.DutyOfOptionMet: lambda f: f"done, as the option owes it: {f.what}",
        f.AcceptanceEnded: lambda f: f"{f.option} ends from {f.effective_from}",
        f.NotPlaced: lambda f: f"given no post; another may be found until {f.post_by.on}",
        f.PostFound: lambda f: f"has found another post: {f.post}",
        f.HoursStated: lambda f: (
            f"{f.hours} of {f.full_hours} hours worked in the month from {f.month_from}"
        ),
        f.SalaryStated: lambda f: f"was paid {written(f.a_year)} pounds a year before the option",
        f.LeaveRecorded: lambda f: (
            f"{f.leave} from {f.effective_from}, up to and excluding {f.effective_to}"
        ),
        f.LeaveCorrected: f.put_right,
        f.MonthPaid: lambda f: (
            f"{f.paid} pounds paid for the month from {f.month_from}; by {f.goes_by}, {f.due} were "
            "due"
        ),
        f.MonthDiffers: lambda f: (
            f"{f.due} pounds are due for the month from {f.month_from}, and not {f.believed}: "
            f"{_differs(f.difference)}"
        ),
        f.MonthSettled: lambda f: (
            f"the month from {f.month_from} is settled: "
            + (f"{f.paid} pounds paid" if f.paid else "what was paid stands")
        ),
    },
    effects={
        f.OptionAccepted: f.accepted_pieces,
        f.Regraded: f.regraded_pieces,
        f.AcceptanceEnded: f.ended_pieces,
        f.LeaveRecorded: f.leave_pieces,
        f.LeaveCorrected: f.corrected_pieces,
    },
    answers=(
        Answer(
            "options",
            Over.PERSON,
            "Which options somebody has on a day, what they were told, and what each would give",
            q.OptionsOf,
            q.options,
        ),
        Answer(
            "payment",
            Over.PERSON,
            "What somebody is paid of a sum a month, for the month of the day, by both readings",
            q.Payment,
            q.payment,
            of_all_known=True,
        ),
        Answer(
            "absences",
            Over.PERSON,
            "On which days of a month somebody was away, and which of them count by the policy",
            q.Absences,
            q.absences,
            of_all_known=True,
        ),
        Answer(
            "choices",
            Over.MATTER,
            "How many were told their options by the end of a day, and how many took which",
            q.Choices,
            q.choices,
            sees=q.sees,
        ),
    ),
    hears={ProtectionGranted: lambda granted: granted.against},
    calls_for={
        fact: CallsFor(PROTECTION, TAKE_ON, a.to_protect)
        for fact in (f.OptionAccepted, f.Regraded, f.SalaryStated)
    },
    whole=Substance(Round, evolve_round),
    person=Substance(Chooser, evolve_chooser),
    grave=lambda fact: isinstance(fact, f.Regraded),
)
