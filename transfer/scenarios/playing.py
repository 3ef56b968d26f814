"""A scenario played: its acts on their days, what is asked of them, and what differs.

A day begins with what the clock does; then come the acts that the office enters on it, in the order
of the file, each followed by what falls due because of it; at its end the questions are asked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from transfer.commands.acts.doing import Tools
from transfer.commands.office import Act, key_id
from transfer.core.dating.calendars import start_of_day_london
from transfer.core.editions.values import print_value
from transfer.core.matter.reckoning import Counting, Reckoning, reckon
from transfer.core.matter.words import Whom
from transfer.core.refusals import NotOnRecord, Refusal, Refused
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import Basis
from transfer.imports.staff_return.facts import facts_of
from transfer.procedures.assertion.decisions import contest_of
from transfer.procedures.exercise.participation import Participation, participation_of
from transfer.questions.kind_answers import declared_answer, worked_out
from transfer.scenarios.answers import Answers, Shown
from transfer.scenarios.doing import Doing, in_json, matter_named
from transfer.scenarios.file import (
    NOTHING,
    ActDone,
    Asked,
    ChangeSaid,
    CountedSaid,
    DeadlineSaid,
    LiabilitySaid,
)
from transfer.scenarios.reading import Scenario
from transfer.scenarios.showing import basis_shown

RETURN = "the people of the scenario"
_MORNING = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer: what was asked, on which line, what should be, and what is."""

    line: int
    on: date
    about: str
    question: str
    expected: Any
    found: Any
    holds: bool


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario that was played: every answer, in the order of the file."""

    title: str
    edition: str
    answers: tuple[Answered, ...]

    @property
    def differs(self) -> tuple[Answered, ...]:
        """The answers that are not as the file says."""
        return tuple(each for each in self.answers if not each.holds)


class Play:
    """One scenario, played on one office."""

    def __init__(self, scenario: Scenario, tools: Tools) -> None:
        self._scenario = scenario
        self._tools = tools
        self._doing = Doing(tools, scenario.file, scenario.book)
        self._of_acts: list[Answered] = []

    @property
    def days(self) -> tuple[date, ...]:
        """The days on which something is entered or asked, in order."""
        file = self._scenario.file
        found = {done.entered_on for done in file.act} | {asked.on for asked in file.then}
        return tuple(sorted(found))

    def acts_on(self, day: date) -> Iterator[ActDone]:
        """The acts that the office enters on a day, in the order of the file."""
        return (done for done in self._scenario.file.act if done.entered_on == day)

    def asked_on(self, day: date) -> Iterator[Asked]:
        """What is asked at the end of a day."""
        return (asked for asked in self._scenario.file.then if asked.on == day)

    def begin(self) -> None:
        """Put the people on record, in the morning of the first day."""
        morning = start_of_day_london(self.days[0]) + _MORNING
        act = Act("staff return", key_id("scenario", "people"), at=morning)
        edition = self._scenario.book.edition
        new = [
            (staff_stream(person.staff_number), 0, fact)
            for person in self._scenario.people
            for fact, _ in facts_of(person, RETURN, edition)
        ]
        self._tools.office.append(new, act)

    # --- acts ------------------------------------------------------------------------------------

    def do(self, done: ActDone) -> None:
        """Do an act; what becomes of it is an answer as well."""
        try:
            found: object = "done" if self._doing.do(done) else "done already"
        except Refusal as refusal:
            found = _refusal_shown(refusal)
        expected: object = "done already" if done.done_already else "done"
        holds = found == expected
        if done.refused is not None:
            refused = done.refused
            expected = {"clauses": list(refused.clauses), "because": list(refused.because)}
            holds = (
                isinstance(found, dict)
                and set(refused.clauses) <= set(found["clauses"])
                and all(words in found["because"] for words in refused.because)
            )
        whose = done.staff_number or ", ".join(done.staff_numbers or ())
        self._of_acts.append(
            Answered(
                line=self._scenario.line_of_act(done),
                on=done.entered_on,
                about=whose or done.kind,
                question=f"act {done.act}",
                expected=expected,
                found=found,
                holds=holds,
            )
        )

    # --- questions -------------------------------------------------------------------------------

    def of_procedures(self, asked: Asked) -> Iterator[Answered]:
        """What is asked of procedures and of the edition, as they stand now."""
        if asked.outcome is not None:
            found = self._outcome(asked)
            for key, value in _said(asked.outcome):
                ours = found.get(key) if isinstance(found, dict) else found
                within = key in ("because", "not_proposed", "passed_by")
                holds = _matches(value, ours, within=within)
                yield self._answer(asked, ("outcome", key), value, ours, holds)
        if asked.waits_for is not None:
            following = self._waits_for(asked)
            if isinstance(asked.waits_for, str):
                yield self._answer(asked, ("waits_for",), NOTHING, following, following == NOTHING)
            else:
                expected = dict(_said(asked.waits_for))
                holds = isinstance(following, dict) and _all_match(expected, following)
                yield self._answer(asked, ("waits_for",), expected, following, holds)
        if asked.to_settle is not None:
            duties = self._to_settle(asked)
            wanted = [dict(_said(each)) for each in asked.to_settle]
            yield self._answer(asked, ("to_settle",), wanted, duties, _one_each(wanted, duties))
        for name, said in asked.answers.items():
            ours = self._answered(asked, name)
            for key, value in said.items():
                found_of = ours.get(key, NOTHING) if isinstance(ours, dict) else ours
                holds = has_all(in_json(value), found_of)
                yield self._answer(asked, ("answers", name, key), value, found_of, holds)
        if asked.asserted is not None:
            asserted = self._asserted(asked)
            wanted = [dict(_said(each)) for each in asked.asserted]
            holds = _one_each(wanted, asserted)
            yield self._answer(asked, ("asserted",), wanted, asserted, holds)
        if asked.says:
            sentences = self._sentences(asked)
            for n, words in enumerate(asked.says):
                holds = any(words in each for each in sentences)
                yield self._answer(asked, ("says", n), words, sentences, holds)
        for n, counted in enumerate(asked.counted):
            ours = self._counted(counted)
            wanted_days = {key: getattr(counted, key) for key in ("on", "safe", "later")}
            yield self._answer(asked, ("counted", n), wanted_days, ours, ours == wanted_days)
        for clause, document in asked.needs_document.items():
            known = self._scenario.book.by_id[clause]
            needed = None if known.value is not None else known.document_needed
            holds = needed is not None and document in needed
            yield self._answer(asked, ("needs_document", clause), document, needed, holds)

        for clause, all_words in asked.edition_says.items():
            says = self._scenario.book.by_id[clause]
            value = "" if says.value is None else print_value(says.value)
            text = " ".join((says.title, says.text, value, says.confidence.value, *says.sources))
            holds = all(each in text for each in all_words)
            yield self._answer(asked, ("edition_says", clause), all_words, text, holds)

    def of_record(self, asked: Asked, answers: Answers) -> Iterator[Answered]:
        """What is asked of the record as it was known at the end of the day."""
        number = asked.staff_number
        if number is not None and (asked.position or asked.terms or asked.terms_not_held):
            yield from self._of_position(asked, number, answers)
        if asked.liability_information is not None:
            yield from self._of_liability(asked, asked.liability_information, answers)
        if asked.deadlines or asked.not_due:
            found = answers.deadlines(self._matter(asked), number, asked.on)
            due = sorted(found, key=_in_order)
            for n, each in enumerate(asked.deadlines):
                wanted = dict(_said(each))
                holds = any(_all_match(wanted, one) for one in due)
                yield self._answer(asked, ("deadlines", n), wanted, _of_name(due, each), holds)
            for n, what in enumerate(asked.not_due):
                there = [each for each in due if each["what"] == what and each["state"] == "open"]
                yield self._answer(asked, ("not_due", n), f"no {what} is due", there, not there)

    def _of_position(self, asked: Asked, number: str, answers: Answers) -> Iterator[Answered]:
        try:
            found = answers.position(number, asked.effective_at or asked.on, asked.on)
        except NotOnRecord:
            found = {"position": {}, "terms": {}, "terms_not_held": []}
        for facet, said in asked.position.items():
            held = found["position"].get(facet.value)
            if isinstance(said, str):
                ours = NOTHING if held is None else held["value"]
                yield self._answer(asked, ("position", facet.value), said, ours, ours == said)
                continue
            wanted = dict(_said(said))
            holds = held is not None and _all_match(wanted, held)
            yield self._answer(asked, ("position", facet.value), wanted, held, holds)
        for term, of_term in asked.terms.items():
            held = found["terms"].get(term)
            wanted = {"value": of_term} if isinstance(of_term, str) else dict(_said(of_term))
            if of_term == NOTHING:
                yield self._answer(asked, ("terms", term), NOTHING, held, held is None)
            else:
                holds = held is not None and _all_match(wanted, held)
                yield self._answer(asked, ("terms", term), wanted, held, holds)
        for n, term in enumerate(asked.terms_not_held):
            ours = found["terms_not_held"]
            yield self._answer(asked, ("terms_not_held", n), term, ours, term in ours)

    def _of_liability(
        self, asked: Asked, said: LiabilitySaid, answers: Answers
    ) -> Iterator[Answered]:
        found = answers.liability_information(
            self._matter(asked), asked.effective_at or asked.on, asked.on, said.since
        )
        if asked.staff_number is not None:
            found = found["of_each"].get(asked.staff_number) or {"employed": NOTHING}
        for key, value in _said(said):
            if key == "since":
                continue
            ours = found.get(key)
            if not isinstance(value, dict):
                where = ("liability_information", key)
                yield self._answer(asked, where, value, ours, _matches(value, ours))
                continue
            for name, wanted in value.items():
                # Of what nobody lacks nothing is counted.
                one = (ours or {}).get(name, 0 if key == "missing" else None)
                expected = dict(_said(wanted)) if isinstance(wanted, ChangeSaid) else wanted
                holds = (
                    one is not None and _all_match(expected, one)
                    if isinstance(expected, dict)
                    else _matches(expected, one)
                )
                yield self._answer(
                    asked, ("liability_information", key, name), expected, one, holds
                )

    def _answer(
        self, asked: Asked, where: tuple[str | int, ...], expected: Any, found: Any, holds: bool
    ) -> Answered:
        return Answered(
            line=self._scenario.line_of_asked(asked, *where),
            on=asked.on,
            about=asked.staff_number or asked.group or asked.kind,
            question=" ".join(str(each) for each in where if isinstance(each, str)),
            expected=in_json(expected),
            found=in_json(found),
            holds=holds,
        )

    # --- what they find --------------------------------------------------------------------------

    def _matter(self, asked: Asked) -> str:
        name = self._scenario.book.edition
        return matter_named(self._tools, name, asked.kind, asked.id, asked.staff_number)[0]

    def _answered(self, asked: Asked, name: str) -> Shown | str:
        """What the kind answers under a name, as JSON has it; why not, where it does not."""
        kind = self._tools.worlds.kind(f"{asked.kind}:")
        question = declared_answer(kind, name)
        day = asked.effective_at or asked.on
        try:
            found = worked_out(
                self._tools.worlds,
                self._matter(asked),
                question,
                asked.staff_number,
                day,
                asked.on,
                asked.since,
                asked.about,
            )
        except Refusal as refusal:
            shown = _refusal_shown(refusal)
            return {"unknown": shown["clauses"], "because": refusal.reason}
        shape: Shown = found.model_dump(mode="json")
        return shape

    def _outcome(self, asked: Asked) -> Shown | str:
        try:
            state = self._tools.matters.state(self._matter(asked), asked.staff_number)
        except NotOnRecord as unknown:
            return unknown.reason
        return _outcome_shown(participation_of(state))

    def _waits_for(self, asked: Asked) -> Shown | str:
        whom = Whom(self._matter(asked), asked.group, asked.staff_number)
        try:
            found = self._tools.due(_unheard).following(whom, asked.on)
        except NotOnRecord as unknown:
            return unknown.reason
        if found is None:
            return NOTHING
        return {"step": found.step, "until": found.day}

    def _to_settle(self, asked: Asked) -> list[Shown]:
        duties = self._tools.matters.duties(self._matter(asked), asked.staff_number).values()
        found = sorted(duties, key=lambda duty: (duty.decided_on, duty.step))
        return [{"step": duty.step, "decided_on": duty.decided_on} for duty in found]

    def _asserted(self, asked: Asked) -> list[Shown]:
        try:
            state = self._tools.matters.state(self._matter(asked))
        except NotOnRecord:
            return []
        contest = contest_of(state.whole.substance)
        return [
            {
                "assertion": name,
                "party": each.made.party,
                "side": each.made.side.value,
                "value": each.made.value or None,
                "status": each.status.value,
                "asserted_on": each.made.happened_on,
                "since": each.since,
                "known_since": each.made.learned_on or each.made.happened_on,
                "disputed_by": list(each.disputed),
                "superseded_by": each.superseded_by or None,
                "clause": contest.contested and contest.contested.clause,
            }
            for name, each in contest.assertions.items()
        ]

    def _sentences(self, asked: Asked) -> list[str]:
        """What the log says in words: of a person, or of a matter as a whole."""
        office, number = self._tools.office, asked.staff_number
        stream = matter_stream(self._matter(asked)) if number is None else staff_stream(number)
        facts = (each.fact for each in office.log.read(stream))
        return [words for fact in facts if (words := office.known.sentence(fact)) is not None]

    def _counted(self, counted: CountedSaid) -> Shown | str:
        days = {
            Counting.AFTER: counted.after,
            Counting.NOT_LESS_THAN_BEFORE: counted.before,
            Counting.BEGINNING_WITH: counted.beginning_with,
        }
        counting, day = next((how, day) for how, day in days.items() if day is not None)
        try:
            rules = self._doing.rules()
            length = rules.period(counted.clause, counted.transferor)
        except Refused as refused:
            return refused.reason
        found = reckon(
            # "Days" and no more may be working days: that reading is shown beside (CN-6).
            Reckoning(length=length, counting=counting, unit_stated=length.unit != "d"),
            day,
            calendar=rules.calendar,
            basis=Basis(),
        )
        return {"on": found.on, "safe": found.safe, "later": found.later}

    def played(self, answers: Iterable[Answered]) -> Played:
        """Everything that was answered, of acts and of questions, in the order of the file."""
        file = self._scenario.file
        found = sorted([*self._of_acts, *answers], key=lambda each: each.line)
        return Played(file.scenario, file.edition, tuple(found))


def _unheard(_receipt: object) -> None:
    """Nobody wants to know what was written: only a question is asked."""


def _outcome_shown(own: Participation) -> Shown:
    proposal, confirmed = own.proposal, own.confirmation
    moved, ended = own.transfer, own.ending
    basis = basis_shown(None if proposal is None else proposal.basis)
    return {
        "to": own.destination or NOTHING,
        "route": NOTHING if proposal is None else proposal.route,
        "because": NOTHING if proposal is None else proposal.reason,
        "clause": basis["clause"],
        "assumptions": basis["assumptions"],
        "rests_on": basis["rests_on"],
        "not_proposed": own.not_proposed or NOTHING,
        "letter_on": own.letter_issued_on or NOTHING,
        "confirmed_on": NOTHING if confirmed is None else confirmed.happened_on,
        "moved_on": NOTHING if moved is None else moved.effective_from,
        "ended_on": NOTHING if ended is None else ended.effective_from,
        "dismissed": ended is not None and ended.treated_as_dismissed,
        "passed_by": NOTHING if own.passed_by is None else own.passed_by.reason,
    }


# --- comparing ------------------------------------------------------------------------------------


def _refusal_shown(refusal: Refusal) -> Shown:
    failures = refusal.failures if isinstance(refusal, Refused) else ()
    clauses = [each.clause for each in failures] or [refusal.clause]
    return {"clauses": [each for each in clauses if each], "because": refusal.reason}


def _said(model: Any) -> Iterator[tuple[str, Any]]:
    """What a file says, and nothing that it leaves out."""
    return ((key, value) for key, value in model if value is not None)


def _matches(wanted: Any, found: Any, *, within: bool = False) -> bool:
    if isinstance(wanted, tuple):
        return list(wanted) == list(found or ())
    if within and isinstance(found, str) and isinstance(wanted, str):
        return wanted in found
    return bool(wanted == found)


def has_all(wanted: Any, found: Any) -> bool:
    """Whether an answer has all that is wanted of it: of a table the keys that are named, of a list
    each entry somewhere; an empty list wants an empty one. Words are looked for in a text."""
    match wanted:
        case dict():
            return isinstance(found, dict) and all(
                has_all(value, found.get(key, NOTHING)) for key, value in wanted.items()
            )
        case list():
            return isinstance(found, list) and (
                all(any(has_all(one, other) for other in found) for one in wanted)
                if wanted
                else not found
            )
        case str() if isinstance(found, str) and " " in wanted:
            return wanted in found
        case _ if found is None:
            return bool(wanted == NOTHING)
        case _:
            return bool(wanted == found)


def _all_match(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    return all(_matches(value, found.get(key)) for key, value in wanted.items())


def _one_each(wanted: Sequence[Shown], found: Sequence[Shown]) -> bool:
    """Whether each of these is found, and no more."""
    left = list(found)
    for each in wanted:
        one = next((other for other in left if _all_match(each, other)), None)
        if one is None:
            return False
        left.remove(one)
    return not left


def _in_order(due: Shown) -> tuple[date, str, str]:
    """By day, what has none last."""
    return due["due_on"] or date.max, due["what"], due["about"]


def _of_name(due: Sequence[Shown], said: DeadlineSaid) -> list[Shown]:
    """The deadlines of that name; all names, where there is none."""
    found = [each for each in due if each["what"] == said.what]
    return found or [{"what": each["what"]} for each in due]
