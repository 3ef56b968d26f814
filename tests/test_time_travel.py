"""docs/time-travel.md is true: its tables are what the program answers, its pictures its own."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from projections.keeping_up.runner import Runner, resolve_known_at
from projections.position import queries as q
from projections.position.projection import NAME
from projections.position.queries import Held
from tests.pictures import PICTURES, entries_of, key_of, paths
from tests.support.projecting import positions_of
from tests.support.worked import Worked, WorkedAnswer, worked_cases
from transfer.core.dating.effective_dating import position_at, timelines
from transfer.core.record.staff import (
    EntryAnnulled,
    EntryCorrected,
    PositionChanged,
    StaffRegistered,
)
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import staff_stream
from transfer.core.words import Attested
from transfer.kinds import KNOWN
from transfer.log.application import Log, open_log
from transfer.log.envelope import Command, event_id_of
from transfer.procedures.facts import Fact
from transfer.questions import attested
from transfer.questions.differences import differences_on

CASES = worked_cases()
ANSWERS = [(case, answer) for case in CASES for answer in case.answers]
STAFF = "S10442"


def named(case: Worked, number: int | None) -> UUID | None:
    return None if number is None else case.event_id(number)


def test_the_document_has_its_cases() -> None:
    assert [case.name for case in CASES] == [
        "back-dated",
        "one-day",
        "temporary",
        "overlap",
        "correction",
        "annulment",
        "plan-moves",
        "leaver",
        "said-then",
        "differences",
        "attested",
    ]
    assert all(case.answers or case.differences for case in CASES)


@pytest.mark.parametrize(
    ("case", "answer"), ANSWERS, ids=[f"{case.name}-{n}" for n, (case, _) in enumerate(ANSWERS)]
)
def test_the_rule_answers_as_the_document_says(case: Worked, answer: WorkedAnswer) -> None:
    entries = entries_of(case, attested=answer.attested)
    found = timelines(entries, known_at=answer.known_at)
    period = position_at(found, answer.effective_at).get(key_of(case))
    if answer.value is None:
        assert period is None
        return
    assert period is not None
    beneath = found[key_of(case)].standing_at(answer.effective_at) if period.temporary else None
    assert (period.value, beneath and beneath.value) == (answer.value, answer.beneath)
    assert period.event_id == named(case, answer.entry)
    assert period.corrected_by == named(case, answer.corrected_by)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_picture_is_drawn_from_the_table(case: Worked) -> None:
    path = PICTURES / f"{case.name}.svg"
    assert path.read_text(encoding="utf-8") == paths()[path], "run: python -m tests.pictures"


def test_no_picture_is_left_over() -> None:
    assert set(PICTURES.glob("*.svg")) == set(paths())


# --- the same of the whole program -------------------------------------------------------------


def recorded(case: Worked, log: Log[Fact]) -> dict[int, UUID]:
    """Put a case on record, each entry at its instant; the ids of its entries by their number."""
    log.clock.simulate()
    stream = staff_stream(STAFF)
    ids: dict[int, UUID] = {}
    for each in case.entries:
        claimed = None
        if each.claimed_on is not None:
            claimed = Attested(source="personnel", recorded_on=each.claimed_on)
        command = Command(
            case.event_id(each.number), "HR", b"", at=each.recorded_at, attested=claimed
        )
        fact: Fact
        if each.of is not None and each.annuls:
            fact = EntryAnnulled(of=ids[each.of], reason="r")
        else:
            assert each.facet is not None
            assert each.effective_from is not None
            start, end, values = each.effective_from, each.effective_to, {each.facet: each.value}
            if each.of is not None:
                fact = EntryCorrected(
                    of=ids[each.of],
                    effective_from=start,
                    effective_to=end,
                    changes=values,
                    reason="r",
                )
            elif each.number == 1:
                fact = StaffRegistered(staff_number=STAFF, effective_from=start, position=values)
            else:
                fact = PositionChanged(
                    effective_from=start, effective_to=end, changes=values, reason="r"
                )
        ids[each.number] = event_id_of(command.command_id, 0)
        log.append([(stream, each.number - 1, fact)], command)
    Runner(log, [positions_of(log)]).catch_up()
    return ids


@pytest.mark.engines
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_program_answers_as_the_document_says(case: Worked, database_url: str) -> None:
    log = open_log(database_url, known=KNOWN)
    try:
        ids = recorded(case, log)
        with psycopg.connect(database_url, autocommit=True) as conn:
            for answer in case.answers:
                held = held_at(log, conn, case, answer)
                beneath = held.standing if held else None
                assert (held and held.value, beneath and beneath.value) == (
                    answer.value,
                    answer.beneath,
                )
                assert (held and held.event_id) == ids.get(answer.entry or 0)
                assert (held and held.corrected_by) == ids.get(answer.corrected_by or 0)
        for each in case.differences:
            between = (each.known_from, each.known_to)
            found = differences_on(log, STAFF, each.effective_at, *between).items
            if not each.because_of:
                assert found == ()
                continue
            [difference] = found
            assert difference.before is not None
            assert difference.after is not None
            assert (difference.before.value, difference.after.value) == (each.before, each.after)
            assert [cause.event_id for cause in difference.causes] == [
                ids[number] for number in each.because_of
            ]
    finally:
        log.close()


def held_at(
    log: Log[Fact], conn: psycopg.Connection, case: Worked, answer: WorkedAnswer
) -> Held | None:
    """What the program answers to a row's question, by the clock that it names."""
    day, known_at = answer.effective_at, answer.known_at
    try:
        if answer.attested:
            by_attested = attested.AttestedLog(log, resolve_known_at(conn, NAME, None))
            found = attested.position_at(log, by_attested, STAFF, day, known_at)
        else:
            found = q.position_at(conn, STAFF, day, known_at)
    except NotOnRecord:
        return None
    return found.position.get(case.facet)
