"""Which listeners on one port clash, and how."""

from __future__ import annotations

import pytest

from pausetui.core.network import Listener
from pausetui.core.port_clashes import ClashKind, PortClash, port_clashes


def tcp(address: str, pid: int, *, port: int = 80, link: str | None = None, only: bool | None = False) -> Listener:
    version = 6 if ":" in address else 4
    v6_only = only if version == 6 else None
    return Listener("tcp", version, address, port, link, v6_only, inode=pid, owners=(pid,))


def clash(one: Listener, other: Listener) -> PortClash | None:
    found = port_clashes([one, other])
    assert found == port_clashes([other, one]) or found[0].kind is not ClashKind.SHADOWED
    return found[0] if found else None


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (tcp("127.0.0.1", 1), tcp("127.0.0.1", 2), ClashKind.SHARED),
        (tcp("127.0.0.1", 1), tcp("0.0.0.0", 2), ClashKind.SHADOWED),
        (tcp("0.0.0.0", 1), tcp("::", 2), ClashKind.SHADOWED),
        (tcp("127.0.0.1", 1), tcp("::", 2), ClashKind.SHADOWED),
        (tcp("::1", 1), tcp("::", 2), ClashKind.SHADOWED),
        (tcp("0.0.0.0", 1, link="eth0"), tcp("0.0.0.0", 2), ClashKind.SHADOWED),
        (tcp("127.0.0.1", 1), tcp("::ffff:127.0.0.1", 2), ClashKind.SHADOWED),
        (tcp("::", 1), tcp("::", 2, only=True), ClashKind.SHARED),
        (tcp("::ffff:127.0.0.1", 1), tcp("0.0.0.0", 2), ClashKind.SHADOWED),
        (tcp("0.0.0.0", 1), tcp("::", 2, only=True), ClashKind.SPLIT),
        (tcp("127.0.0.1", 1), tcp("::1", 2), ClashKind.SPLIT),
        (tcp("127.0.0.1", 1), tcp("10.0.0.5", 2), ClashKind.SPLIT),
    ],
)
def test_what_two_programs_on_one_port_mean(one: Listener, other: Listener, kind: ClashKind) -> None:
    found = clash(one, other)
    assert found is not None
    assert found.kind is kind
    if kind is ClashKind.SHADOWED:
        assert (found.first, found.second) == (one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (tcp("0.0.0.0", 1), tcp("0.0.0.0", 2, port=81)),
        (tcp("0.0.0.0", 1, link="eth0"), tcp("0.0.0.0", 2, link="eth1")),
        (tcp("0.0.0.0", 1), tcp("127.0.0.1", 1)),
        (tcp("0.0.0.0", 1), Listener("tcp", 4, "0.0.0.0", 80, owners=None)),
        (tcp("0.0.0.0", 1), Listener("tcp", 4, "0.0.0.0", 80, owners=())),
        (tcp("0.0.0.0", 1), Listener("udp", 4, "0.0.0.0", 80, owners=(2,))),
    ],
)
def test_what_is_no_clash(one: Listener, other: Listener) -> None:
    assert clash(one, other) is None


def test_processes_of_one_container_are_one_program() -> None:
    listeners = [tcp("0.0.0.0", 1), tcp("0.0.0.0", 2), tcp("0.0.0.0", 3)]
    found = port_clashes(listeners, {1: "nginx", 2: "nginx", 3: "proxy"})
    assert [{one.first.inode, one.second.inode} for one in found] == [{1, 3}, {2, 3}]


def test_where_it_is_not_known_whether_a_socket_takes_both_families_they_are_taken_for_two() -> None:
    found = clash(tcp("0.0.0.0", 1), tcp("::", 2, only=None))
    assert found is not None
    assert found.kind is ClashKind.SPLIT


def test_each_kind_is_said_in_words() -> None:
    said = [
        str(clash(tcp("127.0.0.1", 1), other))
        for other in (tcp("127.0.0.1", 2), tcp("0.0.0.0", 2, link="eth0"), tcp("::1", 2))
    ]
    assert said == [
        "two listen on tcp 127.0.0.1:80: each connection goes to one of them",
        "tcp 127.0.0.1:80 takes what would come to tcp 0.0.0.0%eth0:80 there",
        "tcp 127.0.0.1:80 and tcp [::1]:80 are different programs: the address decides who answers",
    ]
