"""Which container of a pod is its pause container, by points, and why we think so.

Pure. No sign is enough alone: a busy program may be called ``pause``, and an idle member sleeps just as a pause
does. Nine points can be had; six are needed, and where a runtime is known to call its pause by name, the name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pausetui.backends.proc_found import FoundContainer, FoundPod
from pausetui.backends.proc_sandboxes import PAUSE_NAMES
from pausetui.backends.proc_trees import shared_pid_namespace
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.observation import Observation, ProcessId

NEEDED = 6
"""Points that make a container the pause container."""
NEEDED_AGAIN = 4
"""Points that are enough for one that had more at an earlier look, when its members were there, too."""

TINY = 2 * 1024 * 1024
"""Bytes of resident memory that no pause exceeds: the one of Kubernetes takes 0.7 MiB, catatonit 1 MiB."""
BUSY = 1.0
"""Percent of one core that no pause uses."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that speaks for a container's being the pause, or (fewer than 0 points) against it."""

    points: int
    text: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """What speaks for and against one container.

    Attributes:
        is_named: It is called what pause containers are called.
    """

    container: FoundContainer
    signs: tuple[Sign, ...]
    is_named: bool

    @property
    def points(self) -> int:
        """The sum of the signs."""
        return sum(sign.points for sign in self.signs)

    @property
    def evidence(self) -> tuple[str, ...]:
        """Why it is thought to be the pause container, in short sentences."""
        return (*(sign.text for sign in self.signs), f"{self.points} points; {NEEDED} are needed")


def opinions(pod: FoundPod, observation: Observation, parents: Collection[int]) -> tuple[Opinion, ...]:
    """What there is to say of each container, the likeliest first.

    Args:
        parents: The pids of all processes that have a child.
    """
    all_of_them = (
        Opinion(one, tuple(_signs(one, pod, observation, parents)), one.main.name in PAUSE_NAMES)
        for one in pod.containers
    )
    return tuple(sorted(all_of_them, key=lambda each: (-each.points, each.container.main.id)))


def pause_among(
    ranked: tuple[Opinion, ...],
    pod: FoundPod,
    observation: Observation,
    known: Collection[ProcessId] = (),
    *,
    had_one: bool = False,
) -> Opinion | None:
    """The pause container, or None if no container has what it takes.

    Args:
        ranked: All opinions, the likeliest first.
        known: Pause processes of the look before. One of them needs fewer points now: a pause whose last member
            just ended is still one.
        had_one: The pod had a pause at an earlier look. If that has ended, no idle member takes its place.
    """
    by_name_only = had_one or _goes_by_name(pod, observation)
    for opinion in ranked:
        before = opinion.container.main.id in known
        enough = opinion.points >= (NEEDED_AGAIN if before else NEEDED)
        if enough and (opinion.is_named or before or not by_name_only):
            return opinion
    return None


def _goes_by_name(pod: FoundPod, observation: Observation) -> bool:
    """Whether a pause here would certainly be called one.

    Kubernetes and Podman run their own programs. CRI-O runs none as a rule: bind mounts of ipc and uts hold the
    pod's namespaces.
    """
    if pod.uid or pod.podman_pod or pod.runtime == "cri-o":
        return True
    return held_by_pins(pod, observation)


def held_by_pins(pod: FoundPod, observation: Observation) -> bool:
    """Whether bind mounts hold the pod's ipc or uts namespace, as CRI-O's do."""
    spaces = {
        one.main.namespaces.get(kind) for one in pod.containers for kind in (NamespaceKind.IPC, NamespaceKind.UTS)
    }
    return any(pin.namespace in spaces and not observation.is_hosts(pin.namespace) for pin in observation.pins)


def _signs(
    container: FoundContainer, pod: FoundPod, observation: Observation, parents: Collection[int]
) -> Iterator[Sign]:
    others = [one for one in pod.containers if one is not container]
    if others and all(container.main.id.start_ticks <= one.main.id.start_ticks for one in others):
        yield Sign(2, "it started first of its pod")
    if container.main.name in PAUSE_NAMES:
        yield Sign(2, f"it is called {container.main.name}")
    yield from _signs_of_idleness(container, observation)
    if shared_pid_namespace(container.main, (one.main for one in others)) is not None:
        yield Sign(1, "it is process 1 of the pid namespace that the members share")
    elif container.main.pid not in parents:
        yield Sign(1, "it has no child process")
    if container.names.container_id and others:
        yield Sign(1, "it has a cgroup of its own beside the members'")


def _signs_of_idleness(container: FoundContainer, observation: Observation) -> Iterator[Sign]:
    """What is not known of it speaks neither for nor against."""
    vitals = observation.vitals.get(container.main.id)
    if vitals is None:
        return
    busy = vitals.cpu_percent is not None and vitals.cpu_percent > BUSY
    if vitals.state == "R" or busy:
        yield Sign(-2, "it is busy")
    elif vitals.state == "S":
        yield Sign(1, "it sleeps")
    if vitals.sockets:
        yield Sign(-3, "it has sockets open")
    elif vitals.sockets == 0:
        yield Sign(1, "it has no socket open")
    if vitals.rss_bytes is not None and vitals.rss_bytes <= TINY:
        yield Sign(1, "it uses less than 2 MiB of memory")
