"""Styles and templates: what is kept of them, and what must not be in them off gov.uk."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "transfer" / "web"
CSS = (WEB / "assets" / "transfer.css").read_text(encoding="utf-8")
TEMPLATES = sorted((WEB / "templates").glob("*/*.html"))


def test_the_styles_are_those_of_their_source() -> None:
    source = (WEB / "styles" / "transfer.scss").read_bytes()
    assert sha256(source).hexdigest() in CSS.splitlines()[0], "run `make styles`"


@pytest.mark.parametrize("foreign", ["GDS Transport", "@font-face", "crown", "crest", "url("])
def test_nothing_of_gov_uk_itself_is_in_the_styles(foreign: str) -> None:
    told = CSS.partition("\n")[2]
    assert foreign not in told


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_a_script_or_a_style_of_its_own(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|\|\s*safe", text)
