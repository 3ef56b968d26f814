"""A round of options, and what somebody is told before they take one.

begun ─► (options restated; a cohort through) ─► offer ended
somebody: told their options ─► told what has to be known first
"""

from collections.abc import Mapping
from datetime import date

from pydantic import Field

from transfer.core.dating.effective_dating import Entries, Key
from transfer.core.dating.effective_dating import Kind as KeyKind
from transfer.core.editions.rules import pins
from transfer.core.employed import why_not_employed
from transfer.core.matter.deciding import Asked, Case, require
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.reckoning import Reckoned, Reckoning, fixed, reckon
from transfer.core.refusals import AlreadyOnRecord, Failure, Refused
from transfer.core.words import MAIN, Facet, Frozen
from transfer.procedures.choice import facts as f
from transfer.procedures.choice.edition import Cohort, Scheme, Values
from transfer.procedures.choice.round import (
    WINDOW,
    chooser_of,
    part_of,
    round_of,
    rules_of,
    scheme_of,
)

# --- what acts need ------------------------------------------------------------------------------


class NewRound(Frozen):
    """Which scheme, in which establishment of which estate (such as `open`), and as which document
    states the options: that which the scheme names, unless another is given."""

    scheme: str = Field(min_length=1)
    establishment: str = Field(min_length=1)
    estate: str = Field(min_length=1)
    stated_in: str = ""


class Version(Frozen):
    """The version of the document that states the options from now on."""

    stated_in: str = Field(min_length=1)


class OfCohort(Frozen):
    """Which cohort, by the id that the edition gives it."""

    cohort: str = Field(min_length=1)


class Ends(Frozen):
    """From which day it is over: that of the act, unless one is given."""

    effective_from: date | None = None


class ToTell(Frozen):
    """In which cohort somebody is, where the record does not show it; and in which estate, where
    the scheme is kept to one."""

    cohort: str = ""
    estate: str = ""


class Beforehand(Frozen):
    """What was told, by the id that the edition gives it."""

    what: str = Field(min_length=1)


# --- the round -----------------------------------------------------------------------------------


def begin(case: Case, needs: NewRound) -> tuple[MatterFact, ...]:
    """Begin a round under a scheme."""
    if round_of(case).begun is not None:
        raise AlreadyOnRecord("the round has begun")
    scheme = part_of(case).scheme(needs.scheme)
    return (
        f.RoundBegun(
            **case.stamp(scheme.clause),
            **pins(case),
            scheme=scheme.id,
            stated_in=needs.stated_in or scheme.document,
            establishment=needs.establishment,
            estate=needs.estate,
        ),
    )


def restate(case: Case, needs: Version) -> tuple[MatterFact, ...]:
    """Say that another version states the options; whom the former was told, keeps that."""
    scheme, before = scheme_of(case), round_of(case).stated_in
    if needs.stated_in == before:
        return ()
    stamp = case.stamp(scheme.clause)
    return (f.OptionsRestated(**stamp, stated_in=needs.stated_in, before=before),)


def note_through(case: Case, needs: OfCohort) -> tuple[MatterFact, ...]:
    """Note that everybody of a cohort was looked at, so that the next one's turn has come."""
    cohort = scheme_of(case).cohort(needs.cohort)
    if cohort.id in round_of(case).through:
        return ()
    return (f.CohortThrough(**case.stamp(cohort.clause), cohort=cohort.id),)


def end_offer(case: Case, needs: Ends) -> tuple[MatterFact, ...]:
    """End an offer that stands for everybody, with what people have by it."""
    scheme, whole = scheme_of(case), round_of(case)
    since = needs.effective_from or case.on
    if scheme.offered_to == "each":
        raise Refused(
            "everybody has a window: there is no offer to all to end", clause=scheme.clause
        )
    if whole.ended is not None:
        if whole.ended.effective_from == since:
            return ()
        raise Refused(f"the offer ended on {whole.ended.effective_from}", clause=scheme.clause)
    return (f.OfferEnded(**case.stamp(scheme.clause), effective_from=since),)


# --- one person ----------------------------------------------------------------------------------


def tell_options(case: Case, needs: ToTell) -> tuple[MatterFact, ...]:
    """Tell somebody the options of their cohort; their window begins.

    Told again under another version they have no less time than before. Raises `Refused` where
    nobody employs them, no cohort is theirs, its turn has not come, or the scheme is kept to
    another estate.
    """
    scheme, mine, whole = scheme_of(case), chooser_of(case), round_of(case)
    if scheme.offered_to == "all":
        raise Refused(
            "the offer stands for everybody: nobody is told by name", clause=scheme.standing
        )
    require([not_employed(case, scheme), _of_estate(case, scheme, needs.estate)])
    cohort, evidence = cohort_for(case, scheme, needs.cohort)
    require(
        Failure(f"the turn of {first} comes first", cohort.clause)
        for first in cohort.after
        if first not in whole.through
    )
    last = mine.told[-1] if mine.told else None
    if last is not None and (last.cohort, last.stated_in) == (cohort.id, whole.stated_in):
        return ()
    return (
        f.OptionsTold(
            **case.stamp(cohort.clause, scheme.clause),
            cohort=cohort.id,
            evidence=evidence,
            options=tuple(each.id for each in scheme.options_of(cohort.id)),
            stated_in=whole.stated_in,
            window=_window(case, scheme),
        ),
    )


def tell(case: Case, needs: Beforehand) -> tuple[MatterFact, ...]:
    """Tell somebody what has to be known before an option is taken."""
    what = scheme_of(case).to_show(needs.what)
    if what.id in chooser_of(case).shown:
        return ()
    return (f.ToldBeforehand(**case.stamp(what.clause), what=what.id),)


# --- what they read ------------------------------------------------------------------------------


def not_employed(case: Case, scheme: Scheme) -> Failure | None:
    """Why somebody has no options on the day of the act: nobody employs them."""
    found = why_not_employed(case.position.entries, case.lawful_day)
    return None if found is None else Failure(found.reason, clause=scheme.clause)


def cohort_for(
    case: Case | Asked, scheme: Scheme, named: str = ""
) -> tuple[Cohort, dict[str, str]]:
    """The cohort that is named, else the first that the record fits, with what it shows."""
    if named:
        return scheme.cohort(named), {}
    for each in scheme.cohorts:
        evidence = _shows(case.position.entries, each, case.on)
        if evidence is not None:
            return each, evidence
    known = "; ".join(f"{each.id}: {each.title}" for each in scheme.cohorts)
    raise Refused(f"the record fits no cohort: name the one ({known})", clause=scheme.clause)


def _shows(entries: Entries, cohort: Cohort, on: date) -> dict[str, str] | None:
    """What the record shows of somebody, where it fits a cohort."""
    if not cohort.now and not cohort.before:
        return None
    now = _fits(entries, cohort.now, on)
    if now is None:
        return None
    evidence = {str(facet): value for facet, value in now.items()}
    if not cohort.before:
        return evidence
    for day in _earlier(entries, cohort.before, on):
        before = _fits(entries, cohort.before, day)
        if before is not None:
            return evidence | {f"{facet} on {day}": value for facet, value in before.items()}
    return None


def _fits(entries: Entries, wanted: Values, day: date) -> Mapping[Facet, str] | None:
    found = {}
    for facet, values in wanted.items():
        period = entries.timeline(Key(KeyKind.FACET, MAIN, facet)).at(day)
        if period is None or period.value.casefold() not in {v.casefold() for v in values}:
            return None
        found[facet] = period.value
    return found


def _earlier(entries: Entries, wanted: Values, on: date) -> list[date]:
    """The days before on which one of these facets began to have a value, the latest first."""
    days = {
        period.effective_from
        for facet in wanted
        for period in entries.timeline(Key(KeyKind.FACET, MAIN, facet)).in_force
        if period.effective_from < on
    }
    return sorted(days, reverse=True)


def _of_estate(case: Case, scheme: Scheme, estate: str) -> Failure | None:
    begun = round_of(case).begun
    if scheme.ring_fence is None or begun is None:
        return None
    if estate.casefold() == begun.estate.casefold():
        return None
    where = estate or "an estate that was not named"
    return Failure(f"kept to the {begun.estate} estate, and this is {where}", scheme.ring_fence)


def _window(case: Case, scheme: Scheme) -> Reckoned:
    """Until when an option may be taken; no day where the edition does not know the time."""
    rules = rules_of(case)
    if scheme.answer_by is not None and rules.knows(scheme.answer_by):
        return fixed(rules.day(scheme.answer_by), rules.basis(scheme.answer_by))
    if scheme.window is None or not rules.knows(scheme.window.clause):
        return Reckoned(basis=rules.basis(scheme.clause))
    before = case.state.last_day(WINDOW)
    return reckon(
        Reckoning(length=rules.period(scheme.window.clause), unit_stated=scheme.window_unit_stated),
        case.on,
        calendar=rules.calendar,
        basis=rules.basis(scheme.window.clause),
        published=() if before is None else (before,),
    )
