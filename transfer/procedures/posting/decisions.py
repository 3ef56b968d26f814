"""Notice of one person's posting: what is on record of it, and what may follow.

a letter went out ─► it reached the person, or came back; another went out
the post is in a lower band ─► training is owed by the unions' account ─► given
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from pydantic import StringConstraints

from transfer.core.editions.rules import by_edition, pins
from transfer.core.matter.deciding import Asked, Case
from transfer.core.matter.facts import MatterFact
from transfer.core.refusals import AlreadyOnRecord, Refused
from transfer.core.words import Facet, Frozen
from transfer.procedures.posting import facts as f
from transfer.procedures.posting.edition import Posting, SaidOfGroup

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


@dataclass(slots=True)
class Letter:
    """One letter: when it went out, and whether it reached the person."""

    sent_on: date
    reached_on: date | None = None
    returned_on: date | None = None


@dataclass(slots=True)
class Notified:
    """What is on record of the notice of one posting."""

    begun: f.PostingNotified | None = None
    letters: dict[str, Letter] = field(default_factory=dict)
    training: list[f.DowngradeTrainingGiven] = field(default_factory=list)

    @property
    def trained(self) -> bool:
        """Whether all the training was given."""
        return any(each.complete for each in self.training)


def evolve(found: Notified, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    match fact:
        case f.PostingNotified():
            found.begun = fact
            found.letters[fact.letter] = Letter(fact.happened_on)
        case f.PostingLetterSent():
            found.letters[fact.letter] = Letter(fact.happened_on)
        case f.PostingLetterReached(letter=name) if name in found.letters:
            found.letters[name].reached_on = fact.happened_on
        case f.PostingLetterReturned(letter=name) if name in found.letters:
            found.letters[name].returned_on = fact.happened_on
        case f.DowngradeTrainingGiven():
            found.training.append(fact)
        case _:
            pass


# --- what acts need ------------------------------------------------------------------------------


class PostingGiven(Frozen):
    """To which post in which band, by which letter, which goes out on the day of the act.

    `group` is a group of people of which the edition has what somebody says, such as those who came
    from another employer.
    """

    post: Words
    band: Words
    letter: Words
    group: Words | None = None


class OfLetter(Frozen):
    """Which letter."""

    letter: Words


class TrainingGiven(Frozen):
    """What training or support was given, and whether that is all of it."""

    what: Words
    complete: bool = True


# --- decisions -----------------------------------------------------------------------------------


def begin(case: Case, needs: PostingGiven) -> tuple[MatterFact, ...]:
    """Put on record that a letter on a posting went out. The record says which band they had."""
    if _notified(case).begun is not None:
        raise AlreadyOnRecord(f"{case.state.matter} is on record already")
    part = by_edition(case).part(Posting)
    if needs.group is not None:
        group_of(part, needs.group)
    before = case.position.on(Facet.BAND, case.on)
    return (
        f.PostingNotified(
            **case.stamp(part.clause),
            **pins(case),
            post=needs.post,
            band=needs.band,
            band_before=before,
            lower=_is_lower(needs.band, before),
            letter=needs.letter,
            group=needs.group,
            training=by_edition(case).basis(part.training),
        ),
    )


def send(case: Case, needs: OfLetter) -> tuple[MatterFact, ...]:
    """Put on record that another letter went out. Raises `Refused` where one is called so."""
    found = _begun(case)
    before = found.letters.get(needs.letter)
    if before is not None:
        if before.sent_on == case.on:
            return ()
        raise Refused(f"{needs.letter} went out on {before.sent_on}: give this one another name")
    clause = by_edition(case).part(Posting).clause
    return (f.PostingLetterSent(**case.stamp(clause), letter=needs.letter),)


def note_receipt(case: Case, needs: OfLetter) -> tuple[MatterFact, ...]:
    """Put on record that a letter reached the person on the day of the act.

    Raises `Refused` where it reached them on another day, or came back.
    """
    letter = _letter(case, needs.letter)
    if letter.reached_on is not None:
        if letter.reached_on == case.on:
            return ()
        raise Refused(f"{needs.letter} reached them on {letter.reached_on}")
    if letter.returned_on is not None:
        raise Refused(f"{needs.letter} came back on {letter.returned_on}")
    part = by_edition(case).part(Posting)
    return (f.PostingLetterReached(**case.stamp(part.reached), letter=needs.letter),)


def note_return(case: Case, needs: OfLetter) -> tuple[MatterFact, ...]:
    """Put on record that a letter came back. Raises `Refused` where it reached the person."""
    letter = _letter(case, needs.letter)
    if letter.returned_on is not None:
        return ()
    if letter.reached_on is not None:
        raise Refused(f"{needs.letter} reached them on {letter.reached_on}")
    part = by_edition(case).part(Posting)
    return (f.PostingLetterReturned(**case.stamp(part.reached), letter=needs.letter),)


def give_training(case: Case, needs: TrainingGiven) -> tuple[MatterFact, ...]:
    """Put on record that training was given. Raises `Refused` where the post is not lower."""
    found = _begun(case)
    if any((each.what, each.complete) == (needs.what, needs.complete) for each in found.training):
        return ()
    clause = by_edition(case).part(Posting).training
    if found.begun is None or not found.begun.lower:
        raise Refused("the posting is not to a lower band", clause=clause)
    if found.trained:
        raise Refused("all the training had been given by then", clause=clause)
    stamp = case.stamp(clause)
    return (f.DowngradeTrainingGiven(**stamp, what=needs.what, complete=needs.complete),)


# --- what they share -----------------------------------------------------------------------------


def group_of(part: Posting, name: str) -> SaidOfGroup:
    """The group of that id; `Refused` with what the edition knows."""
    for each in part.groups:
        if each.id == name:
            return each
    known = ", ".join(each.id for each in part.groups) or "none"
    raise Refused(f"the edition says nothing of a group {name}: it has {known}")


def notified_of(asked: Asked) -> Notified:
    """What is on record of the notice; `Refused` where no letter had gone out."""
    found: Notified = asked.state.mine.substance
    if found.begun is None:
        raise Refused(f"no letter on a posting had gone out by {asked.on}")
    return found


def _is_lower(band: str, before: str | None) -> bool | None:
    """Whether one band is lower than another; `None` where they are not both numbers."""
    if before is None or not (band.isdecimal() and before.isdecimal()):
        return None
    return int(band) < int(before)


def _notified(case: Case) -> Notified:
    found: Notified = case.state.mine.substance
    return found


def _begun(case: Case) -> Notified:
    found = _notified(case)
    if found.begun is None:
        raise Refused(f"{case.state.matter} has not begun")
    return found


def _letter(case: Case, name: str) -> Letter:
    found = _begun(case)
    letter = found.letters.get(name)
    if letter is None:
        raise Refused(f"no letter {name} had gone out by {case.on}: {', '.join(found.letters)} had")
    return letter
