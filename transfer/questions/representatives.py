"""Who acts, or acted, for a member of staff, for what, from when until when?"""

from collections.abc import Iterator
from datetime import date

from transfer.core.matter.words import id_of
from transfer.core.refusals import NotOnRecord
from transfer.procedures.representation.decisions import Appointment
from transfer.procedures.representation.facts import Scope
from transfer.questions.answer import Answer
from transfer.questions.procedures import Looking

_KIND = "representation"


class RepresentativeShown(Answer):
    """An appointment; `until` is the first day on which it does not run, null: none is known.

    `runs`: they act for the member on the day of the answer. `is_over`: they do not, and never will
    by this appointment.
    """

    id: str
    representative: str
    scopes: tuple[Scope, ...]
    effective_from: date
    effective_to: date | None
    until: date | None
    dismissed_on: date | None
    runs: bool
    is_over: bool


def representatives(looking: Looking, staff_number: str) -> tuple[RepresentativeShown, ...]:
    """Every appointment of one member's, as known at an instant; on the day of `looking`."""
    return tuple(_found(looking, staff_number))


def _found(looking: Looking, staff_number: str) -> Iterator[RepresentativeShown]:
    for matter, _ in looking.worlds.matters_of(_KIND, staff_number):
        try:
            found = looking.find(looking.kind(_KIND), id_of(matter), staff_number)
        except NotOnRecord:
            continue  # not known yet at that instant
        appointment: Appointment = found.state.mine.substance
        if appointment.appointed is not None:
            yield RepresentativeShown(
                id=id_of(matter),
                representative=appointment.appointed.representative,
                scopes=appointment.appointed.scopes,
                effective_from=appointment.appointed.effective_from,
                effective_to=appointment.appointed.effective_to,
                until=appointment.until,
                dismissed_on=appointment.dismissed_on,
                runs=appointment.runs_on(looking.today),
                is_over=appointment.is_over(looking.today),
            )
