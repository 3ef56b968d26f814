"""Which combinations of the effective-dating rule a world contains, so that it can be measured.

Each is named in the office's words. A test holds that generated worlds contain every one of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import combinations as pairs
from itertools import pairwise
from uuid import UUID

from tests.oracle import Name, Said
from tests.support.making import Maker
from tests.support.readings import Reading
from tests.support.worlds import SECOND_JOB, World, Written
from transfer.core.matter.words import id_of
from transfer.core.record.staff import StaffLeft, StaffRegistered
from transfer.core.words import MAIN
from transfer.procedures.exercise.exercise_facts import ScopeSet
from transfer.procedures.exercise.facts import (
    BroughtIntoScope,
    EmploymentEnded,
    StaffTransferred,
    TermGivenByMove,
)

_TICK = timedelta(microseconds=1)

OF_DATES = (
    "a back-dated change under a later one",
    "two changes of one day",
    "two changes of one day in one command",
    "a change effective before the registration",
    "a planned change, effective after it was recorded",
    "a change of today while a planned one stands",
    "a change that restates the value in force",
    "a leaver",
    "a leaver who returns",
    "a temporary value over a standing one",
    "a temporary value over nothing",
    "a temporary absence of a value",
    "temporary values that overlap",
    "a temporary value within another",
    "temporary values that touch",
    "temporary values that begin together",
    "temporary values that end together",
    "a standing change that begins within a temporary one",
    "a standing change on the day a temporary one begins",
    "a standing change on the day a temporary one ends",
    "a value that ends beneath a temporary one",
)
OF_CORRECTIONS = (
    "a correction",
    "two corrections of one entry",
    "a correction of a correction",
    "a correction of a correction of a correction",
    "an annulled entry",
    "an annulled correction",
    "an annulled correction of a correction",
    "the latest of two corrections annulled",
    "a correction beneath an annulled entry",
    "an annulment beneath an annulled entry",
    "a correction in the command of its entry",
    "an annulment in the command of its entry",
    "a standing value corrected to a temporary one",
    "a temporary value corrected to a standing one",
    "a correction that leaves a facet out",
    "a correction that brings a facet in",
    "a correction that moves to another assignment",
    "a correction that moves the day",
    "a planned change that is moved",
    "a registration corrected",
    "a registration annulled",
    "a correction of the registration corrected",
    "a facet change corrected to a term",
    "a transfer or an ending corrected or annulled",
)
_MOVES = (StaffTransferred, EmploymentEnded, TermGivenByMove, StaffLeft)
OF_MANY = (
    "two assignments at once",
    "an assignment that ends while another goes on",
    "parts of a full time that add up to more than one",
    "several people in one command",
    "several events of one person in one command",
    "commands a microsecond apart",
    "a person recorded after others were changed",
    "a transfer",
    "an ending of employment",
    "an own term",
    "an own term that is temporary",
    "an own term that ends",
    "a collective term",
    "a collective term that is temporary",
    "a collective term and an own one of the same name",
    "a collective term of somebody in scope",
    "in scope before being on record",
    "in scope twice",
    "in scope while not employed",
)
ALL = (*OF_DATES, *OF_CORRECTIONS, *OF_MANY)


def contained(world: World) -> Counter[str]:
    """How often each combination occurs in a world (the unlisted ones do not)."""
    found: Counter[str] = Counter()
    for said in world.said().values():
        found.update(_corrections(said))
        for name in {name for each in said for name in each.values}:
            found.update(_dates(name, [s for s in said if name in s.values]))
    found.update(_of_registrations(world))
    found.update(_many(world))
    found.update(_in_force(world))
    return found


# --- dates -------------------------------------------------------------------------------------


def _dates(name: Name, said: list[Said]) -> Iterable[str]:
    standing = [s for s in said if s.effective_to is None and s.of is None]
    temporary = [s for s in said if s.effective_to is not None and s.of is None]
    for earlier, later in pairs(standing, 2):
        if later.effective_from < earlier.effective_from:
            yield "a back-dated change under a later one"
            if earlier.effective_from > later.recorded_at.date() >= later.effective_from:
                yield "a change of today while a planned one stands"
        if later.effective_from == earlier.effective_from:
            yield "two changes of one day"
            if later.recorded_at == earlier.recorded_at:
                yield "two changes of one day in one command"
    for before, after in pairwise(sorted(standing, key=lambda s: s.effective_from)):
        if before.values[name] is not None and before.values[name] == after.values[name]:
            yield "a change that restates the value in force"
        if name[2] == "employer" and before.values[name] and after.values[name] is None:
            yield "a leaver"
        if name[2] == "employer" and before.values[name] is None and after.values[name]:
            yield "a leaver who returns"
    for each in standing:
        if each.effective_from > each.recorded_at.date():
            yield "a planned change, effective after it was recorded"
    for one, other in pairs(temporary, 2):
        yield from _two_temporary(_span(one), _span(other))
    for over in temporary:
        yield from _over_standing(name, over, standing)


def _two_temporary(one: tuple[date, date], other: tuple[date, date]) -> Iterable[str]:
    if one[0] < other[1] and other[0] < one[1]:
        yield "temporary values that overlap"
        if (one[0] < other[0] and other[1] < one[1]) or (other[0] < one[0] and one[1] < other[1]):
            yield "a temporary value within another"
    if one[1] == other[0] or other[1] == one[0]:
        yield "temporary values that touch"
    if one[0] == other[0]:
        yield "temporary values that begin together"
    if one[1] == other[1]:
        yield "temporary values that end together"


def _over_standing(name: Name, over: Said, standing: list[Said]) -> Iterable[str]:
    start, end = _span(over)
    if over.values[name] is None:
        yield "a temporary absence of a value"
    before = [s for s in standing if s.effective_from <= start]
    beneath = max(before, key=lambda s: s.effective_from, default=None)
    if beneath is not None and beneath.values[name] is not None:
        yield "a temporary value over a standing one"
    else:
        yield "a temporary value over nothing"
    for each in standing:
        if start < each.effective_from < end:
            yield "a standing change that begins within a temporary one"
            if each.values[name] is None:
                yield "a value that ends beneath a temporary one"
        if each.effective_from == start:
            yield "a standing change on the day a temporary one begins"
        if each.effective_from == end:
            yield "a standing change on the day a temporary one ends"


def _span(said: Said) -> tuple[date, date]:
    assert said.effective_to is not None
    return said.effective_from, said.effective_to


# --- corrections -------------------------------------------------------------------------------


def _corrections(said: list[Said]) -> Iterable[str]:
    by_id = {s.event_id: s for s in said}
    annulled = {s.of for s in said if s.annuls}
    corrections: dict[UUID, list[Said]] = defaultdict(list)
    for each in said:
        if each.of is None:
            continue
        above = _above(by_id, each)
        same_command = above[0].recorded_at == each.recorded_at
        if any(entry.event_id in annulled for entry in above[1:]):
            yield f"{'an annulment' if each.annuls else 'a correction'} beneath an annulled entry"
        if each.annuls:
            yield ("an annulled entry", "an annulled correction")[min(len(above), 2) - 1]
            if len(above) > 2:
                yield "an annulled correction of a correction"
            if same_command:
                yield "an annulment in the command of its entry"
            continue
        if same_command:
            yield "a correction in the command of its entry"
        corrections[each.of].append(each)
        yield "a correction"
        if len(above) > 1:
            yield "a correction of a correction"
        if len(above) > 2:
            yield "a correction of a correction of a correction"
        yield from _replaced(above[0], each)
    for several in corrections.values():
        if len(several) > 1:
            yield "two corrections of one entry"
            if several[-1].event_id in annulled and several[-2].event_id not in annulled:
                yield "the latest of two corrections annulled"


def _above(by_id: dict[UUID, Said], said: Said) -> list[Said]:
    """What an event names, what that names, and so on up to the original."""
    found = []
    while said.of is not None:
        said = by_id[said.of]
        found.append(said)
    return found


def _replaced(before: Said, after: Said) -> Iterable[str]:
    facets = {name for name in before.values if name[0] == "facet"}
    facets_after = {name for name in after.values if name[0] == "facet"}
    if before.effective_to is None and after.effective_to is not None:
        yield "a standing value corrected to a temporary one"
    if before.effective_to is not None and after.effective_to is None:
        yield "a temporary value corrected to a standing one"
    if facets - facets_after:
        yield "a correction that leaves a facet out"
    if facets_after - facets:
        yield "a correction that brings a facet in"
    if (
        facets
        and facets_after
        and {job for _, job, _ in facets}.isdisjoint(job for _, job, _ in facets_after)
    ):
        yield "a correction that moves to another assignment"
    if facets and after.values and not facets_after:
        yield "a facet change corrected to a term"
    if before.effective_from != after.effective_from:
        yield "a correction that moves the day"
        if before.effective_from > after.recorded_at.date():
            yield "a planned change that is moved"


# --- people, commands, exercises ---------------------------------------------------------------


def _of_registrations(world: World) -> Iterable[str]:
    registrations: dict[UUID, date] = {}
    moves: set[UUID] = set()
    corrected: set[UUID] = set()
    began: dict[str, date] = {}
    for _, stream, fact, said in world.events():
        if said is None:
            continue
        if isinstance(fact, StaffRegistered):
            registrations[said.event_id] = said.effective_from
            began[stream] = said.effective_from
        elif said.of is None and isinstance(fact, _MOVES):
            moves.add(said.event_id)
        elif said.of in moves:
            yield "a transfer or an ending corrected or annulled"
        elif said.of in registrations:
            yield "a registration annulled" if said.annuls else "a registration corrected"
            corrected.add(said.event_id)
        elif said.of in corrected and not said.annuls:
            yield "a correction of the registration corrected"
        elif stream in began and said.effective_from < began[stream] and not said.annuls:
            yield "a change effective before the registration"


def _many(world: World) -> Iterable[str]:
    for before, after in pairwise(world.commands):
        if after.recorded_at - before.recorded_at == _TICK:
            yield "commands a microsecond apart"
        if len(before.events) > 0 and any(_registers(after)):
            yield "a person recorded after others were changed"
    for written in world.commands:
        people = [stream for stream, _, _ in written.events if stream.startswith("staff:")]
        if len(set(people)) > 1:
            yield "several people in one command"
        if len(set(people)) < len(people):
            yield "several events of one person in one command"
    registered = world.registered()
    entered: Counter[tuple[str, str]] = Counter()
    for written, stream, fact, said in world.events():
        if isinstance(fact, StaffTransferred):
            yield "a transfer"
        elif isinstance(fact, EmploymentEnded):
            yield "an ending of employment"
        elif isinstance(fact, ScopeSet):
            if any(
                each not in registered or registered[each] > written.recorded_at
                for each in fact.members
            ):
                yield "in scope before being on record"
            entered.update((each, id_of(fact.matter)) for each in fact.members)
        elif isinstance(fact, BroughtIntoScope):
            entered[stream.removeprefix("staff:"), id_of(fact.matter)] += 1
        if said is not None and any(kind == "term" for kind, _, _ in said.values):
            whose = "a collective term" if stream.startswith("matter:") else "an own term"
            yield whose
            if said.effective_to is not None:
                yield f"{whose} that is temporary"
            if None in said.values.values():
                yield f"{whose} that ends"
    yield from ("in scope twice" for count in entered.values() if count > 1)


def _registers(written: Written) -> Iterable[bool]:
    return (isinstance(fact, StaffRegistered) for _, fact, _ in written.events)


def _in_force(world: World) -> Iterable[str]:
    """What shows only in answers: looked for on every day that was mentioned, at the end."""
    reading = Reading(world)
    known_at = world.instants[-1]
    for staff in reading.registered:
        exercises = {each.exercise for each in world.scope() if each.staff_number == staff}
        before: set[str] = set()
        for day in world.days():
            jobs = [reading.position(staff, day, known_at, job) for job in (MAIN, SECOND_JOB)]
            held = {
                job: position.facets
                for job, position in zip((MAIN, SECOND_JOB), jobs, strict=True)
                if position is not None and position.facets
            }
            if len(held) == 2:
                yield "two assignments at once"
                parts = [float(f["fte"].value) for f in held.values() if "fte" in f]
                if sum(parts) > 1:
                    yield "parts of a full time that add up to more than one"
            if before == {MAIN, SECOND_JOB} and len(held) == 1:
                yield "an assignment that ends while another goes on"
            before = set(held)
            terms = jobs[0].terms if jobs[0] is not None else {}
            if any(exercise is not None for _, exercise in terms):
                yield "a collective term of somebody in scope"
            names = Counter(term for term, _ in terms)
            if any(names[term] > 1 for term, exercise in terms if exercise is None):
                yield "a collective term and an own one of the same name"
            if exercises and not any("employer" in facets for facets in held.values()):
                yield "in scope while not employed"


def measured(makers: Iterable[tuple[Maker, int]]) -> Counter[str]:
    """In how many of the worlds made each combination occurs."""
    found: Counter[str] = Counter()
    for maker, commands in makers:
        found.update(set(contained(maker.world(commands))))
    return found
