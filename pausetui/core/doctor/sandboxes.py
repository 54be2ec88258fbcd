"""What can be wrong with the sandboxes of a pod."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import timedelta

from pausetui.core.doctor.finding import Examined, Finding, FindingId
from pausetui.core.doing import SHORT_ID
from pausetui.core.inventory import ContainerState, PodState, Restorer
from pausetui.core.snapshot import Pod, Snapshot
from pausetui.core.wording import plural, sandbox_state, shown

MANY_SANDBOXES = 4
"""kubelet keeps one dead sandbox of a pod; more than these are piling up (kubernetes#110181)."""
REMADE_WITHIN = timedelta(minutes=10)
REMADE_TIMES = 3


def not_ready_with_members(examined: Examined) -> Iterator[Finding]:
    """A sandbox that is NotReady, and members of it that run on."""
    for pod in examined.pods:
        alive = [one for one in pod.members if one.state is ContainerState.RUNNING]
        # An orphan is told of itself, with how it is healed.
        running = [one.name for one in alive] if any(one.key not in pod.orphans for one in alive) else []
        if pod.state is PodState.NOTREADY and running and _was(examined, pod, PodState.NOTREADY):
            back = "nobody brings it back" if pod.brought_back_by is Restorer.NOBODY else "then it is made again"
            yield Finding(
                FindingId.NOTREADY_WITH_RUNNING_MEMBERS,
                pod.key,
                pod.title,
                "Its pause is gone and its members run on: the pod is not whole, and nothing of it is restarted.",
                (sandbox_state(pod.attempt, pod.state), f"running: {', '.join(running)}"),
                f"stop what is left of it ({', '.join(running)}); {back}",
                crictl(examined.snapshot, "stopp", *newest(pod)),
            )


def two_ready_sandboxes(examined: Examined) -> Iterator[Finding]:
    """Two sandboxes of one pod that are Ready at once."""
    for pod in examined.pods:
        ready = [one for one in pod.sandboxes if one.state is PodState.READY]
        if len(ready) > 1:
            older = [one.id for one in ready[1:]]
            yield Finding(
                FindingId.TWO_READY_SANDBOXES,
                pod.key,
                pod.title,
                "Two sandboxes of one pod run at once: two addresses, two sets of members.",
                tuple(f"attempt {shown(one.attempt)}: {one.id[:SHORT_ID]}" for one in ready),
                "stop the older",
                crictl(examined.snapshot, "stopp", *older),
            )


def piling_sandboxes(examined: Examined) -> Iterator[Finding]:
    """Old sandboxes that nobody removes."""
    for pod in examined.pods:
        old = [one for one in pod.sandboxes if one.state is not PodState.READY]
        if len(old) >= MANY_SANDBOXES:
            yield Finding(
                FindingId.SANDBOXES_PILE_UP,
                pod.key,
                pod.title,
                "Dead sandboxes of this pod are kept and not removed. Each has a record, and its address may "
                "still be reserved.",
                (f"{plural(len(old), 'dead sandbox')}, the oldest is attempt {shown(old[-1].attempt)}",),
                "remove all but the newest of them",
                crictl(examined.snapshot, "rmp", *(one.id for one in old[1:])),
            )


def remade_again_and_again(examined: Examined) -> Iterator[Finding]:
    """A sandbox that does not stay: "Pod sandbox changed, it will be killed and re-created"."""
    now = examined.snapshot.taken_at
    for pod in examined.pods:
        young = [one for one in pod.sandboxes if one.created_at and now - one.created_at < REMADE_WITHIN]
        if len(young) >= REMADE_TIMES:
            yield Finding(
                FindingId.SANDBOX_REMADE_AGAIN_AND_AGAIN,
                pod.key,
                pod.title,
                "Its sandbox is made anew again and again, each time with new namespaces and a new address. "
                "kubelet calls it: Pod sandbox changed, it will be killed and re-created.",
                tuple(f"attempt {shown(one.attempt)} at {one.created_at:%H:%M:%SZ}" for one in young),
                "see why it does not stay",
                "journalctl -u kubelet -u containerd -u crio --since -10min",
            )


def newest(pod: Pod) -> tuple[str, ...]:
    """The id of its newest sandbox, if it has one."""
    return tuple(one.id for one in pod.sandboxes[:1])


def crictl(snapshot: Snapshot, word: str, *ids: str) -> str:
    """The command, or "" where there is no crictl or nothing to name."""
    if snapshot.backend != "crictl" or not ids:
        return ""
    return shlex.join((*snapshot.runtime.command, word, *(one[:SHORT_ID] for one in ids)))


def _was(examined: Examined, pod: Pod, state: PodState) -> bool:
    before = examined.before.pod(pod.key)
    return before is not None and before.state is state
