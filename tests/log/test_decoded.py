"""What was decoded is found by its very bytes, and only so much is kept."""

from transfer.log.decoded import Decoded


def test_the_same_bytes_under_the_same_name_are_what_they_were() -> None:
    decoded = Decoded[list[int]]()
    first = [1]
    decoded.keep("desk-moved.v1", b"{}", first)
    assert decoded.find("desk-moved.v1", b"{}") is first
    assert decoded.find("desk-moved.v2", b"{}") is None
    assert decoded.find("desk-moved.v1", b"{ }") is None


def test_no_more_is_kept_than_two_halves() -> None:
    decoded = Decoded[int](most_bytes=40)
    for n in range(100):
        decoded.keep("n", f"{n:10}".encode(), n)
    kept = [n for n in range(100) if decoded.find("n", f"{n:10}".encode()) is not None]
    assert len(kept) <= 8
    assert kept[-1] == 99


def test_what_is_asked_for_often_stays_while_others_pass_by() -> None:
    decoded = Decoded[int](most_bytes=40)
    decoded.keep("n", b"often", -1)
    for n in range(100):
        decoded.keep("n", f"{n:10}".encode(), n)
        assert decoded.find("n", b"often") == -1


def test_what_is_larger_than_a_half_is_kept_too() -> None:
    decoded = Decoded[int](most_bytes=4)
    decoded.keep("n", b"larger than a half", 1)
    assert decoded.find("n", b"larger than a half") == 1
