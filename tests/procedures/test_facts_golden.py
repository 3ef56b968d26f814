"""One example of every fact as it is stored, with every field filled: `tests/golden/facts/`.

What is on record must load for ever. An example that no longer loads, or comes back as something
else, means that a stored shape has changed: it needs the next number and an upcaster (see
`docs/facts.md`), never an edit of the example.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from transfer.core.matter.facts import MatterFact
from transfer.core.matter.reckoning import Reckoned
from transfer.kinds import KNOWN
from transfer.procedures.facts import UPCASTERS

GOLDEN = Path(__file__).parents[1] / "golden" / "facts"

STORED_NAMES, load_fact, stored_name = KNOWN.names, KNOWN.load, KNOWN.stored_name

CURRENT = sorted(STORED_NAMES.values())
EVER_STORED = sorted({*CURRENT, *UPCASTERS})

PERSONAL = frozenset(
    {"name", "names", "forename", "surname", "birth", "born", "dob", "age", "sex", "gender"}
    | {"ethnicity", "religion", "disability", "health", "sickness", "illness"}
    | {"union", "membership", "address", "street", "postcode", "email", "phone", "telephone"}
    | {"mobile", "nino", "insurance", "bank"}
)
"""Words that would make a field smell of personal data; those values belong in the vault."""


def example(name: str) -> dict[str, Any]:
    """The example of one stored name; fails with what to do where there is none."""
    path = GOLDEN / f"{name}.json"
    if not path.exists():
        pytest.fail(f"write {path.name}: an example with every field filled (docs/facts.md)")
    shape = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(shape, dict)
    return shape


def models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A model and every model inside it."""
    yield model
    for field in model.model_fields.values():
        for part in parts(field.annotation):
            yield from models(part)


def parts(annotation: object) -> Iterator[type[BaseModel]]:
    """The models that an annotation mentions, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from parts(inner)


EVERY_MODEL = list(dict.fromkeys(model for fact in STORED_NAMES for model in models(fact)))
"""Every fact, and every model inside one."""


def model_of(model: type[BaseModel], field: str) -> object:
    """What a field is declared as."""
    return model.model_fields[field].annotation


def unfilled(value: object, where: str = "") -> Iterator[str]:
    """Where an example says nothing: null or empty, except where the null is a dict's own value."""
    if value in (None, "", [], {}):
        yield where
    elif isinstance(value, dict):
        facets = where.endswith(("changes", "position"))
        for key, inner in value.items():
            if not (facets and inner is None):
                yield from unfilled(inner, f"{where}.{key}".lstrip("."))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from unfilled(inner, f"{where}[{number}]")


def test_each_example_loads() -> None:
    for name in EVER_STORED:
        assert stored_name(load_fact(name, example(name))) in CURRENT, name


def test_each_example_comes_back_as_it_was() -> None:
    for name in CURRENT:
        fact = load_fact(name, example(name))
        assert stored_name(fact) == name
        assert json.loads(fact.model_dump_json()) == example(name), name


def test_each_example_fills_every_field() -> None:
    for name in CURRENT:
        fact = load_fact(name, example(name))
        assert set(example(name)) == set(type(fact).model_fields), name
        assert list(unfilled(example(name))) == [], name


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("appeal-determined.v1", "panel"),
        ("assignment-proposed.v1", "panel"),
        ("endorsement-given.v1", "body"),
        ("endorsement-refused.v1", "body"),
        ("meeting-held.v1", "account"),
    ],
)
def test_what_was_stored_before_a_field_was_added_says_nothing_of_it(name: str, field: str) -> None:
    stored = {key: value for key, value in example(name).items() if key != field}
    for said in ("reason", "document"):
        del stored["made"][said]
    fact = load_fact(name, stored)
    assert isinstance(fact, MatterFact)
    assert getattr(fact, field) == ""
    assert (fact.made.reason, fact.made.document) == ("", "")
    assert json.loads(fact.model_dump_json()) == {**stored, field: ""}


def test_every_example_is_of_a_stored_name() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == EVER_STORED


def test_a_stored_name_is_a_literal_with_a_number() -> None:
    assert len(set(CURRENT)) == len(STORED_NAMES)
    for name in CURRENT:
        words, _, number = name.rpartition(".v")
        assert number.isdigit()
        assert words == words.lower().replace("_", "-")


def test_no_field_holds_personal_data_or_is_called_just_date() -> None:
    for model in EVERY_MODEL:
        for field in model.model_fields:
            # A day that was reckoned is a value of its own: its fact says of what it is the day.
            if model is not Reckoned and model_of(model, field) is not Reckoned:
                assert field not in {"date", "at", "on", "when"}, (
                    f"{model.__name__}.{field}: which?"
                )
            smells = PERSONAL & set(field.split("_"))
            assert not smells, f"{model.__name__}.{field}: personal data belongs in the vault"


def test_a_fact_is_frozen_and_closed() -> None:
    for model in EVERY_MODEL:
        assert model.model_config.get("frozen") is True, model
        assert model.model_config.get("extra") == "forbid", model


def test_the_smell_of_personal_data_is_found_inside_a_fact() -> None:
    class Inner(BaseModel):
        date_of_birth: str

    class Outer(BaseModel):
        inner: tuple[Inner | None, ...] = ()

    assert list(models(Outer)) == [Outer, Inner]
