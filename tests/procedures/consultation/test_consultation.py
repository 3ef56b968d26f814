"""The consultation as a kind of the engine: meetings, endorsement, and the offers that follow."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from tests.support.cases import cases
from tests.support.matters import Asked, Matters, ask
from tests.support.rules_2013 import RULES, TR_2013
from tests.support.words_2013 import Happening
from transfer.core.dating.effective_dating import Entry, Key, Kind, Period, timelines
from transfer.core.matter import facts as t
from transfer.core.matter import late
from transfer.core.matter.book import Due
from transfer.core.matter.completeness import faults
from transfer.core.matter.late import Done
from transfer.core.matter.words import Nature, Outcome
from transfer.core.refusals import AlreadyOnRecord, Malformed, Refused
from transfer.core.words import Effect
from transfer.procedures.consultation import facts as f
from transfer.procedures.consultation.kind import CONSULTATION
from transfer.procedures.consultation.sides import Sides, sides_of
from transfer.procedures.known_facts import KnownFacts
from transfer.rulebooks.in_force import BindingRules

TERMS = Path(__file__).parent / "cases" / "voluntary-redundancy.md"
MATTER, EXERCISE = "consultation:tr-2013", "exercise:tr-2013"
OPENED = date(2013, 11, 11)
MEETING = date(2013, 11, 20)
TABLED = date(2014, 1, 29)
DAY = timedelta(days=1)

OWN = (
    Happening.TRANSFER_DATE_RESET,
    Happening.TRUSTS_CEASE_TO_EMPLOY,
    Happening.TRANSFER,
    Happening.DISSOLUTION,
)
"""What is the exercise's own."""


def open_(office: Matters, on: date = OPENED) -> Asked:
    return ask(
        office,
        MATTER,
        "begin",
        on=on,
        edition=TR_2013.edition,
        against=EXERCISE,
        bodies=["NNC", "SCCOG"],
        agreement="national framework",
    )


def act(
    office: Matters, name: str, on: date = OPENED, *, today: date | None = None, **inputs: Any
) -> Asked:
    return ask(office, MATTER, name, on=on, today=today, **inputs)


def call(
    office: Matters, meeting_on: date = MEETING, *, on: date = OPENED, purpose: str = "to endorse"
) -> Asked:
    return ask(office, MATTER, "call-meeting", on=on, held_on=meeting_on, purpose=purpose)


def record(
    office: Matters,
    happening: Happening | str,
    on: date,
    *,
    today: date | None = None,
    account: str = "as it was",
) -> Asked:
    return ask(
        office,
        MATTER,
        "record-happening",
        on=on,
        today=today,
        happening=str(happening),
        clause="TR-18",
        document="a document",
        account=account,
        conciliator="ACAS",
    )


@pytest.fixture
def unopened() -> Matters:
    return Matters((CONSULTATION,), RULES)


@pytest.fixture
def office(unopened: Matters) -> Matters:
    open_(unopened).then(f.ConsultationOpened)
    return unopened


def sides(office: Matters) -> Sides:
    return sides_of(office.state(MATTER))


def meeting(office: Matters, day: date = MEETING) -> Due:
    found = office.state(MATTER).due("meeting", day.isoformat())
    assert found is not None
    return found


# --- the declaration ----------------------------------------------------------------------------


def test_the_declaration_lacks_nothing() -> None:
    assert faults(CONSULTATION) == ()
    KnownFacts((CONSULTATION,))


# --- opening and meetings -----------------------------------------------------------------------


def test_opening_once(unopened: Matters) -> None:
    opened = open_(unopened).then(f.ConsultationOpened)
    opened.saying(against=EXERCISE, bodies=("NNC", "SCCOG"), digest=TR_2013.digest())
    assert opened.facts[0].basis.clause == "TR-18"
    open_(unopened, TABLED).then_refused(kind=AlreadyOnRecord)


def test_calling_a_meeting(office: Matters) -> None:
    called = call(office).then(f.MeetingCalled).saying(meeting_on=MEETING)
    assert called.facts[0].basis.clause == "TR-06"
    call(office).then_nothing()
    call(office, on=MEETING, purpose="again").then_nothing()


def test_nothing_is_done_before_the_consultation_is_open(unopened: Matters) -> None:
    call(unopened).then_refused(because="open it first")
    record(unopened, Happening.RATIFICATION, TABLED).then_refused(because="open it first")
    open_(unopened, on=MEETING)
    call(unopened, on=MEETING - DAY).then_refused(because="open it first")


def test_a_meeting_is_a_duty_of_the_bodies_about_its_day(office: Matters) -> None:
    call(office)
    due = meeting(office)
    assert (due.nature, due.owner, due.when.on) == (Nature.DUTY, "bodies", MEETING)
    assert due.is_open
    record(office, Happening.MEETING_WITHOUT_AGREEMENT_REFERRED_TO_CONCILIATION, MEETING)
    assert (meeting(office).outcome, meeting(office).outcome_on) == (Outcome.MET, MEETING)
    assert office.run_clock(MEETING + DAY, MATTER) == ()


def test_a_missing_outcome_is_noted_the_day_after_and_once(office: Matters) -> None:
    call(office)
    assert office.run_clock(MEETING, MATTER) == ()
    (noted,) = office.run_clock(MEETING + DAY, MATTER)
    assert isinstance(noted, f.OutcomeMissing)
    assert (noted.meeting_on, noted.basis.clause) == (MEETING, "TR-06")
    assert meeting(office).outcome is Outcome.MISSED
    assert office.run_clock(MEETING + 2 * DAY, MATTER) == ()


def test_the_procedure_waits_for_each_meeting_without_an_outcome(office: Matters) -> None:
    call(office, TABLED)
    call(office)
    assert [fact.made.about for fact in office.run_clock(MEETING + DAY, MATTER)] == ["2013-11-20"]
    assert [fact.made.about for fact in office.run_clock(TABLED + DAY, MATTER)] == ["2014-01-29"]


def test_a_note_is_the_clocks_to_make(office: Matters) -> None:
    call(office)
    ask(office, MATTER, "note-missing", on=MEETING + DAY).then_refused(because="the clock's")


# --- what happens between the sides --------------------------------------------------------------


def test_a_happening_of_a_meetings_day_is_its_outcome(office: Matters) -> None:
    call(office)
    met = record(
        office,
        Happening.MEETING_WITHOUT_AGREEMENT_REFERRED_TO_CONCILIATION,
        MEETING,
        account="no agreement",
    )
    met.then(f.MeetingHeld, f.OfferReferredToConciliation).saying(conciliator="ACAS")
    held = met.facts[0]
    assert isinstance(held, f.MeetingHeld)
    assert (held.outcome, held.basis.clause) == ("no agreement", "TR-18")
    assert held.basis.document == "a document"


@pytest.mark.parametrize(
    ("happening", "kinds"),
    [
        (Happening.ENDORSEMENT_REFUSED, (f.EndorsementRefused, f.OfferWithdrawn)),
        (
            Happening.IMPLEMENTATION_REQUIRED,
            (
                f.CollectiveTermGranted,
                f.CollectiveTermGranted,
                f.OfferWithdrawn,
                f.CollectiveTermGranted,
                f.CollectiveTermGranted,
            ),
        ),
        (Happening.IMPROVED_DRAFT, (f.DraftAgreementIssued,)),
        (Happening.CIRCULARS_ISSUED_OFFER_CONDITIONAL, (f.OfferMadeConditional,)),
        (Happening.RATIFICATION, (f.EndorsementGiven, f.OfferRestored)),
    ],
)
def test_what_a_happening_puts_on_record(
    office: Matters, happening: Happening, kinds: tuple[type[t.MatterFact], ...]
) -> None:
    record(office, happening, TABLED).then(*kinds)


def test_a_happening_is_an_entry_and_not_a_step(office: Matters) -> None:
    """Recorded twice, it stands twice: only a procedure's step is ever "already so"."""
    for _ in range(2):
        record(office, Happening.RATIFICATION, TABLED).then(f.EndorsementGiven, f.OfferRestored)


@pytest.mark.parametrize("happening", OWN)
def test_what_is_the_exercises_own_is_not_the_consultations(
    office: Matters, happening: Happening
) -> None:
    record(office, happening, TABLED).then_refused(because="matter of the exercise")


def test_what_the_edition_does_not_know_cannot_happen(office: Matters) -> None:
    record(office, "a-strike", TABLED).then_refused(because="knows no happening")


def test_endorsement_refused_and_later_given(office: Matters) -> None:
    assert sides(office).endorsed is None
    record(office, Happening.ENDORSEMENT_REFUSED, OPENED)
    assert sides(office).endorsed is False
    record(office, Happening.RATIFICATION, TABLED)
    assert sides(office).endorsed is True


# --- who is consulted, and on what ----------------------------------------------------------------


def test_a_further_body_is_consulted(office: Matters) -> None:
    act(office, "endorse", body="GMB").then_refused(because="GMB is not consulted: NNC, SCCOG are")
    added = act(office, "add-body", body=" GMB ").then(f.BodyAdded).saying(body="GMB")
    assert added.facts[0].basis.clause == "TR-18"
    act(office, "add-body", OPENED + DAY, body="GMB").then_nothing()
    act(office, "add-body", body="NNC").then_nothing()
    act(office, "endorse", OPENED + DAY, body="GMB").then(f.EndorsementGiven)


def test_staff_elect_whom_they_send(office: Matters) -> None:
    first, second = ("S1", "S2"), ("S1", "S3")
    act(office, "elect", representatives=list(first)).then(f.RepresentativesElected)
    act(office, "elect", representatives=list(first)).then_nothing()
    elected = act(office, "elect", MEETING, representatives=list(second))
    elected.then(f.RepresentativesElected).saying(representatives=second)
    act(office, "elect", MEETING, representatives=list(first)).then(f.RepresentativesElected)
    assert sides(office).elected == first
    act(office, "elect", representatives=[]).then_refused(kind=Malformed)
    act(office, "elect", representatives=["S1", " "]).then_refused(kind=Malformed)


def test_measures_are_stated_beside_those_stated_before(office: Matters) -> None:
    act(office, "state-measures", measures="shadow running").then(f.MeasuresStated)
    act(office, "state-measures", MEETING, measures="new kit").then(f.MeasuresStated)
    act(office, "state-measures", MEETING, measures="shadow running").then_nothing()
    assert [words for words, _ in sides(office).measures] == ["shadow running", "new kit"]
    done = Done("office", MEETING, MEETING, document="letter on measures")
    world = office.world(None, MATTER)
    new = late.record(world, matter=MATTER, act="state-measures", inputs={}, done=done)
    [stated] = office.append(new)
    assert CONSULTATION.sentence(stated) == "the employer states its measures"
    world = office.world(None, MATTER)
    assert late.record(world, matter=MATTER, act="state-measures", inputs={}, done=done) == ()


QUESTION = "Who keeps the cases?"


def reply_due(office: Matters, question: str = QUESTION) -> tuple[str, bool]:
    found = office.state(MATTER).due("reply", question)
    assert found is not None
    return found.owed_to, found.is_open


def test_a_question_is_owed_an_answer(office: Matters) -> None:
    act(office, "reply", question=QUESTION, answer="you").then_refused(because="nobody has asked")
    act(office, "ask", question=QUESTION, asked_by="GMB").then_refused(because="is not consulted")
    act(office, "ask", question=QUESTION, asked_by="NNC").then(f.QuestionAsked)
    act(office, "ask", OPENED + DAY, question=QUESTION, asked_by="NNC").then_nothing()
    assert reply_due(office) == ("bodies", True)
    act(office, "reply", MEETING, question=QUESTION, answer="you").then(f.QuestionAnswered)
    act(office, "reply", MEETING + DAY, question=QUESTION, answer="you").then_nothing()
    assert reply_due(office) == ("bodies", False)
    act(office, "reply", TABLED, question=QUESTION, answer="they").then(f.QuestionAnswered)
    assert sides(office).replies == {QUESTION: "they"}
    answered = act(office, "reply", TABLED, question=QUESTION).then(f.QuestionAnswered)
    assert CONSULTATION.sentence(answered.facts[0]) == f"the employer answers '{QUESTION}'"


def test_a_question_that_another_body_asks_again_is_owed_another_answer(office: Matters) -> None:
    act(office, "ask", question=QUESTION, asked_by="NNC")
    act(office, "reply", question=QUESTION, answer="you")
    act(office, "ask", MEETING, question=QUESTION, asked_by="SCCOG").then(f.QuestionAsked)
    assert reply_due(office) == ("bodies", True)
    act(office, "reply", MEETING, question=QUESTION, answer="you").then(f.QuestionAnswered)
    assert reply_due(office) == ("bodies", False)


def test_an_answer_stays_with_its_question_whatever_is_learned_of_late(office: Matters) -> None:
    act(office, "ask", MEETING, question=QUESTION)
    act(office, "reply", MEETING + DAY, question=QUESTION, answer="you")
    act(office, "ask", OPENED, today=TABLED, question="And the kit?").then(f.QuestionAsked)
    assert sides(office).replies == {QUESTION: "you"}
    assert reply_due(office, "And the kit?") == ("bodies", True)
    assert office.duties(MATTER) == {}


# --- meetings, recorded ---------------------------------------------------------------------------


def test_recording_what_a_meeting_came_to(office: Matters) -> None:
    call(office)
    met = act(office, "record-meeting", MEETING, outcome="talks go on", account="minutes")
    met.then(f.MeetingHeld).saying(meeting_on=MEETING, outcome="talks go on", account="minutes")
    assert met.facts[0].basis.clause == "TR-06"
    assert meeting(office).outcome is Outcome.MET
    again: dict[str, Any] = {"outcome": "talks go on", "account": "minutes"}
    act(office, "record-meeting", MEETING, **again).then_nothing()
    act(office, "record-meeting", MEETING, outcome="agreed").then_refused(
        "TR-06", because="the meeting of 2013-11-20 is on record: talks go on"
    )
    act(office, "record-meeting", MEETING + DAY, outcome=" ").then_refused(kind=Malformed)
    assert office.run_clock(MEETING + DAY, MATTER) == ()


def test_what_a_meeting_came_to_may_be_a_happening_of_the_edition(office: Matters) -> None:
    call(office)
    outcome = "meeting-without-agreement-referred-to-conciliation"
    met = act(office, "record-meeting", MEETING, outcome=outcome)
    met.then(f.MeetingHeld, f.OfferReferredToConciliation)
    act(office, "record-meeting", TABLED, outcome="ratification").then(
        f.MeetingHeld, f.EndorsementGiven, f.OfferRestored
    )
    act(office, "record-meeting", TABLED + DAY, outcome="transfer").then_refused(
        because="a matter of the exercise"
    )


def test_a_meeting_recorded_late_leaves_the_note_to_be_settled(office: Matters) -> None:
    call(office)
    office.run_clock(MEETING + DAY, MATTER)
    learned = act(office, "record-meeting", MEETING, today=TABLED, outcome="talks go on")
    learned.then(f.MeetingHeld, t.DutyToSettleOpened).saying(step="note-missing", would_state=())


# --- endorsing, refusing, voting ------------------------------------------------------------------

TERM = "enhanced_voluntary_redundancy"


def endorsing(office: Matters, *said: tuple[str, str]) -> list[list[type[t.MatterFact]]]:
    """What came of each of these acts of a body, a day after the other."""
    found = []
    for n, (name, body) in enumerate(said):
        inputs: dict[str, Any] = {"body": body} | (
            {"result": name} if name in ("accepted", "rejected") else {}
        )
        done = act(office, "ballot" if "result" in inputs else name, OPENED + n * DAY, **inputs)
        assert done.refusal is None
        found.append([type(fact) for fact in done.facts])
    return found


def test_offers_follow_only_once_every_body_has_endorsed(office: Matters) -> None:
    first, again, last = endorsing(
        office, ("endorse", "NNC"), ("endorse", "NNC"), ("endorse", "SCCOG")
    )
    assert first == [f.EndorsementGiven]
    assert again == []
    assert last == [f.EndorsementGiven, f.OfferRestored]
    assert sides(office).endorsed is True
    assert sides(office).offers[TERM][1] == OPENED + 2 * DAY


def test_one_body_that_endorses_speaks_for_itself_alone(office: Matters) -> None:
    endorsing(office, ("endorse", "NNC"))
    assert sides(office).endorsed is None
    endorsing(office, ("refuse", "SCCOG"))
    assert sides(office).endorsed is False


def test_a_body_that_endorses_after_it_refused(office: Matters) -> None:
    refused, too, once, both = endorsing(
        office, ("refuse", "NNC"), ("refuse", "SCCOG"), ("endorse", "NNC"), ("endorse", "SCCOG")
    )
    assert refused == [f.EndorsementRefused, f.OfferWithdrawn]
    assert too == [f.EndorsementRefused], "the offer is off already"
    assert once == [f.EndorsementGiven], "the other body still refuses"
    assert both == [f.EndorsementGiven, f.OfferRestored]


def test_a_body_that_refuses_after_everybody_endorsed_takes_the_offer_back(office: Matters) -> None:
    *_, back, again = endorsing(
        office, ("endorse", "NNC"), ("endorse", "SCCOG"), ("refuse", "NNC"), ("endorse", "NNC")
    )
    assert back == [f.EndorsementRefused, f.OfferWithdrawn]
    assert again == [f.EndorsementGiven, f.OfferRestored]


def test_what_happened_between_the_sides_is_what_every_body_said(office: Matters) -> None:
    record(office, Happening.ENDORSEMENT_REFUSED, OPENED)
    act(office, "refuse", OPENED, body="NNC").then_nothing()
    act(office, "endorse", MEETING, body="NNC").then(f.EndorsementGiven)
    record(office, Happening.RATIFICATION, TABLED)
    act(office, "endorse", TABLED, body="SCCOG").then_nothing()
    assert sides(office).endorsed is True


def test_a_body_that_is_added_after_the_endorsement_has_still_to_say(office: Matters) -> None:
    endorsing(office, ("endorse", "NNC"), ("endorse", "SCCOG"))
    act(office, "add-body", MEETING, body="GMB")
    assert sides(office).endorsed is None
    act(office, "endorse", MEETING, body="GMB").then(f.EndorsementGiven)
    assert sides(office).endorsed is True


def test_the_members_of_a_body_vote(office: Matters) -> None:
    against, again, for_it, last = endorsing(
        office, ("rejected", "NNC"), ("endorse", "SCCOG"), ("accepted", "NNC"), ("refuse", "NNC")
    )
    assert against == [f.BallotHeld, f.EndorsementRefused, f.OfferWithdrawn]
    assert again == [f.EndorsementGiven]
    assert for_it == [f.BallotHeld, f.EndorsementGiven, f.OfferRestored]
    assert last == [f.EndorsementRefused, f.OfferWithdrawn]
    act(office, "ballot", body="GMB", result="accepted").then_refused(because="is not consulted")
    act(office, "ballot", body="NNC", result="abstained").then_refused(kind=Malformed)


def test_a_ballot_of_a_body_that_has_said_so_already_is_kept(office: Matters) -> None:
    act(office, "endorse", OPENED, body="NNC")
    voted: dict[str, Any] = {"body": "NNC", "result": "accepted"}
    act(office, "ballot", MEETING, **voted).then(f.BallotHeld).saying(body="NNC", accepted=True)
    act(office, "ballot", MEETING, **voted).then_nothing()
    act(office, "ballot", TABLED, **voted).then(f.BallotHeld)


def test_an_edition_may_let_nothing_follow_from_an_endorsement(unopened: Matters) -> None:
    class Silent(BindingRules):
        def happening_of(self, effect: Effect) -> Happening | None:  # noqa: ARG002 - of any
            return None

    unopened.rules = Silent(
        rulebook=RULES.rulebook, calendar_edition=RULES.calendar_edition, given=RULES.given
    )
    open_(unopened)
    assert endorsing(unopened, ("refuse", "NNC"), ("endorse", "NNC"), ("endorse", "SCCOG")) == [
        [f.EndorsementRefused],
        [f.EndorsementGiven],
        [f.EndorsementGiven],
    ]


# --- conciliation and offers ----------------------------------------------------------------------


def test_the_sides_go_to_somebody_outside(office: Matters) -> None:
    gone = act(office, "refer", MEETING, to="ACAS")
    gone.then(f.Referred, f.OfferReferredToConciliation).saying(term=TERM, conciliator="ACAS")
    act(office, "refer", MEETING + DAY, to="ACAS").then_nothing()
    act(office, "refer", MEETING + DAY, to="a judge").then(f.Referred)
    record(office, Happening.IMPROVED_DRAFT, MEETING + 2 * DAY)
    act(office, "refer", TABLED, to="a judge").then(f.Referred)
    act(office, "refer", to=" ").then_refused(kind=Malformed)


def test_stating_how_an_offer_stands(office: Matters) -> None:
    off: dict[str, Any] = {"offer": TERM, "status": "not-on-offer"}
    stated = act(office, "state-offer", MEETING, **off).then(f.OfferWithdrawn)
    stated.saying(term=TERM, effective_from=MEETING)
    assert stated.facts[0].basis.clause == "TR-06"
    act(office, "state-offer", TABLED, **off).then_nothing()
    act(office, "state-offer", TABLED, **off | {"offer": TERM.upper()}).then_nothing()
    act(office, "state-offer", TABLED, offer=TERM, status="conditional-on-ratification").then(
        f.OfferMadeConditional
    )
    act(office, "state-offer", TABLED, offer=TERM, status="on-offer").then(f.OfferRestored)
    act(office, "state-offer", offer="a_pony", status="on-offer").then_refused(
        because="no offer 'a_pony'"
    )
    act(office, "state-offer", offer=TERM, status="gone").then_refused(kind=Malformed)


def test_what_the_edition_grants_outright_is_never_said_to_be_off(office: Matters) -> None:
    guarantee: dict[str, Any] = {"offer": "job_guarantee"}
    for status in ("not-on-offer", "conditional-on-ratification"):
        act(office, "state-offer", MEETING, status=status, **guarantee).then_refused(
            "TR-04", because="hangs on nobody's endorsement"
        )
    granted = act(office, "state-offer", MEETING, status="on-offer", **guarantee)
    granted.then(f.CollectiveTermGranted).saying(effective_from=MEETING)
    act(office, "state-offer", TABLED, status="on-offer", **guarantee).then_nothing()


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("add-body", {"body": "GMB"}),
        ("elect", {"representatives": ["S1"]}),
        ("state-measures", {"measures": "new kit"}),
        ("ask", {"question": QUESTION}),
        ("reply", {"question": QUESTION, "answer": "you"}),
        ("record-meeting", {"outcome": "agreed"}),
        ("endorse", {"body": "NNC"}),
        ("refuse", {"body": "NNC"}),
        ("ballot", {"body": "NNC", "result": "accepted"}),
        ("refer", {"to": "ACAS"}),
        ("state-offer", {"offer": TERM, "status": "on-offer"}),
    ],
)
def test_no_act_is_done_before_the_consultation_is_open(
    unopened: Matters, name: str, inputs: dict[str, Any]
) -> None:
    act(unopened, name, **inputs).then_refused(because="open it first")


# --- the reason and the document of an act --------------------------------------------------------


def test_a_fact_cites_the_document_that_was_given_with_its_act(office: Matters) -> None:
    world = office.world(None, MATTER)
    done = Done("office", TABLED, TABLED, reason="the vote", document="letter of 29 January")
    new = late.record(world, matter=MATTER, act="refuse", inputs={"body": "NNC"}, done=done)
    facts = office.append(new)
    assert [type(fact) for fact in facts] == [f.EndorsementRefused, f.OfferWithdrawn]
    for fact in facts:
        assert fact.basis.document == fact.made.document == "letter of 29 January"
        assert fact.made.reason == "the vote"
    [deed] = [each for each in office.world(None, MATTER).deeds if each.act == "refuse"]
    assert (deed.reason, deed.document) == ("the vote", "letter of 29 January")


def test_a_decision_that_is_made_again_keeps_its_reason_and_document(office: Matters) -> None:
    done = Done("office", TABLED, TABLED, reason="the vote", document="letter of 29 January")
    world = office.world(None, MATTER)
    office.append(
        late.record(world, matter=MATTER, act="refuse", inputs={"body": "NNC"}, done=done)
    )
    act(office, "refuse", OPENED, today=TABLED + DAY, body="SCCOG")
    assert [duty.step for duty in office.duties(MATTER).values()] == ["refuse"]
    office.redo_everything(TABLED + DAY, MATTER)
    again = office.facts(MATTER)[-1]
    assert isinstance(again, f.EndorsementRefused)
    assert (again.made.reason, again.basis.document) == ("the vote", "letter of 29 January")


# --- the day on which one must be employed -------------------------------------------------------

IMPLEMENTED = date(2013, 11, 14)
RESET = date(2014, 1, 17)


def move(office: Matters, transfer_on: date) -> Asked:
    return ask(office, MATTER, "move-day-of-employment", on=RESET, transfer_on=transfer_on)


def days_of_employment(facts: Iterable[t.MatterFact]) -> dict[str, date | None]:
    return {x.term: x.employed_on for x in facts if isinstance(x, f.CollectiveTermGranted)}


def test_the_day_of_employment_moves_with_the_transfer(office: Matters) -> None:
    first = record(office, Happening.IMPLEMENTATION_REQUIRED, IMPLEMENTED)
    before = days_of_employment(first.facts)
    assert {day for day in before.values() if day} == {date(2014, 3, 31)}
    moved = move(office, date(2014, 6, 1))
    moved.then(*[f.CollectiveTermGranted for day in before.values() if day])
    for fact in moved.facts:
        same = next(x for x in first.facts if getattr(x, "term", "") == getattr(fact, "term", ""))
        assert isinstance(fact, f.CollectiveTermGranted)
        assert isinstance(same, f.CollectiveTermGranted)
        assert fact.employed_on == date(2014, 5, 31)
        assert (fact.value, fact.effective_from) == (same.value, IMPLEMENTED)
    move(office, date(2014, 6, 1)).then_nothing()


def test_a_term_that_nobody_was_granted_has_no_day_to_move(office: Matters) -> None:
    move(office, date(2014, 6, 1)).then_nothing()
    record(office, Happening.IMPLEMENTATION_REQUIRED, IMPLEMENTED)
    move(office, date(2014, 4, 1)).then_nothing()


# --- what the office learns of late --------------------------------------------------------------


def test_an_outcome_that_is_recorded_late_leaves_the_note_to_be_settled(office: Matters) -> None:
    call(office)
    office.run_clock(MEETING + DAY, MATTER)
    learned = record(
        office,
        Happening.MEETING_WITHOUT_AGREEMENT_REFERRED_TO_CONCILIATION,
        MEETING,
        today=MEETING + 5 * DAY,
    )
    learned.then(f.MeetingHeld, f.OfferReferredToConciliation, t.DutyToSettleOpened)
    learned.saying(step="note-missing", about=MEETING.isoformat(), would_state=())
    assert meeting(office).outcome is Outcome.MET
    office.redo_everything(MEETING + 6 * DAY, MATTER)
    assert sides(office).missing == set()
    assert office.run_clock(MEETING + 6 * DAY, MATTER) == ()


def test_a_refusal_that_is_learned_after_the_endorsement_does_not_undo_it(office: Matters) -> None:
    record(office, Happening.RATIFICATION, TABLED)
    record(office, Happening.ENDORSEMENT_REFUSED, OPENED, today=TABLED + DAY)
    assert sides(office).endorsed is True


def test_terms_that_are_learned_of_after_their_day_had_moved_leave_that_to_be_settled(
    office: Matters,
) -> None:
    record(office, Happening.IMPLEMENTATION_REQUIRED, IMPLEMENTED)
    assert move(office, date(2014, 6, 1)).facts
    again = record(office, Happening.IMPLEMENTATION_REQUIRED, IMPLEMENTED + DAY, today=RESET + DAY)
    assert isinstance(again.facts[-1], t.DutyToSettleOpened)
    assert again.facts[-1].step == "move-day-of-employment"


# --- what stood on a day ------------------------------------------------------------------------


def chronicle() -> Matters:
    """What the rulebook says happened, recorded by the acts."""
    office = Matters((CONSULTATION,), RULES)
    open_(office)
    for entry in TR_2013.chronicle:
        if entry.happening not in {str(each) for each in OWN}:
            assert record(office, entry.happening, entry.on).refusal is None
    return office


def standing(term: str, on: date) -> Period | None:
    """The period of a collective term on a day, by the effective-dating rule."""
    known = KnownFacts((CONSULTATION,))
    entries: list[Entry] = []
    for number, fact in enumerate(chronicle().facts(MATTER)):
        recorded_at = datetime(2014, 2, 1, tzinfo=UTC) + timedelta(seconds=number)
        entry = known.entry_of(uuid5(NAMESPACE_URL, str(number)), recorded_at, fact)
        if entry is not None:
            entries.append(entry)
    return timelines(entries)[Key(Kind.TERM, "", term)].at(on)


@pytest.mark.parametrize(
    ("on", "value", "clause", "confidence"), cases(TERMS, "Voluntary redundancy")
)
def test_whether_voluntary_redundancy_was_on_offer(
    on: str, value: str, clause: str, confidence: str
) -> None:
    period = standing("enhanced_voluntary_redundancy", date.fromisoformat(on))
    if not value:
        assert period is None
        return
    assert period is not None
    assert period.basis is not None
    assert (period.value, period.basis.clause, period.basis.confidence) == (
        value,
        clause,
        confidence,
    )
    assert period.basis.document == "a document"


@pytest.mark.parametrize(("term", "on", "value", "clause"), cases(TERMS, "Guarantees"))
def test_what_everybody_in_scope_was_guaranteed(
    term: str, on: str, value: str, clause: str
) -> None:
    period = standing(term, date.fromisoformat(on))
    if not value:
        assert period is None
        return
    assert period is not None
    assert period.basis is not None
    assert (period.value, period.basis.clause) == (value, clause)


# --- minutes, and what it can be asked ----------------------------------------------------------


def test_minutes_are_kept_by_reference_and_digest(office: Matters) -> None:
    kept: dict[str, Any] = {"meeting_on": MEETING, "reference": "NNC/13/20", "sha256": "0a" * 32}
    act(office, "file-minutes", **kept).then_refused("TR-06", because="no meeting of 2013-11-20")
    act(office, "record-meeting", MEETING, outcome="no agreement")
    wrong = act(office, "file-minutes", TABLED, **kept | {"sha256": "0A" * 32})
    wrong.then_refused("TR-06", because="64 characters")
    act(office, "file-minutes", TABLED, **kept).then(f.MinutesFiled)
    act(office, "file-minutes", TABLED + DAY, **kept).then_nothing()
    act(office, "file-minutes", TABLED + DAY, **kept | {"sha256": "0b" * 32}).then(f.MinutesFiled)
    (met,) = office.answer(MATTER, "agreement", TABLED).meetings
    assert (met.outcome, met.minutes.sha256) == ("no agreement", "0a" * 32)
    (met,) = office.answer(MATTER, "agreement", TABLED + DAY).meetings
    assert met.minutes.sha256 == "0b" * 32


def test_an_offer_stands_on_the_authority_of_what_happened_last(office: Matters) -> None:
    assert office.answer(MATTER, "offers", OPENED).offers == ()
    record(office, Happening.ENDORSEMENT_REFUSED, OPENED)
    record(office, Happening.RATIFICATION, TABLED)
    (before,) = office.answer(MATTER, "offers", TABLED - DAY).offers
    assert (before.stood.authority.clause, before.before) == ("TR-02", ())
    (after,) = office.answer(MATTER, "offers", TABLED).offers
    assert (after.stood.authority.clause, len(after.before)) == ("TR-06d", 1)
    assert after.before[0] == before.stood


def test_what_each_body_said_is_told_apart(office: Matters) -> None:
    record(office, Happening.ENDORSEMENT_REFUSED, OPENED)
    act(office, "ballot", TABLED, body="NNC", result="accepted")
    found = office.answer(MATTER, "agreement", TABLED)
    assert found.endorsed is False
    assert [(each.body, each.endorses, each.ballot) for each in found.bodies] == [
        ("NNC", True, True),
        ("SCCOG", False, None),
    ]
    assert [each.since for each in found.bodies] == [TABLED, OPENED]


# --- in plain words -----------------------------------------------------------------------------


def test_each_fact_is_said_in_plain_words(office: Matters) -> None:
    call(office)
    office.run_clock(MEETING + DAY, MATTER)
    record(office, Happening.RATIFICATION, TABLED)
    assert [CONSULTATION.sentence(fact) for fact in office.facts(MATTER)] == [
        "NNC, SCCOG consulted on national framework",
        "a meeting is called for 2013-11-20: to endorse",
        "no outcome is on record of the meeting of 2013-11-20",
        "the bodies endorsed the agreement",
        "enhanced_voluntary_redundancy is on offer from 2014-01-29",
    ]
    granted = record(office, Happening.IMPLEMENTATION_REQUIRED, TABLED).facts
    assert any("for those employed on" in CONSULTATION.sentence(fact) for fact in granted)
    assert all(CONSULTATION.sentence(fact) for fact in granted)


def test_refused_is_the_only_no(office: Matters) -> None:
    """A decision that is made again may only answer facts, nothing, or `Refused`."""
    asked = record(office, Happening.TRANSFER, TABLED)
    assert isinstance(asked.refusal, Refused)
