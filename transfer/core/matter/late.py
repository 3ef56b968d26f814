"""What was learned late: recorded as of its day, and what was decided since put up for settling.

An act is recorded where it would have been lawful on the day on which it happened, whatever was
decided since. Then everything since is decided again (`replaying`); each decision that would state
something else becomes an open duty, in the same command. It is settled by somebody: it *stands*, it
is *redone* (what would have been takes its place), or those who had decided *review* it first.
Until then the clock takes no further step of that person. Nothing that was decided is kept, or
undone, without anybody saying so.

Every function answers the facts to append, and on whose stream each goes (`None`: the matter's).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from transfer.core.matter import facts as t
from transfer.core.matter.falling_due import days_of_acts
from transfer.core.matter.folding import Deed, Level, deed_of, place_of, stated
from transfer.core.matter.kind import PEOPLE, Dated, Seen
from transfer.core.matter.replaying import (
    CLOCK,
    LAST,
    Lawful,
    Redrawn,
    World,
    at_hand,
    decided,
    is_due_again,
    is_replayed,
    replay,
    seen_of,
    standing,
)
from transfer.core.matter.words import JsonObject, Made, Phase, Place, Settlement
from transfer.core.refusals import Malformed, NotOnRecord, Refused
from transfer.core.words import Basis


@dataclass(frozen=True, slots=True)
class New:
    """A fact to append, and whose stream it goes to (`None`: the matter's)."""

    person: str | None
    fact: t.MatterFact


@dataclass(frozen=True, slots=True)
class Done:
    """Who does something on which day, and on which day the office learned of it; why, by which
    document, and by which assertions of one side, where they say so."""

    by: str
    today: date
    happened_on: date
    learned_on: date | None = None
    reason: str = ""
    document: str = ""
    rests_on: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Nothing happens or is learned in the future, nor learned before it happens."""
        if self.happened_on > self.today:
            raise Malformed(f"{self.happened_on} has not come yet", field="happened_on")
        if self.learned_on is not None and not self.happened_on <= self.learned_on <= self.today:
            raise Malformed(
                f"{self.learned_on} is not between {self.happened_on} and today", field="learned_on"
            )


# --- acts ---------------------------------------------------------------------------------------


def record(
    world: World, *, matter: str, act: str, inputs: JsonObject, done: Done, about: str = ""
) -> tuple[New, ...]:
    """Decide an act as of the day on which it happened, and whatever has to be settled for it.

    Raises `Refused` where it would not have been lawful on that day; never because something later
    was decided already.
    """
    asked = _asked(world, matter, act, about, inputs, done)
    considered = replace(world, deeds=(*world.deeds, asked))
    lawful = replay(considered, done.today, seen_before=_seen(world, done.today))
    facts = lawful.outcomes[asked.place]
    if isinstance(facts, Refused):
        raise facts
    if not facts:
        return ()
    now = replace(world, deeds=(*world.deeds, replace(asked, facts=facts)))
    because_of = f"{act} of {done.happened_on}"
    found = [New(world.person, fact) for fact in facts]
    return (*found, *_to_settle(now, lawful, world, because_of, done))


def record_at_hand(
    world: World,
    whole: Mapping[str, Level],
    *,
    matter: str,
    act: str,
    inputs: JsonObject,
    done: Done,
    about: str = "",
) -> tuple[New, ...]:
    """The same as `record` for one of many people, from what is at hand where that will do: for
    what they do today, with nothing of theirs due today (`replaying.at_hand`)."""
    states = at_hand(world, whole, done.today) if done.happened_on == done.today else None
    if states is None or any(day <= done.today for day in days_of_acts(states)):
        return record(world, matter=matter, act=act, inputs=inputs, done=done, about=about)
    asked = _asked(world, matter, act, about, inputs, done)
    facts = decided(world, states, asked, inputs, due_on=None)
    if isinstance(facts, Refused):
        raise facts
    return tuple(New(world.person, fact) for fact in facts)


def _asked(world: World, matter: str, act: str, about: str, inputs: JsonObject, done: Done) -> Deed:
    kind = world.kinds[matter]
    step = kind.step(act)
    if step is not None and step.is_replayed:
        raise Refused(f"{act} is the clock's to do, on the day on which it falls due")
    from_opening = kind.act(act).from_opening
    return Deed(
        matter=matter,
        person=world.person,
        group=None,
        act=act,
        about=about,
        by=done.by,
        place=Place(done.happened_on, Phase.PLAN if from_opening else Phase.COURSE, LAST),
        learned_on=done.learned_on,
        inputs=inputs,
        facts=(),
        reason=done.reason,
        document=done.document,
        rests_on=done.rests_on,
    )


def sees(
    world: World, whole: Mapping[str, Level], *, matter: str, act: str, done: Done
) -> Seen | None:
    """What an act over several people reads of one of them, the person of `world`; `None` for
    somebody who takes no part.

    It is read as if every step of the clock that is due by the day of the act were on record.
    `whole` is as for `record_at_hand`. `transfer.commands.matters` asks this for everybody in the
    matter before the act is decided.
    """
    several = world.kinds[matter].several(act)
    if several is None:
        return None
    states = at_hand(world, whole, done.today) if done.happened_on == done.today else None
    if states is None or any(day <= done.today for day in days_of_acts(states)):
        states = replay(world, done.happened_on).states
    return seen_of(several, world, states, _asked(world, matter, act, "", {}, done))


def reconsider(world: World, *, before: World, because_of: str, done: Done) -> tuple[New, ...]:
    """The duties that are to be opened, or are no longer, because something else has changed: the
    record of the person, or a fact of the matter. `before` is the world without that change."""
    lawful = replay(world, done.today, seen_before=_seen(before, done.today))
    return tuple(_to_settle(world, lawful, before, because_of, done))


def reconsider_each(
    worlds: Iterable[tuple[World, World]], *, because_of: str, done: Done
) -> tuple[New, ...]:
    """The same for several people, the world of each now and before.

    A decision over several of them is made again from what has changed of them all, and one duty
    is opened for it.
    """
    own: list[New] = []
    shared: dict[UUID, New] = {}
    were_open: set[UUID] = set()
    for world, before in worlds:
        were_open |= before.shared_duties.keys()
        now = replace(world, shared_duties=_with(world.shared_duties, shared))
        then = replace(before, shared_duties=_with(before.shared_duties, shared))
        for each in reconsider(now, before=then, because_of=because_of, done=done):
            if each.person is None and isinstance(each.fact, _ABOUT_A_DUTY):
                shared[each.fact.decision] = each
            else:
                own.append(each)
    still = (
        each
        for decision, each in shared.items()
        if isinstance(each.fact, t.DutyToSettleOpened) or decision in were_open
    )
    return (*own, *still)


def _with(
    duties: Mapping[UUID, t.DutyToSettleOpened], shared: Mapping[UUID, New]
) -> Mapping[UUID, t.DutyToSettleOpened]:
    """The duties that are open once what was found of others is on record as well."""
    found = dict(duties)
    for decision, each in shared.items():
        found.pop(decision, None)
        if isinstance(each.fact, t.DutyToSettleOpened):
            found[decision] = each.fact
    return found


_ABOUT_A_DUTY = (t.DutyToSettleOpened, t.DutySettled)


def _seen(world: World, today: date) -> Mapping[Place, Seen | None]:
    """What steps over several people saw of the person, as far as it has to be found again."""
    seen = (world.kinds[deed.matter].several(deed.act) for deed in world.context)
    counted = any(several is not None and several.counted for several in seen)
    return replay(world, today).seen if counted else {}


# --- what differs -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """A decision on record, and what it would state: nothing, where it would not be made."""

    deed: Deed
    facts: tuple[t.MatterFact, ...]

    @property
    def would_state(self) -> tuple[JsonObject, ...]:
        """What it would state, as a duty keeps it."""
        return tuple(stated(fact) for fact in self.facts)


def differences(world: World, lawful: Lawful) -> tuple[Difference, ...]:
    """Each decision of the world's own that would state something else."""
    lawful_steps = counterparts(world, lawful)
    found = []
    for deed in world.deeds:
        if not deed.counts_as_made or deed.id is None or deed.stands:
            continue
        if is_due_again(world, deed):
            continue
        would = _would_be(deed, world, lawful, lawful_steps)
        if tuple(map(stated, deed.facts)) != tuple(map(stated, would)):
            found.append(Difference(deed, would))
    return tuple(found)


def _would_be(
    deed: Deed, world: World, lawful: Lawful, lawful_steps: Mapping[Place, Deed]
) -> tuple[t.MatterFact, ...]:
    if is_replayed(world, deed):
        counterpart = lawful_steps.get(deed.place)
        return () if counterpart is None else counterpart.facts
    outcome = lawful.outcomes.get(deed.place, ())
    return () if isinstance(outcome, Refused) else outcome


def counterparts(world: World, lawful: Lawful) -> dict[Place, Deed]:
    """The lawful taking of each step on record: of one step the first, the second, and so on. An
    attempt that came to nothing is left out: nothing on record goes back to it."""
    recorded: dict[tuple[object, ...], list[Deed]] = {}
    for deed in sorted(world.deeds, key=lambda deed: deed.place):
        if deed.facts and not deed.stands and deed.counts_as_made and is_replayed(world, deed):
            recorded.setdefault(deed.key, []).append(deed)
    found = {}
    for step in lawful.steps:
        of_one = recorded.get(step.key)
        if of_one and step.facts:
            found[of_one.pop(0).place] = step
    return found


def _to_settle(
    world: World, lawful: Lawful, before: World, because_of: str, done: Done
) -> Iterator[New]:
    """Open a duty for each decision that would state something else, and end those for which
    nothing differs any more."""
    reopened = _reopened(world, before, done.today)
    if reopened:
        world = _released(world, reopened)
        seen = _seen(before, done.today)
        lawful = replay(world, done.today, seen_before=seen)
    differing = {each.deed.id: each for each in differences(world, lawful)}
    for decision, difference in differing.items():
        duty = world.duties.get(decision) if decision else None
        if decision is None or (duty and duty.would_state == difference.would_state):
            continue
        yield New(world.person, _duty(difference.deed, difference.would_state, because_of, done))
    for decision, duty in world.duties.items():
        if decision not in differing:
            yield New(world.person, _moot(duty, because_of, done))
    for redrawn in lawful.redrawn:
        yield from _of_several(redrawn, world, because_of, done)


def _reopened(world: World, before: World, today: date) -> frozenset[UUID]:
    """What was settled to stand, and would now state something else than it did then."""
    stood = frozenset(deed.id for deed in world.deeds if deed.stands and deed.id is not None)
    if not stood:
        return stood
    now, then = (
        {each.deed.id: each.would_state for each in differences(w, replay(w, today))}
        for w in (_released(world, stood), _released(before, stood))
    )
    return frozenset(
        decision for decision in stood if decision in now and now[decision] != then.get(decision)
    )


def _released(world: World, decisions: frozenset[UUID]) -> World:
    """The world in which these decisions are made again, although they were settled to stand."""
    return replace(
        world,
        deeds=tuple(
            replace(deed, stands=False) if deed.id in decisions else deed for deed in world.deeds
        ),
    )


def _of_several(redrawn: Redrawn, world: World, because_of: str, done: Done) -> Iterator[New]:
    """The one duty for a decision over several people that saw this person otherwise."""
    deed = redrawn.deed
    if deed.id is None:
        return
    would_state = tuple(map(stated, redrawn.facts))
    duty = world.shared_duties.get(deed.id)
    if would_state == tuple(map(stated, deed.facts)):
        if duty is not None:
            yield New(None, _moot(duty, because_of, done))
        return
    opened = _duty(deed, would_state, because_of, done)
    update = {"inputs": redrawn.inputs, "concerns": tuple(sorted(_concerned(redrawn)))}
    yield New(None, opened.model_copy(update=update))


def _concerned(redrawn: Redrawn) -> set[str]:
    """The people for whom a decision over several comes out otherwise. Where it would not be made
    at all, also those of whom it reads something else: they are the cause."""
    deed, comes_to = redrawn.deed, redrawn.several.comes_to
    found = _differing(comes_to(redrawn.facts), comes_to(deed.facts))
    if not redrawn.facts:
        found |= _differing(redrawn.inputs.get(PEOPLE, {}), deed.inputs.get(PEOPLE, {}))
    return found


def _differing(now: Mapping[str, object], then: Mapping[str, object]) -> set[str]:
    return {who for who in now.keys() | then.keys() if now.get(who) != then.get(who)}


def _duty(
    deed: Deed, would_state: tuple[JsonObject, ...], because_of: str, done: Done
) -> t.DutyToSettleOpened:
    if deed.id is None:
        raise AssertionError("a decision that is not on record cannot be settled")
    return t.DutyToSettleOpened(
        **stamp(deed.matter, "reconsider", done, deed.facts),
        group=deed.group,
        decision=deed.id,
        step=deed.act,
        about=deed.about,
        decided_on=deed.place.day,
        because_of=because_of,
        would_state=would_state,
    )


def _moot(duty: t.DutyToSettleOpened, because_of: str, done: Done) -> t.DutySettled:
    return t.DutySettled(
        **stamp(duty.matter, "reconsider", done, (duty,)),
        group=duty.group,
        decision=duty.decision,
        how=Settlement.MOOT,
        reason=f"nothing differs any more, by {because_of}",
        settled_by=done.by,
    )


def stamp(
    matter: str, act: str, done: Done, on: tuple[t.MatterFact, ...], *, about: str = ""
) -> t.Stamp:
    return t.Stamp(
        matter=matter,
        happened_on=done.today,
        learned_on=None,
        made=Made(act=act, by=done.by, about=about),
        basis=on[0].basis if on else Basis(),
    )


# --- settling -----------------------------------------------------------------------------------


def settle(
    world: World, *, decision: UUID, how: Settlement, reason: str, done: Done
) -> tuple[New, ...]:
    """Settle an open duty of the world's own. A duty that is settled already answers `()`.

    Raises `NotOnRecord` for a decision that nothing is to be settled about, `Refused` where a
    redone decision would be grave and nobody else than who brought it up redoes it.
    """
    duty = world.duties.get(decision)
    if duty is None:
        if any(deed.id == decision for deed in world.deeds):
            return ()
        raise NotOnRecord(f"no decision {decision} is to be settled")
    settled = _settled(world, duty, how, reason, done)
    if how is Settlement.REVIEW:
        return (New(world.person, settled),)
    deed = next(deed for deed in world.deeds if deed.id == decision)
    others = {d: each for d, each in world.duties.items() if d != decision}
    facts: tuple[t.MatterFact, ...] = ()
    if how is Settlement.STANDS:
        after = replace(deed, stands=True, considered=duty.inputs)
    else:
        facts, after = _redone(world, deed, duty, reason, done)
    deeds = tuple(after if each is deed else each for each in world.deeds)
    now = replace(world, deeds=deeds, duties=others)
    because_of = f"{duty.step} of {duty.decided_on} settled"
    lawful = replay(now, done.today, seen_before=_seen(world, done.today))
    more = _to_settle(now, lawful, world, because_of, done)
    return (New(world.person, settled), *(New(world.person, f) for f in facts), *more)


def _settled(
    world: World, duty: t.DutyToSettleOpened, how: Settlement, reason: str, done: Done
) -> t.MatterFact:
    """The fact that says so, as the kind decides it."""
    inputs: JsonObject = {"duty": str(duty.decision), "decision": how.value, "reason": reason}
    asked = Deed(
        matter=duty.matter,
        person=world.person,
        group=duty.group,
        act=t.SETTLE,
        about="",
        by=done.by,
        place=Place(done.today, Phase.COURSE, LAST),
        learned_on=None,
        inputs=inputs,
        facts=(),
        document=done.document,
        rests_on=done.rests_on,
    )
    found = decided(world, standing(world), asked, inputs, due_on=None)
    if isinstance(found, Refused):
        raise found
    (settled,) = found
    return settled


def _redone(
    world: World, deed: Deed, duty: t.DutyToSettleOpened, reason: str, done: Done
) -> tuple[tuple[t.MatterFact, ...], Deed]:
    """What takes the place of a decision, and the decision as it then is."""
    lawful = replay(world, done.today)
    would = _would_be(deed, world, lawful, counterparts(world, lawful))
    step = world.kinds[deed.matter].step(deed.act)
    if step is not None and step.dated is Dated.WHEN_TAKEN and deed.by == CLOCK:
        would = ()  # nobody can send a letter in the past: it is due again, on the day it is done
    _second_pair_of_eyes(world, deed, would, duty, done)
    facts, left = in_place_of(deed, would)
    stating = world.kinds[deed.matter].effects
    entries = [
        fact.made.replaces or i for fact, i in deed.each() if i in left and type(fact) in stating
    ]
    undone = tuple(
        t.Undone(
            **stamp(deed.matter, "settle", done, (duty,)),
            group=deed.group,
            decision=duty.decision,
            facts=left,
            entry=entry,
            reason=reason,
        )
        for entry in entries or (None,)
    )
    if not facts:
        return undone, replace(deed, facts=(), event_ids=())
    order, follows = deed.place.order, facts[0].made.follows
    orders = (d.place.order for d in (*world.deeds, *world.context) if d.id == follows)
    place = place_of(facts[0], order, None if follows is None else next(orders, None))
    after = deed_of(facts, person=world.person, place=place)
    after = replace(after, id=deed.id, group=deed.group)
    return ((*undone, *facts) if left else facts), after


def in_place_of(
    deed: Deed, facts: tuple[t.MatterFact, ...]
) -> tuple[tuple[t.MatterFact, ...], tuple[UUID, ...]]:
    """The facts as those that take a decision's place, each that of one of its kind; and which of
    the decision's own are left over."""
    left = list(zip(deed.facts, deed.event_ids, strict=True))
    found = []
    for fact in facts:
        same = next((each for each in left if type(each[0]) is type(fact)), None)
        if same is not None:
            left.remove(same)
        first = same and (same[0].made.replaces or same[1])
        update = {"in_place_of": deed.id, "replaces": first}
        found.append(fact.model_copy(update={"made": fact.made.model_copy(update=update)}))
    return tuple(found), tuple(event_id for _, event_id in left)


def _second_pair_of_eyes(
    world: World,
    deed: Deed,
    would: tuple[t.MatterFact, ...],
    duty: t.DutyToSettleOpened,
    done: Done,
) -> None:
    kind, rules = world.kinds[deed.matter], world.rules[deed.matter]
    if done.by == duty.made.by and not rules.office_of_one and any(map(kind.grave, would)):
        raise Refused(
            "this ends employment or lowers pay back in time: somebody other than who brought it "
            "up has to settle it"
        )
