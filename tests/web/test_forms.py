"""Forms made from models: every act has one, and what is filled in is what is read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from transfer.commands.acts.given import ActGiven, example_body, people_of
from transfer.commands.acts.offered import Offered, offered
from transfer.core.matter.words import Named
from transfer.core.refusals import Malformed
from transfer.kinds import KNOWN
from transfer.web.frame import forms
from transfer.web.frame.forms import Choice, Field, Form, How, checked, filled, form_of, read

ACTS = {f"{each.kind} {each.name}": each for each in offered(KNOWN.kinds)}
PEOPLE = ("staff_number", "staff_numbers")
DUTY = "018f3c5e-7d4a-7b1e-9f00-0a1b2c3d4e5f"

# How long it takes says how busy the machine is, and nothing of the forms.
_FEW = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def every_act(test: Callable[[Offered], None]) -> Callable[[str], None]:
    """A test of each act, for one kind at a time; what fails says of which act."""

    def of_each(kind: str) -> None:
        for name, act in ACTS.items():
            if act.kind == kind:
                try:
                    test(act)
                except Exception as failed:
                    failed.add_note(f"the form of {name}")
                    raise

    return pytest.mark.parametrize("kind", [each.name for each in KNOWN.kinds])(of_each)


def form(act: str) -> Form[ActGiven]:
    return form_of(ACTS[act].body, act)


def of(act: Offered) -> Form[ActGiven]:
    return form(f"{act.kind} {act.name}")


# --- every act ----------------------------------------------------------------------------------


@every_act
def test_the_form_of_an_act_asks_all_that_its_body_takes(act: Offered) -> None:
    asked = {each.name for each in of(act).fields}
    folded = {"staff_number"} if "staff_numbers" in asked else set()
    assert asked == set(act.body.model_fields) - folded


@every_act
def test_no_two_fields_of_a_form_are_called_the_same(act: Offered) -> None:
    labels = [each.label for each in of(act).fields]
    assert sorted(set(labels)) == sorted(labels)


@every_act
def test_a_form_is_worded_for_people(act: Offered) -> None:
    def words(fields: tuple[Field, ...]) -> list[str]:
        own = [text for each in fields for text in (each.label, each.hint)]
        chosen = [choice.text for each in fields for choice in each.choices]
        return [*own, *chosen, *(text for each in fields for text in words(each.fields))]

    said = words(of(act).fields)
    plain = [text.partition("For example, ")[0] for text in said]
    assert not [text for text in plain if "_" in text or "`" in text]
    assert not [each.name for each in of(act).fields if not each.label]


@every_act
def test_the_example_of_an_act_is_read_back_from_its_form(act: Offered) -> None:
    body = act.body.model_validate(example_body(act.name, act.body))
    found = read(of(act), filled(of(act), body).items())
    assert found.errors == {}
    assert found.body is not None
    assert people_of(found.body) == people_of(body)
    folded = PEOPLE if "staff_numbers" in act.body.model_fields else ()
    assert found.body.model_dump(exclude=set(folded)) == body.model_dump(exclude=set(folded))


NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
SENTENCES = (
    st.text(st.characters(exclude_categories=("Cc", "Cs")) | st.just("\n"), min_size=1)
    .map(str.strip)
    .filter(bool)
)


def values_of(made: Field) -> st.SearchStrategy[Any]:
    """Values that a field may have, as its model takes them."""
    match made.how:
        case How.DAY:
            return st.dates()
        case How.TEXT:
            return SENTENCES
        case How.NUMBER:
            return st.integers(1, 30)
        case How.CHOICE:
            return st.sampled_from([each.value for each in made.choices])
        case How.LINES if made.name == "rests_on":
            refs = st.tuples(NAMES, NAMES).map(lambda two: "assertion:{}/{}".format(*two))
            return st.lists(refs, min_size=1, max_size=3).map(tuple)
        case How.LINES:
            return st.lists(NAMES, min_size=1, max_size=3).map(tuple)
        case How.SEVERAL:
            chosen = st.sampled_from([each.value for each in made.choices])
            order = [each.value for each in made.choices]
            return st.sets(chosen, min_size=1).map(
                lambda found: tuple(sorted(found, key=order.index))
            )
        case How.SPAN:
            two = st.lists(st.dates(), min_size=2, max_size=2).map(sorted).map(tuple)
            return two | st.tuples(st.dates(), st.none())
        case How.GROUP:
            return rows_of(made).filter(bool)
        case How.ROWS if made.pairs:
            _, value = made.fields
            keys = st.uuids() if made.name == "later" else NAMES
            return st.dictionaries(keys, values_of(value), min_size=1, max_size=3)
        case How.ROWS:
            return st.lists(rows_of(made), min_size=1, max_size=3).map(tuple)
        case How.EITHER:
            return st.one_of([values_of(each) for each in made.fields])
        case _ if made.name == "digest":
            return st.binary(min_size=32, max_size=32).map(bytes.hex)
        case _ if made.name in ("procedure", "against"):
            return NAMES.map(lambda name: f"exercise:{name}")
        case _:
            return st.uuids() if made.name == "duty" else NAMES


def validated(
    model: type[ActGiven], values: Mapping[str, Any]
) -> tuple[ActGiven | None, list[tuple[int | str, ...]]]:
    """A body, or where it is wrong; `()` where the rules between fields are not kept."""
    try:
        return model.model_validate(values), []
    except ValidationError as error:
        return None, [each["loc"] for each in error.errors()]


def rows_of(made: Form[Any] | Field) -> st.SearchStrategy[dict[str, Any]]:
    """What a form or a group may be given: all that it needs, and some of the rest."""
    needed = {each.name: values_of(each) for each in made.fields if each.required}
    rest = {each.name: values_of(each) for each in made.fields if not each.required}
    return st.fixed_dictionaries(needed, optional=rest)


@every_act
@_FEW
@given(st.data())
def test_what_is_filled_in_is_read_back(act: Offered, data: st.DataObject) -> None:
    values = data.draw(rows_of(of(act)))
    body, wrong = validated(act.body, values)
    assert set(wrong) <= {()}, "each field is right by itself"
    assume(body is not None)
    assert body is not None
    found = read(of(act), filled(of(act), body).items())
    assert found.errors == {}
    assert found.body == body


@every_act
@_FEW
@given(st.data())
def test_whatever_is_typed_gives_a_body_or_says_what_is_wrong(
    act: Offered, data: st.DataObject
) -> None:
    inputs = sorted(inputs_of(of(act).fields))
    typed = data.draw(st.dictionaries(st.sampled_from(inputs), st.text(max_size=8) | NAMES))
    found = read(of(act), typed.items())
    assert (found.body is None) == bool(found.errors)
    assert set(found.errors) <= {*inputs, ""}
    assert all(text and "_" not in text.partition("“")[0] for text in found.errors.values())


def inputs_of(fields: tuple[Field, ...], before: str = "") -> set[str]:
    """The names of the inputs of a form, with two rows where there are several."""
    found: set[str] = set()
    for each in fields:
        at = before + each.name
        match each.how:
            case How.DAY:
                found |= {f"{at}-{part}" for part in ("day", "month", "year")}
            case How.SEVERAL:
                found |= {f"{at}-{choice.value}" for choice in each.choices}
            case How.GROUP | How.SPAN:
                found |= inputs_of(each.fields, f"{at}-")
            case How.ROWS:
                found |= inputs_of(each.fields, f"{at}-0-") | inputs_of(each.fields, f"{at}-1-")
            case How.EITHER:
                first, other = each.fields
                found |= inputs_of((first,), before)
                found |= {
                    f"{at}-each" + name.removeprefix(at) for name in inputs_of((other,), before)
                }
            case _:
                found.add(at)
    return found


# --- reading ------------------------------------------------------------------------------------

MILESTONE = {"milestone": "transfer", "to-day": "1", "to-month": "6", "to-year": "2014"}
SOMEBODY = {"staff_numbers": "S1"}


@pytest.mark.parametrize(
    ("act", "typed", "at", "says"),
    [
        ("exercise move-milestone", {"milestone": ""}, "milestone", "Fill in “Day of the plan"),
        ("exercise move-milestone", {"milestone": "a b"}, "milestone", "must begin with a letter"),
        ("exercise move-milestone", {"to-month": ""}, "to-month", "New day must include a month"),
        ("exercise move-milestone", {"to-day": "", "to-year": " "}, "to-day", "a day and a year"),
        ("exercise move-milestone", {"to-day": "31"}, "to-day", "a real date, like 31 3 2014"),
        ("exercise move-milestone", {"to-month": "Juno"}, "to-day", "must be a real date"),
        ("exercise move-milestone", {"to-year": "14"}, "to-year", "a year of 4 numbers"),
        ("exercise move-milestone", {"to-day": "١"}, "to-day", "must be a real date"),  # noqa: RUF001 - a digit of another script
        ("exercise join", {"staff_numbers": "S1\nS 2"}, "staff_numbers", "“S 2” must begin with"),
        ("exercise join", {"staff_numbers": "S1, S2"}, "staff_numbers", "“S1, S2” must begin"),
        ("exercise object", SOMEBODY, "told_to", "Choose an answer for “Who was told of it”"),
        ("exercise object", {"told_to": "me"}, "told_to", "choose one of the list"),
        ("exercise settle", {"duty": "7", "decision": "redo"}, "duty", "must be a reference"),
        ("exercise settle", {"duty": DUTY, "decision": "moot"}, "decision", "choose one of"),
        ("exercise set-scope", {}, "", "Say by which criterion, or name staff numbers"),
        ("exercise issue-letters", {"group": "A", **SOMEBODY}, "", "Say whose: group, staff"),
        ("consultation begin", {"bodies": "\n \n"}, "bodies", "Fill in “Bodies to consult”"),
        ("exercise form-group", {}, "letters_on-day", "Fill in “Day the letters go out”"),
        (
            "exercise form-group",
            {
                **{f"letters_on-{part}": "10" for part in ("day", "month")},
                "letters_on-year": "2013",
                "letters_on-each-0-name": "sifted",
                "letters_on-each-0-value-day": "1",
                "letters_on-each-0-value-month": "12",
                "letters_on-each-0-value-year": "2013",
            },
            "letters_on-day",
            "fill in one of the two",
        ),
        ("exercise begin", {"values-1-value": "10wd"}, "values-1-clause", "Fill in “Clause”"),
        ("exercise begin", {"milestones-0-name": "a"}, "milestones-0-value-day", "Fill in “Date”"),
        ("exercise begin", {"later-2-name": "x", "later-2-value": "redo"}, "later-2-name", "refe"),
        ("exercise begin", {"later-0-value": "redo"}, "later-0-name", "Fill in “Decision”"),
        ("exercise begin", {"id": "x" * 65}, "id", "at most 64 in all"),
        ("exercise begin", {"assume": "all"}, "assume", "choose one of the list"),
        ("exercise abandon", {"reason": "a\x00b"}, "reason", "NUL"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    act: str, typed: dict[str, str], at: str, says: str
) -> None:
    whole = MILESTONE | typed if act == "exercise move-milestone" else typed
    found = read(form(act), whole.items())
    assert found.body is None
    assert says in found.errors[at]


@pytest.mark.parametrize("sent", [[("who", "me")], [("to-day", "1"), ("to-day", "2")]])
def test_what_the_form_does_not_have_is_refused(sent: list[tuple[str, str]]) -> None:
    with pytest.raises(Malformed):
        read(form("exercise move-milestone"), sent)


def test_a_date_that_is_wrong_is_not_called_missing_as_well() -> None:
    found = read(form("exercise move-milestone"), (MILESTONE | {"to-day": "31"}).items())
    assert list(found.errors) == ["to-day"]


def test_a_key_that_is_there_twice_is_an_error() -> None:
    typed = {
        "rulebook": "tr-2013",
        **{f"milestones-{n}-name": "transfer" for n in (0, 1)},
        **{f"milestones-{n}-value-{part}": "1" for n in (0, 1) for part in ("day", "month")},
        **{f"milestones-{n}-value-year": "2014" for n in (0, 1)},
    }
    found = read(form("exercise begin"), typed.items())
    assert found.errors == {"milestones-1-name": "transfer is there twice"}


def test_blank_rows_between_are_left_out_and_errors_stay_beside_their_own_row() -> None:
    typed = {
        "rulebook": "tr-2013",
        "values-0-clause": "",
        "values-3-clause": "TR-1",
        "values-3-value": "10wd",
    }
    found = read(form("exercise begin"), typed.items())
    assert found.body is not None
    values = found.body.model_dump()["values"]
    assert [(each["clause"], each["value"]) for each in values] == [("TR-1", "10wd")]
    wrong = read(form("exercise begin"), (typed | {"values-3-value": ""}).items())
    assert wrong.errors == {"values-3-value": "Fill in “Value”"}


def test_too_many_rows_are_refused() -> None:
    typed = {f"values-{n}-clause": "TR-1" for n in range(forms.MOST_ROWS + 1)}
    with pytest.raises(Malformed, match="rows"):
        read(form("exercise begin"), typed.items())


@pytest.mark.parametrize("month", ["6", "06", "Jun", "june"])
def test_a_month_may_be_a_number_or_a_name(month: str) -> None:
    found = read(form("exercise move-milestone"), (MILESTONE | {"to-month": month}).items())
    assert found.body is not None
    assert found.body.model_dump()["to"] == date(2014, 6, 1)


def test_lines_of_a_text_are_as_they_were_typed() -> None:
    found = read(form("exercise abandon"), [("reason", "  One.\r\n\r\nTwo. ")])
    assert found.body is not None
    assert found.body.reason == "One.\n\nTwo."


def test_a_left_out_field_is_not_given() -> None:
    """An act tells a field that was left out from one that was given."""
    found = read(form("exercise join"), SOMEBODY.items())
    assert found.body is not None
    assert found.body.model_fields_set == {"staff_numbers"}


# --- choices that only the page knows -----------------------------------------------------------


def test_a_page_may_say_what_there_is_to_choose() -> None:
    made = form_of(
        ACTS["exercise extend-window"].body,
        "exercise extend-window",
        without=["later"],
        choices={"window": [Choice("appeal", "To appeal")]},
    )
    window = next(each for each in made.fields if each.name == "window")
    assert (window.how, window.choices) == (How.CHOICE, (Choice("appeal", "To appeal"),))
    assert "window" in read(made, [("window", "answer")]).errors
    assert "window" not in read(made, [("window", "appeal")]).errors
    assert "later" not in {each.name for each in made.fields}


def test_the_decisions_to_settle_are_chosen_among() -> None:
    made = form_of(ACTS["exercise join"].body, choices={"later": [Choice(DUTY, "The letter")]})
    typed = {**SOMEBODY, "later-0-name": DUTY, "later-0-value": "stands"}
    found = read(made, typed.items())
    assert found.body is not None
    assert found.body.later == {UUID(DUTY): "stands"}
    assert checked(made, found.body)[-1].lines == ("The letter: It stands",)


LDN = [Choice("LDN", "LDN")]


def field_of(made: Form[Any], *names: str) -> Field:
    """A field of a form, or one within it."""
    fields: tuple[Field, ...] = made.fields
    for name in names:
        found = next(each for each in fields if each.name == name)
        fields = found.fields
    return found


@pytest.mark.parametrize(
    ("act", "names", "how", "listed"),
    [
        ("exercise move-window", ["group"], How.CHOICE, False),
        ("exercise issue-letters", ["group"], How.CHOICE, True),
        ("exercise hold", ["group"], How.CHOICE, True),
        ("exercise hold", ["selection", "group"], How.CHOICE, True),
        ("exercise form-group", ["group"], How.LINE, False),
        ("exercise move-window", ["window"], How.LINE, False),
    ],
)
def test_a_field_that_names_something_lists_what_there_is(
    act: str, names: list[str], how: How, listed: bool
) -> None:
    """A new group's name is typed, and so is a name where the record has none to choose from."""
    made = form_of(ACTS[act].body, act, named={Named.GROUP: LDN})
    found = field_of(made, *names)
    assert (found.how, found.listed) == (how, listed)
    assert found.choices == (() if how is How.LINE else (LDN[0],))


def test_many_choices_are_a_list() -> None:
    many = [Choice(f"w{n}", f"Window {n}") for n in range(forms.MOST_RADIOS + 1)]
    for choices, listed in ((many, True), (many[1:], False)):
        made = form_of(ACTS["exercise extend-window"].body, named={Named.WINDOW: choices})
        assert field_of(made, "window").listed is listed


def test_several_of_what_there_is_may_be_ticked() -> None:
    routes = [Choice("R1", "By post"), Choice("R2", "By draw")]
    made = form_of(ACTS["exercise form-group"].body, named={Named.ROUTE: routes})
    assert field_of(made, "routes").how is How.SEVERAL
    typed = {"routes-R2": "yes", "letters_on-day": "2", "letters_on-month": "12"}
    found = read(made, (typed | {"letters_on-year": "2013"}).items())
    assert found.body is not None
    assert found.body.model_dump()["routes"] == ("R2",)
    assert read(made, filled(made, found.body).items()).body == found.body


def test_each_day_of_a_known_plan_is_asked_as_a_day() -> None:
    days = [Choice("transfer", "The transfer"), Choice("dissolution", "The dissolution")]
    made = form_of(
        ACTS["exercise begin"].body,
        "exercise begin",
        named={Named.MILESTONE: days, Named.PATH: [Choice("sifted", "Sifted")]},
    )
    asked = field_of(made, "milestones")
    assert [(each.label, each.how, each.required) for each in asked.fields] == [
        ("The transfer", How.DAY, False),
        ("The dissolution", How.DAY, False),
    ]
    typed = {"rulebook": "tr-2013", "milestones-transfer-day": "1"}
    typed |= {"milestones-transfer-month": "6", "milestones-transfer-year": "2014"}
    found = read(made, typed.items())
    assert found.body is not None, found.errors
    assert found.body.model_dump()["milestones"] == {"transfer": date(2014, 6, 1)}
    assert filled(made, found.body) == typed
    rows = {row.label: row.lines for row in checked(made, found.body)}
    assert rows["Days of the plan"] == ("The transfer: 1 Jun 2014",)
    wrong = read(made, (typed | {"milestones-transfer-day": "31"}).items())
    assert list(wrong.errors) == ["milestones-transfer-day"]
    either = form_of(
        ACTS["exercise form-group"].body, named={Named.PATH: [Choice("sifted", "Sifted")]}
    )
    one, each = field_of(either, "letters_on").fields
    assert (one.how, [part.name for part in each.fields]) == (How.DAY, ["sifted"])


def test_what_a_form_names_is_found_within_its_fields_too() -> None:
    made = form("exercise move-window")
    assert forms.named_by(made) == {Named.GROUP, Named.WINDOW}
    assert Named.ROUTE in forms.named_by(form("exercise hold"))


# --- checking -----------------------------------------------------------------------------------


def rows(act: str, typed: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found = read(form(act), typed.items())
    assert found.body is not None, found.errors
    return {row.label: row.lines for row in checked(form(act), found.body)}


def test_the_answers_are_checked_in_the_words_of_the_office() -> None:
    found = rows(
        "exercise object",
        {
            "staff_numbers": "S1\nS2",
            "told_to": "transferee",
            "happened_on-day": "1",
            "happened_on-month": "6",
            "happened_on-year": "2014",
        },
    )
    assert found["Staff numbers"] == ("S1", "S2")
    assert found["Who was told of it"] == ("The employer they go to",)
    assert found["Day it happened"] == ("1 Jun 2014",)
    assert found["Document"] == ("Not given",)


def test_rows_and_groups_are_checked_a_line_each() -> None:
    found = rows(
        "exercise begin",
        {
            "rulebook": "tr-2013",
            "values-0-clause": "TR-1",
            "values-0-value": "10wd",
            "milestones-0-name": "transfer",
            "milestones-0-value-day": "1",
            "milestones-0-value-month": "6",
            "milestones-0-value-year": "2014",
        },
    )
    assert found["Values that the rulebook leaves open"] == ("Clause: TR-1; Value: 10wd",)
    assert found["Days of the plan"] == ("transfer: 1 Jun 2014",)


FOR_EVERYBODY = {
    *("exercise confirm", "exercise move", "exercise approve", "exercise decline"),
    *("exercise hold", "exercise resume", "exercise settle", "exercise retry"),
    *("exercise propose", "consultation settle"),
    *("dispute-case settle", "key-work settle", "assertion settle", "case-responsibility settle"),
    *("agreement settle", "grievance settle"),
    "accountability settle",
    "informing settle",
    "liability-information settle",
    "variation settle",
    "programme settle",
    "staff-list settle",
    *("choice approve", "choice decline", "choice settle"),
    *("evaluation approve", "evaluation decline", "evaluation settle"),
}
NEEDED = {"step": "move", "duty": DUTY, "decision": "redo"}


@every_act
def test_what_is_done_to_everybody_by_a_blank_says_so(act: Offered) -> None:
    name = f"{act.kind} {act.name}"
    assert form(name).for_everybody == (name in FOR_EVERYBODY)
    if name not in FOR_EVERYBODY:
        return
    asked = {each.name: each for each in form(name).fields}
    assert "Leave it blank for everybody" in asked["staff_numbers"].hint
    needed = {at: text for at, text in NEEDED.items() if at in asked}
    assert rows(name, needed)["Staff numbers"] == ("Everybody",)
    assert rows(name, needed | SOMEBODY)["Staff numbers"] == ("S1",)
    if "group" in asked:
        assert rows(name, needed | {"group": "A"})["Staff numbers"] == ("Not given",)


# --- what cannot be asked -----------------------------------------------------------------------


class AtAnInstant(BaseModel):
    at: datetime


class OneOfThree(BaseModel):
    one: date | bool | tuple[str, ...]


@pytest.mark.parametrize("model", [AtAnInstant, OneOfThree])
def test_a_type_that_no_form_can_ask_is_an_error(model: type[BaseModel]) -> None:
    with pytest.raises(TypeError, match="no form can ask"):
        form_of(model)


class Values(BaseModel):
    changes: dict[str, str | None]
    annul: bool = False


def test_a_value_that_is_left_blank_beside_its_name_says_that_there_is_none() -> None:
    typed = {"changes-0-name": "paid_band", "changes-0-value": "", "annul": "yes"}
    found = read(form_of(Values), typed.items())
    assert found.body == Values(changes={"paid_band": None}, annul=True)
    assert read(form_of(Values), filled(form_of(Values), found.body).items()).body == found.body
    assert checked(form_of(Values), found.body)[0].lines == ("paid_band: nothing any more",)
