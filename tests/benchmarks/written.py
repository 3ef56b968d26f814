"""People put on a log by the server itself, some hundred facts a command.

What stands there afterwards is what the program would have written, byte for byte; only the ids,
which anybody may choose, are made in another way. `check` compares. It takes a small part of the
time that appending takes, which is what a log of millions is wanted for here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import psycopg
from pydantic_core import from_json, to_json

from tests.benchmarks.population import command_of, fact_of, staff_number
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.log.application import Log
from transfer.log.envelope import Command
from transfer.log.mapper import FactMapper, mapper_of_facts
from transfer.procedures.facts import Fact

_IN_A_COMMAND = 500

_COMMANDS = """
INSERT INTO commands
    (command_id, request_hash, subject, recorded_at, first_notification_id, event_count)
SELECT md5(format('command %%s of %%s', batch, %(turn)s::bigint))::uuid, 'benchmark', 'benchmark',
       %(recorded_at)s::timestamptz + batch * interval '1 second',
       %(turn)s * %(people)s + batch * %(size)s + 1, least(%(size)s, %(people)s - batch * %(size)s)
FROM generate_series(0, (%(people)s::bigint - 1) / %(size)s) AS batch
"""
# `format` puts the values, by number, where `_template` has their places.
_EVENTS = """
INSERT INTO events (originator_id, originator_version, topic, state, notification_id, recorded_at,
                    event_id)
SELECT %(stream)s || staff_number, %(turn)s + 1, %(topic)s,
       convert_to(format(%(template)s::text,
           md5(format('command %%s of %%s', batch, turn))::uuid, staff_number,
           (n * 7919 + turn) %% 35, (n * 31 + turn) %% 400, (n + turn) %% 20, 1 + (n + turn) %% 9,
           (n * 17 + turn) %% 250, n, n %% 12, CASE n %% 4 WHEN 0 THEN '0.6' ELSE '1' END,
           'S' || lpad((n / 12)::text, 7, '0')), 'UTF8'),
       turn * %(people)s + n + 1, %(recorded_at)s::timestamptz + batch * interval '1 second',
       md5(format('event %%s of %%s', n, turn))::uuid
FROM (SELECT n, n / %(size)s AS batch, %(turn)s::bigint AS turn,
             'S' || lpad(n::text, 7, '0') AS staff_number
      FROM generate_series(0, %(people)s::bigint - 1) AS n) AS person
ORDER BY n
"""
_HEAD = """
UPDATE log_head SET (last_position, last_recorded_at) =
    (SELECT notification_id, recorded_at FROM events ORDER BY notification_id DESC LIMIT 1)
"""
_STATES = "SELECT state FROM events WHERE originator_id = %s ORDER BY originator_version"


@dataclass(frozen=True, slots=True)
class Turn:
    """What is recorded once of everybody (turn 0: the registration)."""

    number: int
    effective_from: date
    recorded_at: datetime

    def fact_of(self, n: int) -> Fact:
        """What is recorded of person n."""
        fact = fact_of(n, self.number)
        return fact.model_copy(update={"effective_from": self.effective_from})

    def instants(self, people: int, count: int) -> list[datetime]:
        """So many, from the first command's to the last one's."""
        last = (people - 1) // _IN_A_COMMAND * timedelta(seconds=1)
        return [self.recorded_at + last * n / (count - 1) for n in range(count)]


def write(connection: psycopg.Connection, people: int, turns: Iterable[Turn]) -> None:
    """Put everybody on an empty log, turn after turn."""
    mapper = mapper_of_facts()
    with connection.transaction():
        connection.execute("SET LOCAL synchronous_commit = off")
        for turn in turns:
            topic, template = _template(mapper, turn)
            values = {
                "people": people,
                "size": _IN_A_COMMAND,
                "turn": turn.number,
                "recorded_at": turn.recorded_at,
                "stream": staff_stream(staff_number(0)).removesuffix(staff_number(0)),
                "topic": topic,
                "template": template,
            }
            # By value: what a server is to add and divide it must know the type of.
            with psycopg.ClientCursor(connection) as cursor:
                cursor.execute(_COMMANDS, values)
                cursor.execute(_EVENTS, values)
        connection.execute(_HEAD)
    connection.execute("VACUUM ANALYZE events, commands")


def check(
    connection: psycopg.Connection, log: Log[Fact], people: int, turns: Sequence[Turn]
) -> None:
    """Compare some people's events with what the program reads and writes; raise where they
    differ."""
    mapper = mapper_of_facts()
    for n in {0, 1, people // 2, people - 1}:
        stream = staff_stream(staff_number(n))
        found = log.read_many([stream])[stream]
        states = [bytes(state) for (state,) in connection.execute(_STATES, (stream,))]
        if [each.fact for each in found] != [turn.fact_of(n) for turn in turns]:
            raise AssertionError(f"{stream} is not on the log as it should be")
        for each, state in zip(found, states, strict=True):
            command = Command(each.command_id, "benchmark", b"benchmark")
            if mapper.stored_form(each.fact, command, None)[1] != state:
                raise AssertionError(f"version {each.version} of {stream} would be written else")


def _template(mapper: FactMapper[Fact], turn: Turn) -> tuple[str, str]:
    """The stored name and state of a turn, with places for what differs from person to person."""
    name, state = mapper.stored_form(turn.fact_of(0), command_of("template"), None)
    told = from_json(state)
    told["command"] = told["correlation"] = "%1$s"
    places = {
        Facet.EMPLOYER: "employer %3$s",
        Facet.UNIT: "unit %4$s",
        Facet.ROLE: "role %5$s",
        Facet.BAND: "%6$s",
        Facet.WORKPLACE: "office %7$s",
        Facet.POST: "post %8$s",
        Facet.PAY_POINT: "%9$s",
        Facet.FTE: "%10$s",
        Facet.LINE_MANAGER: "%11$s",
    }
    if turn.number == 0:
        told["fact"]["staff_number"] = "%2$s"
    values = told["fact"]["changes" if turn.number else "position"]
    values.update({facet: place for facet, place in places.items() if facet in values})
    return name.decode(), to_json(told).decode()
