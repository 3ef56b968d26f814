"""The declaration of the notice of one person's posting.

a letter went out ─► it reached them, or came back; another went out
a lower band ─► training is owed, by the unions' account, until it is given
"""

from typing import Any

from transfer.core.matter import common
from transfer.core.matter.kind import Act, Answer, Kind, Substance, closes, on, opens
from transfer.core.matter.reckoning import Reckoned
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.procedures.posting import answers as a
from transfer.procedures.posting import decisions as d
from transfer.procedures.posting import facts as f
from transfer.procedures.posting.edition import Posting

ADMIN = ("admin",)
TRAIN, REACH = "train", "reach-the-person"
"""What is due: training for a lower post; and to know of each letter whether it came."""

_P = Over.PERSON


def _no_day(fact: Any) -> Reckoned:
    return Reckoned(basis=fact.basis)


def _if_lower(fact: f.PostingNotified) -> Reckoned | None:
    return Reckoned(basis=fact.training) if fact.lower else None


POSTING = Kind(
    name="posting",
    title="Notice of a posting",
    part=Posting,
    facts={
        f.PostingNotified: "posting-notified.v1",
        f.PostingLetterSent: "posting-letter-sent.v1",
        f.PostingLetterReached: "posting-letter-reached.v1",
        f.PostingLetterReturned: "posting-letter-returned.v1",
        f.DowngradeTrainingGiven: "downgrade-training-given.v1",
    },
    acts=(
        Act("begin", _P, ADMIN, d.PostingGiven, d.begin, "send a letter on a posting"),
        Act("send", _P, ADMIN, d.OfLetter, d.send, "send another letter on it"),
        Act("note-receipt", _P, ADMIN, d.OfLetter, d.note_receipt, "note when a letter came"),
        Act("note-return", _P, ADMIN, d.OfLetter, d.note_return, "note that a letter came back"),
        Act("give-training", _P, ADMIN, d.TrainingGiven, d.give_training, "note training given"),
        common.SETTLE,
    ),
    steps=(),
    obligations=(
        on(
            f.PostingNotified,
            opens(REACH, Nature.DUTY, owner="employer", about=lambda f: f.letter, when=_no_day),
            opens(TRAIN, Nature.DUTY, owner="employer", owed_to="staff", when=_if_lower),
        ),
        on(
            f.PostingLetterSent,
            opens(REACH, Nature.DUTY, owner="employer", about=lambda f: f.letter, when=_no_day),
        ),
        on(f.PostingLetterReached, closes(REACH, about=lambda f: f.letter)),
        on(f.PostingLetterReturned, closes(REACH, Outcome.MISSED, about=lambda f: f.letter)),
        on(f.DowngradeTrainingGiven, closes(TRAIN, if_=lambda f: f.complete)),
    ),
    sentences={
        f.PostingNotified: lambda f: (
            f"{f.letter} went out: posted as {f.post}, band {f.band}"
            + (f", from band {f.band_before}" if f.band_before else "")
        ),
        f.PostingLetterSent: lambda f: f"{f.letter} went out",
        f.PostingLetterReached: lambda f: f"{f.letter} reached them",
        f.PostingLetterReturned: lambda f: f"{f.letter} came back",
        f.DowngradeTrainingGiven: lambda f: (
            f"training given: {f.what}" + ("" if f.complete else ", and more is owed")
        ),
    },
    person=Substance(d.Notified, d.evolve),
    answers=(
        Answer(
            "notices",
            _P,
            "Which letters on a posting had reached them before the day that counts",
            a.PostingNotices,
            a.notices,
        ),
        Answer(
            "training",
            _P,
            "Whether training is owed for a lower post, and by whose account",
            a.TrainingOwed,
            a.training,
        ),
    ),
)
