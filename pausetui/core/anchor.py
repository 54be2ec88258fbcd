"""What the end of its pause means to a pod, and who makes it again. Pure."""

from __future__ import annotations

import re

from pausetui.core.doing import ENGINES
from pausetui.core.inventory import Restorer
from pausetui.core.prose import listed
from pausetui.core.sharing import under_pause
from pausetui.core.snapshot import Pod

_RESTORED_BY = {
    Restorer.KUBELET: "the kubelet makes it again",
    Restorer.LAB: "the lab's supervisor makes it again",
    Restorer.NOBODY: "nobody makes it again",
}

_OF_DOCKER = re.compile(r"/docker/netns/[0-9a-f]{12}$")


def restored_by(pod: Pod) -> str:
    """Who makes it again when it ends; an engine starts the same container again."""
    if pod.brought_back_by is None:
        return "not known who makes it again"
    holder = pod.pause or next(iter(pod.members), None)
    if pod.brought_back_by is Restorer.RESTART_POLICY:
        policy = f" ({holder.restart_policy})" if holder is not None and holder.restart_policy else ""
        return f"its restart policy{policy} starts it again"
    if is_plain_engines(pod) and pod.brought_back_by is Restorer.NOBODY:
        return "nobody starts it again"
    return _RESTORED_BY[pod.brought_back_by]


def what_ends_with_pause(pod: Pod) -> str:
    """What the end of its pause means to a pod."""
    if not is_plain_engines(pod):
        return "the pod's sandbox is gone"
    below = under_pause(pod)
    rest = [member.name for member in pod.members if member.process is not None and member not in below]
    if below and not rest:
        return "the kernel ends its members with it"
    if below:
        ended = f"the kernel ends {listed([member.name for member in below])} with it"
        left = "in the host's network as before" if pod.host_network else "with nothing but lo"
        return f"{ended}; what is left ({listed(rest)}) runs on {left}"
    if pod.host_network:
        return "its members run on in the host's network"
    return "the network goes with it and its members run on with nothing but lo"


def is_engines_pin(pod: Pod, path: str) -> bool:
    """Whether dockerd made this bind mount itself: it removes it as soon as the pause ends (libnetwork: osl)."""
    return is_plain_engines(pod) and _OF_DOCKER.search(path) is not None


def has_helpers_address(pod: Pod) -> bool:
    """Whether an engine without root left the address to a helper process (slirp4netns, pasta).

    It gives the same to every pod, each in a network of its own, and nobody outside reaches it there.
    """
    return is_plain_engines(pod) and bool(pod.addresses) and not pod.runtime_addresses and not pod.host_network


def is_plain_engines(pod: Pod) -> bool:
    """Whether it is an engine's alone: its containers are started again one by one, none is made anew."""
    return pod.backend in ENGINES and pod.brought_back_by is not Restorer.KUBELET
