"""Where the machine's files are: the one place that every path starts from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HostRoot:
    """The root of the machine that is looked at: "/" on the machine itself, "/host" in a debug container.

    Tests hand in a folder.
    """

    path: str = "/"

    def join(self, *parts: str) -> str:
        """A path of the machine: ``host.join("proc", "1", "stat")``, ``host.join("/var/lib/kubelet")``."""
        base = self.path.rstrip("/")
        return "/".join([base, *(part.strip("/") for part in parts)])

    @property
    def proc(self) -> str:
        """Its ``/proc``."""
        return self.join("proc")
