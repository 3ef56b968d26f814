"""The pages of `docs/procedures` say what the declarations and editions say."""

from tests.procedures.pages import PAGES, pages


def test_each_page_is_what_is_made_of_its_declaration() -> None:
    """All in one test: to make one takes as long as to make them all."""
    made = pages()
    stale = [
        name for name, text in made.items() if (PAGES / name).read_text(encoding="utf-8") != text
    ]
    assert stale == [], "write them again: python -m tests.procedures.pages"
    assert made.keys() | {"unread.md"} == {path.name for path in PAGES.iterdir()}
