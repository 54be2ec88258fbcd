"""What a running session shows to whoever draws it, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from pausetui.core.actions import Action, ActionOutcome, Offer
from pausetui.core.changes import TimelineLine
from pausetui.core.observation import ProcessId
from pausetui.core.snapshot import Pod, Snapshot
from pausetui.live.holding import Held
from pausetui.live.inside import Inside

if TYPE_CHECKING:  # a start does without it
    from pausetui.core.doctor.finding import CheckUp
    from pausetui.core.network import NetworkView
    from pausetui.core.probe_telling import Asked, Probed
    from pausetui.core.vantage import Vantage


@dataclass(frozen=True, slots=True)
class GonePod:
    """A pod that ended less than a minute ago, as it was last seen."""

    pod: Pod
    gone_at: datetime


@dataclass(frozen=True, slots=True)
class Doing:
    """What is being done just now, because it was asked for ("restarting app, 1 of 2"), and since when, UTC."""

    what: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything there is to draw at one instant.

    Attributes:
        snapshot: The newest.
        timeline: What happened, oldest first, already folded (a crash loop is one line).
        gone: Pods that ended in the last 60 s.
        read_only: No action can be carried out, because it was asked for or because of the machine.
        outcomes: Actions that were carried out or refused since the picture before.
        elsewhere: How many pods are left out because they are of another Kubernetes namespace.
        inside: The network of the pod that was asked for, as it was seen last.
        held: What keeps the namespaces alive that were asked for, as it was seen last.
        doing: The step of an action that is being carried out, or None.
    """

    snapshot: Snapshot
    timeline: tuple[TimelineLine, ...] = ()
    gone: tuple[GonePod, ...] = ()
    read_only: bool = False
    outcomes: tuple[ActionOutcome, ...] = ()
    elsewhere: int = 0
    inside: Inside | None = None
    held: Held | None = None
    doing: Doing | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A backend that the session could use.

    Attributes:
        has: What it was found to have ("12 pods"), or why nothing is known of that.
    """

    name: str
    has: str
    in_use: bool = False


class Session(Protocol):
    """A running session as the screen knows it. Every method is safe on any thread; if it waits, it says so."""

    def start(self, listener: Callable[[Picture], None]) -> None:
        """Begin to look. ``listener`` is called on the session's own thread for each new picture."""

    def look_now(self) -> None:
        """Ask the runtime and the kernel again now, without waiting for a hint."""

    def submit(self, offer: Offer) -> Action:
        """Carry out what was confirmed. The outcome comes with a later picture.

        Raises:
            ActionRefused: The session is read-only.
        """

    def look_into(self, pod_key: str | None) -> None:
        """Look into the network of this pod, too, from now on; None for none."""

    def look_for_holders(self, key: str | None) -> None:
        """Find out what holds the namespaces of this pod, or this one of nobody's, from now on; None for none."""

    def is_there(self, process: ProcessId) -> bool:
        """Whether this very process still runs."""

    def choices(self) -> tuple[Choice, ...]:
        """The backends it could use, in the order in which they are tried; () if there is only the one."""

    def use(self, name: str) -> None:
        """Use this backend from now on. The picture follows."""

    def check_up(self, namespace: str | None) -> CheckUp:
        """Look for what is wrong with the pods of a Kubernetes namespace, or the whole machine; takes seconds.

        Raises:
            CannotLook: The session is not running.
        """

    def look_from(self, seen: Vantage) -> NetworkView:
        """The network that a port would be tried in; takes some milliseconds."""

    def probe(self, seen: Vantage, asked: Asked) -> Probed:
        """Try a port of localhost from there; takes some seconds if nobody answers.

        Raises:
            ActionRefused: The session is read-only, or the process through which the network is reached has ended.
        """

    def stop(self) -> None:
        """End the session and let go of everything; returns within a second."""
