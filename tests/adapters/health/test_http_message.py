"""The reader of HTTP answers: strict, capped, the same however the bytes are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.health.http_message import Body, Head, NotHttpError, parse_head

CHUNKED = Head(200, {"transfer-encoding": "chunked"})


def test_a_head_is_read_with_names_in_lower_case_and_repeated_fields_joined() -> None:
    head = parse_head(b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a:2 \r\nServer: nginx")
    assert head == Head(200, {"x-a": "1, 2", "server": "nginx"})


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"HTTP/2 200",
        b"HTTP/1.1 099 Low",
        b"HTTP/1.1 20 Short",
        b"HTTP/1.1 200 OK\r\n folded",
        b"HTTP/1.1 200 OK\r\nA : 1",
        b"HTTP/1.1 200 OK\r\nA: 1\n2",
        b"HTTP/1.1 200 OK\r\nA: \x00",
    ],
)
def test_what_is_no_head_is_refused(block: bytes) -> None:
    with pytest.raises(NotHttpError):
        parse_head(block)


@given(st.binary(max_size=200), st.binary(max_size=200), st.integers(1, 50))
def test_chunks_are_joined_however_the_bytes_arrive(first: bytes, second: bytes, step: int) -> None:
    wire = b"".join(b"%x;ext=1\r\n%s\r\n" % (len(part), part) for part in (first, second) if part) + b"0\r\n\r\n"
    body = Body(CHUNKED, 1000)
    for start in range(0, len(wire), step):
        body.feed(wire[start : start + step])
    assert body.done
    assert body.content == first + second


@given(st.binary(min_size=1, max_size=300), st.integers(0, 300), st.integers(1, 50))
def test_a_body_ends_at_its_length_and_never_passes_the_cap(wire: bytes, length: int, cap: int) -> None:
    body = Body(Head(200, {"content-length": str(length)}), cap)
    body.feed(wire)
    assert body.content == wire[: min(length, cap)]
    assert body.done == (len(wire) >= min(length, cap))


@given(st.binary(max_size=300))
def test_any_bytes_as_chunks_are_read_or_refused(wire: bytes) -> None:
    body = Body(CHUNKED, 100)
    try:
        body.feed(wire)
    except NotHttpError:
        return
    assert len(body.content) <= 100


@pytest.mark.parametrize("length", ["-1", "1, 1", "0x10", "", "9" * 20])
def test_a_strange_length_is_refused(length: str) -> None:
    with pytest.raises(NotHttpError):
        Body(Head(200, {"content-length": length}), 10)


def test_without_a_length_the_end_of_the_connection_is_the_end() -> None:
    body = Body(Head(200, {}), 10)
    body.feed(b"abc")
    assert body.complete_at_end
    assert not body.done
