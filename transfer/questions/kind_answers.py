"""What a kind of procedure answers of one of its matters, beside how far it has come.

The kind declares the question and works the answer out (`Kind.answers`); here is what it is given:
what was on record at the knowledge time, to the end of the day asked about.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, cast

from pydantic import BaseModel, SerializeAsAny, create_model

from transfer.commands.matter_worlds import Loaded, Worlds
from transfer.core.dating.instants import Instant
from transfer.core.matter.deciding import Asked
from transfer.core.matter.folding import State
from transfer.core.matter.kind import Answer as Declared
from transfer.core.matter.kind import Kind, Seen
from transfer.core.matter.replaying import standing
from transfer.core.matter.words import Over
from transfer.core.refusals import Malformed, NotOnRecord, Refused
from transfer.questions.answer import Answer
from transfer.questions.procedures import Looking


class Unknown(Answer):
    """What the edition does not know, by which clause, and the document that would tell."""

    clause: str | None
    reason: str


class KindAnswered(Answer):
    """An answer of a kind: about which procedure, which day, as known when.

    `answer` is `None` where the edition does not know what it takes; `unknown` says why.
    """

    procedure: str
    question: str
    effective_at: date
    known_at: Instant
    law_known_on: date
    staff_number: str | None
    answer: SerializeAsAny[BaseModel] | None
    unknown: tuple[Unknown, ...] = ()


def answered_model(kind: Kind, asked: Declared) -> type[KindAnswered]:
    """The model of an answer, for the API's description."""
    name = "".join(part.capitalize() for part in f"{kind.name}-{asked.name}-answered".split("-"))
    shape: Any = asked.gives | None
    made: Any = create_model(
        name,
        __base__=KindAnswered,
        __doc__=asked.gives.__doc__,
        __module__=__name__,
        answer=(shape, ...),
    )
    return cast("type[KindAnswered]", made)


def answered(
    looking: Looking,
    kind: Kind,
    id_: str,
    asked: Declared,
    gives: type[KindAnswered],
    staff_number: str | None,
    effective_at: date | None,
    since: date | None = None,
    law_known_on: date | None = None,
    about: str | None = None,
) -> KindAnswered:
    """What a kind answers of one procedure, by the law and the policies that were known on a day:
    that of the knowledge time, unless one is given.

    Raises `NotOnRecord`, and `Malformed` where it is asked of a person or a thing and none is
    named.
    """
    found = looking.find(kind, id_)
    of_matter = asked.over is Over.MATTER and found.person is None
    person = None if of_matter else found.person or staff_number
    on, known_on = effective_at or looking.today, law_known_on or looking.today
    answer: BaseModel | None = None
    unknown: tuple[Unknown, ...] = ()
    try:
        answer = worked_out(looking.worlds, found.matter, asked, person, on, known_on, since, about)
    except Refused as refused:
        unknown = unknown_of(refused)
    return gives(
        procedure=f"{kind.name}/{id_}",
        question=asked.name,
        effective_at=on,
        known_at=looking.known_at,
        law_known_on=known_on,
        staff_number=person,
        answer=answer,
        unknown=unknown,
    )


def declared_answer(kind: Kind, name: str) -> Declared:
    """What a kind can be asked under a name; raises `NotOnRecord` with what there is."""
    for each in kind.answers:
        if each.name == name:
            return each
    known = ", ".join(each.name for each in kind.answers) or "nothing"
    raise NotOnRecord(f"{kind.name} answers no {name}: it answers {known}")


def worked_out(
    worlds: Worlds,
    matter: str,
    asked: Declared,
    person: str | None,
    on: date,
    known_on: date,
    since: date | None = None,
    about: str | None = None,
) -> BaseModel:
    """The answer of a kind about a matter, or about one person or thing in it, on a day (or from
    `since`).

    Raises `Refused` where the edition does not know what it needs, `NotOnRecord` where the matter
    has not begun, `Malformed` where it is asked of a person or a thing and none is named.
    """
    if asked.over is Over.PERSON and person is None:
        raise Malformed("say of whom: staff_number", field="staff_number")
    if asked.of_one and about is None:
        raise Malformed(f"say of which {asked.of_one}: about", field="about")
    loaded = Loaded()
    world = worlds.world(loaded, matter, person)
    to_day = None if asked.of_all_known else on
    states = standing(world, to_day)
    return asked.work_out(
        Asked(
            state=states[matter],
            others={name: state for name, state in states.items() if name != matter},
            rules=world.rules[matter],
            position=world.position,
            on=on,
            known_on=known_on,
            since=since,
            about=about,
            records=(
                {} if asked.reads is None else worlds.records(loaded, asked.reads(states[matter]))
            ),
            seen={} if asked.sees is None else _seen(worlds, loaded, matter, asked.sees, on),
            of_kind={}
            if asked.sees_each is None
            else _of_kind(worlds, matter, asked.sees_each, to_day),
        )
    )


def _of_kind(
    worlds: Worlds, matter: str, sees: Callable[[State], Seen | None], on: date | None
) -> dict[str, Seen]:
    """What an answer reads of each matter of the same kind, to the end of a day."""
    found = {}
    for each in worlds.matters_like(matter):
        try:
            world = worlds.world(Loaded(), each, None)
        except NotOnRecord:
            continue  # it began after the instant asked about
        seen = sees(standing(world, on)[each])
        if seen is not None:
            found[each] = seen
    return found


def _seen(
    worlds: Worlds,
    loaded: Loaded,
    matter: str,
    sees: Callable[[State], Seen | None],
    on: date,
) -> dict[str, Seen]:
    """What an answer reads of each person in a matter, to the end of a day."""
    found = {}
    for number in worlds.people_with(matter):
        seen = sees(standing(worlds.world(loaded, matter, number), on)[matter])
        if seen is not None:
            found[number] = seen
    return found


def unknown_of(refused: Refused) -> tuple[Unknown, ...]:
    """Why there is no answer."""
    return tuple(Unknown(clause=each.clause, reason=each.reason) for each in refused.failures)
