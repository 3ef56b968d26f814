"""What may follow on record of one protection.

    granted ─► noticed (six, three, one month before) ─► the person is told ─► ran out
        │  ├► another salary is protected   a lower one for days past waits for approval
        │  ├► its length is found, where the agreement was not at hand
        │  └► ended early                   waits for approval; not where the person left
        └─ beside: pay points, payments, reviews that could end it, a post in the protected band

The end that a grant states is approved with it, so that nobody approves it again when it comes.
What would lower pay for days that have passed, and an earlier end, wait for somebody other than who
proposed them.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import Field, field_validator

from transfer.core.dating.calendars import Period
from transfer.core.editions.rules import by_edition, pins
from transfer.core.employed import why_not_employed
from transfer.core.matter.calling import asked_of
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.kind import NeedsNothing
from transfer.core.matter.words import MatterName
from transfer.core.pay.money import Pounds
from transfer.core.pay.protecting import equivalent_salary
from transfer.core.refusals import Failure, Refused
from transfer.core.words import Facet, Frozen
from transfer.procedures.protection import facts as f
from transfer.procedures.protection.called import PROTECTION, PayToProtect
from transfer.procedures.protection.edition import EarlyEnd, Ground, Protection
from transfer.procedures.protection.lasting import Lasts, lasts_by, lasts_for
from transfer.procedures.protection.protected import Protected, standing_on

Words = Annotated[str, Field(min_length=1)]
_ONE_DAY = timedelta(days=1)

# --- what acts need ------------------------------------------------------------------------------


class Granting(Frozen):
    """Which salary a year is protected, on which ground of the edition, from which day on.

    `hours` is the full-time week, in hours, that `salary` is for; left out, it is that of the
    edition. `band` is the band that is protected, `against` the procedure that it came out of.
    """

    ground: Words
    salary: Pounds = Field(ge=0)
    effective_from: date
    hours: Annotated[Decimal, Field(gt=0, le=168)] | None = None
    band: str = ""
    against: MatterName | None = None


class CameOutOf(Frozen):
    """The matter in which somebody was regraded so that their pay is protected."""

    against: MatterName


class Salary(Frozen):
    """The salary a year that is protected from a day on, as for the week of the protection."""

    salary: Pounds = Field(ge=0)
    effective_from: date


class LengthFound(Frozen):
    """For how many months it lasts, by the document given with the act."""

    months: int = Field(ge=1, le=600)


class Point(Frozen):
    """The pay point that the person is on from a day on, and what it is worth a year."""

    point: Words
    a_year: Pounds = Field(ge=0)
    effective_from: date


class Payment(Frozen):
    """What was paid in a month, by any day of it; `on_account`: as an advance on what is owed."""

    month: date
    paid: Pounds
    on_account: bool = False


class Notice(Frozen):
    """Which notice the person was given, by how long before the end it is: `6m`."""

    before: Words


class ReviewCounts(Frozen):
    """What could end protection early, and the day from which its review counts."""

    what: Words
    counts_from: date


class Review(Frozen):
    """What was held of what could end protection early, and what came of it."""

    what: Words
    outcome: str = ""


class Placement(Frozen):
    """The post that the person was given, its band, and from when."""

    post: Words
    band: Words
    effective_from: date


class EarlyEnding(Frozen):
    """The first day without protection; `what` is the id of what ended it by the edition."""

    effective_from: date
    what: str = ""

    @field_validator("what")
    @classmethod
    def _trimmed(cls, what: str) -> str:
        return what.strip()


# --- granting ------------------------------------------------------------------------------------


def grant(case: Case, needs: Granting) -> tuple[MatterFact, ...]:
    """Protect a salary; nothing where just this is protected already.

    Raises `Refused` for a ground that the edition does not have or that is for other days, and
    where another protection of the person runs on one of its days.
    """
    rules = by_edition(case)
    ground = ground_of(rules.part(Protection), needs.ground)
    _require_its_days(case, ground, needs.effective_from)
    salary, hours = needs.salary, needs.hours
    if hours is not None:
        if ground.hours is None:
            raise Refused("the edition does not say for which week a salary is protected")
        salary = equivalent_salary(salary, hours=hours, at_hours=rules.decimal(ground.hours))
    lasts = lasts_by(rules, ground, needs.effective_from, case.known_on)
    this = (ground.id, salary, needs.effective_from, needs.band)
    for other in _others(case):
        found = None if other.ended is not None else other.granted
        if found is None:
            continue
        if this == (found.ground, found.salary, found.effective_from, found.band):
            return ()
    _require_free(case, ground, needs.effective_from, lasts)
    clause = ground.clause if ground.length is None else ground.length.clause
    return (
        f.ProtectionGranted(
            **case.stamp(clause, ground.clause),
            **pins(case),
            ground=ground.id,
            salary=salary,
            stated_salary=needs.salary,
            hours=hours,
            band=needs.band,
            effective_from=needs.effective_from,
            lasts=lasts,
            placement=None if ground.placement is None else rules.basis(ground.placement),
            against=needs.against,
        ),
    )


def take_on(case: Case, needs: CameOutOf) -> tuple[MatterFact, ...]:
    """Protect pay as the matter asks for in which somebody was regraded.

    Raises `Refused` where that matter asks for none, or no longer, as where they are in the band
    from before again; where nothing on record says which salary is protected; and where another
    protection of the person runs on one of its days.
    """
    asked = asked_of(case.others.get(needs.against), PROTECTION)
    if not isinstance(asked, PayToProtect):
        raise Refused(f"{needs.against} does not ask for pay to be protected")
    rules = by_edition(case)
    ground = ground_of(rules.part(Protection), asked.ground)
    since, eve = asked.effective_from, asked.effective_from - _ONE_DAY
    _require_its_days(case, ground, since)
    if asked.band and case.position.on(Facet.BAND, since) == asked.band:
        raise Refused(f"they are in Band {asked.band} from {since}, as before: no pay is lower")
    clause = ground.clause if ground.length is None else ground.length.clause
    lasts = lasts_by(rules, ground, since, case.known_on)
    if asked.months is not None:
        length, basis = Period(amount=asked.months, unit="m"), rules.basis(clause)
        lasts = lasts_for(rules, length, since, case.known_on, basis)
    _require_free(case, ground, since, lasts)
    if asked.salary is None:
        raise Refused(f"nobody has said in {needs.against} which salary is protected")
    return (
        f.ProtectionGranted(
            **case.stamp(clause, ground.clause),
            **pins(case),
            ground=ground.id,
            salary=asked.salary,
            stated_salary=asked.salary,
            band=asked.band or case.position.on(Facet.BAND, eve) or "",
            effective_from=since,
            lasts=lasts,
            placement=None if ground.placement is None else rules.basis(ground.placement),
            against=needs.against,
        ),
    )


def ground_of(part: Protection, name: str) -> Ground:
    """The ground of that id; `Refused` with what there is."""
    for each in part.grounds:
        if each.id == name:
            return each
    known = ", ".join(each.id for each in part.grounds)
    raise Refused(f"the edition protects pay for no '{name}': it does for {known}")


def _require_its_days(case: Case, ground: Ground, effective_from: date) -> None:
    rules = by_edition(case)
    if ground.begins is not None and effective_from < (first := rules.day(ground.begins)):
        raise Refused(f"{ground.id} is for protection from {first} on", clause=ground.begins)
    if ground.ceases is not None and effective_from >= (ceased := rules.day(ground.ceases)):
        raise Refused(f"{ground.id} is for protection from before {ceased}", clause=ground.ceases)


def _require_free(case: Case, ground: Ground, since: date, lasts: Lasts) -> None:
    """Raise `Refused` where another protection of the person runs on one of its days."""
    for other in _others(case):
        found = other.granted
        if found is not None and _meet(since, lasts.until, found.effective_from, other.until):
            raise Refused(
                f"a salary of {found.salary:.2f} is protected from {found.effective_from}"
                + (f" up to {other.until}" if other.until else "")
                + f" ({found.matter}): one salary of a person is protected at a time",
                clause=ground.clause,
            )


def _others(case: Case) -> Iterator[Protected]:
    for state in case.others.values():
        if isinstance(state.mine.substance, Protected):
            yield state.mine.substance


def _meet(one: date, one_to: date | None, other: date, other_to: date | None) -> bool:
    return one < (other_to or date.max) and other < (one_to or date.max)


# --- what is protected ---------------------------------------------------------------------------


def vary(case: Case, needs: Salary) -> tuple[MatterFact, ...]:
    """Say that another salary is protected from a day on, up to the next that is stated.

    A lower one for days that have passed is proposed only: somebody else has to approve it.
    """
    mine, granted = _standing(case)
    if needs.effective_from < granted.effective_from:
        raise Refused(f"nothing is protected before {granted.effective_from}")
    if mine.until is not None and needs.effective_from >= mine.until:
        raise Refused(f"nothing is protected from {mine.until} on")
    before = standing_on(mine.salaries, needs.effective_from)
    if before is None:
        raise AssertionError("a protection that was granted has a salary from its first day")
    if before.a_year == needs.salary:
        return ()
    clause = by_edition(case).part(Protection).total
    if needs.salary < before.a_year and needs.effective_from < case.known_on:
        return (
            f.LoweringProposed(
                **case.stamp(clause),
                salary=needs.salary,
                before=before.a_year,
                effective_from=needs.effective_from,
            ),
        )
    return (_varied(case, mine, needs.salary, before.a_year, needs.effective_from),)


def lower_salary(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Protect the lower salary that was proposed and approved."""
    mine, _ = _standing(case)
    proposed = mine.lowering
    if proposed is None:
        return ()
    day = proposed.effective_from
    return (_varied(case, mine, proposed.salary, proposed.before, day, lowers_back=True),)


def _varied(
    case: Case,
    mine: Protected,
    salary: Decimal,
    before: Decimal,
    since: date,
    *,
    lowers_back: bool = False,
) -> f.ProtectedSalaryVaried:
    band = "" if mine.granted is None else mine.granted.band
    later = (each.effective_from for each in mine.salaries if each.effective_from > since)
    ends = [day for day in (*later, mine.until) if day is not None]
    return f.ProtectedSalaryVaried(
        **case.stamp(by_edition(case).part(Protection).total),
        salary=salary,
        before=before,
        band=band,
        effective_from=since,
        effective_to=min(ends, default=None),
        lowers_back=lowers_back,
    )


def find_length(case: Case, needs: LengthFound) -> tuple[MatterFact, ...]:
    """Say how long it lasts, once the document that was lacking is found."""
    mine, granted = _standing(case)
    length = Period(amount=needs.months, unit="m")
    if mine.length is not None and mine.length.length == str(length):
        return ()
    if granted.lasts.unknown is None or mine.length is not None:
        raise Refused("how long it lasts is known already")
    clause = granted.lasts.unknown
    if not case.made.document:
        raise Refused("say which document says how long it lasts", clause=clause)
    stamp = case.stamp(clause)
    rules, since = by_edition(case), granted.effective_from
    lasts = lasts_for(rules, length, since, case.known_on, stamp["basis"])
    return (f.ProtectionLengthFound(**stamp, lasts=lasts),)


# --- pay -----------------------------------------------------------------------------------------


def state_point(case: Case, needs: Point) -> tuple[MatterFact, ...]:
    """Say on which pay point the person is from a day on, and what it is worth."""
    mine = mine_of(case)
    if mine.granted is None:
        raise Refused("no protection had been granted by then")
    stands = standing_on(mine.points, needs.effective_from)
    if stands is not None and (stands.called, stands.a_year, stands.effective_from) == (
        needs.point,
        needs.a_year,
        needs.effective_from,
    ):
        return ()
    part = by_edition(case).part(Protection)
    return (f.PayPointStated(**case.stamp(part.progression or part.total), **dict(needs)),)


def record_payment(case: Case, needs: Payment) -> tuple[MatterFact, ...]:
    """Say what was paid in a month: it is added to what is on record of that month."""
    if mine_of(case).granted is None:
        raise Refused("no protection had been granted by then")
    part = by_edition(case).part(Protection)
    clause = part.progression if needs.on_account and part.progression else part.months
    return (
        f.PayRecorded(
            **case.stamp(clause),
            month=needs.month.replace(day=1),
            paid=needs.paid,
            on_account=needs.on_account,
        ),
    )


# --- its end comes near --------------------------------------------------------------------------


def count_down(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Say that the end is so long away: the person is to be told, unless they have left."""
    mine, before = mine_of(case), case.made.about
    lasts = mine.lasts
    if before in mine.approached or lasts.last_day is None or lasts.later is None:
        return ()
    gone = _left(case, mine)
    if gone is not None:
        return gone
    notified = by_edition(case).part(Protection).notified
    return (
        f.ProtectionEndsSoon(
            **case.stamp(notified), before=before, last_day=lasts.last_day, later=lasts.later
        ),
    )


def note_told(case: Case, needs: Notice) -> tuple[MatterFact, ...]:
    """Note that the person was told of the end that comes near."""
    mine = mine_of(case)
    if needs.before in mine.told:
        return ()
    if needs.before not in mine.approached:
        known = ", ".join(sorted(mine.approached)) or "none yet"
        raise Refused(f"no notice {needs.before} is due: there is {known}")
    notified = by_edition(case).part(Protection).notified
    return (f.EndOfProtectionTold(**case.stamp(notified), before=needs.before),)


def run_out(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Say that the last day has passed, by either reading: it was approved with the grant."""
    mine = mine_of(case)
    lasts = mine.lasts
    if mine.ran_out or mine.ended or lasts.last_day is None or lasts.later is None:
        return ()
    gone = _left(case, mine)
    if gone is not None:
        return gone
    stamp = case.resting_on(lasts.basis)
    return (f.ProtectionRanOut(**stamp, last_day=lasts.last_day, later=lasts.later),)


def _left(case: Case, mine: Protected) -> tuple[MatterFact, ...] | None:
    """That protection ended when the person left, where they are employed no more."""
    gone = why_not_employed(case.position.entries, case.lawful_day)
    if gone is None or gone.left_on is None:
        return None
    if mine.until is not None and gone.left_on >= mine.until:
        return None  # it had ended by then
    return (_ended(case, mine, gone.left_on, "", left=True),)


# --- what could end it early ---------------------------------------------------------------------


def count_review(case: Case, needs: ReviewCounts) -> tuple[MatterFact, ...]:
    """Say from which day a review counts that could end the protection: so it has a day too."""
    mine, _ = _standing(case)
    rules = by_edition(case)
    found = early_end_of(rules.part(Protection), needs.what)
    known = mine.reviews.get(needs.what)
    if known is not None and known.counts_from == needs.counts_from:
        return ()
    due_on = rules.period(found.due.clause).due_after(needs.counts_from, rules.calendar)
    return (
        f.ReviewFellDue(
            **case.stamp(found.clause, found.due.clause),
            what=needs.what,
            counts_from=needs.counts_from,
            due_on=due_on,
        ),
    )


def note_review(case: Case, needs: Review) -> tuple[MatterFact, ...]:
    """Note that a review was held."""
    mine, _ = _standing(case)
    found = early_end_of(by_edition(case).part(Protection), needs.what)
    if needs.what in mine.held:
        return ()
    return (f.ReviewHeld(**case.stamp(found.clause), what=needs.what, outcome=needs.outcome),)


def note_placement(case: Case, needs: Placement) -> tuple[MatterFact, ...]:
    """Note that a post in the protected band was given to the person."""
    mine, granted = _standing(case)
    if granted.placement is None:
        raise Refused("the edition owes no post in the protected band on this ground")
    if granted.band and needs.band != granted.band:
        raise Refused(
            f"Band {granted.band} is protected, not {needs.band}", clause=granted.placement.clause
        )
    if mine.placed is not None and mine.placed.post == needs.post:
        return ()
    return (f.PlacedInProtectedBand(**case.resting_on(granted.placement), **dict(needs)),)


def end(case: Case, needs: EarlyEnding) -> tuple[MatterFact, ...]:
    """End the protection before its day: it is proposed, and somebody else has to approve it.

    Where the person is not employed on that day, nothing of theirs is lowered: it ends at once.
    """
    mine, granted = _standing(case)
    day = needs.effective_from
    if needs.what:
        early_end_of(by_edition(case).part(Protection), needs.what)
    later = [each.effective_from for each in mine.salaries if each.effective_from > day]
    failures = [
        Failure(f"it begins on {granted.effective_from} only")
        if day <= granted.effective_from
        else None,
        Failure(f"it ends on {mine.until} without that")
        if mine.until is not None and day >= mine.until
        else None,
        Failure(f"a salary is stated from {max(later)} on: it cannot end before")
        if later
        else None,
    ]
    found = tuple(each for each in failures if each is not None)
    if found:
        raise Refused.all_of(found)
    gone = why_not_employed(case.position.entries, day)
    if gone is not None and gone.left_on is not None:
        return (_ended(case, mine, day, needs.what, left=True),)
    stamp = case.stamp(*_clauses(case, needs.what))
    return (f.EarlyEndProposed(**stamp, what=needs.what, effective_from=day),)


def end_early(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """End it on the day that was proposed and approved."""
    mine = mine_of(case)
    if mine.ending is None:
        return ()
    return (_ended(case, mine, mine.ending.effective_from, mine.ending.what),)


def _ended(
    case: Case, mine: Protected, day: date, what: str, *, left: bool = False
) -> f.ProtectionEndedEarly:
    return f.ProtectionEndedEarly(
        **case.stamp(*_clauses(case, what)),
        what=what,
        effective_from=day,
        effective_to=mine.until,
        left=left,
    )


def _clauses(case: Case, what: str) -> tuple[str, ...]:
    part = by_edition(case).part(Protection)
    return (early_end_of(part, what).clause,) if what else (part.counted,)


def early_end_of(part: Protection, what: str) -> EarlyEnd:
    """What could end it early, of that id; `Refused` with what there is."""
    for each in part.early_ends:
        if each.id == what:
            return each
    known = ", ".join(each.id for each in part.early_ends) or "nothing"
    raise Refused(f"by the edition no '{what}' ends it early: {known} does")


def mine_of(case: Case) -> Protected:
    """What is on record of the protection."""
    found: Protected = case.state.mine.substance
    return found


def _standing(case: Case) -> tuple[Protected, f.ProtectionGranted]:
    """A protection that stands; `Refused` where it was not granted yet, or has ended."""
    mine = mine_of(case)
    if mine.granted is None:
        raise Refused("no protection had been granted by then")
    if mine.ended is not None:
        raise Refused(f"the protection ended early, on {mine.ended.effective_from}")
    return mine, mine.granted
