"""What follows when an engine does something to a container or a pod of its own, in sentences.

What a restart policy does was seen on Docker 20.10 and Podman 4.3: it is applied when a process ends by itself or
by ``kill -9``, never when the engine was told to end it, and to no avail while what the container joins is down.
"""

from __future__ import annotations

from collections.abc import Iterator

from pausetui.core.actions import GRACE_SECONDS, OF_A_POD, ActionKind
from pausetui.core.anchor import has_helpers_address
from pausetui.core.doing import has_policy, is_engines_own, is_left_down, left_behind
from pausetui.core.inventory import ContainerState, Restorer
from pausetui.core.predict.pause import after_pause, after_sandbox, running, without_pause
from pausetui.core.snapshot import Container, Pod, Snapshot
from pausetui.core.wording import addresses

_STARTS = frozenset({ActionKind.START_MEMBER, ActionKind.START_SANDBOX})
_ENDS_A_POD = frozenset({ActionKind.DELETE_PAUSE, ActionKind.STOP_SANDBOX, ActionKind.REMOVE_SANDBOX})


def grace_of(container: Container | None) -> float:
    """How long a container has between being asked to end and being ended, in seconds."""
    told = container.grace_seconds if container else None
    return GRACE_SECONDS if told is None else told


def effects(snapshot: Snapshot, kind: ActionKind, pod: Pod, chosen: Container | None) -> Iterator[str]:
    """What an action does, one sentence each.

    Args:
        snapshot: Which engine it is, is in there.
        kind: What is done.
        pod: To which pod.
        chosen: To which container of it; of what is done to a pod its pause, if it has one.
    """
    who = snapshot.runtime.name.capitalize()
    if pod.brought_back_by is Restorer.KUBELET and kind in _ENDS_A_POD:
        yield from _with_kubelet(snapshot, kind, pod, chosen)
    elif kind is ActionKind.REJOIN:
        yield from _after_rejoin(who, pod)
    elif kind is ActionKind.START_SANDBOX:
        yield from _after_start_of_pause(who, pod)
    elif kind in OF_A_POD and is_engines_own(pod) and kind is not ActionKind.DELETE_PAUSE:
        yield from _after_pod(who, pod, removed=kind is ActionKind.REMOVE_SANDBOX)
    elif chosen is not None and kind in OF_A_POD:
        yield _how_it_ends(kind, chosen)
        yield from _after_pause(who, kind, pod, chosen)
    elif chosen is not None:
        if kind is not ActionKind.START_MEMBER:
            yield _how_it_ends(kind, chosen)
        if kind in (ActionKind.RESTART_MEMBER, ActionKind.START_MEMBER):
            yield f"{who} starts the same container{'' if kind in _STARTS else ' again'}, with a new pid."
            yield _where_it_starts(pod, chosen)
        else:
            yield _stays_ended(who, chosen)


def _with_kubelet(snapshot: Snapshot, kind: ActionKind, pod: Pod, pause: Container | None) -> tuple[str, ...]:
    if kind is ActionKind.DELETE_PAUSE and pause is not None and pause.process is not None:
        return after_pause(pod, pause.process.pid)
    return after_sandbox(snapshot, pod, removed=kind is ActionKind.REMOVE_SANDBOX)


def _how_it_ends(kind: ActionKind, container: Container) -> str:
    pid = f" (pid {container.process.pid})" if container.process else ""
    if kind in (ActionKind.KILL_MEMBER, ActionKind.DELETE_PAUSE, ActionKind.REMOVE_SANDBOX):
        return f"{container.name}{pid} ends at once, by SIGKILL."
    grace = f"{grace_of(container):.0f} s"
    return f"{container.name}{pid} is asked to end (SIGTERM), and ended by SIGKILL if it has not after {grace}."


def _stays_ended(who: str, container: Container) -> str:
    policy = container.restart_policy
    if policy in (None, "no"):
        return f"{who} does not start it again: it has no restart policy."
    until = "somebody starts it"
    if policy == "always" and who == "Docker":
        until += ", or dockerd is restarted"
    return (
        f"{who} does not apply its restart policy ({policy}) to what it was told to end: it stays ended until "
        f"{until}."
    )


def _where_it_starts(pod: Pod, member: Container) -> str:
    if pod.host_network:
        return "It is in the host's network, as before."
    if member.joins is None and pod.shares_nothing:
        return "It gets a network namespace of its own, a new one, and perhaps another address."
    if member.joins is None:
        return "It joins the namespaces that it was made for."
    if member.key in pod.orphans:
        return f"It is stranded in an old network namespace now; started again it joins the pod's{_with(pod)}."
    return f"It joins the pod's network{_with(pod)}: that stays while the pause container runs."


def _with(pod: Pod) -> str:
    return f", {addresses(pod.addresses)}" if pod.addresses else ""


def _after_pause(who: str, kind: ActionKind, pod: Pod, pause: Container) -> Iterator[str]:
    ended, left = (", ".join(member.name for member in members) for members in without_pause(pod))
    if ended and left:
        yield f"The kernel ends {ended} with it: {pause.name} is pid 1 of their pid namespace."
    elif ended:
        yield f"{pause.name} is pid 1 of the pod's pid namespace: the kernel ends every member with it ({ended})."
    if left and pod.host_network:
        yield f"The members ({left}) run on, in the host's network as before."
    elif left:
        down = "the network goes" if has_helpers_address(pod) else f"{who} takes the network down"
        yield (
            f"The members ({left}) run on, orphaned: {down}, and only lo is left to them "
            "in the old network namespace."
        )
    if has_helpers_address(pod):
        yield (
            f"{addresses(pod.addresses)} is not of {who}'s giving but of a helper's (slirp4netns, pasta): it goes "
            "when that ends, now or a little later."
        )
    elif not pod.host_network and pod.addresses:
        yield f"{addresses(pod.addresses)} is given back."
    if kind is ActionKind.REMOVE_SANDBOX:
        yield (
            f"{who} forgets the container. Its members refer to it by its id: none of them can start again, all "
            "have to be made anew."
        )
        return
    yield _stays_ended(who, pause)
    if (ended or left) and not pod.host_network:
        yield "Started again it makes a new network namespace, which the members join when they are restarted."
    yield from _not_brought_back(who, pod, pause)


def _not_brought_back(who: str, pod: Pod, pause: Container) -> Iterator[str]:
    """That the restart policies of those that end with the pause, or while it is down, help nobody."""
    ended, left = ([one.name for one in some if _needs_pause(one)] for some in without_pause(pod))
    why = f"while {pause.name} is down {who} can't start what joins it"
    if who == "Docker":
        why = f"{who} tries once, fails because {pause.name} is down, and gives up"
    if ended:
        later = "starting the pod" if is_engines_own(pod) else f"once {pause.name} runs, rejoin"
        yield f"No restart policy brings {', '.join(ended)} back: {why}; {later} starts what ended."
    if left:
        also = "" if ended else f": {why}"
        yield f"If {' or '.join(left)} ends meanwhile, it stays down whatever its restart policy says{also}."


def _needs_pause(member: Container) -> bool:
    """Whether it has a restart policy and needs another container of the pod to start."""
    return has_policy(member) and member.joins is not None


def _after_pod(who: str, pod: Pod, *, removed: bool) -> Iterator[str]:
    members = ", ".join(member.name for member in running(pod))
    yield f"{who} ends every member ({members}), then the infra container." if members else f"{who} ends the pod."
    if not pod.host_network and pod.addresses:
        yield f"The network namespace ends, and {addresses(pod.addresses)} with it."
    if removed:
        yield f"{who} forgets the pod and all its containers."
    else:
        yield "The pod stays, stopped, until somebody starts it."


def _after_start_of_pause(who: str, pod: Pod) -> Iterator[str]:
    if is_engines_own(pod):
        yield f"{who} starts every container of the pod that does not run, the infra container first."
    else:
        yield f"{who} starts the same container again, with a new pid."
    if pod.host_network:
        return
    yield "It makes a new network namespace, perhaps with another address."
    stranded = ", ".join(member.name for member in running(pod))
    if stranded:
        yield f"What runs ({stranded}) stays in the old one until it is restarted: rejoin does that."
    down = ", ".join(one.name for one in pod.members if is_left_down(pod, one))
    if down and not is_engines_own(pod):
        yield f"What ended with it ({down}) stays down, its restart policy is not applied anew: rejoin starts it."


def _after_rejoin(who: str, pod: Pod) -> Iterator[str]:
    members = left_behind(pod)
    again = [member for member in members if member.state is not ContainerState.EXITED]
    if again:
        names = ", ".join(member.name for member in again)
        grace = max(grace_of(member) for member in again)
        yield (
            f"{who} restarts {names}, one after the other: each is asked to end (SIGTERM), and ended by SIGKILL if "
            f"it has not after {grace:.0f} s."
        )
    down = [member for member in members if member not in again]
    if down:
        named = ", ".join(f"{member.name} (restart policy {member.restart_policy})" for member in down)
        yield f"{who} starts {named}: what ended with the pause, or while that was down, it does not by itself."
    yield f"Started again {'it joins' if len(members) == 1 else 'they join'} the pod's network{_with(pod)}."
    rest = ", ".join(one.name for one in running(pod) if one.key not in pod.orphans)
    if rest:
        yield f"What is in it already ({rest}) runs on."
