"""How an appeal and a consultation begin, each out of an exercise; and an appointment."""

from typing import Annotated

from pydantic import Field, StringConstraints

from transfer.commands.acts.beginning import begun_for_each, people_begun_for
from transfer.commands.acts.doing import Came, Doing, settled_too
from transfer.commands.acts.given import ActGiven, ForPeople, inputs_of
from transfer.commands.exercises import consultation_matter, exercise_matter
from transfer.commands.links_and_objections import words_of
from transfer.core.dating.instants import Day
from transfer.core.matter.no_edition import NoEdition
from transfer.core.matter.words import Named
from transfer.core.refusals import Malformed
from transfer.core.streams import staff_stream
from transfer.core.texts import KEPT_APART
from transfer.core.words import ExerciseId, StaffNumber
from transfer.log.envelope import event_id_of
from transfer.procedures.representation.decisions import Appointed
from transfer.procedures.representation.facts import RepresentativeAppointed

Words = Annotated[str, StringConstraints(min_length=1)]


class AppealBegin(ActGiven):
    """Takes an appeal of one person in an exercise. The grounds are encrypted, and in no event.

    One that comes after the last day of its window is refused, and the refusal is on record; see
    `admit-late`. `about` is what is appealed against: the assignment.
    """

    exercise: Annotated[ExerciseId, Named.EXERCISE] = Field(examples=["tr-2013"])
    staff_number: StaffNumber = Field(examples=["S10442"])
    about: Annotated[str, StringConstraints(pattern="^assignment$")] = "assignment"
    grounds: Words = Field(examples=["the caseload was counted on the wrong day"])


def begin_appeal(doing: Doing, body: AppealBegin) -> Came:
    """Take an appeal; its grounds go to the vault, under the id of the fact that says it came."""
    vault = doing.tools.office.vault
    # Of what an appeal records the second fact is the one that says how it came.
    field = words_of(event_id_of(doing.act.command_id, 1))
    sealed = vault.seal({body.staff_number: {field: body.grounds}})
    receipt = doing.tools.exercises.lodge_appeal(
        doing.act,
        doing.because(),
        body.exercise,
        body.staff_number,
        grounds=KEPT_APART,
        happened_on=body.happened_on,
        learned_on=body.learned_on,
        alongside=lambda cursor: vault.store(cursor, sealed),
    )
    matter = exercise_matter(body.exercise)
    came = Came(matter).take(receipt)
    begun = doing.tools.exercises.last_appeal(body.exercise, body.staff_number)
    came.matter = begun or matter
    own = Doing(doing.tools, doing.act, doing.asking, matter, body)
    return settled_too(own, [body.staff_number], came)


class ConsultationBegin(ActGiven):
    """Begins the consultation of the employers' and the unions' sides on an open exercise.

    Its id is the exercise's.
    """

    exercise: Annotated[ExerciseId, Named.EXERCISE] = Field(examples=["tr-2013"])
    bodies: tuple[Words, ...] = Field(min_length=1, examples=[["NNC", "SCCOG"]])
    agreement: Words = Field(examples=["National agreement on staff transfer"])


def begin_consultation(doing: Doing, body: ConsultationBegin) -> Came:
    """Begin the consultation."""
    came = Came(consultation_matter(body.exercise))
    return came.take(
        doing.tools.exercises.open_consultation(
            doing.act,
            doing.because(),
            body.exercise,
            bodies=body.bodies,
            agreement=body.agreement,
            happened_on=body.happened_on,
        )
    )


class RepresentationBegin(ForPeople, Appointed):
    """Appoints somebody to act for a member of staff, or for many: `staff_numbers`.

    `representative` is the subject of the representative's token. `scope` is what they are
    appointed for. The appointment runs from `effective_from` up to and excluding `effective_to`.
    An administrator gives the signed `document`; a member of staff appoints for themselves alone.
    """

    effective_from: Day = Field(examples=["2026-12-01"])
    effective_to: Day | None = None


def begin_representation(doing: Doing, body: RepresentationBegin) -> Came:
    """Appoint a representative."""
    people = people_begun_for(body)
    if "admin" in doing.asking.roles and not body.document:
        raise Malformed(
            "an administrator gives the document that the member has signed", field="document"
        )
    came = begun_for_each(
        doing,
        doing.tools.worlds.kind(doing.matter),
        people,
        NoEdition(),
        inputs_of(body, Appointed),
    )
    came.matter = _appointment(doing, people[0], body) or came.matter
    return settled_too(doing, people, came)


def _appointment(doing: Doing, person: str, body: RepresentationBegin) -> str | None:
    """The matter of somebody's last appointment that says what the body does."""
    facts = (event.fact for event in doing.tools.office.log.read(staff_stream(person)))
    said = [
        fact.matter
        for fact in facts
        if isinstance(fact, RepresentativeAppointed) and body.is_said_by(fact)
    ]
    return said[-1] if said else None
