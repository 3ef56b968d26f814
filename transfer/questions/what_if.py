"""What would have come of a procedure under another edition, with another value, or without what
one side asserts. Nothing is written.

Every decision on record is made again, as it is and as supposed, and the two are compared: of the
procedure as a whole and of each person in it (`transfer.core.matter.supposing`). What the kind can
be asked is answered both ways too.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel

from projections.keeping_up.cursors import malformed_cursor, read_cursor, write_cursor
from transfer.commands.matter_worlds import Loaded, Worlds
from transfer.core.dating.instants import Instant
from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.editions.values import ClauseValue, parse_assumption
from transfer.core.matter import facts as t
from transfer.core.matter.deciding import RulesOfMatter
from transfer.core.matter.kind import Answer as Declared
from transfer.core.matter.kind import Kind
from transfer.core.matter.supposing import Both, Comes, Otherwise, judged_both
from transfer.core.matter.words import Over
from transfer.core.refusals import Malformed, NotOnRecord, Refused
from transfer.core.words import Confidence
from transfer.procedures.exercise.exercise_facts import ExerciseOpened
from transfer.questions.answer import Answer
from transfer.questions.kind_answers import worked_out
from transfer.questions.procedures import Found, Looking
from transfer.rulebooks import Rulebook
from transfer.rulebooks.in_force import binding
from transfer.rulebooks.supplying import SuppliedValue

_SUPPOSED = "supposed, to see what would come of it"
_WHY = "is supposed not to hold"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is supposed: another edition, values as `CLAUSE=VALUE` or `CLAUSE@TRANSFEROR=VALUE`, and
    assertions that are taken not to hold, each as `assertion:ID/NAME`."""

    rulebook: str | None = None
    values: Sequence[str] = ()
    without: Sequence[str] = ()


class FieldSupposed(Answer):
    """One thing that a decision states otherwise, as the fact on record has it."""

    name: str
    now: object
    supposed: object


class DecisionSupposed(Answer):
    """A decision that would come out otherwise: the sentences of the history as it is, and as it
    would be, with its day (`None`: it would not be made, or not yet). `refused` says why the rules
    would not let it be made, with their `clauses`; `fields` what is stated otherwise."""

    act: str
    about: str
    group: str | None
    decided_on: date
    supposed_on: date | None
    now: tuple[str, ...]
    supposed: tuple[str, ...]
    fields: tuple[FieldSupposed, ...]
    refused: str | None
    clauses: tuple[str, ...]


class AnswerSupposed(Answer):
    """Something that the kind can be asked, as far as it is answered otherwise. `None`: there is no
    answer, because the edition does not know a value, or nothing is on record."""

    question: str
    now: Json | None
    supposed: Json | None


class PersonSupposed(Answer):
    """What would be otherwise for one person."""

    staff_number: str
    decisions: tuple[DecisionSupposed, ...]
    answers: tuple[AnswerSupposed, ...]


class ActCounted(Answer):
    """For how many of the people judged an act would come out otherwise."""

    act: str
    people: int


class WhatIf(Answer):
    """What would be otherwise in a procedure, as known at an instant.

    `passed_over` are values on record that the supposed edition has no place for. `decisions` and
    `answers` are those of the procedure as a whole. `judged` people were decided again on this
    page, `differ` of them would fare otherwise: they are the `items`. `totals` counts them by act.
    """

    procedure: str
    known_at: Instant
    rulebook: str
    values: tuple[str, ...]
    without: tuple[str, ...]
    passed_over: tuple[str, ...]
    decisions: tuple[DecisionSupposed, ...]
    answers: tuple[AnswerSupposed, ...]
    judged: int
    differ: int
    totals: tuple[ActCounted, ...]
    items: tuple[PersonSupposed, ...]
    next_cursor: str | None


def what_if(
    looking: Looking, kind: Kind, id_: str, supposed: Supposed, *, limit: int, cursor: str | None
) -> WhatIf:
    """What would be otherwise in one procedure, for its people page by page.

    Raises `NotOnRecord` where there is no such procedure, `Malformed` where nothing is supposed or
    it cannot be read, and `Refused` with every clause where the supposed edition lacks a value.
    """
    if not (supposed.rulebook or supposed.values or supposed.without):
        raise Malformed("say what is supposed: rulebook, value or without", field="rulebook")
    found = looking.find(kind, id_)
    rules = _SupposedRules(looking, found, supposed)
    worlds = looking.worlds
    other = worlds.supposing(rules, {ref: f"{ref} {_WHY}" for ref in supposed.without})
    judging = _Judging(looking, kind, found.matter, worlds, other)
    whole = None if found.person is not None else judging.both(None)
    people, next_cursor = _page(worlds, found, limit, cursor)
    items = tuple(judging.people(people, whole))
    return WhatIf(
        procedure=f"{kind.name}/{id_}",
        known_at=looking.known_at,
        rulebook=rules.edition,
        values=tuple(supposed.values),
        without=tuple(supposed.without),
        passed_over=rules.passed_over,
        decisions=() if whole is None else judging.shown(whole.differences()),
        answers=() if whole is None else judging.answers(None),
        judged=len(people),
        differ=len(items),
        totals=_totals(items),
        items=items,
        next_cursor=next_cursor,
    )


def of_everybody(
    looking: Looking,
    kind: Kind,
    id_: str,
    supposed: Supposed,
    tell: Callable[[str], None],
    *,
    at_once: int = 200,
) -> WhatIf:
    """The same for everybody in the procedure, in one answer; `tell` is told how far it has come.

    Raises as `what_if` does.
    """
    first = what_if(looking, kind, id_, supposed, limit=at_once, cursor=None)
    items, judged, cursor = [*first.items], first.judged, first.next_cursor
    while cursor is not None:
        tell(f"{judged} people judged, {len(items)} of them otherwise")
        page = what_if(looking, kind, id_, supposed, limit=at_once, cursor=cursor)
        items += page.items
        judged, cursor = judged + page.judged, page.next_cursor
    update = {"items": tuple(items), "judged": judged, "differ": len(items), "next_cursor": None}
    return first.model_copy(update={**update, "totals": _totals(items)})


def _totals(items: Iterable[PersonSupposed]) -> tuple[ActCounted, ...]:
    counted = Counter(act for each in items for act in {one.act for one in each.decisions})
    return tuple(ActCounted(act=act, people=n) for act, n in sorted(counted.items()))


def _page(
    worlds: Worlds, found: Found, limit: int, cursor: str | None
) -> tuple[Sequence[str], str | None]:
    if found.person is not None:
        return (found.person,), None
    after = ""
    if cursor is not None:
        of, after = read_cursor(cursor, 2)
        if of != found.matter:
            raise malformed_cursor()
    people = [each for each in worlds.people(Loaded(), found.matter) if each > after]
    page = people[:limit]
    more = len(people) > limit
    return page, write_cursor([found.matter, page[-1]]) if more else None


# --- the rules that are supposed ----------------------------------------------------------------


class _SupposedRules:
    """Finds the rules that bind a matter (`RulesFor`): those supposed for the procedure and what
    came out of it under no other edition, those on record for everything else."""

    def __init__(self, looking: Looking, found: Found, supposed: Supposed) -> None:
        self._others = looking.worlds.rules
        self._matter = found.matter
        begun = found.begun
        editions = looking.office.editions
        book = editions.by_digest(begun.digest) if not supposed.rulebook else None
        self._book: Rulebook = book or editions.find(supposed.rulebook or begun.edition)
        values = begun.values if isinstance(begun, BegunUnderEdition | ExerciseOpened) else ()
        kept, self.passed_over = _kept(self._book, values)
        new = dict(map(parse_assumption, supposed.values))
        part = None
        if isinstance(begun, BegunUnderEdition) and found.kind.part is not None:
            part = self._book.part(found.kind.part)
        given = {
            key: SuppliedValue(value=value, document=_SUPPOSED, overriding=_SUPPOSED)
            for key, value in new.items()
        }
        terms = self._book.with_values(kept | given, calendar=begun.calendar, part=part)
        self._rules = binding(terms)

    @property
    def edition(self) -> str:
        """The edition that is supposed."""
        return self._book.edition

    def __call__(self, kind: Kind, begun: t.MatterBegun, root: t.MatterBegun) -> RulesOfMatter:
        """See `RulesFor`."""
        giving = begun if isinstance(begun, BegunUnderEdition) else root
        if giving.matter == self._matter:
            return self._rules
        return self._others(kind, begun, root)


def _kept(
    book: Rulebook, values: Iterable[ClauseValue]
) -> tuple[dict[str, SuppliedValue], tuple[str, ...]]:
    """The values on record that an edition has a place for, and the rest."""
    kept, passed_over = {}, []
    for each in values:
        key = each.clause if each.transferor is None else f"{each.clause}@{each.transferor}"
        clause = book.by_id.get(each.clause)
        fixed = clause is not None and clause.value is not None
        if (
            clause is None
            or clause.value_type is None
            or (fixed and clause.confidence is Confidence.SOURCE)
        ):
            passed_over.append(f"{key}={each.value}")
        else:
            kept[key] = SuppliedValue(value=each.value, document=each.document or _SUPPOSED)
    return kept, tuple(passed_over)


# --- judging ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Judging:
    looking: Looking
    kind: Kind
    matter: str
    worlds: Worlds
    other: Worlds

    def both(self, person: str | None, whole: Both | None = None) -> Both:
        """The procedure, or somebody in it, as it is and as supposed."""
        now = self.worlds.world(Loaded(), self.matter, person)
        supposed = self.other.world(Loaded(), self.matter, person)
        if whole is not None:
            supposed = whole.before(supposed)
        return judged_both(now, supposed, self.looking.today)

    def people(self, people: Sequence[str], whole: Both | None) -> Iterator[PersonSupposed]:
        """Those who would fare otherwise."""
        for number in people:
            decisions = self.shown(self.both(number, whole).differences())
            answers = self.answers(number)
            if decisions or answers:
                yield PersonSupposed(staff_number=number, decisions=decisions, answers=answers)

    def shown(self, found: Iterable[Otherwise]) -> tuple[DecisionSupposed, ...]:
        """Decisions in the words of the history."""
        return tuple(
            DecisionSupposed(
                act=each.act,
                about=each.about,
                group=each.group,
                decided_on=each.decided_on,
                supposed_on=each.supposed_on,
                fields=tuple(
                    FieldSupposed(name=name, now=now, supposed=supposed)
                    for name, now, supposed in each.fields()
                ),
                now=self._sentences(each.now),
                supposed=self._sentences(each.supposed),
                refused=each.supposed.reason if isinstance(each.supposed, Refused) else None,
                clauses=tuple(
                    sorted({c for one in _failures(each.supposed) if (c := one) is not None})
                ),
            )
            for each in found
        )

    def _sentences(self, comes: Comes) -> tuple[str, ...]:
        if isinstance(comes, Refused):
            return ()
        said = (self.looking.office.known.sentence(fact) for fact in comes)
        return tuple(each for each in said if each is not None)

    def answers(self, person: str | None) -> tuple[AnswerSupposed, ...]:
        """What the kind answers otherwise, of the whole or of one person."""
        found = []
        for asked in self.kind.answers:
            of_person = asked.over is Over.PERSON or self.kind.lies_with_person
            if of_person is not (person is not None):
                continue
            now = self._answer(self.worlds, asked, person)
            supposed = self._answer(self.other, asked, person)
            if now != supposed:
                shown = _differing(now, supposed)
                found.append(AnswerSupposed(question=asked.name, now=shown[0], supposed=shown[1]))
        return tuple(found)

    def _answer(self, worlds: Worlds, asked: Declared, person: str | None) -> Json | None:
        on = self.looking.today
        try:
            answer: BaseModel = worked_out(worlds, self.matter, asked, person, on, on)
        except (Refused, NotOnRecord):
            return None
        content: Json = answer.model_dump(mode="json", exclude={"basis"})
        return content


def _failures(comes: Comes) -> Iterator[str | None]:
    if isinstance(comes, Refused):
        for each in comes.failures:
            yield each.clause


def _differing(now: Json | None, supposed: Json | None) -> tuple[Json | None, Json | None]:
    """The parts of two answers that are not the same."""
    if now is None or supposed is None:
        return now, supposed
    names = [name for name in now if now[name] != supposed.get(name)]
    return {name: now[name] for name in names}, {name: supposed.get(name) for name in names}


__all__ = ["Supposed", "WhatIf", "of_everybody", "what_if"]
