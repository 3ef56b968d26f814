"""Contested facts as answers show them: what each side asserts, side by side, and how it stands.

Read from the log, as it was at the instant asked for. A statement in somebody's own words is theirs
and is shown with their record alone; nobody else's staff number is.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime

from pydantic import Field

from transfer.commands.links_and_objections import words_of
from transfer.commands.matter_contexts import context_of, on_record
from transfer.commands.office import Office
from transfer.core.dating.instants import Instant
from transfer.core.matter.replaying import standing
from transfer.core.matter.words import id_of
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import matter_stream
from transfer.core.texts import KEPT_APART
from transfer.log.application import Log
from transfer.procedures.assertion import decisions as d
from transfer.procedures.assertion.facts import AssertionMade, FactContested, PartySide
from transfer.procedures.facts import Fact
from transfer.questions.answer import Answer, Asserted, RestsOn, absent

A_MEMBER = "a member of staff"


class KeptContests:
    """Which contested facts there are: the log is read on from where it was read to, for few of
    its facts begin one. Safe among threads; `Worlds.beside` keeps one of a record."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._position = 0
        self._matters: tuple[str, ...] = ()

    def matters(self, log: Log[Fact]) -> tuple[str, ...]:
        """Their names, in the order in which they were put on record."""
        name = log.known.names.get(FactContested)
        with self._lock:
            head = log.head().position
            if name is not None and head > self._position:
                new = log.page(self._position, head - self._position, [name])
                found = (e.fact.matter for e in new if isinstance(e.fact, FactContested))
                self._matters = tuple(dict.fromkeys((*self._matters, *found)))
                self._position = head
            return self._matters


class Contested(Answer):
    """A contested fact: the question, what it concerns, what each side asserts side by side, and
    all of it in a sentence.

    `state` is `contested`, `not contested`, or `over` where it was contested and is no more.
    """

    id: str
    question: str
    says: str
    state: str
    people: int
    procedure: str | None
    rulebook: str | None
    clause: str | None
    begun_on: date
    assertions: tuple[Asserted, ...]


class Resting(Answer):
    """An act that rests on an assertion: of which procedure, on which day, for how many people;
    whose, where it is one person's."""

    procedure: str
    act: str
    happened_on: date
    people: int
    staff_number: str | None = Field(None, exclude_if=absent)
    rests_on: RestsOn


class ContestedOf(Answer):
    """The contested facts that concern one person: those about them, and those about a procedure
    that they are in. `resting` has the acts for them that rest on one side's account."""

    staff_number: str
    known_at: Instant
    items: tuple[Contested, ...]
    resting: tuple[Resting, ...]


def asserted_by(
    log: Log[Fact], known_at: datetime | None, whose: str | None
) -> Callable[[str], RestsOn | None]:
    """Tells about an assertion by its reference, as known at an instant (`None`: now); `None` for
    one that the record did not know. `whose`: the one person whom the answer is about."""
    known: dict[str, d.Contest | None] = {}

    def asserted(ref: str) -> RestsOn | None:
        matter, _, name = ref.partition("/")
        if matter not in known:
            known[matter] = contest_at(log, matter, known_at)
        contest = known[matter]
        return None if contest is None else rests_on(contest, name, whose)

    return asserted


def contest_at(log: Log[Fact], matter: str, known_at: datetime | None) -> d.Contest | None:
    """A contested fact as it was known at an instant; `None` where it was not."""
    events = log.read(matter_stream(matter), up_to_recorded=known_at)
    kind = log.known.kind(matter)
    if not events or kind is None or kind.rules is None:
        return None
    records = on_record(events, None, {matter})
    world = context_of({matter: kind}, {matter: kind.rules}, records).world
    return d.contest_of(standing(world)[matter].whole.substance)


def rests_on(contest: d.Contest, name: str, whose: str | None) -> RestsOn | None:
    """An assertion with what others assert; `None` where there is none of that name."""
    if contest.contested is None or name not in contest.assertions:
        return None
    every = list(shown_of(contest, whose))
    one = next(each for each in every if each.assertion == _ref(contest, name))
    others = tuple(each for each in every if each is not one)
    return RestsOn(
        **dict(one),
        question=contest.contested.question,
        says=_resting_says(one, others),
        others=others,
    )


def shown_of(
    contest: d.Contest, whose: str | None, words: Mapping[str, str] | None = None
) -> Iterator[Asserted]:
    """Every assertion, in the order of the days on which they were made. `words` are what the
    person whose the answer is has written, by the name of the assertion."""
    for name, each in contest.assertions.items():
        made = each.made
        is_apart = made.statement == KEPT_APART
        yield Asserted(
            assertion=_ref(contest, name),
            party=_party(made.party, made.side, whose),
            side=made.side.value,
            value=made.value or None,
            value_kind=d.kind_of_value(made.value),
            statement=(words or {}).get(name) if is_apart else made.statement,
            status=each.status.value,
            since=each.since,
            asserted_on=made.happened_on,
            known_since=made.learned_on or made.happened_on,
            disputed_by=tuple(
                _party(dispute.party, dispute.side, whose) or A_MEMBER
                for dispute in each.disputed.values()
            ),
            clarified=None if each.clarified is None else each.clarified.statement,
            superseded_by=each.superseded_by or None,
            document=made.basis.document,
        )


def _ref(contest: d.Contest, name: str) -> str:
    return f"{contest.contested.matter if contest.contested else ''}/{name}"


def _party(party: str, side: PartySide, whose: str | None) -> str | None:
    return None if side is PartySide.STAFF and party != whose else party


# --- contested facts -----------------------------------------------------------------------------


def contested_of(
    office: Office, contests: Iterable[str], staff_number: str, known_at: datetime
) -> ContestedOf:
    """Which of these contested facts concern one person, with what they have written themselves.

    Raises `NotOnRecord` for a person whom the record did not know at that instant.
    """
    log, person = office.log, office.person_known(staff_number, known_at)
    if person.version == 0:
        raise NotOnRecord(f"{staff_number} was not on record")
    found: list[Contested] = []
    resting: list[Resting] = []
    personal: Mapping[str, str] | None = None
    for matter, contest in _each(log, contests, known_at):
        began = contest.contested
        resting += (
            each for each in _resting(contest, staff_number) if each.staff_number == staff_number
        )
        if began is None or not (staff_number in began.people or began.procedure in person.matters):
            continue
        if personal is None:
            personal = office.vault.get(staff_number) or {}
        words = _words(log, matter, staff_number, personal, known_at)
        found.append(contested(contest, staff_number, words))
    return ContestedOf(
        staff_number=staff_number,
        known_at=known_at,
        items=tuple(found),
        resting=tuple(resting),
    )


def contested(
    contest: d.Contest, whose: str | None, words: Mapping[str, str] | None = None
) -> Contested:
    """A contested fact that has begun, as it is shown; see `shown_of`."""
    began = contest.contested
    if began is None:
        raise ValueError("nothing is contested")
    shown = tuple(shown_of(contest, whose, words))
    state = "over" if contest.is_over else "contested" if contest.is_contested else "not contested"
    return Contested(
        id=id_of(began.matter),
        question=began.question,
        says=contest_says(contest, shown),
        state=state,
        people=len(began.people),
        procedure=began.procedure,
        rulebook=began.rulebook,
        clause=began.clause,
        begun_on=began.happened_on,
        assertions=shown,
    )


def contested_in(log: Log[Fact], matter: str) -> Contested | None:
    """A procedure as a contested fact; `None` where it is none."""
    if not matter.startswith("assertion:"):
        return None
    contest = contest_at(log, matter, None)
    return None if contest is None or contest.contested is None else contested(contest, None)


def resting_in(log: Log[Fact], contests: Iterable[str], matter: str) -> tuple[Resting, ...]:
    """The acts of a procedure that rest on one of these contested facts; of one of them, those of
    every procedure that rest on it."""
    if matter.startswith("assertion:"):
        contest = contest_at(log, matter, None)
        return () if contest is None else tuple(_resting(contest, None))
    return tuple(
        each
        for _, contest in _each(log, contests, None)
        for each in _resting(contest, None)
        if each.procedure == matter
    )


def people_resting(
    log: Log[Fact], contests: Iterable[str], matter: str
) -> Mapping[str, tuple[str, ...]]:
    """By staff number, the assertions that acts of a procedure for that person rest on."""
    found: dict[str, dict[str, None]] = {}
    for ground, contest in _each(log, contests, None):
        for name, each in contest.assertions.items():
            for relied in each.relied_on:
                for person in relied.people if relied.procedure == matter else ():
                    found.setdefault(person, {})[f"{ground}/{name}"] = None
    return {person: tuple(refs) for person, refs in found.items()}


def _each(
    log: Log[Fact], contests: Iterable[str], known_at: datetime | None
) -> Iterator[tuple[str, d.Contest]]:
    for matter in contests:
        contest = contest_at(log, matter, known_at)
        if contest is not None:
            yield matter, contest


def _resting(contest: d.Contest, whose: str | None) -> Iterator[Resting]:
    for name, each in contest.assertions.items():
        shown = rests_on(contest, name, whose)
        for relied in each.relied_on if shown is not None else ():
            for person in relied.people if whose in relied.people else (None,):
                if shown is not None and person in (None, whose):
                    yield Resting(
                        procedure=relied.procedure,
                        act=relied.act,
                        happened_on=relied.happened_on,
                        people=len(relied.people),
                        staff_number=person,
                        rests_on=shown,
                    )


def _words(
    log: Log[Fact],
    matter: str,
    staff_number: str,
    personal: Mapping[str, str],
    known_at: datetime | None,
) -> Mapping[str, str]:
    """What a person has written, by the name of the assertion; nothing of what was erased."""
    return {
        event.fact.assertion: personal[words_of(event.event_id)]
        for event in log.read(matter_stream(matter), up_to_recorded=known_at)
        if isinstance(event.fact, AssertionMade)
        and event.fact.party == staff_number
        and words_of(event.event_id) in personal
    }


# --- in sentences --------------------------------------------------------------------------------


def says_of(shown: Asserted) -> str:
    """One assertion in words, with its value where it has one."""
    said = shown.value or shown.statement or "in their own words, which are kept apart"
    return f"{shown.party or A_MEMBER} ({shown.side}) asserts {said}"


def status_says(shown: Asserted) -> str:
    """How an assertion stands, in words."""
    match shown.status:
        case d.Status.DISPUTED:
            return f"disputed by {' and '.join(shown.disputed_by)}"
        case d.Status.SUPERSEDED:
            return f"superseded on {shown.since} by {shown.superseded_by}"
        case d.Status.WITHDRAWN | d.Status.CLARIFIED:
            return f"{shown.status} on {shown.since}"
        case _:
            return "not disputed"


def _resting_says(one: Asserted, others: Iterable[Asserted]) -> str:
    """What something rests on, what others assert, and how it stands, in a sentence."""
    beside = "; ".join(says_of(each) for each in others)
    return (
        f"It rests on what one side asserts: {says_of(one)} ({status_says(one)})"
        + (f". Beside it: {beside}" if beside else "")
        + "."
    )


def contest_says(contest: d.Contest, shown: Iterable[Asserted]) -> str:
    """A contested fact in a sentence: what is contested, and what each side says."""
    question = contest.contested.question if contest.contested else ""
    said = "; ".join(f"{says_of(each)} ({status_says(each)})" for each in shown)
    if not said:
        return f"{question} Nobody has asserted anything yet."
    still = "Contested" if contest.is_contested else "Not contested any more"
    if not contest.is_contested and not contest.is_over:
        still = "Not contested so far"
    return f"{question} {still}: {said}."
