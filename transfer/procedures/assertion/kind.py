"""The declaration of a contested fact."""

from transfer.core.matter import common
from transfer.core.matter.kind import RELY_ON, Act, Grounds, Kind, Substance
from transfer.core.matter.no_edition import NoEdition
from transfer.core.matter.words import Over
from transfer.procedures.assertion import decisions as d
from transfer.procedures.assertion import facts as f

ADMIN = ("admin",)
OPENS = ("staff", "admin")
SAYS = ("union", "staff", "admin")


def _who(fact: f.AssertionMade | f.AssertionDisputed) -> str:
    return f"{fact.party} ({fact.side})"


def _about(fact: f.FactContested) -> str:
    clause = " of ".join(filter(None, (fact.clause and f"clause {fact.clause}", fact.rulebook)))
    named = (*fact.people, fact.procedure, clause)
    return ", ".join(filter(None, named))


def _for(fact: f.AssertionReliedOn) -> str:
    if len(fact.people) == 1:
        return f" for {fact.people[0]}"
    return f" for {len(fact.people)} people" if fact.people else ""


ASSERTION = Kind(
    name="assertion",
    title="A contested fact",
    rules=NoEdition(),
    facts={
        f.FactContested: "fact-contested.v1",
        f.AssertionMade: "assertion-made.v1",
        f.AssertionDisputed: "assertion-disputed.v1",
        f.AssertionClarified: "assertion-clarified.v1",
        f.AssertionSuperseded: "assertion-superseded.v1",
        f.AssertionWithdrawn: "assertion-withdrawn.v1",
        f.AssertionReliedOn: "assertion-relied-on.v1",
    },
    acts=(
        Act(
            "begin",
            Over.MATTER,
            OPENS,
            d.Contesting,
            d.begin,
            "put on record that something is contested",
        ),
        Act(
            "assert",
            Over.MATTER,
            SAYS,
            d.Asserting,
            d.assert_,
            "put on record what a party asserts",
            for_body="party",
        ),
        Act(
            "dispute",
            Over.MATTER,
            SAYS,
            d.Disputing,
            d.dispute,
            "put on record that a party disputes an assertion",
            for_body="party",
        ),
        Act(
            "clarify",
            Over.MATTER,
            ADMIN,
            d.Clarifying,
            d.clarify,
            "say how an assertion is to be understood",
        ),
        Act(
            "supersede",
            Over.MATTER,
            ADMIN,
            d.Superseding,
            d.supersede,
            "let another assertion take its place",
        ),
        Act(
            "withdraw",
            Over.MATTER,
            SAYS,
            d.Withdrawing,
            d.withdraw,
            "take an assertion back",
            for_body="party",
        ),
        Act(
            RELY_ON,
            Over.MATTER,
            ADMIN,
            d.Relying,
            d.rely_on,
            "note what rests on an assertion",
            part_of="every act that rests on one",
        ),
        common.SETTLE,
    ),
    steps=(),
    obligations=(),
    sentences={
        f.FactContested: lambda f: (
            f"contested: {f.question}" + (f" ({_about(f)})" if _about(f) else "")
        ),
        f.AssertionMade: lambda f: (
            f"{_who(f)} asserts ({f.assertion}): {f.statement}"
            + (f", {f.value}" if f.value else "")
        ),
        f.AssertionDisputed: lambda f: (
            f"{_who(f)} disputes {f.assertion}" + (f": {f.statement}" if f.statement else "")
        ),
        f.AssertionClarified: lambda f: f"{f.assertion} is clarified: {f.statement}",
        f.AssertionSuperseded: lambda f: f"{f.superseded_by} takes the place of {f.assertion}",
        f.AssertionWithdrawn: lambda f: f"{f.assertion} is withdrawn",
        f.AssertionReliedOn: lambda f: f"{f.act} in {f.procedure}{_for(f)} rests on {f.assertion}",
    },
    whole=Substance(d.Contest, d.evolve),
    about=lambda found: found.people,
    bodies=lambda found: found.bodies,
    is_over=lambda found, _day: found.is_over,
    grounds=Grounds(
        names=lambda found: found.assertions,
        fallen=lambda found: found.fallen(),
        resting=lambda found, name: found.resting(name),
    ),
)
