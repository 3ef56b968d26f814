"""A slow, obvious reading of the effective-dating rule, to compare the program with.

It looks at one key on one day as known at one instant, straight from the rule's sentences, and
finds a period's ends by walking from day to day. It shares no code with the program.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

Name = tuple[str, str, str]
"""What is dated on its own: ("facet", assignment, facet) or ("term", "", term)."""

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Said:
    """One event, as somebody would say it aloud."""

    event_id: UUID
    recorded_at: datetime
    values: dict[Name, str | None] = field(default_factory=dict)
    effective_from: date = date.min
    effective_to: date | None = None
    of: UUID | None = None
    annuls: bool = False
    basis: object = None
    employed_on: date | None = None
    """Of a collective term: the day on which one must be employed to have it."""


@dataclass(frozen=True)
class Answer:
    """What is in force: every field that a reader is told."""

    value: str
    effective_from: date
    effective_to: date | None
    event_id: UUID
    corrected_by: UUID | None
    content_recorded_at: datetime
    temporary: bool
    standing: "Answer | None" = None
    basis: object = None


Supplied = tuple[Said, Said]
"""The original event that supplies a value, and the one whose content it has."""


class Oracle:
    """Everything that was said, oldest first, and the days between which anything can change."""

    def __init__(self, said: list[Said]) -> None:
        self.said = said
        days = [s.effective_from for s in said if s.effective_from != date.min]
        days += [s.effective_to for s in said if s.effective_to is not None]
        self.first_day = min(days, default=date(2014, 1, 1)) - DAY
        self.last_day = max(days, default=date(2014, 1, 1)) + DAY
        # What was worked out once need not be worked out again: many questions are asked.
        self._stated: dict[datetime, list[Supplied]] = {}
        self._supplied: dict[tuple[datetime, Name, date, bool], Supplied | None] = {}

    def days(self) -> list[date]:
        """Every day on which an answer could be different from the day before."""
        count = (self.last_day - self.first_day).days + 1
        return [self.first_day + n * DAY for n in range(count)]

    def names(self) -> list[Name]:
        """Every key that was ever mentioned."""
        return sorted({name for s in self.said for name in s.values})

    def answer(self, name: Name, effective_at: date, known_at: datetime) -> Answer | None:
        """What is in force on a day as known at an instant."""
        supplier = self._supplier(known_at, name, effective_at)
        if supplier is None:
            return None
        standing = None
        if supplier[1].effective_to is not None:
            beneath = self._supplier(known_at, name, effective_at, standing_only=True)
            if beneath is not None:
                standing = self._describe(known_at, name, effective_at, beneath, standing_only=True)
        return self._describe(known_at, name, effective_at, supplier, standing=standing)

    def is_employed(self, job: str, effective_at: date, known_at: datetime) -> bool:
        """Whether somebody employs the person in a job on a day: the job has an employer then."""
        return self.answer(("facet", job, "employer"), effective_at, known_at) is not None

    def employed_on(self, event_id: UUID) -> date | None:
        """The day on which one must be employed to have the term that an event grants."""
        return next((s.employed_on for s in self.said if s.event_id == event_id), None)

    def periods(self, name: Name, known_at: datetime) -> tuple[list[Answer], list[Answer]]:
        """All periods in force, and the standing ones beneath temporary ones: day after day."""
        in_force: list[Answer] = []
        beneath: list[Answer] = []
        for day in self.days():
            answer = self.answer(name, day, known_at)
            if answer is None:
                continue
            if answer.standing is not None and answer.standing not in beneath:
                beneath.append(answer.standing)
            told = Answer(**{**vars(answer), "standing": None})
            if told not in in_force:
                in_force.append(told)
        return in_force, beneath

    def _describe(
        self,
        known_at: datetime,
        name: Name,
        day: date,
        supplier: Supplied,
        *,
        standing_only: bool = False,
        standing: Answer | None = None,
    ) -> Answer:
        original, content = supplier
        start = end = day
        while start > self.first_day and (
            self._supplier(known_at, name, start - DAY, standing_only=standing_only) == supplier
        ):
            start -= DAY
        while end <= self.last_day and (
            self._supplier(known_at, name, end, standing_only=standing_only) == supplier
        ):
            end += DAY
        value = content.values[name]
        assert value is not None
        return Answer(
            value=value,
            effective_from=start,
            effective_to=end if end <= self.last_day else None,
            event_id=original.event_id,
            corrected_by=content.event_id if content is not original else None,
            content_recorded_at=content.recorded_at,
            temporary=content.effective_to is not None,
            standing=standing,
            basis=content.basis,
        )

    def _supplier(
        self, known_at: datetime, name: Name, day: date, *, standing_only: bool = False
    ) -> Supplied | None:
        """The original event that supplies the value on a day, and where its content is from."""
        asked = (known_at, name, day, standing_only)
        if asked not in self._supplied:
            self._supplied[asked] = self._find_supplier(*asked)
        return self._supplied[asked]

    def _find_supplier(
        self, known_at: datetime, name: Name, day: date, standing_only: bool
    ) -> Supplied | None:
        standing: Supplied | None = None
        temporary: Supplied | None = None
        for original, content in self._known(known_at):
            if name not in content.values or content.effective_from > day:
                continue
            if content.effective_to is not None:
                if day < content.effective_to:
                    temporary = (original, content)
            elif standing is None or content.effective_from >= standing[1].effective_from:
                standing = (original, content)
        holds = standing if standing_only or temporary is None else temporary
        return holds if holds is not None and holds[1].values[name] is not None else None

    def _known(self, known_at: datetime) -> list[Supplied]:
        """Every original event of which some content was in force at an instant, with that."""
        if known_at not in self._stated:
            known = [s for s in self.said if s.recorded_at <= known_at]
            self._stated[known_at] = [
                (original, content)
                for original in known
                if original.of is None and (content := _content(known, original)) is not None
            ]
        return self._stated[known_at]


def _content(known: list[Said], said: Said) -> Said | None:
    """The content in force of an event: its own, or that of its latest correction that stands."""
    if any(other.annuls and other.of == said.event_id for other in known):
        return None
    content: Said | None = said
    for other in known:
        if other.of == said.event_id and not other.annuls:
            corrected = _content(known, other)
            if corrected is not None:
                content = corrected
    return content
