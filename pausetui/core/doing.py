"""The shell command that does what an action does, without the checks."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from itertools import groupby

from pausetui.core.actions import GRACE_SECONDS, ActionKind
from pausetui.core.inventory import ContainerState, Restorer
from pausetui.core.snapshot import Container, Pod, Snapshot

SHORT_ID = 13
"""How many digits of an id runtimes print, and take for the whole."""
ENGINES = frozenset({"docker", "podman"})
"""The backends that ask an engine for single containers, by the words of ``docker``."""


def command_for(kind: ActionKind, snapshot: Snapshot, pod: Pod, container: Container | None) -> str:
    """The command line, or "" where there is none.

    Args:
        kind: What to do.
        snapshot: How the runtime is asked is in there.
        pod: The pod.
        container: The member, or the pod's pause if there is one.
    """
    if kind is ActionKind.REJOIN:
        return " && ".join(shlex.join((*snapshot.runtime.command, *words)) for words in _rejoin(pod))
    if kind in snapshot.abilities.by_runtime:
        asked = _of_engine if snapshot.backend in ENGINES else _asked
        return shlex.join((*snapshot.runtime.command, *asked(kind, pod, container)))
    if container is None or container.process is None:
        return ""
    return f"kill -{'TERM' if kind is ActionKind.RESTART_MEMBER else 'KILL'} {container.process.pid}"


def _asked(kind: ActionKind, pod: Pod, container: Container | None) -> tuple[str, ...]:
    sandbox = pod.sandboxes[0].id[:SHORT_ID] if pod.sandboxes else ""
    match kind:
        case ActionKind.STOP_SANDBOX:
            return ("stopp", sandbox)
        case ActionKind.REMOVE_SANDBOX:
            return ("rmp", "-f", sandbox)
        case _:
            grace = container.grace_seconds if container else None
            member = (container.runtime_id or "")[:SHORT_ID] if container else ""
            return ("stop", "--timeout", f"{grace or GRACE_SECONDS:.0f}", member)


def is_engines_own(pod: Pod) -> bool:
    """Whether the engine itself knows this pod as one, as Podman does, and not only its containers."""
    return bool(pod.sandboxes) and (pod.pause is None or pod.pause.runtime_id != pod.sandboxes[0].id)


def _of_engine(kind: ActionKind, pod: Pod, container: Container | None) -> tuple[str, ...]:
    if kind in _OF_SANDBOX:
        words = (("pod",) if is_engines_own(pod) else ()) + _OF_SANDBOX[kind]
        return (*words, *(sandbox.id[:SHORT_ID] for sandbox in pod.sandboxes[:1]))
    id_ = (container.runtime_id or "")[:SHORT_ID] if container else ""
    if kind in (ActionKind.KILL_MEMBER, ActionKind.DELETE_PAUSE):
        return ("kill", id_)
    if kind is ActionKind.START_MEMBER:
        return ("start", id_)
    told = container.grace_seconds if container else None
    grace = GRACE_SECONDS if told is None else told
    return ("stop" if kind is ActionKind.STOP_MEMBER else "restart", "-t", f"{grace:.0f}", id_)


def _rejoin(pod: Pod) -> Iterator[tuple[str, ...]]:
    for ended, members in groupby(left_behind(pod), key=lambda one: one.state is ContainerState.EXITED):
        ids = (one.runtime_id[:SHORT_ID] for one in members if one.runtime_id)
        yield ("start" if ended else "restart", *ids)


_OF_SANDBOX = {
    ActionKind.STOP_SANDBOX: ("stop",),
    ActionKind.REMOVE_SANDBOX: ("rm", "-f"),
    ActionKind.START_SANDBOX: ("start",),
}


def is_bereft(pod: Pod, member: Container) -> bool:
    """Whether the container whose network it joined is gone: an engine refuses to start it again."""
    if member.joins is None or pod.shares_nothing or pod.brought_back_by is Restorer.KUBELET:
        return False
    return all(one.runtime_id != member.joins for one in pod.containers())


def has_policy(member: Container) -> bool:
    """Whether its engine was told to start it again when it ends."""
    return member.restart_policy not in (None, "no")


def is_left_down(pod: Pod, member: Container) -> bool:
    """Whether a member has ended, its restart policy says to start it again, and that was not possible.

    While the container is down whose network it joins, dockerd (20.10) tries once, fails, says why and gives up.
    Podman (4.3) does not start it either, but says nothing: there it is told by its end, which was before its pause
    was started anew. Neither makes up for it once the pause runs.
    """
    ended = member.state is ContainerState.EXITED and member.joins is not None
    if not ended or not has_policy(member) or pod.brought_back_by is Restorer.KUBELET or is_bereft(pod, member):
        return False
    if member.start_error is not None:
        return True
    if pod.backend != "podman" or pod.pause is None or pod.pause.state is not ContainerState.RUNNING:
        return False
    if (member.restart_policy or "").startswith("on-failure") and member.exit_code == 0:
        return False
    started, finished = pod.pause.started_at, member.finished_at
    return started is not None and finished is not None and finished < started


def left_behind(pod: Pod) -> tuple[Container, ...]:
    """The members that are not in the pod's network and should be, those before others that join theirs.

    They run in another one, or are left down.
    """
    joins = {member.runtime_id: member.joins for member in pod.members}

    def steps(member: Container) -> int:
        """How many members are between it and what holds the network; rings end."""
        count, current = 0, member.joins
        while current in joins and count < len(joins):
            count, current = count + 1, joins[current]
        return count

    left = (one for one in pod.members if one.key in pod.orphans or is_left_down(pod, one))
    return tuple(sorted(left, key=steps))
