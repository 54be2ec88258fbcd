from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pausetui.lab.addresses import GATEWAY, RANGE, Addresses


def test_addresses_are_handed_out_from_the_one_after_the_gateway() -> None:
    addresses = Addresses()
    assert [addresses.take() for _ in range(3)] == ["10.244.1.2", "10.244.1.3", "10.244.1.4"]


def test_the_address_just_released_is_not_the_next_one() -> None:
    addresses = Addresses()
    first = addresses.take()
    addresses.release(first)
    assert addresses.take() != first


def test_when_all_are_in_use_it_says_so() -> None:
    addresses = Addresses()
    for _ in range(RANGE.num_addresses - 3):
        addresses.take()
    with pytest.raises(OSError, match=r"all addresses of 10\.244\.1\.0/24 are in use"):
        addresses.take()


@given(st.lists(st.integers(0, 300), max_size=600))
def test_no_two_pods_ever_have_the_same_address_and_none_has_the_gateways(choices: list[int]) -> None:
    addresses = Addresses()
    held: list[str] = []
    for choice in choices:
        if choice < len(held):
            addresses.release(held.pop(choice))
        elif len(held) < 250:
            held.append(addresses.take())
    assert len(set(held)) == len(held)
    for address in held:
        assert IPv4Address(address) in RANGE
        assert IPv4Address(address) not in (GATEWAY, RANGE[0], RANGE[-1])
