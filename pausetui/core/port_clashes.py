"""Ports on which two programs of a pod listen at once: one port space for all containers allows it. Pure.

The usual clash can't be seen here: the second program's ``bind`` fails (EADDRINUSE) and it ends, with no trace but
in its own log. What can be seen are two that do listen: with SO_REUSEPORT, on different addresses or families, or
on different links. How the kernel chooses between them is in net/ipv4/inet_hashtables.c and udp.c: the exact
address before "any", a socket of the packet's own family before one of both, one bound to a link before others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from pausetui.core.network import Listener

_ANY = {4: "0.0.0.0", 6: "::"}
_MAPPED = "::ffff:"


class ClashKind(StrEnum):
    """What two listeners on one port mean for who connects."""

    SHARED = "shared"
    """Same address: each connection goes to one of them, as the kernel deals them out."""
    SHADOWED = "shadowed"
    """``first`` gets what ``second``, which listens on more, would get there."""
    SPLIT = "split"
    """Each has its own address or family: who answers ``localhost`` depends on which of them is tried."""


@dataclass(frozen=True, slots=True)
class PortClash:
    """Two listeners of different programs on one port; ``first`` is the one that comes first, if either does."""

    kind: ClashKind
    first: Listener
    second: Listener

    def __str__(self) -> str:
        one, other = _where(self.first), _where(self.second)
        if self.kind is ClashKind.SHARED:
            return f"two listen on {one}: each connection goes to one of them"
        if self.kind is ClashKind.SHADOWED:
            return f"{one} takes what would come to {other} there"
        return f"{one} and {other} are different programs: the address decides who answers"


def port_clashes(
    listeners: Collection[Listener], programs: Mapping[int, str] | None = None
) -> tuple[PortClash, ...]:
    """Pairs of listeners that use one port and belong to different programs.

    Args:
        listeners: Of one network namespace. Without those whose owners aren't known: they may be one.
        programs: To which program a pid belongs (its container, say); one that is not in it is its own.
    """
    by_port: dict[tuple[str, int], list[Listener]] = {}
    for listener in listeners:
        if listener.owners:
            by_port.setdefault((listener.protocol, listener.port), []).append(listener)
    named = programs or {}
    return tuple(
        clash
        for _, same in sorted(by_port.items())
        for one, other in combinations(same, 2)
        if not _programs(one, named) & _programs(other, named) and (clash := _clash(one, other))
    )


def who_answers(listeners: Collection[Listener], address: str, port: int) -> tuple[Listener, ...]:
    """Those that get a TCP connection to an address of loopback; several if they share it (SO_REUSEPORT)."""
    version = 6 if ":" in address else 4
    fitting = [
        one
        for one in listeners
        if one.protocol == "tcp" and one.port == port and one.link in (None, "lo") and _takes(one, version, address)
    ]
    first = min(map(_precedence, fitting), default=None)
    return tuple(one for one in fitting if _precedence(one) == first)


def _takes(listener: Listener, version: int, address: str) -> bool:
    return any(own == version and bound in (address, _ANY[version]) for own, bound in _covers(listener))


def _programs(listener: Listener, programs: Mapping[int, str]) -> set[str]:
    return {programs.get(pid, f"pid {pid}") for pid in listener.owners or ()}


def _clash(one: Listener, other: Listener) -> PortClash | None:
    if one.link and other.link and one.link != other.link:
        return None
    first, second = sorted((one, other), key=_precedence)
    if not _overlap(one, other):
        return PortClash(ClashKind.SPLIT, first, second)
    same = _precedence(one) == _precedence(other)
    return PortClash(ClashKind.SHARED if same else ClashKind.SHADOWED, first, second)


def _precedence(listener: Listener) -> tuple[bool, bool, int]:
    """Smaller comes first."""
    return listener.address in _ANY.values(), listener.link is None, listener.version


def _overlap(one: Listener, other: Listener) -> bool:
    theirs = dict(_covers(other))
    return any(
        version in theirs and (address == theirs[version] or _ANY[version] in (address, theirs[version]))
        for version, address in _covers(one)
    )


def _covers(listener: Listener) -> Iterator[tuple[int, str]]:
    """The families and addresses that it answers on. Where it isn't known whether it takes both, it doesn't."""
    if listener.version == 6 and listener.address.startswith(_MAPPED):
        yield 4, listener.address.removeprefix(_MAPPED)
        return
    yield listener.version, listener.address
    if listener.version == 6 and listener.address == "::" and listener.v6_only is False:
        yield 4, _ANY[4]


def _where(listener: Listener) -> str:
    host = f"[{listener.address}]" if listener.version == 6 else listener.address
    on = f"%{listener.link}" if listener.link else ""
    return f"{listener.protocol} {host}{on}:{listener.port}"
