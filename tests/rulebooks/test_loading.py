"""Reading an edition's file: every fault with its line, all at once, and nothing half read."""

# ruff: noqa: E501 - tables read best a row a line

import re

import pytest

from tests.support.editions import moor, moor_source, moor_text
from transfer.core.dating.calendars import Period
from transfer.core.words import Facet
from transfer.rulebooks import rulebook
from transfer.rulebooks.loading import FaultyEdition, load_edition
from transfer.rulebooks.toml_file import LARGEST


def line_of(text: str, source: bytes) -> int:
    return source.decode().split(text)[0].count("\n") + 1


def faults(source: bytes) -> list[tuple[int, str, str]]:
    with pytest.raises(FaultyEdition) as faulty:
        load_edition(source)
    return [(fault.line, fault.field, fault.reason) for fault in faulty.value.faults]


def test_the_edition_of_the_guide_is_read() -> None:
    book = moor()
    assert [each.name for each in book.transferors] == ["Northmoor Council", "Southmoor Council"]
    assert list(book.transferees) == ["north", "south", "port"]
    assert book.clause("M-05").value == Period(amount=20, unit="wd")
    assert book.source == moor_text().encode()
    north = book.transferors[0]
    assert book.changes("port", north) == {
        Facet.EMPLOYER: "Moor Port Authority",
        Facet.UNIT: "Port",
    }
    assert book.succeeded_by["Southmoor Council"] == ("south",)


@pytest.mark.parametrize(
    ("old", "new", "at", "field", "reason"),
    [
        ('to = "\'port\'"', 'to = "\'harbour\'"', "to = \"'harbour'\"", "route 2, to", "no transferee"),
        ('clause = "M-03"', 'clause = "M-33"', 'clause = "M-33"', "route 2, clause", "no clause M-33: did you mean M-0"),
        ('feeds = "people-complete"', 'feeds = "people"', 'feeds = "people"', "window 1, feeds", "no milestone people"),
        ('opens = ["challenge"]', 'opens = ["chalenge"]', 'opens = ["chalenge"]', "letter 1, opens", "did you mean challenge?"),
        ('not_above = "cases"', 'not_above = "case"', 'not_above = "case"', "evidence 2, not_above", "did you mean cases?"),
        ("[[route]]\nid = \"team\"", "[[route]]\nwhenn = \"true\"\nid = \"team\"", "whenn", "route 1, whenn", "did you mean when?"),
        ('type = "transferee"', 'type = "transfere"', 'type = "transfere"', "evidence 3, type", "did you mean transferee?"),
        ('role = "transfer"\n', '', "", "milestone", "no milestone has the role transfer"),
        ('succeeds = ["Southmoor Council"]', 'succeeds = ["Southmore Council"]', 'succeeds = ["Southmore Council"]', "parties, transferee 2, succeeds", "did you mean Southmoor Council?"),
        ('length = { clause = "M-06" }', 'length = { clause = "M-03" }', 'length = { clause = "M-03" }', "grant 2, length", "type must be period"),
        ("{port_cases} of {cases}", "{port_case} of {cases}", "{port_case}", "route 2, because", "did you mean port_cases?"),
        ('has(evidence.cases) && has(evidence.port_cases) && ', '', "evidence.cases > 0", "route 2, when", "cases is missing"),
        ('value = 0.6', 'value = 1.6', "[[clause]]\nid = \"M-03\"", "clause 3", "1.6 is more than 1"),
        ('calendar = "england-and-wales"', 'calendar = "england"', 'calendar = "england"', "calendar", "no calendar england"),
        ('confidence = "X"', 'confidence = "Y"', 'confidence = "Y"', "clause 4, confidence", "not one of"),
        ('{ is = "TUPE", by', '{ is = "TUPEE", by', '{ is = "TUPEE"', "mechanism, is", "did you mean TUPE?"),
        ('id = "M-02"', 'id = "M-01"', "", "clause 2", "M-01 is given twice"),
        ('feeds = "people-complete"', 'feeds = "people-complete"\nreset = [{ clause = "M-05" }]', "reset = [", "window 1, reset 1", "gives a day, so its type must be date"),
        ('feeds = "people-complete"', 'feeds = "people-complete"\nreset = [{ clause = "M-01", to = ["nord"] }]', "reset = [", "window 1, reset 1, to", "did you mean north?"),
        ('opens = ["challenge"]', 'opens = ["challenge"]\ngoes_with = "vestin"', "goes_with", "letter 1, goes_with", "did you mean vesting?"),
        ('value = "mark time"', 'value = "mark time"\nroutes = ["prot"]', "routes = [", "grant 2, routes", "did you mean port?"),
        ('[[grant]]\nterm = "continuity', '[[objection]]\nid = "o"\nclause = "M-02"\nto = ["port"]\ntold_to = ["HR"]\n\n[[grant]]\nterm = "continuity', "[[objection]]", "objection 1", "nobody can object"),
        ('unit = "Port"', 'unit = { ends = true, or_stays = true }', "unit = {", "parties, transferee 3, changes, unit", "or_stays goes with evidence"),
        ('[[grant]]\nterm = "continuity', '[[obligation]]\nid = "o"\ntitle = "Report"\nowner = "HR"\nclause = "M-02"\nbefore = "vesting"\nlength = { clause = "M-03" }\n\n[[grant]]\nterm = "continuity', "length = { clause = \"M-03\" }", "obligation 1, length", "type must be period"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(
    old: str, new: str, at: str, field: str, reason: str
) -> None:
    source = moor_source((old, new))
    found = faults(source)
    named = [each for each in found if each[1] == field and reason in each[2]]
    assert named, found
    if at:
        assert named[0][0] == line_of(at, source)


def test_all_faults_are_found_at_once() -> None:
    source = moor_source(
        ('type = "share"', 'type = "shares"'),
        ('opens = ["challenge"]', 'opens = ["chalenge"]'),
        ('changes = { employer = "South Moor Authority" }', "changes = { employr = 'x' }"),
        ('title = "Challenge"', 'tite = "Challenge"'),
        ("evidence.cases > 0", "evidence.cass > 0"),
    )
    found = faults(source)
    fields = {field for _, field, _ in found}
    assert {"clause 3, type", "letter 1, opens", "window 1, tite", "route 2, when"} <= fields
    assert any(field.startswith("parties, transferee 2, changes") for field in fields)
    assert not any("M-03" in reason and "no clause" in reason for _, _, reason in found)


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        (b"edition = \n", 1, "not TOML"),
        (b'edition = "a"\nedition = "b"\n', 2, "not TOML"),
        (b'a = "x"\nb = "\x00"\n', 2, "NUL"),
        (b'a = "x"\nb = "\xff"\n', 2, "UTF-8"),
        (b"#" * (LARGEST + 1), 1, "more than"),
        (b"a = " + b"[" * 50 + b"]" * 50, 1, "nested deeper"),
        (b"a = " + b"[" * 100_000, 1, "nested deeper"),
        (b"", 1, "edition is missing"),
        ("\ufeffx = 1".encode(), 1, "there is no key x"),
    ],
)
def test_what_is_no_edition_at_all(source: bytes, line: int, reason: str) -> None:
    assert any(at == line and reason in said for at, _, said in faults(source))


HAPPENED = """
[[happening]]
id = "vote"
[[chronicle]]
on = 2026-11-03
happening = "vote"
clause = "M-02"
document = "Minutes"
account = "The councils vote."
"""


@pytest.mark.parametrize(
    ("between", "reason"),
    [
        ('confidence = "I"\nearliest = 2026-11-04', "does not lie between earliest and latest"),
        ('confidence = "I"\nlatest = 2026-11-02', "does not lie between earliest and latest"),
        ("latest = 2026-11-05", "is inferred"),
    ],
)
def test_a_day_taken_from_between_two_lies_between_them_and_is_inferred(
    between: str, reason: str
) -> None:
    source = f"{moor_text()}{HAPPENED}{between}\n"
    assert any(reason in said for _, _, said in faults(source.encode()))
    good = f'{moor_text()}{HAPPENED}confidence = "I"\nearliest = 2026-11-02\nlatest = 2026-11-05\n'
    assert load_edition(good.encode()).chronicle[0].latest is not None


def test_a_text_that_was_checked_before_is_not_checked_again() -> None:
    faulty = moor_source(("to = \"'port'\"", "to = \"'harbour'\""))
    assert load_edition(faulty, checked=True).routes[1].to == "'harbour'"
    with pytest.raises(FaultyEdition):
        load_edition(faulty.replace(b"edition =", b"editio ="), checked=True)


@pytest.mark.parametrize("edition", ["omic-2018", "job-evaluation-2016"])
def test_what_begins_protection_names_a_ground_of_the_edition(edition: str) -> None:
    source = rulebook(edition).source
    named = re.search(rb'\nground = "(.*)"\n', source)
    assert named is not None
    faulty = source.replace(named[0], named[0].replace(b'"\n', b'-x"\n'), 1)
    ((line, _, reason),) = faults(faulty)
    assert (line, "[protection] has no ground" in reason) == (line_of('-x"\n', faulty), True)
