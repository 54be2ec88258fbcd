"""Groups of containers as records of pods. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pausetui.backends.crictl.kubelet import Kubelet
from pausetui.backends.docker.answers import Seen
from pausetui.backends.docker.bereft import bereft, made_anew
from pausetui.backends.docker.container_records import LONG_AGO, Containers
from pausetui.backends.docker.group import Group, How
from pausetui.core.inventory import ContainerState, PodRecord, PodState, Restorer, Sandbox

SHARES_NOTHING = "a container that shares nothing"
_HOST = "host"


def records(
    groups: tuple[Group, ...], kubelet: Kubelet, *, local: bool = True, program: str = "docker"
) -> tuple[PodRecord, ...]:
    """All pods, each under a key of its own.

    Args:
        groups: Which containers are one pod.
        kubelet: What is known of the machine's kubelet.
        local: The engine's pids are those of this machine.
        program: What a person types to ask it.
    """
    taken: Counter[str] = Counter()
    found = []
    for group in groups:
        taken[group.key] += 1
        first = next(group.containers(), None)
        again = taken[group.key] > 1
        key = f"{group.key}#{first.id[:12] if first else taken[group.key]}" if again else group.key
        found.append(_Pod(group, key, kubelet, Containers(group, key, local=local), program).record())
    return tuple(found)


class _Pod:
    """One pod on its way to a record."""

    def __init__(self, group: Group, key: str, kubelet: Kubelet, containers: Containers, program: str) -> None:
        self._group = group
        self._key = key
        self._kubelet = kubelet
        self._containers = containers
        self._program = program
        self._pauses = containers.pauses
        self._members = containers.members

    def record(self) -> PodRecord:
        group = self._group
        pause = self._pauses[0] if self._pauses else None
        first = pause or (self._members[0] if self._members else None)
        network = first.network_mode if first else None
        return PodRecord(
            key=self._key,
            namespace=group.namespace,
            name=group.name,
            uid=group.uid,
            state=self._state(),
            attempt=self._attempt(pause),
            host_network=None if network is None else network == _HOST,
            brought_back_by=self._restorer(first),
            runtime_addresses=first.detail.addresses if first and first.detail else (),
            sandboxes=tuple(self._sandboxes()),
            pause=self._containers.pause_record(),
            members=tuple(self._containers.member_records()),
            netns_path=first.detail.netns_path if first and first.detail and network != _HOST else None,
            note="; ".join(self._notes(network)),
            shares_nothing=group.how is How.ALONE,
        )

    def _state(self) -> PodState:
        """That of what holds it: the pause, or the members where there is none. What held it may be gone."""
        if self._group.how is How.JOINED and not self._pauses:
            return PodState.NOTREADY
        holders = self._pauses[:1] or self._members
        if any(one.state is ContainerState.RUNNING for one in holders):
            return PodState.READY
        known = all(one.state is not ContainerState.UNKNOWN for one in holders)
        return PodState.NOTREADY if known else PodState.UNKNOWN

    def _attempt(self, pause: Seen | None) -> int | None:
        called = self._group.kubelets.get(pause.id) if pause else None
        return called.attempt if called else None

    def _restorer(self, first: Seen | None) -> Restorer | None:
        if self._group.how is How.KUBELET:
            return self._kubelet.restorer(made_by_kubelet=True)
        policy = first.detail.restart_policy if first and first.detail else None
        if policy is None:
            return None
        return Restorer.NOBODY if policy == "no" else Restorer.RESTART_POLICY

    def _sandboxes(self) -> Iterator[Sandbox]:
        if self._group.sandbox is not None:
            created = min((one.created_at or LONG_AGO for one in self._group.containers()), default=None)
            addresses = self._pauses[0].detail.addresses if self._pauses and self._pauses[0].detail else ()
            yield Sandbox(self._group.sandbox, None, self._state(), created, addresses)
            return
        for one in self._pauses:
            ready = one.state is ContainerState.RUNNING
            yield Sandbox(
                one.id,
                self._attempt(one),
                PodState.READY if ready else PodState.NOTREADY,
                one.created_at,
                one.detail.addresses if one.detail else (),
            )

    def _notes(self, network: str | None) -> Iterator[str]:
        yield from self._group.notes
        if self._group.how is How.ALONE:
            yield SHARES_NOTHING
        if network == _HOST:
            yield "in the host's network"
        lost = bereft(self._group)
        if lost:
            yield f"make anew: {made_anew(self._group, lost, self._program)}"
