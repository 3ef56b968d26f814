"""A read of somebody's record, in words: who read what, about which day, as known when."""

from transfer.questions.who_has_read import ReadShown
from transfer.web.frame.wording import day_text, instant_text

ROLES = {
    "admin": "an HR administrator",
    "audit": "an auditor",
    "staff": "a member of staff",
    "union": "a union representative",
    "dispute": "the clerk or a member of a panel",
}
"""A reader's role in the register."""

_WHAT = {
    "/my-record": "the page “My record”",
    "/my-record/challenge": "the page “Challenge an entry”",
    "/my-choices": "the page “My choices”",
    "/who-could-read-my-record": "the page “Who could read my record”",
    "/my-members": (
        "a list of members with {you_there} among them, and what changed for {you_there}, on a page"
    ),
    "/staff/{staff_number}/history": "every entry of {your} record, on a page",
    "/staff/{staff_number}/history.{form}": "every entry of {your} record, as a file",
    "/staff/{staff_number}": "{your} whole record, on a page",
    "/v1/staff/{staff_number}": "who {you_are} and what is due, in brief",
    "/v1/staff/{staff_number}/position": "{your} position and terms",
    "/v1/staff/{staff_number}/timeline": "{your} position and terms over time",
    "/v1/staff/{staff_number}/history": "every entry of {your} record",
    "/v1/staff/{staff_number}/differences": "what {your} record said at two times",
    "/v1/staff/{staff_number}/appeals": "{your} appeals",
    "/v1/staff/{staff_number}/letters": "{your} letters",
    "/v1/staff/{staff_number}/objections": "the entries that {you} challenged",
    "/v1/staff/{staff_number}/readers": "who could read {your} record on a day",
    "/v1/deadlines": "a list of deadlines with {yours} among them",
    "/v1/staff": "a list of people with {you_there} among them",
    "/my-cases": "a list of the cases of a panel with {yours} among them",
    "/cases/{id}": "a dispute case that is about {you_there}, on a page",
    "/extracts/{reference}": "an answer about {your} record that was kept, on a page",
    "/extracts/{reference}.pdf": "an answer about {your} record that was kept, on paper",
    "/questions-of-reads": "the list of questions about reads, with {yours} on it",
    "/questions-of-reads/{staff_number}/{read_id}": "{your} question about a read",
    "/notices": "the list of notices that were sent outside, with one to {you_there} on it",
    "/v1/notices": "the list of notices that were sent outside, with one to {you_there} on it",
    "/exercises/{exercise}/people": "a list of the people of an exercise, on a page",
}
"""What was read, by the address; any other stands as it is."""

_TO_THEM = {
    "you": "you",
    "your": "your",
    "yours": "yours",
    "you_are": "you are",
    "you_there": "you",
}
_TO_OTHERS = {
    "you": "they",
    "your": "their",
    "yours": "theirs",
    "you_are": "they are",
    "you_there": "them",
}


def read_text(address: str, *, to_them: bool = True) -> str:
    """What was read, for the person themselves or (`to_them=False`) for somebody else."""
    known = _WHAT.get(address)
    if known is None:
        return address
    return known.format_map(_TO_THEM if to_them else _TO_OTHERS)


def dates_text(read: ReadShown) -> str:
    """About which day a record was read, and as known when."""
    known = f"as known at {instant_text(read.known_at)}" if read.known_at else "as known then"
    on = f"on {day_text(read.effective_at)}" if read.effective_at else "on every day"
    return f"{on}, {known}"
