"""What changed in a pod's network from one snapshot to the next, in the pod's words. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pausetui.core import wording
from pausetui.core.changes import Change, ChangeKind
from pausetui.core.memory import Memory
from pausetui.core.observation import LinkState
from pausetui.core.snapshot import Pod

FEW = 3
"""So many ways are named in one line, the others counted."""


def network_changes(old: Pod, new: Pod, memory: Memory, now: datetime) -> Iterator[Change]:
    """Addresses, links and ways out that came, went or changed.

    Links and ways only of a network that the pod keeps and that is no longer being made: what comes with a pod's
    first seconds, or with another sandbox, is told by its address.

    Args:
        old: The pod as it was.
        new: As it is.
        memory: What was known last.
        now: When ``new`` was seen.
    """
    yield from _addresses(old, new, memory)
    net = new.net
    if net is not None and net == old.net and memory.is_settled(net, now):
        yield from _links(old, new)
        yield from _routes(old, new)


def _addresses(old: Pod, new: Pod, memory: Memory) -> Iterator[Change]:
    if old.addresses == new.addresses or new.addresses is None:
        return
    before = old.addresses if old.addresses is not None else memory.addresses.get(new.key)
    if before == new.addresses or not (before or new.addresses):
        return
    text = wording.address_changed(before, new.addresses, memory.addresses.get(new.key, ()))
    yield Change(ChangeKind.ADDRESS_CHANGED, new.key, new.title, None, before, new.addresses, text)


def _links(old: Pod, new: Pod) -> Iterator[Change]:
    if old.links is None or new.links is None or old.links == new.links:
        return
    before, after = ({link.name: link for link in links} for links in (old.links, new.links))
    for name in (*before, *(after.keys() - before.keys())):
        was, now = before.get(name), after.get(name)
        if was != now:
            text = link_changed(was, now)
            yield Change(ChangeKind.LINK_CHANGED, new.key, new.title, None, _fact(was), _fact(now), text)


def _fact(link: LinkState | None) -> str | None:
    return None if link is None else f"{link.name} {link.state} mtu {link.mtu}"


def link_changed(was: LinkState | None, now: LinkState | None) -> str:
    """A link that appeared, went, was switched, or got another MTU; one of the two may be None."""
    if now is None:
        return f"link {was.name} is gone" if was is not None else ""
    if was is None:
        return f"link {now.name} appeared, {now.state}"
    parts = [_STATES[now.state]] if was.state != now.state else []
    if was.mtu != now.mtu:
        parts.append(f"mtu {was.mtu} → {now.mtu}")
    return f"{now.name} {', '.join(parts)}"


_STATES = {"up": "is up", "down": "is down", "no carrier": "has no carrier: its other end is down"}


def _routes(old: Pod, new: Pod) -> Iterator[Change]:
    if old.routes is None or new.routes is None or old.routes == new.routes:
        return
    text = routes_changed(old.routes, new.routes)
    yield Change(ChangeKind.ROUTE_CHANGED, new.key, new.title, None, old.routes, new.routes, text)


def routes_changed(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    """Ways out that went and came, and whether there is none left that leads everywhere."""
    gone = [way for way in before if way not in after]
    came = [way for way in after if way not in before]
    if not {_short(way) for way in gone} & {_short(way) for way in came}:
        gone, came = [_short(way) for way in gone], [_short(way) for way in came]
    parts = [f"{_named(gone)} gone"] if gone else []
    if came:
        parts.append(f"{_named(came)} added")
    if _leads_out(before) and not _leads_out(after):
        parts.append("no way out is left")
    return ", ".join(parts)


def _named(ways: list[str]) -> str:
    if len(ways) > FEW:
        return f"{len(ways)} routes"
    return ", ".join(way if way.startswith("default") else f"route {way}" for way in ways)


def _short(way: str) -> str:
    """Without the link, which goes without saying where there is a gateway."""
    before, dev, after = way.partition(" dev ")
    return f"{before} {after.partition(' ')[2]}".rstrip() if dev and " via " in before else way


def _leads_out(ways: tuple[str, ...]) -> bool:
    return any(way.startswith("default") for way in ways)
