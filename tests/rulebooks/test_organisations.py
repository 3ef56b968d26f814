"""How an employer is found from what a return says: the register of an edition, and of all."""

from collections import Counter

import pytest

from transfer.core.refusals import Refused
from transfer.core.words import Confidence
from transfer.rulebooks import employers, rulebook
from transfer.rulebooks.organisations import Organisation, Register, together

TR = rulebook("tr-2013")
TRUSTS = TR.register.of_kind("trust")


def test_the_catalogue_of_2013_adds_up() -> None:
    assert Counter(each.kind for each in TR.register) == {
        "trust": 35,
        "crc": 21,
        "nps-division": 7,
        "region": 12,
        "nps": 1,
        "crown": 1,
    }
    assert len({each.name for each in TR.register}) == len({each.key for each in TR.register}) == 77


def test_every_company_and_every_division_followed_at_least_one_trust() -> None:
    assert len(TR.successors) == 35
    companies = Counter(row["crc"].key for row in TR.successors.values())
    assert sorted(companies) == [each.key for each in TR.register.of_kind("crc")]
    assert companies["C13"] == 4
    divisions = Counter(row["division"].key for row in TR.successors.values())
    assert divisions == {"N01": 5, "N02": 7, "N03": 1, "N04": 6, "N05": 7, "N06": 8, "N07": 1}


def test_a_code_of_our_own_is_told_from_one_that_was_seen() -> None:
    unseen = [each for each in TRUSTS if each.key_assumed]
    assert [each.area for each in unseen] == ["Bedfordshire", "Avon and Somerset"]
    assert all(len(each.key) == 3 for each in TRUSTS if not each.key_assumed)
    assert TR.register.resolve("SSJ").confidence is Confidence.GENERAL
    assert TR.register.resolve("NPS London").employed_by == "SSJ"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("London", "LDN"),
        ("London Probation Trust", "LDN"),
        ("  the LONDON  probation-trust. ", "LDN"),
        ("ldn", "LDN"),
        ("Londonprobationtrust", "LDN"),
        ("NHS", "NHS"),
        ("Staffordshire & West Midlands", "SWM"),
        ("Staffordshire and West Midlands Probation", "SWM"),
        ("Avon & Somerset Trust", "AVSO"),
        ("Bedfordshire", "BEDS"),
        ("Wales", "WPT"),
        ("C10", "C10"),
        ("Wales CRC", "C10"),
        ("London Community Rehabilitation Company Limited", "C17"),
        ("Kent Surrey Sussex", "C21"),
        ("BeNCH CRC", "C13"),
        ("NPS Wales", "N03"),
        ("London Division", "N07"),
        ("NPS", "NPS"),
        ("National Probation Service", "NPS"),
        ("Ministry of Justice", "SSJ"),
        ("N50", "N50"),
        ("n59", "N59"),
        ("South Central", "N59"),
        ("Yorkshire & the Humber Region", "N55"),
        ("National Security Division", "N43"),
        ("N41", "N41"),
        # A place that was a Trust or a company means that one; its region says so.
        ("Greater Manchester", "MCG"),
        ("Greater Manchester Region", "N50"),
    ],
)
def test_an_employer_is_found_by_name_or_code(text: str, key: str) -> None:
    assert employers().resolve(text).key == key
    assert TR.register.resolve(text).key == key


def test_every_organisation_is_found_by_its_own_name_and_code() -> None:
    for each in TR.register:
        assert TR.register.find(each.name) is each
        assert TR.register.find(each.key.lower()) is each


def test_a_place_alone_is_its_trust() -> None:
    for each in TRUSTS:
        assert TR.register.find(each.area) is each


@pytest.mark.parametrize("text", ["", "  ", "&", "...", "CRC", "Community Rehabilitation Company"])
def test_what_is_no_employer(text: str) -> None:
    assert TR.register.find(text) is None
    with pytest.raises(Refused):
        TR.register.resolve(text)


def test_an_unknown_employer_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(Refused, match=r"Lundon.*London Probation Trust \(LDN\)"):
        employers().resolve("Lundon")
    assert employers().unknown("Lundon", suggest=False).endswith("known here")


def test_editions_together_know_what_each_of_them_knows() -> None:
    first = Organisation(key="A", name="Moor Council", area="Moor", kind="council")
    other = Organisation(key="B", name="Fen Council", area="Fen", kind="council")
    later = Organisation(key="A", name="Moor Port", area="Moor port", kind="port")
    both = together((Register([first]), Register([first, other, later])))
    assert list(both) == [first, other, later]
    assert both.resolve("Fen Council") == other
    assert both.resolve("Moor Port") == later
    assert both.resolve("A") == first
