"""The edition tr-2013, against the table of cases and against its own frozen content."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.words_2013 import MilestoneName, Route
from transfer.core.dating.calendars import Calendar, Period
from transfer.core.editions.parts import Clause, ClauseKind
from transfer.core.editions.values import parse_value
from transfer.core.refusals import Refused
from transfer.core.words import Confidence, Mechanism
from transfer.rulebooks import Rulebook, rulebook, shipped
from transfer.rulebooks.procedure import Requirement

TR_2013 = rulebook("tr-2013")

CASES = Path(__file__).parent / "cases" / "tr-2013.md"
GOLDEN = Path(__file__).parents[1] / "golden" / "rulebooks" / "tr-2013.json"

FROZEN_DIGEST = "8e79d5f060e76ae759ef8c5f7823870561545d0cfc0cf9329bc01d0c45a9647f"


def cases(heading: str) -> list[tuple[str, ...]]:
    """The rows of the table under the heading that begins so."""
    section = CASES.read_text(encoding="utf-8").split(f"## {heading}")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table[2:]]


def test_the_published_edition_has_not_changed() -> None:
    """A published edition is frozen: what is learned later goes into a new edition."""
    assert TR_2013.published
    assert TR_2013.model_dump(mode="json") == json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert TR_2013.digest() == FROZEN_DIGEST


def test_an_edition_reads_back_from_its_json() -> None:
    again = Rulebook.model_validate_json(TR_2013.model_dump_json())
    assert again.from_file(TR_2013.source) == TR_2013


@pytest.mark.parametrize(("years", "weeks"), cases("Enhanced voluntary redundancy"))
def test_weeks_of_enhanced_voluntary_redundancy(years: str, weeks: str) -> None:
    terms = TR_2013.with_given(())
    most = terms.decimal("TR-07-cap")
    assert min(terms.decimal("TR-07") * int(years), most) == Decimal(weeks)


@pytest.mark.parametrize(("term", "on", "stood", "clause", "confidence"), cases("Terms on offer"))
def test_how_an_offer_stood(term: str, on: str, stood: str, clause: str, confidence: str) -> None:
    found = TR_2013.standing_on(term, date.fromisoformat(on))
    if stood == "nothing said":
        assert found is None
        return
    assert found is not None
    standing, entry = found
    assert (standing.status, standing.clause, entry.confidence) == (stood, clause, confidence)


@pytest.mark.parametrize(("name", "known", "on", "clause", "confidence"), cases("The plan"))
def test_the_plan_as_it_was_known(
    name: str, known: str, on: str, clause: str, confidence: str
) -> None:
    plan = TR_2013.milestones_known_on(date.fromisoformat(known))
    if on == "not announced":
        assert MilestoneName(name) not in plan
        return
    milestone = plan[MilestoneName(name)]
    assert (str(milestone.on), milestone.clause, milestone.confidence) == (on, clause, confidence)


def test_what_happened() -> None:
    told = [(str(e.on), e.happening, e.clause, e.confidence) for e in TR_2013.chronicle]
    assert told == cases("What happened")


def test_a_milestones_basis_is_the_announcement_of_its_day_and_no_surer_than_that() -> None:
    terms = TR_2013.with_given(())
    transfer = terms.milestone_basis(MilestoneName.TRANSFER)
    assert (transfer.clause, transfer.confidence) == ("TR-03b", Confidence.SOURCE)
    first = terms.milestone_basis(MilestoneName.TRANSFER, date(2014, 4, 1))
    assert (first.clause, first.confidence) == ("TR-03", Confidence.SOURCE)
    own_day = terms.milestone_basis(MilestoneName.TRANSFER, date(2014, 7, 1))
    assert own_day == transfer
    transition = terms.milestone_basis(MilestoneName.PEOPLE_TRANSITION_COMPLETE)
    assert (transition.clause, transition.confidence) == ("TR-03b", Confidence.INFERRED)


def test_every_reset_in_the_chronicle_announces_its_milestones() -> None:
    reset = TR_2013.milestones_announced_on(date(2014, 1, 28))
    assert {(m.name, m.on) for m in reset} == {
        (MilestoneName.TRUSTS_CEASE_TO_EMPLOY, date(2014, 5, 31)),
        (MilestoneName.PEOPLE_TRANSITION_COMPLETE, date(2014, 6, 1)),
        (MilestoneName.TRANSFER, date(2014, 6, 1)),
    }
    superseded = {m.name for m in TR_2013.milestones if m.superseded_by}
    assert superseded == {MilestoneName.PEOPLE_TRANSITION_COMPLETE, MilestoneName.TRANSFER}


def test_what_no_source_gives_is_exactly_this() -> None:
    assert [clause.id for clause in TR_2013.needs()] == [id_ for id_, _ in cases("What no source")]
    for clause in TR_2013.needs():
        assert clause.value is None
        assert clause.confidence is Confidence.NOT_FOUND
        assert clause.unknown_because
        assert clause.document_needed


@pytest.mark.parametrize(("clause_id", "written"), cases("What no source"))
def test_a_needed_clause_takes_the_value_shown(clause_id: str, written: str) -> None:
    clause = TR_2013.clause(clause_id)
    assert clause.value_type is not None
    assert clause.why_not(parse_value(written, clause.value_type)) is None


@pytest.mark.parametrize("clause", TR_2013.clauses, ids=lambda clause: clause.id)
def test_every_clause_has_a_source_and_a_confidence(clause: Clause) -> None:
    assert clause.sources
    assert clause.confidence in Confidence
    assert clause.text
    if clause.confidence is Confidence.NOT_FOUND:
        assert clause.value is None


def test_every_rule_of_the_catalogue_for_2013_and_2014_is_there() -> None:
    numbers = {clause.id[3:5] for clause in TR_2013.clauses if clause.id.startswith("TR-")}
    assert numbers == {f"{number:02}" for number in range(1, 23)}
    lettered = {"TR-03b", "TR-05b", "TR-06b", "TR-06c", "TR-06d", "TR-07b", "TR-07c", "TR-08b"}
    assert lettered | {"TR-09b", "TR-11b", "TR-11c", "CO-01", "CO-02"} <= set(TR_2013.by_id)


def test_routes_are_tried_in_the_order_of_the_guidance() -> None:
    assert [rule.id for rule in TR_2013.routes] == [
        Route.AUTOMATIC,
        Route.LOCAL_EVIDENCE,
        Route.EXPRESSION_OF_INTEREST,
        Route.RANDOM_ADMINISTRATIVE,
    ]
    assert {rule.clause for rule in TR_2013.routes} == {"TR-08", "TR-09"}
    assert [rule.id for rule in TR_2013.routes if rule.draw] == [Route.RANDOM_ADMINISTRATIVE]
    assert TR_2013.clause("TR-08-admin-roles").confidence is Confidence.INFERRED


def test_it_is_a_statutory_scheme_and_not_tupe() -> None:
    assert TR_2013.mechanism is Mechanism.OMA_STS
    assert "not a TUPE transfer" in TR_2013.clause(TR_2013.mechanism_clause).text


def test_only_enhanced_redundancy_waits_for_the_bodies() -> None:
    waiting = [o.term for o in TR_2013.offers if o.requires is Requirement.COLLECTIVE_ENDORSEMENT]
    assert waiting == ["enhanced_voluntary_redundancy"]
    assert TR_2013.offer("no_compulsory_redundancy").until == TR_2013.clause("TR-05").value


def test_the_job_guarantees_day_moved_by_inference_alone() -> None:
    offer = TR_2013.offer("job_guarantee")
    assert (offer.employed_on, offer.employed_on_moved_by) == ("TR-04", "TR-04b")
    assert TR_2013.clause("TR-04").value == date(2014, 3, 31)
    moved = TR_2013.clause("TR-04b")
    assert (moved.value, moved.confidence) == (date(2014, 5, 31), Confidence.INFERRED)


def test_the_published_rates_are_the_clauses_figures() -> None:
    appeals, upheld = TR_2013.rate("appeals"), TR_2013.rate("appeals_upheld")
    assert appeals.count == upheld.out_of == TR_2013.clause("TR-11c").value == 553
    assert appeals.out_of == TR_2013.clause("TR-11c-staff").value == 16_600
    assert upheld.count == TR_2013.clause("TR-11c-upheld").value == 119
    assert round(upheld.share, 3) == Decimal("0.215")
    assert "18 of the 35 Trusts" in (appeals.caveat or "")


def test_the_steps_are_the_windows_that_an_exercise_must_be_given() -> None:
    windows = {window.length.clause for window in TR_2013.windows}
    windows |= {window.panel.length.clause for window in TR_2013.windows if window.panel}
    periods = {c.id for c in TR_2013.needs() if c.value_type == "period"}
    assert windows == periods
    assert all(TR_2013.clause(each).kind is ClauseKind.PARAMETER for each in windows)


def test_its_calendar_gives_the_window_of_a_letter_of_its_first_day() -> None:
    window = Period.parse("10wd").due_after(date(2013, 11, 13), Calendar(TR_2013.calendar))
    assert window == date(2013, 11, 27)


def test_an_unknown_edition_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Refused, match=r"no rulebook tr-1999; there are .*tr-2013"):
        rulebook("tr-1999")
    assert rulebook("tr-2013") is TR_2013
    assert all(edition == book.edition for edition, book in shipped().items())


@pytest.mark.parametrize("ask", ["clause", "offer", "rate"])
def test_what_an_edition_does_not_have_is_refused(ask: str) -> None:
    with pytest.raises(Refused, match=r"tr-2013 .* ZZ-99"):
        getattr(TR_2013, ask)("ZZ-99")
