"""What the supervisor's decisions are carried out with: namespaces, mounts, links and processes.

Runs as pid 1 of the lab's pid namespace, in a mount, network, ipc and uts namespace of the lab's own. All
that is made here ends with that process: there is no file, mount or link outside.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from pausetui.core.observation import Problem
from pausetui.lab import links, linux, programs
from pausetui.lab.addresses import GATEWAY, PREFIX
from pausetui.lab.elf import pause_elf
from pausetui.lab.life import Started
from pausetui.lab.netlink import Netlink
from pausetui.lab.place import PATH_INSIDE, mount_point
from pausetui.lab.redirect import redirect
from pausetui.lab.scenarios import VOLUME, MemberSpec, PodSpec
from pausetui.lab.spawn import Recipe, start

BRIDGE = "lab0"
POD_NAMESPACES = linux.NEWNET | linux.NEWIPC | linux.NEWUTS
_NET = (("net", linux.NEWNET),)
_PID = (("pid", linux.NEWPID),)
_KINDS = (*_NET, ("ipc", linux.NEWIPC), ("uts", linux.NEWUTS))
_OWN = linux.NEWPID | linux.NEWNS
_ENVIRONMENT = {"LANG": "C.UTF-8"} | {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
"""Of a member: what its Python needs to start, and nothing of ours."""
_LONGEST_LOG = 256 * 1024


class Machine:
    """The lab's machine, as its supervisor uses it."""

    def __init__(self, host_proc: int) -> None:
        """Make what all pods need: a place for files, a /proc of the lab's own, the bridge.

        Args:
            host_proc: Descriptor of the host's /proc, by which processes are told to the outside.

        Raises:
            OSError: The kernel refuses.
        """
        self._host_proc = host_proc
        self._links = 0
        self.problems: tuple[Problem, ...] = ()
        self.reports: dict[int, int] = {}
        """Descriptors that become readable when a member says that it works, with the member's pid."""
        self._place = self._make_place()
        self._own_proc = self._mount_proc()
        self._network = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        with Netlink() as netlink:
            links.set_up(netlink, "lo")
            links.make_bridge(netlink, BRIDGE)
            links.add_address(netlink, BRIDGE, str(GATEWAY), PREFIX)
            links.set_up(netlink, BRIDGE)

    def now(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def wall(self) -> datetime:
        """The time of day, UTC."""
        return datetime.now(UTC)

    def start_pause(self, pod: PodSpec) -> Started:
        """Start a pause process in new namespaces named after the pod."""
        pause = os.path.join(self._place, "bin", "pause")
        return start(
            Recipe(
                (pause,),
                new=POD_NAMESPACES | _OWN,
                hostname=pod.name,
                own_proc=self._own_proc,
            ),
            self._host_proc,
        )

    def mounts(self, member: MemberSpec) -> tuple[str, ...]:
        """The volumes that a member has, as "name:path"."""
        return (f"{VOLUME}:{self._place}",) if member.volume else ()

    def start_member(self, pod: PodSpec, member: MemberSpec, holder: Started | None) -> Started:
        """Start a member in the holder's namespaces, or in new ones where there is no holder."""
        reading, writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        with ExitStack() as opened:
            opened.callback(os.close, writing)
            try:
                started = start(self._member(pod, member, holder, writing, opened), self._host_proc)
            except OSError:
                os.close(reading)
                raise
        self.reports[reading] = started.pid
        return started

    def _member(
        self, pod: PodSpec, member: MemberSpec, holder: Started | None, ready: int, opened: ExitStack
    ) -> Recipe:
        shared = pod.shared_pid and holder is not None
        return Recipe(
            (sys.executable, "-I", "-S", programs.__file__, member.name, *member.program),
            new=(linux.NEWNS if shared else _OWN) | (0 if holder else POD_NAMESPACES),
            join=self._opened(holder, _KINDS, opened) if holder else (),
            pid_namespace=self._opened(holder, _PID, opened)[0][0] if holder and shared else -1,
            hostname="" if holder else pod.name,
            hide=self._place,
            bind=self._volume(pod) if member.volume else "",
            own_proc=self._own_proc,
            output=opened.enter_context(self._log(pod, member.name)),
            keep=ready,
            environment={**_ENVIRONMENT, "LAB_READY": str(ready), "LAB_VOLUME": self._place},
        )

    def start_probe(self, pod: PodSpec, address: str) -> Started:
        """Start a process in the lab's own network that asks the pod for a page every few seconds."""
        command = (sys.executable, "-I", "-S", programs.__file__, "lab-probe", "probe")
        options = (f"--address={address}", f"--port={pod.probe}")
        with self._log(pod, "probe") as output:
            return start(Recipe(command + options, output=output, environment=_ENVIRONMENT), self._host_proc)

    def connect(self, pod: PodSpec, holder: Started, address: str) -> str:
        """Give the holder's network namespace a veth to the bridge, an address and a way out.

        Returns:
            The name of the veth's end on the bridge.
        """
        self._links += 1
        name = f"veth{self._links}"
        with ExitStack() as opened:
            ((netns, _),) = self._opened(holder, _NET, opened)
            with Netlink() as netlink:
                links.make_veth(netlink, name, BRIDGE, "eth0", netns)
            with self._inside(netns), Netlink() as netlink:
                links.set_up(netlink, "lo")
                links.add_address(netlink, "eth0", address, PREFIX)
                links.set_up(netlink, "eth0")
                links.add_default_route(netlink, str(GATEWAY))
                if pod.redirect is not None:
                    redirect(pod.redirect.port, pod.redirect.to_port)
        return name

    def disconnect(self, link: str) -> None:
        """Take a veth away, if it has not gone with its namespace already."""
        with Netlink() as netlink:
            try:
                links.remove(netlink, link)
            except OSError as error:
                if error.errno != errno.ENODEV:
                    raise

    def signal(self, started: Started, number: int) -> None:
        """Send a signal to a child of ours, which is not reaped before we say so, so its pid is its own."""
        os.kill(started.pid, number)

    def shorten_logs(self) -> None:
        """Empty logs that have grown long; their writers append."""
        folder = os.path.join(self._place, "logs")
        with os.scandir(folder) as logs:
            for log in logs:
                if log.stat().st_size > _LONGEST_LOG:
                    os.truncate(log.path, 0)

    @contextmanager
    def _log(self, pod: PodSpec, name: str) -> Iterator[int]:
        path = os.path.join(self._place, "logs", f"{pod.name}.{name}.log")
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            yield fd
        finally:
            os.close(fd)

    def _volume(self, pod: PodSpec) -> str:
        path = os.path.join(self._place, "volumes", pod.name)
        os.makedirs(path, exist_ok=True)
        return path

    def _opened(
        self, holder: Started, kinds: tuple[tuple[str, int], ...], opened: ExitStack
    ) -> tuple[tuple[int, int], ...]:
        found = []
        for name, kind in kinds:
            path = f"{holder.process.pid}/ns/{name}"
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._host_proc)
            opened.callback(os.close, fd)
            found.append((fd, kind))
        return tuple(found)

    @contextmanager
    def _inside(self, netns: int) -> Iterator[None]:
        linux.setns(netns, linux.NEWNET)
        try:
            yield
        finally:
            linux.setns(self._network, linux.NEWNET)

    def _make_place(self) -> str:
        linux.mount("none", "/", "", linux.MS_REC | linux.MS_PRIVATE)
        place = mount_point(PATH_INSIDE)
        linux.mount("pausetui-lab", place, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=0755,size=16m")
        for folder in ("bin", "volumes", "logs"):
            os.mkdir(os.path.join(place, folder), 0o755)
        fd = os.open(os.path.join(place, "bin", "pause"), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o755)
        with open(fd, "wb") as pause:
            pause.write(pause_elf(linux.machine()))
        return place

    def _mount_proc(self) -> bool:
        try:
            linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
        except PermissionError as error:
            why = f"{error.strerror}: parts of this machine's own /proc are hidden, as in a container"
            self.problems += (Problem("backend:lab", "members have no /proc of their own", why),)
            return False
        return True
