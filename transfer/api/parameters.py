"""What is asked: the query parameters of the reads. One that is not known is 422."""

from pydantic import BaseModel, ConfigDict, Field

from transfer.core.dating.clocks import Clock
from transfer.core.dating.instants import Day, Instant
from transfer.core.words import AssignmentName, Facet


class Question(BaseModel):
    """What every read may say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    known_at: Instant | None = Field(
        None,
        description="Knowledge time: what the record said then, that instant included. RFC 3339 "
        "with an offset. Left out, or later than what the projection has seen: its complete "
        "horizon, which the answer echoes.",
    )
    consistent_with: str | None = Field(
        None,
        description="The id of an event that the answer must take into account, whosever it is: "
        "the read waits for up to 5 seconds, then answers 503 with Retry-After. An id that is "
        "nowhere on record is 422.",
    )


class ClockedQuestion(Question):
    """What a read of one person, which either clock can answer, may say."""

    clock: Clock = Field(
        Clock.LOG,
        description="By which clock `known_at` is meant. `log`: this record's own. `attested`: "
        "what came from an older system counts from the end of the day, in London, on which that "
        "one claims to have recorded it; anything else as by the log's.",
    )


_NAME = "Tell `name` too: it is personal data, so only where it is asked for."


class HistoryQuestion(ClockedQuestion):
    """What a read of one person's history may say."""

    linked: bool = Field(
        False,
        description="Interleave the histories of every staff number that is the same person, in "
        "the order in which they were recorded; each item then names its `staff_number`. To a "
        "member of staff, only by links that stand now.",
    )
    name: bool = Field(False, description=_NAME)


class DatedQuestion(Question):
    """What a read of one day may say."""

    effective_at: Day | None = Field(
        None, description="The day asked about; today in London, if left out."
    )


_WHY = (
    "Say of every value `why`: the event, actor, reason and basis that it comes from, since when "
    "and by what the record has said so, and what it replaced. Of a period: on its first day."
)


class PositionQuestion(DatedQuestion, ClockedQuestion):
    """What a read of one person's position may say."""

    assignment: AssignmentName = Field("main", description="Which of the person's concurrent jobs.")
    why: bool = Field(False, description=_WHY)
    name: bool = Field(False, description=_NAME)


class TimelineQuestion(ClockedQuestion):
    """What a read of one person's timeline may say."""

    assignment: AssignmentName | None = Field(
        None, description="Which of the person's concurrent jobs; every one, if left out."
    )
    why: bool = Field(False, description=_WHY)


class DifferencesQuestion(BaseModel):
    """What a comparison of one person's record with itself may say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    known_from: Instant = Field(
        description="The earlier knowledge time: what the record said then is `before`."
    )
    known_to: Instant | None = Field(
        None,
        description="The later one: what the record said then is `after`. Left out, or later than "
        "what the projection has seen: its complete horizon. Both are echoed as resolved.",
    )
    effective_at: Day | None = Field(
        None, description="The day asked about; today in London, if left out."
    )
    assignment: AssignmentName | None = Field(
        None, description="Which of the person's concurrent jobs; every one, if left out."
    )
    every_day: bool = Field(
        False,
        description="Answer `days` too: every stretch of days that reads differently, a collective "
        "term by its own dates.",
    )
    consistent_with: str | None = Field(
        None, description="As of every read: the id of an event that `known_to` may reach."
    )


class EverybodysQuestion(DatedQuestion):
    """What a read of everybody may say."""

    assignment: AssignmentName | None = Field(
        None, description="Which of people's concurrent jobs; every one, if left out."
    )


class WorkforceQuestion(EverybodysQuestion):
    """What a head count may say."""

    by: Facet = Field(description="The facet by whose values people are counted.")


class PagedQuestion(DatedQuestion):
    """What a read of everybody of some kind, page by page, may say."""

    limit: int = Field(100, ge=1, le=1000, description="How many a page has at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


class MembersQuestion(EverybodysQuestion):
    """What a read of members may say: any facets with the values that they must have."""

    employer: str | None = None
    unit: str | None = None
    post: str | None = None
    role: str | None = None
    band: str | None = None
    paid_band: str | None = None
    pay_point: str | None = None
    terms_set: str | None = None
    workplace: str | None = None
    fte: str | None = None
    line_manager: str | None = None
    hr_process_owner: str | None = None
    professional_supervisor: str | None = None

    def having(self) -> dict[Facet, str]:
        """The values asked for, by facet."""
        given = ((facet, getattr(self, facet.value)) for facet in Facet)
        return {facet: value for facet, value in given if isinstance(value, str)}


class MembersPageQuestion(MembersQuestion):
    """The same, page by page."""

    limit: int = Field(100, ge=1, le=1000, description="How many a page has at most.")
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")
