"""The keys of pods: the same row for the same thing, from one look to the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from pausetui.backends.kubelet_folders import PodName
from pausetui.backends.proc_found import FoundPod
from pausetui.backends.proc_naming import Judged
from pausetui.backends.proc_sandboxes import PAUSE_NAMES
from pausetui.core.keys import pod_key_from_netns
from pausetui.core.observation import Net

_MOST_NAMES = 3
"""How many members a pod is called after."""


@dataclass(slots=True)
class PodKeys:
    """Gives keys, and remembers which network namespace has which.

    A pod's key is its uid; else Podman's id; else what it is called; else its network namespace. Several may be
    called the same. The first keeps the name while its pause lives; a newcomer gets the name if it is free, or
    if only members are left in the one that had it: a remade pod is the same row. Nobody else ever gets the key
    of a pod that has ended.
    """

    _given: dict[Net, tuple[str, str]] = field(default_factory=dict)
    """By network namespace: what the pod claimed, and the key it got."""
    _stand_ins: dict[Net, frozenset[str]] = field(default_factory=dict)
    """By network namespace: the members of a pod whose name we may not read."""

    def give(self, judged: Sequence[Judged], called: Sequence[PodName | None]) -> list[str]:
        """The keys of these pods, each different. Those of pods that are not among them are forgotten."""
        claims = [_claim(each.pod, name) for each, name in zip(judged, called, strict=True)]
        claimants: dict[str, list[int]] = defaultdict(list)
        for place, claim in enumerate(claims):
            if not self._got_another(judged[place].pod, claim):
                claimants[claim].append(place)
        keys = [_last_resort(each.pod) for each in judged]
        for claim, places in claimants.items():
            keys[min(places, key=lambda place: self._rank(judged[place], claims[place]))] = claim
        self._given = {
            each.pod.net: (claim, key)
            for each, claim, key in zip(judged, claims, keys, strict=True)
            if each.pod.net is not None
        }
        self._stand_ins = {net: names for net, names in self._stand_ins.items() if net in self._given}
        return keys

    def stand_in(self, judged: Judged) -> str:
        """What to call a pod without a name: as its first process, or as all its members if its name is hidden.

        All pause containers are called the same. It keeps that name while one of the members is restarted.
        """
        net = judged.pod.net
        if net is None or not judged.first.hidden:
            return judged.first.main.name
        names = {one.main.name for one in judged.pod.containers} - PAUSE_NAMES
        before = self._stand_ins.get(net, frozenset())
        known = self._stand_ins[net] = before if len(names) < len(before) else frozenset(names)
        more = f"+{len(known) - _MOST_NAMES}" if len(known) > _MOST_NAMES else ""
        return "+".join(sorted(known)[:_MOST_NAMES]) + more or judged.first.main.name

    def _got_another(self, pod: FoundPod, claim: str) -> bool:
        before = self._given.get(pod.net) if pod.net is not None else None
        return before is not None and before[0] == claim != before[1]

    def _rank(self, judged: Judged, claim: str) -> tuple[bool, bool, int, int]:
        pod, main = judged.pod, judged.first.main.id
        has_it = pod.net is not None and self._given.get(pod.net) == (claim, claim)
        return judged.pause is None, not has_it, -main.start_ticks, -main.pid


def _claim(pod: FoundPod, name: PodName | None) -> str:
    return pod.uid or pod.podman_pod or (f"hostname:{name.name}" if name else _last_resort(pod))


def _last_resort(pod: FoundPod) -> str:
    first = pod.containers[0]
    if pod.net is not None:
        return pod_key_from_netns(pod.net)
    return first.names.container_id or f"process:{first.main.pid}.{first.main.id.start_ticks}"
