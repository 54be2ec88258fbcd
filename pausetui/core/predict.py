"""What would happen if one did it: said before anything is done, in sentences.

What is predicted follows from who brings the container back, from the pid mode, and from what else holds the
namespaces.
"""

from __future__ import annotations

from pausetui.core.actions import GRACE_SECONDS, ActionKind, NotPossible, Offer, Target
from pausetui.core.inventory import ContainerState, Restorer, Role
from pausetui.core.namespaces import POD_KINDS, NamespaceKind
from pausetui.core.prose import NEEDS_ROOT
from pausetui.core.snapshot import Container, Pod, Snapshot
from pausetui.core.wording import addresses, plural

_BRINGS_BACK = {
    Restorer.KUBELET: "kubelet",
    Restorer.LAB: "the lab's supervisor",
    Restorer.RESTART_POLICY: "the runtime's restart policy",
}


def offer(snapshot: Snapshot, kind: ActionKind, container_key: str) -> Offer | NotPossible:
    """What an action on this container would do, or why it can't be done.

    Args:
        snapshot: The newest.
        kind: What to do. DELETE_PAUSE may be asked for any container of a pod.
        container_key: The container (or, for DELETE_PAUSE, the pod's key).
    """
    if snapshot.read_only_because is not None:
        return NotPossible(kind, snapshot.read_only_because)
    found = snapshot.container(container_key)
    pod = found[0] if found else snapshot.pod(container_key)
    if pod is None:
        return NotPossible(kind, "it is gone")
    if kind is ActionKind.DELETE_PAUSE:
        return _of_pause(pod)
    if found is None:
        return NotPossible(kind, f"choose a member of {pod.title}: this is for members only")
    if found[1].role is Role.PAUSE:
        return NotPossible(kind, "choose a member: the pause container is deleted, not restarted")
    return _of_member(kind, pod, found[1])


def _why_not(kind: ActionKind, container: Container) -> NotPossible | None:
    if container.state is not ContainerState.RUNNING:
        return NotPossible(kind, f"{container.name} is not running")
    if container.process is None:
        return NotPossible(kind, f"the process of {container.name} is not known")
    if container.cannot_read:
        return NotPossible(kind, f"{NEEDS_ROOT}: the process of {container.name} is not ours")
    return None


def _target(container: Container) -> Target:
    assert container.process is not None
    return Target(container.process, container.namespaces.net)


def _of_pause(pod: Pod) -> Offer | NotPossible:
    kind = ActionKind.DELETE_PAUSE
    pause = pod.pause
    if pause is None:
        return NotPossible(kind, f"{pod.title} has no pause container")
    refused = _why_not(kind, pause)
    if refused is not None:
        return refused
    target = _target(pause)
    return Offer(
        kind=kind,
        pod_key=pod.key,
        container_key=pause.key,
        subject=f"{pod.title} pause",
        title=f"Delete the pause container of {pod.title}",
        target=target,
        effects=(
            f"The pause process (pid {target.process.pid}) ends at once, by SIGKILL.",
            _members_after_pause(pod),
            _namespaces_after_pause(pod),
            _pod_after_pause(pod),
        ),
        command=f"kill -KILL {target.process.pid}",
        type_to_confirm=pod.name,
        before_you_confirm=_warnings(pod),
    )


def _running(pod: Pod) -> tuple[Container, ...]:
    return tuple(member for member in pod.members if member.state is ContainerState.RUNNING)


def shares_pause_pid(pod: Pod) -> bool:
    """Whether the members live in the pause container's pid namespace, so that the kernel ends them with it."""
    space = pod.pause.namespaces.pid if pod.pause else None
    return space is not None and any(member.namespaces.pid == space for member in _running(pod)) and _is_init(pod)


def _is_init(pod: Pod) -> bool:
    assert pod.pause is not None
    return bool(pod.pause.processes) and pod.pause.processes[0].inner_pid == 1


def _members_after_pause(pod: Pod) -> str:
    members = _running(pod)
    if not members:
        return "No member is running."
    names = ", ".join(member.name for member in members)
    if shares_pause_pid(pod):
        return f"Pause is pid 1 of this pod's pid namespace: the kernel ends every member with it ({names})."
    if pod.brought_back_by in (Restorer.KUBELET, Restorer.LAB):
        who = _BRINGS_BACK[pod.brought_back_by]
        return f"The members ({names}) run on for a moment, until {who} ends them too."
    return f"The members ({names}) run on: only pause ends."


def _namespaces_after_pause(pod: Pod) -> str:
    pinned = [pin for pin in pod.pins if pin.kind is NamespaceKind.NET]
    if pod.host_network:
        return "The pod uses the host's network: its address does not change."
    if pinned:
        return f"The network namespace outlives pause: it is pinned at {pinned[0].path}."
    if _running(pod) and not shares_pause_pid(pod):
        return "Until then the members keep net, ipc and uts alive by being in them; the address stays."
    return "With the last process in them, net, ipc and uts end, and the address with them."


def _pod_after_pause(pod: Pod) -> str:
    who = _BRINGS_BACK.get(pod.brought_back_by) if pod.brought_back_by else None
    if pod.brought_back_by is Restorer.NOBODY:
        return "Nobody brings the pod back."
    if who is None:
        return "Whether anybody brings it back is not known."
    attempt = f" as sandbox attempt {pod.attempt + 1}" if pod.attempt is not None else ""
    kinds = ", ".join(POD_KINDS[:-1]) + f" and {POD_KINDS[-1]}"
    if pod.host_network:
        return f"Then {who} makes the pod again{attempt}; every member starts anew."
    return (
        f"Then {who} makes the pod again{attempt}: new {kinds} namespaces, a new address "
        f"(now {addresses(pod.addresses)}), every member started anew. Name and uid stay."
    )


def _warnings(pod: Pod) -> tuple[str, ...]:
    lines = []
    if pod.sharers:
        names = ", ".join(f"{sharer.name} (pid {sharer.id.pid})" for sharer in pod.sharers[:3])
        lines.append(f"{plural(len(pod.sharers), 'process')} from outside joined this pod: {names}.")
    if pod.brought_back_by in (None, Restorer.NOBODY):
        lines.append("Nothing is known that would undo this.")
    return tuple(lines)


def _of_member(kind: ActionKind, pod: Pod, member: Container) -> Offer | NotPossible:
    refused = _why_not(kind, member)
    if refused is not None:
        return refused
    target = _target(member)
    pid = target.process.pid
    killed = kind is ActionKind.KILL_MEMBER
    how = "ends at once, by SIGKILL." if killed else f"is asked to end (SIGTERM){_and_grace(killed)}."
    lost = pod.brought_back_by in (None, Restorer.NOBODY)
    return Offer(
        kind=kind,
        pod_key=pod.key,
        container_key=member.key,
        subject=f"{pod.title} {member.name}",
        title=f"{'Kill' if killed else 'Restart'} {member.name} of {pod.title}",
        target=target,
        effects=(f"{member.name} (pid {pid}) {how}", _member_comes_back(pod, member), _what_stays(pod, member)),
        command=f"kill -{'KILL' if killed else 'TERM'} {pid}",
        type_to_confirm=member.name if lost else "",
        before_you_confirm=("Nothing is known that would start it again.",) if lost else (),
    )


def _and_grace(killed: bool) -> str:
    return "" if killed else f", and ended by SIGKILL if it has not after {GRACE_SECONDS:.0f} s"


def _member_comes_back(pod: Pod, member: Container) -> str:
    if pod.brought_back_by is Restorer.NOBODY:
        return "Nobody starts it again."
    who = _BRINGS_BACK.get(pod.brought_back_by) if pod.brought_back_by else None
    if who is None:
        return "Whether anybody starts it again is not known."
    attempt = f" as attempt {member.attempt + 1}" if member.attempt is not None else ""
    return f"Then {who} starts it again{attempt}, with a new pid; after repeated ends it waits longer each time."


def _what_stays(pod: Pod, member: Container) -> str:
    others = [other.name for other in _running(pod) if other.key != member.key]
    rest = f" {', '.join(others)} run{'s' if len(others) == 1 else ''} on." if others else ""
    if pod.pause is None:
        return f"{_without_pause(pod, member)}{rest}"
    if member.key in pod.orphans:
        return f"It is stranded in an old network namespace now; started again it joins the pod's.{rest}"
    if pod.host_network:
        return f"The pause container stays, and the host's network with it.{rest}"
    return f"The pause container holds net, ipc and uts: they stay, and so does {addresses(pod.addresses)}.{rest}"


def _without_pause(pod: Pod, member: Container) -> str:
    """What becomes of a network that no pause holds: P4 of what is said about pause containers."""
    net = member.namespaces.net
    sharing = [other.name for other in _running(pod) if other.key != member.key and other.namespaces.net == net]
    if net is None or not sharing:
        return "No pause holds its namespaces: they end with it, and so does the address."
    others = ", ".join(sharing)
    keep = "keeps" if len(sharing) == 1 else "keep"
    return (
        f"No pause holds its network: {others} {keep} it alive. But if {member.name} made it, {member.name} comes "
        f"back in another one, with another address, and {others} is left in the old one, orphaned."
    )
