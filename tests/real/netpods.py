"""Network namespaces with something in them, and where they are."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.network import NetworkView
from pausetui.kernel.netview import NetworkPlace, inspect_networks
from pausetui.kernel.nsfs import IdentityReader
from pausetui.kernel.processes import ProcFolder
from tests.real.spawn import in_netns, python, sleeping

NET = NamespaceKind.NET
PROC = ProcFolder("/proc")
LISTEN = """
import socket, sys
open_here = []
for argument in sys.argv[1:]:
    kind, address, port = argument.split(",")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM if kind.startswith("tcp") else socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, kind.endswith("6only"))
    made.bind((address, int(port)))
    if kind.startswith("tcp"):
        made.listen()
    open_here.append(made)
print("ready", flush=True)
sys.stdin.read()
"""


def net_of(pid: int) -> NamespaceId:
    seen = IdentityReader().read(f"/proc/{pid}/ns/net", NET)
    assert seen is not None
    return NamespaceId(NET, seen.inode, seen.id, seen.by)


def place_of(pid: int, *members: int) -> NetworkPlace:
    return NetworkPlace(net_of(pid), pid, members=members)


def view_of(pid: int, *members: int, near: tuple[int, ...] = ()) -> NetworkView:
    place = place_of(pid, *members)
    return inspect_networks(PROC, [place], near=[place_of(one) for one in near])[place.net]


def ip(pid: int, *commands: str) -> None:
    """Each is the rest of a command line of ``ip``, run in the network namespace of a process."""
    for command in commands:
        in_netns(pid, "ip", *command.split())


def ip_json(pid: int, command: str) -> list[dict[str, Any]]:
    """What ``ip -j`` says there; the oracle."""
    argv = ["nsenter", "-n", "-t", str(pid), "ip", "-j", *command.split()]
    found: list[dict[str, Any]] = json.loads(subprocess.run(argv, check=True, capture_output=True).stdout)
    return found


@contextmanager
def pod() -> Iterator[int]:
    """The pid of a process in a network namespace with loopback."""
    with sleeping(NET) as process:
        ip(process.pid, "link set lo up")
        yield process.pid


@contextmanager
def wired(name: str = "veth0") -> Iterator[tuple[int, int]]:
    """A pod and the node that it is wired to, a namespace, too: pids. The node's end is the port of a bridge."""
    with pod() as inside, sleeping(NET) as node:
        ip(
            node.pid,
            "link add cni0 type bridge",
            "link set cni0 up",
            f"link add {name} type veth peer name eth0 netns {inside}",
            f"link set {name} up master cni0",
        )
        ip(inside, "link set eth0 up")
        yield inside, node.pid


@contextmanager
def listening(pid: int, *sockets: str) -> Iterator[int]:
    """A process in that network namespace that listens: "tcp,127.0.0.1,80", "tcp6only,::,80"; its pid."""
    argv = ["nsenter", "-n", "-t", str(pid), *python(LISTEN, *sockets)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield process.pid
        finally:
            process.kill()
