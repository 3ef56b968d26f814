"""Notices in every state, without a procedure that they follow from."""

from __future__ import annotations

from transfer.notices.kept import KeptNotices, NoticeState
from transfer.notices.owed import NoticeKind, Owed

REASON = "GOV.UK Notify answered 400 ValidationError: the address is not a valid email address"


def in_every_state(kept: KeptNotices) -> dict[NoticeState, str]:
    """One notice in each state, to S1 but the sent one, which is to `hr`; their references."""
    found: dict[NoticeState, str] = {}
    for state in (NoticeState.FAILED, NoticeState.NO_ADDRESS, NoticeState.SENT):
        owed = Owed(NoticeKind.LETTER, f"a letter, {state}", staff_number="S1")
        if state is NoticeState.SENT:
            owed = Owed(NoticeKind.WORK_DUE, "2013-12-09", subject="hr")
        assert kept.note_days([owed], ()) == 1
        claimed = kept.claim()
        assert claimed is not None
        if state is NoticeState.FAILED:
            kept.failed(claimed, REASON)
        elif state is NoticeState.NO_ADDRESS:
            kept.without_address(claimed)
        else:
            kept.sent(claimed, "outbox")
        found[state] = claimed.reference
    closing = Owed(NoticeKind.WINDOW_CLOSING, "2013-12-09", staff_number="S1")
    kept.note_days([closing], ())
    kept.note_days([], (NoticeKind.WINDOW_CLOSING,))
    kept.note_days([Owed(NoticeKind.APPEAL_DECIDED, "an appeal", staff_number="S1")], ())
    for each in kept.found(limit=9, states=[NoticeState.NOT_NEEDED, NoticeState.WAITING]):
        found[each.state] = each.reference
    assert len(found) == len(NoticeState)
    return found
