"""The declaration of a written statement that is owed to one person: owed, given."""

from transfer.core.matter import common
from transfer.core.matter.kind import (
    Act,
    Answer,
    Kind,
    NeedsNothing,
    Substance,
    closes,
    on,
    opens,
)
from transfer.core.matter.words import Nature, Over
from transfer.procedures.statement import decisions as d
from transfer.procedures.statement import facts as f
from transfer.procedures.statement.edition import StatementRules

ADMIN = ("admin",)
GIVE = "give-statement"

STATEMENT = Kind(
    name="statement",
    title="A written statement of particulars or of a change",
    part=StatementRules,
    facts={f.StatementOwed: "statement-owed.v1", f.StatementGiven: "statement-given.v1"},
    acts=(
        Act("begin", Over.PERSON, ADMIN, d.StatementNeeded, d.begin, "note that one is owed"),
        Act("give", Over.PERSON, ADMIN, NeedsNothing, d.give, "note that it was given"),
        common.SETTLE,
    ),
    steps=(),
    obligations=(
        on(
            f.StatementOwed,
            opens(GIVE, Nature.DUTY, owner="employer", owed_to="staff", when=lambda owed: owed.due),
        ),
        on(f.StatementGiven, closes(GIVE)),
    ),
    sentences={
        f.StatementOwed: lambda owed: (
            ("a change" if owed.of_change else "the particulars of employment")
            + f" of {owed.counts_from} is to be stated in writing by {owed.due.on}"
        ),
        f.StatementGiven: lambda given: (
            "the statement was given" + (", after its last day" if given.is_late else "")
        ),
    },
    person=Substance(d.Owing, d.evolve),
    answers=(
        Answer(
            "statement",
            Over.PERSON,
            "By when the statement was owed, and when it was given",
            d.StatementAnswered,
            d.statement,
        ),
    ),
)
