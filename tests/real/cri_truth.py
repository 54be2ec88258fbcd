"""What ``snapshot -o json`` says, held against what /proc, the pods' networks and the runtime say to others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cri_api import Container, ContainerState, PodSandbox, PodSandboxState

from pausetui.core.namespaces import NamespaceKind
from tests.real import labs
from tests.real.containerd import Bed

_STATES = {
    ContainerState.CONTAINER_CREATED: "created",
    ContainerState.CONTAINER_RUNNING: "running",
    ContainerState.CONTAINER_EXITED: "exited",
}
_SANDBOX_STATES = {PodSandboxState.SANDBOX_READY: "ready", PodSandboxState.SANDBOX_NOTREADY: "notready"}
_RESTARTS = "io.kubernetes.container.restartCount"


class Truth:
    """What everybody but pausetui says."""

    def __init__(self, bed: Bed) -> None:
        self._node = bed.node
        self._inside = bed.inside
        self._sandboxes = sorted(self._node.sandboxes(), key=lambda one: -one.created_at)
        self._containers = sorted(self._node.containers(), key=lambda one: -one.created_at)

    def lies(self, printed: Any) -> list[str]:
        """What the program printed and is not so, or not all: empty where it is true."""
        found = [] if not printed["stale"] else ["it is stale"]
        uids = {one.metadata.uid for one in self._sandboxes}
        if uids != {pod["uid"] for pod in printed["pods"]}:
            found.append(f"pods {sorted(uids)}")
        return found + [lie for pod in printed["pods"] if pod["uid"] in uids for lie in self._of_pod(pod)]

    def _of_pod(self, pod: Any) -> Iterator[str]:
        sandboxes = [one for one in self._sandboxes if one.metadata.uid == pod["uid"]]
        newest = sandboxes[0]
        pause = self._node.sandbox_pid(newest.id)
        members = [one for one in self._containers if one.labels["io.kubernetes.pod.uid"] == pod["uid"]]
        address = self._node.address(newest.id)
        yield from different(
            pod,
            {
                "backend": "crictl",
                "name": newest.metadata.name,
                "namespace": newest.metadata.namespace,
                "attempt": newest.metadata.attempt,
                "state": _SANDBOX_STATES[newest.state],
                "runtime_addresses": [address] if address else [],
                "addresses": self._addresses(pod, newest, pause),
                "sandboxes": list(map(self._sandbox, sandboxes)),
            },
        )
        if pod["pause"]["pid"] != (pause or None):
            yield f"{pod['name']}: pause is pid {pause}"
        if pause:
            yield from _of_process(pod["pause"], pause, newest.id)
        names = {one.metadata.name for one in members}
        if names != {one["name"] for one in pod["members"]}:
            yield f"{pod['name']}: members {names}"
        for shown in pod["members"]:
            yield from self._of_member(shown, [one for one in members if one.metadata.name == shown["name"]])

    def _addresses(self, pod: Any, sandbox: PodSandbox, pause: int) -> list[str]:
        """What ``ip`` finds in the pod's network, by its pause process or, without one, by its pin."""
        if pod["host_network"]:
            return []
        if pause:
            return labs.addresses(pause)["eth0"]
        path = self._node.netns(sandbox.id)
        told = self._inside("nsenter", f"--net={path}", "ip", "-o", "-4", "addr", "show", "eth0").stdout
        return [line.split()[3].partition("/")[0] for line in told.splitlines()]

    def _sandbox(self, one: PodSandbox) -> dict[str, object]:
        address = self._node.address(one.id)
        return {
            "id": one.id,
            "attempt": one.metadata.attempt,
            "state": _SANDBOX_STATES[one.state],
            "created_at": _moment(one.created_at),
            "addresses": [address] if address else [],
        }

    def _of_member(self, shown: Any, lives: list[Container]) -> Iterator[str]:
        now = lives[0]
        pid = self._node.pid(now.id) if now.state == ContainerState.CONTAINER_RUNNING else None
        facts = {
            **self._life(now),
            "state": _STATES[now.state],
            "restarts": int(now.annotations[_RESTARTS]),
            "sandbox_id": now.pod_sandbox_id,
            "pid": pid,
        }
        yield from different(shown, facts)
        if len(shown["previous"]) != len(lives) - 1:
            yield f"{shown['name']}: {len(lives) - 1} earlier lives"
        for past, life in zip(shown["previous"], lives[1:], strict=False):
            yield from different({"name": shown["name"], **past}, self._life(life))
        if pid is not None:
            yield from _of_process(shown, pid, now.id)

    def _life(self, one: Container) -> dict[str, object]:
        status = self._node.status(one.id)
        ended = status.state == ContainerState.CONTAINER_EXITED
        return {
            "runtime_id": one.id,
            "attempt": one.metadata.attempt,
            "started_at": _moment(status.started_at),
            "finished_at": _moment(status.finished_at) if ended else None,
            "exit_code": status.exit_code if ended else None,
            "reason": status.reason or None,
        }


def different(shown: Any, facts: dict[str, object]) -> Iterator[str]:
    """Those facts that are shown as something else."""
    for name, fact in facts.items():
        if shown[name] != fact:
            yield f"{shown['name']}: {name} is {fact!r}, not {shown[name]!r}"


def _of_process(shown: Any, pid: int, runtime_id: str) -> Iterator[str]:
    facts: dict[str, object] = {"pid_start_ticks": labs.identity(pid).start_ticks}
    yield from different(shown, facts)
    for kind in NamespaceKind:
        told = shown["namespaces"][kind]
        inode, number = os.stat(f"/proc/{pid}/ns/{kind}").st_ino, labs.namespace_id(pid, kind)
        if told["inode"] != inode or told["id"] not in (None, number):
            yield f"{shown['name']}: {kind} is {inode} {number}, not {told}"
    pids = set(_in_cgroup_of(runtime_id))
    if {one["pid"] for one in shown["processes"]} != pids:
        yield f"{shown['name']}: its processes are {pids}"


def _in_cgroup_of(runtime_id: str) -> Iterator[int]:
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            if runtime_id in Path(f"/proc/{entry}/cgroup").read_text():
                yield int(entry)
        except (FileNotFoundError, ProcessLookupError):
            continue


def _moment(nanoseconds: int) -> str | None:
    """As JSON has it, to the microsecond."""
    if not nanoseconds:
        return None
    moment = datetime.fromtimestamp(nanoseconds // 10**9, UTC).replace(microsecond=nanoseconds // 1000 % 10**6)
    return moment.isoformat().replace("+00:00", "Z")
