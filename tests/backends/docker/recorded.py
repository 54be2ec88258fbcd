"""A recording of a real dockerd: what it answered, and what the kernel said beside it."""

from __future__ import annotations

import json
import lzma
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pausetui.backends.docker.client import Client
from pausetui.backends.docker.endpoints import DOCKER_SOCKET, Endpoint
from pausetui.backends.docker.failures import NotFound
from pausetui.core.json_value import At
from pausetui.core.namespaces import IdentifiedBy, NamespaceId, NamespaceKind, Namespaces
from pausetui.core.observation import Network, Observation, Pin, Process, ProcessId
from tests.factories import NODE

RECORDINGS = Path(__file__).parents[2] / "data" / "docker"
ENDPOINT = Endpoint(f"unix://{DOCKER_SOCKET}", "the usual socket", ("docker",), DOCKER_SOCKET)

Sample = Mapping[str, Any]


def samples(name: str) -> list[Sample]:
    """The lines of a recording."""
    with lzma.open(RECORDINGS / f"{name}.ndjson.xz", "rt") as file:
        return [json.loads(line) for line in file]


class Recorded(Client):
    """An engine that answers as it did in the sample it is at; it begins at the first."""

    def __init__(self, first: Sample) -> None:
        super().__init__(ENDPOINT, 5.0, {})
        self._first = first
        self.sample = first

    def version(self) -> At:
        return At(self._first["version"], "/version")

    def containers(self) -> At:
        return At(self.sample["containers"], "/containers/json")

    def inspect(self, id_: str) -> At:
        for document in self.sample["inspect"]:
            if document["Id"] == id_:
                return At(document, f"/containers/{id_[:12]}/json")
        raise NotFound(f"asking about container {id_[:12]}", "No such container")


def at(sample: Sample) -> datetime:
    """When a sample was taken."""
    return datetime.fromisoformat(sample["at"])


def observed(sample: Sample) -> Observation:
    """The kernel's side of a sample."""
    return Observation(
        observed_at=at(sample),
        node=NODE,
        host=_namespaces(sample["host"]),
        processes={each["pid"]: _process(each) for each in sample["processes"]},
        pins=tuple(Pin(_net(inode), path) for path, inode in sorted(sample["pins"].items())),
        networks={
            _net(int(inode)): Network(tuple(told["addresses"]), tuple(told["interfaces"]))
            for inode, told in sample["networks"].items()
        },
    )


def _process(told: Any) -> Process:
    return Process(
        ProcessId(told["pid"], told["start_ticks"]),
        told["name"],
        parent=told["parent"],
        namespaces=_namespaces(told["ns"]),
        cgroup=told["cgroup"],
        namespace_pids=tuple(told["inner"]),
        command=tuple(told["command"]),
    )


def _namespaces(inodes: Mapping[str, int]) -> Namespaces:
    return Namespaces(**{kind: _namespace(NamespaceKind(kind), inode) for kind, inode in inodes.items()})


def _net(inode: int) -> NamespaceId:
    return _namespace(NamespaceKind.NET, inode)


def _namespace(kind: NamespaceKind, inode: int) -> NamespaceId:
    return NamespaceId(kind, inode, inode, IdentifiedBy.NS_ID)
