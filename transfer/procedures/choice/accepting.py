"""What somebody takes, and what follows from it.

    accepted ─► (waits for approval) ─► regraded
             ├► owed by the option, until it is done
             └► ended: by them, or with the offer
    not placed ─► (longer given) ─► another post found

There is no act by which somebody declines: who takes nothing has nothing on record.
"""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from transfer.core.editions.rules import RulesOfEdition
from transfer.core.matter import facts as t
from transfer.core.matter.deciding import Case, require
from transfer.core.matter.folding import State
from transfer.core.matter.kind import NeedsNothing
from transfer.core.matter.reckoning import Reckoned, Reckoning, fixed, reckon
from transfer.core.pay.money import Pounds
from transfer.core.refusals import Failure, Refused
from transfer.core.words import Frozen
from transfer.procedures.choice import facts as f
from transfer.procedures.choice.edition import Grant, Option, OtherPost, Scheme
from transfer.procedures.choice.round import (
    OF_OPTION,
    OTHER_POST,
    WINDOW,
    Chooser,
    chooser_of,
    round_of,
    rules_of,
    scheme_of,
)
from transfer.procedures.choice.telling import Ends, not_employed
from transfer.procedures.protection.called import PROTECTION, PayToProtect, not_as_protected

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
MayBeSaid = Annotated[str, StringConstraints(strip_whitespace=True)]

# --- what acts need ------------------------------------------------------------------------------


class Taking(Frozen):
    """Which option is taken, and from which day it holds: that of the act, unless one is given.

    `cohort` where nobody was told by name which is theirs; `agreed_by` who agreed, where the option
    is at somebody's discretion; `admitted_because` why it is taken though its window is over.
    """

    option: str = Field(min_length=1)
    effective_from: date | None = None
    cohort: MayBeSaid = ""
    agreed_by: MayBeSaid = ""
    admitted_because: MayBeSaid = ""


class DutyNamed(Frozen):
    """What was done, by the id that the edition gives it."""

    what: str = Field(min_length=1)


class SalaryBefore(Frozen):
    """What somebody's pay was worth a year before the option, in pounds for full-time work."""

    a_year: Pounds = Field(ge=0)


class LongerForPost(Frozen):
    """Until when somebody may find another post, and on which grounds longer is given."""

    until: date
    grounds: Said


class NewPost(Frozen):
    """Which post was found."""

    post: Said


# --- decisions -----------------------------------------------------------------------------------


def accept(case: Case, needs: Taking) -> tuple[t.MatterFact, ...]:
    """Take an option; nothing where just that one is taken already.

    Raises `Refused` with every clause that fails: nobody employs them, the options were not told,
    something that has to be known first was not told by then, the window or the offer is over,
    somebody has to agree and has not, or pay would be lowered from a day before the act.
    """
    scheme, mine, whole = scheme_of(case), chooser_of(case), round_of(case)
    cohort = _cohort(case, scheme, needs.cohort)
    option = scheme.option(needs.option, cohort)
    since = needs.effective_from or case.on
    taken = mine.standing
    if taken is not None and (taken.option, taken.effective_from) == (option.id, since):
        return ()
    last = case.state.last_day(WINDOW)
    late = last is not None and case.on > last
    require(
        [
            not_employed(case, scheme),
            *(
                Failure(f"{each.title}: not told by {case.on}", each.clause)
                for each in scheme.shown
                if each.id not in mine.shown
            ),
            _over(whole.ended, case, scheme),
            Failure(f"the window closed on {last}", scheme.clause)
            if late and not needs.admitted_because
            else None,
            Failure("somebody has to agree: say who (agreed_by)", option.discretion)
            if option.discretion is not None and not needs.agreed_by
            else None,
            Failure(f"pay is not lowered from {since}, before the choice", option.clause)
            if option.lowers_pay and since < case.on
            else None,
            _in_the_way(mine.regraded, taken, option),
        ]
    )
    return (
        f.OptionAccepted(
            **case.stamp(option.clause),
            option=option.id,
            cohort=cohort,
            stated_in=mine.told[-1].stated_in if mine.told else whole.stated_in,
            effective_from=since,
            in_time=not late,
            admitted_because=needs.admitted_because,
            agreed_by=needs.agreed_by,
            waits=option.lowers_pay,
            owes=tuple(
                f.DutyOwed(what=each.id, owner=each.owner, basis=case.rules.basis(each.clause))
                for each in option.owes
            ),
            terms=granted(rules_of(case), option, since),
        ),
    )


def regrade(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    """Let an option that lowers pay take effect; nothing of it where nobody employs them then."""
    mine, scheme = chooser_of(case), scheme_of(case)
    taken = mine.standing
    if taken is None or not taken.waits or mine.regraded is not None:
        return ()
    option = scheme.option(taken.option, taken.cohort)
    gone = not_employed(case, scheme)
    if gone is not None:
        return (f.AcceptanceDropped(**case.stamp(option.clause), reason=gone.reason),)
    return (
        f.Regraded(
            **case.stamp(option.clause, *(each.clause for each in option.grants)),
            option=option.id,
            effective_from=taken.effective_from,
            changes=dict(option.changes),
            terms=taken.terms,
        ),
    )


def stop(case: Case, needs: Ends) -> tuple[t.MatterFact, ...]:
    """End what somebody has by an option that took effect with its acceptance."""
    return _ended(case, needs.effective_from or case.on)


def end_with_offer(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    """End it with the offer; nothing of who has not taken it."""
    ended, taken = round_of(case).ended, chooser_of(case).standing
    if ended is None or taken is None or not taken.terms:
        return ()
    return _ended(case, ended.effective_from)


def _ended(case: Case, since: date) -> tuple[t.MatterFact, ...]:
    taken, scheme = chooser_of(case).standing, scheme_of(case)
    if taken is None:
        return ()
    if taken.waits or not taken.terms:
        raise Refused("nothing of it has a term that could end", clause=scheme.clause)
    return (
        f.AcceptanceEnded(
            **case.stamp(scheme.clause),
            option=taken.option,
            effective_from=max(since, taken.effective_from),
            terms=tuple(each.term for each in taken.terms),
        ),
    )


def discharge(case: Case, needs: DutyNamed) -> tuple[t.MatterFact, ...]:
    """Note that something owed by an option was done."""
    due = case.state.due(OF_OPTION, needs.what)
    if due is None:
        raise Refused(f"nothing called {needs.what} is owed to them")
    if not due.is_open:
        return ()
    return (f.DutyOfOptionMet(**case.resting_on(due.when.basis), what=needs.what),)


def state_salary(case: Case, needs: SalaryBefore) -> tuple[t.MatterFact, ...]:
    """Say which salary is protected by the option that somebody has taken.

    Raises `Refused` where they have taken none, and for another salary than that which is protected
    already: protection goes on with its own.
    """
    mine = chooser_of(case)
    if mine.standing is None:
        raise Refused("they had taken no option by then", clause=scheme_of(case).clause)
    if mine.salary == needs.a_year:
        return ()
    option = scheme_of(case).option(mine.standing.option, mine.standing.cohort)
    require([not_as_protected(mine.protected, needs.a_year, option.clause)])
    return (f.SalaryStated(**case.stamp(option.clause), a_year=needs.a_year),)


def note_not_placed(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    """Note that somebody was given none of the posts: their time for another one begins."""
    scheme, mine = scheme_of(case), chooser_of(case)
    other = _other_post(scheme)
    if mine.not_placed is not None:
        return ()
    if not mine.told:
        raise Refused("no options had been told to them by then", clause=scheme.clause)
    if mine.standing is not None:
        raise Refused(f"they have taken {mine.standing.option}", clause=scheme.clause)
    require([not_employed(case, scheme)])
    clause = other.length.clause
    by = reckon(
        Reckoning(length=rules_of(case).period(clause)),
        case.on,
        calendar=case.rules.calendar,
        basis=case.rules.basis(clause),
    )
    return (f.NotPlaced(**case.stamp(clause), post_by=by),)


def extend(case: Case, needs: LongerForPost) -> tuple[t.MatterFact, ...]:
    """Give somebody longer to find another post, and never less."""
    clause = _other_post(scheme_of(case)).extension
    before = case.state.last_day(OTHER_POST)
    if before is None:
        raise Refused("they have no time to find another post that could be longer", clause=clause)
    if needs.until == before:
        return ()
    if needs.until < before:
        raise Refused(f"they have until {before}: it cannot be less", clause=clause)
    stamp = case.stamp(clause)
    return (
        t.WindowExtended(
            **stamp,
            window=OTHER_POST,
            before=before,
            when=fixed(needs.until, stamp["basis"]),
            reason=needs.grounds,
        ),
    )


def find_post(case: Case, needs: NewPost) -> tuple[t.MatterFact, ...]:
    """Note that somebody has found another post."""
    mine, clause = chooser_of(case), _other_post(scheme_of(case)).length.clause
    if mine.post is not None and mine.post.post == needs.post:
        return ()
    if mine.not_placed is None:
        raise Refused("they were not noted as not placed", clause=clause)
    return (f.PostFound(**case.stamp(clause), post=needs.post),)


# --- what they read ------------------------------------------------------------------------------


def to_protect(state: State) -> PayToProtect | None:
    """The pay that is to be protected by the option that holds; `None` where it gives none, or the
    edition names no ground for it."""
    mine: Chooser = state.mine.substance
    taken: f.OptionAccepted | f.Regraded | None = mine.regraded
    if taken is None and mine.standing is not None and not mine.standing.waits:
        taken = mine.standing
    for each in () if taken is None else taken.terms:
        if each.taken_on_by == PROTECTION and each.ground:
            return PayToProtect(
                ground=each.ground, effective_from=each.effective_from, salary=mine.salary
            )
    return None


def _cohort(case: Case, scheme: Scheme, named: str) -> str:
    mine = chooser_of(case)
    if scheme.offered_to == "all":
        if not named:
            raise Refused("say of which cohort they are", clause=scheme.clause)
        return scheme.cohort(named).id
    if not mine.told:
        raise Refused("no options had been told to them by then", clause=scheme.clause)
    return mine.told[-1].cohort


def _over(ended: f.OfferEnded | None, case: Case, scheme: Scheme) -> Failure | None:
    if ended is None or case.on < ended.effective_from:
        return None
    return Failure(f"the offer ended on {ended.effective_from}", scheme.clause)


def _in_the_way(
    regraded: f.Regraded | None, taken: f.OptionAccepted | None, option: Option
) -> Failure | None:
    if regraded is not None:
        return Failure(f"{regraded.option} took effect on {regraded.effective_from}", option.clause)
    if taken is not None and not taken.waits and taken.terms:
        return Failure(f"{taken.option} is in effect: end it first", option.clause)
    return None


def _other_post(scheme: Scheme) -> OtherPost:
    if scheme.other_post is None:
        raise Refused(f"{scheme.id} gives no time to find another post", clause=scheme.clause)
    return scheme.other_post


def granted(rules: RulesOfEdition, option: Option, since: date) -> tuple[f.TermOfOption, ...]:
    """The terms that an option gives from a day on; not those that only an earlier day gives.

    The safe last day of one that ends is the eve of the corresponding day, which is the later
    reading (CN-3). Raises `Refused` where the edition does not know a length.
    """
    return tuple(
        _grant(rules, each, since)
        for each in option.grants
        if not comes_too_late(rules, each, since)
    )


def comes_too_late(rules: RulesOfEdition, grant: Grant, since: date) -> bool:
    """Whether an option that holds from that day is too late for the term to be given by it."""
    return grant.before is not None and since >= rules.day(grant.before)


def _grant(rules: RulesOfEdition, grant: Grant, since: date) -> f.TermOfOption:
    until, last = None, Reckoned(basis=rules.basis(grant.clause))
    if grant.length is not None:
        basis = rules.basis(grant.clause, grant.length.clause)
        until = rules.period(grant.length.clause).due_after(since, rules.calendar)
        last = Reckoned(on=f.eve(until), later=until, basis=basis)
    return f.TermOfOption(
        term=grant.term,
        value=grant.value,
        effective_from=since,
        effective_to=until,
        last_day=last,
        taken_on_by=grant.kind or "",
        ground=grant.ground or "",
    )
