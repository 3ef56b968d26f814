"""When two texts say the same (contract, "Texts"): compared so, and kept as they were typed.

Any text is compared in Unicode NFC, with its blanks trimmed and folded. Staff numbers and the names
of terms are compared without regard to case too.
"""

import unicodedata


def folded(text: str) -> str:
    """The form in which a text is compared."""
    return " ".join((text if text.isascii() else unicodedata.normalize("NFC", text)).split())


def caseless(text: str) -> str:
    """The form in which a staff number, or the name of a term, is compared."""
    if text.isascii():
        return folded(text).lower()
    # Folding the case of a letter may take it apart.
    return unicodedata.normalize("NFC", folded(text).casefold())


def is_blank(text: str) -> bool:
    """Whether there is nothing to read in a text."""
    return not text.strip()


KEPT_APART = "in the person's own words, which are kept apart"
"""What a fact has in place of what somebody has written: that is personal data, in the vault."""
