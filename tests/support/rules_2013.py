"""The edition of 2013 as it binds a rehearsal in one Trust, with assumed windows, and its days.

Letters go out on 20 December 2013; five working days to respond end on 31 December, ten to appeal
on 8 January 2014; a panel has twenty. The transfer is on 1 June 2014.
"""

from dataclasses import replace
from datetime import date

from transfer.core.rules import WindowInForce
from transfer.core.words import Late, WindowKind
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import BindingRules, binding

TR_2013 = rulebook("tr-2013")
RULES = binding(
    TR_2013.with_values(
        assumed={
            "TR-11b": "10wd",
            "TR-11b-panel": "20wd",
            "TR-10-response": "5wd",
            "TR-09b": "2013-11-11",
            "TR-09-share": "0.5",
        }
    )
)

LETTERS = date(2013, 12, 20)
RESPONSE_DUE = date(2013, 12, 31)
APPEAL_DUE = date(2014, 1, 8)
CLOSED = date(2014, 1, 9)
PANEL_DUE = date(2014, 2, 5)
TRANSFER = date(2014, 6, 1)


def late_appeals_are(late: Late) -> BindingRules:
    """The same edition, but for what becomes of an appeal that comes late."""

    class Others(BindingRules):
        def window_of(self, kind: WindowKind) -> WindowInForce:
            window = super().window_of(kind)
            return replace(window, late=late) if kind is WindowKind.APPEAL else window

    return Others(
        rulebook=RULES.rulebook, calendar_edition=RULES.calendar_edition, given=RULES.given
    )
