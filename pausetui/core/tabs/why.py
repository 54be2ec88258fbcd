"""Why a namespace is alive: everything that holds it, and what would be left if one after the other went. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pausetui.core.anchor import is_engines_pin, is_plain_engines
from pausetui.core.held import Keeper, keepers
from pausetui.core.holding import Holding
from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.prose import BLANK, NEEDS_ROOT, Entry, Tone, heading, listed, quiet
from pausetui.core.sharing import under_pause
from pausetui.core.snapshot import Container, Pod, Snapshot
from pausetui.core.wording import plural

LABEL = 11
MOST_STEPS = 8
_WITH_IT = {
    NamespaceKind.NET: "its links and addresses",
    NamespaceKind.IPC: "its shared memory, semaphores and message queues",
    NamespaceKind.UTS: "its hostname",
    NamespaceKind.MNT: "its mounts",
}
_UNSEEN = {
    NamespaceKind.NET: "sockets that are neither bound nor connected, tun devices, network file systems",
    NamespaceKind.IPC: "shared memory that somebody outside has attached",
    NamespaceKind.PID: "a mounted /proc, open /proc/PID folders and pidfds",
    NamespaceKind.USER: "open files of its users",
}
"""What else holds one of this kind and is not looked for, or not told by the kernel."""


@dataclass(frozen=True, slots=True)
class Step:
    """One more holder has gone.

    Attributes:
        gone: Which.
        took: Those that the kernel ends with it: whoever is in a pid namespace whose pid 1 ends.
        left: Those that hold the namespace still, if any.
        undone: Those that an engine removes when it sees that.
    """

    gone: Keeper
    took: tuple[Keeper, ...]
    left: tuple[Keeper, ...]
    undone: tuple[Keeper, ...] = ()


def steps(
    holders: Sequence[Keeper], pause: str = "", below: Sequence[str] = (), engines: Sequence[Keeper] = ()
) -> tuple[Step, ...]:
    """All of them go, one after the other; whoever takes others along goes first.

    Args:
        holders: Who holds it.
        pause: The name of the pause, if it is one of them.
        below: The names of those whose pid 1 the pause is.
        engines: What the engine itself made to hold it, and removes when the pause ends.
    """
    left = sorted(holders, key=lambda one: not one.is_init)
    found = []
    while left:
        gone, *rest = left
        is_pause = bool(pause) and gone.name == pause
        took = tuple(one for one in rest if (gone.is_init and one.only_inside) or (is_pause and one.name in below))
        undone = tuple(one for one in rest if is_pause and one in engines)
        left = [one for one in rest if one not in took and one not in undone]
        found.append(Step(gone, took, tuple(left), undone))
    return tuple(found)


def entries(
    snapshot: Snapshot, pod: Pod, container: Container, kind: NamespaceKind, holding: Holding | None
) -> Iterator[Entry]:
    """What keeps the container's namespace of this kind alive; ``holding`` is what was found if somebody looked."""
    namespace = container.namespaces.get(kind)
    yield heading(f"Why the {kind} namespace of {container.name} is alive")
    if namespace is None:
        yield Entry(NEEDS_ROOT, tone=Tone.BAD) if container.cannot_read else quiet("It is not known which it is.")
    elif namespace == snapshot.host.get(kind):
        yield Entry("It is the machine's own: it lives as long as the machine runs.")
    else:
        yield quiet(f"{namespace.label}  {identity(namespace)}")
        found = keepers(snapshot, pod, namespace, holding)
        yield from _holders(found, holding)
        if found:
            yield BLANK
            yield heading("What would be left")
            pause = pod.pause.name if pod.pause is not None and pod.pause.namespaces.get(kind) == namespace else ""
            below = [member.name for member in under_pause(pod)]
            taken = steps(found, pause, below, [one for one in found if _is_engines(pod, one)])
            engine = snapshot.runtime.name.capitalize()
            yield from _left(taken, kind, _addresses(pod, namespace), engine, all_asked=_all_asked(holding))
        yield from _unseen(kind, holding)


def identity(namespace: NamespaceId) -> str:
    """What tells this namespace from another one with the same number."""
    if namespace.id is not None:
        return f"id {namespace.id}, by {namespace.identified_by}"
    return f"no id from this kernel: seen to end {namespace.generation} times ({namespace.identified_by})"


def _holders(found: Iterable[Keeper], holding: Holding | None) -> Iterator[Entry]:
    for one in found:
        yield from (Entry(text, f"{label:<{LABEL}}") for label, text in one.how)
    if holding is None:
        yield quiet("Threads, descriptors, sockets and child namespaces are being looked for.")


def not_asked(holding: Holding) -> Iterator[Entry]:
    """Who and what could not be asked for what holds it."""
    if holding.unasked:
        yield quiet(f"{plural(holding.unasked, 'process')} could not be asked for descriptors and threads.")
    if holding.sockets is None or holding.connections is None:
        yield quiet("The sockets in it could not be read.")


def _unseen(kind: NamespaceKind, holding: Holding | None) -> Iterator[Entry]:
    if holding is not None:
        yield from not_asked(holding)
    if kind in _UNSEEN:
        yield quiet(f"Not seen here: {_UNSEEN[kind]}.")


def _is_engines(pod: Pod, one: Keeper) -> bool:
    """Whether it is what dockerd pinned, or dockerd with its netlink socket there: it closes that, too."""
    if one.is_pin:
        return is_engines_pin(pod, one.how[0][1])
    only_sockets = all(label == "socket" for label, _ in one.how)
    return is_plain_engines(pod) and one.name.startswith("dockerd (") and only_sockets


def _all_asked(holding: Holding | None) -> bool:
    if holding is None or holding.unasked:
        return False
    return holding.sockets is not None and holding.connections is not None


def _left(
    taken: Sequence[Step], kind: NamespaceKind, addresses: tuple[str, ...], engine: str, *, all_asked: bool
) -> Iterator[Entry]:
    ended_init = False
    for place, step in enumerate(taken[:MOST_STEPS]):
        ended_init |= step.gone.is_init
        too = " too" if place else ""
        if step.left:
            left = _who_is_left(step.left, addresses, ended_init=ended_init)
        else:
            left = _nobody_is_left(kind, all_asked=all_asked)
        yield Entry(f"{_took(step, engine)}{left}", f"if {step.gone.name} {step.gone.ends}{too}:")
    if len(taken) > MOST_STEPS:
        yield quiet(f"and so on, with {len(taken) - MOST_STEPS} more")


def _took(step: Step, engine: str) -> str:
    taken, undone = ([one.name for one in some] for some in (step.took, step.undone))
    first = f"the kernel ends {listed(taken)} with it, for it is their pid 1; " if taken else ""
    return f"{first}{engine} lets go of it ({listed(undone)}); " if undone else first


def _nobody_is_left(kind: NamespaceKind, *, all_asked: bool) -> str:
    ends = f"it ends, and {_WITH_IT[kind]} with it" if kind in _WITH_IT else "it ends"
    return (
        f"nothing holds it, so {ends}" if all_asked else f"nothing else is seen to hold it: if nothing does, {ends}"
    )


def _who_is_left(left: tuple[Keeper, ...], addresses: tuple[str, ...], *, ended_init: bool) -> str:
    names = listed([one.name for one in left])
    if all(one.is_pin for one in left):
        with_address = f", with its address {', '.join(addresses)}" if addresses else ""
        return f"only {names}: a leaked namespace{with_address}"
    nobody = ", though no process can start in it any more" if ended_init else ""
    return f"{names} still {'holds' if len(left) == 1 else 'hold'} it{nobody}"


def _addresses(pod: Pod, namespace: NamespaceId) -> tuple[str, ...]:
    """Those that would stay in it without its pause: an engine takes down what it gave."""
    return (pod.addresses or ()) if namespace == pod.net and not is_plain_engines(pod) else ()
