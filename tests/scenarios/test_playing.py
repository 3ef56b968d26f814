"""A scenario that is wrong says where; and what is asked of one is found out each way."""

# ruff: noqa: E501 - tables read best a row a line

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from transfer.core.record.staff import StaffRegistered
from transfer.core.refusals import KeyReused, StaleRead, StaleVersion
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.kinds import KNOWN
from transfer.log.envelope import Command
from transfer.rulebooks import rulebook
from transfer.scenarios.alone import play_alone
from transfer.scenarios.memory import MemoryLog
from transfer.scenarios.playing import Answered
from transfer.scenarios.reading import read_scenario

GIVEN = """
scenario = "Somebody is proposed, written to and confirmed"
edition = "tr-2013"
assume = "suggested"

[[person]]
staff_number = "S1"
employer = "London"
unit = "Camden"
role = "probation officer"
band = 4
fte = 1
in_post_from = 2009-04-01
automatic = "NPS"

[[act]]
happened_on = 2013-11-13
act = "begin"

[[act]]
happened_on = 2013-11-14
act = "set-scope"
staff_numbers = ["S1"]
criterion = "everybody"

[[act]]
happened_on = 2013-11-14
act = "propose"

[[act]]
happened_on = 2013-11-14
act = "form-group"
letters_on = { automatic = 2013-12-09 }
"""

OF_S1 = '[[then]]\non = 2013-12-09\nstaff_number = "S1"\n'
OF_THE_GROUP = '[[then]]\non = 2013-12-09\ngroup = "LDN.automatic"\n'
OF_THE_EXERCISE = "[[then]]\non = 2013-12-09\n"


def answers(then: str, given: str = GIVEN) -> tuple[Answered, ...]:
    return play_alone(read_scenario(f"{given}\n{then}".encode(), rulebook)).answers


@pytest.mark.parametrize(
    ("then", "right", "wrong"),
    [
        (OF_S1, 'position = { role = "probation officer" }', 'position = { role = "warder" }'),
        (OF_S1, 'position = { post = "nothing" }', 'position = { employer = "nothing" }'),
        (OF_S1, 'terms = { pension = "nothing" }', 'terms = { pension = "kept" }'),
        (OF_S1, 'outcome = { to = "NPS" }', 'outcome = { to = "CRC" }'),
        (OF_S1, 'outcome = { because = "assigned to the NPS" }', 'outcome = { because = "drawn" }'),
        (OF_S1, "outcome = { letter_on = 2013-12-09 }", "outcome = { letter_on = 2013-12-10 }"),
        (OF_S1, 'outcome = { moved_on = "nothing" }', "outcome = { moved_on = 2014-04-01 }"),
        (
            OF_S1,
            'deadlines = [{ what = "appeal", due_on = 2013-12-23, state = "open" }]',
            'deadlines = [{ what = "appeal", due_on = 2013-12-24, state = "open" }]',
        ),
        (
            OF_S1,
            'deadlines = [{ what = "appeal", assumptions = "TR-11b=10wd" }]',
            'deadlines = [{ what = "appeal", assumptions = [] }]',
        ),
        (OF_S1, 'not_due = "determination"', 'not_due = "appeal"'),
        (OF_S1, "to_settle = []", 'to_settle = [{ step = "confirm" }]'),
        (OF_S1, 'says = "a letter assigns them to NPS"', 'says = "a letter assigns them to CRC"'),
        (
            OF_THE_GROUP,
            'waits_for = { step = "confirm", until = 2013-12-24 }',
            'waits_for = { step = "confirm", until = 2013-12-23 }',
        ),
        (OF_THE_GROUP, 'waits_for = { step = "confirm" }', 'waits_for = "nothing"'),
        (
            OF_THE_EXERCISE,
            'counted = [{ clause = "TR-11b", after = 2013-11-13, on = 2013-11-27 }]',
            'counted = [{ clause = "TR-11b", after = 2013-11-13, on = 2013-11-28 }]',
        ),
        (
            OF_THE_EXERCISE,
            'needs_document = { "TR-11b" = "appeal procedure" }',
            'needs_document = { "TR-11b" = "letter" }',
        ),
        (
            OF_THE_EXERCISE,
            'deadlines = [{ what = "milestone", about = "transfer", due_on = 2014-04-01 }]',
            'deadlines = [{ what = "milestone", about = "dissolution" }]',
        ),
    ],
)
def test_a_right_answer_holds_and_a_wrong_one_says_its_line(
    then: str, right: str, wrong: str
) -> None:
    assert all(each.holds for each in answers(then + right))
    (differs,) = (each for each in answers(then + wrong) if not each.holds)
    assert differs.line == len(f"{GIVEN}\n{then}".splitlines()) + 1
    assert differs.expected != differs.found


OF_SURREY = """
scenario = "What the old council tells of somebody"
edition = "surrey-2027.2"
assume = "suggested"

[[person]]
staff_number = "S1"
employer = "Elmbridge Borough Council"
unit = "Housing"
role = "clerk"
band = 4
fte = 1
in_post_from = 2009-04-01

[[act]]
happened_on = 2026-10-01
act = "begin"

[[act]]
happened_on = 2026-10-02
act = "set-scope"
staff_numbers = ["S1"]
criterion = "everybody"

[[act]]
happened_on = 2026-10-03
kind = "record"
act = "change"
staff_number = "S1"
effective_from = 2026-10-03
changes = { band = "5" }
reason = "a new grade"
"""
OF_ALL = "[[then]]\non = 2026-10-03\n"
OF_ONE = '[[then]]\non = 2026-10-03\nstaff_number = "S1"\n'


@pytest.mark.parametrize(
    ("then", "right", "wrong"),
    [
        (OF_ALL, "people = 1", "people = 2"),
        (OF_ALL, "complete = 0", "complete = 1"),
        (OF_ALL, "last_day = 2027-03-04", "last_day = 2027-03-03"),
        (OF_ALL, "missing = { workplace = 1 }", "missing = { workplace = 0 }"),
        (OF_ALL, "missing = { band = 0 }", "missing = { band = 1 }"),
        (OF_ONE, 'held = { band = "5" }', 'held = { band = "4" }'),
        (OF_ONE, "employed = true", "employed = false"),
        (OF_ONE, 'transferee = "nothing"', 'transferee = "east"'),
        (OF_ONE, 'since = 2026-10-02\nliability_information.became = "changed"', 'since = 2026-10-03\nliability_information.became = "changed"'),
        (OF_ONE, 'since = 2026-10-01\nliability_information.became = "joined"', 'since = 2026-10-01\nliability_information.became = "changed"'),
        (OF_ONE, 'since = 2026-10-02\nliability_information.changes.band = { was = "4", now = "5" }', 'since = 2026-10-02\nliability_information.changes.band = { was = "3", now = "5" }'),
    ],
)  # fmt: skip
def test_liability_information_is_an_answer_too(then: str, right: str, wrong: str) -> None:
    said = f"{then}liability_information."
    assert all(each.holds for each in answers(said + right, OF_SURREY))
    (differs,) = (each for each in answers(said + wrong, OF_SURREY) if not each.holds)
    assert differs.expected != differs.found


SCOPED = GIVEN[: GIVEN.index('act = "propose"')]


@pytest.mark.parametrize(
    ("act", "holds", "found"),
    [
        ('act = "propose"\n', True, "done"),
        ('act = "propose"\nrefused = {}\n', False, "done"),
        ('act = "propose"\ndone_already = true\n', False, "done"),
        (
            'act = "object"\nstaff_number = "S1"\ntold_to = "transferor"\nrefused = {}\n',
            False,
            "done",
        ),
        (
            'act = "withdraw-objection"\nstaff_number = "S1"\ntold_to = "transferor"\n'
            'refused = { clauses = "TR-14", because = "no objection" }\n',
            True,
            {"clauses": ["TR-14"], "because": "no objection is on record"},
        ),
        (
            'act = "withdraw-objection"\nstaff_number = "S1"\ntold_to = "transferor"\n'
            'refused = { clauses = "TR-16" }\n',
            False,
            {"clauses": ["TR-14"], "because": "no objection is on record"},
        ),
        (
            'act = "withdraw-objection"\nstaff_number = "S1"\ntold_to = "transferor"\n',
            False,
            {"clauses": ["TR-14"], "because": "no objection is on record"},
        ),
    ],
)
def test_what_becomes_of_an_act_is_an_answer_too(act: str, holds: bool, found: object) -> None:
    *_, last = answers("[[then]]\non = 2013-11-14\n", SCOPED + act)
    assert (last.holds, last.found) == (holds, found)


LOG_OF = staff_stream("S1")
FACT = StaffRegistered(
    staff_number="S1", effective_from=date(2010, 1, 1), position={Facet.BAND: "4"}
)


def command(number: int, request: bytes = b"") -> Command:
    at = datetime(2014, 1, 1, 12, tzinfo=UTC)
    return Command(UUID(int=number), "office", request, at=at)


def test_a_log_in_memory_keeps_the_rules_of_the_log() -> None:
    log = MemoryLog(KNOWN)
    first = log.append([(LOG_OF, 0, FACT)], command(1))
    assert log.append([(LOG_OF, 0, FACT)], command(1)) == first  # repeated: the first answer again
    with pytest.raises(KeyReused):
        log.append([(LOG_OF, 0, FACT)], command(1, b"another"))
    with pytest.raises(StaleVersion):
        log.append([(LOG_OF, 0, FACT)], command(2))
    with pytest.raises(StaleRead):
        log.append([(staff_stream("S2"), 0, FACT)], command(3), reads={LOG_OF: 0})
    second = log.append([(staff_stream("S2"), 0, FACT)], command(4), reads={LOG_OF: 1})
    assert second.recorded_at > first.recorded_at  # although both bring the same instant
    assert log.head().position == 2
    assert [each.fact for each in log.read(LOG_OF)] == [FACT]
    assert log.read(LOG_OF, after=1) == []
    assert log.last_stream("staff") == staff_stream("S2")
    assert log.last_stream("document") is None
    assert log.until(first.recorded_at).head().position == 1
    assert log.until(first.recorded_at).read(staff_stream("S2")) == []
    known_then = log.read_many([staff_stream("S2")], up_to_recorded=first.recorded_at)
    assert known_then == {staff_stream("S2"): []}
    with pytest.raises(LookupError), log.connection():
        pass
