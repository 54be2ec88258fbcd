"""All pods of the lab: who has ended, who has come up, what is to be done next, what there is to tell."""

from __future__ import annotations

from collections.abc import Sequence

from pausetui.core.inventory import PodRecord
from pausetui.lab.addresses import Addresses
from pausetui.lab.barepod import BarePod
from pausetui.lab.keeping import Tools, earliest
from pausetui.lab.pods import LabPod
from pausetui.lab.scenarios import PodSpec


class Kubelet:
    """The supervisor of all pods. Never waits for anything itself."""

    def __init__(self, specs: Sequence[PodSpec], tools: Tools) -> None:
        addresses = Addresses()
        self._pods = [(LabPod if spec.pause else BarePod)(spec, tools, addresses) for spec in specs]

    def step(self) -> float | None:
        """Do what can be done now; the monotonic second at which to ask again, or None."""
        return earliest(*[pod.step() for pod in self._pods])

    def ended(self, pid: int, status: int) -> None:
        """A child has ended, with this status of wait(2). Unknown ones are orphans that we inherited."""
        for pod in self._pods:
            if pod.ended(pid, status):
                return

    def does_its_work(self, pid: int) -> None:
        """A member has said that it does its work."""
        for pod in self._pods:
            pod.does_its_work(pid)

    def records(self) -> tuple[PodRecord, ...]:
        """What is told about the pods."""
        return tuple(pod.record() for pod in self._pods)

    def waiting(self) -> tuple[str, ...]:
        """What they still lack, in words."""
        return tuple(text for pod in self._pods for text in pod.waiting())
