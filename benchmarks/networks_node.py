"""What ``networks.py`` runs: a node with wired pods in a network namespace of its own. Prints figures as JSON.

The births of programs are told only in the machine's own network (proc connector), as on a real node; so that is
opened before we go over.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.netcrowd import wired_pods
from benchmarks.networks_watch import until
from pausetui.core.join import join
from pausetui.core.namespace_list import listed_namespaces
from pausetui.kernel import hints
from pausetui.kernel.births import Births
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from pausetui.live.inside import networks_of
from pausetui.live.journal import Journal
from pausetui.live.picture import Picture
from pausetui.live.session import LiveSession
from tests.real.crowds import Crowd

TURNS, CHANGES = 3, 30
QUIET = 0.3
"""Seconds without anything before a change that is measured."""
STEPS = {
    "address": (("addr add 10.8.0.1/32 dev eth0", "→ 10.8.0.1, "), ("addr del 10.8.0.1/32 dev eth0", "10.8.0.1, ")),
    "link": (("link set eth0 mtu 1400", "mtu 1500 → 1400"), ("link set eth0 mtu 1500", "mtu 1400 → 1500")),
    "route": (("route del default", "gone"), ("route add default via 10.9.0.1", "added")),
}
"""For each thing two changes that undo each other, with words of their lines; of the address the second counts."""


def main(count: int) -> None:
    move_to_a_network_of_our_own()
    before = watched_kilobytes([])
    with wired_pods(count) as pids:
        figures = [(cost(lambda: look(pids)), cost_of_programs(pids)) for _ in range(TURNS)]
        ours, theirs = (list(side) for side in zip(*figures, strict=True))
        found = {
            "ours": median(wall for wall, _ in ours),
            "our cpu": median(cpu for _, cpu in ours),
            "theirs": median(wall for wall, _ in theirs),
            "their cpu": median(cpu for _, cpu in theirs),
            "kilobytes": (watched_kilobytes(pids) - before) / count,
        }
        print(json.dumps(found | latencies(pids)))


def move_to_a_network_of_our_own() -> None:
    births = Births()
    setattr(hints, "Births", lambda *_: births)  # noqa: B010 - nothing of pausetui's is made for this
    new_net, new_mnt = 0x40000000, 0x00020000
    if ctypes.CDLL(None, use_errno=True).unshare(new_net | new_mnt):
        raise OSError(ctypes.get_errno(), "can't make namespaces")


def look(pids: list[int]) -> None:
    """All namespaces and networks, from nothing: as ``pausetui snapshot -o json`` does it."""
    backend = Crowd(*pids)
    with closing(Observer()) as observer:
        observation = observer.observe()
        snapshot = join(backend.inventory(observation), observation, datetime.now(UTC))
        views = networks_of(HostRoot(), snapshot)
        listed = listed_namespaces(snapshot)
    if len(views) != len(pids) or len(listed) < 4 * len(pids):
        raise RuntimeError("not everything was seen")
    if any(view.source != "netlink" or view.problems or not view.listeners for view in views.values()):
        raise RuntimeError("a network namespace could not be read")


def by_programs(pids: list[int]) -> None:
    run("lsns -J")
    for pid in pids:
        run(f"nsenter -n -t {pid} ip -j addr", f"nsenter -n -t {pid} ss -tulnpH")


def run(*commands: str) -> None:
    for command in commands:
        subprocess.run(command.split(), check=True, stdout=subprocess.DEVNULL)


def cost(call: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds by the clock, and of this process's CPU."""
    started, cpu = time.perf_counter(), time.process_time()
    call()
    return (time.perf_counter() - started) * 1000, (time.process_time() - cpu) * 1000


def cost_of_programs(pids: list[int]) -> tuple[float, float]:
    """Milliseconds by the clock, and of the programs' CPU."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    by_programs(pids)
    wall = (time.perf_counter() - started) * 1000
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000


def watched_kilobytes(pids: list[int]) -> float:
    """The resident memory of a program that watches these pods."""
    command = [sys.executable, "-m", "benchmarks.networks_watch", *map(str, pids)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


class Watch:
    """A session, and when its lines came."""

    def __init__(self, pids: list[int]) -> None:
        self.session = LiveSession(Crowd(*pids), Observer(), journal=Journal(Path(os.devnull)))
        self.picture: Picture | None = None
        self._known = 0
        self._came: list[tuple[float, str]] = []
        self.session.start(self._take)
        until(lambda: self.picture is not None and len(self.picture.snapshot.pods) == len(pids))

    def _take(self, picture: Picture) -> None:
        now = time.perf_counter()
        self._came += [(now, line.text) for line in picture.timeline[self._known :]]
        self._known = len(picture.timeline)
        self.picture = picture

    def milliseconds(self, pid: int, command: str, words: str) -> float:
        """From the start of the program that changes something in a pod to the line that says so."""
        time.sleep(QUIET)
        self._came.clear()
        started = time.perf_counter()
        changing = subprocess.Popen(["nsenter", "-n", "-t", str(pid), "ip", *command.split()])
        until(lambda: any(words in text for _, text in self._came))
        changing.wait()
        return (next(when for when, text in self._came if words in text) - started) * 1000


def latencies(pids: list[int]) -> dict[str, float]:
    """Milliseconds, of what changes in one pod while all are watched."""
    watch = Watch(pids)
    pid = pids[len(pids) // 2]
    found: dict[str, float] = {}
    try:
        for what, steps in STEPS.items():
            times = [[watch.milliseconds(pid, *step) for step in steps] for _ in range(CHANGES)]
            counted = [gone for _, gone in times] if what == "address" else [one for pair in times for one in pair]
            found |= {what: median(counted), f"{what} slowest": max(counted)}
    finally:
        watch.session.stop()
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]))
