"""A faulty file: every fault with its line and field, all at once."""

import pytest

from tests.scenarios.test_playing import GIVEN
from transfer.rulebooks import rulebook
from transfer.scenarios.reading import FaultyScenario, read_scenario

THEN = "\n[[then]]\non = 2013-12-09\n"


def faults(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(FaultyScenario) as caught:
        read_scenario(text.encode(), rulebook)
    return [(each.line, each.field, each.reason) for each in caught.value.faults]


def line_of(text: str, words: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if words in line)


@pytest.mark.parametrize(
    ("before", "after", "at", "field", "reason"),
    [
        ('edition = "tr-2013"', 'edition = "tr-2031"', "tr-2031", "edition", "no rulebook tr-2031"),
        ('edition = "tr-2013"', 'edition = "tr-2013', "tr-2013", "", "not TOML"),
        ("scenario =", "scenari =", "scenari", "scenari", "did you mean scenario?"),
        ("unit =", "units =", "units", "person 1, units", "did you mean unit?"),
        ('"London"', '"Lundy"', "Lundy", "person 1, employer", "Lundy"),
        ("band = 4", 'band = ""', 'band = ""', "person 1, band", "is blank"),
        ('act = "propose"', 'act = "proposes"', "proposes", "act 3, act", "did you mean propose?"),
        (
            'act = "propose"',
            'act = "propose"\nkind = "exercize"',
            "exercize",
            "act 3, kind",
            "did you mean exercise?",
        ),
        ("criterion =", "criterium =", "criterium", "act 2, criterium", "did you mean criterion?"),
        ("= 2013-12-09 }", '= "soon" }', "soon", "act 4, letters_on", "date"),
        (
            'act = "propose"',
            'kind = "record"\nact = "leave"\neffective_from = 2014-01-01\nreason = "left"',
            "leave",
            "act 3, act",
            "say for whom",
        ),
        (
            'act = "propose"',
            'act = "propose"\nstaff_number = "S9"',
            "S9",
            "act 3, staff_number",
            "nobody in this file",
        ),
        (
            'act = "propose"',
            'act = "propose"\nlearned_on = 2013-11-01',
            "learned_on",
            "act 3, learned_on",
            "is before 2013-11-14",
        ),
        (
            'assume = "suggested"',
            'assume = "suggested"\nvalues."TR-11z" = { assumed = "5d" }',
            "TR-11z",
            "values, TR-11z",
            "did you mean TR-11",
        ),
        (
            'assume = "suggested"',
            'assume = "suggested"\nvalues."TR-01" = { unknown = true }',
            "TR-01",
            "values, TR-01",
            "it is not unknown",
        ),
        (
            'assume = "suggested"',
            'assume = "suggested"\nvalues."TR-11b" = { unknown = true }',
            "TR-11b",
            "values, TR-11b",
            "the suggested value",
        ),
        (
            'assume = "suggested"',
            'assume = "suggested"\nvalues."TR-11b" = { value = "5d" }',
            "TR-11b",
            "values, TR-11b",
            "the document that it comes from",
        ),
    ],
)
def test_a_fault_is_named_with_its_line_and_field(
    before: str, after: str, at: str, field: str, reason: str
) -> None:
    text = GIVEN.replace(before, after, 1) + THEN
    found = faults(text)
    line = line_of(text, at)
    assert [each for each in found if each[:2] == (line, field) and reason in each[2]], found


@pytest.mark.parametrize(
    ("then", "field", "reason"),
    [
        ('staff_number = "S9"', "then 1, staff_number", "nobody in this file"),
        ('position = { band = "4" }', "then 1", "say whose with staff_number"),
        (
            'staff_number = "S1"\nposition = { bands = "4" }',
            "then 1, position, bands",
            "did you mean",
        ),
        ('kind = "appeals"', "then 1, kind", "did you mean appeal?"),
        (
            'needs_document = { "TR-11z" = "a letter" }',
            "then 1, needs_document, TR-11z",
            "did you mean TR-11",
        ),
        (
            'counted = [{ clause = "TR-11b", on = 2014-01-01 }]',
            "then 1, counted 1",
            "count from one day",
        ),
        (
            'deadlines = [{ what = "appeal", state = "opened" }]',
            "then 1, deadlines 1, state",
            "did you mean open?",
        ),
        ('waits = "nothing"', "then 1, waits", "did you mean waits_for?"),
    ],
)
def test_what_cannot_be_asked_is_named(then: str, field: str, reason: str) -> None:
    found = faults(GIVEN + THEN + then)
    assert [each for each in found if each[1] == field and reason in each[2]], found


def test_all_faults_are_named_at_once() -> None:
    text = GIVEN.replace("letters_on =", "letter_on =").replace("criterion", "criterium") + THEN
    assert len(faults(text)) == 3  # two keys that are not there, one that is missing
