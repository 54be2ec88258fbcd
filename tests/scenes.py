"""Pictures for the tests of the screen: a pod of nginx and a sidecar, and what can be wrong with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from pausetui.core.changes import Change, ChangeKind, Event, TimelineLine
from pausetui.core.inventory import ContainerState, PastAttempt, PodState
from pausetui.core.namespaces import NOTHING_KNOWN, NamespaceKind
from pausetui.core.observation import Problem, ProcessId
from pausetui.core.snapshot import Container, ContainerProcess, Pod, PodPin, Sharer, Snapshot
from pausetui.live.picture import Picture
from pausetui.screens.main import MainScreen
from tests.factories import NOW, ns, pod, snapshot

PIN = "/var/run/netns/cni-45454545-1111-2222-3333-444444444444"


def lines_of(screen: MainScreen) -> list[str]:
    """What is on the terminal, line by line."""
    return [strip.text.rstrip() for strip in screen._compositor.render_strips()]


def web() -> Pod:
    """nginx with two workers, restarted a moment ago, a sidecar, a pin, and a visitor by nsenter."""
    plain = pod("web", attempt=1)
    nginx, sidecar = plain.members
    workers = tuple(
        ContainerProcess(
            ProcessId(1100 + n, 11000 + n), "nginx-worker", namespace_pids=(1100 + n, 6 + n), parent=1001
        )
        for n in (1, 2)
    )
    restarted = replace(
        nginx,
        attempt=2,
        restarts=2,
        processes=(*nginx.processes, *workers),
        started_at=NOW - timedelta(seconds=20),
        previous=(
            PastAttempt(1, "x", 99, NOW - timedelta(seconds=150), NOW - timedelta(seconds=60), 137, "Error"),
        ),
        mounts=("shared:/data",),
    )
    return replace(
        plain,
        members=(restarted, sidecar),
        pins=(PodPin(NamespaceKind.NET, PIN),),
        sharers=(Sharer(ProcessId(4711, 1), "nsenter", (NamespaceKind.NET,)),),
    )


def api() -> Pod:
    """NotReady, with a sidecar that ran out of memory, and a runtime that says an old address."""
    plain = pod("api", namespace="shop", base=200, pid=2000, address="10.244.1.6")
    app, sidecar = plain.members
    ended = replace(
        sidecar,
        state=ContainerState.EXITED,
        exit_code=137,
        reason="OOMKilled",
        process=None,
        processes=(),
        finished_at=NOW,
    )
    return replace(plain, state=PodState.NOTREADY, runtime_addresses=("10.244.1.2",), members=(app, ended))


def classic() -> Pod:
    """The Docker accident: db kept an old network namespace."""
    plain = pod("classic", namespace="", base=400, pid=3000, address="172.17.0.3", members=("app", "db"))
    app, db = plain.members
    stranded = replace(db, namespaces=replace(db.namespaces, net=ns(NamespaceKind.NET, 555)))
    return replace(plain, orphans=(db.key,), members=(app, stranded))


def hidden() -> Pod:
    """A pod whose processes we may not look at."""
    plain = pod("secret", namespace="kube-system", base=600, pid=4000, members=("agent",))
    assert plain.pause is not None
    return replace(
        plain,
        addresses=None,
        runtime_addresses=(),
        pause=_unreadable(plain.pause),
        members=tuple(map(_unreadable, plain.members)),
    )


def _unreadable(container: Container) -> Container:
    return replace(container, cannot_read=True, namespaces=NOTHING_KNOWN)


def line(pod: Pod, text: str, *, seconds: float = 0, after: float | None = None, count: int = 1) -> TimelineLine:
    change = Change(ChangeKind.POD_APPEARED, pod.key, pod.title, None, None, None, text)
    at = NOW + timedelta(seconds=seconds)
    return TimelineLine(Event(1, at, change, None if after is None else "a1", after), text, count)


def picture(*pods: Pod, timeline: tuple[TimelineLine, ...] = (), **other: Any) -> Picture:
    """A picture of these pods; ``other`` are fields of the snapshot."""
    taken: Snapshot = replace(snapshot(*pods) if pods else snapshot(web(), api()), **other)
    return Picture(taken, timeline)


def nothing_here() -> Picture:
    """A machine without pods, seen without rights."""
    problem = Problem("kernel", "namespaces of 12 processes", "Permission denied", "")
    return Picture(replace(snapshot(), pods=(), backend="proc", vitals={}, problems=(problem,)))
