"""What pods there shall be, and what kubelet sends to a runtime to get them."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from uuid import uuid4

from cri_api import (
    ContainerConfig,
    ContainerMetadata,
    ImageSpec,
    LinuxContainerConfig,
    LinuxContainerResources,
    LinuxContainerSecurityContext,
    LinuxPodSandboxConfig,
    LinuxSandboxSecurityContext,
    Mount,
    NamespaceMode,
    NamespaceOption,
    PodSandboxConfig,
    PodSandboxMetadata,
)

from tests.real.cri_images import BUSYBOX

SEEN = "2026-01-01T00:00:00.000000000Z"
WAIT = "trap exit TERM; sleep 100000 & wait"
"""A shell that waits until it is told to end."""


@dataclass(frozen=True, slots=True)
class Member:
    """A container of a pod; an ``init`` one has to end well before the next begins."""

    name: str
    script: str = WAIT
    init: bool = False


@dataclass(frozen=True, slots=True)
class PodSpec:
    """A pod. ``grace`` is its terminationGracePeriodSeconds."""

    name: str
    namespace: str
    members: tuple[Member, ...]
    uid: str
    shared_pid: bool = False
    host_network: bool = False
    grace: int = 2
    source: str = "api"

    @property
    def cgroup(self) -> str:
        return f"/kubepods/burstable/pod{self.uid}"

    def to_json(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, object]) -> PodSpec:
        members = value.pop("members")
        assert isinstance(members, list)
        return cls(members=tuple(Member(**member) for member in members), **value)  # type: ignore[arg-type]


def pod(name: str, *members: Member, namespace: str = "default", **more: object) -> PodSpec:
    """A pod with a uid of its own."""
    return PodSpec(name, namespace, members, **{"uid": str(uuid4()), **more})  # type: ignore[arg-type]


def sandbox_config(spec: PodSpec, attempt: int) -> PodSandboxConfig:
    """As kubelet's ``generatePodSandboxConfig``."""
    return PodSandboxConfig(
        metadata=PodSandboxMetadata(name=spec.name, uid=spec.uid, namespace=spec.namespace, attempt=attempt),
        hostname="" if spec.host_network else spec.name,
        log_directory=f"/var/log/pods/{spec.namespace}_{spec.name}_{spec.uid}",
        labels={"app": spec.name, **_labels(spec)},
        annotations={"kubernetes.io/config.seen": SEEN, "kubernetes.io/config.source": spec.source},
        linux=LinuxPodSandboxConfig(
            cgroup_parent=spec.cgroup,
            security_context=LinuxSandboxSecurityContext(namespace_options=_namespaces(spec)),
        ),
    )


def container_config(spec: PodSpec, member: Member, attempt: int, restarts: int) -> ContainerConfig:
    """As kubelet's ``generateContainerConfig``."""
    return ContainerConfig(
        metadata=ContainerMetadata(name=member.name, attempt=attempt),
        image=ImageSpec(image=BUSYBOX),
        command=["sh", "-c", member.script],
        labels={"io.kubernetes.container.name": member.name, **_labels(spec)},
        annotations={
            "io.kubernetes.container.hash": hashlib.sha256(repr(member).encode()).hexdigest()[:8],
            "io.kubernetes.container.restartCount": str(restarts),
            "io.kubernetes.container.terminationMessagePath": "/dev/termination-log",
            "io.kubernetes.container.terminationMessagePolicy": "File",
            "io.kubernetes.pod.terminationGracePeriod": str(spec.grace),
        },
        mounts=[] if spec.host_network else [Mount(container_path="/etc/hosts", host_path=hosts_file(spec))],
        log_path=f"{member.name}/{attempt}.log",
        linux=LinuxContainerConfig(
            resources=LinuxContainerResources(cpu_period=100_000, cpu_shares=2, oom_score_adj=999),
            security_context=LinuxContainerSecurityContext(namespace_options=_namespaces(spec)),
        ),
    )


def hosts_file(spec: PodSpec) -> str:
    """Where kubelet writes the pod's /etc/hosts."""
    return f"/var/lib/kubelet/pods/{spec.uid}/etc-hosts"


def _labels(spec: PodSpec) -> dict[str, str]:
    return {
        "io.kubernetes.pod.name": spec.name,
        "io.kubernetes.pod.namespace": spec.namespace,
        "io.kubernetes.pod.uid": spec.uid,
    }


def _namespaces(spec: PodSpec) -> NamespaceOption:
    return NamespaceOption(
        network=NamespaceMode.NODE if spec.host_network else NamespaceMode.POD,
        pid=NamespaceMode.POD if spec.shared_pid else NamespaceMode.CONTAINER,
    )
