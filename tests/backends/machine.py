"""A machine made by hand: processes started one after the other, and what one look at them shows."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from itertools import count

from pausetui.core.namespaces import POD_KINDS, IdentifiedBy, NamespaceId, NamespaceKind, Namespaces
from pausetui.core.observation import Network, Observation, Pin, Process, ProcessId, Vitals
from tests.factories import HOST, NODE, NOW

IDLE = Vitals("S", 700_000, 0.0, sockets=0)
BUSY = Vitals("R", 90_000_000, 80.0, sockets=3)
SERVING = Vitals("S", 12_000_000, 0.1, sockets=2)

UID = "a0178de9-9963-4c21-a277-14564e7abd2b"
ALL = tuple(NamespaceKind)


def container_id(number: int) -> str:
    return f"{number:064x}"


def kubernetes_cgroup(number: int, uid: str = UID, runtime: str = "cri-containerd") -> str:
    slices = f"/kubepods.slice/kubepods-pod{uid.replace('-', '_')}.slice"
    return f"{slices}/{runtime}-{container_id(number)}.scope"


class Machine:
    """Starts with an init, a shim (both the host's) and nothing else. Each process starts later than the last."""

    def __init__(self) -> None:
        self.processes: dict[int, Process] = {}
        self.vitals: dict[ProcessId, Vitals] = {}
        self.pins: list[Pin] = []
        self.networks: dict[NamespaceId, Network] = {}
        self.hosts = HOST
        self._fresh = count(1000)
        self._pids = count(10)
        self.init = self._add(Process(ProcessId(1, 1), "systemd", namespaces=HOST))
        self.shim = self.start("shim", self.init)

    def start(
        self,
        name: str,
        parent: Process,
        *new: NamespaceKind,
        joins: tuple[Process, tuple[NamespaceKind, ...]] | None = None,
        cgroup: str | None = None,
        vitals: Vitals | None = SERVING,
        inner_pid: int | None = None,
    ) -> Process:
        """A process in its parent's namespaces but for ``new`` ones and those it ``joins``."""
        pid = next(self._pids)
        spaces = parent.namespaces
        if joins is not None:
            spaces = replace(spaces, **{kind.value: joins[0].namespaces.get(kind) for kind in joins[1]})
        spaces = replace(spaces, **{kind.value: self._new(kind) for kind in new})
        process = Process(
            ProcessId(pid, pid * 10),
            name,
            parent=parent.pid,
            uid=0,
            namespaces=spaces,
            cgroup=cgroup,
            namespace_pids=(pid, inner_pid) if inner_pid else (pid,),
            command=(f"/{name}",),
            started_at=NOW - timedelta(minutes=3),
        )
        if vitals is not None:
            self.vitals[process.id] = vitals
        return self._add(process)

    def pause(
        self, name: str = "pause", *new: NamespaceKind, cgroup: str | None = None, vitals: Vitals | None = IDLE
    ) -> Process:
        """A pause: net, ipc and uts of its own, and whatever else is asked for, started by the shim."""
        return self.start(name, self.shim, *POD_KINDS, *new, cgroup=cgroup, vitals=vitals, inner_pid=1)

    def member(
        self,
        name: str,
        pause: Process,
        *shared: NamespaceKind,
        cgroup: str | None = None,
        vitals: Vitals | None = SERVING,
    ) -> Process:
        """A member: in the pause's net, ipc, uts (and ``shared``), with pid and mnt of its own if not shared."""
        own = [kind for kind in (NamespaceKind.PID, NamespaceKind.MNT) if kind not in shared]
        joins = (pause, (*POD_KINDS, *shared))
        return self.start(name, self.shim, *own, joins=joins, cgroup=cgroup, vitals=vitals, inner_pid=1)

    def end(self, process: Process) -> None:
        """It is gone; its children are init's."""
        del self.processes[process.pid]
        for child in [each for each in self.processes.values() if each.parent == process.pid]:
            self.processes[child.pid] = replace(child, parent=1)

    def wire(self, process: Process, *links: str) -> None:
        """There are these links in its network namespace."""
        assert process.namespaces.net is not None
        self.networks[process.namespaces.net] = Network((), ("lo", *links))

    def pin(self, process: Process, kind: NamespaceKind, path: str) -> None:
        namespace = process.namespaces.get(kind)
        assert namespace is not None
        self.pins.append(Pin(namespace, path))

    def look(self, shuffled: random.Random | None = None) -> Observation:
        processes = list(self.processes.items())
        if shuffled is not None:
            shuffled.shuffle(processes)
        return Observation(
            observed_at=NOW,
            node=NODE,
            host=self.hosts,
            processes=dict(processes),
            vitals=dict(self.vitals),
            pins=tuple(self.pins),
            networks=dict(self.networks),
        )

    def _new(self, kind: NamespaceKind) -> NamespaceId:
        number = next(self._fresh)
        return NamespaceId(kind, 4026540000 + number, number, IdentifiedBy.NS_ID)

    def _add(self, process: Process) -> Process:
        self.processes[process.pid] = process
        return process


def unreadable(process: Process) -> Process:
    """The same, as somebody without rights sees it."""
    return replace(process, namespaces=Namespaces())
