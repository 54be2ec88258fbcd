"""What would happen to containers of Docker and Podman, where no kubelet makes a pod of them.

An engine knows single containers. It starts the same one again instead of making another, each has a restart policy
of its own, and a member joins the network of whatever container it was told to, once, when it starts. What a policy
does was seen on Docker 20.10: it is applied when a process ends by itself or by ``kill -9``, never when the engine
was told to end it.
"""

from __future__ import annotations

from collections.abc import Iterator

from pausetui.core.actions import GRACE_SECONDS, OF_A_POD, ActionKind, NotPossible, Offer, Target
from pausetui.core.doing import command_for, is_engines_own, left_behind
from pausetui.core.inventory import ContainerState, Restorer, Role
from pausetui.core.predict_pause import after_pause, after_sandbox, of_sharers, running, shares_pause_pid
from pausetui.core.snapshot import Container, Pod, Snapshot
from pausetui.core.wording import addresses

_TITLES = {
    ActionKind.RESTART_MEMBER: "Restart {name} of {pod}",
    ActionKind.STOP_MEMBER: "Stop {name} of {pod}",
    ActionKind.KILL_MEMBER: "Kill {name} of {pod}",
    ActionKind.START_MEMBER: "Start {name} of {pod}",
    ActionKind.DELETE_PAUSE: "Kill the pause container of {pod}",
    ActionKind.STOP_SANDBOX: "Stop the pause container of {pod}",
    ActionKind.REMOVE_SANDBOX: "Remove the pause container of {pod}",
    ActionKind.START_SANDBOX: "Start the pause container of {pod}",
    ActionKind.REJOIN: "Have the members of {pod} rejoin its network",
}
_POD_TITLES = {
    ActionKind.STOP_SANDBOX: "Stop the pod {pod}",
    ActionKind.REMOVE_SANDBOX: "Remove the pod {pod}",
    ActionKind.START_SANDBOX: "Start the pod {pod}",
}
_STARTS = frozenset({ActionKind.START_MEMBER, ActionKind.START_SANDBOX})
_TYPED = frozenset({ActionKind.DELETE_PAUSE, ActionKind.STOP_SANDBOX, ActionKind.REMOVE_SANDBOX})


def of_engine(snapshot: Snapshot, kind: ActionKind, pod: Pod, container: Container | None) -> Offer | NotPossible:
    """What an action would do, or why it can't be done.

    Args:
        snapshot: The newest, of a backend that asks an engine.
        kind: What to do, one of what the backend can.
        pod: The pod.
        container: The container of it that was chosen, None if the pod itself was.
    """
    chosen = pod.pause if kind in OF_A_POD else container
    refused = _why_not(kind, pod, chosen)
    if refused:
        return NotPossible(kind, refused)
    alone = kind not in OF_A_POD or kind is ActionKind.DELETE_PAUSE
    titles = {**_TITLES, **_POD_TITLES} if is_engines_own(pod) else _TITLES
    name = chosen.name if chosen else ""
    return Offer(
        kind=kind,
        pod_key=pod.key,
        container_key=chosen.key if chosen else pod.key,
        subject=f"{pod.title} {'pause' if kind in OF_A_POD else name}",
        title=titles[kind].format(name=name, pod=pod.title),
        target=_target(chosen) if kind not in (*_STARTS, ActionKind.REJOIN) else None,
        effects=tuple(_effects(snapshot, kind, pod, chosen)),
        command=command_for(kind, snapshot, pod, chosen),
        type_to_confirm=pod.name if kind in _TYPED else "",
        before_you_confirm=_warnings(kind, pod),
        runtime_id=(chosen.runtime_id if chosen else None) if alone else pod.sandboxes[0].id,
        grace_seconds=_grace(chosen),
        runtime_ids=tuple(one.runtime_id for one in left_behind(pod) if one.runtime_id)
        if kind is ActionKind.REJOIN
        else (),
    )


def _why_not(kind: ActionKind, pod: Pod, chosen: Container | None) -> str:
    if kind not in OF_A_POD and (chosen is None or chosen.role is Role.PAUSE):
        return f"choose a member of {pod.title}: this is for members only"
    if kind in OF_A_POD and not pod.sandboxes:
        return f"{pod.title} has no pause container"
    if kind is ActionKind.REJOIN:
        return _why_no_rejoin(pod)
    if kind in _STARTS and chosen is not None and chosen.state is ContainerState.RUNNING:
        return f"{chosen.name} is running"
    ends = kind not in _STARTS and kind is not ActionKind.REMOVE_SANDBOX
    if ends and not is_engines_own(pod) and (chosen is None or chosen.state is not ContainerState.RUNNING):
        return f"{chosen.name if chosen else 'the pause container'} is not running"
    if kind in (ActionKind.RESTART_MEMBER, ActionKind.START_MEMBER) and chosen is not None:
        return _why_no_network(pod, chosen)
    return ""


def _why_no_rejoin(pod: Pod) -> str:
    if not pod.orphans:
        return f"every running member of {pod.title} is in its network"
    return next((why for one in left_behind(pod) if (why := _why_no_network(pod, one))), "")


def _why_no_network(pod: Pod, member: Container) -> str:
    """Why a member could not join the network that it was told to: the engine would end it, and then fail."""
    if member.joins is None:
        return ""
    joined = next((one for one in pod.containers() if one.runtime_id == member.joins), None)
    if joined is None:
        return (
            f"the container whose network {member.name} joins is gone ({member.joins[:12]}): it could not start "
            "again, and has to be made anew"
        )
    if joined.state is not ContainerState.RUNNING:
        return f"{joined.name}, whose network {member.name} joins, is not running: start that first"
    return ""


def _effects(snapshot: Snapshot, kind: ActionKind, pod: Pod, chosen: Container | None) -> Iterator[str]:
    who = snapshot.runtime.name.capitalize()
    if pod.brought_back_by is Restorer.KUBELET and kind in _TYPED:
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
    grace = f"{_grace(container):.0f} s"
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
    members = ", ".join(member.name for member in running(pod))
    if members and shares_pause_pid(pod):
        yield f"{pause.name} is pid 1 of the pod's pid namespace: the kernel ends every member with it ({members})."
    elif members and pod.host_network:
        yield f"The members ({members}) run on, in the host's network as before."
    elif members:
        yield (
            f"The members ({members}) run on, orphaned: {who} takes the network down, and only lo is left to them "
            "in the old network namespace."
        )
    if not pod.host_network and pod.addresses:
        yield f"{addresses(pod.addresses)} is given back."
    if kind is ActionKind.REMOVE_SANDBOX:
        yield (
            f"{who} forgets the container. Its members refer to it by its id: none of them can start again, all "
            "have to be made anew."
        )
        return
    yield _stays_ended(who, pause)
    if members and not pod.host_network:
        yield "Started again it makes a new network namespace, which the members join when they are restarted."


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


def _after_rejoin(who: str, pod: Pod) -> Iterator[str]:
    members = left_behind(pod)
    names = ", ".join(member.name for member in members)
    grace = max(_grace(member) for member in members)
    yield (
        f"{who} restarts {names}, one after the other: each is asked to end (SIGTERM), and ended by SIGKILL if it "
        f"has not after {grace:.0f} s."
    )
    yield f"Started again {'it joins' if len(members) == 1 else 'they join'} the pod's network{_with(pod)}."
    rest = ", ".join(one.name for one in running(pod) if one.key not in pod.orphans)
    if rest:
        yield f"What is in it already ({rest}) runs on."


def _warnings(kind: ActionKind, pod: Pod) -> tuple[str, ...]:
    if kind not in _TYPED:
        return ()
    lost = kind is ActionKind.REMOVE_SANDBOX and pod.brought_back_by is not Restorer.KUBELET
    return (*of_sharers(pod), *(("Nothing undoes this.",) if lost else ()))


def _target(container: Container | None) -> Target | None:
    if container is None or container.process is None:
        return None
    return Target(container.process, container.namespaces.net)


def _grace(container: Container | None) -> float:
    told = container.grace_seconds if container else None
    return GRACE_SECONDS if told is None else told
