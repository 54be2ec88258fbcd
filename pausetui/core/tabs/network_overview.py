"""What is told about the network inside a pod: links, addresses, ways, who listens, what passes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pausetui.core.network import Link, Listener, NetworkView, Peer
from pausetui.core.port_clashes import port_clashes
from pausetui.core.prose import BLANK, Entry, Tone, heading, listed, quiet
from pausetui.core.rates import Rates, rates
from pausetui.core.snapshot import Pod, Snapshot
from pausetui.core.tabs.address_overview import runtime_against_kernel
from pausetui.core.wording import plural

NOT_KNOWN = "not known"
_LEGACY = {4: "iptables", 6: "ip6tables"}


def entries(
    snapshot: Snapshot, pod: Pod, view: NetworkView | None, before: NetworkView | None = None
) -> tuple[Entry, ...]:
    """The network of a pod.

    Args:
        snapshot: The newest.
        pod: Whose network.
        view: What was seen inside, or None while nobody has looked.
        before: What was seen some time earlier, for what passes in between.
    """
    title = heading(f"Network of {pod.title}")
    if pod.host_network:
        return (title, Entry("It uses the host's network: its links, addresses and ports are the machine's."))
    told = tuple(runtime_against_kernel(snapshot, pod))
    if view is None:
        return (title, *told, BLANK, quiet("Looking inside…"))
    passing = rates(before, view) if before is not None else {}
    owners = owners_of(pod)
    return (
        title,
        *told,
        *(Entry(f"{one.what}: {one.why}", "unseen ", Tone.BAD) for one in view.problems),
        BLANK,
        heading("Links"),
        *_links(view, passing),
        BLANK,
        heading("Listening"),
        *_listeners(view, owners),
        BLANK,
        heading("Connections"),
        *_connections(view),
        BLANK,
        heading("Ways out"),
        *_routes(view),
        BLANK,
        heading("Neighbours"),
        *_neighbours(view),
        BLANK,
        heading("Packet rules"),
        *_rules(view),
    )


def owners_of(pod: Pod) -> Mapping[int, str]:
    """The container that each process of a pod belongs to, by pid; of those from outside their name."""
    found = {process.id.pid: one.name for one in pod.containers() for process in one.processes}
    return {**{sharer.id.pid: f"{sharer.name} from outside" for sharer in pod.sharers}, **found}


def _links(view: NetworkView, passing: Mapping[str, Rates]) -> Iterator[Entry]:
    if view.links is None:
        yield quiet(NOT_KNOWN)
        return
    for link in view.links:
        parts = [_state(link), link.mac or "", f"mtu {link.mtu}" if link.mtu else "", _peer(link, view)]
        yield Entry(
            " · ".join(part for part in parts if part), link.name, Tone.PLAIN if _is_fine(link) else Tone.BAD
        )
        own = [one for one in view.addresses or () if one.link == link.name]
        if own:
            told = (f"{one.address}/{one.prefix}{_flags(one.flags)}" for one in own)
            yield Entry(", ".join(told), "  ")
        if (rate := passing.get(link.name)) is not None:
            yield quiet(_passing(rate), "  ")


def _is_fine(link: Link) -> bool:
    return link.kind == "loopback" or (link.up is not False and link.lower_up is not False)


def _state(link: Link) -> str:
    kind = f"{link.kind} " if link.kind else ""
    if link.up is False:
        return f"{kind}down"
    return f"{kind}up" if link.lower_up is not False else f"{kind}up, no carrier: its other end is down"


def _peer(link: Link, view: NetworkView) -> str:
    peer = link.peer
    if peer is None:
        return ""
    name = peer.name or f"link {peer.index}"
    bridge = f", port of {peer.bridge}" if peer.bridge else ""
    return f"other end {name}{_where_is(peer, view)}{bridge}"


def _where_is(peer: Peer, view: NetworkView) -> str:
    if peer.on_host:
        return " on the host"
    if peer.net is None:
        return " in a network that is not known"
    return "" if peer.net == view.net else f" in net {peer.net.inode}"


def _flags(flags: tuple[str, ...]) -> str:
    told = [flag for flag in flags if flag in ("tentative", "dadfailed", "deprecated")]
    return f" {' '.join(told)}" if told else ""


def _passing(rate: Rates) -> str:
    parts = [f"in {_bytes(rate.rx_bytes)}/s", f"out {_bytes(rate.tx_bytes)}/s"]
    if rate.rx_errors or rate.tx_errors:
        parts.append(f"errors {rate.rx_errors + rate.tx_errors:.1f}/s")
    if rate.rx_dropped or rate.tx_dropped:
        parts.append(f"dropped {rate.rx_dropped + rate.tx_dropped:.1f}/s")
    return ", ".join(parts)


def _bytes(count: float) -> str:
    for unit, size in (("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count:.0f} B"


def _listeners(view: NetworkView, owners: Mapping[int, str]) -> Iterator[Entry]:
    if view.listeners is None:
        yield quiet(NOT_KNOWN)
        return
    for one in view.listeners:
        yield Entry(_owner(one, owners), f"{one.protocol} {_where(one)}")
    if not view.listeners:
        yield quiet("nobody listens")
    for clash in port_clashes(view.listeners, owners):
        yield Entry(str(clash), "clash  ", Tone.BAD)
    if view.abstract_sockets:
        yield quiet(
            f"{plural(view.abstract_sockets, 'name')} in the abstract Unix space, which is this network's own"
        )


def _where(one: Listener) -> str:
    return f"[{one.address}]:{one.port}" if one.version == 6 else f"{one.address}:{one.port}"


def _owner(one: Listener, owners: Mapping[int, str]) -> str:
    if one.owners is None:
        return "whose is not known"
    if not one.owners:
        return "of no process that is known: somebody outside has it open"
    return listed(list(dict.fromkeys(f"{owners.get(pid, '?')} (pid {pid})" for pid in one.owners)))


def _connections(view: NetworkView) -> Iterator[Entry]:
    if view.connections is None:
        yield quiet(NOT_KNOWN)
    elif not view.connections:
        yield quiet("none")
    else:
        yield Entry(", ".join(f"{count} {state}" for state, count in sorted(view.connections.items())))


def _routes(view: NetworkView) -> Iterator[Entry]:
    if view.routes is None:
        yield quiet(NOT_KNOWN)
        return
    for route in view.routes:
        via = f" via {route.gateway}" if route.gateway else ""
        on = f" on {route.link}" if route.link and route.kind == "unicast" else ""
        kind = "" if route.kind == "unicast" else f"{route.kind} "
        metric = f", metric {route.metric}" if route.metric else ""
        yield Entry(f"{kind}{route.destination}{via}{on}{metric}")
    if not any(route.destination == "default" for route in view.routes):
        yield quiet(f"no default: {_reached(view)} can be reached")


def _reached(view: NetworkView) -> str:
    if view.routes:
        return "only what is named here"
    outward = [link for link in view.links or () if link.name != "lo"]
    return "only what is on its own links" if any(link.up for link in outward) else "only itself"


def _neighbours(view: NetworkView) -> Iterator[Entry]:
    if view.neighbours is None:
        yield quiet(NOT_KNOWN)
        return
    for one in view.neighbours:
        bad = one.state in ("failed", "incomplete")
        on = f" on {one.link}" if one.link else ""
        yield Entry(f"{one.mac or '?'}{on}, {one.state}", one.address, Tone.BAD if bad else Tone.PLAIN)
    if not view.neighbours:
        yield quiet("nobody was spoken to lately")


def _rules(view: NetworkView) -> Iterator[Entry]:
    rules = view.rules
    count = rules.count if rules else None
    if rules is None or count is None:
        yield quiet(NOT_KNOWN)
    elif not count:
        yield quiet("none: nothing here redirects or drops packets")
    else:
        legacy = (f"{_LEGACY[one.version]} {one.name}" for one in rules.legacy or () if one.rules)
        tables = [*(rules.nft.tables if rules.nft else ()), *legacy]
        yield Entry(
            f"{plural(count, 'rule')} in {listed(tables)}: packets are redirected or dropped here, as by a mesh"
        )
