"""The lists of one transferor: what is on record of them, and which acts may follow.

    begun ─► people put on, moved, taken off (a draft) ─► a version prepared ─► made (signed)
          ├► compared with the record ─► each difference ended by another version, or explained
          └► the days move; after the cut-off day, late changes alone

An act brings with it what the drafts say (`people`) and what the record says (`found`), so that the
decision can be made again. A list moves nobody: the exercise does.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from transfer.core.editions.rules import by_edition, pins
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.folding import State
from transfer.core.matter.words import MatterName
from transfer.core.refusals import AlreadyOnRecord, Malformed, NotOnRecord, Refused
from transfer.core.words import Frozen, StaffNumber
from transfer.procedures.staff_list import facts as f
from transfer.procedures.staff_list.edition import StaffList

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
MayBeSaid = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Number = Annotated[int, Field(ge=1, le=100_000)]

Version = f.ListVersionPrepared | f.ListVersionMade


@dataclass(slots=True)
class Lists:
    """What is on record of the lists of one transferor.

    `prepared` has the versions of each list in order, `made` those of them that were made.
    `compared` is the last comparison with the record, and `versions_compared` the version of each
    list that it looked at. `differences` are to be settled, `explained` are right as they are, both
    by staff number.
    """

    begun: f.StaffListBegun | None = None
    cut_off_on: date = date.max
    transfer_on: date = date.max
    prepared: dict[str, list[f.ListVersionPrepared]] = field(default_factory=dict)
    made: dict[str, list[f.ListVersionMade]] = field(default_factory=dict)
    compared: f.ListCompared | None = None
    versions_compared: Mapping[str, int] = field(default_factory=dict)
    differences: dict[str, f.ListDifference] = field(default_factory=dict)
    explained: dict[str, tuple[f.ListDifference, f.DifferenceExplained]] = field(
        default_factory=dict
    )

    def in_force(self, transferee: str, on: date) -> f.ListVersionMade | None:
        """The version of a list that is in force on a day: the last that was made of those that
        had taken effect by then."""
        found = [each for each in self.made.get(transferee, ()) if each.effective_from <= on]
        return found[-1] if found else None

    def last(self, transferee: str) -> f.ListVersionPrepared | None:
        """The last version of a list, made or not."""
        found = self.prepared.get(transferee)
        return found[-1] if found else None

    def last_people(self, transferee: str) -> tuple[str, ...]:
        """Who is on the last version of a list: as it was made, once it was."""
        last, made = self.last(transferee), self.made.get(transferee, ())
        if last is None:
            return ()
        return made[-1].people if made and made[-1].version == last.version else last.people

    def comes_too_late(self, transferee: str) -> bool:
        """Whether the last version of a list was made, and is in force only after the transfer."""
        last, made = self.last(transferee), self.made.get(transferee)
        if last is None or not made or made[-1].version != last.version:
            return False
        return made[-1].effective_from > self.transfer_on

    def last_versions(self) -> dict[str, int]:
        """The number of the last version of each list that has one."""
        return {name: versions[-1].version for name, versions in self.prepared.items()}


def evolve(found: Lists, fact: MatterFact) -> None:
    """Fold one fact of the whole; total, and never judges."""
    match fact:
        case f.StaffListBegun():
            found.begun = fact
            found.cut_off_on, found.transfer_on = fact.cut_off_on, fact.transfer_on
        case f.ListDaysMoved():
            found.cut_off_on, found.transfer_on = fact.cut_off_on, fact.transfer_on
        case f.ListVersionPrepared():
            found.prepared.setdefault(fact.transferee, []).append(fact)
        case f.ListVersionMade():
            found.made.setdefault(fact.transferee, []).append(fact)
        case f.ListCompared():
            found.compared, found.versions_compared = fact, found.last_versions()
            for number in fact.ended:
                found.differences.pop(number, None)
                found.explained.pop(number, None)
            for each in fact.differences:
                found.differences[each.staff_number] = each
                found.explained.pop(each.staff_number, None)
        case f.DifferenceExplained():
            differs = found.differences.pop(fact.whom, None)
            if differs is not None:
                found.explained[fact.whom] = (differs, fact)
        case _:
            pass


Change = f.PutOnList | f.MovedToOtherList | f.TakenOffList


@dataclass(slots=True)
class Listed:
    """What is on record of one person: on which draft they are, and every change of it."""

    on: str | None = None
    changes: list[Change] = field(default_factory=list)


def evolve_person(found: Listed, fact: MatterFact) -> None:
    """Fold one fact of a person; total, and never judges."""
    match fact:
        case f.PutOnList() | f.MovedToOtherList():
            found.on = fact.transferee
            found.changes.append(fact)
        case f.TakenOffList():
            found.on = None
            found.changes.append(fact)
        case _:
            pass


def lists_of(state: State) -> Lists:
    """What is on record of the lists."""
    found: Lists = state.whole.substance
    return found


def listed_of(state: State) -> Listed:
    """What is on record of the person whose state it is."""
    found: Listed = state.mine.substance
    return found


def sees(state: State) -> str | None:
    """On which draft somebody is, for a version that is drawn from it."""
    return listed_of(state).on


# --- what acts need ------------------------------------------------------------------------------


class ListsToBegin(Frozen):
    """Whose people go to whom on which day, by the names that the record has.

    `cut_off_on` may be left out where the edition knows the day. `against` is the exercise that
    moves the people, if there is one.
    """

    transferor: Words
    transferees: tuple[Words, ...] = Field(min_length=1, max_length=100)
    transfer_on: date
    cut_off_on: date | None = None
    against: MatterName | None = None


class OtherDays(Frozen):
    """The days as they are now; one that is left out stays."""

    transfer_on: date | None = None
    cut_off_on: date | None = None


class LateChange(Frozen):
    """Who or what allows the change, where it comes after the cut-off day."""

    authority: MayBeSaid = ""


class WhichList(LateChange):
    """Whose list it is, and who or what allows the change after the cut-off day."""

    transferee: Words


class Drafted(Frozen):
    """Of which list a version is prepared: of each that needs another one, if none is named.
    `people` is who is on which draft."""

    transferee: Words | None = None
    people: dict[StaffNumber, Words] = Field(default_factory=dict)


class Making(Frozen):
    """Which version of whose list is made (the last, unless one is named), and by whom.

    It takes effect on the day of the act, unless another is given: one that is over needs an
    `authority`. `digest` is the SHA-256 of the document that was signed.
    """

    transferee: Words
    version: Number | None = None
    made_by: Words
    effective_from: date | None = None
    digest: Sha256 | None = None
    authority: MayBeSaid = ""


class OfOne(Frozen):
    """What the record says of somebody: who employs them on the cut-off day, to whom the exercise
    takes them (empty: that is not decided), and why they do not go over, where that is so."""

    staff_number: StaffNumber
    employer: str = ""
    goes_to: str = ""
    stays_because: str = ""


class RecordFound(Frozen):
    """What the record says of those who are on a list, in the exercise, or named."""

    found: tuple[OfOne, ...] = ()


class ToExplain(Frozen):
    """About whom list and record differ, and why that is right."""

    whom: StaffNumber
    because: Words


# --- decisions on the whole ----------------------------------------------------------------------


def begin(case: Case, needs: ListsToBegin) -> tuple[MatterFact, ...]:
    """Begin the lists of a transferor. Source: TR-12.

    Raises `Refused` where the edition does not know the cut-off day and none is given.
    """
    if lists_of(case.state).begun is not None:
        raise AlreadyOnRecord(f"{case.state.matter} has begun")
    names = [each.casefold() for each in needs.transferees]
    if len(set(names)) < len(names) or needs.transferor.casefold() in names:
        raise Malformed("names each once, and not the transferor", field="transferees")
    part = by_edition(case).part(StaffList)
    cut_off = _cut_off(case, needs.cut_off_on)
    _require_order(cut_off, needs.transfer_on)
    return (
        f.StaffListBegun(
            **case.stamp(part.clause, part.cut_off),
            **pins(case),
            against=needs.against,
            transferor=needs.transferor,
            transferees=needs.transferees,
            cut_off_on=cut_off,
            transfer_on=needs.transfer_on,
        ),
    )


def _cut_off(case: Case, given: date | None) -> date:
    """The cut-off day: the edition's, or the one that is given where the edition knows none."""
    rules = by_edition(case)
    clause = rules.part(StaffList).cut_off
    if given is None or rules.knows(clause):
        known = rules.day(clause)
        if given not in (None, known):
            raise Refused(f"the cut-off day is {known}, and not {given}", clause=clause)
        return known
    return given


def _require_order(cut_off: date, transfer_on: date) -> None:
    if cut_off >= transfer_on:
        raise Malformed(
            f"{cut_off} is not before the transfer of {transfer_on}", field="cut_off_on"
        )


def move_days(case: Case, needs: OtherDays) -> tuple[MatterFact, ...]:
    """Note that the cut-off day or the day of transfer is another. What was late stays late.

    A list of which no version is in force on the day of transfer is still to be made.
    """
    found, begun = _begun(case)
    cut_off = found.cut_off_on
    if needs.cut_off_on is not None:
        cut_off = _cut_off(case, needs.cut_off_on)
    transfer_on = needs.transfer_on or found.transfer_on
    _require_order(cut_off, transfer_on)
    if (cut_off, transfer_on) == (found.cut_off_on, found.transfer_on):
        return ()
    part = by_edition(case).part(StaffList)
    return (
        f.ListDaysMoved(
            **case.stamp(part.clause, part.cut_off),
            cut_off_before=found.cut_off_on,
            cut_off_on=cut_off,
            transfer_before=found.transfer_on,
            transfer_on=transfer_on,
            to_make=tuple(
                each for each in begun.transferees if found.in_force(each, transfer_on) is None
            ),
        ),
    )


def prepare(case: Case, needs: Drafted) -> tuple[MatterFact, ...]:
    """Draw a version from the drafts: of each list that needs another one, or of the one that is
    named.

    A list needs one if it has none, if its draft differs from the last, or if the last was made and
    is in force only after the transfer.
    """
    found, begun = _begun(case)
    wanted = begun.transferees
    if needs.transferee is not None:
        wanted = (_list_named(begun, needs.transferee),)
    clause = by_edition(case).part(StaffList).clause
    facts = []
    for transferee in wanted:
        people = tuple(sorted(who for who, on in needs.people.items() if on == transferee))
        last = found.last(transferee)
        as_before = last is not None and found.last_people(transferee) == people
        if as_before and not found.comes_too_late(transferee):
            continue
        facts.append(
            f.ListVersionPrepared(
                **case.stamp(clause),
                transferee=transferee,
                version=1 if last is None else last.version + 1,
                people=people,
            )
        )
    return tuple(facts)


def comes_to(facts: tuple[MatterFact, ...]) -> dict[str, object]:
    """On which versions each person is, by what a preparation states."""
    on: dict[str, list[str]] = {}
    for fact in facts:
        if isinstance(fact, f.ListVersionPrepared):
            for number in fact.people:
                on.setdefault(number, []).append(fact.transferee)
    return {**on}


def make(case: Case, needs: Making) -> tuple[MatterFact, ...]:
    """Put on record that a version was made (signed), by whom and from when it is in force.

    It stays as it was made: a mistake is put right by another version. Raises `Refused` where it
    would take effect after the transfer, or on a day that was over without an authority.
    """
    found, begun = _begun(case)
    rules = by_edition(case)
    part = rules.part(StaffList)
    transferee = _list_named(begun, needs.transferee)
    version = _version(found, transferee, needs.version)
    since = needs.effective_from or case.on
    before = found.made.get(transferee, ())
    if before and before[-1].version >= version.version:
        last = before[-1]
        if _says_the_same(case, needs, version, last):
            return ()
        raise Refused(
            f"version {last.version} was made on {last.happened_on}: prepare another",
            clause=part.clause,
        )
    if rules.knows(part.made_by) and needs.made_by not in rules.texts(part.made_by):
        allowed = ", ".join(rules.texts(part.made_by))
        raise Refused(f"a list is made by {allowed}, not by {needs.made_by}", clause=part.made_by)
    if since > found.transfer_on:
        raise Refused(
            f"a list in force from {since} moves nobody on {found.transfer_on}: give a day by then "
            "from which it is in force, and who allows that",
            clause=part.clause,
        )
    clauses = [part.clause, part.made_by]
    if since < case.on:
        _require_authority(case, needs.authority, f"{since} was over when it was made")
        clauses.append(part.late)
    return (
        f.ListVersionMade(
            **case.stamp(*clauses),
            transferee=transferee,
            version=version.version,
            people=version.people,
            made_by=needs.made_by,
            effective_from=since,
            digest=needs.digest,
            authority=needs.authority if since < case.on else "",
        ),
    )


def _says_the_same(
    case: Case, needs: Making, version: f.ListVersionPrepared, made: f.ListVersionMade
) -> bool:
    """Whether somebody says again what is on record of a version that was made.

    What they leave out this time is as it was. An authority counts where one was needed.
    """
    if (made.version, made.people, made.made_by) != (
        version.version,
        version.people,
        needs.made_by,
    ):
        return False
    needed_authority = made.effective_from < made.happened_on
    return (
        needs.effective_from in (None, made.effective_from)
        and needs.digest in (None, made.digest)
        and case.made.document in ("", made.made.document)
        and (not needed_authority or needs.authority in ("", made.authority))
    )


def compare(case: Case, needs: RecordFound) -> tuple[MatterFact, ...]:
    """Compare the last version of each list with the record: each difference is to be settled.

    That nothing differs is put on record too: that the lists agreed may have to be shown. `()`
    where the same versions were compared on the same day, and came to the same.
    """
    found, begun = _begun(case)
    part = by_edition(case).part(StaffList)
    if not found.prepared:
        raise Refused("no version is prepared that could be compared", clause=part.clause)
    now = {each.staff_number: each for each in _differences(found, begun, needs.found)}
    known = found.differences | {who: each for who, (each, _) in found.explained.items()}
    new = tuple(each for who, each in sorted(now.items()) if known.get(who) != each)
    ended = tuple(sorted(known.keys() - now.keys()))
    last = found.compared
    if (
        not (new or ended)
        and last is not None
        and (last.happened_on, last.as_at) == (case.on, found.cut_off_on)
        and found.versions_compared == found.last_versions()
    ):
        return ()
    return (
        f.ListCompared(
            **case.stamp(part.clause, part.unlisted),
            as_at=found.cut_off_on,
            differences=new,
            ended=ended,
        ),
    )


def _differences(
    found: Lists, begun: f.StaffListBegun, record: Iterable[OfOne]
) -> Iterator[f.ListDifference]:
    on: dict[str, list[str]] = {}
    for transferee in begun.transferees:
        for number in found.last_people(transferee):
            on.setdefault(number, []).append(transferee)
    by_number = {each.staff_number: each for each in record}
    for number in sorted({*on, *by_number}):
        said = by_number.get(number, OfOne(staff_number=number))
        differs = _difference(begun, tuple(on.get(number, ())), said, found.cut_off_on)
        if differs is not None:
            sort, words = differs
            yield f.ListDifference(
                staff_number=number,
                difference=sort,
                lists=tuple(on.get(number, ())),
                record_says=words,
            )


def _difference(
    begun: f.StaffListBegun, lists: tuple[str, ...], said: OfOne, cut_off: date
) -> tuple[f.Difference, str] | None:
    """How lists and record differ about one person, and what the record says; `None`: not."""
    employed = said.employer.casefold() == begun.transferor.casefold()
    if not employed:
        who = said.employer or "nobody"
        words = f"{who} employs them on {cut_off}"
    elif said.stays_because:
        words = said.stays_because
    else:
        words = f"goes to {said.goes_to}" if said.goes_to else "where they go is not decided"
    if len(lists) > 1:
        return f.Difference.TWICE, words
    if not employed or said.stays_because:
        return (f.Difference.EXTRA, words) if lists else None
    if not lists:
        return f.Difference.MISSING, words
    elsewhere = said.goes_to and said.goes_to.casefold() != lists[0].casefold()
    return (f.Difference.DIFFERING, words) if elsewhere else None


def explain(case: Case, needs: ToExplain) -> tuple[MatterFact, ...]:
    """Put on record why a difference is right as it is; it is found again once it is another."""
    found, _ = _begun(case)
    if needs.whom in found.explained:
        before = found.explained[needs.whom][1]
        if before.because == needs.because:
            return ()
        raise Refused(f"it was explained on {before.happened_on}: {before.because}")
    differs = found.differences.get(needs.whom)
    if differs is None:
        raise NotOnRecord(f"no difference is on record about {needs.whom}")
    part = by_edition(case).part(StaffList)
    return (
        f.DifferenceExplained(
            **case.stamp(part.clause),
            whom=needs.whom,
            difference=differs.difference,
            because=needs.because,
        ),
    )


# --- decisions on one person ---------------------------------------------------------------------


def put_on(case: Case, needs: WhichList) -> tuple[MatterFact, ...]:
    """Put somebody on the draft of a list. Raises `Refused` where they are on another one, and
    after the cut-off day without an authority."""
    _, begun = _begun(case)
    own, transferee = listed_of(case.state), _list_named(begun, needs.transferee)
    if own.on == transferee:
        return ()
    clause = by_edition(case).part(StaffList).clause
    if own.on is not None:
        raise Refused(f"they are on the list of {own.on}: move them", clause=clause)
    late, clauses = _late(case, needs.authority)
    said = needs.authority if late else ""
    return (
        f.PutOnList(
            **case.stamp(clause, *clauses), transferee=transferee, late=late, authority=said
        ),
    )


def move_to(case: Case, needs: WhichList) -> tuple[MatterFact, ...]:
    """Move somebody in the drafts from the list that they are on to another."""
    _, begun = _begun(case)
    own, transferee = listed_of(case.state), _list_named(begun, needs.transferee)
    if own.on == transferee:
        return ()
    clause = by_edition(case).part(StaffList).clause
    if own.on is None:
        raise Refused("they are on no list: put them on one", clause=clause)
    _require_reason(case)
    late, clauses = _late(case, needs.authority)
    return (
        f.MovedToOtherList(
            **case.stamp(clause, *clauses),
            before=own.on,
            transferee=transferee,
            late=late,
            authority=needs.authority if late else "",
        ),
    )


def take_off(case: Case, needs: LateChange) -> tuple[MatterFact, ...]:
    """Take somebody off the draft of the list that they are on. What was made before stays."""
    _begun(case)
    own = listed_of(case.state)
    if own.on is None:
        return ()
    _require_reason(case)
    late, clauses = _late(case, needs.authority)
    return (
        f.TakenOffList(
            **case.stamp(by_edition(case).part(StaffList).clause, *clauses),
            before=own.on,
            late=late,
            authority=needs.authority if late else "",
        ),
    )


# --- what they share -----------------------------------------------------------------------------


def _late(case: Case, authority: str) -> tuple[bool, tuple[str, ...]]:
    """Whether a change comes after the cut-off day, and the clause by which it then does."""
    found, _ = _begun(case)
    if case.on <= found.cut_off_on:
        return False, ()
    _require_authority(case, authority, f"the cut-off day was {found.cut_off_on}")
    return True, (by_edition(case).part(StaffList).late,)


def _require_authority(case: Case, authority: str, why: str) -> None:
    rules = by_edition(case)
    clause = rules.part(StaffList).late
    if not authority:
        raise Refused(f"{why}: name who or what allows a late change (authority)", clause=clause)
    if rules.knows(clause) and authority not in rules.texts(clause):
        allowed = ", ".join(rules.texts(clause))
        raise Refused(f"{why}: a late change is allowed by {allowed}", clause=clause)


def _require_reason(case: Case) -> None:
    if not case.made.reason:
        raise Malformed("say why", field="reason")


def _list_named(begun: f.StaffListBegun, name: str) -> str:
    """The transferee of that name, as the lists spell it; `Refused` with those that there are."""
    for each in begun.transferees:
        if each.casefold() == name.casefold():
            return each
    raise Refused(f"there is no list of {name}: there are {', '.join(begun.transferees)}")


def _version(found: Lists, transferee: str, number: int | None) -> f.ListVersionPrepared:
    last = found.last(transferee)
    if last is None:
        raise Refused(f"no version of the list of {transferee} is prepared")
    wanted = number or last.version
    for each in found.prepared[transferee]:
        if each.version == wanted:
            return each
    raise Refused(f"the list of {transferee} has no version {wanted}: the last is {last.version}")


def _begun(case: Case) -> tuple[Lists, f.StaffListBegun]:
    found = lists_of(case.state)
    if found.begun is None:
        raise Refused(f"{case.state.matter} has not begun")
    return found, found.begun
