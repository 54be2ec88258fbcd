"""What ``networks.py`` runs in a network namespace of its own: a node with wired pods. Prints figures as JSON."""

from __future__ import annotations

import contextlib
import json
import select
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from statistics import median

from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.network import NetworkView
from pausetui.core.observation import Net
from pausetui.kernel.netview import NetworkPlace, inspect_networks
from pausetui.kernel.nsfs import IdentityReader
from pausetui.kernel.observer import Observer
from pausetui.kernel.processes import ProcFolder

TURNS, CHANGES = 3, 30
SERVER = """
import ctypes, os, socket, sys
ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG
ctypes.CDLL(None).unshare(0x40000000)
print("there", flush=True)
sys.stdin.readline()
server = socket.create_server(("0.0.0.0", 80))
print("listens", flush=True)
sys.stdin.read()
"""
PROC = ProcFolder("/proc")


def main(count: int) -> None:
    run("ip link set lo up", "ip link add cni0 type bridge", "ip link set cni0 up")
    with contextlib.ExitStack() as stack:
        pods = [stack.enter_context(contextlib.closing(Pod(number))) for number in range(count)]
        places = [pod.place() for pod in pods]
        tracemalloc.start()
        kept = look(places)
        memory = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        figures = [(cost(lambda: look(places)), cost(lambda: by_programs(pods))) for _ in range(TURNS)]
        ours, theirs = (list(side) for side in zip(*figures, strict=True))
        found = {
            "ours": median(wall for wall, _ in ours),
            "cpu": median(cpu for _, cpu in ours),
            "theirs": median(wall for wall, _ in theirs),
            "kilobytes": memory / 1000 / len(kept),
        }
        print(json.dumps(found | latencies(pods[count // 2])))


class Pod:
    """A network namespace that is wired to the bridge, with a process in it that listens."""

    def __init__(self, number: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._expect(b"there\n")
        self.pid = self._process.pid
        run(f"ip link add veth{number} type veth peer name eth0 netns {self.pid}")
        run(f"ip link set veth{number} up master cni0")
        self.ip("link set lo up", "link set eth0 up", "addr add fd00::%x/64 dev eth0 nodad" % (number + 2))
        self.ip(f"addr add 10.9.{number // 200}.{number % 200 + 2}/16 dev eth0", "route add default via 10.9.0.1")
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        self._expect(b"listens\n")

    def place(self) -> NetworkPlace:
        seen = IdentityReader().read(f"/proc/{self.pid}/ns/net", NamespaceKind.NET)
        assert seen is not None
        net = NamespaceId(NamespaceKind.NET, seen.inode, seen.id, seen.by)
        return NetworkPlace(net, self.pid, members=(self.pid,))

    def ip(self, *commands: str) -> None:
        run(*(f"nsenter -n -t {self.pid} ip {command}" for command in commands))

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _expect(self, line: bytes) -> None:
        assert self._process.stdout is not None
        if self._process.stdout.readline() != line:
            raise RuntimeError("a pod to be measured could not be made")


def run(*commands: str) -> None:
    for command in commands:
        subprocess.run(command.split(), check=True, stdout=subprocess.DEVNULL)


def look(places: list[NetworkPlace]) -> dict[Net, NetworkView]:
    views = inspect_networks(PROC, places)
    if any(view.source != "netlink" or view.problems or not view.listeners for view in views.values()):
        raise RuntimeError("a network namespace could not be read")
    return views


def by_programs(pods: list[Pod]) -> None:
    for pod in pods:
        run(f"nsenter -n -t {pod.pid} ip -j addr", f"nsenter -n -t {pod.pid} ss -tulnpH")


def cost(call: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds by the clock, and of this process's CPU."""
    started, cpu = time.perf_counter(), time.process_time()
    call()
    return (time.perf_counter() - started) * 1000, (time.process_time() - cpu) * 1000


def latencies(pod: Pod) -> dict[str, float]:
    """Milliseconds from the start of a program that changes something to the observer's hint."""
    changes = {
        "address": ("addr add 10.8.0.1/32 dev eth0", "addr del 10.8.0.1/32 dev eth0"),
        "link": ("link set eth0 mtu 1400", "link set eth0 mtu 1500"),
        "route": ("route add blackhole 10.7.0.0/16", "route del blackhole 10.7.0.0/16"),
    }
    found: dict[str, float] = {}
    with contextlib.closing(Observer()) as observer:
        observer.observe()
        for what, commands in changes.items():
            times = [hinted(observer, pod, commands[turn % 2]) for turn in range(CHANGES)]
            found |= {what: median(times), f"{what} slowest": max(times)}
    return found


def hinted(observer: Observer, pod: Pod, command: str) -> float:
    while select.select([observer.fileno()], [], [], 0.05)[0]:
        observer.drain()
    started = time.perf_counter()
    changing = subprocess.Popen(["nsenter", "-n", "-t", str(pod.pid), "ip", *command.split()])
    if not select.select([observer.fileno()], [], [], 10)[0]:
        raise RuntimeError(f"nothing was heard of: {command}")
    heard = time.perf_counter()
    changing.wait()
    return (heard - started) * 1000


if __name__ == "__main__":
    main(int(sys.argv[1]))
