"""What an exercise can be asked: what kind of move it is in law; and about one person, whether they
are assigned to what moves, and by which evidence they were assigned to where they go."""

from datetime import date, timedelta
from typing import cast

from transfer.core.editions.rules import NotKnown, by_edition, not_known
from transfer.core.employed import why_not_employed
from transfer.core.matter.deciding import Asked
from transfer.core.matter.kind import Answer
from transfer.core.matter.words import Over
from transfer.core.refusals import NotOnRecord
from transfer.core.words import Basis, Destination, Facet, Frozen, Mechanism, Route, Side
from transfer.procedures.exercise import facts as f
from transfer.procedures.exercise.participation import participation_of
from transfer.procedures.exercise.rules import OnePerson, RulesOfExercise


class EvidenceChanged(Frozen):
    """A value that the decision looked at and that the record has otherwise now."""

    name: str
    was: str
    now: str


class AssignmentEvidence(Frozen):
    """By which evidence somebody was assigned, and what the record says of it now.

    `saw` is what the decision looked at, as it stood then; `matched` the condition of the edition
    that decided, `draw` the random draw, `panel` who sat: each only where there was one. `changed`
    is what the record has otherwise as known when it is asked, `not_looked_at` the evidence on
    record then that the decision did not look at: it was there and did not count, or came later.
    `destination` is where the decision led, `destination_now` where the person goes after appeals.
    """

    decided_on: date
    known_on: date
    route: Route
    destination: Destination
    destination_now: Destination | None
    reason: str
    matched: str
    saw: dict[str, str]
    draw: f.Draw | None
    panel: str
    changed: tuple[EvidenceChanged, ...]
    not_looked_at: dict[str, str]
    basis: tuple[Basis, ...]


def evidence(asked: Asked) -> AssignmentEvidence:
    """The evidence of somebody's assignment; raises `NotOnRecord` where nobody was assigned."""
    person = participation_of(asked.state)
    proposal = person.proposal
    if proposal is None:
        why = person.not_proposed or "nobody has decided where they go"
        raise NotOnRecord(f"no assignment of theirs is on record by {asked.on}: {why}")
    now, saw = asked.position.evidence, proposal.evidence.saw
    return AssignmentEvidence(
        decided_on=proposal.happened_on,
        known_on=proposal.learned_on or proposal.happened_on,
        route=proposal.route,
        destination=proposal.destination,
        destination_now=person.destination,
        reason=proposal.reason,
        matched=proposal.evidence.matched,
        saw=saw,
        draw=proposal.evidence.draw,
        panel=proposal.panel,
        changed=tuple(
            EvidenceChanged(name=name, was=was, now=now[name])
            for name, was in saw.items()
            if name in now and now[name] != was
        ),
        not_looked_at={name: value for name, value in now.items() if name not in saw},
        basis=(proposal.basis,),
    )


EVIDENCE = Answer(
    "evidence",
    Over.PERSON,
    "by which evidence somebody was assigned, and what has changed in it since",
    AssignmentEvidence,
    evidence,
)


class LawOfMove(Frozen):
    """What kind of move an exercise is in law, by which instrument.

    `is_relevant_transfer`: TUPE's duties hold by their own force, because the instrument is TUPE or
    says that TUPE applies. `because` is what the clause says; `basis` has that clause and those it
    rests on, such as what would otherwise leave the move out. `not_known` names the instrument
    that would settle it, where nobody has read that.
    """

    mechanism: Mechanism
    is_relevant_transfer: bool
    because: str
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


def law(asked: Asked) -> LawOfMove:
    """What kind of move the exercise is in law: by its edition, which names the instrument."""
    rules, edition = cast("RulesOfExercise", asked.rules), by_edition(asked)
    why, unread = rules.why_so_in_law, rules.unread_instrument
    return LawOfMove(
        mechanism=rules.mechanism,
        is_relevant_transfer=rules.mechanism is Mechanism.TUPE,
        because=edition.clause(why[0].clause or "").text,
        not_known=() if unread is None else (not_known(edition, unread),),
        basis=why,
    )


class AssignedToMove(Frozen):
    """Whether somebody is assigned to what moves, on a day, by the edition's scope.

    They have to be employed on the day, and more than temporarily. `because` says why they are not.
    """

    employer: str | None
    is_assigned: bool
    because: str
    basis: Basis


def assigned(asked: Asked) -> AssignedToMove:
    """Whether somebody is assigned to what moves on the day asked about."""
    rules = cast("RulesOfExercise", asked.rules)
    facets = {facet: asked.position.on(facet, asked.on) for facet in Facet}
    gone = why_not_employed(asked.position.entries, asked.on)
    one = OnePerson(asked.state.person or "", facets, asked.position.evidence, asked.on)
    left_out = None if gone is not None else rules.left_out_by(one)
    clause = (left_out and left_out.clause) or rules.clause_for("scope")
    return AssignedToMove(
        employer=facets[Facet.EMPLOYER],
        is_assigned=gone is None and left_out is None,
        because=gone.reason if gone is not None else left_out.reason if left_out else "",
        basis=rules.basis(clause),
    )


class HowItEnds(Frozen):
    """Whether an exercise ends somebody's employment, when, with whom, and whether by dismissal.

    `learned_on` is the day on which the office learned of the objection, `detriment` the change for
    the worse that they object to, as they say. `ended` is whether the end is on record; until then
    it waits for approval. Without `last_day` nothing ends it. `employer` is who employs them then.
    """

    mechanism: Mechanism
    objected_on: date | None
    learned_on: date | None
    told_to: Side | None
    detriment: str
    last_day: date | None
    employer: str | None
    ended: bool
    is_dismissal: bool | None
    dismissed_by: str | None
    because: str
    basis: tuple[Basis, ...]


def ending(asked: Asked) -> HowItEnds:
    """Whether the exercise ends somebody's employment, and what that is in law."""
    rules, own = cast("RulesOfExercise", asked.rules), participation_of(asked.state)
    said, ended = own.objection, own.ending
    since = None if ended is None else ended.effective_from
    if since is None and said is not None:
        since = asked.state.milestone(said.milestone)
    last = None if since is None else since - timedelta(days=1)
    dismissal = None
    if ended is not None:
        dismissal = ended.treated_as_dismissed
    elif said is not None:
        dismissal = bool(said.detriment)
    employer = None if last is None else asked.position.on(Facet.EMPLOYER, last)
    by = ended or said
    return HowItEnds(
        mechanism=rules.mechanism,
        objected_on=None if said is None else said.happened_on,
        learned_on=None if said is None else said.learned_on or said.happened_on,
        told_to=None if said is None else said.told_to,
        detriment="" if said is None else said.detriment,
        last_day=last,
        employer=employer,
        ended=ended is not None,
        is_dismissal=dismissal,
        dismissed_by=employer if dismissal else None,
        because="" if ended is None else ended.reason,
        basis=() if by is None else (by.basis,),
    )


LAW = Answer(
    "law", Over.MATTER, "what kind of move it is in law, and by which instrument", LawOfMove, law
)
ENDING = Answer(
    "ending",
    Over.PERSON,
    "whether somebody's employment ends, when, with whom, and whether that is a dismissal",
    HowItEnds,
    ending,
    of_all_known=True,
)
ASSIGNED = Answer(
    "assigned",
    Over.PERSON,
    "whether somebody is assigned to what moves, on a day",
    AssignedToMove,
    assigned,
    of_all_known=True,
)
