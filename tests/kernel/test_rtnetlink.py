"""The small decoder: right on what the kernel sends, quiet on what it never would."""

from __future__ import annotations

import errno
import os
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pausetui.kernel.rtnetlink import address_of, attributes, dump, messages

DONE, ERROR, INTERRUPTED = 3, 2, 0x10


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


def message(kind: int, body: bytes = b"", *, flags: int = 2, sequence: int = 1) -> bytes:
    whole = struct.pack("=IHHII", 16 + len(body), kind, flags, sequence, 0) + body
    return whole + b"\0" * (-len(body) % 4)


def answered(*packets: bytes) -> list[bytes]:
    """What ``dump`` makes of packets that were sent to it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        for packet in packets:
            theirs.send(packet)
        return dump(ours, 18, b"")


@given(st.lists(st.tuples(st.integers(0, 0x3FFF), st.binary(max_size=40)), max_size=8), st.binary(max_size=16))
def test_attributes_are_read_as_they_were_written(written: list[tuple[int, bytes]], fixed: bytes) -> None:
    fixed = fixed.ljust(16, b"\0")
    body = fixed + b"".join(attribute(kind, value) for kind, value in written)
    assert list(attributes(body, 16)) == written


@given(st.binary(max_size=300))
def test_no_bytes_at_all_make_it_fail_or_hang(raw: bytes) -> None:
    for _, _, _, body in messages(raw):
        list(attributes(body, 0))
        address_of(body)


def test_our_end_of_a_point_to_point_link_is_the_address() -> None:
    body = bytes(8) + attribute(1, b"\x0a\0\0\2") + attribute(2, b"\x0a\0\0\1")
    assert address_of(body) == b"\x0a\0\0\1"
    assert address_of(bytes(8) + attribute(1, b"\x0a\0\0\2")) == b"\x0a\0\0\2"
    assert address_of(bytes(8)) == b""


def test_a_dump_is_all_messages_until_done() -> None:
    assert answered(message(16, b"aaaa") + message(16, b"bbbb"), message(16, b"cccc"), message(DONE, bytes(4))) == [
        b"aaaa",
        b"bbbb",
        b"cccc",
    ]


@pytest.mark.parametrize("kind", [DONE, ERROR])
def test_an_error_is_raised_wherever_it_sits(kind: int) -> None:
    with pytest.raises(OSError, match=os.strerror(errno.EPERM)):
        answered(message(kind, struct.pack("=i", -errno.EPERM)))


def test_answers_to_an_earlier_request_are_passed_over() -> None:
    assert answered(message(16, b"old!", sequence=9) + message(16, b"new!") + message(DONE, bytes(4))) == [b"new!"]


def test_an_interrupted_dump_is_asked_again() -> None:
    first = message(16, b"half", flags=2 | INTERRUPTED) + message(DONE, bytes(4))
    second = message(16, b"full", sequence=2) + message(DONE, bytes(4), sequence=2)
    assert answered(first, second) == [b"full"]


def test_one_that_is_always_interrupted_is_given_up() -> None:
    packets = [message(DONE, bytes(4), flags=2 | INTERRUPTED, sequence=attempt) for attempt in (1, 2, 3)]
    with pytest.raises(InterruptedError):
        answered(*packets)
