"""The editions that ship with the program, by name; an office adds its own to its record.

Each is a file in `editions/`, read when it is first asked for. A published one is frozen: what is
learned later goes into a new edition.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from transfer.core.editions.values import parse_assumption, parse_value, print_value
from transfer.core.refusals import Refused
from transfer.rulebooks.loading import load_edition
from transfer.rulebooks.model import Rulebook
from transfer.rulebooks.organisations import Register, together
from transfer.rulebooks.supplying import SuppliedValue
from transfer.rulebooks.terms import TermsOfExercise

__all__ = [
    "DEFAULT_EDITION",
    "Rulebook",
    "SuppliedValue",
    "TermsOfExercise",
    "employers",
    "parse_assumption",
    "parse_value",
    "print_value",
    "rulebook",
    "shipped",
]

DEFAULT_EDITION = "tr-2013"
"""The edition of a staff return that names none."""


@cache
def shipped() -> Mapping[str, Rulebook]:
    """The editions of this program, by name. The tests have checked them."""
    folder = files(__name__).joinpath("editions")
    texts = [each.read_bytes() for each in folder.iterdir() if each.name.endswith(".toml")]
    books = sorted((load_edition(each, checked=True) for each in texts), key=lambda it: it.edition)
    return MappingProxyType({book.edition: book for book in books})


@cache
def employers() -> Register:
    """Every organisation that an edition of this program knows, for a return of no edition.

    A place alone means what the default edition means by it: "London" is the Trust of 2013.
    """
    books = sorted(shipped().values(), key=lambda book: book.edition != DEFAULT_EDITION)
    return together(book.register for book in books)


def rulebook(edition: str) -> Rulebook:
    """The shipped rulebook of that edition; `Refused` with the known ones where there is none."""
    books = shipped()
    if edition not in books:
        raise Refused(f"no rulebook {edition}; there are {', '.join(books)}")
    return books[edition]
