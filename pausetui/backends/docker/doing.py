"""What an engine can do to a container or a pod of its own."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from pausetui.backends.docker.client import Client
from pausetui.backends.docker.failures import NotFound, TimedOut
from pausetui.core.actions import Action, ActionKind
from pausetui.errors import ActionRefused, CannotLook

BY_RUNTIME = frozenset(
    {
        ActionKind.RESTART_MEMBER,
        ActionKind.STOP_MEMBER,
        ActionKind.KILL_MEMBER,
        ActionKind.START_MEMBER,
        ActionKind.DELETE_PAUSE,
        ActionKind.STOP_SANDBOX,
        ActionKind.REMOVE_SANDBOX,
        ActionKind.START_SANDBOX,
        ActionKind.REJOIN,
    }
)
"""What the engine is asked for."""
POD_SECONDS = 60.0
"""How long a pod may take to be started, stopped or removed: each of its containers has its grace period."""
_GONE = "the engine does not know it any more"


def perform(action: Action, runtime_id: str, client: Client, *, is_pod: bool) -> str:
    """Carry out an action of BY_RUNTIME, and say in words what was done.

    Args:
        action: What was confirmed.
        runtime_id: The container, or Podman's pod.
        client: Asks the engine; nobody else uses it meanwhile.
        is_pod: It is Podman's pod.

    Raises:
        ActionRefused: The engine doesn't know the id, or refused, in its words.
    """
    if action.kind is ActionKind.REJOIN:
        return _rejoin(action, client)
    if is_pod:
        verb = _OF_POD[action.kind]
        _ask(action, lambda: client.pod(verb, runtime_id, POD_SECONDS))
        return f"{verb} of pod {runtime_id[:12]}: done"
    doing = _OF_CONTAINER[action.kind]
    grace = ceil(action.grace_seconds)
    _ask(action, lambda: doing(client, runtime_id, grace))
    return f"{_WORDS[action.kind]} {runtime_id[:12]}"


def _rejoin(action: Action, client: Client) -> str:
    """Restart or start them one after the other; one that fails does not keep the others from it."""
    done, failed = [], []
    for one in action.members:
        try:
            if one.starts:
                client.start(one.runtime_id)
            else:
                client.restart(one.runtime_id, ceil(one.grace_seconds))
            done.append(f"{'started' if one.starts else 'restarted'} {one.name}")
        except CannotLook as error:
            failed.append(f"{one.name} not: {error.why}")
    if not done:
        raise ActionRefused(action.subject, "; ".join(failed) or "no member is left behind")
    return "; ".join((*done, *failed))


def _ask(action: Action, doing: Callable[[], None]) -> None:
    try:
        doing()
    except NotFound as error:
        raise ActionRefused(action.subject, f"{_GONE}: {error.why}") from error
    except TimedOut as error:
        raise ActionRefused(action.subject, f"{error.why}. It may still happen", error.next_step) from error
    except CannotLook as error:
        raise ActionRefused(action.subject, error.why, error.next_step) from error


_OF_CONTAINER: dict[ActionKind, Callable[[Client, str, int], None]] = {
    ActionKind.RESTART_MEMBER: Client.restart,
    ActionKind.STOP_MEMBER: Client.stop,
    ActionKind.STOP_SANDBOX: Client.stop,
    ActionKind.KILL_MEMBER: lambda client, id_, _: client.kill(id_),
    ActionKind.DELETE_PAUSE: lambda client, id_, _: client.kill(id_),
    ActionKind.START_MEMBER: lambda client, id_, _: client.start(id_),
    ActionKind.START_SANDBOX: lambda client, id_, _: client.start(id_),
    ActionKind.REMOVE_SANDBOX: lambda client, id_, _: client.remove(id_),
}
_OF_POD = {
    ActionKind.STOP_SANDBOX: "stop",
    ActionKind.START_SANDBOX: "start",
    ActionKind.REMOVE_SANDBOX: "rm",
}
_WORDS = {
    ActionKind.RESTART_MEMBER: "restarted",
    ActionKind.STOP_MEMBER: "stopped",
    ActionKind.STOP_SANDBOX: "stopped",
    ActionKind.KILL_MEMBER: "killed",
    ActionKind.DELETE_PAUSE: "killed",
    ActionKind.START_MEMBER: "started",
    ActionKind.START_SANDBOX: "started",
    ActionKind.REMOVE_SANDBOX: "removed",
}
