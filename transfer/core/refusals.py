"""Why the record says no.

    Refusal                      every "no" that this program gives on purpose
    ├── Refused                  a rule says no: carries every failing clause
    ├── NotOnRecord              the person, event or exercise named is not known
    ├── AlreadyOnRecord          it is known, and may be said only once
    ├── Conflict                 the record has moved on, or the entry named cannot be named so
    │   └── StaleVersion         the version that the caller relied on is no longer the last
    │       └── StaleRead        nor is that of a stream which the decision only read
    ├── HeldUp                   it could not be done by now, and may be tried again
    ├── KeyReused                an idempotency key came back with another request
    ├── Malformed                the input breaks a rule of form: names the field
    └── SeveralRefused           items of an act over many: carries the refusal of each

Core and commands raise these; the API's error file alone knows their HTTP status, the command
line alone their exit code.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
    """One reason for a "no": the clause that fails (if a clause it is) and what to do about it."""

    reason: str
    clause: str | None = None


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """Base of every deliberate "no"; `reason` is a sentence for a person to read."""

    def __init__(self, reason: str, *, clause: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.clause = clause


class Refused(Refusal):
    """A rule refuses the act; `failures` lists every failing clause, not the first alone."""

    def __init__(
        self, reason: str, *, clause: str | None = None, failures: tuple[Failure, ...] = ()
    ) -> None:
        super().__init__(reason, clause=clause)
        self.failures = failures or (Failure(reason, clause),)

    @classmethod
    def all_of(cls, failures: tuple[Failure, ...]) -> "Refused":
        """One refusal that carries several failures; their reasons joined, the first clause."""
        return cls(
            "; ".join(failure.reason for failure in failures),
            clause=failures[0].clause,
            failures=failures,
        )


class NotOnRecord(Refusal):
    """The person, event or exercise named is not on record (or was not, at the time asked of)."""


class AlreadyOnRecord(Refusal):
    """The person or exercise is on record already and can be entered only once."""


class Conflict(Refusal):
    """The act contradicts what is on record, e.g. a correction of an annulled entry."""


class StaleVersion(Conflict):
    """The stream has moved past the version that the caller relied on.

    `stream` names it; empty where that is not known.
    """

    def __init__(self, reason: str, *, stream: str = "") -> None:
        super().__init__(reason)
        self.stream = stream


class StaleRead(StaleVersion):
    """A stream that the decision only read, such as the plan of an exercise, has moved since."""


class HeldUp(Refusal):
    """What was asked for has not been done by now; the reason names what is in the way."""


class KeyReused(Refusal):
    """An idempotency key was used before, with another request."""


class Malformed(Refusal):
    """The input breaks a rule of form; `field` says where."""

    def __init__(self, reason: str, *, field: str, clause: str | None = None) -> None:
        super().__init__(f"{field}: {reason}", clause=clause)
        self.field = field


@dataclass(frozen=True, slots=True)
class ItemRefused:
    """The refusal of one item of an act over many: its place from 0, whom it is about, why."""

    index: int
    staff_number: str
    refusal: Refusal


class SeveralRefused(Refusal):
    """Items of an act over many are refused, so all of it is; `items` lists every one, in order."""

    def __init__(self, items: tuple[ItemRefused, ...]) -> None:
        first = items[0]
        several = f"{len(items)} refusals; the first: " if len(items) > 1 else ""
        reason = f"{several}item {first.index} ({first.staff_number}): {first.refusal.reason}"
        super().__init__(reason, clause=first.refusal.clause)
        self.items = items
