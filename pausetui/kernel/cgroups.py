"""What a cgroup path says about the container it was made for: pod uid, container id, runtime.

Pure reading of text. The shapes are those that containerd, CRI-O, Docker (cri-dockerd too) and Podman give
to their cgroups, with the cgroupfs and the systemd driver, in cgroup v1, v2 and hybrid; kind and k3s nest
them. A path is a name that some runtime chose, so it is a hint about who a process belongs to, never proof.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pausetui.text import harmless

MAX_PATH = 4096
"""Longest cgroup path that is kept, in characters (PATH_MAX of Linux)."""

_V1_PREFERRED = ("name=systemd", "pids", "memory")
"""The v1 hierarchies that runtimes always put a container into, surest first (cgroups(7))."""

_DELETED = " (deleted)"
"""What the kernel appends when the cgroup was removed while the process is still ending (cgroups(7))."""

_POD_UID = re.compile(
    r"(?:^|[/:-])pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?=[/:]|$)"
)
"""A pod's uid: of the API server with dashes (underscores with the systemd driver), of a static pod without."""

_PODMAN_POD = re.compile(r"(?:libpod_pod_([0-9a-f]{64})(?:\.slice)?|(?<=/libpod_parent/)([0-9a-f]{64}))(?=/|$)")
"""A Podman pod: a systemd slice, or with cgroupfs a folder below libpod_parent."""

_CONTAINER = re.compile(
    r"(?:^|[/:])"
    r"(?:(?P<runtime>cri-containerd|crio|docker|nerdctl|libpod)[-:])?"
    r"(?:(?P<part>conmon|payload)-)?"
    r"(?P<id>[0-9a-f]{64})(?:\.scope)?(?=[/:]|$)"
)

_RUNTIMES = {
    "cri-containerd": "containerd",
    "nerdctl": "containerd",
    "crio": "cri-o",
    "docker": "docker",
    "libpod": "podman",
}
_RUNTIME_OF_PARENT = {"docker": "docker", "libpod_parent": "podman"}
"""With the cgroupfs driver the id stands alone and the folder above it tells."""


@dataclass(frozen=True, slots=True)
class CgroupNames:
    """What a cgroup path names; None where it names no such thing.

    Attributes:
        pod_uid: The Kubernetes pod's uid, always with dashes where it has any.
        container_id: The runtime's 64 hexadecimal digits. Of several, one inside the other, the innermost.
        runtime: "containerd", "cri-o", "docker" or "podman"; None where the path fits more than one.
        monitor: It is the cgroup of the container's monitor (conmon), which is outside the container.
        podman_pod: Podman's id of the pod it is in.
    """

    pod_uid: str | None = None
    container_id: str | None = None
    runtime: str | None = None
    monitor: bool = False
    podman_pod: str | None = None


NAMES_NOTHING = CgroupNames()
"""The path of a process that no runtime made a cgroup for."""


def cgroup_path(text: str) -> str | None:
    """The one path of ``/proc/PID/cgroup`` that tells most, made harmless; None if it holds no line.

    In the order of preference ``0::`` (v2), ``name=systemd``, ``pids``, ``memory`` (v1) it is the first that
    names a container, else the first that is not the root. On a hybrid machine v2 may hold a container's
    processes in the runtime's own service while v1 has the container.
    """
    paths = list(_paths_in_order(text))
    for wanted in (_names_something, _is_below_the_root):
        found = next(filter(wanted, paths), None)
        if found is not None:
            return harmless(found, MAX_PATH)
    return "/" if paths else None


@lru_cache(maxsize=8192)
def parse(path: str) -> CgroupNames:
    """What a cgroup path names. Any text has an answer; one that names nothing is ``NAMES_NOTHING``."""
    pods_of_podman = {match.end(): _group(match) for match in _PODMAN_POD.finditer(path)}
    containers = [match for match in _CONTAINER.finditer(path) if match.end() not in pods_of_podman]
    outer_end = containers[-2].end() if len(containers) > 1 else 0
    pod_uid = next((_group(match) for match in _from(_POD_UID, path, outer_end)), None)
    podman_pod = next((pod for end, pod in sorted(pods_of_podman.items(), reverse=True) if end > outer_end), None)
    if not containers:
        monitor = podman_pod is not None and path.endswith("/conmon")
        return CgroupNames(
            pod_uid, runtime="podman" if podman_pod else None, monitor=monitor, podman_pod=podman_pod
        )
    container = containers[-1]
    return CgroupNames(
        pod_uid=pod_uid,
        container_id=container["id"],
        runtime=_runtime(path, container),
        monitor=container["part"] == "conmon",
        podman_pod=podman_pod,
    )


def _paths_in_order(text: str) -> Iterator[str]:
    """The paths of all lines, those of the preferred hierarchies first, unreadable lines left out."""
    by_controller: dict[str, str] = {}
    for line in text.split("\n"):
        hierarchy, _, rest = line.partition(":")
        controllers, colon, path = rest.partition(":")
        if colon and path.startswith("/"):
            names = controllers.split(",") if controllers else [f"v2:{hierarchy}"]
            for name in names:
                by_controller.setdefault(name, path.removesuffix(_DELETED))
    for name in ("v2:0", *_V1_PREFERRED):
        if name in by_controller:
            yield by_controller.pop(name)
    yield from by_controller.values()


def _names_something(path: str) -> bool:
    return parse(path) != NAMES_NOTHING


def _is_below_the_root(path: str) -> bool:
    """From within another cgroup namespace the root is ``/../..``."""
    return path.strip("/.") != ""


def _from(pattern: re.Pattern[str], path: str, start: int) -> Iterator[re.Match[str]]:
    """The matches from ``start`` on, the last one first."""
    return (match for match in reversed(list(pattern.finditer(path))) if match.start() >= start)


def _group(match: re.Match[str]) -> str:
    """What a pattern of alternatives matched, in the API's spelling."""
    return next(group for group in match.groups() if group is not None).replace("_", "-")


def _runtime(path: str, container: re.Match[str]) -> str | None:
    named = container["runtime"]
    if named is not None:
        return _RUNTIMES[named]
    parent = path[: container.start()].rpartition("/")[2]
    return _RUNTIME_OF_PARENT.get(parent)
