"""What can be asked about lists of staff.

Of the lists: which version of each is in force, who is on it, and where lists and record differ. Of
one person: which list they are on, and who answers for what the old employer owed and did.

An answer counts what was learned later, as far as it was known when it is asked.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from transfer.core.editions.rules import NotKnown, RulesOfEdition, by_edition, not_known
from transfer.core.employed import employer_on, employers_on, why_not_employed
from transfer.core.matter.deciding import Asked
from transfer.core.matter.folding import State
from transfer.core.matter.kind import Seen
from transfer.core.refusals import Refused
from transfer.core.words import Basis, Facet, Frozen, StaffNumber
from transfer.procedures.exercise.participation import Participation
from transfer.procedures.staff_list import facts as f
from transfer.procedures.staff_list.decisions import Change, Lists, listed_of, lists_of
from transfer.procedures.staff_list.edition import Effect, StaffList

_DAY = timedelta(days=1)

ON_NONE, ON_ONE, ON_TWO = "is on no list", "is on one list", "is on two lists"


class VersionOfList(Frozen):
    """A version that was made: by whom, on which day, in force from when, what shows it, and who
    came on to it and went off it since the version before."""

    version: int
    made_on: date
    made_by: str
    effective_from: date
    document: str | None
    digest: str | None
    authority: str
    people: int
    came: tuple[StaffNumber, ...]
    went: tuple[StaffNumber, ...]


class ListOfTransferee(Frozen):
    """The list of one transferee on a day: the version in force (`None`: none), who is on it, every
    version that was made, and the last one that was prepared.

    `draft_adds` and `draft_drops` are how the draft differs by the day from the version in force.
    """

    transferee: str
    version: int | None
    people: tuple[StaffNumber, ...]
    versions: tuple[VersionOfList, ...]
    last_prepared: int | None
    draft_adds: tuple[StaffNumber, ...]
    draft_drops: tuple[StaffNumber, ...]


class ListsOnDay(Frozen):
    """The lists of a transferor on a day.

    `on_no_list` is who is on a draft and on no version in force, `on_two_lists` who is on two.
    """

    transferor: str
    exercise: str | None
    cut_off_on: date
    transfer_on: date
    lists: tuple[ListOfTransferee, ...]
    on_no_list: tuple[StaffNumber, ...]
    on_two_lists: tuple[StaffNumber, ...]
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


class ExplainedDifference(Frozen):
    """A difference that is right as it is, and why."""

    staff_number: StaffNumber
    difference: f.Difference
    because: str
    explained_on: date


class ListsAndRecord(Frozen):
    """How the lists differ from the record of the cut-off day, as they were last compared.

    `as_at` is the cut-off day that they were compared for. Both days are `None` where they never
    were compared by the day asked about.
    """

    compared_on: date | None
    as_at: date | None
    to_settle: tuple[f.ListDifference, ...]
    explained: tuple[ExplainedDifference, ...]
    basis: tuple[Basis, ...]


class OnOneList(Frozen):
    """A list in force that names somebody: the version, and the transferee whose list it is.

    `procedure` is the matter that the list belongs to.
    """

    procedure: str
    transferee: str
    version: int
    effective_from: date
    made_by: str


class ChangeOfDraft(Frozen):
    """A change of the drafts about one person: from the list of `before` to that of `after`.

    `None` in place of one of them is no list.

    A `late` change came after the cut-off day, and names who allowed it. `late_is_lawful` is `None`
    where the edition does not know who may allow one.
    """

    happened_on: date
    learned_on: date
    before: str | None
    after: str | None
    late: bool
    authority: str
    late_is_lawful: bool | None
    reason: str
    document: str


class OnList(Frozen):
    """Which lists name somebody on a day, by the versions that are in force.

    The lists of other transferors for the same day of transfer count too. `goes_to` is the
    transferee to whom they go: by the versions in force on the day of transfer, or on the day asked
    about, where that is earlier. It is `None` where no list names them, or those of two transferees
    do. `draft` is the transferee on whose draft they are by the day.
    """

    stands: str
    cut_off_on: date
    transfer_on: date
    lists: tuple[OnOneList, ...]
    goes_to: str | None
    draft: str | None
    changes: tuple[ChangeOfDraft, ...]
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


class EffectOnPerson(Frozen):
    """One effect of the scheme on somebody: whether it holds for them, and in words what follows.

    `holds` is `None` where a document is missing. `employer` is the new employer, where it holds.
    """

    what: Effect
    title: str
    holds: bool | None
    employer: str | None
    says: str
    basis: Basis


class WhatPasses(Frozen):
    """What becomes of somebody's contract, and of what the old employer owed and did.

    `went_over` is whether the scheme takes them over; `None` where that cannot be said. `arose_on`
    is the day of the thing that is asked about, `answers` who answers for it. `employer_on_record`
    is who employs them by the record on the day asked about. `record_agrees` is whether, by the
    record, the transferee employs them on the day of transfer and the transferor no longer does. It
    is false where the exercise has not moved them yet: a list alone moves nobody.
    """

    transferor: str
    transferee: str | None
    transfer_on: date
    went_over: bool | None
    because: str
    employer_on_record: str | None
    record_agrees: bool | None
    arose_on: date | None
    answers: str | None
    effects: tuple[EffectOnPerson, ...]
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


# --- the whole -----------------------------------------------------------------------------------


def sees(state: State) -> Seen | None:
    """On which draft each person is; `None` where nothing is on record of them."""
    own = listed_of(state)
    return None if not own.changes else {"on": own.on}


def lists(asked: Asked) -> ListsOnDay:
    """The lists on a day: which version of each is in force, and who is on it."""
    found, begun = _begun(asked)
    rules = by_edition(asked)
    part = rules.part(StaffList)
    drafts = {who: seen["on"] for who, seen in asked.seen.items() if isinstance(seen, dict)}
    shown = tuple(_list(found, each, drafts, asked.on) for each in begun.transferees)
    on = [number for each in shown for number in each.people]
    return ListsOnDay(
        transferor=begun.transferor,
        exercise=begun.against,
        cut_off_on=found.cut_off_on,
        transfer_on=found.transfer_on,
        lists=shown,
        on_no_list=tuple(sorted(who for who, to in drafts.items() if to and who not in on)),
        on_two_lists=tuple(sorted(who for who, times in Counter(on).items() if times > 1)),
        not_known=tuple(_not_known(rules, part.cut_off, part.made_by)),
        basis=(rules.basis(part.clause),),
    )


def _list(found: Lists, transferee: str, drafts: dict[str, str], on: date) -> ListOfTransferee:
    now, last = found.in_force(transferee, on), found.last(transferee)
    people = set() if now is None else set(now.people)
    draft = {who for who, to in drafts.items() if to == transferee}
    return ListOfTransferee(
        transferee=transferee,
        version=None if now is None else now.version,
        people=() if now is None else now.people,
        versions=tuple(_versions(found.made.get(transferee, []))),
        last_prepared=None if last is None else last.version,
        draft_adds=tuple(sorted(draft - people)),
        draft_drops=tuple(sorted(people - draft)),
    )


def _versions(made: list[f.ListVersionMade]) -> Iterator[VersionOfList]:
    before: set[str] = set()
    for each in made:
        people = set(each.people)
        yield VersionOfList(
            version=each.version,
            made_on=each.happened_on,
            made_by=each.made_by,
            effective_from=each.effective_from,
            document=each.made.document or None,
            digest=each.digest,
            authority=each.authority,
            people=len(people),
            came=tuple(sorted(people - before)),
            went=tuple(sorted(before - people)),
        )
        before = people


def differences(asked: Asked) -> ListsAndRecord:
    """Where lists and record differed when they were last compared."""
    found, _ = _begun(asked)
    rules = by_edition(asked)
    part = rules.part(StaffList)
    return ListsAndRecord(
        compared_on=None if found.compared is None else found.compared.happened_on,
        as_at=None if found.compared is None else found.compared.as_at,
        to_settle=tuple(each for _, each in sorted(found.differences.items())),
        explained=tuple(
            ExplainedDifference(
                staff_number=who,
                difference=each.difference,
                because=said.because,
                explained_on=said.happened_on,
            )
            for who, (each, said) in sorted(found.explained.items())
        ),
        basis=(rules.basis(part.clause), rules.basis(part.unlisted)),
    )


# --- one person ----------------------------------------------------------------------------------


def versions_of(state: State) -> Seen | None:
    """The versions that were made of each list of a matter. A question about one person reads
    them in every matter, since the lists of other transferors may name the same person."""
    found = lists_of(state)
    if found.begun is None:
        return None
    return {
        "transfer_on": found.transfer_on.isoformat(),
        "made": {
            transferee: [
                {
                    "version": each.version,
                    "effective_from": each.effective_from.isoformat(),
                    "made_by": each.made_by,
                    "people": list(each.people),
                }
                for each in made
            ]
            for transferee, made in found.made.items()
        },
    }


def _lists_with(asked: Asked, transfer_on: date, on: date) -> Iterator[OnOneList]:
    """The lists for that day of transfer that name the person, in force on the day `on`."""
    for procedure, seen in asked.of_kind.items():
        if not isinstance(seen, dict) or seen["transfer_on"] != transfer_on.isoformat():
            continue
        for transferee, made in seen["made"].items():
            in_force = [each for each in made if date.fromisoformat(each["effective_from"]) <= on]
            if in_force and asked.state.person in in_force[-1]["people"]:
                last = in_force[-1]
                yield OnOneList(
                    procedure=procedure,
                    transferee=transferee,
                    version=last["version"],
                    effective_from=date.fromisoformat(last["effective_from"]),
                    made_by=last["made_by"],
                )


def _stands(lists_on: tuple[OnOneList, ...]) -> str:
    return ON_NONE if not lists_on else ON_ONE if len(lists_on) == 1 else ON_TWO


def on_list(asked: Asked) -> OnList:
    """Which lists name somebody on a day. Sources: TR-12, TR-13."""
    found, _ = _begun(asked)
    rules = by_edition(asked)
    part = rules.part(StaffList)
    own = listed_of(asked.state)
    now = tuple(_lists_with(asked, found.transfer_on, asked.on))
    to_day = min(asked.on, found.transfer_on)
    going = {each.transferee for each in _lists_with(asked, found.transfer_on, to_day)}
    changes = tuple(
        _change(rules, part, each) for each in own.changes if each.happened_on <= asked.on
    )
    late = any(each.late for each in changes)
    clauses = [
        part.clause,
        *([part.late] if late else []),
        *([] if len(now) == 1 else [part.unlisted]),
    ]
    return OnList(
        stands=_stands(now),
        cut_off_on=found.cut_off_on,
        transfer_on=found.transfer_on,
        lists=now,
        goes_to=next(iter(going)) if len(going) == 1 else None,
        draft=changes[-1].after if changes else None,
        changes=changes,
        not_known=tuple(_not_known(rules, *clauses)),
        basis=tuple(map(rules.basis, clauses)),
    )


def _change(rules: RulesOfEdition, part: StaffList, fact: Change) -> ChangeOfDraft:
    before = None if isinstance(fact, f.PutOnList) else fact.before
    after = None if isinstance(fact, f.TakenOffList) else fact.transferee
    lawful = None
    if fact.late and rules.knows(part.late):
        lawful = fact.authority in rules.texts(part.late)
    return ChangeOfDraft(
        happened_on=fact.happened_on,
        learned_on=fact.learned_on or fact.happened_on,
        before=before,
        after=after,
        late=fact.late,
        authority=fact.authority,
        late_is_lawful=lawful if fact.late else None,
        reason=fact.made.reason,
        document=fact.made.document,
    )


def passes(asked: Asked) -> WhatPasses:
    """What becomes of somebody's contract, and of what was owed and done before. Sources: TR-12,
    TR-13.

    `since` is the day on which the thing that is asked about was done, or was first owed.
    """
    found, begun = _begun(asked)
    rules = by_edition(asked)
    part = rules.part(StaffList)
    day = found.transfer_on
    lists_on = _lists_with(asked, day, min(asked.on, day))
    on = tuple(each for each in lists_on if each.procedure == asked.state.matter)
    to = on[0].transferee if len(on) == 1 else None
    went, because = _went_over(asked, begun, on, day)
    effects = tuple(
        _effect(rules, each.what, each.title, each.clause, begun, to, went, day)
        for each in part.effects
    )
    clauses = [part.clause, *([] if len(on) == 1 else [part.unlisted])]
    employer = asked.position.on(Facet.EMPLOYER, asked.on)
    agrees = _record_agrees(asked, begun, to, day) if went and to is not None else None
    answers = None
    if asked.since is not None:
        clauses += [each.clause for each in part.effects if each.what in _OF_THE_PAST]
        answers = _answers(asked, begun, to, went, asked.since, day)
    return WhatPasses(
        transferor=begun.transferor,
        transferee=to,
        transfer_on=day,
        went_over=went,
        because=because,
        employer_on_record=employer,
        record_agrees=agrees,
        arose_on=asked.since,
        answers=answers,
        effects=effects,
        not_known=tuple(_not_known(rules, *clauses, *(each.clause for each in part.effects))),
        basis=tuple(map(rules.basis, dict.fromkeys(clauses))),
    )


_OF_THE_PAST = (Effect.LIABILITIES, Effect.DONE_BEFORE)


def _went_over(
    asked: Asked, begun: f.StaffListBegun, on: tuple[OnOneList, ...], day: date
) -> tuple[bool | None, str]:
    """Whether the scheme takes somebody over, and why."""
    said = None if begun.against is None else asked.others.get(begun.against)
    own = None if said is None else said.mine.substance
    if isinstance(own, Participation) and own.objection is not None:
        return False, f"they objected on {own.objection.happened_on}, and do not go over"
    eve = day - _DAY
    if asked.on >= day:
        gone = why_not_employed(asked.position.entries, eve, None)
        if gone is not None:
            return False, gone.reason
        employers = sorted(employers_on(asked.position.entries, eve))
        if begun.transferor.casefold() not in map(str.casefold, employers):
            return None, f"by the record {', '.join(employers)} employed them on {eve}"
    if not on:
        return None, f"they are on no list that was made and in force on {min(asked.on, day)}"
    if len(on) > 1:
        return None, f"they are on the lists of {' and '.join(each.transferee for each in on)}"
    if asked.on < day:
        return None, f"the transfer is on {day}: they are to go to {on[0].transferee}"
    return True, f"they were on the list of {on[0].transferee}, version {on[0].version}"


def _record_agrees(asked: Asked, begun: f.StaffListBegun, to: str, day: date) -> bool:
    """Whether the record has somebody go over on the day of transfer, in each post that they had
    with the transferor. Where they went later says nothing about that."""
    employers = {each.casefold() for each in employers_on(asked.position.entries, day)}
    return to.casefold() in employers and begun.transferor.casefold() not in employers


def _answers(
    asked: Asked,
    begun: f.StaffListBegun,
    to: str | None,
    went: bool | None,
    arose_on: date,
    day: date,
) -> str | None:
    """Who answers for what was done or was owed on a day; `None` where that cannot be said."""
    if arose_on >= day:
        return employer_on(asked.position.entries, arose_on)
    if asked.on < day:
        return begun.transferor
    return to if went else None


def _effect(
    rules: RulesOfEdition,
    what: Effect,
    title: str,
    clause: str,
    begun: f.StaffListBegun,
    to: str | None,
    went: bool | None,
    day: date,
) -> EffectOnPerson:
    holds = None if _is_unknown(rules, clause) else went
    if what is Effect.NOT_AN_AGREEMENT:
        holds = True
    return EffectOnPerson(
        what=what,
        title=title,
        holds=holds,
        employer=to if holds and what is not Effect.NOT_AN_AGREEMENT else None,
        says=_says(what, holds, begun.transferor, to, day),
        basis=rules.basis(clause),
    )


def _says(what: Effect, holds: bool | None, old: str, new: str | None, day: date) -> str:
    """What follows for somebody, in words."""
    if what is Effect.NOT_AN_AGREEMENT:
        return "the scheme is not a collective agreement"
    if holds is None:
        return "that is not known"
    if not holds:
        return f"they do not go over from {old}"
    return {
        Effect.EMPLOYMENT: f"the employment goes on from {day} with {new}, and is not ended",
        Effect.TERMS: f"the contract goes over to {new} with its terms unchanged",
        Effect.NATIONAL_TERMS: f"the national terms go on with {new}",
        Effect.LIABILITIES: f"{new} answers for what {old} owed, claims among it",
        Effect.DONE_BEFORE: f"what {old} did before {day} counts as done by {new}",
    }[what]


# --- what they share -----------------------------------------------------------------------------


def _not_known(rules: RulesOfEdition, *clauses: str) -> Iterator[NotKnown]:
    """What the edition does not know, of these clauses."""
    for clause in dict.fromkeys(clauses):
        if _is_unknown(rules, clause):
            yield not_known(rules, clause)


def _is_unknown(rules: RulesOfEdition, clause: str) -> bool:
    """Whether a clause says that something is not known, and nobody has given the value since."""
    return rules.clause(clause).unknown_because is not None and not rules.knows(clause)


def _begun(asked: Asked) -> tuple[Lists, f.StaffListBegun]:
    found = lists_of(asked.state)
    if found.begun is None:
        raise Refused(f"{asked.state.matter} had not begun by {asked.on}")
    return found, found.begun
