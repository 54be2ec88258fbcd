"""What is told of a pod's addresses: the kernel's, and beside them what the runtime says, with their ages. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pausetui.core.anchor import has_helpers_address
from pausetui.core.prose import NEEDS_ROOT, Entry, Tone, age, quiet
from pausetui.core.snapshot import Pod, Snapshot


def shown_addresses(pod: Pod) -> str:
    """What the kernel has in the pod's network, or why that is not known."""
    if pod.addresses is None:
        return NEEDS_ROOT if any(one.cannot_read for one in pod.containers()) else "address unknown"
    return ", ".join(pod.addresses) or "no address"


def runtime_against_kernel(snapshot: Snapshot, pod: Pod) -> Iterator[Entry]:
    """Both; where they differ each with its age: a runtime may give an old answer for long."""
    told, now = pod.runtime_addresses, snapshot.taken_at
    if has_helpers_address(pod):
        yield Entry(shown_addresses(pod), "kernel ")
        yield quiet("It is a helper's (slirp4netns, pasta): nobody outside reaches it but by published ports.")
    elif pod.addresses is not None and set(pod.addresses) == set(told):
        yield Entry(shown_addresses(pod), "kernel ")
        yield Entry("says the same", "runtime")
    else:
        yield Entry(f"{shown_addresses(pod)}, read {age(snapshot.observed_at, now)} ago", "kernel ")
        asked = f"asked {age(snapshot.inventory_at, now)} ago" if snapshot.inventory_at else "never asked"
        says = f"{snapshot.runtime.name or snapshot.backend} says"
        if told:
            yield Entry(f"{says} {', '.join(told)}, {asked}", "runtime", Tone.BAD)
        else:
            yield quiet(f"{says} no address, {asked}", "runtime")
