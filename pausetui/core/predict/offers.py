"""What would happen if one did it: said before anything is done, in sentences.

What is predicted follows from who brings the container back, from the pid mode, and from what else holds the
namespaces (``predict_pause``, ``predict_member``). Here: whether it can be done at all.
"""

from __future__ import annotations

from pausetui.core.actions import GRACE_SECONDS, OF_A_POD, ActionKind, NotPossible, Offer, Target
from pausetui.core.doing import ENGINES, command_for
from pausetui.core.inventory import ContainerState, Restorer, Role
from pausetui.core.predict.engine import of_engine
from pausetui.core.predict.member import after_member
from pausetui.core.predict.pause import after_pause, after_sandbox, warnings
from pausetui.core.prose import NEEDS_ROOT
from pausetui.core.snapshot import Container, Pod, Snapshot


def offer(snapshot: Snapshot, kind: ActionKind, container_key: str) -> Offer | NotPossible:
    """What an action on this container would do, or why it can't be done.

    Args:
        snapshot: The newest.
        kind: What to do. What is done to a pod (OF_A_POD) may be asked for any container of it.
        container_key: The container (or, for what is done to a pod, the pod's key).
    """
    if snapshot.read_only_because is not None:
        return NotPossible(kind, snapshot.read_only_because)
    if kind not in snapshot.abilities.all:
        return NotPossible(kind, f"the backend {snapshot.backend} has no such action")
    found = snapshot.container(container_key)
    pod = found[0] if found else snapshot.pod(container_key)
    if pod is None:
        return NotPossible(kind, "it is gone")
    if snapshot.backend in ENGINES:
        return of_engine(snapshot, kind, pod, found[1] if found else None)
    if kind in OF_A_POD:
        return _of_pause(pod, snapshot) if kind is ActionKind.DELETE_PAUSE else _of_sandbox(kind, pod, snapshot)
    if found is None:
        return NotPossible(kind, f"choose a member of {pod.title}: this is for members only")
    if found[1].role is Role.PAUSE:
        return NotPossible(kind, "choose a member: the pause container is deleted, not restarted")
    return _of_member(kind, pod, found[1], snapshot)


def _why_not(kind: ActionKind, container: Container, *, by_runtime: bool = False) -> NotPossible | None:
    if container.state is not ContainerState.RUNNING:
        return NotPossible(kind, f"{container.name} is not running")
    if container.cannot_read:
        return NotPossible(kind, f"{NEEDS_ROOT}: the process of {container.name} is not ours")
    if container.process is None and not (by_runtime and container.runtime_id):
        return NotPossible(kind, f"the process of {container.name} is not known")
    return None


def _target(container: Container | None) -> Target | None:
    if container is None or container.process is None:
        return None
    return Target(container.process, container.namespaces.net)


def _of_pause(pod: Pod, snapshot: Snapshot) -> Offer | NotPossible:
    kind = ActionKind.DELETE_PAUSE
    pause = pod.pause
    if pause is None:
        return NotPossible(kind, f"{pod.title} has no pause container")
    refused = _why_not(kind, pause)
    if refused is not None or pause.process is None:
        return refused or NotPossible(kind, "the process of pause is not known")
    return Offer(
        kind=kind,
        pod_key=pod.key,
        container_key=pause.key,
        subject=f"{pod.title} pause",
        title=f"Delete the pause container of {pod.title}",
        target=_target(pause),
        effects=after_pause(pod, pause.process.pid),
        command=command_for(kind, snapshot, pod, pause),
        type_to_confirm=pod.name,
        before_you_confirm=warnings(pod),
    )


def _of_sandbox(kind: ActionKind, pod: Pod, snapshot: Snapshot) -> Offer | NotPossible:
    pause = pod.pause
    if not pod.sandboxes:
        return NotPossible(kind, f"{pod.title} has no sandbox")
    if any(container.cannot_read for container in pod.containers()):
        return NotPossible(kind, f"{NEEDS_ROOT}: the processes of {pod.title} are not ours")
    removed = kind is ActionKind.REMOVE_SANDBOX
    return Offer(
        kind=kind,
        pod_key=pod.key,
        container_key=pause.key if pause else pod.key,
        subject=f"{pod.title} sandbox",
        title=f"{'Remove' if removed else 'Stop'} the sandbox of {pod.title}",
        target=_target(pause),
        effects=after_sandbox(snapshot, pod, removed=removed),
        command=command_for(kind, snapshot, pod, pause),
        type_to_confirm=pod.name,
        before_you_confirm=warnings(pod),
        runtime_id=pod.sandboxes[0].id,
    )


def _of_member(kind: ActionKind, pod: Pod, member: Container, snapshot: Snapshot) -> Offer | NotPossible:
    by_runtime = kind in snapshot.abilities.by_runtime
    refused = _why_not(kind, member, by_runtime=by_runtime)
    if refused is not None:
        return refused
    killed = kind is ActionKind.KILL_MEMBER
    grace = member.grace_seconds or GRACE_SECONDS
    lost = pod.brought_back_by in (None, Restorer.NOBODY)
    return Offer(
        kind=kind,
        pod_key=pod.key,
        container_key=member.key,
        subject=f"{pod.title} {member.name}",
        title=f"{'Kill' if killed else 'Restart'} {member.name} of {pod.title}",
        target=_target(member),
        effects=after_member(pod, member, grace_seconds=None if killed else grace),
        command=command_for(kind, snapshot, pod, member),
        type_to_confirm=member.name if lost else "",
        before_you_confirm=("Nothing is known that would start it again.",) if lost else (),
        runtime_id=member.runtime_id if by_runtime else None,
        grace_seconds=grace,
    )
