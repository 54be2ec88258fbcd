"""Which containers are kubelet's, made through cri-dockerd or, long ago, dockershim. Pure.

cri-dockerd labels what it makes; its names alone tell the same and a container's attempt (core/naming.go, and
core/docker_service.go for the labels): ``k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT``, POD being the sandbox's
container, and a random part behind where the name was taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pausetui.backends.docker.listing import Listed

_TYPE = "io.kubernetes.docker.type"
_SANDBOX = "podsandbox"
_POD = "POD"
_PREFIX = "k8s_"


@dataclass(frozen=True, slots=True)
class KubernetesName:
    """What kubelet calls a container.

    Attributes:
        container: Its name in the pod; of a sandbox "POD".
        attempt: How often it was made before, None if not told.
    """

    pod: str
    namespace: str
    uid: str | None
    container: str
    attempt: int | None
    is_sandbox: bool

    @property
    def key(self) -> str:
        """What its pod is told apart by."""
        return self.uid or f"{self.namespace}/{self.pod}"


def kubernetes_name(listed: Listed) -> KubernetesName | None:
    """What kubelet calls this container, by its labels or else by its name; None if it is not kubelet's."""
    by_name = _by_name(listed.name)
    return _by_labels(listed.labels, by_name) or by_name


def _by_labels(labels: Mapping[str, str], by_name: KubernetesName | None) -> KubernetesName | None:
    kind, pod = labels.get(_TYPE), labels.get("io.kubernetes.pod.name")
    if kind is None or not pod:
        return None
    return KubernetesName(
        pod=pod,
        namespace=labels.get("io.kubernetes.pod.namespace", ""),
        uid=labels.get("io.kubernetes.pod.uid") or None,
        container=labels.get("io.kubernetes.container.name") or (by_name.container if by_name else _POD),
        attempt=by_name.attempt if by_name else None,
        is_sandbox=kind == _SANDBOX,
    )


def _by_name(name: str) -> KubernetesName | None:
    if not name.startswith(_PREFIX):
        return None
    parts = name.split("_")
    if len(parts) not in (6, 7) or not all(parts[:6]) or not (parts[5].isascii() and parts[5].isdigit()):
        return None
    _, container, pod, namespace, uid, attempt = parts[:6]
    return KubernetesName(pod, namespace, uid, container, int(attempt), container == _POD)
