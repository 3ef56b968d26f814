"""Who takes care of a duty of the office, and why one may be left undone for a while.

Neither changes what is due, from whom or by which day: that is decided by the procedure alone. So
neither is an act of a procedure. The facts about a duty are kept on its stream in the log,
and what was said is taken back by a new fact.

A duty is known by its slot: the matter, the group or the person, what is due and about what.
Another day may take the place of the one that was published; the duty stays the same, and so does
who takes care of it. Once it is done, the same may be due again: that is another duty, which nobody
was given and nothing excuses, though it has the same stream. Every fact names the duty and, in its
basis, the clause that it rests on.

Order of the file: facts, then state and fold, then decisions.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, assert_never
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import StringConstraints

from transfer.core.matter.book import MILESTONE
from transfer.core.matter.facts import ADMINISTRATION
from transfer.core.matter.words import GroupName, MatterName
from transfer.core.refusals import Conflict, Malformed
from transfer.core.texts import caseless, is_blank
from transfer.core.words import Basis, Frozen, StaffNumber, Subject

NEAR_DAYS: Final = 3
"""How many days before its day a duty is near, unless a service is set otherwise."""

OWNERS_OUTSIDE: Final = frozenset(
    {"staff", "bodies", "union", "unions", "trade union", "trade unions", "unions and staff"}
)
"""From whom something is due that the office cannot give to anybody or excuse (`caseless`)."""

_DUTIES: Final = uuid5(NAMESPACE_URL, "transfer/duty")

Why = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\x00]*$")]
"""A text without a NUL. Name nobody in it: it is not encrypted."""


# --- facts -------------------------------------------------------------------------------------


class DutyNamed(Frozen):
    """Which duty: of a matter, of one group or one person in it or of the whole, what is due, and
    about what (which milestone, which meeting) where there are several."""

    matter: MatterName
    group: GroupName | None = None
    staff_number: StaffNumber | None = None
    what: str
    about: str = ""

    @property
    def id(self) -> UUID:
        """The same for the same duty, whatever day it is due on."""
        parts = (self.matter, self.group or "", self.staff_number or "", self.what, self.about)
        return uuid5(_DUTIES, "\n".join(parts))


class OfDuty(Frozen):
    """A fact about a duty. `basis` has the clause of the obligation that it was said of."""

    duty: DutyNamed
    basis: Basis
    reason: Why


class DutyDelegated(OfDuty):
    """Somebody takes care of the duty, up to a day and on it; `None`: until it is taken back.

    `to` is a subject of tokens. Nobody else has the duty any longer.
    """

    to: Subject
    until: date | None = None


class DutyTakenBack(OfDuty):
    """Nobody in particular has the duty: it is with who runs the procedure."""


class DutyExcused(OfDuty):
    """There is a reason why the duty was not done in time, or will not be. It stays due or missed.

    `document` shows it: the id of one in the register of documents, or a text.
    """

    document: str | None = None


class ExcuseWithdrawn(OfDuty):
    """The excuse is not good any more, or never was."""


DutyFact = DutyDelegated | DutyTakenBack | DutyExcused | ExcuseWithdrawn

# --- state and fold ----------------------------------------------------------------------------


@dataclass(slots=True)
class Care:
    """Who takes care of a duty, and its excuse, as they are on record; `None` for neither."""

    given: DutyDelegated | None = None
    excuse: DutyExcused | None = None


def evolve(care: Care, fact: DutyFact) -> None:
    """Fold one fact in; total, and never judges."""
    match fact:
        case DutyDelegated():
            care.given = fact
        case DutyTakenBack():
            care.given = None
        case DutyExcused():
            care.excuse = fact
        case ExcuseWithdrawn():
            care.excuse = None
        case _:
            assert_never(fact)


# --- decisions ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Duty:
    """An obligation as somebody finds it: `is_to_do` while it is open or missed.

    Facts before `first_place` are about an earlier duty.
    """

    named: DutyNamed
    first_place: int
    owner: str
    is_right: bool
    is_to_do: bool
    basis: Basis
    owed_to: str = ""


def delegate(duty: Duty, to: str, until: date | None, reason: str, today: date) -> DutyDelegated:
    """Give a duty to somebody. Given again, the last word holds.

    Raises `Conflict` for what is no duty of the office or is not to be done any more, `Malformed`
    for a blank reason or an `until` that is past.
    """
    _require_of_the_office(duty)
    _require_to_do(duty)
    if until is not None and until < today:
        raise Malformed(f"{until} is past: it is {today}", field="until")
    _require_reason(reason)
    return DutyDelegated(duty=duty.named, basis=duty.basis, reason=reason, to=to, until=until)


def take_back(care: Care, duty: Duty, reason: str) -> DutyTakenBack:
    """Take a duty back. Raises `Conflict` where it is given to nobody, `Malformed` for a blank
    reason."""
    if care.given is None:
        raise Conflict("the duty is given to nobody, so that nothing can be taken back")
    _require_reason(reason)
    return DutyTakenBack(duty=duty.named, basis=duty.basis, reason=reason)


def excuse(duty: Duty, reason: str, document: str | None) -> DutyExcused:
    """Say why a duty was not done in time, or will not be. Said again, the last word holds.

    Raises `Conflict` for what is no duty of the office or is not to be done any more, `Malformed`
    for a blank reason.
    """
    _require_of_the_office(duty)
    _require_to_do(duty)
    _require_reason(reason)
    return DutyExcused(duty=duty.named, basis=duty.basis, reason=reason, document=document)


def withdraw(care: Care, duty: Duty, reason: str) -> ExcuseWithdrawn:
    """Withdraw the excuse. Raises `Conflict` where there is none, `Malformed` for a blank
    reason."""
    if care.excuse is None:
        raise Conflict("the duty has no excuse, so that none can be withdrawn")
    _require_reason(reason)
    return ExcuseWithdrawn(duty=duty.named, basis=duty.basis, reason=reason)


def is_of_the_office(
    what: str, owner: str, owed_to: str | None = None, *, is_right: bool = False
) -> bool:
    """Whether something that is due is a duty that the office can give to somebody or excuse.

    What is owed to the employer, as a promise of a union is, is not the office's to do.
    """
    of_others = caseless(owner) in OWNERS_OUTSIDE or owed_to == ADMINISTRATION
    return not is_right and what != MILESTONE and not of_others


def _require_of_the_office(duty: Duty) -> None:
    named = duty.named
    if is_of_the_office(named.what, duty.owner, duty.owed_to, is_right=duty.is_right):
        return
    if duty.is_right:
        raise Conflict(
            f"this is a right ({duty.named.what}) and no duty: the office can neither give it to "
            "somebody else nor excuse that it was not used"
        )
    if duty.named.what == MILESTONE:
        raise Conflict("a milestone is a day of the plan, and nobody's duty")
    raise Conflict(
        f"this is due from {duty.owner}, and not from the office: the office can neither give "
        "it to somebody else nor excuse it"
    )


def _require_to_do(duty: Duty) -> None:
    if not duty.is_to_do:
        raise Conflict("nothing is to be done about this duty any more")


def _require_reason(reason: str) -> None:
    if is_blank(reason):
        raise Malformed("say why", field="reason")
