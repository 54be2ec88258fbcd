"""What kubelet's folders say about names, where there is a kubelet.

``/var/log/pods/NAMESPACE_NAME_UID`` names a pod, ``/var/log/containers/NAME_NAMESPACE_CONTAINER-ID.log`` a
container (a link to ``…/CONTAINER/ATTEMPT.log``), both made by kubelet (pkg/kubelet/kuberuntime/legacy.go and
helpers.go). ``/var/lib/kubelet/pods/UID`` has the pod's hosts file and a folder for each container.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from pausetui.kernel.host import HostRoot
from pausetui.text import harmless

Read = TypeVar("Read")

_CONTAINER_LOG = re.compile(r"[^_]+_[^_]+_(.+)-([0-9a-f]{64})\.log")
_HOSTS_HEADER = "# Kubernetes-managed hosts file.\n"
_LAST_OF_ITS_OWN = "ip6-allrouters"
_HOSTS_FILE_SIZE = 16 * 1024


@dataclass(frozen=True, slots=True)
class PodName:
    """What a pod is called; the namespace is "" where only the name is known."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class ContainerName:
    """What a container is called, and which attempt (counted from 0) its log is of; None if the log doesn't say."""

    name: str
    attempt: int | None


@dataclass(slots=True)
class KubeletFolders:
    """The folders of one machine. A listing is read again only when its folder has changed."""

    host: HostRoot
    _listed: dict[str, tuple[int, object]] = field(default_factory=dict)

    def pod(self, uid: str) -> PodName | None:
        """The name of the pod with this uid, or None."""
        named = self._cached("/var/log/pods", self._pods).get(uid)
        return named or self._pod_by_hosts_file(uid)

    def container(self, container_id: str) -> ContainerName | None:
        """The name of the container with this id, or None."""
        return self._cached("/var/log/containers", self._containers).get(container_id)

    def containers_of(self, uid: str) -> tuple[str, ...]:
        """The names of all containers the pod has had, sorted; () if not known."""
        return tuple(sorted(harmless(name) for name in _listing(self._pod_folder(uid, "containers"))))

    def _cached(self, folder: str, read: Callable[[str], dict[str, Read]]) -> dict[str, Read]:
        path = self.host.join(folder)
        try:
            changed = os.stat(path).st_mtime_ns
        except OSError:
            return {}
        before = self._listed.get(folder)
        if before is None or before[0] != changed:
            before = (changed, read(path))
            self._listed[folder] = before
        found = before[1]
        assert isinstance(found, dict)
        return found

    def _pods(self, path: str) -> dict[str, PodName]:
        parts = (entry.split("_") for entry in _listing(path))
        return {each[2]: PodName(harmless(each[0]), harmless(each[1])) for each in parts if len(each) == 3}

    def _containers(self, path: str) -> dict[str, ContainerName]:
        found = {}
        for entry in _listing(path):
            match = _CONTAINER_LOG.fullmatch(entry)
            if match:
                found[match[2]] = ContainerName(harmless(match[1]), _attempt(os.path.join(path, entry)))
        return found

    def _pod_by_hosts_file(self, uid: str) -> PodName | None:
        """The last name of the pod's own line: kubelet writes it after the well-known ones."""
        try:
            with open(self._pod_folder(uid, "etc-hosts"), encoding="utf-8", errors="backslashreplace") as file:
                text = file.read(_HOSTS_FILE_SIZE)
        except OSError:
            return None
        _, found, own = text.partition(_LAST_OF_ITS_OWN)
        lines = own.split("\n", 2)
        words = lines[1].split() if found and len(lines) > 1 else []
        if not text.startswith(_HOSTS_HEADER) or len(words) < 2:
            return None
        return PodName("", harmless(words[-1]))

    def _pod_folder(self, uid: str, name: str) -> str:
        return self.host.join("/var/lib/kubelet/pods", uid, name)


def _listing(path: str) -> list[str]:
    try:
        return os.listdir(path)
    except OSError:
        return []


def _attempt(link: str) -> int | None:
    try:
        log = os.path.basename(os.readlink(link))
    except OSError:
        return None
    number = log.removesuffix(".log")
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else None
