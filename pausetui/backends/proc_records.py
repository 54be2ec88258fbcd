"""A found pod as a record: its state, and what there is to say about it.

Pure, but for the names, which it asks for through ``Names``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pausetui.backends.kubelet_folders import PodName
from pausetui.backends.proc_found import FoundPod
from pausetui.backends.proc_keys import PodKeys
from pausetui.backends.proc_naming import Judged, Names, named_members, pod_name
from pausetui.backends.proc_pause import NEEDED, Opinion, held_by_pins
from pausetui.core.inventory import ContainerRecord, ContainerState, PodRecord, PodState, Restorer, Role, Sandbox
from pausetui.core.keys import container_key
from pausetui.core.namespaces import POD_KINDS
from pausetui.core.observation import Observation

KUBELETS = frozenset({"kubelet", "kubelite", "k3s", "k3s-server", "k3s-agent"})
"""What the programs that have a kubelet in them call themselves (kubelite: MicroK8s)."""

_ALWAYS_A_PAUSE = frozenset({"containerd", "docker"})
"""Runtimes that make a pause container for every pod of Kubernetes."""


def records(
    judged: Sequence[Judged], observation: Observation, names: Names, keys: PodKeys
) -> tuple[PodRecord, ...]:
    """The records of all pods, each with a key of its own."""
    called = [pod_name(each, names) for each in judged]
    given = keys.give(judged, called)
    kubelet_runs = any(process.name in KUBELETS for process in observation.processes.values())
    return tuple(
        _record(each, key, name or PodName("", keys.stand_in(each)), observation, names, kubelet_runs)
        for each, key, name in zip(judged, given, called, strict=True)
    )


def _record(
    judged: Judged, key: str, name: PodName, observation: Observation, names: Names, kubelet_runs: bool
) -> PodRecord:
    pod = judged.pod
    pause = _pause_record(judged.pause, key) if judged.pause else None
    sandbox_id = pause.runtime_id if pause else None
    state = _state(judged, observation)
    return PodRecord(
        key=key,
        namespace=name.namespace,
        name=name.name,
        uid=pod.uid,
        state=state,
        host_network=pod.host_network,
        brought_back_by=Restorer.KUBELET if pod.uid and kubelet_runs else None,
        sandboxes=(Sandbox(sandbox_id, None, state, pause.started_at),) if pause and sandbox_id else (),
        pause=pause,
        members=tuple(_member_records(judged, key, names, sandbox_id)),
        netns_path=_pin_of_net(pod, observation),
        note=_note(judged, observation, names),
    )


def _pause_record(opinion: Opinion, pod_key: str) -> ContainerRecord:
    container = opinion.container
    return ContainerRecord(
        key=container_key(pod_key, Role.PAUSE, "pause"),
        name=container.main.name,
        role=Role.PAUSE,
        state=ContainerState.RUNNING,
        runtime_id=container.names.container_id,
        sandbox_id=container.names.container_id,
        process=container.main.id,
        started_at=container.main.started_at,
        evidence=opinion.evidence,
    )


def _member_records(
    judged: Judged, pod_key: str, names: Names, sandbox_id: str | None
) -> Iterator[ContainerRecord]:
    """Members earliest first; each is keyed by its name, else by its container id, else by its program's name."""
    pause = judged.pause.container if judged.pause else None
    members = [one for one in judged.pod.containers if one is not pause]
    for one, name, own in named_members(judged.pod, members, names):
        yield ContainerRecord(
            key=container_key(pod_key, Role.MEMBER, own),
            name=name.name if name else one.main.name,
            role=Role.MEMBER,
            state=ContainerState.RUNNING,
            attempt=name.attempt if name else None,
            restarts=name.attempt if name else None,
            runtime_id=one.names.container_id,
            sandbox_id=sandbox_id,
            process=one.main.id,
            started_at=one.main.started_at,
        )


def _state(judged: Judged, observation: Observation) -> PodState:
    """Ready while its pause lives, or what holds the namespaces of a pod that has none."""
    pod = judged.pod
    if judged.lost_pause:
        return PodState.NOTREADY
    if judged.pause is not None or not pod.uid or held_by_pins(pod, observation):
        return PodState.READY
    if pod.runtime in _ALWAYS_A_PAUSE:
        return PodState.NOTREADY
    return PodState.UNKNOWN


def _pin_of_net(pod: FoundPod, observation: Observation) -> str | None:
    return next((pin.path for pin in observation.pins if pin.namespace == pod.net), None)


def _note(judged: Judged, observation: Observation, names: Names) -> str:
    said = list(_why_no_pause(judged, observation)) if judged.pause is None else []
    if judged.first.hidden and pod_name(judged, names) is None:
        said.append("its name needs root")
    if judged.pod.starts_pods:
        said.append("a container manager runs in it")
    return "; ".join(said)


def _why_no_pause(judged: Judged, observation: Observation) -> Iterator[str]:
    pod = judged.pod
    if judged.lost_pause:
        yield "its pause container has ended"
        return
    if held_by_pins(pod, observation):
        first = pod.containers[0].main.namespaces
        held = [
            kind.value for kind in POD_KINDS if any(pin.namespace == first.get(kind) for pin in observation.pins)
        ]
        yield f"no pause container: bind mounts hold {' '.join(held)}"
        return
    if len(pod.containers) == 1:
        yield "no pause container: this is one container alone" + (
            ", nothing shares its network" if pod.net else ""
        )
    elif judged.likeliest is not None:
        name, points = judged.likeliest.container.main.name, judged.likeliest.points
        if points >= NEEDED:
            yield f"no pause container: {name} behaves like one, but is not called one"
        else:
            yield f"no pause container: {name} comes nearest, with {points} points of the {NEEDED} needed"
    if pod.host_network is None:
        yield "whose network it is in cannot be read"
