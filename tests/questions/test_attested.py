"""By the attested clock: the effective-dating rule, fed with the instants that sources claim."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle import Answer, Oracle, Said
from tests.support.histories import History, histories, on_record
from transfer.core.dating.clocks import attested_instant
from transfer.core.dating.effective_dating import Key, Kind, Period, Timeline
from transfer.core.words import Attested
from transfer.log.attested_order import in_attested_order
from transfer.log.envelope import Recorded
from transfer.procedures.known_facts import NO_KINDS
from transfer.questions import attested

_claims = st.lists(
    st.one_of(st.none(), st.integers(0, 34).map(lambda n: date(2014, 1, 1) + timedelta(days=n))),
    min_size=24,
    max_size=24,
)
TICK = timedelta(microseconds=1)


def claimed(history: History, claims: list[date | None]) -> list[Recorded]:
    """The history on record, its events under these claims in turn (`None`: no claim)."""
    return [
        replace(event, attested=None if day is None else Attested(source="old", recorded_on=day))
        for event, day in zip(on_record(history.facts), claims, strict=False)
    ]


def heard(history: History, events: list[Recorded]) -> Oracle:
    """What the slow reading hears: every event when its source claims, in that order."""
    at: dict[UUID, datetime] = {}
    said: list[Said] = []
    for each, event in zip(
        (each for command in history.said for each in command), events, strict=True
    ):
        instant = attested_instant(event.recorded_at, event.attested)
        at[each.event_id] = instant if each.of is None else max(instant, at[each.of])
        said.append(replace(each, recorded_at=at[each.event_id]))
    return Oracle(sorted(said, key=lambda each: each.recorded_at))


def told(timeline: Timeline | None, day: date) -> Answer | None:
    def tell(period: Period, standing: Answer | None) -> Answer:
        return Answer(
            period.value,
            period.effective_from,
            period.effective_to,
            period.event_id,
            period.corrected_by,
            period.recorded_at,
            period.temporary,
            standing,
        )

    period = None if timeline is None else timeline.at(day)
    if timeline is None or period is None:
        return None
    beneath = timeline.standing_at(day) if period.temporary else None
    return tell(period, None if beneath is None else tell(beneath, None))


@settings(max_examples=150, deadline=None)
@given(histories(5), _claims)
def test_it_answers_as_the_rule_does_on_the_claimed_instants(
    history: History, claims: list[date | None]
) -> None:
    events = claimed(history, claims)
    oracle = heard(history, events)
    instants = sorted({each.recorded_at for each in oracle.said})
    for known_at in [at + step for at in instants for step in (-TICK, timedelta(0))]:
        found = attested._timelines(in_attested_order(events, NO_KINDS, known_at), NO_KINDS)
        for name in oracle.names():
            kind, assignment, of = name
            timeline = found.get(Key(Kind(kind), assignment, of))
            for day in oracle.days():
                assert told(timeline, day) == oracle.answer(name, day, known_at)


@given(histories(5))
def test_without_claims_it_is_the_logs_own_clock(history: History) -> None:
    events = on_record(history.facts)
    assert in_attested_order(events, NO_KINDS) == events


@given(histories(5), _claims, st.integers(0, 14))
def test_what_the_log_learns_later_adds_and_never_reorders_what_it_knew(
    history: History, claims: list[date | None], cut: int
) -> None:
    events = claimed(history, claims)
    before = [each.event_id for each in in_attested_order(events[:cut], NO_KINDS)]
    kept = {each.event_id for each in events[:cut]}
    after = [each.event_id for each in in_attested_order(events, NO_KINDS) if each.event_id in kept]
    assert after == before
