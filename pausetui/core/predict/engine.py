"""What would happen to containers of Docker and Podman, where no kubelet makes a pod of them.

An engine knows single containers. It starts the same one again instead of making another, each has a restart policy
of its own, and a member joins the network of whatever container it was told to, once, when it starts. What follows
is in ``predict_engine_effects``; here: whether it can be done at all.
"""

from __future__ import annotations

from pausetui.core.actions import OF_A_POD, ActionKind, NotPossible, Offer, Rejoining, Target
from pausetui.core.doing import command_for, is_bereft, is_engines_own, left_behind
from pausetui.core.inventory import ContainerState, Restorer, Role
from pausetui.core.predict.engine_effects import effects, grace_of
from pausetui.core.predict.pause import of_sharers
from pausetui.core.snapshot import Container, Pod, Snapshot

_TITLES = {
    ActionKind.RESTART_MEMBER: "Restart {name} of {pod}",
    ActionKind.STOP_MEMBER: "Stop {name} of {pod}",
    ActionKind.KILL_MEMBER: "Kill {name} of {pod}",
    ActionKind.START_MEMBER: "Start {name} of {pod}",
    ActionKind.DELETE_PAUSE: "Kill the pause container of {pod}",
    ActionKind.STOP_SANDBOX: "Stop the pause container of {pod}",
    ActionKind.REMOVE_SANDBOX: "Remove the pause container of {pod}",
    ActionKind.START_SANDBOX: "Start the pause container of {pod}",
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
        title=(_rejoin_title(pod) if kind is ActionKind.REJOIN else titles[kind]).format(name=name, pod=pod.title),
        target=_target(chosen) if kind not in (*_STARTS, ActionKind.REJOIN) else None,
        effects=tuple(effects(snapshot, kind, pod, chosen)),
        command=command_for(kind, snapshot, pod, chosen),
        type_to_confirm=pod.name if kind in _TYPED else "",
        before_you_confirm=_warnings(kind, pod),
        runtime_id=(chosen.runtime_id if chosen else None) if alone else pod.sandboxes[0].id,
        grace_seconds=grace_of(chosen),
        members=_rejoining(pod) if kind is ActionKind.REJOIN else (),
    )


def _why_not(kind: ActionKind, pod: Pod, chosen: Container | None) -> str:
    if kind not in OF_A_POD and (chosen is None or chosen.role is Role.PAUSE):
        return f"choose a member of {pod.title}: this is for members only"
    if kind in OF_A_POD and not pod.sandboxes:
        return f"{pod.title} has no pause container"
    if kind is ActionKind.REJOIN:
        return _why_no_rejoin(pod)
    if kind in _STARTS and chosen is not None and chosen.state is ContainerState.RUNNING:
        pause = pod.pause
        if pause is not None and pause.state is not ContainerState.RUNNING:
            return f"{chosen.name} is running, {pause.name} is not: a on its row starts it"
        return f"{chosen.name} is running"
    ends = kind not in _STARTS and kind is not ActionKind.REMOVE_SANDBOX
    if ends and not is_engines_own(pod) and (chosen is None or chosen.state is not ContainerState.RUNNING):
        return f"{chosen.name if chosen else 'the pause container'} is not running"
    if kind in (ActionKind.RESTART_MEMBER, ActionKind.START_MEMBER) and chosen is not None:
        return _why_no_network(pod, chosen)
    return ""


def _rejoin_title(pod: Pod) -> str:
    kinds = {one.starts for one in _rejoining(pod)}
    if kinds == {True}:
        return "Start the members of {pod} that ended with its pause"
    if kinds == {False}:
        return "Have the members of {pod} rejoin its network"
    return "Restart the orphans of {pod}, and start what ended with its pause"


def _rejoining(pod: Pod) -> tuple[Rejoining, ...]:
    return tuple(
        Rejoining(one.name, one.runtime_id, one.state is ContainerState.EXITED, grace_of(one))
        for one in left_behind(pod)
        if one.runtime_id
    )


def _why_no_rejoin(pod: Pod) -> str:
    left = left_behind(pod)
    if not left:
        return f"every running member of {pod.title} is in its network"
    before = {one.runtime_id for one in left}  # what one of them joins runs by then
    return next((why for one in left if one.joins not in before and (why := _why_no_network(pod, one))), "")


def _why_no_network(pod: Pod, member: Container) -> str:
    """Why a member could not join the network that it was told to: the engine would end it, and then fail."""
    if member.joins is None:
        return ""
    if is_bereft(pod, member):
        return (
            f"the container whose network {member.name} joins is gone ({member.joins[:12]}): it could not start "
            f"again, and has to be made anew{f'; {pod.note}' if pod.note else ''}"
        )
    joined = next((one for one in pod.containers() if one.runtime_id == member.joins), None)
    if joined is None:
        return ""
    if joined.state is not ContainerState.RUNNING:
        return f"{joined.name}, whose network {member.name} joins, is not running: a on its row starts it"
    return ""


def _warnings(kind: ActionKind, pod: Pod) -> tuple[str, ...]:
    if kind not in _TYPED:
        return ()
    lost = kind is ActionKind.REMOVE_SANDBOX and pod.brought_back_by is not Restorer.KUBELET
    return (*of_sharers(pod), *(("Nothing undoes this.",) if lost else ()))


def _target(container: Container | None) -> Target | None:
    if container is None or container.process is None:
        return None
    return Target(container.process, container.namespaces.net)
