"""What ``crictl inspectp`` and ``crictl inspect`` say of one sandbox or container. Pure.

``status`` is the CRI's, ``info`` the runtime's own: containerd's has the pid of the pause process, CRI-O's only
where there is one, cri-dockerd has none at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pausetui.backends.crictl.answers import container_state, image_words, sandbox_state
from pausetui.backends.crictl.reading import Items, identity, inspected, maybe, moment, whole, word
from pausetui.core.inventory import ContainerState, PodState
from pausetui.core.json_value import At

_EMPTY_DIR = re.compile(r"/volumes/kubernetes\.io~empty-dir/([^/]+)")
"""Where kubelet keeps a pod's emptyDir volumes: below pods/UID (pkg/volume/emptydir)."""
_UNKNOWN = "unknown"
_NO_STATUS = "the runtime does not know whether its pause runs: the shim does not answer"
_TARGET = "TARGET"
_TARGET_NUMBER = 3
"""The pid mode of a container that lives in another's pid namespace: NamespaceMode.TARGET of the CRI."""


@dataclass(frozen=True, slots=True)
class SandboxDetail:
    """One sandbox.

    Attributes:
        addresses: The runtime's answer, () where it says none. It may be of a network that is gone.
        shared_pid: Its members live in the pause's pid namespace; None if not told.
        pid: Of the pause process; 0 if the runtime says that there is none, None if it says nothing.
        process_status: The runtime's word for the pause process ("running", "deleted"), or None.
        netns_path: Where the runtime pinned the network namespace, or None.
    """

    id: str
    state: PodState
    created_at: datetime | None = None
    addresses: tuple[str, ...] = ()
    host_network: bool | None = None
    shared_pid: bool | None = None
    pid: int | None = None
    process_status: str | None = None
    image: str | None = None
    netns_path: str | None = None
    runtime_handler: str | None = None

    @property
    def doubt(self) -> str:
        """Why this is not to be relied on, or ""."""
        hangs = self.state is PodState.READY and self.process_status == _UNKNOWN
        return _NO_STATUS if hangs else ""


@dataclass(frozen=True, slots=True)
class ContainerDetail:
    """One container.

    Attributes:
        pid: 0 if the runtime says that there is none, None if it says nothing.
        volumes: The pod's emptyDir volumes that it has, as (name, path inside).
        joins: It lives in the pid namespace of another container, as what was added to a pod for debugging does.
        doubt: Always "": containerd answers this from its memory.
    """

    id: str
    state: ContainerState
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_code: int | None = None
    reason: str | None = None
    pid: int | None = None
    image: str | None = None
    volumes: tuple[tuple[str, str], ...] = ()
    joins: bool = False
    doubt: str = ""


def sandbox_details(text: str) -> Items[SandboxDetail]:
    """What ``crictl inspectp ID…`` printed.

    Raises:
        CannotLook: It is not what crictl prints, and where.
    """
    return inspected(text, "crictl inspectp", _sandbox)


def container_details(text: str) -> Items[ContainerDetail]:
    """What ``crictl inspect ID…`` printed.

    Raises:
        CannotLook: It is not what crictl prints, and where.
    """
    return inspected(text, "crictl inspect", _container)


def _sandbox(at: At) -> SandboxDetail:
    status, info = at["status"], maybe(at, "info")
    options = maybe(status, "linux", "namespaces", "options")
    network, pid_mode = word(options, "network"), word(options, "pid")
    return SandboxDetail(
        id=identity(status, "id"),
        state=sandbox_state(status),
        created_at=moment(status, "createdAt"),
        addresses=tuple(_addresses(maybe(status, "network"))),
        host_network=None if network is None else network == "NODE",
        shared_pid=None if pid_mode is None else pid_mode == "POD",
        pid=whole(info, "pid"),
        process_status=word(info, "processStatus"),
        image=word(info, "image"),
        netns_path=_netns_path(info),
        runtime_handler=word(status, "runtimeHandler"),
    )


def _addresses(network: At | None) -> Iterator[str]:
    first = word(network, "ip")
    if first is not None:
        yield first
    more = maybe(network, "additionalIps")
    if more is not None:
        yield from (address for address in more.each(lambda each: word(each, "ip")) if address is not None)


def _netns_path(info: At | None) -> str | None:
    namespaces = maybe(info, "runtimeSpec", "linux", "namespaces")
    if namespaces is not None:
        for kind, path in namespaces.each(lambda each: (word(each, "type"), word(each, "path"))):
            if kind == "network" and path is not None:
                return path
    interfaces = maybe(info, "cniResult", "Interfaces")
    if interfaces is None or not isinstance(interfaces.value, dict):
        return None
    told = (word(interfaces, name, "Sandbox") for name in interfaces.value)
    return next((path for path in told if path is not None), None)


def _container(at: At) -> ContainerDetail:
    status, info = at["status"], maybe(at, "info")
    state = container_state(status)
    return ContainerDetail(
        id=identity(status, "id"),
        state=state,
        started_at=moment(status, "startedAt"),
        finished_at=moment(status, "finishedAt"),
        exit_code=whole(status, "exitCode") if state is ContainerState.EXITED else None,
        reason=word(status, "reason"),
        pid=whole(info, "pid"),
        image=image_words(maybe(status, "image")),
        volumes=tuple(_volumes(maybe(status, "mounts"))),
        joins=_joins(info),
    )


def _volumes(mounts: At | None) -> Iterator[tuple[str, str]]:
    if mounts is None:
        return
    for source, path in mounts.each(lambda each: (word(each, "hostPath"), word(each, "containerPath"))):
        found = _EMPTY_DIR.search(source or "")
        if found is not None and path is not None:
            yield found[1], path


def _joins(info: At | None) -> bool:
    """containerd shows the container as it was asked for, enumerations as numbers."""
    options = maybe(info, "config", "linux", "security_context", "namespace_options")
    mode = maybe(options, "pid")
    return mode is not None and mode.value in (_TARGET, _TARGET_NUMBER)
