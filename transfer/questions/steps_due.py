"""The plan of what is about to begin: by when each step has to be done, and whether it can be.

The days are those that would be on record (`transfer.core.matter.foreseeing`); nothing is written.
Every kind of procedure is answered alike, from its declaration.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import cast

from pydantic import Field

from transfer.commands.matter_worlds import Loaded, Worlds
from transfer.core.editions.parts import lengths_in
from transfer.core.editions.rules import RulesOfEdition, not_known
from transfer.core.matter import facts as t
from transfer.core.matter.deciding import RulesOfMatter
from transfer.core.matter.folding import State
from transfer.core.matter.foreseeing import Foreseen, foreseen, to_come
from transfer.core.matter.kind import Kind
from transfer.core.matter.reckoning import HangsOn
from transfer.core.matter.replaying import standing
from transfer.core.streams import take_apart
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts
from transfer.questions.answer import Answer, absent


class StepDue(Answer):
    """One step with its latest lawful day, `on`; null: it has none, and `because` says why.

    `says` tells what is done, where the clock does it. `safe_on` is an earlier, cautious day,
    `later_on` the later one of two readings; by it a step is `too_late`. `before` is the day before
    which a step without a day has to be done. `because` is what the clause says, and what the day
    follows where it follows something.
    """

    step: str
    says: str = Field("", exclude_if=absent)
    about: str = Field("", exclude_if=absent)
    staff_number: str | None = Field(None, exclude_if=absent)
    nature: str
    owner: str
    owed_to: str = Field("", exclude_if=absent)
    on: date | None
    safe_on: date | None = Field(None, exclude_if=absent)
    later_on: date | None = Field(None, exclude_if=absent)
    before: date | None = Field(None, exclude_if=absent)
    too_late: bool
    because: str
    clause: str | None
    confidence: str | None = Field(None, exclude_if=absent)


class DependsOn(Answer):
    """A step that falls due only once something else is on record: `once` is any of these."""

    step: str
    says: str = Field("", exclude_if=absent)
    nature: str
    once: tuple[str, ...]
    falls_due: str = Field("", exclude_if=absent)


class DocumentMissing(Answer):
    """A length of time that the edition does not know, and the document that would tell."""

    clause: str
    because: str
    document_needed: str


class StepsDue(Answer):
    """By when each step has to be done, and whether all of them still can be on `judged_on`.

    `too_late` names the steps that cannot. `depends` are steps whose day nobody can know yet;
    `missing` are lengths of time that the edition does not know.
    """

    judged_on: date
    possible_from_today: bool
    too_late: tuple[str, ...]
    latest: tuple[StepDue, ...]
    depends: tuple[DependsOn, ...]
    missing: tuple[DocumentMissing, ...]


def steps_due(
    worlds: Worlds,
    kind: Kind,
    recorded: Sequence[Recorded[Fact]],
    *,
    judged_on: date,
    begins: bool,
) -> StepsDue | None:
    """The plan that follows from what would be on record of a kind; `None` where nothing of it is
    due. `worlds` has that as if it were on record. What is due later, and what the edition does not
    know, is said of a beginning alone (`begins`).
    """
    facts = {each.event_id: each.fact for each in recorded}
    states = list(_states(worlds, kind, recorded))
    found: list[tuple[Foreseen, RulesOfMatter]] = [
        (each, rules) for state, rules in states for each in foreseen(state, facts.keys())
    ]
    known = {each.step for each, _ in found}
    types = {type(fact) for fact in facts.values() if isinstance(fact, t.MatterFact)}
    later = to_come(kind, types, known.__contains__) if begins else ()
    missing = tuple(_missing(kind, states[0][1])) if begins and states else ()
    if not (found or later or missing):
        return None
    steps = tuple(_step(kind, each, rules, judged_on) for each, rules in found)
    late = dict.fromkeys(each.step for each in steps if each.too_late)
    return StepsDue(
        judged_on=judged_on,
        possible_from_today=not late,
        too_late=tuple(late),
        latest=steps,
        depends=tuple(
            DependsOn(
                step=each.step,
                says=_says(kind, each.step),
                nature=each.nature.value,
                once=tuple(_words(worlds.known, fact) for fact in each.once),
                falls_due=each.falls_due,
            )
            for each in later
        ),
        missing=missing,
    )


def _states(
    worlds: Worlds, kind: Kind, recorded: Sequence[Recorded[Fact]]
) -> Iterator[tuple[State, RulesOfMatter]]:
    """What would be on record of each matter of the kind, and of each person in one."""
    whose: dict[tuple[str, str | None], None] = {}
    for each in recorded:
        of, name = take_apart(each.stream)
        if isinstance(each.fact, t.MatterFact) and worlds.kind(each.fact.matter) is kind:
            whose[each.fact.matter, name if of == "staff" else None] = None
    for matter, person in whose:
        world = worlds.world(Loaded(), matter, person)
        yield standing(world)[matter], world.rules[matter]


def _says(kind: Kind, step: str) -> str:
    found = kind.step(step)
    return "" if found is None else found.act.says


def _step(kind: Kind, found: Foreseen, rules: RulesOfMatter, judged_on: date) -> StepDue:
    return StepDue(
        step=found.step,
        says=_says(kind, found.step),
        about=found.about,
        staff_number=found.person,
        nature=found.nature.value,
        owner=found.owner,
        owed_to=found.owed_to,
        on=found.latest,
        safe_on=found.safe,
        later_on=found.later,
        before=found.before,
        too_late=found.is_too_late(judged_on),
        because=_because(found, rules),
        clause=found.basis.clause,
        confidence=found.basis.confidence and found.basis.confidence.value,
    )


def _because(found: Foreseen, rules: RulesOfMatter) -> str:
    """What the clause says, after what the day follows where the step has no day."""
    said = ""
    if found.hangs_on is not None:
        said = f"its day follows {_follows(found.hangs_on)}"
    elif found.latest is None and found.before is not None:
        said = f"no source says how long before {found.before}: it has to be done before that day"
    elif found.latest is None:
        said = "no source gives a day"
    clause = found.basis.clause
    text = ""
    if clause is not None and found.basis.rulebook is not None:
        text = " ".join(cast(RulesOfEdition, rules).clause(clause).text.split())
    return ". ".join(each for each in (said, text) if each)


def _follows(hangs_on: HangsOn) -> str:
    """What a day follows, in words."""
    named = [f"the day of {each}" for each in (hangs_on.milestone,) if each]
    named += [f"the day after {each}" for each in hangs_on.after]
    named += [f"the end of the time for {each}" for each in hangs_on.day_after]
    named += [f"the day on which {each} is done" for each in hangs_on.once_done]
    return " and ".join(named)


def _missing(kind: Kind, rules: RulesOfMatter) -> Iterator[DocumentMissing]:
    """The lengths of time of the kind's part that the edition does not know."""
    if kind.part is None:
        return
    edition = cast(RulesOfEdition, rules)
    for clause in dict.fromkeys(each for _, each in lengths_in(edition.part(kind.part))):
        if not edition.knows(clause):
            lacks = not_known(edition, clause)
            yield DocumentMissing(
                clause=lacks.clause,
                because=lacks.because,
                document_needed=lacks.document_needed,
            )


def _words(known: KnownFacts, fact: type[t.MatterFact]) -> str:
    """A fact in the words of its stored name."""
    return known.names[fact].partition(".")[0].replace("-", " ")
