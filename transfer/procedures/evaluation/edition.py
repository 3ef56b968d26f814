"""What an edition says of job evaluation: the table `[evaluation]` of its file."""

from collections.abc import Iterator
from typing import Self

from pydantic import Field, model_validator

from transfer.core.editions.parts import ClauseId, FieldName, Length, Name, Part, Words


class GradingScheme(Part):
    """A scheme of evaluation; `bands` is the clause whose value lists the bands that it is for,
    with the lowest first where a source says which that is (`lowest_first`)."""

    id: Name
    title: Words
    bands: ClauseId
    lowest_first: bool = False


class PanelRules(Part):
    """Who has to sit on a panel.

    `members`, `for_unions` and `trained` are clauses of a least number of people; `chair` is the
    clause on who is in the chair.
    """

    clause: ClauseId
    members: ClauseId
    for_unions: ClauseId
    trained: ClauseId
    chair: ClauseId


class OutcomeAppeal(Part):
    """How an outcome is appealed against: until when, and the two accounts of who may."""

    limit: Length
    collective: ClauseId
    individual: ClauseId


class BackDating(Part):
    """From when a higher band counts: `day` is the clause of the day on which the description of
    the job changed, `months` that on part months and rounding."""

    clause: ClauseId
    day: ClauseId
    months: ClauseId


class OwedByOutcome(Part):
    """What is owed to somebody whose job came out lower.

    What is called `protection` may have a `ground` of the edition: pay protection begins on that.
    """

    id: Name
    title: Words
    clause: ClauseId
    owner: Words
    ground: Name | None = None

    @model_validator(mode="after")
    def _begins_protection(self) -> Self:
        if self.ground is not None and self.id != "protection":
            raise ValueError(f"{self.id}: only what is called protection has a ground")
        return self


class LowerOutcome(Part):
    """What follows a lower outcome: pay marks time, usually for no longer than `usually`.

    `counted` is the clause on the two readings of the last day, `term` what the record calls it.
    """

    clause: ClauseId
    usually: Length
    counted: ClauseId
    term: FieldName
    owes: tuple[OwedByOutcome, ...]


class ReviewGroup(Part):
    """A group of reviews; `jobs` is the clause whose value lists the jobs. Groups stand in the
    order in which they come."""

    id: Name
    jobs: ClauseId


class ReviewRules(Part):
    """When the review of a description is due; `otherwise` is the clause on which comes first
    where no list is known."""

    clause: ClauseId
    due: Length
    otherwise: ClauseId
    groups: tuple[ReviewGroup, ...] = Field((), alias="group")


class EvaluationSet(Part):
    """A set of evaluations that are done together; `schedule` is the clause of when."""

    id: Name
    title: Words
    clause: ClauseId
    schedule: ClauseId | None = None


class PublishedOutcome(Part):
    """The band that a source says was found for a job: `band` is the clause of it."""

    job: Words
    band: ClauseId


class Evaluation(Part):
    """How jobs are evaluated; `evaluated` is the clause on what it is that is."""

    evaluated: ClauseId
    schemes: tuple[GradingScheme, ...] = Field(alias="scheme", min_length=1)
    panel: PanelRules
    appeal: OutcomeAppeal
    back_dating: BackDating
    lower: LowerOutcome
    review: ReviewRules
    sets: tuple[EvaluationSet, ...] = Field((), alias="set")
    outcomes: tuple[PublishedOutcome, ...] = Field((), alias="outcome")

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for what, ids in self._ids():
            if len(set(ids)) < len(ids):
                raise ValueError(f"two entries of [[evaluation.{what}]] are called the same")
        return self

    def _ids(self) -> Iterator[tuple[str, list[str]]]:
        yield "scheme", [each.id for each in self.schemes]
        yield "set", [each.id for each in self.sets]
        yield "review.group", [each.id for each in self.review.groups]
        yield "lower.owes", [each.id for each in self.lower.owes]
        yield "outcome", [each.job.casefold() for each in self.outcomes]
