"""The consultation: meetings and their outcomes, endorsement, and the offers that follow."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest

from tests.support.cases import cases
from tests.support.scenario import Stream, given
from tests.support.tr_2013 import (
    EXERCISE,
    RULES,
    TR_2013,
)
from tests.support.words_2013 import Happening
from transfer.core.dating.effective_dating import Entry, Key, Kind, Period, timelines
from transfer.core.refusals import AlreadyOnRecord, NotOnRecord
from transfer.core.words import Basis
from transfer.procedures.consultation import consultation as decide
from transfer.procedures.consultation import facts as f
from transfer.procedures.consultation.consultation import Consultation
from transfer.procedures.exercise.exercise import Next
from transfer.procedures.known_facts import NO_KINDS
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import offers_after

TERMS = Path(__file__).parent / "cases" / "voluntary-redundancy.md"
MEETING = date(2013, 11, 20)
TABLED = date(2014, 1, 29)
BASIS = Basis(rulebook="tr-2013", clause="TR-18")

consultation = Stream(Consultation, decide.evolve)

OPENED = f.ConsultationOpened(
    exercise=EXERCISE,
    bodies=("NNC", "SCCOG"),
    agreement="national framework",
    opened_on=date(2013, 11, 11),
    basis=BASIS,
)
CALLED = f.MeetingCalled(exercise=EXERCISE, meeting_on=MEETING, purpose="to endorse", basis=BASIS)


def record(
    c: Consultation, happening: Happening, on: date, *, account: str = "as it was"
) -> tuple[f.ConsultationFact, ...]:
    return decide.record_happening(
        c,
        happening=happening,
        effect=TR_2013.happening(happening).effect,
        on=on,
        account=account,
        basis=BASIS,
        offers=offers_after(RULES, happening, "a document"),
        conciliator="ACAS",
    )


def test_opening_once() -> None:
    def open_(c: Consultation) -> tuple[f.ConsultationOpened, ...]:
        return decide.open_consultation(
            c,
            exercise=EXERCISE,
            bodies=("NNC", "SCCOG"),
            agreement="national framework",
            on=date(2013, 11, 11),
            basis=BASIS,
        )

    given(consultation).when(open_).then(f.ConsultationOpened)
    given(consultation, OPENED).when(open_).then_refused(kind=AlreadyOnRecord)


def test_calling_a_meeting() -> None:
    def call(c: Consultation) -> tuple[f.MeetingCalled, ...]:
        return decide.call_meeting(c, on=MEETING, purpose="to endorse", basis=BASIS)

    given(consultation, OPENED).when(call).then(f.MeetingCalled).then_done_once()
    given(consultation, OPENED, CALLED).when(call).then_nothing()
    given(consultation).when(call).then_refused(kind=NotOnRecord)


def test_a_missing_outcome_is_noted_once_and_not_where_there_is_one() -> None:
    def note(c: Consultation) -> tuple[f.OutcomeMissing, ...]:
        return decide.note_outcome_missing(c, meeting_on=MEETING, basis=BASIS)

    given(consultation, OPENED, CALLED).when(note).then(f.OutcomeMissing).then_done_once()
    held = f.MeetingHeld(exercise=EXERCISE, meeting_on=MEETING, outcome="none", basis=BASIS)
    given(consultation, OPENED, CALLED, held).when(note).then_nothing()
    given(consultation).when(note).then_refused(kind=NotOnRecord)


def test_a_happening_of_a_meetings_day_is_its_outcome() -> None:
    met = given(consultation, OPENED, CALLED).when(
        lambda c: record(
            c,
            Happening.MEETING_WITHOUT_AGREEMENT_REFERRED_TO_CONCILIATION,
            MEETING,
            account="no agreement",
        )
    )
    met.then(f.MeetingHeld, f.OfferReferredToConciliation)
    first, second = met.facts
    assert isinstance(first, f.MeetingHeld)
    assert first.outcome == "no agreement"
    assert isinstance(second, f.OfferReferredToConciliation)
    assert second.conciliator == "ACAS"


@pytest.mark.parametrize(
    ("happening", "kinds"),
    [
        (Happening.ENDORSEMENT_REFUSED, (f.EndorsementRefused, f.OfferWithdrawn)),
        (
            Happening.IMPLEMENTATION_REQUIRED,
            (
                f.CollectiveTermGranted,
                f.CollectiveTermGranted,
                f.OfferWithdrawn,
                f.CollectiveTermGranted,
                f.CollectiveTermGranted,
            ),
        ),
        (Happening.IMPROVED_DRAFT, (f.DraftAgreementIssued,)),
        (Happening.CIRCULARS_ISSUED_OFFER_CONDITIONAL, (f.OfferMadeConditional,)),
        (Happening.RATIFICATION, (f.EndorsementGiven, f.OfferRestored)),
    ],
)
def test_what_a_happening_puts_on_record(
    happening: Happening, kinds: tuple[type[f.ConsultationFact], ...]
) -> None:
    given(consultation, OPENED).when(lambda c: record(c, happening, TABLED)).then(*kinds)


def test_a_happening_is_an_entry_and_not_a_step() -> None:
    """Recorded twice, it stands twice: only a procedure's step is ever "already so"."""
    first = given(consultation, OPENED).when(lambda c: record(c, Happening.RATIFICATION, TABLED))
    given(consultation, OPENED, *first.facts).when(
        lambda c: record(c, Happening.RATIFICATION, TABLED)
    ).then(f.EndorsementGiven, f.OfferRestored)


@pytest.mark.parametrize(
    "happening",
    [
        Happening.TRANSFER_DATE_RESET,
        Happening.TRUSTS_CEASE_TO_EMPLOY,
        Happening.TRANSFER,
        Happening.DISSOLUTION,
    ],
)
def test_what_is_the_exercises_own_is_not_the_consultations(happening: Happening) -> None:
    given(consultation, OPENED).when(lambda c: record(c, happening, TABLED)).then_refused(
        because="matter of the exercise"
    )


def test_endorsement_refused_and_later_given() -> None:
    refused = f.EndorsementRefused(exercise=EXERCISE, refused_on=date(2013, 11, 11), basis=BASIS)
    later = f.EndorsementGiven(exercise=EXERCISE, given_on=TABLED, basis=BASIS)
    assert given(consultation, OPENED).state.endorsed is None
    assert given(consultation, OPENED, refused).state.endorsed is False
    assert given(consultation, OPENED, refused, later).state.endorsed is True


def test_the_procedure_waits_for_the_next_meeting_without_an_outcome() -> None:
    tabled = f.MeetingCalled(exercise=EXERCISE, meeting_on=TABLED, purpose="ratify", basis=BASIS)
    facts: list[f.ConsultationFact] = [OPENED]
    assert decide.next_for_consultation(decide.fold(facts)) is None
    facts += [tabled, CALLED]
    next_day = MEETING + timedelta(days=1)
    assert decide.next_for_consultation(decide.fold(facts)) == Next(
        decide.OUTCOME_DUE, next_day, "2013-11-20"
    )
    facts.append(f.OutcomeMissing(exercise=EXERCISE, meeting_on=MEETING, basis=BASIS))
    assert decide.next_for_consultation(decide.fold(facts)) == Next(
        decide.OUTCOME_DUE, date(2014, 1, 30), "2014-01-29"
    )


# --- what stood on a day ------------------------------------------------------------------------


def chronicle() -> Sequence[f.ConsultationFact]:
    """What the rulebook says happened, recorded through the decision."""
    own: set[str] = {
        Happening.TRANSFER_DATE_RESET,
        Happening.TRUSTS_CEASE_TO_EMPLOY,
        Happening.TRANSFER,
        Happening.DISSOLUTION,
    }
    facts: list[f.ConsultationFact] = [OPENED]
    for entry in rulebook("tr-2013").chronicle:
        if entry.happening not in own:
            facts.extend(record(decide.fold(facts), Happening(entry.happening), entry.on))
    return facts


def standing(term: str, on: date) -> Period | None:
    """The period of a collective term on a day, by the effective-dating rule."""
    entries: list[Entry] = []
    for number, fact in enumerate(chronicle()):
        recorded_at = datetime(2014, 2, 1, tzinfo=UTC) + timedelta(seconds=number)
        entry = NO_KINDS.entry_of(uuid5(NAMESPACE_URL, str(number)), recorded_at, fact)
        if entry is not None:
            entries.append(entry)
    return timelines(entries)[Key(Kind.TERM, "", term)].at(on)


@pytest.mark.parametrize(
    ("on", "value", "clause", "confidence"), cases(TERMS, "Voluntary redundancy")
)
def test_whether_voluntary_redundancy_was_on_offer(
    on: str, value: str, clause: str, confidence: str
) -> None:
    period = standing("enhanced_voluntary_redundancy", date.fromisoformat(on))
    if not value:
        assert period is None
        return
    assert period is not None
    assert period.basis is not None
    assert (period.value, period.basis.clause, period.basis.confidence) == (
        value,
        clause,
        confidence,
    )
    assert period.basis.document == "a document"


@pytest.mark.parametrize(("term", "on", "value", "clause"), cases(TERMS, "Guarantees"))
def test_what_everybody_in_scope_was_guaranteed(
    term: str, on: str, value: str, clause: str
) -> None:
    period = standing(term, date.fromisoformat(on))
    if not value:
        assert period is None
        return
    assert period is not None
    assert period.basis is not None
    assert (period.value, period.basis.clause) == (value, clause)
