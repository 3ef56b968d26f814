"""Texts that a spreadsheet would take for a formula: guarded in every CSV file that we write.

An apostrophe in front makes such a text a text. A text that looks like a guarded one is guarded as
well, so that taking the apostrophe off again always gives what stood there before.
"""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - these are meant
"""What a spreadsheet may take for the beginning of a formula, also in full-width signs."""

_GUARD = "'"


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"{_GUARD}{text}" if text.lstrip(_GUARD).startswith(_FORMULA) else text


def unguarded(text: str) -> str:
    """What stood in a cell before it was guarded."""
    is_guarded = text.startswith(_GUARD) and text.lstrip(_GUARD).startswith(_FORMULA)
    return text.removeprefix(_GUARD) if is_guarded else text
