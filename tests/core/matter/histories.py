"""Histories of the toy kind, played twice: once as everything happened, once with one act learned
of late. They say what has to come out the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from hypothesis import strategies as st

from tests.core.matter.desks import DESKS
from tests.core.matter.playing import DoneInTheWorld, Office, try_act
from transfer.core.matter.folding import Deed, stated
from transfer.core.matter.kind import Kind
from transfer.core.matter.replaying import World, is_replayed

D = date
START = D(2014, 1, 6)
LAST_DAY = D(2014, 4, 28)


@dataclass(frozen=True)
class Doing:
    """Somebody does something on a day, or the record of where somebody works is put right."""

    on: date
    person: str | None
    act: str
    inputs: dict[str, object] = field(default_factory=dict)


def spring(kind: Kind = DESKS) -> Office:
    """Two groups move on 1 April: A, whose floors are proposed, and B, whose floors are drawn."""
    office = Office(kind, people=("S1", "S3", "S4"))
    start = START
    office.act(None, "begin", today=start, edition="desks-1")
    office.act(None, "fix-day", today=start, milestone="move", on=D(2014, 4, 1))
    office.act(None, "fix-day", today=start, milestone="close", on=D(2014, 4, 25))
    office.act(None, "plan-group", today=start, group="A", people=("S1",), letters_on=D(2014, 2, 1))
    office.act(
        None,
        "plan-group",
        today=start,
        group="B",
        people=("S3", "S4"),
        letters_on=D(2014, 2, 1),
        draw_on=D(2014, 1, 20),
    )
    office.act("S1", "propose", today=start, floor="3")
    return office


@dataclass
class Played:
    """A history as far as it has been played."""

    office: Office
    today: date = START

    def to(self, day: date) -> None:
        """Let the clock run to the beginning of a day."""
        self._up_to(day)
        self.office.run_clock(day)

    def _up_to(self, day: date) -> None:
        while (next_day := self.office.next_day(self.today, day)) is not None and next_day < day:
            self.today = next_day
            self.office.run_clock(next_day)
        self.today = day

    def do(self, doing: Doing) -> bool:
        """Do it on its day; whether it was taken."""
        self._up_to(doing.on)
        if not self.office.kind.act(doing.act).from_opening:
            self.office.run_clock(doing.on)
        done = self.learn(doing)
        self.office.run_clock(doing.on)
        return done

    def learn(self, doing: Doing) -> bool:
        """Record today what happened on its day; whether it was taken."""
        return try_act(
            self.office,
            doing.person,
            doing.act,
            today=self.today,
            happened_on=doing.on,
            **doing.inputs,
        )


@dataclass(frozen=True)
class DoneLate:
    """What is done in the world once everything else of a day is done, and not before."""

    what: frozenset[DoneInTheWorld]
    on: date


NOTHING_LATE = DoneLate(frozenset(), date.max)


def in_time(doings: Sequence[Doing], until: date, late_ones: DoneLate = NOTHING_LATE) -> Office:
    """Everything as it happened, to the end of a day."""
    played = Played(spring())
    played.office.withhold(*late_ones.what)
    by_then = [doing for doing in doings if doing.on <= until]
    for doing in by_then:
        if doing.on <= late_ones.on:
            played.do(doing)
    if late_ones.on <= until:
        played.to(late_ones.on)
        played.office.withhold()
        played.office.run_clock(late_ones.on)
    for doing in by_then:
        if doing.on > late_ones.on:
            played.do(doing)
    played.to(until)
    return played.office


def late(doings: Sequence[Doing], which: int, learned_on: date) -> Office:
    """The same, but for one act that the office learned of on another day.

    What was refused meanwhile because of it is recorded after it, as of its own day.
    """
    played, doing = Played(spring()), doings[which]
    refused = []
    for other in doings:
        if other is not doing and other.on <= learned_on:
            taken = played.do(other)
            if not taken and other.on >= doing.on:
                refused.append(other)
    played.to(learned_on)
    for each in (doing, *refused):
        played.learn(each)
    return played.office


def done_late(office: Office, doings: Sequence[Doing], which: int, learned_on: date) -> DoneLate:
    """What could only be done in the world when an act was learned of.

    A letter goes out on the day on which somebody sends it. Nobody asks for an approval before it
    is known that a step is due: what is done meanwhile is done without it, and may be lawful for
    that reason alone. Where nothing was done meanwhile, the day of an approval makes no difference.
    """
    known = [doing for n, doing in enumerate(doings) if n != which and doing.on <= learned_on]
    done = office.done_in_the_world()
    late_ones = (
        what
        for what, day in in_time(doings, learned_on).done_in_the_world().items()
        if what not in done
        and (
            what[0] is None
            or any(day <= doing.on for doing in known if doing.person in (None, what[0]))
        )
    )
    return DoneLate(frozenset(late_ones), learned_on)


def afterwards(office: Office, doings: Sequence[Doing], learned_on: date) -> None:
    """Settle everything by redoing it, and go on to the last day."""
    played = Played(office, learned_on)
    office.redo_everything(learned_on)
    office.run_clock(learned_on)
    for doing in doings:
        if doing.on > learned_on:
            played.do(doing)
            office.redo_everything(doing.on)
            office.run_clock(doing.on)
    played.to(LAST_DAY)


# --- drawn ---------------------------------------------------------------------------------------

Given = tuple[str, dict[str, object]]
PERSON_ACTS: st.SearchStrategy[Given] = st.sampled_from(
    [
        ("object", {}),
        ("object", {}),
        ("withdraw", {}),
        ("admit", {}),
        ("decide", {"upheld": True, "floor": "5"}),
        ("decide", {"upheld": False}),
        ("answer", {}),
        ("quit", {}),
        ("stay", {}),
        ("extend-window", {"window": "object", "until": D(2014, 2, 20), "reason": "leave"}),
        ("take-out", {"reason": "left"}),
        ("hold", {"reason": "ill"}),
        ("resume", {"reason": "back"}),
    ]
)
MATTER_ACTS: st.SearchStrategy[Given] = st.sampled_from(
    [
        ("fix-day", {"milestone": "move", "on": D(2014, 3, 20), "reason": "sooner"}),
        ("fix-day", {"milestone": "move", "on": D(2014, 4, 12), "reason": "later"}),
        (
            "move-window",
            {"group": "A", "window": "object", "until": D(2014, 2, 24), "reason": "strike"},
        ),
        ("hold", {"group": "A", "reason": "court"}),
        ("resume", {"group": "A", "reason": "court"}),
        ("abandon", {"reason": "no money"}),
    ]
)
BEGINNINGS = st.sampled_from([0, 10, 23, 28, 33, 60, 82])
APART = st.sampled_from([0, 1, 2, 3, 5, 8, 10, 12, 20, 30, 45])


@st.composite
def histories(draw: st.DrawFn) -> list[Doing]:
    """Some acts of one person and about the plan, each on a day of its own."""
    who, start = draw(st.sampled_from(["S1", "S1", "S3"])), draw(BEGINNINGS)
    found = {}
    for _ in range(draw(st.integers(2, 5))):
        person = draw(st.sampled_from([who, who, who, who, None]))
        act, inputs = draw(MATTER_ACTS if person is None else PERSON_ACTS)
        on = D(2014, 1, 8) + timedelta(days=min(95, start + draw(APART)))
        found[on] = Doing(on, person, act, inputs)
    return [found[on] for on in sorted(found)]


# --- which decisions differ, found without the engine -------------------------------------------


def differing(recorded: Office, lawful: Office) -> set[tuple[str | None, UUID]]:
    """The decisions of one office that state something else than the same of another does."""
    found = set()
    for person in (None, *recorded.people):
        theirs = _by_key(lawful.world(person))
        for key, of_one in _by_key(recorded.world(person)).items():
            others = [*theirs.get(key, []), *([None] * len(of_one))]
            for deed, other in zip(of_one, others, strict=False):
                same = other is not None and _states(deed) == _states(other)
                if not same and deed.id is not None and deed.act != "approve":
                    found.add((person, deed.id))
    return found


def _states(deed: Deed) -> list[object]:
    return [stated(fact) for fact in deed.facts]


def _by_key(world: World) -> dict[tuple[object, ...], list[Deed]]:
    found: dict[tuple[object, ...], list[Deed]] = {}
    for deed in sorted(world.deeds, key=lambda deed: deed.place):
        if deed.counts_as_made and deed.facts:
            key: tuple[object, ...] = deed.key
            if not is_replayed(world, deed):
                key = (*key, deed.place.day, str(deed.inputs))
            found.setdefault(key, []).append(deed)
    return found


__all__ = [
    "LAST_DAY",
    "D",
    "Doing",
    "afterwards",
    "differing",
    "done_late",
    "histories",
    "in_time",
    "late",
    "replace",
]
