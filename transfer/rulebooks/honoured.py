"""What an edition may say that the program cannot do yet: refused before anything is opened.

Nothing that is written in an edition is passed over in silence. What would come out wrong is
refused, with the table that says it (`require_honoured`); what changes no decision, and is only not
followed up, is said where the exercise is rehearsed (`not_followed`). `docs/rulebooks.md` lists
both.
"""

from collections.abc import Iterator

from transfer.core.refusals import Failure, Refused
from transfer.core.words import MilestoneRole, WindowKind
from transfer.rulebooks.model import Rulebook
from transfer.rulebooks.procedure import GateFact, Guarded


def require_honoured(book: Rulebook, *, rehearsed: bool = False) -> None:
    """Raise `Refused` with every table whose rule the program cannot follow yet.

    A rehearsal goes without what only adds to the exercise, and its report says that it does.
    """
    failures = (*_failures(book), *(() if rehearsed else _left_out(book)))
    if failures:
        raise Refused.all_of(failures)


def _failures(book: Rulebook) -> Iterator[Failure]:
    for gate in book.gates:
        clause = gate.clause or book.mechanism_clause
        if gate.before is Guarded.OPENING:
            yield Failure(
                "[[gate]] before opening: nothing can be on record of an exercise that is not "
                "open yet",
                clause,
            )
        if gate.before is Guarded.LETTERS and GateFact.APPEALS_DETERMINED in gate.facts:
            yield Failure(
                "[[gate]] before letters: nobody can have appealed before the letters go out",
                clause,
            )
    for milestone in book.milestones:
        if milestone.role is MilestoneRole.DISSOLUTION and milestone.transferors:
            yield Failure(
                f"[[milestone]] {milestone.name}: a day of dissolution of single transferors "
                "cannot be followed yet; give one for all of them",
                milestone.clause,
            )


def _left_out(book: Rulebook) -> Iterator[Failure]:
    for letter in book.letters:
        if letter.goes_with is not None:
            yield Failure(
                f"[[letter]] {letter.id}: goes_with {letter.goes_with} is not sent yet, and opens "
                "nothing",
                letter.clause or book.clause_for("letter"),
            )
    for window in book.windows:
        if window.counted == "received":
            yield Failure(
                f"[[window]] {window.id}: counted = received is counted from the day of sending, "
                "because the record does not keep the day on which a letter was received",
                window.length.clause,
            )
        if window.kind is WindowKind.REVIEW:
            reason = f"[[window]] {window.id}: nobody can ask for a review yet"
            yield Failure(reason, window.length.clause)
        if window.resets:
            reason = f"[[window]] {window.id}: reset is an act, and moves no window by itself"
            yield Failure(reason, window.length.clause)


def not_followed(book: Rulebook) -> tuple[str, ...]:
    """What of the edition is kept and shown, and followed by nothing yet, in words."""
    said = [failure.reason for failure in _left_out(book)]
    said += [
        f"[[gate]] before {gate.before}: a rehearsal takes the documents to be there"
        for gate in book.gates
        if gate.documents
    ]
    said += [f"[[obligation]] {each.id} is not reminded of" for each in book.obligations]
    said += [f"[[pay_scale]] {each.id} pays nobody" for each in book.pay_scales]
    return tuple(said)
