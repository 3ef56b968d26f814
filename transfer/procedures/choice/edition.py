"""What an edition says of options that are put to people: the table `[choice]` of its file."""

from collections.abc import Iterable, Mapping
from typing import Literal, Self, TypeVar

from pydantic import Field, model_validator

from transfer.core.editions.parts import ClauseId, FieldName, Length, Name, Part, Words
from transfer.core.refusals import Refused
from transfer.core.words import Facet

E = TypeVar("E", "Cohort", "Entry", "Option", "LeaveKind", "Scheme")

Values = Mapping[Facet, tuple[Words, ...]]
"""For each facet, the values of which the record has to show one."""


class Cohort(Part):
    """People to whom options are put: in words, and by what the record shows where it can.

    `now` is what the record shows on the day, `before` what it shows of one earlier day. Where
    both are empty somebody says who belongs to it. `after` names cohorts whose turn comes first.
    """

    id: Name
    title: Words
    clause: ClauseId
    now: Values = Field(default_factory=dict)
    before: Values = Field(default_factory=dict)
    after: tuple[Name, ...] = ()


class Entry(Part):
    """Something that the scheme names: with its id, what it is, and its clause."""

    id: Name
    title: Words
    clause: ClauseId


class Owed(Entry):
    """What is owed to somebody who takes an option, and by whom."""

    owner: Words


class Grant(Part):
    """A term that an option gives; `kind` is the kind of procedure that takes it on, on a `ground`
    of the edition.

    `before` is the clause of a day: only what holds from an earlier day gives the term. What holds
    from then on is given by the clause `afterwards`.
    """

    term: FieldName
    value: Words
    clause: ClauseId
    length: Length | None = None
    kind: Name | None = None
    ground: Name | None = None
    before: ClauseId | None = None
    afterwards: ClauseId | None = None

    @model_validator(mode="after")
    def _says_what_follows(self) -> Self:
        if (self.before is None) != (self.afterwards is None):
            raise ValueError(f"the grant of {self.term}: before and afterwards go together")
        return self


class Option(Entry):
    """One option. `cohorts` are those that have it; every one has, where none is named.

    `changes` are the facets that it changes. What `lowers_pay` takes effect once somebody else has
    approved it. `discretion` is the clause by which somebody has to agree first.
    """

    cohorts: tuple[Name, ...] = ()
    changes: Mapping[Facet, Words] = Field(default_factory=dict)
    lowers_pay: bool = False
    grants: tuple[Grant, ...] = Field((), alias="grant")
    owes: tuple[Owed, ...] = Field((), alias="owes")
    discretion: ClauseId | None = None

    def is_for(self, cohort: str) -> bool:
        """Whether a cohort has the option."""
        return not self.cohorts or cohort in self.cohorts


class Dispute(Part):
    """Who disputes the options: the clause of the other account, and that of the month (`2020-10`)
    in which it was clarified, as far as that is known."""

    clause: ClauseId
    clarified: ClauseId


class Later(Part):
    """A later clause that changes the scheme: for these estates, or for all where none is named.

    `month` is the clause of the month from which it was known, where no source gives the day.
    """

    clause: ClauseId
    month: ClauseId
    estates: tuple[Words, ...] = ()


class Note(Part):
    """A clause to be read with the options: in these estates, or in all where none is named."""

    clause: ClauseId
    estates: tuple[Words, ...] = ()


class GoesLive(Part):
    """The day on which posts of the scheme go live in some estates."""

    clause: ClauseId
    estates: tuple[Words, ...]


class OtherPost(Part):
    """How long somebody who was not placed has to find another post, and who may give longer."""

    length: Length
    extension: ClauseId


class LeaveKind(Entry):
    """A leave or absence that the scheme has: the term that it is on record as, and what that says.

    `counts`: it counts by the policy on absence, as sickness does. `cannot_work`: it is for who
    cannot work at all, from home or otherwise. Why somebody is away is on no record.
    """

    term: FieldName
    value: Words
    counts: bool = False
    cannot_work: bool = False


class Scheme(Entry):
    """A scheme of options.

    `offered_to` is `each` where everybody is told by name, and has a window; `all` where the offer
    stands for everybody and goes on somebody's record only when they take it. `standing` is the
    clause on who agreed to it and whether it binds, `silence` that of what silence means: a text.
    `window` is the time to answer (a clause without a value: nobody knows it), or `answer_by` the
    clause of the last day, which is everybody's; `shown` is what has to be told before acceptance,
    `ring_fence` the clause that keeps it to the estate of the round, `monthly` the clause of a sum
    a month that is paid in part and `taken_back` that of whether what was paid too much of it is
    taken back, `goes_live` the day from which the posts are there.
    """

    offered_to: Literal["each", "all"]
    document: Words
    standing: ClauseId
    silence: ClauseId
    window: Length | None = None
    answer_by: ClauseId | None = None
    window_unit_stated: bool = True
    ring_fence: ClauseId | None = None
    monthly: ClauseId | None = None
    taken_back: ClauseId | None = None
    other_post: OtherPost | None = None
    dispute: Dispute | None = None
    cohorts: tuple[Cohort, ...] = Field(alias="cohort", min_length=1)
    options: tuple[Option, ...] = Field(alias="option", min_length=1)
    shown: tuple[Entry, ...] = Field((), alias="shown_first")
    later: tuple[Later, ...] = ()
    goes_live: tuple[GoesLive, ...] = ()
    notes: tuple[Note, ...] = Field((), alias="note")
    leaves: tuple[LeaveKind, ...] = Field((), alias="leave")

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.window is not None and self.answer_by is not None:
            raise ValueError(f"{self.id}: the time to answer is a window or a last day, not both")
        _once(self.cohorts, "cohort")
        _once(self.shown, "shown_first")
        _once(self.leaves, "leave")
        cohorts = {each.id for each in self.cohorts}
        named = {name for each in self.options for name in each.cohorts}
        named |= {name for each in self.cohorts for name in each.after}
        if named - cohorts:
            raise ValueError(f"{self.id} has no cohort {', '.join(sorted(named - cohorts))}")
        for cohort in self.cohorts:
            _once((each for each in self.options if each.is_for(cohort.id)), "option")
        return self

    def cohort(self, id_: str) -> Cohort:
        """A cohort; `Refused` where the scheme has none of that id."""
        return _named(self.cohorts, id_, f"cohort of {self.id}")

    def options_of(self, cohort: str) -> tuple[Option, ...]:
        """What a cohort may take."""
        return tuple(each for each in self.options if each.is_for(cohort))

    def option(self, id_: str, cohort: str) -> Option:
        """An option of a cohort; `Refused` where it has none of that id."""
        return _named(self.options_of(cohort), id_, f"option of cohort {cohort}")

    def to_show(self, id_: str) -> Entry:
        """What has to be told first; `Refused` where the scheme asks for nothing of that id."""
        return _named(self.shown, id_, f"thing that {self.id} asks to be told")

    def leave(self, id_: str) -> LeaveKind:
        """A leave; `Refused` where the scheme has none of that id."""
        return _named(self.leaves, id_, f"leave of {self.id}")


class Choice(Part):
    """The schemes of options that an edition has."""

    schemes: tuple[Scheme, ...] = Field(alias="scheme", min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        _once(self.schemes, "scheme")
        return self

    def scheme(self, id_: str) -> Scheme:
        """A scheme; `Refused` where the edition has none of that id."""
        return _named(self.schemes, id_, "scheme of the edition")


def _once(entries: Iterable[Cohort | Entry], what: str) -> None:
    ids = [each.id for each in entries]
    if len(set(ids)) < len(ids):
        raise ValueError(f"two entries of {what} have the same id")


def _named(entries: Iterable[E], id_: str, what: str) -> E:
    found = list(entries)
    for each in found:
        if each.id == id_:
            return each
    known = ", ".join(each.id for each in found) or "none"
    raise Refused(f"there is no {what} called {id_}: there is {known}")
