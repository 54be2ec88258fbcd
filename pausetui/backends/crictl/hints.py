"""What hints at news of the runtime without asking it: names of network namespaces, and pods' cgroups.

Names in folders are all that is looked at. Nothing in them is opened, so no namespace is kept alive.
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass

from pausetui.backends.crictl.below import ours
from pausetui.backends.crictl.events import Events, is_fair
from pausetui.backends.crictl.program import Program
from pausetui.kernel.folders import FolderWatch
from pausetui.kernel.host import HostRoot

_LOOK_UP = 1000
"""Milliseconds between two looks at whether we are to stop."""

_NETNS = ("/run/netns", "/var/run/netns")
"""Where the runtimes pin the network namespaces that they make: containerd ``cni-…``, CRI-O a uuid."""

_HIERARCHIES = ("pids", "memory", "systemd")
"""Of cgroup v1: every pod is in each of them, so one is enough."""

_PARENTS = ("kubepods", "kubepods.slice", "kubelet/kubepods", "kubelet.slice/kubelet-kubepods.slice", "k8s.io")
"""What kubelet keeps pods below, with the cgroupfs and the systemd driver; the same in kind; and where containerd
puts the containers of a pod for which it was told no parent."""
_CLASSES = ("besteffort", "burstable")
"""Each has a folder of its own; the pods of the third, guaranteed, are beside those."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whose events may be listened to: how it is asked, and what it said it is."""

    program: Program
    name: str
    version: str


def changes(
    host: HostRoot, stop: threading.Event, speaker: Callable[[], Speaker | None] = lambda: None
) -> Iterator[None]:
    """Yield when a pod's network namespace or cgroup came or went, until ``stop`` is set.

    Args:
        host: The machine.
        stop: Looked at each second; what was started is ended then.
        speaker: Who may be listened to besides, None while that is not known. Asked until it is.
    """
    with ExitStack() as held:
        watch = held.enter_context(closing(FolderWatch(folders(host))))
        descriptor = watch.fileno()
        if descriptor is None:
            return
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        events: Events | None = None
        known: Speaker | None = None
        while not stop.is_set():
            if known is None and (known := speaker()) is not None and is_fair(known.name, known.version):
                events = held.enter_context(closing(Events(known.program)))
                poller.register(events, select.POLLIN)
            if not poller.poll(_LOOK_UP):
                continue
            told = watch.changed()
            if events is not None:
                told |= events.changed()
                if events.ended:
                    poller.unregister(events)
                    events = None
            if told:
                yield


def folders(host: HostRoot) -> tuple[str, ...]:
    """Those that hold network namespaces, and those that hold pods' cgroups, whether they are there or not."""
    cgroups = _hierarchy(host)
    pods = (ours(host, f"{cgroups}/{folder}") for parent in _PARENTS for folder in _below(parent))
    return tuple(dict.fromkeys((*(ours(host, path) for path in _NETNS), *pods)))


def _below(parent: str) -> Iterator[str]:
    yield parent
    name = parent.rpartition("/")[2]
    if name.endswith(".slice"):
        yield from (f"{parent}/{name.removesuffix('.slice')}-{one}.slice" for one in _CLASSES)
    elif name == "kubepods":
        yield from (f"{parent}/{one}" for one in _CLASSES)


def _hierarchy(host: HostRoot) -> str:
    """The folder of cgroup v2, or of the first of v1 that there is."""
    root = "/sys/fs/cgroup"
    if os.path.exists(ours(host, f"{root}/cgroup.controllers")):
        return root
    return next((path for one in _HIERARCHIES if os.path.isdir(ours(host, path := f"{root}/{one}"))), root)
