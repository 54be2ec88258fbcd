"""Addresses as everyone writes them, and the way to read them without rights or visits.

``/proc/PID/net`` shows the network namespace of that process to anybody. An open file below it keeps the
namespace alive, so each is read whole and closed at once.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping

from pausetui.core.observation import LinkState, Network
from pausetui.kernel.configured import Configured, LinkSeen
from pausetui.kernel.netview_words import route_kind_name
from pausetui.kernel.processes import ProcFolder
from pausetui.kernel.routes import UNICAST, RouteMessage
from pausetui.text import decoded

_MOST = 1 << 20
_USUAL_METRIC = 1024
"""Of a route of IPv6 to which nobody gave one."""
_NOT_TOLD = ("fe80::", "ff00::", "169.254.0.0/", "224.0.0.0/")
"""Destinations that are link-local or groups."""


def network_of(found: Configured) -> Network:
    """What netlink told, as the model has it."""
    names = {link.index: decoded(link.name) for link in found.links}
    links = sorted((_link_state(link, names) for link in found.links), key=lambda link: link.name)
    routes = {_way(one, names) for one in found.routes if not _is_noise(one)}
    return Network(
        written(found.addresses),
        tuple(link.name for link in links),
        "netlink",
        tuple(links),
        tuple(sorted(routes, key=lambda way: (not way.startswith("default"), way))),
    )


def _link_state(link: LinkSeen, names: Mapping[int, str]) -> LinkState:
    state = "down" if not link.up else "up" if link.carrier else "no carrier"
    return LinkState(names[link.index], state, link.mtu)


def _way(route: RouteMessage, names: Mapping[int, str]) -> str:
    parts = ["" if route.kind == UNICAST else route_kind_name(route.kind), route.destination]
    if route.gateway is not None:
        parts.append(f"via {route.gateway}")
    if route.link is not None and route.kind == UNICAST:
        parts.append(f"dev {names.get(route.link, route.link)}")
    if route.metric and not (route.version == 6 and route.metric == _USUAL_METRIC):
        parts.append(f"metric {route.metric}")
    return " ".join(part for part in parts if part)


def _is_noise(route: RouteMessage) -> bool:
    return route.destination.startswith(_NOT_TOLD)


def network_from_files(proc: ProcFolder, pid: int) -> Network | None:
    """The network of a process as ``/proc/PID/net`` shows it, or None if it can't be read."""
    four = proc.read_all(f"{pid}/net/fib_trie", _MOST)
    if four is None:
        return None
    six = proc.read_all(f"{pid}/net/if_inet6", _MOST) or b""
    links = proc.read_all(f"{pid}/net/dev", _MOST) or b""
    return Network(
        written([*addresses_in_fib_trie(four), *addresses_in_if_inet6(six)]), names_in_dev(links), "fib_trie"
    )


def addresses_in_fib_trie(raw: bytes) -> list[bytes]:
    """The machine's own IPv4 addresses: leaves ("|-- 10.1.2.3") followed by "/32 host LOCAL"."""
    found = []
    leaf = b""
    for line in raw.splitlines():
        words = line.split()
        if len(words) == 2 and words[0] == b"|--":
            leaf = words[1]
        elif words[:3] == [b"/32", b"host", b"LOCAL"]:
            found.append(leaf)
    return [packed for text in found if (packed := _packed(text))]


def addresses_in_if_inet6(raw: bytes) -> list[bytes]:
    """The IPv6 addresses: 32 hexadecimal digits at the start of each line."""
    found = []
    for line in raw.splitlines():
        try:
            packed = bytes.fromhex(line[:32].decode("ascii"))
        except (UnicodeDecodeError, ValueError):
            continue
        if len(packed) == 16:
            found.append(packed)
    return found


def names_in_dev(raw: bytes) -> tuple[str, ...]:
    """The names of the links, sorted: what stands before the colon from the third line on."""
    lines = raw.splitlines()[2:]
    return tuple(sorted(decoded(line.rpartition(b":")[0].strip()) for line in lines if b":" in line))


def written(addresses: Iterable[bytes]) -> tuple[str, ...]:
    """Addresses as text: IPv4 first, each kind numerically sorted, no loopback, link-local or double."""
    worth = {address for address in addresses if not _is_local(address)}
    return tuple(_text(address) for address in sorted(worth, key=lambda one: (len(one), one)))


def _is_local(address: bytes) -> bool:
    if len(address) == 4:
        return address[0] == 127 or address[:2] == b"\xa9\xfe"
    if len(address) == 16:
        loopback = address == bytes(15) + b"\x01"
        return loopback or (address[0] == 0xFE and address[1] & 0xC0 == 0x80)
    return True


def _text(address: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET if len(address) == 4 else socket.AF_INET6, address)


def _packed(text: bytes) -> bytes | None:
    try:
        return socket.inet_pton(socket.AF_INET, text.decode("ascii"))
    except (OSError, UnicodeDecodeError):
        return None
