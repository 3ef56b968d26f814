"""How often the program looks for garbage: hardly ever while it loads, and not when it ends.

A command loads some 200,000 objects, which stay to its end. Python looks for garbage after every
700 new ones, and through all that is left when it ends: that was a third of the processor time of a
command.
"""

import gc

_WHILE_LOADING = 200_000
_USUAL = gc.get_threshold()


def look_seldom() -> None:
    """Look for garbage after as many new objects as a command loads."""
    gc.set_threshold(_WHILE_LOADING)


def look_as_usual() -> None:
    """From now on look as often as usual, but no more at what is there: it stays."""
    leave_alone()
    gc.set_threshold(*_USUAL)


def leave_alone() -> None:
    """Look no more at what is there, not when the program ends either."""
    gc.freeze()
