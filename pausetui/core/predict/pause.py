"""What follows when a pod's pause or its whole sandbox ends, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from pausetui.core.inventory import ContainerState, Restorer
from pausetui.core.namespaces import POD_KINDS, NamespaceKind
from pausetui.core.sharing import under_pause
from pausetui.core.snapshot import Container, Pod, Snapshot
from pausetui.core.wording import addresses, plural

BRINGS_BACK = {
    Restorer.KUBELET: "kubelet",
    Restorer.LAB: "the lab's supervisor",
    Restorer.RESTART_POLICY: "the runtime's restart policy",
}
_ENDS_PAUSE_ALONE = "docker"
"""What cri-dockerd calls itself: its StopPodSandbox stops no member (core/sandbox_stop.go)."""


def after_pause(pod: Pod, pid: int) -> tuple[str, ...]:
    """When the pause process alone is killed."""
    return (
        f"The pause process (pid {pid}) ends at once, by SIGKILL.",
        _members_after_pause(pod),
        _namespaces_after_pause(pod),
        _pod_after_pause(pod),
    )


def after_sandbox(snapshot: Snapshot, pod: Pod, *, removed: bool) -> tuple[str, ...]:
    """When the runtime stops the sandbox, and removes it."""
    return tuple(_after_sandbox(snapshot, pod, removed=removed))


def _after_sandbox(snapshot: Snapshot, pod: Pod, *, removed: bool) -> Iterator[str]:
    names = ", ".join(member.name for member in running(pod))
    who = snapshot.runtime.name
    if who == _ENDS_PAUSE_ALONE:
        yield (
            f"{who} ends pause, and no member: what runs ({names}) is left without a network."
            if names
            else (f"{who} ends pause.")
        )
    else:
        pause_runs = pod.pause is not None and pod.pause.state is ContainerState.RUNNING
        if names:
            yield f"{who} ends every member ({names}) at once{', then pause' if pause_runs else ''}."
        else:
            yield f"{who} ends pause." if pause_runs else "Nothing of it runs any more."
    if not pod.host_network:
        yield f"It takes the network namespace down: {addresses(pod.addresses)} is given back."
    if removed:
        yield "It forgets the sandbox and all its containers, their exit codes and earlier attempts with them."
    if pod.brought_back_by is Restorer.NOBODY and not removed:
        yield "Nobody brings the pod back. It stays as a NotReady sandbox until it is removed."
    else:
        yield _pod_after_pause(pod, counted=not removed)


def warnings(pod: Pod) -> tuple[str, ...]:
    """What else the user should know before a pod is ended."""
    lost = pod.brought_back_by in (None, Restorer.NOBODY)
    return (*of_sharers(pod), *(("Nothing is known that would undo this.",) if lost else ()))


def of_sharers(pod: Pod) -> tuple[str, ...]:
    """That processes from outside would lose the pod's namespaces, too."""
    if not pod.sharers:
        return ()
    names = ", ".join(f"{sharer.name} (pid {sharer.id.pid})" for sharer in pod.sharers[:3])
    return (f"{plural(len(pod.sharers), 'process')} from outside joined this pod: {names}.",)


def running(pod: Pod) -> tuple[Container, ...]:
    """The members that run."""
    return tuple(member for member in pod.members if member.state is ContainerState.RUNNING)


def without_pause(pod: Pod) -> tuple[tuple[Container, ...], tuple[Container, ...]]:
    """Of the members that run those that the kernel ends with the pause process, and those that run on."""
    below = {member.key for member in under_pause(pod)}
    members = running(pod)
    return (
        tuple(member for member in members if member.key in below),
        tuple(member for member in members if member.key not in below),
    )


def _members_after_pause(pod: Pod) -> str:
    ended, left = (", ".join(member.name for member in members) for members in without_pause(pod))
    if ended and not left:
        return f"Pause is pid 1 of this pod's pid namespace: the kernel ends every member with it ({ended})."
    if not left:
        return "No member is running."
    first = f"The kernel ends {ended} with it: pause is pid 1 of their pid namespace. " if ended else ""
    return first + _those_left(pod, left)


def _those_left(pod: Pod, names: str) -> str:
    if pod.brought_back_by in (Restorer.KUBELET, Restorer.LAB):
        who = BRINGS_BACK[pod.brought_back_by]
        return f"The members ({names}) run on for a moment, until {who} ends them too."
    return f"The members ({names}) run on: only pause ends."


def _namespaces_after_pause(pod: Pod) -> str:
    pinned = [pin for pin in pod.pins if pin.kind is NamespaceKind.NET]
    if pod.host_network:
        return "The pod uses the host's network: its address does not change."
    if pinned:
        return f"The network namespace outlives pause: it is pinned at {pinned[0].path}."
    if without_pause(pod)[1]:
        return "Until then the members keep net, ipc and uts alive by being in them; the address stays."
    return "With the last process in them, net, ipc and uts end, and the address with them."


def _pod_after_pause(pod: Pod, *, counted: bool = True) -> str:
    who = BRINGS_BACK.get(pod.brought_back_by) if pod.brought_back_by else None
    if pod.brought_back_by is Restorer.NOBODY:
        return "Nobody brings the pod back."
    if who is None:
        return "Whether anybody brings it back is not known."
    attempt = f" as sandbox attempt {pod.attempt + 1}" if counted and pod.attempt is not None else ""
    kinds = ", ".join(POD_KINDS[:-1]) + f" and {POD_KINDS[-1]}"
    if pod.host_network:
        return f"Then {who} makes the pod again{attempt}; every member starts anew."
    return (
        f"Then {who} makes the pod again{attempt}: new {kinds} namespaces, a new address "
        f"(now {addresses(pod.addresses)}), every member started anew. Name and uid stay."
    )
