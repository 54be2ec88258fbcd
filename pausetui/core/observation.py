"""What the kernel says at one instant, before any runtime has named anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pausetui.core.namespaces import NOTHING_KNOWN, NamespaceId, Namespaces


@dataclass(frozen=True, slots=True, order=True)
class ProcessId:
    """A process: its pid alone is reused, together with its start time it is not.

    Attributes:
        pid: The pid as seen in the ``/proc`` that was read.
        start_ticks: Field 22 of ``/proc/PID/stat``: clock ticks (1/100 s) since boot, proc(5).
    """

    pid: int
    start_ticks: int


@dataclass(frozen=True, slots=True)
class NetMark:
    """A network namespace known by a mark on the files that show it, where the namespace itself may not be read.

    The files below ``/proc/PID/net`` are one set for each network namespace, and anybody may ask for their inode
    numbers: processes with the same number are in the same one. Like a namespace's inode the number is a label
    and no identity: the kernel gives it away again when the namespace has ended. And it is another number than
    ``readlink /proc/PID/ns/net`` shows, so neither can be told from the other.

    Attributes:
        inode: Of ``/proc/PID/net/dev``.
        generation: How often we saw the last process with this mark end or leave.
    """

    inode: int
    generation: int = 0

    @property
    def token(self) -> str:
        """A short text that differs from that of any other network namespace in one run."""
        return f"net-mark:{self.inode}.{self.generation}"


Net = NamespaceId | NetMark
"""A network namespace: itself, or where it may not be read its mark."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread whose namespaces differ from its process's: lsns does not see it, but it holds them."""

    tid: int
    namespaces: Namespaces


@dataclass(frozen=True, slots=True)
class Process:
    """One process, as ``/proc/PID`` shows it. Equal while nothing about it has changed.

    Attributes:
        id: Pid and start time.
        name: ``comm``, made harmless: at most 15 characters, chosen by the process itself.
        parent: The parent's pid; 0 if it has none that we can see.
        uid: The owner of ``/proc/PID``, or None if unknown.
        namespaces: All eight kinds; None for each that we may not read.
        threads: Those of its threads that are in other namespaces.
        cgroup: Its cgroup path as we see it, or None if not read (host processes are not asked).
        namespace_pids: ``NSpid`` of /proc/PID/status, outermost first, () if not read; the last is what it calls
            itself.
        command: argv, made harmless; () if not read.
        started_at: When it started, from start_ticks and the boot time (±10 ms), or None.
        zombie: It has ended and waits for its parent; it holds no namespace any more.
        net_mark: The mark of its network namespace, read only where its namespaces may not be; else None.
    """

    id: ProcessId
    name: str
    parent: int = 0
    uid: int | None = None
    namespaces: Namespaces = NOTHING_KNOWN
    threads: tuple[Thread, ...] = ()
    cgroup: str | None = None
    namespace_pids: tuple[int, ...] = ()
    command: tuple[str, ...] = ()
    started_at: datetime | None = None
    zombie: bool = False
    net_mark: NetMark | None = None

    @property
    def pid(self) -> int:
        """The pid as seen in the ``/proc`` that was read."""
        return self.id.pid


@dataclass(frozen=True, slots=True)
class Vitals:
    """What changes all the time, kept apart so that a process stays equal to itself.

    Attributes:
        state: One letter of proc(5): R running, S sleeping, D waiting for disk, Z zombie, T stopped, I idle.
        rss_bytes: Resident memory from statm (exact; stat's figure lags), or None.
        cpu_percent: Of one core, between the last two samples; None until there are two.
        sockets: How many open descriptors are sockets, or None if we may not look or did not.
    """

    state: str
    rss_bytes: int | None = None
    cpu_percent: float | None = None
    sockets: int | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """A namespace kept alive by a bind mount of it (nsfs), whether or not a process is in it.

    Attributes:
        path: Where, in its mount namespace.
        pid: A process in that mount namespace, if it is not our own.
    """

    namespace: NamespaceId
    path: str
    pid: int | None = None


@dataclass(frozen=True, slots=True)
class LinkState:
    """A link, as far as its changes are told.

    Attributes:
        name: As ``ip link`` shows it.
        state: "up", "no carrier" (it is switched on, but what it is wired to is not), or "down".
        mtu: In bytes.
    """

    name: str
    state: str
    mtu: int


@dataclass(frozen=True, slots=True)
class Network:
    """What is configured inside one network namespace.

    Attributes:
        addresses: IPv4 first, then IPv6, each numerically sorted; without prefix length, loopback or link-local.
        interfaces: The names of its links, sorted; () if not known.
        source: How it was read: "netlink" or "fib_trie".
        links: Its links, sorted by name; None where the files alone could be read.
        routes: The ways out in the main table, as ``ip route`` writes them, default ones first; without those that
            the kernel makes together with an address, and those for link-local addresses and groups. None as above.
    """

    addresses: tuple[str, ...]
    interfaces: tuple[str, ...] = ()
    source: str = "netlink"
    links: tuple[LinkState, ...] | None = None
    routes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """The machine. ``boot_id`` tells one run of it from the next (/proc/sys/kernel/random/boot_id)."""

    hostname: str
    kernel: str
    boot_id: str
    pausetui: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be seen or done, said beside what could.

    Attributes:
        subject: What it is about: a key, "backend:lab", "kernel", "pid 4711".
        what: What failed ("namespaces of some processes").
        why: The reason ("Permission denied").
        next: What to do ("run as root: sudo /usr/bin/pausetui"), or "".
    """

    subject: str
    what: str
    why: str
    next: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything the kernel said in one look.

    Attributes:
        observed_at: When, UTC.
        node: Which machine.
        host: The namespaces of the host itself (of its pid 1, or the initial ones), as far as known.
        processes: Every process that could be seen, by pid.
        vitals: State, memory and CPU of the processes that share something with a pod.
        pins: Bind mounts of namespaces, sorted by path.
        networks: What is configured in each network namespace that is not the host's.
        problems: What could not be read.
        read_only_because: Why nothing may be signalled from here (this /proc is not ours), or None.
        hidden: How many processes' namespaces we may not read.
        host_mark: The mark of the host's network namespace (of pid 1's), read only if something is hidden.
        known_marks: The marks of network namespaces that we may read, the host's among them if it is known; read
            only if something is hidden.
        marked_networks: What is configured in those network namespaces that we know by their marks alone.
        ways_in: Where a pinned network namespace can be opened from here, through a process that sees the pin. Not
            part of any comparison.
    """

    observed_at: datetime
    node: Node
    host: Namespaces = NOTHING_KNOWN
    processes: Mapping[int, Process] = field(default_factory=dict)
    vitals: Mapping[ProcessId, Vitals] = field(default_factory=dict)
    pins: tuple[Pin, ...] = ()
    networks: Mapping[NamespaceId, Network] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    read_only_because: str | None = None
    hidden: int = 0
    host_mark: NetMark | None = None
    known_marks: Mapping[NetMark, NamespaceId] = field(default_factory=dict)
    marked_networks: Mapping[NetMark, Network] = field(default_factory=dict)
    ways_in: Mapping[NamespaceId, str] = field(default_factory=dict, compare=False)

    def process(self, identity: ProcessId) -> Process | None:
        """This very process, or None if it is gone (another one with its pid does not count)."""
        found = self.processes.get(identity.pid)
        return found if found is not None and found.id == identity else None

    def is_hosts(self, namespace: NamespaceId) -> bool:
        """Whether this is the host's own namespace of its kind."""
        return self.host.get(namespace.kind) == namespace

    @property
    def host_net(self) -> Net | None:
        """The host's network namespace, or its mark where only that is known."""
        return self.host.net or self.host_mark

    def net_of(self, process: Process) -> Net | None:
        """The network namespace that a process is in, or its mark where only that is known."""
        net, mark = process.namespaces.net, process.net_mark
        return self.known_marks.get(mark, mark) if net is None and mark is not None else net

    def network_of(self, net: Net) -> Network | None:
        """What is configured in a network namespace, or None if it could not be read."""
        return self.marked_networks.get(net) if isinstance(net, NetMark) else self.networks.get(net)
