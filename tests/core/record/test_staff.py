"""The record of one staff member: registration, changes, terms, corrections, annulments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from tests.support.cases import cases
from tests.support.scenario import Stream, given
from transfer.core.dating.effective_dating import Entry, position_at, timelines
from transfer.core.record import staff as decide
from transfer.core.record.entries import (
    Annulment,
    Change,
    Correction,
    Leaving,
    Registration,
    TermSet,
)
from transfer.core.record.staff import (
    EntryAnnulled,
    EntryCorrected,
    PositionChanged,
    StaffFact,
    StaffLeft,
    StaffRecord,
    StaffRegistered,
    TermEnded,
    TermGranted,
    TermVaried,
)
from transfer.core.record.terms import CONTINUOUS_SERVICE
from transfer.core.refusals import AlreadyOnRecord, Conflict, Malformed, NotOnRecord
from transfer.core.words import Facet

DAY = date(2014, 6, 1)


def id_of(number: int) -> UUID:
    """The id of the event recorded at that place, counted from 1."""
    return uuid5(NAMESPACE_URL, f"event {number}")


@dataclass
class Numbered:
    """A record whose events get the ids of their places."""

    record: StaffRecord = field(default_factory=StaffRecord)
    count: int = 0


def _evolve(numbered: Numbered, fact: StaffFact) -> None:
    numbered.count += 1
    decide.evolve(numbered.record, id_of(numbered.count), fact)


staff = Stream(Numbered, _evolve)

REGISTERED = StaffRegistered(
    staff_number="S1", effective_from=date(2009, 4, 1), position={Facet.BAND: "4"}
)
CHANGED = PositionChanged(effective_from=DAY, changes={Facet.BAND: "5"}, reason="promoted")


def change(
    n: Numbered, *, until: date | None = None, changes: Mapping[Facet, str | None] | None = None
) -> tuple[PositionChanged, ...]:
    return decide.change(
        n.record,
        Change(
            effective_from=DAY,
            effective_to=until,
            changes={Facet.BAND: "5"} if changes is None else changes,
            reason="promoted",
        ),
    )


def correct(
    n: Numbered, of: int, *, until: date | None = None, fte: str | None = None
) -> tuple[EntryCorrected, ...]:
    return decide.correct(
        n.record,
        Correction(
            of=id_of(of),
            effective_from=DAY,
            effective_to=until,
            changes={Facet.FTE: fte} if fte else {Facet.BAND: "4"},
            reason="typing error",
        ),
    )


def annul(n: Numbered, of: int) -> tuple[EntryAnnulled, ...]:
    return decide.annul(n.record, Annulment(of=id_of(of), reason="wrong person"))


def test_registering_once() -> None:
    def register(n: Numbered) -> tuple[StaffRegistered, ...]:
        return decide.register(
            n.record,
            Registration(staff_number="S1", effective_from=DAY, position={Facet.FTE: "0.5"}),
        )

    given(staff).when(register).then(StaffRegistered).saying(assignment="main")
    given(staff, REGISTERED).when(register).then_refused(kind=AlreadyOnRecord)


@pytest.mark.parametrize(
    "fte",
    ["-0.5", "1.01", "half", "NaN", "Infinity", "", " 0.5", "0_5", "1E-1", "\u0661", "1."],
)
def test_a_share_of_full_time_is_from_none_to_one(fte: str) -> None:
    with pytest.raises(Malformed) as refused:
        decide.register(
            StaffRecord(),
            Registration(staff_number="S1", effective_from=DAY, position={Facet.FTE: fte}),
        )
    assert refused.value.field == "fte"
    given(staff, REGISTERED).when(lambda n: change(n, changes={Facet.FTE: fte})).then_refused(
        kind=Malformed
    )


@pytest.mark.parametrize("fte", ["1", "1.0", "0.01", "0.8", "0", "0.0", None])
def test_a_share_of_full_time_that_stands(fte: str | None) -> None:
    given(staff, REGISTERED).when(lambda n: change(n, changes={Facet.FTE: fte})).then(
        PositionChanged
    )


def test_changing() -> None:
    registered = given(staff, REGISTERED)
    registered.when(change).then(PositionChanged).saying(effective_to=None)
    given(staff).when(change).then_refused(kind=NotOnRecord)
    registered.when(lambda n: change(n, changes={})).then_refused(kind=Malformed)


def test_a_change_that_restates_the_value_is_recorded_all_the_same() -> None:
    given(staff, REGISTERED, CHANGED).when(change).then(PositionChanged)


@pytest.mark.parametrize("until", [DAY, date(2014, 5, 31)])
def test_an_end_is_after_the_beginning(until: date) -> None:
    for decision in (
        lambda n: change(n, until=until),
        lambda n: correct(n, 2, until=until),
        lambda n: decide.set_term(
            n.record,
            TermSet(term="vetting", value="x", effective_from=DAY, effective_to=until, reason="r"),
        ),
    ):
        given(staff, REGISTERED, CHANGED).when(decision).then_refused(
            kind=Malformed, because="is not after"
        )


def test_terms_are_granted_then_varied_then_ended_then_granted_again() -> None:
    def set_term(
        n: Numbered, value: str | None, until: date | None = None
    ) -> tuple[StaffFact, ...]:
        return decide.set_term(
            n.record,
            TermSet(
                term="pay_protection",
                value=value,
                effective_from=DAY,
                effective_to=until,
                reason="lower band",
            ),
        )

    granted = TermGranted(term="pay_protection", value="3y", effective_from=DAY, reason="r")
    ended = TermEnded(term="pay_protection", effective_from=DAY, reason="r")
    suspended = TermEnded(
        term="pay_protection", effective_from=DAY, effective_to=date(2015, 1, 1), reason="r"
    )
    given(staff, REGISTERED).when(lambda n: set_term(n, "3y")).then(TermGranted)
    given(staff, REGISTERED, granted).when(lambda n: set_term(n, "2y")).then(TermVaried)
    given(staff, REGISTERED, granted).when(lambda n: set_term(n, None)).then(TermEnded)
    given(staff, REGISTERED, granted, ended).when(lambda n: set_term(n, "2y")).then(TermGranted)
    given(staff, REGISTERED, granted, suspended).when(lambda n: set_term(n, "2y")).then(TermVaried)
    given(staff).when(lambda n: set_term(n, "3y")).then_refused(kind=NotOnRecord)


CORRECTED = EntryCorrected(of=id_of(2), effective_from=DAY, reason="r")
ANNULLED = EntryAnnulled(of=id_of(2), reason="r")
REGISTRATION_CORRECTED = EntryCorrected(of=id_of(1), effective_from=DAY, reason="r")


@pytest.mark.parametrize("act", ["correct", "annul"])
@pytest.mark.parametrize(
    ("history", "of", "kind"),
    [
        ((REGISTERED, CHANGED), 2, None),
        ((REGISTERED, CHANGED), 1, None),
        ((REGISTERED, CHANGED, CORRECTED), 2, None),
        ((REGISTERED, CHANGED, CORRECTED), 3, None),
        ((REGISTERED, CHANGED, CORRECTED, ANNULLED), 3, None),
        ((REGISTERED, CHANGED), 9, NotOnRecord),
        ((REGISTERED, CHANGED, ANNULLED), 2, Conflict),
        ((REGISTERED, CHANGED, ANNULLED), 3, Conflict),
        ((), 1, NotOnRecord),
    ],
    ids=[
        "a change",
        "the registration",
        "a change that is corrected",
        "a correction",
        "a correction of an annulled entry",
        "somebody else's entry",
        "an annulled entry",
        "an annulment",
        "nobody's record",
    ],
)
def test_what_may_be_corrected_or_annulled(
    act: str, history: tuple[StaffFact, ...], of: int, kind: type[Conflict] | None
) -> None:
    outcome = given(staff, *history).when(
        lambda n: correct(n, of) if act == "correct" else annul(n, of)
    )
    if kind is None:
        outcome.then(EntryCorrected if act == "correct" else EntryAnnulled)
    else:
        outcome.then_refused(kind=kind)


def test_a_registration_stays_standing_however_often_it_is_corrected() -> None:
    until = date(2015, 1, 1)
    given(staff, REGISTERED).when(lambda n: correct(n, 1, until=until)).then_refused(kind=Malformed)
    given(staff, REGISTERED, REGISTRATION_CORRECTED).when(
        lambda n: correct(n, 2, until=until)
    ).then_refused(kind=Malformed)
    given(staff, REGISTERED, CHANGED).when(lambda n: correct(n, 2, until=until)).then(
        EntryCorrected
    )


def test_a_correction_is_held_to_the_same_values() -> None:
    given(staff, REGISTERED, CHANGED).when(lambda n: correct(n, 2, fte="2")).then_refused(
        kind=Malformed
    )


def test_an_annulled_registration_leaves_the_person_known() -> None:
    annulled = EntryAnnulled(of=id_of(1), reason="r")
    given(staff, REGISTERED, annulled).when(change).then(PositionChanged)


WITH_SERVICE = REGISTERED.model_copy(update={"continuous_service_from": date(1999, 9, 1)})
RESTATED = EntryCorrected(
    of=id_of(1),
    effective_from=DAY,
    terms={CONTINUOUS_SERVICE: "2001-03-05"},
    reason="the file of 2001",
)


def test_continuous_service_is_a_term_that_the_registration_states() -> None:
    [facet, term] = decide.pieces_of(WITH_SERVICE)
    assert (facet.key.name, term.key.name) == (Facet.BAND, CONTINUOUS_SERVICE)
    assert (term.value, term.effective_from, term.effective_to) == (
        "1999-09-01",
        date(2009, 4, 1),
        None,
    )
    given(staff, WITH_SERVICE).when(
        lambda n: decide.set_term(
            n.record,
            TermSet(
                term=CONTINUOUS_SERVICE,
                value="2013-06-01",
                effective_from=date(2013, 6, 1),
                reason="a break of five months",
            ),
        )
    ).then(TermVaried)


@pytest.mark.parametrize(
    ("history", "of", "kept"),
    [
        ((WITH_SERVICE,), 1, "1999-09-01"),
        ((WITH_SERVICE, RESTATED), 1, "1999-09-01"),
        ((WITH_SERVICE, RESTATED), 2, "2001-03-05"),
        ((WITH_SERVICE, RESTATED, EntryAnnulled(of=id_of(2), reason="r")), 1, "1999-09-01"),
        ((REGISTERED,), 1, None),
        ((WITH_SERVICE, CHANGED), 2, None),
    ],
    ids=[
        "of the registration",
        "after another correction",
        "of the correction",
        "after that was annulled",
        "where it was never said",
        "of another entry",
    ],
)
def test_a_correction_of_a_registration_keeps_continuous_service(
    history: tuple[StaffFact, ...], of: int, kept: str | None
) -> None:
    terms = {} if kept is None else {CONTINUOUS_SERVICE: kept}
    given(staff, *history).when(lambda n: correct(n, of)).then(EntryCorrected).saying(terms=terms)


def test_a_correction_that_names_continuous_service_has_its_way() -> None:
    given(staff, WITH_SERVICE).when(
        lambda n: decide.correct(
            n.record,
            Correction(
                of=id_of(1),
                effective_from=DAY,
                terms={CONTINUOUS_SERVICE: None},
                reason="no service before",
            ),
        )
    ).then(EntryCorrected).saying(terms={CONTINUOUS_SERVICE: None})


def act_of(n: Numbered, text: str) -> StaffFact:
    """One act of the table of continuous service, decided on what is on record by then."""
    kind, _, said = text.partition(": ")
    day = None if said in ("", "nothing") else date.fromisoformat(said)
    if kind == "registration":
        (registered,) = decide.register(
            n.record,
            Registration(
                staff_number="S1", effective_from=DAY, position={}, continuous_service_from=day
            ),
        )
        return registered
    what, _, of = kind.partition(" of ")
    if what == "annulment":
        (annulled,) = decide.annul(n.record, Annulment(of=id_of(int(of)), reason="r"))
        return annulled
    terms = {CONTINUOUS_SERVICE: None if day is None else str(day)} if said else {}
    (corrected,) = decide.correct(
        n.record, Correction(of=id_of(int(of)), effective_from=DAY, terms=terms, reason="r")
    )
    return corrected


KEPT = Path(__file__).parent / "cases" / "continuous-service.md"


@pytest.mark.parametrize(
    ("acts", "counted_from", "supplied_by"),
    cases(KEPT, "Corrections one after another") + cases(KEPT, "Corrections of corrections"),
)
def test_what_is_known_of_continuous_service(
    acts: str, counted_from: str, supplied_by: str
) -> None:
    numbered, entries = Numbered(), []
    for text in acts.split("; "):
        fact = act_of(numbered, text)
        _evolve(numbered, fact)
        entries.append(
            Entry(
                id_of(numbered.count),
                datetime(2014, 6, 10, 9, tzinfo=UTC) + timedelta(minutes=numbered.count),
                content=decide.pieces_of(fact),
                of=fact.of if isinstance(fact, EntryCorrected | EntryAnnulled) else None,
                annuls=isinstance(fact, EntryAnnulled),
            )
        )
    found = position_at(timelines(entries), DAY)
    period = next((each for key, each in found.items() if key.name == CONTINUOUS_SERVICE), None)
    if counted_from == "nothing":
        assert period is None
        return
    assert period is not None
    original, _, correction = supplied_by.partition(" corrected by ")
    assert period.value == counted_from
    assert period.event_id == id_of(int(original))
    assert period.corrected_by == (id_of(int(correction)) if correction else None)


def test_the_correction_of_a_registration_may_state_facets_and_continuous_service() -> None:
    def both(n: Numbered, of: int, term: str) -> tuple[EntryCorrected, ...]:
        return decide.correct(
            n.record,
            Correction(
                of=id_of(of),
                effective_from=DAY,
                changes={Facet.BAND: "4"},
                terms={term: "2001-03-05"},
                reason="r",
            ),
        )

    given(staff, REGISTERED).when(lambda n: both(n, 1, CONTINUOUS_SERVICE)).then(EntryCorrected)
    given(staff, REGISTERED).when(lambda n: both(n, 1, "evr")).then_refused(kind=Malformed)
    given(staff, REGISTERED, CHANGED).when(lambda n: both(n, 2, "evr")).then_refused(kind=Malformed)
    given(staff, REGISTERED, CHANGED).when(lambda n: both(n, 2, CONTINUOUS_SERVICE)).then_refused(
        kind=Malformed
    )


@pytest.mark.parametrize("value", ["rubbish", "", "20010305", "2001-W10-1", "2001-02-30"])
def test_continuous_service_is_counted_from_a_date(value: str) -> None:
    given(staff, REGISTERED).when(
        lambda n: decide.set_term(
            n.record, TermSet(term=CONTINUOUS_SERVICE, value=value, effective_from=DAY, reason="r")
        )
    ).then_refused(kind=Malformed)
    given(staff, REGISTERED).when(
        lambda n: decide.correct(
            n.record,
            Correction(
                of=id_of(1), effective_from=DAY, terms={CONTINUOUS_SERVICE: value}, reason="r"
            ),
        )
    ).then_refused(kind=Malformed)


@pytest.mark.parametrize(("counted_from", "good"), [(DAY, True), (date(2014, 6, 2), False)])
def test_a_registration_counts_service_from_no_later_than_it_begins(
    counted_from: date, good: bool
) -> None:
    outcome = given(staff).when(
        lambda n: decide.register(
            n.record,
            Registration(
                staff_number="S1",
                effective_from=DAY,
                position={},
                continuous_service_from=counted_from,
            ),
        )
    )
    corrected = given(staff, REGISTERED).when(
        lambda n: decide.correct(
            n.record,
            Correction(
                of=id_of(1),
                effective_from=DAY,
                terms={CONTINUOUS_SERVICE: str(counted_from)},
                reason="r",
            ),
        )
    )
    if good:
        outcome.then(StaffRegistered)
        corrected.then(EntryCorrected)
    else:
        outcome.then_refused(kind=Malformed)
        corrected.then_refused(kind=Malformed)


def test_leaving_ends_every_facet_of_the_assignment_and_no_other() -> None:
    left = StaffLeft(effective_from=DAY, assignment="evenings", reason="resigned")
    entry = Leaving(effective_from=DAY, assignment="evenings", reason="resigned")
    given(staff, REGISTERED).when(lambda n: decide.enter(n.record, entry)).then(StaffLeft).saying(
        effective_from=DAY, assignment="evenings"
    )
    pieces = decide.pieces_of(left)
    assert {piece.key.name for piece in pieces} == {facet.value for facet in Facet}
    assert {piece.key.assignment for piece in pieces} == {"evenings"}
    assert {(piece.value, piece.effective_from, piece.effective_to) for piece in pieces} == {
        (None, DAY, None)
    }


def test_who_is_not_on_record_cannot_leave() -> None:
    with pytest.raises(NotOnRecord):
        decide.leave(StaffRecord(), Leaving(effective_from=DAY, reason="resigned"))
