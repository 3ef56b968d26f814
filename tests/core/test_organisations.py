"""The organisations of 2013-14, and how an employer is found from what a return says."""

from collections import Counter

import pytest

from transfer.core.organisations import (
    BY_KEY,
    CRCS,
    DIVISIONS,
    NPS,
    ORGANISATIONS,
    SECRETARY_OF_STATE,
    TRUSTS,
    OrganisationKind,
    crc_of,
    division_of,
    find_employer,
    legal_employer,
    resolve_employer,
    trusts_of,
    unknown_employer,
)
from transfer.core.refusals import Refused
from transfer.core.words import Confidence


def test_the_catalogue_adds_up() -> None:
    assert (len(TRUSTS), len(CRCS), len(DIVISIONS)) == (35, 21, 7)
    assert len(BY_KEY) == len(ORGANISATIONS)
    assert len({organisation.name for organisation in ORGANISATIONS}) == len(ORGANISATIONS)


def test_every_crc_and_every_division_followed_at_least_one_trust_and_all_35_are_covered() -> None:
    by_crc = Counter(crc_of(trust).organisation.key for trust in TRUSTS)
    assert sorted(by_crc) == [crc.key for crc in CRCS]
    assert by_crc["C13"] == 4
    by_division = Counter(division_of(trust).organisation.key for trust in TRUSTS)
    assert by_division == {"N01": 5, "N02": 7, "N03": 1, "N04": 6, "N05": 7, "N06": 8, "N07": 1}


def test_the_mappings_say_that_they_are_inferred() -> None:
    london = BY_KEY["LDN"]
    assert (crc_of(london).organisation.key, division_of(london).organisation.key) == ("C17", "N07")
    assert crc_of(london).confidence is Confidence.INFERRED
    assert division_of(london).confidence is Confidence.INFERRED


def test_the_way_back_from_successor_to_trusts() -> None:
    assert [trust.key for trust in trusts_of(BY_KEY["C02"])] == ["CMB", "LCS"]
    assert [trust.key for trust in trusts_of(BY_KEY["N03"])] == ["WPT"]
    assert trusts_of(NPS) == TRUSTS


def test_only_a_trust_has_successors() -> None:
    with pytest.raises(Refused, match="not one of the 35 Trusts"):
        crc_of(NPS)


def test_the_nps_employs_nobody_in_law() -> None:
    assert legal_employer(NPS) is SECRETARY_OF_STATE
    assert legal_employer(BY_KEY["N07"]) is SECRETARY_OF_STATE
    assert legal_employer(BY_KEY["C17"]) is BY_KEY["C17"]
    assert NPS.name != SECRETARY_OF_STATE.name
    assert SECRETARY_OF_STATE.confidence is Confidence.GENERAL


def test_a_key_of_our_own_is_told_from_a_code_that_was_seen() -> None:
    unseen = [trust for trust in TRUSTS if trust.key_assumed]
    assert [trust.area for trust in unseen] == ["Bedfordshire", "Avon and Somerset"]
    assert all(len(trust.key) == 4 and trust.code is None for trust in unseen)
    assert all(len(trust.key) == 3 for trust in TRUSTS if not trust.key_assumed)


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
    ],
)
def test_an_employer_is_found_by_name_or_code(text: str, key: str) -> None:
    assert resolve_employer(text).key == key


def test_every_organisation_is_found_by_its_own_name_and_key() -> None:
    for organisation in ORGANISATIONS:
        assert find_employer(organisation.name) is organisation
        assert find_employer(organisation.key) is organisation
        assert find_employer(organisation.key.lower()) is organisation


def test_a_place_alone_is_its_trust() -> None:
    for trust in TRUSTS:
        assert find_employer(trust.area) is trust


def test_an_unknown_employer_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(Refused, match=r"Lundon.*London Probation Trust \(LDN\)"):
        resolve_employer("Lundon")
    assert find_employer("Lundon") is None
    assert unknown_employer("Lundon", suggest=False).endswith("known here")


def test_nothing_is_no_employer() -> None:
    for text in ("", "  ", "&", "..."):
        assert find_employer(text) is None
        with pytest.raises(Refused):
            resolve_employer(text)


def test_kinds_are_as_listed() -> None:
    assert Counter(organisation.kind for organisation in ORGANISATIONS) == {
        OrganisationKind.TRUST: 35,
        OrganisationKind.CRC: 21,
        OrganisationKind.NPS_DIVISION: 7,
        OrganisationKind.REGION: 12,
        OrganisationKind.NPS: 1,
        OrganisationKind.CROWN: 1,
    }


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("N50", "N50"),
        ("n59", "N59"),
        ("South Central", "N59"),
        ("Yorkshire & the Humber Region", "N55"),
        ("National Security Division", "N43"),
        ("N41", "N41"),
        # A place that was a Trust or a CRC means that one; its region says so.
        ("Greater Manchester", "MCG"),
        ("Greater Manchester Region", "N50"),
    ],
)
def test_regions_of_2021_are_found_by_name_and_code(text: str, key: str) -> None:
    assert resolve_employer(text).key == key
    assert legal_employer(BY_KEY["N50"]).key == "SSJ"
