"""A practised record behind the API, whose clock a test moves: what is due is taken as it goes.

It is what a practice service does, without sockets and without Temporal.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from types import MappingProxyType
from typing import Any

from httpx import Response

from deploy.data_folder import DataFolder
from tests.support.asking import Api, Json, created
from tests.support.serving import asking
from transfer.access.identity import Role
from transfer.api.http_service import HttpService
from transfer.app import Record, embedded_identity, http_service_of
from transfer.commands.office import Act, key_id
from transfer.core.dating.calendars import start_of_day_london
from transfer.settings import Settings

VALUES = {
    "TR-11b": "10wd",
    "TR-11b-panel": "20wd",
    "TR-10-response": "5wd",
    "TR-09b": "2013-11-11",
    "TR-09-share": "0.5",
}
"""What `tr-2013` leaves open, each with a value."""

EXERCISE = "exercise/tr"
PEOPLE = ("S1", "S2", "S3", "S4")


@dataclass
class Practised:
    """The record, its API, and the day that it is there."""

    record: Record
    service: HttpService
    api: Api
    today: date

    def to(self, day: date) -> None:
        """Move the clock to a day, and take what has fallen due."""
        self.today = day
        self._stand()
        kinds = ("exercise", "consultation")
        under = (self.record.log.streams_under(f"matter:{each}/") for each in kinds)
        for stream in chain.from_iterable(under):
            matter = stream.removeprefix("matter:").replace("/", ":", 1)
            act = Act(by="the clock", command_id=key_id("practised", matter, str(day)))
            self.record.due.take_due(act, matter, today=day)
        last = self.record.log.head().recorded_at
        if last is not None:
            self.service.acknowledge(last)  # so that reads wait for it

    def _stand(self) -> None:
        self.record.log.clock.stop(start_of_day_london(self.today) + timedelta(hours=12))
        self.service.rehearsal = self.record.log.rehearsal()

    def token(self, subject: str, role: Role = Role.ADMIN) -> str:
        """A token of somebody's."""
        return self.api.identity.issue(subject, role, 600)

    def begin(
        self,
        kind: str,
        body: Mapping[str, object],
        *,
        token: str | None = None,
        preview: bool = False,
    ) -> Response:
        """POST a procedure."""
        query = "?preview=true" if preview else ""
        return self.api.post(f"/procedures/{kind}{query}", {**body}, token=token)

    def appoint(self, number: str, *scope: str, representative: str, **more: object) -> Json:
        """Let a member of staff appoint a representative, from today on, for everything unless a
        scope is given."""
        body = {
            "staff_number": number,
            "representative": representative,
            "scope": scope or ["everything"],
            "effective_from": self.today.isoformat(),
        }
        own = self.token(number, Role.STAFF)
        return created(self.begin("representation", body | more, token=own))

    def act(
        self,
        procedure: str,
        act: str,
        body: Mapping[str, object] = MappingProxyType({}),
        *,
        token: str | None = None,
        preview: bool = False,
        key: str | None = None,
        if_match: str | None = None,
    ) -> Response:
        """POST an act of a procedure, e.g. of `exercise/tr`."""
        query = "?preview=true" if preview else ""
        path = f"/procedures/{procedure}/acts/{act}{query}"
        return self.api.post(path, {**body}, token=token, key=key, if_match=if_match)

    def read(self, path: str, **asked: object) -> Json:
        """GET something, which must be there."""
        answer = self.api.get(path, asked)
        assert answer.status_code == 200, answer.text
        content: Json = answer.json()
        return content

    def register(self, number: str, **position: str) -> None:
        """Register somebody of the London Trust."""
        facets = {
            "employer": "London Probation Trust",
            "unit": "Camden",
            "role": "Probation officer",
            "band": "4",
            "fte": "1",
        }
        self.api.register(number, effective_from="2010-04-01", position=facets | position)

    def open(self, name: str = "tr", **more: Any) -> Json:
        """Open an exercise of the edition of 2013."""
        values = [
            {"clause": clause, "value": value, "document": "the Trust's own guidance"}
            for clause, value in VALUES.items()
        ]
        days = {
            "people-transition-complete": "2014-03-31",
            "transfer": "2014-06-01",
            "dissolution": "2014-10-31",
        }
        body = {"id": name, "rulebook": "tr-2013", "values": values, "milestones": days} | more
        answer = self.begin("exercise", body)
        assert answer.status_code == 201, answer.text
        content: Json = answer.json()
        return content


@contextlib.contextmanager
def practising(record: Record, folder: DataFolder, on: date) -> Iterator[Practised]:
    """The API of a practised record, from a day on."""
    start = start_of_day_london(on) + timedelta(hours=12)
    record.log.mark_rehearsed("practice", start)
    settings = Settings(data=folder.path)
    service = http_service_of(record, embedded_identity(folder, settings), settings)
    with asking(service) as api:
        yield Practised(record, service, api, on)


def to_the_letters(played: Practised) -> str:
    """Four people in scope, assigned by a panel, and one group with letters on 2 December."""
    for number in PEOPLE:
        played.register(number)
    played.open()
    played.to(date(2013, 11, 13))
    created(played.act(EXERCISE, "set-scope", {"criterion": "all"}))
    panel = {"to": "CRC", "panel": "the local panel", "staff_numbers": PEOPLE}
    created(played.act(EXERCISE, "decide-by-panel", panel))
    group = {"group": "LDN", "staff_numbers": PEOPLE, "letters_on": "2013-12-02"}
    formed = created(played.act(EXERCISE, "form-group", group))
    assert formed["says"] == {"groups": ["LDN"]}
    return "LDN"


def to_ends_that_wait(played: Practised, *numbers: str) -> None:
    """The same, and these people object before the transfer: on 2 June, the day after it, the end
    of their employment is due and waits for approval."""
    to_the_letters(played)
    played.to(date(2014, 5, 30))
    for number in numbers:
        objection = {"staff_number": number, "told_to": "transferor"}
        created(played.act(EXERCISE, "object", objection))
    played.to(date(2014, 6, 2))


def consult(played: Practised) -> None:
    """The consultation that the edition wants before letters."""
    created(
        played.begin(
            "consultation", {"exercise": "tr", "bodies": ["NNC"], "agreement": "framework"}
        )
    )


__all__ = [
    "EXERCISE",
    "PEOPLE",
    "VALUES",
    "Practised",
    "consult",
    "practising",
    "to_ends_that_wait",
    "to_the_letters",
]
