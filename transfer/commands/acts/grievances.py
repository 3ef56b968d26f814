"""How a grievance begins: on one matter, for the people who raise it at once."""

from dataclasses import replace

from pydantic import Field

from transfer.commands.acts.beginning import WithOwnStream, beginning_of, with_examples
from transfer.commands.acts.disputes import on_record
from transfer.commands.acts.doing import Came, Doing
from transfer.commands.acts.given import ForPeople, UnderEdition, people_of
from transfer.core.refusals import Malformed
from transfer.core.words import ExerciseId
from transfer.procedures.grievance.decisions import Grieving
from transfer.procedures.grievance.kind import GRIEVANCE


class Raised(WithOwnStream, UnderEdition, ForPeople, Grieving):
    """Puts a grievance on record, by one person or by many on one matter.

    `complaint` says what it is about, in a few words and without a name; the grievance itself is
    the `document`. A member of staff raises it for themselves alone. A representative brings it for
    their union, and for members who appointed them. With `prepared` it waits until it is submitted,
    and nobody raises it yet. Who raises it later does so by the act `join`.
    """

    id: ExerciseId = Field(examples=["assignment-letters"])


GrievanceBegin = with_examples(GRIEVANCE, Raised)
"""The body, as the API describes it."""


def begin_grievance(doing: Doing, body: Raised) -> Came:
    """Begin a grievance, and let everybody raise it who is named. Raises `Malformed` where
    somebody is not on record, before anything is written."""
    people = tuple(on_record(doing, people_of(body) or (), "staff_number"))
    if body.brought_by is not None and doing.asking.roles.isdisjoint({"admin", "union"}):
        raise Malformed("a union says itself that it brings one: leave it out", field="brought_by")
    if people and body.prepared:
        raise Malformed("nobody raises it before it is submitted: name nobody", field="prepared")
    kind = doing.tools.worlds.kind(doing.matter)
    came = beginning_of(kind)(doing, body)
    if people:
        # Who may begin it for somebody may raise it for them, as they would themselves.
        asking = doing.because()
        joined = doing.tools.matters.do_over(
            doing.act.part("join"),
            replace(asking, roles=asking.roles | {"staff"}),
            doing.matter,
            "join",
            {number: {} for number in people},
            happened_on=body.happened_on,
            learned_on=body.learned_on,
        )
        came.receipts += joined.receipts
        came.refused |= joined.refused
    return came
