"""The editions that ship: frozen content, their plans, and what they do not know."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from transfer.core.refusals import Refused
from transfer.core.words import Confidence, Facet, Mechanism
from transfer.procedures.choice.edition import Choice
from transfer.rulebooks import Rulebook, rulebook, shipped
from transfer.rulebooks.comparing import changes_between
from transfer.rulebooks.in_force import binding
from transfer.rulebooks.loading import load_edition

GOLDEN = Path(__file__).parents[1] / "golden" / "rulebooks"
PROGRAM = Path(__file__).parents[2] / "transfer"

EDITIONS = (
    "agreements-2021",
    "consultation-law",
    "covid-2020",
    "crc-owners-2015",
    "dfp-2021",
    "e3-2016",
    "employment-particulars",
    "grievances-2013",
    "job-evaluation-2016",
    "liability-2006",
    "omic-2018",
    "omic-2020",
    "prison-pay-2012",
    "redundancy-2014",
    "reunification-2021",
    "reunification-2021.2",
    "reunification-pay-2021",
    "spo-2022",
    "spo-authority-2022",
    "surrey-2027",
    "surrey-2027.2",
    "tr-2013",
    "tr-2013.2",
    "tr-2013.3",
    "tr-cases-2014",
    "transfer-plans",
    "tribunal-limits",
    "tupe-2006",
    "visor-2017",
    "working-links-2019",
)


def test_these_editions_ship() -> None:
    assert tuple(shipped()) == EDITIONS


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_published_edition_has_not_changed(edition: str) -> None:
    book = rulebook(edition)
    if not book.published:
        assert not (GOLDEN / f"{edition}.json").exists()
        return
    golden = json.loads((GOLDEN / f"{edition}.json").read_text(encoding="utf-8"))
    assert book.model_dump(mode="json") == golden


@pytest.mark.parametrize("edition", EDITIONS)
def test_an_edition_passes_its_own_check_and_reads_back(edition: str) -> None:
    book = rulebook(edition)
    checked = load_edition(book.source)
    assert checked == book
    assert checked.digest() == book.digest()
    assert checked.edition == edition
    again = Rulebook.model_validate_json(book.model_dump_json())
    assert again.from_file(book.source) == book


@pytest.mark.parametrize("edition", EDITIONS)
def test_what_is_not_found_is_unknown_with_the_document_that_would_tell(edition: str) -> None:
    for clause in rulebook(edition).clauses:
        assert clause.sources, clause.id
        assert clause.text, clause.id
        if clause.confidence is Confidence.NOT_FOUND:
            assert clause.value is None, clause.id
            assert clause.unknown_because, clause.id
            assert clause.document_needed, clause.id
        if clause.needed:
            assert clause.suggested_for_rehearsal is not None, f"no rehearsal: {clause.id}"


@pytest.mark.parametrize("edition", EDITIONS)
def test_an_exercise_opens_on_the_values_proposed_and_not_without(edition: str) -> None:
    book = rulebook(edition)
    assert book.with_values(assumed=book.suggested()).edition == edition
    if book.needs():
        with pytest.raises(Refused) as refused:
            book.with_values()
        assert {failure.clause for failure in refused.value.failures} == {
            c.id for c in book.needs()
        }


def test_no_line_of_the_program_names_an_edition() -> None:
    editions = [each for each in EDITIONS if each != "tr-2013"]
    texts = {path: path.read_text(encoding="utf-8") for path in PROGRAM.rglob("*.py")}
    named = [(path, each) for path, text in texts.items() for each in editions if each in text]
    assert named == []


# --- tr-2013.2 ----------------------------------------------------------------------------------

AGAIN = rulebook("tr-2013.2")


def test_what_it_puts_right_in_words() -> None:
    told = "".join(f"{each}\n" for each in changes_between(rulebook("tr-2013"), AGAIN))
    assert told == (GOLDEN / "tr-2013-to-tr-2013.2.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("known_on", "transfer", "people_complete"),
    [
        (date(2013, 11, 13), date(2014, 4, 1), date(2014, 4, 1)),
        (date(2014, 1, 16), date(2014, 4, 1), date(2014, 4, 1)),
        (date(2014, 1, 17), date(2014, 6, 1), date(2014, 4, 1)),
        (date(2014, 5, 1), date(2014, 6, 1), date(2014, 4, 1)),
    ],
)
def test_the_transfer_moved_and_the_allocation_did_not(
    known_on: date, transfer: date, people_complete: date
) -> None:
    plan = AGAIN.milestones_known_on(known_on)
    assert plan["transfer"].on == transfer
    assert plan["people-transition-complete"].on == people_complete


def test_every_trust_may_have_its_own_time_to_appeal() -> None:
    others = {key: value for key, value in AGAIN.suggested().items() if key != "TR-11b"}
    each = {f"TR-11b@{trust.name}": "10wd" for trust in AGAIN.transferors}
    each["TR-11b@London Probation Trust"] = "5wd"
    terms = AGAIN.with_values(assumed={**others, **each})
    assert str(terms.period("TR-11b", "London Probation Trust")) == "5wd"
    assert str(terms.period("TR-11b", "Wales Probation Trust")) == "10wd"


def test_a_trust_without_its_time_keeps_the_exercise_from_opening() -> None:
    others = {key: value for key, value in AGAIN.suggested().items() if key != "TR-11b"}
    each = {f"TR-11b@{trust.name}": "10wd" for trust in AGAIN.transferors[1:]}
    with pytest.raises(Refused, match="one for each transferor: TR-11b@TRANSFEROR") as refused:
        AGAIN.with_values(assumed={**others, **each})
    assert refused.value.clause == "TR-11b"


def test_only_a_clause_that_each_sets_is_met_trust_by_trust() -> None:
    each = {f"TR-10-response@{trust.name}": "5wd" for trust in AGAIN.transferors}
    others = {key: value for key, value in AGAIN.suggested().items() if key != "TR-10-response"}
    with pytest.raises(Refused, match="TR-10-response"):
        AGAIN.with_values(assumed={**others, **each})


def test_appeals_are_measured_against_the_trusts_that_were_counted() -> None:
    rate = AGAIN.rate("appeals")
    assert rate.out_of == AGAIN.clause("TR-11c-staff-18").value == 16_600 * 18 // 35
    assert round(rate.share, 3) == Decimal("0.065")
    assert rate.confidence is Confidence.INFERRED


@pytest.mark.parametrize(
    ("to", "clause", "told_to"),
    [
        ("CRC", "TR-14-company", "the Community Rehabilitation Company"),
        ("NPS", "TR-14-crown", "the Secretary of State for Justice"),
    ],
)
def test_the_path_of_an_objection_hangs_on_where_the_move_leads(
    to: str, clause: str, told_to: str
) -> None:
    assert AGAIN.objection_to(to) == clause
    path = next(each for each in AGAIN.objections if to in each.to)
    assert told_to in path.told_to


def test_where_no_path_is_given_there_is_one_objection_or_none() -> None:
    assert rulebook("tr-2013").objection_to("CRC") == "TR-14"
    assert rulebook("spo-2022").objection_to("prison") is None


def test_the_agreement_was_ratified_between_two_days() -> None:
    entry = next(each for each in AGAIN.chronicle if each.happening == "ratification")
    assert entry.earliest == AGAIN.clause("TR-06d-first").value == date(2014, 1, 27)
    assert entry.latest == AGAIN.clause("TR-06d-last").value == date(2014, 1, 31)
    assert entry.confidence is Confidence.INFERRED


def test_ten_weeks_notice_to_the_trusts_was_due_by_22_march() -> None:
    notice = AGAIN.with_given(()).period("TR-25")
    assert notice.latest_notice_of(date(2014, 5, 31), AGAIN.with_given(()).calendar) == (
        AGAIN.clause("TR-25-last").value
    )


# --- tr-2013.3 ----------------------------------------------------------------------------------

GIVES = rulebook("tr-2013.3")


def test_the_third_edition_changes_no_rule_of_the_second() -> None:
    told = [f"{each}" for each in changes_between(AGAIN, GIVES)]
    assert not [each for each in told if not re.search("^The title|^New| is new", each)]
    assert all(each in GIVES.clauses for each in AGAIN.clauses)


def test_nobody_is_moved_without_the_scheme_and_consultation() -> None:
    terms = binding(GIVES.with_values(assumed=GIVES.suggested()))
    shut = terms.gate("transfer", is_consulted_on=False)
    assert {failure.clause for failure in shut} == {"TR-12", "TR-18"}
    there = {"Staff transfer scheme 2014"}
    assert not terms.gate("transfer", is_consulted_on=True, documents=there)


def test_what_depends_on_length_of_service_is_kept_up_to_the_sale() -> None:
    part = GIVES.part(Choice)
    grant = part.scheme("posts-in-the-nps").option("take-post", "company-staff").grants[0]
    assert GIVES.clause(grant.before or "").value == date(2015, 2, 1)
    assert GIVES.clause(grant.afterwards or "").value is None


# --- spo-2022 -----------------------------------------------------------------------------------

SPO = rulebook("spo-2022")


def test_only_the_line_manager_changes() -> None:
    assert SPO.mechanism is Mechanism.LINE_MGMT_ONLY
    region = SPO.transferors[0]
    changes = SPO.changes("prison", region, {"new_line_manager": "G2001"})
    assert changes == {Facet.LINE_MANAGER: "G2001"}
    with pytest.raises(Refused, match="new_line_manager"):
        SPO.changes("prison", region, {})


def test_each_region_has_a_day_of_its_own() -> None:
    own = {each.transferors: each for each in SPO.milestones if each.transferors}
    assert len(own) == len(SPO.transferors) == 12
    assert {each.clause for each in own.values()} == {"SP-03-day"}


def test_who_decides_a_formal_case_is_unknown() -> None:
    clause = SPO.clause("SP-05")
    assert clause.value is None
    assert "guidance document missing" in (clause.unknown_because or "")


# --- surrey-2027 --------------------------------------------------------------------------------

SURREY = rulebook("surrey-2027")


def test_eleven_councils_have_one_successor_and_the_county_has_two() -> None:
    counts = {name: len(to) for name, to in SURREY.succeeded_by.items()}
    assert counts.pop("Surrey County Council") == 2
    assert set(counts.values()) == {1}
    assert len(counts) == 11


def test_liability_information_is_due_28_days_before() -> None:
    terms = SURREY.with_values(assumed=SURREY.suggested())
    vesting = SURREY.clause("LG-01").value
    assert isinstance(vesting, date)
    due = terms.period("TU-16").latest_notice_of(vesting, terms.calendar)
    assert due == date(2027, 3, 4)


def test_the_second_edition_of_surrey_adds_liability_information_and_no_more() -> None:
    told = "".join(f"{each}\n" for each in changes_between(SURREY, rulebook("surrey-2027.2")))
    assert told == (GOLDEN / "surrey-2027-to-surrey-2027.2.txt").read_text(encoding="utf-8")


# --- reunification-2021 -------------------------------------------------------------------------

REUNITED = rulebook("reunification-2021")


def test_an_appeal_is_due_15_working_days_from_the_date_of_the_letter() -> None:
    terms = REUNITED.with_values(assumed=REUNITED.suggested())
    due = terms.period("RE-01-appeal").due_after(date(2020, 8, 25), terms.calendar)
    assert due == date(2020, 9, 16)


def test_the_transfer_was_planned_for_a_day_earlier() -> None:
    assert REUNITED.milestones_known_on(date(2020, 10, 6))["transfer"].on == date(2021, 6, 25)
    assert REUNITED.milestones_known_on(date(2021, 6, 26))["transfer"].on == date(2021, 6, 26)
    assert REUNITED.clause("RE-02-day").disputes == "RE-03"


def test_the_end_of_role_alignment_appeals_was_reset_twice() -> None:
    window = next(each for each in REUNITED.windows if each.id == "role-alignment")
    ends = [(REUNITED.clause(each.clause).value, each.to) for each in window.resets]
    assert ends == [(date(2021, 6, 4), ()), (date(2021, 7, 9), ("moj-functions",))]
    assert str(REUNITED.clause(window.length.clause).value) == "5d"


def test_there_is_no_band_1_to_transfer_to() -> None:
    band = next(each for each in REUNITED.evidence if each.name == "new_band")
    assert "1" not in band.choices
    assert REUNITED.clause("RE-05").value == "2"


def test_nobody_on_band_1_is_sent_over_as_they_are() -> None:
    book = rulebook("reunification-2021.2")
    assert [each.id for each in book.routes if each.id not in {r.id for r in REUNITED.routes}] == [
        "from-band-1"
    ]
    for route in ("old-terms", "no-match"):
        assert book.route(route).when == f"band != '1' && {REUNITED.route(route).when}"


def test_old_terms_stay_where_the_return_gives_no_new_ones() -> None:
    company = REUNITED.transferor("London CRC")
    assert company is not None
    moved = {
        Facet.EMPLOYER: "Secretary of State for Justice",
        Facet.UNIT: "Probation Service London Region",
    }
    assert REUNITED.changes("london", company, {}) == moved
    aligned = {"new_band": "3", "new_pay_point": "2"}
    assert REUNITED.changes("london", company, aligned) == {
        **moved,
        Facet.BAND: "3",
        Facet.PAY_POINT: "2",
    }


def test_the_excess_is_protected_for_three_years() -> None:
    grant = next(each for each in REUNITED.grants if each.term == "pay_protection")
    assert grant.routes == ("assimilated-above-the-band",)
    assert grant.length is not None
    assert str(REUNITED.clause(grant.length.clause).value) == "3y"
    assert REUNITED.clause("RE-04-last-day").value == date(2024, 6, 25)
