"""What an administrator does in an exercise that takes more than one act.

    exercises.open(act, asking, "tr-2013", rules, transferors=…)
    exercises.set_scope(act, asking, "tr-2013", members=…, criterion=…)
    exercises.propose(act, asking, "tr-2013", seed=…)
    exercises.form_groups(act, asking, "tr-2013", letters_on=…)

Everything else is one act of the exercise, of an appeal or of the consultation (`Matters.do`).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from types import MappingProxyType
from typing import cast

from transfer.commands.matter_contexts import RecordOfPerson
from transfer.commands.matter_worlds import Loaded, Worlds
from transfer.commands.matters import Asking, Matters
from transfer.commands.office import Act, Office, Person
from transfer.core.employed import employer_on, why_not_employed
from transfer.core.matter.folding import State
from transfer.core.matter.words import JsonObject
from transfer.core.refusals import Malformed, Refused
from transfer.core.words import Facet, MilestoneName, MilestoneRole
from transfer.log.appending import Alongside
from transfer.log.envelope import Receipt
from transfer.procedures.consultation.sides import sides_of
from transfer.procedures.exercise.exercise_facts import Collision
from transfer.procedures.exercise.participation import Participation, participation_of
from transfer.procedures.exercise.places import held
from transfer.procedures.exercise.plan import Plan, plan_of
from transfer.procedures.exercise.rules import OnePerson
from transfer.rulebooks.honoured import require_honoured
from transfer.rulebooks.in_force import BindingRules

Progress = Callable[[int, int], None]

_READ_AT_ONCE = 1_000

NOTHING: Mapping[str, object] = MappingProxyType({})
"""The inputs of an act that needs nothing."""


def exercise_matter(name: str) -> str:
    """The matter of an exercise, by its name."""
    return f"exercise:{name}"


def consultation_matter(name: str) -> str:
    """The matter of the consultation on an exercise."""
    return f"consultation:{name}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody whom the scope leaves out, and why; `has_left` where they had been employed."""

    staff_number: str
    reason: str
    has_left: bool


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Somebody whom no route assigns: a panel must decide."""

    staff_number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Wrote:
    """What an act of several commands wrote, in order, and whom the rules refused."""

    receipts: tuple[Receipt, ...] = ()
    refused: Mapping[str, Refused] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scoped(Wrote):
    """The scope is set: who is left out, and why."""

    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposed(Wrote):
    """Assignments are proposed: for whom a panel must decide."""

    unresolved: tuple[Unresolved, ...] = ()


@dataclass(frozen=True, slots=True)
class Formed(Wrote):
    """Groups are formed, of these names."""

    names: tuple[str, ...] = ()


class Exercises:
    """Exercises on one office; safe among threads."""

    def __init__(self, office: Office, matters: Matters, worlds: Worlds) -> None:
        self._office = office
        self.matters = matters
        self._worlds = worlds

    # --- reading -------------------------------------------------------------------------------

    def rules(self, name: str) -> BindingRules:
        """The rules that bind an exercise; raises `NotOnRecord` if it is not open."""
        return cast(BindingRules, self._worlds.rules_of(Loaded(), exercise_matter(name)))

    def plan(self, name: str) -> Plan:
        """What is on record of an exercise as a whole; raises `NotOnRecord` if it is not open."""
        return plan_of(self.matters.state(exercise_matter(name)))

    def state(self, name: str, staff_number: str) -> State:
        """What is on record of one person in an exercise."""
        return self.matters.state(exercise_matter(name), staff_number)

    def participations(
        self, name: str, staff_numbers: Sequence[str]
    ) -> Iterator[tuple[str, Participation]]:
        """What is on record of each of many people in an exercise."""
        found = self._worlds.states(Loaded(), exercise_matter(name), staff_numbers)
        return ((number, participation_of(state)) for number, state in found)

    # --- acts ----------------------------------------------------------------------------------

    def open(
        self,
        act: Act,
        asking: Asking,
        name: str,
        rules: BindingRules,
        *,
        transferors: tuple[str, ...],
        collisions: tuple[Collision, ...] = (),
        rehearsed: bool = False,
        happened_on: date | None = None,
    ) -> Receipt | None:
        """Open an exercise under the rules that its rulebook and the supplied values make.

        Raises `Refused` where the edition has something that the program cannot follow yet, or a
        real exercise would rest on an assumption; `AlreadyOnRecord` where it is open.
        """
        require_honoured(rules.rulebook, rehearsed=rehearsed)
        return self.matters.begin(
            act,
            asking,
            exercise_matter(name),
            rules,
            happened_on=happened_on,
            inputs={
                "edition": rules.edition,
                "transferors": transferors,
                "collisions": [each.model_dump(mode="json") for each in collisions],
                "rehearsed": rehearsed,
            },
            alongside=self._office.editions.keep_opened(rules.rulebook, act.by),
        )

    def open_consultation(
        self,
        act: Act,
        asking: Asking,
        name: str,
        *,
        bodies: tuple[str, ...],
        agreement: str,
        happened_on: date | None = None,
    ) -> Receipt | None:
        """Begin the consultation on an open exercise."""
        rules = self.rules(name)
        inputs = {
            "edition": rules.edition,
            "against": exercise_matter(name),
            "bodies": bodies,
            "agreement": agreement,
        }
        matter = consultation_matter(name)
        return self.matters.begin(
            act, asking, matter, rules, happened_on=happened_on, inputs=inputs
        )

    def move_milestone(
        self,
        act: Act,
        asking: Asking,
        name: str,
        *,
        milestone: MilestoneName,
        to: date,
        reason: str,
        happened_on: date | None = None,
        learned_on: date | None = None,
    ) -> tuple[Receipt, ...]:
        """Move a milestone, or set one that was not set; whatever waits for it follows.

        So do the terms whose day of employment moves with the transfer.
        """
        inputs = {"milestone": milestone, "to": to, "reason": reason}
        matter, consulted = exercise_matter(name), consultation_matter(name)
        moved = self.matters.do(
            act,
            asking,
            matter,
            "move-milestone",
            happened_on=happened_on,
            learned_on=learned_on,
            inputs=inputs,
        )
        terms = None
        role, _ = self.rules(name).milestone_role(milestone)
        if (
            role is MilestoneRole.TRANSFER
            and self._worlds.has_begun(consulted)
            and sides_of(self.matters.state(consulted)).employed_on
        ):
            terms = self.matters.do(
                act.part("day of employment"),
                asking,
                consulted,
                "move-day-of-employment",
                happened_on=happened_on,
                learned_on=learned_on,
                inputs={"transfer_on": to},
            )
        return tuple(receipt for receipt in (moved, terms) if receipt is not None)

    def set_scope(
        self,
        act: Act,
        asking: Asking,
        name: str,
        *,
        members: tuple[str, ...],
        criterion: str,
        happened_on: date | None = None,
        learned_on: date | None = None,
        progress: Progress = lambda _done, _of: None,
    ) -> Scoped:
        """Say who the exercise covers, then bring each of them into scope, in chunks.

        Of `members` those who are one of the transferors' on the day and whom the edition's scope
        covers. Whoever is not employed then, or by what is on record will have left before the
        transfer, is left out, and answered with the reason. Resumable: whoever is in scope already
        is passed by.
        """
        rules, state = self.rules(name), self.matters.state(exercise_matter(name))
        left_out: tuple[LeftOut, ...] = ()
        if plan_of(state).scope is None:
            left_out = tuple(self._left_out(state, rules, members, happened_on or asking.today))
            out = {each.staff_number for each in left_out}
            members = tuple(number for number in members if number not in out)
        matter, inputs = exercise_matter(name), {"members": members, "criterion": criterion}
        scope = self.matters.do(
            act.part("scope"),
            asking,
            matter,
            "set-scope",
            happened_on=happened_on,
            learned_on=learned_on,
            inputs=inputs,
        )
        joined = self.matters.do_over(
            act,
            asking,
            matter,
            "join",
            dict.fromkeys(members, NOTHING),
            happened_on=happened_on,
            learned_on=learned_on,
            progress=progress,
        )
        receipts = (*filter(None, [scope]), *joined.receipts)
        return Scoped(receipts, joined.refused, left_out)

    def _left_out(
        self, state: State, rules: BindingRules, members: Sequence[str], on: date
    ) -> Iterator[LeftOut]:
        opened, named = plan_of(state).opened, rules.rulebook.register.named
        transferors = {named(each) for each in opened.transferors} if opened else set()
        for person in self._everybody(members):
            person.require_registered()
            case = one_person(person, on)
            whose = rules.transferor_of(case.facets)
            milestone = rules.milestone_of(MilestoneRole.TRANSFER, whose)
            transfer_on = milestone and state.milestone(milestone)
            found = why_not_employed(person.entries, on)
            if found is None and transfer_on and transfer_on > on:
                found = why_not_employed(person.entries, transfer_on)
            if found is not None:
                left = found.left_on is not None
                yield LeftOut(person.staff_number, found.reason, has_left=left)
            elif whose not in transferors:
                employer = employer_on(person.entries, on)
                reason = f"employed by {employer} on {on}, which is none of the transferors"
                yield LeftOut(person.staff_number, reason, has_left=False)
            elif (why := rules.why_not_covered(case)) is not None:
                reason = f"not covered by the scope on {on}: {why}"
                yield LeftOut(person.staff_number, reason, has_left=False)

    def propose(
        self,
        act: Act,
        asking: Asking,
        name: str,
        *,
        seed: str,
        only: tuple[str, ...] | None = None,
        happened_on: date | None = None,
        learned_on: date | None = None,
        progress: Progress = lambda _done, _of: None,
    ) -> Proposed:
        """Try the routes, in order, for everybody in scope (or `only` these), and propose where
        they go.

        `seed` is the draw's, and is recorded with each draw. Answers whom no route reached: a panel
        decides for them before the groups are formed. Where places are limited, everybody is looked
        at together before anybody is proposed.
        """
        rules, matter = self.rules(name), exercise_matter(name)
        members = self._everybody_in(name) if only is None else only
        shared = None
        if rules.has_limited_places:
            shared = self._allocate(act, asking, name, members, seed)
        proposed = self.matters.do_over(
            act,
            asking,
            matter,
            "propose",
            {number: {"seed": seed} for number in members},
            happened_on=happened_on,
            learned_on=learned_on,
            progress=progress,
        )
        unresolved = tuple(
            Unresolved(number, refused)
            for number, state in self._worlds.states(Loaded(), matter, members)
            if (refused := participation_of(state).not_proposed) is not None
        )
        receipts = (*filter(None, [shared]), *proposed.receipts)
        return Proposed(receipts, proposed.refused, unresolved)

    def _allocate(
        self,
        act: Act,
        asking: Asking,
        name: str,
        members: Sequence[str],
        seed: str,
    ) -> Receipt | None:
        people: dict[str, JsonObject] = {}
        waiting = []
        for number, own in self.participations(name, members):
            if own.proposal is None:
                waiting.append(number)
            else:
                people[number] = {"place": own.proposal.destination}
        for person in self._everybody(waiting):
            if why_not_employed(person.entries, asking.today) is None:
                people[person.staff_number] = held(one_person(person, asking.today))
        if not waiting:
            return None
        inputs = {"seed": seed, "people": dict(sorted(people.items()))}
        part = act.part("allocate")
        return self.matters.do(part, asking, exercise_matter(name), "allocate", inputs=inputs)

    def form_groups(
        self,
        act: Act,
        asking: Asking,
        name: str,
        *,
        letters_on: Mapping[str, date],
        named: str | None = None,
        people: Sequence[str] | None = None,
        transferor: str | None = None,
        routes: Sequence[str] | None = None,
        happened_on: date | None = None,
        learned_on: date | None = None,
    ) -> Formed:
        """Put everybody who has a proposal and no group yet into one, by transferor and path; or
        these `people`, or those of a transferor whom one of the routes reached.

        `letters_on` gives the letter date of each path of the edition. Answers the names of the
        groups formed; who is proposed later gets a further group when this is called again. A
        group that is `named` is one: raises `Refused` where these people would make several, where
        one of them has no proposal, and where one is in a group already.
        """
        rules, plan, matter = self.rules(name), self.plan(name), exercise_matter(name)
        of = {number: group.group for group in plan.groups.values() for number in group.people}
        asked = self._everybody_in(name) if people is None else people
        if people is not None:
            _require_ungrouped(people, of, named)
        whose_asked = None if transferor is None else rules.rulebook.transferor_named(transferor)
        groups: dict[tuple[str, str], list[str]] = defaultdict(list)
        waiting = [number for number in asked if number not in of]
        for number, own in self.participations(name, waiting):
            if own.proposal is None:
                if people is not None:
                    raise Refused(f"where {number} goes is not proposed yet: propose it first")
                continue
            whose, route = own.transferor or "unknown", own.proposal.route
            if whose_asked in (None, whose) and (routes is None or route in routes):
                groups[whose, rules.path_of(route)].append(number)
        if named is not None and len(groups) > 1:
            kinds = "; ".join(f"{whose}, {path}" for whose, path in sorted(groups))
            raise Refused(f"a group is of one transferor and one path; these are of {kinds}")
        formed: list[str] = []
        receipts: list[Receipt] = []
        for (whose, path), members in sorted(groups.items()):
            if path not in letters_on:
                raise Malformed(f"no day is given for the letters of the path {path}", field=path)
            group = named or _free_name([*plan.groups, *formed], rules, whose, path)
            if named in plan.groups:
                raise Refused(f"there is a group {named} already: give another name")
            inputs = {
                "group": group,
                "transferor": whose,
                "path": path,
                "letters_on": letters_on[path],
                "people": members,
            }
            receipt = self.matters.do(
                act.part("group", group),
                asking,
                matter,
                "form-group",
                happened_on=happened_on,
                learned_on=learned_on,
                inputs=inputs,
            )
            receipts += filter(None, [receipt])
            formed.append(group)
        return Formed(tuple(receipts), names=tuple(formed))

    # --- appeals -------------------------------------------------------------------------------

    def lodge_appeal(
        self,
        act: Act,
        asking: Asking,
        name: str,
        staff_number: str,
        *,
        grounds: str,
        happened_on: date | None = None,
        learned_on: date | None = None,
        alongside: Alongside | None = None,
    ) -> Receipt | None:
        """Take an appeal; one that is out of time is refused, and the refusal is on record."""
        against = exercise_matter(name)
        own = participation_of(self.state(name, staff_number))
        matter = f"appeal:{name}.{staff_number}.{own.appeals_lodged + 1}"
        return self.matters.begin_for_person(
            act,
            asking,
            matter,
            "lodge",
            person=staff_number,
            against=against,
            happened_on=happened_on,
            learned_on=learned_on,
            inputs={"grounds": grounds},
            alongside=alongside,
        )

    def last_appeal(self, name: str, staff_number: str) -> str | None:
        """The matter of somebody's latest appeal in an exercise, if there was one."""
        appeals = participation_of(self.state(name, staff_number)).appeals
        return appeals[-1].matter if appeals else None

    # --- people --------------------------------------------------------------------------------

    def _everybody_in(self, name: str) -> tuple[str, ...]:
        """Whom the scope named, and who was brought in one by one since."""
        scope = self.plan(name).scope
        members = scope.members if scope else ()
        more = self._worlds.people_with(exercise_matter(name))
        if len(more) <= len(members):
            return members
        return (*members, *sorted(set(more).difference(members)))

    def _everybody(self, numbers: Sequence[str]) -> Iterator[Person]:
        for start in range(0, len(numbers), _READ_AT_ONCE):
            yield from self._office.people(numbers[start : start + _READ_AT_ONCE])


def one_person(person: Person, on: date) -> OnePerson:
    """Somebody as the edition's conditions see them on a day."""
    record = RecordOfPerson(lambda: (person.entries, person.evidence.values))
    return OnePerson(
        staff_number=person.staff_number,
        facets={facet: record.on(facet, on) for facet in Facet},
        evidence=record.evidence,
        on=on,
    )


def _require_ungrouped(people: Sequence[str], of: Mapping[str, str], named: str | None) -> None:
    there = [f"{number} in {of[number]}" for number in people if number in of]
    if there and any(of[number] != named for number in people if number in of):
        raise Refused(f"in a group already: {', '.join(there[:20])}")


_IN_NO_NAME = re.compile("[^A-Za-z0-9._-]+")
"""What the name of a group must not have in it (`GroupName`)."""

_MOST_OF_A_CODE = 50
"""How many letters of a transferor's name go into that of a group."""


def _free_name(taken: Sequence[str], rules: BindingRules, transferor: str, path: str) -> str:
    """A new group's name: the transferor's code (its name, where the register does not have it) and
    the path, numbered from the second one on."""
    organisation = rules.rulebook.register.find(transferor)
    whose = transferor if organisation is None else organisation.key
    code = _IN_NO_NAME.sub("-", whose)[:_MOST_OF_A_CODE].strip("._-") or "transferor"
    names = (f"{code}.{path}" + (f".{number}" if number > 1 else "") for number in count(1))
    return next(name for name in names if name not in taken)
