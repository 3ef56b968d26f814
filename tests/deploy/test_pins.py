"""Everything that is installed is pinned, file by file."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).parents[2]
FILES = sorted((CHECKOUT / "deploy").glob("constraints*.txt"))


def pins(file: Path) -> dict[str, Requirement]:
    """By name: what a file pins; each must have a hash."""
    text = "\n".join(line for line in file.read_text().splitlines() if not line.startswith("#"))
    found: dict[str, Requirement] = {}
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            named, *hashes = line.split("--hash=sha256:")
            assert hashes, f"{named.strip()} has no hash: make constraints"
            assert all(re.fullmatch(r"[0-9a-f]{64}", each.strip()) for each in hashes)
            pinned = Requirement(named.strip())
            found[canonicalize_name(pinned.name)] = pinned
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_version_is_one_version_with_the_hashes_of_its_files(file: Path) -> None:
    for pinned in pins(file).values():
        assert [each.operator for each in pinned.specifier] == ["=="], pinned


def test_all_that_is_asked_for_is_pinned_to_a_version_that_fits() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    pinned = pins(CHECKOUT / "deploy" / "constraints.txt")
    for text in (*project["dependencies"], *project["optional-dependencies"]["dev"]):
        asked = Requirement(text)
        (version,) = pinned[canonicalize_name(asked.name)].specifier
        assert asked.specifier.contains(version.version), f"{asked}: make constraints"
    assert {"pip", "setuptools", "pycryptodome"} <= set(pinned)
