"""Recordings of real nodes: what crictl said, call by call, and what the kernel said beside it."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pausetui.backends.crictl.finding import Found
from pausetui.backends.crictl.program import Program, Ran
from pausetui.core.namespaces import IdentifiedBy, NamespaceId, NamespaceKind, Namespaces
from pausetui.core.observation import Network, Observation, Pin, Process, ProcessId
from tests.factories import NODE

_DATA = Path(__file__).parents[2] / "data"
RECORDINGS = _DATA / "node"
"""Three deeds on a node, looked at all the while."""
CALLS = tuple(sorted((_DATA / "crictl").glob("*.ndjson.xz")))
"""What each crictl printed on each containerd."""

VERSION = "Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  1.6.20~ds1\nRuntimeApiVersion:  v1\n"
ENDPOINT = "unix:///run/containerd/containerd.sock"
NOT_FOUND = 'time="2026-11-24T06:00:00Z" level=fatal msg="rpc error: code = NotFound desc = not found"'

Sample = Mapping[str, Any]


def lines(path: Path) -> Iterator[Sample]:
    """The lines of a recording."""
    with lzma.open(path, "rt") as file:
        yield from map(json.loads, file)


@dataclass(frozen=True, slots=True)
class Scripted(Program):
    """A crictl that says what a test tells it to, and notes what it was asked."""

    answers: dict[str, Any] = field(default_factory=dict, compare=False)
    asked: list[tuple[str, ...]] = field(default_factory=list, compare=False)

    def run(self, *args: str, timeout: float) -> Ran:
        self.asked.append(args)
        answer = self.answers[args[0]]
        told = answer(*args[1:]) if callable(answer) else answer
        return told if isinstance(told, Ran) else Ran(0, told, "")


def scripted(**answers: Any) -> Scripted:
    """Each command's answer: a text, what it ran to, or what makes it of the arguments."""
    return Scripted(("crictl",), None, {"version": VERSION, "images": '{"images": []}', **answers})


def found(program: Program) -> Found:
    """It, as if it had been found."""
    return Found(program, ENDPOINT, "from a test", 2.0)


def of_sample(sample: Sample) -> Scripted:
    """A crictl of the moment of a sample. As those before 1.31 it says what it knows before an unknown id."""

    def details(key: str) -> Any:
        known = {each["status"]["id"]: each for each in sample[key] if "status" in each}

        def say(*args: str) -> Ran:
            ids = [arg for arg in args if arg not in ("-o", "json")]
            before = ids[: next((place for place, id_ in enumerate(ids) if id_ not in known), len(ids))]
            printed = "\n".join(json.dumps(known[id_], indent=2) for id_ in before)
            return Ran(0, printed, "") if before == ids else Ran(1, printed, NOT_FOUND)

        return say

    return scripted(
        pods=json.dumps(sample["pods"]),
        ps=json.dumps(sample["ps"]),
        inspectp=details("inspectp"),
        inspect=details("inspect"),
    )


class Kernel:
    """What the kernel said beside the samples of one recording, one after the other.

    The namespaces of the pids are recorded, and the names below /run/netns. Made up is that a pid is in its
    container's cgroup, that a network has its address for as long as it is pinned, and a kubelet.
    """

    def __init__(self, first: Sample) -> None:
        """Args:
        first: The first sample; the recording is taken to have begun when the newest thing in it was made.
        """
        made = (int(one["createdAt"]) for one in (*first["pods"]["items"], *first["ps"]["containers"]))
        self._began = datetime.fromtimestamp(max(made) // 10**9 + 1, UTC)
        self._nets: dict[str, NamespaceId] = {}
        self._addresses: dict[str, str] = {}

    def observe(self, sample: Sample) -> Observation:
        """The kernel's side of one sample."""
        owners = {each["info"]["pid"]: each["status"] for each in self._told(sample) if each["info"].get("pid")}
        processes = {
            pid: self._process(pid, owner, sample) for pid, owner in owners.items() if str(pid) in sample["ns"]
        }
        for sandbox in sample["inspectp"]:
            self._note_network(sandbox, processes)
        host = self._process(1, None, sample)
        pins = [name for name in sample["netns"] if name in self._nets]
        return Observation(
            observed_at=self.at(sample),
            node=NODE,
            host=host.namespaces,
            processes={1: host, 812: self._process(812, None, sample), **processes},
            pins=tuple(Pin(self._nets[name], f"/run/netns/{name}") for name in pins),
            networks={self._nets[name]: Network((self._addresses[name],), ("lo", "eth0")) for name in pins},
        )

    def at(self, sample: Sample) -> datetime:
        """When a sample was taken."""
        return self._began + timedelta(seconds=sample["t"])

    def _told(self, sample: Sample) -> list[Any]:
        return [each for each in (*sample["inspectp"], *sample["inspect"]) if "status" in each]

    def _process(self, pid: int, owner: Any, sample: Sample) -> Process:
        spaces = {"net": "net:[4026531833]"} if owner is None else sample["ns"][str(pid)]
        read = {kind: _namespace(kind, link) for kind, link in spaces.items() if kind in set(NamespaceKind)}
        name = {1: "systemd", 812: "kubelet"}.get(pid) or owner["metadata"]["name"]
        cgroup = f"/kubepods/pod1/{owner['id']}" if owner else "/"
        return Process(ProcessId(pid, pid), name, namespaces=Namespaces(**read), cgroup=cgroup)

    def _note_network(self, sandbox: Any, processes: Mapping[int, Process]) -> None:
        process = processes.get(sandbox.get("info", {}).get("pid"))
        spaces = sandbox.get("info", {}).get("runtimeSpec", {}).get("linux", {}).get("namespaces", ())
        path = next((each.get("path") for each in spaces if each["type"] == "network"), None)
        if process is not None and process.namespaces.net is not None and path:
            name = path.rpartition("/")[2]
            self._nets[name] = process.namespaces.net
            self._addresses[name] = sandbox["status"]["network"]["ip"]


def _namespace(kind: str, link: str) -> NamespaceId:
    inode = int(link.partition("[")[2].rstrip("]"))
    return NamespaceId(NamespaceKind(kind), inode, inode, IdentifiedBy.NS_ID)
