"""A made-up return for any edition: read without a fault, and every route of it somebody's."""

import csv
import io
from collections import Counter
from datetime import date

import pytest

from tests.support.editions import moor_source
from tests.support.harbour import EDITION, EVIDENCE
from transfer.core.refusals import Refused
from transfer.imports.staff_return import read_staff_return
from transfer.imports.staff_return.invented import Invented, invented_return
from transfer.rulebooks import rulebook
from transfer.rulebooks.loading import load_edition
from transfer.rulebooks.model import Rulebook


def moor() -> Rulebook:
    """The edition that the guide shows."""
    return load_edition(moor_source())


def edition(*changed: tuple[str, str], evidence: str = EVIDENCE) -> Rulebook:
    """The edition of a harbour, changed."""
    text = EDITION + evidence
    for old, new in changed:
        assert old in text
        text = text.replace(old, new)
    return load_edition(text.encode())


def rows(made: Invented) -> list[dict[str, str]]:
    """The rows of the file, as its columns have them."""
    return list(csv.DictReader(io.StringIO(made.content.decode(), newline="")))


@pytest.mark.parametrize(
    "book", [moor(), rulebook("tr-2013"), edition()], ids=lambda it: it.edition
)
@pytest.mark.parametrize("seed", [1, 2013])
def test_every_row_is_good_and_every_route_is_somebodys(book: Rulebook, seed: int) -> None:
    made = invented_return(book, people=120, seed=seed)
    found = read_staff_return(made.content, book=book)
    assert found.rejected == ()
    assert found.staff == made.people == 120
    assert made.unreached == ()
    assert {row["employer"] for row in rows(made)} == {each.name for each in book.transferors}


def test_the_same_seed_gives_the_same_bytes() -> None:
    book = moor()
    made = invented_return(book, people=40, seed=5)
    assert invented_return(book, people=40, seed=5) == made
    assert invented_return(book, people=40, seed=6).content != made.content


@pytest.mark.parametrize("people", [1, 2, 3])
def test_a_few_people_are_a_return_too(people: int) -> None:
    made = invented_return(moor(), people=people, seed=1)
    assert read_staff_return(made.content, book=moor()).staff == people


def test_people_are_shared_out_as_the_edition_says_else_evenly() -> None:
    even = invented_return(edition(), people=30, seed=1)
    assert even.shares.startswith("evenly (assumed")
    assert Counter(row["employer"] for row in rows(even)) == {
        "London Borough of Moor": 15,
        "Fen District Council": 15,
    }
    organisations = """organisations = [
  { code = "MOOR", name = "London Borough of Moor", people = 2000 },
  { code = "FEN", name = "Fen District Council", people = 1000 },
]
[[clause]]"""
    said = invented_return(edition(("[[clause]]", organisations)), people=30, seed=1)
    assert "that the edition gives" in said.shares
    assert Counter(row["employer"] for row in rows(said)) == {
        "London Borough of Moor": 20,
        "Fen District Council": 10,
    }


def test_service_begins_before_the_exercise_does_and_teams_have_their_manager() -> None:
    made = rows(invented_return(moor(), people=60, seed=3))
    start = min(each.on for each in moor().milestones if each.role == "start")
    by_number = {row["staff_number"]: row for row in made}
    for row in made:
        service = date.fromisoformat(row["continuous_service_from"])
        assert service <= date.fromisoformat(row["in_post_from"]) < start
        if row["line_manager"]:
            assert by_number[row["line_manager"]]["employer"] == row["employer"]
    managed = Counter(row["line_manager"] for row in made)
    assert managed[""] == 2
    assert max(managed.values()) <= 12


def test_what_conditions_name_is_drawn() -> None:
    book = edition(
        ('when = "true"', "when = \"lower(role) == 'pilot' && band in ['2', '3']\""),
        ('who = "employer in transferors"', "who = \"employer in transferors && role != 'Clerk'\""),
    )
    made = invented_return(book, people=40, seed=1)
    assert made.unreached == ()
    assert any(row["role"] == "pilot" and row["band"] in ("2", "3") for row in rows(made))


@pytest.mark.parametrize(
    "when",
    [
        "has(evidence.change) && evidence.change > 900",
        "has(evidence.cases) && evidence.cases == 37",
        "has(evidence.pay) && evidence.pay >= decimal('99000.00')",
        "has(evidence.since) && evidence.since < day('2001-05-01')",
        "has(evidence.remark) && evidence.remark.startsWith('as agreed')",
        "has(evidence.grade) && evidence.grade == 'lower' && role == 'Pilot'",
        "!has(evidence.cases) && !has(evidence.goes_to) && !has(evidence.pay) && fte < one",
    ],
)
def test_somebody_is_found_for_a_narrow_route(when: str) -> None:
    narrow = f"""[[route]]
id = "narrow"
clause = "H-01"
when = "{when}"
to = "'town'"

[[route]]"""
    book = edition(("[[route]]", narrow))
    made = invented_return(book, people=30, seed=1)
    assert made.unreached == ()
    assert read_staff_return(made.content, book=book).rejected == ()


def test_a_route_that_nobody_can_take_is_named() -> None:
    impossible = edition(('when = "true"', "when = \"fte > decimal('2')\""))
    assert invented_return(impossible, people=10, seed=1).unreached == ("all",)


def test_evidence_that_a_move_needs_is_always_there_and_samples_are_drawn_from() -> None:
    book = edition(
        (
            'changes = { employer = "Port Authority" }',
            'changes = { line_manager = { evidence = "new_manager" } }',
        ),
        ('type = "text"', 'type = "text"\nsample = ["by letter", "by hand"]'),
        ('type = "share"', 'type = "share"\nsample = [0.4, 0.6]'),
    )
    made = rows(invented_return(book, people=60, seed=1))
    numbers = {row["staff_number"] for row in made}
    assert all(row["new_manager"] in numbers - {row["staff_number"]} for row in made)
    assert {row["remark"] for row in made} == {"", "by letter", "by hand"}
    assert {row["served"] for row in made} == {"", "0.4", "0.6"}
    assert all(bool(row["goes_to"]) == bool(row["goes_to_document"]) for row in made)


def test_where_units_change_hands_people_are_in_the_units() -> None:
    text = EDITION.replace("[parties]", '[parties]\nby = "unit"')
    text = text.replace('{ employer = "', '{ line_manager = "').replace("employer in", "unit in")
    text = text.replace("unit in transferors", "employer == 'The Board' && unit in transferors")
    book = load_edition(text.encode())
    made = invented_return(book, people=20, seed=1)
    assert {row["unit"] for row in rows(made)} == {each.name for each in book.transferors}
    assert {row["employer"] for row in rows(made)} == {"The Board"}
    assert made.unreached == ()
    assert read_staff_return(made.content, book=book).rejected == ()


def test_pay_is_by_the_scale_in_force() -> None:
    scale = """
[[pay_scale]]
id = "{name}"
clause = "H-01"
from = {start}
hours = "37"
[pay_scale.bands.3]
{points}
"""
    scales = scale.format(name="old", start="2025-04-01", points='"11" = "24500.00"')
    scales += scale.format(name="new", start="2031-04-01", points='"99" = "25500.00"')
    made = rows(invented_return(edition(evidence=scales), people=10, seed=1))
    assert {(row["band"], row["pay_point"]) for row in made} == {("3", "11")}


def test_no_return_without_people_or_transferors() -> None:
    with pytest.raises(Refused, match="at least one person"):
        invented_return(moor(), people=0, seed=1)
