"""How a rulebook holds together, and how an exercise's terms are made from it."""

import re
from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from tests.support.words_2013 import MilestoneName, Route
from transfer.core.dating.calendars import Period
from transfer.core.editions.parts import Clause, ClauseKind
from transfer.core.editions.values import (
    Value,
    ValueType,
    parse_assumption,
    parse_value,
    print_value,
    type_of,
)
from transfer.core.refusals import Malformed, Refused
from transfer.core.rules import RulesInForce
from transfer.core.words import Confidence, Mechanism
from transfer.rulebooks.model import MechanismRule, Rulebook
from transfer.rulebooks.procedure import Draw, RouteRule
from transfer.rulebooks.references import faults
from transfer.rulebooks.supplying import SuppliedValue
from transfer.rulebooks.terms import TermsOfExercise

SAMPLE = Rulebook(
    edition="sample-1",
    title="A sample",
    law=MechanismRule(is_=Mechanism.OMA_STS, by="SA-01"),
    published=False,
    calendar="ew-2013-11",
    clauses=(
        Clause(
            id="SA-01",
            title="Fixed day",
            text="Begins on this day.",
            confidence=Confidence.SOURCE,
            sources=("the letter", "a second letter"),
            value_type=ValueType.DATE,
            value=date(2013, 11, 13),
        ),
        Clause(
            id="SA-02",
            title="Rule without a value",
            text="Assign by the evidence.",
            confidence=Confidence.SOURCE,
            sources=("the letter",),
            rests_on=("SA-03", "SA-05"),
        ),
        Clause(
            id="SA-03",
            title="Share",
            text="At least this share.",
            kind=ClauseKind.PARAMETER,
            confidence=Confidence.NOT_FOUND,
            sources=("looked for",),
            value_type=ValueType.DECIMAL,
            least=Decimal(0),
            most=Decimal(1),
            unknown_because="nobody says",
            document_needed="the criteria",
            needed=True,
            rests_on=("SA-04",),
        ),
        Clause(
            id="SA-04",
            title="Time to appeal",
            text="Within this time.",
            kind=ClauseKind.PARAMETER,
            confidence=Confidence.NOT_FOUND,
            sources=("looked for",),
            value_type=ValueType.PERIOD,
            accepts=("wd", "d"),
            unknown_because="nobody says",
            document_needed="the procedure",
            needed=True,
        ),
        Clause(
            id="SA-05",
            title="Roles",
            text="These roles.",
            kind=ClauseKind.PARAMETER,
            confidence=Confidence.INFERRED,
            sources=("inferred",),
            value_type=ValueType.TEXTS,
            value=("administrator", "secretary"),
        ),
        Clause(
            id="SA-06",
            title="Notice, if there is any",
            text="Not less than this.",
            kind=ClauseKind.PARAMETER,
            confidence=Confidence.NOT_FOUND,
            sources=("looked for",),
            value_type=ValueType.PERIOD,
            unknown_because="nobody says",
            document_needed="the scheme",
        ),
    ),
    routes=(
        RouteRule(id="automatic", clause="SA-01", when="role == 'clerk'", to="'NPS'"),
        RouteRule(
            id="random-administrative",
            clause="SA-01",
            when="listed(role, value['SA-05'])",
            draw=Draw(between=("NPS", "CRC")),
            rests_on=("SA-05",),
        ),
    ),
)
ASSUMED = {"SA-03": "0.5", "SA-04": "10wd"}
DOCUMENT = "Trust's procedure, version 3"


def supplied(value: Value, overriding: str | None = None) -> SuppliedValue:
    return SuppliedValue(value=value, document=DOCUMENT, overriding=overriding)


def refusals(
    given: dict[str, SuppliedValue] | None = None, assumed: dict[str, Value] | None = None
) -> dict[str | None, str]:
    with pytest.raises(Refused) as refused:
        SAMPLE.with_values(given, assumed)
    assert refused.value.clause == refused.value.failures[0].clause
    return {failure.clause: failure.reason for failure in refused.value.failures}


# Terms ------------------------------------------------------------------------------------


def test_the_terms_are_what_core_asks() -> None:
    terms = SAMPLE.with_values(assumed=ASSUMED)
    asked: RulesInForce = terms
    assert asked.calendar.edition == "ew-2013-11"
    assert terms.day("SA-01") == date(2013, 11, 13)
    assert terms.period("SA-04") == Period(amount=10, unit="wd")
    assert terms.share("SA-03") == Decimal("0.5")
    assert terms.texts("SA-05") == ("administrator", "secretary")


def test_every_missing_clause_is_named_with_the_document_it_needs() -> None:
    assert refusals() == {
        "SA-03": "SA-03 (Share) is unknown: nobody says; it needs the criteria",
        "SA-04": "SA-04 (Time to appeal) is unknown: nobody says; it needs the procedure",
    }


def test_every_failing_value_is_named_not_the_first_alone() -> None:
    assert refusals(
        {"SA-02": supplied("x"), "SA-04": supplied("10wd"), "SA-03": supplied(Decimal(2))},
        {"SA-04": "5wd", "ZZ-99": "1", "SA-01": "2013-11-20", "SA-06": "soon"},
    ) == {
        "SA-02": "SA-02 (Rule without a value) states a rule and takes no value",
        "SA-04": "SA-04 is both supplied and assumed",
        "SA-03": "SA-03: 2 is more than 1",
        "ZZ-99": "sample-1 has no clause ZZ-99",
        "SA-01": "SA-01 is fixed at 2013-11-13 by the letter: it cannot be assumed to be otherwise",
        "SA-06": "SA-06: 'soon' is not a period: a whole number from 1 to 999 and its unit, as in "
        "10wd (working days), 15d, 2w, 6m or 3y",
    }


@pytest.mark.parametrize(
    ("clause", "value", "reason"),
    [
        ("SA-03", "half", "'half' is not a decimal number, as in 0.5"),
        ("SA-03", "-0.1", "-0.1 is less than 0"),
        ("SA-03", True, "yes is not a decimal"),
        ("SA-03", Period(amount=3, unit="d"), "3d is not a decimal"),
        ("SA-04", "3y", "3y is not in a unit that it takes (wd, d)"),
        ("SA-04", date(2014, 1, 1), "2014-01-01 is not a period"),
    ],
)
def test_a_value_of_the_wrong_type_or_unit_is_refused(
    clause: str, value: Value, reason: str
) -> None:
    assert refusals(assumed=ASSUMED | {clause: value}) == {clause: f"{clause}: {reason}"}


def test_a_sourced_value_gives_way_only_to_a_document_with_a_reason() -> None:
    other = date(2013, 11, 20)
    assert refusals({"SA-01": supplied(other)}, dict(ASSUMED)) == {
        "SA-01": "SA-01 is fixed at 2013-11-13 by the letter: to depart from it, say why"
    }
    terms = SAMPLE.with_values({"SA-01": supplied(other, "the letter was reissued")}, ASSUMED)
    assert terms.day("SA-01") == other
    assert terms.basis("SA-01").document == (
        f"{DOCUMENT} (departs from the rulebook's source: the letter was reissued)"
    )


def test_an_inferred_value_gives_way_to_a_document_and_to_an_assumption() -> None:
    documented = SAMPLE.with_values({"SA-05": supplied(("clerk",))}, ASSUMED)
    assert documented.texts("SA-05") == ("clerk",)
    assert documented.basis("SA-05").confidence is Confidence.SOURCE
    assumed = SAMPLE.with_values(assumed=ASSUMED | {"SA-05": "clerk, typist"})
    assert assumed.texts("SA-05") == ("clerk", "typist")
    assert assumed.basis("SA-05").assumptions == ("SA-05=clerk, typist",)


def test_a_basis_names_every_assumption_that_it_rests_on() -> None:
    terms = SAMPLE.with_values(assumed=ASSUMED)
    fixed = terms.basis("SA-01")
    assert (fixed.rulebook, fixed.clause, fixed.document) == ("sample-1", "SA-01", "the letter")
    assert (fixed.confidence, fixed.assumptions) == (Confidence.SOURCE, ())
    appeal = terms.basis("SA-04")
    assert (appeal.document, appeal.confidence) == (None, Confidence.NOT_FOUND)
    assert appeal.assumptions == ("SA-04=10wd",)
    # SA-02 rests on SA-03, which rests on SA-04.
    assert terms.basis("SA-02").assumptions == ("SA-03=0.5", "SA-04=10wd")
    # Only the first is cited; all count.
    both = terms.basis("SA-01", "SA-04")
    assert (both.clause, both.assumptions) == ("SA-01", ("SA-04=10wd",))
    assert terms.assumptions == ("SA-03=0.5", "SA-04=10wd")


def test_a_supplied_value_is_sourced_and_no_assumption() -> None:
    terms = SAMPLE.with_values({"SA-04": supplied(Period.parse("10wd"))}, {"SA-03": Decimal("0.5")})
    appeal = terms.basis("SA-04")
    assert (appeal.document, appeal.confidence) == (DOCUMENT, Confidence.SOURCE)
    assert appeal.assumptions == ()
    assert terms.basis("SA-02").assumptions == ("SA-03=0.5",)


def test_a_routes_basis_rests_on_that_route_alone() -> None:
    terms = SAMPLE.with_values(assumed=ASSUMED)
    assert terms.basis_of(Route.AUTOMATIC).confidence is Confidence.SOURCE
    assert terms.basis_of(Route.RANDOM_ADMINISTRATIVE).confidence is Confidence.INFERRED
    with pytest.raises(Refused, match="no route expression-of-interest"):
        terms.basis_of(Route.EXPRESSION_OF_INTEREST)
    with pytest.raises(Refused, match="no milestone 'dissolution': it has none"):
        terms.milestone_basis(MilestoneName.DISSOLUTION)


def test_terms_come_back_from_the_values_that_a_fact_keeps() -> None:
    terms = SAMPLE.with_values({"SA-04": supplied("10wd")}, {"SA-03": 1}, calendar="ew-2020-11")
    again = SAMPLE.with_given(terms.given, calendar="ew-2020-11")
    assert again == terms
    assert again.share("SA-03") == Decimal(1)
    assert again.digest() == terms.digest()
    assert TermsOfExercise.model_validate_json(terms.model_dump_json()) == terms
    assert SAMPLE.with_given(terms.given).digest() != terms.digest()


def test_an_optional_clause_may_stay_unknown() -> None:
    terms = SAMPLE.with_values(assumed=ASSUMED)
    assert not terms.knows("SA-06")
    with pytest.raises(Refused, match="nobody says; it needs the scheme"):
        terms.period("SA-06")
    assert SAMPLE.with_values(assumed=ASSUMED | {"SA-06": "28d"}).knows("SA-06")


def test_a_value_asked_as_what_it_is_not_is_refused() -> None:
    terms = SAMPLE.with_values(assumed=ASSUMED)
    with pytest.raises(Refused, match="SA-01 is not a period"):
        terms.period("SA-01")
    with pytest.raises(Refused, match="states a rule and has no value"):
        terms.day("SA-02")
    with pytest.raises(Refused, match="has no clause ZZ-99"):
        terms.basis("ZZ-99")


def test_an_unknown_calendar_is_refused() -> None:
    with pytest.raises(Refused, match="no calendar edition ew-1999"):
        SAMPLE.with_values(assumed=ASSUMED, calendar="ew-1999")


# Rulebooks --------------------------------------------------------------------------------

UNKNOWN = {
    "id": "SA-07",
    "title": "T",
    "text": "T",
    "kind": "parameter",
    "confidence": "X",
    "sources": ("looked for",),
    "value_type": "period",
    "unknown_because": "nobody says",
    "document_needed": "the procedure",
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sources": ()}, "at least 1 item"),
        ({"unknown_because": None}, "says why"),
        ({"document_needed": None}, "which document would tell"),
        ({"value_type": None}, "of which type"),
        ({"value": "10wd"}, "neither needed nor unknown"),
        ({"value": "soon"}, "is not a period"),
        ({"value": date(2014, 1, 1)}, "is not of the type period"),
        ({"kind": "rule", "needed": True}, "only a parameter can be needed"),
        ({"kind": "rule", "unknown_because": None}, "looked for and not found says so"),
        ({"id": "SA 7"}, "should match pattern"),
    ],
)
def test_a_clause_that_hides_what_it_does_not_know_cannot_be_made(
    change: dict[str, object], reason: str
) -> None:
    Clause.model_validate(UNKNOWN)
    with pytest.raises(ValidationError, match=re.escape(reason)):
        Clause.model_validate(UNKNOWN | change)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"clauses": SAMPLE.clauses * 2}, "SA-01 is given twice"),
        ({"law": MechanismRule(is_=Mechanism.TUPE, by="SA-99")}, "no clause SA-99"),
        ({"clauses": SAMPLE.clauses[:3]}, "no clause SA-04"),
        ({"calendar": "ew-1999"}, "no calendar ew-1999"),
    ],
)
def test_what_does_not_hang_together_is_found(change: dict[str, object], reason: str) -> None:
    assert [fault.reason for fault in faults(SAMPLE)] == []
    found = [fault.reason for fault in faults(SAMPLE.model_copy(update=change))]
    assert any(reason in each for each in found), found


def test_the_digest_is_of_the_whole_content() -> None:
    assert SAMPLE.digest() == Rulebook.model_validate_json(SAMPLE.model_dump_json()).digest()
    whole = SAMPLE.model_dump() | {"title": "Another"}
    assert Rulebook.model_validate(whole).digest() != SAMPLE.digest()


# Values -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "written", "kind"),
    [
        (Period(amount=10, unit="wd"), "10wd", ValueType.PERIOD),
        (date(2014, 6, 1), "2014-06-01", ValueType.DATE),
        (Decimal("0.50"), "0.50", ValueType.DECIMAL),
        (553, "553", ValueType.WHOLE),
        (True, "yes", ValueType.FLAG),
        (False, "no", ValueType.FLAG),
        ("as it stands", "as it stands", ValueType.TEXT),
        (("one", "two words"), "one, two words", ValueType.TEXTS),
    ],
)
def test_a_value_has_one_written_form(value: Value, written: str, kind: ValueType) -> None:
    assert print_value(value) == written
    assert type_of(value) is kind
    read = parse_value(written, kind)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("10", ValueType.PERIOD),
        ("01/06/2014", ValueType.DATE),
        ("2014-02-30", ValueType.DATE),
        ("NaN", ValueType.DECIMAL),
        ("1e9", ValueType.DECIMAL),
        ("1.5", ValueType.WHOLE),
        ("maybe", ValueType.FLAG),
        (" ", ValueType.TEXT),
        (" , ", ValueType.TEXTS),
    ],
)
def test_what_is_not_of_its_type_is_malformed(written: str, kind: ValueType) -> None:
    with pytest.raises(Malformed):
        parse_value(written, kind)


@pytest.mark.parametrize("odd", [1.5, None, Decimal("NaN"), ("a", 1), object()])
def test_no_clause_can_carry_it(odd: object) -> None:
    assert type_of(odd) is None
    with pytest.raises(ValidationError):
        SuppliedValue.model_validate({"value": odd, "document": DOCUMENT})


def test_an_assumption_is_read_from_the_command_line() -> None:
    assert parse_assumption("TR-11b=10wd") == ("TR-11b", "10wd")
    assert parse_assumption(" TR-09b = 2013-11-11 ") == ("TR-09b", "2013-11-11")
    assert parse_assumption("TR-11b@West Mercia=15d") == ("TR-11b@West Mercia", "15d")
    assert parse_assumption("TR-08-admin-roles=clerk, typist")[1] == "clerk, typist"


@pytest.mark.parametrize("text", ["", "TR-11b", "TR-11b=", "=10wd", "TR 11b=10wd"])
def test_what_is_no_assumption_is_malformed(text: str) -> None:
    with pytest.raises(Malformed, match="CLAUSE=VALUE"):
        parse_assumption(text)
