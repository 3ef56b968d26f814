"""The rules of a kind of procedure that goes by no rulebook edition.

Whom a member of staff lets act for them is for nobody's collective agreement to say: nothing in
such a kind is counted in days, and nothing waits. What somebody does rests on the document that
they give with it.
"""

from transfer.core.dating.calendars import LATEST_EDITION, Calendar, Period
from transfer.core.matter.reckoning import Reckoning
from transfer.core.refusals import Refused
from transfer.core.words import Basis

NONE = "none"
"""What the first fact of such a matter says of its edition, digest and calendar."""


class NoEdition:
    """What a decision asks of an edition (`RulesOfMatter`), where there is none."""

    office_of_one = False

    @property
    def calendar(self) -> Calendar:
        """The newest calendar edition: no day of such a kind is counted with it."""
        return Calendar(LATEST_EDITION)

    def waits(self, _step: str) -> bool:
        """No step waits for approval."""
        return False

    def period(self, clause: str) -> Period:
        """Raises `Refused`: there are no clauses."""
        raise Refused(f"this goes by no edition, so no clause {clause} has a value")

    def reckoning(self, name: str) -> tuple[Reckoning, Basis]:
        """Raises `Refused`: nothing is counted."""
        raise Refused(f"this goes by no edition, so nothing says how {name} is counted")

    def basis(self, *_clauses: str) -> Basis:
        """Of no edition and clause; the act's document is put to it (`Case.stamp`)."""
        return Basis()
