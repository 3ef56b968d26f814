"""Given facts, when a decision is taken, then these facts, or this refusal, or nothing.

    given(person, proposed(), letter()).when(lambda p: confirm(p, ...)).then(AssignmentConfirmed)

`when` also holds every decision to what all of them promise: it does not touch the state that it
is given. `then_done_once` takes the decision again on what it led to: a step of a procedure that
is already taken yields nothing.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from pydantic import BaseModel

from transfer.core.refusals import Refusal, Refused
from transfer.core.words import Basis

S = TypeVar("S")
F = TypeVar("F", bound=BaseModel)
Decision = Callable[[S], tuple[F, ...]]


@dataclass(frozen=True)
class Stream(Generic[S, F]):
    """What a kind of stream starts from, and how a fact is folded into it."""

    empty: Callable[[], S]
    evolve: Callable[[S, F], None]


def given(stream: Stream[S, F], *facts: F) -> "Given[S, F]":
    """The state after these facts, oldest first."""
    state = stream.empty()
    for fact in facts:
        stream.evolve(state, fact)
    return Given(stream, state)


@dataclass(frozen=True)
class Given(Generic[S, F]):
    """A state that a decision can be asked of."""

    stream: Stream[S, F]
    state: S

    def when(self, decision: Decision[S, F]) -> "Outcome[S, F]":
        """Take the decision; a refusal is kept, to be judged by `then_refused`."""
        before = deepcopy(self.state)
        try:
            facts, refusal = decision(self.state), None
        except Refusal as refused:
            facts, refusal = (), refused
        assert self.state == before, "a decision may not change the state that it is given"
        return Outcome(self, decision, facts, refusal)


@dataclass(frozen=True)
class Outcome(Generic[S, F]):
    """What came of a decision."""

    given: Given[S, F]
    decision: Decision[S, F]
    facts: tuple[F, ...]
    refusal: Refusal | None

    def then(self, *kinds: type[BaseModel]) -> Self:
        """It led to facts of exactly these kinds, in this order."""
        self._not_refused()
        assert [type(fact) for fact in self.facts] == list(kinds)
        return self

    def saying(self, **fields: object) -> Self:
        """The one fact it led to says this; fields left out may say anything."""
        assert len(self.facts) == 1
        assert {name: getattr(self.facts[0], name) for name in fields} == fields
        return self

    def resting_on(self, *assumptions: str) -> Self:
        """Every fact it led to says which assumed values it rests on."""
        for fact in self.facts:
            basis = getattr(fact, "basis", None)
            assert isinstance(basis, Basis)
            assert basis.assumptions == assumptions
        return self

    def then_nothing(self) -> None:
        """It is already so: no refusal, and nothing to record."""
        self._not_refused()
        assert self.facts == ()

    def then_refused(self, *clauses: str, because: str = "", kind: type[Refusal] = Refused) -> None:
        """It was refused, for exactly these clauses, in words that contain `because`."""
        assert self.refusal is not None, f"not refused: {self.facts}"
        assert type(self.refusal) is kind
        assert because in self.refusal.reason
        if isinstance(self.refusal, Refused):
            found = tuple(failure.clause for failure in self.refusal.failures if failure.clause)
            assert found == clauses

    def then_done_once(self) -> None:
        """Taken again on what it led to, it yields nothing."""
        self._not_refused()
        after = deepcopy(self.given.state)
        for fact in self.facts:
            self.given.stream.evolve(after, fact)
        Given(self.given.stream, after).when(self.decision).then_nothing()

    def _not_refused(self) -> None:
        assert self.refusal is None, f"refused: {self.refusal}"
