"""Whether a kubelet is on the node, and so who brings a pod back. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pausetui.backends.proc_records import KUBELETS
from pausetui.core.inventory import Restorer
from pausetui.core.observation import Observation, Process


@dataclass(frozen=True, slots=True)
class Kubelet:
    """What is known of this node's kubelet.

    Attributes:
        pid: Of the process it is in, or None if none was seen.
        name: What that process calls itself.
        told: Whether all processes could be seen, so that none seen means that there is none.
    """

    pid: int | None
    name: str
    told: bool

    def restorer(self, *, made_by_kubelet: bool) -> Restorer | None:
        """Who makes a pod again; None if not known."""
        if self.pid is not None:
            return Restorer.KUBELET if made_by_kubelet else Restorer.NOBODY
        return Restorer.NOBODY if self.told else None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is worth knowing about the machine: "kubelet pid 812"."""
        if self.pid is not None:
            where = "" if self.name == "kubelet" else f" in {self.name}"
            return (f"kubelet{where} pid {self.pid}",)
        return ("no kubelet",) if self.told else ()


def find(observation: Observation) -> Kubelet:
    """Look for a kubelet among the processes: on its own, or inside of k3s or MicroK8s.

    One in another network namespace than the host's is another node's (a node that is itself a container).
    """
    found = [process for process in observation.processes.values() if _is_kubelet(process, observation)]
    first = min(found, key=lambda process: process.id.start_ticks, default=None)
    if first is None:
        return Kubelet(None, "", told=1 in observation.processes)
    return Kubelet(first.pid, first.name, told=True)


def _is_kubelet(process: Process, observation: Observation) -> bool:
    if process.name not in KUBELETS or process.zombie:
        return False
    net = observation.net_of(process)
    return net is None or observation.host_net is None or net == observation.host_net
