"""Axes: to scale where that can be read, else a step for each mark."""

import pytest

from transfer.web.frame.scales import scale_of


def test_marks_that_lie_far_enough_apart_are_to_scale() -> None:
    scale = scale_of([0, 10, 40], 100, 500, apart=50)
    assert scale.even
    assert [scale.at(value) for value in (0, 10, 20, 40)] == [100, 200, 300, 500]


def test_marks_that_would_fall_together_get_a_step_each() -> None:
    scale = scale_of([0, 1, 1000], 0, 100, apart=20)
    assert not scale.even
    assert [scale.at(value) for value in (0, 1, 1000)] == [0, 50, 100]


def test_what_lies_between_two_marks_is_drawn_in_proportion_within_their_step() -> None:
    scale = scale_of([0, 1, 1001], 0, 100, apart=20)
    assert scale.at(501) == 75


def test_what_lies_beyond_the_axis_is_at_its_end() -> None:
    scale = scale_of([10, 20], 0, 100, apart=20)
    assert (scale.at(5), scale.at(25)) == (0, 100)


def test_many_marks_at_equal_distances_are_to_scale_however_close() -> None:
    assert scale_of(list(range(1000)), 0, 100, apart=20).even


def test_an_axis_needs_two_marks() -> None:
    with pytest.raises(ValueError, match="two marks"):
        scale_of([1], 0, 100, apart=20)
