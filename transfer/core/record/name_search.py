"""Which names answer to a few letters that somebody types: the rules of the search by name.

A name is taken apart into words, whose case and accents do not count: *Zoë O'Neil-Marsh* is `zoe`,
`oneil` and `marsh`. It answers where each word that was typed is a word of it, or, from three
letters on, the beginning of one.
"""

import unicodedata
from collections.abc import Collection

SHORTEST_BEGINNING = 3
"""How many letters of a word find those that begin with them; fewer find that word alone."""

LONGEST_WORD = 40
"""How many letters of a word count."""

# The straight one, the accents that are typed for it, and those that printers use.
_APOSTROPHES = dict.fromkeys((0x27, 0x60, 0xB4, 0x02B9, 0x02BC, 0x2018, 0x2019))
_ACCENTS = {chr(code) for code in range(0x0300, 0x0370)}


def words_of(text: str) -> tuple[str, ...]:
    """The words of a name, or of what was typed, as they are compared: each once, in order."""
    plain = text.translate(_APOSTROPHES).casefold()
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", plain)
        plain = unicodedata.normalize("NFC", "".join(c for c in apart if c not in _ACCENTS))
    spaced = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in plain)
    return tuple(dict.fromkeys(word[:LONGEST_WORD] for word in spaced.split()))


def entries_of(name: str) -> frozenset[str]:
    """What a name stands under in an index: its words, and their beginnings of three letters on."""
    return frozenset(
        word[:length]
        for word in words_of(name)
        for length in {len(word), *range(SHORTEST_BEGINNING, len(word))}
    )


def answers_to(name: str, asked: Collection[str]) -> bool:
    """Whether a name answers to all of these words, as `words_of` has them."""
    return entries_of(name).issuperset(asked)
