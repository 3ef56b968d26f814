"""What the notice of a posting can be asked: which letters had reached somebody before a day, by
both readings; and the training that a lower post asks for."""

from datetime import date

from transfer.core.editions.rules import NotKnown, by_edition, not_known
from transfer.core.matter.deciding import Asked
from transfer.core.words import Basis, Frozen
from transfer.procedures.posting.decisions import Letter, group_of, notified_of
from transfer.procedures.posting.edition import Posting


class LetterShown(Frozen):
    """A letter: when it went out, and when it reached the person, where that is known.

    `reached_before` is whether it reached them before the edition's day; `None` where it went out
    before that day, and nobody knows whether it reached them in time.
    """

    letter: str
    sent_on: date
    reached_on: date | None
    returned_on: date | None
    sent_before: bool
    reached_before: bool | None


class SaidOtherwise(Frozen):
    """What somebody says of the group of the person, against what is on record of a letter."""

    said_by: str
    group: str
    none_before: date
    against: tuple[str, ...]
    basis: Basis


class PostingNotices(Frozen):
    """Which letters on a posting had reached somebody before the edition's day (`before`).

    `notified` is whether one had; `None` where that is not known. `notified_if_sent` is the other
    reading: whether one had been sent. `gives` is what a notice before that day gives, in words.
    `contradicted_by` is what others say of their group, where a letter says otherwise.
    """

    post: str
    before: date
    notified: bool | None
    notified_if_sent: bool
    readings_agree: bool
    reached: tuple[str, ...]
    gives: str
    letters: tuple[LetterShown, ...]
    contradicted_by: tuple[SaidOtherwise, ...]
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


class TrainingOwed(Frozen):
    """Whether training is owed for a posting to a lower band, and by whose account.

    `downgraded` is `None` where the record did not say which band they had; `is_owed` is by that
    account, and `False` once all of it was given.
    """

    band_before: str | None
    band: str
    downgraded: bool | None
    asserted_by: str
    is_owed: bool | None
    given: tuple[str, ...]
    given_on: date | None
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


def notices(asked: Asked) -> PostingNotices:
    """Which letters had reached the person before the edition's day. Sources: E3-08, CN-7."""
    rules, found = by_edition(asked), notified_of(asked)
    part, begun = rules.part(Posting), found.begun
    before = rules.day(part.before)
    shown = tuple(_shown(name, letter, before) for name, letter in found.letters.items())
    reached = tuple(each.letter for each in shown if each.reached_before)
    unclear = any(each.reached_before is None for each in shown)
    notified = True if reached else None if unclear else False
    sent = any(each.sent_before for each in shown)
    return PostingNotices(
        post="" if begun is None else begun.post,
        before=before,
        notified=notified,
        notified_if_sent=sent,
        readings_agree=notified is sent,
        reached=reached,
        gives=rules.clause(part.clause).text,
        letters=shown,
        contradicted_by=_said_otherwise(asked, part, shown),
        not_known=() if rules.knows(part.gives) else (not_known(rules, part.gives),),
        basis=tuple(map(rules.basis, (part.clause, part.before, part.reached))),
    )


def training(asked: Asked) -> TrainingOwed:
    """Whether training is owed, and by whose account. Source: E3-09."""
    rules, found = by_edition(asked), notified_of(asked)
    part, begun = rules.part(Posting), found.begun
    lower = None if begun is None else begun.lower
    last = max((each.happened_on for each in found.training if each.complete), default=None)
    which = part.training_which
    return TrainingOwed(
        band_before=None if begun is None else begun.band_before,
        band="" if begun is None else begun.band,
        downgraded=lower,
        asserted_by=part.training_said_by,
        is_owed=None if lower is None else lower and not found.trained,
        given=tuple(each.what for each in found.training),
        given_on=last,
        not_known=(not_known(rules, which),) if lower and not rules.knows(which) else (),
        basis=(rules.basis(part.training),),
    )


def _shown(name: str, letter: Letter, before: date) -> LetterShown:
    sent = letter.sent_on < before
    reached: bool | None = None
    if letter.reached_on is not None:
        reached = letter.reached_on < before
    elif letter.returned_on is not None or not sent:
        reached = False
    return LetterShown(
        letter=name,
        sent_on=letter.sent_on,
        reached_on=letter.reached_on,
        returned_on=letter.returned_on,
        sent_before=sent,
        reached_before=reached,
    )


def _said_otherwise(
    asked: Asked, part: Posting, shown: tuple[LetterShown, ...]
) -> tuple[SaidOtherwise, ...]:
    rules, begun = by_edition(asked), notified_of(asked).begun
    if begun is None or begun.group is None:
        return ()
    group = group_of(part, begun.group)
    day = rules.day(group.before)
    against = [
        each.letter for each in shown if each.reached_on is not None and each.reached_on < day
    ]
    if not against:
        return ()
    return (
        SaidOtherwise(
            said_by=group.said_by,
            group=group.title,
            none_before=day,
            against=tuple(against),
            basis=rules.basis(group.before),
        ),
    )
