"""What an exercise can be asked about one person: by which evidence they were assigned."""

from datetime import date

from transfer.core.matter.deciding import Asked
from transfer.core.matter.kind import Answer
from transfer.core.matter.words import Over
from transfer.core.refusals import NotOnRecord
from transfer.core.words import Basis, Destination, Frozen, Route
from transfer.procedures.exercise import facts as f
from transfer.procedures.exercise.participation import participation_of


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
