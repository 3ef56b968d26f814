"""/glossary: the words of the office, each with an example; then those of the rulebooks.

The words of the rulebooks are read from the editions. One that an office added may be a plan that
is not public: who may not read rulebooks sees the program's own editions alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from fastapi import APIRouter, Depends, Request, Response

from transfer.access.identity import Role
from transfer.api.http_service import open_to_all
from transfer.core.words import WindowKind
from transfer.rulebooks import Rulebook, shipped
from transfer.rulebooks.procedure import Milestone
from transfer.web.frame.glossary import ADDRESS, WORDS
from transfer.web.frame.pages import Pages
from transfer.web.frame.wording import day_text, facet_text

_READERS: Final = frozenset({Role.ADMIN, Role.AUDIT})
_WITHIN: Final = {
    WindowKind.RESPONSE: "answer a letter",
    WindowKind.APPEAL: "appeal",
    WindowKind.CHOICE: "choose between what a letter offers",
    WindowKind.REVIEW: "ask for a review",
}


class Called(NamedTuple):
    """What one edition calls something: its name, what it is, and the clause that says so."""

    name: str
    means: str
    clause: str | None


@dataclass(frozen=True, slots=True)
class RulesWord:
    """A word of the rulebooks: each of its meanings, with the clauses and editions that have it."""

    name: str
    place: str
    means: tuple[tuple[str, str], ...]


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(
        route_class=pages.route_class(),
        dependencies=[Depends(open_to_all)],
        include_in_schema=False,
    )

    @router.get(ADDRESS)
    def show_glossary(request: Request) -> Response:
        """List the words of the office and of the rulebooks, each group by the alphabet."""
        session = pages.session(request)
        caller = None if session is None else session.caller
        may_read = caller is not None and bool(caller.roles & _READERS)
        books = pages.service.office.editions.all() if may_read else shipped()
        content = {
            "words": sorted(WORDS.items(), key=lambda each: each[1].name.casefold()),
            "rules_words": words_of(books.values()),
        }
        return pages.draw(request, "transfer/everyone/glossary.html", content)

    return router


def words_of(books: Iterable[Rulebook]) -> tuple[RulesWord, ...]:
    """What editions call their own things, by the alphabet; what several say alike stands once."""
    found: dict[str, dict[str, dict[str, list[str]]]] = {}
    for book in books:
        for name, means, clause in _called(book):
            by_clause = found.setdefault(name, {}).setdefault(means, {})
            by_clause.setdefault(clause or "", []).append(book.edition)
    return tuple(
        RulesWord(
            name,
            f"rules-{'-'.join(name.lower().split())}",
            tuple((text, _sources(by_clause)) for text, by_clause in means.items()),
        )
        for name, means in sorted(found.items(), key=lambda each: each[0].casefold())
    )


def _sources(by_clause: Mapping[str, Iterable[str]]) -> str:
    """Each clause with the editions that have it."""
    said = []
    for clause, editions in by_clause.items():
        named = " and ".join(dict.fromkeys(editions))
        said.append(f"clause {clause} of {named}" if clause else named)
    return "; ".join(said)


def _called(book: Rulebook) -> Iterator[Called]:
    for it in book.transferees.values():
        yield Called(it.id, f"An employer that staff go to: {it.name}.", it.clause)
    for route in book.routes:
        if route.title is not None:
            means = f"A rule by which somebody is assigned: {route.title}."
            yield Called(facet_text(route.id), means, route.clause)
    for letter in book.letters:
        holds = f", which says {'; '.join(letter.contents)}" if letter.contents else ""
        yield Called(letter.title or facet_text(letter.id), f"A letter{holds}.", letter.clause)
    for window in book.windows:
        yield Called(
            window.title or facet_text(window.id),
            f"Days within which somebody may {_WITHIN[window.kind]}.",
            window.length.clause,
        )
    yield from _days(book)
    for grant in book.grants:
        title = f"{grant.title}: " if grant.title else ""
        yield Called(facet_text(grant.term), f"A term. {title}{grant.value}.", grant.clause)
    for offer in book.offers:
        if offer.title is not None:
            yield Called(facet_text(offer.term), f"A term: {offer.title}.", offer.clause)


def _days(book: Rulebook) -> Iterator[Called]:
    by_name: dict[str, list[Milestone]] = {}
    for each in book.milestones:
        by_name.setdefault(each.name, []).append(each)
    for name, announced in by_name.items():
        days = "; then ".join(
            f"{day_text(each.on)}, known on {day_text(each.announced_on)}" for each in announced
        )
        first = announced[0]
        yield Called(first.title or facet_text(name), f"A day of the plan: {days}.", first.clause)
