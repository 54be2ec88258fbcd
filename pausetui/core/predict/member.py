"""What follows when a member ends, in sentences."""

from __future__ import annotations

from pausetui.core.backoff import waits_longer_each_time
from pausetui.core.inventory import ContainerState, Restorer
from pausetui.core.predict.pause import BRINGS_BACK, running
from pausetui.core.snapshot import Container, Pod
from pausetui.core.wording import addresses


def after_member(pod: Pod, member: Container, *, grace_seconds: float | None) -> tuple[str, ...]:
    """When a member is asked to end, or killed (``grace_seconds`` is None)."""
    pid = f" (pid {member.process.pid})" if member.process else ""
    if grace_seconds is None:
        how = "ends at once, by SIGKILL."
    else:
        how = f"is asked to end (SIGTERM), and ended by SIGKILL if it has not after {grace_seconds:.0f} s."
    return (f"{member.name}{pid} {how}", _member_comes_back(pod, member), _what_stays(pod, member))


def _member_comes_back(pod: Pod, member: Container) -> str:
    if pod.brought_back_by is Restorer.NOBODY:
        return "Nobody starts it again."
    who = BRINGS_BACK.get(pod.brought_back_by) if pod.brought_back_by else None
    if who is None:
        return "Whether anybody starts it again is not known."
    attempt = f" as attempt {member.attempt + 1}" if member.attempt is not None else ""
    longer = "; after repeated ends it waits longer each time" if waits_longer_each_time(pod) else ""
    return f"Then {who} starts it again{attempt}, with a new pid{longer}."


def _what_stays(pod: Pod, member: Container) -> str:
    others = [other.name for other in running(pod) if other.key != member.key]
    rest = f" {', '.join(others)} run{'s' if len(others) == 1 else ''} on." if others else ""
    if pod.pause is None:
        return f"{_without_pause(pod, member)}{rest}"
    if pod.pause.state is not ContainerState.RUNNING and member.key not in pod.orphans:
        return f"Pause has ended: net, ipc and uts live only as long as somebody else holds them.{rest}"
    if member.key in pod.orphans:
        return f"It is stranded in an old network namespace now; started again it joins the pod's.{rest}"
    if pod.host_network:
        return f"The pause container stays, and the host's network with it.{rest}"
    return f"The pause container holds net, ipc and uts: they stay, and so does {addresses(pod.addresses)}.{rest}"


def _without_pause(pod: Pod, member: Container) -> str:
    """What becomes of a network that no pause holds: P4 of what is said about pause containers."""
    net = member.namespaces.net
    sharing = [other.name for other in running(pod) if other.key != member.key and other.namespaces.net == net]
    if net is None or not sharing:
        return "No pause holds its namespaces: they end with it, and so does the address."
    others = ", ".join(sharing)
    keep = "keeps" if len(sharing) == 1 else "keep"
    return (
        f"No pause holds its network: {others} {keep} it alive. But if {member.name} made it, {member.name} comes "
        f"back in another one, with another address, and {others} is left in the old one, orphaned."
    )
