"""Makes and ends pods by the CRI, one call a step, as kubelet does."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from cri_api import (
    Container,
    ContainerFilter,
    ContainerState,
    ContainerStatus,
    ContainerStatusRequest,
    CreateContainerRequest,
    ListContainersRequest,
    ListPodSandboxRequest,
    PodSandbox,
    PodSandboxConfig,
    PodSandboxStatusRequest,
    RemoveContainerRequest,
    RemovePodSandboxRequest,
    RunPodSandboxRequest,
    RuntimeServiceStub,
    StartContainerRequest,
    StopContainerRequest,
    StopPodSandboxRequest,
    VersionRequest,
)

from tests.real.cri_specs import Member, PodSpec, container_config, hosts_file, sandbox_config
from tests.real.cri_supervisor import CGROUPS
from tests.waiting import until

PATIENCE = 30.0
"""Seconds for one call."""


@dataclass(slots=True)
class RunningPod:
    """A pod that was made: the id of its sandbox, and of the newest container of each member."""

    spec: PodSpec
    sandbox: str
    attempt: int
    config: PodSandboxConfig
    members: dict[str, str] = field(default_factory=dict)


class Node:
    """A runtime's CRI.

    Args:
        socket: Where it listens.
        root: The root of its mount namespace, ``/proc/PID/root``, for kubelet's folders.
        cgroups: A file; a line is added to it for each cgroup that a pod is put into.
    """

    def __init__(self, socket: Path, root: Path, cgroups: Path) -> None:
        self._channel = grpc.insecure_channel(f"unix:{socket}")
        self._cri = RuntimeServiceStub(self._channel)  # type: ignore[no-untyped-call]
        self._root = root
        self._cgroups = cgroups

    def close(self) -> None:
        self._channel.close()

    def answers(self) -> bool:
        """Whether the CRI answers by now."""
        try:
            self._cri.Version(VersionRequest(), timeout=2, wait_for_ready=True)
        except grpc.RpcError:
            return False
        return True

    def run(self, spec: PodSpec, attempt: int = 0, restarts: int | None = None) -> RunningPod:
        """Make a pod with all its members; ``attempt`` is also theirs, and their restart count."""
        made = self.run_sandbox(spec, attempt)
        for member in spec.members:
            self.run_member(made, member, attempt, attempt if restarts is None else restarts)
        return made

    def run_sandbox(self, spec: PodSpec, attempt: int = 0) -> RunningPod:
        """Make the sandbox alone."""
        with self._cgroups.open("a") as listed:
            listed.write(f"{spec.cgroup}\n")
        hosts = self._root / hosts_file(spec).lstrip("/")
        hosts.parent.mkdir(parents=True, exist_ok=True)
        hosts.write_text("127.0.0.1\tlocalhost\n")
        config = sandbox_config(spec, attempt)
        answer = self._cri.RunPodSandbox(RunPodSandboxRequest(config=config), timeout=PATIENCE)
        return RunningPod(spec, answer.pod_sandbox_id, attempt, config)

    def run_member(self, made: RunningPod, member: Member, attempt: int = 0, restarts: int = 0) -> str:
        """Create a container and start it; an init container has ended when this returns. Its id."""
        container = self.create_member(made, member, attempt, restarts)
        self.start(container)
        if member.init:
            until(
                lambda: self.state(container) == ContainerState.CONTAINER_EXITED, what=f"the end of {member.name}"
            )
        return container

    def create_member(self, made: RunningPod, member: Member, attempt: int = 0, restarts: int = 0) -> str:
        """Create a container, which then waits to be started. Its id."""
        (self._root / f"var/lib/kubelet/pods/{made.spec.uid}/containers/{member.name}").mkdir(
            parents=True, exist_ok=True
        )
        wanted = CreateContainerRequest(
            pod_sandbox_id=made.sandbox,
            config=container_config(made.spec, member, attempt, restarts),
            sandbox_config=made.config,
        )
        container: str = self._cri.CreateContainer(wanted, timeout=PATIENCE).container_id
        made.members[member.name] = container
        return container

    def start(self, container: str) -> None:
        self._cri.StartContainer(StartContainerRequest(container_id=container), timeout=PATIENCE)

    def state(self, container: str) -> int:
        return int(self.status(container).state)

    def status(self, container: str) -> ContainerStatus:
        wanted = ContainerStatusRequest(container_id=container)
        answer: ContainerStatus = self._cri.ContainerStatus(wanted, timeout=PATIENCE).status
        return answer

    def pid(self, container: str) -> int:
        """The pid of a container's main process; 0 if it doesn't run."""
        wanted = ContainerStatusRequest(container_id=container, verbose=True)
        return int(json.loads(self._cri.ContainerStatus(wanted, timeout=PATIENCE).info["info"])["pid"])

    def sandbox_pid(self, sandbox: str) -> int:
        """The pid of a sandbox's pause process; 0 if it is gone."""
        return int(self._sandbox_info(sandbox)["pid"])

    def netns(self, sandbox: str) -> str:
        """Where a sandbox's network namespace is pinned; "" if it has none of its own."""
        spaces = self._sandbox_info(sandbox)["runtimeSpec"]["linux"]["namespaces"]
        return next((str(each.get("path", "")) for each in spaces if each["type"] == "network"), "")

    def address(self, sandbox: str) -> str:
        """The address that the runtime tells of a sandbox; "" if it has none."""
        wanted = PodSandboxStatusRequest(pod_sandbox_id=sandbox)
        return str(self._cri.PodSandboxStatus(wanted, timeout=PATIENCE).status.network.ip)

    def _sandbox_info(self, sandbox: str) -> Any:
        wanted = PodSandboxStatusRequest(pod_sandbox_id=sandbox, verbose=True)
        return json.loads(self._cri.PodSandboxStatus(wanted, timeout=PATIENCE).info["info"])

    def stop(self, container: str, grace: int = 0) -> None:
        wanted = StopContainerRequest(container_id=container, timeout=grace)
        self._cri.StopContainer(wanted, timeout=PATIENCE + grace)

    def remove(self, container: str) -> None:
        self._cri.RemoveContainer(RemoveContainerRequest(container_id=container), timeout=PATIENCE)

    def stop_sandbox(self, sandbox: str) -> None:
        self._cri.StopPodSandbox(StopPodSandboxRequest(pod_sandbox_id=sandbox), timeout=PATIENCE)

    def remove_sandbox(self, sandbox: str) -> None:
        self._cri.RemovePodSandbox(RemovePodSandboxRequest(pod_sandbox_id=sandbox), timeout=PATIENCE)

    def sandboxes(self) -> list[PodSandbox]:
        return list(self._cri.ListPodSandbox(ListPodSandboxRequest(), timeout=PATIENCE).items)

    def containers(self, sandbox: str = "") -> list[Container]:
        wanted = ListContainersRequest(filter=ContainerFilter(pod_sandbox_id=sandbox))
        return list(self._cri.ListContainers(wanted, timeout=PATIENCE).containers)

    def remove_pod(self, spec: PodSpec) -> None:
        """Stop and remove every sandbox of a pod, and its cgroups, as kubelet does when the pod is deleted."""
        for sandbox in self.sandboxes():
            if sandbox.metadata.uid == spec.uid:
                self._remove_for_sure(sandbox.id)
        for hierarchy in [CGROUPS, *CGROUPS.iterdir()]:
            with suppress(FileNotFoundError, NotADirectoryError):
                (hierarchy / spec.cgroup.lstrip("/")).rmdir()

    def remove_all(self) -> None:
        """Remove every pod."""
        for sandbox in self.sandboxes():
            self._remove_for_sure(sandbox.id)

    def _remove_for_sure(self, sandbox: str) -> None:
        """Stop and remove a sandbox; what containerd is just starting can't be removed yet."""

        def removed() -> bool:
            try:
                self.stop_sandbox(sandbox)
                self.remove_sandbox(sandbox)
            except grpc.RpcError:
                return False
            return True

        until(removed, what=f"{sandbox} to be removed")
