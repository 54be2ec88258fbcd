"""The network inside one network namespace, as far as it could be seen. Pure: read by ``kernel/netview.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pausetui.core.namespaces import NamespaceId
from pausetui.core.observation import Net, Problem


@dataclass(frozen=True, slots=True)
class Counters:
    """What went through a link since it was made (IFLA_STATS64, rtnetlink(7); ``/proc/net/dev``)."""

    rx_bytes: int
    tx_bytes: int
    rx_packets: int
    tx_packets: int
    rx_errors: int
    tx_errors: int
    rx_dropped: int
    tx_dropped: int


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end of a veth, or the link that a macvlan or a vlan sits on.

    Attributes:
        index: Its number in the namespace that it is in.
        name: Its name, or None if that namespace was not found.
        bridge: The name of the bridge (or bond) that it is a port of, or None.
        on_host: It is in the host's network namespace, or in the one that pausetui runs in.
        net: The namespace that it is in, if that is a third one or the link's own; else None.
    """

    index: int
    name: str | None = None
    bridge: str | None = None
    on_host: bool = False
    net: NamespaceId | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """One link. None for what could not be read.

    Attributes:
        name: As ``ip link`` shows it.
        index: Its number in its namespace.
        kind: "veth", "bridge", "macvlan" …; "loopback"; "" for a device whose driver names no kind.
        up: It is switched on (IFF_UP).
        lower_up: There is a carrier (IFF_LOWER_UP): of a veth, the other end is up, too.
        operstate: As RFC 2863 calls it: "up", "down", "lowerlayerdown", "unknown" …
        mac: Its address, or None if it has none.
        mtu: In bytes.
        master: The name of the bridge or bond that it is a port of, or None.
        peer: Its other end, or the link below it; None if it has none.
        counters: What went through it.
    """

    name: str
    index: int | None = None
    kind: str | None = None
    up: bool | None = None
    lower_up: bool | None = None
    operstate: str | None = None
    mac: str | None = None
    mtu: int | None = None
    master: str | None = None
    peer: Peer | None = None
    counters: Counters | None = None


@dataclass(frozen=True, slots=True)
class LinkAddress:
    """One address of a link. None for what could not be read.

    Attributes:
        address: Without prefix length.
        prefix: Its prefix length.
        link: The name of its link.
        scope: "global", "link", "host" …
        flags: "tentative", "dadfailed", "deprecated" …, as ip-address(8) names them; those of every day
            ("permanent", "noprefixroute") too.
        other: The other end's address on a point-to-point link, or None.
    """

    address: str
    prefix: int | None = None
    link: str | None = None
    scope: str | None = None
    flags: tuple[str, ...] = ()
    other: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One way of the main table; a route over several next hops is one of these for each.

    Attributes:
        version: 4 or 6.
        destination: "default", or an address and its prefix length.
        gateway: The next hop, or None if it is on the link.
        link: The name of the link, or None if it leads nowhere.
        kind: "unicast", or what becomes of the packet: "blackhole", "unreachable", "prohibit" …; "reject" for
            any of these where only a file could be read.
        metric: Smaller is preferred.
        protocol: Who made it: "kernel", "boot", "static", "ra", "bird" …; None if not known.
        source: The address that packets on this way get as theirs, or None.
    """

    version: int
    destination: str
    gateway: str | None = None
    link: str | None = None
    kind: str = "unicast"
    metric: int = 0
    protocol: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Whom a link reaches under an address: ``state`` is "reachable", "stale", "failed", "permanent" …

    Attributes:
        address: The neighbour's address.
        mac: Its link's address, or None while that is not known.
        link: The name of our link to it.
        state: As ip-neighbour(8) names it; "complete" where only a file could be read.
    """

    address: str
    mac: str | None
    link: str | None
    state: str


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that waits for connections (TCP) or packets from anybody (UDP).

    Attributes:
        protocol: "tcp" or "udp".
        version: 4 or 6, of the socket.
        address: What it is bound to; "0.0.0.0" and "::" stand for any.
        port: Its port.
        link: The link that it is bound to, or None.
        v6_only: Of a socket of version 6, whether it refuses IPv4; None if not known.
        uid: The user who made it.
        inode: What ``/proc/PID/fd`` calls it: ``socket:[inode]``.
        owners: The pids that have it open, of those that were asked; None if that could not be found out.
    """

    protocol: str
    version: int
    address: str
    port: int
    link: str | None = None
    v6_only: bool | None = None
    uid: int = 0
    inode: int = 0
    owners: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class NftRules:
    """What nftables has (``iptables-nft`` writes here, too): tables as "ip nat", and how many chains and rules."""

    tables: tuple[str, ...] = ()
    chains: int = 0
    rules: int = 0


@dataclass(frozen=True, slots=True)
class LegacyTable:
    """A table of ``iptables-legacy``.

    Attributes:
        version: 4 or 6.
        name: "filter", "nat" …
        rules: Entries beyond the policies of its built-in chains; a chain of the user's own counts for two.
    """

    version: int
    name: str
    rules: int


@dataclass(frozen=True, slots=True)
class PacketRules:
    """Packet rules of a namespace; None for what could not be read."""

    nft: NftRules | None = None
    legacy: tuple[LegacyTable, ...] | None = None

    @property
    def count(self) -> int | None:
        """How many rules there are of both sorts; None if one sort could not be read."""
        if self.nft is None or self.legacy is None:
            return None
        return self.nft.rules + sum(table.rules for table in self.legacy)


@dataclass(frozen=True, slots=True)
class NetworkView:
    """Everything that could be seen of one network namespace at one time.

    Each part is None if it could not be read; ``problems`` says why.

    Attributes:
        net: Which namespace.
        read_at: When, in seconds of a clock that only goes forward.
        source: "netlink", "files" (without rights), or "" if nothing could be read.
        links: By their index.
        addresses: All, loopback and link-local ones too.
        routes: The main table of both families.
        neighbours: Without those that need no resolution (NOARP).
        listeners: TCP and UDP, sorted by port.
        connections: TCP sockets that don't listen, counted by state ("ESTABLISHED").
        abstract_sockets: How many names the abstract Unix socket space has, which is the namespace's own.
        rules: Packet rules.
        problems: What could not be read, and why.
    """

    net: Net
    read_at: float
    source: str = ""
    links: tuple[Link, ...] | None = None
    addresses: tuple[LinkAddress, ...] | None = None
    routes: tuple[Route, ...] | None = None
    neighbours: tuple[Neighbour, ...] | None = None
    listeners: tuple[Listener, ...] | None = None
    connections: Mapping[str, int] | None = None
    abstract_sockets: int | None = None
    rules: PacketRules | None = None
    problems: tuple[Problem, ...] = ()


def with_host(view: NetworkView, host: NamespaceId | None) -> NetworkView:
    """The view with the ends that are in this namespace marked as the host's, also if pausetui runs elsewhere."""
    if host is None or not any(link.peer is not None and link.peer.net == host for link in view.links or ()):
        return view
    return replace(view, links=tuple(_with_host(link, host) for link in view.links or ()))


def _with_host(link: Link, host: NamespaceId) -> Link:
    peer = link.peer
    return replace(link, peer=replace(peer, on_host=True)) if peer is not None and peer.net == host else link


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What came of a connection to a port, from inside a network namespace.

    Attributes:
        address: To which address.
        port: To which port.
        connected: Somebody accepted.
        milliseconds: How long the connection took, or the failure.
        answer: The first line of the answer to ``HEAD /``, "" if none was asked for or none came.
        error: What went wrong, in words; "" if nothing did.
    """

    address: str
    port: int
    connected: bool
    milliseconds: float
    answer: str = ""
    error: str = ""
