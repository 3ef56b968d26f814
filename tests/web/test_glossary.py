"""The glossary: each word is explained once and referred to; rulebooks bring their own words."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.editions import moor_source
from tests.web.visiting import Visitor, text_of
from transfer.access.identity import Role
from transfer.api.http_service import HttpService
from transfer.core.words import Facet
from transfer.rulebooks import shipped
from transfer.web.everyone.glossary import words_of
from transfer.web.frame.form_words import ASKED, ASKED_OF
from transfer.web.frame.glossary import DETAILS, WORDS, Terms, word_of

TEMPLATES = Path(__file__).parents[2] / "transfer" / "web" / "templates"


def _of_templates() -> set[str]:
    texts = [each.read_text(encoding="utf-8") for each in TEMPLATES.glob("*/*.html")]
    return {word for text in texts for word in re.findall(r'\bterm\("([^"]*)"', text)}


def _of_words() -> set[str]:
    asked = {each.word for each in (*ASKED.values(), *ASKED_OF.values())}
    return asked | set(DETAILS.values()) | {"protected-pay", "continuous-service"}


def test_every_word_that_a_page_refers_to_is_there_and_none_is_there_for_no_page() -> None:
    assert (_of_templates() | _of_words()) - {""} == set(WORDS)
    assert set(DETAILS) == set(Facet)


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*/*.html")), ids=lambda path: path.name)
def test_what_refers_to_words_is_imported_with_them(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    for shared in ("forms.html", "listed.html"):
        for names, end in re.findall(rf'/{shared}" import ([^%]+?)( with context)? %', text):
            assert end or not {"field", "listed"} & set(names.split(", ")), (names, template)


@pytest.mark.parametrize("place", WORDS)
def test_a_word_has_a_meaning_in_a_sentence_or_two_and_an_example(place: str) -> None:
    word = WORDS[place]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", place)
    assert 1 <= len(re.findall(r"[.;](?: |$)", word.means)) <= 4
    assert word.means.endswith(".")
    assert word.example


def test_the_first_time_a_word_is_a_link_and_then_plain_text() -> None:
    term = Terms()
    assert term("band") == '<a class="app-term" href="/glossary#band">band</a>'
    assert term("band", "a <b>") == "a &lt;b&gt;"
    assert term(None, "a <b>") == "a &lt;b&gt;"
    assert 'href="/glossary#unit" target="_blank"' in term.beside("unit")
    assert term.beside("unit") == term.beside("") == ""
    with pytest.raises(KeyError):
        term("no such word")


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("paid_band", "paid-band"),
        ("pay protection", "protected-pay"),
        ("pay_protection", "protected-pay"),
        ("continuous_service_from", "continuous-service"),
        ("job_guarantee", None),
    ],
)
def test_what_explains_a_detail_or_a_term_of_the_record(name: str, word: str | None) -> None:
    assert word_of(name) == word


def test_the_words_of_the_rulebooks_stand_once_with_their_clauses() -> None:
    words = {each.name: each for each in words_of(shipped().values())}
    names = list(words)
    assert names == sorted(names, key=str.casefold)
    assert words["NPS"].means == (
        (
            "An employer that staff go to: National Probation Service.",
            "tr-2013 and tr-2013.2 and tr-2013.3",
        ),
    )
    assert len({each.place for each in words.values()}) == len(words)


def test_every_clause_that_the_words_of_the_rulebooks_name_is_one_of_its_edition() -> None:
    named = [
        (clause, edition)
        for word in words_of(shipped().values())
        for _, source in word.means
        for clause, editions in re.findall(r"clause (\S+) of ([^;]+)", source)
        for edition in editions.split(" and ")
    ]
    assert len(named) > 20
    for clause, edition in named:
        assert shipped()[edition].clause(clause).id == clause


@pytest.mark.engines
def test_the_page_is_for_everybody_and_every_page_leads_to_it(visitor: Visitor) -> None:
    assert 'href="/glossary"' in visitor.get("/sign-in").text
    page = visitor.get("/glossary")
    assert page.status_code == 200
    places = re.findall(r'<dt class="app-glossary__word" id="([^"]+)"', page.text)
    assert len(set(places)) == len(places)
    assert set(WORDS) < set(places)
    general = [WORDS[each].name for each in places if each in WORDS]
    assert general == sorted(general, key=str.casefold)
    text = text_of(page.text)
    assert "Paid band The band that somebody is paid by." in text
    assert "National Probation Service" in text
    for role in Role:
        assert visitor.sign_in(role, "S1").get("/glossary").status_code == 200


@pytest.mark.engines
def test_what_an_office_added_is_shown_to_those_alone_who_may_read_rulebooks(
    service: HttpService, visit: Callable[[], Visitor]
) -> None:
    book = service.office.editions.add(moor_source(), by="hr").book
    name = next(iter(book.transferees.values())).name
    for role in Role:
        page = visit().sign_in(role, "S1").get("/glossary").text
        assert (name in page) == (role in (Role.ADMIN, Role.AUDIT)), role
    assert name not in visit().get("/glossary").text
