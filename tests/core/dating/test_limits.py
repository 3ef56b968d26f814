"""Limits of claims: the tables of cases, and the statute counted out day by day beside them."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.support.cases import cases
from transfer.core.dating.calendars import Period, months_after
from transfer.core.dating.limits import (
    ClaimLimit,
    Conciliation,
    ConciliationRegime,
    Extension,
    LimitLaw,
    LimitRegime,
    Reading,
    claim_limit,
    claim_limits,
)
from transfer.core.refusals import Refused

D = date.fromisoformat
ONE_DAY = timedelta(days=1)
TABLES = Path(__file__).parent / "cases" / "claim-limits.md"


def day(text: str) -> date | None:
    """A cell that may be blank, a dash or a word for none."""
    return None if text in ("", "-", "none", "today") else D(text)


def law_of(claim: str) -> LimitLaw:
    """The law of one kind of claim, from the two tables."""
    limits = [
        LimitRegime(
            begins=day(begins),
            length=Period.parse(length),
            provision=provision,
            known_from=day(known),
            reported_only=how == "reported",
        )
        for of, begins, length, provision, known, how in cases(TABLES, "The limits that")
        if of == claim
    ]
    conciliations = [
        ConciliationRegime(
            begins=day(begins),
            provision=rules,
            known_from=day(known),
            extension=Extension(
                not_counted_by=left_out,
                at_least=Period.parse(least),
                at_least_by=by,
                longest=Period.parse(longest),
                prolonged_by=Period.parse(more) if more else None,
            )
            if longest
            else None,
        )
        for of, begins, longest, more, left_out, least, by, rules, known in cases(
            TABLES, "The conciliations that"
        )
        if of == claim
    ]
    return LimitLaw(limits=tuple(limits), conciliations=tuple(conciliations))


LAW = {claim: law_of(claim) for claim in ("dismissal", "transfer")}


def conciliation(text: str) -> Conciliation:
    """`2016-07-22 to 2016-08-22`, with `yes: because` or `no: because` after it."""
    days, _, because = text.partition(": ")
    asked, _, received, *said = days.split(" ")
    effective = {"yes": True, "no": False}[said[0]] if said else None
    return Conciliation(
        notified_on=D(asked), certified_on=D(received), effective=effective, because=because
    )


def readings(found: ClaimLimit) -> tuple[date, date | None]:
    return found.safe.on, None if found.later is None else found.later.on


@pytest.mark.parametrize(("event", "last", "later", "_why"), cases(TABLES, "Without a conc"))
def test_a_limit_without_a_conciliation(event: str, last: str, later: str, _why: str) -> None:
    found = claim_limit(D(event), law=LAW["dismissal"])
    assert readings(found) == (D(last), day(later))
    assert (found.assumed, found.reported) == ((), ())


@pytest.mark.parametrize(
    ("claim", "event", "asked", "certified", "last", "later", "_why"), cases(TABLES, "With one")
)
def test_a_conciliation_moves_a_limit(
    claim: str, event: str, asked: str, certified: str, last: str, later: str, _why: str
) -> None:
    one = Conciliation(notified_on=D(asked), certified_on=D(certified))
    found = claim_limit(D(event), law=LAW[claim], conciliations=[one])
    assert readings(found) == (D(last), day(later))
    assert found.assumed == ()


@pytest.mark.parametrize(
    ("claim", "event", "asked", "taken", "last", "_why"), cases(TABLES, "Without a cert")
)
def test_a_certificate_is_taken_as_received(
    claim: str, event: str, asked: str, taken: str, last: str, _why: str
) -> None:
    found = claim_limit(
        D(event), law=LAW[claim], conciliations=[Conciliation(notified_on=D(asked))]
    )
    assert found.assumed == (D(taken),)
    assert readings(found) == (D(last), None)


@pytest.mark.parametrize(("event", "those", "last", "_why"), cases(TABLES, "Several"))
def test_of_several_conciliations_the_first_counts(
    event: str, those: str, last: str, _why: str
) -> None:
    several = [conciliation(each) for each in those.split("; ")]
    found = claim_limit(D(event), law=LAW["dismissal"], conciliations=several)
    assert readings(found) == (D(last), None)
    assert len(found.safe.steps) > len(several), "each conciliation has a step that says why"
    said = " ".join(step.what for step in found.safe.steps)
    assert all(one.because in said for one in several if one.effective is False)


@pytest.mark.parametrize(
    ("claim", "event", "asked", "known", "last", "later", "reports", "read"),
    cases(TABLES, "As the law was known"),
)
def test_a_limit_as_the_law_was_known(
    claim: str,
    event: str,
    asked: str,
    known: str,
    last: str,
    later: str,
    reports: str,
    read: str,
) -> None:
    asked_on = day(asked)
    found = claim_limit(
        D(event),
        law=LAW[claim],
        conciliations=[Conciliation(notified_on=asked_on)] if asked_on else [],
        known_on=day(known),
    )
    assert readings(found) == (D(last), day(later))
    assert found.reported == tuple(filter(None, [reports]))
    assert found.by_law_read == day(read)


@pytest.mark.parametrize(
    ("event", "transferor", "first", "transferee", "second", "_why"), cases(TABLES, "Two resp")
)
def test_every_respondent_has_a_limit(
    event: str, transferor: str, first: str, transferee: str, second: str, _why: str
) -> None:
    those = {
        name: [conciliation(text)] if text else []
        for name, text in (("the transferor", transferor), ("the transferee", transferee))
    }
    found = claim_limits(D(event), law=LAW["transfer"], conciliations=those)
    assert [(each.respondent, each.safe.on) for each in found] == [
        ("the transferor", D(first)),
        ("the transferee", D(second)),
    ]


def shown(reading: Reading | None) -> list[tuple[str, ...]]:
    assert reading is not None
    return [
        (step.what, str(step.from_day), str(step.to_day), step.provision or "")
        for step in reading.steps
    ]


def test_the_steps_say_how_the_day_came_about() -> None:
    haque = Conciliation(notified_on=D("2016-07-22"), certified_on=D("2016-08-22"))
    found = claim_limit(D("2016-06-20"), law=LAW["dismissal"], conciliations=[haque])
    assert shown(found.safe) == cases(TABLES, "The steps of Haque")
    march = claim_limit(
        D("2015-03-01"),
        law=LAW["dismissal"],
        conciliations=[Conciliation(notified_on=D("2015-05-29"))],
    )
    safe, later = (
        f"The steps of a dismissal on 1 March 2015, asked for on 29 May, by the {which}"
        for which in ("safe", "later")
    )
    assert shown(march.safe) == cases(TABLES, safe)
    assert shown(march.later) == cases(TABLES, later)


# Against the statute, day by day ----------------------------------------------------------


def counted_out(event: date, last: date, asked: date, received: date, least: int) -> date:
    """The limit by walking through it: the days that count, one at a time, then the month."""
    if last < asked:
        return last
    to_count = (last - event).days + 1
    day = event - ONE_DAY
    while to_count:
        day += ONE_DAY
        # The event's day itself always counts: the clock begins with it.
        to_count -= not (asked < day <= received and day > event)
    return max(day, months_after(received, least))


@settings(derandomize=True, max_examples=400, deadline=None)
@given(
    event=st.dates(D("2014-05-01"), D("2030-12-31")),
    until_asked=st.integers(-60, 120),
    lasted=st.integers(0, 100),
    months=st.integers(1, 12),
    least=st.integers(1, 2),
)
def test_the_statute_counted_out_comes_to_the_same(
    event: date, until_asked: int, lasted: int, months: int, least: int
) -> None:
    asked = event + timedelta(days=until_asked)
    received = asked + timedelta(days=lasted)
    extension = Extension(
        not_counted_by="(3)",
        at_least=Period(amount=least, unit="m"),
        at_least_by="(4)",
        longest=Period.parse("6w"),
    )
    law = LimitLaw(
        limits=(LimitRegime(length=Period(amount=months, unit="m"), provision="111"),),
        conciliations=(ConciliationRegime(provision="rules", extension=extension),),
    )
    one = Conciliation(notified_on=asked, certified_on=received)
    found = claim_limit(event, law=law, conciliations=[one])
    before = claim_limit(event, law=law)
    for with_it, without in (
        (found.safe, before.safe),
        (found.later or found.safe, before.later or before.safe),
    ):
        assert with_it.on == counted_out(event, without.on, asked, received, least)
        assert with_it.steps[-1].to_day == with_it.on
    assert found.later is None or found.safe.on < found.later.on
    sooner = Conciliation(notified_on=asked, certified_on=max(asked, received - ONE_DAY))
    assert claim_limit(event, law=law, conciliations=[sooner]).safe.on <= found.safe.on


# What is refused --------------------------------------------------------------------------


def test_a_day_without_law_is_refused() -> None:
    limits = (LimitRegime(begins=D("2014-01-01"), length=Period.parse("3m"), provision="s.111"),)
    with pytest.raises(Refused, match="no limit is known for an event of 2013-12-31"):
        claim_limit(D("2013-12-31"), law=LimitLaw(limits=limits))
    asked = [Conciliation(notified_on=D("2014-06-02"))]
    with pytest.raises(Refused, match="no rule on a conciliation of 2014-06-02"):
        claim_limit(D("2014-06-01"), law=LimitLaw(limits=limits), conciliations=asked)
    put_off = limits[0].model_copy(update={"known_to": D("2013-06-01"), "known_from": None})
    with pytest.raises(Refused, match="as the law was known on 2013-06-01"):
        claim_limit(D("2014-06-01"), law=LimitLaw(limits=(put_off,)), known_on=D("2013-06-01"))


def test_what_was_known_to_begin_may_be_put_off() -> None:
    read = LimitRegime(length=Period.parse("3m"), provision="read")
    first = LimitRegime(
        begins=D("2026-10-01"),
        length=Period.parse("6m"),
        provision="announced for October",
        known_from=D("2026-01-01"),
        known_to=D("2026-08-01"),
        reported_only=True,
    )
    then = first.model_copy(
        update={"begins": D("2027-04-01"), "known_from": D("2026-08-01"), "known_to": None}
    )
    law = LimitLaw(limits=(then, first, read))
    days = [
        claim_limit(D("2026-11-15"), law=law, known_on=known).safe.on
        for known in (D("2025-12-31"), D("2026-07-31"), D("2026-08-01"), None)
    ]
    assert days == [D("2027-02-14"), D("2027-05-14"), D("2027-02-14"), D("2027-02-14")]


def test_where_all_law_is_reported_nothing_is_read() -> None:
    row = LimitRegime(length=Period.parse("6m"), provision="reported", reported_only=True)
    found = claim_limit(D("2026-11-15"), law=LimitLaw(limits=(row,)))
    assert (found.safe.on, found.reported, found.by_law_read) == (
        D("2027-05-14"),
        ("reported",),
        None,
    )


def test_a_reported_rule_on_conciliation_is_named() -> None:
    """Also where it only leaves a month after the certificate, and no day out."""
    read = LAW["dismissal"].conciliations[-1]
    longer = read.model_copy(
        update={"begins": D("2026-06-01"), "provision": "heard of", "reported_only": True}
    )
    law = LimitLaw(
        limits=LAW["dismissal"].limits,
        conciliations=(*LAW["dismissal"].conciliations, longer),
    )
    for asked, named in (("2026-06-01", ("heard of",)), ("2026-05-31", ())):
        one = Conciliation(notified_on=D(asked), certified_on=D(asked))
        found = claim_limit(D("2026-03-10"), law=law, conciliations=[one])
        assert found.reported == named
        assert found.by_law_read == (found.safe.on if named else None)


def test_the_day_of_asking_may_be_left_out() -> None:
    """An edition that counts the longest conciliation from the day after it was asked for."""
    extension = Extension(
        not_counted_by="(3)",
        at_least=Period.parse("1m"),
        at_least_by="(4)",
        longest=Period.parse("6w"),
        first_day_counts=False,
    )
    assert extension.last_day(D("2020-12-01")) == D("2021-01-12")


def test_tables_that_cannot_be_read_are_refused() -> None:
    row = LimitRegime(length=Period.parse("3m"), provision="s.111")
    with pytest.raises(ValidationError, match="two rows begin on one day"):
        LimitLaw(limits=(row, row))
    with pytest.raises(ValidationError, match="counted in months or years, not in 7 days"):
        LimitRegime(length=Period.parse("7d"), provision="s.128")
    with pytest.raises(ValidationError, match="not counted in working days"):
        Extension(
            not_counted_by="(3)",
            at_least=Period.parse("1m"),
            at_least_by="(4)",
            longest=Period.parse("30wd"),
        )
    with pytest.raises(ValidationError, match="cannot end on 2016-08-01"):
        Conciliation(notified_on=D("2016-08-02"), certified_on=D("2016-08-01"))


def test_an_answer_stores_and_loads_as_it_was() -> None:
    found = claim_limit(
        D("2015-03-01"),
        law=LAW["dismissal"],
        conciliations=[Conciliation(notified_on=D("2015-05-29"))],
    )
    assert ClaimLimit.model_validate_json(found.model_dump_json()) == found
    law = LAW["dismissal"]
    assert LimitLaw.model_validate_json(law.model_dump_json()) == law
