"""How long it is waited before a member is started again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pausetui.core.inventory import ContainerState, PodState, Restorer, Role
from pausetui.core.snapshot import Container, Pod

FIRST_SECONDS = 10
MOST_SECONDS = 300
"""kubelet doubles the wait at each end, from 10 s to 5 min, and begins anew after 10 min of running
(pkg/kubelet: MaxContainerBackOff; measured: at once, then 10 s, then 20 s)."""


@dataclass(frozen=True, slots=True)
class BackOff:
    """The longest that kubelet can wait now; it does not tell anybody on the node how long it does.

    Attributes:
        seconds: At most so long after the end.
        until: When that is over.
    """

    seconds: int
    until: datetime


def back_off(pod: Pod, member: Container) -> BackOff | None:
    """The wait of a member that ended, or None where kubelet does not bring it back or nothing is known."""
    ended = member.state is ContainerState.EXITED and member.finished_at is not None
    if not ended or member.role is not Role.MEMBER or member.restarts is None:
        return None
    if pod.brought_back_by is not Restorer.KUBELET or pod.state is not PodState.READY:
        return None
    assert member.finished_at is not None
    seconds = min(MOST_SECONDS, FIRST_SECONDS * 2 ** min(member.restarts - 1, 10)) if member.restarts else 0
    return BackOff(seconds, member.finished_at + timedelta(seconds=seconds))


def waits_longer_each_time(pod: Pod) -> bool:
    """Whether it is known that whoever starts its members again lets more and more time pass.

    kubelet and the lab do, and dockerd (Engine API, RestartPolicy: the delay doubles from 100 ms on). Podman's
    documentation knows no delay.
    """
    if pod.brought_back_by is Restorer.RESTART_POLICY:
        return pod.backend == "docker"
    return pod.brought_back_by in (Restorer.KUBELET, Restorer.LAB)
