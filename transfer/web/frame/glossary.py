"""The words of the office, and how a page refers to one: as a link to what it means.

`glossary.toml` is the only list of them. A template writes `term("band")` where it uses a word
first; a form names the word of a field in `form_words.py`; `DETAILS` has that of each detail of a
position.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from markupsafe import Markup, escape

from transfer.core.record.particulars import is_pay_protection
from transfer.core.words import Facet

ADDRESS: Final = "/glossary"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the office: its name within a sentence, what it means, and an example."""

    name: str
    means: str
    example: str


_TEXT = files(__package__).joinpath("glossary.toml").read_text(encoding="utf-8")
WORDS: Final[Mapping[str, Word]] = {
    place: Word(**given) for place, given in tomllib.loads(_TEXT).items()
}
"""The words of the office, by their place on the page."""

DETAILS: Final[Mapping[Facet, str]] = {
    Facet.EMPLOYER: "employer",
    Facet.UNIT: "unit",
    Facet.POST: "post",
    Facet.ROLE: "role",
    Facet.BAND: "band",
    Facet.PAID_BAND: "paid-band",
    Facet.PAY_POINT: "pay-point",
    Facet.TERMS_SET: "terms-set",
    Facet.WORKPLACE: "workplace",
    Facet.FTE: "fte",
    Facet.LINE_MANAGER: "line-manager",
    Facet.HR_PROCESS_OWNER: "hr-process-owner",
    Facet.PROFESSIONAL_SUPERVISOR: "professional-supervisor",
}
"""The word of each detail of a position."""

_CONTINUOUS_SERVICE = "continuous_service"


def word_of(name: str) -> str | None:
    """The word that a detail or a term of the record is explained by, from its stored name; `None`
    where there is none: the names of terms are free."""
    if name in DETAILS:
        return DETAILS[Facet(name)]
    if is_pay_protection(name):
        return "protected-pay"
    squashed = name.casefold().replace(" ", "_").replace("-", "_")
    return "continuous-service" if squashed.startswith(_CONTINUOUS_SERVICE) else None


class Terms:
    """How the templates of one page refer to words: first as a link, then as plain text."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def __call__(self, word: str | None, text: str | None = None) -> Markup:
        """A word, or the text that stands for it, as a link to what it means; without a word, the
        text alone. Raises `KeyError` for a word that there is not."""
        if word is None:
            return escape(text or "")
        shown = text or WORDS[word].name
        if not self._is_first(word):
            return escape(shown)
        return Markup('<a class="app-term" href="{}#{}">{}</a>').format(ADDRESS, word, shown)

    def beside(self, word: str) -> Markup:
        """A link to a word for the hint of a form; in another tab, so that nothing typed is lost.
        Nothing, where the page has referred to the word already. Raises `KeyError` as above."""
        if not word or not self._is_first(word):
            return Markup()
        return Markup(
            '<a class="app-term" href="{}#{}" target="_blank" rel="noopener">'
            "What “{}” means (opens in a new tab)</a>"
        ).format(ADDRESS, word, WORDS[word].name)

    def _is_first(self, word: str) -> bool:
        if word not in WORDS:
            raise KeyError(word)
        first = word not in self._seen
        self._seen.add(word)
        return first
