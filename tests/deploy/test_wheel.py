"""What is installed elsewhere than in a checkout has everything that the program reads."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.deploy.files import CHECKOUT

PARTS = ("transfer", "workflows", "projections", "deploy/migrations")
OF_THE_CHECKOUT = ("transfer/web/styles/",)
"""What is compiled into something else, and not read."""


@pytest.mark.thorough
def test_a_wheel_has_every_file_that_the_program_reads(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("transfer", "workflows", "projections", "deploy"):
        shutil.copytree(
            CHECKOUT / name, source / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(CHECKOUT / name, source / name)
    # As deploy/container/install.sh does: from a copy, with the tools that are pinned.
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps"]
    done = subprocess.run(
        [*command, "--no-build-isolation", "--wheel-dir", tmp_path, source],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("transfer-*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    needed = {
        str(path.relative_to(source))
        for part in PARTS
        for path in (source / part).rglob("*")
        if path.is_file()
    }
    assert {name for name in needed if not name.startswith(OF_THE_CHECKOUT)} - packed == set()
    assert not any(name.startswith("tests/") for name in packed)
