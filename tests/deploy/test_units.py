"""The units for systemd: it knows their every word, and the program knows their every setting."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.files import DEPLOY, ROLES, SETTINGS, UNITS, environment_of, unit

EXAMPLE = DEPLOY / "systemd" / "transfer.env.example"

MOST_EXPOSED = 20
"""What systemd may find of 100 that a unit leaves open; 96 of a unit that says nothing."""


def test_each_way_to_run_it_has_a_unit() -> None:
    commands = {path.name: unit(path)["Service"]["ExecStart"] for path in UNITS}
    assert commands == {
        "transfer-backup.service": [
            "/opt/transfer/.venv/bin/transfer backup ${TRANSFER_ARCHIVE} --keep 7",
            "/opt/transfer/.venv/bin/transfer restore ${TRANSFER_ARCHIVE} --check"
            " --in %C/transfer-drill",
        ],
        "transfer-migrate.service": ["/opt/transfer/.venv/bin/transfer migrate"],
        "transfer.service": ["/opt/transfer/.venv/bin/transfer serve"],
        "transfer@.service": ["/opt/transfer/.venv/bin/transfer serve"],
    }


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None and "CI" not in os.environ,
    reason="systemd is not on this machine (CI has it)",
)
def test_systemd_takes_them_and_finds_little_left_open(tmp_path: Path) -> None:
    names = []
    for path in UNITS:
        text = path.read_text(encoding="utf-8").replace(
            "/opt/transfer/.venv/bin/transfer", "/bin/true"
        )
        for role in sorted(ROLES) if "@" in path.name else [""]:
            names.append(path.name.replace("@", f"@{role}"))
            (tmp_path / names[-1]).write_text(text, encoding="utf-8")
    timers = [path.name for path in sorted((DEPLOY / "systemd").glob("*.timer"))]
    for name in timers:
        shutil.copy(DEPLOY / "systemd" / name, tmp_path)
    for command in (
        ["verify", *(f"./{name}" for name in timers)],
        ["security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager"],
    ):
        done = subprocess.run(
            ["systemd-analyze", *command, *(f"./{name}" for name in names)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""  # what it does not know it only warns of


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_sets_what_the_program_reads_below_its_own_folder(path: Path) -> None:
    read = unit(path)
    service = read["Service"]
    environment = environment_of(read)
    assert set(environment) <= SETTINGS
    (folders,) = service["StateDirectory"]
    assert environment["TRANSFER_DATA"] in {f"/var/lib/{each}" for each in folders.split()}
    credentials = {each.partition(":")[0] for each in service.get("LoadCredential", [])}
    named = {value for name, value in environment.items() if name.endswith("_KEY_FILE")}
    assert named == {f"%d/{each}" for each in credentials}


def test_the_list_of_erased_people_is_in_a_folder_that_the_service_may_write_to() -> None:
    read = unit(DEPLOY / "systemd" / "transfer@.service")
    folder, _, _ = environment_of(read)["TRANSFER_ERASED"].rpartition("/")
    (folders,) = read["Service"]["StateDirectory"]
    assert folder in {f"/var/lib/{each}" for each in folders.split()}
    assert folder != environment_of(read)["TRANSFER_DATA"]


def test_the_backup_is_proved_daily_of_the_folder_that_the_service_writes() -> None:
    backup, service = (
        unit(DEPLOY / "systemd" / f"{name}.service") for name in ("transfer-backup", "transfer")
    )
    archive = re.search(r"^#TRANSFER_ARCHIVE=(.*)$", EXAMPLE.read_text(), re.MULTILINE)
    assert archive is not None
    assert environment_of(backup) == {
        **environment_of(service),
        "TRANSFER_ARCHIVE": archive[1],
    }
    # A disk that is not mounted yet must not be taken for an empty folder.
    for each in (backup, service):
        assert each["Unit"]["RequiresMountsFor"] == [archive[1]]
    assert backup["Service"]["CacheDirectory"] == ["transfer-drill"]
    assert backup["Service"]["StateDirectory"] == service["Service"]["StateDirectory"]
    timer = unit(DEPLOY / "systemd" / "transfer-backup.timer")
    assert timer["Timer"]["OnCalendar"] == ["*-*-* 02:00:00"]


def test_what_runs_on_is_started_again_and_stops_in_its_own_order() -> None:
    for path in UNITS:
        service = unit(path)["Service"]
        if service["Type"] == ["exec"]:
            assert service["Restart"] == ["on-failure"]
            # To the service alone: systemd would else stop its engines beside it.
            assert service["KillMode"] == ["mixed"]
        assert service["NoNewPrivileges"] == ["yes"]
        assert service["ProtectSystem"] == ["strict"]


def test_the_units_are_hardened_alike() -> None:
    # From the first to the last of these lines: one unit must not fall behind the others.
    blocks = {
        re.search(
            r"^NoNewPrivileges=.*?^SystemCallErrorNumber=\w+$",
            path.read_text(),
            re.MULTILINE | re.DOTALL,
        )[0]  # type: ignore[index]
        for path in UNITS
    }
    assert len(blocks) == 1


def test_the_example_names_settings_that_there_are() -> None:
    names = re.findall(r"^#?([A-Z][A-Z_]+)=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    assert names
    assert set(names) <= SETTINGS
