"""Links, addresses and routes of many network namespaces, by our own netlink code against pyroute2.

This is what justifies a decoder of our own beside a well-kept library: the feed does it for every pod.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from statistics import median

from benchmarks.crowd import crowd
from benchmarks.row import Row, at_most_times
from pausetui.kernel.configured import Configured, read_configured
from pausetui.kernel.netns import Visitor

NAMESPACES = 30
TURNS = 3
GOAL = 0.1


def rows() -> Iterable[Row]:
    from pyroute2 import IPRoute

    def library(paths: list[str]) -> None:
        for path in paths:
            with IPRoute(netns=path) as route:
                list(route.get_links())
                list(route.get_addr())
                list(route.get_routes())

    def ours(paths: list[str]) -> None:
        visitor = Visitor()
        answers = visitor.visit([opener(path) for path in paths], read_configured)
        visitor.close()
        if not all(isinstance(answer, Configured) for answer in answers):
            raise RuntimeError("a network namespace could not be read")

    with crowd(16 * NAMESPACES * 5 // 4):
        paths = namespaces()
        turns = [(milliseconds(ours, paths), milliseconds(library, paths)) for _ in range(TURNS)]
    mine, theirs = (median(side) for side in zip(*turns, strict=True))
    name = f"links, addresses and routes of {len(paths)} network namespaces, against pyroute2"
    yield at_most_times(name, mine, theirs, "ms", GOAL, "one thread that visits; pyroute2 forks for each")


def namespaces() -> list[str]:
    """A path of each network namespace but our own."""
    found = {os.readlink("/proc/self/ns/net"): ""}
    for name in os.listdir("/proc"):
        path = f"/proc/{name}/ns/net"
        try:
            found.setdefault(os.readlink(path), path)
        except OSError:
            continue
    return [path for path in found.values() if path][:NAMESPACES]


def opener(path: str) -> Callable[[], int]:
    return lambda: os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def milliseconds(call: Callable[[list[str]], None], paths: list[str]) -> float:
    started = time.perf_counter()
    call(paths)
    return (time.perf_counter() - started) * 1000
