"""A made-up node behind crictl: pods that come, change, hang and go, in the shapes of old and new versions."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from pausetui.backends.crictl.program import Ran
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.observation import Observation, Pin, Process, ProcessId
from pausetui.errors import CannotLook
from tests.backends.crictl.recorded import NOT_FOUND, Scripted, scripted
from tests.factories import HOST, NODE, NOW, ns


def fatal(message: str) -> str:
    """A complaint as crictl writes it."""
    escaped = message.replace('"', '\\"')
    return f'time="2026-11-24T06:00:00Z" level=fatal msg="{escaped}"'


BUSY = fatal("rpc error: code = Unknown desc = device or resource busy")
HUNG = fatal("rpc error: code = DeadlineExceeded desc = context deadline exceeded")
AWAY = fatal(
    "validate service connection: validate CRI v1 runtime API for endpoint "
    '"unix:///run/containerd/containerd.sock": '
    "rpc error: code = Unavailable desc = dial unix /run/containerd/containerd.sock: connect: connection refused"
)
BORN = 1_795_501_225


@dataclass
class Node:
    """Its sandboxes and containers, as crictl's lists have them, and what goes wrong.

    Attributes:
        arrays: Answers about many are one array and all or nothing, as since crictl 1.31.
        names_ids: A failure names the id that it is about, as before 1.31.
        broken: What complaint an id's details end in.
        silent: Ids on which crictl doesn't end.
        gone: Ids that are listed, and gone when they are asked about.
    """

    arrays: bool = True
    names_ids: bool = False
    sandboxes: dict[str, dict[str, Any]] = field(default_factory=dict)
    containers: dict[str, dict[str, Any]] = field(default_factory=dict)
    info: dict[str, dict[str, Any]] = field(default_factory=dict)
    status: dict[str, dict[str, Any]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    away: bool = False
    now: float = 1000.0
    slowness: float = 0.0
    crictl: Scripted = field(init=False)

    def __post_init__(self) -> None:
        self.crictl = scripted(
            pods=lambda *_: self._list("items", self.sandboxes),
            ps=lambda *_: self._list("containers", self.containers),
            inspectp=lambda *args: self._details(self.sandboxes, args),
            inspect=lambda *args: self._details(self.containers, args),
        )

    def clock(self) -> float:
        return self.now

    def pod(self, name: str, *members: str, attempt: int = 0, made: int = 0, uid: str | None = None) -> str:
        """A ready pod with running members; the id of its sandbox."""
        id_ = f"{name}-{attempt}"
        uid = uid or f"uid-{name}"
        self.sandboxes[id_] = {
            "id": id_,
            "metadata": {"name": name, "uid": uid, "namespace": "default", "attempt": attempt},
            "state": "SANDBOX_READY",
            "createdAt": str((BORN + made) * 10**9),
            "labels": {"io.kubernetes.pod.uid": uid},
            "annotations": {"kubernetes.io/config.source": "api"},
        }
        self.info[id_] = {"pid": self._pid(), "processStatus": "running", "image": "pause:3.9"}
        self.status[id_] = {"network": {"ip": "10.0.0.1"}}
        for place, member in enumerate(members, 1):
            self.container(id_, member, made=made + place)
        return id_

    def container(
        self, sandbox: str, name: str, *, attempt: int = 0, made: int = 1, state: str = "RUNNING", **status: Any
    ) -> str:
        """A container of a sandbox; its id."""
        id_ = f"{sandbox}-{name}-{attempt}"
        pod = self.sandboxes[sandbox]["metadata"]
        self.containers[id_] = {
            "id": id_,
            "podSandboxId": sandbox,
            "metadata": {"name": name, "attempt": attempt},
            "state": f"CONTAINER_{state}",
            "createdAt": str((BORN + made) * 10**9),
            "imageRef": "sha256:1",
            "labels": {"io.kubernetes.pod.uid": pod["uid"], "io.kubernetes.pod.name": pod["name"]},
        }
        self.info[id_] = {"pid": self._pid() if state == "RUNNING" else 0}
        self.status[id_] = {"startedAt": str((BORN + made) * 10**9), **status}
        return id_

    def kill_pause(self, id_: str) -> None:
        """The pause of a sandbox ends; its network stays."""
        self.sandboxes[id_]["state"] = "SANDBOX_NOTREADY"
        self.info[id_] |= {"pid": 0, "processStatus": "deleted"}

    def end(self, id_: str, code: int = 137, at: int = 60) -> None:
        """A container ends."""
        self.containers[id_]["state"] = "CONTAINER_EXITED"
        self.info[id_]["pid"] = 0
        self.status[id_] |= {"finishedAt": str((BORN + at) * 10**9), "exitCode": code, "reason": "Error"}

    def observe(self, *pins: str) -> Observation:
        """A kernel that shows every process there is."""
        pids = [info["pid"] for info in self.info.values() if info.get("pid")]
        processes = {pid: Process(ProcessId(pid, pid), "any", namespaces=HOST) for pid in (1, *pids)}
        held = tuple(Pin(ns(NamespaceKind.NET, 50), path) for path in pins)
        return Observation(NOW, NODE, processes=processes, pins=held)

    def calls(self) -> list[tuple[str, ...]]:
        """What was asked since the last time, without the options."""
        asked = [tuple(arg for arg in call if arg not in ("-o", "json", "-a")) for call in self.crictl.asked]
        self.crictl.asked.clear()
        return asked

    def _pid(self) -> int:
        return 100 + len(self.info)

    def _list(self, key: str, items: dict[str, dict[str, Any]]) -> Ran:
        self.now += self.slowness
        if self.away:
            return Ran(1, "", AWAY)
        return Ran(0, json.dumps({key: list(items.values())}), "")

    def _details(self, items: dict[str, dict[str, Any]], args: tuple[str, ...]) -> Ran:
        ids = [arg for arg in args if arg not in ("-o", "json")]
        self.now += self.slowness
        if self.away:
            return Ran(1, "", AWAY)
        if self.silent & set(ids):
            raise CannotLook("running crictl", "no answer within 5 s, so crictl was killed")
        found: list[dict[str, Any]] = []
        for id_ in ids:
            complaint = NOT_FOUND if id_ in self.gone or id_ not in items else self.broken.get(id_)
            if complaint is not None:
                said = (
                    complaint.replace("rpc error", f"the status of {id_}: rpc error")
                    if self.names_ids
                    else complaint
                )
                return Ran(1, "" if self.arrays else self._printed(found), said)
            found.append(self._detail(items[id_]))
        return Ran(0, self._printed(found), "")

    def _detail(self, listed: dict[str, Any]) -> dict[str, Any]:
        return {"status": {**listed, **self.status[listed["id"]]}, "info": self.info[listed["id"]]}

    def _printed(self, found: list[dict[str, Any]]) -> str:
        if len(found) == 1 or not self.arrays:
            return "\n".join(json.dumps(each, indent=2) for each in found)
        return json.dumps(found)
