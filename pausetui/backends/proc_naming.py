"""What found pods and containers are called.

Pure, but for what it asks through ``Names``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from pausetui.backends.kubelet_folders import ContainerName, PodName
from pausetui.backends.proc_found import FoundContainer, FoundPod
from pausetui.backends.proc_pause import Opinion
from pausetui.core.observation import ProcessId


class Names(Protocol):
    """Where names come from that no process shows."""

    def pod(self, uid: str) -> PodName | None:
        """What kubelet calls the pod with this uid."""

    def container(self, container_id: str) -> ContainerName | None:
        """What kubelet calls the container with this id."""

    def containers_of(self, uid: str) -> tuple[str, ...]:
        """The names of all containers of the pod with this uid."""

    def hostname(self, container: FoundContainer) -> str | None:
        """The hostname the container has been given; None if it has the machine's, or it can't be had."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A pod, with its pause container or, if none is believed to be one, the likeliest.

    Attributes:
        lost_pause: It had a pause container at an earlier look, and has none now.
    """

    pod: FoundPod
    pause: Opinion | None
    likeliest: Opinion | None = None
    lost_pause: bool = False

    @property
    def first(self) -> FoundContainer:
        """The pause container or, with none, the container that started first."""
        return self.pause.container if self.pause else self.pod.containers[0]


def pod_name(judged: Judged, names: Names) -> PodName | None:
    """What kubelet calls it, else its hostname, unless that is only a container id cut short."""
    named = names.pod(judged.pod.uid) if judged.pod.uid else None
    if named is not None and named.namespace:
        return named
    hostname = names.hostname(judged.first)
    ids = [one.names.container_id for one in judged.pod.containers if one.names.container_id]
    if hostname is None or any(container_id.startswith(hostname) for container_id in ids):
        return named
    return named or PodName("", hostname)


def named_members(
    pod: FoundPod, members: Sequence[FoundContainer], names: Names
) -> Iterator[tuple[FoundContainer, ContainerName | None, str]]:
    """Each container with kubelet's name for it and what tells it from the others of its pod.

    That is its name, for the newest that has it; else its container id; else its program's name, numbered where
    several have it, in an order that a restart doesn't change.
    """
    named = _kubelets_names(pod, members, names)
    newest = {name.name: place for place, name in enumerate(named) if name}
    own: dict[int, str] = {}
    for place, (one, name) in enumerate(zip(members, named, strict=True)):
        if name is not None and newest[name.name] == place:
            own[place] = name.name
        elif one.names.container_id is not None:
            own[place] = one.names.container_id
    taken = set(own.values())
    unnamed = [place for place in range(len(members)) if place not in own]
    for place in sorted(unnamed, key=lambda place: _by_program(members[place])):
        own[place] = _free(members[place].main.name, taken)
        taken.add(own[place])
    for place, (one, name) in enumerate(zip(members, named, strict=True)):
        yield one, name, own[place]


def _by_program(container: FoundContainer) -> tuple[str, tuple[str, ...], ProcessId]:
    return container.main.name, container.main.command, container.main.id


def _free(name: str, taken: Collection[str]) -> str:
    candidates = (name if number == 1 else f"{name}#{number}" for number in count(1))
    return next(candidate for candidate in candidates if candidate not in taken)


def _kubelets_names(pod: FoundPod, members: Sequence[FoundContainer], names: Names) -> list[ContainerName | None]:
    found = [names.container(one.names.container_id) if one.names.container_id else None for one in members]
    if pod.uid and found == [None]:
        only = names.containers_of(pod.uid)
        return [ContainerName(only[0], None)] if len(only) == 1 else found
    return found
