"""What an edition says of who leaves around a transfer: the table `[departure]` of its file."""

from typing import Self

from pydantic import model_validator

from transfer.core.editions.parts import ClauseId, Length, Part


class Detriment(Part):
    """What follows where working conditions change substantially for the worse.

    `treated_as_dismissed`: who leaves because of it is treated as dismissed by the employer; if
    not, the right to leave is kept, and no more is said. `notice` is the clause by which notice
    that is not worked is not paid. `employer_alone` is the clause by which another employer alone
    is not enough, unless that is significant and to the person's detriment.
    """

    clause: ClauseId
    treated_as_dismissed: bool
    notice: ClauseId | None = None
    employer_alone: ClauseId | None = None


class Departure(Part):
    """By which clauses somebody leaves around a transfer; what is left out cannot be recorded.

    `late_objection` is the clause on objections after the transfer, `breach` that on leaving over a
    breach of contract, `dismissed_before` that by which who is dismissed before the transfer and
    because of it counts as employed immediately before it, `appeal` that on an appeal which is
    upheld after the transfer, and `liabilities` that by which what is owed passes. `unfair` is the
    clause on dismissals because of the transfer, `service` are clauses of the least service for
    claiming that, each from when it is in force. `refused_change` is a clause whose value is the
    day from which others say that a dismissal for refusing a change is unfair, `instrument` that of
    the instrument, which nobody has read.
    """

    late_objection: ClauseId | None = None
    detriment: Detriment | None = None
    breach: ClauseId | None = None
    dismissed_before: ClauseId | None = None
    appeal: ClauseId | None = None
    liabilities: ClauseId | None = None
    unfair: ClauseId | None = None
    service: tuple[Length, ...] = ()
    refused_change: ClauseId | None = None
    instrument: ClauseId | None = None

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if (self.dismissed_before or self.appeal) and self.liabilities is None:
            raise ValueError("a dismissal before the transfer needs liabilities, a clause")
        if self.unfair is not None and not self.service:
            raise ValueError("unfair dismissal needs service, clauses of the least service")
        return self
