"""Changes inside a pod's network that a running session is to tell of because the kernel did, not a clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from pausetui.core.snapshot import Pod
from pausetui.kernel import networks
from pausetui.live import pace
from tests.real.cri_watch import Watched
from tests.real.netpods import ip
from tests.waiting import until

HOUR = 3600.0
STEPS = (
    ("addr add 10.99.0.7/32 dev eth0", "address_changed", "10.99.0.7"),
    ("addr del 10.99.0.7/32 dev eth0", "address_changed", "10.99.0.7"),
    ("link set eth0 mtu 1400", "link_changed", "eth0 mtu 1500 → 1400"),
    ("route del default", "route_changed", "gone, no way out is left"),
    ("link set eth0 down", "link_changed", "eth0 is down"),
    ("link set eth0 up", "link_changed", "eth0 is up"),
)
"""Commands of ``ip`` in a pod with one default route; the kind of the change that each makes; words of its line."""


@contextmanager
def without_a_clock() -> Iterator[None]:
    """Sessions that begin in the block look once an hour, and read a network that they know as seldom."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HINTED_TIMER", "BLIND_TIMER"):
            patch.setattr(pace, name, HOUR)
        for name in ("INTERVAL", "HEARD_INTERVAL"):
            patch.setattr(networks, name, HOUR)
        patch.setattr(networks, "YOUNG_SECONDS", 0.0)
        yield


def is_wired(pod: Pod) -> bool:
    """Whether everything is there that the steps change."""
    links = {link.name: (link.state, link.mtu) for link in pod.links or ()}
    return bool(pod.addresses) and links.get("eth0") == ("up", 1500) and len(pod.routes or ()) == 1


def told(watched: Watched, pod: str, pid: int, steps: Sequence[tuple[str, str, str]] = STEPS) -> list[str]:
    """Take the steps one after the other, and what the timeline said to each."""
    found = []
    for command, kind, words in steps:
        before = len(watched.events)
        ip(pid, command)

        def is_told(before: int = before, kind: str = kind, words: str = words) -> bool:
            changes = (event.change for event in watched.events[before:])
            return any((one.pod, one.kind) == (pod, kind) and words in one.text for one in changes)

        until(is_told, what=f"{kind} after {command}")
        found.append(until(lambda words=words: _line(watched, pod, words), what=f"the line of {command}"))  # type: ignore[misc]
    return found


def _line(watched: Watched, pod: str, words: str) -> str | None:
    lines = (line for line in reversed(watched.pictures[-1].timeline) if line.event.change.pod == pod)
    return next((line.text for line in lines if words in line.text), None)
