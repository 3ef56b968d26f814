"""What the pages of a panel say, in whole sentences."""

from collections.abc import Sequence
from datetime import date

from transfer.access.extracts import Kept
from transfer.procedures.dispute_case.facts import Interest, KnownBy
from transfer.questions.extracts import ExtractHead
from transfer.questions.mine import MyCase, PartyShown
from transfer.questions.who_may_read import CaseOnRecord, InterestOnRecord
from transfer.web.frame.wording import day_text, stood_text
from transfer.web.pictures.drawing import counted

_INTERESTS = {
    Interest.ON_THE_CASE: "the case is about their record",
    Interest.PARTY: "they are a party",
    Interest.WITNESS: "they are a witness",
    Interest.LINE_MANAGER: "they were the line manager",
    Interest.REPRESENTATIVE: "they were the representative",
    Interest.OTHER: "they have another interest",
}
_MOST_NAMED = 5


def cases_text(cases: Sequence[MyCase]) -> str:
    """How many cases somebody is on, as a sentence."""
    if not cases:
        return "You are on no case yet. An administrator puts you on one."
    still = sum(each.is_open for each in cases)
    closed = len(cases) - still
    said = f"You are on {counted(still, 'open case', 'open cases')}"
    return f"{said} and {counted(closed, 'closed one', 'closed ones')}." if closed else f"{said}."


def case_text(case: MyCase) -> str:
    """How a case stands for the reader, as a sentence."""
    if case.barred:
        return (
            f"You may not read case {case.id}: you have an interest in it, and it has not been "
            "decided that you may sit."
        )
    if not case.is_open and case.closed_on is not None:
        return (
            f"Case {case.id} was closed on {day_text(case.closed_on)}. Nobody reads or asks by it."
        )
    people = counted(len(case.people), "person", "people")
    return (
        f"Case {case.id} is open. It is about {people}, on days "
        f"{dates_text(case.effective_between)}."
    )


def dates_text(between: Sequence[date | None]) -> str:
    """A first and a last day, both included, e.g. `from 1 Jan 2014 to 31 Dec 2014`."""
    first, last = between
    since = "" if first is None else f"from {day_text(first)}"
    return f"{since} on" if last is None else f"{since} to {day_text(last)}"


def party_text(party: PartyShown) -> tuple[str, str]:
    """As what a party is in the dispute, and who it is."""
    known_by = (
        f"staff number {party.party}" if party.known_by == KnownBy.STAFF_NUMBER else party.party
    )
    return party.side.capitalize(), known_by


def member_text(subject: str, case: CaseOnRecord) -> tuple[str, tuple[str, ...]]:
    """A member of the panel, and what is declared or on record of their interests, and decided."""
    interests = [each for each in case.interests if each.subject == subject]
    said = tuple(map(_interest_text, interests))
    if subject in case.reach.barred and all(each.may_sit for each in interests):
        said = (*said, "They were decided to be barred.")
    return subject, said or ("No interest is declared or on record.",)


def _interest_text(each: InterestOnRecord) -> str:
    of = f" ({each.concerning})" if each.concerning else ""
    decided = "it was decided that they may sit" if each.may_sit else "they may not read the case"
    said = f"{_INTERESTS[each.interest]}{of}; {decided}."
    return said[:1].upper() + said[1:]


def question_text(head: ExtractHead) -> str:
    """What an extract asks, e.g. `S1 on 1 Jun 2014, as the record stood on 5 Jun 2014`."""
    known = " and ".join(stood_text(each) for each in head.known_at)
    return f"{people_text(head.staff_numbers)} {on_days(head.effective_at)}, {known}"


def people_text(numbers: Sequence[str]) -> str:
    """Who somebody asks about: their numbers, or how many they are."""
    if len(numbers) > _MOST_NAMED:
        return counted(len(numbers), "person", "people")
    return and_text(numbers)


def on_days(days: Sequence[date]) -> str:
    """On which days: they themselves, or how many they are between the first and the last."""
    if len(days) > _MOST_NAMED:
        return f"on {len(days)} days from {day_text(days[0])} to {day_text(days[-1])}"
    return f"on {and_text([day_text(each) for each in days])}"


def and_text(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def sha256_text(kept: Kept) -> str:
    """The digest of an extract; of one in which somebody was erased, why it has none."""
    return kept.sha256.hex() if kept.is_whole else "none: somebody in it was erased since"
