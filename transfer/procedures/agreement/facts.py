"""What is put on record of one agreement."""

from datetime import date

from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.reckoning import Reckoned
from transfer.core.words import Basis, Frozen


class Promised(Frozen):
    """Something promised: what, by whom, by which day.

    `due` has no day where it was agreed without one (`without_day`), or where nobody knows it.
    `due_clause` is the clause of the day, where the edition has one.
    """

    promise: str
    title: str
    owner: str
    due: Reckoned
    without_day: bool
    due_clause: str | None = None
    basis: Basis


class AgreementBegun(BegunUnderEdition):
    """An agreement is put on record; `agreed_on` is the day on which it was made, if that is known.

    `known_as` is what the edition calls it, where it knows it. `needs` are those who all have to
    agree first: then nothing is owed by it until they have.
    """

    known_as: str | None = None
    title: str
    parties: tuple[str, ...]
    agreed_on: date | None = None
    needs: tuple[str, ...] = ()
    promises: tuple[Promised, ...] = ()


class AgreementAnswered(MatterFact):
    """One of those who have to agree said whether it does, as by a ballot of its members."""

    body: str
    accepted: bool


class AgreementReached(MatterFact):
    """All have agreed who had to: what is promised is owed from now on."""

    promises: tuple[Promised, ...]


class PromiseAdded(MatterFact):
    """The agreement promises something else besides."""

    promised: Promised


class PromiseDelivered(MatterFact):
    """A promise was kept, or with `part` only a part of it; `what` says which."""

    promise: str
    part: bool
    what: str = ""


class PromiseDated(MatterFact):
    """A document shows by which day a promise was to be kept."""

    promise: str
    due: Reckoned


class PromiseVaried(MatterFact):
    """A later agreement changes the day of a promise, for days from `counts_from` on.

    `source_says` are the words of that agreement by which it counts for days before it was made.
    """

    promise: str
    later_agreement: str
    counts_from: date
    source_says: str = ""
    due: Reckoned
    without_day: bool


class PromiseWithdrawn(MatterFact):
    """A promise is owed no more, by agreement."""

    promise: str


class UndeliveredReported(MatterFact):
    """At a meeting it was put on record that these promises were undelivered."""

    meeting: str
    reported_by: str
    promises: tuple[str, ...]
    statement: str = ""
