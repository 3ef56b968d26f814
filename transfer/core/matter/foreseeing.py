"""By when each step of a matter has to be done: read off the book of what is due.

    foreseen    what is due, with its last lawful day; or what its day follows
    to_come     what falls due by a later fact alone, as the outcome of an appeal

Nothing is counted here. A decision has counted each day, backwards or forwards, by its clause.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from transfer.core.matter import facts as t
from transfer.core.matter.folding import State
from transfer.core.matter.kind import Kind
from transfer.core.matter.reckoning import HangsOn
from transfer.core.matter.words import Nature
from transfer.core.words import Basis


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Something that is due. `latest` is its last day, `safe` an earlier, cautious one, `later` the
    later reading. Where it has no last day, it has to be done `before` some day, or its day follows
    another (`hangs_on`), or no source gives a day."""

    step: str
    about: str
    nature: Nature
    owner: str
    owed_to: str
    person: str | None
    basis: Basis
    latest: date | None
    safe: date | None = None
    later: date | None = None
    before: date | None = None
    hangs_on: HangsOn | None = None

    def is_too_late(self, on: date) -> bool:
        """Whether its last day, by the later reading, is over by a day."""
        last = self.later or self.latest
        if last is not None:
            return last < on
        return self.before is not None and self.before <= on


@dataclass(frozen=True, slots=True)
class ToCome:
    """Something that falls due once one of these facts is on record; for a step of the clock
    `falls_due` says when, in words."""

    step: str
    nature: Nature
    once: tuple[type[t.MatterFact], ...]
    falls_due: str = ""


def foreseen(state: State, by: Collection[UUID]) -> Iterator[Foreseen]:
    """What these facts made due, the earliest first; what has no day comes last."""
    book, kind = state.book, state.kind
    level = state.mine if kind.lies_with_person else state.whole
    ends = None if kind.leads_to is None else kind.leads_to(level.substance)
    found = []
    for due in book.of(state.whom):
        if due.opened_by not in by or not due.is_open or due.elsewhere:
            continue
        on, later = book.days(due)
        hangs_on = None if on is not None else due.when.hangs_on
        is_by_the_end = on is None and hangs_on is None and due.nature is Nature.DUTY
        found.append(
            Foreseen(
                step=due.slot.what,
                about=due.slot.about,
                nature=due.nature,
                owner=due.owner,
                owed_to=due.owed_to,
                person=due.slot.person,
                basis=due.when.basis,
                latest=on,
                safe=due.when.safe,
                later=later,
                before=ends if is_by_the_end else None,
                hangs_on=hangs_on,
            )
        )
    yield from sorted(found, key=lambda each: each.latest or each.before or date.max)


def to_come(
    kind: Kind, recorded: Collection[type[t.MatterFact]], known: Callable[[str], bool]
) -> tuple[ToCome, ...]:
    """What falls due by facts that are not on record, in the order of the declaration. `known` says
    of a step whether it is due already."""
    once: dict[tuple[str, Nature], list[type[t.MatterFact]]] = {}
    for row in kind.obligations:
        for each in row.does:
            if each.nature is None or row.fact in recorded or known(each.what):
                continue
            facts = once.setdefault((each.what, each.nature), [])
            if row.fact not in facts:
                facts.append(row.fact)
    found = []
    for (what, nature), facts in once.items():
        step = kind.step(what)
        falls_due = "" if step is None else step.falls_due
        found.append(ToCome(what, nature, tuple(facts), falls_due))
    return tuple(found)
