"""What an edition says of written statements to staff: the table `[statement]` of its file."""

from pydantic import Field

from transfer.core.editions.parts import ClauseId, Length, Part


class Particulars(Part):
    """By when the particulars are stated, for employment that begins from the day on that `clause`
    is in force. Without a `length` by the day on which it begins. `workers`: also to workers."""

    clause: ClauseId
    length: Length | None = None
    workers: bool = False


class StatementRules(Part):
    """When particulars and changes of them are stated in writing.

    `change` is the clause of how long after a change it is stated at the latest, `earliest` that it
    is stated as early as possible, `same_service` that another employer is a change where service
    goes on. `two_tier` is the clause on terms beside those of staff who moved from a public body.
    """

    particulars: tuple[Particulars, ...] = Field(alias="particular", min_length=1)
    change: Length
    earliest: ClauseId
    same_service: ClauseId
    two_tier: ClauseId
