"""How a matter begins, unless `offered` names another way for its kind.

It has a separate stream, or lies on the stream of each person it is for. It goes by the part that
an edition has for the kind, or by no edition.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, cast

from pydantic import Field, create_model

from transfer.commands.acts.doing import Came, Do, Doing, settled_too
from transfer.commands.acts.given import (
    BEGIN,
    ActGiven,
    ForPeople,
    UnderEdition,
    fields_of,
    inputs_of,
    name_of,
    people_of,
)
from transfer.commands.plans import PlanAsked, terms_asked
from transfer.core.matter.deciding import RulesOfMatter
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.kind import Kind
from transfer.core.refusals import Malformed, NotOnRecord
from transfer.core.streams import staff_stream
from transfer.core.words import ExerciseId
from transfer.log.appending import Alongside
from transfer.rulebooks import Rulebook, shipped
from transfer.rulebooks.in_force import binding


class WithOwnStream(ActGiven):
    """The id that a matter with a separate stream is given when it begins."""

    id: ExerciseId = Field(examples=["panel-of-8-july-2020"])


class NamedByEdition(UnderEdition):
    """The same under an edition; its id is the edition's name unless it is given."""

    id: ExerciseId | None = Field(None, examples=["panel-of-8-july-2020"])


def id_begun(body: ActGiven) -> str | None:
    """The id that a beginning gives its matter; `None` where it lies with a person."""
    match body:
        case WithOwnStream():
            return body.id
        case NamedByEdition():
            return body.id or body.rulebook
        case _:
            return None


def body_of_beginning(kind: Kind) -> type[ActGiven]:
    """The body that the beginning of a kind takes: made once."""
    act = kind.act(kind.begins)
    key = (kind.name, act.needs, kind.part, kind.lies_with_person)
    if key in _MADE:
        return _MADE[key]
    bases: tuple[type[ActGiven], ...]
    if kind.lies_with_person:
        bases = (ForPeople,) if kind.part is None else (UnderEdition, ForPeople)
    else:
        bases = (WithOwnStream,) if kind.part is None else (NamedByEdition,)
    made: Any = create_model(
        name_of(kind.name, BEGIN),
        __base__=(*bases, act.needs),
        __doc__=act.needs.__doc__ or act.says,
        __module__=__name__,
        **fields_of(act),
        **_of_its_editions(kind),
    )
    _MADE[key] = cast("type[ActGiven]", made)
    return _MADE[key]


_MADE: dict[tuple[object, ...], type[ActGiven]] = {}


def _of_its_editions(kind: Kind) -> dict[str, Any]:
    """The field `rulebook`, with an edition that has rules for the kind as its example."""
    having = [name for name, book in shipped().items() if kind.part and book.has(kind.part)]
    if not having:
        return {}
    return {"rulebook": (UnderEdition.model_fields["rulebook"].annotation, _named(having[0]))}


def with_examples(kind: Kind, body: type[ActGiven]) -> type[ActGiven]:
    """A body that is written by hand for the beginning of a kind, with the examples of the fields
    that its declaration needs, and of an edition that has rules for it."""
    fields = fields_of(kind.act(kind.begins)) | _of_its_editions(kind)
    made: Any = create_model(
        name_of(kind.name, BEGIN),
        __base__=body,
        __doc__=body.__doc__,
        __module__=__name__,
        **fields,
    )
    return cast("type[ActGiven]", made)


def _named(edition: str) -> Any:
    info = copy(UnderEdition.model_fields["rulebook"])
    info.examples = [edition]
    return info


def beginning_of(kind: Kind) -> Do:
    """How a matter of a kind begins."""
    return _with_people(kind) if kind.lies_with_person else _with_own_stream(kind)


def _with_own_stream(kind: Kind) -> Do:
    needs = kind.act(kind.begins).needs

    def do(doing: Doing, body: ActGiven) -> Came:
        inputs = inputs_of(body, needs)
        _require_begun(doing, inputs)
        rules, alongside = _rules(doing, kind, body)
        receipt = doing.tools.matters.begin(
            doing.act,
            doing.because(),
            doing.matter,
            rules,
            happened_on=body.happened_on,
            learned_on=body.learned_on,
            inputs=inputs,
            alongside=alongside,
        )
        return settled_too(doing, (), Came(doing.matter).take(receipt))

    return do


def _with_people(kind: Kind) -> Do:
    needs = kind.act(kind.begins).needs

    def do(doing: Doing, body: ActGiven) -> Came:
        people, inputs = people_begun_for(body), inputs_of(body, needs)
        _require_begun(doing, inputs)
        rules, alongside = _rules(doing, kind, body)
        came = begun_for_each(doing, kind, people, rules, inputs, alongside)
        came.matter = _last_begun(doing, kind, people[0]) or came.matter
        return settled_too(doing, people, came)

    return do


def people_begun_for(body: ActGiven) -> tuple[str, ...]:
    """For whom something begins; raises `Malformed` where nobody is named."""
    people = people_of(body)
    if not people:
        raise Malformed("say for whom: staff_number or staff_numbers", field="staff_number")
    return people


def begun_for_each(
    doing: Doing,
    kind: Kind,
    people: Sequence[str],
    rules: RulesOfMatter,
    inputs: Mapping[str, object],
    alongside: Alongside | None = None,
) -> Came:
    """Begin a matter of a kind for each of these people. Of one alone a refusal is raised, and
    `NotOnRecord` where there is no such person."""
    if len(people) == 1 and doing.tools.office.person(people[0]).version == 0:
        raise NotOnRecord("no such person or procedure on record")
    many = doing.tools.matters.begin_for_each(
        doing.act,
        doing.because(),
        kind,
        kind.begins,
        people,
        rules,
        happened_on=doing.body.happened_on,
        learned_on=doing.body.learned_on,
        inputs=inputs,
        alongside=alongside,
    )
    if len(people) == 1:
        for refusal in many.refused.values():
            raise refusal
    return Came(doing.matter, [*many.receipts], {**many.refused})


def _rules(doing: Doing, kind: Kind, body: ActGiven) -> tuple[RulesOfMatter, Alongside | None]:
    """The rules that bind it, and what keeps the edition's text in the same commit."""
    if kind.part is None or not isinstance(body, UnderEdition):
        if kind.rules is None:
            raise ValueError(f"{kind.name} declares neither a part of editions nor rules")
        return kind.rules, None
    office = doing.tools.office
    asked = PlanAsked(
        edition=body.rulebook,
        on=body.happened_on or doing.asking.today,
        values=body.values_asked,
        suggested=body.assume is not None,
        assumes=doing.assumes,
    )
    terms = terms_asked(office, asked, kind.part)
    book: Rulebook = terms.rulebook
    return binding(terms), office.editions.keep_opened(book, doing.act.by)


def _require_begun(doing: Doing, inputs: Mapping[str, object]) -> None:
    """Raise `NotOnRecord` where it is to come out of a procedure that has not begun."""
    against = inputs.get("against")
    if isinstance(against, str) and not doing.tools.worlds.has_begun(against):
        raise NotOnRecord(f"{against} has not begun")


def _last_begun(doing: Doing, kind: Kind, person: str) -> str | None:
    """The last matter of a kind that somebody has."""
    facts = (event.fact for event in doing.tools.office.log.read(staff_stream(person)))
    begun = [
        fact.matter
        for fact in facts
        if isinstance(fact, MatterFact) and fact.matter.startswith(f"{kind.name}:")
    ]
    return max(begun, key=lambda matter: int(matter.rpartition(".")[2]), default=None)
