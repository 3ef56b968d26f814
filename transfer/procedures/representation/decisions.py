"""One appointment: what is on record of it, and what may follow.

    appointed ─► (its last day passes)
              └► dismissed

Somebody has one representative in a scope at a time. Several appointments of one member are several
matters.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Self

from pydantic import Field, model_validator

from transfer.core.matter import facts as t
from transfer.core.matter.deciding import Case
from transfer.core.matter.kind import NeedsNothing
from transfer.core.matter.no_edition import NONE
from transfer.core.refusals import Refused
from transfer.core.words import Frozen, Subject
from transfer.procedures.representation import facts as f


@dataclass(slots=True)
class Appointment:
    """What is on record of one appointment."""

    appointed: f.RepresentativeAppointed | None = None
    dismissed_on: date | None = None

    @property
    def until(self) -> date | None:
        """The first day on which it does not run any more; `None`: no such day is known."""
        ends = None if self.appointed is None else self.appointed.effective_to
        return min((day for day in (ends, self.dismissed_on) if day is not None), default=None)

    def runs_on(self, day: date) -> bool:
        """Whether the representative acts for the member on a day."""
        found = self.appointed
        if found is None or day < found.effective_from:
            return False
        return self.until is None or day < self.until

    def is_over(self, day: date) -> bool:
        """Whether it runs no more on a day, and never will."""
        return self.dismissed_on is not None or (self.until is not None and self.until <= day)


def evolve(appointment: Appointment, fact: t.MatterFact) -> None:
    """Fold one fact into the appointment; total, and never judges."""
    match fact:
        case f.RepresentativeAppointed():
            appointment.appointed = fact
        case f.RepresentativeDismissed() if appointment.dismissed_on is None:
            appointment.dismissed_on = fact.happened_on
        case _:
            pass


# --- what acts need ------------------------------------------------------------------------------


class Appointed(Frozen):
    """Who acts for the member (`representative`, the subject of their token), for what (`scope`),
    from which day on, and up to and excluding which, where it ends."""

    representative: Subject
    scope: tuple[f.Scope, ...] = Field(min_length=1)
    effective_from: date
    effective_to: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.effective_to is not None and self.effective_to <= self.effective_from:
            raise ValueError("effective_to is the first day after it: later than effective_from")
        return self

    @property
    def scopes(self) -> tuple[f.Scope, ...]:
        """Its scopes, each once and in one order."""
        return tuple(scope for scope in f.Scope if scope in self.scope)

    def is_said_by(self, fact: f.RepresentativeAppointed) -> bool:
        """Whether a fact says just this."""
        return (fact.representative, fact.scopes, fact.effective_from, fact.effective_to) == (
            self.representative,
            self.scopes,
            self.effective_from,
            self.effective_to,
        )


# --- decisions -----------------------------------------------------------------------------------


def appoint(case: Case, needs: Appointed) -> tuple[t.MatterFact, ...]:
    """Let somebody act for the member; nothing where just this appointment runs already.

    Raises `Refused` where it would begin before the day on which the member said so, or where
    somebody acts for them in one of its scopes on one of its days.
    """
    if needs.effective_from < case.on:
        raise Refused(
            f"effective_from is {needs.effective_from}: nobody is appointed for days before the "
            f"appointment, which was made on {case.on}"
        )
    for other, found in _others(case):
        if other.dismissed_on is not None:
            continue
        if needs.is_said_by(found):
            return ()
        shared = _shared(needs.scopes, found.scopes)
        if shared and _meet(needs, found):
            raise Refused(
                f"{found.representative} is appointed for {', '.join(shared)} from "
                f"{found.effective_from}{_until(found.effective_to)} ({found.matter}): one "
                "representative acts in a scope at a time; dismiss that one first"
            )
    return (
        f.RepresentativeAppointed(
            **case.stamp(),
            edition=NONE,
            digest=NONE,
            calendar=NONE,
            representative=needs.representative,
            scopes=needs.scopes,
            effective_from=needs.effective_from,
            effective_to=needs.effective_to,
        ),
    )


def dismiss(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    """End an appointment at once; one that has not begun to run yet never does."""
    mine: Appointment = case.state.mine.substance
    if mine.dismissed_on is not None:
        return ()
    if mine.appointed is None:
        raise Refused("nobody had been appointed by then")
    if mine.is_over(case.on):
        raise Refused(f"the appointment had ended already: it ran until {mine.until}")
    return (
        f.RepresentativeDismissed(**case.stamp(), representative=mine.appointed.representative),
    )


# --- what they read ------------------------------------------------------------------------------


def _others(case: Case) -> Iterator[tuple[Appointment, f.RepresentativeAppointed]]:
    for state in case.others.values():
        found = state.mine.substance
        if isinstance(found, Appointment) and found.appointed is not None:
            yield found, found.appointed


def _shared(some: Iterable[f.Scope], others: Iterable[f.Scope]) -> tuple[f.Scope, ...]:
    """The scopes of `others` that `some` reach into: everything reaches into each."""
    mine = set(some)
    everything = f.Scope.EVERYTHING
    return tuple(
        each for each in others if each in mine or everything in mine or each is everything
    )


def _meet(needs: Appointed, found: f.RepresentativeAppointed) -> bool:
    begins_before_the_end = found.effective_to is None or needs.effective_from < found.effective_to
    ends_after_the_start = needs.effective_to is None or found.effective_from < needs.effective_to
    return begins_before_the_end and ends_after_the_start


def _until(day: date | None) -> str:
    return "" if day is None else f", up to and excluding {day}"
