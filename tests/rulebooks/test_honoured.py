"""What the program cannot follow yet is refused with its table, or said where it only stands by."""

import pytest

from tests.support.editions import moor
from tests.support.rules_2013 import TR_2013
from transfer.core.refusals import Refused
from transfer.rulebooks import rulebook
from transfer.rulebooks.honoured import not_followed, require_honoured

GATE = '[[gate]]\nbefore = "{before}"\n{asks}\nclause = "M-02"\n\n[[grant]]\nterm = "continuity'


@pytest.mark.parametrize(
    ("change", "said", "clause"),
    [
        (
            ('late = "refuse, may', 'counted = "received"\nlate = "refuse, may'),
            r"\[\[window\]\] challenge: counted = received",
            "M-04",
        ),
        (
            (
                '[[grant]]\nterm = "continuity',
                GATE.format(before="opening", asks='facts = ["consultation begun"]'),
            ),
            r"\[\[gate\]\] before opening",
            "M-02",
        ),
        (
            (
                '[[grant]]\nterm = "continuity',
                GATE.format(before="opening", asks='documents = ["the order"]'),
            ),
            r"\[\[gate\]\] before opening",
            "M-02",
        ),
    ],
)
def test_what_would_come_out_wrong_is_refused(
    change: tuple[str, str], said: str, clause: str
) -> None:
    with pytest.raises(Refused, match=said) as refused:
        require_honoured(moor(change))
    assert refused.value.clause == clause


def test_the_editions_at_hand_are_followed() -> None:
    require_honoured(TR_2013)
    require_honoured(moor())
    assert not_followed(TR_2013) == ()


def test_what_is_only_shown_is_said() -> None:
    assert not_followed(moor()) == ()
    surrey = not_followed(rulebook("surrey-2027"))
    assert "[[obligation]] liability-information is not reminded of" in surrey
    assert "[[gate]] before transfer: a rehearsal takes the documents to be there" in surrey
