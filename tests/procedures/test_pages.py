"""The pages of `docs/procedures` say what the declarations and editions say."""

import pytest

from tests.procedures.pages import PAGES, pages
from transfer.kinds import KNOWN


@pytest.mark.parametrize("name", ["README.md", *(f"{kind.name}.md" for kind in KNOWN.kinds)])
def test_a_page_is_what_is_made_of_the_declaration(name: str) -> None:
    found = (PAGES / name).read_text(encoding="utf-8")
    assert found == pages()[name], "write it again: python -m tests.procedures.pages"
