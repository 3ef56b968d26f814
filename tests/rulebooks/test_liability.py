"""The part of an edition about liability information, and what is wrong with one."""

# ruff: noqa: E501 - tables read best a row a line

import pytest

from transfer.procedures.liability_information.edition import Datum
from transfer.rulebooks import rulebook
from transfer.rulebooks.loading import FaultyEdition, load_edition

SOURCE = rulebook("surrey-2027.2").source.decode()


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('length = ["TU-16", "TU-16-until-2014"]', 'length = ["TU-16", "LG-01"]', "clause LG-01 gives a length, so its type must be period"),
        ('length = ["TU-16", "TU-16-until-2014"]', 'length = ["TU-16", "TU-16"]', "two lengths are in force from 2014-05-01"),
        ('as_at_within = "TU-15-as-at"', 'as_at_within = "TU-99"', "there is no clause TU-99"),
        ('clause = "ER-01"\nneeds', 'clause = "ER-02"\nneeds', "there is no clause ER-02"),
        ('id = "band", title = "Band", detail = "band"', 'id = "band", title = "Band", detail = "bund"', "did you mean band?"),
        ('id = "band", title', 'id = "name", title', "name is given twice"),
        ('id = "band", title = "Band", detail = "band"', 'id = "band", title = "Band", detail = "band", term = "x"', "say one of detail, term, personal, document"),
        ('document = "Collective agreements that go on"', 'document = "Collective agreements that go on", document_needed = "x"', "what is a document is needed itself"),
        ('id = "claims"\n', 'id = "particulars"\n', "particulars is given twice"),
    ],
)  # fmt: skip
def test_a_fault_is_named(was: str, now: str, said: str) -> None:
    assert SOURCE.count(was) == 1
    with pytest.raises(FaultyEdition) as faulty:
        load_edition(SOURCE.replace(was, now).encode())
    assert any(said in str(each) for each in faulty.value.faults), faulty.value.faults


def test_the_documents_that_hold_it_may_be_filed_in_an_exercise() -> None:
    book = rulebook("surrey-2027.2")
    assert book.liability_information is not None
    assert book.liability_information.documents[0] == "Written statements of particulars"


def test_what_is_needed_is_the_document_itself_or_the_one_named() -> None:
    assert Datum(id="a", title="A", document="Claims").needed == "Claims"
    assert Datum(id="a", title="A", detail="role", document_needed="the letter").needed == (
        "the letter"
    )
