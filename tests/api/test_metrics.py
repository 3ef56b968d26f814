"""What /metrics tells: what the guide says, by the pattern of an address, and nothing personal."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta

import pytest
from anyio.from_thread import start_blocking_portal
from fastapi.routing import APIRoute
from google.protobuf.duration_pb2 import Duration
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from temporalio.api.taskqueue.v1 import TaskQueueStats
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from deploy.backups.archive import Archiving
from deploy.data_folder import DataFolder
from tests.core.matter.desks import MATTER
from tests.support.asking import Api, Client
from tests.support.serving import application
from tests.support.watching import expressions, labels_asked, metrics_in_the_guide, selectors
from transfer import checks
from transfer.api.application import create_app
from transfer.api.http.connections import Connections
from transfer.api.http_service import HttpService
from transfer.app import Record, sending_of
from transfer.log.measures import Distribution
from transfer.settings import Settings
from workflows.activities import Activities
from workflows.clock import RecordClock
from workflows.concerns import Waiting
from workflows.messages import DueStep, TakeStep, Whose
from workflows.troubles import note, note_sweep

pytestmark = pytest.mark.engines

A_STEP = TakeStep(
    whose=Whose(matter="desk-move:autumn"),
    due=DueStep(step="x", about="", due_on=None),
    caused_by=None,
)
"""A step of a matter that has never begun."""

_CONVENTIONS = re.compile(r"transfer(_[a-z]+)+")
_TOTALS = re.compile(r"_total$")


def families_in(text: str) -> dict[str, Metric]:
    """The metrics of the program's own by name, a counter's as it is asked for."""
    families = {
        f"{each.name}_total" if each.type == "counter" else each.name: each
        for each in text_string_to_metric_families(text)
    }
    return {name: each for name, each in families.items() if not name.startswith("process_")}


def counted(api: Api) -> Counter[tuple[str, str, str]]:
    """How many requests were answered, by method, route and status."""
    told = families_in(api.client.get("/metrics").text)["transfer_http_requests_total"].samples
    return Counter(
        {
            (each.labels["method"], each.labels["route"], each.labels["status"]): int(each.value)
            for each in told
            if each.labels["route"] != "/metrics"
        }
    )


def times(text: str, route: str) -> float:
    """How many times of a route were noted."""
    samples = families_in(text)["transfer_http_request_duration_seconds"].samples
    return sum(
        each.value
        for each in samples
        if each.name.endswith("_count") and each.labels["route"] == route
    )


def everything(service: HttpService, record: Record, folder: DataFolder) -> str:
    """What a process tells that has every role, and of which everything can be told."""
    watch, sending = record.log.clock_watch, sending_of(record, folder, Settings(data=folder.path))
    assert watch is not None
    watch.note_temporal(timedelta())
    with record.log.connection() as connection:
        connection.execute("INSERT INTO dispatcher_positions VALUES ('queue', 'm', 1)")
        note(connection, "queue", "stuck", {MATTER: "it is"})
        note_sweep(connection, "queue", waiting=3, started=1)
    stats = TaskQueueStats(approximate_backlog_age=Duration(seconds=1))
    activities = Activities(record.due, RecordClock(record.log), Waiting(record.office, record.due))
    service.checks = (
        checks.disk(folder.path),
        lambda: checks.archive_check(Archiving(True, 0, False)),
        checks.connections(Connections(3, 5)),
        checks.leading(record.log, ()),
        checks.notices(sending.kept, sending.courier, sending.addresses),
        checks.clocks(watch),
        checks.dispatcher(record.log, "queue"),
    )
    service.figures = (lambda: checks.backlog_figures({"workflows": stats}, 1),)
    service.distributions = (activities.measured,)
    with pytest.raises(ApplicationError):
        ActivityEnvironment().run(activities.take_step, A_STEP)
    with start_blocking_portal() as portal:
        client = Client(portal, create_app(service))
        client.get("/metrics")  # which tells of no request before
        return client.get("/metrics").text


def test_the_guide_names_every_metric_and_no_other(
    api: Api, service: HttpService, record: Record, folder: DataFolder
) -> None:
    api.register("S1")
    named = metrics_in_the_guide()
    told = families_in(everything(service, record, folder))
    assert set(named) == set(told)
    for name, family in told.items():
        assert named[name] == (family.type == "histogram"), name
        assert _CONVENTIONS.fullmatch(name), name
        assert family.documentation.endswith("."), name
        assert (family.type == "counter") == bool(_TOTALS.search(name)), name


def test_alerts_and_panels_ask_for_labels_that_are_told(
    api: Api, service: HttpService, record: Record, folder: DataFolder
) -> None:
    api.register("S1")
    told: dict[str, set[str]] = {}
    for family in families_in(everything(service, record, folder)).values():
        for sample in family.samples:
            told.setdefault(sample.name, {"instance"}).update(sample.labels)
    for expression in expressions():
        there = {"instance"}
        for name, labels in selectors(expression):
            # One of a process is not among the families of the program's own.
            there |= told.get(name, set())
            assert labels <= there, expression
        assert labels_asked(expression) <= there, expression


def test_a_request_is_counted_by_the_pattern_of_its_address(api: Api, service: HttpService) -> None:
    with application(service) as app:
        routes = {each.path for each in app.routes if isinstance(each, APIRoute)}
    position = "/v1/staff/{staff_number}/position"
    before, times_before = counted(api), times(api.client.get("/metrics").text, position)
    api.register("S1")
    for number in ("S1", "s1", "S404"):
        api.get(f"/staff/{number}/position")
    api.client.request("PATCH", "/v1/staff/S1/history")
    api.client.get("/v1/nowhere/S1")
    api.client.get("/sign-in/S1")
    text = api.client.get("/metrics").text
    since = counted(api) - before
    assert since == {
        ("POST", "/v1/staff", "201"): 1,
        ("GET", position, "200"): 2,
        ("GET", position, "404"): 1,
        ("PATCH", "/v1/staff/{staff_number}/history", "405"): 1,
        ("GET", "none", "404"): 2,
    }
    assert {route for _, route, _ in since} <= routes | {"none"}
    assert times(text, position) == times_before + 3
    assert not re.search(r"\bS(1|404)\b", text)
    assert "\ntransfer_http_requests_in_progress 1.0\n" in text, "that of the metrics itself"


def test_appends_are_counted_by_their_size_and_replays_are_not(api: Api) -> None:
    api.register("S1")
    body = {"effective_from": "2014-02-01", "changes": {"band": "5"}, "reason": "r"}
    for _ in range(2):
        api.post("/staff/S1/changes", body, key="once")
    samples = families_in(api.client.get("/metrics").text)["transfer_append_events"].samples
    assert [each.value for each in samples if each.name.endswith("_count")] == [2]
    assert [each.value for each in samples if each.labels.get("le") == "1"] == [2]


def test_an_activity_is_counted_with_what_came_of_it(record: Record) -> None:
    activities = Activities(record.due, RecordClock(record.log), Waiting(record.office, record.due))
    ActivityEnvironment().run(activities.next_step, A_STEP.whose)
    with pytest.raises(ApplicationError, match="autumn"):
        ActivityEnvironment().run(activities.take_step, A_STEP)
    assert {labels: sum(each.counts) for labels, each in activities.measured.read().items()} == {
        ("next-step", "done"): 1,
        ("take-step", "refused"): 1,
    }


def test_a_value_on_an_edge_belongs_below_it() -> None:
    spread = Distribution("x", "X.", (1, 2))
    for value in (0.5, 1, 1.5, 2, 3):
        spread.note(value)
    assert spread.read()[()].counts == [2, 2, 1]
    assert spread.read()[()].total == 8
