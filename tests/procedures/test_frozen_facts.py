"""Facts keep their names and shapes for ever, from November 2026 on.

`tests/golden/frozen` holds one of each as they were then: `record-facts.json` those of the record,
`document-facts.json` those of the register of documents, `procedure-facts.json` those of every kind
of procedure and of the engine beneath them. The files are never edited: what changes gets the next
number and an upcaster, and goes on loading from here.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, Literal

from transfer.core.words import Frozen
from transfer.kinds import KNOWN
from transfer.procedures.facts import (
    UPCASTERS,
    Upcaster,
    brought_up_to_date,
)
from transfer.procedures.known_facts import NO_KINDS

FOLDER = Path(__file__).parents[1] / "golden" / "frozen"

DIGESTS = {
    "record-facts.json": "c6b207ef24d64ab5d6f6cfa3ad5cc51046a172821ce50803488da91a316d7fb6",
    "document-facts.json": "3b9e27f590853ce4f85b410f046faeb3f3fbd832335a42727c44729ce2d670ed",
    "procedure-facts.json": "b7f12bcb6512533965b0caaff9d80641cdcc6871836f5816f07d6335facd1349",
}
"""SHA-256 of each file. A test that makes you change one has found that the past was edited."""

NOT_YET: frozenset[str] = frozenset()
"""Facts that were added later and may still change. Once they are released, a new file here holds
them."""


def stored(*files: str) -> list[dict[str, Any]]:
    """Every fact that these files hold, with its name and its shape."""
    return [
        each for name in files for each in json.loads((FOLDER / name).read_text(encoding="utf-8"))
    ]


OF_THE_RECORD = stored("record-facts.json", "document-facts.json")
STORED = stored(*DIGESTS)


def test_nobody_has_edited_what_was_stored() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.iterdir()}
    assert found == DIGESTS


def test_every_fact_of_the_record_is_there() -> None:
    assert {each["name"] for each in OF_THE_RECORD} >= {
        "staff-registered.v1",
        "position-changed.v1",
        "term-granted.v1",
        "term-varied.v1",
        "term-ended.v1",
        "entry-corrected.v1",
        "entry-annulled.v1",
        "staff-left.v1",
        "identity-linked.v1",
        "identity-unlinked.v1",
        "entry-objected-to.v1",
        "entry-objection-withdrawn.v1",
        "entry-objection-answered.v1",
        "document-registered.v1",
        "document-corrected.v1",
    }


def test_everything_loads_for_ever() -> None:
    for each in STORED:
        fact = KNOWN.load(each["name"], each["shape"])
        if each["name"] not in UPCASTERS:
            assert KNOWN.stored_name(fact) == each["name"]
            assert fact.model_dump(mode="json") == each["shape"], each["name"]


def test_the_facts_of_the_record_load_without_any_kind_of_procedure() -> None:
    for each in OF_THE_RECORD:
        assert NO_KINDS.load(each["name"], each["shape"]) == KNOWN.load(each["name"], each["shape"])


def test_every_fact_is_frozen_or_is_said_to_be_none_yet() -> None:
    frozen = {brought_up_to_date(each["name"], each["shape"], UPCASTERS)[0] for each in STORED}
    assert frozen | NOT_YET == {*KNOWN.names.values()}
    assert not frozen & NOT_YET


# --- the way of a second version, by an invented one ---------------------------------------------


class TermGrantedV2(Frozen):
    """Invented: what a term is worth would be an amount with its currency."""

    term: str
    amount: str
    currency: Literal["GBP"]
    effective_from: str
    effective_to: str | None = None
    reason: str
    basis: dict[str, Any] | None = None


def from_v1(shape: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """An upcaster: the next name, and the old shape in the words of the new one."""
    amount = shape["value"].removeprefix("£")
    rest = {key: value for key, value in shape.items() if key != "value"}
    return "term-granted.v2", {**rest, "amount": amount, "currency": "GBP"}


def test_an_old_version_is_brought_up_to_date_and_its_example_stays() -> None:
    upcasters: dict[str, Upcaster] = {"term-granted.v1": from_v1}
    old = {
        "term": "pay_protection",
        "value": "£1200.00",
        "effective_from": "2014-06-01",
        "effective_to": None,
        "reason": "moved to a lower band",
        "basis": None,
    }
    name, shape = brought_up_to_date("term-granted.v1", old, upcasters)
    assert name == "term-granted.v2"
    assert TermGrantedV2.model_validate(shape) == TermGrantedV2(
        term="pay_protection",
        amount="1200.00",
        currency="GBP",
        effective_from="2014-06-01",
        reason="moved to a lower band",
    )
    # What is stored already in the new shape passes as it is.
    assert brought_up_to_date(name, shape, upcasters) == (name, shape)
