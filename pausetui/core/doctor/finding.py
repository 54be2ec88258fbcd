"""What the doctor finds, and what it looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pausetui.core.doctor.veths import NodeSide
from pausetui.core.observation import Problem
from pausetui.core.only import only_namespace
from pausetui.core.snapshot import Pod, Snapshot

BACKEND = "backend:"
"""What the subject of a backend's problem begins with; its name follows."""
_NO_RUNTIME = ("does not serve the CRI", "is no CRI runtime")
"""Why crictl gets no answer where nobody is who could give one: Docker's own containerd, say."""


def is_silence(problem: Problem) -> bool:
    """Whether it is that a runtime which is there was asked and did not answer."""
    return problem.subject.startswith(BACKEND) and not any(word in problem.why for word in _NO_RUNTIME)


class FindingId(StrEnum):
    """Which kinds of things are found, in the order in which they are told; explained in docs/doctor.md."""

    RUNTIME_DOES_NOT_ANSWER = "runtime-does-not-answer"
    ORPHAN_MEMBER = "orphan-member"
    MEMBER_LEFT_DOWN = "member-left-down"
    STALE_ADDRESS = "stale-address"
    NOTREADY_WITH_RUNNING_MEMBERS = "notready-with-running-members"
    TWO_READY_SANDBOXES = "two-ready-sandboxes"
    SANDBOXES_PILE_UP = "sandboxes-pile-up"
    SANDBOX_REMADE_AGAIN_AND_AGAIN = "sandbox-remade-again-and-again"
    NAMESPACE_NOT_SHARED = "namespace-not-shared"
    CRASH_LOOP = "crash-loop"
    PAUSE_NOT_SLEEPING = "pause-not-sleeping"
    ZOMBIES_NOT_REAPED = "zombies-not-reaped"
    LEAKED_NETNS = "leaked-netns"
    LEAKED_VETH = "leaked-veth"
    ADDRESS_RESERVED_FOR_NOBODY = "address-reserved-for-nobody"
    LINK_DOWN = "link-down"
    NO_DEFAULT_ROUTE = "no-default-route"
    DUPLICATE_ADDRESS = "duplicate-address"
    PORT_CLASH = "port-clash"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong on this machine.

    Attributes:
        id: Which kind of thing; it keeps its meaning.
        subject: What it is about: a key of the snapshot, "backend:NAME", or a path.
        title: The same as a user calls it ("shop/api app").
        means: What it means, in a sentence or two.
        evidence: What was seen, a line each.
        do: What mends it or shows more, in words.
        command: The shell command for that, or "" where there is none.
    """

    id: FindingId
    subject: str
    title: str
    means: str
    evidence: tuple[str, ...]
    do: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class Reservation:
    """An address that a CNI plug-in has given away (host-local: a file named by the address).

    Attributes:
        container_id: Whom it was given to: a sandbox's id.
    """

    network: str
    address: str
    container_id: str
    path: str


@dataclass(frozen=True, slots=True)
class Examined:
    """What the doctor looks at: the machine now and a moment ago. What has to last to be wrong is in both.

    Attributes:
        snapshot: Now.
        before: A moment ago.
        reservations: Addresses given away, or None if that could not be read.
        node: The node's side of the pods' networks, or None if it could not be read.
        node_before: The same a moment ago.
        namespace: The Kubernetes namespace whose pods alone are of interest, or None for the whole machine.
    """

    snapshot: Snapshot
    before: Snapshot
    reservations: tuple[Reservation, ...] | None = None
    node: NodeSide | None = None
    node_before: NodeSide | None = None
    namespace: str | None = None

    @property
    def pods(self) -> tuple[Pod, ...]:
        """Those of interest."""
        return only_namespace(self.snapshot, self.namespace).pods

    @property
    def runtime_is_silent(self) -> bool:
        """Whether a runtime did not answer, so that what nobody has may be its."""
        return self.snapshot.stale or any(map(is_silence, self.snapshot.problems))


@dataclass(frozen=True, slots=True)
class CheckUp:
    """What came of it.

    Attributes:
        at: When it was looked, UTC.
        backend: Who named the pods.
        pods: How many were looked at.
        findings: What is wrong.
        problems: What could not be seen.
    """

    at: datetime
    backend: str
    pods: int
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
