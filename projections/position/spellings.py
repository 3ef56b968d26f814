"""Values that say the same in several spellings: counted together, and found by any of them.

Facts keep what was typed. What is the same is settled here, where it is asked (contract, "Texts"):
texts in Unicode NFC with their blanks trimmed and folded, staff numbers without regard to case, and
an employer that an edition knows by its name or code or whatever else it is called there.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache

from projections.keeping_up.copying import Conn, from_text, to_text
from projections.position.headcount import Counted, HeadCount, count_heads, values_at_once
from transfer.core.texts import caseless, folded
from transfer.core.words import Facet
from transfer.rulebooks import employers


def counted_together(
    conn: Conn,
    by: Facet,
    effective_at: date,
    known_at: datetime,
    assignment: str | None = None,
) -> HeadCount:
    """A head count in which the spellings of one value are one group.

    It is called by the full name of an employer that is known, else by the spelling that most have.
    """
    found = count_heads(conn, by, effective_at, known_at, assignment)
    same = same_as(by)
    spellings: defaultdict[Hashable, list[Counted]] = defaultdict(list)
    for group in found.groups:
        spellings[same(from_text(group.value))].append(group)
    several = {key: each for key, each in spellings.items() if len(each) > 1}
    if not several:
        return found
    # Somebody with two assignments under two spellings of one value is one head of it.
    twice: Counter[Hashable] = Counter()
    if assignment is None:
        stored = [group.value for groups in several.values() for group in groups]
        for values in values_at_once(conn, by, stored, effective_at, known_at):
            keys = Counter(same(from_text(value)) for value in values)
            twice.update({key: count - 1 for key, count in keys.items() if count > 1})
    groups = (
        _one_group(by, each, twice[key]) if len(each) > 1 else each[0]
        for key, each in spellings.items()
    )
    return HeadCount(tuple(sorted(groups)), found.people)


def spellings_of(
    conn: Conn, facet: Facet, value: str, effective_at: date, known_at: datetime
) -> Sequence[str]:
    """Every spelling of a value that somebody has then; the value itself where nobody has any."""
    same = same_as(facet)
    wanted = same(value)
    found = count_heads(conn, facet, effective_at, known_at)
    held = (from_text(group.value) for group in found.groups)
    return [each for each in held if same(each) == wanted] or [value]


def _one_group(by: Facet, groups: Iterable[Counted], twice: int) -> Counted:
    ordered = sorted(groups, key=_most_usual)
    name = ordered[0].value
    if by is Facet.EMPLOYER:
        name = to_text(employers().named(from_text(name)))
    heads = sum(group.heads for group in ordered) - twice
    return Counted(name, heads, sum((group.fte for group in ordered), ordered[0].fte * 0))


def _most_usual(group: Counted) -> tuple[int, bool, str]:
    """Most people first; of as many, the spelling that has nothing to fold."""
    text = from_text(group.value)
    return -group.heads, text != folded(text), group.value


def most_usual(by: Facet, spellings: Mapping[str, int]) -> str:
    """What a value is called, of its spellings with how many have each."""
    name = min(spellings, key=lambda each: (-spellings[each], each != folded(each), to_text(each)))
    return employers().named(name) if by is Facet.EMPLOYER and len(spellings) > 1 else name


def called(by: Facet, values: Iterable[str]) -> Mapping[str, str]:
    """What each of these values is called, one for each person: of the spellings of one value, the
    one that most have."""
    same = same_as(by)
    spellings: defaultdict[Hashable, Counter[str]] = defaultdict(Counter)
    for value in values:
        spellings[same(value)][value] += 1
    return {value: most_usual(by, each) for each in spellings.values() for value in each}


def same_as(facet: Facet) -> Callable[[str], Hashable]:
    """The form in which the values of a facet are compared."""
    match facet:
        case Facet.EMPLOYER:
            return _employer
        case Facet.LINE_MANAGER:
            return caseless
        case _:
            return folded


@lru_cache(maxsize=4_096)
def _employer(text: str) -> Hashable:
    known = employers().find(text)
    return folded(text) if known is None else (known.key, known.name)
