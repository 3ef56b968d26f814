"""A round of options as a kind of the engine: told, taken, approved, owed, ended, never declined.

Without engines, under the program's own editions. S1 was Band 3 on Fair and Sustainable terms and
is Band 4 now: cohort C (OM-06).
"""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.dating.effective_dating import Entries, Entry
from transfer.core.matter import facts as t
from transfer.core.matter.kind import Waits
from transfer.core.record.staff import facet_pieces, leaving_pieces
from transfer.core.words import MAIN, Facet
from transfer.procedures.choice import facts as f
from transfer.procedures.choice.kind import CHOICE
from transfer.procedures.choice.round import OF_OPTION
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

MATTER = "choice:autumn"
BEGUN, TOLD, CHOSE, HOLDS = (
    date(2018, 11, 5),
    date(2018, 11, 12),
    date(2018, 11, 20),
    date(2019, 1, 1),
)
_INSTANT = datetime(2018, 1, 1, tzinfo=UTC)


def position(*since: tuple[date, dict[Facet, str | None]]) -> Entries:
    return Entries(
        Entry(UUID(int=n), _INSTANT, facet_pieces(facets, assignment=MAIN, effective_from=day))
        for n, (day, facets) in enumerate(since, start=1)
    )


def record() -> Entries:
    before = {Facet.EMPLOYER: "HMPPS", Facet.BAND: "3", Facet.TERMS_SET: "Fair and Sustainable"}
    now: dict[Facet, str | None] = {Facet.BAND: "4", Facet.TERMS_SET: "Band 4"}
    return position((date(2013, 5, 1), {**before}), (date(2016, 9, 1), now))


def office_of(edition: str) -> Matters:
    return Matters((CHOICE,), binding(rulebook(edition).with_values()), entries=record())


def of_all(office: Matters, act: str, on: date = BEGUN, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=on, **inputs)


def of_s1(office: Matters, act: str, on: date = TOLD, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=on, person="S1", **inputs)


@pytest.fixture
def surplus() -> Matters:
    office = office_of("omic-2018")
    place = {"establishment": "HMP Sudbury", "estate": "open"}
    of_all(office, "begin", BEGUN, scheme="surplus-band-4", **place).then(f.RoundBegun)
    return office


@pytest.fixture
def voluntary() -> Matters:
    office = office_of("covid-2020")
    place = {"establishment": "Sussex", "estate": "community"}
    of_all(office, "begin", BEGUN, scheme="special-circumstances", **place).then(f.RoundBegun)
    return office


def owed(office: Matters) -> set[str]:
    state = office.state(MATTER, "S1")
    return {due.slot.about for due in state.book.of(state.whom) if due.is_open} & {
        each.slot.about for each in state.book.of(state.whom) if each.slot.what == OF_OPTION
    }


# --- told ---------------------------------------------------------------------------------------


def test_the_cohort_is_found_by_what_the_record_shows(surplus: Matters) -> None:
    told = of_s1(surplus, "tell-options").then(f.OptionsTold)
    told.saying(cohort="C", options=("regrade", "remain"))
    told.saying(
        evidence={
            "band": "4",
            "band on 2013-05-01": "3",
            "terms_set on 2013-05-01": "Fair and Sustainable",
        }
    )
    of_s1(surplus, "tell-options").then_nothing()


def test_nobody_is_told_in_the_place_of_another_scheme_or_twice_begun(surplus: Matters) -> None:
    of_s1(surplus, "tell-options", cohort="D").then_refused(because="no cohort of surplus-band-4")
    of_s1(surplus, "tell", what="outsourcing").then_refused(because="there is none")
    of_s1(surplus, "accept", option="remain").then_refused("OM-06", because="had been told")
    of_all(surplus, "end-offer").then_refused("OM-06", because="everybody has a window")


def test_a_window_told_again_is_never_shorter() -> None:
    book = rulebook("omic-2018")
    office = Matters(
        (CHOICE,), binding(book.with_values(assumed={"OM-06-window": "10wd"})), entries=record()
    )
    place = {"establishment": "HMP Sudbury", "estate": "open"}
    of_all(office, "begin", BEGUN, scheme="surplus-band-4", **place)
    of_s1(office, "tell-options")
    of_all(office, "restate", TOLD, stated_in="version 2").then(f.OptionsRestated)
    of_all(office, "restate", TOLD, stated_in="version 2").then_nothing()
    of_s1(office, "tell-options", date(2018, 11, 13)).then(f.OptionsTold)
    assert office.state(MATTER, "S1").last_day("accept") == date(2018, 11, 27)


# --- taken --------------------------------------------------------------------------------------


def test_a_regrade_waits_for_approval_and_holds_from_its_day(surplus: Matters) -> None:
    of_s1(surplus, "tell-options")
    of_s1(surplus, "accept", CHOSE, option="regrade", effective_from=HOLDS).then(f.OptionAccepted)
    of_s1(surplus, "accept", CHOSE, option="regrade", effective_from=HOLDS).then_nothing()
    assert [type(each) for each in surplus.run_clock(HOLDS)] == [t.ApprovalAsked]
    of_s1(surplus, "approve", HOLDS, step="regrade", by="office").then_refused(
        because="somebody else has to approve it"
    )
    of_s1(surplus, "approve", date(2019, 1, 7), step="regrade", by="second").then(t.ApprovalGiven)
    taken = surplus.run_clock(date(2019, 1, 7))
    assert [type(each) for each in taken] == [f.Regraded]
    (regraded,) = taken
    assert isinstance(regraded, f.Regraded)
    assert (regraded.happened_on, regraded.effective_from) == (date(2019, 1, 7), HOLDS)
    assert CHOICE.grave(regraded)
    (protection,) = regraded.terms
    assert (protection.last_day.on, protection.last_day.later) == (
        date(2020, 12, 31),
        date(2021, 1, 1),
    )
    of_s1(surplus, "accept", date(2019, 2, 1), option="remain").then_refused(
        "OM-06", because="took effect on 2019-01-01"
    )


def test_whatever_lowers_pay_waits_for_approval() -> None:
    lowering = [step for step in CHOICE.steps if step.name == "regrade"]
    assert [step.waits for step in lowering] == [Waits.FOR_APPROVAL]
    for edition in ("omic-2018", "omic-2020", "covid-2020"):
        part = rulebook(edition).parts["choice"]
        for scheme in part.schemes:  # type: ignore[attr-defined]  # the part of choices
            for option in scheme.options:
                assert option.lowers_pay == bool(option.changes)


def test_another_option_takes_the_place_of_what_was_owed(surplus: Matters) -> None:
    of_s1(surplus, "tell-options")
    of_s1(surplus, "accept", option="remain").then(f.OptionAccepted)
    assert owed(surplus) == {"overbear", "meaningful-work"}
    of_s1(surplus, "discharge-duty", what="overbear").then(f.DutyOfOptionMet)
    of_s1(surplus, "discharge-duty", what="overbear").then_nothing()
    of_s1(surplus, "accept", CHOSE, option="regrade", effective_from=HOLDS).then(f.OptionAccepted)
    assert owed(surplus) == set()
    of_s1(surplus, "accept", date(2018, 11, 21), option="remain").then(f.OptionAccepted)
    assert surplus.run_clock(HOLDS) == ()


def test_that_they_had_left_is_learned_after_the_regrade(surplus: Matters) -> None:
    of_s1(surplus, "tell-options")
    of_s1(surplus, "accept", CHOSE, option="regrade", effective_from=HOLDS)
    surplus.run_clock(HOLDS)
    of_s1(surplus, "approve", date(2019, 1, 7), step="regrade", by="second")
    surplus.run_clock(date(2019, 1, 7))
    left = leaving_pieces(MAIN, date(2018, 12, 15))
    surplus.entries.add(Entry(UUID(int=9), _INSTANT, left))
    answer = surplus.answer(MATTER, "options", date(2019, 1, 8))
    assert (answer.employed, answer.options, answer.taken) == (False, (), "regrade")


# --- an offer to all ----------------------------------------------------------------------------


def test_there_is_no_act_by_which_somebody_declines_an_offer(voluntary: Matters) -> None:
    on = date(2020, 4, 6)
    asked = {"option": "decline", "cohort": "volunteer"}
    of_s1(voluntary, "accept", on, **asked).then_refused(because="there is volunteer")
    of_s1(voluntary, "tell-options", on).then_refused("CV-01", because="told by name")
    of_s1(voluntary, "stop", on).then_nothing()
    of_all(voluntary, "end-offer", date(2020, 6, 1)).then(f.OfferEnded)
    voluntary.run_clock(date(2020, 6, 2))
    assert [each for each in voluntary.records if each.person is not None] == []
    state = voluntary.state(MATTER, "S1")
    own = [due for due in state.book.of(state.whom) if due.slot.what != "end-acceptance"]
    assert own == []
    assert voluntary.answer(MATTER, "choices", date(2020, 6, 2)).took_nothing == 0


def test_what_was_taken_ends_with_the_offer(voluntary: Matters) -> None:
    on, over = date(2020, 4, 6), date(2020, 7, 1)
    taking = {"option": "volunteer", "cohort": "volunteer", "agreed_by": "head of unit"}
    of_s1(voluntary, "accept", on, **taking).then(f.OptionAccepted)
    assert voluntary.answer(MATTER, "choices", on).taken == {"volunteer": 1}
    of_all(voluntary, "end-offer", date(2020, 6, 15), effective_from=over).then(f.OfferEnded)
    of_all(voluntary, "end-offer", date(2020, 6, 15), effective_from=over).then_nothing()
    ended = voluntary.run_clock(over)
    assert [type(each) for each in ended] == [f.AcceptanceEnded]
    assert voluntary.answer(MATTER, "choices", over).taken == {}
    of_s1(voluntary, "accept", over, **taking).then_refused("CV-02", because="the offer ended")


def test_special_leave_is_put_right_on_the_days_that_differ(voluntary: Matters) -> None:
    first, end, sooner = date(2020, 4, 6), date(2020, 4, 20), date(2020, 4, 13)
    days = {"leave": "special-leave", "effective_from": first, "effective_to": end}
    of_s1(voluntary, "record-leave", first, **days).then(f.LeaveRecorded)
    of_s1(voluntary, "record-leave", first, **days).then_nothing()
    right = {"leave": "special-leave", "began": first, "effective_from": first}
    put = of_s1(voluntary, "correct-leave", end, **right, effective_to=sooner)
    put.then(f.LeaveCorrected)
    (corrected,) = put.facts
    assert [
        (each.value is None, each.effective_from, each.effective_to)
        for each in CHOICE.pieces(corrected)
    ] == [(False, first, sooner), (True, sooner, end)]
    of_s1(voluntary, "correct-leave", end, **right, effective_to=sooner).then_nothing()
    of_s1(voluntary, "correct-leave", end, leave="special-leave", began=end).then_refused(
        "CV-03", because="no special-leave from 2020-04-20"
    )


def test_a_correction_that_is_sent_again_is_done_already_and_another_one_is_not(
    voluntary: Matters,
) -> None:
    first, end, on = date(2020, 4, 20), date(2020, 4, 22), date(2020, 5, 11)
    special = {"leave": "special-leave", "effective_from": first, "effective_to": end}
    of_s1(voluntary, "record-leave", first, **special).then(f.LeaveRecorded)
    was_absence = {"leave": "absence", "began": first, "leave_now": "special-leave"}
    longer = was_absence | {"effective_from": first, "effective_to": date(2020, 4, 30)}
    for right in (was_absence, longer):
        of_s1(voluntary, "correct-leave", on, **right).then_refused("CV-02", because="no absence")
    moved = {"leave": "special-leave", "began": first, "effective_from": date(2020, 5, 4)}
    moved |= {"effective_to": date(2020, 5, 6)}
    of_s1(voluntary, "correct-leave", on, **moved).then(f.LeaveCorrected)
    of_s1(voluntary, "correct-leave", on, **moved).then_nothing()
    of_s1(
        voluntary, "correct-leave", on, **moved | {"effective_to": date(2020, 5, 8)}
    ).then_refused("CV-03", because="put right already: special-leave of 2020-04-20 was from")
    for month in (first, on):  # by the days before, and by those that it has now
        assert len(voluntary.answer(MATTER, "absences", month, known_on=on).put_right) == 1
    none = {"leave": "special-leave", "began": date(2020, 5, 4)}
    of_s1(voluntary, "correct-leave", on, **none).then(f.LeaveCorrected)
    of_s1(voluntary, "correct-leave", on, **none).then_nothing()


def test_who_could_work_is_not_put_on_the_leave_by_a_correction(voluntary: Matters) -> None:
    first, on = date(2020, 4, 20), date(2020, 5, 11)
    away = {"leave": "absence", "effective_from": first, "effective_to": date(2020, 4, 22)}
    of_s1(voluntary, "record-leave", first, **away).then(f.LeaveRecorded)
    right = {"leave": "absence", "began": first, "leave_now": "special-leave"}
    of_s1(voluntary, "correct-leave", on, **right, can_work=True).then_refused(
        "CV-03", because="who can work is not on special-leave"
    )
    of_s1(voluntary, "correct-leave", on, **right, can_work=False).then(f.LeaveCorrected)


def test_hours_said_again_hold_and_are_no_more_than_all(voluntary: Matters) -> None:
    on = date(2020, 4, 30)
    said = {"month": on, "full_hours": 150}
    of_s1(voluntary, "state-hours", on, **said, hours=60).then(f.HoursStated)
    of_s1(voluntary, "state-hours", on, **said, hours=60).then_nothing()
    of_s1(voluntary, "state-hours", on, **said, hours=75).then(f.HoursStated)
    found = voluntary.answer(MATTER, "payment", on)
    assert (found.days, found.by_days, found.by_hours) == (0, 0, None)


# --- a last day that is everybody's, and a term that only an earlier day gives ------------------

KENT = "Kent, Surrey and Sussex Community Rehabilitation Company"


@pytest.fixture
def posts() -> Matters:
    book = rulebook("tr-2013.3")
    company = position((date(2014, 6, 1), {Facet.EMPLOYER: KENT}))
    rules = binding(book.with_values(assumed=book.suggested()))
    office = Matters((CHOICE,), rules, entries=company)
    place = {"establishment": "Kent", "estate": "community"}
    of_all(office, "begin", date(2015, 1, 5), scheme="posts-in-the-nps", **place)
    of_s1(office, "tell-options", date(2015, 1, 12)).then(f.OptionsTold)
    return office


@pytest.mark.parametrize(("since", "given"), [(date(2015, 1, 31), True), (date(2015, 2, 1), False)])
def test_only_what_holds_before_the_day_gives_the_term(
    posts: Matters, since: date, given: bool
) -> None:
    answered = date(2015, 1, 31)
    taken = of_s1(posts, "accept", answered, option="take-post", effective_from=since)
    fact = taken.then(f.OptionAccepted).facts[0]
    assert isinstance(fact, f.OptionAccepted)
    assert [each.term for each in fact.terms] == (["service_qualified_rights"] if given else [])
    unknown = {each.clause for each in posts.answer(MATTER, "options", answered).not_known}
    assert ("TR-19-after-sale" in unknown) is not given


def test_the_last_day_to_answer_is_the_same_for_everybody(posts: Matters) -> None:
    late = of_s1(posts, "accept", date(2015, 2, 1), option="take-post")
    late.then_refused("TR-19-posts", because="the window closed on 2015-01-31")
