"""The containers of one pod, before they are made a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pausetui.backends.docker.answers import Seen
from pausetui.backends.docker.kubernetes import KubernetesName


class How(StrEnum):
    """How a pod was found."""

    KUBELET = "kubelet"
    PODMAN = "podman"
    JOINED = "joined"
    SHARED = "shared"
    ALONE = "alone"


@dataclass(slots=True)
class Group:
    """The containers of one pod.

    Attributes:
        key: What the pod is called; ``records`` sees to it that no two are the same.
        sandbox: The engine's own id of the pod, where it has one (Podman).
        pauses: The containers that hold it, of all its lives.
        kubelets: What kubelet calls its containers, by id.
        evidence: Why the pause is taken for one.
        project: The Compose project that it is of, or "".
    """

    how: How
    key: str
    name: str
    namespace: str = ""
    uid: str | None = None
    sandbox: str | None = None
    pauses: list[Seen] = field(default_factory=list)
    members: list[Seen] = field(default_factory=list)
    kubelets: dict[str, KubernetesName] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    project: str = ""
    notes: list[str] = field(default_factory=list)

    def containers(self) -> Iterator[Seen]:
        """All of them."""
        yield from self.pauses
        yield from self.members

    def ids(self) -> Mapping[str, str]:
        """Their ids, by id and by name."""
        return {word: one.id for one in self.containers() for word in (one.listed.name, one.id)}
