"""What an exercise came to: everybody in exactly one place, and sums that add up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import product
from uuid import UUID

import psycopg
import pytest

from projections.exercise import kept as kept_module
from projections.exercise import outcome as module
from projections.exercise.kept import KeptOutcomes
from projections.exercise.outcome import (
    AppealCounts,
    Elsewhere,
    ExerciseOutcome,
    Flow,
    MilestoneOutcome,
    Participant,
    Place,
    RefusedStep,
    discrepancies,
    outcome,
    outcome_of,
    participants,
)
from projections.exercise.steps import ExerciseOutcomeProjection, steps_of
from projections.keeping_up.runner import digest
from tests.support.due import (
    ACCEPTED_LATE,
    APRIL_1,
    DEC_11,
    DETERMINED,
    ENDED,
    EXERCISE,
    JUNE_1,
    LETTER,
    LODGED,
    MATTER,
    OBJECTED,
    REFUSED_LATE,
    REFUSED_TRANSFER,
    RESPONDED,
    TRANSFER_RESET,
    TRANSFER_SET,
    TRANSFERRED,
    X,
    appeal,
    at,
    reached,
)
from tests.support.histories import event_id, instant, recorded
from tests.support.projecting import Office
from tests.support.words_2013 import Destination, Route
from transfer.core.matter import facts as t
from transfer.core.matter.words import Made
from transfer.core.record.staff import EntryAnnulled, EntryCorrected
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.log.application import Log
from transfer.procedures.appeal import facts as p
from transfer.procedures.exercise import facts as a
from transfer.procedures.exercise.exercise_facts import ScopeSet
from transfer.procedures.facts import Fact

CRC = "The London Community Rehabilitation Company"
SCOPED = date(2013, 11, 13)
SCOPE = ScopeSet(
    **at(SCOPED),
    criterion="employed by a Trust",
    effective_from=SCOPED,
    members=("S1", "S2", "S3", "S4", "S5"),
)


def _proposed(destination: Destination, route: Route = Route.AUTOMATIC) -> a.AssignmentProposed:
    return a.AssignmentProposed(
        **at(SCOPED),
        route=route,
        destination=destination,
        reason="its post is automatic",
        evidence=a.Evidence(),
    )


def _confirmed(destination: Destination) -> a.AssignmentConfirmed:
    return a.AssignmentConfirmed(
        **at(APRIL_1),
        destination=destination,
        route=Route.AUTOMATIC,
        windows_closed_on=APRIL_1,
    )


def _transferred(destination: Destination, employer: str) -> a.StaffTransferred:
    return TRANSFERRED.model_copy(
        update={"destination": destination, "changes": {Facet.EMPLOYER: employer}}
    )


def _facts() -> list[tuple[str, Fact]]:
    nps, crc = Destination.NPS, Destination.CRC
    made = ENDED.made.model_copy(update={"act": "end-by-dissolution"})
    left = ENDED.model_copy(update={"treated_as_dismissed": True, "made": made})
    of_people: dict[str, list[Fact]] = {
        # proposed for a CRC, appeals, goes to the NPS
        "S1": [_proposed(crc), LETTER, RESPONDED, LODGED, DETERMINED, _confirmed(nps)],
        "S2": [_proposed(crc), LETTER, REFUSED_LATE, _confirmed(crc), _transferred(crc, CRC)],
        "S3": [_proposed(crc), LETTER, OBJECTED, ENDED],
        "S4": [_proposed(crc, Route.RANDOM_ADMINISTRATIVE), REFUSED_TRANSFER, left],
        "S5": [_proposed(nps), LETTER, REFUSED_LATE, ACCEPTED_LATE],
    }
    of_people["S1"].append(_transferred(nps, "Ministry of Justice"))
    exercise: list[tuple[str, Fact]] = [
        (EXERCISE, each) for each in (SCOPE, TRANSFER_SET, TRANSFER_RESET)
    ]
    people = [(staff_stream(staff), fact) for staff, facts in of_people.items() for fact in facts]
    return [*exercise, *people, (EXERCISE, reached(met=False))]


def _fold(facts: Iterable[tuple[str, Fact]]) -> ExerciseOutcome:
    steps = []
    exercise_of = {event_id(n): X for n in range(1, 100)}
    for number, (stream, fact) in enumerate(facts):
        event = recorded(stream, number + 1, number + 1, instant(number), fact)
        steps += [*steps_of(event, exercise_of)]
    return outcome_of(X, steps)


def test_everybody_in_scope_is_in_exactly_one_place() -> None:
    found = _fold(_facts())
    automatic, drawn = Route.AUTOMATIC.value, Route.RANDOM_ADMINISTRATIVE.value
    assert found.in_scope == 5
    assert set(found.flows) == {
        Flow(automatic, Destination.NPS, "Ministry of Justice", 1),
        Flow(automatic, Destination.CRC, CRC, 1),
        Flow(automatic, Elsewhere.ENDED_BY_OBJECTION, None, 1),
        Flow(drawn, Elsewhere.ENDED_BY_DISSOLUTION, None, 1),
        Flow(automatic, Elsewhere.WITH_TRANSFEROR, None, 1),
    }
    assert discrepancies(found) == ()


def test_appeals_answers_and_refusals_are_counted() -> None:
    found = _fold(_facts())
    assert found.appeals == AppealCounts(
        lodged=3,
        in_time=1,
        refused_out_of_time=1,
        accepted_late=1,
        upheld=1,
        rejected=0,
        withdrawn=0,
        open=1,
        panel_overdue=0,
    )
    assert (found.letters, found.objections) == (4, 1)
    assert dict(found.responses) == {"acknowledged": 1}
    assert found.refused_steps == (RefusedStep("move", ("TR-12",), "r", 1),)
    assert found.milestones == (
        MilestoneOutcome("transfer", (APRIL_1, JUNE_1), False, "3 outstanding"),
    )


def test_an_annulled_transfer_did_not_happen_and_a_corrected_one_names_its_employer() -> None:
    facts = _facts()
    transfer = event_id(
        1 + next(n for n, (_, f) in enumerate(facts) if f == _transferred(Destination.CRC, CRC))
    )
    stream = staff_stream("S2")

    def correction(of: object, employer: str) -> tuple[str, Fact]:
        changes = {Facet.EMPLOYER: employer}
        return stream, EntryCorrected.model_validate(
            {"of": of, "effective_from": JUNE_1, "changes": changes, "reason": "r"}
        )

    def employer(*more: tuple[str, Fact]) -> tuple[Place, str | None]:
        person = _fold([*facts, *more]).participants[1]
        return person.place, person.employer

    first, second = event_id(len(facts) + 1), event_id(len(facts) + 2)
    one, other = correction(transfer, "Essex"), correction(first, "Kent")
    assert employer(one) == (Destination.CRC, "Essex")
    assert employer(one, other) == (Destination.CRC, "Kent")
    undone = (stream, EntryAnnulled(of=second, reason="r"))
    assert employer(one, other, undone) == (Destination.CRC, "Essex")
    annulled = (stream, EntryAnnulled(of=transfer, reason="r"))
    assert employer(one, other, annulled) == (Elsewhere.WITH_TRANSFEROR, None)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("S9", _confirmed(Destination.NPS)), "does not cover"),
        (("S3", _transferred(Destination.CRC, CRC)), "two places"),
        (("S3", _transferred(Destination.CRC, CRC)), "objection stands"),
        (("S5", _transferred(Destination.NPS, CRC)), "confirmed for None"),
        (("S2", DETERMINED), "more appeals determined"),
    ],
)
def test_what_does_not_add_up_is_said(more: tuple[str, Fact], said: str) -> None:
    found = _fold([*_facts(), (staff_stream(more[0]), more[1])])
    assert any(said in sentence for sentence in discrepancies(found))


def _made_again(fact: a.StaffTransferred, of: UUID, destination: Destination) -> tuple[str, Fact]:
    """The transfer of S2 in its own place, to somewhere else."""
    made = Made(act="move", by="office", replaces=of, in_place_of=of)
    return staff_stream("S2"), fact.model_copy(update={"destination": destination, "made": made})


def test_a_decision_made_again_counts_as_it_was_made_last_and_an_undone_one_not_at_all() -> None:
    facts = _facts()
    moved = _transferred(Destination.CRC, CRC)
    number = next(n for n, (_, fact) in enumerate(facts) if fact == moved) + 1
    again = _made_again(moved, event_id(number), Destination.NPS)
    once_more = _made_again(moved, event_id(number), Destination.CRC)

    def place(*more: tuple[str, Fact]) -> tuple[Place, int]:
        person = _fold([*facts, *more]).participants[1]
        return person.place, len(person.acts)

    assert place(again) == (Destination.NPS, 1)
    assert place(again, once_more) == (Destination.CRC, 1)
    undone = t.Undone(
        **at(JUNE_1),
        decision=event_id(number),
        facts=(event_id(len(facts) + 1),),
        entry=event_id(number),
        reason="an appeal was upheld",
    )
    assert place(again, (staff_stream("S2"), undone)) == (Elsewhere.WITH_TRANSFEROR, 0)


def test_an_undone_determination_leaves_its_appeal_open() -> None:
    """It names the appeal alone: of which exercise that is, the events say that it undoes."""
    facts = _facts()
    number = next(n for n, (_, fact) in enumerate(facts) if fact is DETERMINED) + 1
    undone = t.Undone(
        **appeal(DEC_11), decision=event_id(number), facts=(event_id(number),), reason="withdrawn"
    )
    found = _fold([*facts, (staff_stream("S1"), undone)]).appeals
    assert (found.upheld, found.open) == (0, 2)


@pytest.mark.parametrize("why", [p.AppealWithdrawn, p.AppealDropped])
def test_an_appeal_that_needs_no_decision_is_not_open(
    why: type[p.AppealWithdrawn | p.AppealDropped],
) -> None:
    reason = {"reason": "left"} if why is p.AppealDropped else {}
    over = why.model_validate({**appeal(DEC_11), "against": MATTER, **reason})
    found = _fold([*_facts(), (staff_stream("S5"), over)])
    assert (found.appeals.withdrawn, found.appeals.open) == (1, 0)
    assert discrepancies(found) == ()


def test_an_objection_that_was_withdrawn_hinders_nothing() -> None:
    facts = [each for each in _facts() if each != (staff_stream("S3"), ENDED)]
    crc = Destination.CRC
    more = (
        a.ObjectionWithdrawn(**at(DEC_11), told_to="transferor"),
        _confirmed(crc),
        _transferred(crc, CRC),
    )
    found = _fold([*facts, *((staff_stream("S3"), each) for each in more)])
    assert found.objections == 0
    assert discrepancies(found) == ()


@pytest.mark.engines
def test_the_outcome_is_that_of_the_instant_asked_for(
    log: Log[Fact], conn: psycopg.Connection
) -> None:
    projection = ExerciseOutcomeProjection()
    office = Office(log, [projection])
    facts = _facts()
    for staff in SCOPE.members:
        office.register(staff)
    instants = [office.record(each) for each in facts]
    office.runner.catch_up()
    whole = outcome(conn, X, instants[-1])
    assert (whole.flows, whole.appeals) == (_fold(facts).flows, _fold(facts).appeals)
    assert whole.milestones == _fold(facts).milestones
    early = outcome(conn, X, instants[2])
    assert early.flows == (Flow(None, Elsewhere.WITH_TRANSFEROR, None, 5),)
    with pytest.raises(NotOnRecord):
        outcome(conn, "another", instants[-1])

    transfer = log.read(staff_stream("S2"))[-1]
    assert isinstance(transfer.fact, a.StaffTransferred)
    then = office.record(
        (staff_stream("S2"), EntryAnnulled(of=transfer.event_id, reason="wrong person"))
    )
    office.runner.catch_up()
    assert outcome(conn, X, then).participants[1].place == Elsewhere.WITH_TRANSFEROR
    assert outcome(conn, X, instants[-1]).participants[1].place == Destination.CRC
    before = digest(conn, projection)
    office.runner.rebuild()
    assert digest(conn, projection) == before


@pytest.mark.engines
def test_a_page_of_people_is_a_part_of_all_of_them(
    log: Log[Fact], conn: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is asked for and however few are read at once: also of somebody whose transfer was
    annulled or undone, and of a leaver who was written to again."""
    monkeypatch.setattr(module, "_LEAST_AT_ONCE", 1)
    office = Office(log, [ExerciseOutcomeProjection()])
    for staff in SCOPE.members:
        office.register(staff)
    for each in _facts():
        office.record(each)
    left = a.LeaverPassedBy(**at(DEC_11), step="confirm", left_on=DEC_11, reason="resigned")
    instants = [office.record((staff_stream("S5"), left))]
    moved = log.read(staff_stream("S1"))[-1]
    assert isinstance(moved.fact, a.StaffTransferred)
    annulled = EntryAnnulled(of=moved.event_id, reason="wrong person")
    instants.append(office.record((staff_stream("S1"), annulled)))
    other = log.read(staff_stream("S2"))[-1]
    undone = t.Undone(
        **at(JUNE_1), decision=other.event_id, facts=(other.event_id,), reason="an appeal"
    )
    instants.append(office.record((staff_stream("S2"), undone)))
    instants.append(office.record((staff_stream("S5"), LETTER)))
    office.runner.catch_up()
    places = [None, *Elsewhere, *Destination, "nowhere"]
    routes = [None, Route.AUTOMATIC, Route.RANDOM_ADMINISTRATIVE, "nohow"]
    destinations = [None, *Destination, "nowhere"]
    kept = 0
    for known_at, place, route, to in product(instants, places, routes, destinations):
        whole = [
            each
            for each in outcome(conn, X, known_at).participants
            if place in (None, each.place)
            and route in (None, each.route)
            and to in (None, each.destination)
        ]
        kept += len(whole)
        for limit in (1, 2, 9):
            after, read = "", list[Participant]()
            while found := participants(
                conn,
                X,
                known_at,
                place=place,
                route=route,
                destination=to,
                after=after,
                limit=limit,
            ):
                assert len(found) <= limit
                read += found
                after = found[-1].staff_number
            assert read == whole, (place, route, to)
    assert kept > len(SCOPE.members) * len(instants)
    assert {each.place for each in outcome(conn, X, instants[1]).participants} >= {
        Elsewhere.LEFT,
        Elsewhere.WITH_TRANSFEROR,
        Elsewhere.ENDED_BY_OBJECTION,
        Elsewhere.ENDED_BY_DISSOLUTION,
    }


@pytest.mark.engines
def test_what_is_kept_is_the_same_as_what_is_folded_from_the_beginning(
    log: Log[Fact], conn: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every instant, in any order, whether or not there is room: while facts come, of which some
    take others back, and when the table was made again."""
    office = Office(log, [ExerciseOutcomeProjection()])
    for staff in SCOPE.members:
        office.register(staff)
    kept, small = KeptOutcomes(), KeptOutcomes()
    instants: list[datetime] = []

    def record(stream: str, fact: Fact) -> None:
        instants.append(office.record((stream, fact)))
        office.runner.catch_up()
        found = kept.outcome(conn, X, instants[-1])
        assert found == outcome(conn, X, instants[-1])
        assert kept.outcome(conn, X, instants[-1] + timedelta(minutes=1)) is found

    with pytest.raises(NotOnRecord):
        kept.outcome(conn, X, instant(99))
    for stream, fact in _facts():
        record(stream, fact)
    moved = log.read(staff_stream("S1"))[-1]
    record(staff_stream("S1"), EntryAnnulled(of=moved.event_id, reason="wrong person"))
    other = log.read(staff_stream("S2"))[-1]
    record(
        staff_stream("S2"),
        t.Undone(**at(JUNE_1), decision=other.event_id, facts=(other.event_id,), reason="appeal"),
    )
    monkeypatch.setattr(kept_module, "_MOST_PEOPLE", 2 * len(SCOPE.members))
    for known_at in [*instants, *reversed(instants), instants[3], instants[-1], instants[3]]:
        whole = outcome(conn, X, known_at)
        assert kept.outcome(conn, X, known_at) == small.outcome(conn, X, known_at) == whole
    conn.execute("CREATE TABLE other (LIKE exercise_step INCLUDING ALL)")
    conn.execute("INSERT INTO other SELECT * FROM exercise_step WHERE staff_number <> 'S4'")
    conn.execute("DROP TABLE exercise_step")
    conn.execute("ALTER TABLE other RENAME TO exercise_step")
    assert kept.outcome(conn, X, instants[-1]).in_scope == len(SCOPE.members) - 1
