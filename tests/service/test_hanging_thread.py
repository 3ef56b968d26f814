"""A process of which one thread hangs ends by itself, and another one leads."""

from __future__ import annotations

import shutil
import sys
from datetime import date
from pathlib import Path
from time import monotonic, sleep

import psycopg
import pytest

from deploy.data_folder import DataFolder
from projections.keeping_up.horizon import wait_for
from tests.support.service_process import Service
from transfer.app import new_id, open_record
from transfer.commands import record
from transfer.commands.office import Act
from transfer.core.record.entries import Registration
from transfer.log.leading import Part, led

pytestmark = [pytest.mark.engines, pytest.mark.thorough]

HANGING = (sys.executable, "-m", "tests.service.hanging_process")
PATIENCE_SECONDS = 60.0


def _until_led(looking: psycopg.Connection) -> None:
    until = monotonic() + PATIENCE_SECONDS
    while Part.PROJECTIONS not in led(looking):
        assert monotonic() < until
        sleep(0.1)


def test_a_projector_whose_thread_hangs_ends_and_another_one_leads(
    tmp_path: Path, database_url: str, services: list[Service]
) -> None:
    folders = [DataFolder.open(tmp_path / name) for name in ("office", "one", "two")]
    for each in folders[1:]:
        folders[0].secret("vault")
        shutil.copy2(folders[0].secret_path("vault"), each.part("keys") / "vault")
    with (
        open_record(database_url, folders[0]) as opened,
        psycopg.connect(database_url, autocommit=True) as looking,
    ):
        projectors = []
        for folder, program in zip(folders[1:], (HANGING, None), strict=True):
            environment = {"DATABASE_URL": database_url}
            arguments = (folder.path, "--role", "projector")
            projectors.append(Service(*arguments, environment=environment, program=program))
            services.append(projectors[-1])
            projectors[-1].ready()
            _until_led(looking)
        hanging, standby = projectors
        record.register(
            opened.office,
            Act(by="HR", command_id=new_id()),
            Registration(staff_number="S1", effective_from=date(2014, 1, 1), position={}),
            personal={"name": "n"},
        )
        status, _, said = hanging.left()
        assert status == 1
        assert "projections: no step was taken for" in said
        assert wait_for(looking, "position", 1, timeout=PATIENCE_SECONDS)
        logged = (hanging.data / "logs" / "service.log").read_text()
        assert '"gives up the lead"' in logged
        told = {each["name"]: each for each in standby.ask("GET", "/health/ready")[1]["checks"]}
        assert "projections: this process" in told["leading"]["says"]
