"""What a body that was sent asks to be entered, in the commands' words."""

from transfer.api.entries import Change, Correction, TermChange
from transfer.commands import record
from transfer.commands.record import Decision


def decision_of(body: Change | TermChange | Correction) -> Decision:
    """The decision that a body comes to, for recording it or for asking what it would change."""
    basis = body.basis.given() if body.basis else None
    match body:
        case Change():
            return record.to_change(
                effective_from=body.effective_from,
                effective_to=body.effective_to,
                changes=body.changes,
                reason=body.reason,
                assignment=body.assignment,
                basis=basis,
            )
        case TermChange():
            return record.to_set_term(
                term=body.term,
                value=body.value,
                effective_from=body.effective_from,
                effective_to=body.effective_to,
                reason=body.reason,
                basis=basis,
            )
        case Correction():
            if body.effective_from is None:
                return record.to_annul(of=body.of, reason=body.reason, basis=basis)
            return record.to_correct(
                of=body.of,
                effective_from=body.effective_from,
                effective_to=body.effective_to,
                changes=body.changes or {},
                terms={} if body.term is None else {body.term: body.value},
                reason=body.reason,
                assignment=body.assignment,
                basis=basis,
            )
