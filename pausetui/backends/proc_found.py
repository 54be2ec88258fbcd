"""What is found when processes are grouped: containers, pods, and who manages them. Pure data."""

from __future__ import annotations

from dataclasses import dataclass

from pausetui.core.namespaces import NamespaceKind
from pausetui.core.observation import Net, Process
from pausetui.kernel.cgroups import NAMES_NOTHING, CgroupNames


@dataclass(frozen=True, slots=True)
class FoundContainer:
    """Processes that belong together as one container.

    Attributes:
        main: The process the container stands and falls with.
        processes: All of them, earliest started first.
        names: What their cgroup names.
        apart: In which of pid, mnt, ipc and uts ``main`` is neither with the host nor with who started it; of one
            whose namespaces may not be read, only pid can be known.
        net: The network namespace of ``main``, or its mark; None if neither can be read.
    """

    main: Process
    processes: tuple[Process, ...]
    names: CgroupNames = NAMES_NOTHING
    apart: frozenset[NamespaceKind] = frozenset()
    net: Net | None = None

    @property
    def hidden(self) -> bool:
        """Whether the namespaces of its main process may not be read."""
        return self.main.namespaces.unreadable

    @property
    def pod(self) -> str | None:
        """The id of the pod that its cgroup names, Kubernetes' or Podman's."""
        return self.names.pod_uid or self.names.podman_pod

    @property
    def contained(self) -> bool:
        """Whether it is a container, and not a process that was only put into some namespaces of a pod."""
        return bool(self.names.container_id) or not self.apart.isdisjoint((NamespaceKind.PID, NamespaceKind.MNT))


@dataclass(frozen=True, slots=True)
class FoundPod:
    """Containers that belong together as one pod, earliest started first.

    Attributes:
        net: The network namespace they share, or its mark; None if it is the host's or can't be read.
        host_network: Whether it is the host's; None if it can't be read.
        starts_pods: Processes in it started other pods: a container manager runs in it.
    """

    containers: tuple[FoundContainer, ...]
    net: Net | None
    host_network: bool | None
    uid: str | None = None
    podman_pod: str | None = None
    starts_pods: bool = False

    @property
    def runtime(self) -> str | None:
        """The runtime that the cgroups tell of, or None."""
        return next((one.names.runtime for one in self.containers if one.names.runtime), None)


@dataclass(frozen=True, slots=True)
class Found:
    """All pods, and the network namespaces of container managers.

    Attributes:
        managers: Handed in again with the next look: a manager whose only pod just ended is still none.
    """

    pods: tuple[FoundPod, ...]
    managers: frozenset[Net] = frozenset()


def by_start(container: FoundContainer) -> tuple[int, int]:
    """The order in which containers were started; by pid where that was within the same hundredth of a second."""
    return container.main.id.start_ticks, container.main.pid
