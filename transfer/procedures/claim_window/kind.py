"""The declaration of the time for one person's claim to an employment tribunal.

opened ─► conciliation asked for, certified, judged: each moves the windows of its respondents
       ─► presented ─► withdrawn
A window that is not used lapses after its last day by the later reading.
"""

from collections.abc import Iterator
from typing import Any

from transfer.core.matter import book as b
from transfer.core.matter import common
from transfer.core.matter.kind import Act, Answer, Does, Kind, NeedsNothing, Substance, on
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.procedures.claim_window import answers as a
from transfer.procedures.claim_window import decisions as d
from transfer.procedures.claim_window import facts as f
from transfer.procedures.claim_window.edition import ClaimWindow

ADMIN = ("admin",)
CLAIM = "make-claim"
_PERSON = Over.PERSON


def _opened(fact: f.ClaimWindowOpened) -> Iterator[b.Effect]:
    for each in fact.windows:
        yield b.Opens(CLAIM, Nature.RIGHT, "staff", each.when, about=each.respondent)


def _moved(fact: f.CountedAnew) -> Iterator[b.Effect]:
    for each in fact.windows:
        yield b.Moves(CLAIM, each.when, about=each.respondent)


def _used(fact: f.ClaimPresented) -> Iterator[b.Effect]:
    for each in fact.respondents:
        if each not in fact.too_late:
            yield b.Closes(CLAIM, Outcome.MET, fact.presented_on, about=each)


MOVES: Does[Any] = Does(CLAIM, None, _moved)

CLAIM_WINDOW = Kind(
    name="claim-window",
    title="The time for a claim to an employment tribunal",
    part=ClaimWindow,
    facts={
        f.ClaimWindowOpened: "claim-window-opened.v1",
        f.ConciliationAskedFor: "conciliation-asked-for.v1",
        f.ConciliationCertified: "conciliation-certified.v1",
        f.ConciliationJudged: "conciliation-judged.v1",
        f.ClaimWindowRecounted: "claim-window-recounted.v1",
        f.ClaimPresented: "claim-presented.v1",
        f.ClaimWithdrawn: "claim-withdrawn.v1",
    },
    acts=(
        Act("begin", _PERSON, ADMIN, d.Opening, d.begin, "open the time for a claim"),
        Act(
            "notify-conciliation",
            _PERSON,
            ADMIN,
            d.Notified,
            d.notify_conciliation,
            "note that conciliation was asked for",
        ),
        Act("certify", _PERSON, ADMIN, d.Certified, d.certify, "note that a certificate came"),
        Act(
            "judge-conciliation",
            _PERSON,
            ADMIN,
            d.Judged,
            d.judge,
            "note whether a conciliation counts",
        ),
        Act("recount", _PERSON, ADMIN, NeedsNothing, d.recount, "count it by the law known now"),
        Act("present", _PERSON, ADMIN, d.Presented, d.present, "note that a claim was presented"),
        Act("withdraw", _PERSON, ADMIN, d.Withdrawn, d.withdraw, "note that it was withdrawn"),
        common.SETTLE,
    ),
    steps=(),
    obligations=(
        on(f.ClaimWindowOpened, Does(CLAIM, Nature.RIGHT, _opened)),
        on(f.ConciliationAskedFor, MOVES),
        on(f.ConciliationCertified, MOVES),
        on(f.ConciliationJudged, MOVES),
        on(f.ClaimWindowRecounted, MOVES),
        on(f.ClaimPresented, Does(CLAIM, None, _used)),
    ),
    sentences={
        f.ClaimWindowOpened: lambda o: (
            f"a claim ({o.claim}) counts from {o.event_on}, against {', '.join(o.respondents)}"
        ),
        f.ConciliationAskedFor: lambda n: (
            f"conciliation with {', '.join(n.respondents)} asked for on {n.notified_on}"
        ),
        f.ConciliationCertified: lambda c: (
            f"certificate of the conciliation with {c.respondent} received on {c.received_on}"
        ),
        f.ConciliationJudged: lambda j: (
            f"the conciliation with {j.respondent} asked for on {j.notified_on} "
            f"{'counts' if j.counts else 'does not count'}: {j.because}"
        ),
        f.ClaimWindowRecounted: lambda r: (
            "counted again: " + "; ".join(f"{w.respondent}, {w.when.on}" for w in r.windows)
        ),
        f.ClaimPresented: lambda p: (
            f"claim against {', '.join(p.respondents)} presented on {p.presented_on}"
            + (f", too late against {', '.join(p.too_late)}" if p.too_late else "")
        ),
        f.ClaimWithdrawn: lambda w: (
            f"claim against {', '.join(w.respondents)} withdrawn on {w.withdrawn_on}"
        ),
    },
    person=Substance(d.Claim, d.evolve),
    answers=(
        Answer(
            "last-day",
            _PERSON,
            "The last day of a claim, step by step, by the law known then and known now",
            a.LastDayAnswered,
            a.last_day,
        ),
    ),
)
