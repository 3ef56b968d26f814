"""The names that programs give to acts, steps and parts of an edition, in words for a page.

A sentence about a procedure, and the reason of a decision, are kept as they were made: with days as
2014-06-01 and with such names. Pages show both in words; the API and the files keep them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

from transfer.core.matter.kind import Kind
from transfer.rulebooks import Rulebook
from transfer.web.frame.wording import days_worded, facet_text

_OF_SEVERAL_WORDS = re.compile(r"[A-Za-z0-9](?:[\w.]*[-_])+\w", re.ASCII)
"""Whether a name has to be put into words; one of a single word reads as it is."""


def plain(name: str) -> str:
    """A name of a program as words within a sentence: `issue-letters` is `issue letters`."""
    words = facet_text(name)
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def names_in_words(kinds: Iterable[Kind], books: Iterable[Rulebook]) -> Mapping[str, str]:
    """Each name of several words, in words: the title that an edition gives it, else plainly."""
    found = dict(_titled(books)) | {name: plain(name) for name in _of_kinds(kinds)}
    return {name: words for name, words in found.items() if _OF_SEVERAL_WORDS.match(name)}


def _of_kinds(kinds: Iterable[Kind]) -> Iterator[str]:
    for kind in kinds:
        yield from (each.name for each in kind.acts)
        yield from (each.name for each in kind.steps)


def _titled(books: Iterable[Rulebook]) -> Iterator[tuple[str, str]]:
    for book in books:
        for parts in (book.routes, book.paths, book.letters, book.windows, book.happenings):
            for each in parts:
                yield each.id, f"“{each.title}”" if each.title else plain(each.id)
        for day in book.milestones:
            yield day.name, f"“{day.title}”" if day.title else plain(day.name)
        for window in book.windows:
            yield from ((each, plain(each)) for each in window.answers)
        yield from ((each.term, plain(each.term)) for each in book.grants)
        yield from ((each.term, plain(each.term)) for each in book.offers)
        for it in book.transferees.values():
            yield it.id, it.name


class Worded:
    """Puts the days and names in a text of the record into words; for one page."""

    def __init__(self, names: Callable[[], Mapping[str, str]]) -> None:
        self._read = names

    def __call__(self, text: str | None) -> str:
        """The text with its days and names in words; none: an empty one."""
        said = days_worded(text or "")
        if not _OF_SEVERAL_WORDS.search(said):
            return said
        return self._pattern.sub(lambda found: self._names[found[0]], said)

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return self._read()

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest = sorted(map(re.escape, self._names), key=len, reverse=True)
        return re.compile(rf"(?<![\w-])(?:{'|'.join(longest)})(?![\w-])", re.ASCII)
