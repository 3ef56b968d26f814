"""A contested fact as a kind of the engine: what each side says, side by side, and how it stands.

Without engines, and without an edition: the kind goes by none.
"""

from datetime import date
from typing import Any

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.matter import facts as t
from transfer.core.matter import late
from transfer.core.matter.late import Done
from transfer.core.matter.no_edition import NONE, NoEdition
from transfer.core.matter.words import Whom
from transfer.core.refusals import AlreadyOnRecord, Malformed
from transfer.core.texts import KEPT_APART
from transfer.kinds import KNOWN
from transfer.procedures.assertion import facts as f
from transfer.procedures.assertion.decisions import (
    Contest,
    ValueKind,
    contest_of,
    kind_of_value,
)
from transfer.procedures.assertion.kind import ASSERTION

PAY = "assertion:vlo-back-pay"
D = date
BEGUN, SAID, LATER, LAST = D(2023, 5, 9), D(2023, 5, 16), D(2023, 6, 1), D(2023, 9, 1)
NAPO: dict[str, Any] = {"party": "Napo", "side": "union"}
EMPLOYER: dict[str, Any] = {"party": "Probation Service", "side": "employer"}


@pytest.fixture
def office() -> Matters:
    found = Matters((ASSERTION,), NoEdition())
    ask(
        found,
        PAY,
        "begin",
        on=BEGUN,
        question="On which day did the job description last change?",
        unions=["Napo"],
    )
    return found


def says(office: Matters, name: str, on: date = SAID, **said: Any) -> Asked:
    given = {"assertion": name, "statement": "It is so.", "value": "2019-07-04", **NAPO} | said
    return ask(office, PAY, "assert", on=on, **given)


def both(office: Matters) -> None:
    says(office, "unions")
    says(office, "employer", value="2021-06-26", **EMPLOYER)


def contest(office: Matters) -> Contest:
    return contest_of(office.state(PAY).whole.substance)


def statuses(office: Matters) -> dict[str, str]:
    return {name: each.status.value for name, each in contest(office).assertions.items()}


def test_it_is_one_of_the_programs_kinds() -> None:
    assert ASSERTION in KNOWN.kinds


# --- what is contested ---------------------------------------------------------------------------


def test_what_is_contested_names_what_it_concerns() -> None:
    office = Matters((ASSERTION,), NoEdition())
    asked = ask(
        office,
        PAY,
        "begin",
        on=BEGUN,
        question="Which day?",
        people=["S1", "S1", "S2"],
        procedure="exercise:tr-2013",
        rulebook="tr-2013",
        clause="TR-08",
    )
    asked.then(f.FactContested).saying(people=("S1", "S2"), edition=NONE)
    assert ASSERTION.sentence(asked.facts[0]) == (
        "contested: Which day? (S1, S2, exercise:tr-2013, clause TR-08 of tr-2013)"
    )


def test_it_is_put_on_record_once(office: Matters) -> None:
    ask(office, PAY, "begin", on=SAID, question="Again?").then_refused(
        because="on record already", kind=AlreadyOnRecord
    )


def test_nothing_is_said_before_something_is_contested() -> None:
    office = Matters((ASSERTION,), NoEdition())
    says(office, "unions").then_refused(because="nothing was contested yet on 2023-05-16")


# --- what each side says -------------------------------------------------------------------------


def test_what_parties_say_stands_side_by_side(office: Matters) -> None:
    both(office)
    found = contest(office).assertions
    assert {name: (each.made.party, each.made.value) for name, each in found.items()} == {
        "unions": ("Napo", "2019-07-04"),
        "employer": ("Probation Service", "2021-06-26"),
    }
    assert statuses(office) == {"unions": "asserted", "employer": "asserted"}
    assert contest(office).is_contested


def test_two_parties_of_one_side_may_say_different_things(office: Matters) -> None:
    says(office, "hq", value="2019-12-01")
    says(office, "cymru", value="2019-12-02", party="Napo Cymru")
    assert contest(office).is_contested


def test_the_same_said_by_both_is_not_contested(office: Matters) -> None:
    says(office, "unions")
    says(office, "employer", **EMPLOYER)
    assert not contest(office).is_contested


def test_what_was_said_in_the_same_words_is_said_already(office: Matters) -> None:
    says(office, "unions")
    says(office, "unions", on=LATER).then_nothing()


def test_a_name_means_one_assertion(office: Matters) -> None:
    says(office, "unions")
    says(office, "unions", value="2019-07-05").then_refused(
        because="unions is what Napo asserted on 2023-05-16"
    )


def test_what_has_no_name_gets_the_next_number(office: Matters) -> None:
    says(office, "1")
    asked = ask(office, PAY, "assert", on=LATER, statement="Otherwise.", **EMPLOYER)
    asked.then(f.AssertionMade).saying(assertion="2")


def test_words_of_staff_are_never_taken_for_said_already(office: Matters) -> None:
    """All of them read alike in the record: they lie in the vault."""
    theirs: dict[str, Any] = {"assertion": "mine", "staff_number": "S1", "statement": KEPT_APART}
    ask(office, PAY, "assert", on=SAID, **theirs).then(f.AssertionMade).saying(
        party="S1", side=f.PartySide.STAFF
    )
    ask(office, PAY, "assert", on=LATER, **theirs).then_refused(because="another name")


@pytest.mark.parametrize(
    ("who", "because"),
    [
        pytest.param({}, "say who says it", id="nobody"),
        pytest.param({**NAPO, "staff_number": "S1"}, "say who says it", id="two"),
        pytest.param({"party": "Napo"}, "say on which side", id="no-side"),
        pytest.param({"party": "S1", "side": "staff"}, "say on which side", id="staff-by-name"),
        pytest.param(
            {"staff_number": "S1", "side": "union"}, "on the side staff", id="staff-as-a-union"
        ),
    ],
)
def test_one_party_says_it_on_its_side(office: Matters, who: dict[str, Any], because: str) -> None:
    ask(office, PAY, "assert", on=SAID, statement="It is so.", **who).then_refused(because=because)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("", None),
        ("2019-07-04", ValueKind.DATE),
        ("2019-02-30", ValueKind.TEXT),
        ("150.00", ValueKind.AMOUNT),
        ("-3", ValueKind.AMOUNT),
        ("NaN", ValueKind.TEXT),
        ("about £150", ValueKind.TEXT),
    ],
)
def test_a_value_is_a_day_an_amount_or_a_text(value: str, kind: ValueKind | None) -> None:
    assert kind_of_value(value) is kind


def test_of_staff_a_value_is_no_text(office: Matters) -> None:
    asked = ask(
        office, PAY, "assert", on=SAID, statement=KEPT_APART, value="my view", staff_number="S1"
    )
    asked.then_refused(because="the value is a day or an amount")
    asked = ask(
        office, PAY, "assert", on=SAID, statement=KEPT_APART, value="150.00", staff_number="S1"
    )
    asked.then(f.AssertionMade).saying(value="150.00")


def test_what_is_said_is_said_in_words(office: Matters) -> None:
    asked = ask(office, PAY, "assert", on=SAID, statement=" ", **NAPO)
    asked.then_refused(kind=Malformed)


# --- how it stands -------------------------------------------------------------------------------


def test_disputed_until_clarified(office: Matters) -> None:
    both(office)
    ask(office, PAY, "dispute", on=LATER, assertion="employer", **NAPO).then(f.AssertionDisputed)
    assert statuses(office) == {"unions": "asserted", "employer": "disputed"}
    ask(office, PAY, "dispute", on=LATER, assertion="employer", **NAPO).then_nothing()
    ask(office, PAY, "clarify", on=LAST, assertion="employer", statement="Both days count.").then(
        f.AssertionClarified
    )
    assert statuses(office) == {"unions": "asserted", "employer": "clarified"}
    assert not contest(office).assertions["employer"].disputed
    ask(
        office, PAY, "clarify", on=LAST, assertion="employer", statement="Both days count."
    ).then_nothing()


def test_what_was_clarified_may_be_disputed_again(office: Matters) -> None:
    both(office)
    ask(office, PAY, "clarify", on=LATER, assertion="employer", statement="So.")
    ask(office, PAY, "dispute", on=LAST, assertion="employer", **NAPO).then(f.AssertionDisputed)
    assert statuses(office)["employer"] == "disputed"


def test_nobody_disputes_what_they_assert(office: Matters) -> None:
    both(office)
    ask(office, PAY, "dispute", on=LATER, assertion="unions", **NAPO).then_refused(
        because="withdraw it instead"
    )


def test_another_takes_its_place(office: Matters) -> None:
    both(office)
    given: dict[str, Any] = {"assertion": "employer", "superseded_by": "unions"}
    ask(office, PAY, "supersede", on=LATER, **given).then(f.AssertionSuperseded)
    ask(office, PAY, "supersede", on=LATER, **given).then_nothing()
    assert contest(office).fallen() == {"employer": "was superseded on 2023-06-01 by unions"}
    assert contest(office).is_over
    back: dict[str, Any] = {"assertion": "unions", "superseded_by": "employer"}
    ask(office, PAY, "supersede", on=LAST, **back).then_refused(because="was superseded")
    itself: dict[str, Any] = {"assertion": "unions", "superseded_by": "unions"}
    ask(office, PAY, "supersede", on=LAST, **itself).then_refused(because="its own place")


def test_only_its_party_takes_it_back(office: Matters) -> None:
    both(office)
    ask(office, PAY, "withdraw", on=LATER, assertion="employer", **NAPO).then_refused(
        because="Napo cannot withdraw it"
    )
    ask(office, PAY, "withdraw", on=LATER, assertion="unions", **NAPO).then(f.AssertionWithdrawn)
    ask(office, PAY, "withdraw", on=LATER, assertion="unions", **NAPO).then_nothing()
    ask(office, PAY, "clarify", on=LAST, assertion="unions", statement="So.").then_refused(
        because="was withdrawn on 2023-06-01"
    )


@pytest.mark.parametrize("act", ["dispute", "clarify", "withdraw"])
def test_what_nobody_has_asserted_cannot_be_spoken_of(office: Matters, act: str) -> None:
    both(office)
    more: dict[str, Any] = {"statement": "So."} if act == "clarify" else {}
    who: dict[str, Any] = {} if act == "clarify" else NAPO
    ask(office, PAY, act, on=LATER, assertion="board", **more, **who).then_refused(
        because="by 2023-06-01 nobody had asserted board: there are unions, employer"
    )


def test_it_is_contested_until_one_is_left(office: Matters) -> None:
    assert not contest(office).is_over
    both(office)
    assert not contest(office).is_over
    ask(office, PAY, "withdraw", on=LATER, assertion="unions", **NAPO)
    assert contest(office).is_over


# --- who reads it --------------------------------------------------------------------------------


def test_unions_take_part_unless_it_is_about_people(office: Matters) -> None:
    says(office, "gmb", party="GMB")
    assert contest(office).bodies == ("Napo", "GMB")
    of_people = Matters((ASSERTION,), NoEdition())
    ask(of_people, PAY, "begin", on=BEGUN, question="?", people=["S1"], unions=["Napo"])
    assert contest(of_people).bodies == ()
    assert contest(of_people).people == ("S1",)


# --- what rests on it ----------------------------------------------------------------------------


def test_what_rests_on_it_is_known_by_person_or_as_a_whole(office: Matters) -> None:
    both(office)
    for people in ([], ["S1", "S2"], ["S1"]):
        rely(office, people)
    assert contest(office).resting("unions") == (
        Whom("exercise:tr-2013"),
        Whom("exercise:tr-2013", None, "S1"),
        Whom("exercise:tr-2013", None, "S2"),
    )
    assert contest(office).resting("employer") == contest(office).resting("board") == ()


def test_what_rests_on_it_is_said_in_a_sentence(office: Matters) -> None:
    both(office)
    said = "extend-window in exercise:tr-2013{} rests on unions"
    for people, whom in (([], ""), (["S1"], " for S1"), (["S1", "S2"], " for 2 people")):
        assert ASSERTION.sentence(rely(office, people)) == said.format(whom)


def rely(office: Matters, people: list[str]) -> t.MatterFact:
    inputs = {
        "assertion": "unions",
        "procedure": "exercise:tr-2013",
        "act": "extend-window",
        "people": people,
    }
    done = Done(by="office", today=LATER, happened_on=LATER)
    world = office.world(None, PAY)
    new = late.record(world, matter=PAY, act="rely-on", inputs=inputs, done=done)
    return office.append(new)[0]


# --- late knowledge ------------------------------------------------------------------------------


def test_a_late_assertion_stands_where_it_was_said(office: Matters) -> None:
    says(office, "employer", on=LATER, **EMPLOYER)
    said: dict[str, Any] = {"assertion": "unions", "statement": "So.", **NAPO}
    late_ = ask(office, PAY, "assert", on=SAID, today=LAST, **said)
    late_.then(f.AssertionMade).saying(happened_on=SAID, learned_on=LAST)
    assert list(contest(office).assertions) == ["unions", "employer"]
    assert not office.duties(PAY)


def test_a_dispute_of_what_had_been_withdrawn_is_to_be_settled(office: Matters) -> None:
    both(office)
    ask(office, PAY, "dispute", on=LATER, assertion="employer", **NAPO)
    new = office.decided(PAY, "withdraw", on=SAID, today=LAST, assertion="employer", **EMPLOYER)
    office.append(new)
    (duty,) = office.duties(PAY).values()
    assert duty.step == "dispute"
    assert statuses(office)["employer"] == "withdrawn"
    office.redo_everything(LAST, PAY)
    assert statuses(office)["employer"] == "withdrawn"
