"""Labs for the tests of the real kernel: each under a name of its own, looked at with nothing of pausetui's."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from pausetui.core.inventory import ContainerRecord, PodRecord
from pausetui.core.observation import ProcessId
from pausetui.lab import client, owner
from pausetui.lab.names import VARIABLE
from pausetui.lab.status import LabStatus
from tests.waiting import until

ROOT = Path(__file__).parent.parent.parent
_NS_GET_ID = 0x8008B70D
_FETCH = """
import socket, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2])), 3) as s:
    s.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
    print(b"".join(iter(lambda: s.recv(4096), b"")).partition(b"\\r\\n\\r\\n")[2].decode(), end="")
"""


class Lab:
    """A lab that is up."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def status(self) -> LabStatus:
        return client.status()

    def pod(self, name: str) -> PodRecord:
        return next(pod for pod in self.status().pods if pod.name == name)

    def pause(self, pod: str) -> ProcessId:
        return running(self.pod(pod).pause)

    def pause_record(self, pod: str) -> ContainerRecord:
        pause = self.pod(pod).pause
        assert pause is not None
        return pause

    def member(self, pod: str, name: str) -> ContainerRecord:
        return next(member for member in self.pod(pod).members if member.name == name)

    def process(self, pod: str, name: str) -> ProcessId:
        return running(self.member(pod, name))

    def init(self) -> int:
        """The lab's pid 1."""
        return children(self.pid)[0]

    def log(self, pod: str, name: str) -> str:
        return Path(f"/proc/{self.init()}/root/mnt/logs/{pod}.{name}.log").read_text()


@contextmanager
def lab(*scenarios: str) -> Iterator[Lab]:
    """A lab with these scenarios, all ready, under a name that nobody else has."""
    with named_lab(), owner.start(scenarios) as running_lab:
        running_lab.wait_ready()
        yield Lab(running_lab.pid)


@contextmanager
def named_lab() -> Iterator[str]:
    """A name for a lab, in the environment."""
    name = f"test-{uuid4().hex[:12]}"
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = name
    try:
        yield name
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def pausetui(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        [sys.executable, "-m", "pausetui", *arguments],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def running(container: ContainerRecord | None) -> ProcessId:
    assert container is not None
    assert container.process is not None, f"{container.name} is {container.state} ({container.reason})"
    return container.process


def inside(pid: int, kinds: str, *command: str) -> str:
    """The output of a command run in some namespaces of a process: "n" net, "u" uts, "m" mnt, "p" pid."""
    flags = [f"-{kind}" for kind in kinds]
    return subprocess.run(
        ["nsenter", "-t", str(pid), *flags, *command], capture_output=True, text=True, timeout=20, check=True
    ).stdout


def in_netns(pid: int, *command: str) -> str:
    """The output of a command run in the network namespace of a process."""
    return inside(pid, "n", *command)


def fetch(pid: int, host: str, port: int) -> str:
    """The page that a process in the network namespace of ``pid`` gets."""
    return in_netns(pid, sys.executable, "-I", "-S", "-c", _FETCH, host, str(port))


def addresses(pid: int) -> dict[str, list[str]]:
    """IPv4 addresses by interface, as ``ip`` says."""
    found: dict[str, list[str]] = {}
    for line in in_netns(pid, "ip", "-o", "addr").splitlines():
        _, interface, family, address, *_ = line.split()
        found.setdefault(interface, [])
        if family == "inet":
            found[interface].append(address.partition("/")[0])
    return found


def namespace(pid: int, kind: str) -> str:
    """What the kernel prints for a namespace."""
    return os.readlink(f"/proc/{pid}/ns/{kind}")


def namespace_id(pid: int, kind: str) -> int:
    """The identity of a namespace: NS_GET_ID where the kernel has it, else its inode."""
    with open(f"/proc/{pid}/ns/{kind}", "rb") as ns:
        answer = bytearray(8)
        try:
            fcntl.ioctl(ns, _NS_GET_ID, answer)
        except OSError:
            return os.fstat(ns.fileno()).st_ino
    return int(struct.unpack("Q", answer)[0])


def stat_fields(pid: int) -> list[str]:
    """``/proc/PID/stat`` from its third field (the state) on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def identity(pid: int) -> ProcessId:
    return ProcessId(pid, int(stat_fields(pid)[19]))


def alive(process: ProcessId) -> bool:
    """Whether this very process is there; a zombie is not."""
    try:
        fields = stat_fields(process.pid)
    except (FileNotFoundError, ProcessLookupError):
        return False
    return int(fields[19]) == process.start_ticks and fields[0] not in "ZX"


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def descendants(pid: int) -> list[ProcessId]:
    """A process and all below it."""
    found = [identity(pid)]
    for child in children(pid):
        found += descendants(child)
    return found


class Footprint:
    """All that a lab has on the machine: its processes, its namespaces, its socket's name; and what was before."""

    PLACES = ("/", "/mnt", "/media", "/run", "/run/netns", "/var/run", "/dev/shm")
    KINDS = ("net", "ipc", "uts", "pid", "mnt")

    def __init__(self, pid: int, socket: str) -> None:
        self.processes = descendants(pid)
        self.socket = socket
        host = {kind: namespace_id(os.getpid(), kind) for kind in self.KINDS}
        self.namespaces = {
            (kind, number)
            for process in self.processes
            for kind in self.KINDS
            if (number := namespace_id(process.pid, kind)) != host[kind]
        }

    def left(self) -> list[str]:
        """What of it is still there."""
        left = [f"process {process}" for process in self.processes if alive(process)]
        left += [f"namespace {kind} {number}" for kind, number in all_namespaces() & self.namespaces]
        if self.socket in Path("/proc/net/unix").read_text():
            left.append(f"socket {self.socket}")
        return left

    def assert_gone(self) -> None:
        until(lambda: not self.left(), seconds=5, what=f"nothing left of {self.socket}")


def all_namespaces() -> set[tuple[str, int]]:
    """Every namespace that some process is in."""
    found = set()
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            for kind in Footprint.KINDS:
                try:
                    found.add((kind, namespace_id(int(entry), kind)))
                except OSError:
                    continue
    return found


def host() -> dict[str, list[str]]:
    """What a lab must not change on the machine: links, mounts, folders."""
    return {
        "links": sorted(os.listdir("/sys/class/net")),
        "mounts": sorted(line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()),
        **{place: sorted(os.listdir(place)) for place in Footprint.PLACES if os.path.isdir(place)},
    }
