"""How something comes to be contested, and how a party says what it asserts.

What a member of staff writes goes to their vault, under the id of the fact that says they wrote it.
"""

from typing import Any

from pydantic import Field

from transfer.commands.acts.disputes import on_record
from transfer.commands.acts.doing import Came, Do, Doing, settled_too
from transfer.commands.acts.given import ActGiven, inputs_of
from transfer.commands.links_and_objections import words_of
from transfer.core.matter.no_edition import NoEdition
from transfer.core.refusals import Malformed, NotOnRecord
from transfer.core.texts import KEPT_APART
from transfer.core.words import StaffNumber
from transfer.log.appending import Alongside
from transfer.log.envelope import event_id_of
from transfer.procedures.assertion import decisions as d
from transfer.procedures.assertion import facts as f
from transfer.rulebooks import Rulebook

MOST = 1_000
"""People whom one contested fact may name."""


class AssertionBegin(ActGiven, d.Contesting):
    """Puts on record that something is contested: the `question`, and what it concerns. What each
    side asserts follows by the act `assert`, side by side.

    A member of staff may do so about themselves alone: `people` is then their staff number.
    """

    id: f.AssertionName = Field(examples=["vlo-back-pay"])
    people: tuple[StaffNumber, ...] = Field((), max_length=MOST, examples=[["S10442"]])
    question: d.Said = Field(examples=["On which day did the job description last change?"])


def begin_assertion(doing: Doing, body: AssertionBegin) -> Came:
    """Put on record that something is contested."""
    inputs: dict[str, Any] = inputs_of(body, d.Contesting)
    inputs["people"] = list(on_record(doing, body.people))
    _require_known(doing, body)
    came = Came(doing.matter).take(
        doing.tools.matters.begin(
            doing.act,
            doing.because(),
            doing.matter,
            NoEdition(),
            happened_on=body.happened_on,
            learned_on=body.learned_on,
            inputs=inputs,
        )
    )
    return settled_too(doing, [None], came)


def _require_known(doing: Doing, body: AssertionBegin) -> None:
    """Raise `Malformed` for a procedure that there is not, or a clause that the rulebook does not
    have, and `Refused` for a rulebook that there is not. A clause alone is of rules without one.
    """
    worlds, named = doing.tools.worlds, body.procedure
    if named is not None and not (worlds.has_begun(named) or worlds.people_with(named)):
        raise Malformed(f"{named} has not begun", field="procedure")
    book: Rulebook | None = None
    if body.rulebook is not None:
        book = doing.tools.office.editions.find(body.rulebook)
    if body.clause is not None and book is not None and body.clause not in book.by_id:
        raise Malformed(f"{book.edition} has no clause {body.clause}", field="clause")


def saying(what: str) -> Do:
    """How an act is done by which a party says something: `assert`, `dispute` or `withdraw`."""

    def do(doing: Doing, body: Any) -> Came:
        matters = doing.tools.matters
        contest = d.contest_of(matters.state(doing.matter).whole.substance)
        whose: str | None = body.staff_number
        if whose is not None:
            (whose,) = on_record(doing, [whose], "staff_number")
        if doing.asking.roles.isdisjoint({"admin", "union"}) and whose not in contest.people:
            raise NotOnRecord("no such person or procedure on record")
        inputs = inputs_of(body, doing.tools.worlds.kind(doing.matter).act(what).needs)
        if "admin" not in doing.asking.roles and whose is None:
            inputs["side"] = f.PartySide.UNION
        if what == "assert":
            inputs.setdefault("assertion", d.next_name(contest))
        alongside: Alongside | None = None
        if whose is not None:
            inputs["staff_number"] = whose
            if inputs.get("statement"):
                vault = doing.tools.office.vault
                field = words_of(event_id_of(doing.act.command_id, 0))
                sealed = vault.seal({whose: {field: str(inputs["statement"])}})
                inputs["statement"] = KEPT_APART

                def alongside(cursor: Any) -> None:
                    vault.store(cursor, sealed)

        receipt = matters.do(
            doing.act,
            doing.because(),
            doing.matter,
            what,
            happened_on=body.happened_on,
            learned_on=body.learned_on,
            inputs=inputs,
            alongside=alongside,
        )
        return settled_too(doing, [None], Came(doing.matter).take(receipt))

    return do
