"""One exercise as a whole: opening, scope, days of the plan, groups, and how it ends."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.cases import cases
from tests.support.exercise_scene import Whole
from tests.support.matters import Asked, ask
from tests.support.played_2013 import EXERCISE, GROUP, START, TRUST, employed
from tests.support.rules_2013 import (
    APPEAL_DUE,
    CLOSED,
    LETTERS,
    RESPONSE_DUE,
    RULES,
    TR_2013,
    TRANSFER,
)
from tests.support.words_2013 import Destination, MilestoneName
from transfer.core.matter import facts as t
from transfer.core.matter.clock import several_due
from transfer.core.matter.words import Nature, Outcome, Whom
from transfer.core.refusals import Malformed
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as f
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding
from transfer.rulebooks.loading import load_edition
from transfer.rulebooks.supplying import SuppliedValue

MILESTONES = Path(__file__).parent / "cases" / "milestones.md"
DAY = timedelta(days=1)
APRIL = date(2014, 4, 1)
DISSOLUTION = date(2014, 10, 31)
LATER = date(2014, 1, 15)


@pytest.fixture
def whole() -> Whole:
    """Opened for one Trust, with a day of transfer."""
    scene = Whole(RULES, TRUST)
    scene.office.entries = employed()
    scene.day(MilestoneName.TRANSFER, APRIL)
    return scene


def people(whole: Whole, *numbers: str, letters_on: date = LETTERS) -> None:
    """Who is covered, goes to the CRC, and has letters on a day with everybody else."""
    for number in numbers:
        whole.do("join", person=number)
        to: dict[str, Any] = {"to": Destination.CRC, "reason": "the caseload"}
        whole.do("decide-by-panel", person=number, **to)
    whole.group(GROUP, *numbers, letters_on=letters_on, transferor="LDN", path="sifted")


def letters(whole: Whole, *numbers: str, on: date = LETTERS) -> None:
    """The letters of the group go out, and its windows open."""
    for number in numbers:
        whole.clock(on, number).then(f.AssignmentLetterIssued)
    whole.office.through(EXERCISE, "issue-letters", GROUP, on)
    whole.clock(on).then(e.CohortLettersSent)


def through(whole: Whole, step: str, on: date, *numbers: str) -> None:
    """A step over the group, for each of these and for the group."""
    for number in numbers:
        whole.clock(on, number)
    assert whole.office.through(EXERCISE, step, GROUP, on)


# --- opening, scope -----------------------------------------------------------------------------


def test_opening_pins_the_edition_its_values_and_its_calendar() -> None:
    whole = Whole(RULES)
    whole.transferors = (TRUST,)
    outcome = whole.open().then(e.ExerciseOpened)
    outcome.saying(
        edition="tr-2013",
        digest=TR_2013.digest(),
        calendar="ew-2013-11",
        transferors=(TRUST,),
        values=RULES.given,
        rehearsed=True,
    )


def test_a_real_exercise_does_not_open_on_assumptions() -> None:
    whole = Whole(RULES)
    whole.open(rehearsed=False).then_refused(
        "TR-09-share", because="TR-09-share, TR-09b, TR-10-response, TR-11b, TR-11b-panel"
    )
    document = "minutes of the programme board"
    documents = {
        each.clause: SuppliedValue(value=each.value, document=document) for each in RULES.given
    }
    real = Whole(binding(TR_2013.with_values(supplied=documents)))
    real.open(rehearsed=False).then(e.ExerciseOpened).saying(rehearsed=False)


def test_the_scope_is_set_once(whole: Whole) -> None:
    who: dict[str, Any] = {"members": ["S1", "S2"], "criterion": "employed by a Trust"}
    outcome = whole.do("set-scope", **who).then(e.ScopeSet)
    outcome.saying(members=("S1", "S2"), effective_from=START)
    whole.do("set-scope", LETTERS, **who).then_nothing()
    more = {**who, "members": ["S1", "S2", "S3"]}
    whole.do("set-scope", **more).then_refused(because="set already")


# --- days of the plan ---------------------------------------------------------------------------


def test_a_milestone_that_moves_keeps_the_day_it_had(whole: Whole) -> None:
    outcome = whole.day("transfer", TRANSFER).then(e.MilestoneReset)
    outcome.saying(before=APRIL, role="transfer")
    fact = outcome.facts[0]
    assert isinstance(fact, e.MilestoneReset)
    assert (fact.when.on, fact.basis.clause) == (TRANSFER, "TR-03b")
    whole.day("transfer", TRANSFER).then_nothing()
    assert whole.state().milestone("transfer") == TRANSFER


def test_a_milestone_that_was_never_set_is_set(whole: Whole) -> None:
    outcome = whole.day("dissolution", DISSOLUTION).then(e.MilestoneSet)
    outcome.saying(is_last=True, ends_employment=True, follows=("transfer",))
    whole.day("dissolution", DISSOLUTION).then_nothing()


def test_an_edition_knows_its_days(whole: Whole) -> None:
    whole.day("vesting", TRANSFER).then_refused(
        TR_2013.mechanism_clause, because="no milestone 'vesting'"
    )


@pytest.mark.parametrize(("covered", "met", "outstanding"), [((), True, 0), (("S1",), False, 1)])
def test_a_day_that_has_passed_says_whether_it_was_met(
    whole: Whole, covered: tuple[str, ...], met: bool, outstanding: int
) -> None:
    for number in covered:
        whole.do("join", person=number)
    whole.over_several("reach", APRIL, *covered, about="transfer").then_nothing()
    outcome = whole.over_several("reach", APRIL + DAY, *covered, about="transfer")
    outcome.then(e.MilestoneReached)
    outcome.saying(milestone="transfer", due_on=APRIL, met=met, outstanding=outstanding)
    whole.over_several("reach", APRIL + DAY, *covered, about="transfer").then_nothing()
    due = whole.state().due("milestone", "transfer")
    assert due is not None
    assert due.outcome is (Outcome.MET if met else Outcome.MISSED)


def test_until_the_transfer_it_is_enough_to_know_where_everybody_goes(whole: Whole) -> None:
    people(whole, "S1", "S2")
    letters(whole, "S1", "S2")
    whole.clock(CLOSED, "S1").then(f.AssignmentConfirmed)
    whole.do("object", CLOSED, person="S2", told_to="transferor").then(f.ObjectionRaised)
    complete = "people-transition-complete"
    whole.day(complete, APRIL, on=CLOSED)
    both = ("S1", "S2")
    whole.over_several("reach", APRIL + DAY, *both, about=complete).saying(met=True, outstanding=0)
    whole.over_several("reach", APRIL + DAY, *both, about="transfer").saying(
        met=False, outstanding=2
    )


def test_a_day_that_asks_nothing_of_anybody_passes(whole: Whole) -> None:
    whole.day("assignment-starts", date(2013, 11, 13))
    whole.clock(date(2013, 11, 13)).then_nothing()
    whole.clock(date(2013, 11, 14)).then(e.MilestoneReached).saying(met=True, outstanding=0)


def test_a_milestone_moved_after_it_was_judged_is_judged_anew(whole: Whole) -> None:
    whole.do("join", person="S1")
    whole.over_several("reach", APRIL + DAY, "S1", about="transfer").saying(met=False)
    whole.day("transfer", TRANSFER, on=APRIL + 2 * DAY).then(e.MilestoneReset)
    assert whole.plan.reached == {}
    assert whole.next() == ("reach", "transfer", TRANSFER + DAY)
    again = whole.over_several("reach", TRANSFER + DAY, about="transfer")
    again.then(e.MilestoneReached).saying(due_on=TRANSFER, met=True)


def test_the_transfer_cannot_move_once_staff_have_gone_over(whole: Whole) -> None:
    people(whole, "S1")
    letters(whole, "S1")
    through(whole, "confirm", CLOSED, "S1")
    whole.day("transfer", TRANSFER, on=CLOSED).then(e.MilestoneReset)
    through(whole, "move", TRANSFER, "S1")
    assert whole.own("S1").transfer is not None
    after = TRANSFER + DAY
    whole.day("transfer", after, on=after).then_refused("TR-12", because="staff have transferred")
    whole.day("transfer", TRANSFER, on=after).then_nothing()
    whole.day("dissolution", DISSOLUTION, on=after).then(e.MilestoneSet)


@pytest.mark.parametrize(
    ("days", "behind", "step", "due_on"), cases(MILESTONES, "What an exercise waits for")
)
def test_what_an_exercise_waits_for(days: str, behind: str, step: str, due_on: str) -> None:
    whole = Whole(RULES, TRUST)
    for each in filter(None, days.split(", ")):
        name, _, due = each.partition(" ")
        whole.day(name, date.fromisoformat(due))
    for each in filter(None, behind.split(", ")):
        match each:
            case "dissolved":
                whole.over_several("dissolve", DISSOLUTION).then(e.TransferorDissolved)
            case "nobody is left":
                whole.through("end-by-dissolution", DISSOLUTION).then(t.StepTaken)
            case "completed":
                whole.over_several("complete", DISSOLUTION + DAY).then(e.ExerciseCompleted)
            case _:
                on = (whole.state().milestone(each) or START) + DAY
                whole.clock(on)
                if each not in whole.plan.reached:
                    whole.over_several("reach", on, about=each)
                assert each in whole.plan.reached
    found = whole.next()
    if not step:
        assert found is None
        return
    name, _, about = step.partition(" ")
    assert found == (name, about, date.fromisoformat(due_on))


# --- groups, their letters and windows -----------------------------------------------------------


def test_a_group_is_formed_once(whole: Whole) -> None:
    people(whole, "S1", "S2")
    whole.group(GROUP, "S3", letters_on=LETTERS, transferor="LDN", path="sifted").then_nothing()
    group = whole.plan.groups[GROUP]
    assert (group.people, group.letters_on.on) == (("S1", "S2"), LETTERS)
    assert group.routes == ("local-evidence", "expression-of-interest")
    assert [whole.state(number).group for number in ("S1", "S3")] == [GROUP, None]


def test_the_windows_of_a_group_are_counted_from_the_day_its_letters_went_out(
    whole: Whole,
) -> None:
    people(whole, "S1")
    letters(whole, "S1")
    sent = whole.plan.sent[GROUP]
    assert {what: when.on for what, when in sent.windows.items()} == {
        "response": RESPONSE_DUE,
        "appeal": APPEAL_DUE,
    }
    assert sent.transfer == "transfer"
    whole.clock(LETTERS).then_nothing()


def test_a_groups_procedure_waits_for_one_thing_after_another(whole: Whole) -> None:
    people(whole, "S1")

    def next_() -> tuple[str, date] | None:
        state = whole.state()
        dues = [
            (day, due.slot.what)
            for due in state.book.of(Whom(EXERCISE, GROUP))
            if due.is_open and due.nature == "act" and (day := state.book.days(due)[0])
        ]
        return min(dues)[::-1] if dues else None

    assert next_() == ("issue-letters", LETTERS)
    letters(whole, "S1")
    assert next_() == ("confirm", CLOSED)
    move_window(whole, LATER, window="response").then(t.WindowMoved)
    assert next_() == ("confirm", LATER + DAY)
    through(whole, "confirm", LATER + DAY, "S1")
    assert next_() == ("move", APRIL)
    whole.day("transfer", TRANSFER, on=LATER + DAY)
    assert next_() == ("move", TRANSFER)
    through(whole, "move", TRANSFER, "S1")
    assert next_() is None


def move_window(
    whole: Whole, until: date, on: date = LETTERS + DAY, window: str = "appeal"
) -> Asked:
    inputs: dict[str, Any] = {
        "group": GROUP,
        "window": window,
        "until": until,
        "reason": "sent without a form",
    }
    return whole.do("move-window", on, **inputs)


@pytest.mark.parametrize("are_out", [True, False])
def test_a_groups_window_moves_later_and_never_earlier(whole: Whole, are_out: bool) -> None:
    people(whole, "S1", "S2")
    if are_out:
        letters(whole, "S1", "S2")
    on = (LETTERS if are_out else START) + DAY
    outcome = move_window(whole, LATER, on).then(t.WindowMoved)
    outcome.saying(before=APPEAL_DUE, window="appeal", group=GROUP)
    if not are_out:
        letters(whole, "S1", "S2")
    assert whole.state("S1").last_day("appeal") == LATER
    move_window(whole, LATER).then_nothing()
    move_window(whole, LATER - DAY).then_refused("TR-11b", because="published as closing on")
    whole.clock(CLOSED, "S1").then_nothing()
    whole.clock(LATER + DAY, "S1").then(f.AssignmentConfirmed).saying(windows_closed_on=LATER)


def test_a_window_that_was_moved_before_late_letters_is_never_shorter_than_they_say(
    whole: Whole,
) -> None:
    late = date(2014, 1, 6)
    people(whole, "S1")
    move_window(whole, CLOSED, START + DAY).then(t.WindowMoved)
    letters(whole, "S1", on=late)
    published = RULES.period("TR-11b").due_after(late, RULES.calendar)
    assert whole.state("S1").last_day("appeal") == published > CLOSED


def test_what_is_no_window_of_the_group_is_not_moved(whole: Whole) -> None:
    people(whole, "S1")
    move_window(whole, LATER, window="choice").then_refused(
        TR_2013.mechanism_clause, because="no window 'choice'"
    )
    whole.do("move-window", group="other", window="appeal", until=LATER, reason="x").then_refused(
        because="no group other"
    )


def test_once_a_groups_windows_have_closed_they_are_extended_one_by_one(whole: Whole) -> None:
    people(whole, "S1", "S2")
    letters(whole, "S1", "S2")
    through(whole, "confirm", CLOSED, "S1", "S2")
    move_window(whole, LATER, CLOSED + DAY).then_refused("TR-11b", because="have closed")


def test_a_window_that_was_used_before_the_group_was_given_longer_may_be_used_again(
    whole: Whole,
) -> None:
    people(whole, "S1", "S2")
    letters(whole, "S1", "S2")
    first, second = date(2013, 12, 24), LATER
    answer = {"answer": "acknowledged"}
    whole.do("record-answer", first, person="S1", **answer).saying(in_time=True)
    move_window(whole, LATER, first + DAY, window="response").then(t.WindowMoved)
    assert whole.state("S1").last_day("response") == LATER
    whole.do("record-answer", second, person="S1", answer="rights-reserved").saying(in_time=True)
    whole.do("record-answer", second + DAY, person="S1", **answer).saying(in_time=False)
    used = whole.state("S1").due("response")
    assert used is not None
    assert (used.outcome, used.outcome_on) == (Outcome.MET, first)
    assert whole.state("S1").book.days(used)[0] == RESPONSE_DUE, "published as it was used"


# --- limited places -----------------------------------------------------------------------------

HARBOUR = Path(__file__).parents[2] / "rehearsal" / "editions" / "harbour-2031.toml"


@pytest.fixture
def harbour() -> Whole:
    """Two boards to three trusts, of which the pilots have three places."""
    book = load_edition(HARBOUR.read_bytes())
    return Whole(binding(book.with_values(assumed=book.suggested())), "North Board")


def test_limited_places_are_shared_out_among_everybody_together(harbour: Whole) -> None:
    held = {"facets": {"employer": "North Board", "band": "5"}}
    pilots = {f"P{n}": {**held, "evidence": {"hours": "100", "pilotage": str(70 + n)}}
              for n in range(5)}  # fmt: skip
    masters = {"M1": {"facets": {"employer": "North Board", "band": "9"}, "evidence": {}}}
    inputs: dict[str, Any] = {"seed": "1", "people": pilots | masters}
    outcome = harbour.do("allocate", **inputs).then(e.PlacesAllocated)
    fact = outcome.facts[0]
    assert isinstance(fact, e.PlacesAllocated)
    by_hours = {who for who, each in fact.outcomes.items() if each.destination == "pilot"}
    assert by_hours == {"P2", "P3", "P4"}, "those who did most of it"
    for number in fact.outcomes:
        harbour.do("join", person=number)
        harbour.office.entries = employed()
        harbour.do("propose", person=number, seed="1")
    assert {harbour.own(number).destination for number in by_hours} == {"pilot"}
    for number in {"P0", "P1", "M1"}:
        assert fact.outcomes[number].refused
        assert harbour.own(number).proposal is None
        assert harbour.own(number).not_proposed == fact.outcomes[number].reason

    for taken, refused in ((2, False), (3, True)):
        before = {f"T{n}": {"place": "pilot"} for n in range(taken)}
        again = {"people": {"P9": pilots["P4"], **before}}
        [later] = harbour.do("allocate", **(inputs | again)).facts
        assert isinstance(later, e.PlacesAllocated)
        assert later.outcomes["P9"].refused is refused
    harbour.do("allocate", seed="1", people={}).then_nothing()


# --- gates --------------------------------------------------------------------------------------


def test_a_gate_holds_letters_back_until_a_consultation_was_begun() -> None:
    surrey, council = rulebook("surrey-2027"), "Surrey County Council"
    rules = binding(surrey.with_values(assumed=surrey.suggested()))
    whole, on = Whole(rules, council), date(2026, 11, 2)
    whole.office.entries = employed(by=council)
    whole.day("vesting", date(2027, 4, 1))
    whole.do("join", person="S1")
    whole.do("decide-by-panel", person="S1", to="east", reason="the community served")
    whole.group("G", "S1", letters_on=on, transferor=council, path="letters")
    whole.do("approve", person="S1", by="other", step="issue-letters").then(t.ApprovalGiven)
    refused = whole.clock(on, "S1").then(t.StepRefused)
    refused.saying(clauses=("TU-18",), reasons=("no consultation was begun before letters",))
    opening: dict[str, Any] = {"edition": rules.edition, "against": EXERCISE}
    sides: dict[str, Any] = {"bodies": ["UNISON"], "agreement": "measures"}
    ask(whole.office, "consultation:tr-2013", "begin", on=on + DAY, **opening, **sides)
    whole.clock(on + DAY, "S1").then(f.AssignmentLetterIssued)


GATE = b"""
[[gate]]
before = "dissolution"
facts = ["appeals determined"]
clause = "TR-17"
"""


def test_a_gate_holds_the_dissolution_back_until_every_appeal_is_decided() -> None:
    source = TR_2013.source.replace(b'edition = "tr-2013"', b'edition = "tr-2013.gated"', 1)
    gated = load_edition(source + GATE)
    values = {value.clause: value.value for value in RULES.given}
    whole = Whole(binding(gated.with_values(assumed=values)), TRUST)
    whole.office.entries = employed()
    whole.day("transfer", APRIL)
    whole.day("dissolution", DISSOLUTION)
    people(whole, "S1")
    letters(whole, "S1")
    appeal = "appeal:tr-2013.S1.1"
    lodged: dict[str, Any] = {"against": EXERCISE, "grounds": "the caseload"}
    ask(whole.office, appeal, "lodge", on=APPEAL_DUE, person="S1", **lodged)
    assert whole.own("S1").open_appeal is not None
    refused = whole.over_several("dissolve", DISSOLUTION, "S1").then(t.StepRefused)
    refused.saying(clauses=("TR-17",), reasons=("1 appeals await their panel",))
    rejected: dict[str, Any] = {"outcome": "rejected", "reason": "heard"}
    ask(whole.office, appeal, "determine", on=DISSOLUTION, person="S1", **rejected)
    whole.over_several("dissolve", DISSOLUTION, "S1").then(e.TransferorDissolved)


ON_FILE = b"""
[[gate]]
before = "letters"
documents = ["Statement of measures"]
clause = "TR-10"
"""


def asking_for_a_document(*, rehearsed: bool) -> Whole:
    """An exercise under an edition whose letters wait for a document; one group is formed."""
    source = TR_2013.source.replace(b'edition = "tr-2013"', b'edition = "tr-2013.gated"', 1)
    gated = load_edition(source + ON_FILE)
    supplied = {
        value.clause: SuppliedValue(value=value.value, document="guidance") for value in RULES.given
    }
    whole = Whole(binding(gated.with_values(supplied)), TRUST, rehearsed=rehearsed)
    whole.office.entries = employed()
    whole.day("transfer", APRIL)
    people(whole, "S1")
    return whole


def test_a_gate_holds_letters_back_until_a_document_is_on_file() -> None:
    whole = asking_for_a_document(rehearsed=False)
    refused = whole.clock(LETTERS, "S1").then(t.StepRefused)
    refused.saying(
        clauses=("TR-10",),
        reasons=("Statement of measures is not on file: register it, then file-document",),
    )
    title = "Statement of measures"
    other = whole.do("file-document", LETTERS, title="Another", shown_by="D000017")
    other.then_refused(because="the edition asks for no Another")
    unnamed = whole.do("file-document", LETTERS, title=title, shown_by="the letter")
    unnamed.then_refused(because="give the id of a document", kind=Malformed)
    filed = whole.do("file-document", LETTERS, title=title, shown_by="D000017")
    [fact] = filed.then(e.DocumentFiled).facts
    assert fact.basis.document == "D000017"
    whole.do("file-document", LETTERS, title=title, shown_by="D000017").then_nothing()
    whole.clock(LETTERS, "S1").then(f.AssignmentLetterIssued)


def test_a_rehearsal_takes_the_documents_to_be_there() -> None:
    whole = asking_for_a_document(rehearsed=True)
    whole.clock(LETTERS, "S1").then(f.AssignmentLetterIssued)


# --- dissolution and completion -----------------------------------------------------------------


def test_the_transferors_are_dissolved_on_their_day(whole: Whole) -> None:
    whole.day("dissolution", DISSOLUTION)
    whole.over_several("dissolve", DISSOLUTION - DAY).then_nothing()
    outcome = whole.over_several("dissolve", DISSOLUTION).then(e.TransferorDissolved)
    outcome.saying(transferors=(TRUST,), dissolved_on=DISSOLUTION)
    whole.over_several("dissolve", DISSOLUTION).then_nothing()


def test_a_body_that_ends_on_the_eve_of_the_transfer_hands_everybody_on_first(
    whole: Whole,
) -> None:
    people(whole, "S1")
    eve = APRIL - DAY
    whole.day("dissolution", eve)
    whole.over_several("dissolve", APRIL).then_nothing()
    assert whole.state("S1").last_day("end-by-dissolution") == APRIL + DAY
    whole.over_several("dissolve", APRIL + DAY).then(e.TransferorDissolved).saying(dissolved_on=eve)


def moved(whole: Whole, *numbers: str) -> None:
    """A group that is through."""
    people(whole, *numbers)
    letters(whole, *numbers)
    through(whole, "confirm", CLOSED, *numbers)
    through(whole, "move", APRIL, *numbers)


def test_completing_only_when_everybody_is_accounted_for(whole: Whole) -> None:
    whole.day("dissolution", DISSOLUTION)
    moved(whole, "S1", "S2")
    whole.do("join", person="S3")
    everybody = ("S1", "S2", "S3")
    after = DISSOLUTION + DAY
    whole.over_several("complete", after, *everybody).then_nothing()
    for name in ("transfer", "dissolution"):
        whole.clock(after)
        if name not in whole.plan.reached:
            whole.over_several("reach", after, *everybody, about=name)
    whole.over_several("complete", after, *everybody).then_nothing()
    whole.over_several("dissolve", after, *everybody)
    refused = whole.over_several("complete", after, *everybody).then(t.StepRefused)
    refused.saying(reasons=("3 are in scope, 2 accounted for",))
    whole.over_several("complete", after, *everybody).then_nothing()
    done = whole.over_several("complete", after, "S1", "S2").then(e.ExerciseCompleted)
    done.saying(in_scope=2, transferred={"CRC": 2}, objected=0, not_transferred=0, left=0)
    whole.over_several("complete", after, "S1", "S2").then_nothing()
    assert several_due(whole.office.world(None, EXERCISE), matter=EXERCISE, today=after) == ()


def test_where_nobody_is_dismissed_who_has_not_moved_has_stayed(harbour: Whole) -> None:
    days = {"north-day": APRIL, "south-day": APRIL + 30 * DAY}
    for name, day in days.items():
        harbour.day(name, day)
    harbour.do("join", person="S1")
    after = APRIL + 31 * DAY
    for name in days:
        harbour.over_several("reach", after, "S1", about=name)
    done = harbour.over_several("complete", after, "S1").then(e.ExerciseCompleted)
    done.saying(in_scope=1, transferred={}, stayed=1)


# --- abandoned ----------------------------------------------------------------------------------


def test_of_an_exercise_that_was_abandoned_nothing_is_due_any_more(whole: Whole) -> None:
    people(whole, "S1", "S2")
    letters(whole, "S1", "S2")
    whole.do("object", LETTERS, person="S2", told_to="transferor")
    whole.clock(CLOSED, "S1").then(f.AssignmentConfirmed)
    on = CLOSED + DAY
    whole.do("abandon", on, reason="the plan was withdrawn").then(t.Abandoned)
    whole.do("abandon", on, reason="the plan was withdrawn").then_nothing()
    for number in ("S1", "S2"):
        whole.clock(TRANSFER, number).then_nothing()
        book, whom = whole.state(number).book, whole.state(number).whom
        assert {due.slot.what for due in book.of(whom) if book.state(due, on) == "open"} == set()
        assert {due.slot.what for due in book.of(whom, Nature.ACT) if due.is_open} == set()
    whole.clock(TRANSFER).then_nothing()
    whole.over_several("reach", TRANSFER, "S1", about="transfer").then_nothing()


def test_an_end_that_waits_for_approval_is_answered_before_the_exercise_is_abandoned(
    whole: Whole,
) -> None:
    whole.do("join", person="S1")
    whole.do("object", LETTERS, person="S1", told_to="transferor")
    whole.clock(APRIL, "S1").then(t.ApprovalAsked)
    on = APRIL + 5 * DAY
    whole.do("abandon", on, reason="the plan was withdrawn").then_refused(
        because=f"end-by-objection of S1 has been due since {APRIL} and waits for approval"
    )
    declined = {"step": "end-by-objection", "reason": "the plan is withdrawn"}
    whole.do("decline", on, person="S1", by="other", **declined).then(t.ApprovalDeclined)
    whole.do("abandon", on, reason="the plan was withdrawn").then(t.Abandoned)
    due = whole.state("S1").due("end-by-objection")
    assert due is not None
    assert due.outcome is Outcome.SUPERSEDED
    approve = {"step": "end-by-objection"}
    whole.do("approve", APRIL + 6 * DAY, person="S1", by="other", **approve).then_refused(
        because="not due"
    )


def test_nobody_is_written_to_or_objects_in_an_exercise_that_was_abandoned(whole: Whole) -> None:
    people(whole, "S1")
    whole.do("abandon", START + DAY, reason="the plan was withdrawn")
    no_further = "goes no further"
    whole.do("issue-letters", LETTERS, person="S1").then_refused(because=no_further)
    whole.do("object", LETTERS, person="S1", told_to="transferor").then_refused(because=no_further)
    whole.clock(LETTERS, "S1").then_nothing()


def test_nothing_happens_to_an_exercise_that_was_never_opened() -> None:
    assert Whole(RULES).next() is None
