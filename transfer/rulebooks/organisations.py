"""The organisations that an edition knows: by code, by name, by whatever else they are called.

The value that a facet stores is an organisation's `name` ("London Probation Trust"): an answer
must be readable for ever, also by somebody without the edition.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from transfer.core.refusals import Refused
from transfer.core.words import Confidence, Frozen
from transfer.rulebooks.parties import OrganisationKind, OrganisationRow

_WORD = re.compile(r"[a-z0-9]+")
_NOISE = frozenset({"the", "and", "limited", "ltd"})


class Organisation(Frozen):
    """A body that staff can be assigned to or employed by.

    `key` is its code; `key_assumed` says that no source gives one and the office made it up.
    `area` is its short name, `employed_by` the legal employer of its people where that is another.
    `people` is how many there are, where the edition says so.
    """

    key: str
    name: str
    area: str
    kind: str
    confidence: Confidence = Confidence.SOURCE
    key_assumed: bool = False
    employed_by: str | None = None
    also: tuple[str, ...] = ()
    place_alone: tuple[str, ...] = ()
    people: int | None = None
    note: str = ""


class Register:
    """The organisations of one edition."""

    def __init__(self, organisations: Iterable[Organisation]) -> None:
        self._all = tuple(organisations)

    def __iter__(self) -> Iterator[Organisation]:
        return iter(self._all)

    def of_kind(self, kind: str) -> tuple[Organisation, ...]:
        """The organisations of a kind, in the order of the file."""
        return tuple(each for each in self._all if each.kind == kind)

    def find(self, text: str) -> Organisation | None:
        """The organisation that a name or code stands for, or `None`.

        Case, blanks, punctuation, "the", "and" or "&" make no difference. Where organisations of
        some kind go by their place alone, a place means the first of those.
        """
        return self._names.get(squash(text))

    def resolve(self, text: str) -> Organisation:
        """As `find`, but an unknown one is `Refused`, with the nearest names suggested."""
        found = self.find(text)
        if found is None:
            raise Refused(f"{' '.join(text.split())[:60]!r} {self.unknown(text)}")
        return found

    def named(self, text: str) -> str:
        """The full name of what the text stands for; the text itself where it is unknown."""
        found = self.find(text)
        return found.name if found is not None else text

    def unknown(self, text: str, *, suggest: bool = True) -> str:
        """What is said of an unknown name, its subject left out; suggesting costs milliseconds."""
        names: list[str] = []
        if suggest and (squashed := squash(text[:60])):
            near = difflib.get_close_matches(squashed, self._names, n=6, cutoff=0.6)
            found = (self._names[each] for each in near)
            names = list(dict.fromkeys(f"{it.name} ({it.key})" for it in found))[:3]
        sentence = "is no employer known here"
        return f"{sentence}; nearest: {', '.join(names)}" if names else sentence

    @cached_property
    def _names(self) -> Mapping[str, Organisation]:
        names: dict[str, Organisation] = {}
        for organisation in self._all:
            for name in (organisation.key, organisation.name, *organisation.also):
                names.setdefault(squash(name), organisation)
        for organisation in self._all:
            for place in organisation.place_alone:
                names.setdefault(squash(place), organisation)
        return names


def together(registers: Iterable[Register]) -> Register:
    """The organisations of several editions as one; one that several know alike is in it once.

    Where two editions call different bodies by one name, the first edition's is meant.
    """
    return Register(dict.fromkeys(each for register in registers for each in register))


def squash(text: str) -> str:
    """A name without what makes no difference between two spellings of it."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(word for word in _WORD.findall(plain) if word not in _NOISE)


def make_register(
    kinds: Sequence[OrganisationKind],
    rows: Sequence[OrganisationRow],
    further: Sequence[tuple[str, str]] = (),
) -> Register:
    """The register of an edition; `further` are code and name of bodies that have no row."""
    by_kind = {kind.id: kind for kind in kinds}
    made = [_made(row, by_kind.get(row.kind, OrganisationKind(id=row.kind))) for row in rows]
    known = Register(made)
    for code, name in further:
        if known.find(name) is None:
            made.append(Organisation(key=code, name=name, area=name, kind="party"))
            known = Register(made)
    return known


def _made(row: OrganisationRow, kind: OrganisationKind) -> Organisation:
    area = row.area or row.name or row.code
    areas = (area, *row.also)
    return Organisation(
        key=row.code,
        name=row.name or kind.name.replace("{area}", area),
        area=area,
        kind=row.kind,
        confidence=row.confidence,
        key_assumed=row.code_assumed,
        employed_by=kind.employed_by,
        also=(
            *(kind.name.replace("{area}", each) for each in areas if row.name is None),
            *(pattern.replace("{area}", each) for pattern in kind.also for each in areas),
            *(row.also if not kind.place_alone else ()),
        ),
        place_alone=areas if kind.place_alone else (),
        people=row.people,
        note=row.note,
    )
