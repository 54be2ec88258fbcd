from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from pausetui.lab.netlink import ACK, CREATE, Message, attribute, nested, text


@given(st.integers(0, 0x3FFF), st.binary(max_size=300))
def test_an_attribute_is_its_length_its_kind_its_payload_and_padding(kind: int, payload: bytes) -> None:
    packed = attribute(kind, payload)
    assert struct.unpack_from("=HH", packed) == (4 + len(payload), kind)
    assert packed[4 : 4 + len(payload)] == payload
    assert len(packed) % 4 == 0
    assert not any(packed[4 + len(payload) :])


def test_a_text_ends_with_a_zero() -> None:
    assert text(3, "lo") == b"\x07\x00\x03\x00lo\x00\x00"


def test_a_nested_attribute_is_marked_as_such() -> None:
    assert struct.unpack_from("=HH", nested(18, text(1, "veth"))) == (4 + 12, 18 | 0x8000)


def test_a_message_says_its_own_length_and_asks() -> None:
    packed = Message(16, ACK | CREATE, b"body").packed(9)
    assert struct.unpack_from("=IHHII", packed) == (20, 16, 0x405, 9, 0)
