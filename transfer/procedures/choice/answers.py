"""What a round of options can be asked: of one person on a day, and of everybody together."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Literal, cast

from transfer.core.editions.rules import NotKnown, not_known
from transfer.core.employed import why_not_employed
from transfer.core.matter.deciding import Asked
from transfer.core.matter.folding import State
from transfer.core.matter.words import JsonObject
from transfer.core.pay.money import Pounds
from transfer.core.refusals import Refused
from transfer.core.words import Basis, Facet, Frozen
from transfer.procedures.choice import facts as f
from transfer.procedures.choice.accepting import comes_too_late, granted
from transfer.procedures.choice.edition import Cohort, Option, Scheme
from transfer.procedures.choice.paying import NOTHING, due_of_month
from transfer.procedures.choice.round import (
    OF_OPTION,
    OTHER_POST,
    WINDOW,
    Chooser,
    begun_of,
    chooser_of,
    month_of,
    round_of,
    rules_of,
    scheme_of,
)
from transfer.procedures.choice.telling import cohort_for

Status = Literal["not disputed", "disputed", "clarified", "not known"]


class ClauseShown(Frozen):
    """A clause: what it says, and how surely that is known."""

    clause: str
    title: str
    text: str
    confidence: str


class TermShown(Frozen):
    """A term that an option gives, and its last day by each reading, where it ends."""

    term: str
    value: str
    effective_from: date
    safe_last_day: date | None
    later_last_day: date | None
    taken_on_by: str


class OptionShown(Frozen):
    """One option, and what it gives from the day on which it was taken, or would be."""

    option: str
    title: str
    clause: str
    changes: dict[Facet, str]
    lowers_pay: bool
    terms: tuple[TermShown, ...]
    owes: tuple[str, ...]


class ToldFirst(Frozen):
    """Something that has to be told before an option is taken, and since when it has been."""

    what: str
    title: str
    clause: str
    told_on: date | None


class Dispute(Frozen):
    """Whether somebody disputes the options, by which clause; `clarified_in` is the month in which
    it was clarified, where that was known."""

    status: Status
    clause: str | None
    clarified_in: str | None


class OptionsOf(Frozen):
    """The options of one person on a day, and what they were told.

    `cohort` is that which they were told, else the one that the record fits. `told_under` is the
    version of the document as they were told it, `stated_in` the one that held on the day.
    `silence` is what silence means, where the edition knows. `later` are clauses that change the
    scheme afterwards, as far as they were known; `notes` what is to be read with it. `goes_live_on`
    is from which day the posts are there, where a day is known. `taken` is what they took; who took
    nothing is not said to have declined.
    """

    scheme: str
    title: str
    establishment: str
    estate: str
    employed: bool
    cohort: str | None
    cohort_title: str | None
    evidence: dict[str, str]
    told_on: date | None
    told_under: str | None
    stated_in: str
    told_is_current: bool | None
    window_until: date | None
    window_later: date | None
    silence: str | None
    options: tuple[OptionShown, ...]
    told_first: tuple[ToldFirst, ...]
    taken: str | None
    taken_on: date | None
    in_effect: bool
    open_duties: tuple[str, ...]
    other_post_until: date | None
    goes_live_on: date | None
    dispute: Dispute
    standing: ClauseShown
    later: tuple[ClauseShown, ...]
    notes: tuple[ClauseShown, ...]
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


class Choices(Frozen):
    """How many people were told their options, and how many took which, by the end of a day.

    `took_nothing` counts those told by name who took nothing, silent or not; of an offer that
    stands for everybody nobody is counted who has not taken it.
    """

    scheme: str
    stated_in: str
    told: int
    told_under_another_version: int
    taken: dict[str, int]
    by_cohort: dict[str, int]
    in_effect: int
    took_nothing: int
    not_placed: int
    ended_from: date | None


class Payment(Frozen):
    """A sum a month that is paid in part, for the month of the day: by days and by hours.

    The source says "pro rata" and no more, so that both are shown. `by_hours` is `None` where
    nobody has stated the hours of the month. There is no least number of days.

    Where a payment of the month is on record, `goes_by` is its reading, `believed_then` what was
    due by what was known when it was paid, `paid` what was paid then and later, and `to_settle`
    what is due less that; less than nothing where too much was paid.
    """

    month_from: date
    a_month: Pounds
    days: int
    days_of_leave: int
    by_days: Pounds
    by_hours: Pounds | None
    goes_by: f.Reading | None
    believed_then: Pounds | None
    paid: Pounds | None
    paid_on: date | None
    to_settle: Pounds | None
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


class AbsenceOfMonth(Frozen):
    """Days on which somebody was away: which leave it is, and whether its days count by the policy
    on absence. `known_on` is since when it is on record so."""

    leave: str
    title: str
    effective_from: date
    effective_to: date
    days_in_month: int
    counts: bool
    known_on: date
    clause: str


class AbsencePutRight(Frozen):
    """A correction: which leave it had been on which days, and what it is now; `None`: there was no
    such leave."""

    corrected_on: date
    was: str
    was_from: date
    was_to: date
    leave: str | None
    effective_from: date | None
    effective_to: date | None


class Absences(Frozen):
    """On which days of a month somebody was away, and how many of them count by the policy on
    absence, as sickness does; why somebody was away is on no record."""

    month_from: date
    absences: tuple[AbsenceOfMonth, ...]
    days_that_count: int
    days_that_do_not_count: int
    put_right: tuple[AbsencePutRight, ...]
    basis: tuple[Basis, ...]


# --- of one person -------------------------------------------------------------------------------


def options(asked: Asked) -> OptionsOf:
    """The options of one person on a day."""
    scheme, mine, begun = scheme_of(asked), chooser_of(asked), begun_of(asked)
    whole, rules = round_of(asked), rules_of(asked)
    told = mine.told[-1] if mine.told else None
    cohort, evidence = _cohort(asked, scheme, mine)
    employed = why_not_employed(asked.position.entries, asked.on) is None
    since = asked.on if mine.standing is None else mine.standing.effective_from
    silence = rules.value(scheme.silence) if rules.knows(scheme.silence) else None
    due = asked.state.due(WINDOW)
    window = None if due is None or told is None else due.when
    taken = mine.standing
    took_effect = taken is not None and (
        mine.regraded is not None if taken.waits else taken.effective_from <= asked.on
    )
    return OptionsOf(
        scheme=scheme.id,
        title=scheme.title,
        establishment=begun.establishment,
        estate=begun.estate,
        employed=employed,
        cohort=None if cohort is None else cohort.id,
        cohort_title=None if cohort is None else cohort.title,
        evidence=evidence,
        told_on=None if told is None else told.happened_on,
        told_under=None if told is None else told.stated_in,
        stated_in=whole.stated_in,
        told_is_current=None if told is None else told.stated_in == whole.stated_in,
        window_until=None if window is None else window.on,
        window_later=None if window is None else window.later,
        silence=None if silence is None else str(silence),
        options=tuple(
            _option(asked, each, since) for each in _had(scheme, cohort, employed=employed)
        ),
        told_first=tuple(_told_first(scheme, mine)),
        taken=None if taken is None else taken.option,
        taken_on=None if taken is None else taken.happened_on,
        in_effect=took_effect,
        open_duties=tuple(
            each.slot.about
            for each in asked.state.book.of(asked.state.whom)
            if each.slot.what == OF_OPTION and each.is_open
        ),
        other_post_until=asked.state.last_day(OTHER_POST),
        goes_live_on=next(_goes_live(asked, scheme), None),
        dispute=_dispute(asked, scheme),
        standing=_clause(asked, scheme.standing),
        later=tuple(
            _clause(asked, each.clause)
            for each in scheme.later
            if _in_estate(each.estates, begun) and _month_is_over(asked, each.month)
        ),
        notes=tuple(
            _clause(asked, each.clause)
            for each in scheme.notes
            if _in_estate(each.estates, begun) and _was_known(asked, each.clause)
        ),
        not_known=(
            *_not_known_yet(asked, scheme),
            *_not_known_of(asked, _had(scheme, cohort, employed=employed), since),
        ),
        basis=tuple(map(rules.basis, dict.fromkeys(_rests_on(scheme, cohort)))),
    )


def _cohort(asked: Asked, scheme: Scheme, mine: Chooser) -> tuple[Cohort | None, dict[str, str]]:
    if mine.told:
        return scheme.cohort(mine.told[-1].cohort), mine.told[-1].evidence
    if mine.standing is not None:
        return scheme.cohort(mine.standing.cohort), {}
    try:
        return cohort_for(asked, scheme)
    except Refused:  # the record fits none: somebody has to say
        return None, {}


def _had(scheme: Scheme, cohort: Cohort | None, *, employed: bool) -> tuple[Option, ...]:
    if not employed:
        return ()
    if cohort is None:
        return scheme.options if scheme.offered_to == "all" else ()
    return scheme.options_of(cohort.id)


def _option(asked: Asked, option: Option, since: date) -> OptionShown:
    terms = granted(rules_of(asked), option, since)
    return OptionShown(
        option=option.id,
        title=option.title,
        clause=option.clause,
        changes=dict(option.changes),
        lowers_pay=option.lowers_pay,
        terms=tuple(
            TermShown(
                term=each.term,
                value=each.value,
                effective_from=each.effective_from,
                safe_last_day=each.last_day.on,
                later_last_day=each.last_day.later,
                taken_on_by=each.taken_on_by,
            )
            for each in terms
        ),
        owes=tuple(f"{each.owner}: {each.title}" for each in option.owes),
    )


def _told_first(scheme: Scheme, mine: Chooser) -> Iterator[ToldFirst]:
    for each in scheme.shown:
        told = mine.shown.get(each.id)
        yield ToldFirst(
            what=each.id,
            title=each.title,
            clause=each.clause,
            told_on=None if told is None else told.happened_on,
        )


def _dispute(asked: Asked, scheme: Scheme) -> Dispute:
    """Whether the options are disputed on the day, as was known when it is asked.

    No source gives the day on which it was clarified: within that month it is not known (CN-11).
    """
    rules, found = rules_of(asked), scheme.dispute
    if found is None or not _was_known(asked, found.clause):
        return Dispute(status="not disputed", clause=None, clarified_in=None)
    since = rules.clause(found.clause).known_from
    first, after = _month(asked, found.clarified)
    clarified = f"{first:%Y-%m}" if first <= asked.known_on else None
    status: Status = "disputed"
    if since is not None and asked.on < since:
        status = "not disputed"
    elif first <= asked.on:
        status = "clarified" if after <= asked.on else "not known"
    return Dispute(status=status, clause=found.clause, clarified_in=clarified)


def _month(asked: Asked, clause: str) -> tuple[date, date]:
    """The month that a clause names (`2020-10`): its first day, and that of the next."""
    named = str(rules_of(asked).value(clause))
    return month_of(date.fromisoformat(f"{named}-01"))


def _month_is_over(asked: Asked, clause: str) -> bool:
    return _month(asked, clause)[1] <= asked.known_on


def _was_known(asked: Asked, clause: str) -> bool:
    since = rules_of(asked).clause(clause).known_from
    return since is None or since <= asked.known_on


def _in_estate(estates: tuple[str, ...], begun: f.RoundBegun) -> bool:
    return not estates or begun.estate.casefold() in {each.casefold() for each in estates}


def _goes_live(asked: Asked, scheme: Scheme) -> Iterator[date]:
    rules, begun = rules_of(asked), begun_of(asked)
    for each in scheme.goes_live:
        if _in_estate(each.estates, begun) and rules.knows(each.clause):
            yield rules.day(each.clause)


def _clause(asked: Asked, clause: str) -> ClauseShown:
    found = rules_of(asked).clause(clause)
    return ClauseShown(
        clause=found.id, title=found.title, text=found.text, confidence=found.confidence.value
    )


def _not_known_yet(asked: Asked, scheme: Scheme) -> Iterator[NotKnown]:
    rules, begun = rules_of(asked), begun_of(asked)
    window = None if scheme.window is None else scheme.window.clause
    lengths = [each for each in (window, scheme.answer_by) if each is not None]
    live = (e.clause for e in scheme.goes_live if _in_estate(e.estates, begun))
    noted = (
        note.clause
        for note in scheme.notes
        if _in_estate(note.estates, begun)
        and _was_known(asked, note.clause)
        and rules.clause(note.clause).unknown_because
    )
    for clause in (*lengths, scheme.silence, *live, *noted):
        if not rules.knows(clause):
            yield not_known(rules, clause)
    for later in scheme.later:
        first, after = _month(asked, later.month)
        if _in_estate(later.estates, begun) and first <= asked.known_on < after:
            said = rules.clause(later.clause)
            yield NotKnown(
                clause=said.id,
                title=said.title,
                because="the source gives the month and not the day",
                document_needed=said.sources[0],
            )


def _not_known_of(asked: Asked, options: tuple[Option, ...], since: date) -> Iterator[NotKnown]:
    """What options give from a day that is too late for their terms, where nobody knows it."""
    rules = rules_of(asked)
    grants = (grant for option in options for grant in option.grants)
    for each in grants:
        late = comes_too_late(rules, each, since)
        if late and each.afterwards is not None and not rules.knows(each.afterwards):
            yield not_known(rules, each.afterwards)


def _rests_on(scheme: Scheme, cohort: Cohort | None) -> Iterator[str]:
    yield scheme.clause
    yield scheme.standing
    if cohort is not None and cohort.clause != scheme.clause:
        yield cohort.clause
    for clause in (scheme.ring_fence, scheme.monthly, scheme.answer_by):
        if clause is not None:
            yield clause
    if scheme.other_post is not None:
        yield scheme.other_post.length.clause
        yield scheme.other_post.extension
    yield from (each.clause for each in scheme.leaves)


def payment(asked: Asked) -> Payment:
    """A sum a month that is paid in part, for the month of the day; `Refused` where the scheme has
    none."""
    scheme, mine, rules = scheme_of(asked), chooser_of(asked), rules_of(asked)
    if scheme.monthly is None:
        raise Refused(f"{scheme.id} pays no sum a month", clause=scheme.clause)
    first, _ = month_of(asked.on)
    due = due_of_month(rules, scheme, mine, first)
    made = mine.paid.get(first)
    paid = settle = believed = None
    if made is not None:
        paid, believed = made.paid + mine.paid_later.get(first, NOTHING), made.due
        now = due.by(made.goes_by)
        settle = None if now is None else now - mine.settled[first]
    too_much = settle is not None and settle < 0 and scheme.taken_back is not None
    clauses = (scheme.monthly, *(each.clause for each in scheme.leaves))
    return Payment(
        month_from=first,
        a_month=rules.decimal(scheme.monthly),
        days=due.days,
        days_of_leave=due.days_of_leave,
        by_days=due.by_days,
        by_hours=due.by_hours,
        goes_by=None if made is None else made.goes_by,
        believed_then=believed,
        paid=paid,
        paid_on=None if made is None else made.happened_on,
        to_settle=settle,
        not_known=tuple(
            not_known(rules, each)
            for each in filter(None, [scheme.taken_back if too_much else None])
            if not rules.knows(each)
        ),
        basis=tuple(map(rules.basis, dict.fromkeys(clauses))),
    )


def absences(asked: Asked) -> Absences:
    """On which days of the month of the day somebody was away; `Refused` where the scheme has no
    leave."""
    scheme, mine, rules = scheme_of(asked), chooser_of(asked), rules_of(asked)
    if not scheme.leaves:
        raise Refused(f"{scheme.id} has no leave", clause=scheme.clause)
    first, after = month_of(asked.on)
    found = []
    for each in sorted(mine.leaves, key=lambda leave: leave.effective_from):
        kind, days = scheme.leave(each.leave), each.days_within(first, after)
        if days:
            found.append(
                AbsenceOfMonth(
                    leave=kind.id,
                    title=kind.title,
                    effective_from=each.effective_from,
                    effective_to=each.effective_to,
                    days_in_month=days,
                    counts=kind.counts,
                    known_on=each.known_on,
                    clause=kind.clause,
                )
            )
    clauses = dict.fromkeys(each.clause for each in scheme.leaves)
    return Absences(
        month_from=first,
        absences=tuple(found),
        days_that_count=sum(each.days_in_month for each in found if each.counts),
        days_that_do_not_count=sum(each.days_in_month for each in found if not each.counts),
        put_right=tuple(
            AbsencePutRight(
                corrected_on=each.learned_on or each.happened_on,
                was=each.was or each.leave,
                was_from=each.before_from,
                was_to=each.before_to,
                leave=None if each.effective_from is None else each.leave,
                effective_from=each.effective_from,
                effective_to=each.effective_to,
            )
            for each in mine.corrected
            if _concerns(each, first, after)
        ),
        basis=tuple(map(rules.basis, clauses)),
    )


def _concerns(put_right: f.LeaveCorrected, first: date, end: date) -> bool:
    """Whether a correction has days from one day up to and excluding another: before it or now."""
    days = (
        (put_right.before_from, put_right.before_to),
        (put_right.effective_from, put_right.effective_to),
    )
    return any(
        since is not None and until is not None and since < end and first < until
        for since, until in days
    )


# --- of everybody --------------------------------------------------------------------------------


def sees(state: State) -> JsonObject | None:
    """What is counted of one person; `None` where they were neither told nor took anything."""
    mine = cast("Chooser", state.mine.substance)
    if not mine.told and not mine.taken:
        return None
    taken = mine.standing
    return {
        "told_under": mine.told[-1].stated_in if mine.told else None,
        "cohort": mine.told[-1].cohort if mine.told else mine.taken[-1].cohort,
        "taken": None if taken is None else taken.option,
        "in_effect": taken is not None and (mine.regraded is not None or not taken.waits),
        "not_placed": mine.not_placed is not None,
    }


def choices(asked: Asked) -> Choices:
    """How many people were told and took what, by the end of a day."""
    whole, scheme = round_of(asked), scheme_of(asked)
    people = [cast("JsonObject", each) for each in asked.seen.values()]
    told = [each for each in people if each["told_under"] is not None]
    return Choices(
        scheme=scheme.id,
        stated_in=whole.stated_in,
        told=len(told),
        told_under_another_version=sum(each["told_under"] != whole.stated_in for each in told),
        taken=dict(sorted(Counter(e["taken"] for e in people if e["taken"] is not None).items())),
        by_cohort=dict(sorted(Counter(each["cohort"] for each in people).items())),
        in_effect=sum(each["in_effect"] for each in people),
        took_nothing=sum(each["taken"] is None for each in told),
        not_placed=sum(each["not_placed"] for each in people),
        ended_from=None if whole.ended is None else whole.ended.effective_from,
    )
