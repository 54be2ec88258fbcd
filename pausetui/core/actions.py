"""What can be done to a pod, and what is asked for when somebody does it.

An ``Offer`` is what a screen shows before anything happens; an ``Action`` is what was confirmed. What the
confirmation says in words is in ``predict``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from pausetui.core.namespaces import NamespaceId
from pausetui.core.observation import ProcessId


class ActionKind(StrEnum):
    """What can be done."""

    RESTART_MEMBER = "restart-member"
    """Ask the member's main process to end (SIGTERM, then SIGKILL after the grace period)."""
    KILL_MEMBER = "kill-member"
    """End the member's main process at once (SIGKILL)."""
    DELETE_PAUSE = "delete-pause"
    """End the pause process at once (SIGKILL)."""
    STOP_SANDBOX = "stop-sandbox"
    """Have the runtime end the pod's containers and take its network down; its records stay."""
    REMOVE_SANDBOX = "remove-sandbox"
    """The same, and have it forget the sandbox and its containers."""
    STOP_MEMBER = "stop-member"
    """Have the runtime end the member (SIGTERM, then SIGKILL after the grace period) and leave it so."""
    START_MEMBER = "start-member"
    """Have the runtime start a member that has ended, the same container."""
    START_SANDBOX = "start-sandbox"
    """Have the runtime start a pause container that has ended; it makes new namespaces."""
    REJOIN = "rejoin"
    """Have the runtime restart or start the members that a dead pause left behind: they join its network."""


GRACE_SECONDS = 10.0
"""How long RESTART_MEMBER waits between SIGTERM and SIGKILL where the pod doesn't say, in seconds."""

SIGNALS = frozenset({ActionKind.RESTART_MEMBER, ActionKind.KILL_MEMBER, ActionKind.DELETE_PAUSE})
"""What can be done without a runtime."""
OF_A_POD = frozenset(
    {
        ActionKind.DELETE_PAUSE,
        ActionKind.STOP_SANDBOX,
        ActionKind.REMOVE_SANDBOX,
        ActionKind.START_SANDBOX,
        ActionKind.REJOIN,
    }
)
"""What is done to a pod, whichever of its rows is selected."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a backend can do, and how: by a signal to a process, or by asking the runtime."""

    by_signal: frozenset[ActionKind] = SIGNALS
    by_runtime: frozenset[ActionKind] = frozenset()

    @property
    def all(self) -> frozenset[ActionKind]:
        """Everything that can be done."""
        return self.by_signal | self.by_runtime


BY_SIGNAL = Abilities()
"""Of a backend that asks nobody."""


@dataclass(frozen=True, slots=True)
class Target:
    """The very process an action is for. Anything else that has its pid by then is not touched.

    Attributes:
        process: Pid and start time.
        net: Its network namespace when the action was offered, or None if it could not be read.
    """

    process: ProcessId
    net: NamespaceId | None = None


@dataclass(frozen=True, slots=True)
class Rejoining:
    """A member that REJOIN brings into the pod's network.

    Attributes:
        starts: It has ended and is started; else it runs and is restarted.
        grace_seconds: How long it has between being asked to end and being ended.
    """

    name: str
    runtime_id: str
    starts: bool
    grace_seconds: float = GRACE_SECONDS


@dataclass(frozen=True, slots=True)
class Action:
    """One confirmed action.

    Attributes:
        id: Unique on this machine; the changes that follow carry it, and so does the journal.
        subject: The pod or container in the user's words ("lab/web sidecar").
        target: The process it is for; None where the runtime is asked and no process is known.
        runtime_id: The container or sandbox that the runtime is asked about; None where a signal does it. Such
            an id is never given twice.
        grace_seconds: How long the container has between being asked to end and being ended.
        members: For REJOIN, whom to restart or start, in this order.
    """

    id: str
    kind: ActionKind
    pod_key: str
    container_key: str
    subject: str
    target: Target | None
    runtime_id: str | None = None
    grace_seconds: float = GRACE_SECONDS
    members: tuple[Rejoining, ...] = ()

    @property
    def steps(self) -> tuple[Action, ...]:
        """The same for one member after the other, where it is for several."""
        return tuple(replace(self, members=(one,)) for one in self.members) or (self,)

    @property
    def under_way(self) -> str:
        """What is being done, for as long as it is: "restarting app"."""
        if self.members:
            names = ", ".join(one.name for one in self.members)
            return f"{'starting' if self.members[0].starts else 'restarting'} {names}"
        return _DOING[self.kind].format(self.container_key.rpartition("/")[2])

    @property
    def asked_for(self) -> str:
        """What the user asked for, in three words: "you deleted pause"."""
        name = self.container_key.rpartition("/")[2]
        return f"you {_DONE[self.kind].format(name)}"


_DONE = {
    ActionKind.RESTART_MEMBER: "restarted {}",
    ActionKind.KILL_MEMBER: "killed {}",
    ActionKind.DELETE_PAUSE: "deleted {}",
    ActionKind.STOP_SANDBOX: "stopped the sandbox",
    ActionKind.REMOVE_SANDBOX: "removed the sandbox",
    ActionKind.STOP_MEMBER: "stopped {}",
    ActionKind.START_MEMBER: "started {}",
    ActionKind.START_SANDBOX: "started pause",
    ActionKind.REJOIN: "rejoined the members",
}
_DOING = {
    ActionKind.RESTART_MEMBER: "restarting {}",
    ActionKind.KILL_MEMBER: "killing {}",
    ActionKind.DELETE_PAUSE: "deleting {}",
    ActionKind.STOP_SANDBOX: "stopping the sandbox",
    ActionKind.REMOVE_SANDBOX: "removing the sandbox",
    ActionKind.STOP_MEMBER: "stopping {}",
    ActionKind.START_MEMBER: "starting {}",
    ActionKind.START_SANDBOX: "starting pause",
    ActionKind.REJOIN: "rejoining the members",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """An action that is possible now, in words.

    Attributes:
        title: "Delete the pause container of lab/web".
        effects: What will happen, one sentence each: what ends, what stays, what changes, who brings it back.
        command: The shell command that does the same.
        type_to_confirm: What has to be typed ("web"), or "" where a key press is enough.
        before_you_confirm: What else the user should know ("2 processes from outside share its network"), or ().
    """

    kind: ActionKind
    pod_key: str
    container_key: str
    subject: str
    title: str
    target: Target | None
    effects: tuple[str, ...]
    command: str
    type_to_confirm: str = ""
    before_you_confirm: tuple[str, ...] = ()
    runtime_id: str | None = None
    grace_seconds: float = GRACE_SECONDS
    members: tuple[Rejoining, ...] = ()


@dataclass(frozen=True, slots=True)
class NotPossible:
    """An action that is not possible now, and why, in one sentence."""

    kind: ActionKind
    why: str


@dataclass(frozen=True, slots=True)
class ActionOutcome:
    """What became of an action: that the signal was sent, or why it was not. Not what it led to.

    Attributes:
        done: Whether anything was sent.
        text: "sent SIGKILL to pid 4711 (pause)", or the reason for the refusal.
    """

    action: Action
    done: bool
    text: str
