"""What there is to name in the fields of an act: groups, windows, days of the plan and the like.

A field says of what kind its value is (`transfer.core.matter.words.Named`); here is what of that
kind a procedure, the edition that binds it, or the record has.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import cast

from transfer.commands.exercises import exercise_matter
from transfer.commands.matter_worlds import Loaded
from transfer.core.matter.kind import Kind
from transfer.core.matter.words import Named
from transfer.core.refusals import NotOnRecord, Refused
from transfer.procedures.consultation.sides import Sides
from transfer.procedures.exercise.plan import Plan, plan_of
from transfer.questions.answer import Answer
from transfer.questions.procedures import RUNNING, Found, Looking
from transfer.rulebooks import Rulebook
from transfer.rulebooks.in_force import BindingRules
from transfer.rulebooks.procedure import Milestone


class Possible(Answer):
    """Something that may be named: its value, and what it is called; null: as it is named."""

    value: str
    title: str | None = None


Possibles = Mapping[Named, tuple[Possible, ...]]


def named_in(looking: Looking, found: Found, wanted: Collection[Named]) -> Possibles:
    """What there is of each kind that is wanted, in one procedure."""
    return _of(wanted, _there(looking, found))


def named_at_beginning(
    looking: Looking, kind: str, wanted: Collection[Named], edition: str | None
) -> Possibles:
    """The same before a procedure of a kind begins: of an edition where one is chosen already."""
    sources: dict[Named, Source] = {
        Named.EDITION: lambda: _editions(looking, kind),
        Named.EXERCISE: lambda: _exercises(looking),
    }
    if edition is not None:
        with suppress(Refused):  # the act itself says which editions there are
            sources |= _of_edition(looking.office.editions.find(edition))
    return _of(wanted, sources)


Source = Callable[[], Iterable[Possible]]


def _of(wanted: Collection[Named], sources: Mapping[Named, Source]) -> Possibles:
    return {kind: tuple(sources[kind]()) for kind in wanted if kind in sources}


def _there(looking: Looking, found: Found) -> dict[Named, Source]:
    sources: dict[Named, Source] = {
        Named.STEP: lambda: _steps(found.kind),
        Named.EXERCISE: lambda: _exercises(looking),
    }
    known = found.state.whole.substance
    if isinstance(known, Sides):
        sources[Named.BODY] = lambda: (Possible(value=each) for each in known.bodies)
        sources[Named.QUESTION] = lambda: (Possible(value=each) for each in known.questions)
    exercise = found.matter if found.kind.name == "exercise" else found.begun.against
    if exercise is None or not exercise.startswith(exercise_matter("")):
        return sources
    rules = cast("BindingRules", looking.worlds.rules_of(Loaded(), exercise))
    sources |= _of_edition(rules.rulebook)
    sources[Named.DOCUMENT] = lambda: (Possible(value=each) for each in rules.documents_asked_for)
    if found.kind.name == "exercise":
        sources |= _of_plan(plan_of(found.state), rules.rulebook)
    return sources


# --- of one procedure -----------------------------------------------------------------------------


def _steps(kind: Kind) -> Iterator[Possible]:
    for step in kind.steps:
        yield Possible(value=step.name, title=step.act.says)


def _of_plan(plan: Plan, book: Rulebook) -> dict[Named, Source]:
    transferors = plan.opened.transferors if plan.opened else ()
    announced = {each.value for each in _milestones(book.milestones)}
    more = [name for name in plan.milestones if name not in announced]
    return {
        Named.GROUP: lambda: (Possible(value=each) for each in plan.groups),
        Named.TRANSFEROR: lambda: (Possible(value=each) for each in transferors),
        Named.MILESTONE: lambda: (
            *_milestones(book.milestones),
            *(Possible(value=each) for each in more),
        ),
    }


# --- of an edition --------------------------------------------------------------------------------


def _of_edition(book: Rulebook) -> dict[Named, Source]:
    answers = dict.fromkeys(each for window in book.windows for each in window.answers)
    return {
        Named.MILESTONE: lambda: _milestones(book.milestones),
        Named.WINDOW: lambda: _titled((each.id, each.title) for each in book.windows),
        Named.ROUTE: lambda: _titled((each.id, each.title) for each in book.routes),
        Named.PATH: lambda: _titled((each.id, each.title) for each in book.ways),
        Named.LETTER: lambda: _titled((each.id, each.title) for each in book.letters),
        Named.ANSWER: lambda: (Possible(value=each) for each in answers),
        Named.OFFER: lambda: _titled((each.term, each.title) for each in book.offers),
        Named.HAPPENING: lambda: _titled((each.id, each.title) for each in book.happenings),
        Named.DESTINATION: lambda: _titled(
            (id_, each.name) for id_, each in book.transferees.items()
        ),
    }


def _titled(found: Iterable[tuple[str, str | None]]) -> Iterator[Possible]:
    for value, title in found:
        yield Possible(value=value, title=title)


def _milestones(found: Iterable[Milestone]) -> Iterator[Possible]:
    """Each day of the plan once, in the order of its first day; what it was called last."""
    first = sorted(found, key=lambda each: each.on)
    titles = {each.name: each.title for each in first}
    for name in dict.fromkeys(each.name for each in first):
        yield Possible(value=name, title=titles[name])


# --- of the record --------------------------------------------------------------------------------


def _editions(looking: Looking, kind: str) -> Iterator[Possible]:
    """The editions under which procedures of a kind begin."""
    for name, book in looking.office.editions.all().items():
        if kind in book.begins:
            yield Possible(value=name, title=f"{name}: {book.title}")


def _exercises(looking: Looking) -> Iterator[Possible]:
    """The exercises that run."""
    kind = looking.kind("exercise")
    for matter, _ in looking.names(kind, None):
        id_ = matter.partition(":")[2]
        try:
            found = looking.find(kind, id_)
        except NotOnRecord:
            continue  # not known yet at that instant
        if found.standing == RUNNING:
            yield Possible(value=id_)
